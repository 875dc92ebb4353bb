//! Control calls that move money or time.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{Answer, Kassenzeichen, Money, parse, told};
use crate::sandbox::{Cents, payment::Payment, shared::Shared};

/// The calls of this file.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/payments/{kassenzeichen}/storno", post(storno))
        .route("/sandbox/payments/{kassenzeichen}/expire", post(expire))
        .route(
            "/sandbox/mandanten/{mandant}/zahlungseingaenge",
            get(zahlungseingaenge),
        )
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

async fn zahlungseingaenge(State(shared): State<Arc<Shared>>, Path(mandant): Path<String>) -> Json<Value> {
    let receipts = shared.book().receipts(&shared.world, &mandant);
    Json(json!({ "zahlungseingaenge": receipts }))
}
