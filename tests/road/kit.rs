//! The world of a story: all parties on a stage, a clock that the story moves, and what one wants to read of them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use epaybl_connector::app::ports::{AuditQuery, Clock};
use epaybl_connector::boot::Parts;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::domain::time::Timestamp;
use epaybl_connector::receiver::Receiver;
use epaybl_connector::sandbox::{self, Delays, PaymentInfo, Sandbox};
use epaybl_connector::stage::{Stage, StageOptions};
use epaybl_connector::system::SystemIds;
use reqwest::redirect::Policy;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::support::{self, Database};
use crate::tls::Secured;

/// The route whose Soll is booked with the payment; its methods are KREDITKARTE and PAYPAL.
pub const CERTIFICATE: &str = "thavel-geburtsurkunde/16064003";
/// The route whose Soll is booked when the provider has taken the request; KREDITKARTE and SEPASDD.
pub const CAR: &str = "thavel-ikfz/16064";
/// The secret of a second gateway, whose target `fachverfahren` stories may add.
pub const SECOND_GATEWAY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The longest rows that a story's ledger has.
const ALL: u64 = 1000;

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Everybody who takes part, and the clock.
pub struct World {
    /// The name of its provider.
    pub provider: &'static str,
    pub clock: TestClock,
    /// A client that follows no redirects.
    pub http: reqwest::Client,
    /// The secret of the client `thavel`.
    pub secret: String,
    stage: Option<Stage>,
    database_url: String,
    _folder: TempDir,
}

/// Plays a story on every database, each with a world of its own, and verifies the books at its end.
pub async fn on_every_database(story: impl AsyncFn(&mut World)) {
    on_every_database_with(&[], story).await;
}

/// The same with settings over the configuration file, as environment variables.
pub async fn on_every_database_with(environment: &[(&str, &str)], story: impl AsyncFn(&mut World)) {
    for database in support::schemas().await {
        play(&database, environment, &Provider::default(), &story).await;
    }
}

/// The same with another provider, for each of these.
pub async fn with_each_provider(providers: &[Provider], story: impl AsyncFn(&mut World)) {
    for provider in providers {
        for database in support::schemas().await {
            play(&database, &[], provider, &story).await;
        }
    }
}

async fn play(
    database: &Database,
    environment: &[(&str, &str)],
    provider: &Provider,
    story: &impl AsyncFn(&mut World),
) {
    let _named = Named(format!("{} with {}", database.kind(), provider.name));
    let mut world = World::new(database, environment, provider).await;
    story(&mut world).await;
    world.everything_is_whole().await;
    world.stage.take().expect("a stage").close().await;
}

/// The provider of a world: its section of the configuration, and who is there at the sandbox.
#[derive(Clone)]
pub struct Provider {
    pub name: &'static str,
    /// In place of the Konnektor's section; `{sandbox}` is the sandbox's address, and over TLS `{root}` is the file of
    /// its root.
    pub section: Option<String>,
    pub at_sandbox: fn(&mut sandbox::Account),
    /// The sandbox listens over TLS, and knows clients by their certificates.
    pub tls: bool,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            name: "konnektor",
            section: None,
            at_sandbox: |_| {},
            tls: false,
        }
    }
}

/// Says on which database and with which provider a story failed.
struct Named(String);

impl Drop for Named {
    #[expect(clippy::print_stderr, reason = "a failed story tells where it failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the story failed on {}", self.0);
        }
    }
}

impl World {
    async fn new(database: &Database, environment: &[(&str, &str)], provider: &Provider) -> Self {
        // Stories leap over hours; those about sessions end them by hand.
        let mut world = sandbox::World::demo().with_endless_sessions();
        world.accounts.iter_mut().for_each(provider.at_sandbox);
        let folder = tempfile::tempdir().expect("a folder");
        let start: jiff::Timestamp = "2026-11-21T10:15:30Z".parse().expect("an instant");
        let clock = TestClock(Arc::new(AtomicI64::new(start.as_millisecond())));
        let second = format!("[\"{SECOND_GATEWAY}\"]");
        let settings = [
            ("EPAYBL_SERVER__RETURN_WAIT_SECONDS", "1"),
            ("EPAYBL_SERVER__PAY_WAIT_SECONDS", "1"),
            ("EPAYBL_NOTIFY__SECRETS__FACHVERFAHREN", &second),
        ];
        let environment = settings.iter().chain(environment);
        let sandbox_clock = clock.clone();
        let secured = provider.tls.then(|| Secured::new(folder.path()));
        let root = secured
            .as_ref()
            .map(|secured| secured.root_file.display().to_string());
        let section = provider.section.as_ref();
        let options = StageOptions {
            database_url: database.url.clone(),
            parts: parts(&clock),
            sandbox: sandbox::Options {
                world,
                magic_cents: false,
                clock: sandbox::Clock::from_fn(move || sandbox_clock.now().instant()),
                delays: Delays {
                    slow: Duration::from_secs(2),
                    silence: Duration::from_secs(1),
                    notify_pauses: Vec::new(),
                    ..Delays::default()
                },
                tls: secured.as_ref().map(|secured| secured.tls.clone()),
                ..sandbox::Options::default()
            },
            provider: section.map(|section| section.replace("{root}", &root.unwrap_or_default())),
            environment: environment
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..StageOptions::default()
        };
        let stage = Stage::set(folder.path(), options)
            .await
            .expect("the stage is set");
        let secret = stage.client_secret("thavel").await.expect("a secret");
        let roots = secured.iter().map(|secured| secured.root.clone());
        let http = reqwest::Client::builder()
            .tls_certs_merge(roots)
            .redirect(Policy::none())
            .build()
            .expect("an HTTP client");
        let file = || format!("sqlite:{}", folder.path().join("connector.sqlite").display());
        let database_url = database.url.clone().unwrap_or_else(file);
        Self {
            provider: provider.name,
            clock,
            http,
            secret,
            stage: Some(stage),
            database_url,
            _folder: folder,
        }
    }

    pub fn stage(&self) -> &Stage {
        self.stage.as_ref().expect("a stage")
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.stage().sandbox
    }

    pub fn gateway(&self) -> &Receiver {
        &self.stage().gateway
    }

    pub fn url(&self, path: &str) -> String {
        self.stage().url(path)
    }

    /// Time goes by.
    pub fn forward(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Stops the connector and starts it again with its configuration file as it is now.
    pub async fn restart(&mut self) {
        let stage = self.stage.take().expect("a stage");
        let stage = stage.restart(parts(&self.clock)).await.expect("it starts again");
        self.stage = Some(stage);
    }

    /// Changes the configuration file and starts again.
    pub async fn reconfigure(&mut self, change: impl FnOnce(String) -> String) {
        let file = self.stage().config_file.clone();
        let text = std::fs::read_to_string(&file).expect("the configuration");
        std::fs::write(&file, change(text)).expect("the configuration is written");
        self.restart().await;
    }

    /// Changes the tenants, from what the stage began with.
    pub async fn tenants(&self, change: impl FnOnce(String) -> String) {
        self.stage()
            .apply_tenants(&change(self.stage().tenants()))
            .await
            .expect("tenants are applied");
    }

    /// Waits until what goes on beside requests (the question after a callback) has ended.
    pub async fn idle(&self) {
        let tasks = &self.stage().connector.app.tasks;
        tasks.close();
        tasks.wait().await;
        tasks.reopen();
    }

    /// Lets the sweeper do everything that is due now.
    pub async fn sweep(&self) {
        self.idle().await;
        while self
            .stage()
            .connector
            .app
            .sweep()
            .await
            .expect("the sweeper takes what is due")
            > 0
        {}
    }

    /// Tries every delivery that is due now.
    pub async fn deliver(&self) {
        self.idle().await;
        while self
            .stage()
            .connector
            .app
            .deliver()
            .await
            .expect("deliveries are taken")
            > 0
        {}
    }

    /// Time goes by in steps, and everybody works after each.
    pub async fn live(&self, seconds: i64, step: i64) {
        for _ in 0..seconds / step {
            self.forward(step);
            self.sweep().await;
        }
        self.deliver().await;
    }

    async fn rows(&self, query: AuditQuery) -> Vec<(LedgerId, Value)> {
        let books = &self.stage().connector.app.store;
        let mut all = Vec::new();
        for head in books.heads().await.expect("heads") {
            let rows = books.audit_rows(query, &head.ledger, 0, ALL).await.expect("rows");
            all.extend(rows.into_iter().map(|row| (head.ledger.clone(), row)));
        }
        all
    }

    /// The bookings of all ledgers in their order: `zahlung: verrechnung/… an forderung 15.00`, lines joined by `, `.
    pub async fn bookings(&self) -> Vec<String> {
        self.idle().await;
        let rows = self.rows(AuditQuery::Bookings).await;
        rows.iter().map(|(_, row)| booking(row)).collect()
    }

    /// Kind and sum of every booking, in cents.
    pub async fn booked(&self) -> Vec<(String, i64)> {
        self.idle().await;
        let rows = self.rows(AuditQuery::Bookings).await;
        let sum = |row: &Value| lines(row).iter().map(|line| number(line, "cents")).sum();
        rows.iter()
            .map(|(_, row)| (text(row, "kind"), sum(row)))
            .collect()
    }

    /// The codes of all exceptions, in their order.
    pub async fn exceptions(&self) -> Vec<String> {
        self.idle().await;
        let rows = self.rows(AuditQuery::Exceptions).await;
        rows.iter().map(|(_, row)| text(row, "code")).collect()
    }

    /// How many callbacks the log holds.
    pub async fn callbacks(&self) -> usize {
        self.idle().await;
        let rows = self.rows(AuditQuery::Records).await;
        rows.iter()
            .filter(|(_, row)| text(row, "kind") == "callback")
            .count()
    }

    /// Delivers, and tells what the gateway has heard: `payment.paid.v1`, in the order of arrival.
    pub async fn heard(&self) -> Vec<String> {
        self.deliver().await;
        let short = |kind: &str| kind.trim_start_matches("de.epaybl_connector.").to_owned();
        self.gateway()
            .events()
            .iter()
            .map(|event| short(&event.kind))
            .collect()
    }

    /// The newest payment at the sandbox.
    pub fn newest(&self) -> PaymentInfo {
        self.sandbox().payments().pop().expect("a payment at the sandbox")
    }

    /// The audit holds, and what is in Soll is in Haben.
    pub async fn everything_is_whole(&self) {
        self.idle().await;
        let verified = self.stage().connector.app.verify_audit().await;
        assert!(
            verified.is_ok(),
            "{}",
            verified.err().map(|why| why.to_string()).unwrap_or_default()
        );
        let balances = self.rows(AuditQuery::Balances).await;
        let sum = |side: &str| balances.iter().map(|(_, row)| number(row, side)).sum::<i64>();
        assert_eq!(sum("debit_cents"), sum("credit_cents"), "Soll and Haben");
    }

    /// Does something to the database behind the program's back, if the database lets it.
    pub async fn sql(&self, statement: &str) -> Result<(), sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.is_postgres() {
            let mut database = PgConnection::connect(&self.database_url).await?;
            sqlx::raw_sql(statement).execute(&mut database).await?;
        } else {
            let mut database = SqliteConnection::connect(&self.database_url).await?;
            sqlx::raw_sql(statement).execute(&mut database).await?;
        }
        Ok(())
    }

    /// Asks the database for one number.
    pub async fn number(&self, query: &str) -> i64 {
        let query = AssertSqlSafe(query.to_owned());
        if self.is_postgres() {
            let mut database = PgConnection::connect(&self.database_url)
                .await
                .expect("the database");
            sqlx::query_scalar(query)
                .fetch_one(&mut database)
                .await
                .expect("a number")
        } else {
            let mut database = SqliteConnection::connect(&self.database_url)
                .await
                .expect("the database");
            sqlx::query_scalar(query)
                .fetch_one(&mut database)
                .await
                .expect("a number")
        }
    }

    /// The first column of what a query finds, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        let rows: Result<Vec<String>, _> = if self.is_postgres() {
            let mut database = PgConnection::connect(&self.database_url)
                .await
                .expect("the database");
            sqlx::query_scalar(query).fetch_all(&mut database).await
        } else {
            let mut database = SqliteConnection::connect(&self.database_url)
                .await
                .expect("the database");
            sqlx::query_scalar(query).fetch_all(&mut database).await
        };
        rows.expect("the query runs")
    }

    pub fn is_postgres(&self) -> bool {
        self.database_url.starts_with("postgres")
    }
}

/// What a connector of this world is made of.
pub fn parts(clock: &TestClock) -> Parts {
    Parts {
        clock: Arc::new(clock.clone()),
        ids: Arc::new(SystemIds),
        workers: false,
    }
}

fn booking(row: &Value) -> String {
    let mut told = format!("{}:", text(row, "kind"));
    for (n, line) in lines(row).iter().enumerate() {
        let cents = number(line, "cents");
        let (from, to) = (text(line, "debit_account"), text(line, "credit_account"));
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(told, "{comma} {from} an {to} {}.{:02}", cents / 100, cents % 100);
    }
    told
}

fn lines(row: &Value) -> &[Value] {
    row["lines"].as_array().map_or(&[], Vec::as_slice)
}

fn text(row: &Value, member: &str) -> String {
    row[member].as_str().unwrap_or_default().to_owned()
}

fn number(row: &Value, member: &str) -> i64 {
    row[member].as_i64().unwrap_or_default()
}
