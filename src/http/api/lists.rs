//! Settlement lists of payment providers: a file comes in over HTTP as a statement does, and what lists have told is
//! shown. Lists are the Kasse's own, so the cash office and auditors see them; a line that names a payment of an authority
//! for which the caller has no role is not there.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, With};
use super::refused::Guarded;
use super::upload::{Matched, expected, keep, named};
use super::{ProblemDocument, caller, page, page_size, unavailable};
use crate::app::lists::{ListError, ListOutcome, TakenList};
use crate::app::ports::{ListedPayout, ReadError, SeenLine, StatementFile};
use crate::domain::payout::Sums;
use crate::domain::settlement::Owner;
use crate::domain::time::Timestamp;
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Where files come in; their bodies have their time by their size.
pub const UPLOAD: &str = "/api/v1/kassen/{kasse}/lists/{list}";

/// What is said of a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What the file is called; 200 characters at most. Where the list itself does not name its payout, the name without
    /// its ending is the payout's reference.
    name: String,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenLists {
    /// What became of the list of each payout, or of the file as a whole; none where there is no line in it.
    lists: Vec<TakenOne>,
    /// What was matched afterwards; missing where nothing is new, or where it is done later.
    matched: Option<Matched>,
}

/// What became of the list of a payout.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenOne {
    /// The payout's reference; empty where the file as a whole is refused.
    reference: String,
    /// `filed`, `known` (the same list counts already, or did before a later one) or `refused`: nothing of the file is
    /// taken then.
    outcome: &'static str,
    /// The payout's id, where it was filed: the list is shown under it.
    id: Option<String>,
    /// Which revision of the payout's list it is, from 1.
    revision: Option<u64>,
    /// What of it is ours.
    ours: Option<Totals>,
    /// What of it is of other systems.
    others: Option<Totals>,
    /// The line of the file at which it was refused.
    line: Option<u64>,
    /// The column.
    column: Option<String>,
    /// Why it was refused.
    why: Option<String>,
}

/// What lines come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    /// How many.
    count: u64,
    /// Before fees, in euros.
    gross: String,
    /// The fees, where the list tells them.
    fee: Option<String>,
}

/// Which lists, or which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Those behind this place: `next` of the page before.
    after: Option<String>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
}

/// A page of lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lists {
    /// One for each payout, in the order in which these were first told of.
    lists: Vec<List>,
    /// Where the next page begins; none on the last one.
    next: Option<String>,
}

/// What the newest list of a payout tells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// The payout's id, the same in every revision.
    id: String,
    /// By which entry (`[[kasse.list]]`) it was read.
    source: String,
    /// The payout's reference.
    reference: String,
    /// The revision that counts, from 1.
    revision: u64,
    /// The file that it came in.
    file: String,
    /// When it came (RFC 3339).
    came_in: String,
    /// What of it is ours.
    ours: Totals,
    /// What of it is of other systems.
    others: Totals,
    /// What the bank has shown of the payout, in euros; none where it has not yet.
    shown: Option<String>,
    /// Whether every line of it is booked.
    booked: bool,
}

/// A list with a page of its lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListWithLines {
    /// The list.
    list: List,
    /// Lines that count, by revision and place.
    lines: Vec<ListLine>,
    /// Where the next page of lines begins; none on the last one.
    next: Option<String>,
}

/// A line that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListLine {
    /// The revision that brought it.
    revision: u64,
    /// `payment`, `refund`, `chargeback` or `fee`.
    kind: &'static str,
    /// The other system that it belongs to; none where it is ours.
    system: Option<String>,
    /// The Kassenzeichen, or our number.
    reference: Option<String>,
    /// The provider's own id of the payment.
    transaction: Option<String>,
    /// Before the fee, in euros.
    gross: String,
    /// The fee.
    fee: Option<String>,
    /// After the fee.
    net: Option<String>,
    /// When it was paid.
    day: Option<String>,
    /// Whose payment it names; none where it names none of ours.
    authority: Option<String>,
}

/// Takes a settlement list in, and books what the bank has shown of its payouts: the body is the file itself. The same
/// list again changes nothing; another one of the same payout is its next revision. For the cash office.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/lists/{list}",
    params(
        ("kasse" = String, Path, description = "The Kasse"),
        ("list" = String, Path, description = "By which of its entries ([[kasse.list]]) the file is read"),
        About
    ),
    request_body(content = Vec<u8>, content_type = "text/csv",
        description = "The list as the payment provider made it, up to statements.upload_limit_bytes"),
    responses(
        (status = 200, body = TakenLists),
        (status = 408, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, body = ProblemDocument, content_type = "application/problem+json"),
        Guarded
    )
)]
pub async fn take(
    State(web): State<Arc<Web>>,
    At((kasse, list)): At<(String, String)>,
    about: With<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TakenLists>, Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let About { name } = about.read()?;
    if !sight.works_in_it {
        let why = "lists are taken in by the cash office: the role kasse or kassenverwalter is needed";
        return Err(Problem::new(Kind::Forbidden, why));
    }
    named(&name)?;
    expected(&headers, web.options.upload_limit)?;
    let Ok(place) = Arc::clone(&web.uploads).try_acquire_owned() else {
        return Err(Problem::unavailable("other files are being taken in", 30));
    };
    // Its name may be a payout's, so it stays as it is.
    let file = StatementFile::Kept {
        name,
        file: keep(body, web.options.upload_limit).await?,
    };
    let app = Arc::clone(&web.app);
    let taking = web.app.tasks.spawn(async move {
        let _place = place;
        let taken = app.take_list(&ledger, &list, file).await?;
        let filed = taken.iter().any(|one| matches!(one.outcome, ListOutcome::Filed(_)));
        tracing::info!(kasse = %ledger, list, person = %client.id, lists = taken.len(), filed, "a list was uploaded");
        let matched = if filed {
            Some(app.reconcile(&ledger).await)
        } else {
            None
        };
        Ok::<_, ListError>((taken, matched))
    });
    let (taken, matched) = match taking.await {
        Ok(taken) => taken.map_err(problem)?,
        Err(error) => return Err(not_to_its_end(&error)),
    };
    let matched = matched.and_then(|matched| {
        let failed = |error| tracing::warn!(%error, "an uploaded list could not be matched yet");
        matched.map_err(failed).ok()
    });
    Ok(Json(TakenLists {
        lists: taken.into_iter().map(taken_one).collect(),
        matched: matched.map(Into::into),
    }))
}

/// Lists what the newest list of each payout tells. Only the cash office and auditors see it.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/lists",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = Lists),
        Guarded
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<Lists>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    readable(sight.of_the_kasse)?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let after = asked
        .after
        .as_deref()
        .map(|text| text.parse().map_err(|_| no_place(text)));
    let since = Timestamp::from_millis(0);
    let found = web
        .app
        .store
        .payouts(&ledger, since, after.transpose()?, limit + 1)
        .await;
    let (found, next) = page(found.map_err(unavailable)?, limit, |payout| {
        payout.payout.to_string()
    });
    let lists = found.iter().map(told).collect();
    Ok(Json(Lists { lists, next }))
}

/// Shows a list with its lines, but for those that name payments of authorities for which the caller has no role.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/lists/{list}",
    params(
        ("kasse" = String, Path, description = "The Kasse"),
        ("list" = String, Path, description = "The payout's id"),
        Asked
    ),
    responses(
        (status = 200, body = ListWithLines),
        Guarded
    )
)]
pub async fn show(
    State(web): State<Arc<Web>>,
    At((kasse, list)): At<(String, String)>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<ListWithLines>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    readable(sight.of_the_kasse)?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let after = asked.after.as_deref().map_or(Ok((0, 0)), |text| {
        let place = text.split_once('.');
        let place = place.and_then(|(revision, n)| Some((revision.parse().ok()?, n.parse().ok()?)));
        place.ok_or_else(|| no_place(text))
    })?;
    let gone = || Problem::new(Kind::NotFound, "the Kasse has no such list");
    let id = list.parse().map_err(|_| gone())?;
    let found = web.app.store.payout_by_id(&ledger, id).await;
    let payout = found.map_err(unavailable)?.ok_or_else(gone)?;
    let lines = web
        .app
        .store
        .seen_lines((&ledger, id), &sight.authorities, after, limit + 1)
        .await;
    let (lines, next) = page(lines.map_err(unavailable)?, limit, |line| {
        format!("{}.{}", line.revision, line.id.line)
    });
    Ok(Json(ListWithLines {
        list: told(&payout),
        lines: lines.into_iter().map(line).collect(),
        next,
    }))
}

fn readable(of_the_kasse: bool) -> Result<(), Problem> {
    let why = "settlement lists are for the cash office and for auditors";
    of_the_kasse
        .then_some(())
        .ok_or_else(|| Problem::new(Kind::Forbidden, why))
}

fn no_place(text: &str) -> Problem {
    let why = format!("after={text}: it is «next» of the page before");
    Problem::new(Kind::InvalidRequest, why)
}

fn problem(error: ListError) -> Problem {
    match error {
        ListError::NoKasse(_) | ListError::NoList { .. } => Problem::new(Kind::NotFound, error.to_string()),
        ListError::Read(ReadError::Unavailable(_)) | ListError::Commit(_) | ListError::Unreadable(_) => {
            not_to_its_end(&error)
        }
        ListError::Read(error) => unavailable(error),
    }
}

fn not_to_its_end(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "an uploaded list could not be taken in to its end");
    let why =
        "the list was not taken in to its end; send it again: what is in the books already is recognised";
    Problem::unavailable(why, 30)
}

fn totals(sums: &Sums) -> Totals {
    Totals {
        count: sums.count,
        gross: sums.gross.to_string(),
        fee: sums.fee.map(|fee| fee.to_string()),
    }
}

fn taken_one(taken: TakenList) -> TakenOne {
    let one = TakenOne {
        reference: taken.reference,
        outcome: "known",
        id: None,
        revision: None,
        ours: None,
        others: None,
        line: None,
        column: None,
        why: None,
    };
    match taken.outcome {
        ListOutcome::Known(_) => one,
        ListOutcome::Filed(filed) => TakenOne {
            outcome: "filed",
            id: Some(filed.payout.to_string()),
            revision: Some(filed.revision),
            ours: Some(totals(&filed.ours)),
            others: Some(totals(&filed.others)),
            ..one
        },
        ListOutcome::Refused(refusal) => TakenOne {
            outcome: "refused",
            line: refusal.line,
            column: refusal.column,
            why: Some(refusal.reason),
            ..one
        },
    }
}

fn told(payout: &ListedPayout) -> List {
    List {
        id: payout.payout.to_string(),
        source: payout.source.clone(),
        reference: payout.reference.clone(),
        revision: payout.revision,
        file: payout.file.clone(),
        came_in: payout.at.rfc3339(),
        ours: totals(&payout.contents.ours),
        others: totals(&payout.contents.others),
        shown: payout.shown.as_ref().map(|shown| shown.whole.to_string()),
        booked: payout.done,
    }
}

fn line(seen: SeenLine) -> ListLine {
    let line = seen.line;
    ListLine {
        revision: seen.revision,
        kind: line.kind.as_str(),
        system: match line.owner {
            Owner::Ours => None,
            Owner::Foreign(system) => Some(system),
        },
        reference: line.reference,
        transaction: line.transaction,
        gross: line.gross.to_string(),
        fee: line.fee.map(|fee| fee.to_string()),
        net: line.net.map(|net| net.to_string()),
        day: line.day.map(|day| day.to_string()),
        authority: seen.authority.map(|authority| authority.to_string()),
    }
}
