//! `client new|rotate`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{open, say};
use crate::config::Config;
use crate::domain::ids::ClientId;

#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Issues the first secret of a client of the tenants file. It is shown once.
    New {
        /// The client's id.
        id: String,
    },
    /// Issues another secret; the one before stays valid until the next rotation.
    Rotate {
        /// The client's id.
        id: String,
    },
}

pub(super) async fn run(config: &Config, command: Client) -> anyhow::Result<ExitCode> {
    let (id, rotate) = match &command {
        Client::New { id } => (id, false),
        Client::Rotate { id } => (id, true),
    };
    let id = ClientId::parse(id)?;
    let connector = open(config).await?;
    let secret = connector.app.issue_secret(&id, rotate).await?;
    say(format_args!("client_id      {id}"))?;
    say(format_args!("client_secret  {secret}"))?;
    say("Keep it now: it is not stored and cannot be shown again.")?;
    if rotate {
        say("The secret before this one stays valid until the next rotation.")?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}
