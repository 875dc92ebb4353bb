//! Which days a bank works: Monday to Friday without the holidays of TARGET.

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// The zone that bank days are counted in.
pub(in crate::sandbox) fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC)
}

/// The day in Berlin.
pub(in crate::sandbox) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(berlin()).date()
}

/// Easter Sunday as days after 21 March (the method of Gauß, with the centuries' corrections).
fn easter(year: i16) -> i64 {
    let year = i64::from(year);
    let century = year / 100;
    let moon = (19 * (year % 19) + (15 + (3 * century + 3) / 4 - (8 * century + 13) / 25)) % 30;
    let early = (moon + (year % 19) / 11) / 29;
    let full_moon = 21 + moon - early;
    let first_sunday = 7 - (year + year / 4 + 2 - (3 * century + 3) / 4) % 7;
    full_moon + 7 - (full_moon - first_sunday) % 7 - 21
}

fn is_bank_day(day: Date) -> bool {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return false;
    }
    if matches!((day.month(), day.day()), (1 | 5, 1) | (12, 25 | 26)) {
        return false;
    }
    let spring = Date::new(day.year(), 3, 21).map(|spring| (day - spring).get_days());
    let after_easter = spring.map_or(i64::MAX, |days| i64::from(days) - easter(day.year()));
    // Good Friday and Easter Monday.
    !matches!(after_easter, -2 | 1)
}

/// The day itself, or the next on which banks work.
pub(super) fn on_or_after(mut day: Date) -> Date {
    while !is_bank_day(day) {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
    }
    day
}

/// So many bank days later.
pub(super) fn later(mut day: Date, bank_days: u32) -> Date {
    for _ in 0..bank_days {
        day = on_or_after(day.tomorrow().unwrap_or(day));
    }
    day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_is_where_the_calendar_has_it() {
        for (year, month, day) in [
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            let friday = date(year, month, day).yesterday().and_then(Date::yesterday);
            assert!(!is_bank_day(friday.expect("a day")), "{year}");
            let monday = date(year, month, day).tomorrow().expect("a day");
            assert!(!is_bank_day(monday), "{year}");
            assert!(is_bank_day(monday.tomorrow().expect("a day")), "{year}");
        }
    }

    #[test]
    fn banks_rest_at_weekends_and_on_their_holidays() {
        assert_eq!(on_or_after(date(2026, 11, 21)), date(2026, 11, 23));
        assert_eq!(later(date(2026, 11, 20), 2), date(2026, 11, 24));
        assert_eq!(later(date(2026, 12, 24), 1), date(2026, 12, 28));
        assert_eq!(on_or_after(date(2027, 1, 1)), date(2027, 1, 4));
        // 1 May 2026 is a Friday; German holidays that TARGET does not know are bank days.
        assert_eq!(later(date(2026, 4, 30), 1), date(2026, 5, 4));
        assert_eq!(on_or_after(date(2026, 5, 25)), date(2026, 5, 25));
    }

    #[test]
    fn a_day_begins_at_midnight_in_berlin() {
        let late: Timestamp = "2026-11-20T23:30:00Z".parse().expect("an instant");
        assert_eq!(day_of(late), date(2026, 11, 21));
    }
}
