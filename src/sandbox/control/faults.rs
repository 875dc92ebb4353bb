//! Faults that are asked for by call, or by a button.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    routing::{get, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, parse};
use crate::sandbox::{
    SandboxError,
    fault::{Fault, Faults, MOST_TOGETHER, MOST_WAITING, Random, all_names},
    shared::Shared,
};

/// The calls of this file.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/faults", put(ask).get(faults).delete(none))
        .route("/sandbox/fault-names", get(names))
}

/// One fault, or several for the same payment.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Fault),
    More(Vec<Fault>),
}

impl OneOrMore {
    fn together(self) -> Vec<Fault> {
        match self {
            Self::One(fault) => vec![fault],
            Self::More(together) => together,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    next: Vec<OneOrMore>,
    all: Option<Vec<Fault>>,
    random: Option<Random>,
}

/// Faults that are to come into force.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Wanted {
    /// Behind those that are waiting.
    pub(in crate::sandbox) next: Vec<Vec<Fault>>,
    /// In place of those that hold.
    pub(in crate::sandbox) all: Option<Vec<Fault>>,
    /// In place of the chance that holds; a rate of 0 ends it.
    pub(in crate::sandbox) random: Option<Random>,
}

/// Brings them into force, all or none.
///
/// # Errors
/// When they are too many, or this sandbox cannot do one of them.
pub(in crate::sandbox) fn want(shared: &Shared, wanted: Wanted) -> Result<(), SandboxError> {
    if let Some(mistake) = mistake(shared, &wanted) {
        return Err(SandboxError::Body(mistake));
    }
    let faults = &mut shared.book().faults;
    if faults.next.len() + wanted.next.len() > MOST_WAITING {
        return Err(SandboxError::Body(format!(
            "more than {MOST_WAITING} entries would wait: DELETE clears them"
        )));
    }
    faults.next.extend(wanted.next);
    if let Some(all) = wanted.all {
        faults.all = all;
    }
    if let Some(random) = wanted.random {
        faults.chance(random);
    }
    Ok(())
}

fn mistake(shared: &Shared, wanted: &Wanted) -> Option<String> {
    let mut lists = wanted.next.iter().chain(&wanted.all);
    if let Some(together) = lists.find(|together| together.len() > MOST_TOGETHER) {
        return Some(format!(
            "{} faults at once are too many, at most {MOST_TOGETHER}",
            together.len()
        ));
    }
    let of_one_call = wanted.next.iter().flatten();
    if let Some(fault) = of_one_call.into_iter().find(|fault| fault.is_of_connections()) {
        return Some(format!(
            "{fault} is about connections, not about one call: use all"
        ));
    }
    let of_all = wanted.all.iter().flatten();
    if let Some(fault) = of_all.into_iter().find(|fault| !can(shared, fault)) {
        return Some(format!(
            "{fault} needs a sandbox that was started with TLS and such a certificate"
        ));
    }
    wanted.random.as_ref().and_then(Random::mistake)
}

/// Whether this sandbox can play it.
pub(in crate::sandbox) fn can(shared: &Shared, fault: &Fault) -> bool {
    !fault.is_of_connections() || shared.tls.as_ref().is_some_and(|tls| tls.can(fault))
}

async fn ask(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let Asked { next, all, random } = parse(&body)?;
    let next = next.into_iter().map(OneOrMore::together).collect();
    want(&shared, Wanted { next, all, random })?;
    Ok(faults(State(shared)).await)
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let faults = &shared.book().faults;
    let random = faults.random().map(|(random, calls)| {
        let drawn: Vec<_> = faults.drawn().collect();
        json!({ "seed": random.seed, "rate_percent": random.rate_percent, "faults": random.faults,
            "calls": calls, "drawn": drawn })
    });
    Json(json!({ "next": faults.next, "all": faults.all, "random": random }))
}

async fn names() -> Json<Value> {
    let names: Vec<_> = all_names().collect();
    Json(json!({ "faults": names }))
}

async fn none(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.book().faults = Faults::default();
    faults(State(shared)).await
}
