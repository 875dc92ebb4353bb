//! Instants and Berlin days. Instants are cut to whole milliseconds, because that is what the log hashes.

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp as Instant};
use serde::{Deserialize, Serialize};

/// An instant in whole milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970, UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970, UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, UTC.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// From the clock's instant, cut to milliseconds.
    pub fn from_instant(instant: Instant) -> Self {
        Self(instant.as_millisecond())
    }

    /// As an instant of the calendar library.
    pub fn instant(self) -> Instant {
        Instant::from_millisecond(self.0).expect("a stored instant is within the calendar")
    }

    /// Later by a number of seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Later by a number of milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Time from `earlier` to this instant; negative where it is before.
    pub fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_millis(self.0 - earlier.0)
    }

    /// The calendar day in Berlin.
    pub fn berlin_day(self) -> Date {
        self.instant().to_zoned(berlin()).date()
    }

    /// The hour of the day in Berlin, from 0.
    pub fn berlin_hour(self) -> i8 {
        self.instant().to_zoned(berlin()).hour()
    }

    /// `2026-03-01T11:00:00.000Z`, always with milliseconds.
    pub fn rfc3339(self) -> String {
        format!("{:.3}", self.instant())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Noon in Berlin on a day: the hour at which no zone moves a due date to another day.
pub fn berlin_noon(day: Date) -> Timestamp {
    let zoned = day
        .to_datetime(time(12, 0, 0, 0))
        .to_zoned(berlin())
        .expect("noon exists on every day in Berlin");
    Timestamp::from_instant(zoned.timestamp())
}

/// Europe/Berlin. The rules come with the program where the system has none.
pub fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("the time zone database has Europe/Berlin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_berlin_not_in_greenwich() {
        let late = Timestamp::from_instant("2026-12-31T23:30:00Z".parse().expect("an instant"));
        assert_eq!(late.berlin_day().to_string(), "2027-01-01");
    }

    #[test]
    fn noon_in_berlin_follows_summer_time() {
        let winter = berlin_noon("2026-01-15".parse().expect("a day"));
        let summer = berlin_noon("2026-07-15".parse().expect("a day"));
        assert_eq!(winter.rfc3339(), "2026-01-15T11:00:00.000Z");
        assert_eq!(summer.rfc3339(), "2026-07-15T10:00:00.000Z");
    }
}
