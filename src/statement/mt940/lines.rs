//! Bytes to lines of text: every line end that banks and transfer programs make, two encodings, bounded memory.

use std::io::{BufRead, ErrorKind};

/// What one line, and one entry with all of its lines, may hold. A field `:86:` has 390 characters by the book; banks
/// go over that, but not a hundred times.
pub(super) const LIMIT: usize = 64 * 1024;

/// A line without its end.
#[derive(Debug)]
pub(super) struct Line {
    /// Decoded, without control characters; blanks at its end may belong to a text.
    pub text: String,
    /// From 1.
    pub number: u64,
    /// Whether it was longer than [`LIMIT`] and cut.
    pub long: bool,
}

/// Reads lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    /// The last line ended with CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The last line ended with `@@`: a CR that follows belongs to it, too.
    after_at: bool,
    /// Whether `@@` ends lines in this file (S.W.I.F.T. exports of home banking); known from the first line on.
    at_signs: Option<bool>,
    /// What follows the line end was read already with it.
    carried: Option<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            after_cr: false,
            after_at: false,
            at_signs: None,
            carried: None,
        }
    }

    /// The next line, none at the end.
    ///
    /// # Errors
    /// What reading fails with.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Line>> {
        let mut bytes = Vec::from_iter(self.carried.take());
        let mut long = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                if self.at_signs != Some(false) && bytes.ends_with(b"@@") {
                    bytes.truncate(bytes.len() - 2);
                }
                let ends = bytes.is_empty() && !long;
                return Ok((!ends).then(|| self.line(bytes, long)));
            }
            let mut used = 0;
            let mut ended = false;
            for &byte in chunk {
                used += 1;
                let after_cr = std::mem::take(&mut self.after_cr);
                let after_at = std::mem::take(&mut self.after_at);
                match byte {
                    b'\n' if after_cr || after_at => {}
                    b'\r' if after_at => self.after_cr = true,
                    b'\n' | b'\r' => {
                        self.after_cr = byte == b'\r';
                        if self.at_signs != Some(false) && bytes.ends_with(b"@@") {
                            self.at_signs = Some(true);
                            bytes.truncate(bytes.len() - 2);
                        } else if !bytes.iter().all(u8::is_ascii_whitespace) {
                            self.at_signs = self.at_signs.or(Some(false));
                        }
                        ended = true;
                    }
                    b'@' if self.at_signs == Some(true) && bytes.last() == Some(&b'@') => {
                        bytes.pop();
                        self.after_at = true;
                        ended = true;
                    }
                    b':' if self.at_signs.is_none() && bytes.ends_with(b"@@") => {
                        self.at_signs = Some(true);
                        self.carried = Some(byte);
                        bytes.truncate(bytes.len() - 2);
                        ended = true;
                    }
                    _ if bytes.len() < LIMIT => bytes.push(byte),
                    _ => long = true,
                }
                if ended {
                    break;
                }
            }
            self.input.consume(used);
            if ended {
                return Ok(Some(self.line(bytes, long)));
            }
        }
    }

    fn line(&mut self, bytes: Vec<u8>, long: bool) -> Line {
        self.number += 1;
        let mut text = decode(bytes);
        if self.number == 1 {
            // The marks of UTF-8 and, read as Windows-1252, of UTF-16: without its zero bytes that is readable too.
            for mark in ["\u{feff}", "ÿþ", "þÿ"] {
                if text.starts_with(mark) {
                    text.drain(..mark.len());
                }
            }
        }
        // U+0000 is refused by the store, and the others (SOH, ETX around a transmission) mean nothing here.
        text.retain(|character| character == '\t' || !character.is_ascii_control());
        Line {
            text,
            number: self.number,
            long,
        }
    }
}

/// UTF-8 where it is, otherwise Windows-1252, which holds all of ISO 8859-1 that is printed. The German variant of
/// ASCII (DIN 66003) cannot be told from plain text with brackets and stays as it is.
fn decode(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(error.as_bytes());
        text.into_owned()
    })
}
