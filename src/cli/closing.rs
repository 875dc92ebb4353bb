//! `closing prepare|list|show|sign`: the closings of Kassen, as they are prepared each morning.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;

use super::statement::{kassen, one_kasse};
use super::{open, say};
use crate::app::App;
use crate::app::closings::Preparation;
use crate::config::Config;
use crate::domain::closing::{Closing, SignerRole};
use crate::domain::money::Cents;

#[derive(Debug, Subcommand)]
pub(super) enum ClosingCommand {
    /// Prepares what `serve` would prepare in the morning.
    Prepare {
        /// Only this Kasse.
        #[arg(long)]
        kasse: Option<String>,
        /// Everything up to the end of this day, instead of what is due.
        #[arg(long, value_name = "DAY")]
        day: Option<Date>,
    },
    /// Lists closings.
    List {
        /// Only this Kasse.
        #[arg(long)]
        kasse: Option<String>,
    },
    /// Shows a closing, in short or as a document.
    Show {
        /// The Kasse.
        kasse: String,
        /// The number of the closing.
        number: u64,
        /// As JSON.
        #[arg(long, conflicts_with_all = ["csv", "pdf"])]
        json: bool,
        /// One of its tables as CSV, for example `konten`.
        #[arg(long, value_name = "TABLE", conflicts_with = "pdf")]
        csv: Option<String>,
        /// Writes the German report.
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
    },
    /// Signs a closing.
    Sign {
        /// The Kasse.
        kasse: String,
        /// The number of the closing.
        number: u64,
        /// Who signs: the name under which the Kasse knows the person. It stays in the log.
        #[arg(long)]
        person: String,
        /// In what role.
        #[arg(long)]
        role: Role,
        /// What was looked at (`show` says it); nothing else is signed then.
        #[arg(long, value_name = "DIGEST")]
        digest: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// A member of the Kasse.
    Kasse,
    /// The Kassenverwalter, or whom he charged.
    Kassenverwalter,
}

impl From<Role> for SignerRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Kasse => Self::Clerk,
            Role::Kassenverwalter => Self::Kassenverwalter,
        }
    }
}

pub(super) async fn run(config: &Config, command: ClosingCommand) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let app = &connector.app;
    let code = match command {
        ClosingCommand::Prepare { kasse, day } => prepare(app, kasse.as_deref(), day).await?,
        ClosingCommand::List { kasse } => list(app, kasse.as_deref()).await?,
        ClosingCommand::Show {
            kasse,
            number,
            json: as_json,
            csv: table,
            pdf: file,
        } => {
            let closing = read(app, &kasse, number).await?;
            match (as_json, table, file) {
                (true, ..) => std::io::stdout()
                    .lock()
                    .write_all(&app.documents.json(&closing))?,
                (_, Some(table), _) => {
                    let table = app.documents.csv(&closing, &table).map_err(anyhow::Error::msg)?;
                    std::io::stdout().lock().write_all(&table)?;
                }
                (_, _, Some(file)) => {
                    let report = app.documents.pdf(&closing).map_err(anyhow::Error::msg)?;
                    std::fs::write(&file, report).with_context(|| file.display().to_string())?;
                    say(format_args!("{} is written", file.display()))?;
                }
                _ => show(&closing)?,
            }
            ExitCode::SUCCESS
        }
        ClosingCommand::Sign {
            kasse,
            number,
            person,
            role,
            digest,
        } => {
            let closing = read(app, &kasse, number).await?;
            let digest = match digest {
                None => closing.digest(),
                Some(text) => data_encoding::HEXLOWER
                    .decode(text.as_bytes())
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
                    .with_context(|| format!("--digest {text}: expected 64 digits 0-9 a-f"))?,
            };
            let signed = app
                .sign_closing(&closing.ledger, number, digest, &person, role.into())
                .await?;
            show(&signed)?;
            ExitCode::SUCCESS
        }
    };
    connector.close().await;
    Ok(code)
}

async fn prepare(app: &App, kasse: Option<&str>, day: Option<Date>) -> anyhow::Result<ExitCode> {
    let mut well = true;
    for ledger in kassen(app, kasse).await? {
        let prepared = match day {
            Some(day) => app.prepare_closing(&ledger, day).await?,
            None => app.prepare_due(&ledger).await?,
        };
        match prepared {
            Preparation::Prepared(closing) => show(&closing)?,
            Preparation::Nothing => say(format_args!("{ledger}: there is nothing to close"))?,
            Preparation::Waits(holds) => {
                well = false;
                for hold in holds {
                    say(format_args!("{ledger} waits: {hold}"))?;
                }
            }
        }
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn list(app: &App, kasse: Option<&str>) -> anyhow::Result<ExitCode> {
    for ledger in kassen(app, kasse).await? {
        let closings = app.store.closings(&ledger).await?;
        say(format_args!("{ledger}: {} closings", closings.len()))?;
        for stored in closings {
            let state = match app.read_closing(&ledger, Some(stored.number)).await? {
                None => "cut, and not filed yet".to_owned(),
                Some(closing) => state(&closing),
            };
            say(format_args!(
                "  {}  {} to {}  {} records  {state}",
                stored.number, stored.from, stored.to, stored.size
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(app: &App, kasse: &str, number: u64) -> anyhow::Result<Closing> {
    let ledger = one_kasse(app, kasse).await?;
    let closing = app.read_closing(&ledger, Some(number)).await?;
    closing.with_context(|| format!("{ledger} has no closing {number}; `closing list` shows them"))
}

/// Who has signed, and what is missing.
fn state(closing: &Closing) -> String {
    let holds = closing.holds();
    if let Some(hold) = holds.first() {
        return format!("cannot be signed: {hold}");
    }
    let given = closing.signing.signatures.iter();
    let mut parts: Vec<String> = given
        .map(|signature| format!("signed by {} ({})", signature.who, signature.role.as_str()))
        .collect();
    let missing = closing.signing.missing();
    parts.extend(missing.iter().map(|role| format!("{} to sign", role.as_str())));
    parts.join(", ")
}

fn show(closing: &Closing) -> std::io::Result<()> {
    let test = if closing.test { "  TEST" } else { "" };
    say(format_args!(
        "{} closing {}: {} to {}{test}",
        closing.ledger, closing.number, closing.from, closing.to
    ))?;
    say(format_args!(
        "  {} records, root {}",
        closing.cut.size, closing.cut.root
    ))?;
    say(format_args!("  digest {}", closing.digest_text()))?;
    for account in &closing.books.accounts {
        say(format_args!(
            "  {:<44} {:>14} {:>14} {:>14}",
            account.account.as_str(),
            account.debit.german(),
            account.credit.german(),
            account.closing.german()
        ))?;
    }
    for bank in &closing.banks {
        let ist = bank.ist().map_or_else(|| "–".to_owned(), Cents::german);
        let (ours, foreign) = (bank.ours.german(), bank.foreign.closing.german());
        say(format_args!(
            "  bank {}: {ist}, of it ours {ours}, foreign {foreign}",
            bank.iban
        ))?;
    }
    let open = closing.books.exceptions.open.len();
    let (deposits, advances) = (closing.books.deposits.len(), closing.books.advances.len());
    say(format_args!(
        "  {deposits} deposits, {advances} advances, {open} open exceptions"
    ))?;
    say(format_args!("  {}", state(closing)))
}
