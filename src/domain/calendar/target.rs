//! The days on which banks settle: TARGET, the payment system of the Eurosystem.

use jiff::civil::{Date, Weekday};

use super::easter::after_easter;

/// Whether TARGET works on a day: Monday to Friday without 1 January, Good Friday, Easter Monday, 1 May, 25 and 26
/// December (ECB, calendar of TARGET closing days, unchanged since 2002). Other German holidays are bank days.
pub fn is_bank_day(day: Date) -> bool {
    let year = day.year();
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !matches!((day.month(), day.day()), (1 | 5, 1) | (12, 25 | 26))
        && day != after_easter(year, -2)
        && day != after_easter(year, 1)
}

/// The `n`-th bank day after a day; with `n` = 0 the day itself, or the next bank day where it is none. At the end of
/// the calendar (31 December 9999) it stays there.
pub fn bank_days_after(day: Date, n: u32) -> Date {
    let mut day = on_or_after(day);
    for _ in 0..n {
        let Ok(next) = day.tomorrow() else { return day };
        day = on_or_after(next);
    }
    day
}

fn on_or_after(mut day: Date) -> Date {
    while !is_bank_day(day) {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
    }
    day
}
