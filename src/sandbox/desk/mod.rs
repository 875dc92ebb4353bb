//! The pages at the root: what the sandbox holds, and buttons for what payers, the bank and the operator of an
//! ePayBL would do. German with English beside it; plain forms, no script, nothing from elsewhere.
//!
//! - `payments` – the first page; `accounts` – accounts, bank and addresses; `receipts` – Zahlungseingänge
//! - `acts` – what the buttons do. One more button is one more arm there and one more form in a template.

mod accounts;
mod acts;
mod payments;
mod receipts;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::{bank, shared::Shared};

/// How many payments, accounts or receipts a page lists.
const LISTED: usize = 20;

/// All pages and the address of their buttons.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(payments::show))
        .route("/desk/accounts", get(accounts::show))
        .route("/desk/receipts", get(receipts::show))
        .route("/desk/act", post(acts::act))
}

/// Which page of a list, from 1; and whether a button has just worked.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    page: Option<usize>,
    #[serde(default)]
    done: bool,
}

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sheet {
    page: usize,
    pages: usize,
}

impl Sheet {
    /// The page that was asked for, or the last there is.
    fn of(asked: &Asked, all: usize) -> Self {
        let pages = all.div_ceil(LISTED).max(1);
        Self {
            page: asked.page.unwrap_or(1).clamp(1, pages),
            pages,
        }
    }

    fn skipped(self) -> usize {
        (self.page - 1) * LISTED
    }

    fn newer(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    fn older(&self) -> Option<usize> {
        (self.page < self.pages).then_some(self.page + 1)
    }
}

/// What stands above every page.
struct Head {
    /// The path that the public address begins with, behind a proxy; empty otherwise.
    base: String,
    /// Of this page, below the base, such as `/desk/accounts`.
    here: &'static str,
    /// The sandbox's clock.
    now: String,
    done: bool,
    sheet: Sheet,
}

impl Head {
    fn of(shared: &Shared, here: &'static str, asked: &Asked, sheet: Sheet) -> Self {
        Self {
            base: base(shared).to_owned(),
            here,
            now: moment(shared.now()),
            done: asked.done,
            sheet,
        }
    }
}

fn base(shared: &Shared) -> &str {
    shared.public_url.path().trim_end_matches('/')
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(bank::berlin())
        .strftime("%d.%m.%Y %H:%M:%S")
        .to_string()
}

fn day(day: Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

fn html(status: StatusCode, page: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // With no-referrer a browser would not say where a form came from.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
    ];
    match page.render() {
        Ok(html) => (status, headers, html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
