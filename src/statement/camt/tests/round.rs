//! Random statements, written as versions 02, 04, 08 and 13 have them, are read back as they were meant.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{entries, head, refusals, tail, tell};
use crate::domain::money::Cents;
use crate::domain::statement::Direction;

#[derive(Debug, Clone)]
struct Meant {
    booked_on: Date,
    direction: Direction,
    reference: String,
    text: String,
    details: Vec<MeantDetail>,
}

#[derive(Debug, Clone)]
struct MeantDetail {
    cents: i64,
    end_to_end: String,
    name: String,
    lines: Vec<String>,
    fee: Option<i64>,
}

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z0-9äöüß<>&'\" ./-]{0,20}[A-Za-z]"
}

fn reference() -> impl Strategy<Value = String> {
    "[A-Z]{2}[0-9]{1,10}X"
}

fn detail() -> impl Strategy<Value = MeantDetail> {
    let lines = prop::collection::vec(text(), 0..4);
    let fee = prop::option::of(1_i64..10_000);
    (1_i64..100_000_000, reference(), text(), lines, fee).prop_map(|(cents, end_to_end, name, lines, fee)| {
        MeantDetail {
            cents,
            end_to_end,
            name: format!("N{name}"),
            lines,
            fee,
        }
    })
}

fn meant() -> impl Strategy<Value = Meant> {
    let direction = prop_oneof![Just(Direction::Credit), Just(Direction::Debit)];
    let details = prop::collection::vec(detail(), 1..5);
    (0_i32..3000, direction, reference(), text(), details).prop_map(
        |(day, direction, reference, text, details)| Meant {
            booked_on: date(2020, 1, 1).saturating_add(day.days()),
            direction,
            reference,
            text: text.trim().to_owned(),
            details,
        },
    )
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn decimal(cents: i64) -> String {
    Cents::new(cents).to_string()
}

fn write(meant: &[Meant], version: u32) -> String {
    let entries: String = meant.iter().map(|entry| write_entry(entry, version)).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}\">\n\
         <BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>{entries}</Stmt>\n\
         </BkToCstmrStmt></Document>"
    )
}

fn write_entry(entry: &Meant, version: u32) -> String {
    let indicator = match entry.direction {
        Direction::Credit => "CRDT",
        Direction::Debit => "DBIT",
    };
    let status = if version < 7 { "BOOK" } else { "<Cd>BOOK</Cd>" };
    let total: i64 = entry.details.iter().map(|detail| detail.cents).sum();
    let details: String = entry
        .details
        .iter()
        .map(|detail| write_detail(detail, entry.direction, version))
        .collect();
    format!(
        "<Ntry><NtryRef>{}</NtryRef><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{indicator}</CdtDbtInd><Sts>{status}</Sts>\
         <BookgDt><Dt>{}</Dt></BookgDt><BkTxCd/><NtryDtls>{details}</NtryDtls><AddtlNtryInf>{}</AddtlNtryInf></Ntry>\n",
        entry.reference,
        decimal(total),
        entry.booked_on,
        escaped(&entry.text),
    )
}

fn write_detail(detail: &MeantDetail, direction: Direction, version: u32) -> String {
    let amount = decimal(detail.cents);
    let amount = if version == 2 {
        format!("<AmtDtls><TxAmt><Amt Ccy=\"EUR\">{amount}</Amt></TxAmt></AmtDtls>")
    } else {
        format!("<Amt Ccy=\"EUR\">{amount}</Amt>")
    };
    let charges = detail.fee.map_or_else(String::new, |fee| {
        let fee = format!("<Amt Ccy=\"EUR\">{}</Amt>", decimal(fee));
        if version < 4 {
            format!("<Chrgs>{fee}</Chrgs>")
        } else {
            format!("<Chrgs><Rcrd>{fee}</Rcrd></Chrgs>")
        }
    });
    let side = match direction {
        Direction::Credit => "Dbtr",
        Direction::Debit => "Cdtr",
    };
    let name = format!("<Nm>{}</Nm>", escaped(&detail.name));
    let party = if version < 7 {
        name
    } else {
        format!("<Pty>{name}</Pty>")
    };
    let line = |line: &String| format!("<Ustrd>{}</Ustrd>", escaped(line));
    let lines = detail.lines.iter().map(line).collect::<Vec<_>>().concat();
    format!(
        "<TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs>{amount}{charges}<RltdPties><{side}>{party}</{side}></RltdPties>\
         <RmtInf>{lines}</RmtInf></TxDtls>",
        detail.end_to_end
    )
}

proptest! {
    #[test]
    fn a_statement_is_read_back_as_it_was_meant(
        meant in prop::collection::vec(meant(), 0..5),
        version in prop::sample::select(vec![2_u32, 4, 8, 13]),
    ) {
        let pieces = tell(write(&meant, version));
        prop_assert_eq!(refusals(&pieces), []);
        prop_assert_eq!(head(&pieces).version, Some(format!("{version:02}")));
        prop_assert_eq!(tail(&pieces).closing, None);
        let told = entries(&pieces);
        prop_assert_eq!(told.len(), meant.len());
        for (index, ((entry, details), meant)) in told.iter().zip(&meant).enumerate() {
            prop_assert_eq!(entry.ordinal as usize, index + 1);
            prop_assert_eq!(entry.cents.get(), meant.details.iter().map(|detail| detail.cents).sum::<i64>());
            prop_assert_eq!(entry.direction, meant.direction);
            prop_assert_eq!(entry.booked_on, Some(meant.booked_on));
            prop_assert_eq!(entry.reference.as_deref(), Some(meant.reference.as_str()));
            prop_assert_eq!(&entry.text, &meant.text);
            prop_assert_eq!(details.len(), meant.details.len());
            for (detail, meant) in details.iter().zip(&meant.details) {
                prop_assert_eq!(detail.cents, Some(Cents::new(meant.cents)));
                prop_assert_eq!(detail.references.end_to_end.as_deref(), Some(meant.end_to_end.as_str()));
                prop_assert_eq!(detail.counterparty.name.as_deref(), Some(meant.name.as_str()));
                prop_assert_eq!(&detail.purpose, &meant.lines);
                let fees: Vec<Cents> = meant.fee.map(Cents::new).into_iter().collect();
                prop_assert_eq!(&detail.charges, &fees);
            }
        }
    }

    #[test]
    fn bytes_that_are_nothing_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let pieces = tell(bytes);
        prop_assert_eq!(refusals(&pieces).len(), 1);
    }

    #[test]
    fn a_file_with_one_wrong_byte_is_read_or_refused_without_a_panic(place in 0_usize..super::V02.len(), byte: u8) {
        let mut file = super::V02.as_bytes().to_vec();
        file[place] = byte;
        let pieces = tell(file);
        prop_assert!(!pieces.is_empty());
        // The statement, and then the file.
        prop_assert!(refusals(&pieces).len() <= 2);
    }
}
