//! How many payments go the whole main road per second: request, provider, signed callbacks, question, books, event.
//! Everything is on this machine and shares its cores: the portals, the sandbox and the gateway too.
//!
//! `cargo bench --bench main_road`; PostgreSQL as well when `TEST_DATABASE_URL` names an empty database.

#![expect(clippy::float_arithmetic, reason = "a rate is no money")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use epaybl_connector::sandbox;
use epaybl_connector::stage::{Stage, StageOptions};

const BODY: &str = include_str!("../fixtures/demo/geburtsurkunde.json");
const PAYMENTS: usize = 400;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        measure("SQLite", None).await;
        if let Some(url) = std::env::var("TEST_DATABASE_URL")
            .ok()
            .filter(|url| !url.is_empty())
        {
            measure("PostgreSQL", Some(url)).await;
        }
    });
}

async fn measure(name: &str, database_url: Option<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StageOptions {
        database_url,
        sandbox: sandbox::Options {
            magic_cents: false,
            ..sandbox::Options::default()
        },
        ..StageOptions::default()
    };
    let stage = Arc::new(Stage::set(folder.path(), options).await.expect("the stage"));
    let secret = Arc::new(stage.client_secret("thavel").await.expect("a secret"));
    let mut one = 0.0;
    for at_once in [1, 16, 64] {
        let begun = Instant::now();
        let mut times = Vec::new();
        let next = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                let (stage, secret, next) = (Arc::clone(&stage), Arc::clone(&secret), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    let http = reqwest::Client::new();
                    loop {
                        let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if n >= PAYMENTS {
                            return times;
                        }
                        times.push(pay(&stage, &http, &secret, &format!("{at_once}-{n}")).await);
                    }
                })
            })
            .collect();
        for worker in workers {
            times.extend(worker.await.expect("a worker"));
        }
        times.sort();
        let per_second = f64::from(u32::try_from(PAYMENTS).expect("few")) / begun.elapsed().as_secs_f64();
        if at_once == 1 {
            one = per_second;
        }
        println!(
            "{name}: {PAYMENTS} payments, {at_once:>2} at once: {per_second:>6.0} a second ({:.1} times one at a time); create median {:?}, 99 % {:?}",
            per_second / one,
            times[times.len() / 2],
            times[times.len() * 99 / 100],
        );
    }
    let verified = stage
        .connector
        .app
        .verify_audit()
        .await
        .expect("the books are whole");
    let bookings: u64 = verified.iter().map(|ledger| ledger.bookings).sum();
    println!("{name}: {bookings} bookings, whole");
}

/// Creates a payment and pays it; returns how long the portal waited for its answer.
async fn pay(stage: &Stage, http: &reqwest::Client, secret: &str, request_id: &str) -> Duration {
    let body = BODY
        .replace("REQUEST_ID", request_id)
        .replace("REDIRECT_URL", "https://portal.example/");
    let begun = Instant::now();
    let answer = http
        .post(stage.url("/xbezahldienste/paymenttransaction/thavel-geburtsurkunde/16064003"))
        .basic_auth("thavel", Some(secret))
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.status(),
        200,
        "{}",
        answer.text().await.unwrap_or_default()
    );
    let took = begun.elapsed();
    let text = answer.text().await.expect("a body");
    let reference = text
        .split("\"transactionReference\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let sending = stage
        .sandbox
        .pay(reference.expect("a Kassenzeichen"), Some("KREDITKARTE"))
        .expect("payable");
    let deliveries = sending.done().await;
    assert!(
        deliveries.iter().all(|delivery| delivery.answer == Some(200)),
        "{deliveries:?}"
    );
    took
}
