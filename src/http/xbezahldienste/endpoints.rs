//! The operations of the standard: who may call what, and what they answer. The standard's words are in the modules
//! beside this one.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::answer::{self, Status, TransactionView, Window};
use super::system_response::{Refusal, SystemResponse};
use super::{Segment, dialect, read};
use crate::app::open_payment::OpenError;
use crate::app::ports::ReadError;
use crate::app::read_payment::PaymentView;
use crate::domain::case::PortalAnswer;
use crate::domain::ids::RouteKey;
use crate::domain::tenant::{Client, Route, Versioned};
use crate::http::Web;
use crate::http::auth::{self, AuthError};

type Ids = Path<(String, String)>;

/// How long a portal waits before it tries again what cannot be done now.
const RETRY_AFTER: u32 = 30;

/// POST paymenttransaction.
pub(super) async fn create(
    State(web): State<Arc<Web>>,
    Extension(segment): Extension<Segment>,
    Path((originator, end_point)): Ids,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let client = caller(&web, &headers).await?;
    let key = granted(&client, &originator, &end_point)?;
    let said = dialect::said(&headers, segment.0)?;
    let limit = web.options.body_limit;
    let body = to_bytes(body, limit).await.map_err(|_| read::too_large(limit))?;
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let (order, facts) = read::order(&body, content_type, limit, said)?;
    for warning in &facts.warnings {
        tracing::info!(route = %key, client = %client.id, warning, "served all the same");
    }
    let request = order.request_id.clone();
    let view = web
        .app
        .open_payment(&client.id, &key, order, &body)
        .await
        .map_err(|error| match error {
            OpenError::NoRoute => Refusal::NoRoute,
            OpenError::Order(error) => Refusal::from(error),
            OpenError::Exists(_) => Refusal::PaymentExists(request),
            OpenError::Refused { code, text } => Refusal::Validation(format!("{text} ({code})")),
            OpenError::Configuration => Refusal::Unspecified(
                "the payment service is not set up correctly for this route, its operator has been told"
                    .to_owned(),
            ),
            OpenError::Busy => Refusal::Unavailable { retry_after: 1 },
            OpenError::Unavailable(_) => Refusal::Unavailable {
                retry_after: RETRY_AFTER,
            },
        })?;
    Ok(transaction(&web, segment, &key, view).into_response())
}

/// GET paymenttransaction. Always from our own store.
pub(super) async fn get(
    State(web): State<Arc<Web>>,
    Extension(segment): Extension<Segment>,
    Path((originator, end_point, transaction_id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let client = caller(&web, &headers).await?;
    let key = granted(&client, &originator, &end_point)?;
    let id = read::transaction_id(&transaction_id)?;
    let view = web
        .app
        .read_payment(&key, &id)
        .await
        .map_err(unavailable)?
        .ok_or(Refusal::NotFound)?;
    if matches!(view.answer, PortalAnswer::Refused { .. }) {
        return Err(Refusal::NotFound);
    }
    Ok(transaction(&web, segment, &key, view).into_response())
}

/// GET status.
pub(super) async fn status(State(web): State<Arc<Web>>, headers: HeaderMap) -> Result<Response, Refusal> {
    caller(&web, &headers).await?;
    web.app.store.ping().await.map_err(unavailable)?;
    Ok(SystemResponse::healthy("The payment service is available").into_response())
}

/// GET status of one route: also whether its provider answers.
pub(super) async fn status_by_ids(
    State(web): State<Arc<Web>>,
    Path((originator, end_point)): Ids,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let route = route(&web, &headers, &originator, &end_point).await?;
    if web.app.is_alive(&route.value).await {
        Ok(SystemResponse::healthy("The payment service is available for this route").into_response())
    } else {
        Err(Refusal::Unavailable {
            retry_after: RETRY_AFTER,
        })
    }
}

/// GET payment-methods (1.2.0).
pub(super) async fn payment_methods(
    State(web): State<Arc<Web>>,
    Path((originator, end_point)): Ids,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let route = route(&web, &headers, &originator, &end_point).await?;
    let offered = web.app.offered(&route.value).await;
    Ok(Json(answer::payment_methods(&offered.up, &offered.down)).into_response())
}

/// GET maintenance (1.2.0).
pub(super) async fn maintenance(
    State(web): State<Arc<Web>>,
    Path((originator, end_point)): Ids,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let route = route(&web, &headers, &originator, &end_point).await?;
    let now = web.app.now();
    let down: Vec<_> = route
        .value
        .methods
        .iter()
        .map(|method| method.code.clone())
        .collect();
    let windows: Vec<Window> = web
        .options
        .maintenance
        .iter()
        .filter(|window| window.end.is_none_or(|end| now < end))
        .map(|window| Window {
            start: window.start,
            end: window.end,
            description: window.description.clone(),
            down: down.clone(),
        })
        .collect();
    Ok(Json(answer::maintenance(&windows)).into_response())
}

/// Anything else under the prefix.
pub(super) async fn no_operation() -> Refusal {
    Refusal::NoOperation
}

async fn caller(web: &Web, headers: &HeaderMap) -> Result<Arc<Client>, Refusal> {
    auth::client(&web.app, headers)
        .await
        .map_err(|error| match error {
            AuthError::Nobody => Refusal::Forbidden,
            AuthError::Unavailable => Refusal::Unavailable {
                retry_after: RETRY_AFTER,
            },
        })
}

/// A client sees only its own routes: another's is as if it were not there.
fn granted(client: &Client, originator: &str, end_point: &str) -> Result<RouteKey, Refusal> {
    let key = read::route_key(originator, end_point)?;
    if client.routes.contains(&key) {
        Ok(key)
    } else {
        Err(Refusal::NoRoute)
    }
}

async fn route(
    web: &Web,
    headers: &HeaderMap,
    originator: &str,
    end_point: &str,
) -> Result<Arc<Versioned<Route>>, Refusal> {
    let client = caller(web, headers).await?;
    let key = granted(&client, originator, end_point)?;
    web.app
        .route(&key)
        .await
        .map_err(unavailable)?
        .ok_or(Refusal::NoRoute)
}

fn unavailable(error: ReadError) -> Refusal {
    tracing::error!(%error, "the store cannot be read");
    Refusal::Unavailable {
        retry_after: RETRY_AFTER,
    }
}

fn transaction(web: &Web, segment: Segment, key: &RouteKey, view: PaymentView) -> TransactionView {
    let prefix = &web.options.prefix;
    let version = segment.0.map(|version| format!("/{version}")).unwrap_or_default();
    let path = format!(
        "{prefix}{version}/paymenttransaction/{key}/{}",
        view.transaction_id
    );
    let (status, method, reference) = match view.answer {
        PortalAnswer::Initial | PortalAnswer::Refused { .. } => {
            (Status::Initial, None, view.kassenzeichen.clone())
        }
        PortalAnswer::Payed {
            ref method,
            ref reference,
            ..
        } => (Status::Payed, Some(method.clone()), Some(reference.clone())),
        PortalAnswer::Failed { .. } => (Status::Failed, None, view.kassenzeichen.clone()),
        PortalAnswer::Canceled { .. } => (Status::Canceled, None, view.kassenzeichen.clone()),
    };
    TransactionView {
        transaction_url: web.app.link(&path),
        redirect_url: Some(web.app.link(&format!("/pay/{}", view.token))),
        keep_redirect_url: web.options.keep_redirect_url,
        status,
        reference,
        timestamp: view.answered_at(),
        method,
        status_detail: None,
        transaction_id: view.transaction_id,
    }
}
