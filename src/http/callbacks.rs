//! `/callbacks/<provider>/<attempt token>`: GET and POST, flat or nested. Stored first, answered at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Web;
use super::problem::{Kind, Problem};
use crate::app::ports::{CallbackError, RawCallback};
use crate::app::take_callback::CallbackRefusal;

/// A callback is small.
const LIMIT: usize = 64 * 1024;

/// Takes a callback.
pub async fn take(
    State(web): State<Arc<Web>>,
    Path((provider, token)): Path<(String, String)>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if method == Method::HEAD {
        return Problem::new(Kind::MethodNotAllowed, "callbacks come by GET or POST").into_response();
    }
    let Ok(body) = to_bytes(body, LIMIT).await else {
        return Problem::new(Kind::TooLarge, "a callback has at most 64 KiB").into_response();
    };
    let query = query.unwrap_or_default();
    let raw = RawCallback {
        method: method.to_string(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect::<BTreeMap<_, _>>(),
        body: body.to_vec(),
    };
    // Taking goes on when the sender hangs up.
    let app = Arc::clone(&web.app);
    let taking = web
        .app
        .tasks
        .spawn(async move { app.take_callback(&provider, &token, raw).await });
    match taking.await {
        Ok(Ok(_)) => (StatusCode::OK, "OK").into_response(),
        Ok(Err(refusal)) => refused(refusal).into_response(),
        Err(_) => Problem::unavailable("the callback could not be taken", 5).into_response(),
    }
}

fn refused(refusal: CallbackRefusal) -> Problem {
    let why = refusal.to_string();
    match refusal {
        CallbackRefusal::UnknownAddress => Problem::new(Kind::NotFound, why),
        CallbackRefusal::NotBelieved(CallbackError::Unreadable(_) | CallbackError::Missing(_)) => {
            Problem::new(Kind::InvalidRequest, why)
        }
        CallbackRefusal::NotBelieved(CallbackError::Signature | CallbackError::TooOld(_)) => {
            Problem::new(Kind::BadSignature, why)
        }
        CallbackRefusal::NotStored(_) => Problem::unavailable(why, 5),
    }
}
