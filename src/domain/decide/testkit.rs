//! What tests of decisions need: a Kasse, a route, an order, a fixed time, and a Change applied in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{AskPolicy, Ctx, NewPayment};
use crate::domain::case::Case;
use crate::domain::change::{Change, Save};
use crate::domain::ids::{
    AuthorityId, Bewirtschafter, ClientId, EndPointId, Kassenzeichen, LedgerId, Mandant, Method, Mint,
    OriginatorId, ProviderId, RequestId, TargetId, Token, Transaktionsnummer,
};
use crate::domain::money::Cents;
use crate::domain::order::{Order, OrderItem, Payer};
use crate::domain::tenant::{
    Authority, BookingKey, CaseKeyRule, ClosingRules, Environment, Flow, Granularity, Kasse, Rechnungswesen,
    Release, Route, RouteMethod, Soll, TaxRule, TransactionIdRule, Versioned,
};
use crate::domain::time::Timestamp;

/// The name of the payer in every order: it must be found nowhere but in personal data.
pub(crate) const PAYER: &str = "Mustermann-Unverwechselbar";

/// A Kassenzeichen.
pub(crate) fn kz(text: &str) -> Kassenzeichen {
    Kassenzeichen::parse(text).expect("a Kassenzeichen")
}

/// A payment method.
pub(crate) fn method(text: &str) -> Method {
    Method::parse(text).expect("a method")
}

/// An instant from its text.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_instant(text.parse().expect("an instant"))
}

/// A context at noon of an ordinary day, always with the same ids.
pub(crate) fn ctx() -> Ctx {
    Ctx {
        now: at("2026-03-02T11:00:00Z"),
        mint: Mint::new(uuid::Uuid::from_u128(0x0197_a5c0_0000_7000_8000_0000_0000_0000)),
        source: "https://zahlung.example".to_owned(),
        policy: AskPolicy::default(),
    }
}

/// A Kasse of test money.
pub(crate) fn kasse() -> Kasse {
    Kasse {
        id: LedgerId::parse("musterstadt").expect("an id"),
        name: "Stadtkasse Musterstadt".to_owned(),
        environment: Environment::Test,
        rechnungswesen: Rechnungswesen::Kameral,
        accounts: Vec::new(),
        lists: Vec::new(),
        closing: ClosingRules::default(),
        hkr: None,
    }
}

/// An authority whose money the Kasse keeps.
pub(crate) fn authority() -> Authority {
    Authority {
        id: AuthorityId::parse("standesamt").expect("an id"),
        kasse: kasse().id,
        name: "Standesamt Musterstadt".to_owned(),
        ars: "160510000000".to_owned(),
        ags: "16051000".to_owned(),
        may_merge_roles: false,
        limits: crate::domain::tenant::Limits::default(),
    }
}

/// A route whose payer has an hour; items with the same reference are one case.
pub(crate) fn route() -> Route {
    let offered = |code: &str, return_days: u32| RouteMethod {
        code: method(code),
        min_cents: None,
        max_cents: Some(1_000_000),
        release: Release::Paid,
        return_days,
    };
    Route {
        originator_id: OriginatorId::parse("geburtsurkunde").expect("an id"),
        end_point_id: EndPointId::parse("standesamt").expect("an id"),
        authority: authority().id,
        leika: "99059004012000".to_owned(),
        provider: ProviderId::parse("epaybl").expect("an id"),
        mandant: Mandant::parse("4711").expect("an id"),
        bewirtschafter: Bewirtschafter::parse("0815").expect("an id"),
        kennzeichen_mahnverfahren: "1".to_owned(),
        expires_after_minutes: 60,
        anordnung: "AAO-2026-7".to_owned(),
        soll: Soll::Paid,
        flow: Flow::Paypage,
        methods: vec![offered("KREDITKARTE", 183), offered("LASTSCHRIFT", 427)],
        due_days: 0,
        case_key: CaseKeyRule::ItemReference,
        transaction_id: TransactionIdRule::RequestId,
        granularity: Granularity::Item,
        haushaltsstelle: Some("1100.1000".to_owned()),
        objektnummer: Some("0000000001".to_owned()),
        href: None,
        portal_may_set: BTreeMap::from([(BookingKey::Haushaltsstelle, BTreeSet::new())]),
        fremd: BTreeSet::from(["0300.1617".to_owned()]),
        tax: vec![TaxRule {
            rate: Decimal::from(19),
            key: "U19".to_owned(),
            objektnummer: None,
            href: None,
        }],
        buchungstext: "GEBUEHR".to_owned(),
        fallback_name: "Antragsteller".to_owned(),
        late_days: 30,
        targets: BTreeSet::from([TargetId::parse("civento").expect("an id")]),
    }
}

/// The route with the Soll booked when the provider has taken the request.
pub(crate) fn accepted_soll() -> Route {
    Route {
        soll: Soll::Accepted,
        ..route()
    }
}

/// An item of the case `AZ-1`; tax at 19 percent where there is some.
pub(crate) fn item(net: i64, tax: i64) -> OrderItem {
    OrderItem {
        id: "1".to_owned(),
        reference: "AZ-1".to_owned(),
        description: Some(format!("Urkunde für {PAYER}")),
        tax_rate: Decimal::from(if tax == 0 { 0 } else { 19 }),
        quantity: 1,
        net: Cents::new(net),
        tax: Cents::new(tax),
        booking_data: BTreeMap::new(),
    }
}

/// An order of these items with the right total.
pub(crate) fn order_of(request: &str, items: Vec<OrderItem>) -> Order {
    Order {
        request_id: RequestId::parse(request).expect("an id"),
        total: items.iter().map(OrderItem::gross).sum(),
        purpose: None,
        description: None,
        redirect_url: "https://portal.example/zurueck".to_owned(),
        items,
        payer: Some(Payer {
            name: PAYER.to_owned(),
            first_name: None,
            organisation: false,
        }),
    }
}

/// 41.50 EUR: 20.00, 10.00 and 1.90 of tax, and 9.60 that is somebody else's.
pub(crate) fn order(request: &str) -> Order {
    let mut fremd = item(960, 0);
    fremd
        .booking_data
        .insert("haushaltsstelle".to_owned(), "0300.1617".to_owned());
    order_of(request, vec![item(2000, 0), item(1000, 190), fremd])
}

/// What comes with the `n`-th order.
pub(crate) fn new_payment(route: Route, n: u32, now: Timestamp) -> NewPayment {
    NewPayment {
        route: Arc::new(Versioned {
            version: 1,
            ledger: kasse().id,
            value: route,
        }),
        kasse: Arc::new(kasse()),
        authority: Arc::new(authority()),
        client: ClientId::parse("thavel").expect("an id"),
        fingerprint: vec![7; 32],
        personal: PAYER.as_bytes().to_vec(),
        pay_token: token("pay", n),
        callback_token: token("call", n),
        nummer: nummer(n),
        call_until: now.plus_seconds(30),
        own: None,
    }
}

/// The `n`-th token of a kind.
pub(crate) fn token(kind: &str, n: u32) -> Token {
    Token::parse(&format!("{kind}-{n:030}")).expect("a token")
}

/// The `n`-th number.
pub(crate) fn nummer(n: u32) -> Transaktionsnummer {
    Transaktionsnummer::parse(&format!("EC{n:010}")).expect("a number")
}

/// The case as the rows of a Change leave it. Asserts that they are enough: what is read back is what was decided.
pub(crate) fn apply(case: &Case, change: &Change) -> Case {
    let Some(Save::New(decided) | Save::Changed(decided)) = &change.effects.case else {
        return case.clone();
    };
    let mut payments = case.payments.clone();
    for Save::New((id, payment)) | Save::Changed((id, payment)) in &change.effects.payments {
        assert_eq!(*id, case.id);
        match payments.iter_mut().find(|old| old.id == payment.id) {
            Some(old) => {
                let attempts = std::mem::take(&mut old.attempts);
                *old = payment.clone();
                old.attempts = attempts;
            }
            None => payments.push(crate::domain::case::Payment {
                attempts: Vec::new(),
                ..payment.clone()
            }),
        }
    }
    for Save::New((id, payment, n, attempt)) | Save::Changed((id, payment, n, attempt)) in
        &change.effects.attempts
    {
        assert_eq!(*id, case.id);
        let of = payments
            .iter_mut()
            .find(|of| of.id == *payment)
            .expect("its payment");
        let index = usize::try_from(*n).expect("a count") - 1;
        if index == of.attempts.len() {
            of.attempts.push(attempt.clone());
        } else {
            assert_eq!(of.attempts[index].id, attempt.id);
            of.attempts[index] = attempt.clone();
        }
    }
    let read = Case {
        payments,
        ..decided.clone()
    };
    assert_eq!(&read, decided, "the rows say what was decided");
    read
}
