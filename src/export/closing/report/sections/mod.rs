//! What stands in the report, section by section. Every list is complete; an empty one says so.

mod open;

use super::font::Weight;
use super::layout::{Align, Column, Flow, Page, Role, Row};
use super::{day, days, hour, title};
use crate::domain::closing::{Books, Closing, Hold};
use crate::domain::girocode::iban_for_people;
use crate::domain::money::Cents;
use crate::export::closing::wording::Wording;

/// The size of section headings.
const SECTION: i32 = 210;

/// The whole report.
pub fn report(closing: &Closing, wording: &Wording) -> Vec<Page> {
    let mut flow = Flow::new();
    head(&mut flow, closing, wording);
    banks(&mut flow, closing, wording);
    accounts(&mut flow, &closing.books, wording);
    titles(&mut flow, &closing.books, wording);
    movements(&mut flow, &closing.books, wording);
    open::posten(&mut flow, &wording.deposits, &closing.books.deposits);
    open::posten(&mut flow, &wording.advances, &closing.books.advances);
    open::exceptions(&mut flow, &closing.books, wording);
    signatures(&mut flow, closing, wording);
    flow.into_pages()
}

fn columns(columns: &[(&str, i32, Align)]) -> Vec<Column> {
    columns
        .iter()
        .map(|(heading, share, align)| Column {
            heading: (*heading).to_owned(),
            share: *share,
            align: *align,
        })
        .collect()
}

/// `1.234,50`; the currency stands in the head of the report.
fn amount(cents: Cents) -> String {
    cents.german().trim_end_matches(" €").to_owned()
}

/// A balance of debit minus credit with its side: `1.234,50 S`.
fn balance(cents: Cents) -> String {
    match cents.get() {
        0 => amount(cents),
        1.. => format!("{} S", amount(cents)),
        _ => format!("{} H", amount(-cents)),
    }
}

fn maybe(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "–".to_owned(), |text| text.to_string())
}

fn sum(amounts: impl Iterator<Item = Cents>) -> String {
    amount(amounts.sum())
}

/// A table, or a word that there is nothing.
fn table_or(flow: &mut Flow, columns: &[Column], rows: &[Row], nothing: &str) {
    if rows.iter().all(|row| row.sum) {
        flow.paragraph(nothing, Weight::Regular);
    } else {
        flow.table(columns, rows);
    }
}

fn head(flow: &mut Flow, closing: &Closing, wording: &Wording) {
    flow.heading(title(closing, wording), 320, Role::Title);
    flow.paragraph(&wording.vorbuch, Weight::Regular);
    let program = &closing.program;
    let previous = closing.previous.map_or_else(
        || "keiner; dies ist der erste".to_owned(),
        |previous| {
            format!(
                "Nr. {}, {} Einträge, Wurzel {}",
                previous.number, previous.size, previous.root
            )
        },
    );
    let state = if closing.is_signed() {
        "unterschrieben"
    } else {
        "vorbereitet, noch nicht vollständig unterschrieben"
    };
    flow.pairs(&[
        ("Kasse", format!("{} ({})", closing.kasse, closing.ledger)),
        ("Zeitraum", days(closing)),
        ("Rechtsgrundlage", wording.law.clone()),
        ("Nummer", closing.number.to_string()),
        ("Stand", state.to_owned()),
        ("Beträge", "in Euro".to_owned()),
        (
            "Protokollstand",
            format!("{} Einträge, Wurzel {}", closing.cut.size, closing.cut.root),
        ),
        ("Voriger Abschluss", previous),
        (
            "Programm",
            format!("epaybl-connector {}, Build {}", program.version, program.build),
        ),
        (
            wording.freigabe.as_str(),
            program
                .freigabe
                .clone()
                .unwrap_or_else(|| "nicht hinterlegt".to_owned()),
        ),
        ("Erstellt", hour(closing.prepared_at)),
    ]);
    let holds = closing.holds();
    if !holds.is_empty() {
        flow.heading(
            "Dieser Abschluss kann noch nicht unterschrieben werden",
            SECTION,
            Role::Section,
        );
        // Several statements of one account may break the same guard; the table of guards names each.
        let mut lines: Vec<String> = holds.iter().map(waits_for).collect();
        lines.dedup();
        let more = lines.len().saturating_sub(MOST_HOLDS);
        lines.truncate(MOST_HOLDS);
        if more > 0 {
            lines.push(format!("und {more} weitere Gründe"));
        }
        for line in &lines {
            flow.paragraph(&format!("• {line}"), Weight::Bold);
        }
    }
}

/// How many reasons the first page names: more than these have one cause.
const MOST_HOLDS: usize = 20;

fn waits_for(hold: &Hold) -> String {
    match hold {
        Hold::StatementMissing {
            iban,
            day: Some(missing),
        } => format!(
            "Der Kontoauszug von {} für den {} fehlt.",
            iban_for_people(iban),
            day(*missing)
        ),
        Hold::StatementMissing { iban, day: None } => {
            format!(
                "Von {} ist noch kein Kontoauszug eingelesen, der einen Saldo nennt.",
                iban_for_people(iban)
            )
        }
        Hold::GuardBroken { iban, code } => format!(
            "Die Prüfung «{code}» der Kontoauszüge von {} schlug fehl.",
            iban_for_people(iban)
        ),
        Hold::Differs { iban, cents } => format!(
            "Bank und Bücher von {} weichen um {} voneinander ab.",
            iban_for_people(iban),
            cents.german()
        ),
        Hold::DoesNotAddUp(finding) => {
            format!("Der Abschluss widerspricht sich; bitte dem Betrieb melden: {finding}")
        }
    }
}

fn banks(flow: &mut Flow, closing: &Closing, wording: &Wording) {
    use Align::{Left, Right};
    flow.heading(&wording.banks, SECTION, Role::Section);
    if closing.banks.is_empty() {
        return flow.paragraph(
            "Zu dieser Kasse ist kein Bankkonto eingerichtet.",
            Weight::Regular,
        );
    }
    flow.paragraph(&wording.banks_note, Weight::Regular);
    let head = columns(&[
        ("IBAN", 30, Left),
        ("Auszug", 24, Left),
        (&wording.soll_bestand, 15, Right),
        (&wording.ist_bestand, 15, Right),
        ("Differenz", 14, Right),
    ]);
    let rows: Vec<Row> = closing
        .banks
        .iter()
        .map(|bank| {
            let statement = bank.statement.as_ref();
            Row::of([
                iban_for_people(&bank.iban),
                maybe(statement.map(|statement| format!("{} vom {}", statement.number, day(statement.day)))),
                amount(bank.soll()),
                maybe(bank.ist().map(amount)),
                maybe(bank.difference.map(amount)),
            ])
        })
        .collect();
    flow.table(&head, &rows);
    let head = columns(&[
        ("IBAN", 26, Left),
        ("eigener Bestand", 14, Right),
        ("fremd: Anfang", 14, Right),
        ("+ Eingänge", 13, Right),
        ("− Ausgänge", 13, Right),
        ("= Ende", 13, Right),
        (&wording.soll_bestand, 14, Right),
    ]);
    let rows: Vec<Row> = closing
        .banks
        .iter()
        .map(|bank| {
            Row::of([
                iban_for_people(&bank.iban),
                amount(bank.ours),
                amount(bank.foreign.opening),
                amount(bank.foreign.credits),
                amount(bank.foreign.debits),
                amount(bank.foreign.closing),
                amount(bank.soll()),
            ])
        })
        .collect();
    flow.table(&head, &rows);
    let guards: Vec<Row> = closing
        .banks
        .iter()
        .flat_map(|bank| {
            bank.guards.iter().map(|guard| {
                let held = if guard.held { "ja" } else { "NEIN" };
                Row::of([iban_for_people(&bank.iban), guard.text.clone(), held.to_owned()])
            })
        })
        .collect();
    let head = columns(&[
        ("IBAN", 26, Left),
        ("Prüfung der Auszüge", 60, Left),
        ("eingehalten", 14, Left),
    ]);
    if !guards.is_empty() {
        flow.table(&head, &guards);
    }
}

fn accounts(flow: &mut Flow, books: &Books, wording: &Wording) {
    use Align::{Left, Right};
    flow.heading(&wording.accounts, SECTION, Role::Section);
    flow.paragraph("Bestände mit S (Soll) oder H (Haben).", Weight::Regular);
    let head = columns(&[
        ("Konto", 40, Left),
        ("Anfangsbestand", 16, Right),
        ("Soll", 14, Right),
        ("Haben", 14, Right),
        ("Endbestand", 16, Right),
    ]);
    let mut rows: Vec<Row> = books
        .accounts
        .iter()
        .map(|account| {
            Row::of([
                account.account.to_string(),
                balance(account.opening),
                amount(account.debit),
                amount(account.credit),
                balance(account.closing),
            ])
        })
        .collect();
    rows.push(Row::sum([
        "Summe".to_owned(),
        balance(books.accounts.iter().map(|account| account.opening).sum()),
        amount(books.debited()),
        amount(books.credited()),
        balance(books.accounts.iter().map(|account| account.closing).sum()),
    ]));
    table_or(flow, &head, &rows, "Es ist noch nichts gebucht.");
}

fn titles(flow: &mut Flow, books: &Books, wording: &Wording) {
    use Align::{Left, Right};
    flow.heading(&wording.titles, SECTION, Role::Section);
    let titles = &books.titles;
    let head = columns(&[
        ("Jahr", 8, Left),
        (&wording.place, 22, Left),
        (&format!("{} im Zeitraum", wording.soll), 14, Right),
        (&format!("{} im Zeitraum", wording.ist), 14, Right),
        (&wording.soll, 14, Right),
        (&wording.ist, 14, Right),
        (&wording.rest, 14, Right),
    ]);
    let mut rows: Vec<Row> = titles
        .iter()
        .map(|title| {
            Row::of([
                title.haushaltsjahr.to_string(),
                maybe(title.haushaltsstelle.as_ref()),
                amount(title.soll_moved),
                amount(title.ist_moved),
                amount(title.soll),
                amount(title.ist),
                amount(title.rest),
            ])
        })
        .collect();
    rows.push(Row::sum([
        "Summe".to_owned(),
        String::new(),
        sum(titles.iter().map(|title| title.soll_moved)),
        sum(titles.iter().map(|title| title.ist_moved)),
        sum(titles.iter().map(|title| title.soll)),
        sum(titles.iter().map(|title| title.ist)),
        sum(titles.iter().map(|title| title.rest)),
    ]));
    table_or(flow, &head, &rows, "Es stehen keine Forderungen in den Büchern.");
}

fn movements(flow: &mut Flow, books: &Books, wording: &Wording) {
    use Align::{Left, Right};
    flow.heading(&wording.movements, SECTION, Role::Section);
    let head = columns(&[
        ("Konto", 27, Left),
        (&wording.place, 18, Left),
        ("Zahlverfahren", 15, Left),
        ("Behörde", 17, Left),
        ("Anzahl", 7, Right),
        ("Soll", 12, Right),
        ("Haben", 12, Right),
    ]);
    let mut rows: Vec<Row> = books
        .movements
        .iter()
        .map(|moved| {
            Row::of([
                moved.account.to_string(),
                maybe(moved.haushaltsstelle.as_ref()),
                maybe(moved.method.as_ref()),
                maybe(moved.authority.as_ref()),
                moved.count.to_string(),
                amount(moved.debit),
                amount(moved.credit),
            ])
        })
        .collect();
    let empty = || String::new();
    rows.push(Row::sum([
        "Summe".to_owned(),
        empty(),
        empty(),
        empty(),
        empty(),
        sum(books.movements.iter().map(|moved| moved.debit)),
        sum(books.movements.iter().map(|moved| moved.credit)),
    ]));
    table_or(flow, &head, &rows, "Im Zeitraum ist nichts gebucht.");
}

fn signatures(flow: &mut Flow, closing: &Closing, wording: &Wording) {
    let lines = i32::try_from(closing.signing.required.len()).unwrap_or(4);
    flow.keep(900 + lines.min(6) * 1_000);
    flow.heading(&wording.signatures, SECTION, Role::Section);
    for signature in &closing.signing.signatures {
        let below = format!(
            "{}, elektronisch unterschrieben am {}",
            signature.role.german(),
            hour(signature.at)
        );
        flow.line_to_sign(&signature.who, &below);
    }
    for role in closing.signing.missing() {
        flow.line_to_sign("", &format!("{}: Name, Datum, Unterschrift", role.german()));
    }
}
