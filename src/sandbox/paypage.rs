//! The page on which a payer pays or aborts. German, with English beside it; no script, nothing from elsewhere.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

use super::{SandboxError, payment::Payment, shared::Shared, world::Method};

/// The paypage.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/paypage/{token}", get(show).post(decide))
}

#[derive(Template)]
#[template(path = "sandbox/paypage.html")]
struct Paypage<'a> {
    authority: &'a str,
    purpose: Vec<&'a str>,
    kassenzeichen: &'a str,
    amount: String,
    payer: &'a str,
    state: &'static str,
    /// Code, German and English name, chosen before.
    methods: Vec<(&'a str, &'a str, &'a str, bool)>,
    /// What is wrong with what was sent.
    mistake: Option<Mistake>,
    /// Where the form goes.
    action: String,
    success_url: Option<&'a str>,
    cancel_url: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistake {
    NoMethod,
    TooLate,
}

#[derive(Template)]
#[template(path = "sandbox/message.html")]
struct Message {
    german: &'static str,
    english: &'static str,
}

/// What the payer's form says.
#[derive(Debug, Deserialize)]
struct Decision {
    action: String,
    method: Option<String>,
}

fn page(status: StatusCode, page: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        // No form-action: browsers would apply it to the way back to the portal.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ];
    match page.render() {
        Ok(html) => (status, headers, html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The links back are no links.
pub(super) fn bad_link() -> Response {
    let message = Message {
        german: "Die Adresse für den Rückweg ist keine Internetadresse (http oder https).",
        english: "The address for the way back is not a web address (http or https).",
    };
    page(StatusCode::BAD_REQUEST, &message)
}

pub(super) fn unknown() -> Response {
    let message = Message {
        german: "Diese Zahlungsseite gibt es nicht (mehr).",
        english: "This payment page does not exist (any more).",
    };
    page(StatusCode::NOT_FOUND, &message)
}

async fn show(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    show_to(&shared, &token)
}

/// The page of a token.
pub(super) fn show_to(shared: &Shared, token: &str) -> Response {
    match Visit::of(shared, token) {
        Some(visit) => render(shared, &visit, None),
        None => unknown(),
    }
}

/// A browser at the paypage: which payment, and where it goes back to.
struct Visit {
    kassenzeichen: String,
    token: String,
    success: Option<Url>,
    cancel: Option<Url>,
}

impl Visit {
    /// A session has links of its own; otherwise those of the list hold.
    fn of(shared: &Shared, token: &str) -> Option<Self> {
        let mut book = shared.book();
        let own = token.to_owned();
        if let Some(session) = book.soap.sessions.get(token).cloned() {
            return Some(Self {
                kassenzeichen: session.kassenzeichen,
                token: own,
                success: session.success,
                cancel: session.abort,
            });
        }
        let kassenzeichen = book.kassenzeichen_of_token(token)?;
        let list = &book.payment(&kassenzeichen).ok()?.list;
        Some(Self {
            token: own,
            success: list.success_url.clone(),
            cancel: list.cancel_url.clone(),
            kassenzeichen,
        })
    }
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
    Form(decision): Form<Decision>,
) -> Response {
    let Some(visit) = Visit::of(&shared, &token) else {
        return unknown();
    };
    let kassenzeichen = visit.kassenzeichen.clone();
    let open = (shared.book().payment(&kassenzeichen)).is_ok_and(|payment| payment.state() == "open");
    if !open {
        return render(&shared, &visit, Some(Mistake::TooLate));
    }
    let paying = decision.action != "abort";
    let sending = match (&decision.method, paying) {
        (_, false) => shared.abort(&kassenzeichen),
        (None, true) => return render(&shared, &visit, Some(Mistake::NoMethod)),
        (Some(method), true) => shared.pay(&kassenzeichen, Some(method)),
    };
    match sending {
        // The portal hears of it before the browser comes back, if it answers in time.
        Ok(sending) => sending.done_within(shared.delays.patience).await,
        Err(SandboxError::Method { .. }) => return render(&shared, &visit, Some(Mistake::NoMethod)),
        Err(_) => return render(&shared, &visit, Some(Mistake::TooLate)),
    };
    let back = if paying { visit.success } else { visit.cancel };
    match back {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => Redirect::to(&format!("{}/paypage/{token}", base_path(&shared))).into_response(),
    }
}

/// The path that the public address begins with, behind a proxy; empty otherwise.
fn base_path(shared: &Shared) -> &str {
    shared.public_url.path().trim_end_matches('/')
}

fn render(shared: &Shared, visit: &Visit, mistake: Option<Mistake>) -> Response {
    let mut book = shared.book();
    let kassenzeichen = visit.kassenzeichen.as_str();
    let Ok(payment) = book.payment(kassenzeichen) else {
        return unknown();
    };
    let only_one = payment.list.methods.len() == 1;
    let methods = payment.list.methods.iter().map(|code| {
        let (german, english) = Method::label(code);
        (code.as_str(), german, english, only_one)
    });
    let status = match mistake {
        None => StatusCode::OK,
        Some(Mistake::NoMethod) => StatusCode::BAD_REQUEST,
        Some(Mistake::TooLate) => StatusCode::CONFLICT,
    };
    let paypage = Paypage {
        authority: &shared.account(payment).name,
        purpose: purpose(payment),
        kassenzeichen,
        amount: payment.list.betrag.german(),
        payer: &payment.list.payer,
        state: payment.state(),
        methods: methods.collect(),
        mistake,
        action: format!("{}/paypage/{}", base_path(shared), visit.token),
        success_url: visit.success.as_ref().map(Url::as_str),
        cancel_url: visit.cancel.as_ref().map(Url::as_str),
    };
    page(status, &paypage)
}

/// The client's description and the texts of the Buchungen, each once.
fn purpose(payment: &Payment) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    let texts = payment.list.purpose.iter().map(String::as_str);
    for line in std::iter::once(payment.list.beschreibung.as_str()).chain(texts) {
        if !line.trim().is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
