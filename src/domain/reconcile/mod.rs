//! Matching: which line of a statement is which item of the books. A pure function: the same input gives the same
//! outcome to the byte, whatever the order in which it is handed in.
//!
//! Each line gets one verdict. What is certain is told by references; amounts alone only suggest:
//!
//! | code | a line is paired when |
//! |---|---|
//! | `referenz_genau` | a reference fills one of its fields and the amount is exact |
//! | `referenz_im_text` | a reference stands in a text (cut by lines, with blanks, leading zeros, as RF), the amount is exact, and nothing else could be meant |
//! | `referenz_summe` | a reference as above, and the lines with other amounts under it, by their days, add up to the amount |
//! | `auszahlung_brutto` | it bears a payout's reference and is its whole sum |
//! | `auszahlung_liste`, `auszahlung_vertrag` | the same, less exactly the fee of the list; or, where the list has none, the contract's, ± 1 cent per payment |
//!
//! A right reference with another amount, a shortage that is no fee, the same money twice, a return that does not fit:
//! an [`Exception`]. Several items that could be meant: [`Verdict::Ambiguous`], and it stays so. No reference:
//! [`Verdict::Unmatched`], with suggestions that claim nothing. Of two equal payments of one item the first counts, by
//! day and then by [`LineId`]; the other is a Doppelzahlung. On one day returns are judged after payments.
//!
//! [`lines`] and [`book`] hold what is handed in, `text`, `index` and `find` look for references, `decide` judges,
//! `suggest` helps, [`terms`] weighs fees, [`names`] says what to ask the store for where only one line is judged. To add a rule: a code in [`outcome`], its condition in `decide`, a row above,
//! a story in `tests`. Time and memory grow with lines and items; `benches/matching.rs` measures them.

pub mod book;
mod decide;
mod find;
mod index;
pub mod lines;
pub mod names;
pub mod outcome;
mod rf;
mod suggest;
pub mod terms;
#[cfg(test)]
mod tests;
mod text;

pub use book::{Book, Kind, Name, Open, Settled, Target};
pub use lines::{Field, Line, LineId, Lines, ReturnFacts};
pub use outcome::{
    Candidate, Difference, Evidence, Exception, Hint, Judged, Outcome, Pairing, Returned, Rule, Spelling,
    Suggestion, Verdict,
};
pub use terms::{Contract, Payout};

/// How far a line's day may be from an item's for the amount to suggest it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Days before the item was opened.
    pub days_before: u16,
    /// Days after the item was due.
    pub days_after: u16,
}

impl Default for Settings {
    /// Two weeks before, because the books hear late of some; two months after, because reminders take that long.
    fn default() -> Self {
        Self {
            days_before: 14,
            days_after: 60,
        }
    }
}

/// Why there is nothing to match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Two lines with one id.
    #[error("two lines have the id {0}; each line is handed in once")]
    LineTwice(u64),
    /// Two open items with one id.
    #[error("two open items have the id {0}; each item is handed in once")]
    OpenTwice(u64),
    /// Two settled items with one id.
    #[error("two settled items have the id {0}; each item is handed in once")]
    SettledTwice(u64),
    /// More than offsets can count.
    #[error(
        "there are more than 4 GiB of texts, or more than 4 294 967 295 lines or items; match a shorter time"
    )]
    TooMuch,
}

/// Judges every line against the books.
///
/// # Errors
/// [`InputError`] names an id that was handed in twice, or says that there is too much.
pub fn reconcile(lines: &Lines, book: &Book, settings: Settings) -> Result<Outcome, InputError> {
    decide::decide(lines, book, settings)
}
