//! `exception`: the worklist of a Kasse, and what persons decide of it. No payer, no free text: reasons are personal.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::statement::one_kasse;
use super::{open, say};
use crate::app::exceptions::{Decided, Decision, PaidOut, Raising, TakingBack};
use crate::app::ports::ListedException;
use crate::app::suggestions::Wanted;
use crate::config::Config;
use crate::domain::ids::{AttemptId, ClientId, ExceptionId, LedgerId};
use crate::domain::money::Cents;
use crate::domain::resolution::{How, Terms};
use crate::domain::text::plain;
use crate::domain::told::{Corrected, Title};
use crate::export::payout_orders;

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
        #[command(flatten)]
        only: Box<super::proposal::Only>,
    },
    /// Shows one with payments that the money may be of, and the decision that mostly fits.
    Show {
        /// The Kasse.
        kasse: String,
        /// The exception.
        id: String,
    },
    /// Takes the next step towards resolving one. Several steps by several persons may be needed; the last one books.
    Resolve(Box<Resolve>),
    /// Takes the next step towards taking a resolution back: in the steps by which it was decided, the last one reverses
    /// what it booked. Steps of a resolution that is not complete are taken back at once.
    Reopen(Reopen),
    /// Asks for a decision about a payment of which no difference was found, such as one that was paid at the counter.
    Open(Open),
    /// Lists the orders to pay money out, by their numbers: what goes with the money, how much has not left yet, and why.
    Orders {
        /// The Kasse.
        kasse: String,
        /// Only those of which something has not left yet.
        #[arg(long)]
        open: bool,
        /// As CSV, for the Kasse.
        #[arg(long)]
        csv: bool,
    },
    /// Says that the Kasse has carried an order out from another account (way anordnung).
    Paid(Paid),
}

#[derive(Debug, Args)]
pub(super) struct Paid {
    /// The Kasse.
    kasse: String,
    /// The number of the order.
    number: i64,
    /// Under which reference it was paid, such as the number of the cash system.
    #[arg(long)]
    reference: String,
    /// Who says so: a client of the tenants file with the role kasse.
    #[arg(long, value_name = "CLIENT")]
    person: String,
    /// How; kept as personal data.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Reopen {
    /// The Kasse.
    kasse: String,
    /// The exception.
    id: String,
    /// Who decides: a client of the tenants file with the role that the step needs.
    #[arg(long, value_name = "CLIENT")]
    person: String,
    /// Why; kept as personal data.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Open {
    /// The Kasse.
    kasse: String,
    /// The attempt, as `payment show` names it.
    attempt: String,
    /// Who asks: a client of the tenants file with a role for the authority.
    #[arg(long, value_name = "CLIENT")]
    person: String,
    /// Why; kept as personal data.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Resolve {
    /// The Kasse.
    kasse: String,
    /// The exception.
    id: String,
    /// zuordnung (needs --attempt), annahme, aufteilung (--part), anderweitig (--receipt), ausbuchung, erstattung or
    /// weiterleitung (--way), umbuchung (--from, --to), or vermerk.
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
    /// How much, such as 12.50: all that there is, said so that nobody orders another amount than was looked at.
    #[arg(long)]
    amount: Option<String>,
    /// Of an aufteilung: a part, such as 12.50; again for each.
    #[arg(long = "part", value_name = "AMOUNT")]
    parts: Vec<String>,
    /// Of anderweitig: the number of the receipt.
    #[arg(long)]
    receipt: Option<String>,
    /// Of an erstattung or a weiterleitung: bank, acquirer or anordnung; bank, where none is said.
    #[arg(long)]
    way: Option<String>,
    /// Of an umbuchung: the Haushaltsstelle on which the income stands.
    #[arg(long, value_name = "HAUSHALTSSTELLE", requires = "to")]
    from: Option<String>,
    /// Its Objektnummer.
    #[arg(long, value_name = "OBJEKTNUMMER", requires = "from")]
    from_objekt: Option<String>,
    /// Of an umbuchung: the Haushaltsstelle on which it belongs.
    #[arg(long, value_name = "HAUSHALTSSTELLE", requires = "from")]
    to: Option<String>,
    /// Its Objektnummer.
    #[arg(long, value_name = "OBJEKTNUMMER", requires = "to")]
    to_objekt: Option<String>,
}

pub(super) async fn run(config: &Config, command: ExceptionCommand) -> anyhow::Result<ExitCode> {
    match command {
        ExceptionCommand::List {
            kasse,
            all,
            json,
            only,
        } => list(config, &kasse, (all, &only.wanted()?), json).await,
        ExceptionCommand::Show { kasse, id } => super::proposal::show(config, &kasse, &id).await,
        ExceptionCommand::Resolve(resolve) => decide(config, &resolve).await,
        ExceptionCommand::Reopen(reopen) => take_back(config, reopen).await,
        ExceptionCommand::Open(asked) => raise(config, asked).await,
        ExceptionCommand::Orders { kasse, open, csv } => orders(config, &kasse, open, csv).await,
        ExceptionCommand::Paid(paid) => carried_out(config, paid).await,
    }
}

async fn list(
    config: &Config,
    kasse: &str,
    (all, wanted): (bool, &Wanted),
    json: bool,
) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let app = &connector.app;
    let ledger = one_kasse(app, kasse).await?;
    let (mut after, mut count) = (None, 0_u64);
    loop {
        let (page, next) = app.worklist_of(&ledger, all, (wanted, None), after, PAGE).await?;
        for listed in &page {
            let days = app.now().since(listed.opened_at).as_hours() / 24;
            count += 1;
            if json {
                say(as_json(listed, days))?;
            } else {
                show(listed, days)?;
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    if !json {
        say(format_args!("{count} {}", if all { "in all" } else { "open" }))?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(listed: &ListedException, days: i64) -> anyhow::Result<()> {
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
    for step in &listed.back {
        say(format_args!(
            "    {} is being taken back by {} ({})",
            step.how, step.person, step.role
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
    let attempt = resolve.attempt.as_deref().map(attempt_id).transpose()?;
    let cents = resolve.amount.as_deref().map(Cents::parse).transpose()?;
    let decision = Decision {
        ledger: LedgerId::parse(&resolve.kasse)?,
        exception: id(&resolve.id)?,
        how,
        attempt,
        cents,
        terms: terms(resolve)?,
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
        still_needed(&decided)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn still_needed(decided: &Decided) -> anyhow::Result<()> {
    let missing: Vec<_> = decided.missing.iter().map(|role| role.as_str()).collect();
    say(format_args!("still needed: {}", missing.join(", ")))?;
    Ok(())
}

fn terms(resolve: &Resolve) -> anyhow::Result<Terms> {
    let title = |of: &Option<String>, objekt: &Option<String>| {
        of.as_ref().map(|haushaltsstelle| Title {
            haushaltsstelle: haushaltsstelle.clone(),
            objektnummer: objekt.clone(),
        })
    };
    let from = title(&resolve.from, &resolve.from_objekt);
    let to = title(&resolve.to, &resolve.to_objekt);
    let parts: Result<_, _> = resolve.parts.iter().map(|part| Cents::parse(part)).collect();
    let way = resolve.way.as_deref().map(str::parse).transpose();
    Ok(Terms {
        parts: parts?,
        receipt: resolve.receipt.clone(),
        way: way.map_err(anyhow::Error::msg)?,
        titles: from.zip(to).map(|(from, to)| Corrected { from, to }),
    })
}

async fn take_back(config: &Config, reopen: Reopen) -> anyhow::Result<ExitCode> {
    let back = TakingBack {
        ledger: LedgerId::parse(&reopen.kasse)?,
        exception: id(&reopen.id)?,
        person: ClientId::parse(&reopen.person)?,
        reason: reopen.reason,
    };
    let connector = open(config).await?;
    let decided = connector.app.take_back(&back).await;
    connector.close().await;
    let decided = decided?;
    say(format_args!("taken back as {}", decided.role.as_str()))?;
    if decided.resolved {
        still_needed(&decided)?;
    } else {
        say("open again; what was booked is reversed")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn raise(config: &Config, asked: Open) -> anyhow::Result<ExitCode> {
    let raising = Raising {
        ledger: LedgerId::parse(&asked.kasse)?,
        attempt: attempt_id(&asked.attempt)?,
        person: ClientId::parse(&asked.person)?,
        reason: asked.reason,
    };
    let connector = open(config).await?;
    let raised = connector.app.raise_exception(&raising).await;
    connector.close().await;
    let (id, decided) = raised?;
    say(format_args!("{id}  opened as {}", decided.role.as_str()))?;
    Ok(ExitCode::SUCCESS)
}

async fn orders(config: &Config, kasse: &str, only_open: bool, csv: bool) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let app = &connector.app;
    let ledger = one_kasse(app, kasse).await?;
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = app.payout_orders(&ledger, None, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.order.number;
        for order in page {
            if !only_open || order.open.is_positive() {
                let reason = app.why_ordered(&order).await?;
                all.push((order, reason));
            }
        }
    }
    connector.close().await;
    if csv {
        std::io::stdout().write_all(&payout_orders::csv(&all))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (of, reason) in &all {
        let order = &of.order;
        say(format_args!(
            "{}  {} by {}  {}  {}  {} still here",
            order.number,
            order.how,
            order.way.as_str(),
            order.reference,
            order.cents.german(),
            of.open.german()
        ))?;
        for step in &of.steps {
            say(format_args!("    {} ({})", step.person, step.role))?;
        }
        let reason = reason
            .as_deref()
            .map_or_else(|| "the reason was erased".to_owned(), plain);
        say(format_args!("    {reason}"))?;
    }
    say(format_args!("{} orders", all.len()))?;
    Ok(ExitCode::SUCCESS)
}

async fn carried_out(config: &Config, paid: Paid) -> anyhow::Result<ExitCode> {
    let paid = PaidOut {
        ledger: LedgerId::parse(&paid.kasse)?,
        number: paid.number,
        person: ClientId::parse(&paid.person)?,
        reference: paid.reference,
        reason: paid.reason,
    };
    let connector = open(config).await?;
    let done = connector.app.order_carried_out(&paid).await;
    connector.close().await;
    done?;
    say("paid out, and booked")?;
    Ok(ExitCode::SUCCESS)
}

/// An id of an exception as `exception list` shows it.
pub(super) fn id(text: &str) -> anyhow::Result<ExceptionId> {
    let read = text.parse();
    read.map_err(|_| anyhow::anyhow!("«{text}» is no id of an exception; `exception list` shows them"))
}

/// An id of an attempt as `payment show` names it.
fn attempt_id(text: &str) -> anyhow::Result<AttemptId> {
    let read = text.parse();
    read.map_err(|_| anyhow::anyhow!("«{text}» is no id of an attempt; `payment show` finds it"))
}
