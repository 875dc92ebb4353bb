//! `POST /oauth/token`: OAuth 2.0 client credentials (RFC 6749 §4.4). The client's id and secret come in a form body, in
//! a JSON body, or as HTTP Basic; real portals do each.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Web, auth};
use crate::app::login::TOKEN_SECONDS;
use crate::domain::ids::ClientId;

/// A body larger than this is no request for a token.
const LIMIT: usize = 8 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Issues an access token.
pub async fn issue(State(web): State<Arc<Web>>, headers: HeaderMap, body: Bytes) -> Response {
    let request = match read(&headers, &body) {
        Ok(request) => request,
        Err(why) => return error(StatusCode::BAD_REQUEST, "invalid_request", why),
    };
    match request.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let why = "only client_credentials is supported";
            return error(StatusCode::BAD_REQUEST, "unsupported_grant_type", why);
        }
        None => {
            return error(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "grant_type is missing",
            );
        }
    }
    let from_header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(auth::basic);
    let Some((id, secret)) = from_header.or_else(|| request.client_id.zip(request.client_secret)) else {
        return not_known();
    };
    match web.app.log_in(&id, &secret).await {
        Ok(Some(client)) => granted(&web, &client.id),
        Ok(None) => {
            metrics::counter!("epaybl_logins_refused_total").increment(1);
            tracing::warn!("a login was refused");
            not_known()
        }
        Err(failure) => {
            tracing::error!(error = %failure, "a login could not be checked");
            error(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "try again in a moment",
            )
        }
    }
}

fn granted(web: &Web, client: &ClientId) -> Response {
    let token = web.app.issue_token(client);
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": "post read"}))
        .into_response()
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest, &'static str> {
    if body.len() > LIMIT {
        return Err("the body is too large");
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.contains("json") {
        return serde_json::from_slice(body).map_err(|_| "the body is not the JSON of a token request");
    }
    let mut request = TokenRequest::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        let field = match name.as_ref() {
            "grant_type" => &mut request.grant_type,
            "client_id" => &mut request.client_id,
            "client_secret" => &mut request.client_secret,
            _ => continue,
        };
        if field.replace(value.into_owned()).is_some() {
            return Err("a parameter is given twice");
        }
    }
    Ok(request)
}

fn not_known() -> Response {
    let mut response = error(
        StatusCode::UNAUTHORIZED,
        "invalid_client",
        "the client or its secret is not known",
    );
    let realm = HeaderValue::from_static("Basic realm=\"epaybl-connector\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    response
}

/// An error as RFC 6749 §5.2 wants it.
fn error(status: StatusCode, code: &'static str, why: &'static str) -> Response {
    (status, Json(json!({"error": code, "error_description": why}))).into_response()
}
