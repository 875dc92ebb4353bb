//! What a statement shows of an attempt. `bank` moves on a statement only, `forderung` on the provider's word only, but for
//! two things that a bank knows first: a transfer that was waited for, and a return. Both are booked at once, and the
//! provider's later word is then no news ([`Heard::ahead`](crate::domain::told::Heard::ahead)).

use super::paying::{less, more};
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::bookings::{Claim, Left, Source, arrived, rueckgabe, unknown};
use crate::domain::case::Case;
use crate::domain::change::{Change, NewPosten, OnceKey, PostenKind};
use crate::domain::event::EventType;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ChangeId, ExceptionId, LedgerId, Method, PaymentId, PostenId};
use crate::domain::money::Cents;
use crate::domain::record::{Body, ExceptionOpened, Matched};
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, Subject};

/// How a payer pays who transfers, where only the bank has told of it.
pub(super) const BY_TRANSFER: &str = "UEBERWEISUNG";

/// A payment on a statement that was found to belong to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The payment.
    pub detail: DetailId,
    /// The account that the statement is of.
    pub account: Iban,
    /// More than nothing came in, less than nothing went back.
    pub cents: Cents,
    /// How much of what went back is the bank's fee.
    pub fee: Cents,
    /// By which rule it was found.
    pub rule: String,
    /// What speaks for it.
    pub evidence: String,
}

/// Why a payment on a statement cannot be booked on an attempt as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSettled {
    /// The provider has not told of it, and the payer did not transfer.
    #[error(
        "the provider has told of {outstanding} that is not on the account yet, the statement shows {shown}"
    )]
    NotTold {
        /// What the provider told and no statement has shown.
        outstanding: Cents,
        /// What the statement shows.
        shown: Cents,
    },
    /// More went back than ever came in.
    #[error("{shown} went back, but only {paid} was paid")]
    MoreThanPaid {
        /// What was paid.
        paid: Cents,
        /// What went back.
        shown: Cents,
    },
}

/// The key under which a payment on a statement is claimed, once.
pub fn detail_key(ledger: &LedgerId, detail: DetailId) -> OnceKey {
    OnceKey {
        scope: format!("detail/{ledger}"),
        key: detail.to_string(),
        subject: detail.statement.to_string(),
    }
}

/// What follows from a payment on a statement that belongs to an attempt.
///
/// # Errors
/// [`NotSettled`]: it does not fit the attempt, and must be booked as money that nobody knows.
pub fn shown(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    shown: &Shown,
    default_zvp: &str,
) -> Result<Change, NotSettled> {
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    if shown.cents.is_positive() {
        let source = Source::Bank(shown.account.clone());
        let money = (&source, shown.cents);
        came_in(&mut draft, payment, attempt, money, Some(default_zvp))?;
    } else {
        let from = Left::Bank(shown.account.clone());
        went_out(&mut draft, payment, attempt, &from, (-shown.cents, shown.fee))?;
    }
    draft
        .change
        .guards
        .keys
        .push(detail_key(&case.ledger, shown.detail));
    let matched = Matched {
        detail: shown.detail,
        subject: Subject::Attempt {
            case: case.id,
            attempt,
        },
        rule: shown.rule.clone(),
        evidence: shown.evidence.clone(),
        cents: shown.cents,
    };
    draft
        .change
        .effects
        .records
        .push((Body::Match(matched), Vec::new()));
    Ok(finish(draft, case, payment, attempt, 0))
}

/// What follows from a payment on a statement that nobody knows: it is booked as a deposit, or as an advance where money
/// left, and named in an exception that a person resolves.
pub fn not_known(ctx: &mut Ctx, ledger: &LedgerId, shown: &Shown, code: ExceptionCode) -> Change {
    let posten = PostenId(ctx.mint.next_id());
    let subject = Subject::Detail(shown.detail);
    let haushaltsjahr = ctx.now.berlin_day().year();
    let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
    change.ledger = Some(ledger.clone());
    change.guards.keys.push(detail_key(ledger, shown.detail));
    change.effects.posten.push(NewPosten {
        id: posten,
        subject,
        of: None,
        kind: if shown.cents.is_positive() {
            PostenKind::Verwahrung
        } else {
            PostenKind::Vorschuss
        },
        haushaltsjahr,
        opened_at: ctx.now,
    });
    let booking = unknown(
        ledger,
        shown.detail,
        posten,
        &shown.account,
        shown.cents,
        haushaltsjahr,
    );
    let matched = Matched {
        detail: shown.detail,
        subject,
        rule: shown.rule.clone(),
        evidence: shown.evidence.clone(),
        cents: shown.cents,
    };
    let opened = ExceptionOpened {
        id: ExceptionId(ctx.mint.next_id()),
        code,
        subject,
        cents: Some(Cents::new(shown.cents.get().abs())),
    };
    for body in [
        Body::Match(matched),
        Body::Booking(booking),
        Body::Exception(opened),
    ] {
        change.effects.records.push((body, Vec::new()));
    }
    change
}

/// Money that lay in a deposit, because a statement or a list showed it before anybody knew whose it is, turns out to be
/// an attempt's. `first`: a bank showed it, which may know of a transfer before the provider does.
///
/// # Errors
/// [`NotSettled`]: it still does not fit, and stays where it is.
pub fn taken_out(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    (deposit, cents): (PostenId, Cents),
    first: bool,
    default_zvp: &str,
) -> Result<Change, NotSettled> {
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    let from = Source::Deposit(deposit);
    let heard = &draft.attempt(payment, attempt).heard;
    let (outstanding, passing) = (heard.waiting(false), heard.passing());
    if !first && ![outstanding, passing, outstanding + passing].contains(&cents) {
        return Err(NotSettled::NotTold {
            outstanding,
            shown: cents,
        });
    }
    came_in(
        &mut draft,
        payment,
        attempt,
        (&from, cents),
        first.then_some(default_zvp),
    )?;
    Ok(finish(draft, case, payment, attempt, 0))
}

/// Money that stood as an advance, because a statement showed it leaving before anybody knew what for, turns out to be an
/// attempt's that went back: so much left, and so much of it is the bank's fee.
///
/// # Errors
/// [`NotSettled`]: it does not fit, and stays an advance.
pub fn return_known(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    advance: PostenId,
    left: (Cents, Cents),
) -> Result<Change, NotSettled> {
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    went_out(&mut draft, payment, attempt, &Left::Advance(advance), left)?;
    Ok(finish(draft, case, payment, attempt, 0))
}

fn came_in(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    (source, cents): (&Source, Cents),
    default_zvp: Option<&str>,
) -> Result<(), NotSettled> {
    let by_transfer = draft.payment(payment).route.value.flow.by_transfer();
    let of = draft.attempt(payment, attempt);
    let outstanding = of.heard.waiting(false);
    let untold = cents - outstanding - of.heard.passing();
    if untold.is_positive() {
        let (true, true, Some(default_zvp)) = (by_transfer, of.kassenzeichen.known().is_some(), default_zvp)
        else {
            return Err(NotSettled::NotTold {
                outstanding,
                shown: cents,
            });
        };
        of.heard.ahead += untold;
        let method = Method::parse(BY_TRANSFER).expect("its own text is a method");
        more(draft, payment, attempt, untold, default_zvp, &method);
    }
    settle(draft, payment, attempt, source, cents)
}

/// Money that was told of arrives, and gateways hear when all of a paid payment has.
///
/// # Errors
/// [`NotSettled`]: less than that is waited for on any account.
pub(super) fn settle(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    source: &Source,
    cents: Cents,
) -> Result<(), NotSettled> {
    let of = draft.attempt(payment, attempt);
    let outstanding = of.heard.waiting(false);
    let parts = of.heard.arrive(cents, false);
    if parts.iter().map(|part| part.cents).sum::<Cents>() != cents {
        return Err(NotSettled::NotTold {
            outstanding,
            shown: cents,
        });
    }
    of.books.settled += cents;
    let whole = of.heard.outstanding().is_empty();
    let claim = claim(draft, payment, attempt);
    draft.book(arrived(&claim, source, &parts));
    if whole && draft.payment(payment).is_paid() {
        draft.event(EventType::PaymentSettled, payment, None);
    }
    Ok(())
}

fn went_out(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    from: &Left,
    (left, fee): (Cents, Cents),
) -> Result<(), NotSettled> {
    let back = left - fee;
    let of = draft.attempt(payment, attempt);
    let untold = back - of.heard.waiting(true) - of.heard.passing();
    if untold > of.books.told() {
        return Err(NotSettled::MoreThanPaid {
            paid: of.books.told(),
            shown: back,
        });
    }
    if untold.is_positive() {
        of.heard.ahead = of.heard.ahead - untold;
        less(draft, payment, attempt, untold, false);
    }
    let of = draft.attempt(payment, attempt);
    let parts = of.heard.arrive(back, true);
    if parts.iter().map(|part| part.cents).sum::<Cents>() != back {
        // It has never arrived: what goes back of it is not known from here.
        return Err(NotSettled::MoreThanPaid {
            paid: of.books.settled,
            shown: back,
        });
    }
    of.books.settled = of.books.settled - back;
    let year = draft.now().berlin_day().year();
    let claim = claim(draft, payment, attempt).in_year(year);
    draft.book(rueckgabe(&claim, from, &parts, fee));
    Ok(())
}

pub(super) fn claim(draft: &Draft<'_>, payment: PaymentId, attempt: AttemptId) -> Claim {
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    Claim::of(&draft.case, of, from)
}
