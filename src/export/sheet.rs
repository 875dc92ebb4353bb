//! Tables that a German spreadsheet opens with a double click: UTF-8 with a byte order mark, `;` between cells, decimal
//! comma, CRLF, a heading line first.
//!
//! A cell of text never holds a line break, another control character or a mark that turns the direction of what follows
//! (blanks take their place), so that one line is
//! one record for simple readers too. A text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` first) gets
//! an apostrophe before it; amounts and counts are numbers and stay what they are.

use jiff::civil::Date;

use crate::domain::money::Cents;
use crate::domain::text::plain;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text of anybody.
    Text(String),
    /// A whole number.
    Number(i64),
    /// An amount: `-1234,50`.
    Amount(Cents),
    /// A day: `2026-03-31`.
    Day(Date),
}

impl Cell {
    /// Text, or nothing.
    pub fn maybe(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }

    /// A count.
    pub fn count(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Empty => {}
            Self::Text(text) => out.push_str(&quoted(&harmless(text))),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Amount(cents) => out.push_str(&cents.to_string().replace('.', ",")),
            Self::Day(day) => out.push_str(&day.to_string()),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Cents> for Cell {
    fn from(cents: Cents) -> Self {
        Self::Amount(cents)
    }
}

impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

/// Without anything that would be obeyed, and never a formula.
fn harmless(text: &str) -> String {
    let plain = plain(text);
    if plain.trim_start().starts_with(['=', '+', '-', '@']) {
        format!("'{plain}")
    } else {
        plain
    }
}

fn quoted(text: &str) -> String {
    if text.contains([';', '"', ',']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A table under its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    width: usize,
    text: String,
}

impl Sheet {
    /// An empty table.
    pub fn new(headings: &[&str]) -> Self {
        let mut sheet = Self {
            width: headings.len(),
            text: "\u{feff}".to_owned(),
        };
        let cells: Vec<Cell> = headings.iter().map(|heading| Cell::from(*heading)).collect();
        sheet.row(&cells);
        sheet
    }

    /// Adds a row.
    ///
    /// # Panics
    /// Where it has not as many cells as there are headings: a fault of the program.
    pub fn row(&mut self, cells: &[Cell]) {
        assert_eq!(cells.len(), self.width, "a row has a cell for each heading");
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(';');
            }
            cell.write(&mut self.text);
        }
        self.text.push_str("\r\n");
    }

    /// The bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(cell: &Cell) -> String {
        let mut out = String::new();
        cell.write(&mut out);
        out
    }

    #[test]
    fn a_name_that_is_a_formula_stays_a_name() {
        assert_eq!(cell(&Cell::from("=cmd|' /C calc'!A0")), "'=cmd|' /C calc'!A0");
        assert_eq!(cell(&Cell::from("\t=1+1")), "' =1+1");
        assert_eq!(cell(&Cell::from("\u{202e}+49")), "' +49");
        assert_eq!(cell(&Cell::from("@SUM(A1;A2)")), "\"'@SUM(A1;A2)\"");
        assert_eq!(cell(&Cell::Amount(Cents::new(-123_450))), "-1234,50");
    }

    #[test]
    fn separators_quotes_and_line_breaks_stay_inside_their_cell() {
        assert_eq!(cell(&Cell::from("a;\"b\"\r\nc")), "\"a;\"\"b\"\"  c\"");
    }

    #[test]
    fn a_sheet_begins_with_its_mark_and_headings() {
        let mut sheet = Sheet::new(&["Konto", "Betrag"]);
        sheet.row(&[Cell::from("forderung"), Cell::from(Cents::new(5))]);
        assert_eq!(
            String::from_utf8(sheet.into_bytes()).expect("text"),
            "\u{feff}Konto;Betrag\r\nforderung;0,05\r\n"
        );
    }
}
