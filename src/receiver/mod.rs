//! A small stand-in for a KommunalGateway, for the demonstration and for tests: it takes events, believes only what is
//! signed, keeps each once, and shows them on a page.
//!
//! It shares no code with `notify`, so that a mistake cannot hide on both sides. Everything is kept in memory. What a
//! test needs of a difficult gateway (it fails, wants no more, answers late) is switched on by a method here and acted
//! upon in `receive`.

mod page;
mod verify;

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use verify::Verifier;

/// Standard Webhooks wants less than 20 kB; this is where the stand-in stops reading.
const BODY_BYTES: usize = 64 * 1024;

/// What the time is, in seconds since 1970, for a receiver that checks it.
pub type SecondsClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Why a receiver does not start.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The secret is not `whsec_` and base64.
    #[error("the receiver's secret is not «whsec_» and base64")]
    Secret,
    /// The listener has no address.
    #[error("the receiver's listener has no address: {0}")]
    Listener(#[from] std::io::Error),
}

/// An event that was taken, in the order of first arrival.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceivedEvent {
    /// Its `webhook-id`.
    pub id: String,
    /// Its CloudEvents type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its CloudEvents subject: the case.
    pub subject: String,
    /// How often it came with a good signature and was taken.
    pub arrivals: u32,
    /// The whole CloudEvents body.
    pub body: Value,
}

/// One request, taken or not, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Its `webhook-id`, as far as there is one.
    pub id: String,
    /// Its `webhook-timestamp`, as far as there is one.
    pub timestamp: Option<i64>,
    /// What it was answered.
    pub status: u16,
}

#[derive(Default)]
struct Inbox {
    events: Vec<ReceivedEvent>,
    arrivals: Vec<Arrival>,
    failures_left: u32,
    gone: bool,
    held: bool,
}

#[derive(Clone)]
struct Shared {
    verifier: Arc<Verifier>,
    // One watched value is lock and signal in one: whoever waits sees every change, and nobody sleeps.
    inbox: watch::Sender<Inbox>,
}

/// A running stand-in. Dropping it stops it too; [`Receiver::shutdown`] waits until it has.
pub struct Receiver {
    address: SocketAddr,
    shared: Shared,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Receiver {
    /// Starts on a bound listener. Time stamps are not compared with the clock, so that tests may move theirs.
    ///
    /// # Errors
    /// [`ReceiverError`] where the secret cannot be read or the listener has no address.
    pub fn start(listener: TcpListener, secret: &str) -> Result<Self, ReceiverError> {
        Self::start_with(listener, secret, None)
    }

    /// The same with a clock: what is more than five minutes away from it is refused.
    ///
    /// # Errors
    /// [`ReceiverError`] where the secret cannot be read or the listener has no address.
    pub fn start_with(
        listener: TcpListener,
        secret: &str,
        clock: Option<SecondsClock>,
    ) -> Result<Self, ReceiverError> {
        let verifier = Arc::new(Verifier::new(secret, clock).ok_or(ReceiverError::Secret)?);
        let address = listener.local_addr()?;
        let shared = Shared {
            verifier,
            inbox: watch::Sender::new(Inbox::default()),
        };
        let app = Router::new()
            .route("/", get(show).post(receive))
            .route("/events", get(list).post(receive))
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .with_state(shared.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, app).with_graceful_shutdown(async move {
            // Resolves when told, and when the handle is dropped.
            let _ = stopped.await;
        });
        let server = tokio::spawn(server.into_future());
        Ok(Self {
            address,
            shared,
            stop,
            server,
        })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where events are posted.
    pub fn events_url(&self) -> String {
        format!("{}/events", self.base_url())
    }

    /// The events that were taken, each once, in the order of first arrival.
    pub fn events(&self) -> Vec<ReceivedEvent> {
        self.shared.inbox.borrow().events.clone()
    }

    /// Every request with what it was answered.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.inbox.borrow().arrivals.clone()
    }

    /// Waits until `n` different events were taken; returns all.
    pub async fn wait_for(&self, n: usize) -> Vec<ReceivedEvent> {
        self.wait_until(|inbox| inbox.events.len() >= n).await;
        self.events()
    }

    /// Waits until `n` requests came, whatever they were answered; returns all.
    pub async fn wait_for_arrivals(&self, n: usize) -> Vec<Arrival> {
        self.wait_until(|inbox| inbox.arrivals.len() >= n).await;
        self.arrivals()
    }

    /// Answers the next `n` good requests with 500 and forgets them.
    pub fn fail_next(&self, n: u32) {
        self.shared.inbox.send_modify(|inbox| inbox.failures_left = n);
    }

    /// Whether good requests are answered with 410: it wants no more events.
    pub fn want_no_more(&self, gone: bool) {
        self.shared.inbox.send_modify(|inbox| inbox.gone = gone);
    }

    /// Whether answers are held back: an event is taken, its answer waits for `hold_answers(false)`.
    pub fn hold_answers(&self, held: bool) {
        self.shared.inbox.send_modify(|inbox| inbox.held = held);
    }

    /// Stops, and returns when every answer under way is out.
    pub async fn shutdown(self) {
        self.hold_answers(false);
        drop(self.stop);
        if let Ok(Err(error)) = self.server.await {
            tracing::warn!(%error, "the receiver ended badly");
        }
    }

    async fn wait_until(&self, enough: impl FnMut(&Inbox) -> bool) {
        let mut watched = self.shared.inbox.subscribe();
        // Never an error: this handle keeps the sender alive.
        let _ = watched.wait_for(enough).await;
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let verified = shared.verifier.verify(&headers, &body);
    let mut status = StatusCode::NO_CONTENT;
    shared.inbox.send_modify(|inbox| {
        status = match verified {
            Err(why) => why.status(),
            Ok(id) => inbox.take(id, &body),
        };
        inbox.arrivals.push(Arrival {
            id: verify::text(&headers, "webhook-id")
                .unwrap_or_default()
                .to_owned(),
            timestamp: verify::text(&headers, "webhook-timestamp").and_then(|text| text.parse().ok()),
            status: status.as_u16(),
        });
    });
    let _ = shared.inbox.subscribe().wait_for(|inbox| !inbox.held).await;
    status
}

impl Inbox {
    fn take(&mut self, id: &str, body: &[u8]) -> StatusCode {
        if self.failures_left > 0 {
            self.failures_left -= 1;
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        if self.gone {
            return StatusCode::GONE;
        }
        if let Some(known) = self.events.iter_mut().find(|event| event.id == id) {
            known.arrivals += 1;
            return StatusCode::NO_CONTENT;
        }
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return StatusCode::BAD_REQUEST;
        };
        let member = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        self.events.push(ReceivedEvent {
            id: id.to_owned(),
            kind: member("type"),
            subject: member("subject"),
            arrivals: 1,
            body,
        });
        StatusCode::NO_CONTENT
    }
}

async fn list(State(shared): State<Shared>) -> Json<Vec<ReceivedEvent>> {
    Json(shared.inbox.borrow().events.clone())
}

async fn show(State(shared): State<Shared>) -> impl IntoResponse {
    let html = page::render(&shared.inbox.borrow().events);
    (
        [(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        )],
        Html(html),
    )
}

#[cfg(test)]
mod tests;
