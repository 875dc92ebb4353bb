//! The control endpoints under `/sandbox`, for tests and demonstrations. JSON in, JSON out.

mod money;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Cents, SandboxError,
    fault::{Fault, MOST_TOGETHER, MOST_WAITING, Random, all_names},
    notify::{Delivery, Resend},
    shared::{Sending, Shared},
};

/// All control endpoints.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/sandbox/faults",
            put(ask_for_faults).get(faults).delete(no_faults),
        )
        .route("/sandbox/fault-names", get(fault_names))
        .route("/sandbox/counts", get(counts))
        .route("/sandbox/payments", get(payments))
        .route("/sandbox/payments/{kassenzeichen}", get(payment))
        .route("/sandbox/payments/{kassenzeichen}/pay", post(pay))
        .route("/sandbox/payments/{kassenzeichen}/abort", post(abort))
        .route("/sandbox/payments/{kassenzeichen}/notify", post(notify))
        .route("/sandbox/payments/{kassenzeichen}/return", post(return_money))
        .route("/sandbox/payments/{kassenzeichen}/receive", post(receive))
        .merge(money::router())
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

/// One fault, or several for the same payment.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Fault),
    More(Vec<Fault>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedFaults {
    /// Behind those that are waiting.
    #[serde(default)]
    next: Vec<OneOrMore>,
    /// In place of those that hold.
    all: Option<Vec<Fault>>,
    /// In place of the chance that holds; a rate of 0 ends it.
    random: Option<Random>,
}

impl OneOrMore {
    fn together(self) -> Vec<Fault> {
        match self {
            Self::One(fault) => vec![fault],
            Self::More(together) => together,
        }
    }
}

async fn ask_for_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let asked: AskedFaults = parse(&body)?;
    let next: Vec<_> = asked.next.into_iter().map(OneOrMore::together).collect();
    let wrong = |what: String| Err(SandboxError::Body(what));
    for together in next.iter().chain(&asked.all) {
        if together.len() > MOST_TOGETHER {
            return wrong(format!(
                "{} faults at once are too many, at most {MOST_TOGETHER}",
                together.len()
            ));
        }
    }
    if let Some(fault) = next.iter().flatten().find(|fault| fault.is_of_connections()) {
        return wrong(format!(
            "{fault} is about connections, not about one call: use all"
        ));
    }
    let can = |fault: &Fault| shared.tls.as_ref().is_some_and(|tls| tls.can(fault));
    let of_connections = |fault: &&Fault| fault.is_of_connections();
    if let Some(fault) = asked
        .all
        .iter()
        .flatten()
        .filter(of_connections)
        .find(|fault| !can(fault))
    {
        return wrong(format!(
            "{fault} needs a sandbox that was started with TLS and such a certificate"
        ));
    }
    if let Some(mistake) = asked.random.as_ref().and_then(Random::mistake) {
        return wrong(mistake);
    }
    {
        let faults = &mut shared.book().faults;
        if faults.next.len() + next.len() > MOST_WAITING {
            return wrong(format!(
                "more than {MOST_WAITING} entries would wait: DELETE clears them"
            ));
        }
        faults.next.extend(next);
        if let Some(all) = asked.all {
            faults.all = all;
        }
        if let Some(random) = asked.random {
            faults.chance(random);
        }
    }
    Ok(faults(State(shared)).await)
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let faults = &shared.book().faults;
    let random = faults.random().map(|(random, calls)| {
        let drawn: Vec<_> = faults.drawn().collect();
        json!({ "seed": random.seed, "rate_percent": random.rate_percent, "faults": random.faults,
            "calls": calls, "drawn": drawn })
    });
    Json(json!({ "next": faults.next, "all": faults.all, "random": random }))
}

async fn fault_names() -> Json<Value> {
    let names: Vec<_> = all_names().collect();
    Json(json!({ "faults": names }))
}

async fn no_faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.book().faults = super::fault::Faults::default();
    faults(State(shared)).await
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
