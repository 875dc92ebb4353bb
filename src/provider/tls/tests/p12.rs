//! PKCS#12.

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

#[test]
fn new_and_old_files_give_the_same_certificate_and_key() {
    for (name, certificates) in [
        ("modern.p12", 2),
        ("legacy-rc2-3des.p12", 2),
        ("legacy-3des.p12", 2),
        ("no-seal.p12", 1),
    ] {
        let files = of_p12(fixture(name), Some(PASSWORD));
        let identity = files.identity().expect(name).expect(name);
        let pem = of_pem(fixture("client.pem"), fixture("client-key.pem"));
        let expected = pem.identity().expect("PEM").expect("PEM");
        assert_eq!(identity.chain.first(), expected.chain.first(), "{name}");
        assert_eq!(identity.key.secret_der(), expected.key.secret_der(), "{name}");
        assert_eq!(identity.chain.len(), certificates, "{name}");
        files.client_config(true).expect(name);
    }
}

#[test]
fn a_file_without_a_password_needs_none() {
    of_p12(fixture("no-password.p12"), None)
        .client_config(true)
        .expect("it opens");
}

#[test]
fn a_wrong_or_missing_password_is_told_as_such() {
    for name in ["modern.p12", "legacy-rc2-3des.p12"] {
        refused(
            &of_p12(fixture(name), Some("falsch")),
            &[name, "client_p12_password is wrong"],
        );
        refused(&of_p12(fixture(name), None), &[name, "set client_p12_password"]);
    }
    refused(
        &of_p12(fixture("no-seal.p12"), Some("falsch")),
        &["client_p12_password is wrong, or the file is damaged"],
    );
}

#[test]
fn what_cannot_be_read_says_how_to_convert_it() {
    refused(
        &of_p12(fixture("too-old-rc4.p12"), Some(PASSWORD)),
        &[
            "in a way that is not read here",
            "openssl pkcs12 -legacy -nodes -in client.p12 -out all.pem",
            "openssl pkcs12 -export",
        ],
    );
    let folder = TempDir::new().expect("a folder");
    let cut = folder.path().join("cut.p12");
    let whole = std::fs::read(fixture("modern.p12")).expect("a file");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("written");
    refused(
        &of_p12(cut, Some(PASSWORD)),
        &["cannot be read as PKCS#12", "openssl pkcs12 -legacy"],
    );
}

#[test]
fn a_half_file_says_which_half_is_missing() {
    refused(
        &of_p12(fixture("no-key.p12"), Some(PASSWORD)),
        &["holds no private key"],
    );
    refused(
        &of_p12(fixture("no-certificate.p12"), Some(PASSWORD)),
        &["without its certificate"],
    );
}

#[test]
fn other_forms_under_the_wrong_setting_are_called_by_their_name() {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes, word) in [
        (
            "jks",
            &[0xfe, 0xed, 0xfe, 0xed, 0, 0][..],
            "keytool -importkeystore",
        ),
        ("empty", &[][..], "empty file"),
        ("text", b"MIIJ".as_slice(), "base64 -d"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        refused(&of_p12(path, Some(PASSWORD)), &[word]);
    }
    refused(
        &of_p12(fixture("client.pem"), Some(PASSWORD)),
        &["is PEM, not PKCS#12", "client_cert_pem", "client_key_pem"],
    );
    refused(
        &of_p12(fixture("client.cer"), Some(PASSWORD)),
        &["certificate in DER without its key"],
    );
}

/// A PKCS#12 file with keys, each beside a certificate that is its own or another's.
fn with_pairs(folder: &TempDir, pairs: &[(&KeyPair, &rcgen::Certificate)]) -> PathBuf {
    let mut store = KeyStore::new();
    for (index, (key, certificate)) in pairs.iter().enumerate() {
        let chain = PrivateKeyChain::new(
            vec![u8::try_from(index).expect("few")],
            PrivateKey::from_der(&key.serialize_der()).expect("a key"),
            vec![Certificate::from_der(certificate.der()).expect("a certificate")],
        );
        store.add_entry(&index.to_string(), KeyStoreEntry::PrivateKeyChain(chain));
    }
    let path = folder.path().join("made.p12");
    std::fs::write(&path, store.writer(PASSWORD).write().expect("PKCS#12")).expect("written");
    path
}

fn pair() -> (KeyPair, rcgen::Certificate) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["client".to_owned()]).expect("parameters");
    let certificate = params.self_signed(&key).expect("signed");
    (key, certificate)
}

#[test]
fn a_key_beside_the_certificate_of_another_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let ((key, certificate), (_, foreign)) = (pair(), pair());
    let good = with_pairs(&folder, &[(&key, &certificate)]);
    of_p12(good, Some(PASSWORD)).client_config(true).expect("a pair");
    let bad = with_pairs(&folder, &[(&key, &foreign)]);
    refused(
        &of_p12(bad, Some(PASSWORD)),
        &["none of which belongs to its private key"],
    );
}

#[test]
fn a_file_with_two_keys_is_not_guessed_at() {
    let folder = TempDir::new().expect("a folder");
    let ((one, its), (other, others)) = (pair(), pair());
    let path = with_pairs(&folder, &[(&one, &its), (&other, &others)]);
    refused(&of_p12(path, Some(PASSWORD)), &["holds 2 private keys"]);
}
