//! `receipts list`: what lists of unread receipts have brought. What is not ours is kept here and nowhere else, since
//! confirming a list takes it from everybody.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use jiff::civil::Date;
use serde_json::json;

use super::{open, say};
use crate::app::ports::{ListedReceipt, ReceiptFilter, ReceiptPlace};
use crate::config::Config;
use crate::domain::time::{Timestamp, berlin};

/// How many are read from the database at once.
const PAGE: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Receipts {
    /// Lists receipts in the order in which they were read.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Only those that belong to no payment of ours: other procedures wait for them.
        #[arg(long)]
        foreign: bool,
        /// Only those of a Mandant.
        #[arg(long, value_name = "PROVIDER/NUMBER")]
        mandant: Option<String>,
        /// Only those that were read since a day (Berlin) or an instant, for example `2026-11-21` or
        /// `2026-11-21T10:00:00Z`.
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
}

pub(super) async fn run(config: &Config, command: Receipts) -> anyhow::Result<ExitCode> {
    let Receipts::List {
        json,
        foreign,
        mandant,
        since,
    } = command;
    if let Some(mandant) = &mandant {
        anyhow::ensure!(
            mandant.contains('/'),
            "--mandant {mandant}: expected PROVIDER/NUMBER, as in the tenants file"
        );
    }
    let filter = ReceiptFilter {
        foreign,
        mandant,
        since: since.as_deref().map(instant).transpose()?,
    };
    let connector = open(config).await?;
    let store = &connector.app.store;
    let mut place = ReceiptPlace::start();
    let (mut count, mut of_others) = (0_u64, 0_u64);
    loop {
        let page = store.receipts(&filter, &place, PAGE).await?;
        let Some(last) = page.last() else { break };
        place = last.place.clone();
        for receipt in &page {
            count += 1;
            of_others += u64::from(receipt.attempt.is_none());
            if json {
                say(as_json(receipt))?;
            } else {
                say(as_line(receipt))?;
            }
        }
    }
    if !json {
        say(format_args!("{count} receipts, {of_others} of them not ours"))?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A day begins in Berlin.
fn instant(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Ok(Timestamp::from_instant(instant));
    }
    let day: Date = text
        .parse()
        .with_context(|| format!("--since {text}: expected a day or an instant, as 2026-11-21"))?;
    let midnight = day.to_zoned(berlin()).context("the day is not on the calendar")?;
    Ok(Timestamp::from_instant(midnight.timestamp()))
}

fn as_line(listed: &ListedReceipt) -> String {
    let receipt = &listed.receipt;
    let booked = receipt
        .booked_at
        .map_or_else(|| "no date".to_owned(), |at| at.berlin_day().to_string());
    let whose = listed
        .attempt
        .map_or_else(|| "not ours".to_owned(), |attempt| format!("attempt {attempt}"));
    let open = if listed.confirmed_at.is_some() {
        ""
    } else {
        "  not confirmed yet"
    };
    format!(
        "{}  {}  {}  {} EUR  booked {booked}  {whose}  reading {}{open}",
        listed.place.read_at.rfc3339(),
        listed.mandant,
        printable(&receipt.kassenzeichen),
        receipt.cents,
        printable(&listed.batch),
    )
}

/// A foreign text on a terminal: what would move its cursor is shown as a mark.
fn printable(text: &str) -> String {
    let shown = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    shown.collect()
}

fn as_json(listed: &ListedReceipt) -> serde_json::Value {
    let receipt = &listed.receipt;
    json!({
        "provider": listed.place.provider,
        "mandant": listed.place.mandant,
        "batch": listed.batch,
        "reading": listed.place.n,
        "ordinal": listed.place.ordinal,
        "kassenzeichen": receipt.kassenzeichen,
        "cents": receipt.cents.get(),
        "booked_at": receipt.booked_at.map(Timestamp::rfc3339),
        "read_at": listed.place.read_at.rfc3339(),
        "confirmed_at": listed.confirmed_at.map(Timestamp::rfc3339),
        "attempt": listed.attempt,
        "foreign": listed.attempt.is_none(),
    })
}
