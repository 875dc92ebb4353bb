//! The other side southbound: adapters that implement [`crate::app::ports::Provider`].
//!
//! What lives here:
//! - [`konnektor`]: the REST ePayBL-Konnektor v1_0, the primary adapter.
//! - [`soap`]: the SOAP service of the ePayBL server, for sites without a Konnektor.
//! - [`xbezahldienste`]: any payment service that speaks XBezahldienste 1.0.0, 1.1.0 or 1.2.0.
//! - [`signature`]: how a callback is read and proven; shared by all adapters that are called back.
//! - [`errors`]: ePayBL's result codes and what they mean for us; the same numbers in REST and SOAP.
//! - [`tls`]: certificates of every kind: PEM and PKCS#12, and when they end.
//! - [`http`]: an HTTP client of ours, bounded answers, and how far a call came that brought none.
//! - [`settings`]: the settings that every kind has, and their checks.
//! - [`text`]: texts and names brought to ePayBL's character set and lengths.
//!
//! To add one more provider: a folder with its `config` (validates itself, names the path that is wrong), its `wire`
//! (strict writer) and `answer` (tolerant reader), and a `client` that implements the port; name in
//! [`crate::domain::proof::ProofTable`] which of its answers prove what; and say in the client's docs when nobody can
//! know whether a payment exists ([`crate::app::ports::Opened::Unclear`]).

pub mod errors;
pub mod http;
pub mod konnektor;
pub mod settings;
pub mod signature;
pub mod soap;
pub mod text;
pub mod tls;
pub mod xbezahldienste;
