//! The list of Zahlungseingänge of all Mandanten, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};

use super::{Asked, Head, LISTED, Sheet, html, moment};
use crate::sandbox::{Receipt, shared::Shared, world::Method};

#[derive(Template)]
#[template(path = "sandbox/receipts.html")]
struct Receipts {
    head: Head,
    mandanten: Vec<String>,
    today: String,
    rows: Vec<Row>,
}

struct Row {
    number: u64,
    at: String,
    place: String,
    kassenzeichen: String,
    kundennummer: String,
    method: String,
    amount: String,
    foreign: bool,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, Query(asked): Query<Asked>) -> Response {
    let book = shared.book();
    let mut mandanten: Vec<String> = shared
        .world
        .accounts
        .iter()
        .map(|account| account.mandant.clone())
        .collect();
    mandanten.sort();
    mandanten.dedup();
    let mut receipts: Vec<Receipt> = mandanten
        .iter()
        .flat_map(|mandant| book.receipts(&shared.world, mandant))
        .collect();
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.number));
    let sheet = Sheet::of(&asked, receipts.len());
    let rows = receipts
        .into_iter()
        .skip(sheet.skipped())
        .take(LISTED)
        .map(|receipt| Row {
            number: receipt.number,
            at: moment(receipt.at),
            place: format!("{} / {}", receipt.mandant, receipt.bewirtschafter),
            kassenzeichen: receipt.kassenzeichen,
            kundennummer: receipt.kundennummer,
            method: Method::label(&receipt.method).0.to_owned(),
            amount: receipt.amount.german(),
            foreign: receipt.foreign,
        });
    mandanten.truncate(LISTED);
    let page = Receipts {
        head: Head::of(&shared, "/desk/receipts", &asked, sheet),
        today: shared.today().to_string(),
        rows: rows.collect(),
        mandanten,
    };
    html(StatusCode::OK, &page)
}
