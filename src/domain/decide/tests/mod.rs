//! Stories about the decisions, one file per piece of news, and random stories in `properties`.

mod books;
mod callbacks;
mod cases;
mod money;
mod opening;
mod orders;
mod payouts;
mod proof;
mod properties;
mod providers;
mod rules;
mod settling;
mod soap_properties;
mod story;
mod watching;
mod ways;

use super::testkit::method;
use crate::domain::money::Cents;
use crate::domain::told::{Page, Told};

fn told(page: Page, by: Option<&str>, saldo: Option<i64>) -> Told {
    Told {
        kassenzeichen: None,
        page,
        method: by.map(method),
        saldo: saldo.map(Cents::new),
        ..Told::default()
    }
}

/// The page is closed.
fn inactive(by: Option<&str>, saldo: Option<i64>) -> Told {
    told(Page::Inactive, by, saldo)
}

/// The payer may still pay.
fn active() -> Told {
    told(Page::Active, None, Some(4150))
}
