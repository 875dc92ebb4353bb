//! What is not settled: Verwahrungen, Vorschüsse, differences.

use super::{SECTION, amount, columns, maybe, sum, table_or};
use crate::domain::closing::{Books, Exception, OpenPosten};
use crate::export::closing::report::day;
use crate::export::closing::report::font::Weight;
use crate::export::closing::report::layout::{Align, Flow, Role, Row};
use crate::export::closing::wording::Wording;

/// What opened a deposit or an advance; a kind that is new is printed as the log names it.
fn kind(name: &str) -> &str {
    match name {
        "ueberzahlung" => "Überzahlung",
        "doppelzahlung" => "Doppelzahlung",
        "spaete_zahlung" => "Späte Zahlung",
        "klaerung" => "Ungeklärte Zahlung",
        "sollstellung" => "Fremdes Geld",
        "ruecklastschrift" => "Rückgabe",
        "vorschuss" => "Vorschuss",
        other => other,
    }
}

/// Verwahrungen or Vorschüsse, one by one.
pub fn posten(flow: &mut Flow, heading: &str, list: &[OpenPosten]) {
    use Align::{Left, Right};
    flow.heading(heading, SECTION, Role::Section);
    let head = columns(&[
        ("Kassenzeichen", 20, Left),
        ("Posten", 22, Left),
        ("entstanden aus", 15, Left),
        ("Behörde", 17, Left),
        ("seit", 10, Left),
        ("Tage", 6, Right),
        ("Betrag", 12, Right),
    ]);
    let mut rows: Vec<Row> = list
        .iter()
        .map(|item| {
            Row::of([
                maybe(item.kassenzeichen.as_ref()),
                item.posten.to_string(),
                kind(&item.kind).to_owned(),
                maybe(item.authority.as_ref()),
                day(item.opened_on),
                item.age_days.to_string(),
                amount(item.cents),
            ])
        })
        .collect();
    let empty = || String::new();
    rows.push(Row::sum([
        format!("{} Posten", list.len()),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        sum(list.iter().map(|item| item.cents)),
    ]));
    table_or(flow, &head, &rows, "Keine.");
}

/// Differences: opened, resolved, still open.
pub fn exceptions(flow: &mut Flow, books: &Books, wording: &Wording) {
    use Align::{Left, Right};
    let lists = &books.exceptions;
    flow.heading(&wording.exceptions, SECTION, Role::Section);
    flow.paragraph(
        &format!(
            "{} im Zeitraum eröffnet, {} im Zeitraum erledigt, {} noch offen. Offene Unstimmigkeiten halten den Abschluss nicht auf.",
            lists.opened.len(),
            lists.resolved.len(),
            lists.open.len()
        ),
        Weight::Regular,
    );
    for (name, list) in [
        ("Eröffnet", &lists.opened),
        ("Erledigt", &lists.resolved),
        ("Noch offen", &lists.open),
    ] {
        if list.is_empty() {
            continue;
        }
        let head = columns(&[
            (name, 46, Left),
            ("Kassenzeichen", 18, Left),
            ("seit", 10, Left),
            ("erledigt", 10, Left),
            ("Tage", 6, Right),
            ("Betrag", 12, Right),
        ]);
        let rows: Vec<Row> = list.iter().map(exception).collect();
        flow.table(&head, &rows);
    }
}

fn exception(item: &Exception) -> Row {
    Row::of([
        format!("{}: {}", item.code, item.text),
        maybe(item.kassenzeichen.as_ref()),
        day(item.opened_on),
        maybe(item.resolved_on.map(day)),
        item.age_days.to_string(),
        maybe(item.cents.map(amount)),
    ])
}
