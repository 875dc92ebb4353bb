//! A portal asks for a payment: the case (new, or the one its key leads to), the payment and its first attempt.

use std::sync::Arc;

use super::Ctx;
use super::opening::take_own;
use super::watching::next_look;
use crate::domain::bookings::{Claim, sollstellung};
use crate::domain::case::{
    Attempt, Awaited, Books, Case, CaseStanding, Item, Payment, PortalAnswer, Standing,
};
use crate::domain::change::{Change, NewPosten, OnceKey, Personal, PostenKind, Save, Watch};
use crate::domain::ids::{
    AttemptId, CaseId, ChangeId, ClientId, PaymentId, PersonalId, PostenId, RouteKey, Token, TransactionId,
    Transaktionsnummer,
};
use crate::domain::order::{Order, OrderError};
use crate::domain::pool::OwnKassenzeichen;
use crate::domain::record::Body;
use crate::domain::subject::Subject;
use crate::domain::tenant::{Authority, Kasse, Route, Soll, TransactionIdRule, Versioned};
use crate::domain::time::Timestamp;
use crate::domain::told::Heard;

/// What a request brings beside the order itself.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Its route, as it is now.
    pub route: Arc<Versioned<Route>>,
    /// The Kasse.
    pub kasse: Arc<Kasse>,
    /// The authority.
    pub authority: Arc<Authority>,
    /// Who asks.
    pub client: ClientId,
    /// A keyed fingerprint of the body.
    pub fingerprint: Vec<u8>,
    /// The free text, payer and redirectUrl, to be encrypted.
    pub personal: Vec<u8>,
    /// An unguessable token for `/pay` and `/return`.
    pub pay_token: Token,
    /// An unguessable token for the callback address.
    pub callback_token: Token,
    /// The number of the attempt.
    pub nummer: Transaktionsnummer,
    /// The latest end of the call that opens it.
    pub call_until: Timestamp,
    /// Its Kassenzeichen, where we give it.
    pub own: Option<OwnKassenzeichen>,
}

/// A payment that is about to be opened.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The case as it will be.
    pub case: Case,
    /// The payment.
    pub payment: PaymentId,
    /// Its first attempt.
    pub attempt: AttemptId,
    /// What makes it so.
    pub change: Change,
}

/// The key under which a route's requestId is used once.
pub fn request_key(route: &RouteKey, request: &str, payment: PaymentId) -> OnceKey {
    OnceKey {
        scope: format!("request/{route}"),
        key: request.to_owned(),
        subject: payment.to_string(),
    }
}

/// The key under which a route's transactionId leads to its payment.
pub fn transaction_key(route: &RouteKey, transaction: &TransactionId, payment: PaymentId) -> OnceKey {
    OnceKey {
        scope: format!("transaction/{route}"),
        key: transaction.as_str().to_owned(),
        subject: payment.to_string(),
    }
}

/// The key under which a route's case is found.
pub fn case_key(route: &RouteKey, key: &str, case: CaseId) -> OnceKey {
    OnceKey {
        scope: format!("case/{route}"),
        key: key.to_owned(),
        subject: case.to_string(),
    }
}

/// Accepts an order: everything about it becomes true before the provider is called.
///
/// # Errors
/// [`OrderError`] where the request does not fit its route.
pub fn accept(
    ctx: &mut Ctx,
    existing: Option<&Case>,
    order: &Order,
    new: NewPayment,
) -> Result<Accepted, OrderError> {
    let route = &new.route.value;
    let kontierungen = order.kontierungen(route)?;
    let key = order.case_key(&route.case_key)?;
    let now = ctx.now;
    let ids = (PaymentId(ctx.mint.next_id()), AttemptId(ctx.mint.next_id()));
    let posten = PostenId(ctx.mint.next_id());
    let personal = PersonalId(ctx.mint.next_id());
    let case = existing.cloned().unwrap_or_else(|| Case {
        id: CaseId(ctx.mint.next_id()),
        ledger: new.kasse.id.clone(),
        key: key.clone(),
        rev: 0,
        standing: CaseStanding::Open,
        status_seq: 0,
        created_at: now,
        kasse: Arc::clone(&new.kasse),
        authority: Arc::clone(&new.authority),
        payments: Vec::new(),
        open_exceptions: Vec::new(),
    });
    let transaction_id = match route.transaction_id {
        TransactionIdRule::RequestId => TransactionId::parse(order.request_id.as_str()),
        TransactionIdRule::Own => TransactionId::parse(&ids.0.to_string()),
    }
    .expect("a requestId and a UUID follow the rule of a transactionId");
    let mut payment = Payment {
        id: ids.0,
        route: Arc::clone(&new.route),
        client: new.client,
        request_id: order.request_id.clone(),
        transaction_id,
        total: order.total,
        due: due_day(route, now),
        answer: PortalAnswer::Initial,
        created_at: now,
        expires_at: now.plus_seconds(i64::from(route.expires_after_minutes) * 60),
        token: new.pay_token,
        fingerprint: new.fingerprint,
        personal,
        items: order
            .items
            .iter()
            .zip(kontierungen)
            .map(|(item, kontierung)| Item {
                reference: item.reference.clone(),
                net: item.net,
                tax: item.tax,
                kontierung,
            })
            .collect(),
        attempts: vec![first_attempt(
            route,
            ids.1,
            posten,
            new.nummer,
            new.callback_token,
            new.call_until,
        )],
    };
    let mut change = Change::of(ChangeId(ctx.mint.next_id()), &case);
    if let Some(own) = new.own {
        take_own(&mut change, &mut payment.attempts[0], own);
    }
    change
        .guards
        .keys
        .push(request_key(&route.key(), order.request_id.as_str(), ids.0));
    change
        .guards
        .keys
        .push(transaction_key(&route.key(), &payment.transaction_id, ids.0));
    change
        .effects
        .posten
        .push(new_posten(&case, &payment, ids.1, posten, now));
    change.effects.personal.push(Personal {
        id: personal,
        class: "payment",
        plain: new.personal,
    });
    let mut case = case;
    case.payments.push(payment.clone());
    if existing.is_some() {
        case.rev += 1;
        change.effects.case = Some(Save::Changed(case.clone()));
    } else {
        change.guards.case = None;
        change.guards.keys.push(case_key(&route.key(), &key, case.id));
        case.rev = 1;
        change.effects.case = Some(Save::New(case.clone()));
    }
    change
        .effects
        .attempts
        .push(Save::New((case.id, ids.0, 1, payment.attempts[0].clone())));
    change.effects.payments.push(Save::New((case.id, payment)));
    // The sweeper takes the attempt up where a crash leaves it: when the call must have ended.
    change.effects.watches.push(Watch {
        attempt: ids.1,
        due_at: Some(new.call_until),
        tries: 0,
    });
    Ok(Accepted {
        case,
        payment: ids.0,
        attempt: ids.1,
        change,
    })
}

fn due_day(route: &Route, now: Timestamp) -> jiff::civil::Date {
    let days = jiff::Span::new().days(i64::from(route.due_days));
    now.berlin_day()
        .checked_add(days)
        .expect("a due date lies within the calendar")
}

fn first_attempt(
    route: &Route,
    id: AttemptId,
    posten: PostenId,
    nummer: Transaktionsnummer,
    token: Token,
    until: Timestamp,
) -> Attempt {
    Attempt {
        id,
        provider: route.provider.clone(),
        mandant: route.mandant.clone(),
        bewirtschafter: route.bewirtschafter.clone(),
        nummer,
        token,
        replaces: None,
        posten,
        standing: Standing::Calling { until, sent: 1 },
        kassenzeichen: Awaited::Awaited,
        remote: None,
        way: None,
        heard: Heard::default(),
        unproven: 0,
        books: Books::default(),
    }
}

pub(super) fn new_posten(
    case: &Case,
    payment: &Payment,
    attempt: AttemptId,
    posten: PostenId,
    now: Timestamp,
) -> NewPosten {
    NewPosten {
        id: posten,
        subject: Subject::Attempt {
            case: case.id,
            attempt,
        },
        of: None,
        kind: PostenKind::Kassenzeichen,
        haushaltsjahr: payment.due.year(),
        opened_at: now,
    }
}

/// The Soll of an attempt, where its route books it when the provider has taken the request.
pub(super) fn soll_when_accepted(draft: &mut super::Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    if draft.payment(payment).route.value.soll == Soll::Accepted {
        soll(draft, payment, attempt);
    }
}

/// Books the Soll of an attempt, unless it is booked already.
pub(super) fn soll(draft: &mut super::Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    if from.books.soll.is_positive() {
        return;
    }
    let claim = Claim::of(&draft.case, of, from);
    draft
        .change
        .effects
        .records
        .push((Body::Booking(sollstellung(&claim)), Vec::new()));
    draft.attempt(payment, attempt).books.soll = claim.total();
}

/// Looks again as the present state asks for.
pub(super) fn watch(draft: &mut super::Draft<'_>, payment: PaymentId, attempt: AttemptId, tries: u32) {
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    let due_at = next_look(&draft.ctx.policy, of, from, tries, draft.ctx.now);
    draft.change.effects.watches.push(Watch {
        attempt,
        due_at,
        tries: tries.saturating_add(1),
    });
}
