//! `statistics`: how many cases, how much money, how fast, how much without manual work; no personal data, no small numbers.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::open;
use super::statement::kassen;
use crate::config::Config;
use crate::domain::statistics::{By, Month, THRESHOLD};
use crate::export::statistics::{csv, groups_csv, groups_json, json};

#[derive(Debug, Args)]
pub(super) struct StatisticsArgs {
    /// Only of this Kasse. Kassen of the TEST environment and others are never counted together.
    #[arg(long)]
    kasse: Option<String>,
    /// The first month in which cases were opened, such as 2026-01.
    #[arg(long, value_name = "MONTH")]
    from: String,
    /// The last one.
    #[arg(long, value_name = "MONTH")]
    to: String,
    /// Sums by authority, leika or month; else a line for each service, authority and month.
    #[arg(long, value_name = "BY")]
    by: Option<String>,
    /// As JSON; CSV otherwise.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As CSV.
    #[arg(long)]
    csv: bool,
}

pub(super) async fn run(config: &Config, args: StatisticsArgs) -> anyhow::Result<ExitCode> {
    let month = |text: &str| Month::parse(text).map_err(anyhow::Error::msg);
    let (from, to) = (month(&args.from)?, month(&args.to)?);
    let by: Option<By> = args
        .by
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(anyhow::Error::msg)?;
    let connector = open(config).await?;
    let whose: Vec<_> = kassen(&connector.app, args.kasse.as_deref())
        .await?
        .into_iter()
        .map(|ledger| (ledger, None))
        .collect();
    let counted = connector.app.statistics(&whose, from, to).await;
    connector.close().await;
    let counted = counted?;
    let bytes = match (by, args.json) {
        (None, true) => json(&counted.table(THRESHOLD)),
        (None, false) => csv(&counted.table(THRESHOLD)),
        (Some(by), true) => groups_json(&counted.groups(THRESHOLD, by)),
        (Some(by), false) => groups_csv(&counted.groups(THRESHOLD, by)),
    };
    std::io::stdout().lock().write_all(&bytes)?;
    Ok(ExitCode::SUCCESS)
}
