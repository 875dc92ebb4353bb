//! `check`: everything that can be known before the first payment: configuration, database, certificates and their
//! expiry, providers, routes.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{quiet_log, say};
use crate::app::App;
use crate::app::ports::Clock;
use crate::app::tenants::read_body;
use crate::boot::certificates::{Named, Sections, files};
use crate::boot::{Connector, Parts, check_postings, database, drop_folder, outside};
use crate::config::{Config, Problems, ProviderKind, environment, tenants};
use crate::domain::lifetime::Lifetime;
use crate::domain::tenant::{Route, Target};
use crate::domain::tenants::Tenants;
use crate::domain::time::Timestamp;
use crate::provider::soap::{LookUp, SoapConfig};
use crate::provider::tls::Purpose;
use crate::provider::tls::facts::Facts;
use crate::provider::xbezahldienste::XbezahldiensteConfig;
use crate::system::SystemClock;

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
    let parts = Parts {
        workers: false,
        ..Parts::default()
    };
    if let Err(problems) = outside(config, &parts.clock) {
        for problem in &problems {
            report.fail(format_args!("{}: {}", problem.path, problem.text))?;
        }
        return Ok(());
    }
    certificates(config, report)?;
    if let Some(folder) = drop_folder(config) {
        match folder.check() {
            Ok(()) => report.ok("statements.drop_folder")?,
            Err(error) => report.fail(format_args!("statements.drop_folder: {error}"))?,
        }
    }
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
    let connector = Connector::open(config, &parts).await?;
    routes(config, &connector.app, report).await?;
    pools(&connector.app, wanted, report).await?;
    connector.close().await;
    Ok(())
}

/// Every certificate that the configuration names: whether it can be read, whose it is, and how long it lasts.
fn certificates(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let now = SystemClock.now();
    for (id, section) in &config.providers {
        if section.kind.wants_certificate() && !files(section).says_who_we_are() {
            report.warn(format_args!(
                "provider {id}: no client certificate, and ePayBL wants one: set client_p12, or client_cert_pem and \
                 client_key_pem"
            ))?;
        }
    }
    for named in Sections::of(config).read() {
        let place = named.place();
        let all = match &named.certificates {
            Ok(all) => all,
            Err(error) => {
                match &named.provider {
                    Some(id) => report.fail(format_args!("provider {id}: {error}"))?,
                    None => report.fail(error)?,
                }
                continue;
            }
        };
        for facts in all {
            certificate(&named, all, facts, now, report)?;
        }
        if named.purpose == Purpose::Ours && all.first().is_some_and(|ours| !ours.for_clients) {
            report.warn(format_args!(
                "{place}: the certificate is not meant for clients (its extended key usage lacks clientAuth); servers \
                 that look at that refuse it"
            ))?;
        }
    }
    Ok(())
}

fn certificate(
    named: &Named,
    all: &[Facts],
    facts: &Facts,
    now: Timestamp,
    report: &mut Report,
) -> std::io::Result<()> {
    let what = format!(
        "{}: certificate of {}, serial {}, until {}",
        named.place(),
        facts.subject,
        facts.serial,
        facts.validity.not_after.berlin_day()
    );
    let days = facts.validity.days_left(now);
    match facts.validity.lifetime(now) {
        Lifetime::Good => report.ok(format_args!("{what}, {days} days left")),
        Lifetime::Soon => report.warn(format_args!("{what}, {days} days left: order the next one")),
        Lifetime::Urgent => report.warn(format_args!("{what}, only {days} days left: replace it")),
        // One root that has ended hurts nobody while its successor stands beside it.
        Lifetime::Over
            if named.purpose == Purpose::Trusted
                && all
                    .iter()
                    .any(|other| other.validity.lifetime(now) != Lifetime::Over) =>
        {
            report.warn(format_args!("{what}: it has ended; take it out"))
        }
        Lifetime::Over => report.fail(format_args!("{what}: it has ended; replace it")),
        Lifetime::NotYet => report.fail(format_args!(
            "{what}: it counts only from {} on; look at the clock of this machine",
            facts.validity.not_before
        )),
    }
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
        .chain(check_postings(&tenants).iter())
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
        if let Some(setting) = cannot_be_asked_for(config, &tenants, route) {
            report.warn(format_args!(
                "route {}: after a lost answer nobody can ask whether the payment exists, and a person must clear it \
                 up: set {setting}, if its operator confirms that",
                route.key()
            ))?;
        }
    }
    for mandant in tenants
        .mandanten
        .iter()
        .filter(|mandant| mandant.exclusive_cursor)
    {
        report.ok(format_args!(
            "mandant {}: its list of unread receipts is ours alone (exclusive_cursor), no other procedure sees it",
            mandant.id()
        ))?;
    }
    for client in &tenants.clients {
        if app.store.client_secrets(&client.id).await?.is_empty() {
            let hint = format!("`epaybl-connector client new {}`", client.id);
            report.warn(format_args!("client {} has no secret yet: {hint}", client.id))?;
        }
    }
    Ok(())
}

/// The setting that would let a lost answer be asked for, where the route's provider does without.
fn cannot_be_asked_for(config: &Config, tenants: &Tenants, route: &Route) -> Option<String> {
    let section = config.providers.get(&route.provider)?;
    // What is wrong in a section was told before.
    let ignored = &mut Problems::default();
    match section.kind {
        ProviderKind::Konnektor => None,
        ProviderKind::Soap => {
            let settings: SoapConfig = section.settings.read(ignored)?;
            let own = tenants.mandanten.iter().any(|mandant| {
                mandant.provider == route.provider
                    && mandant.number == route.mandant
                    && !mandant.pool_of(&route.bewirtschafter).is_empty()
            });
            let asks = settings.profile(&route.mandant).look_up == LookUp::LesenTransaktion;
            (!asks && !own).then(|| {
                format!(
                    "providers.{}.profile.look_up = \"lesen_transaktion\"",
                    route.provider
                )
            })
        }
        ProviderKind::Xbezahldienste => {
            let settings: XbezahldiensteConfig = section.settings.read(ignored)?;
            (!settings.transaction_id_is_request_id)
                .then(|| format!("providers.{}.transaction_id_is_request_id = true", route.provider))
        }
    }
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
                "route {key}: {}, Mandant {}, Bewirtschafter {} ({}): {}",
                route.provider, route.mandant, route.bewirtschafter, refusal.code, refusal.text
            ))?;
            return Ok(());
        }
    }
    if let Ok(offered) = provider.methods(&route.mandant, &route.bewirtschafter).await {
        // A provider that does not say what it offers names nothing.
        for method in route.methods.iter().filter(|_| !offered.is_empty()) {
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
