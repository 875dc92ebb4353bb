//! The two fonts of the report, and how wide text is in them.
//!
//! Lengths are whole twips (1/20 point), so that a line breaks at the same place on every machine.

use std::sync::LazyLock;

use ttf_parser::Face;

use crate::domain::text::is_obeyed;

/// A length: 1/20 point.
pub type Twips = i32;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Headings and sums.
    Bold,
}

const REGULAR: &[u8] = include_bytes!("../../../../templates/fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../../templates/fonts/LiberationSans-Bold.ttf");

static FACES: LazyLock<[Face<'static>; 2]> = LazyLock::new(|| {
    [REGULAR, BOLD].map(|bytes| Face::parse(bytes, 0).expect("the font is part of the program"))
});

/// Glyphs of the characters that nearly every text is made of; looking each up in the font takes most of the time.
static KNOWN: LazyLock<[Vec<Option<Glyph>>; 2]> = LazyLock::new(|| {
    [0, 1].map(|face: usize| {
        ('\0'..'\u{180}')
            .map(|character| look_up(&FACES[face], character))
            .collect()
    })
});

fn look_up(face: &Face<'_>, character: char) -> Option<Glyph> {
    let id = face.glyph_index(character)?;
    Some(Glyph {
        id: id.0,
        advance: face.glyph_hor_advance(id)?,
    })
}

/// What stands in place of a character that the fonts do not have.
const UNKNOWN: char = '?';

/// A glyph of the font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// Its number in the font.
    pub id: u16,
    /// How far the next one stands, in units of the font.
    pub advance: u16,
}

impl Weight {
    /// The bytes of the font.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Bold => BOLD,
        }
    }

    fn face(self) -> &'static Face<'static> {
        match self {
            Self::Regular => &FACES[0],
            Self::Bold => &FACES[1],
        }
    }

    /// The units of the font in which advances are told.
    pub fn units_per_em(self) -> u16 {
        self.face().units_per_em()
    }

    /// The glyph of a character; none where the font does not have it.
    fn find(self, character: char) -> Option<Glyph> {
        let known = match self {
            Self::Regular => &KNOWN[0],
            Self::Bold => &KNOWN[1],
        };
        match known.get(character as usize) {
            Some(glyph) => *glyph,
            None => look_up(self.face(), character),
        }
    }

    /// The glyph of a character that [`printable`] let through.
    pub fn glyph(self, character: char) -> Glyph {
        self.find(character)
            .or_else(|| self.find(UNKNOWN))
            .expect("the fonts have a question mark")
    }

    /// How wide a text is at a size.
    pub fn width(self, text: &str, size: Twips) -> Twips {
        let units: i64 = text
            .chars()
            .map(|character| i64::from(self.glyph(character).advance))
            .sum();
        let em = i64::from(self.units_per_em());
        // Rounded up: what is measured must fit. A text without end is wider than any page.
        Twips::try_from((units * i64::from(size) + em - 1) / em).unwrap_or(Twips::MAX)
    }
}

/// The text with blanks for what would be obeyed instead of shown, and `?` for what the fonts do not have or what means
/// nothing outside of them: PDF/A takes no letters for private use.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            _ if is_obeyed(character) => ' ',
            '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => UNKNOWN,
            _ if Weight::Regular.find(character).is_none() => UNKNOWN,
            _ => character,
        })
        .collect()
}

/// Breaks a text into lines of at most a width: at blanks, behind `/`, `-` or `_` where a word is too long, and within
/// it where nothing else helps. There is at least one line; a line feed in the text breaks too. A blank at which a line
/// breaks stays at its end and counts for nothing.
pub fn wrap(text: &str, weight: Weight, size: Twips, width: Twips) -> Vec<String> {
    // A sign of a paragraph stays with its number.
    text.replace("§ ", "§\u{a0}")
        .split('\n')
        .flat_map(|paragraph| wrap_paragraph(&printable(paragraph), weight, size, width))
        .collect()
}

fn wrap_paragraph(text: &str, weight: Weight, size: Twips, width: Twips) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if weight.width(&longer, size) <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            // The blank stays at the end, so that who hears or copies the text has two words and not one.
            line.push(' ');
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, weight, size, width, &mut lines);
    }
    lines.push(line);
    lines
}

/// Pushes the full lines of a word and returns its rest.
fn break_word(word: &str, weight: Weight, size: Twips, width: Twips, lines: &mut Vec<String>) -> String {
    let mut rest = word;
    while weight.width(rest, size) > width {
        let fits = |end: usize| weight.width(&rest[..end], size) <= width;
        let ends: Vec<(usize, char)> = rest
            .char_indices()
            .map(|(at, character)| (at + character.len_utf8(), character))
            .take_while(|(end, _)| fits(*end))
            .collect();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = ends
            .iter()
            .rev()
            .find(|(_, character)| matches!(character, '/' | '-' | '_' | '.'))
            .or(ends.last())
            .map_or(first, |(end, _)| *end);
        lines.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_all_as_wide_so_that_amounts_stand_below_each_other() {
        for weight in [Weight::Regular, Weight::Bold] {
            let one = weight.glyph('1').advance;
            assert!(('0'..='9').all(|digit| weight.glyph(digit).advance == one));
        }
    }

    #[test]
    fn a_long_account_breaks_behind_its_slashes() {
        assert_eq!(
            wrap("erloes/1100.1000/0000000001", Weight::Regular, 160, 1400),
            ["erloes/1100.1000/", "0000000001"]
        );
    }

    #[test]
    fn a_paragraph_of_law_keeps_its_number_on_the_line() {
        let lines = wrap("geführt nach § 72 Abs. 1", Weight::Regular, 160, 1100);
        assert_eq!(lines, ["geführt nach ", "§\u{a0}72 Abs. 1"]);
    }

    #[test]
    fn what_the_font_does_not_have_is_a_question_mark() {
        assert_eq!(printable("Müller\u{7}–\u{4e2d} 5 €"), "Müller –? 5 €");
    }

    proptest! {
        #[test]
        fn every_line_fits_and_no_character_is_lost(text in "[a-zäß/ -]{0,200}", width in 200..4000_i32) {
            let lines = wrap(&text, Weight::Regular, 160, width);
            for line in &lines {
                let fits = Weight::Regular.width(line.trim_end(), 160) <= width;
                prop_assert!(fits || line.trim_end().chars().count() == 1, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
