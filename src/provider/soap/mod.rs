//! ePayBL's SOAP service («PaymentServices»), for sites without a Konnektor: SOAP 1.1 over mutual TLS, a paypage whose
//! address we put together, and no callbacks.
//!
//! What lives here: `config` and `profile` (settings; what a server understands, per Mandant), `envelope` and
//! `requests` (strict writer), `buchungen` (the lines of an order), `decode` and `xml` (bounded, tolerant reader),
//! `answer` and `told` (what an answer means), `client` (the port, one call), `operations` (which calls a question
//! takes). There is no public WSDL: what is assumed about the wire is a setting with the seen value as default. To add
//! an operation: its writer in `requests`, its reader in `told`, its use in `operations`.

mod answer;
mod buchungen;
mod client;
mod config;
mod decode;
mod envelope;
mod operations;
mod profile;
mod requests;
mod told;
mod xml;

pub use crate::provider::http::Timeouts;
pub use client::{Soap, SoapError};
pub use config::{Proof, SoapConfig};
pub use profile::{
    KassenzeichenParameter, Lieferadresse, LookUp, MitBlp, Operation, Profile, ProfileConfig, Tax, TaxTitle,
    Version,
};

#[cfg(test)]
mod tests;
