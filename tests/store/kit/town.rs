//! A small town: Kassen with a route and two gateways each, payments that the real domain decides on, personal data that
//! the real vault encrypts, and a clock that stands still until it is moved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use epaybl_connector::app::ports::{Clock, Ids, Sealed, SealedPersonal, Snapshot, SubjectKey};
use epaybl_connector::app::vault::{NamedKey, Vault};
use epaybl_connector::domain::case::{Case, Way};
use epaybl_connector::domain::change::{Change, OnceKey, Save, TenantVersion};
use epaybl_connector::domain::decide::{
    self, Accepted, AskPolicy, Callback, Ctx, NewPayment, Outcome, Reading, Spare,
};
use epaybl_connector::domain::ids::{
    AttemptId, AuthorityId, Bewirtschafter, CaseId, ChangeId, ClientId, EndPointId, Kassenzeichen, LedgerId,
    Mandant, Method, Mint, OriginatorId, ProviderId, RequestId, TargetId, Transaktionsnummer,
};
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::order::{Order, OrderItem, Payer};
use epaybl_connector::domain::proof::ProofTable;
use epaybl_connector::domain::record::{Body, Configured};
use epaybl_connector::domain::tenant::{
    Authority, CaseKeyRule, ClosingRules, Environment, Flow, Granularity, Kasse, Rechnungswesen, Release,
    Route, RouteMethod, Soll, Target, TransactionIdRule, Versioned,
};
use epaybl_connector::domain::time::Timestamp;
use epaybl_connector::domain::told::{Page, Told, Verified, Word};
use epaybl_connector::system::SystemIds;
use serde::Serialize;
use zeroize::Zeroizing;

/// The payer's name in every order: it must be found in no column.
pub const PAYER: &str = "Mustermann-Unverwechselbar";
/// The text of every order: it must be found in no column.
pub const PURPOSE: &str = "Scheidungsurteil-Ausfertigung";

/// The town.
pub struct Town {
    now: Mutex<Timestamp>,
    vault: Vault,
}

impl Clock for Town {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("the clock")
    }
}

/// An instant from its text.
pub fn at(text: &str) -> Timestamp {
    Timestamp::from_instant(text.parse().expect("an instant"))
}

/// The ledger of a name.
pub fn ledger(name: &str) -> LedgerId {
    LedgerId::parse(name).expect("an id")
}

/// A Kassenzeichen.
pub fn kz(text: &str) -> Kassenzeichen {
    Kassenzeichen::parse(text).expect("a Kassenzeichen")
}

/// A new payment: what is committed, the case as it will read, and its attempt.
pub struct New {
    pub sealed: Sealed,
    pub case: Case,
    pub attempt: AttemptId,
}

impl Town {
    /// A town at noon of an ordinary day.
    pub fn new() -> Arc<Self> {
        let key = |byte| Zeroizing::new([byte; 32]);
        let wrapping = NamedKey {
            id: "a".to_owned(),
            key: key(1),
        };
        Arc::new(Self {
            now: Mutex::new(at("2026-03-02T11:00:00Z")),
            vault: Vault::new(vec![wrapping], key(2), vec![key(3)]),
        })
    }

    /// Moves the clock; negative: back.
    pub fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().expect("the clock");
        *now = now.plus_seconds(seconds);
    }

    /// Sets the clock.
    pub fn set(&self, text: &str) {
        *self.now.lock().expect("the clock") = at(text);
    }

    /// What a decision gets from outside.
    pub fn ctx(&self) -> Ctx {
        Ctx {
            now: self.now(),
            mint: Mint::new(SystemIds.uuid(self.now())),
            source: "https://zahlung.example".to_owned(),
            policy: AskPolicy::default(),
        }
    }

    /// A Change that touches no case.
    pub fn bare(&self) -> Change {
        Change::bare(ChangeId(SystemIds.uuid(self.now())))
    }

    /// The Kasse of a ledger with its authority, route and gateways, in a version.
    pub fn tenants(&self, name: &str, version: i64) -> Sealed {
        let mut change = self.bare();
        change.ledger = Some(ledger(name));
        let route = route(name);
        let mut add = |kind: &str, id: String, value: String| {
            change.guards.keys.push(OnceKey {
                scope: format!("tenant/{kind}"),
                key: format!("{id}@{version}"),
                subject: id.clone(),
            });
            let configured = Configured {
                kind: kind.to_owned(),
                id: id.clone(),
                version,
                content: value.clone(),
            };
            change
                .effects
                .records
                .push((Body::Configuration(configured), Vec::new()));
            change.effects.tenants.push(TenantVersion {
                kind: kind.to_owned(),
                id,
                version,
                ledger: Some(ledger(name)),
                body: value,
                closed: false,
                at: self.now(),
            });
        };
        add("kasse", name.to_owned(), json(&kasse(name)));
        add("authority", name.to_owned(), json(&authority(name)));
        for target in &route.targets {
            let url = url::Url::parse("https://gateway.example/events").expect("an address");
            let value = Target {
                id: target.clone(),
                kasse: ledger(name),
                url,
            };
            add("target", target.to_string(), json(&value));
        }
        add("route", route.key().to_string(), json(&route));
        sealed(change)
    }

    /// A portal asks for a payment of a new case.
    pub fn accept(&self, name: &str, request: &str, cents: &[i64]) -> New {
        self.accept_into(None, name, &order(request, cents))
    }

    /// A portal asks for a payment of a case that may be there.
    pub fn accept_into(&self, existing: Option<&Snapshot>, name: &str, order: &Order) -> New {
        let new = NewPayment {
            route: Arc::new(Versioned {
                version: 1,
                ledger: ledger(name),
                value: route(name),
            }),
            kasse: Arc::new(kasse(name)),
            authority: Arc::new(authority(name)),
            client: ClientId::parse("thavel").expect("an id"),
            fingerprint: self.vault.fingerprint(order.request_id.as_str().as_bytes()),
            personal: format!("{PAYER}: {PURPOSE}").into_bytes(),
            pay_token: SystemIds.token(),
            callback_token: SystemIds.token(),
            nummer: nummer(),
            call_until: self.now().plus_seconds(30),
            own: None,
        };
        let before = existing.map(|snapshot| &snapshot.case);
        let accepted = decide::accept(&mut self.ctx(), before, order, new);
        let Accepted {
            case,
            attempt,
            change,
            ..
        } = accepted.expect("the order fits its route");
        let wrapped = existing.and_then(|snapshot| snapshot.key.as_deref());
        New {
            sealed: self.seal(change, case.id.0, wrapped),
            case,
            attempt,
        }
    }

    /// The call that opens an attempt has ended.
    pub fn opened(
        &self,
        from: &Snapshot,
        attempt: AttemptId,
        outcome: &Outcome,
    ) -> (Sealed, Option<AttemptId>) {
        let spare = Spare {
            nummer: nummer(),
            token: SystemIds.token(),
            call_until: self.now().plus_seconds(30),
            own: None,
        };
        let (change, next) = decide::opened(&mut self.ctx(), &from.case, attempt, outcome, None, spare);
        (self.on(from, change), next)
    }

    /// The number is sent again.
    pub fn called_again(&self, from: &Snapshot, attempt: AttemptId) -> Sealed {
        let until = self.now().plus_seconds(30);
        self.on(
            from,
            decide::begin_call(&mut self.ctx(), &from.case, attempt, until),
        )
    }

    /// A well-signed callback has arrived.
    pub fn heard(&self, from: &Snapshot, attempt: AttemptId, word: Word, kassenzeichen: &str) -> Sealed {
        self.heard_as(from, attempt, verified(word, kassenzeichen))
    }

    /// A well-signed callback has arrived that says exactly this.
    pub fn heard_as(&self, from: &Snapshot, attempt: AttemptId, verified: Verified) -> Sealed {
        let raw = format!("anrede={PAYER}").into_bytes();
        let callback = Callback { verified, raw };
        self.on(
            from,
            decide::heard(&mut self.ctx(), &from.case, attempt, callback, None),
        )
    }

    /// The provider says that the page is closed and so much is still owed.
    pub fn told(
        &self,
        from: &Snapshot,
        attempt: AttemptId,
        method: Option<&str>,
        saldo: Option<i64>,
    ) -> Sealed {
        let told = Told {
            kassenzeichen: None,
            page: Page::Inactive,
            method: method.map(|code| Method::parse(code).expect("a method")),
            saldo: saldo.map(Cents::new),
            ..Told::default()
        };
        let reading = Reading {
            proof: ProofTable::Konnektor,
            default_zvp: "epaybl",
        };
        let change = decide::told(
            &mut self.ctx(),
            &from.case,
            attempt,
            Some(&told),
            reading,
            None,
            0,
        );
        self.on(from, change)
    }

    /// The attempt is looked at later.
    pub fn wait(&self, from: &Snapshot, attempt: AttemptId, seconds: i64) -> Sealed {
        let until = Some(self.now().plus_seconds(seconds));
        self.on(from, decide::wait(&mut self.ctx(), &from.case, attempt, until, 1))
    }

    fn on(&self, from: &Snapshot, change: Change) -> Sealed {
        self.seal(change, from.case.id.0, from.key.as_deref())
    }

    /// Encrypts the personal data of a Change, as the use cases do.
    fn seal(&self, mut change: Change, subject: uuid::Uuid, wrapped: Option<&[u8]>) -> Sealed {
        let plain = std::mem::take(&mut change.effects.personal);
        if plain.is_empty() {
            return sealed(change);
        }
        let (key, new_key) = if let Some(wrapped) = wrapped {
            (self.vault.unwrap_key(wrapped).expect("our key"), None)
        } else {
            let (key, wrapped) = self.vault.new_key(&SystemIds);
            (key, Some(SubjectKey { subject, wrapped }))
        };
        let personal = plain.into_iter().map(|piece| {
            let (sealed, hmac) = key.seal(piece.id, &piece.plain, &SystemIds);
            SealedPersonal {
                id: piece.id,
                subject,
                class: piece.class,
                sealed,
                hmac,
            }
        });
        Sealed {
            personal: personal.collect(),
            change,
            new_key,
        }
    }
}

/// A Change without personal data.
pub fn sealed(change: Change) -> Sealed {
    Sealed {
        change,
        new_key: None,
        personal: Vec::new(),
    }
}

/// The case as a Change leaves it.
pub fn after(sealed: &Sealed) -> Case {
    match &sealed.change.effects.case {
        Some(Save::New(case) | Save::Changed(case)) => case.clone(),
        None => panic!("the Change leaves the case as it is"),
    }
}

/// An order of untaxed positions.
pub fn order(request: &str, cents: &[i64]) -> Order {
    let items = cents.iter().map(|cents| item(*cents)).collect();
    order_of(request, items)
}

/// An order of these items with the right total.
pub fn order_of(request: &str, items: Vec<OrderItem>) -> Order {
    Order {
        request_id: RequestId::parse(request).expect("an id"),
        total: items.iter().map(OrderItem::gross).sum(),
        purpose: Some(PURPOSE.to_owned()),
        description: Some(format!("{PURPOSE} für {PAYER}")),
        redirect_url: format!("https://portal.example/{PAYER}"),
        items,
        payer: Some(Payer {
            name: PAYER.to_owned(),
            first_name: None,
            organisation: false,
        }),
    }
}

/// One untaxed position.
pub fn item(cents: i64) -> OrderItem {
    OrderItem {
        id: "1".to_owned(),
        reference: "AZ-1".to_owned(),
        description: Some(PURPOSE.to_owned()),
        tax_rate: rust_decimal::Decimal::ZERO,
        quantity: 1,
        net: Cents::new(cents),
        tax: Cents::ZERO,
        booking_data: BTreeMap::new(),
    }
}

/// A callback's content.
pub fn verified(word: Word, kassenzeichen: &str) -> Verified {
    Verified {
        mandant: Mandant::parse("4711").expect("an id"),
        bewirtschafter: Bewirtschafter::parse("0815").expect("an id"),
        kassenzeichen: Some(kz(kassenzeichen)),
        zvp: Some("girosolution".to_owned()),
        method: Some(Method::parse("PAYPAL").expect("a method")),
        word,
        status: format!("{word:?}"),
        dedup_key: format!("{kassenzeichen}/{word:?}"),
    }
}

/// What the provider answers when a payment is open.
pub fn open(kassenzeichen: Option<&str>) -> Outcome {
    Outcome::Open {
        kassenzeichen: kassenzeichen.map(kz),
        remote: None,
        way: Way::Paypage("https://epaybl.example/seite?a=1&b=2".to_owned()),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain values become JSON")
}

fn kasse(name: &str) -> Kasse {
    Kasse {
        id: ledger(name),
        name: format!("Kasse {name}"),
        environment: Environment::Test,
        rechnungswesen: Rechnungswesen::Kameral,
        accounts: Vec::new(),
        lists: Vec::new(),
        closing: ClosingRules::default(),
        hkr: None,
    }
}

fn authority(name: &str) -> Authority {
    Authority {
        id: AuthorityId::parse(name).expect("an id"),
        kasse: ledger(name),
        name: format!("Stadt {name}"),
        ars: "160510000000".to_owned(),
        ags: "16051000".to_owned(),
        may_merge_roles: false,
        limits: epaybl_connector::domain::tenant::Limits::default(),
    }
}

fn route(name: &str) -> Route {
    let method = |code: &str| RouteMethod {
        code: Method::parse(code).expect("a method"),
        min_cents: None,
        max_cents: None,
        release: Release::Paid,
        return_days: 183,
    };
    let target = |kind: &str| TargetId::parse(&format!("{kind}-{name}")).expect("an id");
    Route {
        originator_id: OriginatorId::parse("urkunde").expect("an id"),
        end_point_id: EndPointId::parse(name).expect("an id"),
        authority: authority(name).id,
        leika: "99059004012000".to_owned(),
        provider: ProviderId::parse("epaybl").expect("an id"),
        mandant: Mandant::parse("4711").expect("an id"),
        bewirtschafter: Bewirtschafter::parse("0815").expect("an id"),
        kennzeichen_mahnverfahren: "1".to_owned(),
        expires_after_minutes: 60,
        anordnung: "AAO-2026-7".to_owned(),
        soll: Soll::Accepted,
        flow: Flow::Paypage,
        methods: vec![method("PAYPAL"), method("KREDITKARTE")],
        due_days: 0,
        case_key: CaseKeyRule::RequestId,
        transaction_id: TransactionIdRule::RequestId,
        granularity: Granularity::Item,
        haushaltsstelle: Some("1100.1000".to_owned()),
        objektnummer: None,
        href: None,
        portal_may_set: BTreeMap::new(),
        fremd: BTreeSet::new(),
        tax: Vec::new(),
        buchungstext: "Gebühr".to_owned(),
        fallback_name: "Antragsteller".to_owned(),
        late_days: 30,
        targets: BTreeSet::from([target("civento"), target("dms")]),
    }
}

fn nummer() -> Transaktionsnummer {
    let text = SystemIds
        .uuid(Timestamp::from_millis(0))
        .simple()
        .to_string()
        .to_uppercase();
    Transaktionsnummer::parse(&text[2..]).expect("30 characters of A–Z and 0–9")
}
