//! The certificates of a world whose provider is spoken to over TLS: a root of its own, and under it the sandbox's.

use std::path::{Path, PathBuf};

use epaybl_connector::sandbox::{Tls, tls_config};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The authority of the clients that the sandbox lets in.
const CLIENTS: &[u8] = include_bytes!("../../fixtures/tls/ca.pem");

/// A sandbox over TLS, and what those need who speak to it.
pub struct Secured {
    /// How it listens; with a certificate that has expired for the fault of this name.
    pub tls: Tls,
    /// Whom browsers trust.
    pub root: reqwest::Certificate,
    /// The same as a file, for `ca_pem`.
    pub root_file: PathBuf,
}

impl Secured {
    /// Makes the certificates; the root is a file of this folder.
    pub fn new(folder: &Path) -> Self {
        // Whoever comes first installs it; browsers of this world may come before any party.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let root = CertifiedIssuer::self_signed(params, key).expect("a root");
        let server = |until| {
            let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(until, 1, 1);
            let key = KeyPair::generate().expect("a key");
            let certificate = params.signed_by(&key, &root).expect("a certificate");
            let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
            (vec![certificate.der().clone()], key)
        };
        let clients = CertificateDer::from_pem_slice(CLIENTS).expect("the clients' authority");
        let ((chain, key), (old, old_key)) = (server(4000), server(2025));
        let tls = tls_config(chain, key, &[clients])
            .and_then(|tls| tls.with_expired(old, old_key))
            .expect("TLS");
        let root_file = folder.join("root.pem");
        std::fs::write(&root_file, root.pem()).expect("the root is written");
        Self {
            tls,
            root: reqwest::Certificate::from_pem(root.pem().as_bytes()).expect("a certificate"),
            root_file,
        }
    }
}
