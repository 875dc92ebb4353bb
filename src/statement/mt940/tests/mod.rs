//! Stories of statements. The files under `fixtures/statements/mt940` are written here, one for each way of writing.

mod dialects;
mod entries;
mod envelopes;
mod random;
mod refusals;
mod texts;

use super::Reader;
use crate::domain::money::Cents;
use crate::domain::statement::{Detail, Entry, Head, Piece, Refusal, Tail};

/// What was read of one statement.
#[derive(Debug, Default)]
struct Read {
    head: Option<Head>,
    entries: Vec<(Entry, Detail)>,
    tail: Option<Tail>,
    refused: Option<Refusal>,
}

impl Read {
    fn head(&self) -> &Head {
        self.head.as_ref().expect("the statement has a head")
    }

    fn entry(&self, number: usize) -> &Entry {
        &self.entries[number - 1].0
    }

    fn detail(&self, number: usize) -> &Detail {
        &self.entries[number - 1].1
    }

    fn closing(&self) -> Cents {
        let tail = self.tail.as_ref().expect("the statement has a tail");
        tail.closing.as_ref().expect("the statement is closed").cents
    }

    fn refusal(&self) -> &str {
        &self.refused.as_ref().expect("the statement is refused").reason
    }

    /// Opening balance and entries make the closing balance.
    fn adds_up(&self) -> bool {
        let opening = self.head().opening.as_ref().expect("the statement is opened");
        let moved: Cents = self
            .entries
            .iter()
            .map(|(entry, _)| entry.direction.signed(entry.cents))
            .sum();
        opening.cents + moved == self.closing()
    }
}

fn pieces(bytes: &[u8]) -> Vec<Piece> {
    Reader::new(bytes).collect()
}

/// Reads a file; panics where the pieces are not in order.
fn read(bytes: &[u8]) -> Vec<Read> {
    in_order(pieces(bytes))
}

fn in_order(pieces: Vec<Piece>) -> Vec<Read> {
    let mut done = Vec::new();
    let mut open: Option<Read> = None;
    let mut entry: Option<Entry> = None;
    for piece in pieces {
        match piece {
            Piece::Head(head) => {
                assert!(open.is_none(), "a head comes only between statements");
                open = Some(Read {
                    head: Some(*head),
                    ..Read::default()
                });
            }
            Piece::Entry(told) => {
                assert!(entry.is_none(), "each entry has its detail");
                let open = open.as_ref().expect("an entry comes after a head");
                assert_eq!(told.ordinal as usize, open.entries.len() + 1);
                entry = Some(*told);
            }
            Piece::Detail(detail) => {
                let entry = entry.take().expect("a detail comes after its entry");
                let open = open.as_mut().expect("a detail comes after a head");
                open.entries.push((entry, *detail));
            }
            Piece::Tail(tail) => {
                assert!(entry.is_none(), "each entry has its detail");
                let mut read = open.take().expect("a tail comes after a head");
                read.tail = Some(*tail);
                done.push(read);
            }
            Piece::Refused(refusal) => {
                assert!(entry.is_none(), "each entry has its detail");
                let mut read = open.take().unwrap_or_default();
                read.refused = Some(refusal);
                done.push(read);
            }
        }
    }
    assert!(open.is_none(), "the last statement ends with a tail or a refusal");
    done
}

/// The only statement of a file, which is read to its end.
fn only(bytes: &[u8]) -> Read {
    let mut statements = read(bytes);
    assert_eq!(statements.len(), 1, "{statements:#?}");
    let statement = statements.remove(0);
    assert_eq!(statement.refused, None);
    statement
}

/// A statement around entries, which need not add up.
fn around(entries: &str) -> Vec<u8> {
    format!(":20:T\n:25:82051000/123\n:28C:7/1\n:60F:C260309EUR100,00\n{entries}\n:62F:C260310EUR100,00\n-\n")
        .into_bytes()
}

/// An entry with this `:86:`.
fn with_info(info: &str) -> (Entry, Detail) {
    let entry = format!(":61:2603100310C41,50NTRFNONREF\n:86:{info}");
    only(&around(&entry)).entries.remove(0)
}

/// An entry with this `:61:`.
fn with_line(line: &str) -> Entry {
    only(&around(&format!(":61:{line}"))).entries.remove(0).0
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a day")
}
