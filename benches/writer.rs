//! How many payments a second the writer takes, at 1, 16 and 256 requests at once: what group commit is for.
//!
//! `cargo bench --bench writer` measures SQLite on disk with `synchronous=FULL` (in the folder that `TMPDIR` names), and
//! the PostgreSQL that `TEST_DATABASE_URL` names. A Change is a whole accepted payment: case, payment, attempt, Posten,
//! schedule, three keys, encrypted texts. Changes are made before the clock starts.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark reads the clock and prints, and nobody calls it"
)]

#[path = "../tests/store/kit/mod.rs"]
mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use epaybl_connector::app::ports::{Clock as _, Sealed, Store as _, Urgency};
use tracing::span::{Attributes, Id, Record};

use kit::db::{Db, databases};
use kit::{Faulty, Town};

/// How long each figure is measured, at most.
const WINDOW: Duration = Duration::from_secs(5);
/// Payments made for each figure, for one request at once and for many.
const PAYMENTS: [(usize, usize); 3] = [(1, 1500), (16, 8000), (256, 20_000)];

/// Counts the statements that sqlx says it runs, while it is asked to.
struct Statements;

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNTED: AtomicUsize = AtomicUsize::new(0);

impl tracing::Subscriber for Statements {
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }

    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        COUNTING.load(Ordering::SeqCst) && metadata.target() == "sqlx::query"
    }

    fn event(&self, _: &tracing::Event<'_>) {
        COUNTED.fetch_add(1, Ordering::SeqCst);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::main]
async fn main() {
    tracing::subscriber::set_global_default(Statements).expect("nobody else subscribes");
    for db in databases().await {
        measure(&db).await;
    }
}

async fn measure(db: &Db) {
    let town = Town::new();
    let connector = db.connector(town.clone()).await;
    connector.becomes_true(&town.tenants("stadt", 1)).await;
    println!("{:?}", db.kind);
    for size in [1, 256] {
        let batch: Vec<Sealed> = (0..size)
            .map(|n| town.accept("stadt", &format!("s{size}-{n}"), &[1250]).sealed)
            .collect();
        COUNTED.store(0, Ordering::SeqCst);
        COUNTING.store(true, Ordering::SeqCst);
        let done = connector.engine.commit(&batch, town.now()).await;
        COUNTING.store(false, Ordering::SeqCst);
        done.expect("the batch becomes true");
        let statements = COUNTED.load(Ordering::SeqCst);
        println!(
            "  {size:>3} payments in a batch: {statements} statements, BEGIN and COMMIT among them where they are counted"
        );
    }
    connector.end().await;
    let mut alone = None;
    for (at_once, count) in PAYMENTS {
        let changes: Vec<Sealed> = (0..count)
            .map(|n| {
                town.accept("stadt", &format!("{at_once}-{n}"), &[1250, 2900])
                    .sealed
            })
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
