//! What a portal reads of a payment (PaymentTransaction, PaymentInformation), and the two extras of 1.2.0.
//!
//! Exactly the standard's members, in every version the same: the released portals break on one member more and on every
//! unknown value. The request is never echoed; that is lawful, and the only way to be right in both spellings.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::clean;
use crate::domain::ids::{Kassenzeichen, Method, TransactionId};
use crate::domain::time::Timestamp;

const METHOD_DETAIL_LEN: usize = 36;
const STATUS_DETAIL_LEN: usize = 99;
const WINDOW_TEXT_LEN: usize = 250;

/// What became of a payment, in the standard's words and spelling. The last three are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The payer may still act.
    Initial,
    /// The online part succeeded.
    Payed,
    /// Given up by the payment service.
    Failed,
    /// Given up by the payer.
    Canceled,
}

/// The standard's coarse methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaymentMethod {
    /// giropay.
    Giropay,
    /// paydirekt.
    Paydirect,
    /// Any card.
    Creditcard,
    /// PayPal.
    Paypal,
    /// Everything else; `paymentMethodDetail` says what.
    Other,
}

impl PaymentMethod {
    /// From the provider's code (Zahlverfahrencode).
    pub fn of(method: &Method) -> Self {
        match method.as_str().to_ascii_uppercase().as_str() {
            "KREDITKARTE" => Self::Creditcard,
            "PAYPAL" => Self::Paypal,
            "GIROPAY" => Self::Giropay,
            "PAYDIREKT" => Self::Paydirect,
            _ => Self::Other,
        }
    }
}

/// A payment as a portal may see it. [`IntoResponse`] answers 200, for creation too: portals take nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionView {
    /// Its id on this interface.
    pub transaction_id: TransactionId,
    /// The absolute address for the query of its state.
    pub transaction_url: String,
    /// The absolute address of the pay page; written while INITIAL only.
    pub redirect_url: Option<String>,
    /// Write the pay page's address in every state, for portals that hold on to the published required list.
    pub keep_redirect_url: bool,
    /// Its state.
    pub status: Status,
    /// The Kassenzeichen as soon as it is known, no later than PAYED: what comes later under the same status is lost to
    /// some portals.
    pub reference: Option<Kassenzeichen>,
    /// When it was paid; written with PAYED only, in true UTC.
    pub timestamp: Option<Timestamp>,
    /// How it was paid, as the provider names it; written with PAYED only, and then always (OTHER where nobody knows).
    pub method: Option<Method>,
    /// A remark for the case worker, in our words; brought to the standard's characters.
    pub status_detail: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentTransaction<'a> {
    payment_information: PaymentInformation<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentInformation<'a> {
    transaction_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_redirect_url: Option<&'a str>,
    transaction_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_detail: Option<String>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_detail: Option<String>,
}

impl TransactionView {
    /// The body.
    pub fn body(&self) -> impl Serialize + '_ {
        let paid = self.status == Status::Payed;
        let payment_method = paid.then(|| {
            self.method
                .as_ref()
                .map_or(PaymentMethod::Other, PaymentMethod::of)
        });
        let payment_method_detail = self
            .method
            .as_ref()
            .filter(|_| payment_method == Some(PaymentMethod::Other))
            .and_then(|method| clean::word(method.as_str(), METHOD_DETAIL_LEN));
        PaymentTransaction {
            payment_information: PaymentInformation {
                transaction_url: &self.transaction_url,
                transaction_redirect_url: self
                    .redirect_url
                    .as_deref()
                    .filter(|_| self.keep_redirect_url || self.status == Status::Initial),
                transaction_id: self.transaction_id.as_str(),
                transaction_reference: self.reference.as_ref().map(Kassenzeichen::as_str),
                transaction_timestamp: self.timestamp.filter(|_| paid).map(Timestamp::rfc3339),
                payment_method,
                payment_method_detail,
                status: self.status,
                status_detail: self
                    .status_detail
                    .as_deref()
                    .and_then(|text| clean::word(text, STATUS_DETAIL_LEN)),
            },
        }
    }
}

impl IntoResponse for TransactionView {
    fn into_response(self) -> Response {
        Json(self.body()).into_response()
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodsAvailability {
    payment_methods: UpAndDown,
}

#[derive(Debug, Serialize)]
struct UpAndDown {
    up: BTreeSet<PaymentMethod>,
    down: BTreeSet<PaymentMethod>,
}

/// Body of `GET /payment-methods/…` (1.2.0): each coarse method once per list. One may be in both, as in the standard's
/// own sample, where some of what it stands for works and some does not.
pub fn payment_methods(up: &[Method], down: &[Method]) -> impl Serialize + use<> {
    MethodsAvailability {
        payment_methods: UpAndDown {
            up: up.iter().map(PaymentMethod::of).collect(),
            down: down.iter().map(PaymentMethod::of).collect(),
        },
    }
}

/// A time in which something does not work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// From this instant; `None` from now.
    pub start: Option<Timestamp>,
    /// Up to, not including, this instant; `None` until further notice.
    pub end: Option<Timestamp>,
    /// In words, ≤ 250 characters (cut).
    pub description: Option<String>,
    /// The methods that do not work; none named means all of the service.
    pub down: Vec<Method>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MaintenanceWindows {
    maintenance_windows: Vec<MaintenanceWindow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MaintenanceWindow {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_methods: Option<Down>,
}

#[derive(Debug, Serialize)]
struct Down {
    down: BTreeSet<PaymentMethod>,
}

/// Body of `GET /maintenance/…` (1.2.0).
pub fn maintenance(windows: &[Window]) -> impl Serialize + use<> {
    MaintenanceWindows {
        maintenance_windows: windows
            .iter()
            .map(|window| MaintenanceWindow {
                start_time: window.start.map(Timestamp::rfc3339),
                end_time: window.end.map(Timestamp::rfc3339),
                description: window
                    .description
                    .as_deref()
                    .map(|text| text.chars().take(WINDOW_TEXT_LEN).collect()),
                payment_methods: (!window.down.is_empty()).then(|| Down {
                    down: window.down.iter().map(PaymentMethod::of).collect(),
                }),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::conformance::{check_availability, check_maintenance, check_transaction};
    use super::*;

    fn method(code: &str) -> Method {
        Method::parse(code).expect("a method")
    }

    fn view(status: Status) -> TransactionView {
        TransactionView {
            transaction_id: TransactionId::parse("R-2026-0001").expect("an id"),
            transaction_url: "https://pay.example/xbezahldienste/paymenttransaction/a/b/R-2026-0001"
                .to_owned(),
            redirect_url: Some("https://pay.example/pay/abc".to_owned()),
            keep_redirect_url: false,
            status,
            reference: Some(Kassenzeichen::parse("KZ4711").expect("a Kassenzeichen")),
            timestamp: Some(Timestamp::from_millis(1_768_478_400_000)),
            method: Some(method("PAYPAL")),
            status_detail: None,
        }
    }

    fn written(view: &TransactionView) -> Value {
        let body = serde_json::to_value(view.body()).expect("it can be written");
        check_transaction(&body);
        body["paymentInformation"].clone()
    }

    #[test]
    fn a_new_payment_has_its_pay_page_and_no_word_of_payment() {
        let view = TransactionView {
            reference: None,
            timestamp: None,
            method: None,
            ..view(Status::Initial)
        };
        assert_eq!(
            written(&view),
            json!({
                "transactionUrl": "https://pay.example/xbezahldienste/paymenttransaction/a/b/R-2026-0001",
                "transactionRedirectUrl": "https://pay.example/pay/abc",
                "transactionId": "R-2026-0001",
                "status": "INITIAL",
            })
        );
    }

    #[test]
    fn a_paid_one_has_method_time_and_kassenzeichen_and_no_pay_page() {
        assert_eq!(
            written(&view(Status::Payed)),
            json!({
                "transactionUrl": "https://pay.example/xbezahldienste/paymenttransaction/a/b/R-2026-0001",
                "transactionId": "R-2026-0001",
                "transactionReference": "KZ4711",
                "transactionTimestamp": "2026-01-15T12:00:00.000Z",
                "paymentMethod": "PAYPAL",
                "status": "PAYED",
            })
        );
    }

    #[test]
    fn method_and_time_are_told_of_paid_ones_only_and_the_pay_page_of_open_ones_unless_kept() {
        for (status, word) in [(Status::Failed, "FAILED"), (Status::Canceled, "CANCELED")] {
            let mut view = view(status);
            let body = written(&view);
            assert_eq!(body["status"], word);
            for member in ["transactionRedirectUrl", "transactionTimestamp", "paymentMethod"] {
                assert_eq!(body.get(member), None, "{member}");
            }
            view.keep_redirect_url = true;
            assert_eq!(
                written(&view)["transactionRedirectUrl"],
                "https://pay.example/pay/abc"
            );
        }
    }

    #[test]
    fn new_methods_are_other_with_a_detail() {
        for (code, expected, detail) in [
            (Some("KREDITKARTE"), "CREDITCARD", None),
            (Some("kreditkarte"), "CREDITCARD", None),
            (Some("PAYPAL"), "PAYPAL", None),
            (Some("GIROPAY"), "GIROPAY", None),
            (Some("PAYDIREKT"), "PAYDIRECT", None),
            (Some("SEPASDD"), "OTHER", Some("SEPASDD")),
            (Some("wero"), "OTHER", Some("wero")),
            (None, "OTHER", None),
        ] {
            let body = written(&TransactionView {
                method: code.map(method),
                ..view(Status::Payed)
            });
            assert_eq!(body["paymentMethod"], expected, "{code:?}");
            assert_eq!(
                body.get("paymentMethodDetail").and_then(Value::as_str),
                detail,
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_remark_has_no_blanks_and_an_empty_one_is_not_written() {
        let remark = |text: &str| {
            written(&TransactionView {
                status_detail: Some(text.to_owned()),
                ..view(Status::Failed)
            })
            .get("statusDetail")
            .cloned()
        };
        assert_eq!(
            remark("Frist von 15 Minuten überschritten"),
            Some(json!("Frist-von-15-Minuten-ueberschritten"))
        );
        assert_eq!(remark(" ?! "), None);
        assert!(remark(&"ä".repeat(300)).is_some());
    }

    #[tokio::test]
    async fn the_answer_is_200_and_json() {
        let response = view(Status::Initial).into_response();
        assert_eq!(response.status(), axum::http::StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
    }

    #[test]
    fn a_coarse_method_can_be_up_and_down_at_once() {
        let body = payment_methods(
            &[
                method("SEPASDD"),
                method("KREDITKARTE"),
                method("UEBERWEISUNGVOR"),
            ],
            &[method("WERO")],
        );
        let body = serde_json::to_value(body).expect("it can be written");
        check_availability(&body);
        assert_eq!(
            body,
            json!({"paymentMethods": {"up": ["CREDITCARD", "OTHER"], "down": ["OTHER"]}})
        );
    }

    #[test]
    fn a_window_without_end_says_no_end() {
        let body = maintenance(&[
            Window::default(),
            Window {
                start: Some(Timestamp::from_millis(1_768_478_400_000)),
                end: None,
                description: Some("Wartung: ".repeat(50)),
                down: vec![method("PAYPAL")],
            },
        ]);
        let body = serde_json::to_value(body).expect("it can be written");
        check_maintenance(&body);
        let windows = &body["maintenanceWindows"];
        assert_eq!(windows[0], json!({}));
        assert_eq!(windows[1]["startTime"], "2026-01-15T12:00:00.000Z");
        assert_eq!(windows[1].get("endTime"), None);
        assert_eq!(windows[1]["paymentMethods"], json!({"down": ["PAYPAL"]}));
    }
}
