//! How long a certificate lasts, and from when on that is worth saying. The one place that knows the days.

use super::time::Timestamp;

/// From so many days before the end on, an operator is told.
pub const SOON_DAYS: i64 = 60;

/// From so many days before the end on, an operator is woken.
pub const URGENT_DAYS: i64 = 14;

const DAY: i64 = 86_400;

/// From when until when a certificate counts; both ends included (RFC 5280, 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From then on.
    pub not_before: Timestamp,
    /// Until then.
    pub not_after: Timestamp,
}

/// What the validity of a certificate means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// It does not count yet.
    NotYet,
    /// There is time.
    Good,
    /// It ends within [`SOON_DAYS`]: the next one should be ordered.
    Soon,
    /// It ends within [`URGENT_DAYS`].
    Urgent,
    /// It has ended.
    Over,
}

impl Validity {
    /// Whole days until the end, rounded down: 0 on the last day, negative afterwards.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.since(now).as_secs().div_euclid(DAY)
    }

    /// What it means now.
    pub fn lifetime(&self, now: Timestamp) -> Lifetime {
        if now > self.not_after {
            return Lifetime::Over;
        }
        if now < self.not_before {
            return Lifetime::NotYet;
        }
        let days = self.days_left(now);
        if days <= URGENT_DAYS {
            Lifetime::Urgent
        } else if days <= SOON_DAYS {
            Lifetime::Soon
        } else {
            Lifetime::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn before_the_end(seconds: i64) -> (i64, Lifetime) {
        let validity = Validity {
            not_before: END.plus_seconds(-800 * DAY),
            not_after: END,
        };
        let now = END.plus_seconds(-seconds);
        (validity.days_left(now), validity.lifetime(now))
    }

    #[test]
    fn the_days_are_counted_down_and_told_at_their_borders() {
        assert_eq!(before_the_end(61 * DAY), (61, Lifetime::Good));
        assert_eq!(before_the_end(61 * DAY - 1), (60, Lifetime::Soon));
        assert_eq!(before_the_end(60 * DAY), (60, Lifetime::Soon));
        assert_eq!(before_the_end(15 * DAY), (15, Lifetime::Soon));
        assert_eq!(before_the_end(15 * DAY - 1), (14, Lifetime::Urgent));
        assert_eq!(before_the_end(14 * DAY), (14, Lifetime::Urgent));
        assert_eq!(before_the_end(DAY - 1), (0, Lifetime::Urgent));
        assert_eq!(before_the_end(0), (0, Lifetime::Urgent));
        assert_eq!(before_the_end(-1), (-1, Lifetime::Over));
    }

    #[test]
    fn a_certificate_of_tomorrow_does_not_count_today() {
        assert_eq!(before_the_end(800 * DAY).1, Lifetime::Good);
        assert_eq!(before_the_end(800 * DAY + 1).1, Lifetime::NotYet);
    }
}
