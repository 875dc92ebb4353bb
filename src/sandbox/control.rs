//! The control endpoints under `/sandbox`, for tests and demonstrations. JSON in, JSON out.

mod faults;
mod money;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(super) use self::faults::{Wanted, can, want};
use super::{
    Cents, SandboxError,
    notify::{Delivery, Resend},
    origin,
    shared::{Sending, Shared},
};

/// All control endpoints.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/counts", get(counts))
        .route("/sandbox/payments", get(payments))
        .route("/sandbox/payments/{kassenzeichen}", get(payment))
        .route("/sandbox/payments/{kassenzeichen}/pay", post(pay))
        .route("/sandbox/payments/{kassenzeichen}/abort", post(abort))
        .route("/sandbox/payments/{kassenzeichen}/notify", post(notify))
        .route("/sandbox/payments/{kassenzeichen}/return", post(return_money))
        .route("/sandbox/payments/{kassenzeichen}/receive", post(receive))
        .merge(faults::router())
        .merge(money::router())
        .layer(from_fn(origin::guard))
}

impl IntoResponse for SandboxError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::UnknownKassenzeichen(_) | Self::UnknownIban(_) | Self::NoStatement(_) => {
                StatusCode::NOT_FOUND
            }
            Self::NotNow { .. } | Self::NoNotify(_) => StatusCode::CONFLICT,
            Self::Method { .. } | Self::Amount(_) | Self::Body(_) | Self::NotForeign(_) | Self::Url(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::World(_) | Self::Io(_) | Self::Client(_) | Self::Tls(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

type Answer = Result<Json<Value>, SandboxError>;
type Kassenzeichen = Path<String>;

/// An empty body asks for the usual.
fn parse<T: Default + DeserializeOwned>(body: &Bytes) -> Result<T, SandboxError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| SandboxError::Body(error.to_string()))
}

async fn counts(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!(shared.book().counts))
}

async fn payments(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "payments": shared.infos() }))
}

async fn payment(State(shared): State<Arc<Shared>>, Path(kassenzeichen): Kassenzeichen) -> Answer {
    told(&shared, &kassenzeichen, &[])
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    method: Option<String>,
    /// In place of the whole claim.
    cents: Option<i64>,
}

async fn pay(State(shared): State<Arc<Shared>>, Path(kassenzeichen): Kassenzeichen, body: Bytes) -> Answer {
    let pay: Pay = parse(&body)?;
    let sending = shared.pay_amount(&kassenzeichen, pay.method.as_deref(), pay.cents.map(Cents::new))?;
    sent(&shared, &kassenzeichen, sending).await
}

async fn abort(State(shared): State<Arc<Shared>>, Path(kassenzeichen): Kassenzeichen) -> Answer {
    let sending = shared.abort(&kassenzeichen)?;
    sent(&shared, &kassenzeichen, sending).await
}

async fn notify(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let how: Resend = parse(&body)?;
    let sending = shared.resend(&kassenzeichen, &how)?;
    sent(&shared, &kassenzeichen, sending).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Money {
    cents: Option<i64>,
    /// Of a return: why, such as `AC04`.
    reason: Option<String>,
}

async fn return_money(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let money: Money = parse(&body)?;
    shared.change(&kassenzeichen, |payment, now| {
        payment.return_money(money.cents.map(Cents::new), money.reason.as_deref(), now)
    })?;
    told(&shared, &kassenzeichen, &[])
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    Path(kassenzeichen): Kassenzeichen,
    body: Bytes,
) -> Answer {
    let money: Money = parse(&body)?;
    let cents = money
        .cents
        .ok_or_else(|| SandboxError::Body("cents is missing".to_owned()))?;
    shared.change(&kassenzeichen, |payment, now| {
        payment.receive(Cents::new(cents), now)
    })?;
    told(&shared, &kassenzeichen, &[])
}

/// The payment as it is now, and how its notifies ended, if they have by now.
async fn sent(shared: &Shared, kassenzeichen: &str, sending: Sending) -> Answer {
    let deliveries = sending.done_within(shared.delays.patience).await;
    told(shared, kassenzeichen, &deliveries)
}

fn told(shared: &Shared, kassenzeichen: &str, notified: &[Delivery]) -> Answer {
    Ok(Json(
        json!({ "payment": shared.info_of(kassenzeichen)?, "notified": notified }),
    ))
}
