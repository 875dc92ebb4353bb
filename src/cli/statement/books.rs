//! Statements and the books: taking them in, listing what is there, matching once more.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::app::App;
use crate::app::ports::StatementFile;
use crate::app::reconcile::Reconciled;
use crate::app::statements::{Outcome, Taken};
use crate::cli::{open, say};
use crate::config::Config;
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;
use crate::domain::statement::guards::Verdict;

pub(super) async fn import(config: &Config, paths: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let files = paths.into_iter().map(|path| match path.to_str() {
        Some("-") => StatementFile::Stream {
            name: "-".to_owned(),
            input: Box::new(std::io::stdin()),
        },
        _ => StatementFile::Path(path),
    });
    let taken = connector.app.take_files(files.collect()).await?;
    let mut well = true;
    for one in &taken.statements {
        well &= !matches!(one.outcome, Outcome::Refused { .. } | Outcome::Elsewhere);
        say(line(one))?;
    }
    if taken.statements.is_empty() {
        say("there was no statement in it")?;
    }
    for (ledger, done) in connector.app.reconcile_new(&taken).await? {
        say(matched(&ledger, done))?;
    }
    connector.close().await;
    Ok(if well && !taken.statements.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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

/// The Kasse that was named; who names none that is there hears which there are.
pub(in crate::cli) async fn one_kasse(app: &App, named: &str) -> anyhow::Result<LedgerId> {
    Ok(kassen(app, Some(named)).await?.remove(0))
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
        Outcome::Elsewhere => {
            "another connector is reading the same statement: import it again afterwards".to_owned()
        }
        Outcome::NotBooked { why } | Outcome::NoAccount { why } => format!("not booked: {why}"),
        Outcome::Refused { entry, line, why } => {
            let entry = entry.map(|entry| format!("entry {entry}, ")).unwrap_or_default();
            format!("REFUSED, {entry}line {line}: {why}")
        }
    };
    format!("{source}  {account} {name}  {what}")
}

pub(in crate::cli) fn matched(ledger: &LedgerId, done: Reconciled) -> String {
    let batches = match (done.opened, done.waiting) {
        (0, 0) => String::new(),
        (opened, waiting) => format!("; {opened} batched lines opened, {waiting} wait for their details"),
    };
    let payouts = match done.payouts {
        0 => String::new(),
        payouts => format!("; {payouts} payouts"),
    };
    format!(
        "{ledger}: {} payments looked at: {} settled, {} returned, {} unclear (see the exceptions), {} foreign{payouts}{batches}",
        done.looked_at, done.settled, done.returned, done.unclear, done.foreign
    )
}
