//! Where a request comes from, as far as a browser says so. A page of another site must not pay, move money or
//! time, or set faults in a sandbox that runs beside it: its browser would send the request along.

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use url::Url;

/// Whether a browser says that a request comes from a page of this very server. Programs that are no browsers
/// say nothing of the kind and may.
pub(super) fn is_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (
        text(header::HeaderName::from_static("sec-fetch-site")),
        text(header::ORIGIN),
    ) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
        (None, Some(origin)) => {
            let origin = Url::parse(origin).ok();
            let from = origin.as_ref().and_then(|origin| {
                let host = origin.host_str()?;
                Some(
                    origin
                        .port()
                        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
                )
            });
            from.is_some() && from.as_deref() == text(header::HOST)
        }
    }
}

/// Refuses what another site lets a browser send, unless it only reads.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_here(request.headers()) {
        return next.run(request).await;
    }
    let why = "this call was sent by a page of another site; call the sandbox from a program, or from its own pages";
    (StatusCode::FORBIDDEN, Json(json!({ "error": why }))).into_response()
}
