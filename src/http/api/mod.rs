//! `/api/v1`: what finance offices and auditors call, with problem documents for everything that goes wrong. Who calls
//! is a client of the tenants file; its roles say whose matters it sees, and everything else is not there.
//!
//! To add an operation: a handler with its `#[utoipa::path]` in a file here, and its line in [`routes`]; the document at
//! `/openapi.json` and `docs/openapi.json` follow from both. It takes path, query and body by [`asked`], and a list has
//! pages: `after`, `limit`, `next`.

mod asked;
mod closings;
mod exceptions;
mod lists;
mod payout_orders;
mod postings;
mod proposals;
mod refused;
mod statements;
mod statistics;
mod upload;

pub use lists::UPLOAD as LIST_UPLOAD;
pub use upload::UPLOAD;

use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::routing::get;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::auth::{self, AuthError};
use super::problem::{Kind, Problem};
use crate::app::exceptions::Sight;
use crate::app::ports::ReadError;
use crate::domain::ids::LedgerId;
use crate::domain::tenant::Client;

/// How a problem document (RFC 9457) looks.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "it only describes what Problem writes")]
struct ProblemDocument {
    /// Stable, from a closed list, such as `urn:epaybl-connector:problem:conflict`.
    r#type: String,
    /// What it is called.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
}

struct Login;

impl Modify for Login {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An access token of /oauth/token (client credentials); HTTP Basic with the same credentials works too.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "epaybl-connector",
        version = "1",
        description = "What finance offices and auditors ask of the connector. Portals speak XBezahldienste instead.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This connector")),
    security(("token" = [])),
    components(schemas(ProblemDocument)),
    modifiers(&Login)
)]
struct Document;

fn routes() -> OpenApiRouter<Arc<Web>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(exceptions::list, exceptions::open))
        .routes(routes!(proposals::show))
        .routes(routes!(exceptions::step))
        .routes(routes!(exceptions::reverse))
        .routes(routes!(payout_orders::list))
        .routes(routes!(payout_orders::paid))
        .routes(routes!(statements::list, upload::take))
        .routes(routes!(lists::list))
        .routes(routes!(lists::take, lists::show))
        .routes(routes!(postings::list, postings::export))
        .routes(routes!(postings::fetch))
        .routes(routes!(postings::withdraw))
        .routes(routes!(statistics::show))
        .routes(routes!(closings::list, closings::prepare))
        .routes(routes!(closings::show))
        .routes(routes!(closings::report))
        .routes(routes!(closings::table))
        .routes(routes!(closings::sign))
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(|| routes().split_for_parts().1);

/// The OpenAPI document.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    &DOCUMENT
}

/// All operations, and their document.
pub fn router(web: &Web) -> Router<Arc<Web>> {
    let (router, _) = routes().split_for_parts();
    let router = router.layer(DefaultBodyLimit::max(web.options.body_limit));
    router.route("/openapi.json", get(async || Json(document())))
}

/// Who calls, and what of a Kasse they see. A Kasse of which they see nothing is not there for them.
async fn caller(
    web: &Web,
    headers: &HeaderMap,
    kasse: &str,
) -> Result<(Arc<Client>, LedgerId, Sight), Problem> {
    let client = person(web, headers).await?;
    let nothing = || {
        Problem::new(
            Kind::NotFound,
            "there is no such Kasse, or nothing of it that you may see",
        )
    };
    let ledger = LedgerId::parse(kasse).map_err(|_| nothing())?;
    let sight = web.app.sight(&client, &ledger).await.map_err(unavailable)?;
    let sight = sight.ok_or_else(nothing)?;
    Ok((client, ledger, sight))
}

/// Who calls.
async fn person(web: &Web, headers: &HeaderMap) -> Result<Arc<Client>, Problem> {
    let client = auth::client(&web.app, headers).await;
    client.map_err(|error| match error {
        AuthError::Nobody => Problem::new(Kind::Unauthorized, "an access token of /oauth/token is needed"),
        AuthError::Unavailable => Problem::unavailable("credentials cannot be checked now", 5),
    })
}

fn unavailable(error: ReadError) -> Problem {
    tracing::error!(%error, "the store could not be read");
    Problem::unavailable("the store cannot be read now", 5)
}

/// Rows of a page, at most.
const MOST_ROWS: u32 = 200;

/// The number of rows of a page.
fn page_size(limit: Option<u32>) -> Result<u32, Problem> {
    match limit.unwrap_or(50) {
        limit @ 1..=MOST_ROWS => Ok(limit),
        limit => Err(Problem::new(
            Kind::InvalidRequest,
            format!("limit={limit}: a page has 1 to {MOST_ROWS} rows"),
        )),
    }
}

/// A page of what was read with one row more than it has, and where the next one begins: nowhere behind the last.
fn page<T, C>(mut rows: Vec<T>, limit: u32, place: impl Fn(&T) -> C) -> (Vec<T>, Option<C>) {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(place);
    (rows, next)
}
