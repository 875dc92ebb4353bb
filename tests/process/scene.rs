//! ePayBL, a gateway, a database, and the configuration of a connector between them.

use std::path::PathBuf;

use epaybl_connector::receiver::Receiver;
use epaybl_connector::sandbox::{self, Sandbox};
use reqwest::StatusCode;
use tempfile::TempDir;
use tokio::net::TcpListener;
use toml::{Table, Value};

use crate::child::{self, Process, Said};
use crate::patience;
use crate::portal::{Portal, http_client};
use crate::support::Database;

/// The demonstration's tenants, whose targets are the scene's gateway.
const TENANTS: &str = include_str!("../../fixtures/demo/tenants.toml");

const GATEWAY_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The two targets of the tenants.
const TARGETS: [&str; 2] = [
    "kommunalgateway-bad-langensalza",
    "kommunalgateway-unstrut-hainich",
];

/// Everything but the connector.
pub(crate) struct Scene {
    /// Configuration, tenants, output, and the SQLite file.
    pub(crate) folder: TempDir,
    /// ePayBL.
    pub(crate) sandbox: Sandbox,
    /// The gateway.
    pub(crate) gateway: Receiver,
    /// The database.
    pub(crate) database_url: String,
    /// The configuration, to be changed and written again.
    pub(crate) config: Table,
    /// The connector's port.
    pub(crate) port: u16,
    /// The secret of the client «thavel», once it is issued.
    pub(crate) secret: String,
}

impl Scene {
    /// Sandbox, gateway and configuration; the database is as it came.
    pub(crate) async fn bare(database: &Database, options: sandbox::Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Sandbox::start(listener().await, options)
            .await
            .expect("a sandbox");
        let gateway = Receiver::start(listener().await, GATEWAY_SECRET).expect("a gateway");
        let sqlite = || format!("sqlite:{}", folder.path().join("books.sqlite").display());
        let database_url = database.url.clone().unwrap_or_else(sqlite);
        let port = free_port().await;
        let keys = child::run(&["audit", "keygen", "--origin", "epaybl.demo.example"], &[])
            .await
            .exits(0);
        let mut config: Table = keys.out.parse().expect("keygen prints TOML");
        let konnektor = sandbox.konnektor_url();
        let rest: Table = format!(
            r#"
            server = {{ listen = "127.0.0.1:{port}", public_url = "http://127.0.0.1:{port}" }}
            database.url = "{database_url}"
            [providers.epaybl-th]
            kind = "konnektor"
            environment = "test"
            base_url = "{konnektor}"
            connect_timeout_seconds = 1
            open_timeout_seconds = 3
            ask_timeout_seconds = 3
            callback.secrets = ["sandbox-secret"]
            [worker]
            sweep_interval_ms = 100
            delivery_interval_ms = 50
            lease_seconds = 5
            first_ask_seconds = 1
            ask_max_seconds = 2
            [notify]
            timeout_seconds = 4
            [notify.secrets]
            {} = ["{GATEWAY_SECRET}"]
            {} = ["{GATEWAY_SECRET}"]
            "#,
            TARGETS[0], TARGETS[1]
        )
        .parse()
        .expect("TOML");
        config.extend(rest);
        let scene = Self {
            folder,
            sandbox,
            gateway,
            database_url,
            config,
            port,
            secret: String::new(),
        };
        scene.write();
        std::fs::write(scene.tenants_file(), scene.tenants()).expect("written");
        scene
    }

    /// The same, with tables, tenants and the client's secret, all made by the program itself.
    pub(crate) async fn set(database: &Database, options: sandbox::Options) -> Self {
        let mut scene = Self::bare(database, options).await;
        scene.command(&["migrate"]).await.exits(0);
        let file = scene.tenants_file().display().to_string();
        scene.command(&["tenants", "apply", &file]).await.exits(0);
        let issued = scene.command(&["client", "new", "thavel"]).await.exits(0);
        scene.secret = secret(&issued.out);
        scene
    }

    /// Changes a setting, by its path, and writes the file.
    pub(crate) fn setting(&mut self, path: &str, value: impl Into<Value>) {
        let (sections, name) = path.rsplit_once('.').expect("a path of a setting");
        let mut table = &mut self.config;
        for section in sections.split('.') {
            let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            table = entry.as_table_mut().expect("a section");
        }
        table.insert(name.to_owned(), value.into());
        self.write();
    }

    /// Writes the configuration file.
    pub(crate) fn write(&self) {
        let text = toml::to_string(&self.config).expect("TOML");
        std::fs::write(self.config_file(), text).expect("written");
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.path().join("connector.toml")
    }

    pub(crate) fn tenants_file(&self) -> PathBuf {
        self.folder.path().join("tenants.toml")
    }

    /// The tenants of this scene.
    pub(crate) fn tenants(&self) -> String {
        let url = self.gateway.events_url();
        TENANTS
            .replace("http://127.0.0.1:8090/events/bad-langensalza", &url)
            .replace("http://127.0.0.1:8090/events/unstrut-hainich", &url)
    }

    /// Runs a command on this configuration.
    pub(crate) async fn command(&self, args: &[&str]) -> Said {
        self.command_with(args, &[]).await
    }

    /// The same, with an environment.
    pub(crate) async fn command_with(&self, args: &[&str], env: &[(&str, &str)]) -> Said {
        let config = self.config_file().display().to_string();
        child::run(&[&["--config", &config], args].concat(), env).await
    }

    /// Starts a connector; does not wait for it.
    pub(crate) fn start(&self, name: &str, env: &[(&str, &str)]) -> Process {
        let config = self.config_file().display().to_string();
        Process::start(self.folder.path(), name, &["serve", "--config", &config], env)
    }

    /// Starts a connector on the scene's port, and waits until it is ready. Where something else of this machine has
    /// taken the port meanwhile, it is tried again.
    pub(crate) async fn serve(&self) -> Process {
        self.serve_on(self.port, "serve").await
    }

    /// The same on another port.
    pub(crate) async fn serve_on(&self, port: u16, name: &str) -> Process {
        let listen = format!("127.0.0.1:{port}");
        let env = [("EPAYBL_SERVER__LISTEN", listen.as_str())];
        let mut process = self.start(name, &env);
        let ready = format!("http://{listen}/readyz");
        let http = http_client();
        patience::until(30, "a connector that is ready", async || {
            if process.ended().is_some() {
                let said = process.stderr();
                assert!(said.contains("cannot be used"), "the connector ended: {said}");
                process = self.start(name, &env);
            }
            let answer = http.get(&ready).send().await.ok()?;
            (answer.status() == StatusCode::OK).then_some(())
        })
        .await;
        process
    }

    /// An address of the connector.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The portal.
    pub(crate) fn portal(&self) -> Portal {
        Portal::new(self.url(""), &self.secret)
    }
}

/// The secret in what `client new` and `client rotate` print.
pub(crate) fn secret(out: &str) -> String {
    let line = out.lines().find_map(|line| line.strip_prefix("client_secret"));
    line.expect("a secret is shown").trim().to_owned()
}

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

/// A port that is free now.
pub(crate) async fn free_port() -> u16 {
    listener().await.local_addr().expect("an address").port()
}
