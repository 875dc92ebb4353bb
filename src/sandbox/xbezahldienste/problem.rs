//! Every answer that is no success: a SystemResponse with its functionalCode. The healthy answer of the
//! status is one as well.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::schema::Letters;
use crate::sandbox::codes::{self, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// None where the service is healthy.
    pub(super) code: Option<&'static str>,
    detail: String,
    /// How to log in.
    pub(super) challenge: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: &str) -> Self {
        Self {
            status,
            code: Some(code),
            detail: detail.to_owned(),
            challenge: None,
        }
    }

    pub(super) fn healthy() -> Self {
        Self {
            code: None,
            ..Self::new(StatusCode::OK, "", "The payment service is ready")
        }
    }

    pub(super) fn validation(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", detail)
    }

    pub(super) fn calculation(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "CALCULATION_ERROR", detail)
    }

    pub(super) fn booking_data(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BOOKING_DATA_MISSING", detail)
    }

    pub(super) fn exists(request_id: &str) -> Self {
        let detail =
            format!("the requestId {request_id} was used before, send a new one for another payment");
        Self::new(StatusCode::BAD_REQUEST, "PAYMENT_EXISTS", &detail)
    }

    pub(super) fn no_port(status: StatusCode, originator: &str, endpoint: &str) -> Self {
        let detail =
            format!("the originatorId {originator} with the endPointId {endpoint} is not known here");
        Self::new(status, "NO_VALID_ORIGINATOR_OR_ENDPOINT", &detail)
    }

    /// The standard has no code for a transaction that is not there.
    pub(super) fn no_transaction() -> Self {
        let detail = "there is no transaction with this transactionId";
        Self::new(StatusCode::NOT_FOUND, "UNSPECIFIED", detail)
    }

    pub(super) fn no_operation() -> Self {
        let detail = "there is no such operation in this version";
        Self::new(StatusCode::NOT_FOUND, "UNSPECIFIED", detail)
    }

    pub(super) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
    }

    pub(super) fn unauthorized(detail: &str, challenge: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            challenge: Some(challenge),
            ..Self::forbidden(detail)
        }
    }

    pub(super) fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNSPECIFIED", detail)
    }

    /// ePayBL says no, and this is what the standard has for it.
    pub(super) fn refused(rc: &str, text: &str, request_id: &str) -> Self {
        let detail = format!("ePayBL {rc} {text}");
        match rc {
            _ if rc == codes::TRANSAKTIONSNUMMER_USED.rc => Self::exists(request_id),
            _ if rc == codes::SUMME.rc => Self::calculation(&detail),
            // Nothing that the portal could mend.
            _ if rc.starts_with("-99") => Self::unavailable(&detail),
            _ => Self::validation(&detail),
        }
    }

    pub(super) fn of(refusal: Refusal, request_id: &str) -> Self {
        Self::refused(refusal.rc, refusal.text, request_id)
    }

    fn body(&self) -> Value {
        let (anchor, title) = match self.status {
            StatusCode::OK => ("200healthy", "OK"),
            StatusCode::BAD_REQUEST => ("400error", "Bad Request"),
            StatusCode::UNAUTHORIZED => ("403error", "Unauthorized"),
            StatusCode::FORBIDDEN => ("403error", "Forbidden"),
            StatusCode::NOT_FOUND => ("404error", "Not Found"),
            _ => ("503error", "Service Unavailable"),
        };
        let mut body = json!({
            "type": format!("https://docs.fitko.de/xbezahldienste/API-SystemResponse/#{anchor}"),
            "status": self.status.as_u16(),
            "title": title,
            "detail": plain(&self.detail),
        });
        if let Some(code) = self.code {
            body["functionalCode"] = code.into();
        }
        body
    }

    /// As a problem document, or as plain JSON where the service does not know better.
    pub(super) fn answer(&self, as_json: bool) -> Response {
        let kind = if as_json {
            "application/json"
        } else {
            "application/problem+json"
        };
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
        let mut answer = (self.status, headers, self.body().to_string()).into_response();
        if let Some(challenge) = self.challenge {
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        answer
    }
}

/// In the letters that a detail may have, and no longer than it may be.
fn plain(detail: &str) -> String {
    let written = detail.replace('ẞ', "SS");
    let letters = written
        .chars()
        .map(|letter| if Letters::Latin.allow(letter) { letter } else { ' ' });
    letters.take(2000).collect()
}
