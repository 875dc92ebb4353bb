//! Stories of numbers: the check digit, how a number is spelled, and which ranges spell the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn range(prefix: &str, first: i64, last: i64, digits: u32, check_digit: CheckDigit) -> PoolRange {
    PoolRange {
        bewirtschafter: Bewirtschafter::parse("BW1").expect("an id"),
        prefix: prefix.to_owned(),
        first,
        last,
        digits,
        check_digit,
        warn_below: 0,
    }
}

fn all(range: &PoolRange) -> BTreeSet<String> {
    let numbers = range.first..=range.last;
    numbers
        .map(|number| range.spell(number).expect("a Kassenzeichen").as_str().to_owned())
        .collect()
}

#[test]
fn the_worked_example_has_the_check_digit_8() {
    assert_eq!(hkr("12345678"), Some('8'));
    // A number that a site without check digits gave: its last digit would be 2.
    assert_eq!(hkr("420000000006"), Some('2'));
    assert_eq!(hkr("0"), Some('0'));
    assert_eq!(hkr("AB1"), None);
}

#[test]
fn a_number_is_filled_up_behind_its_prefix_and_ends_with_its_check_digit() {
    let spelled = |range: &PoolRange, number| range.spell(number).expect("a Kassenzeichen").to_string();
    assert_eq!(spelled(&range("TH", 1, 9, 8, CheckDigit::None), 7), "TH00000007");
    assert_eq!(
        spelled(&range("1234", 0, 9999, 4, CheckDigit::Hkr), 5678),
        "123456788"
    );
}

#[test]
fn each_fault_of_a_range_is_named() {
    let faults = |range: PoolRange| -> Vec<&str> { range.faults().iter().map(|(at, _)| *at).collect() };
    assert!(faults(range("42", 0, 999_999, 6, CheckDigit::Hkr)).is_empty());
    assert_eq!(faults(range("4-2", 0, 9, 6, CheckDigit::None)), ["prefix"]);
    assert_eq!(faults(range("TH", 0, 9, 6, CheckDigit::Hkr)), ["prefix"]);
    assert_eq!(faults(range("", 0, 100, 2, CheckDigit::None)), ["last"]);
    assert_eq!(faults(range("1", 9, 8, 2, CheckDigit::None)), ["last"]);
    assert_eq!(faults(range("1", -1, 8, 2, CheckDigit::None)), ["first"]);
    assert_eq!(
        faults(range("1", 0, 8, 0, CheckDigit::None)),
        ["digits", "digits"]
    );
    assert_eq!(faults(range("", 0, 8, 19, CheckDigit::None)), ["digits"]);
    assert_eq!(
        faults(range(&"1".repeat(25), 0, 8, 6, CheckDigit::None)),
        ["digits"]
    );
}

#[test]
fn ranges_that_spell_the_same_number_meet_whatever_their_prefixes() {
    let (a, b) = (
        range("42", 0, 999, 6, CheckDigit::None),
        range("4200", 500, 700, 4, CheckDigit::None),
    );
    assert_eq!(a.meets(&b).expect("they meet").as_str(), "42000500");
    assert!(a.meets(&range("43", 0, 999, 6, CheckDigit::None)).is_none());
    assert!(a.meets(&range("42", 0, 999, 7, CheckDigit::None)).is_none());
    assert!(a.meets(&range("42", 1000, 1999, 6, CheckDigit::None)).is_none());
    // The check digit of one is the last place of the other.
    let checked = range("", 12_345_678, 12_345_678, 8, CheckDigit::Hkr);
    let plain = |first, last| range("", first, last, 9, CheckDigit::None);
    assert_eq!(
        checked.meets(&plain(0, 999_999_999)).expect("they meet").as_str(),
        "123456788"
    );
    assert!(plain(123_456_789, 999_999_999).meets(&checked).is_none());
}

fn any_range() -> impl Strategy<Value = PoolRange> {
    let check = prop_oneof![Just(CheckDigit::None), Just(CheckDigit::Hkr)];
    ("[0-9]{0,2}", 0_i64..60, 0_i64..60, 2_u32..4, check).prop_map(|(prefix, first, more, digits, check)| {
        range(&prefix, first, (first + more).min(99), digits, check)
    })
}

proptest! {
    #[test]
    fn two_ranges_meet_exactly_where_they_share_a_kassenzeichen(a in any_range(), b in any_range()) {
        let shared: Vec<_> = all(&a).intersection(&all(&b)).cloned().collect();
        let met = a.meets(&b).map(|kassenzeichen| kassenzeichen.as_str().to_owned());
        prop_assert_eq!(met.is_some(), !shared.is_empty());
        prop_assert!(met.is_none_or(|met| shared.contains(&met)));
        prop_assert_eq!(a.meets(&b).is_some(), b.meets(&a).is_some());
    }

    #[test]
    fn one_wrong_digit_is_found(number in "[0-9]{2,29}", at in any::<prop::sample::Index>(), by in 1_u32..10) {
        let at = at.index(number.len());
        let digit = number[at..=at].parse::<u32>().expect("a digit");
        let other = format!("{}{}{}", &number[..at], (digit + by) % 10, &number[at + 1..]);
        prop_assert_ne!(hkr(&number), hkr(&other));
    }

    #[test]
    fn the_numbers_of_a_range_are_all_different(range in any_range()) {
        let count = usize::try_from(range.last - range.first + 1).expect("a count");
        prop_assert_eq!(all(&range).len(), count);
    }
}
