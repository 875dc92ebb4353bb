//! Payouts of payment providers: a list is filed, the bank shows its payout, and each Kassenzeichen takes its part. A
//! later revision moves the difference; what cannot be moved is named.
//!
//! One Change for the payout as a whole, then one for each Kassenzeichen. A line is booked under its once-key, so that a
//! crash between the Changes is continued by whoever comes next.

use super::paying::less;
use super::settling::{NotSettled, claim, detail_key, settle};
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::booking::BookingKind;
use crate::domain::bookings::{PayoutAccount, Source, taken_back};
use crate::domain::case::{Case, Payment};
use crate::domain::change::{Change, NewPosten, OnceKey, PostenKind};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ChangeId, ExceptionId, LedgerId, ListId, PaymentId, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout::Share;
use crate::domain::record::{Body, ExceptionOpened, ListFiled, Matched};
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, ListLineId, Subject};

/// What the bank shows of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutShown {
    /// The payment on a statement.
    pub detail: DetailId,
    /// Its account.
    pub account: Iban,
    /// All of it.
    pub whole: Cents,
    /// Whether this is the first that is booked of it: then the payment is claimed.
    pub first: bool,
    /// The deposit that it has lain in (or the advance that it stood as), because the statement came before the list.
    pub from: Option<PostenId>,
    /// By which rule it was found.
    pub rule: String,
    /// What speaks for it.
    pub evidence: String,
}

/// How a payout is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutTerms {
    /// Its open item.
    pub account: PayoutAccount,
    /// The Haushaltsstelle that bears what the provider keeps.
    pub disagio: String,
    /// Whether all of the bank's account is ours: then other systems' money lies in deposit.
    pub exclusive: bool,
}

impl PayoutTerms {
    /// What is to be booked of a share: on an account of ours alone all that the bank shows.
    pub fn target(&self, share: Share) -> Share {
        if self.exclusive {
            Share {
                bank: share.bank + share.others,
                ..share
            }
        } else {
            Share {
                others: Cents::ZERO,
                ..share
            }
        }
    }
}

/// The key under which a line of a list is booked, once; and taken back, once.
pub fn line_key(ledger: &LedgerId, line: ListLineId, back: bool, to: String) -> OnceKey {
    OnceKey {
        scope: format!("payout/{ledger}"),
        key: if back {
            format!("{line}/back")
        } else {
            line.to_string()
        },
        subject: to,
    }
}

fn bare(ctx: &mut Ctx, ledger: &LedgerId) -> Change {
    let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
    change.ledger = Some(ledger.clone());
    change
}

fn record(change: &mut Change, body: Body) {
    change.effects.records.push((body, Vec::new()));
}

fn posten(ctx: &mut Ctx, change: &mut Change, subject: Subject, kind: PostenKind) -> PostenId {
    let id = PostenId(ctx.mint.next_id());
    change.effects.posten.push(NewPosten {
        id,
        subject,
        of: None,
        kind,
        haushaltsjahr: ctx.now.berlin_day().year(),
        opened_at: ctx.now,
    });
    id
}

fn opened(ctx: &mut Ctx, code: ExceptionCode, subject: Subject, cents: Cents) -> Body {
    Body::Exception(ExceptionOpened {
        id: ExceptionId(ctx.mint.next_id()),
        code,
        subject,
        cents: Some(Cents::new(cents.get().abs())),
    })
}

/// A list counts from now on; the first one of a payout opens its Posten.
pub fn list_filed(ctx: &mut Ctx, ledger: &LedgerId, filed: ListFiled) -> Change {
    let mut change = bare(ctx, ledger);
    if filed.supersedes.is_none() {
        change.effects.posten.push(NewPosten {
            id: filed.posten,
            subject: Subject::Payout(filed.payout),
            of: None,
            kind: PostenKind::Auszahlung,
            haushaltsjahr: ctx.now.berlin_day().year(),
            opened_at: ctx.now,
        });
    }
    record(&mut change, Body::List(Box::new(filed)));
    change
}

/// The key under which a payout that comes to nothing is settled without a bank's line.
pub fn nothing_key(ledger: &LedgerId, payout: PayoutId) -> OnceKey {
    OnceKey {
        scope: format!("payout/{ledger}"),
        key: format!("{payout}/nothing"),
        subject: format!("payout/{payout}"),
    }
}

/// The bank shows a payout, or a later list shares what it showed in another way: what was booked `before` becomes the
/// `target`. Nothing is shown of a payout that comes to nothing; then no bank's account moves. `aside` is the deposit of
/// other systems' money, and what is in it. None where it cannot be moved, because that money is not there any more.
pub fn payout_shown(
    ctx: &mut Ctx,
    terms: &PayoutTerms,
    shown: Option<&PayoutShown>,
    before: Option<Share>,
    target: Share,
    aside: Option<(PostenId, Cents)>,
) -> Option<Change> {
    let of = &terms.account;
    let subject = Subject::Payout(of.payout);
    let was = before.unwrap_or_default();
    let mut change = bare(ctx, &of.ledger);
    let mut books = Vec::new();
    let bank = target.bank - was.bank;
    let claimed = match shown {
        None => {
            assert_eq!(bank, Cents::ZERO, "a bank's account moves on a statement only");
            if before.is_none() {
                change.guards.keys.push(nothing_key(&of.ledger, of.payout));
            }
            bank
        }
        Some(shown) => match (shown.first, shown.from) {
            // What lies there was claimed with it; what is not ours is let go.
            (true, Some(posten)) => {
                let lay = of.lay(posten, shown.whole);
                books.extend(of.out_of(lay.clone(), bank));
                books.extend(of.released(lay, &shown.account, shown.whole - bank));
                bank - shown.whole
            }
            (first, _) => {
                if first {
                    change.guards.keys.push(detail_key(&of.ledger, shown.detail));
                }
                books.extend(of.shown(&shown.account, bank));
                bank
            }
        },
    };
    books.extend(of.kept(&terms.disagio, target.fee - was.fee));
    let others = target.others - was.others;
    let mut exception = None;
    if others < Cents::ZERO && before.is_some() {
        let (deposit, _) = aside.filter(|(_, there)| *there >= -others)?;
        books.extend(of.back_from(subject, deposit, -others));
    } else if others != Cents::ZERO {
        let kind = if others.is_positive() {
            PostenKind::Verwahrung
        } else {
            PostenKind::Vorschuss
        };
        let deposit = match aside {
            Some((deposit, _)) if others.is_positive() => deposit,
            _ => posten(ctx, &mut change, subject, kind),
        };
        books.extend(of.aside(subject, deposit, others));
        exception = Some(opened(ctx, ExceptionCode::OtherSystem, subject, others));
    }
    if let Some(shown) = shown.filter(|shown| shown.first || claimed != Cents::ZERO) {
        let matched = Matched {
            detail: shown.detail,
            subject,
            rule: shown.rule.clone(),
            evidence: shown.evidence.clone(),
            cents: claimed,
        };
        record(&mut change, Body::Match(matched));
    }
    for booking in books {
        record(&mut change, Body::Booking(booking));
    }
    if let Some(exception) = exception {
        record(&mut change, exception);
    }
    Some(change)
}

/// The lines of one Kassenzeichen: what it is to get, and what a later list takes back of what it got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Lines that count, with their signed amounts.
    pub adds: Vec<(ListLineId, Cents)>,
    /// Lines that were booked and count no longer.
    pub backs: Vec<(ListLineId, Cents)>,
}

/// What a part comes to.
struct Amounts {
    /// What had been settled is outstanding again.
    again: Cents,
    /// What arrives.
    arrives: Cents,
    /// What goes back to payers.
    returns: Cents,
}

impl Part {
    fn amounts(&self) -> Amounts {
        let sum = |lines: &[(ListLineId, Cents)], sign: i64| -> Cents {
            let lines = lines.iter().filter(|(_, cents)| cents.get().signum() == sign);
            lines.map(|(_, cents)| Cents::new(cents.get().abs())).sum()
        };
        Amounts {
            again: sum(&self.backs, 1),
            arrives: sum(&self.adds, 1) + sum(&self.backs, -1),
            returns: sum(&self.adds, -1),
        }
    }

    /// The keys under which its lines are booked on an attempt.
    fn keys(&self, ledger: &LedgerId, to: &str) -> impl Iterator<Item = OnceKey> {
        let adds = self.adds.iter().map(|(line, _)| (*line, false));
        let backs = self.backs.iter().map(|(line, _)| (*line, true));
        let keys = adds.chain(backs);
        keys.map(move |(line, back)| line_key(ledger, line, back, to.to_owned()))
    }
}

/// The text under which a line remembers that it was booked on an attempt.
pub fn booked_on(case: &Case, attempt: AttemptId) -> String {
    format!("attempt/{}/{attempt}", case.id)
}

/// A Kassenzeichen takes its part of a payout. What the provider told of arrives, or goes back; a return that it has not
/// told of is the list's to tell, and reopens the case.
///
/// # Errors
/// [`NotSettled`]: the lines do not fit what was told.
pub fn parted(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    of: &PayoutAccount,
    part: &Part,
) -> Result<Change, NotSettled> {
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    let Amounts {
        again,
        mut arrives,
        mut returns,
    } = part.amounts();
    if again.is_positive() {
        left_again(&mut draft, payment, attempt, of, again)?;
    }
    let from = draft.attempt(payment, attempt);
    let books = from.books;
    let (outstanding, told_back) = (from.heard.waiting(false), from.heard.waiting(true));
    let passing = from.heard.passing();
    if outstanding - told_back == arrives - returns {
        // The provider has told of all of it, what went back included.
        from.heard.set_off(arrives.min(returns));
        let net = arrives - returns;
        (arrives, returns) = (net.or_zero(), (-net).or_zero());
    } else if arrives.is_positive()
        && ![outstanding, passing, outstanding + passing].contains(&arrives)
        && !(arrives < outstanding && [books.credited, books.deposited].contains(&arrives))
    {
        return Err(NotSettled::NotTold {
            outstanding,
            shown: arrives,
        });
    } else if returns - told_back - passing > books.told() {
        return Err(NotSettled::MoreThanPaid {
            paid: books.told(),
            shown: returns,
        });
    }
    if arrives.is_positive() {
        settle(&mut draft, payment, attempt, &Source::Payout(of.side()), arrives)?;
    }
    if returns.is_positive() {
        goes_back(&mut draft, payment, attempt, of, returns)?;
    }
    let to = booked_on(case, attempt);
    draft.change.guards.keys.extend(part.keys(&case.ledger, &to));
    // Gateways heard that the case is paid because its money had arrived.
    if case.is_released() && !draft.case.payments.iter().any(Payment::is_released) {
        draft.reopen(payment);
    }
    Ok(finish(draft, case, payment, attempt, 0))
}

/// What a list had brought is not in it any more: it is outstanding again. What only a person had said of it, and no
/// provider, is not paid: nothing will come of it.
fn left_again(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    payout: &PayoutAccount,
    cents: Cents,
) -> Result<(), NotSettled> {
    let from = draft.attempt(payment, attempt);
    if cents > from.books.settled {
        return Err(NotSettled::MoreThanPaid {
            paid: from.books.settled,
            shown: cents,
        });
    }
    let parts = from.heard.unsettle(cents);
    from.books.settled = from.books.settled - cents;
    let said = from.heard.aside.min(cents);
    from.heard.aside = from.heard.aside - said;
    from.heard.latest(&parts);
    let claim = claim(draft, payment, attempt);
    draft.book(taken_back(
        &claim,
        BookingKind::Ruecknahme,
        &payout.side(),
        &parts,
    ));
    if said.is_positive() {
        less(draft, payment, attempt, said, false);
    }
    Ok(())
}

fn goes_back(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    payout: &PayoutAccount,
    cents: Cents,
) -> Result<(), NotSettled> {
    let of = draft.attempt(payment, attempt);
    let untold = cents - of.heard.waiting(true) - of.heard.passing();
    if untold.is_positive() {
        of.heard.ahead = of.heard.ahead - untold;
        less(draft, payment, attempt, untold, false);
    }
    let of = draft.attempt(payment, attempt);
    let parts = of.heard.arrive(cents, true);
    if parts.iter().map(|part| part.cents).sum::<Cents>() != cents {
        return Err(NotSettled::MoreThanPaid {
            paid: of.books.settled,
            shown: cents,
        });
    }
    of.books.settled = of.books.settled - cents;
    let year = draft.now().berlin_day().year();
    let claim = claim(draft, payment, attempt).in_year(year);
    draft.book(taken_back(&claim, BookingKind::Rueckgabe, &payout.side(), &parts));
    Ok(())
}

/// A line that fits nothing: its part is a deposit (or an advance), and named.
pub fn line_aside(ctx: &mut Ctx, of: &PayoutAccount, line: ListLineId, cents: Cents, back: bool) -> Change {
    let subject = Subject::ListLine(line);
    let mut change = bare(ctx, &of.ledger);
    let kind = if cents.is_positive() {
        PostenKind::Verwahrung
    } else {
        PostenKind::Vorschuss
    };
    let deposit = posten(ctx, &mut change, subject, kind);
    let key = line_key(&of.ledger, line, back, format!("posten/{deposit}"));
    change.guards.keys.push(key);
    if let Some(booking) = of.aside(subject, deposit, cents) {
        record(&mut change, Body::Booking(booking));
        let exception = opened(ctx, ExceptionCode::LineUnclear, subject, cents);
        record(&mut change, exception);
    }
    change
}

/// A line that a later list takes back leaves the deposit that it lies in.
pub fn line_back(
    ctx: &mut Ctx,
    of: &PayoutAccount,
    line: ListLineId,
    (deposit, cents): (PostenId, Cents),
) -> Change {
    let subject = Subject::ListLine(line);
    let mut change = bare(ctx, &of.ledger);
    let key = line_key(&of.ledger, line, true, format!("posten/{deposit}"));
    change.guards.keys.push(key);
    if let Some(booking) = of.back_from(subject, deposit, cents) {
        record(&mut change, Body::Booking(booking));
    }
    change
}

/// A list and the bank differ: named once for the list, whatever a person makes of it.
pub fn differs(ctx: &mut Ctx, of: &PayoutAccount, list: ListId, cents: Cents) -> Change {
    let mut change = bare(ctx, &of.ledger);
    let subject = Subject::Payout(of.payout);
    change.guards.keys.push(OnceKey {
        scope: format!("payout/{}", of.ledger),
        key: format!("{list}/differs"),
        subject: format!("payout/{}", of.payout),
    });
    let exception = opened(ctx, ExceptionCode::ListDiffers, subject, cents);
    record(&mut change, exception);
    change
}
