//! The REST ePayBL-Konnektor v1_0: JSON over mutual TLS, one POST that opens a payment, one GET that asks.
//!
//! What lives here: `config` (validates itself), `wire` (strict writer of the Buchungsliste), `answer` (tolerant
//! reader and what an answer means), `client` (the port). There is no public specification:
//! what is assumed about the wire is a setting with the seen value as default. To add one operation: its path and
//! method in `client`, its reader in `answer`, a line in the port.

mod answer;
mod client;
mod config;
mod wire;

pub use crate::provider::http::Timeouts;
pub use client::{Konnektor, KonnektorError};
pub use config::{HrefPosition, KonnektorConfig, TextConfig};

#[cfg(test)]
mod mutual_tls_tests;
