//! Files of bookings for the cash system of a Kasse.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, Sent, With};
use super::refused::{Changed, Fetched, Guarded};
use super::{ProblemDocument, caller, page, page_size, unavailable};
use crate::app::ports::{CommitError, StoredPostingFile};
use crate::app::postings::{PostingError, Withdrawal};
use crate::domain::hkr::LineId;
use crate::domain::ids::LedgerId;
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which files.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Those behind this number: `next` of the page before.
    after: Option<u64>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
}

/// A page of files of a Kasse.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostingFiles {
    /// By number.
    files: Vec<PostingFile>,
    /// Where the next page begins; none on the last one.
    next: Option<u64>,
}

/// Files that were made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeFiles {
    /// By number.
    files: Vec<PostingFile>,
}

/// A file of bookings. Each booking is in one file that counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostingFile {
    /// Its number within the Kasse, from 1, without gaps.
    number: u64,
    /// How it is called.
    name: String,
    /// When it was made (RFC 3339).
    created_at: String,
    /// By whom; `programm` where no person did.
    person: String,
    /// Which bookings the Kasse sends: `provider` or `connector`.
    postings: String,
    /// The template's name.
    template: String,
    /// How many lines of bookings it has.
    lines: u64,
    /// How many of them are withdrawn.
    withdrawn: u64,
    /// The sum of its lines, in euros with two decimal places.
    sum: String,
    /// The first Buchungstag.
    first_day: String,
    /// The last.
    last_day: String,
    /// How many bytes.
    size: u64,
    /// SHA-256 over its bytes, in hexadecimal digits.
    sha256: String,
}

/// What is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWithdrawal {
    /// Lines (`123/1`: the place of the booking in the log, and the line in it); all that count, where none is named.
    #[serde(default)]
    lines: Vec<String>,
    /// Why. Kept as personal data.
    reason: String,
}

/// Lists the files of a Kasse. Only the cash office and auditors see them.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/postings",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = PostingFiles),
        Guarded
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<PostingFiles>, Problem> {
    let ledger = reader(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let files = web
        .app
        .store
        .posting_files_behind(&ledger, asked.after.unwrap_or(0), limit + 1)
        .await;
    let (files, next) = page(files.map_err(unavailable)?, limit, |stored| stored.file.number);
    Ok(Json(PostingFiles {
        files: files.iter().map(told).collect(),
        next,
    }))
}

/// Makes the files of everything that is closed and was in none, in the caller's name; no file where there is nothing.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/postings",
    params(("kasse" = String, Path, description = "The Kasse")),
    responses(
        (status = 200, description = "There was nothing to send.", body = MadeFiles),
        (status = 201, description = "The files that were made.", body = MadeFiles),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        Fetched
    )
)]
pub async fn export(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<MadeFiles>), Problem> {
    let (client, ledger, _) = caller(&web, &headers, &kasse).await?;
    web.app
        .works_in_the_kasse(&client.id, &ledger)
        .await
        .map_err(problem)?;
    let made = web.app.export_postings(&ledger, Some(&client.id)).await;
    let made = made.map_err(problem)?;
    let status = if made.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let files = made.iter().map(told).collect();
    Ok((status, Json(MadeFiles { files })))
}

/// Fetches a file: the bytes that were made, for ever. A file that is withdrawn stays.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/postings/{number}",
    params(
        ("kasse" = String, Path, description = "The Kasse"),
        ("number" = u64, Path, description = "The number of the file")
    ),
    responses(
        (status = 200, description = "The file, of the type that its template makes.", body = [u8],
            content_type = "application/octet-stream"),
        Fetched
    )
)]
pub async fn fetch(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ledger = reader(&web, &headers, &kasse).await?;
    let stored = web.app.posting_file(&ledger, number).await.map_err(problem)?;
    let content = web.app.store.posting_content(&ledger, number).await;
    let content = content.map_err(unavailable)?.ok_or_else(gone)?;
    let file = stored.file;
    // The name has letters, digits, dots, lines and dashes only.
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, content).into_response())
}

/// Withdraws a file that the cash system rejected, or lines of it. They go out again with the next file, under its
/// number; this file stays as it was, and is marked.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/postings/{number}/withdrawals",
    params(
        ("kasse" = String, Path, description = "The Kasse"),
        ("number" = u64, Path, description = "The number of the file")
    ),
    request_body = NewWithdrawal,
    responses(
        (status = 201, body = PostingFile),
        Changed
    )
)]
pub async fn withdraw(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, u64)>,
    headers: HeaderMap,
    withdrawal: Sent<NewWithdrawal>,
) -> Result<(StatusCode, Json<PostingFile>), Problem> {
    let (client, ledger, _) = caller(&web, &headers, &kasse).await?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let withdrawal = withdrawal.read()?;
    let lines: Result<BTreeSet<LineId>, String> = withdrawal.lines.iter().map(|line| line.parse()).collect();
    let of = Withdrawal {
        ledger,
        number,
        lines: lines.map_err(wrong)?,
        person: client.id.clone(),
        reason: withdrawal.reason,
    };
    let stored = web.app.withdraw_postings(&of).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(told(&stored))))
}

/// The Kasse of whoever may read its files.
async fn reader(web: &Web, headers: &HeaderMap, kasse: &str) -> Result<LedgerId, Problem> {
    let (_, ledger, sight) = caller(web, headers, kasse).await?;
    if sight.of_the_kasse {
        return Ok(ledger);
    }
    let why = "files of postings are for the cash office and for auditors";
    Err(Problem::new(Kind::Forbidden, why))
}

fn gone() -> Problem {
    Problem::new(Kind::NotFound, "the Kasse has no such file")
}

fn problem(error: PostingError) -> Problem {
    match error {
        PostingError::NoKasse(_) | PostingError::NoFile { .. } => gone(),
        PostingError::Reason => Problem::new(Kind::InvalidRequest, error.to_string()),
        PostingError::Nobody(_) | PostingError::Role(_) => Problem::new(Kind::Forbidden, error.to_string()),
        PostingError::Test(_)
        | PostingError::NoPreview(_)
        | PostingError::NoRules(_)
        | PostingError::Write { .. }
        | PostingError::NoLine { .. }
        | PostingError::Withdrawn(_)
        | PostingError::Commit(CommitError::Conflict) => Problem::new(Kind::Conflict, error.to_string()),
        PostingError::Read(_) | PostingError::Commit(CommitError::Busy | CommitError::Unavailable(_)) => {
            tracing::error!(%error, "files of postings cannot be made or withdrawn");
            Problem::unavailable("the store does not take it now", 5)
        }
        PostingError::Commit(CommitError::Refused(_)) | PostingError::Vault(_) => {
            tracing::error!(%error, "files of postings cannot be made or withdrawn");
            Problem::new(Kind::Internal, "a fault of the connector; operators are told")
        }
    }
}

fn told(stored: &StoredPostingFile) -> PostingFile {
    let file = &stored.file;
    PostingFile {
        number: file.number,
        name: file.name.clone(),
        created_at: stored.created_at.rfc3339(),
        person: file.person.clone(),
        postings: file.postings.clone(),
        template: file.template.clone(),
        lines: file.lines,
        withdrawn: stored.withdrawn,
        sum: file.sum.to_string(),
        first_day: file.first.to_string(),
        last_day: file.last.to_string(),
        size: file.size,
        sha256: data_encoding::HEXLOWER.encode(&file.digest),
    }
}
