//! With what a way is carried out, and its canonical text: the same for each step of one resolution.

use super::How;
use crate::domain::bookings::title;
use crate::domain::ids::AttemptId;
use crate::domain::money::Cents;
use crate::domain::payout_order::Way;
use crate::domain::told::Corrected;

/// The most parts of a deposit.
pub const MOST_PARTS: usize = 50;

/// What a way needs beside the exception; each takes its own, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Of an `aufteilung`: the parts.
    pub parts: Vec<Cents>,
    /// Of `anderweitig`: the number of the receipt.
    pub receipt: Option<String>,
    /// Of an `erstattung` or a `weiterleitung`: how it leaves; by the bank where none is said.
    pub way: Option<Way>,
    /// Of an `umbuchung`: from which title to which.
    pub titles: Option<Corrected>,
}

impl Terms {
    /// How money that is ordered to be paid out leaves.
    pub fn way(&self) -> Way {
        self.way.unwrap_or(Way::Bank)
    }

    /// The canonical text.
    ///
    /// # Errors
    /// Says what the way needs, or does not take.
    pub fn plan(&self, how: How, attempt: Option<AttemptId>, cents: Option<Cents>) -> Result<String, String> {
        self.fits(how, attempt, cents)?;
        let amount = cents.map(|cents| format!("{cents} ")).unwrap_or_default();
        Ok(match how {
            How::Assign => {
                let attempt = attempt.ok_or("say which attempt the money is of; `payment show` finds it")?;
                format!("{amount}attempt/{attempt}")
            }
            How::Divide => {
                if !(1..=MOST_PARTS).contains(&self.parts.len()) {
                    return Err(format!("say the parts, 1 to {MOST_PARTS} of them"));
                }
                if !self.parts.iter().all(|part| part.is_positive()) {
                    return Err("each part is more than nothing".to_owned());
                }
                let sum = self
                    .parts
                    .iter()
                    .try_fold(Cents::ZERO, |sum, part| sum.checked_add(*part));
                if sum.is_none() {
                    return Err("the parts are more than can be counted".to_owned());
                }
                let parts: Vec<String> = self.parts.iter().map(ToString::to_string).collect();
                parts.join(" + ")
            }
            How::Elsewhere => {
                let receipt = self.receipt.as_deref().unwrap_or_default();
                let letter = |c: char| c.is_ascii_alphanumeric() || "-./_".contains(c);
                if !(1..=40).contains(&receipt.len()) || !receipt.chars().all(letter) {
                    return Err(
                        "say the number of the receipt: 1 to 40 letters, digits and - . / _".to_owned(),
                    );
                }
                format!("receipt/{receipt}")
            }
            How::Refund | How::PassOn => format!("{amount}{}", self.way().as_str()),
            How::Correct => {
                let titles = self.titles.as_ref().ok_or("say from which title to which")?;
                for title in [&titles.from, &titles.to] {
                    let objekt = title.objektnummer.as_ref();
                    if title.haushaltsstelle.trim().is_empty()
                        || objekt.is_some_and(|objekt| objekt.trim().is_empty())
                    {
                        return Err(
                            "each title has a Haushaltsstelle, and an Objektnummer that is not empty or none"
                                .to_owned(),
                        );
                    }
                }
                // What was booked once stays correctable; what is booked from now on fits as a tenant's titles do.
                let to = &titles.to;
                if !fits_title(&to.haushaltsstelle) || !to.objektnummer.as_deref().is_none_or(fits_title) {
                    return Err(format!(
                        "Haushaltsstelle and Objektnummer have 1 to {LONGEST_TITLE} characters, on one line, without \
                         blanks around them"
                    ));
                }
                format!("{} an {}", title(&titles.from), title(&titles.to))
            }
            How::Accept | How::WriteOff | How::Leave => String::new(),
        })
    }

    fn fits(&self, how: How, attempt: Option<AttemptId>, cents: Option<Cents>) -> Result<(), String> {
        let takes = |is: bool, what: &str, given: bool| {
            if given && !is {
                return Err(format!("«{}» takes no {what}", how.as_str()));
            }
            Ok(())
        };
        let paid_out = matches!(how, How::Refund | How::PassOn);
        takes(how == How::Assign, "attempt", attempt.is_some())?;
        takes(paid_out || how == How::Assign, "amount", cents.is_some())?;
        takes(how == How::Divide, "parts", !self.parts.is_empty())?;
        takes(how == How::Elsewhere, "receipt", self.receipt.is_some())?;
        takes(paid_out, "way", self.way.is_some())?;
        takes(how == How::Correct, "titles", self.titles.is_some())?;
        if cents.is_some_and(|cents| !cents.is_positive()) {
            return Err("an amount of more than nothing is needed".to_owned());
        }
        Ok(())
    }
}

/// ePayBL's longest Haushaltsstelle and Objektnummer.
const LONGEST_TITLE: usize = 10;

fn fits_title(text: &str) -> bool {
    (1..=LONGEST_TITLE).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
