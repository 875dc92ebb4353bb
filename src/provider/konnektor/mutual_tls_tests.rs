//! Mutual TLS against a server with a CA of the test's own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::wire::tests::{config, order};
use super::{Konnektor, KonnektorConfig, Timeouts};
use crate::app::ports::{Calls, Fault, Opened, Provider};

/// A CA with a server and a client below it, as files.
struct Pki {
    folder: TempDir,
    server: Arc<ServerConfig>,
}

fn pki(version: &'static rustls::SupportedProtocolVersion) -> Pki {
    let folder = TempDir::new().expect("a folder");
    let mut params = CertificateParams::new(Vec::new()).expect("a CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().expect("a key");
    let ca = params.self_signed(&ca_key).expect("signed");
    let issuer = Issuer::new(params, ca_key);
    let leaf = |name: &str, year| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a leaf");
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &issuer).expect("signed"), key)
    };
    let (server_cert, server_key) = leaf("localhost", 4000);
    let (client_cert, client_key) = leaf("client", 3000);
    for (name, text) in [
        ("ca.pem", ca.pem()),
        ("client.pem", client_cert.pem()),
        ("client.key", client_key.serialize_pem()),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let provider = Arc::new(ring::default_provider());
    let mut trusted = RootCertStore::empty();
    trusted.add(ca.der().clone()).expect("a root");
    let verifier = WebPkiClientVerifier::builder_with_provider(trusted.into(), Arc::clone(&provider))
        .build()
        .expect("a verifier");
    let key = PrivateKeyDer::try_from(server_key.serialize_der()).expect("a key");
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server_cert.der().clone()], key)
        .expect("a server");
    Pki {
        folder,
        server: Arc::new(server),
    }
}

impl Pki {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Answers every request with `+0000` and a page; after a refused handshake it reads on, so that its alert is
    /// not lost in a reset connection.
    async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let acceptor = TlsAcceptor::from(Arc::clone(&self.server));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut buffer = vec![0; 64 * 1024];
                match acceptor.accept(stream).into_fallible().await {
                    Ok(mut stream) => {
                        assert!(stream.read(&mut buffer).await.expect("a request") > 0);
                        let body = r#"{"ergebnis":{"rc":"+0000"},"zahlvorgangsInfo":{"rechnungUrls":{"PAYPAGE":"https://pay.example/p/1"}}}"#;
                        let answer = format!(
                            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                            body.len()
                        );
                        stream.write_all(answer.as_bytes()).await.expect("written");
                        stream.shutdown().await.expect("closed");
                    }
                    Err((_, mut stream)) => {
                        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                    }
                }
            }
        });
        address
    }

    fn config(&self, address: SocketAddr) -> KonnektorConfig {
        let mut config = config(&format!("https://localhost:{}/konnektor", address.port()));
        config.ca_pem = Some(self.path("ca.pem"));
        config.client_cert_pem = Some(self.path("client.pem"));
        config.client_key_pem = Some(self.path("client.key"));
        config
    }
}

#[tokio::test]
async fn the_certificate_lets_us_in() {
    for version in [&TLS12, &TLS13] {
        let pki = pki(version);
        let konnektor = Konnektor::new(pki.config(pki.serve().await)).expect("good settings");
        let opened = konnektor.open(&order(), &Calls::default()).await;
        assert!(matches!(opened, Opened::Open { .. }), "{version:?}: {opened:?}");
    }
}

#[tokio::test]
async fn without_the_certificate_nothing_can_exist() {
    for version in [&TLS12, &TLS13] {
        let pki = pki(version);
        let mut config = pki.config(pki.serve().await);
        config.client_cert_pem = None;
        config.client_key_pem = None;
        let opened = Konnektor::new(config)
            .expect("good settings")
            .open(&order(), &Calls::default())
            .await;
        let Opened::Refused(refusal) = opened else {
            panic!("{version:?}: {opened:?}");
        };
        assert_eq!(
            (refusal.fault, refusal.code.as_str()),
            (Fault::Configuration, "unreachable")
        );
    }
}

#[tokio::test]
async fn a_server_that_we_do_not_trust_is_not_spoken_to() {
    let pki_of_the_server = pki(&TLS13);
    let ours = pki(&TLS13);
    let config = ours.config(pki_of_the_server.serve().await);
    let opened = Konnektor::new(config)
        .expect("good settings")
        .open(&order(), &Calls::default())
        .await;
    let Opened::Refused(refusal) = opened else {
        panic!("{opened:?}");
    };
    assert!(
        refusal.text.contains("invalid peer certificate"),
        "{}",
        refusal.text
    );
}

#[tokio::test]
async fn a_handshake_that_never_ends_was_never_a_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let pki = pki(&TLS13);
    let config = pki.config(listener.local_addr().expect("its address"));
    let timeouts = Timeouts {
        connect: Duration::from_millis(50),
        open: Duration::from_secs(20),
        ask: Duration::from_secs(20),
    };
    let konnektor = Konnektor::with_timeouts(config, timeouts).expect("good settings");
    let opened = konnektor.open(&order(), &Calls::default()).await;
    assert!(matches!(opened, Opened::Refused(_)), "{opened:?}");
}
