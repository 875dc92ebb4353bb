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

fn unknown() -> Response {
    let message = Message {
        german: "Diese Zahlungsseite gibt es nicht (mehr).",
        english: "This payment page does not exist (any more).",
    };
    page(StatusCode::NOT_FOUND, &message)
}

async fn show(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let kassenzeichen = shared.book().kassenzeichen_of_token(&token);
    match kassenzeichen {
        Some(kassenzeichen) => render(&shared, &kassenzeichen, None),
        None => unknown(),
    }
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
    Form(decision): Form<Decision>,
) -> Response {
    let found = shared.book().kassenzeichen_of_token(&token);
    let Some(kassenzeichen) = found else {
        return unknown();
    };
    let open = (shared.book().payment(&kassenzeichen)).is_ok_and(|payment| payment.state() == "open");
    if !open {
        return render(&shared, &kassenzeichen, Some(Mistake::TooLate));
    }
    let paying = decision.action != "abort";
    let sending = match (&decision.method, paying) {
        (_, false) => shared.abort(&kassenzeichen),
        (None, true) => return render(&shared, &kassenzeichen, Some(Mistake::NoMethod)),
        (Some(method), true) => shared.pay(&kassenzeichen, Some(method)),
    };
    match sending {
        // The portal hears of it before the browser comes back, if it answers in time.
        Ok(sending) => sending.done_within(shared.delays.patience).await,
        Err(SandboxError::Method { .. }) => return render(&shared, &kassenzeichen, Some(Mistake::NoMethod)),
        Err(_) => return render(&shared, &kassenzeichen, Some(Mistake::TooLate)),
    };
    let back = shared.book().payment(&kassenzeichen).ok().and_then(|payment| {
        let list = &payment.list;
        if paying {
            list.success_url.clone()
        } else {
            list.cancel_url.clone()
        }
    });
    match back {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => Redirect::to(&format!("{}/paypage/{token}", base_path(&shared))).into_response(),
    }
}

/// The path that the public address begins with, behind a proxy; empty otherwise.
fn base_path(shared: &Shared) -> &str {
    shared.public_url.path().trim_end_matches('/')
}

fn render(shared: &Shared, kassenzeichen: &str, mistake: Option<Mistake>) -> Response {
    let mut book = shared.book();
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
        success_url: payment.list.success_url.as_ref().map(url::Url::as_str),
        cancel_url: payment.list.cancel_url.as_ref().map(url::Url::as_str),
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
