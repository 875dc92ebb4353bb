//! Which answers of a provider prove what: one table per kind of provider, named by its adapter.
//!
//! To add one: a variant of [`ProofTable`], its function below, and its rows in `docs/ARCHITECTURE.md`. A table looks at
//! all the fields that its kind tells; a missing field is no agreement.

use serde::{Deserialize, Serialize};

use super::ids::Method;
use super::money::Cents;
use super::told::{Amounts, Heard, Page, Seen, Told, Word};

/// Which answers of a provider prove what. Each adapter names its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofTable {
    /// REST Konnektor: INAKTIV with a method and saldo ≤ 0; or INAKTIV with a method and a good `success` callback.
    Konnektor,
    /// SOAP service: the sums behind the Kassenzeichen, which must agree with its saldo.
    SoapSums,
    /// SOAP service whose sums count otherwise: claim, cancellations and saldo alone.
    SoapSaldo,
    /// XBezahldienste: the service's own word. It covers the payment on its page; returns are never told.
    Xbezahldienste,
}

/// What an answer proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// So much has been paid in all, by this method.
    Paid {
        /// Cumulative.
        amount: Cents,
        /// How.
        method: Method,
        /// Whether the answer shows the money itself. From then on its absence means that it went back.
        borne_out: bool,
    },
    /// It is over, nothing was paid, and the provider has said so.
    Over(Word),
    /// The provider shows that everything that was paid went back.
    WentBack,
    /// The provider takes back its final word of a payment; which it may not.
    TakenBack,
    /// The sums show less money coming in than an earlier answer did: a replica that lags, or a receipt that was booked
    /// elsewhere. No return; asked again, then an exception.
    Behind,
    /// Closed without a word on money: asked again, then an exception.
    WithoutProof,
    /// Still under way.
    NotYet,
}

/// What stands for a method that the provider does not name.
const NO_METHOD: &str = "UNBEKANNT";

impl ProofTable {
    /// Judges one answer, with what callbacks told, for a request of `total`.
    pub fn judge(self, told: &Told, heard: &Heard, total: Cents) -> Judgement {
        match self {
            Self::Konnektor => konnektor(told, heard, total),
            Self::SoapSums => soap(told, heard, sums),
            Self::SoapSaldo => soap(told, heard, saldo_alone),
            Self::Xbezahldienste => xbezahldienste(told, heard, total),
        }
    }
}

fn method(told: &Told) -> Method {
    told.method
        .clone()
        .unwrap_or_else(|| Method::parse(NO_METHOD).expect("its own text is a method"))
}

fn konnektor(told: &Told, heard: &Heard, total: Cents) -> Judgement {
    if told.page != Page::Inactive {
        return Judgement::NotYet;
    }
    // A saldo beyond all bounds is no word on money.
    let paid = told.saldo.and_then(|saldo| total.checked_sub(saldo));
    match (&told.method, paid) {
        // All of it, or a part: the saldo is the word, whatever the callback said.
        (Some(method), Some(amount)) if amount.is_positive() => Judgement::Paid {
            amount,
            method: method.clone(),
            borne_out: true,
        },
        // The saldo lags or is missing; the signed word of success stands in for it.
        (Some(method), _) if heard.success && !heard.confirmed => Judgement::Paid {
            amount: total,
            method: method.clone(),
            borne_out: false,
        },
        (None, paid) if paid.is_none_or(|amount| amount == Cents::ZERO) && !heard.success => {
            match heard.ended {
                Some(word) if paid.is_some() => Judgement::Over(word),
                _ => Judgement::WithoutProof,
            }
        }
        _ => Judgement::WithoutProof,
    }
}

/// What is owed after cancellations, and what was paid on it.
struct Standing {
    cancelled: Cents,
    owed: Cents,
    paid: Cents,
    returned: bool,
    /// What came in and what went back; none where the installation counts receipts in a way of its own.
    seen: Option<Seen>,
}

/// The sums must say the same as the saldo: claim less cancellations less receipts. What else was booked
/// (betragSonstigeBuchungen) has no sign in our evidence, so it may count either way, but it must explain the rest.
fn sums(saldo: Cents, amounts: &Amounts) -> Option<Standing> {
    let standing = standing(saldo, amounts, amounts.stornos.unwrap_or_default())?;
    let seen = amounts.seen()?;
    let receipts = seen.came_in.checked_sub(seen.returned)?;
    let rest = standing.paid.checked_sub(receipts)?;
    let other = amounts.sonstige.unwrap_or_default();
    let explained = rest == other || rest.checked_add(other)? == Cents::ZERO;
    explained.then_some(Standing {
        seen: Some(seen),
        ..standing
    })
}

/// Where an installation counts receipts in a way of its own: without its cancellations nothing is proven.
fn saldo_alone(saldo: Cents, amounts: &Amounts) -> Option<Standing> {
    standing(saldo, amounts, amounts.stornos?)
}

fn standing(saldo: Cents, amounts: &Amounts, cancelled: Cents) -> Option<Standing> {
    let owed = amounts.hauptforderungen?.checked_sub(cancelled)?;
    Some(Standing {
        cancelled,
        owed,
        paid: owed.checked_sub(saldo)?,
        returned: amounts.ruecklastschriften.is_some_and(Cents::is_positive),
        seen: None,
    })
}

/// ePayBL's SOAP service tells no word, only sums. A saldo of nothing is a payment only where something came in: a claim
/// that was cancelled, or that is still temporary, looks the same (reference ePayBL, §6.3).
fn soap(told: &Told, heard: &Heard, read: fn(Cents, &Amounts) -> Option<Standing>) -> Judgement {
    let closed = if told.page == Page::Inactive {
        Judgement::WithoutProof
    } else {
        Judgement::NotYet
    };
    let standing = told
        .saldo
        .zip(told.amounts.as_ref())
        .and_then(|(saldo, amounts)| read(saldo, amounts));
    let Some(standing) = standing else { return closed };
    let older = |seen: Seen| {
        let before = heard.seen.unwrap_or_default();
        seen.came_in < before.came_in || seen.returned < before.returned
    };
    if standing.seen.is_some_and(older) {
        return Judgement::Behind;
    }
    match standing {
        Standing { paid, .. } if paid.is_positive() => Judgement::Paid {
            amount: paid,
            method: method(told),
            borne_out: true,
        },
        // Before what went back: where both are true, it is over as well.
        Standing {
            cancelled,
            owed,
            paid,
            ..
        } if cancelled.is_positive() && owed == Cents::ZERO && paid == Cents::ZERO => {
            Judgement::Over(Word::Failed)
        }
        Standing { returned: true, .. } => Judgement::WentBack,
        // Paid out again in another way than by a returned debit.
        Standing { seen: Some(seen), .. } if seen.came_in.is_positive() => Judgement::WentBack,
        _ => closed,
    }
}

fn xbezahldienste(told: &Told, heard: &Heard, total: Cents) -> Judgement {
    match told.word {
        Some(Word::Success) => Judgement::Paid {
            amount: total,
            method: method(told),
            borne_out: false,
        },
        Some(Word::Canceled | Word::Failed) if !heard.received.is_empty() => Judgement::TakenBack,
        // A replica that lags says INITIAL for a moment.
        Some(Word::Interim | Word::Other) if !heard.received.is_empty() => Judgement::Behind,
        Some(word @ (Word::Canceled | Word::Failed)) => Judgement::Over(word),
        Some(Word::Interim | Word::Other) | None => Judgement::NotYet,
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
