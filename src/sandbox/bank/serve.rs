//! The addresses of statements, settlement lists and the list of Zahlungseingänge.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    camt::{self, Version},
    days,
    entries::Statement,
    mt940,
};
use crate::sandbox::{SandboxError, receipts::Receipt, shared::Shared};

/// All addresses of the bank.
pub(in crate::sandbox) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/bank/{iban}/statements", get(index))
        .route("/sandbox/bank/{iban}/statements/{file}", get(file))
        .route("/sandbox/settlements/{zvp}/{file}", get(settlement))
        .route(
            "/sandbox/mandanten/{mandant}/zahlungseingaenge",
            get(zahlungseingaenge),
        )
}

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementFormat {
    /// camt.053.001.02
    Camt02,
    /// camt.053.001.08
    Camt08,
    /// MT940 with the structured `:86:` of German banks.
    Mt940,
}

impl StatementFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Camt02, Self::Camt08, Self::Mt940];

    /// What a file's name ends with.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Camt02 => "camt.053.001.02.xml",
            Self::Camt08 => "camt.053.001.08.xml",
            Self::Mt940 => "mt940.txt",
        }
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camt02 => "camt.053.001.02",
            Self::Camt08 => "camt.053.001.08",
            Self::Mt940 => "MT940",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Camt02 | Self::Camt08 => "application/xml",
            Self::Mt940 => "text/plain; charset=us-ascii",
        }
    }

    pub(in crate::sandbox) fn write(self, statement: &Statement) -> String {
        match self {
            Self::Camt02 => camt::write(statement, Version::V02),
            Self::Camt08 => camt::write(statement, Version::V08),
            Self::Mt940 => mt940::write(statement),
        }
    }
}

fn day(text: &str) -> Result<Date, SandboxError> {
    text.parse()
        .map_err(|_| SandboxError::Body(format!("{text} is no day such as 2026-11-23")))
}

fn download(kind: &'static str, name: &str, content: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, content).into_response()
}

async fn index(
    State(shared): State<Arc<Shared>>,
    Path(iban): Path<String>,
) -> Result<Json<Value>, SandboxError> {
    let today = shared.today();
    let book = shared.book();
    book.place_of_iban(&iban)?;
    let statements = book.statements(&iban, today).into_iter().map(|statement| {
        let files = StatementFormat::ALL.map(|format| {
            let ending = format.ending();
            let file = format!("/sandbox/bank/{iban}/statements/{}.{ending}", statement.day);
            (ending.to_owned(), Value::from(file))
        });
        json!({
            "number": statement.number,
            "day": statement.day.to_string(),
            "opening": statement.opening,
            "closing": statement.closing,
            "entries": statement.entries.len(),
            "files": serde_json::Map::from_iter(files),
        })
    });
    let statements: Vec<Value> = statements.collect();
    Ok(Json(
        json!({ "iban": iban, "today": today.to_string(), "statements": statements }),
    ))
}

async fn file(
    State(shared): State<Arc<Shared>>,
    Path((iban, file)): Path<(String, String)>,
) -> Result<Response, SandboxError> {
    let unknown = || SandboxError::NoStatement(file.chars().take(60).collect());
    let (day_text, ending) = file.split_once('.').ok_or_else(unknown)?;
    let format = (StatementFormat::ALL.into_iter())
        .find(|format| format.ending() == ending)
        .ok_or_else(unknown)?;
    let wanted = day(day_text)?;
    let statements = {
        let book = shared.book();
        book.place_of_iban(&iban)?;
        book.statements(&iban, shared.today())
    };
    let statement = statements
        .into_iter()
        .find(|statement| statement.day == wanted)
        .ok_or_else(unknown)?;
    let content = format.write(&statement);
    Ok(download(
        format.media_type(),
        &format!("{iban}-{wanted}.{ending}"),
        content,
    ))
}

async fn settlement(
    State(shared): State<Arc<Shared>>,
    Path((zvp, file)): Path<(String, String)>,
) -> Result<Response, SandboxError> {
    let unknown = || SandboxError::NoStatement(file.chars().take(60).collect());
    let wanted = day(file.strip_suffix(".csv").ok_or_else(unknown)?)?;
    if wanted > shared.today() {
        return Err(unknown());
    }
    let csv = shared.book().settlement_csv(&zvp, wanted).ok_or_else(unknown)?;
    Ok(download("text/csv; charset=utf-8", &format!("{wanted}.csv"), csv))
}

/// Which Zahlungseingänge, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    day: Option<String>,
    /// `json` (usual) or `csv`.
    format: Option<String>,
}

async fn zahlungseingaenge(
    State(shared): State<Arc<Shared>>,
    Path(mandant): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, SandboxError> {
    let only = wanted.day.as_deref().map(day).transpose()?;
    let mut receipts = shared.book().receipts(&shared.world, &mandant);
    receipts.retain(|receipt| only.is_none_or(|only| days::day_of(receipt.at) == only));
    match wanted.format.as_deref() {
        None | Some("json") => Ok(Json(json!({ "zahlungseingaenge": receipts })).into_response()),
        Some("csv") => {
            let name = only.map_or_else(|| "alle".to_owned(), |only| only.to_string());
            let name = format!("zahlungseingaenge-{name}.csv");
            Ok(download("text/csv; charset=utf-8", &name, csv(&receipts)))
        }
        Some(other) => Err(SandboxError::Body(format!(
            "format {other} is neither json nor csv"
        ))),
    }
}

fn csv(receipts: &[Receipt]) -> String {
    let mut csv =
        "Buchungstag;Mandant;Bewirtschafter;Kassenzeichen;Kundennummer;Betrag;Waehrung;Zahlverfahren;\
                   Fremd\r\n"
            .to_owned();
    for receipt in receipts {
        let fields = [
            days::day_of(receipt.at).to_string(),
            super::csv_text(&receipt.mandant),
            super::csv_text(&receipt.bewirtschafter),
            super::csv_text(&receipt.kassenzeichen),
            super::csv_text(&receipt.kundennummer),
            super::comma(receipt.amount),
            "EUR".to_owned(),
            super::csv_text(&receipt.method),
            if receipt.foreign { "ja" } else { "nein" }.to_owned(),
        ];
        csv.push_str(&fields.join(";"));
        csv.push_str("\r\n");
    }
    csv
}
