//! A stand-in for ePayBL: the REST Konnektor, its paypage and its notify sender, so that everything runs
//! and can be tested without the real one.
//!
//! It shares no code with the rest of the crate: it has its own money, its own JSON and its own hash, so
//! that a mistake cannot hide on both sides.
//!
//! - `world` – which Mandanten, Bewirtschafter, titles and methods exist
//! - `list` – what a Buchungsliste must look like, and the code of each mistake (`codes`)
//! - `payment` – what may happen to a payment, `movement` – its money; `shared` – all of them; `receipts` – the
//!   list of Zahlungseingänge
//! - `konnektor`, `paypage`, `control` – the three things it answers; `server` – how it listens
//! - `notify` – what it tells the client; `fault` – what goes wrong on request
//!
//! `docs/sandbox.md` is the manual. One more fault starts in `fault`, one more check in `list`.

mod cents;
mod codes;
mod control;
mod fault;
mod konnektor;
mod list;
mod movement;
mod notify;
mod payment;
mod paypage;
mod receipts;
mod server;
mod shared;
mod sources;
mod world;

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::Router;
use rustls::ServerConfig;
use tokio::{net::TcpListener, runtime::Handle, sync::watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use url::Url;

pub use self::{
    cents::{Cents, CentsError},
    fault::{Fault, UnknownFault},
    movement::{Movement, MovementKind, Way},
    notify::{Delivery, Resend, notify_hash},
    payment::{PaymentInfo, PaymentKind},
    receipts::Receipt,
    server::tls_config,
    shared::{Counts, Sending},
    sources::{Clock, Ids},
    world::{Account, Method, NotifyShape, Title, World},
};
use self::{payment::Payment, shared::Shared};

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
    pub tls: Option<Arc<ServerConfig>>,
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
        let shared = Arc::new(Shared {
            prefixes: options.world.prefixes()?,
            world: options.world,
            public_url: options.public_url.unwrap_or_else(|| base_url.clone()),
            errors_as_4xx: options.errors_as_4xx,
            magic_cents: options.magic_cents,
            tls: options.tls.is_some(),
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
            book: std::sync::Mutex::default(),
        });
        let router = Router::new()
            .merge(konnektor::router(&options.konnektor_path))
            .merge(paypage::router())
            .merge(control::router())
            .with_state(Arc::clone(&shared));
        tracker.spawn(server::serve(
            listener,
            options.tls,
            router,
            tracker.clone(),
            stop.clone(),
        ));
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

    /// What a client of the Konnektor is configured with: everything before `/epayment/…`.
    pub fn konnektor_url(&self) -> String {
        format!(
            "{}{}",
            self.base_url.as_str().trim_end_matches('/'),
            self.konnektor_path.trim_end_matches('/')
        )
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

    /// The payer pays by this method, or by the first that is allowed. Notifies go out in the background;
    /// [`Sending::done`] waits for them.
    ///
    /// # Errors
    /// When there is no such payment, it is paid already, or does not allow the method.
    pub fn pay(&self, kassenzeichen: &str, method: Option<&str>) -> Result<Sending, SandboxError> {
        self.shared.pay(kassenzeichen, method)
    }

    /// The payer aborts. Notifies go out as with [`Sandbox::pay`].
    ///
    /// # Errors
    /// When there is no such payment or it is not open.
    pub fn abort(&self, kassenzeichen: &str) -> Result<Sending, SandboxError> {
        self.shared.abort(kassenzeichen)
    }

    /// Notifies go out (again).
    ///
    /// # Errors
    /// When there is no such payment, or it sends no notify.
    pub fn notify(&self, kassenzeichen: &str, how: &Resend) -> Result<Sending, SandboxError> {
        self.shared.resend(kassenzeichen, how)
    }

    /// Money goes back (Rücklastschrift), all of it or this much; the saldo rises again.
    ///
    /// # Errors
    /// When there is no such payment or not so much money.
    pub fn return_money(&self, kassenzeichen: &str, cents: Option<Cents>) -> Result<(), SandboxError> {
        self.shared.change(kassenzeichen, |payment, now| {
            payment.return_money(cents, None, now)
        })
    }

    /// Money arrives without the paypage; the saldo falls.
    ///
    /// # Errors
    /// When there is no such payment or the amount is not above zero.
    pub fn receive(&self, kassenzeichen: &str, cents: Cents) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.receive(cents, now))
    }

    /// The authority takes the claim back (Storno): all that is left of it, or this much.
    ///
    /// # Errors
    /// When there is no such payment or nothing is left of its claim.
    pub fn storno(&self, kassenzeichen: &str, cents: Option<Cents>) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.storno(cents, now))
    }

    /// Something is claimed on top, such as the fee of a Rücklastschrift; the saldo rises.
    ///
    /// # Errors
    /// When there is no such payment or the amount is not above zero.
    pub fn charge(&self, kassenzeichen: &str, cents: Cents) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.charge(cents, now))
    }

    /// The session of the paypage ends now, without a payment and without a notify.
    ///
    /// # Errors
    /// When there is no such payment or it is not open.
    pub fn expire(&self, kassenzeichen: &str) -> Result<(), SandboxError> {
        self.shared.change(kassenzeichen, Payment::expire)
    }

    /// The payer pays on the paypage, but this much instead of the whole claim.
    ///
    /// # Errors
    /// As [`Sandbox::pay`], and when the amount is not above zero.
    pub fn pay_amount(
        &self,
        kassenzeichen: &str,
        method: Option<&str>,
        cents: Cents,
    ) -> Result<Sending, SandboxError> {
        self.shared.pay_amount(kassenzeichen, method, Some(cents))
    }

    /// The Zahlungseingänge of a Mandant, in the order of their numbers.
    pub fn receipts(&self, mandant: &str) -> Vec<Receipt> {
        self.shared.book().receipts(&self.shared.world, mandant)
    }

    /// The sandbox's clock goes on by whole days.
    pub fn forward(&self, days: u32) {
        self.shared.forward(days);
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
