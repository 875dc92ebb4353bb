//! What can be wrong between entries of the tenants file, and between it and the configuration.
//!
//! References are checked on the raw tables, so that an entry with a problem of its own still counts as being there.

use std::collections::BTreeMap;

use toml::Value;

use super::{Entry, File, mandant};
use crate::config::problems::{Problems, did_you_mean};
use crate::config::providers::{ProviderKind, ProviderSection};
use crate::domain::ids::{LedgerId, ProviderId};
use crate::domain::tenant::Environment;
use crate::domain::tenants::Tenants;

pub(super) fn check(file: &File, problems: &mut Problems) {
    for entries in [
        &file.kassen,
        &file.authorities,
        &file.targets,
        &file.mandanten,
        &file.routes,
        &file.clients,
    ] {
        unique(entries, problems);
    }
    let of_a_kasse = file.authorities.iter().chain(&file.targets);
    for entry in of_a_kasse.chain(&file.mandanten) {
        refers(
            entry.text("kasse"),
            &file.kassen,
            "Kasse",
            &entry.at("kasse"),
            problems,
        );
    }
    for route in &file.routes {
        refers(
            route.text("authority"),
            &file.authorities,
            "authority",
            &route.at("authority"),
            problems,
        );
        targets(route, file, problems);
    }
    for client in &file.clients {
        client_routes(client, &file.routes, problems);
    }
    mandant::overlaps_of(&file.mandanten, problems);
}

/// A second entry with the same id; the path shows both places.
fn unique(entries: &[Entry], problems: &mut Problems) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for entry in entries {
        let Some(id) = entry.id() else { continue };
        if let Some(first) = seen.get(&id) {
            problems.at(&entry.path, format!("this id was used before, by {first}"));
        } else {
            seen.insert(id, &entry.path);
        }
    }
}

fn refers(id: Option<&str>, to: &[Entry], what: &str, path: &str, problems: &mut Problems) {
    let Some(id) = id else { return };
    let ids: Vec<String> = to.iter().filter_map(Entry::id).collect();
    if !ids.iter().any(|known| known == id) {
        let hint = did_you_mean(id, ids.iter().map(String::as_str));
        problems.at(path, format!("there is no {what} «{id}» in this file{hint}"));
    }
}

/// A route's targets exist, and belong to the Kasse that keeps its authority's money.
fn targets(route: &Entry, file: &File, problems: &mut Problems) {
    let authority = route.text("authority");
    let kasse = file
        .authorities
        .iter()
        .find(|known| known.text("id") == authority)
        .and_then(|known| known.text("kasse"));
    // a Kasse that is not there was named at its authority
    let kasse = kasse.filter(|id| file.kassen.iter().any(|known| known.text("id") == Some(id)));
    let Some(Value::Array(targets)) = route.table.get("targets") else {
        return;
    };
    for (index, id) in targets.iter().enumerate() {
        let path = format!("{}.targets[{index}]", route.path);
        refers(id.as_str(), &file.targets, "target", &path, problems);
        let target = file
            .targets
            .iter()
            .find(|known| known.text("id").is_some() && known.text("id") == id.as_str());
        if let (Some(theirs), Some(ours)) = (target.and_then(|target| target.text("kasse")), kasse)
            && theirs != ours
        {
            let told =
                format!("this target hears of Kasse {theirs}, but the route's authority belongs to {ours}");
            problems.at(path, told);
        }
    }
}

fn client_routes(client: &Entry, routes: &[Entry], problems: &mut Problems) {
    let Some(Value::Array(granted)) = client.table.get("routes") else {
        return;
    };
    for (index, route) in granted.iter().enumerate() {
        let part = |key: &str| route.get(key).and_then(Value::as_str);
        if let (Some(originator), Some(end_point)) = (part("originator_id"), part("end_point_id")) {
            let id = format!("{originator}/{end_point}");
            refers(
                Some(&id),
                routes,
                "route",
                &format!("{}.routes[{index}]", client.path),
                problems,
            );
        }
    }
}

/// Every provider that is named is configured and can do what is asked of it, and where test and real money must not
/// meet, they do not.
pub(super) fn providers(tenants: &Tenants, providers: &BTreeMap<ProviderId, ProviderSection>) -> Problems {
    let mut problems = Problems::default();
    let named = Named { tenants, providers };
    for (index, route) in tenants.routes.iter().enumerate() {
        let path = format!("route[{index}] ({}).provider", route.key());
        named.check(
            &path,
            &route.provider,
            tenants.kasse_of(&route.authority),
            &mut problems,
        );
    }
    for (index, settings) in tenants.mandanten.iter().enumerate() {
        let path = format!("mandant[{index}] ({})", settings.id());
        let at = format!("{path}.provider");
        if let Some(kind) = named.check(&at, &settings.provider, Some(&settings.kasse), &mut problems) {
            mandant::able(settings, kind, &path, &mut problems);
        }
    }
    problems
}

struct Named<'a> {
    tenants: &'a Tenants,
    providers: &'a BTreeMap<ProviderId, ProviderSection>,
}

impl Named<'_> {
    /// Checks one use of a provider by a Kasse; the provider's kind, where it is there.
    fn check(
        &self,
        path: &str,
        id: &ProviderId,
        kasse: Option<&LedgerId>,
        problems: &mut Problems,
    ) -> Option<ProviderKind> {
        let Some(provider) = self.providers.get(id) else {
            let hint = did_you_mean(id.as_str(), self.providers.keys().map(ProviderId::as_str));
            problems.at(path, format!("the configuration has no [providers.{id}]{hint}"));
            return None;
        };
        let kasse = kasse.and_then(|id| self.tenants.kassen.iter().find(|kasse| kasse.id == *id));
        if let Some(kasse) = kasse
            && kasse.environment != provider.environment
        {
            let [ours, theirs] = [kasse.environment, provider.environment].map(name);
            problems.at(
                path,
                format!("Kasse {} is {ours}, but provider {id} is {theirs}", kasse.id),
            );
        }
        Some(provider.kind)
    }
}

const fn name(environment: Environment) -> &'static str {
    match environment {
        Environment::Test => "test",
        Environment::Production => "production",
    }
}
