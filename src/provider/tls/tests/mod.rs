//! Files as operators get them: PEM and PKCS#12, new and old, right and wrong.

mod files;
mod p12;

use std::path::PathBuf;

use super::*;

/// The password of the fixtures.
const PASSWORD: &str = "nur-zum-Testen";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/tls")
        .join(name)
}

fn of_p12(path: PathBuf, password: Option<&str>) -> TlsFiles {
    TlsFiles {
        client_p12: Some(path),
        client_p12_password: password.map(SecretString::from),
        ca_pem: Some(fixture("ca.pem")),
        ..TlsFiles::default()
    }
}

fn of_pem(cert: PathBuf, key: PathBuf) -> TlsFiles {
    TlsFiles {
        client_cert_pem: Some(cert),
        client_key_pem: Some(key),
        ca_pem: Some(fixture("ca.pem")),
        ..TlsFiles::default()
    }
}

fn refused(files: &TlsFiles, words: &[&str]) {
    let error = files.client_config(true).expect_err("a wrong file").to_string();
    for word in words {
        assert!(error.contains(word), "«{word}» is missing in: {error}");
    }
    assert!(!error.contains(PASSWORD), "{error}");
}
