//! PKCS#12, as certificates are delivered: modern files (PBES2 with AES) and the old kind (RC2-40 and 3DES under SHA-1)
//! that OpenSSL 3 opens with `-legacy` only.

use std::path::Path;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls::crypto::ring;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::form::Form;
use super::{Identity, TlsError, content, read};

/// The longest chain that is followed.
const LONGEST_CHAIN: usize = 10;

/// How a file in another dress is brought into the usual one.
const CONVERT: &str = "convert it: openssl pkcs12 -legacy -nodes -in client.p12 -out all.pem && \
                       openssl pkcs12 -export -in all.pem -out new.p12 && rm all.pem; then name new.p12";

/// The key of a file, its certificate, and the chain.
pub(super) fn identity(
    setting: &'static str,
    path: &Path,
    password: Option<&SecretString>,
) -> Result<Identity, TlsError> {
    let bytes = read(setting, path)?;
    let wrong = |what: String| content(setting, path, what);
    if let Some(what) = Form::seen(&bytes).instead_of_pkcs12() {
        return Err(wrong(what.to_owned()));
    }
    let secret = password.map(ExposeSecret::expose_secret).unwrap_or_default();
    let archive = Pkcs12Archive::from_pkcs12(&bytes, secret)
        .map_err(|error| wrong(in_words(&error, password.is_some())))?;
    let key = match archive.keys.as_slice() {
        [] => {
            return Err(wrong(
                "holds no private key, only certificates: ask for the file with the key, or export it with the key"
                    .to_owned(),
            ));
        }
        [only] => &only.key,
        several => {
            return Err(wrong(format!(
                "holds {} private keys, and nobody could tell which is meant: export the one that belongs to this \
                 provider into a file of its own",
                several.len()
            )));
        }
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.as_der().to_vec()));
    let certificates: Vec<CertificateDer<'static>> = archive
        .certs
        .iter()
        .map(|bag| CertificateDer::from(bag.cert.as_der().to_vec()))
        .collect();
    if certificates.is_empty() {
        return Err(wrong(
            "holds a private key without its certificate: export both into one file".to_owned(),
        ));
    }
    let signing = ring::sign::any_supported_type(&key).map_err(|error| {
        wrong(format!(
            "holds a private key that cannot be used ({error}): RSA from 2048 bits, ECDSA and Ed25519 can"
        ))
    })?;
    // Names and ids inside of the file are often missing or wrong; the key itself tells its certificate.
    let ours = certificates.iter().find(|certificate| {
        CertifiedKey::new(vec![(*certificate).clone()], signing.clone())
            .keys_match()
            .is_ok()
    });
    let Some(ours) = ours else {
        return Err(wrong(format!(
            "holds {} certificates, none of which belongs to its private key: export key and certificate anew",
            certificates.len()
        )));
    };
    Ok(Identity {
        chain: chain(ours, &certificates),
        key,
    })
}

/// Our certificate and those who signed it, as far as the file has them; others in the file are left out.
fn chain(ours: &CertificateDer<'static>, all: &[CertificateDer<'static>]) -> Vec<CertificateDer<'static>> {
    let parsed: Vec<_> = all
        .iter()
        .filter_map(|der| Some((der, X509Certificate::from_der(der).ok()?.1)))
        .collect();
    let mut chain = vec![ours.clone()];
    while chain.len() < LONGEST_CHAIN {
        let last = parsed.iter().find(|(der, _)| Some(*der) == chain.last());
        let issuer = last.and_then(|(_, last)| {
            parsed
                .iter()
                .find(|(der, certificate)| certificate.subject() == last.issuer() && !chain.contains(der))
        });
        match issuer {
            Some((der, _)) => chain.push((*der).clone()),
            None => break,
        }
    }
    chain
}

fn in_words(error: &Error, with_password: bool) -> String {
    match error {
        // The file's own seal: nothing else can be wrong with it.
        Error::MacError(_) if with_password => {
            "does not open: the password in client_p12_password is wrong".to_owned()
        }
        Error::MacError(_) => {
            "does not open without a password: set client_p12_password (better client_p12_password_file)"
                .to_owned()
        }
        // A file without a seal shows a wrong password as rubbish.
        Error::UnpadError | Error::Pkcs5Error(_) | Error::InvalidPrivateKey => {
            format!("cannot be decrypted: client_p12_password is wrong, or the file is damaged ({error})")
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            format!("is encrypted in a way that is not read here; {CONVERT}")
        }
        Error::InvalidParameters => {
            format!("asks for more rounds of key derivation than are bearable, or names none; {CONVERT}")
        }
        other => {
            format!("cannot be read as PKCS#12 ({other}): it may be damaged or in an old dress; {CONVERT}")
        }
    }
}
