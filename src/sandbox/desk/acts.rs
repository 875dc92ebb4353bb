//! What the buttons do. A form of another site is refused: only this page's own buttons press themselves.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{base, html};
use crate::sandbox::{
    Cents, Fault, Resend, SandboxError,
    control::{self, Wanted},
    fault::Faults,
    origin,
    payment::Payment,
    shared::Shared,
};

/// How many days one button may move the clock on.
const MOST_DAYS: u32 = 366;

#[derive(Template)]
#[template(path = "sandbox/refused.html")]
struct Refused {
    why: String,
    back: String,
}

/// The fields of all forms; each has some of them. An empty field asks for the usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Act {
    action: String,
    kassenzeichen: String,
    iban: String,
    amount: String,
    purpose: String,
    payer: String,
    method: String,
    reason: String,
    days: String,
    /// A name of the list, and a value in place of the one that it has there.
    fault: String,
    value: String,
    /// Which page to go back to, and which page of its list.
    here: String,
    page: String,
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// `1.234,50`, `1234,5` or `1234.50`.
fn amount(text: &str) -> Result<Option<Cents>, SandboxError> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    let text = text.trim_end_matches('€').trim();
    let plain = if text.contains(',') {
        text.replace('.', "").replace(',', ".")
    } else {
        text.to_owned()
    };
    match Cents::parse(&plain) {
        Ok(cents) => Ok(Some(cents)),
        Err(_) => {
            let text: String = text.chars().take(40).collect();
            Err(SandboxError::Body(format!("{text} is no amount such as 12,34")))
        }
    }
}

fn needed(text: &str) -> Result<Cents, SandboxError> {
    amount(text)?.ok_or_else(|| SandboxError::Body("an amount is missing".to_owned()))
}

/// The fault of a form.
fn fault(act: &Act) -> Result<Fault, SandboxError> {
    let name = act.fault.trim();
    let text = match given(&act.value) {
        None => name.to_owned(),
        Some(value) => {
            let name = name.split_once(':').map_or(name, |(name, _)| name);
            format!("{name}:{value}")
        }
    };
    let text: String = text.chars().take(80).collect();
    let fault: Result<Fault, _> = text.parse();
    fault.map_err(|wrong| {
        SandboxError::Body(format!(
            "{wrong}: choose one of the list, with a value only where it shows one"
        ))
    })
}

pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(act): Form<Act>,
) -> Response {
    let here = match act.here.as_str() {
        "/desk/accounts" => "/desk/accounts",
        "/desk/receipts" => "/desk/receipts",
        _ => "/",
    };
    let page: usize = act.page.parse().unwrap_or(1);
    let place = format!("{}{here}?page={page}", base(&shared));
    let refuse = |status, why: String| {
        let back = place.clone();
        html(status, &Refused { why, back })
    };
    if !origin::is_here(&headers) {
        let why = "this form was sent by another site".to_owned();
        return refuse(StatusCode::FORBIDDEN, why);
    }
    match carry_out(&shared, &act).await {
        Ok(()) => {
            let anchor: String = act
                .kassenzeichen
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let anchor = if anchor.is_empty() {
                "done".to_owned()
            } else {
                format!("kz-{anchor}")
            };
            Redirect::to(&format!("{place}&done=true#{anchor}")).into_response()
        }
        Err(error) => {
            let why = error.to_string();
            refuse(error.into_response().status(), why)
        }
    }
}

async fn carry_out(shared: &Arc<Shared>, act: &Act) -> Result<(), SandboxError> {
    let kassenzeichen = act.kassenzeichen.as_str();
    let patience = shared.delays.patience;
    match act.action.as_str() {
        "pay" => {
            let sending = shared.pay_amount(kassenzeichen, given(&act.method), amount(&act.amount)?)?;
            sending.done_within(patience).await;
        }
        "abort" => {
            shared.abort(kassenzeichen)?.done_within(patience).await;
        }
        "notify" => {
            let sending = shared.resend(kassenzeichen, &Resend::default())?;
            sending.done_within(patience).await;
        }
        "transfer-for" => {
            let (amount, purpose) = (amount(&act.amount)?, given(&act.purpose));
            shared.transfer_for(kassenzeichen, amount, purpose, given(&act.payer))?;
        }
        "return" => {
            let amount = amount(&act.amount)?;
            shared.change(kassenzeichen, |payment, now| {
                payment.return_money(amount, given(&act.reason), now)
            })?;
        }
        "storno" => {
            let amount = amount(&act.amount)?;
            shared.change(kassenzeichen, |payment, now| payment.storno(amount, now))?;
        }
        "expire" => shared.change(kassenzeichen, Payment::expire)?,
        "transfer" => {
            let amount = needed(&act.amount)?;
            shared.transfer(&act.iban, amount, &act.purpose, given(&act.payer))?;
        }
        "foreign" => {
            shared.foreign_receipt(&act.iban, needed(&act.amount)?, act.purpose.trim())?;
        }
        "forward" => {
            let days = act
                .days
                .parse()
                .ok()
                .filter(|days| (1..=MOST_DAYS).contains(days));
            let days = days
                .ok_or_else(|| SandboxError::Body(format!("the clock moves on by 1 to {MOST_DAYS} days")))?;
            shared.forward(days);
        }
        "fault-next" => {
            let next = vec![vec![fault(act)?]];
            let wanted = Wanted {
                next,
                ..Wanted::default()
            };
            control::want(shared, wanted)?;
        }
        "fault-all" => {
            let fault = fault(act)?;
            let mut all = shared.book().faults.all.clone();
            if !all.contains(&fault) {
                all.push(fault);
            }
            let wanted = Wanted {
                all: Some(all),
                ..Wanted::default()
            };
            control::want(shared, wanted)?;
        }
        "no-faults" => shared.book().faults = Faults::default(),
        _ => return Err(SandboxError::Body("there is no such button".to_owned())),
    }
    Ok(())
}
