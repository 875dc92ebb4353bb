use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::read;

/// A statement of one day as a bank writes it: number, day of January 2026, balances, and its lines.
fn swift(number: u32, day: u8, opening: &str, lines: &str, closing: &str) -> String {
    format!(
        ":20:STARTUMSE\r\n:25:DE02120300000000202051\r\n:28C:{number}/1\r\n:60F:C2601{:02}EUR{opening}\r\n{lines}\
         :62F:C2601{day:02}EUR{closing}\r\n-\r\n",
        day - 1
    )
}

fn line(day: u8, amount: &str, purpose: &str) -> String {
    format!(
        ":61:2601{day:02}01{day:02}C{amount}NTRFNONREF\r\n:86:166?00GUTSCHRIFT?20EREF+E2E-7?21SVWZ+{purpose}\
         ?32Erika Mustermann\r\n"
    )
}

const BATCH: &str = r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-01-05T18:00:00</CreDtTm></GrpHdr>
<Stmt><Id>C1</Id><CreDtTm>2026-01-05T18:00:00</CreDtTm>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-01-04</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">12.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-01-05</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">12.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-05</Dt></BookgDt><ValDt><Dt>2026-01-05</Dt></ValDt>
<BkTxCd><Prtry><Cd>NTRF+166+9310</Cd><Issr>DK</Issr></Prtry></BkTxCd>
<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>
<TxDtls><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>ERSTE</Ustrd></RmtInf></TxDtls>
<TxDtls><Amt Ccy="EUR">SECOND</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>ZWEITE</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"#;

fn batch(second: &str) -> String {
    BATCH.replace("SECOND", second)
}

struct Desk {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("the test can write its files");
        let mut paths = Vec::new();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::write(&path, content).expect("the test can write its files");
            paths.push(path);
        }
        Self { folder, files: paths }
    }

    fn shown(&self, json: bool) -> (bool, String) {
        let mut out = Vec::new();
        let well = read(&self.files, json, &mut io::empty(), &mut out).expect("memory can be written");
        let text = String::from_utf8(out).expect("what is shown is text");
        (
            well,
            text.replace(&format!("{}/", self.folder.path().display()), ""),
        )
    }

    fn text(&self) -> (bool, String) {
        self.shown(false)
    }

    fn json(&self) -> (bool, Value) {
        let (well, text) = self.shown(true);
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(value["well"], Value::Bool(well));
        (well, value)
    }
}

#[test]
fn a_statement_that_adds_up_is_shown_whole_and_all_is_well() {
    let lines = line(5, "23,45", "Kassenzeichen 4711");
    let desk = Desk::new(&[("05.sta", &swift(4, 5, "1000,00", &lines, "1023,45"))]);
    let (well, text) = desk.text();
    assert!(well, "{text}");
    for part in [
        "05.sta\n  MT940, account DE02 1203 0000 0000 2020 51, number 4 page 1",
        "1.000,00 EUR  before (60F)",
        "2026-01-05           +23,45 EUR  GUTSCHRIFT | Erika Mustermann | Kassenzeichen 4711 | end to end E2E-7",
        "1.023,45 EUR  after (62F)",
        "1 credit of 23,45 EUR, 0 debits of 0,00 EUR",
        "balance   held",
        "1 statement with 1 entry read; what can be checked holds.",
    ] {
        assert!(text.contains(part), "«{part}» is not in\n{text}");
    }
}

#[test]
fn a_balance_that_is_not_reached_is_shown_and_nothing_is_well() {
    let desk = Desk::new(&[("05.sta", &swift(4, 5, "1000,00", "", "1023,45"))]);
    let (well, text) = desk.text();
    assert!(!well);
    assert!(
        text.contains("balance   BROKEN: opening balance 1000.00 and entries 0.00 make 1000.00 EUR; the statement closes with 1023.45"),
        "{text}"
    );
    assert!(
        text.ends_with("NOT WELL: 1 statement with 0 entries read, 0 refused, 1 guard broken.\n"),
        "{text}"
    );
}

#[test]
fn a_statement_that_names_no_account_is_shown() {
    let file = swift(1, 5, "100,00", &line(5, "12,50", "Miete"), "112,50");
    let file: String = file
        .split_inclusive('\n')
        .filter(|line| !line.starts_with(":25:"))
        .collect();
    let (well, text) = Desk::new(&[("a.sta", &file)]).text();
    assert!(well, "{text}");
    assert!(text.contains("no account named"), "{text}");
    assert!(text.contains("+12,50 EUR"), "{text}");
}

#[test]
fn the_payments_of_a_batch_have_lines_of_their_own() {
    let (well, text) = Desk::new(&[("batch.xml", &batch("7.00"))]).text();
    assert!(well, "{text}");
    assert!(text.contains("+12,00 EUR  (batch of 2)"), "{text}");
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
    assert!(place("(batch of 2)") < place("ERSTE") && place("ERSTE") < place("ZWEITE"));
    assert!(text.contains("+5,00 EUR  ERSTE"), "{text}");

    let (well, text) = Desk::new(&[("batch.xml", &batch("6.00"))]).text();
    assert!(!well);
    assert!(text.contains("details   BROKEN: entry 1"), "{text}");
}

#[test]
fn a_missing_statement_is_told_whatever_the_order_of_the_files() {
    let of = |number, day| swift(number, day, "1000,00", "", "1000,00");
    let (first, second, third) = (of(4, 5), of(5, 6), of(6, 7));
    let all = Desk::new(&[("z.sta", &first), ("a.sta", &third), ("m.sta", &second)]);
    let (well, text) = all.text();
    assert!(well, "{text}");
    assert_eq!(text.matches("sequence ").count(), 3, "{text}");
    let hole = Desk::new(&[("a.sta", &third), ("z.sta", &first)]);
    let (well, text) = hole.text();
    assert!(!well);
    assert!(
        text.contains("2026-01-07 number 6 page 1: BROKEN: statement 5 of 2026 is missing, although"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let whole = swift(4, 5, "1000,00", "", "1000,00");
    let mut desk = Desk::new(&[("a.csv", "Tag;Betrag"), ("b.sta", &whole)]);
    desk.files.insert(1, desk.folder.path().join("missing.xml"));
    let (well, text) = desk.text();
    assert!(!well);
    assert!(
        text.contains(
            "a.csv\n  REFUSED: it is neither camt, MT940/MT942 nor a ZIP of them: it begins with «Tag;Betrag»"
        ),
        "{text}"
    );
    assert!(
        text.contains("missing.xml\n  REFUSED: it cannot be read: "),
        "{text}"
    );
    assert!(text.contains("b.sta\n  MT940"), "{text}");
    assert!(
        text.contains("NOT WELL: 1 statement with 0 entries read, 2 refused, 0 guards broken."),
        "{text}"
    );
}

#[test]
fn a_statement_that_breaks_off_counts_for_nothing() {
    let whole = batch("7.00");
    let cut = whole.split("</Stmt>").next().expect("a split has a first part");
    let (well, text) = Desk::new(&[("cut.xml", cut)]).text();
    assert!(!well);
    assert!(text.contains("  REFUSED at"), "{text}");
    assert!(
        text.contains("What is shown of this statement above counts for nothing."),
        "{text}"
    );
    let (_, json) = Desk::new(&[("cut.xml", cut)]).json();
    assert!(json["statements"][0]["refused"]["reason"].is_string(), "{json}");
    assert_eq!(json["statements"][0]["head"]["id"], "C1");
    assert_eq!(json["statements"][0].get("tail"), None);
}

#[test]
fn an_mt940_that_breaks_off_between_two_lines_is_found_by_its_balance() {
    let whole = swift(4, 5, "1000,00", &line(5, "23,45", "A"), "1023,45");
    let cut = whole.split(":62F:").next().expect("a split has a first part");
    let (well, text) = Desk::new(&[("cut.sta", cut)]).text();
    assert!(!well);
    assert!(text.contains("the statement breaks off"), "{text}");
}

#[test]
fn nothing_that_a_payer_wrote_reaches_the_terminal_as_an_order() {
    let lines = line(5, "23,45", "\u{1b}[2J\u{202e}evil\u{7}");
    let desk = Desk::new(&[("05.sta", &swift(4, 5, "1000,00", &lines, "1023,45"))]);
    let (_, text) = desk.text();
    assert!(text.contains("evil"), "{text}");
    assert!(
        text.chars()
            .all(|letter| letter == '\n' || !(letter.is_control() || letter == '\u{202e}'))
    );
}

#[test]
fn json_has_everything_in_one_document() {
    let first = swift(
        4,
        5,
        "1000,00",
        &[line(5, "1,00", "A"), line(5, "2,00", "B")].concat(),
        "1003,00",
    );
    let desk = Desk::new(&[("05.sta", &first), ("batch.xml", &batch("6.00")), ("x", "x")]);
    let (well, json) = desk.json();
    assert!(!well);
    let statements = json["statements"].as_array().expect("a list of statements");
    assert_eq!(statements.len(), 3);
    assert_eq!(statements[0]["source"]["file"], "05.sta");
    assert_eq!(statements[0]["head"]["format"], "mt940");
    assert_eq!(statements[0]["head"]["opening"]["cents"], 100_000);
    let entries = statements[0]["entries"].as_array().expect("a list of entries");
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["entry"]["booked_on"], "2026-01-05");
    assert_eq!(entries[1]["details"][0]["purpose"][0], "B");
    assert_eq!(statements[0]["tail"]["closing"]["cents"], 100_300);
    assert_eq!(statements[0]["guards"]["balance"]["verdict"], "held");
    assert_eq!(statements[0]["sums"]["credits"]["count"], 2);
    assert_eq!(statements[0]["sums"]["credits"]["sum"], 300);

    let details = &statements[1]["guards"]["details"];
    assert_eq!(details["verdict"], "broken");
    assert_eq!(details["why"]["reason"], "detail_sum");
    assert_eq!(details["why"]["details"], 1100);
    assert!(
        details["german"]
            .as_str()
            .expect("a sentence")
            .contains("ihre Einzelposten ergeben 11,00 EUR")
    );
    assert_eq!(statements[1]["entries"][0]["details"][1]["cents"], 600);

    assert!(statements[2]["refused"]["reason"].is_string());
    assert_eq!(statements[2].get("head"), None);
    assert_eq!(json["sequence"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["sequence"][0]["verdict"], "not_applicable");
    assert_eq!(json["sequence"][0]["why"], "first");
}

#[test]
fn json_is_one_document_even_where_there_is_nothing() {
    let mut desk = Desk::new(&[]);
    let (well, json) = desk.json();
    assert!(!well, "nothing read is not well");
    assert_eq!(json["statements"].as_array().map(Vec::len), Some(0));
    desk.files.push(desk.folder.path().join("missing.xml"));
    let (_, json) = desk.json();
    assert_eq!(json["statements"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_dash_is_standard_input() {
    let whole = swift(4, 5, "1000,00", "", "1000,00");
    let mut out = Vec::new();
    let well = read(
        &[Path::new("-").to_owned()],
        false,
        &mut whole.as_bytes(),
        &mut out,
    )
    .expect("memory can be written");
    assert!(well);
    assert!(String::from_utf8_lossy(&out).starts_with("standard input\n  MT940"));
}

/// A reader that has seen enough, as `head` has.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(1)
            .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_that_nobody_reads_any_more_ends_the_reading() {
    let desk = Desk::new(&[("batch.xml", &batch("7.00"))]);
    for json in [true, false] {
        for writes in 0..5 {
            let error = read(&desk.files, json, &mut io::empty(), &mut Closed(writes))
                .expect_err("nobody reads any more");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        }
    }
}
