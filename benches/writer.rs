//! How many payments a second the writer takes, at 1, 16 and 256 requests at once: what group commit is for.
//!
//! `cargo bench --bench writer` measures SQLite on disk with `synchronous=FULL` (in the folder that `TMPDIR` names), and
//! the PostgreSQL that `TEST_DATABASE_URL` names. A Change is a whole accepted payment: case, payment, attempt, Posten,
//! schedule, three keys, encrypted texts. Changes are made before the clock starts.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(missing_docs, reason = "nobody calls it")]

#[path = "../tests/store/kit/mod.rs"]
mod kit;

use std::sync::Arc;
use std::time::{Duration, Instant};

use epaybl_connector::app::ports::{Sealed, Store as _, Urgency};

use kit::db::{Db, databases};
use kit::{Faulty, Town};

/// How long each figure is measured, at most.
const WINDOW: Duration = Duration::from_secs(5);
/// Payments made for each figure, for one request at once and for many.
const PAYMENTS: [(usize, usize); 3] = [(1, 1500), (16, 8000), (256, 20_000)];

#[tokio::main]
async fn main() {
    for db in databases().await {
        measure(&db).await;
    }
}

async fn measure(db: &Db) {
    let town = Town::new();
    let connector = db.connector(town.clone()).await;
    connector.becomes_true(&town.tenants("stadt", 1)).await;
    connector.end().await;
    println!("{:?}", db.kind);
    let mut alone = None;
    for (at_once, count) in PAYMENTS {
        let changes: Vec<Sealed> = (0..count)
            .map(|n| town.accept("stadt", &format!("{at_once}-{n}"), &[1250, 2900]).sealed)
            .collect();
        let counted = Faulty::with(db.engine().await, &[]);
        let connector = Db::over(counted.clone(), town.clone());
        let (committed, took) = run(&connector, changes, at_once).await;
        connector.end().await;
        let batches = counted.sizes();
        let a_second = per_second(committed, took);
        let base = *alone.get_or_insert(a_second);
        println!(
            "  {at_once:>3} at once: {a_second:>6} payments/s, {:>3} hundredths of one at once; \
             {} batches, {} Changes each at most",
            a_second * 100 / base.max(1),
            batches.len(),
            batches.iter().max().unwrap_or(&0),
        );
    }
}

/// Commits as many as the window allows; how many, and how long it took.
async fn run(connector: &kit::db::Connector, changes: Vec<Sealed>, at_once: usize) -> (usize, Duration) {
    let waiting = Arc::new(std::sync::Mutex::new(changes));
    let start = Instant::now();
    let committers: Vec<_> = (0..at_once)
        .map(|_| {
            let (store, waiting) = (Arc::clone(&connector.store), Arc::clone(&waiting));
            tokio::spawn(async move {
                let mut committed = 0;
                while start.elapsed() < WINDOW {
                    let next = waiting.lock().expect("nobody panics with it").pop();
                    let Some(change) = next else { break };
                    store
                        .commit(change, Urgency::Interactive)
                        .await
                        .expect("a payment is taken");
                    committed += 1;
                }
                committed
            })
        })
        .collect();
    let mut committed = 0;
    for committer in committers {
        committed += committer.await.expect("no panic");
    }
    (committed, start.elapsed())
}

fn per_second(count: usize, took: Duration) -> u128 {
    u128::try_from(count).unwrap_or(0) * 1000 / took.as_millis().max(1)
}
