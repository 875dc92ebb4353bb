//! A template as it is written in TOML.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::check::{self, Problem};
use super::field::{Field, Pattern};
use super::settings;
use crate::domain::hkr::Chart;

/// How records become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Cells with a separator between them.
    Delimited,
    /// Each column has its width.
    Fixed,
    /// Elements.
    Xml,
}

/// How letters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Encoding {
    /// Everything there is.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Western Europe, with the Euro sign.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Western Europe, without.
    #[serde(rename = "iso-8859-1")]
    Iso88591,
    /// No umlauts.
    #[serde(rename = "ascii")]
    Ascii,
}

/// What happens to a letter that the encoding does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// The file is not written.
    Refuse,
    /// It is spelled in letters that it has (`ä` as `ae`, `ł` as `l`), as `?` where there is no such spelling.
    Transliterate,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    /// As Windows does.
    Crlf,
    /// As everybody else does.
    Lf,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Records {
    /// Both sides of a line: Soll an Haben.
    #[default]
    Line,
    /// One side of a line: Soll first, then Haben.
    Side,
}

/// What stands before the cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `12,50`.
    #[default]
    Comma,
    /// `12.50`.
    Point,
    /// `1250`: whole cents.
    None,
}

/// What happens to words at whose beginning a spreadsheet would see a formula (`=`, `+`, `-`, `@`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    /// An apostrophe is put before them, which spreadsheets do not show.
    #[default]
    Apostrophe,
    /// Such marks at the beginning are left out.
    Strip,
    /// Nothing: only for a cash system that nobody opens files of.
    Keep,
}

/// What is put in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quoted {
    /// What would be read wrongly without.
    #[default]
    Needed,
    /// All words and keys, also empty ones, and what needs it.
    Words,
    /// Everything.
    All,
}

/// What only delimited files have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delimited {
    /// Between cells; one ASCII character.
    pub separator: char,
    /// Around cells, doubled inside; one ASCII character.
    #[serde(default = "quote")]
    pub quote: char,
    /// What is put in quotes.
    #[serde(default)]
    pub quoted: Quoted,
    /// What happens to formulas.
    #[serde(default)]
    pub formulas: Formulas,
}

const fn quote() -> char {
    '"'
}

/// What only XML has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xml {
    /// The element around everything.
    pub root: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The element of each header row.
    #[serde(default = "header_element")]
    pub header: String,
    /// The element of a record.
    pub record: String,
    /// The element of each trailer row.
    #[serde(default = "trailer_element")]
    pub trailer: String,
}

fn header_element() -> String {
    "Header".to_owned()
}

fn trailer_element() -> String {
    "Trailer".to_owned()
}

/// Where a value stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// At the beginning.
    #[default]
    Left,
    /// At the end.
    Right,
}

/// What happens to a value that is longer than its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TooLong {
    /// The file is not written.
    #[default]
    Refuse,
    /// It is cut; only words can be.
    Cut,
}

/// What happens to a character that the column does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disallowed {
    /// The file is not written.
    #[default]
    Refuse,
    /// It is left out.
    Drop,
}

/// A length that a parameter tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// The parameter.
    pub parameter: String,
    /// So many more.
    #[serde(default)]
    pub plus: u16,
}

/// A column. Without `source`, `constant` and `text` it is empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its title; in XML its element.
    pub name: String,
    /// The field that it is filled with.
    pub source: Option<Field>,
    /// The text that is always in it.
    pub constant: Option<String>,
    /// A text with fields in it.
    pub text: Option<Pattern>,
    /// Put in quotes or not, whatever `quoted` says.
    pub quoted: Option<bool>,
    /// Its width in characters; fixed files only.
    pub width: Option<u16>,
    /// Where the value stands in the width.
    #[serde(default)]
    pub align: Align,
    /// What fills the width.
    #[serde(default = "blank")]
    pub pad: char,
    /// How many characters a value has at the most.
    pub longest: Option<u16>,
    /// The same, by a parameter that is a number.
    pub longest_by: Option<By>,
    /// What happens to a longer one.
    #[serde(default)]
    pub too_long: TooLong,
    /// Whether an empty value stops the file.
    #[serde(default)]
    pub required: bool,
    /// How a day or an instant is written, in the marks of strftime; an instant is told in Berlin.
    pub date: Option<String>,
    /// What stands before the cents here.
    pub decimal: Option<Decimal>,
    /// Characters and ranges of them (`A-Z0-9/`) that may be in it; without, all.
    pub allowed: Option<String>,
    /// What happens to others.
    #[serde(default)]
    pub disallowed: Disallowed,
    /// What is written for each value; a value that is not among them stops the file.
    pub words: Option<BTreeMap<String, String>>,
}

const fn blank() -> char {
    ' '
}

/// A row of the header or trailer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Whether it is the row of the record's titles; it has no columns then.
    #[serde(default)]
    pub titles: bool,
    /// Its columns.
    #[serde(default)]
    pub columns: Vec<Column>,
}

/// The row of a record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its columns.
    pub columns: Vec<Column>,
}

/// What a parameter can be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase", deny_unknown_fields)]
pub enum Kind {
    /// A whole number.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A day, `2026-01-01`, written as the template says.
    Day {
        /// In the marks of strftime.
        date: String,
    },
    /// Words.
    Text {
        /// How many characters.
        longest: u16,
    },
    /// One of these.
    Choice {
        /// What can be chosen.
        choices: Vec<String>,
    },
}

/// A parameter that the tenant sets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Parameter {
    /// What it can be.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it is where the tenant does not say; without, the tenant has to.
    pub default: Option<String>,
}

/// The business year of the file, where the dates in it are written without a year.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The parameter that has its first day. Postings of another year stop the file.
    pub begins: String,
}

/// A template. It is read with [`Template::parse`] and is right then.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// How the file is called.
    pub file_name: Pattern,
    /// How records become bytes.
    pub format: Format,
    /// How letters become bytes.
    pub encoding: Encoding,
    /// Whether a file in UTF-8 begins with the mark that says so.
    #[serde(default)]
    pub byte_order_mark: bool,
    /// What happens to letters that the encoding does not have.
    pub unknown: Unknown,
    /// How lines end.
    pub line_end: LineEnd,
    /// What a record is about.
    #[serde(default)]
    pub records: Records,
    /// What stands before the cents.
    #[serde(default)]
    pub decimal: Decimal,
    /// How a day is written, in the marks of strftime.
    #[serde(default = "iso_day")]
    pub day: String,
    /// What only delimited files have.
    pub delimited: Option<Delimited>,
    /// What only XML has.
    pub xml: Option<Xml>,
    /// What the tenant sets.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// The business year, where it matters.
    pub year: Option<Year>,
    /// Rows before the records.
    #[serde(default)]
    pub header: Vec<Row>,
    /// The row of a record.
    pub record: Record,
    /// Rows after the records.
    #[serde(default)]
    pub trailer: Vec<Row>,
}

fn iso_day() -> String {
    "%Y-%m-%d".to_owned()
}

/// A template that cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template is wrong: {}", told(.0))]
pub struct TemplateError(pub Vec<Problem>);

fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl Template {
    /// Reads a template and checks all of it.
    ///
    /// # Errors
    /// [`TemplateError`] names the path of each value that is wrong (`record.columns[3].width`; lists count from 0).
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let one = |path: String, text: String| TemplateError(vec![Problem { path, text }]);
        let deserializer = toml::Deserializer::new(text);
        let template: Self = serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            one(path, error.into_inner().message().trim().to_owned())
        })?;
        let problems = check::template(&template);
        if problems.is_empty() {
            Ok(template)
        } else {
            Err(TemplateError(problems))
        }
    }

    /// What the tenant's parameters lack. It is asked when a tenant is applied.
    pub fn check_parameters(&self, given: &BTreeMap<String, String>) -> Vec<Problem> {
        settings::parameters(self, given)
    }

    /// The codes of a chart that do not fit the columns that they would be written to, by the key in the chart. It is
    /// asked when a tenant is applied.
    pub fn check_codes(&self, chart: &Chart, given: &BTreeMap<String, String>) -> Vec<Problem> {
        settings::codes(self, chart, given)
    }

    pub(super) fn year_of(&self, given: &BTreeMap<String, String>) -> Option<Date> {
        let name = &self.year.as_ref()?.begins;
        settings::set(self, given, name)?.parse().ok()
    }
}
