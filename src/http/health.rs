//! `/livez`, `/readyz` and `/metrics`, for operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Web;

/// The process is there.
pub async fn live() -> &'static str {
    "ok"
}

/// Requests are welcome: the database answers, and we are not about to end.
pub async fn ready(State(web): State<Arc<Web>>) -> Response {
    let database = web.app.store.ping().await;
    let reason = match &database {
        _ if web.is_stopping() => Some("the connector is stopping".to_owned()),
        Err(error) => Some(error.to_string()),
        Ok(()) => None,
    };
    match reason {
        None => Json(json!({"ready": true, "version": env!("CARGO_PKG_VERSION")})).into_response(),
        Some(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"ready": false, "why": why})),
        )
            .into_response(),
    }
}

/// The numbers, for Prometheus.
pub async fn metrics(State(web): State<Arc<Web>>) -> Response {
    match web.app.store.counts(web.app.now()).await {
        Ok(counts) => {
            gauge("epaybl_payments_open", counts.payments_open);
            gauge("epaybl_attempts_unclear", counts.attempts_unclear);
            gauge("epaybl_watches_due", counts.watches_due);
            gauge("epaybl_deliveries_pending", counts.deliveries_pending);
            gauge("epaybl_deliveries_dead", counts.deliveries_dead);
            gauge("epaybl_exceptions_open", counts.exceptions_open);
            gauge("epaybl_database_up", 1);
            pools(&web).await;
        }
        Err(_) => gauge("epaybl_database_up", 0),
    }
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        web.numbers.render(),
    )
        .into_response()
}

/// How many Kassenzeichen of our own are left.
async fn pools(web: &Web) {
    let Ok(mandanten) = web.app.mandanten().await else {
        return;
    };
    for level in web.app.pool_levels(&mandanten).await.unwrap_or_default() {
        let labels = [
            ("provider", level.provider.to_string()),
            ("mandant", level.number.to_string()),
            ("bewirtschafter", level.bewirtschafter.to_string()),
        ];
        let left = i32::try_from(level.left).unwrap_or(i32::MAX);
        metrics::gauge!("epaybl_kassenzeichen_pool_remaining", &labels).set(f64::from(left));
    }
}

fn gauge(name: &'static str, value: i64) {
    // Gauges are floats on the wire; counts of rows are far below where that matters.
    metrics::gauge!(name).set(f64::from(i32::try_from(value).unwrap_or(i32::MAX)));
}
