//! The days on which a Kasse works.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday, date};
use serde::{Deserialize, Serialize};

use super::holidays::Holiday;
use super::land::Land;

/// A day of one town's own, as the tenants file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LocalDay {
    /// One day: `2026-05-15`.
    Once(Date),
    /// The same day each year: `--12-24`, as XML Schema writes it.
    Yearly {
        /// From 1.
        month: i8,
        /// From 1; 29 February is kept in leap years only.
        day: i8,
    },
    /// A holiday that moves, or that only some communities keep: `fronleichnam`.
    Named(Holiday),
}

/// A text that is no local day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "«{0}» is no day; write one day as 2026-05-15, a day of each year as --12-24, or the name of a holiday such as \
     fronleichnam"
)]
pub struct LocalDayError(pub String);

impl LocalDay {
    /// Whether it is this day.
    pub fn is(self, day: Date) -> bool {
        match self {
            Self::Once(once) => once == day,
            Self::Yearly { month, day: of_month } => day.month() == month && day.day() == of_month,
            Self::Named(holiday) => holiday.day(day.year()) == day,
        }
    }
}

impl FromStr for LocalDay {
    type Err = LocalDayError;

    fn from_str(text: &str) -> Result<Self, LocalDayError> {
        let wrong = || LocalDayError(text.to_owned());
        if let Some(holiday) = Holiday::ALL.iter().find(|holiday| holiday.as_str() == text) {
            return Ok(Self::Named(*holiday));
        }
        // Dates are read as they are printed, so that no second spelling of them gets into the records.
        let parsed = match text.strip_prefix("--") {
            Some(yearly) => {
                // 2000 was a leap year.
                let day: Date = format!("2000-{yearly}").parse().map_err(|_| wrong())?;
                Self::Yearly {
                    month: day.month(),
                    day: day.day(),
                }
            }
            None => Self::Once(text.parse().map_err(|_| wrong())?),
        };
        if parsed.to_string() == text {
            Ok(parsed)
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(day) => day.fmt(f),
            Self::Yearly { month, day } => write!(f, "--{month:02}-{day:02}"),
            Self::Named(holiday) => f.write_str(holiday.as_str()),
        }
    }
}

impl TryFrom<String> for LocalDay {
    type Error = LocalDayError;

    fn try_from(text: String) -> Result<Self, LocalDayError> {
        text.parse()
    }
}

impl From<LocalDay> for String {
    fn from(day: LocalDay) -> Self {
        day.to_string()
    }
}

/// When a Kasse works: Monday to Friday, without the public holidays of its Land, without its own days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KasseCalendar {
    /// Whose holidays it keeps.
    pub land: Land,
    /// Days on which it is closed besides: Heiligabend, the fair, Fronleichnam in a Catholic town of Thüringen.
    #[serde(default)]
    pub local_closed: Vec<LocalDay>,
    /// Days on which it works although it would not: a Saturday at the end of the year. They win over everything.
    #[serde(default)]
    pub local_open: Vec<LocalDay>,
}

impl KasseCalendar {
    /// Whether the Kasse works on a day.
    pub fn is_kasse_day(&self, day: Date) -> bool {
        if self.local_open.iter().any(|open| open.is(day)) {
            return true;
        }
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && Holiday::on(self.land, day).is_none()
            && !self.local_closed.iter().any(|closed| closed.is(day))
    }

    /// The Kasse day after a day; none where the calendar ends before there is one.
    pub fn next(&self, day: Date) -> Option<Date> {
        day.series(jiff::Span::new().days(1))
            .skip(1)
            .find(|day| self.is_kasse_day(*day))
    }

    /// The Kasse day before a day; none where the calendar begins after it.
    pub fn previous(&self, day: Date) -> Option<Date> {
        let beginning = date(1, 1, 1);
        let mut before = day;
        while before > beginning {
            before = before.yesterday().ok()?;
            if self.is_kasse_day(before) {
                return Some(before);
            }
        }
        None
    }
}
