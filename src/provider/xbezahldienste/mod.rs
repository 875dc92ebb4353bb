//! Any payment service that speaks XBezahldienste (1.0.0, 1.1.0, 1.2.0): JSON over HTTPS, one POST that opens a payment,
//! one GET that asks.
//!
//! What lives here: `config` (validates itself), `wire` (strict writer of the PaymentRequest), `answer` (tolerant reader
//! and what an answer means), `times` (what a service calls UTC), `auth` (the three ways to log in), `client` (the port).
//! What differs between services is a setting; the standard's own words are in `answer`.
//!
//! **When nobody can know whether a payment exists.** The standard has no question by requestId and no word about an
//! earlier request. Where the service gives our requestId back as its transactionId
//! (`transaction_id_is_request_id = true`), a lost answer is found again by GET, and only a 404 lets the same request be
//! sent again. Where it does not, a lost answer stays [`crate::app::ports::Opened::Unknowable`].

mod answer;
mod auth;
mod client;
mod config;
mod times;
mod wire;

pub use client::{Xbezahldienste, XbezahldiensteError};
pub use config::{AuthConfig, AuthKind, Originator, PurposeForm, TokenStyle, Version, XbezahldiensteConfig};
pub use times::Times;

#[cfg(test)]
mod tests;
