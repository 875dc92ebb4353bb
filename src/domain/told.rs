//! What a provider says of an attempt, and the table that decides what it proves.
//!
//! What a provider tells is cumulative per Kassenzeichen; the same word twice is no news. A missing field is no
//! agreement.

use serde::{Deserialize, Serialize};

use super::ids::{Bewirtschafter, Kassenzeichen, Mandant, Method};
use super::money::Cents;

/// The state of the paypage as the provider names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    /// Still open to the payer.
    Active,
    /// No longer open (`INAKTIV`). Alone it says nothing of money.
    Inactive,
    /// A value that no table names; kept as it came.
    Other(String),
    /// The field was not there.
    Missing,
}

/// One answer to the question what became of a Kassenzeichen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The Kassenzeichen that the answer names, where it names one.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The state of the paypage.
    pub page: Page,
    /// How the payer paid.
    pub method: Option<Method>,
    /// What is still owed; negative where too much was paid.
    pub saldo: Option<Cents>,
}

/// What a signed callback says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// It was paid.
    Success,
    /// The payer gave up.
    Canceled,
    /// The provider gave up.
    Failed,
    /// An interim message.
    Interim,
    /// A status that the configuration does not name.
    Other,
}

/// A callback whose signature was good, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The Mandant it names.
    pub mandant: Mandant,
    /// The Bewirtschafter it names.
    pub bewirtschafter: Bewirtschafter,
    /// The Kassenzeichen it names, where it does.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The payment provider behind ePayBL.
    pub zvp: Option<String>,
    /// How the payer paid.
    pub method: Option<Method>,
    /// What it says happened.
    pub word: Word,
    /// The status as it came.
    pub status: String,
    /// What makes it the same callback when it comes again: (kassenzeichen, tan, status), or the message id.
    pub dedup_key: String,
}

/// What the good callbacks of one attempt have told so far; the last word that matters stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heard {
    /// A `success` came.
    pub success: bool,
    /// A final word of the other kind came.
    pub ended: Option<Word>,
    /// The method named with it.
    pub method: Option<Method>,
    /// The payment provider named with it.
    pub zvp: Option<String>,
    /// An answer's saldo has borne the payment out. From then on the saldo alone is believed, so that a return is seen.
    #[serde(default)]
    pub confirmed: bool,
    /// The money that was booked and has not gone back, latest last, with the account that it was booked on. A return
    /// leaves the account on which its money lies, whatever later answers call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Received>,
    /// The year in which a return reopened the claim. What is booked on the claim from then on belongs to that year: the
    /// year of the Fälligkeit is closed by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_in: Option<i16>,
}

/// Money that was booked on one `verrechnung` account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The payment provider.
    pub zvp: String,
    /// The payment method.
    pub method: Method,
    /// More than nothing.
    pub cents: Cents,
}

impl Heard {
    /// Remembers money and its account.
    pub fn receive(&mut self, zvp: &str, method: &Method, cents: Cents) {
        match self.received.last_mut() {
            Some(last) if last.zvp == zvp && last.method == *method => last.cents += cents,
            _ => self.received.push(Received {
                zvp: zvp.to_owned(),
                method: method.clone(),
                cents,
            }),
        }
    }

    /// Takes back up to `cents` of the money that came last, from one account.
    pub fn take_back(&mut self, cents: Cents) -> Option<Received> {
        let last = self.received.last_mut()?;
        let part = cents.min(last.cents);
        last.cents = last.cents - part;
        let taken = Received {
            cents: part,
            ..last.clone()
        };
        if !last.cents.is_positive() {
            self.received.pop();
        }
        Some(taken)
    }
}

/// Which answers of a provider prove what. Each adapter names its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofTable {
    /// REST Konnektor: INAKTIV with a method and saldo ≤ 0; or INAKTIV with a method and a good `success` callback.
    Konnektor,
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
    },
    /// The paypage is closed, nothing was paid, and the provider has said so.
    Over(Word),
    /// Closed without a word on money: asked again, then an exception.
    WithoutProof,
    /// Still under way.
    NotYet,
}

impl ProofTable {
    /// Judges one answer, with what callbacks told, for a request of `total`.
    pub fn judge(self, told: &Told, heard: &Heard, total: Cents) -> Judgement {
        match self {
            Self::Konnektor => konnektor(told, heard, total),
        }
    }
}

fn konnektor(told: &Told, heard: &Heard, total: Cents) -> Judgement {
    if told.page != Page::Inactive {
        return Judgement::NotYet;
    }
    // A saldo beyond all bounds is no word on money.
    let paid = told.saldo.and_then(|saldo| total.checked_sub(saldo));
    match (&told.method, paid) {
        (Some(method), Some(amount)) if amount >= total => Judgement::Paid {
            amount,
            method: method.clone(),
        },
        // Part of it has arrived: the saldo is the word, whatever the callback said.
        (Some(method), Some(amount)) if amount.is_positive() => Judgement::Paid {
            amount,
            method: method.clone(),
        },
        // The saldo lags or is missing; the signed word of success stands in for it.
        (Some(method), _) if heard.success && !heard.confirmed => Judgement::Paid {
            amount: total,
            method: method.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    const TOTAL: Cents = Cents::new(4150);

    fn told(page: Page, method: Option<&str>, saldo: Option<i64>) -> Told {
        Told {
            kassenzeichen: None,
            page,
            method: method.map(|code| Method::parse(code).expect("a method")),
            saldo: saldo.map(Cents::new),
        }
    }

    fn judge(told: &Told, heard: &Heard) -> Judgement {
        ProofTable::Konnektor.judge(told, heard, TOTAL)
    }

    fn success() -> Heard {
        Heard {
            success: true,
            ..Heard::default()
        }
    }

    fn paid(cents: i64) -> Judgement {
        Judgement::Paid {
            amount: Cents::new(cents),
            method: Method::parse("PAYPAL").expect("a method"),
        }
    }

    #[test]
    fn inaktiv_with_method_and_no_saldo_left_is_paid_without_any_callback() {
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), Some(0)), &Heard::default()),
            paid(4150)
        );
        assert_eq!(
            judge(
                &told(Page::Inactive, Some("PAYPAL"), Some(-100)),
                &Heard::default()
            ),
            paid(4250)
        );
    }

    #[test]
    fn a_missing_or_lagging_saldo_needs_the_signed_word() {
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), None), &Heard::default()),
            Judgement::WithoutProof
        );
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), None), &success()),
            paid(4150)
        );
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), Some(4150)), &success()),
            paid(4150)
        );
    }

    #[test]
    fn once_the_saldo_has_agreed_it_alone_is_believed() {
        let heard = Heard {
            confirmed: true,
            ..success()
        };
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), Some(4150)), &heard),
            Judgement::WithoutProof
        );
    }

    #[test]
    fn a_part_payment_stays_a_part_even_under_a_success() {
        assert_eq!(
            judge(&told(Page::Inactive, Some("PAYPAL"), Some(50)), &success()),
            paid(4100)
        );
    }

    #[test]
    fn inaktiv_alone_is_no_payment_and_a_success_callback_without_method_is_none_either() {
        assert_eq!(
            judge(&told(Page::Inactive, None, Some(4150)), &Heard::default()),
            Judgement::WithoutProof
        );
        assert_eq!(
            judge(&told(Page::Inactive, None, Some(0)), &success()),
            Judgement::WithoutProof
        );
    }

    #[test]
    fn an_active_page_is_not_yet_even_under_a_success() {
        for page in [Page::Active, Page::Missing, Page::Other("?".into())] {
            assert_eq!(
                judge(&told(page, Some("PAYPAL"), Some(0)), &success()),
                Judgement::NotYet
            );
        }
    }

    #[test]
    fn a_signed_cancel_with_the_whole_saldo_open_is_the_end() {
        let heard = Heard {
            ended: Some(Word::Canceled),
            ..Heard::default()
        };
        assert_eq!(
            judge(&told(Page::Inactive, None, Some(4150)), &heard),
            Judgement::Over(Word::Canceled)
        );
        assert_eq!(
            judge(&told(Page::Inactive, None, None), &heard),
            Judgement::WithoutProof
        );
    }
}
