//! The XBezahldienste standard, versions 1.0.0, 1.1.0 and 1.2.0, as a server: reading requests, writing answers, errors.
//!
//! Pure: bytes and headers in, domain values out, and back. A handler calls, in this order,
//!
//! 1. [`dialect::said`] (POST only), which version the portal says it speaks,
//! 2. [`read::route_key`] and [`read::transaction_id`], what the path names,
//! 3. [`read::order`], the body as `(Order, Facts)`,
//! 4. a use case,
//! 5. [`answer::TransactionView`], or a [`system_response::Refusal`]: both turn themselves into a response.
//!
//! Three rules decide every doubt about tolerance. What is **booked or identifies** is strict: ids, amounts, currency,
//! the address that the browser returns to. What is **only informative** never fails a payment: it is repaired or
//! ignored and named in `Facts::warnings`. What we **write** is strict without exception: exactly the standard's
//! members, its patterns read as ASCII, because the strictest portals break on one member more.
//!
//! The published files cannot be used as they are (`\s-,` is no valid range, 1.1.0 requires members that it forbids), so
//! their rules stand here as plain character checks in [`check`] and [`clean`]. To read one more member: name it in
//! `MEMBERS` of [`read`], read it there, and add a line to the tables of its tests.

pub mod answer;
pub mod check;
pub mod clean;
#[cfg(test)]
mod conformance;
pub mod dialect;
mod endpoints;
mod members;
pub mod read;
mod requestor;
pub mod system_response;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};

use super::Web;

/// The version in the path, where there is one.
#[derive(Debug, Clone, Copy)]
struct Segment(Option<&'static str>);

/// The standard under its prefix: without a version, under the directory's `v1` and `v2`, and under each full version.
pub(super) fn router(web: &Arc<Web>) -> Router<Arc<Web>> {
    let prefix = &web.options.prefix;
    let mut router = Router::new();
    for segment in [
        None,
        Some("v1"),
        Some("v2"),
        Some("v1.0.0"),
        Some("v1.1.0"),
        Some("v1.2.0"),
    ] {
        let base = segment.map_or_else(|| prefix.clone(), |version| format!("{prefix}/{version}"));
        router = router.nest(&base, operations(segment));
    }
    router
}

fn operations(segment: Option<&'static str>) -> Router<Arc<Web>> {
    let mut router = Router::new();
    // A trailing slash is tolerated.
    for slash in ["", "/"] {
        let path = |path: &str| format!("{path}{slash}");
        router = router
            .route(
                &path("/paymenttransaction/{originator}/{endpoint}"),
                post(endpoints::create),
            )
            .route(
                &path("/paymenttransaction/{originator}/{endpoint}/{transaction}"),
                get(endpoints::get),
            )
            .route(&path("/status"), get(endpoints::status))
            .route(
                &path("/status/{originator}/{endpoint}"),
                get(endpoints::status_by_ids),
            )
            .route(
                &path("/payment-methods/{originator}/{endpoint}"),
                get(endpoints::payment_methods),
            )
            .route(
                &path("/maintenance/{originator}/{endpoint}"),
                get(endpoints::maintenance),
            );
    }
    router
        .fallback(endpoints::no_operation)
        .method_not_allowed_fallback(endpoints::no_operation)
        .layer(Extension(Segment(segment)))
}
