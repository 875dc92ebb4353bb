//! `list`: settlement lists of payment providers, read without any database, taken into the books, and shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};

use super::statement::kassen;
use super::{open, say};
use crate::app::lists::{ListOutcome, TakenList};
use crate::app::ports::{ListedPayout, StatementFile};
use crate::config::{Config, tenants};
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;
use crate::domain::settlement::{Line, Mapping, Owner, Refusal, Summary, Totals};
use crate::domain::time::Timestamp;
use crate::statement::settlement::{self, ReadError};

#[derive(Debug, Subcommand)]
pub(super) enum ListCommand {
    /// Shows what is in settlement lists, without any database. The exit code is 0 only where every line was read and
    /// every total that a list states fits.
    Read {
        /// One JSON document a file, instead of text.
        #[arg(long)]
        json: bool,
        /// The tenants file that says how the list is read.
        #[arg(long, value_name = "FILE")]
        tenants: PathBuf,
        /// Which of its lists: `<kasse>/<list>`.
        #[arg(long = "as", value_name = "KASSE/LIST")]
        name: String,
        /// Files; `-` is standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Takes settlement lists into the books, and books what the bank has shown of their payouts. The same list again
    /// changes nothing; another one of the same payout is its next revision. The exit code is 0 only where none was
    /// refused.
    Import {
        /// The Kasse.
        #[arg(long)]
        kasse: String,
        /// Which of its lists, as `[[kasse.list]]` names it.
        #[arg(long)]
        list: String,
        /// Files; `-` is standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Shows the payouts that lists have told of, and what the bank has shown of them.
    Show {
        /// Only those of a Kasse.
        #[arg(long, value_name = "KASSE")]
        kasse: Option<String>,
    },
}

pub(super) async fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    command: ListCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        ListCommand::Read {
            json,
            tenants,
            name,
            files,
        } => read(&mapping(&tenants, &name)?, &files, json),
        ListCommand::Import { kasse, list, files } => import(&config()?, &kasse, &list, files).await,
        ListCommand::Show { kasse } => show(&config()?, kasse.as_deref()).await,
    }
}

fn mapping(file: &Path, name: &str) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let tenants = tenants::parse(&text).with_context(|| format!("{} is not right", file.display()))?;
    let all = tenants.kassen.iter().flat_map(|kasse| {
        let named = kasse.lists.iter();
        named.map(|list| (format!("{}/{}", kasse.id, list.id), list.read.clone()))
    });
    let all: BTreeMap<String, Mapping> = all.collect();
    let found = all.get(name).cloned();
    found.with_context(|| {
        let known: Vec<&str> = all.keys().map(String::as_str).collect();
        format!("there is no list «{name}»; there are: {}", known.join(", "))
    })
}

fn read(mapping: &Mapping, files: &[PathBuf], as_json: bool) -> anyhow::Result<ExitCode> {
    let mut well = true;
    for path in files {
        let name = path.display();
        let input: Box<dyn Read> = if path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| format!("{name} cannot be read"))?)
        };
        let mut lines = Vec::new();
        let mut shown = Ok(());
        let summary = settlement::read(mapping, BufReader::new(input), |line| {
            if as_json {
                lines.push(line);
            } else if shown.is_ok() {
                shown = say(line_text(&line));
            }
        });
        shown?;
        let told = match summary {
            Ok(summary) => Ok(summary),
            Err(ReadError::Refused(refusal)) => Err(refusal),
            Err(error @ ReadError::Unreadable(_)) => return Err(error.into()),
        };
        well &= told.is_ok();
        if as_json {
            say(document(&name.to_string(), lines, &told))?;
        } else {
            say(match &told {
                Ok(summary) => format!("{name}: {}", summary_text(summary)),
                Err(refusal) => format!("{name}: REFUSED, nothing of it counts: {refusal}"),
            })?;
        }
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn document(name: &str, lines: Vec<Line>, told: &Result<Summary, Refusal>) -> Value {
    match told {
        Ok(summary) => json!({"file": name, "lines": lines, "summary": summary}),
        // What was told of a list that is refused counts for nothing.
        Err(refusal) => json!({"file": name, "refused": refusal}),
    }
}

fn optional(cents: Option<Cents>) -> String {
    cents.map_or_else(|| "–".to_owned(), Cents::german)
}

fn line_text(line: &Line) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let owner = match &line.owner {
        Owner::Ours => String::new(),
        Owner::Foreign(name) => format!("  of «{name}»"),
    };
    format!(
        "  line {}  {}  payout {}  {}  gross {}  fee {}  net {}{owner}",
        line.row,
        line.kind.as_str(),
        text(&line.payout),
        text(&line.reference),
        line.gross.german(),
        optional(line.fee),
        optional(line.net)
    )
}

fn summary_text(summary: &Summary) -> String {
    let totals = |totals: &Totals| {
        format!(
            "{} lines, gross {}, fee {}, net {}",
            totals.count,
            totals.gross.german(),
            optional(totals.fee),
            optional(totals.net)
        )
    };
    let mut text = format!("ours: {}", totals(&summary.ours));
    if summary.foreign.count > 0 {
        let _ = write!(text, "; of other systems: {}", totals(&summary.foreign));
    }
    for (reference, sums) in &summary.payouts {
        let _ = write!(text, "; payout «{reference}»: {}", totals(sums));
    }
    format!(
        "{text}; {} lines do not count, {} totals stated",
        summary.ignored, summary.stated
    )
}

async fn import(config: &Config, kasse: &str, list: &str, files: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let ledger = LedgerId::parse(kasse)?;
    let mut well = true;
    for path in files {
        let file = if path == Path::new("-") {
            StatementFile::Stream {
                name: "-".to_owned(),
                input: Box::new(std::io::stdin()),
            }
        } else {
            StatementFile::Path(path)
        };
        let taken = connector.app.take_list(&ledger, list, file).await?;
        if taken.is_empty() {
            say("there was no line in it")?;
        }
        for one in &taken {
            well &= !matches!(one.outcome, ListOutcome::Refused(_));
            say(taken_text(one))?;
        }
    }
    let done = connector.app.reconcile(&ledger).await?;
    say(super::statement::matched(&ledger, done))?;
    connector.close().await;
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn taken_text(taken: &TakenList) -> String {
    let what = match &taken.outcome {
        ListOutcome::Filed(filed) => format!(
            "filed as revision {}: {} lines of ours, gross {}, fee {}; {} of other systems",
            filed.revision,
            filed.ours.count,
            filed.ours.gross.german(),
            optional(filed.ours.fee),
            filed.others.count
        ),
        ListOutcome::Known(_) => "is in the books already".to_owned(),
        ListOutcome::Refused(refusal) => format!("REFUSED: {refusal}"),
    };
    format!("{}  {}  {what}", taken.file, taken.reference)
}

async fn show(config: &Config, kasse: Option<&str>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    for ledger in kassen(&connector.app, kasse).await? {
        let mut after = None;
        loop {
            let since = Timestamp::from_millis(0);
            let page = connector.app.store.payouts(&ledger, since, after, 500).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.payout);
            for payout in &page {
                say(payout_text(&ledger, payout))?;
            }
        }
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

fn payout_text(ledger: &LedgerId, payout: &ListedPayout) -> String {
    let shown = match &payout.shown {
        None if payout.nothing => "it comes to nothing: no bank shows it, its list has settled it".to_owned(),
        None => "the bank has not shown it yet".to_owned(),
        Some(shown) => format!("the bank showed {} ({})", shown.whole.german(), shown.detail),
    };
    let done = if payout.done { "; every line is booked" } else { "" };
    format!(
        "{ledger}/{}  {}  revision {}  {} lines of ours, gross {}, fee {}; {} of other systems  {shown}{done}",
        payout.source,
        payout.reference,
        payout.revision,
        payout.contents.ours.count,
        payout.contents.ours.gross.german(),
        optional(payout.contents.ours.fee),
        payout.contents.others.count
    )
}
