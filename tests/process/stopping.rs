//! SIGTERM, and a port that is taken.

use std::time::Duration;

use epaybl_connector::sandbox::{Delays, Fault, Options};
use reqwest::StatusCode;

use crate::patience;
use crate::portal::Order;
use crate::scene::Scene;
use crate::support::databases;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_while_a_payment_is_opened_answers_the_portal_and_exits_0() {
    for database in databases().await {
        let delays = Delays {
            slow: Duration::from_secs(2),
            ..Delays::default()
        };
        let scene = Scene::set(
            &database,
            Options {
                delays,
                ..Options::default()
            },
        )
        .await;
        let process = scene.serve().await;
        scene.sandbox.fail_next(Fault::Slow);
        let (portal, order) = (scene.portal(), Order::nth(0));
        let posting = {
            let (portal, order) = (portal.clone(), order.clone());
            tokio::spawn(async move { portal.post(&order).await })
        };
        patience::until(30, "the call", async || {
            (scene.sandbox.counts().creates > 0).then_some(())
        })
        .await;
        process.terminate();
        let (status, answer) = patience::within(10, "an answer", posting)
            .await
            .expect("no panic")
            .expect("an answer");
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["paymentInformation"]["status"], "INITIAL");
        assert!(
            answer["paymentInformation"]["transactionReference"].is_string(),
            "it was waited for: {answer}"
        );
        let said = process.end(10).await.exits(0);
        assert!(said.err.contains("stopped"), "{}", said.err);
        assert!(!said.err.contains("\"level\":\"ERROR\""), "{}", said.err);
        // Nothing was lost.
        let process = scene.serve().await;
        let (_, again) = portal.get(&order).await.expect("an answer");
        assert_eq!(again, answer);
        assert_eq!(scene.sandbox.counts().creates, 1);
        process.terminate();
        process.end(10).await.exits(0);
    }
}

#[tokio::test]
async fn a_stop_is_quick_where_nothing_is_under_way_even_with_idle_connections() {
    let database = databases().await.swap_remove(0);
    let scene = Scene::set(&database, Options::default()).await;
    let process = scene.serve().await;
    let _silent = tokio::net::TcpStream::connect(("127.0.0.1", scene.port))
        .await
        .expect("a connection");
    let portal = scene.portal();
    assert!(
        portal.get(&Order::nth(0)).await.is_some(),
        "a connection that is kept alive"
    );
    process.terminate();
    process.end(10).await.exits(0);
}

#[tokio::test]
async fn a_second_connector_on_the_same_port_says_so_and_exits_1() {
    let database = databases().await.swap_remove(0);
    let scene = Scene::set(&database, Options::default()).await;
    let _first = scene.serve().await;
    let address = format!("127.0.0.1:{}", scene.port);
    let second = scene.start("second", &[]).end(30).await.exits(1);
    second.says(&["server.listen", &address, "cannot be used"]);
}
