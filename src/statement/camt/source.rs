//! From bytes to characters: finds the encoding, decodes piece by piece, counts lines and keeps the token under way.
//!
//! Banks declare one encoding and write another. What is declared UTF-8, or declares nothing, is read as UTF-8; a byte
//! that is none is read as Windows-1252, which holds ISO 8859-1, so that `Müller` stays `Müller` and nothing is lost.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The longest single token: a tag, a text, a comment. Longer ones end the file.
pub const TOKEN: usize = 1 << 20;
/// How many bytes are decoded at a time.
const CHUNK: usize = 16 << 10;
/// How many bytes are looked at to find the encoding: an XML declaration is far shorter.
const DECLARATION: usize = 512;

/// Decoded text of an input, as UTF-8 bytes.
pub struct Source<R> {
    input: R,
    coding: Coding,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    line: u64,
    after_return: bool,
    token: Vec<u8>,
}

enum Coding {
    /// Not known yet; what was read so far.
    Unknown(Vec<u8>),
    /// UTF-8, with the bytes of a character that is not complete yet.
    Utf8(Vec<u8>),
    /// Another one.
    Other(Box<Decoder>),
}

impl<R: BufRead> Source<R> {
    /// Begins at line 1.
    pub fn new(input: R) -> Self {
        Self {
            input,
            coding: Coding::Unknown(Vec::new()),
            ready: Vec::new(),
            at: 0,
            ended: false,
            line: 1,
            after_return: false,
            token: Vec::new(),
        }
    }

    /// The line of what is read next, from 1. A line ends with CR LF, LF or CR.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Forgets the token before.
    pub fn begin_token(&mut self) {
        self.token.clear();
    }

    /// The token under way, exactly as it stands in the decoded text.
    pub fn token(&self) -> &[u8] {
        &self.token
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() && !self.ended {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let taken = chunk.len().min(CHUNK);
            self.ended = taken == 0;
            if let Coding::Unknown(begin) = &mut self.coding {
                begin.extend_from_slice(&chunk[..taken]);
                if self.ended || begin.len() >= DECLARATION {
                    let begin = std::mem::take(begin);
                    let (mut coding, mark) = recognise(&begin).map_err(io::Error::other)?;
                    coding.decode(&begin[mark..], self.ended, &mut self.ready);
                    self.coding = coding;
                }
            } else {
                self.coding.decode(&chunk[..taken], self.ended, &mut self.ready);
            }
            self.input.consume(taken);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.ready.len() {
            self.refill()?;
        }
        let ready = &self.ready[self.at..];
        let room = TOKEN.saturating_sub(self.token.len());
        if room == 0 && !ready.is_empty() {
            return Err(io::Error::other(
                "a single text, tag or comment is longer than 1 MiB",
            ));
        }
        Ok(&ready[..ready.len().min(room)])
    }

    fn consume(&mut self, count: usize) {
        let used = &self.ready[self.at..self.at + count];
        for byte in used {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.line += 1,
                _ => {}
            }
            self.after_return = *byte == b'\r';
        }
        self.token.extend_from_slice(used);
        self.at += count;
    }
}

impl Coding {
    fn decode(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) {
        match self {
            Self::Unknown(_) => {}
            Self::Utf8(begun) if begun.is_empty() => *begun = utf8_or_1252(bytes, last, out),
            Self::Utf8(begun) => {
                begun.extend_from_slice(bytes);
                let whole = std::mem::take(begun);
                *begun = utf8_or_1252(&whole, last, out);
            }
            Self::Other(decoder) => {
                let room = decoder
                    .max_utf8_buffer_length(bytes.len())
                    .expect("three times a chunk fits the machine");
                let before = out.len();
                out.resize(before + room, 0);
                let (_, _, written, _) = decoder.decode_to_utf8(bytes, &mut out[before..], last);
                out.truncate(before + written);
            }
        }
    }
}

/// Appends what is UTF-8 as it is and every other byte as Windows-1252; gives back the bytes of a character that may
/// still be completed.
fn utf8_or_1252(bytes: &[u8], last: bool, out: &mut Vec<u8>) -> Vec<u8> {
    let mut rest = bytes;
    loop {
        let Err(error) = std::str::from_utf8(rest) else {
            out.extend_from_slice(rest);
            return Vec::new();
        };
        let (good, from) = rest.split_at(error.valid_up_to());
        out.extend_from_slice(good);
        let bad = match error.error_len() {
            Some(length) => length,
            None if last => from.len(),
            None => return from.to_vec(),
        };
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(&from[..bad]);
        out.extend_from_slice(text.as_bytes());
        rest = &from[bad..];
    }
}

/// The encoding, and how many bytes of a byte order mark to leave out. The mark is believed first, then what the bytes
/// look like, then what the XML declaration says.
fn recognise(begin: &[u8]) -> Result<(Coding, usize), String> {
    let utf8 = || Coding::Utf8(Vec::new());
    let other =
        |encoding: &'static Encoding| Coding::Other(Box::new(encoding.new_decoder_without_bom_handling()));
    match begin {
        [0xEF, 0xBB, 0xBF, ..] => return Ok((utf8(), 3)),
        [0xFF, 0xFE, ..] => return Ok((other(UTF_16LE), 2)),
        [0xFE, 0xFF, ..] => return Ok((other(UTF_16BE), 2)),
        [b'<', 0, ..] => return Ok((other(UTF_16LE), 0)),
        [0, b'<', ..] => return Ok((other(UTF_16BE), 0)),
        _ => {}
    }
    let Some(label) = declared(begin) else {
        return Ok((utf8(), 0));
    };
    match Encoding::for_label(&label) {
        // A file whose declaration can be read byte by byte is not UTF-16, whatever it says.
        Some(encoding) if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) => Ok((utf8(), 0)),
        Some(encoding) if encoding != REPLACEMENT => Ok((other(encoding), 0)),
        _ => Err(format!(
            "it declares the encoding «{}», which is not known here; convert it to UTF-8",
            String::from_utf8_lossy(&label)
        )),
    }
}

/// What `<?xml … encoding="…"?>` says.
fn declared(begin: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = begin.iter().take(DECLARATION).copied().collect();
    let start = find(&text, b"<?xml")?;
    let end = start + find(&text[start..], b"?>")?;
    let declaration = &text[start..end];
    let after = &declaration[find(declaration, b"encoding")? + b"encoding".len()..];
    let quote = after.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let value = &after[quote + 1..];
    let length = value.iter().position(|byte| *byte == after[quote])?;
    Some(value[..length].to_vec())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
