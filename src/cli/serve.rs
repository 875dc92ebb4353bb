//! `serve`: the connector, until it is told to stop.

use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;

use super::{start_log, told_to_stop};
use crate::boot::{Parts, boot};
use crate::config::Config;

pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    start_log(&config.log);
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("server.listen: {listen} cannot be used (is another program there?)"))?;
    let running = boot(config, listener, Parts::default()).await?;
    told_to_stop().await?;
    tracing::info!("told to stop: what is in flight is finished");
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
