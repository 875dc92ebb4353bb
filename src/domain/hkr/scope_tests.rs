//! Which bookings go out: every kind on every account that it moves, and what the cash system holds then.

use std::collections::BTreeMap;

use super::scope::{Said, goes_out};
use crate::domain::booking::{Account, BookingKind};
use crate::domain::tenant::Postings;

fn account(text: &str) -> Account {
    text.parse().expect("an account")
}

const FORDERUNG: &str = "forderung";
const ERLOES: &str = "erloes/1100.1000";
const STEUER: &str = "steuer/U19";
const ZVP: &str = "verrechnung/epaybl/KREDITKARTE";
const BANK: &str = "bank/DE02120300000000202051";

/// Every kind, with the accounts that it moves, and whether it goes out where ePayBL books itself.
const TABLE: &[(BookingKind, &str, &str, bool)] = &[
    (BookingKind::Sollstellung, FORDERUNG, ERLOES, false),
    (BookingKind::Sollstellung, FORDERUNG, STEUER, false),
    (BookingKind::Sollstellung, FORDERUNG, "verwahrung", false),
    (BookingKind::Absetzung, ERLOES, FORDERUNG, false),
    (BookingKind::Absetzung, "verwahrung", FORDERUNG, false),
    (BookingKind::Zahlung, ZVP, FORDERUNG, false),
    (BookingKind::Teilzahlung, ZVP, FORDERUNG, false),
    (BookingKind::Ueberzahlung, ZVP, "verwahrung", true),
    (BookingKind::Doppelzahlung, ZVP, "verwahrung", true),
    (BookingKind::SpaeteZahlung, ZVP, "verwahrung", true),
    (BookingKind::Ruecklastschrift, "verwahrung", ZVP, true),
    (BookingKind::Ruecklastschrift, FORDERUNG, ZVP, false),
    (BookingKind::Gutschrift, BANK, ZVP, false),
    (BookingKind::Rueckgabe, ZVP, BANK, false),
    (BookingKind::Rueckgabe, "rueckgebuehr", BANK, true),
    (BookingKind::Rueckgabe, ZVP, "vorschuss", true),
    (BookingKind::Klaerung, BANK, "verwahrung", true),
    (BookingKind::Vorschuss, "vorschuss", BANK, true),
    (BookingKind::Zuordnung, "verwahrung", ZVP, true),
    (BookingKind::Zuordnung, "verwahrung", FORDERUNG, true),
    (BookingKind::Erstattung, "verwahrung", "erstattung", true),
    (BookingKind::Erstattung, ERLOES, "erstattung", true),
    (BookingKind::Weiterleitung, "verwahrung", "erstattung", true),
    (BookingKind::Auskehrung, "erstattung", BANK, true),
    (BookingKind::Auskehrung, "erstattung", ZVP, true),
    (BookingKind::Auszahlung, BANK, ZVP, false),
    (BookingKind::Auszahlung, "verwahrung", ZVP, true),
    (BookingKind::Disagio, "disagio/9100.6580", ZVP, true),
    (BookingKind::Ruecknahme, ZVP, ZVP, false),
    (BookingKind::Umbuchung, "verwahrung", "verwahrung", true),
    (BookingKind::Umbuchung, ERLOES, ERLOES, true),
    (BookingKind::Ausbuchung, ERLOES, FORDERUNG, true),
    (BookingKind::Ausbuchung, "verwahrung", ERLOES, true),
    // A Storno that reverses nothing is none; by its accounts it goes out.
    (BookingKind::Storno, "verwahrung", BANK, true),
];

#[test]
fn every_kind_has_its_line_and_a_storno_follows_what_it_reverses() {
    for kind in BookingKind::ALL {
        assert!(TABLE.iter().any(|(known, ..)| known == kind), "{}", kind.as_str());
    }
    for (kind, debit, credit, goes) in TABLE {
        let (debit, credit) = (account(debit), account(credit));
        let told = format!("{}: {debit} an {credit}", kind.as_str());
        assert!(goes_out(Postings::Connector, *kind, &debit, &credit), "{told}");
        assert_eq!(
            goes_out(Postings::Provider, *kind, &debit, &credit),
            *goes,
            "{told}"
        );
        // The mirror image has the kind of what it reverses.
        assert_eq!(
            goes_out(Postings::Provider, *kind, &credit, &debit),
            *goes,
            "storno of {told}"
        );
    }
}

#[test]
fn the_cash_system_holds_of_deposits_advances_and_fees_what_our_books_hold() {
    let beyond = [
        "verwahrung",
        "vorschuss",
        "erstattung",
        "rueckgebuehr",
        "disagio/9100.6580",
    ];
    let mut ours: BTreeMap<&str, i64> = BTreeMap::new();
    let mut theirs: BTreeMap<&str, i64> = BTreeMap::new();
    for (cents, (kind, debit, credit, _)) in (1_i64..).zip(TABLE) {
        // Titles of somebody else's money are Soll, which ePayBL hands over.
        if matches!(kind, BookingKind::Sollstellung | BookingKind::Absetzung) {
            continue;
        }
        let goes = goes_out(Postings::Provider, *kind, &account(debit), &account(credit));
        for (side, sign) in [(debit, 1), (credit, -1)] {
            *ours.entry(side).or_default() += sign * cents;
            *theirs.entry(side).or_default() += if goes { sign * cents } else { 0 };
        }
    }
    for account in beyond {
        assert_eq!(ours.get(account), theirs.get(account), "{account}");
    }
}

#[test]
fn a_booking_goes_by_what_was_said_when_it_was_booked() {
    let said = Said::new([(10, Postings::Provider), (20, Postings::Connector)]);
    for (position, postings) in [
        (0, Postings::Provider),
        (10, Postings::Provider),
        (20, Postings::Provider),
        (21, Postings::Connector),
    ] {
        assert_eq!(said.at(position), Some(postings), "{position}");
    }
    assert_eq!(Said::default().at(5), None);
}
