//! Statements come in over HTTP: the body is a file as the bank made it (camt, MT940, or a ZIP of them).
//!
//! It is kept in a file without a name first, never in memory, and read only when all of it is there: who hangs up has
//! changed nothing, and sends it again. What is then taken in goes on even where the caller is gone.

use std::fs::File;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use hyper::body::Body as HttpBody;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, With};
use super::refused::Guarded;
use super::{ProblemDocument, caller};
use crate::app::ports::StatementFile;
use crate::app::reconcile::Reconciled;
use crate::app::statements::{Outcome, Taken};
use crate::domain::statement::guards::Verdict;
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Where it is; its bodies have their time by their size.
pub const UPLOAD: &str = "/api/v1/kassen/{kasse}/statements";

/// How long a name may be.
const NAME: usize = 200;

/// What is said of a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What the file is called, for people; 200 characters at most.
    name: Option<String>,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenIn {
    /// Its statements, in their order; none where there is no statement in it.
    statements: Vec<TakenStatement>,
    /// What was matched afterwards; missing where nothing is new, or where it is done later.
    matched: Option<Matched>,
}

/// What became of a statement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakenStatement {
    /// File and member of an archive.
    source: String,
    /// The account as the file names it; empty where nothing could be read of it.
    account: String,
    /// Number and page, or the bank's id.
    name: String,
    /// `filed`, `known`, `not_booked`, `no_account`, `elsewhere` or `refused`.
    outcome: &'static str,
    /// Its id, where it counts.
    id: Option<String>,
    /// How many booked entries it has.
    entries: Option<u64>,
    /// How many of them no earlier statement has.
    fresh: Option<u64>,
    /// Whether it follows on the one before it: `held`, `broken` or `not_applicable`.
    sequence: Option<&'static str>,
    /// The entry at which it was refused.
    entry: Option<u32>,
    /// The line of the file at which it was refused.
    line: Option<u64>,
    /// What is wrong, or why nothing was booked.
    why: Option<String>,
}

/// What matching did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matched {
    /// Payments that were looked at.
    looked_at: u64,
    /// Booked on the payments that they belong to.
    settled: u64,
    /// Returns.
    returned: u64,
    /// Deposits and advances, each with an exception.
    unclear: u64,
    /// Payouts of payment providers.
    payouts: u64,
    /// Nothing to do with e-payment.
    foreign: u64,
    /// Batched lines whose payments a notification told.
    opened: u64,
    /// Batched lines that wait for theirs.
    waiting: u64,
}

/// Takes a file of statements in: the body is the file itself, whatever its content type (but no form). Accounts of other
/// Kassen are no accounts here. For the cash office.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/statements",
    params(("kasse" = String, Path, description = "The Kasse"), About),
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "camt.053, camt.054 or MT940, or a ZIP of them, up to statements.upload_limit_bytes"),
    responses(
        (status = 200, body = TakenIn),
        (status = 408, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, body = ProblemDocument, content_type = "application/problem+json"),
        Guarded
    )
)]
pub async fn take(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    about: With<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TakenIn>, Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let about = about.read()?;
    if !sight.works_in_it {
        let why = "statements are taken in by the cash office: the role kasse or kassenverwalter is needed";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    let name = about.name.as_deref().unwrap_or("statements");
    named(name)?;
    expected(&headers, web.options.upload_limit)?;
    let Ok(place) = Arc::clone(&web.uploads).try_acquire_owned() else {
        return Err(Problem::unavailable("other files are being taken in", 30));
    };
    let file = StatementFile::Kept {
        name: format!("{}: {name}", client.id),
        file: keep(body, web.options.upload_limit).await?,
    };
    let app = Arc::clone(&web.app);
    let taking = web.app.tasks.spawn(async move {
        let _place = place;
        let taken = app.take_files_of(Some(&ledger), vec![file]).await?;
        let matched = app.reconcile_new(&taken).await;
        Ok::<_, crate::app::take_files::TakeError>((taken, matched))
    });
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an uploaded file could not be taken in to its end");
        let why =
            "the file was not taken in to its end; send it again: what is in the books already is recognised";
        Problem::unavailable(why, 30)
    };
    let (taken, matched) = taking
        .await
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))?;
    let matched = matched.unwrap_or_else(|error| {
        tracing::warn!(%error, "uploaded statements could not be matched yet");
        Vec::new()
    });
    Ok(Json(TakenIn {
        statements: taken.statements.into_iter().map(statement).collect(),
        matched: matched.into_iter().next().map(|(_, done)| done.into()),
    }))
}

/// A name for people.
pub(super) fn named(name: &str) -> Result<(), Problem> {
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        let why = format!("name has 1 to {NAME} characters, and no control characters");
        return Err(Problem::new(Kind::InvalidRequest, why));
    }
    Ok(())
}

fn too_large(limit: u64) -> Problem {
    let why =
        format!("the file is larger than {limit} bytes; split it, or raise statements.upload_limit_bytes");
    Problem::new(Kind::TooLarge, why)
}

/// What can be said before the body comes.
pub(super) fn expected(headers: &HeaderMap, limit: u64) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    // What curl says of any body is no form; a form in parts is one.
    if kind.starts_with("multipart/") {
        let why = "send the file itself as the body, not a form (curl: --data-binary @file, not -F)";
        return Err(Problem::new(Kind::UnsupportedMediaType, why));
    }
    let announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    match announced {
        Some(length) if length > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// Keeps a body in a file without a name; it is gone with the last who holds it.
pub(super) async fn keep(mut body: Body, limit: u64) -> Result<File, Problem> {
    let unkept = |error: std::io::Error| {
        tracing::error!(%error, alert = true, "an upload cannot be kept; is there room in the folder for temporary files?");
        Problem::unavailable("the file cannot be kept now", 60)
    };
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(unkept)?);
    let mut length = 0_u64;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| {
            let why = format!("the file did not come whole, and nothing of it was taken: {error}");
            Problem::new(Kind::InvalidRequest, why)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(too_large(limit));
        }
        file.write_all(&data).await.map_err(unkept)?;
    }
    if length == 0 {
        let why = "there is no file: the body is empty";
        return Err(Problem::new(Kind::InvalidRequest, why));
    }
    file.flush().await.map_err(unkept)?;
    Ok(file.into_std().await)
}

fn statement(taken: Taken) -> TakenStatement {
    let mut told = TakenStatement {
        source: taken.source,
        account: taken.account,
        name: taken.name,
        outcome: "known",
        id: None,
        entries: None,
        fresh: None,
        sequence: None,
        entry: None,
        line: None,
        why: None,
    };
    match taken.outcome {
        Outcome::Filed { filed, sequence, .. } => {
            told.outcome = "filed";
            told.id = Some(filed.id.to_string());
            told.entries = Some(filed.entries);
            told.fresh = Some(filed.fresh);
            let (verdict, why) = match *sequence {
                Verdict::Held => ("held", None),
                Verdict::NotApplicable { .. } => ("not_applicable", None),
                Verdict::Broken { why } => ("broken", Some(format!("{} / {}", why.german(), why.english()))),
            };
            told.sequence = Some(verdict);
            told.why = why;
        }
        Outcome::Known { id } => told.id = Some(id.to_string()),
        Outcome::NotBooked { why } => {
            told.outcome = "not_booked";
            told.why = Some(why);
        }
        Outcome::NoAccount { why } => {
            told.outcome = "no_account";
            told.why = Some(why);
        }
        Outcome::Elsewhere => {
            told.outcome = "elsewhere";
            told.why =
                Some("another reading of the same statement goes on; send it again afterwards".to_owned());
        }
        Outcome::Refused { entry, line, why } => {
            told.outcome = "refused";
            told.entry = entry;
            told.line = Some(line).filter(|line| *line > 0);
            told.why = Some(why);
        }
    }
    told
}

impl From<Reconciled> for Matched {
    fn from(done: Reconciled) -> Self {
        Self {
            looked_at: done.looked_at,
            settled: done.settled,
            returned: done.returned,
            unclear: done.unclear,
            payouts: done.payouts,
            foreign: done.foreign,
            opened: done.opened,
            waiting: done.waiting,
        }
    }
}
