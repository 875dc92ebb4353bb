//! The closing as CSV: several tables, each a file of its own, because a spreadsheet and an auditor's program read a file
//! as one table. Every row begins with Kasse, Abschluss, Tag and whether it is a test, so that the files of many days can be put below each
//! other. `sheet` says how cells are written.
//!
//! Balances are Soll minus Haben. To add a table: a variant of [`CsvTable`], its headings and rows.

use std::str::FromStr;

use crate::domain::closing::{Closing, Exception, OpenPosten};
use crate::export::sheet::{Cell, Sheet};

/// A table of the closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvTable {
    /// One row: places in the log, program, digest.
    Kopf,
    /// Accounts with balances.
    Konten,
    /// Soll and Ist of titles.
    Titel,
    /// Movements.
    Bewegungen,
    /// Verwahrungen and Vorschüsse, one by one.
    OffenePosten,
    /// Exceptions: opened, resolved, open.
    Ausnahmen,
    /// Banks beside the books.
    Banken,
    /// Guards of the statements.
    Pruefungen,
    /// Signatures.
    Unterschriften,
}

impl CsvTable {
    /// Every table.
    pub const ALL: &'static [Self] = &[
        Self::Kopf,
        Self::Konten,
        Self::Titel,
        Self::Bewegungen,
        Self::OffenePosten,
        Self::Ausnahmen,
        Self::Banken,
        Self::Pruefungen,
        Self::Unterschriften,
    ];

    /// Its name in addresses and file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kopf => "kopf",
            Self::Konten => "konten",
            Self::Titel => "titel",
            Self::Bewegungen => "bewegungen",
            Self::OffenePosten => "offene-posten",
            Self::Ausnahmen => "ausnahmen",
            Self::Banken => "banken",
            Self::Pruefungen => "pruefungen",
            Self::Unterschriften => "unterschriften",
        }
    }

    const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Kopf => &[
                "von",
                "Rechnungswesen",
                "Protokollstand",
                "Wurzel",
                "voriger Abschluss",
                "voriger Protokollstand",
                "vorige Wurzel",
                "Programm",
                "Build",
                "Freigabe",
                "erstellt",
                "Prüfsumme",
            ],
            Self::Konten => &["Konto", "Anfangsbestand", "Soll", "Haben", "Endbestand"],
            Self::Titel => &[
                "Haushaltsjahr",
                "Haushaltsstelle",
                "Soll im Zeitraum",
                "Ist im Zeitraum",
                "Soll",
                "Ist",
                "Rest",
            ],
            Self::Bewegungen => &[
                "Konto",
                "Haushaltsstelle",
                "Zahlverfahren",
                "Behörde",
                "Anzahl",
                "Soll",
                "Haben",
            ],
            Self::OffenePosten => &[
                "Art",
                "Konto",
                "Posten",
                "Kassenzeichen",
                "Behörde",
                "entstanden aus",
                "eröffnet",
                "Alter in Tagen",
                "Betrag",
            ],
            Self::Ausnahmen => &[
                "Liste",
                "Ausnahme",
                "Code",
                "Text",
                "Kassenzeichen",
                "eröffnet",
                "erledigt",
                "Alter in Tagen",
                "Betrag",
            ],
            Self::Banken => &[
                "IBAN",
                "Auszug",
                "Auszug vom",
                "Ist-Bestand",
                "eigener Bestand",
                "fremdes Geld Anfang",
                "fremde Eingänge",
                "fremde Ausgänge",
                "fremdes Geld Ende",
                "Soll-Bestand",
                "Differenz",
                "fehlende Auszüge",
            ],
            Self::Pruefungen => &["IBAN", "Prüfung", "Text", "eingehalten"],
            Self::Unterschriften => &["Rolle", "Name", "Zeitpunkt"],
        }
    }
}

impl FromStr for CsvTable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Self::ALL.iter().map(|table| table.as_str()).collect();
        Self::ALL
            .iter()
            .copied()
            .find(|table| table.as_str() == text)
            .ok_or_else(|| {
                format!(
                    "«{text}» is no table of a closing; there are {}",
                    names.join(", ")
                )
            })
    }
}

fn yes(is: bool) -> Cell {
    Cell::from(if is { "ja" } else { "nein" })
}

/// One table of a closing as a file.
pub fn csv(closing: &Closing, table: CsvTable) -> Vec<u8> {
    let mut headings = vec!["Kasse", "Abschluss", "Tag", "Test"];
    headings.extend(table.headings());
    let mut sheet = Sheet::new(&headings);
    for row in rows(closing, table) {
        let mut cells = vec![
            Cell::from(closing.ledger.as_str()),
            Cell::count(closing.number),
            Cell::from(closing.to),
            yes(closing.test),
        ];
        cells.extend(row);
        sheet.row(&cells);
    }
    sheet.into_bytes()
}

fn rows(closing: &Closing, table: CsvTable) -> Vec<Vec<Cell>> {
    let books = &closing.books;
    match table {
        CsvTable::Kopf => vec![head(closing)],
        CsvTable::Konten => books
            .accounts
            .iter()
            .map(|account| {
                vec![
                    Cell::from(account.account.as_str()),
                    account.opening.into(),
                    account.debit.into(),
                    account.credit.into(),
                    account.closing.into(),
                ]
            })
            .collect(),
        CsvTable::Titel => books
            .titles
            .iter()
            .map(|title| {
                vec![
                    Cell::Number(title.haushaltsjahr.into()),
                    Cell::maybe(title.haushaltsstelle.as_ref()),
                    title.soll_moved.into(),
                    title.ist_moved.into(),
                    title.soll.into(),
                    title.ist.into(),
                    title.rest.into(),
                ]
            })
            .collect(),
        CsvTable::Bewegungen => books
            .movements
            .iter()
            .map(|moved| {
                vec![
                    Cell::from(moved.account.as_str()),
                    Cell::maybe(moved.haushaltsstelle.as_ref()),
                    Cell::maybe(moved.method.as_ref()),
                    Cell::maybe(moved.authority.as_ref()),
                    Cell::count(moved.count),
                    moved.debit.into(),
                    moved.credit.into(),
                ]
            })
            .collect(),
        CsvTable::OffenePosten => [("Verwahrung", &books.deposits), ("Vorschuss", &books.advances)]
            .into_iter()
            .flat_map(|(kind, list)| list.iter().map(move |item| open_posten(kind, item)))
            .collect(),
        CsvTable::Ausnahmen => {
            let lists = &books.exceptions;
            [
                ("eröffnet", &lists.opened),
                ("erledigt", &lists.resolved),
                ("offen", &lists.open),
            ]
            .into_iter()
            .flat_map(|(name, list)| list.iter().map(move |item| exception(name, item)))
            .collect()
        }
        CsvTable::Banken => banks(closing),
        CsvTable::Pruefungen => closing
            .banks
            .iter()
            .flat_map(|bank| {
                bank.guards.iter().map(|guard| {
                    vec![
                        Cell::from(bank.iban.as_str()),
                        Cell::from(guard.code.as_str()),
                        Cell::from(guard.text.as_str()),
                        yes(guard.held),
                    ]
                })
            })
            .collect(),
        CsvTable::Unterschriften => {
            let given = closing.signing.signatures.iter().map(|signature| {
                vec![
                    Cell::from(signature.role.german()),
                    Cell::from(signature.who.as_str()),
                    Cell::Text(signature.at.rfc3339()),
                ]
            });
            let missing = closing.signing.missing();
            let missing = missing
                .iter()
                .map(|role| vec![Cell::from(role.german()), Cell::Empty, Cell::Empty]);
            given.chain(missing).collect()
        }
    }
}

fn head(closing: &Closing) -> Vec<Cell> {
    let previous = closing.previous;
    let program = &closing.program;
    let rechnungswesen = serde_json::to_value(closing.rechnungswesen).unwrap_or_default();
    vec![
        closing.from.into(),
        Cell::maybe(rechnungswesen.as_str()),
        Cell::count(closing.cut.size),
        Cell::Text(closing.cut.root.to_string()),
        previous.map_or(Cell::Empty, |previous| Cell::count(previous.number)),
        previous.map_or(Cell::Empty, |previous| Cell::count(previous.size)),
        Cell::maybe(previous.map(|previous| previous.root)),
        Cell::from(program.version.as_str()),
        Cell::from(program.build.as_str()),
        Cell::maybe(program.freigabe.as_ref()),
        Cell::Text(closing.prepared_at.rfc3339()),
        Cell::Text(super::digest(closing)),
    ]
}

fn banks(closing: &Closing) -> Vec<Vec<Cell>> {
    let row = |bank: &crate::domain::closing::Bank| {
        let statement = bank.statement.as_ref();
        let awaited: Vec<String> = bank.awaited.iter().map(ToString::to_string).collect();
        vec![
            Cell::from(bank.iban.as_str()),
            Cell::maybe(statement.map(|statement| &statement.number)),
            statement.map_or(Cell::Empty, |statement| statement.day.into()),
            bank.ist().map_or(Cell::Empty, Cell::from),
            bank.ours.into(),
            bank.foreign.opening.into(),
            bank.foreign.credits.into(),
            bank.foreign.debits.into(),
            bank.foreign.closing.into(),
            bank.soll().into(),
            bank.difference.map_or(Cell::Empty, Cell::from),
            Cell::Text(awaited.join(" ")),
        ]
    };
    closing.banks.iter().map(row).collect()
}

fn open_posten(kind: &str, item: &OpenPosten) -> Vec<Cell> {
    vec![
        Cell::from(kind),
        Cell::from(item.account.as_str()),
        Cell::Text(item.posten.to_string()),
        Cell::maybe(item.kassenzeichen.as_ref()),
        Cell::maybe(item.authority.as_ref()),
        Cell::from(item.kind.as_str()),
        item.opened_on.into(),
        Cell::Number(item.age_days.into()),
        item.cents.into(),
    ]
}

fn exception(list: &str, item: &Exception) -> Vec<Cell> {
    vec![
        Cell::from(list),
        Cell::Text(item.id.to_string()),
        Cell::from(item.code.as_str()),
        Cell::from(item.text.as_str()),
        Cell::maybe(item.kassenzeichen.as_ref()),
        item.opened_on.into(),
        item.resolved_on.map_or(Cell::Empty, Cell::from),
        Cell::Number(item.age_days.into()),
        item.cents.map_or(Cell::Empty, Cell::from),
    ]
}
