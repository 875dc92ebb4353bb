use std::io::{self, BufRead, Read};

use super::{Drops, V02, V08, entries, head, refusal, refusals, tell};
use crate::domain::statement::Piece;
use crate::statement::camt::Reader;

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

fn declared(encoding: &str) -> String {
    V02.replace("encoding=\"UTF-8\"", &format!("encoding=\"{encoding}\""))
}

#[test]
fn the_same_file_in_every_encoding_is_the_same_statement() {
    let expected = tell(V02);
    assert_eq!(refusals(&expected), []);
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(V02);
    let latin = |label: &str| encoding_rs::WINDOWS_1252.encode(&declared(label)).0.into_owned();
    let bom = |mark: &[u8], text: Vec<u8>| [mark, text.as_slice()].concat();
    for (name, bytes) in [
        ("UTF-8 with a mark", bom(&[0xEF, 0xBB, 0xBF], V02.into())),
        ("UTF-16 little", bom(&[0xFF, 0xFE], utf16(V02, true))),
        ("UTF-16 big", bom(&[0xFE, 0xFF], utf16(V02, false))),
        ("UTF-16 without a mark", utf16(V02, true)),
        ("UTF-16 that is none", declared("UTF-16").into_bytes()),
        ("UTF-8 that is Latin 1", windows.into_owned()),
        ("ISO-8859-1", latin("ISO-8859-1")),
        ("ISO-8859-15", latin("ISO-8859-15")),
        ("windows-1252", latin("windows-1252")),
        (
            "single quotes",
            V02.replace("encoding=\"UTF-8\"", "encoding = 'utf-8'")
                .into_bytes(),
        ),
        ("no declaration", V02.split_once('\n').expect("lines").1.into()),
    ] {
        let mut told = tell(bytes);
        if name == "no declaration" {
            let lines: Vec<u64> = [&expected, &told].map(|pieces| head(pieces).place.line).to_vec();
            assert_eq!(lines[0], lines[1] + 1);
            told = tell(format!("\n{}", V02.split_once('\n').expect("lines").1));
        }
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn the_euro_sign_is_where_its_code_page_has_it() {
    let file = |encoding: &str, byte: u8| {
        let text = declared(encoding);
        let (before, after) = text.split_once("Sonstige").expect("the word");
        let (before, after) = [before, after]
            .map(|part| encoding_rs::WINDOWS_1252.encode(part).0.into_owned())
            .into();
        [before, vec![byte], after].concat()
    };
    for (encoding, byte) in [("ISO-8859-15", 0xA4), ("windows-1252", 0x80), ("UTF-8", 0x80)] {
        let told = entries(&tell(file(encoding, byte)));
        let words = told[1].1[0].returned.clone().and_then(|returned| returned.text);
        assert_eq!(words.as_deref(), Some("€\nGründe"), "{encoding}");
    }
}

#[test]
fn an_unknown_encoding_is_refused_with_what_to_do() {
    let told = refusal(&tell(declared("EBCDIC-CP-DK")));
    assert!(
        told.contains("«EBCDIC-CP-DK»") && told.contains("convert it to UTF-8"),
        "{told}"
    );
}

#[test]
fn any_line_end_gives_the_same_and_counts_the_same_lines() {
    let expected = tell(V02);
    for end in ["\r\n", "\r"] {
        let told = tell(V02.replace('\n', end));
        let lines = |pieces: &[Piece]| {
            entries(pieces)
                .iter()
                .map(|(entry, _)| entry.place.line)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&told), lines(&expected));
        assert_eq!(told.len(), expected.len());
        let text = |pieces: &[Piece]| entries(pieces)[1].1[0].returned.clone();
        assert_eq!(text(&told), text(&expected));
    }
    let minified = V02.replace('\n', "");
    assert_eq!(entries(&tell(minified))[2].0.place.line, 1);
}

#[test]
fn an_input_in_single_bytes_gives_the_same() {
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(V02);
    let wide = [[0xFF, 0xFE].as_slice(), &utf16(V08, true)].concat();
    for bytes in [V02.as_bytes(), V08.as_bytes(), latin.as_ref(), wide.as_slice()] {
        let whole = tell(bytes);
        assert_eq!(refusals(&whole), []);
        for size in [1, 2, 3, 7, 511, 513] {
            assert_eq!(
                Reader::new(Drops(bytes, size)).collect::<Vec<_>>(),
                whole,
                "{size} at a time"
            );
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_and_never_more_than_that() {
    for file in [V02, V08] {
        let file = file.trim_end().as_bytes();
        assert_eq!(refusals(&tell(file)), []);
        for length in 0..file.len() {
            let pieces = tell(&file[..length]);
            assert!(
                matches!(pieces.last(), Some(Piece::Refused(_))),
                "cut at {length}"
            );
            assert_eq!(refusals(&pieces).len(), 1, "cut at {length}");
        }
    }
}

/// An input that is interrupted, then fails.
struct Failing<'a>(&'a [u8], bool);

impl Read for Failing<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Failing<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !std::mem::replace(&mut self.1, true) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        Ok(self.0)
    }

    fn consume(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }
}

#[test]
fn an_input_that_fails_ends_with_a_refusal_that_says_so() {
    let half = &V02.as_bytes()[..V02.len() / 2];
    let pieces: Vec<Piece> = Reader::new(Failing(half, false)).collect();
    assert!(refusal(&pieces).contains("the disk is gone"));
    assert!(matches!(pieces.first(), Some(Piece::Head(_))));
}
