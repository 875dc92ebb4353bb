//! `[worker]`: the rhythm of what the connector does by itself.

use std::time::Duration;

use serde::Deserialize;

use super::checks::{hours, millis, minutes, seconds, within};
use super::problems::{Problems, join};

/// The rhythm of its own work.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// How often it looks for payments that are due to be asked about.
    #[serde(rename = "sweep_interval_ms", deserialize_with = "millis")]
    pub sweep_interval: Duration,
    /// How often it looks for deliveries that are due.
    #[serde(rename = "delivery_interval_ms", deserialize_with = "millis")]
    pub delivery_interval: Duration,
    /// How many it takes at once.
    pub batch: usize,
    /// How long what it took is its own.
    #[serde(rename = "lease_seconds", deserialize_with = "seconds")]
    pub lease: Duration,
    /// How long after opening it first asks the provider.
    #[serde(rename = "first_ask_seconds", deserialize_with = "seconds")]
    pub first_ask: Duration,
    /// The longest time between two questions while a payment is under way.
    #[serde(rename = "ask_max_seconds", deserialize_with = "seconds")]
    pub ask_max: Duration,
    /// The time between two questions while a transfer is awaited.
    #[serde(rename = "ask_transfer_hours", deserialize_with = "hours")]
    pub ask_transfer: Duration,
    /// How often lists of unread receipts are read, where a Mandant's read cursor is ours alone.
    #[serde(rename = "receipts_interval_seconds", deserialize_with = "seconds")]
    pub receipts_interval: Duration,
    /// How often the payments on statements are matched once more, since a provider's word may come after them.
    #[serde(rename = "match_minutes", deserialize_with = "minutes")]
    pub rematch: Duration,
    /// The time between two questions after payment, when returns are watched for.
    #[serde(rename = "watch_paid_hours", deserialize_with = "hours")]
    pub watch_paid: Duration,
    /// From which hour of the morning in Berlin days are closed.
    pub closing_hour: i8,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            sweep_interval: Duration::from_secs(1),
            delivery_interval: Duration::from_millis(500),
            batch: 50,
            lease: Duration::from_secs(20),
            first_ask: Duration::from_secs(20),
            ask_max: Duration::from_mins(10),
            ask_transfer: Duration::from_hours(6),
            receipts_interval: Duration::from_mins(5),
            rematch: Duration::from_mins(15),
            watch_paid: Duration::from_hours(24),
            closing_hour: 5,
        }
    }
}

impl Worker {
    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        within(
            problems,
            path,
            "sweep_interval_ms",
            self.sweep_interval.as_millis(),
            &(10..=60_000),
        );
        within(
            problems,
            path,
            "delivery_interval_ms",
            self.delivery_interval.as_millis(),
            &(10..=60_000),
        );
        within(problems, path, "batch", self.batch, &(1..=1000));
        within(problems, path, "lease_seconds", self.lease.as_secs(), &(5..=600));
        within(
            problems,
            path,
            "first_ask_seconds",
            self.first_ask.as_secs(),
            &(1..=3600),
        );
        within(
            problems,
            path,
            "ask_max_seconds",
            self.ask_max.as_secs(),
            &(1..=86_400),
        );
        within(
            problems,
            path,
            "ask_transfer_hours",
            self.ask_transfer.as_secs() / 3600,
            &(1..=168),
        );
        within(
            problems,
            path,
            "receipts_interval_seconds",
            self.receipts_interval.as_secs(),
            &(10..=86_400),
        );
        within(
            problems,
            path,
            "match_minutes",
            self.rematch.as_secs() / 60,
            &(1..=1440),
        );
        within(
            problems,
            path,
            "watch_paid_hours",
            self.watch_paid.as_secs() / 3600,
            &(1..=168),
        );
        within(problems, path, "closing_hour", self.closing_hour, &(0..=23));
        problems.unless(
            self.ask_max >= self.first_ask,
            join(path, "ask_max_seconds"),
            format!(
                "must not be shorter than first_ask_seconds ({})",
                self.first_ask.as_secs()
            ),
        );
    }
}
