//! The files as a reader takes them apart: balances, sums, order of elements, lengths of lines.

use quick_xml::{Reader, events::Event};

use super::*;

/// A day with one booking of each kind, and hostile names.
async fn busy_day() -> Town {
    let town = Town::new().await;
    let debit = town.paid("TX1", 5000, "SEPASDD").await;
    town.paid("TX2", 2000, "SEPASDD").await;
    town.paid("TX3", 3000, "KREDITKARTE").await;
    town.sandbox.forward(2);
    let iban = town.iban();
    town.sandbox
        .return_money(&debit, Some(Cents::new(1000)))
        .expect("money");
    let purpose = "RE <7> & ?20 \u{7} Grüße\n:61:FALSCH -}".repeat(4);
    town.sandbox
        .transfer(&iban, Cents::new(123_456_789), &purpose)
        .expect("an account");
    let other = town.create("TX4", 700).await;
    town.sandbox.receive(&other, Cents::new(700)).expect("a payment");
    town.sandbox.return_money(&other, None).expect("money");
    town.sandbox.forward(1);
    town
}

/// All paths of the file with their texts, in the order of the file; a path is `Stmt/Ntry/Amt`.
fn leaves(xml: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut leaves) = (Vec::<String>::new(), Vec::new());
    let mut text = String::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => {
                text.clear();
                path.push(start.name().as_ref().to_owned());
            }
            Event::Text(part) => text.push_str(part.as_ref()),
            Event::GeneralRef(part) => text.push_str(match part.as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                other => panic!("{other}"),
            }),
            Event::End(_) => {
                if !text.trim().is_empty() {
                    leaves.push((path.join("/"), text.trim().to_owned()));
                }
                text.clear();
                path.pop();
            }
            Event::Eof => return leaves,
            _ => {}
        }
    }
}

fn cents(text: &str) -> i64 {
    Cents::parse(text).expect("an amount").get()
}

const STMT: &str = "Document/BkToCstmrStmt/Stmt";

#[tokio::test]
async fn the_sums_of_a_camt_file_hold() {
    let town = busy_day().await;
    for format in [StatementFormat::Camt02, StatementFormat::Camt08] {
        let leaves = leaves(&town.statement("2026-11-27", format));
        let all = |path: &str| -> Vec<String> {
            let path = format!("{STMT}/{path}");
            let these = leaves.iter().filter(|(at, _)| *at == path);
            these.map(|(_, text)| text.clone()).collect()
        };
        let signed = |amounts: Vec<String>, marks: Vec<String>| -> Vec<i64> {
            let pairs = amounts.iter().zip(&marks);
            pairs
                .map(|(amount, mark)| cents(amount) * if mark == "CRDT" { 1 } else { -1 })
                .collect()
        };
        let balances = signed(all("Bal/Amt"), all("Bal/CdtDbtInd"));
        let entries = signed(all("Ntry/Amt"), all("Ntry/CdtDbtInd"));
        assert_eq!(entries.len(), 6, "{leaves:?}");
        assert_eq!(balances[0] + entries.iter().sum::<i64>(), balances[1]);
        let transactions: i64 = all("Ntry/NtryDtls/TxDtls/AmtDtls/TxAmt/Amt")
            .iter()
            .map(|amount| cents(amount))
            .sum();
        let entries: i64 = all("Ntry/Amt").iter().map(|amount| cents(amount)).sum();
        assert_eq!(transactions, entries);
        let mut references = all("Ntry/AcctSvcrRef");
        references.sort();
        references.dedup();
        assert_eq!(references.len(), 6, "each entry has a reference of its own");
        assert!(
            all("Ntry/NtryDtls/TxDtls/RmtInf/Ustrd")
                .iter()
                .all(|text| text.chars().count() <= 140)
        );
        assert_eq!(all("Acct/Id/IBAN"), [town.iban()]);
    }
}

#[tokio::test]
async fn the_two_versions_of_camt_differ_where_they_must() {
    let town = busy_day().await;
    let [old, new] = [StatementFormat::Camt02, StatementFormat::Camt08]
        .map(|format| leaves(&town.statement("2026-11-27", format)));
    for (leaves, status, bic, name) in [
        (&old, "Ntry/Sts", "BIC", "RltdPties/Dbtr/Nm"),
        (&new, "Ntry/Sts/Cd", "BICFI", "RltdPties/Dbtr/Pty/Nm"),
    ] {
        let has = |path: &str| leaves.iter().any(|(at, _)| at.ends_with(path));
        assert!(has(status) && has(&format!("Svcr/FinInstnId/{bic}")) && has(name));
    }
    assert!(new.iter().any(|(at, _)| at.ends_with("Chrgs/Rcrd/Amt")));
    assert!(old.iter().any(|(at, _)| at.ends_with("Chrgs/Amt")));
}

/// The tags of an MT940 file with their contents, lines joined.
fn tags(file: &str) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for line in file.lines().take_while(|line| *line != "-") {
        match line.strip_prefix(':').and_then(|rest| rest.split_once(':')) {
            Some((tag, rest)) => tags.push((tag.to_owned(), rest.to_owned())),
            None => tags.last_mut().expect("a tag").1.push_str(line),
        }
    }
    tags
}

fn swift(text: &str) -> i64 {
    cents(&text.replace(',', "."))
}

#[tokio::test]
async fn the_sums_of_an_mt940_file_hold_and_its_lines_are_short_and_plain() {
    let town = busy_day().await;
    let file = town.statement("2026-11-27", StatementFormat::Mt940);
    assert!(file.is_ascii() && file.ends_with("\r\n-\r\n"));
    for line in file.split("\r\n") {
        assert!(line.len() <= 65 && !line.contains('\n'), "{line}");
    }
    let tags = tags(&file);
    let balance = |tag: &str| {
        let (_, text) = tags.iter().find(|(name, _)| name == tag).expect("a balance");
        let sign = if text.starts_with('C') { 1 } else { -1 };
        sign * swift(text.split("EUR").nth(1).expect("an amount"))
    };
    let mut sum = balance("60F");
    let bookings: Vec<&String> = tags
        .iter()
        .filter(|(tag, _)| tag == "61")
        .map(|(_, text)| text)
        .collect();
    assert_eq!(bookings.len(), 6);
    for booking in &bookings {
        let amount = booking[12..].split('N').next().expect("an amount");
        sum += swift(amount) * if &booking[10..12] == "CR" { 1 } else { -1 };
    }
    assert_eq!(sum, balance("62F"));
    let names: Vec<&str> = tags.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(names[..4], ["20", "25", "28C", "60F"]);
    assert_eq!(names.iter().filter(|name| **name == "86").count(), 6);
    for (_, text) in tags.iter().filter(|(tag, _)| tag == "86") {
        let pieces: Vec<&str> = text.split('?').skip(1).collect();
        assert!(
            pieces
                .iter()
                .all(|piece| piece.len() <= 2 + 27 || piece.starts_with("31")),
            "{text}"
        );
        assert!(pieces.iter().any(|piece| piece.starts_with("20EREF+")), "{text}");
    }
}

#[tokio::test]
async fn a_return_in_mt940_has_its_own_codes() {
    let town = busy_day().await;
    let file = town.statement("2026-11-27", StatementFormat::Mt940);
    let tags = tags(&file);
    let place = tags
        .iter()
        .position(|(_, text)| text.contains("NRTI"))
        .expect("a return");
    assert!(tags[place].1.contains("DR13,00NRTI"));
    assert!(tags[place].1.contains("/OCMT/EUR10,00/CHGS/EUR3,00/"));
    let information = &tags[place + 1].1;
    for text in [
        "109?00RUECKLASTSCHRIFT",
        "MREF+M",
        "CRED+DE98ZZZ09999999999",
        "OAMT+10,00",
        "?34911",
    ] {
        assert!(information.contains(text), "no {text} in {information}");
    }
    assert!(
        information.contains("?32Eva Mueller-Luedenscheidt"),
        "{information}"
    );
}

#[tokio::test]
async fn the_same_story_has_the_same_bytes() {
    let (one, two) = (busy_day().await, busy_day().await);
    for format in StatementFormat::ALL {
        assert_eq!(
            one.statement("2026-11-27", format),
            two.statement("2026-11-27", format)
        );
    }
}

#[tokio::test]
async fn a_day_that_is_over_changes_no_more() {
    let town = busy_day().await;
    let before = StatementFormat::ALL.map(|format| town.statement("2026-11-27", format));
    let kassenzeichen = town.paid("TX9", 900, "SEPASDD").await;
    town.sandbox.storno(&kassenzeichen, None).expect("a claim");
    town.sandbox.forward(14);
    assert_eq!(
        before,
        StatementFormat::ALL.map(|format| town.statement("2026-11-27", format))
    );
}
