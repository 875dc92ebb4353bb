//! What all requests share: the world, the book of payments, and the tasks that send notifies.
//!
//! The book is behind one plain lock that is never held across an await.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;
use tokio::{runtime::Handle, sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use super::{
    BankAccount, Cents, Clock, Delays, Ids, SandboxError,
    bank::{self, Stray},
    codes::{self, Refusal},
    fault::{Fault, Faults},
    list::Buchungsliste,
    notify::{self, Delivery, Resend, Rounds},
    payment::{Payment, PaymentInfo, PaymentKind, Standing},
    soap::SoapBook,
    tls::Tls,
    world::{Account, World},
    xbezahldienste::{Ports, Transactions},
};

/// How many calls came in, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// `GET status`.
    pub status: u64,
    /// `GET zahlverfahren`.
    pub methods: u64,
    /// Calls that would create a payment, whatever the answer.
    pub creates: u64,
    /// Calls that ask for one payment.
    pub reads: u64,
    /// Calls that would create a payment, by transaktionsnummer or requestId.
    pub creates_by_number: BTreeMap<String, u64>,
    /// Calls of the SOAP service, by operation.
    pub soap: BTreeMap<&'static str, u64>,
    /// Payments that exist, by the same.
    pub payments_by_number: BTreeMap<String, u64>,
}

/// Notifies on their way. They go on when this is dropped.
#[derive(Debug)]
pub struct Sending(JoinHandle<Vec<Delivery>>);

impl Sending {
    /// Waits until all are taken or given up.
    pub async fn done(self) -> Vec<Delivery> {
        self.0.await.unwrap_or_default()
    }

    /// Waits no longer than this; empty when they are not done by then.
    pub(super) async fn done_within(self, limit: Duration) -> Vec<Delivery> {
        tokio::time::timeout(limit, self.done()).await.unwrap_or_default()
    }
}

/// The payments and what was asked of the sandbox.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The same as [`Shared::world`].
    pub(super) world: Arc<World>,
    /// The bank account of each account of the world, by place.
    pub(super) banks: Vec<BankAccount>,
    /// Money that no payment has.
    pub(super) strays: Vec<Stray>,
    pub(super) payments: Vec<Payment>,
    by_kassenzeichen: HashMap<String, usize>,
    by_token: HashMap<String, usize>,
    /// Mandant and transaktionsnummer: used once within a Mandant.
    by_number: HashMap<(String, String), usize>,
    /// The last number of each account's pool.
    given: HashMap<usize, u64>,
    /// When sessions end, and whose.
    sessions: BTreeSet<(Timestamp, usize)>,
    /// How many movements were booked.
    movements: u64,
    /// What the SOAP service keeps.
    pub(super) soap: SoapBook,
    pub(super) faults: Faults,
    /// What was created over XBezahldienste, and its tokens.
    pub(super) transactions: Transactions,
    pub(super) counts: Counts,
    /// What create calls brought, in the order of their arrival.
    pub(super) lists: Vec<serde_json::Value>,
}

/// One sandbox.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: Arc<World>,
    pub(super) prefixes: Vec<String>,
    pub(super) public_url: Url,
    /// Where the Konnektor is mounted, without a slash at the end.
    pub(super) konnektor_path: String,
    pub(super) errors_as_4xx: bool,
    pub(super) magic_cents: bool,
    pub(super) magic_texts: bool,
    pub(super) tls: Option<Tls>,
    /// Who is asked for over XBezahldienste.
    pub(super) ports: Ports,
    pub(super) first_number: u64,
    pub(super) delays: Delays,
    pub(super) clock: Clock,
    /// Days that the clock was moved on by.
    pub(super) forwarded: AtomicU64,
    pub(super) ids: Ids,
    pub(super) client: reqwest::Client,
    pub(super) runtime: Handle,
    pub(super) tracker: TaskTracker,
    pub(super) stop: CancellationToken,
    pub(super) changed: watch::Sender<u64>,
    pub(super) book: Mutex<Book>,
}

impl Book {
    /// A create call has come, whatever its answer will be.
    pub(super) fn arrived(&mut self, number: Option<&str>, body: &serde_json::Value) {
        self.counts.creates += 1;
        self.lists.push(body.clone());
        if let Some(number) = number {
            *self
                .counts
                .creates_by_number
                .entry(number.to_owned())
                .or_default() += 1;
        }
    }

    /// Where in `payments` it is.
    pub(super) fn place(&self, kassenzeichen: &str) -> Result<usize, SandboxError> {
        let place = self.by_kassenzeichen.get(kassenzeichen).copied();
        place.ok_or_else(|| SandboxError::UnknownKassenzeichen(kassenzeichen.to_owned()))
    }

    pub(super) fn payment(&mut self, kassenzeichen: &str) -> Result<&mut Payment, SandboxError> {
        let place = self.place(kassenzeichen)?;
        Ok(&mut self.payments[place])
    }

    /// Of the payment with this number in the Mandant.
    pub(super) fn place_of_number(&self, mandant: String, number: String) -> Option<usize> {
        self.by_number.get(&(mandant, number)).copied()
    }

    /// Ends the sessions that have run out and were not used.
    fn end_sessions(&mut self, now: Timestamp) {
        while let Some((until, place)) = self.sessions.first().copied().filter(|(until, _)| *until <= now) {
            self.sessions.pop_first();
            if let Some(payment) = self.payments.get_mut(place)
                && payment.standing == Standing::Open
            {
                payment.standing = Standing::Expired { at: until };
                self.transactions.settle(payment);
            }
        }
    }

    /// A number for one more movement.
    pub(super) fn next_number(&mut self) -> u64 {
        self.movements += 1;
        self.movements
    }

    /// Changes a payment and numbers the movements that came of it; tells the last number of all.
    pub(super) fn change<T>(
        &mut self,
        kassenzeichen: &str,
        change: impl FnOnce(&mut Payment) -> Result<T, SandboxError>,
    ) -> Result<(T, u64), SandboxError> {
        let place = self.place(kassenzeichen)?;
        let payment = &mut self.payments[place];
        let done = change(payment)?;
        self.transactions.settle(payment);
        for movement in payment
            .movements
            .iter_mut()
            .filter(|movement| movement.number == 0)
        {
            self.movements += 1;
            movement.number = self.movements;
        }
        Ok((done, self.movements))
    }

    pub(super) fn kassenzeichen_of_token(&self, token: &str) -> Option<String> {
        self.by_token
            .get(token)
            .map(|place| self.payments[*place].kassenzeichen.clone())
    }
}

impl Shared {
    /// The book as it is now: sessions that have run out are over.
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        let now = self.now();
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.end_sessions(now);
        book
    }

    /// The time at this sandbox: its clock and the days that it was moved on by.
    pub(super) fn now(&self) -> Timestamp {
        let days = i64::try_from(self.forwarded.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        let moved = SignedDuration::from_secs(days.saturating_mul(86_400));
        let now = self.clock.now();
        now.checked_add(moved).unwrap_or(now)
    }

    /// The day in Berlin.
    pub(super) fn today(&self) -> Date {
        bank::day_of(self.now())
    }

    /// Moves the clock on.
    pub(super) fn forward(&self, days: u32) {
        self.forwarded.fetch_add(days.into(), Ordering::Relaxed);
        self.touch();
    }

    /// Wakes whoever waits for a change.
    pub(super) fn touch(&self) {
        self.changed
            .send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    pub(super) fn account(&self, payment: &Payment) -> &Account {
        &self.world.accounts[payment.account]
    }

    pub(super) fn paypage(&self, payment: &Payment) -> String {
        format!(
            "{}/paypage/{}",
            self.public_url.as_str().trim_end_matches('/'),
            payment.token
        )
    }

    /// Creates a payment on the paypage and tells its Kassenzeichen.
    pub(super) fn create(
        &self,
        account: usize,
        list: Buchungsliste,
        faults: Vec<Fault>,
    ) -> Result<String, Refusal> {
        self.create_as(PaymentKind::Paypage, account, list, faults)
    }

    /// Creates a payment of this kind and tells its Kassenzeichen.
    pub(super) fn create_as(
        &self,
        kind: PaymentKind,
        account: usize,
        list: Buchungsliste,
        faults: Vec<Fault>,
    ) -> Result<String, Refusal> {
        let now = self.now();
        let minutes = self.world.accounts[account].session_minutes;
        let session = SignedDuration::from_mins(minutes.into());
        let session_until = (kind == PaymentKind::Paypage && minutes > 0)
            .then(|| now.checked_add(session).ok())
            .flatten();
        let mut book = self.book();
        let mandant = &self.world.accounts[account].mandant;
        let number = (list.transaktionsnummer.clone()).map(|number| (mandant.clone(), number));
        if number
            .as_ref()
            .is_some_and(|number| book.by_number.contains_key(number))
        {
            return Err(codes::TRANSAKTIONSNUMMER_USED);
        }
        let kassenzeichen = if let Some(own) = list.kassenzeichen.clone() {
            if let Ok(there) = book.payment(&own) {
                return Err(self.why_not_again(there, account, &list));
            }
            own
        } else {
            let next = book.given.entry(account).or_insert(self.first_number);
            let kassenzeichen = self.kassenzeichen(account, *next);
            *next += 1;
            kassenzeichen
        };
        let place = book.payments.len();
        let payment = Payment {
            kassenzeichen: kassenzeichen.clone(),
            account,
            kind,
            token: self.ids.next(),
            zvgid: format!("ZVG{:09}", place + 1),
            created_at: now,
            session_until,
            faults,
            standing: Standing::Open,
            movements: Vec::new(),
            deliveries: Vec::new(),
            list,
        };
        if let Some(number) = number {
            let count = book.counts.payments_by_number.entry(number.1.clone());
            *count.or_default() += 1;
            book.by_number.insert(number, place);
        }
        book.by_token.insert(payment.token.clone(), place);
        book.by_kassenzeichen.insert(kassenzeichen.clone(), place);
        if let Some(until) = session_until {
            book.sessions.insert((until, place));
        }
        book.payments.push(payment);
        drop(book);
        self.touch();
        Ok(kassenzeichen)
    }

    /// Changes a payment and wakes whoever waits for it.
    pub(super) fn change<T>(
        &self,
        kassenzeichen: &str,
        change: impl FnOnce(&mut Payment, Timestamp) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let now = self.now();
        let (done, _) = (self.book()).change(kassenzeichen, |payment| change(payment, now))?;
        self.touch();
        Ok(done)
    }

    /// The payer pays, by the first allowed method if none is named, and the notifies go out.
    pub(super) fn pay(
        self: &Arc<Self>,
        kassenzeichen: &str,
        method: Option<&str>,
    ) -> Result<Sending, SandboxError> {
        self.pay_amount(kassenzeichen, method, None)
    }

    /// The same with another amount than the whole claim.
    pub(super) fn pay_amount(
        self: &Arc<Self>,
        kassenzeichen: &str,
        method: Option<&str>,
        cents: Option<Cents>,
    ) -> Result<Sending, SandboxError> {
        let tan = self.ids.next();
        self.pay_as(kassenzeichen, method, cents, tan)
    }

    /// The payer has paid a provider of the client's, who calls it `reference`.
    pub(super) fn activate(
        self: &Arc<Self>,
        kassenzeichen: &str,
        method: &str,
        reference: String,
    ) -> Result<Sending, SandboxError> {
        self.pay_as(kassenzeichen, Some(method), None, reference)
    }

    fn pay_as(
        self: &Arc<Self>,
        kassenzeichen: &str,
        method: Option<&str>,
        cents: Option<Cents>,
        tan: String,
    ) -> Result<Sending, SandboxError> {
        let rounds = self.change(kassenzeichen, |payment, now| {
            let method = method.or(payment.list.methods.first().map(String::as_str));
            let method = method.unwrap_or_default().to_owned();
            let offered = self.account(payment).method(&method);
            let by_acquirer = offered.is_some_and(|method| !method.zvp.is_empty());
            payment.pay(&method, by_acquirer, cents, tan, now)?;
            Ok(self.rounds(payment))
        })?;
        Ok(self.send(kassenzeichen, rounds))
    }

    /// The payer aborts, and the notifies go out.
    pub(super) fn abort(self: &Arc<Self>, kassenzeichen: &str) -> Result<Sending, SandboxError> {
        let rounds = self.change(kassenzeichen, |payment, now| {
            payment.abort(now)?;
            Ok(self.rounds(payment))
        })?;
        Ok(self.send(kassenzeichen, rounds))
    }

    /// Notifies go out because somebody asks.
    pub(super) fn resend(
        self: &Arc<Self>,
        kassenzeichen: &str,
        how: &Resend,
    ) -> Result<Sending, SandboxError> {
        let rounds = self.change(kassenzeichen, |payment, _| {
            let rounds = notify::asked(payment, self.account(payment), how);
            if rounds.is_empty() {
                return Err(SandboxError::NoNotify(payment.kassenzeichen.clone()));
            }
            Ok(rounds)
        })?;
        Ok(self.send(kassenzeichen, rounds))
    }

    fn rounds(&self, payment: &Payment) -> Rounds {
        let account = self.account(payment);
        let other = (self.world.accounts.iter()).find(|other| other.bewirtschafter != account.bewirtschafter);
        let other = other.map_or("OTHER", |other| other.bewirtschafter.as_str());
        notify::rounds(payment, account, other)
    }

    fn send(self: &Arc<Self>, kassenzeichen: &str, rounds: Rounds) -> Sending {
        let (shared, kassenzeichen) = (Arc::clone(self), kassenzeichen.to_owned());
        let work = async move {
            let mut all = Vec::new();
            for round in rounds {
                let mut together = tokio::task::JoinSet::new();
                for message in round {
                    let pauses = shared.delays.notify_pauses.clone();
                    together.spawn(message.send(shared.client.clone(), pauses, shared.stop.clone()));
                }
                while let Some(delivery) = together.join_next().await {
                    let Ok(delivery) = delivery else { continue };
                    all.push(delivery.clone());
                    if let Ok(payment) = shared.book().payment(&kassenzeichen) {
                        payment.deliveries.push(delivery);
                    }
                    shared.touch();
                }
            }
            all
        };
        Sending(self.tracker.spawn_on(work, &self.runtime))
    }

    pub(super) fn info(&self, payment: &Payment) -> PaymentInfo {
        let account = self.account(payment);
        PaymentInfo {
            kassenzeichen: payment.kassenzeichen.clone(),
            mandant: account.mandant.clone(),
            bewirtschafter: account.bewirtschafter.clone(),
            transaktionsnummer: payment.list.transaktionsnummer.clone().unwrap_or_default(),
            betrag: payment.list.betrag,
            saldo: payment.saldo(),
            kind: payment.kind,
            state: payment.state(),
            method: match &payment.standing {
                Standing::Paid { method, .. } => Some(method.clone()),
                _ => None,
            },
            beschreibung: payment.list.beschreibung.clone(),
            buchungstexte: payment.list.purpose.clone(),
            payer: payment.list.payer.clone(),
            kundennummer: payment.list.kundennummer.clone(),
            paypage: self.paypage(payment),
            created_at: payment.created_at,
            session_until: payment.session_until,
            movements: payment.movements.clone(),
            faults: payment.faults.clone(),
            deliveries: payment.deliveries.clone(),
        }
    }

    pub(super) fn infos(&self) -> Vec<PaymentInfo> {
        self.book()
            .payments
            .iter()
            .map(|payment| self.info(payment))
            .collect()
    }

    pub(super) fn info_of(&self, kassenzeichen: &str) -> Result<PaymentInfo, SandboxError> {
        Ok(self.info(self.book().payment(kassenzeichen)?))
    }
}
