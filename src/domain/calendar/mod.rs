//! Which days count: the bank days of TARGET, the public holidays of each Land, and the days on which a Kasse works.
//!
//! Everything is computed from the calendar alone; nothing is looked up and nothing expires. To add a holiday that a
//! Land makes by law, give [`Holiday`] a variant and [`Holiday::of`] its rule with the years in which it holds; a day
//! that only one town keeps is a [`LocalDay`] of its Kasse and needs no program.

mod easter;
mod holidays;
mod kasse;
mod land;
mod target;
#[cfg(test)]
mod tests;

pub use self::easter::easter_sunday;
pub use self::holidays::Holiday;
pub use self::kasse::{KasseCalendar, LocalDay, LocalDayError};
pub use self::land::{Land, LandError};
pub use self::target::{bank_days_after, is_bank_day};
