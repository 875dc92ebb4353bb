//! What a closing is told of a record: the record itself, and what the store knows beside it. To add a fact: a variant of
//! [`Fact`], and its arm in `totals`.

use jiff::civil::Date;

use super::account::AccountName;
use crate::domain::booking::{BookingKind, Line, Side};
use crate::domain::ids::{AuthorityId, ExceptionId, Kassenzeichen, Method, PostenId};
use crate::domain::money::Cents;
use crate::domain::record::Body;

/// What a record means to a closing. Records that mean nothing to it (callbacks, configuration) are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Money was booked.
    Booked(Booked),
    /// A difference was found.
    Opened(Difference),
    /// A difference was resolved.
    Resolved(ExceptionId),
    /// A resolution was taken back: the difference is open again, since the day on which it was found.
    Reopened(Difference, Date),
}

/// What the store knows beside a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// The authority of its case.
    pub authority: Option<AuthorityId>,
    /// The payment method of its attempt.
    pub method: Option<Method>,
    /// The Kassenzeichen of its attempt.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// Of a Storno: the kind of what it reverses.
    pub reversed: Option<BookingKind>,
    /// Of a resolution that is taken back: the difference, and the day on which it was found.
    pub reopened: Option<(Difference, Date)>,
}

impl Fact {
    /// What a record of the log means to a closing; none where it means nothing.
    pub fn of(body: &Body, beside: Beside) -> Option<Self> {
        match body {
            Body::Booking(booking) => Some(Self::Booked(Booked {
                kind: beside.reversed.unwrap_or(booking.kind),
                authority: beside.authority,
                method: beside.method,
                kassenzeichen: beside.kassenzeichen,
                lines: booking.lines.iter().map(Entry::from).collect(),
            })),
            Body::Exception(opened) => Some(Self::Opened(Difference {
                id: opened.id,
                code: opened.code.as_str().to_owned(),
                text: opened.code.german().to_owned(),
                kassenzeichen: beside.kassenzeichen,
                cents: opened.cents,
            })),
            Body::Callback(_)
            | Body::Configuration(_)
            | Body::Statement(_)
            | Body::Match(_)
            | Body::List(_)
            | Body::ClosingCut(_)
            | Body::ClosingFiled(_)
            | Body::ClosingSigned(_)
            | Body::PostingFile(_)
            | Body::PostingWithdrawn(_) => None,
            Body::Resolution(resolved) => match resolved.state.as_str() {
                "done" => Some(Self::Resolved(resolved.exception)),
                "undone" => beside
                    .reopened
                    .map(|(difference, found)| Self::Reopened(difference, found)),
                _ => None,
            },
        }
    }
}

/// A booking, with what stands beside it in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// What it is; of a Storno the kind of what it reverses, because that decides whether Soll or Ist goes back.
    pub kind: BookingKind,
    /// The authority of its case; none where it has no case.
    pub authority: Option<AuthorityId>,
    /// The payment method of its attempt.
    pub method: Option<Method>,
    /// The Kassenzeichen of its attempt.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// Its lines.
    pub lines: Vec<Entry>,
}

/// A line of a booking: debit an credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Soll.
    pub debit: Leg,
    /// Haben.
    pub credit: Leg,
    /// More than nothing.
    pub cents: Cents,
    /// The Haushaltsjahr.
    pub haushaltsjahr: i16,
    /// The title concerned, where there is one.
    pub haushaltsstelle: Option<String>,
}

/// A side of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The account.
    pub account: AccountName,
    /// The open item within it.
    pub posten: PostenId,
}

impl From<&Side> for Leg {
    fn from(side: &Side) -> Self {
        Self {
            account: AccountName::from(&side.account),
            posten: side.posten,
        }
    }
}

impl From<&Line> for Entry {
    fn from(line: &Line) -> Self {
        Self {
            debit: Leg::from(&line.debit),
            credit: Leg::from(&line.credit),
            cents: line.cents,
            haushaltsjahr: line.haushaltsjahr,
            haushaltsstelle: line.haushaltsstelle.clone(),
        }
    }
}

/// A difference when it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its id.
    pub id: ExceptionId,
    /// Its stable code.
    pub code: String,
    /// What happened and what can be done, in German.
    pub text: String,
    /// The Kassenzeichen concerned, where there is one.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The amount concerned, where there is one.
    pub cents: Option<Cents>,
}
