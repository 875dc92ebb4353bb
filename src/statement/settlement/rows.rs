//! Rows with their place in the file: a quoted cell may hold line breaks, so a row may be several lines.

use std::io::{BufRead, Read};

use super::{ReadError, whole};
use crate::domain::settlement::{Encoding, Mapping, Refusal};

/// A row that is longer is none: a quote was opened and never closed.
const LONGEST: u64 = 1024 * 1024;

/// A row as it is in the file.
pub(super) struct Row {
    /// Its first line, from 1.
    pub(super) line: u64,
    /// Without the line break at its end.
    pub(super) bytes: Vec<u8>,
}

pub(super) struct Rows<R> {
    input: R,
    line: u64,
    separator: u8,
    quote: Option<u8>,
    first: bool,
    encoding: Encoding,
}

/// Where in a cell a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Beginning,
    Plain,
    Quoted,
    /// After a quote inside quotes: it closes the cell, or another follows and it was a quote.
    Closing,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R, mapping: &Mapping) -> Result<Self, Refusal> {
        let separator = u8::try_from(mapping.separator)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| whole("the separator of the mapping is no ASCII character"))?;
        Ok(Self {
            input,
            line: 0,
            separator,
            quote: mapping.quote.bytes().next(),
            first: true,
            encoding: mapping.encoding,
        })
    }

    /// The next line by itself, whatever quotes are in it.
    pub(super) fn plain(&mut self) -> Result<Option<Row>, ReadError> {
        let mut bytes = Vec::new();
        let line = self.line + 1;
        if !self.more(&mut bytes, line)? {
            return Ok(None);
        }
        trim_end(&mut bytes);
        Ok(Some(Row { line, bytes }))
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>, ReadError> {
        let mut bytes = Vec::new();
        let line = self.line + 1;
        let mut within = Within::Beginning;
        let mut seen = 0;
        while self.more(&mut bytes, line)? {
            for (at, byte) in bytes.iter().enumerate().skip(seen) {
                let ends = bytes.get(at + 1).is_none_or(|next| *next == b'\n');
                if *byte == b'\r' && within != Within::Quoted && !ends {
                    return Err(alone(self.line).into());
                }
                within = self.step(within, *byte);
            }
            seen = bytes.len();
            if within != Within::Quoted {
                trim_end(&mut bytes);
                return Ok(Some(Row { line, bytes }));
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        Err(never_closed(line).into())
    }

    fn step(&self, within: Within, byte: u8) -> Within {
        let is_quote = self.quote == Some(byte);
        match within {
            Within::Beginning | Within::Closing if is_quote => Within::Quoted,
            Within::Quoted if is_quote => Within::Closing,
            Within::Quoted => Within::Quoted,
            _ if byte == self.separator => Within::Beginning,
            _ => Within::Plain,
        }
    }

    /// Reads one more line to the end of `bytes`; whether there was one.
    fn more(&mut self, bytes: &mut Vec<u8>, first_line: u64) -> Result<bool, ReadError> {
        let left = LONGEST + 1 - bytes.len() as u64;
        let read = self.input.by_ref().take(left).read_until(b'\n', bytes)?;
        if read == 0 {
            return Ok(false);
        }
        if bytes.len() as u64 > LONGEST {
            return Err(never_closed(first_line).into());
        }
        self.line += 1;
        if std::mem::take(&mut self.first) {
            if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                return Err(whole("the list is UTF-16; have it delivered as UTF-8 or Windows-1252").into());
            }
            // Programs that write Windows-1252 do not write the mark, so it always says UTF-8.
            if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
                if self.encoding != Encoding::Utf8 {
                    return Err(whole("the list begins as UTF-8; set encoding = \"utf-8\"").into());
                }
                bytes.drain(..3);
            }
        }
        Ok(true)
    }
}

fn never_closed(line: u64) -> Refusal {
    Refusal {
        line: Some(line),
        column: None,
        reason: "the row has no end within 1 MiB or before the end of the list: a quote opens and is never closed, or \
                 it is no text file"
            .to_owned(),
    }
}

fn alone(line: u64) -> Refusal {
    Refusal {
        line: Some(line),
        column: None,
        reason:
            "a carriage return without a line feed; have the list delivered with line ends of Windows or Unix"
                .to_owned(),
    }
}

fn trim_end(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
}
