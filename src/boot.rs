//! Wires things together: from a configuration to a running connector. `serve`, the demo and the whole-program tests
//! all start here, so that what is tested is what runs.

pub mod certificates;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

use crate::app::ports::{Clock, ClosingDocuments, Ids, Provider};
use crate::app::vault::{NamedKey, Vault};
use crate::app::{App, Outside, Settings};
use crate::config::{Config, Problems, ProviderKind, ProviderSection, RawSection};
use crate::domain::decide::AskPolicy;
use crate::domain::ids::ProviderId;
use crate::domain::tenants::Tenants;
use crate::domain::time::Timestamp;
use crate::export::closing::Documents;
use crate::export::hkr;
use crate::http::{self, Web};
use crate::notify::{NotifyConfig, WebhookNotifier};
use crate::provider::konnektor::{Konnektor, KonnektorConfig};
use crate::provider::soap::{Soap, SoapConfig};
use crate::provider::xbezahldienste::{Xbezahldienste, XbezahldiensteConfig};
use crate::statement::folder::Folder;
use crate::statement::reader::Reader;
use crate::store::engine::Engine;
use crate::store::{self, SqlStore};
use crate::system::{SystemClock, SystemIds};
use crate::worker::{self, Rhythm};
use certificates::Watched;

/// How often the workers look whether a day can be closed.
const CLOSINGS: Duration = Duration::from_mins(5);

/// What tests bring themselves.
pub struct Parts {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub ids: Arc<dyn Ids>,
    /// Whether the workers run by themselves; a test may rather drive them.
    pub workers: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            workers: true,
        }
    }
}

/// A connector without its listener: what the command line needs for everything but `serve`.
pub struct Connector {
    /// The use cases.
    pub app: Arc<App>,
    /// The database.
    pub engine: Arc<dyn Engine>,
    writer: JoinHandle<()>,
}

/// A running connector.
pub struct Running {
    /// Its use cases, for tests that drive the workers.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: std::net::SocketAddr,
    connector: Connector,
    web: Arc<Web>,
    stop: CancellationToken,
    workers: TaskTracker,
    servers: TaskTracker,
}

/// The numbers, of which a process has one set.
fn numbers() -> anyhow::Result<PrometheusHandle> {
    static NUMBERS: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = NUMBERS.get() {
        return Ok(handle.clone());
    }
    let buckets = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("epaybl_writer_batch_changes".to_owned()), &buckets)
        .context("the buckets of the writer's batches")?
        .build_recorder();
    let handle = recorder.handle();
    if NUMBERS.set(handle.clone()).is_ok() {
        metrics::set_global_recorder(recorder).context("another recorder of metrics is installed")?;
        return Ok(handle);
    }
    NUMBERS
        .get()
        .cloned()
        .context("the recorder of metrics is not there")
}

/// A section as its room's settings, checked; what is wrong is noted with its path.
fn settings_of<T: DeserializeOwned>(
    section: &RawSection,
    validate: fn(&T) -> Vec<(String, String)>,
    problems: &mut Problems,
) -> Option<T> {
    let settings: T = section.read(problems)?;
    let wrong = validate(&settings);
    let good = wrong.is_empty();
    for (at, why) in wrong {
        problems.at(format!("{}.{at}", section.path()), why);
    }
    good.then_some(settings)
}

/// The provider that a section describes.
fn provider(
    section: &ProviderSection,
    clock: &Arc<dyn Clock>,
    problems: &mut Problems,
) -> Option<Arc<dyn Provider>> {
    let raw = &section.settings;
    let made: Result<Arc<dyn Provider>, String> = match section.kind {
        ProviderKind::Konnektor => Konnektor::new(settings_of(raw, KonnektorConfig::validate, problems)?)
            .map(|provider| Arc::new(provider) as _)
            .map_err(|error| error.to_string()),
        ProviderKind::Soap => Soap::new(settings_of(raw, SoapConfig::validate, problems)?)
            .map(|provider| Arc::new(provider) as _)
            .map_err(|error| error.to_string()),
        ProviderKind::Xbezahldienste => Xbezahldienste::new(
            settings_of(raw, XbezahldiensteConfig::validate, problems)?,
            Arc::clone(clock),
        )
        .map(|provider| Arc::new(provider) as _)
        .map_err(|error| error.to_string()),
    };
    made.map_err(|error| problems.at(raw.path(), error)).ok()
}

/// The ways to the outside that a configuration describes.
///
/// # Errors
/// Every problem of their sections, with its path.
pub fn outside(config: &Config, clock: &Arc<dyn Clock>) -> Result<Outside, Problems> {
    let mut problems = Problems::default();
    let mut providers: BTreeMap<ProviderId, Arc<dyn Provider>> = BTreeMap::new();
    for (id, section) in &config.providers {
        if let Some(provider) = provider(section, clock, &mut problems) {
            providers.insert(id.clone(), provider);
        }
    }
    let notifier = settings_of(&config.notify, NotifyConfig::validate, &mut problems).and_then(|settings| {
        WebhookNotifier::new(&settings)
            .map_err(|error| problems.at("notify", error.to_string()))
            .ok()
    });
    let drop_folder = drop_folder(config).map(|folder| Arc::new(folder) as _);
    let documents = documents(config, &mut problems);
    problems.or(notifier.map(|notifier| Outside {
        providers,
        notifier: Arc::new(notifier),
        files: Arc::new(Reader::default()),
        drop_folder,
        postings: Arc::new(hkr::Files),
        documents,
    }))
}

/// What is wrong with the templates that Kassen name for their cash systems, and with what they set for them.
pub fn check_postings(tenants: &Tenants) -> Problems {
    let mut problems = Problems::default();
    for kasse in &tenants.kassen {
        for problem in kasse.hkr.iter().flat_map(hkr::problems) {
            problems.at(format!("kasse {}.hkr.{}", kasse.id, problem.path), problem.text);
        }
    }
    problems
}

/// Documents of closings in the words that were chosen.
fn documents(config: &Config, problems: &mut Problems) -> Arc<dyn ClosingDocuments> {
    let chosen = |of| config.closing.wording(of).clone();
    let own = || Documents::new(|_| BTreeMap::new()).expect("nothing is replaced");
    let documents = Documents::new(chosen).unwrap_or_else(|(of, error)| {
        let of = format!("{of:?}").to_lowercase();
        problems.at(format!("closing.wording.{of}"), error.to_string());
        own()
    });
    Arc::new(documents)
}

/// The folder that statements are dropped into.
pub fn drop_folder(config: &Config) -> Option<Folder> {
    let statements = &config.statements;
    let path = statements.drop_folder.clone()?;
    Some(Folder::new(path, statements.settle))
}

/// Opens the database that a configuration names.
///
/// # Errors
/// Where it does not answer.
pub async fn database(config: &Config) -> anyhow::Result<Arc<dyn Engine>> {
    let url = config.database.url.expose_secret();
    store::open(url, config.database.max_connections)
        .await
        .context("database.url: the database cannot be opened")
}

/// Makes sure that the tables are this program's: migrates, or says what to do.
///
/// # Errors
/// Where they are not.
pub async fn ready_tables(config: &Config, engine: &dyn Engine) -> anyhow::Result<()> {
    if config.database.migrates_on_start() {
        engine
            .migrate()
            .await
            .context("the database could not be migrated")?;
        return Ok(());
    }
    match engine
        .missing_migrations()
        .await
        .context("the database cannot be read")?
    {
        0 => Ok(()),
        missing => bail!("{missing} migrations are missing: run `epaybl-connector migrate` first"),
    }
}

impl Connector {
    /// Opens the database and puts the use cases together.
    ///
    /// # Errors
    /// Everything that is wrong, with its path.
    pub async fn open(config: &Config, parts: &Parts) -> anyhow::Result<Self> {
        let outside = outside(config, &parts.clock)?;
        let engine = database(config).await?;
        ready_tables(config, &*engine).await?;
        let (store, writer) = SqlStore::start(Arc::clone(&engine), Arc::clone(&parts.clock));
        let app = App::new(
            store,
            outside,
            Arc::clone(&parts.clock),
            Arc::clone(&parts.ids),
            vault(config),
            settings(config),
        );
        Ok(Self { app, engine, writer })
    }

    /// Waits for work under way, lets the writer finish, and closes the database.
    pub async fn close(self) {
        self.app.tasks.close();
        self.app.tasks.wait().await;
        drop(self.app);
        // The writer ends with the last use case that holds its queue; somebody may still hold one.
        drop(tokio::time::timeout(std::time::Duration::from_secs(5), self.writer).await);
        self.engine.close().await;
    }
}

fn vault(config: &Config) -> Vault {
    let secrets = &config.secrets;
    let wrapping = secrets
        .encryption_keys
        .iter()
        .map(|named| NamedKey {
            id: named.id.clone(),
            key: Zeroizing::new(*named.key.expose()),
        })
        .collect();
    let tokens = secrets
        .token_keys
        .iter()
        .map(|key| Zeroizing::new(*key.expose()))
        .collect();
    Vault::new(wrapping, Zeroizing::new(*secrets.hash_key.expose()), tokens)
}

fn settings(config: &Config) -> Settings {
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let worker = &config.worker;
    Settings {
        public_url: config.server.public_url.clone(),
        policy: AskPolicy {
            first_seconds: seconds(worker.first_ask),
            open_seconds: seconds(worker.ask_max),
            transfer_seconds: seconds(worker.ask_transfer),
            paid_seconds: seconds(worker.watch_paid),
            ..AskPolicy::default()
        },
        create_wait: config.server.create_wait,
        return_wait: config.server.return_wait,
        pay_wait: config.server.pay_wait,
        lease: worker.lease,
        batch: u32::try_from(worker.batch).unwrap_or(50),
        closing_hour: worker.closing_hour,
    }
}

fn options(config: &Config) -> http::Options {
    let server = &config.server;
    http::Options {
        prefix: server.xbezahldienste_prefix.trim_end_matches('/').to_owned(),
        body_limit: server.body_limit_bytes,
        upload_limit: config.statements.upload_limit_bytes,
        keep_redirect_url: server.keep_redirect_url,
        max_in_flight: server.max_in_flight,
        maintenance: server
            .maintenance
            .iter()
            .map(|window| http::Maintenance {
                start: window.start.map(Timestamp::from_instant),
                end: window.end.map(Timestamp::from_instant),
                description: window.description.clone(),
            })
            .collect(),
        metrics: config.metrics.listen.is_none(),
    }
}

/// What the watch over certificates reads again and again: the sections that name them.
fn watched(config: &Config) -> Watched {
    let sections = certificates::Sections::of(config);
    Watched::new(move || sections.read())
}

/// Starts a connector on a listener.
///
/// # Errors
/// Everything that is wrong, with its path.
pub async fn boot(config: &Config, listener: TcpListener, parts: Parts) -> anyhow::Result<Running> {
    let numbers = numbers()?;
    let address = listener.local_addr().context("the listener has no address")?;
    let connector = Connector::open(config, &parts).await?;
    let app = Arc::clone(&connector.app);
    let web = Web::new(Arc::clone(&app), options(config), numbers);
    let stop = CancellationToken::new();
    let (servers, workers) = (TaskTracker::new(), TaskTracker::new());
    let patience = config.server.shutdown;
    servers.spawn(http::serve::serve(
        listener,
        http::router(&web),
        stop.clone(),
        patience,
    ));
    if let Some(own) = config.metrics.listen {
        let listener = TcpListener::bind(own)
            .await
            .with_context(|| format!("metrics.listen: {own} cannot be used"))?;
        servers.spawn(http::serve::serve(
            listener,
            http::metrics_router(&web),
            stop.clone(),
            patience,
        ));
    }
    let watched = watched(config);
    watched.look(&*parts.clock, true).await;
    if parts.workers {
        workers.spawn(certificates::watch(
            watched,
            Arc::clone(&parts.clock),
            stop.clone(),
        ));
        let rhythm = Rhythm {
            sweep: config.worker.sweep_interval,
            deliver: config.worker.delivery_interval,
            receipts: config.worker.receipts_interval,
            drop_folder: config.statements.rhythm,
            rematch: config.worker.rematch,
            closings: CLOSINGS,
        };
        worker::start(&app, rhythm, &stop, &workers);
    }
    tracing::info!(%address, public_url = %config.server.public_url, version = env!("CARGO_PKG_VERSION"), "listening");
    Ok(Running {
        app,
        address,
        connector,
        web,
        stop,
        workers,
        servers,
    })
}

impl Running {
    /// Takes no more requests, finishes what is in flight, and closes the database.
    pub async fn shutdown(self) {
        self.web.stop();
        self.stop.cancel();
        self.servers.close();
        self.servers.wait().await;
        self.workers.close();
        self.workers.wait().await;
        drop((self.app, self.web));
        self.connector.close().await;
        tracing::info!("stopped");
    }
}
