//! `migrate`: brings the database to this version.

use std::process::ExitCode;

use anyhow::Context;

use super::say;
use crate::boot::database;
use crate::config::Config;

pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let engine = database(config).await?;
    let missing = engine
        .missing_migrations()
        .await
        .context("the database cannot be read")?;
    engine
        .migrate()
        .await
        .context("the database could not be migrated")?;
    match missing {
        0 => say("the database is up to date")?,
        missing => say(format_args!("{missing} migrations were applied"))?,
    }
    engine.close().await;
    Ok(ExitCode::SUCCESS)
}
