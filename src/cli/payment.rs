//! `payment show`: what is known of a payment, for an operator whom somebody asks, and who asks the provider's support.
//! No payer, no free text: personal data is nobody's on a command line.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{open, say};
use crate::app::support::Found;
use crate::config::Config;
use crate::domain::case::{Attempt, Payment, Way};
use crate::domain::change::ProviderCall;
use crate::domain::time::Timestamp;

#[derive(Debug, Subcommand)]
pub(super) enum PaymentCommand {
    /// Shows the payments behind a number: requestId, transactionId, Kassenzeichen, Transaktionsnummer, EPaymentId, or
    /// one of our own ids.
    Show {
        /// The number, exactly.
        number: String,
        /// As JSON, one case a line.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: &Config, command: PaymentCommand) -> anyhow::Result<ExitCode> {
    let PaymentCommand::Show { number, json } = command;
    let connector = open(config).await?;
    let found = connector.app.find(number.trim()).await;
    connector.close().await;
    let found = found?;
    if found.is_empty() {
        say(format_args!("«{number}» leads to no payment"))?;
        return Ok(ExitCode::FAILURE);
    }
    for case in &found {
        if json {
            say(as_json(case))?;
        } else {
            show(case)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn day(at: Timestamp) -> String {
    at.to_string()
}

fn page(of: &Attempt) -> &'static str {
    match of.way {
        None => "none",
        Some(Way::Paypage(_)) => "paypage",
        Some(Way::Transfer(_)) => "transfer",
    }
}

fn show(found: &Found) -> std::io::Result<()> {
    let case = &found.case;
    say(format_args!(
        "case {} of {} ({}): {}, since {}",
        case.id,
        case.ledger,
        case.authority.id,
        case.standing.as_str(),
        day(case.created_at)
    ))?;
    for open in &case.open_exceptions {
        say(format_args!(
            "  exception {} on attempt {}: {}",
            open.code.as_str(),
            open.attempt,
            open.code.english()
        ))?;
    }
    for payment in &case.payments {
        say(format_args!(
            "  payment {}: {} EUR, {}; route {}, requestId {}, transactionId {}, expires {}",
            payment.id,
            payment.total,
            payment.answer.as_str(),
            payment.route.value.key(),
            payment.request_id,
            payment.transaction_id,
            day(payment.expires_at)
        ))?;
        for of in &payment.attempts {
            attempt(of, &found.calls)?;
        }
    }
    Ok(())
}

fn attempt(of: &Attempt, calls: &[ProviderCall]) -> std::io::Result<()> {
    say(format_args!(
        "    attempt {}: {} by {}, {} of {}; Mandant {}, Bewirtschafter {}, Transaktionsnummer {}, Kassenzeichen {}{}",
        of.id,
        of.standing.as_str(),
        page(of),
        of.books.told(),
        of.provider,
        of.mandant,
        of.bewirtschafter,
        of.nummer,
        of.kassenzeichen
            .known()
            .map_or("not known yet", |known| known.as_str()),
        of.remote
            .as_ref()
            .map_or_else(String::new, |remote| format!(", transactionId there {remote}")),
    ))?;
    for call in calls.iter().filter(|call| call.attempt == of.id) {
        say(format_args!(
            "      {}  {}  {}  {}",
            day(call.at),
            call.operation,
            call.code.as_deref().unwrap_or("-"),
            call.reference
        ))?;
    }
    Ok(())
}

fn as_json(found: &Found) -> Value {
    let case = &found.case;
    let exceptions: Vec<Value> = case
        .open_exceptions
        .iter()
        .map(|open| json!({"id": open.id, "code": open.code.as_str(), "attempt": open.attempt}))
        .collect();
    let payments: Vec<Value> = case
        .payments
        .iter()
        .map(|payment| payment_json(payment, &found.calls))
        .collect();
    json!({"case": case.id, "ledger": case.ledger, "authority": case.authority.id, "standing": case.standing.as_str(),
        "created_at": day(case.created_at), "exceptions": exceptions, "payments": payments})
}

fn payment_json(payment: &Payment, calls: &[ProviderCall]) -> Value {
    let attempts: Vec<Value> = payment
        .attempts
        .iter()
        .map(|of| {
            let calls: Vec<Value> = calls
                .iter()
                .filter(|call| call.attempt == of.id)
                .map(|call| {
                    json!({"at": day(call.at), "operation": call.operation, "code": call.code,
                        "epaymentId": call.reference})
                })
                .collect();
            json!({"attempt": of.id, "standing": of.standing.as_str(), "way": page(of), "provider": of.provider,
                "mandant": of.mandant, "bewirtschafter": of.bewirtschafter, "transaktionsnummer": of.nummer,
                "kassenzeichen": of.kassenzeichen.known(), "remoteId": of.remote, "booked": of.books.told().to_string(),
                "calls": calls})
        })
        .collect();
    json!({"payment": payment.id, "route": payment.route.value.key().to_string(), "requestId": payment.request_id,
        "transactionId": payment.transaction_id, "amount": payment.total.to_string(),
        "status": payment.answer.as_str(), "expiresAt": day(payment.expires_at), "attempts": attempts})
}
