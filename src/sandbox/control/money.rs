//! Control calls that move money or time.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    routing::post,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Kassenzeichen, Money, parse, told};
use crate::sandbox::{Cents, SandboxError, payment::Payment, shared::Shared};

/// How many days one call may move the clock on.
const MOST_DAYS: u32 = 3_660;

/// The calls of this file.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/payments/{kassenzeichen}/storno", post(storno))
        .route("/sandbox/payments/{kassenzeichen}/expire", post(expire))
        .route("/sandbox/payments/{kassenzeichen}/charge", post(charge))
        .route("/sandbox/payments/{kassenzeichen}/transfer", post(transfer_for))
        .route("/sandbox/bank/{iban}/transfers", post(transfer))
        .route("/sandbox/bank/{iban}/foreign", post(foreign))
        .route("/sandbox/clock", post(forward).get(clock))
}

async fn storno(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let money: Money = parse(&body)?;
    shared.change(&kassenzeichen, |payment, now| {
        payment.storno(money.cents.map(Cents::new), now)
    })?;
    told(&shared, &kassenzeichen, &[])
}

async fn expire(State(shared): State<Arc<Shared>>, Path(kassenzeichen): Kassenzeichen) -> Answer {
    shared.change(&kassenzeichen, Payment::expire)?;
    told(&shared, &kassenzeichen, &[])
}

/// An amount that must be there.
fn needed(cents: Option<i64>) -> Result<Cents, SandboxError> {
    cents
        .map(Cents::new)
        .ok_or_else(|| SandboxError::Body("cents is missing".to_owned()))
}

async fn charge(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let money: Money = parse(&body)?;
    let cents = needed(money.cents)?;
    shared.change(&kassenzeichen, |payment, now| payment.charge(cents, now))?;
    told(&shared, &kassenzeichen, &[])
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    cents: Option<i64>,
    /// The Verwendungszweck.
    purpose: Option<String>,
    payer: Option<String>,
}

/// To the account of the payment: what is owed, with the Kassenzeichen in the Verwendungszweck, unless the body
/// says otherwise.
async fn transfer_for(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let asked: Transfer = parse(&body)?;
    let done = shared.transfer_for(
        &kassenzeichen,
        asked.cents.map(Cents::new),
        asked.purpose.as_deref(),
        asked.payer.as_deref(),
    )?;
    let mut answer = told(&shared, &kassenzeichen, &[])?;
    answer.0["transferred"] = json!(done);
    Ok(answer)
}

async fn transfer(State(shared): State<Arc<Shared>>, Path(iban): Path<String>, body: Bytes) -> Answer {
    let asked: Transfer = parse(&body)?;
    let purpose = asked.purpose.as_deref().unwrap_or_default();
    let done = shared.transfer(&iban, needed(asked.cents)?, purpose, asked.payer.as_deref())?;
    Ok(Json(json!({ "transferred": done })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    cents: Option<i64>,
    kassenzeichen: Option<String>,
}

async fn foreign(State(shared): State<Arc<Shared>>, Path(iban): Path<String>, body: Bytes) -> Answer {
    let asked: Foreign = parse(&body)?;
    let kassenzeichen = asked.kassenzeichen.as_deref().unwrap_or_default();
    let done = shared.foreign_receipt(&iban, needed(asked.cents)?, kassenzeichen)?;
    Ok(Json(json!({ "transferred": done })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forward {
    forward_days: u32,
}

async fn forward(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let asked: Forward = parse(&body)?;
    if asked.forward_days > MOST_DAYS {
        return Err(SandboxError::Body(format!(
            "forward_days {} is more than {MOST_DAYS}",
            asked.forward_days
        )));
    }
    shared.forward(asked.forward_days);
    Ok(clock(State(shared)).await)
}

async fn clock(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "now": shared.now().to_string(), "today": shared.today().to_string() }))
}
