//! An answer that is old when it arrives: ePayBL said «not paid yet», the payer paid, a later question was answered
//! first. The old answer must not take the payment back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use epaybl_connector::sandbox::Options;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::LocalSet;

use crate::killed::whole;
use crate::patience;
use crate::portal::{Order, http_client};
use crate::scene::{Scene, listener};
use crate::support::databases;

/// The network between connector and ePayBL: one answer to a question after a Kassenzeichen stays in it for a while.
struct Network {
    http: Client,
    to: String,
    hold_next: AtomicBool,
    held: Notify,
    release: Notify,
}

impl Network {
    fn start(listener: TcpListener, to: String) -> Arc<Self> {
        let network = Arc::new(Self {
            http: http_client(),
            to,
            hold_next: AtomicBool::new(true),
            held: Notify::new(),
            release: Notify::new(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&network));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        network
    }
}

async fn pass(State(network): State<Arc<Network>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = head.uri.path();
    let request = network
        .http
        .request(head.method.clone(), format!("{}{path}", network.to));
    let answer = request.headers(head.headers.clone()).body(body).send().await;
    let Ok(answer) = answer else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    if path.contains("/kassenzeichen/") && network.hold_next.swap(false, Ordering::SeqCst) {
        network.held.notify_one();
        network.release.notified().await;
    }
    (status, [("content-type", "application/json")], body).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_from_before_the_payment_takes_nothing_back() {
    for database in databases().await {
        let mut scene = Scene::set(&database, Options::default()).await;
        let between = listener().await;
        let address = format!("http://{}", between.local_addr().expect("an address"));
        let epaybl = scene.sandbox.base_url().as_str().trim_end_matches('/').to_owned();
        let network = Network::start(between, epaybl);
        scene.setting("providers.epaybl-th.base_url", format!("{address}/konnektor"));
        scene.setting("providers.epaybl-th.ask_timeout_seconds", 30);
        let process = scene.serve().await;
        let (portal, order) = (scene.portal(), Order::nth(0));
        portal.create(&order).await;
        patience::within(30, "the sweeper's question", network.held.notified()).await;
        let kassenzeichen = LocalSet::new().run_until(portal.whole_way(&order)).await;
        let events = patience::within(30, "its events", scene.gateway.wait_for(2)).await;
        network.release.notify_one();
        let log = async || {
            let log = process.stderr();
            log.contains("another answer was faster").then_some(())
        };
        patience::until(30, "the old answer", log).await;
        portal
            .hears(&order, "PAYED still", |state| state["status"] == "PAYED")
            .await;
        process.terminate();
        process.end(30).await.exits(0);
        assert_eq!(
            scene.gateway.events().len(),
            2,
            "nobody is told that it was returned"
        );
        whole(&scene, &BTreeMap::from([(kassenzeichen, order)]), &events).await;
    }
}
