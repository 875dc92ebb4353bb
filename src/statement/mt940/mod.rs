//! MT940, the statement of a day, and MT942, the interim report, as banks write them.
//!
//! `lines` makes lines of bytes, `fields` makes fields of lines, `head` reads what stands above the entries,
//! `entry_line` the field `:61:`, `info` the field `:86:` with its three ways to structure it (`structured` with
//! `keywords`, `slashes`, or plain words), `returns` why a payment came back, `entry` puts an entry together, and
//! `assemble` tells it all in order. One more way to structure `:86:`: write it beside `slashes` and let `info` try it.
//!
//! Where a bank leaves the book (DFÜ-Abkommen, Anlage 3, chapter 8), the reader goes with it as long as the meaning is
//! certain: amounts, directions, days, accounts and currencies are never guessed. A statement that fails is refused and
//! the next of the file is read.

mod assemble;
mod entry;
mod entry_line;
mod fields;
mod head;
mod info;
mod keywords;
mod lines;
mod returns;
mod slashes;
mod structured;
mod values;

#[cfg(test)]
mod tests;

use std::io::BufRead;

use crate::domain::statement::Piece;

use assemble::Assembly;
use fields::Fields;

/// Reads statements out of a file of any size: memory holds one entry, and the first mebibyte of a statement until its
/// closing balance says what the head is to tell of it (the period, and whether the page is the last). A longer
/// statement has neither in its head.
///
/// It cannot fail: what is wrong is told as [`Piece::Refused`]. A file without any field ends with one refusal.
#[derive(Debug)]
pub struct Reader<R> {
    fields: Fields<R>,
    assembly: Assembly,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// A reader of a file's bytes.
    pub fn new(input: R) -> Self {
        Self {
            fields: Fields::new(input),
            assembly: Assembly::default(),
            ended: false,
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.assembly.pop() {
                return Some(piece);
            }
            if self.ended {
                return None;
            }
            self.ended = self.assembly.take(self.fields.next());
        }
    }
}
