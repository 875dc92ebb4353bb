//! A stage with all the parties on free loopback ports: ePayBL (the sandbox), a gateway (the receiver), and the
//! connector between them with the demonstration's tenants. The demo plays on it, and so do the whole-program tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use url::Url;

use crate::app::ports::Ids;
use crate::boot::{Parts, Running, boot, check_postings};
use crate::config::{Config, Secrets, tenants};
use crate::domain::ids::ClientId;
use crate::receiver::Receiver;
use crate::sandbox::{self, Sandbox};

/// The tenants of the demonstration.
pub const TENANTS: &str = include_str!("../fixtures/demo/tenants.toml");

/// What can be chosen.
#[derive(Default)]
pub struct StageOptions {
    /// The database; an SQLite file in the stage's folder where none is named.
    pub database_url: Option<String>,
    /// Clock, randomness, workers.
    pub parts: Parts,
    /// The sandbox's own choices.
    pub sandbox: sandbox::Options,
    /// The section `[providers.epaybl-th]`, in place of the Konnektor's; `{sandbox}` stands for the sandbox's address.
    pub provider: Option<String>,
    /// More lines for the configuration, after all sections, for example `[worker]` settings.
    pub extra: String,
    /// Environment variables over the configuration file, for example `EPAYBL_SERVER__PAY_WAIT_SECONDS`.
    pub environment: Vec<(String, String)>,
}

/// Everybody who takes part.
pub struct Stage {
    /// ePayBL.
    pub sandbox: Sandbox,
    /// The gateway.
    pub gateway: Receiver,
    /// The connector.
    pub connector: Running,
    /// Its configuration file.
    pub config_file: PathBuf,
    /// Its tenants file.
    pub tenants_file: PathBuf,
    /// The folder of both, and of the SQLite file.
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Stage {
    /// Sets the stage in a folder that the caller keeps.
    ///
    /// # Errors
    /// Where a part cannot be started; says which.
    pub async fn set(folder: &Path, options: StageOptions) -> anyhow::Result<Self> {
        let sandbox = Sandbox::start(listener().await?, options.sandbox)
            .await
            .context("the sandbox")?;
        let ids = Arc::clone(&options.parts.ids);
        let gateway_secret = gateway_secret(&*ids);
        let clock = Arc::clone(&options.parts.clock);
        let seconds: crate::receiver::SecondsClock = Arc::new(move || clock.now().seconds());
        let gateway =
            Receiver::start_with(listener().await?, &gateway_secret, Some(seconds)).context("the gateway")?;
        let listener = listener().await?;
        let own = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        let database_url = options
            .database_url
            .unwrap_or_else(|| format!("sqlite:{}", folder.join("connector.sqlite").display()));
        let text = config_text(
            &*ids,
            &own,
            &database_url,
            &gateway_secret,
            &provider_text(&sandbox, options.provider.as_deref()),
            &options.extra,
        );
        let config_file = folder.join("connector.toml");
        std::fs::write(&config_file, text).with_context(|| config_file.display().to_string())?;
        let tenants_file = folder.join("tenants.toml");
        std::fs::write(&tenants_file, tenants_text(&gateway))
            .with_context(|| tenants_file.display().to_string())?;
        let config = read_config(&config_file, &options.environment)?;
        let connector = boot(&config, listener, options.parts)
            .await
            .context("the connector")?;
        let stage = Self {
            sandbox,
            gateway,
            connector,
            config_file,
            tenants_file,
            folder: folder.to_owned(),
            environment: options.environment,
        };
        stage.apply_tenants(&tenants_text(&stage.gateway)).await?;
        Ok(stage)
    }

    /// Applies tenants, as `tenants apply` does.
    ///
    /// # Errors
    /// Where they are not right.
    pub async fn apply_tenants(&self, text: &str) -> anyhow::Result<()> {
        let wanted = tenants::parse(text)?;
        check_postings(&wanted).or(Some(()))?;
        let app = &self.connector.app;
        let plan = app.plan_tenants(&wanted, false).await?;
        app.apply_tenants(&wanted, &plan).await?;
        Ok(())
    }

    /// The tenants of this stage, to be changed and applied again.
    pub fn tenants(&self) -> String {
        tenants_text(&self.gateway)
    }

    /// Issues a client's first secret, as `client new` does.
    ///
    /// # Errors
    /// Where the client has one already.
    pub async fn client_secret(&self, client: &str) -> anyhow::Result<String> {
        Ok(self
            .connector
            .app
            .issue_secret(&ClientId::parse(client)?, false)
            .await?)
    }

    /// An address of the connector.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.connector.address)
    }

    /// Stops the connector and starts it again on the same address and database, as after a deployment; with its
    /// configuration file as it is now.
    ///
    /// # Errors
    /// Where it does not start again.
    pub async fn restart(self, parts: Parts) -> anyhow::Result<Self> {
        let Self {
            sandbox,
            gateway,
            connector,
            config_file,
            tenants_file,
            folder,
            environment,
        } = self;
        let config = read_config(&config_file, &environment)?;
        let address = connector.address;
        connector.shutdown().await;
        let listener = TcpListener::bind(address)
            .await
            .context("the connector's address")?;
        let connector = boot(&config, listener, parts).await.context("the connector")?;
        Ok(Self {
            sandbox,
            gateway,
            connector,
            config_file,
            tenants_file,
            folder,
            environment,
        })
    }

    /// The configuration as it is now, for another connector on the same database.
    ///
    /// # Errors
    /// Where it was made wrong.
    pub fn config(&self) -> anyhow::Result<Config> {
        read_config(&self.config_file, &self.environment)
    }

    /// The folder of configuration and SQLite file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everybody goes home.
    pub async fn close(self) {
        self.connector.shutdown().await;
        self.gateway.shutdown().await;
        self.sandbox.shutdown().await;
    }
}

fn read_config(file: &Path, environment: &[(String, String)]) -> anyhow::Result<Config> {
    Ok(Config::load(Some(file), environment.iter().cloned())?)
}

async fn listener() -> anyhow::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0")
        .await
        .context("no free port on 127.0.0.1")
}

fn gateway_secret(ids: &dyn Ids) -> String {
    let mut random = [0; 32];
    ids.fill(&mut random);
    format!("whsec_{}", data_encoding::BASE64.encode(&random))
}

fn tenants_text(gateway: &Receiver) -> String {
    let url = gateway.events_url();
    TENANTS
        .replace("http://127.0.0.1:8090/events/bad-langensalza", &url)
        .replace("http://127.0.0.1:8090/events/unstrut-hainich", &url)
}

fn provider_text(sandbox: &Sandbox, other: Option<&str>) -> String {
    let base = sandbox.base_url().as_str().trim_end_matches('/');
    match other {
        Some(other) => other.replace("{sandbox}", base),
        None => format!(
            "[providers.epaybl-th]\nkind = \"konnektor\"\nenvironment = \"test\"\nbase_url = \"{}\"\n\
             zvp = \"epaybl\"\n\n[providers.epaybl-th.callback]\nsecrets = [\"sandbox-secret\"]",
            sandbox.konnektor_url()
        ),
    }
}

fn config_text(
    ids: &dyn Ids,
    own: &Url,
    database_url: &str,
    gateway_secret: &str,
    provider: &str,
    extra: &str,
) -> String {
    let mut random = [[0; 32]; 4];
    for key in &mut random {
        ids.fill(key);
    }
    let secrets = Secrets::generate_toml("1", "epaybl.demo.example", &random);
    let listen = own.authority();
    format!(
        "{}\n\n[server]\nlisten = \"{listen}\"\npublic_url = \"{own}\"\n\n[database]\nurl = \"{database_url}\"\n\
         migrate_on_start = true\n\n[log]\nformat = \"text\"\n\n\
         {provider}\n\n\
         [notify.secrets]\nkommunalgateway-bad-langensalza = [\"{gateway_secret}\"]\n\
         kommunalgateway-unstrut-hainich = [\"{gateway_secret}\"]\n\n{extra}\n",
        secrets.trim_end()
    )
}
