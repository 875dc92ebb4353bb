//! `/pay/<token>` and `/return/<token>`: the citizen's way to the paypage and back. Redirects, and two small pages.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::Web;
use crate::app::ChangeError;
use crate::app::to_and_fro::{ToPay, Transfer};
use crate::domain::girocode::{girocode, iban_for_people};
use crate::domain::money::Cents;

#[derive(Template)]
#[template(path = "citizen/wait.html")]
struct WaitPage {
    test: bool,
}

#[derive(Template)]
#[template(path = "citizen/transfer.html")]
struct TransferPage<'a> {
    test: bool,
    holder: &'a str,
    iban: String,
    bic: Option<&'a str>,
    bank: Option<&'a str>,
    amount: String,
    received: Option<String>,
    kassenzeichen: &'a str,
    due: String,
    authority: &'a str,
    /// The GiroCode as SVG; drawn here, of our own text.
    code: Option<String>,
    portal: &'a str,
}

#[derive(Template)]
#[template(path = "citizen/message.html")]
struct MessagePage {
    title: &'static str,
    title_en: &'static str,
    text: &'static str,
    text_en: &'static str,
}

/// To the paypage.
pub async fn pay(State(web): State<Arc<Web>>, Path(token): Path<String>) -> Response {
    match web.app.to_pay(&token).await {
        Ok(ToPay::Paypage(to) | ToPay::Portal(to)) => see_other(&to),
        Ok(ToPay::Transfer(transfer)) => transfer_page(&transfer),
        Ok(ToPay::Wait { test }) => page(StatusCode::OK, &WaitPage { test }),
        Err(error) => not_found_or_later(&error),
    }
}

/// Back from the paypage. Whatever the browser says (`?r=success`) changes nothing.
pub async fn come_back(State(web): State<Arc<Web>>, Path(token): Path<String>) -> Response {
    match web.app.come_back(&token).await {
        Ok(to) => see_other(&to),
        Err(error) => not_found_or_later(&error),
    }
}

fn transfer_page(transfer: &Transfer) -> Response {
    page(
        StatusCode::OK,
        &TransferPage {
            test: transfer.test,
            holder: &transfer.to.holder,
            iban: iban_for_people(&transfer.to.iban),
            bic: transfer.to.bic.as_deref(),
            bank: transfer.to.bank.as_deref(),
            amount: transfer.open.german(),
            received: Some(transfer.received)
                .filter(|cents| cents.is_positive())
                .map(Cents::german),
            kassenzeichen: transfer.kassenzeichen.as_str(),
            due: transfer.due.strftime("%d.%m.%Y").to_string(),
            authority: &transfer.authority,
            code: girocode(&transfer.to, transfer.open, &transfer.kassenzeichen)
                .and_then(|text| qr_code(&text)),
            portal: &transfer.portal,
        },
    )
}

/// A QR code as SVG. EPC069-12 asks for error correction level M; a text that does not fit has no code.
fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(260, 260).build();
    // Inside a page there is no XML declaration.
    drawn.find("<svg").map(|start| drawn[start..].to_owned())
}

/// 303 to an address, unchanged.
fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => later(),
    }
}

fn not_found_or_later(error: &ChangeError) -> Response {
    match error {
        ChangeError::NotFound => page(
            StatusCode::NOT_FOUND,
            &MessagePage {
                title: "Diese Adresse führt zu keiner Zahlung",
                title_en: "This address leads to no payment",
                text: "Bitte gehen Sie zurück zu Ihrem Antrag und beginnen Sie die Zahlung dort.",
                text_en: "Please go back to your application and start the payment there.",
            },
        ),
        error => {
            tracing::error!(%error, "a citizen could not be led on");
            later()
        }
    }
}

fn later() -> Response {
    let page = page(
        StatusCode::SERVICE_UNAVAILABLE,
        &MessagePage {
            title: "Das geht gerade nicht",
            title_en: "This does not work at the moment",
            text: "Bitte laden Sie diese Seite in einer Minute neu. Ihre Zahlung geht nicht verloren, und nichts wird \
                   doppelt abgebucht.",
            text_en: "Please reload this page in a minute. Your payment is not lost, and nothing is charged twice.",
        },
    );
    ([(header::RETRY_AFTER, "60")], page).into_response()
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    let csp = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_SECURITY_POLICY, csp)], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
