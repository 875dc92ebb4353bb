use jiff::civil::date;

use super::{entries, entry, refusal, refusals, statement, tell, tell_entry};
use crate::domain::money::Cents;
use crate::domain::statement::{Direction, Status};

fn amount_of(written: &str) -> Result<i64, String> {
    let pieces = tell(statement(&entry("").replace("10.00", written)));
    match refusals(&pieces).pop() {
        Some(refusal) => Err(refusal.reason),
        None => Ok(entries(&pieces)[0].0.cents.get()),
    }
}

#[test]
fn amounts_are_read_as_banks_pad_them() {
    for (written, cents) in [
        ("10", 1000),
        ("10.5", 1050),
        (" 10.50\n", 1050),
        ("1 000.00", 100_000),
        ("10.50000", 1050),
        ("00000000000000000000000000000010.50", 1050),
        (".5", 50),
        ("10.", 1000),
        ("+10.00", 1000),
        ("0", 0),
    ] {
        assert_eq!(amount_of(written), Ok(cents), "{written}");
    }
}

#[test]
fn what_is_no_amount_is_refused_by_its_words() {
    for (written, words) in [
        ("10.005", "10.005 has a fraction of a cent"),
        ("-10.00", "-10.00 is negative"),
        ("1.000,50", "«1.000,50» is not a decimal amount"),
        ("10,50", "«10,50» is not a decimal amount"),
        ("1e3", "«1e3» is not a decimal amount"),
        ("1_000", "«1_000» is not a decimal amount"),
        ("", "«» is not a decimal amount"),
        (".", "«.» is not a decimal amount"),
        ("99999999999999999999", "is too large an amount"),
        (
            "999999999999999999999999999999999999999",
            "is too large an amount",
        ),
    ] {
        let told = amount_of(written).expect_err(written);
        assert!(told.contains(words), "{written}: {told}");
    }
}

#[test]
fn an_entry_in_another_currency_is_told_as_it_is() {
    let pieces = tell(statement(&entry("").replace("\"EUR\"", "\"JPY\"")));
    assert_eq!(entries(&pieces)[0].0.currency, "JPY");
}

#[test]
fn the_account_lends_its_currency_and_without_either_the_entry_is_refused() {
    let bare = statement(&entry("").replace(" Ccy=\"EUR\"", ""));
    assert_eq!(entries(&tell(&bare))[0].0.currency, "EUR");
    let none = bare.replace("<Ccy>EUR</Ccy>", "");
    assert!(refusal(&tell(none)).contains("names no currency"));
}

#[test]
fn the_day_is_the_one_that_is_written_whatever_its_zone() {
    for (written, day) in [
        ("<Dt>2026-03-02</Dt>", date(2026, 3, 2)),
        ("<Dt>2026-03-02Z</Dt>", date(2026, 3, 2)),
        ("<Dt>2026-03-02+14:00</Dt>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T23:59:59</DtTm>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T00:00:00.000-12:00</DtTm>", date(2026, 3, 2)),
        ("<DtTm>2026-03-02T23:59:59.999999999Z</DtTm>", date(2026, 3, 2)),
        ("2026-03-02", date(2026, 3, 2)),
        ("\n <Dt>\n 2026-03-02 </Dt>\n", date(2026, 3, 2)),
    ] {
        let inside = entry(&format!("<ValDt>{written}</ValDt>"))
            .replace("<Dt>2026-03-02</Dt></BookgDt>", &format!("{written}</BookgDt>"));
        let told = entries(&tell(statement(&inside)));
        assert_eq!(told[0].0.booked_on, Some(day), "{written}");
        assert_eq!(told[0].0.valued_on, Some(day), "{written}");
    }
}

#[test]
fn an_impossible_booking_day_is_refused_and_an_impossible_value_day_is_none() {
    let bad = entry("").replace("2026-03-02", "2026-11-31");
    assert!(refusal(&tell(statement(&bad))).contains("«2026-11-31» is no day"));
    let (told, _) = tell_entry("<ValDt><Dt>2026-02-30</Dt></ValDt>");
    assert_eq!(told.valued_on, None);
    let (told, _) = tell_entry("<ValDt><Dt>2026-02-011</Dt></ValDt>");
    assert_eq!(told.valued_on, None);
}

#[test]
fn the_status_is_plain_in_version_02_and_a_choice_later_and_an_unknown_one_never_books() {
    for (written, status) in [
        ("<Sts>BOOK</Sts>", Status::Booked),
        ("<Sts><Cd>BOOK</Cd></Sts>", Status::Booked),
        ("<Sts>\n<Cd> BOOK </Cd>\n</Sts>", Status::Booked),
        ("<Sts><Cd>PDNG</Cd></Sts>", Status::Pending),
        ("<Sts><Cd>FUTR</Cd></Sts>", Status::Pending),
        ("<Sts>INFO</Sts>", Status::Information),
        ("<Sts><Prtry>BOOKED?</Prtry></Sts>", Status::Information),
    ] {
        let file = statement(&entry("").replace("<Sts>BOOK</Sts>", written));
        assert_eq!(entries(&tell(file))[0].0.status, status, "{written}");
    }
}

#[test]
fn a_reversal_keeps_the_direction_of_the_reversing_entry() {
    let (told, details) = tell_entry("<RvslInd>true</RvslInd>");
    assert!(told.reversal);
    assert_eq!(told.direction, Direction::Credit);
    assert_eq!(details[0].direction, Direction::Credit);
    assert!(!tell_entry("<RvslInd>false</RvslInd>").0.reversal);
    assert!(tell_entry("<RvslInd> 1 </RvslInd>").0.reversal);
}

#[test]
fn an_entry_without_amount_or_direction_is_refused() {
    let amount = entry("").replace("<Amt Ccy=\"EUR\">10.00</Amt>", "");
    assert!(refusal(&tell(statement(&amount))).contains("no amount"));
    let direction = entry("").replace("CRDT", "HABEN");
    assert!(refusal(&tell(statement(&direction))).contains("«HABEN» is neither CRDT nor DBIT"));
    let nowhere = entry("").replace("<CdtDbtInd>CRDT</CdtDbtInd>", "");
    assert!(refusal(&tell(statement(&nowhere))).contains("no direction"));
}

#[test]
fn the_german_code_is_taken_apart_and_foreign_ones_are_left_alone() {
    let code = |inside: &str| tell_entry(&format!("<BkTxCd>{inside}</BkTxCd>")).0.code;
    let full = code("<Prtry><Cd>NTRF+166+00931+004</Cd><Issr>DK</Issr></Prtry>");
    assert_eq!(full.swift.as_deref(), Some("NTRF"));
    assert_eq!(full.gvc.as_deref(), Some("166"));
    assert_eq!(full.primanota.as_deref(), Some("00931"));
    assert_eq!(full.key_extension.as_deref(), Some("004"));
    assert_eq!(full.iso, None);

    let gap = code("<Prtry><Cd>NDDT+105++992</Cd><Issr>ZKA</Issr></Prtry>");
    assert_eq!((gap.primanota, gap.key_extension.as_deref()), (None, Some("992")));
    assert_eq!(
        code("<Prtry><Cd>166</Cd><Issr>DK</Issr></Prtry>").gvc.as_deref(),
        Some("166")
    );
    assert_eq!(
        code("<Prtry><Cd>NMSC+051</Cd></Prtry>").gvc.as_deref(),
        Some("051")
    );

    for foreign in [
        "<Prtry><Cd>00200</Cd><Issr>ING Group</Issr></Prtry>",
        "<Prtry><Cd>544</Cd></Prtry>",
        "<Prtry><Cd>166</Cd><Issr>APC</Issr></Prtry>",
        "<Prtry><Cd></Cd><Issr>DK</Issr></Prtry>",
        "<Domn><Cd>*</Cd><Fmly><Cd>*</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn>",
    ] {
        assert_eq!(
            code(foreign),
            crate::domain::statement::Code::default(),
            "{foreign}"
        );
    }
    let iso = "<Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>";
    assert_eq!(code(iso).iso.as_deref(), Some("PMNT-RCDT-ESCT"));
}

#[test]
fn a_stated_total_of_debits_with_a_minus_is_a_magnitude_all_the_same() {
    let summary =
        "<TxsSummry><TtlDbtNtries><NbOfNtries>10</NbOfNtries><Sum>-509.12</Sum></TtlDbtNtries></TxsSummry>";
    let tail = super::tail(&tell(statement(summary)));
    assert_eq!(tail.stated.debits, Some((10, Cents::new(50_912))));
}

#[test]
fn stated_totals_that_are_empty_say_nothing() {
    let summary = "<TxsSummry><TtlNtries><NbOfNtries/></TtlNtries><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum/></TtlCdtNtries></TxsSummry>";
    let tail = super::tail(&tell(statement(summary)));
    assert_eq!(tail.stated, crate::domain::statement::Stated::default());
    let odd = summary.replace("<Sum/>", "<Sum>1.234</Sum>");
    assert!(refusal(&tell(statement(&odd))).contains("fraction of a cent"));
    let whole = summary.replace("<Sum/>", "<Sum>1.20</Sum>");
    let tail = super::tail(&tell(statement(&whole)));
    assert_eq!(tail.stated.credits, Some((2, Cents::new(120))));
}

#[test]
fn without_a_status_a_statement_holds_what_is_booked_and_of_other_messages_nobody_knows() {
    let none = statement(&entry("").replace("<Sts>BOOK</Sts>", ""));
    assert_eq!(entries(&tell(&none))[0].0.status, Status::Booked);
    for (root, inner) in [("BkToCstmrAcctRpt", "Rpt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn")] {
        let other = none
            .replace("BkToCstmrStmt", root)
            .replace("<Stmt>", &format!("<{inner}>"))
            .replace("</Stmt>", &format!("</{inner}>"));
        assert_eq!(entries(&tell(other))[0].0.status, Status::Information, "{root}");
    }
}
