//! Easter, on which a third of all holidays hang.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

/// Easter Sunday of a year of the Gregorian calendar.
///
/// The arithmetic of Lilius and Clavius as Oudin put it (1940): the golden number and the epact give the full moon of
/// spring, the Sunday after it is Easter.
///
/// # Panics
/// Never for a year in which a [`Date`] of spring exists (−9999 to 9999).
pub fn easter_sunday(year: i16) -> Date {
    let wide = i32::from(year);
    let century = wide.div_euclid(100);
    let golden = wide.rem_euclid(19);
    let k = (century - 17).div_euclid(25);
    let epact =
        (century - century.div_euclid(4) - (century - k).div_euclid(3) + 19 * golden + 15).rem_euclid(30);
    let late = i32::from(epact == 29 || (epact == 28 && golden > 10));
    let moon = epact - late;
    let weekday = (wide + wide.div_euclid(4) + moon + 2 - century + century.div_euclid(4)).rem_euclid(7);
    // Days after 28 March; the earliest Easter is 22 March, the latest 25 April.
    date(year, 3, 28).saturating_add((moon - weekday).days())
}

/// A day that hangs on Easter: so many days after Easter Sunday.
pub(super) fn after_easter(year: i16, days: i32) -> Date {
    easter_sunday(year).saturating_add(Span::new().days(days))
}
