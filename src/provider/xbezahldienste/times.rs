//! What a service means by a time. The standard says date-time (RFC 3339); ePayBL's service writes the time of the wall
//! clock in Berlin and calls it UTC.

use jiff::civil::DateTime;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;
use serde::Deserialize;

use crate::domain::time::{Timestamp, berlin};

/// How times are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// As written.
    #[default]
    Offset,
    /// `Z` and `+00:00` stand behind Berlin's wall clock; other offsets are believed.
    BerlinLabelledUtc,
}

/// Reads a time. An error says why nobody can know which instant is meant.
pub(super) fn instant(text: &str, times: Times) -> Result<Timestamp, String> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    let pieces = Pieces::parse(text.trim()).map_err(|_| format!("«{shown}» is no date-time"))?;
    let time = pieces.time().ok_or_else(|| format!("«{shown}» has no time"))?;
    let local = pieces.date().to_datetime(time);
    let offset = match pieces.offset() {
        Some(PiecesOffset::Zulu) => Offset::UTC,
        Some(PiecesOffset::Numeric(numeric)) => numeric.offset(),
        _ => return Err(format!("«{shown}» has no offset")),
    };
    if times == Times::BerlinLabelledUtc && offset == Offset::UTC {
        return in_berlin(local)
            .ok_or_else(|| format!("«{shown}» does not exist or exists twice on the clock in Berlin"));
    }
    offset
        .to_timestamp(local)
        .map(Timestamp::from_instant)
        .map_err(|_| format!("«{shown}» is beyond the calendar"))
}

fn in_berlin(local: DateTime) -> Option<Timestamp> {
    let zoned = berlin().to_ambiguous_timestamp(local);
    zoned.unambiguous().ok().map(Timestamp::from_instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, times: Times) -> String {
        instant(text, times).map_or_else(|_| "nobody knows".to_owned(), Timestamp::rfc3339)
    }

    #[test]
    fn a_time_means_what_it_says_by_default() {
        for (text, expected) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T12:00:00.000Z"),
            ("2026-07-15T12:00:00.5+02:00", "2026-07-15T10:00:00.500Z"),
            ("2026-07-15T12:00:00", "nobody knows"),
            ("2026-07-15", "nobody knows"),
            ("gestern", "nobody knows"),
        ] {
            assert_eq!(read(text, Times::Offset), expected, "{text}");
        }
    }

    #[test]
    fn the_wall_clock_in_berlin_may_be_called_utc() {
        for (text, expected) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T11:00:00.000Z"),
            ("2026-07-15T12:00:00+00:00", "2026-07-15T10:00:00.000Z"),
            ("2026-07-15T12:00:00+02:00", "2026-07-15T10:00:00.000Z"),
            ("2026-01-15T12:00:00+01:00", "2026-01-15T11:00:00.000Z"),
        ] {
            assert_eq!(read(text, Times::BerlinLabelledUtc), expected, "{text}");
        }
    }

    #[test]
    fn an_hour_that_the_clock_skips_or_strikes_twice_is_not_guessed() {
        // 29 March 2026 has no 02:30, 25 October has two.
        for text in ["2026-03-29T02:30:00Z", "2026-10-25T02:30:00Z"] {
            assert_eq!(read(text, Times::BerlinLabelledUtc), "nobody knows", "{text}");
        }
        assert_eq!(
            read("2026-10-25T02:30:00+01:00", Times::BerlinLabelledUtc),
            "2026-10-25T01:30:00.000Z"
        );
    }
}
