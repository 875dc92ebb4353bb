//! Small checks and readers that several sections share.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::problems::{Problems, join};

/// Notes a value outside its range.
pub(super) fn within<N: PartialOrd + Display + Copy>(
    problems: &mut Problems,
    path: &str,
    setting: &str,
    value: N,
    range: &RangeInclusive<N>,
) {
    let told = format!("{value} is not between {} and {}", range.start(), range.end());
    problems.unless(range.contains(&value), join(path, setting), told);
}

/// Whole seconds in the file.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|count| Duration::from_secs(count.into()))
}

/// Whole milliseconds in the file.
pub(super) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|count| Duration::from_millis(count.into()))
}

/// Whole minutes in the file.
pub(super) fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|count| Duration::from_secs(u64::from(count) * 60))
}

/// Whole hours in the file.
pub(super) fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|count| Duration::from_secs(u64::from(count) * 3600))
}

/// A default in seconds.
pub(super) const fn default_seconds<const N: u64>() -> Duration {
    Duration::from_secs(N)
}

/// A default number.
pub(super) const fn default_number<const N: usize>() -> usize {
    N
}
