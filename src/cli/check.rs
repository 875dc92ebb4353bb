//! `check`: everything that can be known before the first payment: configuration, database, certificates and their
//! expiry, providers, routes.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{quiet_log, say};
use crate::app::App;
use crate::app::ports::Clock;
use crate::app::tenants::read_body;
use crate::boot::{Connector, Parts, database, outside};
use crate::config::{Config, environment, tenants};
use crate::domain::tenant::{Route, Target};
use crate::domain::tenants::Tenants;
use crate::domain::time::Timestamp;
use crate::provider::konnektor::certificate_expiry;
use crate::system::SystemClock;

/// A certificate that ends within so many days is worth a warning.
const WARN_DAYS: i64 = 60;

/// What has been found so far.
#[derive(Default)]
struct Report {
    failures: usize,
}

#[expect(clippy::unused_self, reason = "all three read alike")]
impl Report {
    fn ok(&self, what: impl std::fmt::Display) -> std::io::Result<()> {
        say(format_args!("ok    {what}"))
    }

    fn warn(&self, what: impl std::fmt::Display) -> std::io::Result<()> {
        say(format_args!("warn  {what}"))
    }

    fn fail(&mut self, what: impl std::fmt::Display) -> std::io::Result<()> {
        self.failures += 1;
        say(format_args!("FAIL  {what}"))
    }
}

pub(super) async fn run(path: Option<&Path>, tenants_file: Option<&Path>) -> anyhow::Result<ExitCode> {
    quiet_log();
    let mut report = Report::default();
    if path.is_none() {
        report.warn("no --config FILE is given: only the environment (EPAYBL_…) is read")?;
    }
    match Config::load(path, environment()) {
        Err(problems) => {
            for problem in &problems {
                report.fail(format_args!("{}: {}", problem.path, problem.text))?;
            }
        }
        Ok(config) => {
            report.ok("configuration")?;
            let mut wanted = None;
            if let Some(file) = tenants_file {
                match super::tenants::read(&config, file) {
                    Ok(read) => {
                        report.ok(format_args!("tenants file {}", file.display()))?;
                        wanted = Some(read);
                    }
                    Err(error) => report.fail(format_args!("{error:#}"))?,
                }
            }
            check(&config, wanted.as_ref(), &mut report).await?;
        }
    }
    if report.failures == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("{} things are not right", report.failures))?;
    Ok(ExitCode::FAILURE)
}

async fn check(config: &Config, wanted: Option<&Tenants>, report: &mut Report) -> anyhow::Result<()> {
    if let Err(problems) = outside(config) {
        for problem in &problems {
            report.fail(format_args!("{}: {}", problem.path, problem.text))?;
        }
        return Ok(());
    }
    certificates(config, report)?;
    let engine = match database(config).await {
        Ok(engine) => engine,
        Err(error) => return Ok(report.fail(format_args!("{error:#}"))?),
    };
    match engine.missing_migrations().await {
        Err(error) => return Ok(report.fail(format_args!("database: {error}"))?),
        Ok(0) => report.ok("database")?,
        Ok(missing) if config.database.migrates_on_start() => {
            report.warn(format_args!(
                "database: {missing} migrations are missing; the next start applies them"
            ))?;
            return Ok(());
        }
        Ok(missing) => {
            return Ok(report.fail(format_args!(
                "database: {missing} migrations are missing: run `epaybl-connector migrate`"
            ))?);
        }
    }
    engine.close().await;
    let connector = Connector::open(
        config,
        &Parts {
            workers: false,
            ..Parts::default()
        },
    )
    .await?;
    routes(config, &connector.app, report).await?;
    pools(&connector.app, wanted, report).await?;
    connector.close().await;
    Ok(())
}

/// Client certificates of providers: whether they can be read, and when they end.
fn certificates(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let now = SystemClock.now();
    for (id, section) in &config.providers {
        let Some(file) = section
            .settings
            .table()
            .get("client_cert_pem")
            .and_then(toml::Value::as_str)
        else {
            report.warn(format_args!(
                "provider {id}: no client certificate (ePayBL wants one)"
            ))?;
            continue;
        };
        let ends = std::fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|pem| certificate_expiry(&pem).map_err(|error| error.to_string()));
        match ends {
            Err(error) => report.fail(format_args!("provider {id}: {file}: {error}"))?,
            Ok(ends) if ends <= now => {
                report.fail(format_args!(
                    "provider {id}: {file} ended on {}",
                    ends.berlin_day()
                ))?;
            }
            Ok(ends) if ends <= soon(now) => {
                report.warn(format_args!(
                    "provider {id}: {file} ends on {}",
                    ends.berlin_day()
                ))?;
            }
            Ok(ends) => report.ok(format_args!(
                "provider {id}: certificate until {}",
                ends.berlin_day()
            ))?,
        }
    }
    Ok(())
}

fn soon(now: Timestamp) -> Timestamp {
    now.plus_seconds(WARN_DAYS * 86_400)
}

/// Every route in force: complete, its provider configured, reachable, of the same environment, its targets ready.
async fn routes(config: &Config, app: &Arc<App>, report: &mut Report) -> anyhow::Result<()> {
    let objects = app.store.tenants().await?;
    let open: Vec<_> = objects.into_iter().filter(|object| !object.closed).collect();
    let mut tenants = Tenants::default();
    for object in &open {
        match object.kind.as_str() {
            "kasse" => tenants.kassen.push(read_body(object)?),
            "authority" => tenants.authorities.push(read_body(object)?),
            "target" => tenants.targets.push(read_body(object)?),
            "mandant" => tenants.mandanten.push(read_body(object)?),
            "route" => tenants.routes.push(read_body(object)?),
            "client" => tenants.clients.push(read_body(object)?),
            _ => {}
        }
    }
    if tenants.routes.is_empty() {
        report.warn("no route is in force: `tenants apply FILE` brings some")?;
    }
    for problem in tenants::check_stored(&tenants)
        .iter()
        .chain(tenants::check_against(&tenants, config).iter())
    {
        report.fail(format_args!("{}: {}", problem.path, problem.text))?;
    }
    for target in &tenants.targets {
        match app.notifier.check(target) {
            Ok(()) => report.ok(format_args!("target {}", target.id))?,
            Err(why) => report.fail(format_args!("target {}: {why}", target.id))?,
        }
    }
    for route in &tenants.routes {
        check_route(app, &tenants.targets, route, report).await?;
    }
    for client in &tenants.clients {
        if app.store.client_secrets(&client.id).await?.is_empty() {
            let hint = format!("`epaybl-connector client new {}`", client.id);
            report.warn(format_args!("client {} has no secret yet: {hint}", client.id))?;
        }
    }
    Ok(())
}

/// How many Kassenzeichen of our own are left: of what is in force, and of a file that is to be applied.
async fn pools(app: &App, wanted: Option<&Tenants>, report: &mut Report) -> anyhow::Result<()> {
    let in_force = app.mandanten().await?;
    let files = [(in_force.as_slice(), "")];
    let wanted = wanted.map(|wanted| (wanted.mandanten.as_slice(), " of the tenants file"));
    for (mandanten, whose) in files.into_iter().chain(wanted) {
        for level in app.pool_levels(mandanten).await? {
            let told = format!("Kassenzeichen{whose}: {level}");
            match level {
                _ if level.left == 0 => report.fail(format_args!("{told}: payments are refused"))?,
                _ if level.is_low() => {
                    report.warn(format_args!("{told}, fewer than {}", level.warn_below))?;
                }
                _ => report.ok(told)?,
            }
        }
    }
    Ok(())
}

async fn check_route(
    app: &App,
    targets: &[Target],
    route: &Route,
    report: &mut Report,
) -> anyhow::Result<()> {
    let key = route.key();
    let Some(provider) = app.providers.get(&route.provider) else {
        return Ok(());
    };
    if let Some(missing) = route
        .targets
        .iter()
        .find(|id| !targets.iter().any(|target| target.id == **id))
    {
        report.fail(format_args!("route {key}: target {missing} is not in force"))?;
    }
    match provider.alive(&route.mandant, &route.bewirtschafter).await {
        Ok(()) => report.ok(format_args!("route {key}: {} answers", route.provider))?,
        Err(refusal) => {
            report.fail(format_args!(
                "route {key}: {} ({}): {}",
                route.provider, refusal.code, refusal.text
            ))?;
            return Ok(());
        }
    }
    if let Ok(offered) = provider.methods(&route.mandant, &route.bewirtschafter).await {
        for method in &route.methods {
            if !offered.iter().any(|offered| offered.code == method.code) {
                report.warn(format_args!(
                    "route {key}: {} is not offered by {}",
                    method.code, route.provider
                ))?;
            }
        }
    }
    Ok(())
}
