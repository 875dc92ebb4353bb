//! Lines of statements as matching sees them: who, when, how much, and every text in which a reference may stand.
//!
//! A month has a million of them, so their texts share one buffer instead of owning a `String` each.

use jiff::civil::Date;
use serde::Serialize;

use super::InputError;
use crate::domain::money::Cents;
use crate::domain::statement::{Detail, Entry, Status};

/// A statement detail: one payment on an account. Ids are the caller's; those of one day are in the order in which the
/// statement tells them, because of two payments that could be the same the first one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LineId(pub u64);

/// Where in a line a text stands. Of equally good references the first field wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The reference from end to end (`EndToEndId`, `EREF`).
    EndToEnd,
    /// A structured reference (`Strd/CdtrRefInf/Ref`).
    Structured,
    /// Any other reference of the payment or of the entry.
    Reference,
    /// A line of the purpose, as the bank cut it. Lines that follow each other may have been cut inside a number.
    Purpose,
    /// The bank's own words.
    Text,
}

impl Field {
    /// Its name in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndToEnd => "end_to_end",
            Self::Structured => "structured",
            Self::Reference => "reference",
            Self::Purpose => "purpose",
            Self::Text => "text",
        }
    }

    /// The control character that opens a piece of this field in the shared buffer.
    const fn mark(self) -> char {
        match self {
            Self::EndToEnd => '\u{1}',
            Self::Structured => '\u{2}',
            Self::Reference => '\u{3}',
            Self::Purpose => '\u{4}',
            Self::Text => '\u{5}',
        }
    }

    const fn of_mark(mark: char) -> Option<Self> {
        match mark {
            '\u{1}' => Some(Self::EndToEnd),
            '\u{2}' => Some(Self::Structured),
            '\u{3}' => Some(Self::Reference),
            '\u{4}' => Some(Self::Purpose),
            '\u{5}' => Some(Self::Text),
            _ => None,
        }
    }
}

/// What a line says of being a return.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReturnFacts {
    /// ISO reason (`MS03`), where it is told.
    pub code: Option<String>,
    /// The amount of the payment that came back (`InstdAmt`, `OAMT`), a magnitude.
    pub original: Option<Cents>,
    /// The sum of the fees that the line tells (`Chrgs`, `CHGS`), a magnitude.
    pub charges: Option<Cents>,
}

/// A line as it is handed in.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Its id.
    pub id: LineId,
    /// The account, by the caller's number of it.
    pub account: u32,
    /// The day of booking.
    pub day: Date,
    /// In is positive, out is negative.
    pub cents: Cents,
    /// Every text in which a reference may stand; the lines of the purpose in their order.
    pub texts: Vec<(Field, &'a str)>,
    /// Present where the line is a return or reverses an earlier one.
    pub returned: Option<ReturnFacts>,
}

impl<'a> Line<'a> {
    /// From what a reader tells of an entry and one of its details; none where the entry is not booked or not in euro, or
    /// the detail has no amount. Where it stands `alone` in its entry, what is told of the entry is told of it; a batched
    /// line's texts are not its parts'.
    pub fn of(
        id: LineId,
        (account, day): (u32, Date),
        entry: &'a Entry,
        detail: &'a Detail,
        alone: bool,
    ) -> Option<Self> {
        if entry.status != Status::Booked || entry.currency != "EUR" {
            return None;
        }
        let cents = detail.direction.signed(detail.cents?);
        let references = &detail.references;
        let mut texts: Vec<(Field, &'a str)> = Vec::new();
        texts.extend(
            references
                .end_to_end
                .iter()
                .map(|text| (Field::EndToEnd, text.as_str())),
        );
        texts.extend(
            detail
                .structured
                .iter()
                .map(|text| (Field::Structured, text.as_str())),
        );
        let others = [&references.transaction, &references.instruction, &references.bank];
        let others = others
            .into_iter()
            .flatten()
            .chain(references.other.iter().map(|(_, text)| text));
        texts.extend(others.map(|text| (Field::Reference, text.as_str())));
        if alone {
            let batch = entry.batch.as_ref();
            let file = batch.and_then(|batch| batch.payment_information_id.as_ref());
            let message = batch.and_then(|batch| batch.message_id.as_ref());
            let entries = [
                entry.reference.as_ref(),
                entry.bank_reference.as_ref(),
                file,
                message,
            ];
            texts.extend(
                entries
                    .into_iter()
                    .flatten()
                    .map(|text| (Field::Reference, text.as_str())),
            );
        }
        texts.extend(detail.purpose.iter().map(|text| (Field::Purpose, text.as_str())));
        if alone && !entry.text.is_empty() {
            texts.push((Field::Text, &entry.text));
        }
        let returned = (detail.returned.is_some() || entry.reversal).then(|| ReturnFacts {
            code: detail.returned.as_ref().and_then(|told| told.code.clone()),
            original: detail.original,
            charges: sum(&detail.charges),
        });
        Some(Self {
            id,
            account,
            day,
            cents,
            texts,
            returned,
        })
    }
}

/// None where nothing is told, and where a sum is beyond all bounds: such fees explain nothing.
fn sum(charges: &[Cents]) -> Option<Cents> {
    let (first, rest) = charges.split_first()?;
    rest.iter().try_fold(*first, |sum, cents| sum.checked_add(*cents))
}

/// All lines of a run.
#[derive(Debug, Default)]
pub struct Lines {
    rows: Vec<Row>,
    text: String,
    returns: Vec<ReturnFacts>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: LineId,
    cents: Cents,
    day: Date,
    account: u32,
    from: u32,
    to: u32,
    /// One more than its place among the returns; 0 where it is none.
    returned: u32,
}

/// A line as the rules read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub id: LineId,
    pub cents: Cents,
    pub day: Date,
    pub account: u32,
    pub returned: Option<&'a ReturnFacts>,
    text: &'a str,
}

impl Lines {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds one; in which order they are added does not matter.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when all texts together exceed 4 GiB.
    pub fn push(&mut self, line: &Line<'_>) -> Result<(), InputError> {
        let from = offset(self.text.len())?;
        for (field, text) in &line.texts {
            self.text.push(field.mark());
            self.text
                .extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        let to = offset(self.text.len())?;
        let returned = match &line.returned {
            None => 0,
            Some(facts) => {
                self.returns.push(facts.clone());
                offset(self.returns.len())?
            }
        };
        self.rows.push(Row {
            id: line.id,
            cents: line.cents,
            day: line.day,
            account: line.account,
            from,
            to,
            returned,
        });
        Ok(())
    }

    /// The order in which they are judged: by day; on a day what pays before what is returned; then by id.
    ///
    /// # Errors
    /// [`InputError::LineTwice`] names an id that two of them have.
    pub(super) fn order(&self) -> Result<Vec<u32>, InputError> {
        if let Some(LineId(id)) = twice(self.rows.iter().map(|row| row.id)) {
            return Err(InputError::LineTwice(id));
        }
        let mut order: Vec<u32> = (0..offset(self.rows.len())?).collect();
        order.sort_unstable_by_key(|at| {
            let row = &self.rows[*at as usize];
            (row.day, row.returned > 0, row.id)
        });
        Ok(order)
    }

    /// A line by its id.
    pub(super) fn find(&self, id: LineId) -> Option<Seen<'_>> {
        let at = self.rows.iter().position(|row| row.id == id)?;
        Some(self.seen(u32::try_from(at).ok()?))
    }

    pub(super) fn seen(&self, at: u32) -> Seen<'_> {
        let row = &self.rows[at as usize];
        Seen {
            id: row.id,
            cents: row.cents,
            day: row.day,
            account: row.account,
            returned: (row.returned > 0).then(|| &self.returns[row.returned as usize - 1]),
            text: &self.text[row.from as usize..row.to as usize],
        }
    }
}

impl<'a> Seen<'a> {
    /// Its texts, each with its field.
    pub fn pieces(&self) -> impl Iterator<Item = (Field, &'a str)> + use<'a> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let mut chars = rest.chars();
            let field = Field::of_mark(chars.next()?)?;
            let body = chars.as_str();
            let end = body.find(|c| Field::of_mark(c).is_some()).unwrap_or(body.len());
            let (piece, after) = body.split_at(end);
            rest = after;
            Some((field, piece))
        })
    }
}

/// The smallest that is there twice.
pub(super) fn twice<T: Ord + Copy>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// An offset that fits, or the word that there is too much.
pub(super) fn offset(at: usize) -> Result<u32, InputError> {
    u32::try_from(at).map_err(|_| InputError::TooMuch)
}
