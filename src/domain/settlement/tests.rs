use proptest::prelude::*;

use super::*;

fn line(row: u64, reference: &str, gross: i64) -> Line {
    Line {
        row,
        owner: Owner::Ours,
        kind: Kind::Payment,
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        transaction: None,
        payout: Some("A-77".to_owned()),
        gross: Cents::new(gross),
        fee: Some(Cents::new(35)),
        net: Some(Cents::new(gross - 35)),
        day: None,
        method: None,
    }
}

#[test]
fn a_list_imported_again_in_another_order_changes_nothing() {
    let old = [line(2, "KZ1", 1000), line(3, "KZ2", 2000), line(4, "KZ2", 2000)];
    let new = [line(2, "KZ2", 2000), line(3, "KZ2", 2000), line(4, "KZ1", 1000)];
    assert!(difference(&old, &new).is_empty());
}

#[test]
fn a_line_that_stands_there_once_less_is_removed_once() {
    let old = [line(2, "KZ1", 1000), line(3, "KZ1", 1000)];
    let told = difference(&old, &old[..1]);
    assert_eq!(told.removed, [line(3, "KZ1", 1000)]);
    assert!(told.added.is_empty() && told.changed.is_empty());
}

#[test]
fn a_corrected_amount_is_a_change_of_the_same_line() {
    let old = [line(2, "KZ1", 1000), line(3, "KZ2", 2000)];
    let new = [line(2, "KZ1", 1000), line(3, "KZ2", 2100), line(4, "KZ3", 5)];
    let told = difference(&old, &new);
    assert_eq!(told.changed, [(line(3, "KZ2", 2000), line(3, "KZ2", 2100))]);
    assert_eq!(told.added, [line(4, "KZ3", 5)]);
    assert!(told.removed.is_empty());
}

#[test]
fn a_corrected_reference_is_a_change_where_the_provider_numbers_its_lines() {
    let numbered = |reference: &str| Line {
        transaction: Some("T1".to_owned()),
        ..line(2, reference, 1000)
    };
    let told = difference(&[numbered("KZ1")], &[numbered("KZ9")]);
    assert_eq!(told.changed, [(numbered("KZ1"), numbered("KZ9"))]);
    // Without a number it is another line.
    let told = difference(&[line(2, "KZ1", 1000)], &[line(2, "KZ9", 1000)]);
    assert_eq!((told.added.len(), told.removed.len()), (1, 1));
}

#[test]
fn lines_that_nothing_names_are_never_paired() {
    let told = difference(&[line(2, "", 1000)], &[line(2, "", 1100)]);
    assert_eq!(
        (told.added.len(), told.removed.len(), told.changed.len()),
        (1, 1, 0)
    );
}

#[test]
fn a_payment_and_its_refund_are_two_lines() {
    let refund = Line {
        kind: Kind::Refund,
        ..line(3, "KZ1", -1000)
    };
    let told = difference(&[line(2, "KZ1", 1000)], std::slice::from_ref(&refund));
    assert_eq!(told.added, [refund]);
    assert_eq!(told.removed, [line(2, "KZ1", 1000)]);
}

#[test]
fn totals_forget_a_fee_that_one_line_does_not_tell_and_refuse_what_cannot_be_held() {
    let known = Totals::default().with(&line(1, "KZ1", 1000)).expect("a sum");
    assert_eq!((known.count, known.fee), (1, Some(Cents::new(35))));
    let blind = Line {
        fee: None,
        net: None,
        ..line(2, "KZ2", 500)
    };
    let unknown = known.with(&blind).expect("a sum");
    assert_eq!(
        (unknown.gross, unknown.fee, unknown.net),
        (Cents::new(1500), None, None)
    );
    assert_eq!(unknown.with(&line(3, "KZ3", i64::MAX)), None);
}

#[test]
fn a_mapping_names_each_setting_that_is_wrong() {
    let text = "decimal = \"comma\"\ngrouping = \",\"\nseparator = \"x\"\nquote = \"x\"\nheader = false\n\
        day_format = \"%d.%m.\"\nreference = \"Verwendungszweck\"\ngross = 0\nsigns = \"by-kind\"\n\
        [system]\ncolumn = 3\nours = []\n[[stated]]\nwhat = \"count\"\nvalue = 0\nwhen = { cell = 1, text = \" \" }\n";
    let mapping: Mapping = toml::from_str(text).expect("a mapping");
    let paths: Vec<String> = mapping.problems().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "separator",
            "quote",
            "grouping",
            "day_format",
            "reference",
            "gross",
            "stated[0]",
            "stated[0].when.text",
            "signs",
            "system.ours"
        ]
    );
    for format in ["%Y-%m-%d %H:%M:%S", "%d.%m.%y", "%Y-%m-%dT%H:%M:%S%z"] {
        let text = format!("decimal = \"point\"\nreference = 1\ngross = 2\nday_format = \"{format}\"");
        let mapping: Mapping = toml::from_str(&text).expect("a mapping");
        assert_eq!(mapping.problems(), [], "{format}");
    }
    for format in ["%", "%!", "", "%d.%m.%Q", "%H:%M"] {
        let text = format!("decimal = \"point\"\nreference = 1\ngross = 2\nday_format = \"{format}\"");
        let mapping: Mapping = toml::from_str(&text).expect("a mapping");
        assert_eq!(mapping.problems().len(), 1, "{format}");
    }
    let twice: Mapping = toml::from_str(
        "decimal = \".\"\nreference = 1\ngross = 2\n[kind]\ncolumn = 3\nwords = { payment = [\"x\"], refund = [\"x\"] }",
    )
    .expect("a mapping");
    assert_eq!(
        twice.problems(),
        [(
            "kind.words".to_owned(),
            "«x» stands there twice; a word means one kind".to_owned()
        )]
    );
}

fn some_line() -> impl Strategy<Value = Line> {
    (0..4_u8, 0..3_u8, 1..4_i64, any::<bool>()).prop_map(|(reference, transaction, euros, refund)| {
        let name = |letter: &str, number: u8| (number > 0).then(|| format!("{letter}{number}"));
        Line {
            reference: name("KZ", reference),
            transaction: name("T", transaction),
            kind: if refund { Kind::Refund } else { Kind::Payment },
            ..line(0, "", euros * 100)
        }
    })
}

fn some_list() -> impl Strategy<Value = Vec<Line>> {
    proptest::collection::vec(some_line(), 0..12).prop_map(|mut lines| {
        for (row, line) in (2..).zip(&mut lines) {
            line.row = row;
        }
        lines
    })
}

fn sorted(lines: impl IntoIterator<Item = Line>) -> Vec<String> {
    let mut texts: Vec<String> = lines
        .into_iter()
        .map(|line| format!("{:?}", Line { row: 0, ..line }))
        .collect();
    texts.sort();
    texts
}

proptest! {
    /// The old list, counter-booked and booked as the difference says, is the new list.
    #[test]
    fn a_difference_leads_from_one_revision_to_the_other(old in some_list(), new in some_list()) {
        let told = difference(&old, &new);
        let mut left = sorted(old.clone());
        for gone in sorted(told.removed.iter().cloned().chain(told.changed.iter().map(|(before, _)| before.clone()))) {
            let at = left.iter().position(|line| *line == gone).expect("what goes was there");
            left.remove(at);
        }
        left.extend(sorted(told.added.iter().cloned().chain(told.changed.iter().map(|(_, after)| after.clone()))));
        left.sort();
        prop_assert_eq!(left, sorted(new.clone()));
        prop_assert!(difference(&new, &new).is_empty());
        // What stayed is told by nobody.
        let back = difference(&new, &old);
        prop_assert_eq!(back.is_empty(), told.is_empty());
    }
}
