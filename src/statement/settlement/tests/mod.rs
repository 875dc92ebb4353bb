mod amounts;

use std::fmt::Write as _;
use std::io::{BufReader, Read as _};

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// A provider that tells everything, in German, as a table for Windows.
const EVERYTHING: &str = r#"
encoding = "windows-1252"
decimal = "comma"
grouping = "."
skip = 2
reference = "Kassenzeichen"
transaction = "Vorgang"
payout = "Auszahlung"
gross = "Brutto"
fee = "Gebühr"
fee_is_negative = true
net = "Netto"
day = "Datum"
method = "Zahlart"
methods = { "VISA" = "KREDITKARTE" }
currency = "Währung"
[kind]
column = "Art"
words = { payment = ["Zahlung"], refund = ["Gutschrift"], chargeback = ["Rückbelastung"], fee = ["Entgelt"], payout = ["Überweisung"] }
[system]
column = "Händler"
ours = ["4711"]
[[stated]]
what = "count"
when = { cell = 1, text = "Anzahl" }
value = 2
[[stated]]
what = "gross"
when = { cell = 1, text = "Summe" }
value = 5
[[stated]]
what = "fee"
when = { cell = 1, text = "Summe" }
value = 6
[[stated]]
what = "net"
when = { cell = 1, text = "Summe" }
value = 7
"#;

const LIST: &str = "Abrechnung \"Stadt Bad Langensalza;\r\n\
    Anzahl;4\r\n\
    Vorgang;Kassenzeichen;Händler;Art;Brutto;Gebühr;Netto;Währung;Datum;Zahlart;Auszahlung\r\n\
    T1;KZ1;4711;Zahlung;1.234,50;-1,50;1.233,00;EUR;19.11.2026;VISA;A-77\r\n\
    \r\n\
    T2;KZ2;4711;Gutschrift;-10,00;0,00;-10,00;EUR;20.11.2026;\"Pay\r\nPal\";A-77\r\n\
    T3;Ü/9;0815;Zahlung;5,00;-0,35;4,65;EUR;20.11.2026;giropay;A-77\r\n\
    ;;;;;;;;;;\r\n\
    T4;;4711;Entgelt;-3,00;;-3,00;EUR;20.11.2026;;A-78\r\n\
    T5;;4711;Überweisung;-1.227,65;0,00;-1.227,65;EUR;21.11.2026;;A-77\r\n\
    Summe;;;;1.226,50;-1,85;1.224,65\r\n";

fn mapping(text: &str) -> Mapping {
    let mapping: Mapping = toml::from_str(text).expect("a mapping");
    assert_eq!(mapping.problems(), [], "{text}");
    mapping
}

fn in_windows(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn all(mapping: &Mapping, bytes: &[u8]) -> Result<(Summary, Vec<Line>), String> {
    let mut lines = Vec::new();
    let summary = read(mapping, bytes, |line| lines.push(line)).map_err(|error| error.to_string())?;
    Ok((summary, lines))
}

fn refusal(mapping: &Mapping, text: &str) -> String {
    all(mapping, text.as_bytes()).expect_err("a refusal")
}

/// A provider that tells the least.
fn least(more: &str) -> Mapping {
    mapping(&format!(
        "decimal = \"point\"\nreference = \"ref\"\ngross = \"amount\"\n{more}"
    ))
}

#[test]
fn a_list_that_fits_is_told_line_by_line() {
    let (summary, lines) = all(&mapping(EVERYTHING), &in_windows(LIST)).expect("a list");
    assert_eq!(
        lines[0],
        Line {
            row: 4,
            owner: Owner::Ours,
            kind: Kind::Payment,
            reference: Some("KZ1".to_owned()),
            transaction: Some("T1".to_owned()),
            payout: Some("A-77".to_owned()),
            gross: Cents::new(123_450),
            fee: Some(Cents::new(150)),
            net: Some(Cents::new(123_300)),
            day: Some(date(2026, 11, 19)),
            method: Some("KREDITKARTE".to_owned()),
        }
    );
    assert_eq!(
        lines.iter().map(|line| line.row).collect::<Vec<_>>(),
        [4, 6, 8, 10, 11]
    );
    assert_eq!(lines[1].method.as_deref(), Some("Pay\r\nPal"));
    assert_eq!(lines[1].kind, Kind::Refund);
    assert_eq!(lines[2].owner, Owner::Foreign("0815".to_owned()));
    assert_eq!(lines[2].reference.as_deref(), Some("Ü/9"));
    // The fee that its cell leaves out is what lies between gross and net.
    assert_eq!((lines[3].kind, lines[3].fee), (Kind::Fee, Some(Cents::ZERO)));
    assert_eq!(
        (lines[3].reference.as_deref(), lines[3].method.as_deref()),
        (None, None)
    );
    assert_eq!(
        (summary.all.count, summary.ours.count, summary.foreign.count),
        (4, 3, 1)
    );
    assert_eq!((summary.transfers, summary.stated), (1, 4));
    assert_eq!(summary.all.fee, Some(Cents::new(185)));
    let payouts: Vec<(&str, Option<Cents>)> = summary
        .payouts
        .iter()
        .map(|(payout, totals)| (payout.as_str(), totals.net))
        .collect();
    assert_eq!(
        payouts,
        [
            ("A-77", Some(Cents::new(122_765))),
            ("A-78", Some(Cents::new(-300)))
        ]
    );
}

#[test]
fn a_total_that_does_not_fit_takes_the_whole_list_back() {
    for (right, wrong, why) in [
        (
            "Anzahl;4",
            "Anzahl;5",
            "line 2: the list states count 5, its lines come to 4",
        ),
        (
            "1.226,50;-1,85",
            "1.226,51;-1,85",
            "line 12: the list states gross 1226.51, its lines come to 1226.50",
        ),
        (
            "-1,85;",
            "-1,80;",
            "line 12: the list states fee 1.80, its lines come to 1.85",
        ),
        (
            ";1.224,65",
            ";1.224,64",
            "line 12: the list states net 1224.64, its lines come to 1224.65",
        ),
        (
            "Summe;",
            "Sume;",
            "line 12, column «Währung»: the row has 7 cells, this would be number 8",
        ),
        (
            "Anzahl;4",
            "Anzahl;4\r\nAnzahl;4",
            "line 3, column «Kassenzeichen»: the header does not have it; it has «Anzahl», «4»",
        ),
    ] {
        assert!(LIST.contains(right), "{right}");
        let list = LIST.replacen(right, wrong, 1);
        assert_eq!(
            all(&mapping(EVERYTHING), &in_windows(&list)).expect_err("a refusal"),
            why
        );
    }
}

#[test]
fn a_list_that_was_cut_is_not_taken() {
    let cut = &LIST[..LIST.find("Summe").expect("a row of totals")];
    assert_eq!(
        all(&mapping(EVERYTHING), &in_windows(cut)).expect_err("a refusal"),
        "the list has no row in which cell 1 says «Summe», which states its gross: it may be cut"
    );
    assert_eq!(
        refusal(&least(""), ""),
        "the list has no header: it is empty, or cut"
    );
}

#[test]
fn a_line_that_does_not_fit_in_itself_is_named() {
    let list = LIST.replace("4,65;EUR", "4,66;EUR");
    assert_eq!(
        all(&mapping(EVERYTHING), &in_windows(&list)).expect_err("a refusal"),
        "line 8, column «Netto»: gross 5.00 less fee 0.35 is not net 4.66"
    );
}

#[test]
fn what_a_cell_cannot_be_is_named_with_line_and_column() {
    for (right, wrong, why) in [
        (
            ";1.234,50",
            ";1234.50",
            "line 4, column «Brutto»: «1234.50» is no amount with ',' before the cents: «1234.50» has '.' where no group \
             of three digits begins",
        ),
        (
            ";1.234,50",
            ";",
            "line 4, column «Brutto»: the cell is empty; each line has an amount",
        ),
        (
            ";1.234,50",
            ";-1.234,50-",
            "line 4, column «Brutto»: «-1.234,50-» is no amount: it has two signs",
        ),
        (
            ";1.234,50",
            ";1.234,505",
            "line 4, column «Brutto»: 1234.505 has a fraction of a cent; amounts have two decimal places",
        ),
        (
            "EUR;19.11.2026",
            "CHF;19.11.2026",
            "line 4, column «Währung»: «CHF» is not EUR; the books are kept in euro",
        ),
        (
            "19.11.2026",
            "2026-11-19",
            "line 4, column «Datum»: «2026-11-19» is no day written as %d.%m.%Y",
        ),
        (
            "Gutschrift",
            "Storno",
            "line 6, column «Art»: «Storno» is no kind that the mapping knows; it knows «Zahlung», «Gutschrift», \
             «Rückbelastung», «Entgelt», «Überweisung»",
        ),
        (
            ";VISA;A-77",
            ";VISA;A;77",
            "line 4: the row has 12 cells, the header 11: a separator inside a cell that is not quoted?",
        ),
        (
            "Gebühr",
            "Entgelt",
            "line 3, column «Gebühr»: the header does not have it; it has «Vorgang», «Kassenzeichen», «Händler», «Art», \
             «Brutto», «Entgelt», «Netto», «Währung», «Datum», «Zahlart», «Auszahlung»",
        ),
        (
            "Netto;",
            "Brutto;",
            "line 3, column «Brutto»: the header has it more than once; set gross to its number",
        ),
        (
            "KZ1",
            "KZ\u{0}",
            "line 4, column 2: the cell has a character U+0000",
        ),
    ] {
        assert!(LIST.contains(right), "{right}");
        let list = LIST.replacen(right, wrong, 1);
        assert_eq!(
            all(&mapping(EVERYTHING), &in_windows(&list)).expect_err("a refusal"),
            why
        );
    }
}

#[test]
fn columns_go_by_number_where_there_is_no_header() {
    let numbered =
        mapping("decimal = \"point\"\nheader = false\nseparator = \"\\t\"\nreference = 2\ngross = 1\n");
    let (_, lines) = all(&numbered, b"1.00\tKZ1\n2.00\tKZ2\n").expect("a list");
    assert_eq!(lines[1].reference.as_deref(), Some("KZ2"));
    assert_eq!(lines[1].row, 2);
    assert_eq!(
        refusal(&numbered, "1.00\tKZ1\n2.00\n"),
        "line 2, column 2: the row has 1 cells, this would be number 2"
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let list = "\u{feff}ref;amount\nÄ1;1.00\n";
    let (_, lines) = all(&least(""), list.as_bytes()).expect("a list");
    assert_eq!(lines[0].reference.as_deref(), Some("Ä1"));
    assert_eq!(
        refusal(&least("encoding = \"windows-1252\""), list),
        "the list begins as UTF-8; set encoding = \"utf-8\""
    );
    assert_eq!(
        all(&least(""), b"\xff\xfer\0e\0f\0").expect_err("a refusal"),
        "the list is UTF-16; have it delivered as UTF-8 or Windows-1252"
    );
    assert_eq!(
        all(&least(""), b"ref;amount\nKZ1;1.00\n\xc41;1.00\n").expect_err("a refusal"),
        "line 3, column 1: not UTF-8; a list from Windows is often encoding = \"windows-1252\""
    );
}

#[test]
fn quotes_hold_separators_line_breaks_and_quotes() {
    let list = "ref;amount\n\"a;\"\"b\"\"\nc\";\"1.00\"\nx\"y;2.00\n\"KZ;3.00\n";
    let mut lines = Vec::new();
    let error = read(&least(""), list.as_bytes(), |line| lines.push(line)).expect_err("a refusal");
    assert_eq!(lines[0].reference.as_deref(), Some("a;\"b\"\nc"));
    assert_eq!((lines[1].reference.as_deref(), lines[1].row), (Some("x\"y"), 4));
    assert!(
        error.to_string().starts_with("line 5: the row has no end"),
        "{error}"
    );
    // Where nothing is quoted, a quote is a letter like any other.
    let (_, lines) = all(&least("quote = \"\""), b"ref;amount\n\"KZ;3.00\n").expect("a list");
    assert_eq!(lines[0].reference.as_deref(), Some("\"KZ"));
}

#[test]
fn a_row_without_an_end_is_refused_before_it_fills_the_memory() {
    let endless = BufReader::new(b"ref;amount\n".chain(std::io::repeat(b'x')));
    let error = read(&least(""), endless, |_| {}).expect_err("a refusal");
    assert!(
        error
            .to_string()
            .starts_with("line 2: the row has no end within 1 MiB"),
        "{error}"
    );
}

#[test]
fn a_carriage_return_alone_hides_no_lines() {
    assert_eq!(
        refusal(&least(""), "ref;amount\nKZ1;1.00\rKZ2;2.00\n"),
        "line 2: a carriage return without a line feed; have the list delivered with line ends of Windows or Unix"
    );
    let (_, lines) = all(&least(""), b"ref;amount\r\n\"K\rZ\";1.00\r\nKZ2;2.00\r").expect("a list");
    assert_eq!((lines[0].reference.as_deref(), lines.len()), (Some("K\rZ"), 2));
}

proptest! {
    /// Rows are put together here and split by the library; both must see the same quotes.
    #[test]
    fn rows_are_those_that_the_library_sees(text in "[a;\"\n]{0,40}") {
        let mapping = least("");
        let mut splitter = Splitter::new(&mapping);
        let mut rows = Rows::new(text.as_bytes(), &mapping).expect("rows");
        let mut ours = Vec::new();
        let closed = loop {
            match rows.next() {
                Ok(Some(row)) if row.bytes.is_empty() => {}
                Ok(Some(row)) => ours.push(Cells::of(&mapping, &mut splitter, &row).expect("cells").texts().to_vec()),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(b';');
        let library = builder.from_reader(text.as_bytes()).into_records();
        let theirs: Vec<Vec<String>> = library
            .map(|record| record.expect("UTF-8").iter().map(str::to_owned).collect())
            .collect();
        // What is never closed is refused; the library takes it to the end.
        let same = if closed { theirs.len() } else { ours.len() };
        prop_assert_eq!(&ours[..], &theirs[..same]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = all(&mapping(EVERYTHING), &bytes);
        let _ = all(&least(""), &bytes);
    }

    #[test]
    fn the_summary_is_the_sum_of_its_lines(
        rows in proptest::collection::vec((0..3_u8, -100_000..100_000_i64, -500..500_i64, "[a-z;\"\n äß]{0,6}"), 0..20)
    ) {
        let full = least(
            "fee = \"fee\"\npayout = \"payout\"\n[[stated]]\nwhat = \"gross\"\nvalue = 2\n\
             when = { cell = 1, text = \"TOTAL\" }\n[system]\ncolumn = \"system\"\nours = [\"0\"]",
        );
        let mut list = "ref;amount;fee;payout;system\n".to_owned();
        for (payout, gross, fee, reference) in &rows {
            let quoted = reference.replace('"', "\"\"");
            let (gross, fee) = (Cents::new(*gross), Cents::new(*fee));
            writeln!(list, "\"{quoted}\";{gross};{fee};P{payout};{}", payout % 2).expect("a text");
        }
        let gross: Cents = rows.iter().map(|(_, gross, ..)| Cents::new(*gross)).sum();
        writeln!(list, "TOTAL;{gross}").expect("a text");
        let (summary, lines) = all(&full, list.as_bytes()).expect("a list");
        prop_assert_eq!(lines.len(), rows.len());
        prop_assert_eq!(summary.all.gross, gross);
        prop_assert_eq!(summary.all.gross, summary.ours.gross + summary.foreign.gross);
        prop_assert_eq!(summary.all.net, Some(summary.payouts.values().filter_map(|totals| totals.net).sum()));
        for (line, (.., reference)) in lines.iter().zip(&rows) {
            prop_assert_eq!(line.reference.as_deref().unwrap_or_default(), reference.trim());
        }
        let wrong = list.replace(&format!("TOTAL;{gross}"), &format!("TOTAL;{}", gross + Cents::new(1)));
        prop_assert!(all(&full, wrong.as_bytes()).is_err());
    }
}
