//! A small portal with pages, so that with `--stay` the whole way can be gone in a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::STORIES;
use super::parties::Portal;

#[derive(Template)]
#[template(path = "demo/portal.html")]
struct Start {
    stories: Vec<(usize, &'static str, String)>,
}

#[derive(Template)]
#[template(path = "demo/back.html")]
struct Back {
    status: String,
    method: String,
    reference: String,
}

#[derive(Template)]
#[template(path = "demo/wrong.html")]
struct Wrong {
    why: String,
}

struct Shared {
    connector: String,
    secret: String,
    home: String,
    number: AtomicU32,
}

/// A running portal.
pub(super) struct PortalPage {
    base_url: String,
    server: JoinHandle<()>,
}

impl PortalPage {
    /// Starts it on a free port.
    pub(super) async fn start(connector: &str, secret: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no free port on 127.0.0.1")?;
        let base_url = format!("http://{}/", listener.local_addr()?);
        let shared = Arc::new(Shared {
            connector: connector.to_owned(),
            secret: secret.to_owned(),
            home: base_url.clone(),
            number: AtomicU32::new(1),
        });
        let router = Router::new()
            .route("/", get(start))
            .route("/beginnen/{story}", post(begin))
            .route("/zurueck/{originator}/{endpoint}/{transaction}", get(back))
            .with_state(shared);
        let server = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Ok(Self { base_url, server })
    }

    /// Where it is.
    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Ends it.
    pub(super) fn stop(self) {
        self.server.abort();
    }
}

async fn start() -> Response {
    let amount = |text: &str| {
        crate::domain::money::Cents::parse(text)
            .map(crate::domain::money::Cents::german)
            .unwrap_or_default()
    };
    page(&Start {
        stories: STORIES
            .iter()
            .enumerate()
            .map(|(n, story)| (n, story.what, amount(story.gross)))
            .collect(),
    })
}

async fn begin(State(shared): State<Arc<Shared>>, Path(story): Path<usize>) -> Response {
    let Some(story) = STORIES.get(story) else {
        return wrong("no such application");
    };
    let number = shared.number.fetch_add(1, Ordering::Relaxed);
    let request_id = format!("browser-{}-{number:04}", story.request_id);
    let mut portal = Portal::new(shared.connector.clone(), "thavel", &shared.secret, &shared.home);
    let created = match portal.log_in().await {
        Ok(_) => portal.create(story.route, story.body, &request_id).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(created) => Redirect::to(&created.pay_url).into_response(),
        Err(error) => wrong(&format!("{error:#}")),
    }
}

async fn back(
    State(shared): State<Arc<Shared>>,
    Path((originator, end_point, transaction)): Path<(String, String, String)>,
) -> Response {
    let mut portal = Portal::new(shared.connector.clone(), "thavel", &shared.secret, &shared.home);
    let state = match portal.log_in().await {
        Ok(_) => {
            portal
                .ask(&format!("{originator}/{end_point}"), &transaction)
                .await
        }
        Err(error) => Err(error),
    };
    match state {
        Ok(state) => page(&Back {
            status: state.status,
            method: state.method,
            reference: state.reference,
        }),
        Err(error) => wrong(&format!("{error:#}")),
    }
}

fn wrong(why: &str) -> Response {
    page(&Wrong { why: why.to_owned() })
}

fn page(template: &impl Template) -> Response {
    Html(template.render().unwrap_or_default()).into_response()
}
