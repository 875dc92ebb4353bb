//! The printable report, in German: what a clerk and the Kassenverwalter read, sign and put into the binder.
//!
//! `sections` says what stands in it and in which order, `layout` breaks it into lines and pages, `pdf` writes
//! them, `tags` says how they are read aloud.
//! To add a section: a function in `sections` and its call in `sections::report`.

mod font;
mod layout;
mod pdf;
mod sections;
mod tags;

pub use pdf::ReportError;

use font::{Weight, printable};
use jiff::civil::Date;
use layout::{HEIGHT, Item, LEFT, Page, RIGHT};

use super::wording::Wording;
use crate::domain::closing::Closing;
use crate::domain::time::{Timestamp, berlin};

/// The report as PDF/A-2a and PDF/UA-1: kept for ten years, and read aloud to who cannot see it. The same closing and wording give the same bytes.
///
/// # Errors
/// [`ReportError`] where the library refuses to write it.
pub fn pdf(closing: &Closing, wording: &Wording) -> Result<Vec<u8>, ReportError> {
    let about = pdf::About {
        title: format!("{} {}", title(closing, wording), days(closing)),
        author: closing.kasse.clone(),
        program: format!(
            "epaybl-connector {} ({})",
            closing.program.version, closing.program.build
        ),
        id: super::digest(closing),
        at: closing
            .signing
            .signatures
            .last()
            .map_or(closing.prepared_at, |signature| signature.at),
    };
    pdf::write(&pages(closing, wording), &about)
}

/// The pages with what stands on each of them: Kasse, days, number, page, and TEST where it is one.
fn pages(closing: &Closing, wording: &Wording) -> Vec<Page> {
    let pages = sections::report(closing, wording);
    let count = pages.len();
    (1..)
        .zip(pages)
        .map(|(number, body)| {
            let mut page = Page::new();
            if closing.test {
                page.push(Item::Stamp("TEST".to_owned()));
            }
            frame(&mut page, closing, wording, number, count);
            page.extend(body);
            page
        })
        .collect()
}

fn frame(page: &mut Page, closing: &Closing, wording: &Wording, number: usize, count: usize) {
    const SMALL: i32 = 150;
    let mut line = |y: i32, weight: Weight, left: &str, right: &str| {
        // A name as long as a line must not run into what stands on the right.
        let right_width = weight.width(right, SMALL);
        let left = font::wrap(left, weight, SMALL, RIGHT - LEFT - right_width - 200);
        let left = left.into_iter().next().unwrap_or_default();
        for (x, text) in [(LEFT, left), (RIGHT - right_width, printable(right))] {
            page.push(Item::Text {
                x,
                y,
                size: SMALL,
                weight,
                text,
                place: None,
            });
        }
    };
    let test = if closing.test {
        "TEST – kein echtes Geld"
    } else {
        ""
    };
    line(
        950,
        Weight::Bold,
        &closing.kasse,
        &format!("Abschluss Nr. {}", closing.number),
    );
    line(1_170, Weight::Regular, title(closing, wording), &days(closing));
    line(
        HEIGHT - 900,
        Weight::Bold,
        test,
        &format!("Seite {number} von {count}"),
    );
    line(
        HEIGHT - 680,
        Weight::Regular,
        &format!("Prüfsumme {}", super::digest(closing)),
        "",
    );
    for y in [1_260, HEIGHT - 1_120] {
        page.push(Item::Rule {
            x: LEFT,
            y,
            width: RIGHT - LEFT,
            height: 10,
        });
    }
}

fn title<'a>(closing: &Closing, wording: &'a Wording) -> &'a str {
    if closing.from == closing.to {
        &wording.title
    } else {
        &wording.title_of_days
    }
}

/// `03.03.2026`, or from and to.
fn days(closing: &Closing) -> String {
    if closing.from == closing.to {
        day(closing.to)
    } else {
        format!("{} bis {}", day(closing.from), day(closing.to))
    }
}

fn day(day: Date) -> String {
    format!("{:02}.{:02}.{:04}", day.day(), day.month(), day.year())
}

/// `04.03.2026, 06:00 Uhr`, in Berlin.
fn hour(at: Timestamp) -> String {
    let at = at.instant().to_zoned(berlin());
    format!("{}, {:02}:{:02} Uhr", day(at.date()), at.hour(), at.minute())
}

#[cfg(test)]
mod tests;
