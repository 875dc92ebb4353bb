//! How the columns of a provider's list are to be read. It comes from the tenants file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, date};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Kind;

/// A column: by the name in the list's header, or by its number from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// From 1.
    Number(u16),
    /// As the header has it, blanks around it left out.
    Name(String),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "«{name}»"),
        }
    }
}

/// Where an amount is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amounts {
    /// In one column.
    One(Column),
    /// In one of two: what comes to us in the first, what goes from us in the second, both without a sign.
    Either {
        /// What comes to us.
        credit: Column,
        /// What goes from us.
        debit: Column,
    },
    /// The sum of several columns: a commission and what card schemes take.
    Sum(Vec<Column>),
}

impl Amounts {
    /// The columns, each with its setting below that of the amount: nothing, `.credit`, `[1]`.
    pub fn columns(&self) -> Vec<(String, &Column)> {
        match self {
            Self::One(column) => vec![(String::new(), column)],
            Self::Either { credit, debit } => {
                vec![(".credit".to_owned(), credit), (".debit".to_owned(), debit)]
            }
            Self::Sum(columns) => {
                let name = |(index, column)| (format!("[{index}]"), column);
                columns.iter().enumerate().map(name).collect()
            }
        }
    }
}

/// How the bytes are letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252; ISO 8859-1 reads the same, apart from control characters.
    #[serde(rename = "windows-1252", alias = "iso-8859-1")]
    Windows1252,
    /// ISO 8859-15.
    #[serde(rename = "iso-8859-15")]
    Iso885915,
}

/// What stands before the cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decimal {
    /// `12,50`.
    #[serde(rename = "comma", alias = ",")]
    Comma,
    /// `12.50`.
    #[serde(rename = "point", alias = ".")]
    Point,
}

impl Decimal {
    /// The character.
    pub const fn mark(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

/// What amounts are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Euro, with up to two decimal places.
    #[default]
    Euro,
    /// Whole cents.
    Cent,
}

/// What the sign of an amount says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signs {
    /// Gross and net carry their signs.
    #[default]
    Written,
    /// Gross and net are written without; the kind says which way.
    ByKind,
}

/// The column of kinds, and the words in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    /// Where.
    pub column: Column,
    /// Words for each kind; a word that is not among them is refused.
    pub words: BTreeMap<Kind, Vec<String>>,
}

impl Kinds {
    /// The kind that a word means.
    pub fn of(&self, word: &str) -> Option<Kind> {
        self.words
            .iter()
            .find(|(_, words)| words.iter().any(|known| known == word))
            .map(|(kind, _)| *kind)
    }
}

/// The column that tells lines of other systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Where.
    pub column: Column,
    /// What is written there in our lines.
    pub ours: Vec<String>,
}

/// Lines that do not count: announced and not yet done, or in another currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    /// Where.
    pub column: Column,
    /// What is written there in such lines.
    pub words: Vec<String>,
}

/// A total that the list states itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// How many lines.
    Count,
    /// Σ gross.
    Gross,
    /// Σ fee.
    Fee,
    /// Σ net.
    Net,
}

impl What {
    /// Its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Gross => "gross",
            Self::Fee => "fee",
            Self::Net => "net",
        }
    }
}

/// By what a row of totals is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The cell, from 1.
    pub cell: u16,
    /// What it says, blanks around it left out: `Summe`.
    pub text: String,
}

/// Where the list states a total: in a row of its own, before the header or among the lines. A row may state several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// What it is.
    pub what: What,
    /// By what the row is known.
    pub when: When,
    /// The cell of the value, from 1.
    pub value: u16,
}

/// How a provider's list is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// How the bytes are letters.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands between cells; one ASCII character.
    #[serde(default = "semicolon")]
    pub separator: char,
    /// What cells may be put in; one ASCII character, doubled inside. Where it is empty there are no quoted cells.
    #[serde(default = "quote")]
    pub quote: String,
    /// How many lines stand before the header, or before the first line where there is none.
    #[serde(default)]
    pub skip: u32,
    /// Whether a line of names comes first.
    #[serde(default = "yes")]
    pub header: bool,
    /// What stands before the cents.
    pub decimal: Decimal,
    /// What stands between groups of three digits; none are allowed without it.
    #[serde(default)]
    pub grouping: Option<char>,
    /// What amounts are in.
    #[serde(default)]
    pub unit: Unit,
    /// What the sign of gross and net says.
    #[serde(default)]
    pub signs: Signs,
    /// Whether a fee that costs us is written with a minus.
    #[serde(default)]
    pub fee_is_negative: bool,
    /// Our reference.
    pub reference: Column,
    /// The provider's own id.
    #[serde(default)]
    pub transaction: Option<Column>,
    /// The payout.
    #[serde(default)]
    pub payout: Option<Column>,
    /// Gross.
    pub gross: Amounts,
    /// Fee.
    #[serde(default)]
    pub fee: Option<Amounts>,
    /// Net.
    #[serde(default)]
    pub net: Option<Amounts>,
    /// The day.
    #[serde(default)]
    pub day: Option<Column>,
    /// How the day is written, in the marks of strftime: `%d.%m.%Y`, `%Y-%m-%d %H:%M:%S`.
    #[serde(default = "german_day")]
    pub day_format: String,
    /// How was paid.
    #[serde(default)]
    pub method: Option<Column>,
    /// Our names for the provider's words for methods; a word that is not among them stays as it is.
    #[serde(default)]
    pub methods: BTreeMap<String, String>,
    /// The currency; a line in another than EUR is refused.
    #[serde(default)]
    pub currency: Option<Column>,
    /// What kind of line it is. Without it, what is less than nothing is a refund and everything else a payment.
    #[serde(default)]
    pub kind: Option<Kinds>,
    /// Whose line it is. Without it, all are ours.
    #[serde(default)]
    pub system: Option<System>,
    /// Lines that do not count. They are counted all the same, so that nobody wonders.
    #[serde(default)]
    pub ignored: Vec<Ignored>,
    /// Totals that the list states itself. A list in which one of them is missing is refused: it may be cut.
    #[serde(default)]
    pub stated: Vec<Stated>,
}

const fn semicolon() -> char {
    ';'
}

fn quote() -> String {
    "\"".to_owned()
}

const fn yes() -> bool {
    true
}

fn german_day() -> String {
    "%d.%m.%Y".to_owned()
}

impl Mapping {
    /// The columns that it names, each with the setting that does.
    pub fn columns(&self) -> Vec<(String, &Column)> {
        let optional = [
            ("reference", Some(&self.reference)),
            ("transaction", self.transaction.as_ref()),
            ("payout", self.payout.as_ref()),
            ("day", self.day.as_ref()),
            ("method", self.method.as_ref()),
            ("currency", self.currency.as_ref()),
            ("kind.column", self.kind.as_ref().map(|kind| &kind.column)),
            ("system.column", self.system.as_ref().map(|system| &system.column)),
        ];
        let named = |(name, column): (&str, Option<_>)| Some((name.to_owned(), column?));
        let mut columns: Vec<(String, &Column)> = optional.into_iter().filter_map(named).collect();
        for (name, amounts) in self.amounts() {
            let below = |(part, column)| (format!("{name}{part}"), column);
            columns.extend(amounts.columns().into_iter().map(below));
        }
        let ignored = (0..).zip(&self.ignored);
        columns.extend(
            ignored.map(|(index, ignored): (u32, _)| (format!("ignored[{index}].column"), &ignored.column)),
        );
        columns
    }

    fn amounts(&self) -> impl Iterator<Item = (&'static str, &Amounts)> {
        let all = [
            ("gross", Some(&self.gross)),
            ("fee", self.fee.as_ref()),
            ("net", self.net.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(name, amounts)| Some((name, amounts?)))
    }

    /// What is wrong with it: the setting, below the mapping, and what would be right. Nothing where all is well.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut unless = |right: bool, path: &str, text: String| {
            if !right {
                problems.push((path.to_owned(), text));
            }
        };
        let printable = |mark: char| mark.is_ascii() && mark != '\r' && mark != '\n' && mark != '\0';
        unless(
            printable(self.separator) && !self.separator.is_ascii_alphanumeric(),
            "separator",
            format!(
                "{:?} cannot stand between cells; use \";\", \",\", \"\\t\" or \"|\"",
                self.separator
            ),
        );
        unless(
            self.quote.is_empty()
                || (self.quote.len() == 1
                    && self
                        .quote
                        .chars()
                        .all(|quote| quote.is_ascii_punctuation() && quote != self.separator)),
            "quote",
            "a quote is one ASCII mark, and not the separator; write \"\" where there are no quoted cells"
                .to_owned(),
        );
        unless(
            self.grouping != Some(self.decimal.mark())
                && self
                    .grouping
                    .is_none_or(|mark| !mark.is_ascii_digit() && !"+-".contains(mark)),
            "grouping",
            "what stands between groups of digits is no digit, no sign, and not what stands before the cents"
                .to_owned(),
        );
        let sample = date(2026, 11, 28);
        let read = sample
            .at(13, 5, 9, 0)
            .to_zoned(TimeZone::UTC)
            .and_then(|noon| strtime::format(&self.day_format, &noon))
            .and_then(|text| Date::strptime(&self.day_format, text));
        unless(
            read.is_ok_and(|day| day == sample),
            "day_format",
            format!(
                "«{}» does not tell a day; write it like %d.%m.%Y",
                self.day_format
            ),
        );
        for (name, column) in self.columns() {
            match column {
                Column::Number(number) => {
                    unless(*number > 0, &name, "columns count from 1".to_owned());
                }
                Column::Name(text) => {
                    unless(
                        self.header && !text.trim().is_empty(),
                        &name,
                        "a column by its name needs a list with a header; otherwise give its number"
                            .to_owned(),
                    );
                }
            }
        }
        for (name, amounts) in self.amounts() {
            let either = matches!(amounts, Amounts::Either { .. });
            unless(
                !either || name != "fee",
                name,
                "a fee is in one column, or the sum of several".to_owned(),
            );
            unless(
                !either || self.signs == Signs::Written,
                name,
                "two columns tell which way; signs = \"by-kind\" does not go with them".to_owned(),
            );
            unless(
                !amounts.columns().is_empty(),
                name,
                "a sum is of some columns".to_owned(),
            );
        }
        for (index, stated) in self.stated.iter().enumerate() {
            unless(
                stated.value > 0 && stated.when.cell > 0,
                &format!("stated[{index}]"),
                "cells count from 1".to_owned(),
            );
            unless(
                !stated.when.text.trim().is_empty(),
                &format!("stated[{index}].when.text"),
                "a row of totals is known by a text".to_owned(),
            );
        }
        let mut words = BTreeSet::new();
        for word in self.kind.iter().flat_map(|kinds| kinds.words.values().flatten()) {
            unless(
                words.insert(word),
                "kind.words",
                format!("«{word}» stands there twice; a word means one kind"),
            );
        }
        unless(
            self.kind.is_some() || self.signs == Signs::Written,
            "signs",
            "by-kind needs a column of kinds".to_owned(),
        );
        unless(
            self.system.as_ref().is_none_or(|system| !system.ours.is_empty()),
            "system.ours",
            "name what is written in our lines".to_owned(),
        );
        problems
    }
}
