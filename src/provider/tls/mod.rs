//! Certificates of every kind of provider: who we are to it, and whom we trust.
//!
//! What lives here: [`TlsFiles`] (the settings, and what they make), `pem` and `p12` (the two forms in which
//! certificates arrive), [`facts`] (what a certificate says of itself). To add a form: a file that turns bytes into an
//! [`Identity`], its setting in [`TlsFiles`], and a sentence for those who hand it in under the wrong name
//! (`Form::seen`).

pub mod facts;
mod form;
mod p12;
mod pem;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{ClientConfig, WantsClientCert};
use rustls::crypto::ring;
use rustls::{ConfigBuilder, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::SecretString;
use serde::Deserialize;
use zeroize::Zeroizing;

use facts::Facts;

/// The longest file that is read; the roots of a whole operating system are a quarter of it.
const LONGEST: u64 = 1024 * 1024;

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
    #[error("{of} cannot be used together: {}", not_together(.why))]
    Pair {
        /// The settings and their files.
        of: String,
        /// Why.
        why: rustls::Error,
    },
    /// The system has no root certificates, or the TLS library refuses its settings.
    #[error("no TLS without root certificates (set ca_pem, or install those of the system): {0}")]
    Roots(String),
}

/// The files that a provider's section names. Every kind of provider has these settings; read from a section, it takes
/// its own and leaves the others alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TlsFiles {
    /// Our certificate, and the chain after it, in PEM.
    pub client_cert_pem: Option<PathBuf>,
    /// Its private key, not encrypted, in PEM.
    pub client_key_pem: Option<PathBuf>,
    /// Our certificate, its key and its chain as PKCS#12, instead of the two.
    pub client_p12: Option<PathBuf>,
    /// The password of the PKCS#12 file; without it, the empty one.
    pub client_p12_password: Option<SecretString>,
    /// The only roots that are trusted, in PEM; without it, those of the system.
    pub ca_pem: Option<PathBuf>,
}

/// Who we are: a private key, its certificate first, then the chain.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// What a file of certificates is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It says who we are.
    Ours,
    /// It says whom we trust.
    Trusted,
}

/// A file of certificates, and what they say.
#[derive(Debug)]
pub struct NamedFile {
    /// The setting that names it.
    pub setting: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What it is for.
    pub purpose: Purpose,
    /// Its certificates, in the order of the file; or why it cannot be read.
    pub certificates: Result<Vec<Facts>, TlsError>,
}

impl TlsFiles {
    /// Whether they say who we are.
    pub const fn says_who_we_are(&self) -> bool {
        self.client_cert_pem.is_some() || self.client_p12.is_some()
    }

    /// Notes settings that do not go together. The files are read when the provider is made.
    pub fn check(&self, say: &mut dyn FnMut(&str, String)) {
        match (&self.client_cert_pem, &self.client_key_pem) {
            (Some(_), None) => say(
                "client_key_pem",
                "is missing; client_cert_pem needs its key".to_owned(),
            ),
            (None, Some(_)) => say(
                "client_cert_pem",
                "is missing; client_key_pem needs its certificate".to_owned(),
            ),
            _ => {}
        }
        if self.client_p12.is_some() && (self.client_cert_pem.is_some() || self.client_key_pem.is_some()) {
            say(
                "client_p12",
                "is given beside client_cert_pem and client_key_pem; keep one form".to_owned(),
            );
        }
        if self.client_p12_password.is_some() && self.client_p12.is_none() {
            say(
                "client_p12",
                "is missing; client_p12_password is of no use without it".to_owned(),
            );
        }
    }

    /// The settings of TLS: ring, TLS 1.2 and 1.3, our certificate where there is one. Without `https` no roots are
    /// needed, and none may be missed.
    ///
    /// # Errors
    /// [`TlsError`] names the setting and the file, and says how to mend it.
    pub fn client_config(&self, https: bool) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Roots(error.to_string()))?;
        let trusting: ConfigBuilder<ClientConfig, WantsClientCert> = match &self.ca_pem {
            Some(path) => builder.with_root_certificates(pem::roots("ca_pem", path)?),
            None if !https => builder.with_root_certificates(RootCertStore::empty()),
            None => builder
                .with_platform_verifier()
                .map_err(|error| TlsError::Roots(error.to_string()))?,
        };
        let Some(identity) = self.identity()? else {
            return Ok(trusting.with_no_client_auth());
        };
        trusting
            .with_client_auth_cert(identity.chain, identity.key)
            .map_err(|why| TlsError::Pair {
                of: self.named_identity(),
                why,
            })
    }

    /// Every file of certificates that is named, read now.
    pub fn certificates(&self) -> Vec<NamedFile> {
        let pem_facts = |setting, path: &Path| {
            pem::certificates(setting, path).and_then(|chain| facts::of_all(setting, path, &chain))
        };
        let ours = self.client_cert_pem.as_ref().map(|path| NamedFile {
            setting: "client_cert_pem",
            path: path.clone(),
            purpose: Purpose::Ours,
            certificates: pem_facts("client_cert_pem", path),
        });
        let p12 = self.client_p12.as_ref().map(|path| NamedFile {
            setting: "client_p12",
            path: path.clone(),
            purpose: Purpose::Ours,
            certificates: p12::identity("client_p12", path, self.client_p12_password.as_ref())
                .and_then(|identity| facts::of_all("client_p12", path, &identity.chain)),
        });
        let trusted = self.ca_pem.as_ref().map(|path| NamedFile {
            setting: "ca_pem",
            path: path.clone(),
            purpose: Purpose::Trusted,
            certificates: pem_facts("ca_pem", path),
        });
        ours.into_iter().chain(p12).chain(trusted).collect()
    }

    fn identity(&self) -> Result<Option<Identity>, TlsError> {
        if let Some(path) = &self.client_p12 {
            return p12::identity("client_p12", path, self.client_p12_password.as_ref()).map(Some);
        }
        let (Some(cert), Some(key)) = (&self.client_cert_pem, &self.client_key_pem) else {
            return Ok(None);
        };
        Ok(Some(Identity {
            chain: pem::certificates("client_cert_pem", cert)?,
            key: pem::private_key("client_key_pem", key)?,
        }))
    }

    fn named_identity(&self) -> String {
        let name = |path: &Option<PathBuf>| {
            path.as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        if self.client_p12.is_some() {
            format!(
                "the certificate and the key in client_p12 {}",
                name(&self.client_p12)
            )
        } else {
            format!(
                "client_cert_pem {} and client_key_pem {}",
                name(&self.client_cert_pem),
                name(&self.client_key_pem)
            )
        }
    }
}

/// Why a certificate and a key cannot be used together, and what to do.
fn not_together(why: &rustls::Error) -> String {
    match why {
        rustls::Error::InconsistentKeys(_) => {
            "the key belongs to another certificate; take the key that the certificate was requested with, and the \
             certificate itself first, before its chain"
                .to_owned()
        }
        other => format!(
            "{other}; `openssl x509 -text` shows what the certificate is (TLS takes X.509 version 3 only)"
        ),
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let failed = |source| TlsError::Read {
        setting,
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(content(
            setting,
            path,
            "is larger than 1 MiB: it is no file of certificates",
        ));
    }
    Ok(bytes)
}

fn content(setting: &'static str, path: &Path, what: impl Into<String>) -> TlsError {
    TlsError::Content {
        setting,
        path: path.to_owned(),
        what: what.into(),
    }
}

#[cfg(test)]
mod tests;
