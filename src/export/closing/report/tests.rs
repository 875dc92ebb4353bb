use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::closing::SignerRole;
use crate::domain::closing::testkit::{closing, signature};
use crate::domain::ids::ExceptionId;
use crate::domain::tenant::Rechnungswesen;

fn words() -> Wording {
    Wording::of(Rechnungswesen::Kameral)
}

fn texts(page: &Page) -> Vec<&str> {
    page.iter()
        .filter_map(|item| match item {
            Item::Text { text, .. } => Some(text.as_str()),
            Item::Rule { .. } | Item::Stamp(_) => None,
        })
        .collect()
}

fn all_texts(pages: &[Page]) -> String {
    let texts: Vec<&str> = pages.iter().flat_map(texts).collect();
    texts.join("\n").replace('\u{a0}', " ")
}

/// A day on which five hundred differences are still open.
fn a_bad_day() -> Closing {
    let mut closing = closing();
    let pattern = closing.books.exceptions.open[0].clone();
    closing.books.exceptions.open = (0..500)
        .map(|n| {
            let mut exception = pattern.clone();
            exception.id = ExceptionId(Uuid::from_u128(n));
            exception.text = format!("Unstimmigkeit {n}: {}", pattern.text.repeat(3));
            exception
        })
        .collect();
    closing
}

#[test]
fn the_report_tells_kasse_day_number_balances_and_places_in_the_log() {
    let told = all_texts(&pages(&closing(), &words()));
    for text in [
        "Tagesabschluss des Vorbuchs E-Payment",
        "Stadtkasse Bad Langensalza",
        "03.03.2026",
        "Abschluss Nr. 2",
        "§§ 69, 72 ThürGemHV",
        "20.2-902.41/2026",
        "DE02 1203 0000 0000 2020 51",
        "10.063,45",
        "9.800,00",
        "Überzahlung",
        "Sachbearbeitung der Kasse: Name, Datum, Unterschrift",
    ] {
        assert!(told.contains(text), "«{text}» in\n{told}");
    }
    assert!(told.contains(&"02".repeat(32)), "the root in one piece: {told}");
    assert!(!told.contains("TEST"));
}

#[test]
fn every_page_has_its_number_and_headings_go_on() {
    let pages = pages(&a_bad_day(), &words());
    assert!(pages.len() > 10, "{} pages", pages.len());
    for (number, page) in (1..).zip(&pages) {
        let told = texts(page);
        let count = format!("Seite {number} von {}", pages.len());
        assert!(told.contains(&count.as_str()));
        assert!(told.contains(&"Stadtkasse Bad Langensalza"));
    }
    // On each page that is full of open differences the heading of the table stands above them.
    for page in &pages[3..pages.len() - 2] {
        assert!(texts(page).contains(&"Noch offen"), "{:?}", texts(page));
    }
    let told = all_texts(&pages);
    for number in [0, 250, 499] {
        assert!(told.contains(&format!("Unstimmigkeit {number}:")));
    }
}

#[test]
fn who_hears_the_report_hears_each_cell_once_and_in_order() {
    let pages = pages(&a_bad_day(), &words());
    let mut heard: Vec<(layout::Place, &str)> = Vec::new();
    for item in pages.iter().flatten() {
        if let Item::Text {
            text,
            place: Some(place),
            ..
        } = item
        {
            heard.push((*place, text));
        }
    }
    let blocks: Vec<(usize, usize)> = heard.iter().map(|(place, _)| (place.block, place.row)).collect();
    assert!(blocks.is_sorted(), "pages tell blocks and rows in their order");
    let heads = heard.iter().filter(|(_, text)| *text == "Noch offen").count();
    assert_eq!(heads, 1, "a heading that is repeated on each page is heard once");
    // Every row of a table has a cell for each of its columns.
    let mut tables: BTreeMap<usize, BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
    for (place, _) in &heard {
        let rows = tables.entry(place.block).or_default();
        rows.entry(place.row).or_default().insert(place.column);
    }
    for rows in tables.values() {
        let first = &rows[&0];
        assert!(rows.values().all(|columns| columns == first), "{rows:?}");
    }
}

#[test]
fn nothing_stands_outside_of_the_page_or_over_the_foot() {
    let mut closing = a_bad_day();
    closing.kasse = "Gemeinsame Kasse der Verwaltungsgemeinschaft ".repeat(5);
    closing.books.exceptions.open[0].text = "wort ".repeat(3_000);
    closing.books.exceptions.open[1].text = "W".repeat(400);
    for page in pages(&closing, &words()) {
        for item in &page {
            if let Item::Text {
                x,
                y,
                size,
                weight,
                text,
                ..
            } = item
            {
                let text = text.trim_end();
                assert!(*x >= LEFT && x + weight.width(text, *size) <= RIGHT, "{text}");
                assert!(*y > 0 && *y < HEIGHT - 600, "{text}");
            }
        }
    }
}

#[test]
fn a_test_kasse_says_test_on_each_page() {
    let mut closing = a_bad_day();
    closing.test = true;
    for page in pages(&closing, &words()) {
        assert_eq!(page[0], Item::Stamp("TEST".to_owned()));
        assert!(texts(&page).contains(&"TEST – kein echtes Geld"));
    }
}

#[test]
fn who_signed_is_named_with_the_time_in_berlin_and_who_did_not_has_a_line() {
    let once = closing()
        .sign(signature("A. Müller", SignerRole::Clerk))
        .expect("a clerk may sign");
    let told = all_texts(&pages(&once, &words()));
    assert!(told.contains("A. Müller"));
    assert!(
        told.contains("Sachbearbeitung der Kasse, elektronisch unterschrieben am 04.03.2026, 08:00 Uhr"),
        "{told}"
    );
    assert!(told.contains("Kassenverwaltung: Name, Datum, Unterschrift"));
}

#[test]
fn a_kasse_that_closes_weekly_has_a_title_and_days_of_its_own() {
    let mut week = closing();
    week.from = jiff::civil::date(2026, 2, 25);
    let told = all_texts(&pages(&week, &words()));
    assert!(told.contains("Abschluss des Vorbuchs E-Payment für mehrere Tage"));
    assert!(told.contains("25.02.2026 bis 03.03.2026"));
    assert!(!told.contains("Tagesabschluss"));
}

#[test]
fn what_the_closing_waits_for_is_said_in_german() {
    let mut closing = closing();
    closing.banks[0].awaited = vec![closing.to];
    let told = all_texts(&pages(&closing, &words()));
    assert!(told.contains("Dieser Abschluss kann noch nicht unterschrieben werden"));
    assert!(told.contains("Der Kontoauszug von DE02 1203 0000 0000 2020 51 für den 03.03.2026 fehlt."));
}

#[test]
fn a_closing_that_waits_for_much_names_each_reason_once_and_not_all_of_them() {
    let mut closing = closing();
    let broken = crate::domain::closing::Guard {
        held: false,
        ..closing.banks[0].guards[0].clone()
    };
    closing.banks[0].guards = vec![broken; 12];
    let told = all_texts(&pages(&closing, &words()));
    assert_eq!(told.matches("schlug fehl").count(), 1, "{told}");
    let mut day = closing.to;
    for _ in 0..90 {
        closing.banks[0].awaited.push(day);
        day = day.tomorrow().expect("a day");
    }
    let told = all_texts(&pages(&closing, &words()));
    assert!(told.contains("und 71 weitere Gründe"), "{told}");
    assert_eq!(told.matches(" fehlt.").count(), 20);
}

#[test]
fn headings_are_not_broken_within_a_word() {
    for (rechnungswesen, place) in [
        (Rechnungswesen::Kameral, "Haushaltsstelle"),
        (Rechnungswesen::Doppisch, "Produktsachkonto"),
        (Rechnungswesen::Land, "Titel"),
    ] {
        let pages = pages(&closing(), &Wording::of(rechnungswesen));
        let told: Vec<&str> = pages.iter().flat_map(texts).collect();
        assert!(told.contains(&place), "{place}");
        let piece = told
            .iter()
            .find(|text| text.len() > 4 && **text != place && place.starts_with(**text));
        assert_eq!(piece, None, "{place}");
    }
}

#[test]
fn each_accounting_system_has_its_own_words_and_paragraphs() {
    for (rechnungswesen, law) in [
        (Rechnungswesen::Kameral, "§ 67 Abs. 4 ThürGemHV"),
        (Rechnungswesen::Doppisch, "Produktsachkonto"),
        (Rechnungswesen::Land, "ThürLHO"),
    ] {
        let told = all_texts(&pages(&closing(), &Wording::of(rechnungswesen)));
        assert!(told.contains(law), "{law}");
        let kameral = told.contains("§ 72");
        assert_eq!(kameral, rechnungswesen == Rechnungswesen::Kameral);
    }
}

#[test]
fn the_same_closing_gives_the_same_pdf_and_another_another() {
    let mut marked = closing();
    marked.test = true;
    let one = pdf(&marked, &words()).expect("a PDF");
    assert!(one.starts_with(b"%PDF-1."));
    let count = format!("/Count {}", pages(&marked, &words()).len());
    assert!(one.windows(count.len()).any(|bytes| bytes == count.as_bytes()));
    assert_eq!(one, pdf(&marked, &words()).expect("a PDF"));
    assert_ne!(one, pdf(&closing(), &words()).expect("a PDF"));
}

fn any_rows() -> impl Strategy<Value = Vec<[String; 3]>> {
    let cell = || "[a-zA-Zäöü0-9/ -]{0,60}";
    let row = (cell(), "[a-z ]{0,900}", "[0-9.]{0,12}");
    prop::collection::vec(row.prop_map(|(one, two, three)| [one, two, three]), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_loses_nothing_over_its_pages_and_stays_within_them(rows in any_rows()) {
        let column = |heading: &str, share, align| layout::Column {
            heading: heading.to_owned(),
            share,
            align,
        };
        let columns = [
            column("Konto", 30, layout::Align::Left),
            column("Text", 50, layout::Align::Left),
            column("Betrag", 20, layout::Align::Right),
        ];
        let table: Vec<layout::Row> = rows.iter().map(|row| layout::Row::of(row.clone())).collect();
        let mut flow = layout::Flow::new();
        flow.table(&columns, &table);
        let mut told: BTreeMap<(usize, usize), String> = BTreeMap::new();
        for page in flow.into_pages() {
            let headings = texts(&page).iter().filter(|text| **text == "Betrag").count();
            prop_assert_eq!(headings, 1, "each page has the heading once");
            for item in page {
                if let Item::Text { x, y, size, weight, text, place } = item {
                    let text = text.trim_end();
                    prop_assert!(x >= LEFT && x + weight.width(text, size) <= RIGHT);
                    prop_assert!(y > 1_260 && y < HEIGHT - 1_120, "between the lines of head and foot");
                    if let Some(place) = place {
                        told.entry((place.row, place.column)).or_default().push_str(text);
                    }
                }
            }
        }
        for (number, row) in (1..).zip(&rows) {
            for (column, cell) in row.iter().enumerate() {
                let letters = |text: &str| text.replace(' ', "");
                prop_assert_eq!(letters(&told[&(number, column)]), letters(cell));
            }
        }
    }
}
