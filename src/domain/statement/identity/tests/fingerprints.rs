use super::super::{Fingerprint, Identity, StatementDigest, detail_fingerprint, fingerprint};
use crate::domain::money::Cents;
use crate::domain::statement::guards::testkit::{balance, detail, entry, head, january, number, tail};
use crate::domain::statement::{Detail, Direction, Entry, Head, Place, Status};

const ACCOUNT: &str = "DE02120300000000202051";

fn payment() -> (Entry, Detail) {
    let mut detail = detail(1, 2345, "SVWZ Kassenzeichen 4711");
    detail.references.end_to_end = Some("E2E-1".into());
    detail.counterparty.account = Some("DE75512108001245126199".into());
    (entry(1, 2345, january(5)), detail)
}

fn of((entry, detail): &(Entry, Detail)) -> Fingerprint {
    fingerprint(ACCOUNT, entry, Some(detail))
}

#[test]
fn the_same_payment_delivered_again_has_the_same_fingerprint() {
    let first = payment();
    let (mut entry, mut detail) = payment();
    entry.ordinal = 17;
    entry.place = Place { line: 4000 };
    entry.raw = "<Ntry>".into();
    entry.text = "SEPA-GUTSCHRIFT".into();
    entry.code.gvc = Some("166".into());
    detail.counterparty.name = Some("Erika Mustermann".into());
    detail.purpose = vec!["SVWZ Kassen".into(), "zeichen".into(), " 4711 ".into()];
    assert_eq!(of(&first), of(&(entry, detail)));
}

#[test]
fn whatever_tells_two_payments_apart_gives_another_fingerprint() {
    type Change = fn(&mut Entry, &mut Detail);
    let changes: [(&str, Change); 12] = [
        ("booked on", |entry, _| entry.booked_on = Some(january(6))),
        ("no day", |entry, _| entry.booked_on = None),
        ("valued on", |entry, _| entry.valued_on = Some(january(6))),
        ("amount", |entry, _| entry.cents = Cents::new(2346)),
        ("direction", |entry, _| entry.direction = Direction::Debit),
        ("currency", |entry, _| entry.currency = "CHF".into()),
        ("reversal", |entry, _| entry.reversal = true),
        ("bank reference", |entry, _| {
            entry.bank_reference = Some("B1".into());
        }),
        ("end to end", |_, detail| {
            detail.references.end_to_end = Some("E2E-2".into());
        }),
        ("purpose", |_, detail| {
            detail.purpose = vec!["Kassenzeichen 4712".into()];
        }),
        ("counterparty", |_, detail| detail.counterparty.account = None),
        ("structured", |_, detail| {
            detail.structured = vec!["RF18539007547034".into()];
        }),
    ];
    let mut seen = vec![of(&payment())];
    for (what, change) in changes {
        let mut changed = payment();
        change(&mut changed.0, &mut changed.1);
        let fingerprint = of(&changed);
        assert!(!seen.contains(&fingerprint), "{what}");
        seen.push(fingerprint);
    }
    let (entry, detail) = payment();
    let elsewhere = fingerprint("DE75512108001245126199", &entry, Some(&detail));
    assert!(!seen.contains(&elsewhere), "account");
    assert!(
        !seen.contains(&fingerprint(ACCOUNT, &entry, None)),
        "without detail"
    );
}

#[test]
fn fillers_are_never_keys() {
    let plain = {
        let (entry, mut detail) = payment();
        detail.references.end_to_end = None;
        of(&(entry, detail))
    };
    for filler in ["NOTPROVIDED", "NONREF", "", " "] {
        let (mut entry, mut detail) = payment();
        entry.bank_reference = Some(filler.into());
        detail.references.end_to_end = Some(filler.into());
        assert_eq!(of(&(entry, detail)), plain, "{filler:?}");
    }
}

#[test]
fn the_words_of_the_bank_count_only_where_there_is_nothing_else() {
    let fee = |text: &str| {
        let mut entry = entry(1, -500, january(5));
        entry.text = text.into();
        fingerprint(ACCOUNT, &entry, Some(&detail(1, -500, " ")))
    };
    assert_ne!(fee("ENTGELT"), fee("ZINSEN"));
    assert_eq!(fee("ENT\nGELT"), fee("ENTGELT"));
}

#[test]
fn fields_do_not_flow_into_one_another() {
    let with = |end_to_end: Option<&str>, purpose: &str| {
        let (entry, mut detail) = payment();
        detail.references.end_to_end = end_to_end.map(str::to_owned);
        detail.purpose = vec![purpose.into()];
        of(&(entry, detail))
    };
    assert_ne!(with(Some("AB"), "C"), with(Some("A"), "BC"));
    assert_ne!(with(None, "A"), with(Some("A"), ""));
}

#[test]
fn details_are_told_apart_by_their_entry_and_by_what_is_their_own() {
    let (entry, detail) = payment();
    let fingerprint = fingerprint(ACCOUNT, &entry, Some(&detail));
    let identity = |ordinal| Identity { fingerprint, ordinal };
    let own = detail_fingerprint(identity(1), &detail);
    assert_eq!(own, detail_fingerprint(identity(1), &payment().1));
    assert_ne!(own, detail_fingerprint(identity(2), &detail));
    assert_ne!(own, fingerprint);
    let mut other = detail.clone();
    other.cents = None;
    assert_ne!(own, detail_fingerprint(identity(1), &other));
    let mut other = detail;
    other.references.mandate = Some("M-1".into());
    assert_ne!(own, detail_fingerprint(identity(1), &other));
}

fn digest(head: &Head, entries: &[(Entry, Detail)], closing: i64) -> [u8; 32] {
    let mut digest = StatementDigest::begin(head);
    for (entry, detail) in entries {
        digest.entry(fingerprint(&head.account, entry, Some(detail)), entry.status);
        digest.detail(detail);
    }
    digest.end(&tail(Some(balance(closing, january(5)))))
}

#[test]
fn the_same_statement_has_the_same_digest_whenever_it_was_made() {
    let mut again = head();
    again.id = "STMT-2".into();
    again.created = Some("2026-01-07T08:00:00".into());
    again.place = Place { line: 99 };
    let entries = [payment()];
    assert_eq!(digest(&head(), &entries, 100), digest(&again, &entries, 100));
}

#[test]
fn any_other_statement_has_another_digest() {
    let (entry, detail) = payment();
    let mut later = payment();
    later.0.cents = Cents::new(1);
    let mut pending = payment();
    pending.0.status = Status::Pending;
    let mut numbered = head();
    numbered.sequence = Some(number(7));
    let plain = digest(&head(), &[payment(), later.clone()], 100);
    for (what, other) in [
        (
            "order",
            digest(&head(), &[later.clone(), (entry, detail.clone())], 100),
        ),
        ("one less", digest(&head(), &[payment()], 100)),
        ("closing", digest(&head(), &[payment(), later.clone()], 101)),
        ("number", digest(&numbered, &[payment(), later.clone()], 100)),
        ("status", digest(&head(), &[pending, later], 100)),
    ] {
        assert_ne!(plain, other, "{what}");
    }
}

#[test]
fn a_fingerprint_is_stored_and_printed_whole() {
    let fingerprint = of(&payment());
    assert_eq!(Fingerprint::from_bytes(*fingerprint.bytes()), fingerprint);
    let mut bytes = [0; 32];
    bytes[0] = 0x0f;
    let printed = Fingerprint::from_bytes(bytes).to_string();
    assert_eq!(printed, format!("0f{}", "00".repeat(31)));
}
