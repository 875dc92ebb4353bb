//! Problem documents (RFC 9457) for every path of our own. The XBezahldienste paths speak
//! [`SystemResponse`](super::xbezahldienste::system_response) instead.
//!
//! A closed list: a new kind gets its line in [`Kind::terms`], and keeps its `type` for ever, since callers match on it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing is here, or nothing that the caller may see.
    NotFound,
    /// The path exists, this method does not.
    MethodNotAllowed,
    /// The request cannot be understood or is not allowed as it is.
    InvalidRequest,
    /// The body is too large.
    TooLarge,
    /// The body does not come.
    TooSlow,
    /// The body is of another type.
    UnsupportedMediaType,
    /// Credentials are missing or not valid.
    Unauthorized,
    /// Credentials are good, the right is missing.
    Forbidden,
    /// Something else happened in between, or was already done otherwise.
    Conflict,
    /// Not now.
    Unavailable,
    /// A callback whose signature is not good.
    BadSignature,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// Every kind, for documentation and tests.
    pub const ALL: [Self; 12] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::InvalidRequest,
        Self::TooLarge,
        Self::TooSlow,
        Self::UnsupportedMediaType,
        Self::Unauthorized,
        Self::Forbidden,
        Self::Conflict,
        Self::Unavailable,
        Self::BadSignature,
        Self::Internal,
    ];

    /// Status, `type` and title.
    pub const fn terms(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "urn:epaybl-connector:problem:not-found",
                "Not found",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "urn:epaybl-connector:problem:method-not-allowed",
                "Method not allowed",
            ),
            Self::InvalidRequest => (
                StatusCode::BAD_REQUEST,
                "urn:epaybl-connector:problem:invalid-request",
                "Invalid request",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "urn:epaybl-connector:problem:too-large",
                "Body too large",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "urn:epaybl-connector:problem:too-slow",
                "Body too slow",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "urn:epaybl-connector:problem:unsupported-media-type",
                "Unsupported media type",
            ),
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "urn:epaybl-connector:problem:unauthorized",
                "Credentials required",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "urn:epaybl-connector:problem:forbidden",
                "Not permitted",
            ),
            Self::Conflict => (
                StatusCode::CONFLICT,
                "urn:epaybl-connector:problem:conflict",
                "Conflict",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:epaybl-connector:problem:unavailable",
                "Temporarily unavailable",
            ),
            Self::BadSignature => (
                StatusCode::BAD_REQUEST,
                "urn:epaybl-connector:problem:bad-signature",
                "Signature not valid",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "urn:epaybl-connector:problem:internal",
                "Internal error",
            ),
        }
    }
}

/// A problem document. The detail is for the caller: no internals, no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.terms().2)]
pub struct Problem {
    kind: Kind,
    detail: String,
    instance: Option<String>,
    retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
}

impl Problem {
    /// A problem of a kind, with what to do about it.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            instance: None,
            retry_after: None,
        }
    }

    /// Not now; `Retry-After` says when, in seconds.
    pub fn unavailable(detail: impl Into<String>, retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Kind::Unavailable, detail)
        }
    }

    /// With the URI reference of this occurrence, for example the request's id.
    #[must_use]
    pub fn at(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// What went wrong.
    pub const fn kind(&self) -> Kind {
        self.kind
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, r#type, title) = self.kind.terms();
        let document = Document {
            r#type,
            title,
            status: status.as_u16(),
            detail: &self.detail,
            instance: self.instance.as_deref(),
        };
        let mut response = (status, axum::Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.kind == Kind::Unauthorized {
            // RFC 9110 wants a challenge with every 401; Basic is left out, browsers would ask for a password.
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"epaybl-connector\""),
            );
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    async fn body(response: Response) -> Value {
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[tokio::test]
    async fn a_problem_says_what_it_is_in_body_and_header() {
        let response = Problem::new(Kind::Conflict, "the closing of 2026-03-01 is filed already")
            .at("urn:uuid:0190")
            .into_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(
            body(response).await,
            json!({
                "type": "urn:epaybl-connector:problem:conflict",
                "title": "Conflict",
                "status": 409,
                "detail": "the closing of 2026-03-01 is filed already",
                "instance": "urn:uuid:0190",
            })
        );
    }

    #[tokio::test]
    async fn not_now_says_when_and_no_credentials_says_which() {
        let response = Problem::unavailable("the queue is full", 5).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(body(response).await.get("instance"), None);
        let response = Problem::new(Kind::Unauthorized, "a token is needed").into_response();
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }

    #[test]
    fn every_kind_has_a_type_of_its_own() {
        let types: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.terms().1).collect();
        assert_eq!(types.len(), Kind::ALL.len());
        assert!(
            types
                .iter()
                .all(|r#type| r#type.starts_with("urn:epaybl-connector:problem:"))
        );
    }
}
