//! The command line: one file per command. Each says what it did in plain words on standard output, and what went wrong
//! on standard error; the exit code is 0 only where everything is well.

mod audit;
mod check;
mod client;
mod closing;
pub mod demo;
mod exception;
mod list;
mod migrate;
mod payment;
mod postings;
mod proposal;
mod receipts;
mod sandbox;
mod sandbox_tls;
mod serve;
mod statement;
mod statistics;
mod tenants;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::boot::{Connector, Parts};
use crate::config::{Config, Log, LogFormat};

/// Payments between portals, ePayBL and municipal case systems.
#[derive(Debug, Parser)]
#[command(name = "epaybl-connector", version, about, max_term_width = 100)]
struct Cli {
    /// The configuration file; `EPAYBL_…` environment variables go over it.
    #[arg(long, global = true, env = "EPAYBL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the connector until SIGTERM or Ctrl-C.
    Serve,
    /// Runs a stand-in for ePayBL, so that everything can be tried without it.
    Sandbox(Box<sandbox::Args>),
    /// Shows the whole main road: from a portal's request to a paid case.
    Demo {
        /// Leaves everything running and prints the addresses to try.
        #[arg(long)]
        stay: bool,
    },
    /// Brings the database to this version.
    Migrate,
    /// Checks configuration, database, certificates, providers and routes.
    Check {
        /// A tenants file to check as well, before it is applied.
        #[arg(long, value_name = "FILE")]
        tenants: Option<PathBuf>,
    },
    /// Kassen, authorities, routes, clients, targets and Mandanten.
    Tenants {
        #[command(subcommand)]
        command: tenants::Tenants,
    },
    /// Receipts out of lists that were read for Mandanten with `exclusive_cursor = true`.
    Receipts {
        #[command(subcommand)]
        command: receipts::Receipts,
    },
    /// Secrets of clients.
    Client {
        #[command(subcommand)]
        command: client::Client,
    },
    /// What is known of a payment, with the provider's references for its support.
    Payment {
        #[command(subcommand)]
        command: payment::PaymentCommand,
    },
    /// Statements of accounts, as banks deliver them.
    Statement {
        #[command(subcommand)]
        command: statement::Statement,
    },
    /// Settlement lists of payment providers: what their payouts consist of.
    List {
        #[command(subcommand)]
        command: list::ListCommand,
    },
    /// Closings of Kassen: prepared each morning, signed by people.
    Closing {
        #[command(subcommand)]
        command: closing::ClosingCommand,
    },
    /// Files of bookings for the cash systems of Kassen.
    Postings {
        #[command(subcommand)]
        command: postings::PostingsCommand,
    },
    /// Figures for the region's dashboard, without personal data and without small numbers.
    Statistics(statistics::StatisticsArgs),
    /// The worklist: differences, and what persons decide of them.
    Exception {
        #[command(subcommand)]
        command: exception::ExceptionCommand,
    },
    /// Keys, and the proof that the books are whole.
    Audit {
        #[command(subcommand)]
        command: audit::Audit,
    },
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error)),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = || load(cli.config.as_deref());
    match cli.command {
        Command::Serve => serve::run(&config()?).await,
        Command::Sandbox(args) => sandbox::run(*args).await,
        Command::Demo { stay } => demo::run(stay).await,
        Command::Migrate => migrate::run(&config()?).await,
        Command::Check { tenants } => check::run(cli.config.as_deref(), tenants.as_deref()).await,
        Command::Tenants { command } => tenants::run(&config()?, command).await,
        Command::Receipts { command } => receipts::run(&config()?, command).await,
        Command::Client { command } => client::run(&config()?, command).await,
        Command::Payment { command } => payment::run(&config()?, command).await,
        Command::Statement { command } => statement::run(config, command).await,
        Command::List { command } => list::run(config, command).await,
        Command::Closing { command } => closing::run(&config()?, command).await,
        Command::Postings { command } => postings::run(&config()?, command).await,
        Command::Statistics(args) => statistics::run(&config()?, args).await,
        Command::Exception { command } => exception::run(&config()?, command).await,
        Command::Audit { command } => audit::run(config, command).await,
    }
}

fn load(path: Option<&std::path::Path>) -> anyhow::Result<Config> {
    let config = Config::load(path, crate::config::environment());
    config.with_context(|| match path {
        Some(path) => format!("{} is not right", path.display()),
        None => "no --config FILE is given, and the environment (EPAYBL_…) alone is not enough".to_owned(),
    })
}

/// Opens what commands other than `serve` need.
async fn open(config: &Config) -> anyhow::Result<Connector> {
    quiet_log();
    Connector::open(
        config,
        &Parts {
            workers: false,
            ..Parts::default()
        },
    )
    .await
}

/// The log of `serve`.
fn start_log(log: &Log) {
    let filter = EnvFilter::builder().parse_lossy(&log.filter);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A log that is there already stays: tests start several connectors.
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.try_init(),
    };
    drop(started);
}

/// Commands for people show warnings only.
fn quiet_log() {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("error"))
        .with_writer(std::io::stderr);
    drop(builder.without_time().try_init());
}

/// A line on standard output.
fn say(line: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

#[expect(
    clippy::print_stderr,
    reason = "this is where the program says what went wrong"
)]
fn failed(error: &anyhow::Error) -> ExitCode {
    if error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    {
        return ExitCode::SUCCESS;
    }
    eprintln!("epaybl-connector: {error:#}");
    ExitCode::FAILURE
}

/// Waits for SIGTERM or Ctrl-C.
async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
