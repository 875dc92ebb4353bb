//! `postings list|show|fetch|export|preview|withdraw`: files of bookings for the cash systems of Kassen.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;

use super::statement::{kassen, one_kasse};
use super::{open, say};
use crate::app::App;
use crate::app::ports::StoredPostingFile;
use crate::app::postings::Withdrawal;
use crate::config::Config;
use crate::domain::hkr::LineId;
use crate::domain::ids::{ClientId, LedgerId};

#[derive(Debug, Subcommand)]
pub(super) enum PostingsCommand {
    /// Makes the files of everything that is closed and was in none; an empty one is never made.
    Export {
        /// The Kasse.
        #[arg(long)]
        kasse: String,
        /// Who makes them: a client of the tenants file that works in the cash office; else the program.
        #[arg(long = "as", value_name = "CLIENT")]
        person: Option<String>,
    },
    /// Lists files.
    List {
        /// Only of this Kasse.
        #[arg(long)]
        kasse: Option<String>,
    },
    /// Shows what is known of a file, and its lines.
    Show {
        /// The number of the file.
        number: u64,
        /// The Kasse.
        #[arg(long)]
        kasse: String,
    },
    /// Writes a file as it was made, the same bytes for ever.
    Fetch {
        /// The number of the file.
        number: u64,
        /// The Kasse.
        #[arg(long)]
        kasse: String,
        /// Where to: a file that is not there yet, or a folder; `-` is standard output.
        #[arg(long, value_name = "FILE", default_value = ".")]
        out: PathBuf,
    },
    /// Shows what a file of a Kasse of the TEST environment would be. It has no number and is stored nowhere.
    Preview {
        /// The Kasse.
        #[arg(long)]
        kasse: String,
    },
    /// Withdraws a file that the cash system rejected, or lines of it: they go out again with the next one.
    Withdraw(Withdraw),
}

#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// The number of the file.
    number: u64,
    /// The Kasse.
    #[arg(long)]
    kasse: String,
    /// A line, as `show` names it (123/1); several times for several. Without, all of the file.
    #[arg(long = "line", value_name = "PLACE/LINE")]
    lines: Vec<String>,
    /// Why; kept as personal data.
    #[arg(long)]
    reason: String,
    /// Who: a client of the tenants file that works in the cash office.
    #[arg(long = "as", value_name = "CLIENT")]
    person: String,
}

pub(super) async fn run(config: &Config, command: PostingsCommand) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let done = carry_out(&connector.app, command).await;
    connector.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn carry_out(app: &App, command: PostingsCommand) -> anyhow::Result<()> {
    match command {
        PostingsCommand::Export { kasse, person } => {
            let ledger = one_kasse(app, &kasse).await?;
            let person = person.as_deref().map(ClientId::parse).transpose()?;
            let made = app.export_postings(&ledger, person.as_ref()).await?;
            for file in &made {
                line(file)?;
            }
            if made.is_empty() {
                say(format_args!("{ledger}: nothing that is closed is in no file"))?;
            }
        }
        PostingsCommand::List { kasse } => {
            for ledger in kassen(app, kasse.as_deref()).await? {
                let files = app.store.posting_files(&ledger, None).await?;
                say(format_args!("{ledger}: {} files", files.len()))?;
                for file in &files {
                    line(file)?;
                }
            }
        }
        PostingsCommand::Show { number, kasse } => show(app, &one_kasse(app, &kasse).await?, number).await?,
        PostingsCommand::Fetch { number, kasse, out } => {
            let ledger = one_kasse(app, &kasse).await?;
            let file = app.posting_file(&ledger, number).await?;
            let content = app.store.posting_content(&ledger, number).await?;
            put(&content.unwrap_or_default(), &file.file.name, &out)?;
        }
        PostingsCommand::Preview { kasse } => {
            let ledger = one_kasse(app, &kasse).await?;
            match app.preview_postings(&ledger).await? {
                Some(written) => std::io::stdout().lock().write_all(&written.content)?,
                None => say(format_args!("{ledger}: nothing that is closed is in no file"))?,
            }
        }
        PostingsCommand::Withdraw(withdraw) => {
            let lines: Result<BTreeSet<LineId>, String> =
                withdraw.lines.iter().map(|line| line.parse()).collect();
            let of = Withdrawal {
                ledger: one_kasse(app, &withdraw.kasse).await?,
                number: withdraw.number,
                lines: lines.map_err(anyhow::Error::msg)?,
                person: ClientId::parse(&withdraw.person)?,
                reason: withdraw.reason,
            };
            line(&app.withdraw_postings(&of).await?)?;
            say("what is withdrawn goes out again with `postings export`")?;
        }
    }
    Ok(())
}

fn line(stored: &StoredPostingFile) -> std::io::Result<()> {
    let file = &stored.file;
    let state = match stored.withdrawn {
        0 => String::new(),
        all if all == file.lines => "  withdrawn".to_owned(),
        some => format!("  {some} lines withdrawn"),
    };
    say(format_args!(
        "  {}  {}  {} to {}  {} lines, {}{state}",
        file.number,
        file.name,
        file.first,
        file.last,
        file.lines,
        file.sum.german()
    ))
}

async fn show(app: &App, ledger: &LedgerId, number: u64) -> anyhow::Result<()> {
    let stored = app.posting_file(ledger, number).await?;
    let file = &stored.file;
    line(&stored)?;
    say(format_args!(
        "  made {} by {}, postings = \"{}\", template {} (SHA-256 {})",
        stored.created_at.rfc3339(),
        file.person,
        file.postings,
        file.template,
        HEXLOWER.encode(&file.template_digest)
    ))?;
    say(format_args!(
        "  {} bytes, SHA-256 {}",
        file.size,
        HEXLOWER.encode(&file.digest)
    ))?;
    say(format_args!(
        "  new bookings of the log from {} up to before {}",
        file.from, file.to
    ))?;
    let counting = app.store.lines_of_file(ledger, number, true).await?;
    for line in app.store.lines_of_file(ledger, number, false).await? {
        let state = match counting.binary_search(&line) {
            Ok(_) => "",
            Err(_) => "  withdrawn",
        };
        say(format_args!("    {line}{state}"))?;
    }
    Ok(())
}

/// Puts bytes away, never over a file that is there.
fn put(content: &[u8], name: &str, out: &Path) -> anyhow::Result<()> {
    if out == Path::new("-") {
        std::io::stdout().lock().write_all(content)?;
        return Ok(());
    }
    let path = if out.is_dir() {
        out.join(name)
    } else {
        out.to_owned()
    };
    let mut file = std::fs::File::create_new(&path).with_context(|| path.display().to_string())?;
    file.write_all(content)
        .with_context(|| path.display().to_string())?;
    say(format_args!("{} is written", path.display()))?;
    Ok(())
}
