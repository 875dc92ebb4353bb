//! What can be wrong between entries of the tenants file, and between it and the configuration.
//!
//! References are checked on the raw tables, so that an entry with a problem of its own still counts as being there.

use std::collections::BTreeMap;

use toml::Value;

use super::{Entry, File};
use crate::config::problems::{Problems, did_you_mean};
use crate::config::providers::ProviderSection;
use crate::domain::ids::ProviderId;
use crate::domain::tenant::Environment;
use crate::domain::tenants::Tenants;

pub(super) fn check(file: &File, problems: &mut Problems) {
    for entries in [
        &file.kassen,
        &file.authorities,
        &file.targets,
        &file.routes,
        &file.clients,
    ] {
        unique(entries, problems);
    }
    for entry in file.authorities.iter().chain(&file.targets) {
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

/// Every route's provider is configured, and where test and real money must not meet, they do not.
pub(super) fn providers(tenants: &Tenants, providers: &BTreeMap<ProviderId, ProviderSection>) -> Problems {
    let mut problems = Problems::default();
    for (index, route) in tenants.routes.iter().enumerate() {
        let path = format!("route[{index}] ({}).provider", route.key());
        let id = &route.provider;
        let Some(provider) = providers.get(id) else {
            let hint = did_you_mean(id.as_str(), providers.keys().map(ProviderId::as_str));
            problems.at(path, format!("the configuration has no [providers.{id}]{hint}"));
            continue;
        };
        if route.flow.by_transfer() && !provider.kind.takes_transfers() {
            problems.at(
                format!("route[{index}] ({}).flow", route.key()),
                format!(
                    "provider {id} opens payments on a page only; Vorkasse and Rechnung need ePayBL's SOAP service (kind = \
                     \"soap\")"
                ),
            );
        }
        let kasse = tenants.kasse_of(&route.authority);
        let kasse = kasse.and_then(|id| tenants.kassen.iter().find(|kasse| kasse.id == *id));
        if let Some(kasse) = kasse
            && kasse.environment != provider.environment
        {
            let [ours, theirs] = [kasse.environment, provider.environment].map(name);
            problems.at(
                path,
                format!("Kasse {} is {ours}, but provider {id} is {theirs}", kasse.id),
            );
        }
    }
    problems
}

const fn name(environment: Environment) -> &'static str {
    match environment {
        Environment::Test => "test",
        Environment::Production => "production",
    }
}
