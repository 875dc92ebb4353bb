//! A provider with a list of unread receipts, and connectors that read it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use epaybl_connector::app::ports::{
    Answer, CallbackError, Calls, Clock, Fault, MandantStore as _, Notifier, OfferedMethod, OpenOrder,
    Opened, Provider, Question, RawCallback, Receipt, ReceiptFilter, ReceiptPlace, Refusal, Sent, Unread,
};
use epaybl_connector::app::vault::{NamedKey, Vault};
use epaybl_connector::app::{App, Outside, Settings};
use epaybl_connector::domain::decide::AskPolicy;
use epaybl_connector::domain::ids::{Bewirtschafter, Mandant, ProviderId};
use epaybl_connector::domain::mandant::MandantSettings;
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::proof::ProofTable;
use epaybl_connector::domain::tenant::Target;
use epaybl_connector::domain::tenants::Tenants;
use epaybl_connector::domain::time::Timestamp;
use epaybl_connector::domain::told::Verified;
use epaybl_connector::export::closing::Documents;
use epaybl_connector::export::hkr::Files;
use epaybl_connector::statement::reader::Reader;
use epaybl_connector::system::SystemIds;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::kit::db::Connector;
use crate::kit::town::ledger;

/// What happens to a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirming {
    /// It is done.
    Done,
    /// It is done, and the answer is lost.
    DoneAndLost,
    /// It gets lost on its way.
    Lost,
    /// It waits until the test lets it go, and is then done.
    Held,
    /// Somebody else has read the list meanwhile.
    Overtaken,
}

/// A provider with a list of unread receipts.
pub struct Lists {
    /// Whether it has such a list at all.
    has: bool,
    list: Mutex<Vec<Receipt>>,
    readings: Mutex<u32>,
    next: Mutex<Vec<Confirming>>,
    /// A confirmation is held.
    pub held: Notify,
    /// Lets it go.
    pub go: Notify,
}

impl Lists {
    pub fn new() -> Arc<Self> {
        Self::that(true)
    }

    pub fn without() -> Arc<Self> {
        Self::that(false)
    }

    fn that(has: bool) -> Arc<Self> {
        Arc::new(Self {
            has,
            list: Mutex::default(),
            readings: Mutex::default(),
            next: Mutex::default(),
            held: Notify::new(),
            go: Notify::new(),
        })
    }

    /// Money arrives.
    pub fn arrives(&self, kassenzeichen: &str, cents: i64) {
        self.list
            .lock()
            .expect("the list")
            .push(receipt(kassenzeichen, cents));
    }

    /// What becomes of the next confirmations, in their order.
    pub fn next(&self, confirming: &[Confirming]) {
        let mut next = self.next.lock().expect("the faults");
        next.extend(confirming.iter().rev());
    }

    /// How many receipts nobody has confirmed.
    pub fn unread_count(&self) -> usize {
        self.list.lock().expect("the list").len()
    }

    fn confirm(&self, id: &str) -> Result<(), Refusal> {
        if id != self.readings.lock().expect("the readings").to_string() {
            return Err(refusal("-0100"));
        }
        self.list.lock().expect("the list").clear();
        Ok(())
    }
}

/// A receipt of no particular day.
pub fn receipt(kassenzeichen: &str, cents: i64) -> Receipt {
    Receipt {
        kassenzeichen: kassenzeichen.to_owned(),
        cents: Cents::new(cents),
        booked_at: None,
    }
}

fn refusal(code: &str) -> Refusal {
    Refusal {
        fault: Fault::Configuration,
        code: code.to_owned(),
        text: "no".to_owned(),
    }
}

#[async_trait]
impl Provider for Lists {
    async fn open(&self, _: &OpenOrder, _: &Calls) -> Opened {
        Opened::Unclear("nothing is opened here".to_owned())
    }

    async fn ask(&self, _: &Question, _: &Calls) -> Answer {
        Answer::None("nothing is asked here".to_owned())
    }

    async fn unread(&self, _: &Mandant, _: &Calls) -> Result<Option<Unread>, Refusal> {
        let mut readings = self.readings.lock().expect("the readings");
        *readings += 1;
        Ok(self.has.then(|| Unread {
            id: readings.to_string(),
            receipts: self.list.lock().expect("the list").clone(),
        }))
    }

    async fn confirm_read(&self, _: &Mandant, id: &str, _: &Calls) -> Result<(), Refusal> {
        let next = self.next.lock().expect("the faults").pop();
        match next.unwrap_or(Confirming::Done) {
            Confirming::Done => self.confirm(id),
            Confirming::DoneAndLost => {
                self.confirm(id)?;
                Err(refusal("timeout"))
            }
            Confirming::Lost => Err(refusal("timeout")),
            Confirming::Held => {
                self.held.notify_one();
                self.go.notified().await;
                self.confirm(id)
            }
            Confirming::Overtaken => {
                *self.readings.lock().expect("the readings") += 1;
                self.arrives("ANDERES", 9);
                self.confirm(id)
            }
        }
    }

    async fn alive(&self, _: &Mandant, _: &Bewirtschafter) -> Result<(), Refusal> {
        Ok(())
    }

    async fn methods(&self, _: &Mandant, _: &Bewirtschafter) -> Result<Vec<OfferedMethod>, Refusal> {
        Ok(Vec::new())
    }

    fn verify(&self, _: &RawCallback, _: Timestamp) -> Result<Verified, CallbackError> {
        Err(CallbackError::Signature)
    }

    fn proof(&self) -> ProofTable {
        ProofTable::Konnektor
    }

    fn default_zvp(&self) -> &'static str {
        "epaybl"
    }

    fn open_seconds(&self) -> i64 {
        5
    }

    fn ask_seconds(&self) -> i64 {
        5
    }
}

struct Nobody;

#[async_trait]
impl Notifier for Nobody {
    async fn send(&self, _: &Target, _: &str, _: &[u8], _: Timestamp) -> Sent {
        Sent::Accepted
    }

    fn longest_seconds(&self) -> i64 {
        1
    }

    fn check(&self, _: &Target) -> Result<(), String> {
        Ok(())
    }
}

/// The use cases over a connector's store, with one provider, `epaybl`.
pub fn app(connector: &Connector, clock: Arc<dyn Clock>, provider: Arc<dyn Provider>) -> Arc<App> {
    let key = |byte| Zeroizing::new([byte; 32]);
    let wrapping = NamedKey {
        id: "a".to_owned(),
        key: key(1),
    };
    let wait = Duration::from_secs(1);
    App::new(
        Arc::clone(&connector.store) as _,
        Outside {
            providers: BTreeMap::from([(ProviderId::parse("epaybl").expect("an id"), provider)]),
            notifier: Arc::new(Nobody),
            files: Arc::new(Reader::default()),
            drop_folder: None,
            postings: Arc::new(Files),
            documents: Arc::new(Documents::new(|_| BTreeMap::new()).expect("its own words")),
        },
        clock,
        Arc::new(SystemIds),
        Vault::new(vec![wrapping], key(2), vec![key(3)]),
        Settings {
            public_url: "https://zahlung.example".parse().expect("an address"),
            policy: AskPolicy::default(),
            create_wait: wait,
            return_wait: wait,
            pay_wait: wait,
            lease: Duration::from_secs(20),
            closing_hour: 5,
            batch: 50,
        },
    )
}

/// Applies the entry of Mandant `epaybl/4711`, the town's.
pub async fn apply(app: &App, change: impl FnOnce(&mut MandantSettings)) {
    let mut mandant = MandantSettings {
        provider: ProviderId::parse("epaybl").expect("an id"),
        number: Mandant::parse("4711").expect("an id"),
        kasse: ledger("stadt"),
        name: "Stadt".to_owned(),
        exclusive_cursor: true,
        pool: Vec::new(),
    };
    change(&mut mandant);
    let wanted = Tenants {
        mandanten: vec![mandant],
        ..Tenants::default()
    };
    let plan = app.plan_tenants(&wanted, false).await.expect("a plan");
    app.apply_tenants(&wanted, &plan).await.expect("it is applied");
}

/// Kassenzeichen of the receipts that were kept, in their order; `*` after those that are ours.
pub async fn kept(connector: &Connector, filter: &ReceiptFilter) -> Vec<String> {
    let mut all = Vec::new();
    let mut place = ReceiptPlace::start();
    loop {
        let page = connector.store.receipts(filter, &place, 7).await;
        let page = page.expect("receipts are listed");
        let Some(last) = page.last() else { return all };
        place = last.place.clone();
        all.extend(page.iter().map(|listed| {
            let ours = if listed.attempt.is_some() { "*" } else { "" };
            format!("{}{ours}", listed.receipt.kassenzeichen)
        }));
    }
}
