//! What a booking, an open item or an exception is about: an attempt of a case, or what a bank or a
//! payment provider told.

use std::fmt;
use std::str::FromStr;

use super::ids::{AttemptId, CaseId, ListId, PayoutId, PostenId, StatementId};

/// What something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An attempt of a case.
    Attempt {
        /// The case.
        case: CaseId,
        /// The attempt.
        attempt: AttemptId,
    },
    /// A payment on a statement.
    Detail(DetailId),
    /// A statement as a whole.
    Statement(StatementId),
    /// A payout of a payment provider.
    Payout(PayoutId),
    /// A line of a list of a payout.
    ListLine(ListLineId),
    /// An open item by itself: a part of a deposit that was divided.
    Posten(PostenId),
}

/// A line of a list of a payout: which list, which line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListLineId {
    /// The list.
    pub list: ListId,
    /// The line, from 1.
    pub line: u32,
}

/// A payment on a statement: which statement, which entry, which detail of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DetailId {
    /// The statement.
    pub statement: StatementId,
    /// The entry, from 1.
    pub entry: u32,
    /// The detail of the entry, from 1; 0 stands for all of them together.
    pub detail: u32,
}

/// A text that names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» names neither a statement, a payment on one, a payout, a line of its list, nor an open item")]
pub struct SubjectError(pub String);

impl Subject {
    /// The case, where it is about one.
    pub const fn case(&self) -> Option<CaseId> {
        match self {
            Self::Attempt { case, .. } => Some(*case),
            _ => None,
        }
    }

    /// The attempt, where it is about one.
    pub const fn attempt(&self) -> Option<AttemptId> {
        match self {
            Self::Attempt { attempt, .. } => Some(*attempt),
            _ => None,
        }
    }

    /// Its name where it is about no attempt: `detail/<statement>/<entry>/<detail>`,
    /// `statement/<statement>`, `payout/<payout>`, `list/<list>/<line>` or `posten/<posten>`.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Attempt { .. } => None,
            Self::Detail(detail) => Some(format!("detail/{detail}")),
            Self::Statement(statement) => Some(format!("statement/{statement}")),
            Self::Payout(payout) => Some(format!("payout/{payout}")),
            Self::ListLine(line) => Some(format!("list/{line}")),
            Self::Posten(posten) => Some(format!("posten/{posten}")),
        }
    }

    /// Reads a name back.
    ///
    /// # Errors
    /// Where it is no name that [`Subject::name`] writes.
    pub fn named(text: &str) -> Result<Self, SubjectError> {
        let subject = match text.split_once('/') {
            Some(("detail", rest)) => rest.parse().ok().map(Self::Detail),
            Some(("statement", rest)) => rest.parse().ok().map(Self::Statement),
            Some(("payout", rest)) => rest.parse().ok().map(Self::Payout),
            Some(("list", rest)) => rest.parse().ok().map(Self::ListLine),
            Some(("posten", rest)) => rest.parse().ok().map(Self::Posten),
            _ => None,
        };
        subject
            .filter(|subject| subject.name().as_deref() == Some(text))
            .ok_or_else(|| SubjectError(text.to_owned()))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempt { attempt, .. } => write!(f, "attempt {attempt}"),
            Self::Detail(detail) => write!(f, "payment {detail}"),
            Self::Statement(statement) => write!(f, "statement {statement}"),
            Self::Payout(payout) => write!(f, "payout {payout}"),
            Self::ListLine(line) => write!(f, "line {line} of a list"),
            Self::Posten(posten) => write!(f, "part {posten}"),
        }
    }
}

impl fmt::Display for ListLineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.list, self.line)
    }
}

impl FromStr for ListLineId {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let wrong = || SubjectError(text.to_owned());
        let (list, line) = text.split_once('/').ok_or_else(wrong)?;
        Ok(Self {
            list: list.parse().map_err(|_| wrong())?,
            line: line.parse().map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for DetailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.statement, self.entry, self.detail)
    }
}

impl FromStr for DetailId {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let wrong = || SubjectError(text.to_owned());
        let mut parts = text.split('/');
        let mut part = || parts.next().ok_or_else(wrong);
        let detail = Self {
            statement: part()?.parse().map_err(|_| wrong())?,
            entry: part()?.parse().map_err(|_| wrong())?,
            detail: part()?.parse().map_err(|_| wrong())?,
        };
        match parts.next() {
            None => Ok(detail),
            Some(_) => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_nothing_else_is_one() {
        let statement = StatementId(uuid::Uuid::from_u128(7));
        let detail = DetailId {
            statement,
            entry: 3,
            detail: 12,
        };
        let line = ListLineId {
            list: ListId(uuid::Uuid::from_u128(9)),
            line: 4,
        };
        for subject in [
            Subject::Detail(detail),
            Subject::Statement(statement),
            Subject::Payout(PayoutId(uuid::Uuid::from_u128(8))),
            Subject::ListLine(line),
            Subject::Posten(PostenId(uuid::Uuid::from_u128(8))),
        ] {
            let name = subject.name().expect("it has a name");
            assert_eq!(Subject::named(&name), Ok(subject));
        }
        let id = statement.to_string();
        for wrong in [
            String::new(),
            id.clone(),
            format!("detail/{id}/1"),
            format!("detail/{id}/1/2/3"),
            format!("detail/{id}/01/2"),
            format!("statement/{id}/1"),
            format!("list/{id}"),
            format!("list/{id}/01"),
            format!("payout/{id}/1"),
            "attempt/1".to_owned(),
        ] {
            assert!(Subject::named(&wrong).is_err(), "{wrong}");
        }
    }
}
