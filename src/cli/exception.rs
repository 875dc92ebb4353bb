//! `exception`: the worklist of a Kasse, and what persons decide of it. No payer, no free text: reasons are personal.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{open, say};
use crate::app::exceptions::Decision;
use crate::app::ports::ListedException;
use crate::config::Config;
use crate::domain::ids::{ClientId, LedgerId};
use crate::domain::money::Cents;
use crate::domain::resolution::How;

/// How many are read at once.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum ExceptionCommand {
    /// Lists the open differences of a Kasse, the oldest first: age, amount, what happened and what can be done.
    List {
        /// The Kasse.
        kasse: String,
        /// Those that are resolved too.
        #[arg(long)]
        all: bool,
        /// As JSON, one a line.
        #[arg(long)]
        json: bool,
    },
    /// Takes the next step towards resolving one. Several steps by several persons may be needed; the last one books.
    Resolve(Box<Resolve>),
}

#[derive(Debug, Args)]
pub(super) struct Resolve {
    /// The Kasse.
    kasse: String,
    /// The exception.
    id: String,
    /// zuordnung (needs --attempt), annahme, erstattung, or vermerk.
    how: String,
    /// Who decides: a client of the tenants file with the role that the step needs.
    #[arg(long, value_name = "CLIENT")]
    person: String,
    /// Why; kept as personal data.
    #[arg(long)]
    reason: String,
    /// Of a zuordnung: the attempt that the money is of, as `payment show` names it.
    #[arg(long)]
    attempt: Option<String>,
    /// How much, such as 12.50; all that there is, where none is said.
    #[arg(long)]
    amount: Option<String>,
}

pub(super) async fn run(config: &Config, command: ExceptionCommand) -> anyhow::Result<ExitCode> {
    match command {
        ExceptionCommand::List { kasse, all, json } => list(config, &kasse, all, json).await,
        ExceptionCommand::Resolve(resolve) => decide(config, &resolve).await,
    }
}

async fn list(config: &Config, kasse: &str, all: bool, json: bool) -> anyhow::Result<ExitCode> {
    let ledger = LedgerId::parse(kasse)?;
    let connector = open(config).await?;
    let app = &connector.app;
    anyhow::ensure!(
        app.kassen().await?.contains(&ledger),
        "there is no Kasse «{ledger}»"
    );
    let (mut after, mut count) = (None, 0_u64);
    loop {
        let page = app.worklist(&ledger, all, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.position);
        for listed in &page {
            count += 1;
            let days = app.now().since(listed.opened_at).as_hours() / 24;
            if json {
                say(as_json(listed, days))?;
            } else {
                show(listed, days)?;
            }
        }
    }
    if !json {
        say(format_args!("{count} {}", if all { "in all" } else { "open" }))?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

fn show(listed: &ListedException, days: i64) -> anyhow::Result<()> {
    let cents = listed.cents.map(Cents::german).unwrap_or_default();
    let whose = listed
        .kassenzeichen
        .as_ref()
        .map_or_else(|| listed.subject.to_string(), ToString::to_string);
    let state = if listed.resolved { "  resolved" } else { "" };
    say(format_args!(
        "{}  {}  {cents}  {whose}  {days} days{state}",
        listed.id,
        listed.code.as_str()
    ))?;
    say(format_args!("    {}", listed.code.german()))?;
    say(format_args!("    {}", listed.code.english()))?;
    for step in &listed.steps {
        say(format_args!(
            "    {} {} by {} ({})",
            step.how, step.plan, step.person, step.role
        ))?;
    }
    Ok(())
}

fn as_json(listed: &ListedException, days: i64) -> Value {
    let steps: Vec<Value> = listed
        .steps
        .iter()
        .map(|step| json!({"how": step.how, "plan": step.plan, "role": step.role, "person": step.person}))
        .collect();
    json!({"id": listed.id, "code": listed.code.as_str(), "openedAt": listed.opened_at.rfc3339(), "ageDays": days,
        "cents": listed.cents, "attempt": listed.subject.attempt(), "about": listed.subject.name(),
        "kassenzeichen": listed.kassenzeichen, "authority": listed.authority, "resolved": listed.resolved,
        "steps": steps, "german": listed.code.german(), "english": listed.code.english()})
}

async fn decide(config: &Config, resolve: &Resolve) -> anyhow::Result<ExitCode> {
    let how: How = resolve.how.parse().map_err(anyhow::Error::msg)?;
    let attempt = resolve.attempt.as_deref().map(str::parse).transpose()?;
    let cents = resolve.amount.as_deref().map(Cents::parse).transpose()?;
    let decision = Decision {
        ledger: LedgerId::parse(&resolve.kasse)?,
        exception: resolve.id.parse()?,
        how,
        attempt,
        cents,
        person: ClientId::parse(&resolve.person)?,
        reason: resolve.reason.clone(),
    };
    let connector = open(config).await?;
    let decided = connector.app.decide_exception(&decision).await;
    connector.close().await;
    let decided = decided?;
    say(format_args!("{} as {}", how.german(), decided.role.as_str()))?;
    if decided.resolved {
        say("resolved, and booked")?;
    } else {
        let missing: Vec<_> = decided.missing.iter().map(|role| role.as_str()).collect();
        say(format_args!("still needed: {}", missing.join(", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}
