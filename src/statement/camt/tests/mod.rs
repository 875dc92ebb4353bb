//! Stories of statements, told in XML that was written for them.

use std::io::{self, BufRead, Read};

use super::Reader;
use crate::domain::statement::{Detail, Entry, Head, Piece, Refusal, Tail};

mod amounts;
mod bytes;
mod details;
mod fees;
mod heads;
mod hostile;
mod round;

/// A German camt.053.001.02 of one day.
const V02: &str = include_str!("../../../../fixtures/statements/camt/053-02-kasse.xml");
/// A camt.053.001.08 with a prefix, an opened batch and shapes that came after version 02.
const V08: &str = include_str!("../../../../fixtures/statements/camt/053-08-kasse.xml");

/// Everything that is told of the input.
fn tell(input: impl AsRef<[u8]>) -> Vec<Piece> {
    Reader::new(input.as_ref()).collect()
}

/// A message with this inside its only statement, after an account.
fn statement(inside: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>S</Id>\
         <Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>{inside}</Stmt></BkToCstmrStmt></Document>"
    )
}

/// An entry of 10.00 EUR to our credit with this inside it.
fn entry(inside: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\
         <BookgDt><Dt>2026-03-02</Dt></BookgDt>{inside}</Ntry>"
    )
}

/// What is told of a message with one entry that has this inside it.
fn tell_entry(inside: &str) -> (Entry, Vec<Detail>) {
    let pieces = tell(statement(&entry(inside)));
    assert_eq!(refusals(&pieces), [], "read without a refusal");
    let mut entries = entries(&pieces);
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

fn refusals(pieces: &[Piece]) -> Vec<Refusal> {
    let refused = |piece: &Piece| match piece {
        Piece::Refused(refusal) => Some(refusal.clone()),
        _ => None,
    };
    pieces.iter().filter_map(refused).collect()
}

/// The only refusal of what was told, as it is put.
fn refusal(pieces: &[Piece]) -> String {
    let mut refusals = refusals(pieces);
    assert_eq!(refusals.len(), 1, "{pieces:?}");
    refusals.remove(0).reason
}

fn entries(pieces: &[Piece]) -> Vec<(Entry, Vec<Detail>)> {
    let mut entries: Vec<(Entry, Vec<Detail>)> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Entry(entry) => entries.push((*entry.clone(), Vec::new())),
            Piece::Detail(detail) => entries
                .last_mut()
                .expect("a detail follows its entry")
                .1
                .push(*detail.clone()),
            _ => {}
        }
    }
    entries
}

fn head(pieces: &[Piece]) -> Head {
    let head = pieces.iter().find_map(|piece| match piece {
        Piece::Head(head) => Some(*head.clone()),
        _ => None,
    });
    head.expect("a head is told")
}

fn tail(pieces: &[Piece]) -> Tail {
    let tail = pieces.iter().find_map(|piece| match piece {
        Piece::Tail(tail) => Some(*tail.clone()),
        _ => None,
    });
    tail.expect("a tail is told")
}

/// An input that hands out this many bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Drops<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(&self.0[..self.0.len().min(self.1)])
    }

    fn consume(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }
}
