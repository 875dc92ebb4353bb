//! Whether a route's provider answers, and which methods it offers now. Asked at most once in a while for each
//! Bewirtschafter, however often portals ask us.

use std::collections::HashMap;
use std::sync::Mutex;

use super::App;
use crate::domain::ids::Method;
use crate::domain::tenant::Route;
use crate::domain::time::Timestamp;

/// How long an answer is good for, in seconds.
const GOOD_FOR: i64 = 30;

type Key = (String, String, String);
type Answers<T> = HashMap<Key, (Timestamp, T)>;

/// What providers said lately.
#[derive(Debug, Default)]
pub struct Lately {
    alive: Mutex<Answers<bool>>,
    methods: Mutex<Answers<Option<Vec<Method>>>>,
}

/// The methods of a route: those that can be used now, and those that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Usable.
    pub up: Vec<Method>,
    /// Configured, but not offered by the provider now, or the provider does not answer.
    pub down: Vec<Method>,
}

fn key(route: &Route) -> Key {
    (
        route.provider.to_string(),
        route.mandant.to_string(),
        route.bewirtschafter.to_string(),
    )
}

fn lately<T: Clone>(kept: &Mutex<HashMap<Key, (Timestamp, T)>>, key: &Key, now: Timestamp) -> Option<T> {
    let kept = kept.lock().expect("no reader panics");
    kept.get(key)
        .filter(|(at, _)| now < at.plus_seconds(GOOD_FOR))
        .map(|(_, value)| value.clone())
}

fn keep<T>(kept: &Mutex<HashMap<Key, (Timestamp, T)>>, key: Key, now: Timestamp, value: T) {
    kept.lock().expect("no reader panics").insert(key, (now, value));
}

impl App {
    /// Whether a route's provider is there and lets us in.
    pub async fn is_alive(&self, route: &Route) -> bool {
        let (key, now) = (key(route), self.now());
        if let Some(alive) = lately(&self.lately.alive, &key, now) {
            return alive;
        }
        let alive = match self.provider(&route.provider) {
            None => false,
            Some(provider) => match provider.alive(&route.mandant, &route.bewirtschafter).await {
                Ok(()) => true,
                Err(refusal) => {
                    tracing::warn!(provider = %route.provider, mandant = %route.mandant,
                        bewirtschafter = %route.bewirtschafter, code = refusal.code, text = refusal.text,
                        "the provider is not available");
                    false
                }
            },
        };
        keep(&self.lately.alive, key, now, alive);
        alive
    }

    /// The methods of a route, as its provider offers them now.
    pub async fn offered(&self, route: &Route) -> Offered {
        let (key, now) = (key(route), self.now());
        let offered = match lately(&self.lately.methods, &key, now) {
            Some(offered) => offered,
            None => {
                let offered = match self.provider(&route.provider) {
                    None => None,
                    Some(provider) => provider.methods(&route.mandant, &route.bewirtschafter).await.ok(),
                };
                let offered =
                    offered.map(|methods| methods.into_iter().map(|method| method.code).collect::<Vec<_>>());
                keep(&self.lately.methods, key, now, offered.clone());
                offered
            }
        };
        let (up, down) = route
            .methods
            .iter()
            .map(|method| method.code.clone())
            .partition(|code| {
                // A provider that does not say what it offers names nothing.
                offered
                    .as_ref()
                    .is_some_and(|offered| offered.is_empty() || offered.contains(code))
            });
        Offered { up, down }
    }
}
