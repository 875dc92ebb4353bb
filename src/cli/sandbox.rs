//! `sandbox`: a stand-in for ePayBL.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;

use super::{say, told_to_stop};
use crate::sandbox::{Options, Sandbox};

pub(super) async fn run(listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("--listen: {listen} cannot be used (is another program there?)"))?;
    let sandbox = Sandbox::start(listener, Options::default()).await?;
    say(format_args!(
        "ePayBL sandbox; no money is moved. Stop it with Ctrl-C."
    ))?;
    say(format_args!("  in a browser    {}", sandbox.base_url()))?;
    say(format_args!("  base_url        {}", sandbox.konnektor_url()))?;
    say("  Mandant 1610000000, Bewirtschafter 42, notify secret sandbox-secret; more in docs/sandbox.md")?;
    told_to_stop().await?;
    sandbox.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
