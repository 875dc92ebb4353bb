//! When an event that a gateway did not take is sent again: the table that Standard Webhooks 1.0.0 recommends. Other
//! calls that are repeated (questions to a provider) have rules of their own.

/// Seconds before each try, counted from the one before it. The last try is 75 h 35 min 5 s after the first.
pub const TABLE: [i64; 10] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest Retry-After that is honoured: a day, so that a gateway's typing error does not hold its lane for a year.
pub const LONGEST_RETRY_AFTER: i64 = 86_400;

/// Seconds from now to the next try, or `None` where the event becomes a dead letter.
///
/// `tries` counts the tries that were made; with none made the first is due at once. `retry_after` is what the target
/// asked for with its last answer: it may make the wait longer, never shorter, and it buys no further try. `jitter`
/// is a random number of the caller's: it moves the wait by up to a tenth, in both directions where the table speaks,
/// only later where the target asked.
pub fn next_try(tries: u32, retry_after: Option<i64>, jitter: u64) -> Option<i64> {
    let wait = *TABLE.get(usize::try_from(tries).ok()?)?;
    let asked = retry_after.unwrap_or(0).clamp(0, LONGEST_RETRY_AFTER);
    if asked > wait {
        return Some(asked + up_to(asked / 10, jitter));
    }
    let tenth = wait / 10;
    Some((wait - tenth + up_to(2 * tenth, jitter)).max(asked))
}

/// A number from 0 to `most` out of a random one.
fn up_to(most: i64, random: u64) -> i64 {
    let most = most.unsigned_abs();
    i64::try_from(random % (most + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        assert_eq!(TABLE.iter().sum::<i64>(), 75 * 3600 + 35 * 60 + 5);
        assert_eq!(next_try(0, None, 7), Some(0));
        assert_eq!(next_try(1, None, 7), Some(5));
        assert_eq!(next_try(2, None, 30), Some(300));
        assert_eq!(next_try(9, None, 8_640), Some(86_400));
    }

    #[test]
    fn after_ten_tries_it_is_a_dead_letter_whatever_the_target_asks() {
        assert_eq!(next_try(10, None, 0), None);
        assert_eq!(next_try(10, Some(60), 0), None);
        assert_eq!(next_try(u32::MAX, None, u64::MAX), None);
    }

    #[test]
    fn a_target_that_asks_for_a_year_waits_a_day() {
        assert_eq!(next_try(1, Some(31_536_000), 0), Some(86_400));
        assert_eq!(next_try(1, Some(-5), 0), Some(5));
        assert_eq!(next_try(1, Some(i64::MIN), 0), Some(5));
    }

    proptest! {
        #[test]
        fn a_wait_is_within_a_tenth_of_the_table(tries in 0_u32..10, jitter: u64) {
            let table = TABLE[tries as usize];
            let wait = next_try(tries, None, jitter).expect("a next try");
            prop_assert!((table - table / 10..=table + table / 10).contains(&wait));
        }

        #[test]
        fn nobody_is_asked_again_before_the_time_it_named(tries in 0_u32..10, asked in 0_i64..200_000, jitter: u64) {
            let wait = next_try(tries, Some(asked), jitter).expect("a next try");
            prop_assert!(wait >= asked.min(LONGEST_RETRY_AFTER));
            prop_assert!(wait <= LONGEST_RETRY_AFTER + LONGEST_RETRY_AFTER / 10);
        }
    }
}
