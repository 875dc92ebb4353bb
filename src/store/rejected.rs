//! Rejected callbacks on their way into the small capped table. Anybody can cause them, so however many arrive at once,
//! one statement at a time writes them, and the writer of Changes is never kept out.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::engine::{Engine, MOST_REJECTED};
use crate::app::ports::RejectedCallback;

/// Characters of a reason that are kept.
const MOST_CHARS: usize = 300;

/// Those that wait to be written.
#[derive(Default)]
pub(super) struct Rejected {
    waiting: Mutex<VecDeque<Value>>,
    writing: tokio::sync::Mutex<()>,
}

impl Rejected {
    /// Keeps one, with all others that wait.
    pub(super) async fn keep(
        &self,
        engine: &dyn Engine,
        rejected: &RejectedCallback,
    ) -> Result<(), sqlx::Error> {
        self.push(row(rejected));
        let _turn = self.writing.lock().await;
        let rows = self.take();
        // Whoever had the turn before may have written this one as well.
        if rows.is_empty() {
            return Ok(());
        }
        engine.reject(&Value::from(rows).to_string()).await
    }

    fn push(&self, row: Value) {
        let mut waiting = self.waiting.lock().expect("nobody panics with it");
        waiting.push_back(row);
        if i64::try_from(waiting.len()).is_ok_and(|count| count > MOST_REJECTED) {
            waiting.pop_front();
        }
    }

    fn take(&self) -> Vec<Value> {
        self.waiting
            .lock()
            .expect("nobody panics with it")
            .drain(..)
            .collect()
    }
}

fn row(rejected: &RejectedCallback) -> Value {
    // The reason may quote what came.
    let why: String = rejected
        .why
        .replace('\0', "\u{fffd}")
        .chars()
        .take(MOST_CHARS)
        .collect();
    json!({"id": rejected.id, "provider_id": rejected.provider, "received_at": rejected.at.millis(), "why": why,
        "bytes": i64::try_from(rejected.bytes).unwrap_or(i64::MAX)})
}
