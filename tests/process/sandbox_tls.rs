//! The sandbox over TLS, as a client meets ePayBL: with its own certificate or not at all.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use reqwest::{Certificate, Identity};

use crate::child::{self, Process};
use crate::patience;

#[tokio::test]
async fn with_certificates_the_sandbox_knows_its_clients_by_theirs() {
    // Another story may have done so.
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().expect("a folder");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let issue = |usage| {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    };
    let (server, key) = issue(ExtendedKeyUsagePurpose::ServerAuth);
    let (client, client_key) = issue(ExtendedKeyUsagePurpose::ClientAuth);
    for (name, text) in [
        ("server.pem", &server),
        ("server.key", &key),
        ("ca.pem", &authority.pem()),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, private, authorities) = (path("server.pem"), path("server.key"), path("ca.pem"));
    let arguments = [
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        &cert,
        "--tls-key",
        &private,
        "--client-ca",
        &authorities,
    ];
    let process = Process::start(folder.path(), "sandbox", &arguments, &[]);
    let base = patience::until(30, "its address", async || {
        let out = process.stdout();
        let (_, rest) = out.split_once("base_url")?;
        rest.lines().next().map(|line| line.trim().to_owned())
    })
    .await;
    assert!(base.starts_with("https://"), "{base}");
    let status = format!("{base}/epayment/fachverfahren/v1_0/mandanten/1610000000/bewirtschafter/42/status");
    let root = || Certificate::from_pem(authority.pem().as_bytes()).expect("a root");
    let builder = || reqwest::Client::builder().tls_certs_only([root()]);
    let stranger = builder().build().expect("a client");
    let answer = stranger.get(&status).send().await.expect("an answer");
    assert_eq!(answer.status(), 401, "without a certificate");
    let identity = Identity::from_pem(format!("{client}{client_key}").as_bytes()).expect("an identity");
    let known = builder().identity(identity).build().expect("a client");
    let answer = known.get(&status).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    process.terminate();
    process.end(30).await.exits(0);

    let wrong = [
        "sandbox",
        "--tls-cert",
        &private,
        "--tls-key",
        &private,
        "--client-ca",
        &authorities,
    ];
    child::run(&wrong, &[])
        .await
        .exits(1)
        .says(&["--tls-cert", "holds no certificate in PEM"]);
}
