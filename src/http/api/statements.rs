//! The statements that are in the books.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, With};
use super::refused::Guarded;
use super::{caller, page, page_size, unavailable};
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which statements.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Those behind this place: `next` of the page before.
    after: Option<u64>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
}

/// A page of statements of a Kasse.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statements {
    /// In the order in which they were taken in.
    statements: Vec<Statement>,
    /// Where the next page begins; none on the last one.
    next: Option<u64>,
}

/// A statement that counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// Its id.
    id: String,
    /// The account (IBAN).
    account: String,
    /// The format that it came in.
    format: String,
    /// Its number, where the bank counts.
    number: Option<u64>,
    /// Its page.
    page: Option<u64>,
    /// The first day that it covers.
    first_day: String,
    /// The last.
    last_day: String,
    /// What was on the account before, in euros.
    opening: Option<String>,
    /// What was on it afterwards.
    closing: Option<String>,
    /// How many booked entries it has.
    entries: u64,
    /// What each guard says (balance, details, stated, currency, sequence): `held`, `broken` or `not_applicable`.
    guards: BTreeMap<String, String>,
    /// The file that it came in.
    file: String,
}

/// Lists the statements of a Kasse's accounts. Only the cash office and auditors see them: an account may be the town's.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/statements",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = Statements),
        Guarded
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<Statements>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    if !sight.of_the_kasse {
        let why = "statements are for the cash office and for auditors";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let filed = web
        .app
        .store
        .statements_behind(&ledger, asked.after, limit + 1)
        .await;
    let (filed, next) = page(filed.map_err(unavailable)?, limit, |filed| filed.position);
    let statements = filed
        .into_iter()
        .map(|filed| Statement {
            id: filed.id.to_string(),
            account: filed.account.to_string(),
            format: filed.format,
            number: filed.number,
            page: filed.page,
            first_day: filed.first_day.to_string(),
            last_day: filed.last_day.to_string(),
            opening: filed.opening.map(|cents| cents.to_string()),
            closing: filed.closing.map(|cents| cents.to_string()),
            entries: filed.entries,
            guards: guards(&filed.guards),
            file: filed.file,
        })
        .collect();
    Ok(Json(Statements { statements, next }))
}

/// The verdicts of what is stored of the guards.
fn guards(stored: &str) -> BTreeMap<String, String> {
    let read: BTreeMap<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    let verdict = |(name, of): (String, Value)| {
        let verdict = of.get("verdict")?.as_str()?.to_owned();
        Some((name, verdict))
    };
    read.into_iter().filter_map(verdict).collect()
}
