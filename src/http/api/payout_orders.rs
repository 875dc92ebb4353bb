//! Orders to pay money out: the numbered list, and that one was carried out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, Sent, With};
use super::exceptions::problem;
use super::refused::{Changed, Listed};
use super::{caller, page, page_size};
use crate::app::exceptions::PaidOut;
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Those behind this number: `next` of the page before.
    after: Option<i64>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct Orders {
    /// By their numbers.
    orders: Vec<Order>,
    /// Where the next page begins; none on the last one.
    next: Option<i64>,
}

/// An order to pay money out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its number in the Kasse's list.
    number: i64,
    /// `erstattung`, or `weiterleitung` where it goes to somebody else than the payer.
    how: String,
    /// `bank`, `acquirer` or `anordnung`.
    way: String,
    /// What goes with the money, so that it is found on the statement.
    reference: String,
    /// How much, in euros.
    amount: String,
    /// How much of it has not left yet.
    open: String,
    /// When it was ordered (RFC 3339).
    ordered_at: String,
    /// The exception that it resolved.
    exception: String,
    /// Whose payment it is; none where nobody knows.
    authority: Option<String>,
    /// The Kassenzeichen concerned.
    kassenzeichen: Option<String>,
    /// Who certified, ordered and carried it out.
    persons: Vec<Person>,
    /// Why; none where it was erased. Whom to pay is added by the Kasse.
    reason: Option<String>,
}

/// A person and the role of the step.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// The role.
    role: String,
    /// Who.
    person: String,
}

/// That an order was carried out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// Under which reference it was paid, such as the number of the cash system.
    reference: String,
    /// How. Kept as personal data.
    reason: String,
}

/// Lists orders of authorities for which the caller has a role; those about money that nobody knows with a role of the
/// cash office or as auditor.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/payout-orders",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = Orders),
        Listed
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<Orders>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let found = web
        .app
        .payout_orders(&ledger, Some(&sight.seen()), asked.after.unwrap_or(0), limit + 1)
        .await;
    let (found, next) = page(found.map_err(problem)?, limit, |one| one.order.number);
    let mut orders = Vec::new();
    for one in &found {
        let persons = one.steps.iter().map(|step| Person {
            role: step.role.clone(),
            person: step.person.clone(),
        });
        orders.push(Order {
            number: one.order.number,
            how: one.order.how.clone(),
            way: one.order.way.as_str().to_owned(),
            reference: one.order.reference.clone(),
            amount: one.order.cents.to_string(),
            open: one.open.to_string(),
            ordered_at: one.ordered_at.rfc3339(),
            exception: one.order.exception.to_string(),
            authority: one.authority.as_ref().map(ToString::to_string),
            kassenzeichen: one.kassenzeichen.as_ref().map(ToString::to_string),
            persons: persons.collect(),
            reason: web.app.why_ordered(one).await.map_err(problem)?,
        });
    }
    Ok(Json(Orders { orders, next }))
}

/// Says that the cash office has carried an Auszahlungsanordnung out from another account.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/payout-orders/{number}/payments",
    params(("kasse" = String, Path, description = "The Kasse"), ("number" = i64, Path, description = "The order's number")),
    request_body = NewPayment,
    responses(
        (status = 204),
        Changed
    )
)]
pub async fn paid(
    State(web): State<Arc<Web>>,
    At((kasse, number)): At<(String, i64)>,
    headers: HeaderMap,
    asked: Sent<NewPayment>,
) -> Result<StatusCode, Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    // What is not theirs is not there.
    let gone = || Problem::new(Kind::NotFound, "there is no such order among those that you see");
    let before = number.checked_sub(1).ok_or_else(gone)?;
    let found = web
        .app
        .payout_orders(&ledger, Some(&sight.seen()), before, 1)
        .await
        .map_err(problem)?;
    let there = found.first().is_some_and(|one| one.order.number == number);
    there.then_some(()).ok_or_else(gone)?;
    let paid = PaidOut {
        ledger,
        number,
        person: client.id.clone(),
        reference: asked.reference,
        reason: asked.reason,
    };
    web.app.order_carried_out(&paid).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
