//! Statements and the books: taking them in, listing what is there, matching once more.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::reconcile::Reconciled;
use crate::app::statements::{Outcome, Taken};
use crate::cli::{open, say};
use crate::config::Config;
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;
use crate::domain::statement::Piece;
use crate::domain::statement::guards::Verdict;
use crate::statement::files::{self, Limits};

/// How many pieces a reader may be ahead of the store.
const AHEAD: usize = 256;

pub(super) async fn import(config: &Config, paths: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let (taken, ledgers) = take_all(&connector.app, paths).await?;
    let mut well = true;
    for one in &taken {
        well &= !matches!(one.outcome, Outcome::Refused { .. });
        say(line(one))?;
    }
    if taken.is_empty() {
        say("there was no statement in it")?;
    }
    for ledger in ledgers {
        let done = connector.app.reconcile(&ledger).await;
        say(matched(&ledger, done?))?;
    }
    connector.close().await;
    Ok(if well && !taken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads the files on a thread of its own and takes in what they tell; the Kassen that have something new.
async fn take_all(app: &App, paths: Vec<PathBuf>) -> anyhow::Result<(Vec<Taken>, BTreeSet<LedgerId>)> {
    let (sender, mut pieces) = mpsc::channel::<(String, Piece)>(AHEAD);
    let reader = tokio::task::spawn_blocking(move || {
        for path in paths {
            read(&path, &sender)?;
        }
        anyhow::Ok(())
    });
    let mut intake = app.begin_intake().await?;
    let (mut all, mut ledgers) = (Vec::new(), BTreeSet::new());
    while let Some((source, piece)) = pieces.recv().await {
        if let Some(taken) = intake.take(&source, piece).await? {
            if let Outcome::Filed { ledger, .. } = &taken.outcome {
                ledgers.insert(ledger.clone());
            }
            all.push(taken);
        }
    }
    reader.await.context("reading the files")??;
    Ok((all, ledgers))
}

fn read(path: &Path, sender: &mpsc::Sender<(String, Piece)>) -> anyhow::Result<()> {
    let mut visit = |source: &files::Source, piece: Piece| {
        let name = match &source.member {
            Some(member) => format!("{}: {member}", source.file),
            None => source.file.clone(),
        };
        match sender.blocking_send((name, piece)) {
            Ok(()) => ControlFlow::Continue(()),
            // Whoever takes them in has failed and says why.
            Err(_) => ControlFlow::Break(()),
        }
    };
    let limits = Limits::default();
    if path == Path::new("-") {
        files::read_stream("-", std::io::stdin().lock().by_ref(), &limits, &mut visit)
            .context("standard input")
    } else {
        files::read(path, &limits, &mut visit).with_context(|| path.display().to_string())
    }
}

pub(super) async fn list(config: &Config, kasse: Option<&str>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    for ledger in kassen(&connector.app, kasse).await? {
        let filed = connector.app.store.filed_statements(&ledger, None).await?;
        say(format_args!("{ledger}: {} statements", filed.len()))?;
        for one in filed {
            let number = one
                .number
                .map_or_else(|| one.bank_id.clone(), |number| number.to_string());
            let page = one.page.map(|page| format!("/{page}")).unwrap_or_default();
            let balance = |cents: Option<Cents>| cents.map_or_else(|| "–".to_owned(), Cents::german);
            say(format_args!(
                "  {} to {}  {}  {number}{page}  {} entries  {} to {}  {}",
                one.first_day,
                one.last_day,
                one.account.grouped(),
                one.entries,
                balance(one.opening),
                balance(one.closing),
                one.file
            ))?;
        }
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reconcile(config: &Config, kasse: Option<&str>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    for ledger in kassen(&connector.app, kasse).await? {
        let done = connector.app.reconcile(&ledger).await?;
        say(matched(&ledger, done))?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The Kasse that was named, or all of them.
pub(in crate::cli) async fn kassen(app: &App, named: Option<&str>) -> anyhow::Result<Vec<LedgerId>> {
    let all = app.kassen().await?;
    let Some(named) = named else { return Ok(all) };
    let named = LedgerId::parse(named)?;
    anyhow::ensure!(
        all.contains(&named),
        "there is no Kasse «{named}»; there are: {}",
        all.iter().map(LedgerId::as_str).collect::<Vec<_>>().join(", ")
    );
    Ok(vec![named])
}

fn line(taken: &Taken) -> String {
    let Taken {
        source,
        account,
        name,
        outcome,
    } = taken;
    let what = match outcome {
        Outcome::Filed {
            filed,
            ledger,
            sequence,
        } => {
            let gap = match &**sequence {
                Verdict::Broken { why } => format!("; {}", why.english()),
                Verdict::Held | Verdict::NotApplicable { .. } => String::new(),
            };
            format!(
                "filed for {ledger}: {} entries, {} of them new ({} in, {} out){gap}",
                filed.entries,
                filed.fresh,
                filed.credits.german(),
                filed.debits.german()
            )
        }
        Outcome::Known { .. } => "is in the books already".to_owned(),
        Outcome::NotBooked { why } => format!("not booked: {why}"),
        Outcome::Refused { entry, line, why } => {
            let entry = entry.map(|entry| format!("entry {entry}, ")).unwrap_or_default();
            format!("REFUSED, {entry}line {line}: {why}")
        }
    };
    format!("{source}  {account} {name}  {what}")
}

fn matched(ledger: &LedgerId, done: Reconciled) -> String {
    format!(
        "{ledger}: {} payments looked at: {} settled, {} returned, {} unclear (see the exceptions), {} foreign",
        done.looked_at, done.settled, done.returned, done.unclear, done.foreign
    )
}
