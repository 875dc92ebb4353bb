//! `tenants plan|apply|list`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

use super::{open, say};
use crate::boot::check_postings;
use crate::config::{Config, tenants};

#[derive(Debug, Subcommand)]
pub(super) enum Tenants {
    /// Shows what `apply` would do.
    Plan {
        /// The tenants file.
        file: PathBuf,
        /// Close what is not in the file.
        #[arg(long)]
        close: bool,
    },
    /// Does it, and records it. No restart is needed; payments under way keep the rules that they began with.
    Apply {
        /// The tenants file.
        file: PathBuf,
        /// Close what is not in the file; nothing is ever deleted.
        #[arg(long)]
        close: bool,
    },
    /// Shows what is in force.
    List,
}

pub(super) async fn run(config: &Config, command: Tenants) -> anyhow::Result<ExitCode> {
    let connector = open(config).await?;
    let app = &connector.app;
    match &command {
        Tenants::Plan { file, close } => {
            let wanted = read(config, file)?;
            say(app.plan_tenants(&wanted, *close).await?)?;
        }
        Tenants::Apply { file, close } => {
            let wanted = read(config, file)?;
            let plan = app.plan_tenants(&wanted, *close).await?;
            say(&plan)?;
            if !plan.is_empty() {
                app.apply_tenants(&wanted, &plan).await?;
                say("applied")?;
            }
        }
        Tenants::List => {
            for object in app.store.tenants().await? {
                let state = if object.closed { "  closed" } else { "" };
                let ledger = object
                    .ledger
                    .map(|ledger| format!("  ({ledger})"))
                    .unwrap_or_default();
                say(format_args!(
                    "{:<10} {}  version {}{ledger}{state}",
                    object.kind, object.id, object.version
                ))?;
            }
            let mandanten = app.mandanten().await?;
            for level in app.pool_levels(&mandanten).await? {
                let low = if level.is_low() { "  LOW" } else { "" };
                say(format_args!("{:<10} {level}{low}", "pool"))?;
            }
        }
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Reads a tenants file and checks it against the configuration.
pub(super) fn read(config: &Config, file: &Path) -> anyhow::Result<crate::domain::tenants::Tenants> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let wanted = tenants::parse(&text).with_context(|| format!("{} is not right", file.display()))?;
    let mut problems = tenants::check_against(&wanted, config);
    problems.append(check_postings(&wanted));
    problems
        .or(Some(wanted))
        .with_context(|| format!("{} does not fit the configuration", file.display()))
}
