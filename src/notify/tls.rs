//! TLS towards gateways: rustls with ring, said explicitly, so that nothing depends on a process-wide default.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It is not PEM.
    #[error("it cannot be read as PEM: {0}")]
    Pem(String),
    /// It is PEM, but has no certificate.
    #[error("it has no certificate")]
    Empty,
    /// A certificate cannot serve as a root.
    #[error("certificate {0} cannot be a root: {1}")]
    Root(usize, rustls::Error),
    /// The cryptography does not offer what TLS 1.2 and 1.3 need.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// Reads PEM into roots.
pub(super) fn parse_roots(pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
        let certificate = certificate.map_err(|error| TlsError::Pem(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| TlsError::Root(index + 1, error))?;
    }
    if roots.is_empty() {
        Err(TlsError::Empty)
    } else {
        Ok(roots)
    }
}

/// The operating system's roots. None at all is possible in a bare container, and no error as long as nobody needs one.
pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a root certificate of the operating system cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    roots
}

/// A client's TLS with these roots, for HTTP/2 and HTTP/1.1.
pub(super) fn client_config(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
