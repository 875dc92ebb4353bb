//! Certificates and keys in PEM.

use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::form::Form;
use super::{TlsError, content, read};

/// All certificates of a file, in its order; there is at least one.
pub(super) fn certificates(
    setting: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(setting, path)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| content(setting, path, format!("is broken PEM: {error}")))?;
    if found.is_empty() {
        let hint = Form::seen(&bytes).instead_of_pem();
        return Err(content(
            setting,
            path,
            format!("holds no «BEGIN CERTIFICATE»{hint}"),
        ));
    }
    Ok(found)
}

/// All certificates of a file as roots.
pub(super) fn roots(setting: &'static str, path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(setting, path)? {
        store.add(certificate).map_err(|error| {
            content(
                setting,
                path,
                format!("holds a certificate that cannot be a root: {error}"),
            )
        })?;
    }
    Ok(store)
}

/// The first private key of a file.
pub(super) fn private_key(setting: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = read(setting, path)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        let encrypted = bytes
            .windows(9)
            .any(|window| window.eq_ignore_ascii_case(b"ENCRYPTED"));
        let what = if encrypted {
            "holds an encrypted key; decrypt it (openssl pkey -in key.pem -out plain.pem) and protect the file"
                .to_owned()
        } else {
            format!(
                "holds no private key in PEM{}",
                Form::seen(&bytes).instead_of_pem()
            )
        };
        content(setting, path, what)
    })
}
