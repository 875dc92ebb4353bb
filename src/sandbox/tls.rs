//! How the sandbox listens over TLS: the usual way, and two ways in which certificates have expired.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

use super::{SandboxError, fault::Fault};

/// The TLS configurations of a sandbox, one for each way that its faults can ask for.
#[derive(Clone, Debug)]
pub struct Tls {
    verifier: Arc<dyn ClientCertVerifier>,
    usual: Arc<ServerConfig>,
    /// Client certificates have expired, whatever they say.
    refusing: Arc<ServerConfig>,
    /// The server's own certificate has expired.
    expired: Option<Arc<ServerConfig>>,
}

/// A TLS configuration that asks for a client certificate of one of the `clients` authorities. A browser
/// without one may see the paypage; the Konnektor answers it with 401.
///
/// # Errors
/// [`SandboxError::Tls`] when chain, key or authorities do not fit.
pub fn tls_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clients: &[CertificateDer<'static>],
) -> Result<Tls, SandboxError> {
    let mut roots = RootCertStore::empty();
    for authority in clients {
        roots.add(authority.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let expiring = Arc::new(Expiring(Arc::clone(&verifier)));
    Ok(Tls {
        usual: config(Arc::clone(&verifier), chain.clone(), key.clone_key())?,
        refusing: config(expiring, chain, key)?,
        expired: None,
        verifier,
    })
}

impl Tls {
    /// The same, with a certificate that has expired for [`Fault::ExpiredCertificate`]. The sandbox makes no
    /// certificates; without this one that fault cannot be asked for.
    ///
    /// # Errors
    /// [`SandboxError::Tls`] when chain and key do not fit.
    pub fn with_expired(
        mut self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, SandboxError> {
        self.expired = Some(config(Arc::clone(&self.verifier), chain, key)?);
        Ok(self)
    }

    /// Whether this fault of certificates can happen here.
    pub(super) fn can(&self, fault: &Fault) -> bool {
        *fault != Fault::ExpiredCertificate || self.expired.is_some()
    }

    /// How the next connection is taken while these faults are in force.
    pub(super) fn while_in_force(&self, faults: &[Fault]) -> Arc<ServerConfig> {
        let expired = (self.expired.as_ref()).filter(|_| faults.contains(&Fault::ExpiredCertificate));
        let config = match expired {
            Some(expired) => expired,
            None if faults.contains(&Fault::ClientCertificateExpired) => &self.refusing,
            None => &self.usual,
        };
        Arc::clone(config)
    }
}

fn config(
    verifier: Arc<dyn ClientCertVerifier>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, SandboxError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Finds that every client certificate that is good otherwise has expired. The client hears it as a TLS
/// alert, `certificate_expired`.
#[derive(Debug)]
struct Expiring(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for Expiring {
    fn offer_client_auth(&self) -> bool {
        self.0.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.0.verify_client_cert(certificate, others, now)?;
        Err(CertificateError::Expired.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
