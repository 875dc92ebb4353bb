//! `sandbox`: a stand-in for ePayBL.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use tokio::net::TcpListener;
use url::Url;

use super::sandbox_tls::TlsArgs;
use super::{say, told_to_stop};
use crate::sandbox::{Options, Sandbox, World};

/// How many accounts are printed; the pages show all.
const PRINTED: usize = 5;
/// No world needs a longer file.
const LONGEST_WORLD: u64 = 4 * 1024 * 1024;

/// What can be said of the sandbox on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDR")]
    listen: SocketAddr,
    /// Which Mandanten, Bewirtschafter, titles, methods and bank accounts exist, as TOML (docs/sandbox.md).
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// The address that others reach it at, when it is not the one it listens on.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    #[command(flatten)]
    tls: TlsArgs,
}

/// The world of a file. What is wrong with it is told with its line and key.
fn world_of(path: &Path) -> anyhow::Result<World> {
    let length = std::fs::metadata(path).map(|about| about.len());
    let length = length.with_context(|| format!("--world: {} cannot be read", path.display()))?;
    anyhow::ensure!(
        length <= LONGEST_WORLD,
        "--world: {} has {length} bytes, more than {LONGEST_WORLD}: is it the right file?",
        path.display()
    );
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("--world: {} cannot be read as UTF-8 text", path.display()))?;
    World::from_toml(&text).with_context(|| format!("--world: {}", path.display()))
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut options = Options {
        public_url: args.public_url,
        tls: args.tls.tls()?,
        ..Options::default()
    };
    if let Some(path) = &args.world {
        options.world = world_of(path)?;
    }
    let accounts: Vec<String> = (options.world.accounts.iter().take(PRINTED))
        .map(|account| {
            format!(
                "Mandant {}, Bewirtschafter {} ({}), notify secret {}",
                account.mandant, account.bewirtschafter, account.name, account.notify_secret
            )
        })
        .collect();
    let more = options.world.accounts.len().saturating_sub(PRINTED);
    let listen = args.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("--listen: {listen} cannot be used (is another program there?)"))?;
    let started = Sandbox::start(listener, options).await;
    let sandbox = match &args.world {
        Some(path) => started.with_context(|| format!("--world: {}", path.display()))?,
        None => started?,
    };
    let root = sandbox.base_url().as_str().trim_end_matches('/').to_owned();
    say(format_args!(
        "ePayBL sandbox; no money is moved. Stop it with Ctrl-C."
    ))?;
    say(format_args!("  in a browser    {}", sandbox.base_url()))?;
    say(format_args!("  base_url        {}", sandbox.konnektor_url()))?;
    say(format_args!("  bank, addresses {root}/desk/accounts"))?;
    say(format_args!("  control         {root}/sandbox/payments"))?;
    for account in accounts {
        say(format_args!("  {account}"))?;
    }
    if more > 0 {
        say(format_args!("  and {more} accounts more"))?;
    }
    say("To begin: create a payment through base_url, open the address in a browser, press its buttons.")?;
    say(format_args!(
        "To see a statement: curl -X POST {root}/sandbox/clock -d '{{\"forward_days\": 3}}'; more in docs/sandbox.md"
    ))?;
    told_to_stop().await?;
    sandbox.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
