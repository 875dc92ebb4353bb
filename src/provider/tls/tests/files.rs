//! PEM, what certificates say, and settings that do not go together.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;
use crate::domain::time::Timestamp;

/// A folder with a certificate until a year, its key, and others that are wrong.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let make = |name: &str, year, usages| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.not_after = date_time_ymd(year, 12, 31);
        params.extended_key_usages = usages;
        let key = KeyPair::generate().expect("a key");
        (
            params.self_signed(&key).expect("signed").pem(),
            key.serialize_pem(),
        )
    };
    let (client, client_key) = make("client", 3000, vec![ExtendedKeyUsagePurpose::ServerAuth]);
    let (other, other_key) = make("other", 9999, Vec::new());
    for (name, text) in [
        ("client.pem", client.clone()),
        ("client.key", client_key),
        ("chain.pem", format!("{client}{other}")),
        ("other.key", other_key),
        (
            "encrypted.key",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n".to_owned(),
        ),
        (
            "rubbish.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
        ),
        ("large.pem", "x".repeat(1024 * 1024 + 1)),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

#[test]
fn a_file_that_is_wrong_is_named_with_what_to_do() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    for (cert, key, words) in [
        (
            path("missing.pem"),
            path("client.key"),
            vec!["client_cert_pem", "missing.pem", "cannot be read"],
        ),
        (
            fixture("modern.p12"),
            path("client.key"),
            vec!["modern.p12", "name it in client_p12", "openssl pkcs12 -legacy"],
        ),
        (
            fixture("client.cer"),
            path("client.key"),
            vec!["client.cer", "openssl x509 -inform der"],
        ),
        (
            path("client.key"),
            path("client.key"),
            vec!["client_cert_pem", "BEGIN CERTIFICATE"],
        ),
        (
            path("client.pem"),
            path("encrypted.key"),
            vec!["client_key_pem", "openssl pkey"],
        ),
        (
            path("client.pem"),
            path("client.pem"),
            vec!["client_key_pem", "no private key"],
        ),
        (
            path("client.pem"),
            path("other.key"),
            vec!["client.pem", "other.key", "together"],
        ),
        (
            path("large.pem"),
            path("client.key"),
            vec!["large.pem", "larger than 1 MiB"],
        ),
    ] {
        refused(&of_pem(cert, key), &words);
    }
}

#[test]
fn certificate_and_key_may_share_a_file() {
    let folder = folder();
    let both = folder.path().join("both.pem");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    std::fs::write(&both, read("client.key") + &read("client.pem")).expect("written");
    of_pem(both.clone(), both).client_config(true).expect("a pair");
}

#[test]
fn certificates_say_whose_they_are_and_until_when() {
    let folder = folder();
    let files = of_pem(folder.path().join("chain.pem"), folder.path().join("client.key"));
    let found = files.certificates();
    assert_eq!(
        found
            .iter()
            .map(|file| (file.setting, file.purpose))
            .collect::<Vec<_>>(),
        [("client_cert_pem", Purpose::Ours), ("ca_pem", Purpose::Trusted)]
    );
    let chain = found[0].certificates.as_ref().expect("readable");
    let ends: Vec<String> = chain
        .iter()
        .map(|facts| Timestamp::rfc3339(facts.validity.not_after))
        .collect();
    assert_eq!(ends[0], "3000-12-31T00:00:00.000Z");
    // What never ends by RFC 5280 ends with the calendar.
    assert!(ends[1].starts_with("9999-12-30"), "{ends:?}");
    assert_eq!(
        chain.iter().map(|facts| facts.for_clients).collect::<Vec<_>>(),
        [false, true],
        "a certificate of a server is told apart, one without a purpose is for all"
    );
    let of_fixture = of_p12(fixture("legacy-3des.p12"), Some(PASSWORD)).certificates();
    let ours = &of_fixture[0].certificates.as_ref().expect("readable")[0];
    assert_eq!(ours.serial, "4711");
    assert_eq!(ours.subject, "O=TEST ONLY, CN=TEST ONLY connector client");
    assert!(ours.for_clients);
}

#[test]
fn a_certificate_that_cannot_be_read_is_told_with_its_number() {
    let folder = folder();
    let files = of_pem(
        folder.path().join("rubbish.pem"),
        folder.path().join("client.key"),
    );
    let found = files.certificates();
    let error = found[0].certificates.as_ref().expect_err("rubbish").to_string();
    assert!(
        error.contains("rubbish.pem") && error.contains("certificate 1") && error.contains("no X.509"),
        "{error}"
    );
    assert!(facts::of_pem("").is_err());
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    let found = |toml: &str| {
        let files: TlsFiles = toml::from_str(toml).expect("readable");
        let mut problems = Vec::new();
        files.check(&mut |setting, text| problems.push(format!("{setting} {text}")));
        problems
    };
    assert_eq!(
        found("client_p12 = \"a\"\nclient_p12_password = \"b\""),
        Vec::<String>::new()
    );
    let both = found("client_p12 = \"a\"\nclient_cert_pem = \"b\"\nclient_key_pem = \"c\"");
    assert!(both[0].contains("keep one form"), "{both:?}");
    let alone = found("client_p12_password = \"b\"");
    assert!(alone[0].starts_with("client_p12 is missing"), "{alone:?}");
    let keyless = found("client_cert_pem = \"b\"");
    assert!(keyless[0].starts_with("client_key_pem is missing"), "{keyless:?}");
}

#[test]
fn what_a_section_holds_besides_is_left_alone() {
    let files: TlsFiles = toml::from_str("base_url = \"https://a/\"\nca_pem = \"x\"").expect("readable");
    assert_eq!(files.ca_pem, Some(PathBuf::from("x")));
    assert!(!files.says_who_we_are());
}
