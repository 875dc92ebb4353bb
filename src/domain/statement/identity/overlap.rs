//! Whether two statements of an account may tell the same payments.

use crate::domain::statement::header::{Days, Header};
use crate::domain::statement::{Role, Sequence};

/// Whether it is certain that no payment is in both. All else overlaps.
///
/// Certain is it of the same account and format (another account is always another payment) where one of these holds:
///
/// * They book on no day in common.
/// * Both have a number or page, in the same year, and these differ. Programs for online banking number their exports
///   too, whatever is in them; so the numbers count only where nothing speaks against it: the later number begins
///   before the earlier one ends, the balances of neighbours do not meet, or all balances are the same.
/// * The one opens with what the other closed with, not before it closed, and both move the balance: a day that adds up
///   to nothing opens and closes with the same, and then that shows nothing.
pub fn disjoint(one: &Header, other: &Header) -> bool {
    if one.account != other.account || !one.days.touch(other.days) {
        return true;
    }
    if one.format != other.format {
        return false;
    }
    numbered_apart(one, other) || follows(one, other) || follows(other, one)
}

/// A known statement of the account that books on the same days in another format: fingerprints do not meet across
/// formats, so the new one must be refused.
pub fn in_another_format<'a>(known: &'a [Header], new: &Header) -> Option<&'a Header> {
    known.iter().find(|old| {
        old.account == new.account
            && old.format != new.format
            && old.format.role() == Role::Books
            && new.format.role() == Role::Books
            && old.days.touch(new.days)
    })
}

fn numbered_apart(one: &Header, other: &Header) -> bool {
    let (Some(number), Some(against)) = (one.sequence, other.sequence) else {
        return false;
    };
    if one.year().is_none() || one.year() != other.year() {
        return false;
    }
    let (earlier, later) = if place(number) <= place(against) {
        (one, other)
    } else {
        (other, one)
    };
    place(number) != place(against) && !contradicted(earlier, later)
}

fn place(sequence: Sequence) -> (u64, u64) {
    (sequence.number, sequence.page.unwrap_or(1))
}

/// Whether the numbers cannot be those of statements that follow on one another.
fn contradicted(earlier: &Header, later: &Header) -> bool {
    let begins_too_early = match (earlier.days, later.days) {
        (Days::Between(_, last), Days::Between(first, _)) => first < last,
        _ => false,
    };
    let neighbours = match (earlier.sequence.map(place), later.sequence.map(place)) {
        (Some((number, page)), Some((next, next_page))) => {
            number.checked_add(1) == Some(next) || (number == next && page.checked_add(1) == Some(next_page))
        }
        _ => false,
    };
    let same_balances = earlier.opening.is_some()
        && earlier.opening == later.opening
        && earlier.closing == later.closing
        && earlier.days == later.days
        && !earlier.adds_up_to_nothing();
    begins_too_early || same_balances || (neighbours && later.opens_where_closes(earlier) == Some(false))
}

/// Whether the balances show that one comes after the other.
fn follows(later: &Header, earlier: &Header) -> bool {
    let in_time = match (later.opening, earlier.closing) {
        (Some(opening), Some(closing)) => match (opening.day, closing.day) {
            (Some(from), Some(to)) => from >= to,
            _ => false,
        },
        _ => false,
    };
    let days_in_order = match (later.days, earlier.days) {
        (Days::Between(first, _), Days::Between(_, last)) => first >= last,
        _ => false,
    };
    in_time
        && days_in_order
        && later.opens_where_closes(earlier) == Some(true)
        && !earlier.adds_up_to_nothing()
        && !later.adds_up_to_nothing()
}
