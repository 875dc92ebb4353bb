//! The way to gateways: one try to deliver an event, signed as Standard Webhooks 1.0.0 says.
//!
//! [`WebhookNotifier`] makes a single POST and says what became of it. What is due, in which order, and when it is tried
//! again is the business of the use case and of `domain::retry`; the body is made by `domain::event`. Nothing is kept
//! here between two tries but connections.
//!
//! - `config`: the section `[notify]`, which checks itself.
//! - `signature`: secrets and signatures. To add another scheme (`v1a`, Ed25519), sign with it beside `v1`: receivers
//!   skip versions that they do not know.
//! - `address`: which network addresses may be spoken to at all.
//! - `tls`: whose certificates are believed.
//! - `client`: the request and what its answer means.

mod address;
mod client;
mod config;
mod signature;
mod tls;

#[cfg(test)]
mod tests;

pub use address::{Lookup, SystemLookup};
pub use client::{NotifyError, WebhookNotifier};
pub use config::NotifyConfig;
pub use signature::{SecretError, SigningSecret, signatures};
pub use tls::TlsError;
