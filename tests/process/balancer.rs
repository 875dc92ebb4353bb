//! A load balancer before two connectors: requests go to each by turns, and to the other one where nobody answers. A
//! callback goes to both at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, request::Parts};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::portal::http_client;

struct Shared {
    http: Client,
    behind: [u16; 2],
    turn: AtomicUsize,
}

/// A running load balancer. It ends with its handle.
pub(crate) struct Balancer(JoinHandle<()>);

impl Balancer {
    /// Starts on a listener, before the connectors on these ports.
    pub(crate) fn start(listener: TcpListener, behind: [u16; 2]) -> Self {
        let shared = Shared {
            http: http_client(),
            behind,
            turn: AtomicUsize::new(0),
        };
        let router = Router::new().fallback(pass).with_state(Arc::new(shared));
        Self(tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        }))
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let turn = shared.turn.fetch_add(1, Ordering::Relaxed);
    let ports = [shared.behind[turn % 2], shared.behind[(turn + 1) % 2]];
    if head.uri.path().starts_with("/callbacks/") {
        let both = tokio::join!(
            shared.send(ports[0], &head, &body),
            shared.send(ports[1], &head, &body)
        );
        return [both.0, both.1]
            .into_iter()
            .flatten()
            .next()
            .unwrap_or_else(nobody);
    }
    match shared.send(ports[0], &head, &body).await {
        Some(answer) => answer,
        None => shared.send(ports[1], &head, &body).await.unwrap_or_else(nobody),
    }
}

impl Shared {
    async fn send(&self, port: u16, head: &Parts, body: &Bytes) -> Option<Response> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = self
            .http
            .request(head.method.clone(), format!("http://127.0.0.1:{port}{path}"));
        let answer = request
            .headers(head.headers.clone())
            .body(body.clone())
            .send()
            .await
            .ok()?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut passed = (status, Body::from(answer.bytes().await.ok()?)).into_response();
        *passed.headers_mut() = headers;
        Some(passed)
    }
}

fn nobody() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "nobody answers").into_response()
}
