//! What the outside calls: portals, providers' callbacks, citizens, finance office.
//!
//! Every path has its room here, one endpoint per file. A handler reads (`Result<what it needs, refusal>`), calls a use
//! case of `app`, and writes; what can go wrong is a closed list per contract: [`xbezahldienste`] speaks the standard's
//! SystemResponse, every other path the [`problem`] documents of RFC 9457.

pub mod api;
pub mod auth;
pub mod callbacks;
pub mod citizen;
pub mod health;
pub mod problem;
pub mod serve;
mod slow;
pub mod token;
pub mod xbezahldienste;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::app::App;
use crate::domain::time::Timestamp;
use problem::{Kind, Problem};

/// A time when portals are told that something will not work.
#[derive(Debug, Clone)]
pub struct Maintenance {
    /// From then on; from now on where it is missing.
    pub start: Option<Timestamp>,
    /// Until then; until further notice where it is missing.
    pub end: Option<Timestamp>,
    /// What people read.
    pub description: Option<String>,
}

/// What the edge is set to.
#[derive(Debug, Clone)]
pub struct Options {
    /// Under which path the portals' standard is served.
    pub prefix: String,
    /// The largest request body that is read.
    pub body_limit: usize,
    /// The largest file that is uploaded.
    pub upload_limit: u64,
    /// Whether the pay page's address is written in every state.
    pub keep_redirect_url: bool,
    /// How many requests are worked on at once.
    pub max_in_flight: usize,
    /// Announced maintenance.
    pub maintenance: Vec<Maintenance>,
    /// Whether `/metrics` is served here.
    pub metrics: bool,
}

/// How many files are uploaded at once: each takes room on the disk and its part of the writer.
const UPLOADS: usize = 2;

/// What handlers share.
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    /// The settings.
    pub options: Options,
    /// The numbers.
    pub numbers: PrometheusHandle,
    in_flight: Semaphore,
    uploads: Arc<Semaphore>,
    stopping: AtomicBool,
}

impl Web {
    /// Puts the edge together.
    pub fn new(app: Arc<App>, options: Options, numbers: PrometheusHandle) -> Arc<Self> {
        let in_flight = Semaphore::new(options.max_in_flight);
        Arc::new(Self {
            app,
            options,
            numbers,
            in_flight,
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            stopping: AtomicBool::new(false),
        })
    }

    /// From now on `/readyz` says no, so that a load balancer sends nobody any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Every path of the connector.
pub fn router(web: &Arc<Web>) -> Router {
    let standard = xbezahldienste::router(web);
    let limited = Router::new()
        .merge(standard)
        .merge(api::router(web))
        .route("/oauth/token", post(token::issue))
        .route("/pay/{token}", get(citizen::pay))
        .route(
            "/return/{token}",
            get(citizen::come_back).post(citizen::come_back),
        )
        .layer(from_fn_with_state(Arc::clone(web), limit));
    // Callbacks keep their places however many portals and citizens come, and operators always get in.
    let mut free = Router::new()
        .route(
            "/callbacks/{provider}/{token}",
            get(callbacks::take).post(callbacks::take),
        )
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready));
    if web.options.metrics {
        free = free.route("/metrics", get(health::metrics));
    }
    limited
        .merge(free)
        .fallback(async || Problem::new(Kind::NotFound, "nothing is here"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                Kind::MethodNotAllowed,
                "this path exists, but not with this method",
            )
        })
        .layer(from_fn(slow::in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(trace))
        .with_state(Arc::clone(web))
}

/// `/metrics` alone, for an address of its own.
pub fn metrics_router(web: &Arc<Web>) -> Router {
    Router::new()
        .route("/metrics", get(health::metrics))
        .with_state(Arc::clone(web))
}

/// More requests at once than configured are answered 503, before they cost anything.
async fn limit(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let Ok(_place) = web.in_flight.try_acquire() else {
        metrics::counter!("epaybl_requests_refused_total", "why" => "in_flight").increment(1);
        let path = request.uri().path();
        return if path.starts_with(&web.options.prefix) {
            xbezahldienste::system_response::Refusal::Unavailable { retry_after: 1 }.into_response()
        } else {
            Problem::unavailable("too many requests at once", 1).into_response()
        };
    };
    next.run(request).await
}

/// One span and one line per request, by the route's pattern: the path itself may hold a token.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let quiet = matches!(path.as_str(), "/livez" | "/readyz" | "/metrics");
    let span = tracing::info_span!("request", %method, path);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    metrics::counter!("epaybl_requests_total", "path" => path, "status" => status.as_u16().to_string())
        .increment(1);
    if !quiet {
        span.in_scope(|| tracing::info!(status = status.as_u16(), "answered"));
    }
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request ended in a panic; nothing that it had not committed became true");
    Problem::new(Kind::Internal, "a fault of the connector; operators are told").into_response()
}
