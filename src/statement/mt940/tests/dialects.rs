//! One file for each way of writing, and what must come out of it.

use super::{Read, day, only, read};
use crate::domain::money::Cents;
use crate::domain::statement::{Direction, Format, Return, Sequence, Status};

pub(super) const SPARKASSE: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/sparkasse.sta");
pub(super) const VR_BANK: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/vr-bank.sta");
pub(super) const COMMERZBANK: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/commerzbank.sta");
pub(super) const ENVELOPE: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/envelope.sta");
pub(super) const SLASHES: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/slashes.sta");
pub(super) const WORDS: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/words.sta");
pub(super) const INTERIM: &[u8] = include_bytes!("../../../../fixtures/statements/mt940/interim.sta");
pub(super) const ALL: &[&[u8]] = &[SPARKASSE, VR_BANK, COMMERZBANK, ENVELOPE, SLASHES, WORDS, INTERIM];

#[test]
fn a_sparkasse_cuts_the_kassenzeichen_after_27_characters_and_writes_iso_8859_1() {
    let statement = only(SPARKASSE);
    assert!(statement.adds_up());
    let head = statement.head();
    assert_eq!(
        (head.format, head.account.as_str()),
        (Format::Mt940, "82051000/0123456789")
    );
    assert_eq!(head.sequence, None, "00000/001 numbers nothing");
    assert_eq!(head.period, Some((day("2025-11-28"), day("2025-12-01"))));
    let (entry, detail) = (statement.entry(1), statement.detail(1));
    assert_eq!(
        (entry.cents, entry.direction),
        (Cents::new(2340), Direction::Credit)
    );
    assert_eq!(entry.code.gvc.as_deref(), Some("166"));
    assert_eq!(entry.code.swift.as_deref(), Some("N062"));
    assert_eq!(entry.code.key_extension.as_deref(), Some("997"));
    assert_eq!(entry.text, "GUTSCHR. UEBERWEISUNG");
    assert_eq!(
        detail.purpose,
        ["Geburtsurkunde Jürg", "en Müßig KZ 4711-0815-2342", "00 danke"]
    );
    assert_eq!(detail.references.end_to_end, None, "NOTPROVIDED is no reference");
    let name = "Jürgen Müßig und Anne-Kathrin Müßig-Weißenborn";
    assert_eq!(detail.counterparty.name.as_deref(), Some(name));
    assert_eq!(
        detail.counterparty.account.as_deref(),
        Some("DE02120300000000202051")
    );
}

#[test]
fn the_raw_text_of_an_entry_is_its_fields_as_they_stand_in_the_file() {
    let statement = only(SPARKASSE);
    let raw = &statement.entry(2).raw;
    assert!(
        raw.starts_with(":61:2511311201RDR1,5N068NONREF\n:86:899?00STORNO?109392"),
        "{raw}"
    );
    assert!(raw.ends_with("SPARKASSE MUSTERSTADT"), "{raw}");
}

#[test]
fn a_day_that_november_does_not_have_is_its_last() {
    let statement = only(SPARKASSE);
    let entry = statement.entry(2);
    assert_eq!(entry.valued_on, Some(day("2025-11-30")));
    assert!(entry.raw.contains("251131"));
}

#[test]
fn a_vr_bank_leaves_reference_and_booking_day_out() {
    let statements = read(VR_BANK);
    assert_eq!(statements.len(), 2);
    assert!(statements.iter().all(Read::adds_up));
    let (entry, detail) = (statements[0].entry(1), statements[0].detail(1));
    assert_eq!(
        (entry.booked_on, entry.valued_on),
        (None, Some(day("2026-03-02")))
    );
    assert_eq!((&entry.reference, &entry.bank_reference), (&None, &None));
    assert_eq!(
        detail.references.end_to_end.as_deref(),
        Some("ZV010028419094930000002")
    );
    assert_eq!(
        detail.purpose[..2],
        ["Anwohnerparken KZ 9", "900-1234 EREF: ZV010028"]
    );
    assert!(statements[1].entries.is_empty());
}

#[test]
fn a_returned_direct_debit_tells_original_amount_fee_mandate_and_reason() {
    let statement = only(COMMERZBANK);
    assert!(statement.adds_up());
    let (entry, detail) = (statement.entry(1), statement.detail(1));
    assert_eq!(
        entry.code.swift.as_deref(),
        Some("NRTI"),
        "a blank stands before it"
    );
    assert_eq!(entry.bank_reference.as_deref(), Some("2026031083252833"));
    assert_eq!(entry.reference, None, "KREF+ is no reference");
    assert_eq!(entry.text, "SEPA-LASTSCHR. RETOURE CORE");
    assert_eq!(detail.original, Some(Cents::new(12_000)));
    assert_eq!(detail.charges, [Cents::new(350)]);
    let references = &detail.references;
    assert_eq!(references.end_to_end.as_deref(), Some("HUNDESTEUER-2026-004711"));
    assert_eq!(
        references.mandate.as_deref(),
        Some("M-4711"),
        "cut in the middle of MREF+"
    );
    assert_eq!(references.creditor_id.as_deref(), Some("DE98ZZZ09999999999"));
    assert_eq!(references.instruction.as_deref(), Some("DD-20260301-1"));
    assert_eq!(detail.purpose, ["SONST", "IGE GRUENDE HUNDESTEUER"]);
    let name = detail.counterparty.name.as_deref();
    assert_eq!(name, Some("ERIKA MUSTERMANN"), "a part that is not full ended");
    let reason = Return {
        code: Some("AM04".to_owned()),
        text: None,
    };
    assert_eq!(detail.returned, Some(reason));
}

#[test]
fn the_pages_of_a_statement_are_statements_that_know_which_is_the_last() {
    let pages = read(ENVELOPE);
    assert!(pages.iter().all(Read::adds_up));
    let numbers: Vec<_> = pages
        .iter()
        .map(|page| page.head().sequence.expect("a number"))
        .collect();
    let page = |page, last| Sequence {
        number: 48,
        page: Some(page),
        last: Some(last),
    };
    assert_eq!(numbers, [page(1, false), page(2, true)]);
    assert_eq!(pages[0].entry(1).cents, Cents::new(50), "«,50» is fifty cents");
    assert_eq!(pages[1].entry(1).cents, Cents::new(100), "«1,» is one euro");
    assert_eq!(pages[1].entry(1).reference.as_deref(), Some("KZ-2"));
}

#[test]
fn dutch_banks_put_slashes_around_what_they_say() {
    let statement = only(SLASHES);
    assert!(statement.adds_up());
    let detail = statement.detail(1);
    assert_eq!(detail.purpose, ["Kassenzeichen 4711 0815/2342"]);
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E2E-77"));
    assert_eq!(detail.counterparty.name.as_deref(), Some("Max Mustermann"));
    assert_eq!(
        detail.counterparty.account.as_deref(),
        Some("DE89370400440532013000")
    );
    let detail = statement.detail(2);
    assert_eq!(detail.purpose, ["Kassenzeichen 4712"]);
    assert_eq!(detail.counterparty.name.as_deref(), Some("Kim Beispiel"));
    let returned = detail.returned.as_ref().expect("it came back");
    assert_eq!(returned.code.as_deref(), Some("MS03"));
    assert_eq!(returned.text.as_deref(), Some("Reason not told"));
}

#[test]
fn plain_words_are_purpose_line_by_line_and_the_banks_last_word_is_nobodys() {
    let statement = only(WORDS);
    assert!(statement.adds_up());
    assert_eq!(statement.head().account, "AT39364/12345678912");
    let detail = statement.detail(1);
    assert_eq!(
        detail.purpose,
        ["Gebühr Reisepass", "KZ 4711-0815", "IBAN: AT611904300234573201"]
    );
    assert_eq!(
        detail.counterparty.account.as_deref(),
        Some("AT611904300234573201")
    );
}

#[test]
fn an_interim_report_books_nothing() {
    let report = only(INTERIM);
    assert_eq!(report.head().format, Format::Mt942);
    assert_eq!(report.head().created.as_deref(), Some("2603101032+0100"));
    assert!(
        report
            .entries
            .iter()
            .all(|(entry, _)| entry.status == Status::Pending)
    );
    assert_eq!(
        report.entry(1).direction,
        Direction::Credit,
        "EC is expected credit"
    );
    let stated = report.tail.as_ref().expect("a tail").stated;
    assert_eq!(stated.count, Some(2));
    assert_eq!(stated.credits, Some((1, Cents::new(4150))));
    assert_eq!(stated.debits, Some((1, Cents::new(700))));
}

#[test]
fn a_statement_that_names_no_account_is_read_and_says_so() {
    for file in [
        ":20:R\n:60F:C260309CHF0,\n:61:2603100310C37,12NTRFNONREF\n:86:Z04?Mitglied\n:62F:C260310CHF37,12\n",
        ":20:R\n:25:\n:60F:C260309CHF0,\n:61:2603100310C37,12NTRFNONREF\n:62F:C260310CHF37,12\n",
    ] {
        let statement = only(file.as_bytes());
        assert_eq!(statement.head().account, "");
        assert!(statement.adds_up());
    }
}
