//! Prints the ledgers as Buchungssätze and verifies them.

use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::app::App;
use crate::app::ports::AuditQuery;
use crate::cli::say;
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;

/// More bookings than this the demo does not make.
const MOST: u64 = 1000;

pub(super) async fn show(app: &App) -> anyhow::Result<()> {
    for verified in app.verify_audit().await? {
        if verified.bookings == 0 {
            continue;
        }
        say(format_args!("{}", verified.ledger))?;
        let (debit, credit) = lines(app, &verified.ledger).await?;
        anyhow::ensure!(
            debit == credit,
            "the books do not balance: {debit} in Soll, {credit} in Haben"
        );
        say(format_args!(
            "          Soll {} = Haben {}: balanced",
            debit.german(),
            credit.german()
        ))?;
        say(format_args!(
            "          Merkle root over {} records, recomputed and equal: {}",
            verified.size,
            HEXLOWER.encode(&verified.root)
        ))?;
    }
    Ok(())
}

/// Prints the lines of a ledger; returns the sums of both sides over all its balances.
async fn lines(app: &App, ledger: &LedgerId) -> anyhow::Result<(Cents, Cents)> {
    for booking in app
        .store
        .audit_rows(AuditQuery::Bookings, ledger, 0, MOST)
        .await?
    {
        let position = number(&booking, "position");
        let kind = text(&booking, "kind");
        for line in booking
            .get("lines")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let cents = Cents::new(number(line, "cents"));
            say(format_args!(
                "  {position:>4}    {kind:<13} {:<34} an {:<34} {:>10}",
                text(line, "debit_account"),
                text(line, "credit_account"),
                cents.german()
            ))?;
        }
    }
    let balances = app
        .store
        .audit_rows(AuditQuery::Balances, ledger, 0, MOST)
        .await?;
    let sum = |side: &str| balances.iter().map(|row| Cents::new(number(row, side))).sum();
    Ok((sum("debit_cents"), sum("credit_cents")))
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &Value, member: &str) -> i64 {
    row.get(member).and_then(Value::as_i64).unwrap_or_default()
}
