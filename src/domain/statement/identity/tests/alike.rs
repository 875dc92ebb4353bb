use jiff::civil::Date;

use super::super::{Fingerprint, Identity, Placer, Relation, disjoint, in_another_format};
use crate::domain::statement::guards::testkit::{balance, entry, head, january, number, tail};
use crate::domain::statement::header::Header;
use crate::domain::statement::{Format, Head, Sequence};

const F: Fingerprint = Fingerprint::from_bytes([7; 32]);

fn identity(ordinal: u32) -> Identity {
    Identity {
        fingerprint: F,
        ordinal,
    }
}

fn placed(placer: &mut Placer, count: usize) -> Vec<(u32, bool)> {
    (0..count)
        .map(|_| placer.place(F))
        .map(|occurrence| (occurrence.identity.ordinal, occurrence.new))
        .collect()
}

#[test]
fn two_alike_entries_in_one_statement_are_two_payments() {
    assert_eq!(placed(&mut Placer::default(), 2), [(1, true), (2, true)]);
}

#[test]
fn those_of_an_overlapping_statement_are_the_same_and_what_goes_beyond_is_new() {
    let mut placer = Placer::default();
    placer.know(identity(1), Relation::Overlapping);
    placer.know(identity(2), Relation::Overlapping);
    assert_eq!(placed(&mut placer, 3), [(1, false), (2, false), (3, true)]);
}

#[test]
fn those_of_a_disjoint_statement_are_others_wherever_else_they_were_seen() {
    let mut placer = Placer::default();
    placer.know(identity(1), Relation::Overlapping);
    placer.know(identity(1), Relation::Disjoint);
    placer.know(identity(2), Relation::Disjoint);
    placer.know(identity(2), Relation::Overlapping);
    placer.know(identity(3), Relation::Overlapping);
    assert_eq!(placed(&mut placer, 2), [(3, false), (4, true)]);
}

#[test]
fn a_statement_in_batches_is_placed_like_a_whole_one() {
    let known = |placer: &mut Placer| {
        placer.know(identity(1), Relation::Overlapping);
        placer.know(identity(2), Relation::Disjoint);
    };
    let mut whole = Placer::default();
    known(&mut whole);
    let all = placed(&mut whole, 4);
    let mut pieces = Vec::new();
    for begun in 0..4 {
        let mut placer = Placer::default();
        known(&mut placer);
        placer.begun(F, begun);
        pieces.extend(placed(&mut placer, 1));
    }
    assert_eq!(pieces, all);
}

#[test]
fn the_last_ordinal_there_can_be_does_not_overflow() {
    let mut placer = Placer::default();
    placer.know(identity(u32::MAX), Relation::Disjoint);
    placer.begun(F, u32::MAX);
    assert_eq!(placed(&mut placer, 2), [(u32::MAX, true), (u32::MAX, true)]);
}

/// A statement over some days whose opening balance is of the day before, as in MT940 and with PRCD.
fn over(first: i8, last: i8, sequence: impl Into<Option<Sequence>>, opening: i64, closing: i64) -> Header {
    let opened = if first > 1 { january(first - 1) } else { january(1) };
    opened_on(opened, first, last, sequence, opening, closing)
}

fn opened_on(
    opened: Date,
    first: i8,
    last: i8,
    sequence: impl Into<Option<Sequence>>,
    opening: i64,
    closing: i64,
) -> Header {
    let head = Head {
        sequence: sequence.into(),
        opening: Some(balance(opening, opened)),
        ..head()
    };
    let mut header = Header::begin(&head);
    header.entry(&entry(1, 1, january(first)));
    header.entry(&entry(2, 1, january(last)));
    header.end(&tail(Some(balance(closing, january(last)))))
}

fn both_ways(one: &Header, other: &Header) -> bool {
    assert_eq!(
        disjoint(one, other),
        disjoint(other, one),
        "it holds both ways or not at all"
    );
    disjoint(one, other)
}

#[test]
fn days_that_do_not_touch_and_other_accounts_are_apart() {
    assert!(both_ways(&over(1, 3, None, 0, 5), &over(4, 6, None, 0, 5)));
    assert!(!both_ways(&over(1, 3, None, 0, 5), &over(3, 6, None, 0, 5)));
    let mut elsewhere = over(1, 3, None, 0, 5);
    elsewhere.account = "DE75512108001245126199".into();
    assert!(both_ways(&over(1, 3, None, 0, 5), &elsewhere));
}

#[test]
fn an_entry_without_day_may_be_on_any() {
    let mut dayless = entry(1, 1, january(9));
    dayless.booked_on = None;
    dayless.valued_on = None;
    let mut header = Header::begin(&head());
    header.entry(&dayless);
    let header = header.end(&tail(None));
    assert!(!both_ways(&header, &over(1, 3, None, 0, 5)));
}

#[test]
fn numbers_and_pages_of_one_day_tell_apart() {
    let page = |page| Sequence {
        number: 7,
        page: Some(page),
        last: None,
    };
    let seventh = over(5, 5, number(7), 0, 50);
    assert!(both_ways(
        &seventh,
        &opened_on(january(5), 5, 5, number(8), 50, 50)
    ));
    assert!(both_ways(
        &over(5, 5, page(1), 0, 50),
        &opened_on(january(5), 5, 5, page(2), 50, 90)
    ));
    assert!(!both_ways(&seventh, &over(5, 5, number(7), 0, 60)));
    assert!(!both_ways(&seventh, &over(5, 5, None, 0, 60)));
}

#[test]
fn numbers_of_exports_do_not_tell_apart() {
    let first = over(5, 8, number(1), 0, 50);
    // The second export reaches back into the days of the first.
    assert!(!both_ways(&first, &over(5, 9, number(2), 0, 70)));
    // The same day again, asked for later.
    let morning = over(5, 5, number(1), 0, 50);
    assert!(!both_ways(&morning, &over(5, 5, number(2), 0, 70)));
    assert!(!both_ways(&morning, &over(5, 5, number(4), 0, 50)));
}

#[test]
fn balances_that_chain_tell_apart_on_a_common_day() {
    let morning = over(5, 5, None, 0, 50);
    let evening = opened_on(january(5), 5, 5, None, 50, 70);
    assert!(both_ways(&morning, &evening));
    assert!(!both_ways(&morning, &opened_on(january(5), 5, 5, None, 60, 70)));
}

#[test]
fn balances_that_are_alike_by_chance_tell_nothing() {
    // The day adds up to nothing: its export opens with what its second half closes with.
    let second_half = opened_on(january(5), 5, 5, None, 50, 0);
    assert!(!both_ways(&second_half, &over(5, 5, None, 0, 0)));
    assert!(!both_ways(&second_half, &over(5, 8, None, 0, 30)));
    assert!(!both_ways(
        &over(5, 5, None, 20, 20),
        &opened_on(january(5), 5, 5, None, 20, 30)
    ));
}

#[test]
fn the_same_days_in_another_format_are_found() {
    let camt = over(5, 6, number(7), 0, 50);
    let mut swift = over(6, 7, number(9), 0, 50);
    swift.format = Format::Mt940;
    assert!(!both_ways(&camt, &swift));
    assert_eq!(
        in_another_format(std::slice::from_ref(&camt), &swift),
        Some(&camt)
    );
    assert_eq!(in_another_format(std::slice::from_ref(&camt), &camt), None);
    let mut interim = swift.clone();
    interim.format = Format::Camt052;
    assert_eq!(in_another_format(std::slice::from_ref(&camt), &interim), None);
    let mut later = over(8, 9, number(9), 0, 50);
    later.format = Format::Mt940;
    assert_eq!(in_another_format(&[camt], &later), None);
}
