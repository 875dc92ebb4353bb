//! Certificates: who we are to the Konnektor, whom we trust, and when a certificate ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{ClientConfig, WantsClientCert};
use rustls::crypto::ring;
use rustls::{ConfigBuilder, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::BuilderVerifierExt;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::config::KonnektorConfig;
use crate::domain::time::Timestamp;

/// What is wrong with a certificate or a key, with the setting and the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("{setting} {path} cannot be read: {source}")]
    Read {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not hold what it should.
    #[error("{setting} {path} {what}")]
    Content {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// Certificate and key cannot be used together.
    #[error("client_cert_pem {cert} and client_key_pem {key} cannot be used together: {why}")]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        why: String,
    },
    /// The system has no root certificates, or the TLS library refuses its settings.
    #[error("no TLS without root certificates (set ca_pem, or install those of the system): {0}")]
    Roots(String),
    /// It is no certificate.
    #[error("is no X.509 certificate in PEM")]
    NotACertificate,
}

/// The TLS settings of a Konnektor: ring, TLS 1.2 and 1.3, our certificate where there is one.
pub(super) fn client_config(config: &KonnektorConfig) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Roots(error.to_string()))?;
    let trusting: ConfigBuilder<ClientConfig, WantsClientCert> = match &config.ca_pem {
        Some(path) => builder.with_root_certificates(roots("ca_pem", path)?),
        // Plain http never comes here: no roots are needed, and none may be missed.
        None if config.base_url.scheme() == "http" => builder.with_root_certificates(RootCertStore::empty()),
        None => builder
            .with_platform_verifier()
            .map_err(|error| TlsError::Roots(error.to_string()))?,
    };
    let (Some(cert), Some(key)) = (&config.client_cert_pem, &config.client_key_pem) else {
        return Ok(trusting.with_no_client_auth());
    };
    trusting
        .with_client_auth_cert(
            certificates("client_cert_pem", cert)?,
            private_key("client_key_pem", key)?,
        )
        .map_err(|error| TlsError::Pair {
            cert: cert.clone(),
            key: key.clone(),
            why: error.to_string(),
        })
}

/// When the first certificate of a PEM file ends; where a chain follows, the earliest end of all.
///
/// # Errors
/// [`TlsError::NotACertificate`] where there is none, or one cannot be read.
pub fn certificate_expiry(pem: &[u8]) -> Result<Timestamp, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .map(|found| {
            let der = found.map_err(|_| TlsError::NotACertificate)?;
            let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| TlsError::NotACertificate)?;
            let seconds = certificate.validity().not_after.timestamp();
            // A certificate that never ends (99991231235959Z, RFC 5280) lies past the calendar.
            let seconds = seconds.min(jiff::Timestamp::MAX.as_second());
            Ok(Timestamp::from_millis(seconds.saturating_mul(1000)))
        })
        .reduce(|earliest, next| Ok(earliest?.min(next?)))
        .unwrap_or(Err(TlsError::NotACertificate))
}

fn read(setting: &'static str, path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, TlsError> {
    std::fs::read(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|source| TlsError::Read {
            setting,
            path: path.to_owned(),
            source,
        })
}

fn certificates(setting: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let content = |what: String| TlsError::Content {
        setting,
        path: path.to_owned(),
        what,
    };
    let bytes = read(setting, path)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| content(format!("is broken PEM: {error}")))?;
    if found.is_empty() {
        return Err(content(format!(
            "holds no «BEGIN CERTIFICATE»{}",
            pkcs12_hint(&bytes)
        )));
    }
    Ok(found)
}

fn roots(setting: &'static str, path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(setting, path)? {
        store.add(certificate).map_err(|error| TlsError::Content {
            setting,
            path: path.to_owned(),
            what: format!("holds a certificate that cannot be a root: {error}"),
        })?;
    }
    Ok(store)
}

fn private_key(setting: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = read(setting, path)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        let encrypted = bytes
            .windows(9)
            .any(|window| window.eq_ignore_ascii_case(b"ENCRYPTED"));
        TlsError::Content {
            setting,
            path: path.to_owned(),
            what: if encrypted {
                "holds an encrypted key; decrypt it (openssl pkey -in key.pem -out plain.pem) and protect the file"
                    .to_owned()
            } else {
                format!("holds no private key in PEM{}", pkcs12_hint(&bytes))
            },
        }
    })
}

/// Certificates arrive as PKCS#12, often with ciphers that only `-legacy` still reads.
fn pkcs12_hint(bytes: &[u8]) -> &'static str {
    if bytes.first() == Some(&0x30) {
        "; it looks like PKCS#12 (.p12), convert it: openssl pkcs12 -legacy -nodes -in client.p12 -out client.pem"
    } else {
        ""
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
