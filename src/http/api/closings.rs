//! Closings of a Kasse's days: listed, shown as documents, prepared and signed. Only the cash office and auditors see
//! them; who signs is whoever calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, Sent, With};
use super::refused::{Changed, Fetched, Guarded, Posted};
use super::{caller, page, page_size, unavailable};
use crate::app::closings::{ClosingError, Preparation};
use crate::app::exceptions::Sight;
use crate::app::ports::{self, CommitError};
use crate::domain::closing::{Closing, Signature, SignerRole};
use crate::domain::ids::LedgerId;
use crate::domain::tenant::Client;
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which closings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Those behind this number: `next` of the page before.
    after: Option<u64>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
}

/// A page of closings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Closings {
    /// By number.
    closings: Vec<ListedClosing>,
    /// Where the next page begins; none on the last one.
    next: Option<u64>,
}

/// A closing as the list tells of it; what it still waits for, the closing itself tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedClosing {
    /// Its number.
    number: u64,
    /// The first day that it covers.
    from: String,
    /// The last.
    to: String,
    /// How many records of the log it covers.
    records: u64,
    /// The root over them.
    root: String,
    /// What is signed; none while it is only cut.
    digest: Option<String>,
    /// Who has signed.
    signatures: Vec<Signed>,
}

/// A closing in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClosingInShort {
    /// Its number.
    number: u64,
    /// The first day that it covers.
    from: String,
    /// The last.
    to: String,
    /// How many records of the log it covers.
    records: u64,
    /// The root over them.
    root: String,
    /// What is signed.
    digest: String,
    /// Who has signed.
    signatures: Vec<Signed>,
    /// The roles whose signatures are missing: `clerk`, `kassenverwalter`.
    missing: Vec<&'static str>,
    /// Why it cannot be signed.
    holds: Vec<String>,
}

/// A signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signed {
    /// Who.
    person: String,
    /// In which role.
    role: &'static str,
    /// When (RFC 3339).
    at: String,
}

/// What is to be closed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClosing {
    /// Everything up to the end of this day (`2026-03-31`); what is due this morning, where none is said.
    day: Option<String>,
}

/// What came of preparing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prepared {
    /// The closing that is there now.
    closing: Option<ClosingInShort>,
    /// What it waits for.
    waits: Vec<String>,
}

/// A signature of the caller.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// What was looked at; nothing else is signed.
    digest: String,
    /// `clerk` or `kassenverwalter`.
    role: String,
}

/// Who calls, where they may see closings.
async fn reader(
    web: &Web,
    headers: &HeaderMap,
    kasse: &str,
) -> Result<(Arc<Client>, LedgerId, Sight), Problem> {
    let (client, ledger, sight) = caller(web, headers, kasse).await?;
    if !sight.of_the_kasse {
        let why = "closings are for the cash office and for auditors";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    Ok((client, ledger, sight))
}

async fn one(web: &Web, headers: &HeaderMap, (kasse, number): (&str, u64)) -> Result<Closing, Problem> {
    let (_, ledger, _) = reader(web, headers, kasse).await?;
    let closing = web.app.read_closing(&ledger, Some(number)).await;
    closing.map_err(unavailable)?.ok_or_else(gone)
}

fn gone() -> Problem {
    Problem::new(Kind::NotFound, "there is no such closing, or it is not filed yet")
}

/// Lists the closings of a Kasse.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/closings",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = Closings),
        Guarded
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<Closings>, Problem> {
    let (_, ledger, _) = reader(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let found = web
        .app
        .store
        .closings_behind(&ledger, asked.after.unwrap_or(0), limit + 1)
        .await;
    let (found, next) = page(found.map_err(unavailable)?, limit, |closing| closing.number);
    let closings = found.iter().map(listed).collect();
    Ok(Json(Closings { closings, next }))
}

fn listed(closing: &ports::ListedClosing) -> ListedClosing {
    ListedClosing {
        number: closing.number,
        from: closing.from.to_string(),
        to: closing.to.to_string(),
        records: closing.size,
        root: HEXLOWER.encode(&closing.root),
        digest: closing.digest.map(|digest| HEXLOWER.encode(&digest)),
        signatures: closing.signatures.iter().map(signed).collect(),
    }
}

fn signed(signature: &Signature) -> Signed {
    Signed {
        person: signature.who.clone(),
        role: signature.role.as_str(),
        at: signature.at.rfc3339(),
    }
}

/// Shows a closing: the document whose digest is signed.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/closings/{number}",
    params(("kasse" = String, Path, description = "The Kasse"), ("number" = u64, Path, description = "The closing")),
    responses(
        (status = 200, body = String, content_type = "application/json", description = "epaybl-closing/1"),
        Fetched
    )
)]
pub async fn show(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let closing = one(&web, &headers, (&kasse, number)).await?;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, web.app.documents.json(&closing)).into_response())
}

/// The printable report of a closing, in German (PDF/A-2a).
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/closings/{number}/report",
    params(("kasse" = String, Path, description = "The Kasse"), ("number" = u64, Path, description = "The closing")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        Fetched
    )
)]
pub async fn report(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let closing = one(&web, &headers, (&kasse, number)).await?;
    let name = format!("{}-{}.pdf", closing.ledger, closing.number);
    let documents = Arc::clone(&web.app.documents);
    // Setting the pages takes longer than others may wait for this thread.
    let written = tokio::task::spawn_blocking(move || documents.pdf(&closing)).await;
    let pdf = written
        .map_err(|error| error.to_string())
        .flatten()
        .map_err(|error| {
            tracing::error!(error, "the report of a closing could not be written");
            Problem::new(Kind::Internal, "a fault of the connector; operators are told")
        })?;
    Ok(attachment("application/pdf", &name, pdf))
}

/// A table of a closing as CSV: `kopf`, `konten`, `titel`, `bewegungen`, `offene-posten`, `ausnahmen`, `banken`,
/// `pruefungen` or `unterschriften`.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/closings/{number}/tables/{table}",
    params(("kasse" = String, Path, description = "The Kasse"), ("number" = u64, Path, description = "The closing"),
        ("table" = String, Path, description = "The table")),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        Fetched
    )
)]
pub async fn table(
    State(web): State<Arc<Web>>,
    At((kasse, number, table)): At<(String, u64, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let closing = one(&web, &headers, (&kasse, number)).await?;
    let csv = web.app.documents.csv(&closing, &table);
    let csv = csv.map_err(|why| Problem::new(Kind::NotFound, why))?;
    let name = format!("{}-{number}-{table}.csv", closing.ledger);
    Ok(attachment("text/csv; charset=utf-8", &name, csv))
}

/// A file to be kept. The name consists of ids.
fn attachment(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, bytes).into_response()
}

/// Prepares a closing: what is due this morning, or everything up to the end of a day. What it waits for is told, and
/// nothing is cut then. For the cash office.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/closings",
    params(("kasse" = String, Path, description = "The Kasse")),
    request_body = NewClosing,
    responses(
        (status = 200, body = Prepared),
        Posted
    )
)]
pub async fn prepare(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    headers: HeaderMap,
    new: Sent<NewClosing>,
) -> Result<Json<Prepared>, Problem> {
    let (_, ledger, sight) = reader(&web, &headers, &kasse).await?;
    works_in(&sight)?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let new = new.read()?;
    let day = new.day.as_deref().map(str::parse::<Date>).transpose();
    let prepared = match day.map_err(|error| wrong(format!("day: {error}")))? {
        Some(day) => web.app.prepare_closing(&ledger, day).await,
        None => web.app.prepare_due(&ledger).await,
    };
    let nothing = Prepared {
        closing: None,
        waits: Vec::new(),
    };
    Ok(Json(match prepared.map_err(problem)? {
        Preparation::Prepared(closing) => Prepared {
            closing: Some(in_short(&closing)),
            ..nothing
        },
        Preparation::Waits(holds) => Prepared {
            waits: holds.iter().map(ToString::to_string).collect(),
            ..nothing
        },
        Preparation::Nothing => nothing,
    }))
}

/// Signs a closing in the caller's name, which stays in the log. Each signature is another person's.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/closings/{number}/signatures",
    params(("kasse" = String, Path, description = "The Kasse"), ("number" = u64, Path, description = "The closing")),
    request_body = NewSignature,
    responses(
        (status = 201, body = ClosingInShort),
        Changed
    )
)]
pub async fn sign(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, u64)>,
    headers: HeaderMap,
    new: Sent<NewSignature>,
) -> Result<(StatusCode, Json<ClosingInShort>), Problem> {
    let (client, ledger, sight) = reader(&web, &headers, &kasse).await?;
    works_in(&sight)?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let new = new.read()?;
    let role: SignerRole = new.role.parse().map_err(wrong)?;
    if role == SignerRole::Kassenverwalter && !sight.leads_it {
        let why = "who signs as Kassenverwalter needs the role kassenverwalter";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    let digest = HEXLOWER.decode(new.digest.as_bytes()).ok();
    let digest = digest.and_then(|bytes| bytes.try_into().ok());
    let digest = digest.ok_or_else(|| wrong("digest: expected 64 digits 0-9 a-f".to_owned()))?;
    let signed = web
        .app
        .sign_closing(&ledger, number, digest, client.id.as_str(), role)
        .await
        .map_err(problem)?;
    Ok((StatusCode::CREATED, Json(in_short(&signed))))
}

fn works_in(sight: &Sight) -> Result<(), Problem> {
    if sight.works_in_it {
        return Ok(());
    }
    let why =
        "closings are prepared and signed by the cash office: the role kasse or kassenverwalter is needed";
    Err(Problem::new(Kind::Forbidden, why))
}

fn problem(error: ClosingError) -> Problem {
    match error {
        ClosingError::NoKasse(_) | ClosingError::NoClosing { .. } => gone(),
        ClosingError::Ahead { .. } | ClosingError::NoDayAfter(_) | ClosingError::Person(_) => {
            Problem::new(Kind::InvalidRequest, error.to_string())
        }
        ClosingError::OtherDigest { .. } | ClosingError::Sign(_) => {
            Problem::new(Kind::Conflict, error.to_string())
        }
        ClosingError::Read(_)
        | ClosingError::Commit(CommitError::Busy | CommitError::Unavailable(_) | CommitError::Conflict) => {
            tracing::error!(%error, "a closing could not be prepared or signed");
            Problem::unavailable("the store does not take it now", 5)
        }
        ClosingError::Commit(_) | ClosingError::Change(_) | ClosingError::Log { .. } => {
            tracing::error!(%error, alert = true, "a closing could not be prepared or signed");
            Problem::new(Kind::Internal, "a fault of the connector; operators are told")
        }
    }
}

fn in_short(closing: &Closing) -> ClosingInShort {
    let signatures = closing.signing.signatures.iter().map(signed);
    ClosingInShort {
        number: closing.number,
        from: closing.from.to_string(),
        to: closing.to.to_string(),
        records: closing.cut.size,
        root: closing.cut.root.to_string(),
        digest: closing.digest_text(),
        signatures: signatures.collect(),
        missing: closing
            .signing
            .missing()
            .iter()
            .map(|role| role.as_str())
            .collect(),
        holds: closing.holds().iter().map(ToString::to_string).collect(),
    }
}
