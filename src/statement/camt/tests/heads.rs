use jiff::civil::date;

use super::{V02, V08, entries, entry, head, refusal, refusals, statement, tail, tell};
use crate::domain::money::Cents;
use crate::domain::statement::{Format, Piece, Sequence};

fn balance(kind: &str, amount: &str, indicator: &str, day: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt>\
         <CdtDbtInd>{indicator}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )
}

#[test]
fn a_german_day_is_read_from_its_account_to_its_totals() {
    let pieces = tell(V02);
    assert_eq!(refusals(&pieces), []);
    let head = head(&pieces);
    assert_eq!(head.format, Format::Camt053);
    assert_eq!(head.version.as_deref(), Some("02"));
    assert_eq!(head.account, "DE02120300000000202051");
    assert_eq!(head.currency.as_deref(), Some("EUR"));
    assert_eq!(head.id, "STMT-41");
    let alone = Sequence {
        number: 41,
        page: None,
        last: None,
    };
    assert_eq!(
        head.sequence,
        Some(alone),
        "page 1 of 1 of the message says nothing"
    );
    assert_eq!(head.created.as_deref(), Some("2026-03-02T20:59:58.0+01:00"));
    assert_eq!(head.period, Some((date(2026, 3, 2), date(2026, 3, 2))));
    assert_eq!(head.place.line, 9);
    let opening = head.opening.expect("PRCD opens a German statement");
    assert_eq!(
        (opening.kind.as_str(), opening.cents),
        ("PRCD", Cents::new(-10_000))
    );
    assert_eq!(opening.day, Some(date(2026, 2, 27)));

    let tail = tail(&pieces);
    let closing = tail.closing.expect("CLBD closes it");
    assert_eq!(
        (closing.cents, closing.day),
        (Cents::new(890), Some(date(2026, 3, 2)))
    );
    assert_eq!(tail.others.len(), 1);
    assert_eq!(tail.others[0].kind, "CLAV");
    assert_eq!(tail.stated.count, Some(3));
    assert_eq!(tail.stated.credits, Some((2, Cents::new(16_190))));
    assert_eq!(tail.stated.debits, Some((1, Cents::new(5300))));

    let sum: Cents = entries(&pieces)
        .iter()
        .map(|(entry, _)| entry.direction.signed(entry.cents))
        .sum();
    assert_eq!(opening.cents + sum, closing.cents);
}

#[test]
fn a_prefix_an_account_without_an_iban_and_a_page_are_read() {
    let pieces = tell(V08);
    assert_eq!(refusals(&pieces), []);
    let head = head(&pieces);
    assert_eq!(head.version.as_deref(), Some("08"));
    assert_eq!(head.account, "08154711");
    assert_eq!(head.currency, None);
    assert_eq!(
        head.created.as_deref(),
        Some("2026-03-02T21:00:00+01:00"),
        "the message's"
    );
    let page = Sequence {
        number: 12,
        page: Some(2),
        last: Some(false),
    };
    assert_eq!(head.sequence, Some(page));
    assert_eq!(
        head.opening.and_then(|opening| opening.day),
        Some(date(2026, 3, 2))
    );
}

#[test]
fn of_several_days_in_one_statement_the_earliest_opens_and_the_latest_closes() {
    let days = [
        balance("OPBD", "20.00", "CRDT", "2026-03-03"),
        balance("CLBD", "30.00", "CRDT", "2026-03-03"),
        balance("OPBD", "10.00", "CRDT", "2026-03-02"),
        balance("CLBD", "20.00", "CRDT", "2026-03-02"),
        balance("PRCD", "9.00", "CRDT", "2026-02-27"),
    ];
    let pieces = tell(statement(&days.concat()));
    let opening = head(&pieces).opening.expect("opens");
    assert_eq!((opening.kind.as_str(), opening.cents), ("OPBD", Cents::new(1000)));
    let tail = tail(&pieces);
    assert_eq!(tail.closing.expect("closes").cents, Cents::new(3000));
    let others: Vec<&str> = tail.others.iter().map(|balance| balance.kind.as_str()).collect();
    assert_eq!(others, ["OPBD", "CLBD", "PRCD"]);
}

#[test]
fn two_closing_balances_of_one_day_close_with_the_last() {
    let day = [
        balance("PRCD", "1.00", "CRDT", "2026-03-02"),
        balance("CLBD", "2.00", "CRDT", "2026-03-02"),
        balance("PRCD", "2.00", "CRDT", "2026-03-02"),
        balance("CLBD", "4.00", "DBIT", "2026-03-02"),
    ];
    let pieces = tell(statement(&day.concat()));
    assert_eq!(head(&pieces).opening.expect("opens").cents, Cents::new(100));
    assert_eq!(tail(&pieces).closing.expect("closes").cents, Cents::new(-400));
}

#[test]
fn a_balance_in_another_currency_neither_opens_nor_closes() {
    let foreign = "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"USD\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>";
    let own = balance("OPBD", "2.00", "CRDT", "2026-03-02");
    let pieces = tell(statement(&format!("{foreign}{own}")));
    assert_eq!(head(&pieces).opening.expect("opens").cents, Cents::new(200));
    assert_eq!(tail(&pieces).others.len(), 1);
}

#[test]
fn a_statement_may_have_neither_balances_nor_entries() {
    let pieces = tell(statement(""));
    assert_eq!(pieces.len(), 2);
    assert_eq!(head(&pieces).opening, None);
    assert_eq!(tail(&pieces).closing, None);
}

#[test]
fn a_balance_after_the_entries_closes_all_the_same() {
    let late = balance("CLBD", "10.00", "CRDT", "2026-03-02");
    let pieces = tell(statement(&format!("{}{late}", entry(""))));
    assert_eq!(tail(&pieces).closing.expect("closes").cents, Cents::new(1000));
}

#[test]
fn a_balance_needs_a_direction_unless_it_is_nothing() {
    let nothing = balance("OPBD", "0.00", "CRDT", "2026-03-02").replace("<CdtDbtInd>CRDT</CdtDbtInd>", "");
    assert_eq!(refusals(&tell(statement(&nothing))), []);
    let something = nothing.replace("0.00", "0.01");
    assert!(refusal(&tell(statement(&something))).contains("CRDT or DBIT"));
}

#[test]
fn the_number_zero_is_no_number_and_the_page_of_the_message_counts_where_it_is_one_of_several() {
    let none = statement("<ElctrncSeqNb>00000</ElctrncSeqNb>");
    assert_eq!(head(&tell(none)).sequence, None);
    let message = "<GrpHdr><MsgPgntn><PgNb>3</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>";
    let paged = statement("<ElctrncSeqNb>5</ElctrncSeqNb>").replace("<Stmt>", &format!("{message}<Stmt>"));
    let expected = Sequence {
        number: 5,
        page: Some(3),
        last: Some(true),
    };
    assert_eq!(head(&tell(paged)).sequence, Some(expected));
}

#[test]
fn reports_and_notifications_are_told_as_what_they_are() {
    for (root, item, number, format) in [
        ("BkToCstmrAcctRpt", "Rpt", "052", Format::Camt052),
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "054", Format::Camt054),
    ] {
        let file = statement(&entry(""))
            .replace("BkToCstmrStmt", root)
            .replace("<Stmt>", &format!("<{item}>"))
            .replace("</Stmt>", &format!("</{item}>"))
            .replace("camt.053.001.08", &format!("camt.{number}.001.13"));
        let pieces = tell(file);
        assert_eq!(refusals(&pieces), []);
        assert_eq!(head(&pieces).format, format);
        assert_eq!(head(&pieces).version.as_deref(), Some("13"));
        assert_eq!(entries(&pieces).len(), 1);
    }
}

#[test]
fn the_root_decides_where_the_namespace_is_another_or_none() {
    for namespace in ["", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"] {
        let file = statement("").replace("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", namespace);
        let pieces = tell(file);
        assert_eq!(head(&pieces).format, Format::Camt053);
        assert_eq!(head(&pieces).version, None);
    }
    let austrian = statement("").replace(
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
        "ISO:camt.053.001.02:APC:STUZZA:payments:003",
    );
    assert_eq!(head(&tell(austrian)).version.as_deref(), Some("02"));
}

#[test]
fn messages_lie_in_envelopes_and_several_in_one_file() {
    let one = statement("");
    let other = statement("")
        .replace("<Id>S</Id>", "<Id>T</Id>")
        .replace("053.001.08", "053.001.02");
    let file = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <BizMsgEnvlp><AppHdr><MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>{one}</BizMsgEnvlp>{other}\
         </soap:Body></soap:Envelope>\n<?xml version=\"1.0\"?>\n{one}"
    );
    let heads: Vec<(String, Option<String>)> = tell(file)
        .iter()
        .filter_map(|piece| match piece {
            Piece::Head(head) => Some((head.id.clone(), head.version.clone())),
            Piece::Refused(refusal) => panic!("{refusal:?}"),
            _ => None,
        })
        .collect();
    let told = |id: &str, version: &str| (id.to_owned(), Some(version.to_owned()));
    assert_eq!(heads, [told("S", "08"), told("T", "02"), told("S", "08")]);
}

#[test]
fn a_refused_statement_does_not_take_the_next_one_with_it() {
    let bad = entry("").replace("10.00", "10.001");
    let file = statement(&format!("{}{bad}{}", entry(""), entry("")));
    let (before, _) = file.split_once("<Stmt>").expect("a statement");
    let (_, after) = file.split_once("</Stmt>").expect("a statement");
    let good = statement(&entry("<NtryRef>GOOD</NtryRef>"));
    let start = good.find("<Stmt>").expect("a statement");
    let end = good.find("</Stmt>").expect("a statement");
    let bad = &file[before.len()..file.len() - after.len()];
    let both = format!("{before}{bad}{}</Stmt>{after}", &good[start..end]);
    let pieces = tell(both);
    let refused = refusals(&pieces);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].entry, Some(2));
    assert!(
        refused[0].reason.contains("10.001 has a fraction of a cent"),
        "{refused:?}"
    );
    let place = pieces
        .iter()
        .position(|piece| matches!(piece, Piece::Refused(_)))
        .expect("refused");
    assert!(matches!(pieces[place + 1], Piece::Head(_)));
    assert!(matches!(pieces.last(), Some(Piece::Tail(_))));
    let (last, _) = entries(&pieces).pop().expect("an entry");
    assert_eq!(last.reference.as_deref(), Some("GOOD"));
    assert_eq!(last.ordinal, 1);
}

#[test]
fn a_statement_that_names_no_account_is_read_and_says_so() {
    let file = statement(&entry("")).replace("<IBAN>DE02120300000000202051</IBAN>", "");
    let pieces = tell(file);
    assert_eq!(refusals(&pieces), []);
    assert!(matches!(&pieces[0], Piece::Head(head) if head.account.is_empty()));
    assert_eq!(entries(&pieces).len(), 1);
}
