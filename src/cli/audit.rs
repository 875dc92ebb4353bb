//! `audit keygen|verify`.

use std::process::ExitCode;

use clap::Subcommand;
use data_encoding::HEXLOWER;

use super::{open, say};
use crate::app::audit::AuditError;
use crate::app::ports::Ids;
use crate::config::{Config, Secrets};
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;
use crate::system::SystemIds;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Makes fresh keys and prints them as the sections of a configuration file.
    Keygen {
        /// The name of the log, for example the connector's host name; it can never change.
        #[arg(long, value_name = "NAME")]
        origin: String,
        /// The name of the encryption key, stored beside what it encrypts.
        #[arg(long, default_value = "1", value_name = "NAME")]
        key_id: String,
    },
    /// Recomputes every root, projection and balance; names the first row that is wrong.
    Verify {
        /// An earlier size and root of a ledger, for example `stadtkasse:17:9f86…`: the log must still begin with it.
        #[arg(long, value_name = "LEDGER:SIZE:ROOT")]
        earlier: Vec<String>,
    },
}

pub(super) async fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    command: Audit,
) -> anyhow::Result<ExitCode> {
    match command {
        Audit::Keygen { origin, key_id } => {
            let mut random = [[0; 32]; 4];
            for key in &mut random {
                SystemIds.fill(key);
            }
            say(
                "# Secret. Keep these where only the connector reads them, and a copy where a fire does not.",
            )?;
            say(Secrets::generate_toml(&key_id, &origin, &random).trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Verify { earlier } => verify(&config()?, &earlier).await,
    }
}

async fn verify(config: &Config, earlier: &[String]) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let code = match connector.app.verify_audit().await {
        Ok(ledgers) => {
            for ledger in ledgers {
                let test = if ledger.test { "TEST " } else { "" };
                let erased = if ledger.erased > 0 {
                    format!(", {} erased", ledger.erased)
                } else {
                    String::new()
                };
                say(format_args!(
                    "{test}{}: whole. {} records, {} bookings of {} EUR, {} commitments to personal data{erased}",
                    ledger.ledger,
                    ledger.size,
                    ledger.bookings,
                    Cents::new(ledger.moved),
                    ledger.personal
                ))?;
                // As `--earlier` takes it: keep it where nobody who writes the database can change it.
                say(format_args!(
                    "  {}:{}:{}",
                    ledger.ledger,
                    ledger.size,
                    HEXLOWER.encode(&ledger.root)
                ))?;
            }
            let mut code = ExitCode::SUCCESS;
            for point in earlier {
                if !still_begins(&connector.app, point).await? {
                    code = ExitCode::FAILURE;
                }
            }
            code
        }
        Err(error @ AuditError::Wrong { .. }) => {
            say(format_args!("NOT WHOLE: {error}"))?;
            ExitCode::FAILURE
        }
        Err(error) => return Err(error.into()),
    };
    connector.close().await;
    Ok(code)
}

async fn still_begins(app: &crate::app::App, point: &str) -> anyhow::Result<bool> {
    let wrong =
        || anyhow::anyhow!("--earlier {point}: expected LEDGER:SIZE:ROOT with the root in hexadecimal");
    let mut parts = point.splitn(3, ':');
    let (ledger, size, root) = (parts.next(), parts.next(), parts.next());
    let ledger = LedgerId::parse(ledger.ok_or_else(wrong)?).map_err(|_| wrong())?;
    let size: u64 = size.and_then(|size| size.parse().ok()).ok_or_else(wrong)?;
    let root = HEXLOWER
        .decode(root.ok_or_else(wrong)?.as_bytes())
        .map_err(|_| wrong())?;
    match app.root_at(&ledger, size).await {
        Ok(now) if now == root.as_slice() => {
            say(format_args!(
                "{ledger}: its first {size} records are the same as then"
            ))?;
            Ok(true)
        }
        Ok(_) => {
            say(format_args!(
                "NOT WHOLE: {ledger}: its first {size} records are not those of the earlier root"
            ))?;
            Ok(false)
        }
        Err(error @ AuditError::Wrong { .. }) => {
            say(format_args!("NOT WHOLE: {error}"))?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
