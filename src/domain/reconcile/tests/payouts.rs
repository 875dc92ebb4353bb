//! Payouts of payment service providers: to the cent, or an exception.

use super::kit::{Story, claim};
use crate::domain::money::Cents;
use crate::domain::reconcile::*;

const RATE: Contract = Contract {
    per_payout: Cents::ZERO,
    per_item: Cents::new(25),
    millionths: 12_500,
};

/// What is said of this amount, where 40 payments of 1000.00 in all were to be paid out.
fn says(fee: Option<i64>, contract: Option<Contract>, found: i64) -> String {
    let payout = Payout {
        gross: Cents::new(100_000),
        fee: fee.map(Cents::new),
        count: 40,
        contract,
    };
    let open = Open {
        kind: Kind::Payout(payout),
        references: vec![(Name::Payout, "SETTLE-2026-1104")],
        ..claim(1, "", 0)
    };
    let story = Story::default()
        .open(&open)
        .line(9, 5, found, "Auszahlung SETTLE-2026-1104");
    story.says(9).split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn the_whole_sum_is_a_payout_whose_fee_is_billed_apart() {
    assert_eq!(says(None, None, 100_000), "1 by auszahlung_brutto");
    assert_eq!(says(Some(2250), Some(RATE), 100_000), "1 by auszahlung_brutto");
}

#[test]
fn the_fee_of_the_list_explains_to_the_cent() {
    assert_eq!(says(Some(2250), None, 97_750), "1 by auszahlung_liste, fee 22.50");
    assert_eq!(says(Some(2250), None, 97_749), "gebuehr_ungeklaert");
    assert_eq!(says(Some(2250), None, 97_751), "gebuehr_ungeklaert");
}

#[test]
fn where_the_list_tells_a_fee_the_contract_is_not_asked() {
    assert_eq!(says(Some(1000), Some(RATE), 97_750), "gebuehr_ungeklaert");
}

#[test]
fn the_contract_explains_one_cent_per_payment_more_or_less() {
    // 1.25 % of 1000.00 and 40 times 0.25 is 22.50.
    assert_eq!(
        says(None, Some(RATE), 97_750),
        "1 by auszahlung_vertrag, fee 22.50"
    );
    assert_eq!(
        says(None, Some(RATE), 97_710),
        "1 by auszahlung_vertrag, fee 22.90"
    );
    assert_eq!(
        says(None, Some(RATE), 97_790),
        "1 by auszahlung_vertrag, fee 22.10"
    );
    assert_eq!(says(None, Some(RATE), 97_709), "gebuehr_ungeklaert");
    assert_eq!(says(None, Some(RATE), 97_791), "gebuehr_ungeklaert");
}

#[test]
fn no_shortage_hides_as_a_fee() {
    assert_eq!(says(None, None, 99_999), "gebuehr_ungeklaert");
    assert_eq!(says(None, None, -100_000), "gegenbewegung");
}

#[test]
fn more_than_the_list_is_no_payout() {
    assert_eq!(says(Some(2250), None, 100_001), "betrag_weicht_ab");
}

#[test]
fn what_a_payout_clears_is_its_gross_sum() {
    let payout = Payout {
        gross: Cents::new(100_000),
        fee: Some(Cents::new(2250)),
        count: 40,
        contract: None,
    };
    let open = Open {
        kind: Kind::Payout(payout),
        references: vec![(Name::Payout, "SETTLE-2026-1104")],
        ..claim(1, "", 0)
    };
    let outcome = Story::default()
        .open(&open)
        .line(9, 5, 97_750, "SETTLE-2026-1104")
        .outcome();
    let (_, pairing) = outcome.pairings().next().expect("it is paired");
    assert_eq!(
        (pairing.gross, pairing.fee),
        (Cents::new(100_000), Cents::new(2250))
    );
    assert!(!pairing.ahead);
}

#[test]
fn a_contract_rounds_half_a_cent_up() {
    let contract = Contract {
        per_payout: Cents::new(10),
        per_item: Cents::ZERO,
        millionths: 5000,
    };
    assert_eq!(contract.fee(Cents::new(100), 1), Some(Cents::new(11)));
    assert_eq!(contract.fee(Cents::new(99), 1), Some(Cents::new(10)));
    assert_eq!(
        contract
            .fee(Cents::new(i64::MAX), u32::MAX)
            .map(Cents::is_positive),
        Some(true)
    );
    let absurd = Contract {
        millionths: u32::MAX,
        ..contract
    };
    assert_eq!(absurd.fee(Cents::new(i64::MAX), 1), None);
}
