use super::tell_entry;
use crate::domain::money::Cents;
use crate::domain::statement::{Detail, Direction};

const DEBIT: &str = "<CdtDbtInd>DBIT</CdtDbtInd>";

/// A fee as it is told since version 04.
fn fee(amount: &str, inside: &str) -> String {
    format!("<Chrgs><Rcrd><Amt Ccy=\"EUR\">{amount}</Amt>{inside}</Rcrd></Chrgs>")
}

fn payment(amount: &str, inside: &str) -> String {
    format!("<TxDtls><Amt Ccy=\"EUR\">{amount}</Amt>{inside}</TxDtls>")
}

/// The details of an entry of 10.00 EUR to our credit.
fn details(inside: &str) -> Vec<Detail> {
    tell_entry(&format!("<NtryDtls>{inside}</NtryDtls>")).1
}

fn told(detail: &Detail) -> (Option<i64>, Option<i64>, Vec<i64>) {
    let cents = |cents: Option<Cents>| cents.map(Cents::get);
    let charges = detail.charges.iter().map(|cents| cents.get()).collect();
    (cents(detail.cents), cents(detail.original), charges)
}

#[test]
fn a_payment_that_is_told_without_its_fee_is_worth_what_came_to_the_account() {
    for inside in [
        "",
        DEBIT,
        "<CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>false</ChrgInclInd>",
    ] {
        let credit = details(&payment("12.50", &fee("2.50", inside)));
        assert_eq!(told(&credit[0]), (Some(1000), Some(1250), vec![250]), "{inside}");
    }
    // Version 02, the fee flat.
    let flat = "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">12.50</Amt></TxAmt></AmtDtls>\
                <Chrgs><Amt Ccy=\"EUR\">2.50</Amt></Chrgs></TxDtls>";
    assert_eq!(told(&details(flat)[0]), (Some(1000), Some(1250), vec![250]));
}

#[test]
fn what_goes_out_with_its_fee_is_more_than_what_was_ordered() {
    let file = super::statement(
        &super::entry(&format!(
            "<NtryDtls>{}</NtryDtls>",
            payment("9.00", &fee("1.00", DEBIT))
        ))
        .replace("CRDT", "DBIT"),
    );
    let told_of_file = super::entries(&super::tell(file));
    let detail = &told_of_file[0].1[0];
    assert_eq!(detail.direction, Direction::Debit);
    assert_eq!(told(detail), (Some(1000), Some(900), vec![100]));
}

#[test]
fn the_fee_of_the_entry_belongs_to_its_only_detail() {
    let (_, alone) = tell_entry(&format!(
        "{}<NtryDtls>{}</NtryDtls>",
        fee("2.50", ""),
        payment("12.50", "")
    ));
    assert_eq!(told(&alone[0]), (Some(1000), Some(1250), vec![250]));
}

#[test]
fn of_several_payments_each_bears_its_own_fee() {
    let two = [payment("6.00", &fee("1.00", DEBIT)), payment("5.00", "")].concat();
    let two = details(&two);
    assert_eq!(told(&two[0]), (Some(500), Some(600), vec![100]));
    assert_eq!(told(&two[1]), (Some(500), None, vec![]));
}

#[test]
fn a_fee_that_does_not_make_the_entry_changes_nothing() {
    let within = details(&payment("10.00", &fee("2.50", DEBIT)));
    assert_eq!(
        told(&within[0]),
        (Some(1000), None, vec![250]),
        "the amount holds it"
    );
    let neither = details(&payment("12.00", &fee("2.50", DEBIT)));
    assert_eq!(
        told(&neither[0]),
        (Some(1200), None, vec![250]),
        "the guard will tell"
    );
    let foreign = details(&payment("12.50", &fee("2.50", DEBIT).replace("EUR", "USD")));
    assert_eq!(told(&foreign[0]), (Some(1250), None, vec![]));
}
