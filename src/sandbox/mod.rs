//! A stand-in for ePayBL: the REST Konnektor, its paypage and its notify sender, so that everything runs
//! and can be tested without the real one.
//!
//! It shares no code with the rest of the crate: it has its own money, its own JSON and its own hash, so
//! that a mistake cannot hide on both sides.
//!
//! - `world` – which Mandanten, Bewirtschafter, titles and methods exist
//! - `list` – what a Buchungsliste must look like, and the code of each mistake (`codes`)
//! - `kassenzeichen` – the numbers of the pool, and what a client's own may clash with
//! - `payment` – what may happen to a payment, `movement` – its money; `shared` – all of them; `receipts` – the
//!   list of Zahlungseingänge
//! - `bank` – accounts, days and statements
//! - `konnektor`, `xbezahldienste`, `paypage`, `control` – what it answers to programs and payers; `desk` – the pages
//!   that show all of it; `server`, `tls` – how it listens
//! - `soap` – the SOAP service of ePayBL itself, on the same payments
//! - `play` – what a test does with it
//! - `notify` – what it tells the client; `fault` – what goes wrong on request, `gate` – how a call meets it
//!
//! `docs/sandbox.md` is the manual. One more fault starts in `fault`, one more check in `list`.

mod bank;
mod cents;
mod codes;
mod control;
mod desk;
mod fault;
mod gate;
mod kassenzeichen;
mod konnektor;
mod list;
mod movement;
mod notify;
mod payment;
mod paypage;
mod play;
mod receipts;
mod server;
mod shared;
mod soap;
mod sources;
mod tls;
mod world;
mod xbezahldienste;

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, runtime::Handle, sync::watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use url::Url;

use self::shared::Shared;
pub use self::{
    bank::{BankAccount, StatementFormat, Transferred},
    cents::{Cents, CentsError},
    fault::{Drawn, Fault, Random, UnknownFault},
    movement::{Movement, MovementKind, Way},
    notify::{Delivery, Resend, notify_hash},
    payment::{PaymentInfo, PaymentKind},
    receipts::Receipt,
    shared::{Counts, Sending},
    soap::{CustomerNumber, KundeWithOpen, SoapVersion},
    sources::{Clock, Ids},
    tls::{Tls, tls_config},
    world::{Account, Method, NotifyShape, Title, World},
    xbezahldienste::{Flavour, Login, Maintenance, Port, Quirk, TransactionId},
};

/// What the sandbox cannot do.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No payment has it.
    #[error("Kassenzeichen {0} is unknown")]
    UnknownKassenzeichen(String),
    /// Its state does not allow it.
    #[error("payment {kassenzeichen} is {state} and cannot {what}")]
    NotNow {
        /// Of the payment.
        kassenzeichen: String,
        /// What was to be done.
        what: &'static str,
        /// `open`, `paid`, `aborted`, `expired` or `canceled`.
        state: &'static str,
    },
    /// The client did not allow this method.
    #[error("payment {kassenzeichen} does not allow the method {method}")]
    Method {
        /// Of the payment.
        kassenzeichen: String,
        /// That was chosen.
        method: String,
    },
    /// Nothing, less than nothing, or more than there is.
    #[error("{0} EUR is not an amount that can be moved here")]
    Amount(Cents),
    /// No account of the bank has it.
    #[error("IBAN {0} is of no account of this bank")]
    UnknownIban(String),
    /// It was to be another procedure's.
    #[error(
        "{0} is no Kassenzeichen of another procedure: 2 to 30 letters and digits that no payment here has"
    )]
    NotForeign(String),
    /// No such file, or not yet: a day has a statement once it is over and something was booked on it.
    #[error(
        "there is no {0}: a day has a file once it is over and something was booked on it (POST /sandbox/clock moves the clock on)"
    )]
    NoStatement(String),
    /// It has no notifyUrl, or its fault forbids notifies.
    #[error("payment {0} sends no notify")]
    NoNotify(String),
    /// The body of a control call.
    #[error("the body cannot be read: {0}")]
    Body(String),
    /// The world contradicts itself, or its file cannot be read.
    #[error("the sandbox's world is wrong: {0}")]
    World(String),
    /// Own or public address.
    #[error("the sandbox's address is wrong: {0}")]
    Url(#[from] url::ParseError),
    /// The listener.
    #[error("the sandbox cannot listen: {0}")]
    Io(#[from] std::io::Error),
    /// The notify sender's HTTP client.
    #[error("the notify sender cannot start: {0}")]
    Client(#[from] reqwest::Error),
    /// Certificates.
    #[error("the sandbox's TLS configuration is wrong: {0}")]
    Tls(#[from] rustls::Error),
}

/// How long things take.
#[derive(Clone, Debug)]
pub struct Delays {
    /// A [`Fault::Slow`] answer.
    pub slow: Duration,
    /// A [`Fault::Silent`] connection ends after this, if the client has not left by then.
    pub silence: Duration,
    /// Before each further try of a notify that was not taken; their number is the number of retries.
    pub notify_pauses: Vec<Duration>,
    /// How long a browser, a control call or a [`Fault::NotifyBeforeAnswer`] create waits for its
    /// notifies; they go on after that.
    pub patience: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        let pauses = [200, 1_000, 5_000];
        Self {
            slow: Duration::from_secs(15),
            silence: Duration::from_mins(2),
            notify_pauses: pauses.map(Duration::from_millis).to_vec(),
            patience: Duration::from_secs(3),
        }
    }
}

/// What can be chosen.
#[derive(Debug)]
pub struct Options {
    /// The address that paypage links begin with, when it is not the one listened on.
    pub public_url: Option<Url>,
    /// Where the Konnektor is mounted.
    pub konnektor_path: String,
    /// Who exists.
    pub world: World,
    /// A negative answer has HTTP status 400 instead of 200.
    pub errors_as_4xx: bool,
    /// The cents of an amount ask for a fault ([`Fault::magic`]).
    pub magic_cents: bool,
    /// Words in a text ask for a fault ([`Fault::of_texts`]).
    pub magic_texts: bool,
    /// The number of the first Kassenzeichen of each account. A sandbox keeps nothing over a restart;
    /// whoever does may begin elsewhere.
    pub first_number: u64,
    /// How long things take.
    pub delays: Delays,
    /// What time it is.
    pub clock: Clock,
    /// Tokens and ids.
    pub ids: Ids,
    /// TLS, see [`tls_config`]; then the Konnektor wants a client certificate.
    pub tls: Option<Tls>,
    /// Sends the notifies in place of the usual client, such as one that trusts a test's authority.
    pub notify_client: Option<reqwest::Client>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: None,
            konnektor_path: "/konnektor".to_owned(),
            world: World::demo(),
            errors_as_4xx: false,
            magic_cents: true,
            magic_texts: true,
            first_number: 1,
            delays: Delays::default(),
            clock: Clock::system(),
            ids: Ids::random(),
            tls: None,
            notify_client: None,
        }
    }
}

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    base_url: Url,
    konnektor_path: String,
    tracker: TaskTracker,
    stop: DropGuard,
}

impl Sandbox {
    /// Starts on the listener and returns at once; the sandbox serves in the background.
    ///
    /// # Errors
    /// When the world contradicts itself, the listener has no address or the notify sender cannot start.
    #[allow(
        clippy::unused_async,
        reason = "it spawns, so it must be called inside a runtime"
    )]
    pub async fn start(listener: TcpListener, options: Options) -> Result<Self, SandboxError> {
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let base_url = Url::parse(&format!("{scheme}://{}", listener.local_addr()?))?;
        let (stop, tracker) = (CancellationToken::new(), TaskTracker::new());
        let client = options.notify_client.map_or_else(notify::client, Ok)?;
        let world = Arc::new(options.world);
        let mut book = shared::Book::default();
        book.world = Arc::clone(&world);
        book.banks = world.banks()?;
        let shared = Arc::new(Shared {
            prefixes: world.prefixes()?,
            ports: xbezahldienste::Ports::of(&world, options.tls.is_some())?,
            world,
            public_url: options.public_url.unwrap_or_else(|| base_url.clone()),
            konnektor_path: options.konnektor_path.trim_end_matches('/').to_owned(),
            errors_as_4xx: options.errors_as_4xx,
            magic_cents: options.magic_cents,
            magic_texts: options.magic_texts,
            tls: options.tls.clone(),
            first_number: options.first_number,
            delays: options.delays,
            clock: options.clock,
            forwarded: AtomicU64::new(0),
            ids: options.ids,
            client,
            runtime: Handle::current(),
            tracker: tracker.clone(),
            stop: stop.clone(),
            changed: watch::Sender::new(0),
            book: std::sync::Mutex::new(book),
        });
        let router = Router::new()
            .merge(konnektor::router(&options.konnektor_path))
            .merge(xbezahldienste::router())
            .merge(paypage::router())
            .merge(soap::router())
            .merge(control::router())
            .merge(bank::router())
            .merge(desk::router())
            .with_state(Arc::clone(&shared));
        tracker.spawn(server::serve(listener, options.tls, router, Arc::clone(&shared)));
        Ok(Self {
            shared,
            base_url,
            konnektor_path: options.konnektor_path,
            tracker,
            stop: stop.drop_guard(),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:4711/`.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// What a client of XBezahldienste is configured with: everything before `/v1.0.0/…`.
    pub fn xbezahldienste_url(&self) -> String {
        format!(
            "{}{}",
            self.base_url.as_str().trim_end_matches('/'),
            xbezahldienste::PATH
        )
    }

    /// What a client of the Konnektor is configured with: everything before `/epayment/…`.
    pub fn konnektor_url(&self) -> String {
        format!(
            "{}{}",
            self.base_url.as_str().trim_end_matches('/'),
            self.konnektor_path.trim_end_matches('/')
        )
    }

    /// What a client of the SOAP service is configured with; its description is behind `?wsdl`.
    pub fn soap_url(&self) -> String {
        let base = self.base_url.as_str().trim_end_matches('/');
        format!("{base}{}", soap::PATH)
    }

    /// All payments, in the order of their creation.
    pub fn payments(&self) -> Vec<PaymentInfo> {
        self.shared.infos()
    }

    /// One payment.
    ///
    /// # Errors
    /// When there is none.
    pub fn payment(&self, kassenzeichen: &str) -> Result<PaymentInfo, SandboxError> {
        self.shared.info_of(kassenzeichen)
    }

    /// The next create call that has no faults waiting meets this one.
    pub fn fail_next(&self, fault: Fault) {
        self.fail_next_with(vec![fault]);
    }

    /// The next create call that has no faults waiting meets all of these.
    pub fn fail_next_with(&self, faults: Vec<Fault>) {
        self.shared.book().faults.next.push_back(faults);
    }

    /// From now on everything meets these, and no others that were set so before.
    pub fn fail_all(&self, faults: Vec<Fault>) {
        self.shared.book().faults.all = faults;
    }

    /// From now on create calls meet faults by chance, from the first draw of this seed.
    ///
    /// # Errors
    /// When there is nothing to draw from, or the rate is above 100 of 100.
    pub fn fail_at_random(&self, random: Random) -> Result<(), SandboxError> {
        if let Some(mistake) = random.mistake() {
            return Err(SandboxError::Body(mistake));
        }
        self.shared.book().faults.chance(random);
        Ok(())
    }

    /// The latest draws that hit, the oldest first.
    pub fn drawn(&self) -> Vec<Drawn> {
        self.shared.book().faults.drawn().cloned().collect()
    }

    /// No more faults, except those that existing payments have.
    pub fn clear_faults(&self) {
        self.shared.book().faults = fault::Faults::default();
    }

    /// How many calls came in.
    pub fn counts(&self) -> Counts {
        self.shared.book().counts.clone()
    }

    /// The bodies of all create calls as they came, whatever the answer.
    pub fn lists(&self) -> Vec<serde_json::Value> {
        self.shared.book().lists.clone()
    }

    /// Waits until the payments are as wanted: looks now and after every change (created, paid, aborted,
    /// money moved, a notify ended).
    pub async fn until(&self, mut wanted: impl FnMut(&[PaymentInfo]) -> bool) {
        let mut changed = self.shared.changed.subscribe();
        while !wanted(&self.payments()) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Stops listening, ends what is going on, and waits for the end.
    pub async fn shutdown(self) {
        drop(self.stop);
        self.tracker.close();
        self.tracker.wait().await;
    }
}
