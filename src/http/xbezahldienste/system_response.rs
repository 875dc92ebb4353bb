//! Every no of the standard: a closed list, its SystemResponse, and the healthy answer, which is one as well.
//!
//! A new kind of refusal gets its line in `Refusal::terms`; the compiler asks for it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

use super::clean;
use super::dialect::Unsupported;
use crate::domain::ids::RequestId;
use crate::domain::order::OrderError;

/// What is refused on the XBezahldienste paths. Its text is for logs; the portal gets it in the standard's characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No route for this originatorId and endPointId.
    #[error("no payment service is configured for this originatorId and endPointId")]
    NoRoute,
    /// No such transaction on this route, or not the caller's.
    #[error("there is no payment transaction with this transactionId here")]
    NotFound,
    /// No such operation under the prefix (unknown path, or another HTTP method).
    #[error("there is no such operation in XBezahldienste")]
    NoOperation,
    /// The requestId was used.
    #[error("a payment with the requestId {0} exists already; ask for its state, or send a new requestId")]
    PaymentExists(RequestId),
    /// Total and items do not agree.
    #[error("{0}")]
    Calculation(String),
    /// Posting data is missing.
    #[error("{0}")]
    BookingDataMissing(String),
    /// Any other fault of the request.
    #[error("{0}")]
    Validation(String),
    /// Credentials missing, wrong, or without the right for this route.
    #[error("credentials are missing, not valid, or have no right here")]
    Forbidden,
    /// Nothing exists, the same request may be sent again later.
    #[error("the payment service cannot take requests at the moment; try again in {retry_after} seconds")]
    Unavailable {
        /// Seconds.
        retry_after: u32,
    },
    /// Our or the provider's configuration, or a fault of ours: an operator must mend it. The text is the portal's to
    /// read: no internals, a support reference is welcome.
    #[error("{0}")]
    Unspecified(String),
}

/// `functionalCode`; the deprecated NO_VALID_ORIGINATOR_OR_DESTINATION is never written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FunctionalCode {
    /// The tenant cannot be determined from the two ids.
    NoValidOriginatorOrEndpoint,
    /// A request was already placed with this id.
    PaymentExists,
    /// The total does not fit the items.
    CalculationError,
    /// Posting data is missing.
    BookingDataMissing,
    /// Another fault of syntax or meaning.
    ValidationError,
    /// Authentication missing, or no right here.
    Forbidden,
    /// Everything else.
    Unspecified,
}

/// A SystemResponse of the standard: RFC 7807 and one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemResponse {
    r#type: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    title: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    functional_code: Option<FunctionalCode>,
    #[serde(skip)]
    retry_after: Option<u32>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature is serde's
fn as_number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

/// The five answers that the standard's samples show: status, title and `type` belong together.
#[derive(Debug, Clone, Copy)]
enum Sample {
    Healthy,
    BadRequest,
    Forbidden,
    NotFound,
    Unavailable,
}

impl Sample {
    const fn terms(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Healthy => (
                StatusCode::OK,
                "OK",
                "https://docs.fitko.de/xbezahldienste/API-SystemResponse/#200healthy",
            ),
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "Bad Request",
                "https://docs.fitko.de/xbezahldienste/API-SystemResponse/#400error",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "Forbidden",
                "https://docs.fitko.de/xbezahldienste/API-SystemResponse/#403error",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Not Found",
                "https://docs.fitko.de/xbezahldienste/API-SystemResponse/#404error",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Service Unavailable",
                "https://docs.fitko.de/xbezahldienste/API-SystemResponse/#503error",
            ),
        }
    }
}

impl Refusal {
    /// How it is said. The one table of this contract's errors.
    ///
    /// An unknown transaction is UNSPECIFIED, not NO_VALID_ORIGINATOR_OR_ENDPOINT: the standard has no code for it, and a
    /// portal should not look for the fault in its route.
    const fn terms(&self) -> (Sample, FunctionalCode) {
        match self {
            Self::NoRoute => (Sample::NotFound, FunctionalCode::NoValidOriginatorOrEndpoint),
            Self::NotFound | Self::NoOperation => (Sample::NotFound, FunctionalCode::Unspecified),
            Self::PaymentExists(_) => (Sample::BadRequest, FunctionalCode::PaymentExists),
            Self::Calculation(_) => (Sample::BadRequest, FunctionalCode::CalculationError),
            Self::BookingDataMissing(_) => (Sample::BadRequest, FunctionalCode::BookingDataMissing),
            Self::Validation(_) => (Sample::BadRequest, FunctionalCode::ValidationError),
            Self::Forbidden => (Sample::Forbidden, FunctionalCode::Forbidden),
            Self::Unavailable { .. } | Self::Unspecified(_) => {
                (Sample::Unavailable, FunctionalCode::Unspecified)
            }
        }
    }

    /// What the portal gets.
    pub fn response(&self) -> SystemResponse {
        let (sample, code) = self.terms();
        SystemResponse {
            functional_code: Some(code),
            retry_after: match self {
                Self::Unavailable { retry_after } => Some(*retry_after),
                _ => None,
            },
            ..SystemResponse::of(sample, &self.to_string())
        }
    }
}

impl From<OrderError> for Refusal {
    fn from(error: OrderError) -> Self {
        let text = error.to_string();
        match error {
            OrderError::Sum { .. } => Self::Calculation(text),
            // A case is keyed by posting data where the route says so; its lack is the same fault for the portal.
            OrderError::BookingDataMissing { .. } | OrderError::CaseKey(_) => Self::BookingDataMissing(text),
            OrderError::BookingDataNotAllowed { .. }
            | OrderError::TaxRate { .. }
            | OrderError::NoMethod(_) => Self::Validation(text),
        }
    }
}

impl From<Unsupported> for Refusal {
    fn from(error: Unsupported) -> Self {
        Self::Validation(error.to_string())
    }
}

impl SystemResponse {
    fn of(sample: Sample, detail: &str) -> Self {
        let (status, title, r#type) = sample.terms();
        Self {
            r#type,
            status,
            title,
            detail: clean::detail(detail, title),
            functional_code: None,
            retry_after: None,
        }
    }

    /// The healthy answer of `/status` and `/status/{originatorId}/{endPointId}`: 200, and a problem document too.
    pub fn healthy(detail: &str) -> Self {
        Self::of(Sample::Healthy, detail)
    }
}

impl IntoResponse for SystemResponse {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.response().into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{member, system_response};
    use super::*;
    use crate::domain::money::Cents;

    fn every() -> Vec<(Refusal, u16, &'static str)> {
        vec![
            (Refusal::NoRoute, 404, "NO_VALID_ORIGINATOR_OR_ENDPOINT"),
            (Refusal::NotFound, 404, "UNSPECIFIED"),
            (Refusal::NoOperation, 404, "UNSPECIFIED"),
            (
                Refusal::PaymentExists(RequestId::parse("R-1").expect("an id")),
                400,
                "PAYMENT_EXISTS",
            ),
            (
                Refusal::Calculation("1.00 ≠ 2.00".to_owned()),
                400,
                "CALCULATION_ERROR",
            ),
            (
                Refusal::BookingDataMissing("«href»?".to_owned()),
                400,
                "BOOKING_DATA_MISSING",
            ),
            (
                Refusal::Validation("items[0].id: is required".to_owned()),
                400,
                "VALIDATION_ERROR",
            ),
            (Refusal::Validation(String::new()), 400, "VALIDATION_ERROR"),
            (Refusal::Validation("/".repeat(5000)), 400, "VALIDATION_ERROR"),
            (Refusal::Forbidden, 403, "FORBIDDEN"),
            (Refusal::Unavailable { retry_after: 30 }, 503, "UNSPECIFIED"),
            (
                Refusal::Unspecified("support reference: 4711/b".to_owned()),
                503,
                "UNSPECIFIED",
            ),
        ]
    }

    #[tokio::test]
    async fn every_refusal_is_a_lawful_system_response_with_its_code() {
        for (refusal, status, code) in every() {
            let response = refusal.clone().into_response();
            assert_eq!(response.status().as_u16(), status, "{refusal:?}");
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                "application/problem+json",
                "{refusal:?}"
            );
            assert_eq!(
                response.headers().contains_key(header::RETRY_AFTER),
                matches!(refusal, Refusal::Unavailable { .. })
            );
            let body = system_response(response).await;
            assert_eq!(member(&body, "functionalCode"), code, "{refusal:?}");
        }
    }

    #[tokio::test]
    async fn health_is_a_problem_document_with_status_200_and_no_code() {
        let response = SystemResponse::healthy("All is well: ready!").into_response();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let body = system_response(response).await;
        assert_eq!(body.get("functionalCode"), None);
        assert_eq!(member(&body, "detail"), "All is well - ready.");
        assert!(member(&body, "type").ends_with("#200healthy"));
    }

    #[test]
    fn what_the_domain_refuses_has_its_code() {
        let sum = OrderError::Sum {
            total: Cents::new(2345),
            sum: Cents::new(2340),
        };
        let missing = OrderError::BookingDataMissing {
            item: 1,
            key: "haushaltsstelle",
        };
        assert_eq!(
            Refusal::from(sum),
            Refusal::Calculation("the total 23.45 EUR is not the sum of the items, 23.40 EUR".to_owned())
        );
        assert!(
            matches!(Refusal::from(missing), Refusal::BookingDataMissing(text) if text.contains("haushaltsstelle"))
        );
        assert!(matches!(
            Refusal::from(OrderError::NoMethod(Cents::new(1))),
            Refusal::Validation(_)
        ));
    }
}
