//! The certificates that a configuration names, and how long they last: read anew whenever somebody asks, so that
//! `check`, the numbers and the daily line in the log tell of the files as they are now.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::ports::Clock;
use crate::config::{Config, ProviderSection};
use crate::domain::ids::ProviderId;
use crate::domain::lifetime::Lifetime;
use crate::domain::time::Timestamp;
use crate::provider::tls::facts::{self, Facts};
use crate::provider::tls::{Purpose, TlsFiles};

/// How often the numbers are read anew.
const ROUND: Duration = Duration::from_hours(1);

/// How many rounds lie between two lines in the log.
const ROUNDS_A_DAY: u64 = 24;

/// The most certificates of one file that are shown as numbers: a file may hold the roots of the whole world.
const MOST_NUMBERS: usize = 16;

/// Certificates that stand at one place of the configuration.
#[derive(Debug)]
pub struct Named {
    /// The provider; none for the deliveries.
    pub provider: Option<ProviderId>,
    /// The setting, for example `client_p12` or `notify.ca_pem`.
    pub setting: &'static str,
    /// The file, where the setting names one.
    pub file: Option<String>,
    /// What they are for.
    pub purpose: Purpose,
    /// What they say, in their order; or why they cannot be read.
    pub certificates: Result<Vec<Facts>, String>,
}

impl Named {
    /// `provider epaybl-th: client_p12 /etc/…/client.p12`.
    pub fn place(&self) -> String {
        let owner = self
            .provider
            .as_ref()
            .map_or_else(String::new, |id| format!("provider {id}: "));
        let file = self
            .file
            .as_ref()
            .map_or_else(String::new, |file| format!(" {file}"));
        format!("{owner}{}{file}", self.setting)
    }
}

/// The sections of a configuration that name certificates.
#[derive(Debug, Clone)]
pub struct Sections {
    providers: Vec<(ProviderId, TlsFiles)>,
    deliveries: Option<String>,
}

impl Sections {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Self {
        let providers = config.providers.iter();
        let deliveries = config.notify.table().get("ca_pem");
        Self {
            providers: providers
                .map(|(id, section)| (id.clone(), files(section)))
                .collect(),
            deliveries: deliveries.and_then(toml::Value::as_str).map(str::to_owned),
        }
    }

    /// Every certificate that they name, read now, always in the same order.
    pub fn read(&self) -> Vec<Named> {
        let of_providers = self.providers.iter().flat_map(|(id, files)| {
            files.certificates().into_iter().map(|file| Named {
                provider: Some(id.clone()),
                setting: file.setting,
                file: Some(file.path.display().to_string()),
                purpose: file.purpose,
                certificates: file.certificates.map_err(|error| error.to_string()),
            })
        });
        let of_deliveries = self.deliveries.iter().map(|pem| Named {
            provider: None,
            setting: "notify.ca_pem",
            file: None,
            purpose: Purpose::Trusted,
            certificates: facts::of_pem(pem).map_err(|what| format!("notify.ca_pem {what}")),
        });
        of_providers.chain(of_deliveries).collect()
    }
}

/// The files that a provider's section names. Settings of a wrong type are the provider's own room's to complain of.
pub fn files(section: &ProviderSection) -> TlsFiles {
    toml::Value::Table(section.settings.table().clone())
        .try_into()
        .unwrap_or_default()
}

/// Looks after the certificates until it is told to stop: numbers every hour, lines in the log at once and every day.
pub(super) async fn watch(watched: Watched, clock: Arc<dyn Clock>, stop: CancellationToken) {
    for round in 1_u64.. {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
        watched.look(&*clock, round.is_multiple_of(ROUNDS_A_DAY)).await;
    }
}

/// What is watched: how to read the certificates, and what they were when the providers read them.
#[derive(Clone)]
pub(super) struct Watched {
    read: Arc<dyn Fn() -> Vec<Named> + Send + Sync>,
    in_use: Arc<Vec<Option<Vec<String>>>>,
}

impl Watched {
    /// Notes which certificates are in use from now on.
    pub(super) fn new(read: impl Fn() -> Vec<Named> + Send + Sync + 'static) -> Self {
        let in_use = read().iter().map(serials).collect();
        Self {
            read: Arc::new(read),
            in_use: Arc::new(in_use),
        }
    }

    /// Reads the files, sets the numbers, and where `tell` writes the log. Files may lie on a slow disk.
    pub(super) async fn look(&self, clock: &dyn Clock, tell: bool) {
        let read = Arc::clone(&self.read);
        let Ok(found) = tokio::task::spawn_blocking(move || read()).await else {
            return;
        };
        let now = clock.now();
        for (named, in_use) in found.iter().zip(self.in_use.iter()) {
            let changed = serials(named) != *in_use;
            numbers(named, changed);
            if !tell {
                continue;
            }
            if changed && named.certificates.is_ok() {
                tracing::warn!(
                    place = named.place(),
                    "the file holds other certificates than those in use: restart to use them"
                );
            }
            match &named.certificates {
                Err(error) => {
                    tracing::warn!(place = named.place(), %error, "the certificates cannot be read");
                }
                Ok(all) => all.iter().for_each(|facts| line(named, facts, now)),
            }
        }
    }
}

fn serials(named: &Named) -> Option<Vec<String>> {
    let all = named.certificates.as_ref().ok()?;
    Some(all.iter().map(|facts| facts.serial.clone()).collect())
}

/// One line for a certificate that an operator should know of. The subject may name a person and stays out of the log.
fn line(named: &Named, facts: &Facts, now: Timestamp) {
    let days_left = facts.validity.days_left(now);
    let not_after = facts.validity.not_after;
    let (place, serial) = (named.place(), facts.serial.as_str());
    match facts.validity.lifetime(now) {
        Lifetime::Good => {}
        Lifetime::Soon => {
            tracing::warn!(place, serial, %not_after, days_left, "a certificate ends soon: order the next one");
        }
        Lifetime::Urgent => tracing::warn!(
            alert = true,
            place,
            serial,
            %not_after,
            days_left,
            "a certificate ends within days: replace it and restart"
        ),
        Lifetime::Over => tracing::error!(
            alert = true,
            place,
            serial,
            %not_after,
            days_left,
            "a certificate has ended: replace it and restart"
        ),
        Lifetime::NotYet => tracing::error!(
            alert = true,
            place,
            serial,
            not_before = %facts.validity.not_before,
            "a certificate does not count yet: look at the clock, or take the one before"
        ),
    }
}

fn numbers(named: &Named, changed: bool) {
    let provider = named.provider.as_ref().map_or("", |id| id.as_str()).to_owned();
    let setting = named.setting;
    metrics::gauge!(
        "epaybl_certificate_restart_needed",
        "provider" => provider.clone(),
        "setting" => setting
    )
    .set(f64::from(u8::from(changed)));
    for (index, facts) in named.certificates.iter().flatten().take(MOST_NUMBERS).enumerate() {
        // Beyond 2106 all are as far away as 2106.
        let seconds = u32::try_from(facts.validity.not_after.seconds()).unwrap_or(u32::MAX);
        metrics::gauge!(
            "epaybl_certificate_not_after_seconds",
            "provider" => provider.clone(),
            "setting" => setting,
            "number" => (index + 1).to_string()
        )
        .set(f64::from(seconds));
    }
}

#[cfg(test)]
#[path = "certificates_tests.rs"]
mod tests;
