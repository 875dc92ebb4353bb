//! Statistics for a region's dashboard: how many cases, how much money, how fast, how much without manual work, by
//! authority, LeiKa key and month; without personal data and without small numbers.
//!
//! **Small numbers.** A figure over a handful of cases can tell what a neighbour paid. So a row is shown only where at
//! least *threshold* cases stand behind it, and behind its sum and median (which are of paid cases) either none or at
//! least *threshold* paid ones. What is too small is pooled with others to a *rest*:
//!
//! - A rest pools at least two services, otherwise it would be the hidden one under another name. Where there is only
//!   one small service, the next smallest goes with it (complementary suppression), until the rest is large enough.
//! - Where a rest cannot become large enough, the month of that authority is shown as *suppressed*, without figures.
//! - The total sums up what is shown, nothing else: no subtraction leads to what is hidden.
//! - All this is decided within one authority and one month. Whoever asks for some authorities or some months gets the
//!   same rows as whoever asks for all, so that two answers cannot be subtracted either.
//!
//! The share of cases without manual work says something of the office and nothing of a person; it is not rounded. That
//! a few of many cases are not paid may be read from a row: it tells no amount and no name.
//!
//! To add a figure: a field in [`Figures`], its sum in `Cell`, and its column in `export/statistics`.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::ids::AuthorityId;
use super::money::Cents;
use super::tenant::Environment;
use super::time::{Timestamp, berlin};

/// The threshold where nothing else is configured.
pub const THRESHOLD: u32 = 5;

/// A case as the store tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The authority.
    pub authority: AuthorityId,
    /// The LeiKa key of the service.
    pub leika: String,
    /// When the case was opened; its day in Berlin gives the month.
    pub opened_at: Timestamp,
    /// When and how much was paid, once it is.
    pub paid: Option<Paid>,
    /// Whether a person had to do something.
    pub manual: bool,
}

/// A payment of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub cents: Cents,
}

/// A month; prints as `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month in Berlin of an instant.
    pub fn of(at: Timestamp) -> Self {
        let day = at.berlin_day();
        Self {
            year: day.year(),
            month: day.month(),
        }
    }
}

impl Month {
    /// From its text, `2026-03`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let (year, month) = text.split_once('-')?;
            let month = Self {
                year: year.parse().ok().filter(|year| (1970..=9000).contains(year))?,
                month: month.parse().ok().filter(|month| (1..=12).contains(month))?,
            };
            (month.to_string() == text).then_some(month)
        };
        read().ok_or_else(|| format!("«{text}» is no month; expected year-month, such as 2026-03"))
    }

    /// When it begins in Berlin; none at the end of the calendar.
    pub fn begins(self) -> Option<Timestamp> {
        let day = Date::new(self.year, self.month, 1).ok()?;
        let begins = day.to_zoned(berlin()).ok()?;
        Some(Timestamp::from_instant(begins.timestamp()))
    }

    /// When the next one begins.
    pub fn ends(self) -> Option<Timestamp> {
        let next = match self.month {
            12 => Self {
                year: self.year + 1,
                month: 1,
            },
            month => Self {
                month: month + 1,
                ..self
            },
        };
        next.begins()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The sums over some cases.
#[derive(Debug, Clone, Default)]
struct Cell {
    cases: u64,
    manual: u64,
    cents: Cents,
    /// Minutes from opening to payment, one for each paid case.
    minutes: Vec<i64>,
}

impl Cell {
    fn add(&mut self, row: &Row) {
        self.cases += 1;
        self.manual += u64::from(row.manual);
        if let Some(paid) = row.paid {
            self.cents += paid.cents;
            let waited = paid.at.since(row.opened_at).as_mins();
            self.minutes.push(waited.max(0));
        }
    }

    fn pool(&mut self, other: &Self) {
        self.cases += other.cases;
        self.manual += other.manual;
        self.cents += other.cents;
        self.minutes.extend(&other.minutes);
    }

    fn paid(&self) -> u64 {
        u64::try_from(self.minutes.len()).unwrap_or(u64::MAX)
    }

    fn may_be_shown(&self, threshold: u32) -> bool {
        let enough = u64::from(threshold);
        self.cases >= enough && (self.paid() == 0 || self.paid() >= enough)
    }

    fn figures(&self) -> Figures {
        let without_manual = (self.cases - self.manual) * 1000;
        Figures {
            cases: self.cases,
            paid: self.paid(),
            cents: self.cents,
            median_minutes: median(&self.minutes),
            without_manual_permille: without_manual.checked_div(self.cases),
        }
    }
}

/// The middle value; of two middle values their mean, rounded down. None of nothing.
fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted[middle - 1];
    Some(lower + (upper - lower) / 2)
}

/// What is told of some cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// How many were opened.
    pub cases: u64,
    /// How many of them are paid.
    pub paid: u64,
    /// What was paid in all.
    pub cents: Cents,
    /// The median of whole minutes from opening to payment; none where none is paid.
    pub median_minutes: Option<i64>,
    /// How many of a thousand needed no manual work, rounded down; none of no cases.
    pub without_manual_permille: Option<u64>,
}

/// What a line of the table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    /// One service.
    Service,
    /// Small services of the authority and month together.
    Rest,
    /// All services of the authority and month; too few cases to tell anything.
    Suppressed,
}

impl LineKind {
    /// Its name in tables for people.
    pub const fn german(self) -> &'static str {
        match self {
            Self::Service => "Leistung",
            Self::Rest => "Rest",
            Self::Suppressed => "unterdrückt",
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The authority.
    pub authority: AuthorityId,
    /// The month in which the cases were opened.
    pub month: Month,
    /// What it is about.
    pub kind: LineKind,
    /// The LeiKa key of a service; none of a rest or of what is suppressed.
    pub leika: Option<String>,
    /// None where suppressed.
    pub figures: Option<Figures>,
}

/// The table that may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Whether real money moved.
    pub environment: Environment,
    /// How many cases stand behind each line at least.
    pub threshold: u32,
    /// By authority, month and LeiKa key; a rest comes after the services.
    pub lines: Vec<Line>,
    /// All that is shown, and nothing that is suppressed.
    pub total: Figures,
}

/// What cases are summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The authority.
    Authority,
    /// The LeiKa key of the service.
    Leika,
    /// The month in which the cases were opened.
    Month,
}

impl By {
    /// Its name in tables for people.
    pub const fn german(self) -> &'static str {
        match self {
            Self::Authority => "Behörde",
            Self::Leika => "LeiKa",
            Self::Month => "Monat",
        }
    }
}

impl std::str::FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "authority" => Ok(Self::Authority),
            "leika" => Ok(Self::Leika),
            "month" => Ok(Self::Month),
            _ => Err(format!("by={text}: there are authority, leika and month")),
        }
    }
}

/// Sums over lines of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What it is about; none of the rests of several services.
    pub key: Option<String>,
    /// Its sums.
    pub figures: Figures,
}

/// The table, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Groups {
    /// Whether real money moved.
    pub environment: Environment,
    /// How many cases stand behind each line of the table at least.
    pub threshold: u32,
    /// By what.
    pub by: By,
    /// By key; rests come last.
    pub groups: Vec<Group>,
    /// All that is shown.
    pub total: Figures,
}

/// What is told as JSON, with the name and version of its format. A member more is a new number behind the slash.
#[derive(Debug, Serialize)]
pub struct Document<'a, T> {
    format: &'static str,
    #[serde(flatten)]
    table: &'a T,
}

impl Table {
    /// As JSON tells it.
    pub const fn document(&self) -> Document<'_, Self> {
        Document {
            format: "epaybl-statistics/1",
            table: self,
        }
    }
}

impl Groups {
    /// As JSON tells it.
    pub const fn document(&self) -> Document<'_, Self> {
        Document {
            format: "epaybl-statistics-groups/1",
            table: self,
        }
    }
}

/// The cases of a region, counted.
#[derive(Debug, Clone)]
pub struct Statistics {
    environment: Environment,
    services: BTreeMap<(AuthorityId, Month), BTreeMap<String, Cell>>,
}

impl Statistics {
    /// No cases yet. Cases of test Kassen and of others are never counted together.
    pub fn of(environment: Environment) -> Self {
        Self {
            environment,
            services: BTreeMap::new(),
        }
    }

    /// Counts a case.
    pub fn add(&mut self, row: &Row) {
        self.services
            .entry((row.authority.clone(), Month::of(row.opened_at)))
            .or_default()
            .entry(row.leika.clone())
            .or_default()
            .add(row);
    }

    /// What may be shown of it.
    pub fn table(&self, threshold: u32) -> Table {
        let mut total = Cell::default();
        let mut lines = Vec::new();
        self.each_line(threshold, |authority, month, kind, leika, cell| {
            if let Some(cell) = cell {
                total.pool(cell);
            }
            lines.push(Line {
                authority: authority.clone(),
                month,
                kind,
                leika: leika.map(str::to_owned),
                figures: cell.map(Cell::figures),
            });
        });
        Table {
            environment: self.environment,
            threshold,
            lines,
            total: total.figures(),
        }
    }

    /// The same, summed up: of what the table shows, and of nothing else, so that it tells nothing more.
    pub fn groups(&self, threshold: u32, by: By) -> Groups {
        let mut total = Cell::default();
        // Rests, which have no key, come last.
        let mut groups: BTreeMap<(bool, Option<String>), Cell> = BTreeMap::new();
        self.each_line(threshold, |authority, month, _, leika, cell| {
            let Some(cell) = cell else { return };
            let key = match by {
                By::Authority => Some(authority.to_string()),
                By::Leika => leika.map(str::to_owned),
                By::Month => Some(month.to_string()),
            };
            total.pool(cell);
            groups.entry((key.is_none(), key)).or_default().pool(cell);
        });
        Groups {
            environment: self.environment,
            threshold,
            by,
            groups: groups
                .into_iter()
                .map(|((_, key), cell)| Group {
                    key,
                    figures: cell.figures(),
                })
                .collect(),
            total: total.figures(),
        }
    }

    /// Tells each line of the table, in its order: authority, month, what it is about, the LeiKa key of a service, and the
    /// sums of what is shown.
    fn each_line(
        &self,
        threshold: u32,
        mut tell: impl FnMut(&AuthorityId, Month, LineKind, Option<&str>, Option<&Cell>),
    ) {
        for ((authority, month), services) in &self.services {
            let Some((shown, rest)) = split(services, threshold) else {
                tell(authority, *month, LineKind::Suppressed, None, None);
                continue;
            };
            for (leika, cell) in shown {
                tell(authority, *month, LineKind::Service, Some(leika), Some(cell));
            }
            if let Some(rest) = rest {
                tell(authority, *month, LineKind::Rest, None, Some(&rest));
            }
        }
    }
}

/// Services that are shown by themselves, by key.
type Shown<'a> = BTreeMap<&'a str, &'a Cell>;

/// What is shown by itself and what is pooled; none where even all together are too few.
fn split(services: &BTreeMap<String, Cell>, threshold: u32) -> Option<(Shown<'_>, Option<Cell>)> {
    let named = services.iter().map(|(leika, cell)| (leika.as_str(), cell));
    let (mut shown, small): (Shown<'_>, Shown<'_>) =
        named.partition(|(_, cell)| cell.may_be_shown(threshold));
    if small.is_empty() {
        return Some((shown, None));
    }
    let mut rest = Cell::default();
    for cell in small.values() {
        rest.pool(cell);
    }
    // A single small service is too small as a rest too, so what can be shown always pools two or more.
    while !rest.may_be_shown(threshold) {
        let (leika, cell) = shown
            .iter()
            .map(|(leika, cell)| (*leika, *cell))
            .min_by_key(|(_, cell)| cell.cases)?;
        shown.remove(leika);
        rest.pool(cell);
    }
    Some((shown, Some(rest)))
}

#[cfg(test)]
mod tests;
