//! Stories over real HTTP: a gateway of a few lines on port 0, and a name server that says what a story needs.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Lookup, NotifyConfig, WebhookNotifier};
use crate::app::ports::{Notifier, Sent};
use crate::domain::ids::{LedgerId, TargetId};
use crate::domain::tenant::Target;
use crate::domain::time::Timestamp;

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "0197a5c0-2222-7000-8000-000000000002";
const BODY: &[u8] = br#"{"specversion":"1.0"}"#;
const NOW: Timestamp = Timestamp::from_millis(1_772_362_800_999);

fn config(more: &str) -> NotifyConfig {
    toml::from_str(&format!("secrets.civento = [\"{OLD}\", \"{NEW}\"]\n{more}")).expect("a configuration")
}

fn target(url: &str) -> Target {
    Target {
        id: TargetId::parse("civento").expect("an id"),
        kasse: LedgerId::parse("musterstadt").expect("an id"),
        url: url.parse().expect("a URL"),
    }
}

fn notifier() -> WebhookNotifier {
    WebhookNotifier::new(&config("")).expect("a notifier")
}

/// A name server that gives every name the same addresses.
struct Says(Vec<IpAddr>);

#[async_trait]
impl Lookup for Says {
    async fn addresses(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn resolving_to(addresses: &[&str], more: &str) -> WebhookNotifier {
    let addresses = addresses
        .iter()
        .map(|text| text.parse().expect("an address"))
        .collect();
    WebhookNotifier::with_lookup(&config(more), Arc::new(Says(addresses))).expect("a notifier")
}

type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A gateway that answers everything alike and keeps what it saw; its port.
async fn gateway(answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> (u16, Seen) {
    let seen = Seen::default();
    let keep = Arc::clone(&seen);
    let app = Router::new().fallback(move |request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        keep.lock().expect("a list").push((parts.headers, body));
        answer()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (port, seen)
}

fn answer(status: u16, header: Option<(&str, &str)>) -> impl Fn() -> Response<Body> + Clone + use<> {
    let header = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
    move || {
        let mut response = Response::new(Body::from("words of the gateway"));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        if let Some((name, value)) = &header {
            let name: axum::http::HeaderName = name.parse().expect("a name");
            response
                .headers_mut()
                .insert(name, value.parse().expect("a value"));
        }
        response
    }
}

async fn send(notifier: &WebhookNotifier, url: &str) -> Sent {
    notifier.send(&target(url), ID, BODY, NOW).await
}

fn why(sent: Sent) -> String {
    match sent {
        Sent::Failed { why, .. } => why,
        other => panic!("{other:?} is no failure"),
    }
}

#[tokio::test]
async fn an_event_is_signed_for_every_active_secret() {
    let (port, seen) = gateway(answer(204, None)).await;
    let sent = send(&notifier(), &format!("http://127.0.0.1:{port}/events?k=1")).await;
    assert_eq!(sent, Sent::Accepted);
    let (headers, body) = seen.lock().expect("a list").remove(0);
    assert_eq!(body, BODY);
    assert_eq!(headers["content-type"], "application/cloudevents+json");
    assert_eq!(headers["webhook-id"], ID);
    assert_eq!(headers["webhook-timestamp"], "1772362800");
    assert!(
        headers["user-agent"]
            .to_str()
            .expect("text")
            .starts_with("epaybl-connector/")
    );
    let expected: Vec<String> = [OLD, NEW]
        .map(|secret| {
            standardwebhooks::Webhook::new(secret)
                .and_then(|webhook| webhook.sign(ID, 1_772_362_800, BODY))
                .expect("signed")
        })
        .to_vec();
    assert_eq!(headers["webhook-signature"], expected.join(" ").as_str());
}

#[tokio::test]
async fn only_2xx_is_success_and_410_says_stop() {
    for (status, expected) in [
        (200, Some(Sent::Accepted)),
        (202, Some(Sent::Accepted)),
        (410, Some(Sent::Gone)),
        (400, None),
        (401, None),
        (404, None),
        (500, None),
        (503, None),
    ] {
        let (port, _) = gateway(answer(status, None)).await;
        let sent = send(&notifier(), &format!("http://localhost:{port}/")).await;
        let expected = expected.unwrap_or(Sent::Failed {
            why: format!("HTTP {status}"),
            retry_after: None,
        });
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn a_gateway_that_is_busy_says_when_to_come_back() {
    let (port, _) = gateway(answer(429, Some(("retry-after", "120")))).await;
    let sent = send(&notifier(), &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(
        sent,
        Sent::Failed {
            why: "HTTP 429".to_owned(),
            retry_after: Some(120)
        }
    );
}

#[tokio::test]
async fn a_redirect_is_a_failure() {
    let (elsewhere, seen) = gateway(answer(200, None)).await;
    let location = format!("http://127.0.0.1:{elsewhere}/");
    for status in [301, 302, 307, 308] {
        let (port, _) = gateway(answer(status, Some(("location", location.as_str())))).await;
        let sent = send(&notifier(), &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(why(sent), format!("HTTP {status}: redirects are not followed"));
    }
    assert!(seen.lock().expect("a list").is_empty());
}

#[tokio::test]
async fn an_answer_without_end_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = Vec::new();
        while !request.ends_with(BODY) {
            assert!(stream.read_buf(&mut request).await.expect("bytes") > 0);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
            .await
            .expect("written");
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    });
    let sent = send(&notifier(), &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(sent, Sent::Accepted);
    endless.await.expect("the connection was closed");
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_in_time_has_failed() {
    // Bound and never accepted: the connection stands, the answer never comes.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let notifier = notifier().with_timeout(Duration::from_millis(50));
    let sent = send(&notifier, &format!("http://127.0.0.1:{port}/")).await;
    assert!(why(sent).starts_with("no answer within"));
}

#[tokio::test]
async fn a_gateway_that_is_down_is_named_without_its_url() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let words = why(send(&notifier(), &format!("http://127.0.0.1:{port}/?token=geheim")).await);
    assert!(words.contains("refused"), "{words}");
    assert!(!words.contains("geheim"), "{words}");
}

#[tokio::test]
async fn a_host_that_resolves_to_link_local_is_refused() {
    for address in ["169.254.169.254", "169.254.7.7", "fe80::1", "0.0.0.0", "ff02::1"] {
        // Even where everything that can be allowed is allowed.
        let notifier = resolving_to(&[address], "allow_http = true\nallow_loopback = true");
        let words = why(send(&notifier, "http://gateway.example/").await);
        assert!(
            words.contains(address) && words.contains("never addressed"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn one_forbidden_address_among_good_ones_refuses_the_name() {
    let (port, seen) = gateway(answer(200, None)).await;
    let notifier = resolving_to(
        &["127.0.0.1", "169.254.169.254"],
        "allow_http = true\nallow_loopback = true",
    );
    let words = why(send(&notifier, &format!("http://gateway.example:{port}/")).await);
    assert!(words.contains("metadata"), "{words}");
    assert!(seen.lock().expect("a list").is_empty());
}

#[tokio::test]
async fn a_name_for_loopback_is_refused_unless_allowed() {
    let (port, _) = gateway(answer(200, None)).await;
    let url = format!("http://gateway.example:{port}/");
    let words = why(send(&resolving_to(&["127.0.0.1"], "allow_http = true"), &url).await);
    assert!(words.contains("notify.allow_loopback"), "{words}");
    let allowed = resolving_to(&["127.0.0.1"], "allow_http = true\nallow_loopback = true");
    assert_eq!(send(&allowed, &url).await, Sent::Accepted);
}

#[tokio::test]
async fn localhost_that_points_into_the_network_is_refused() {
    let words = why(send(&resolving_to(&["10.0.0.7"], ""), "http://localhost:9/").await);
    assert!(words.contains("not a loopback address"), "{words}");
}

#[tokio::test]
async fn private_addresses_can_be_forbidden() {
    let closed = resolving_to(&["10.0.0.7"], "allow_private = false");
    let words = why(send(&closed, "https://gateway.example/").await);
    assert!(words.contains("notify.allow_private"), "{words}");
    assert!(closed.check(&target("https://10.0.0.7/")).is_err());
    assert!(notifier().check(&target("https://10.0.0.7/")).is_ok());
}

#[test]
fn a_target_that_cannot_be_sent_to_says_what_to_do() {
    let notifier = notifier();
    for (url, expected) in [
        ("http://gateway.example/", "use https, or set notify.allow_http"),
        ("ftp://gateway.example/", "not https"),
        ("https://user:pass@gateway.example/", "user name or a password"),
        ("https://169.254.169.254/", "never addressed"),
        ("https://[::ffff:169.254.169.254]/", "never addressed"),
        ("https://0xA9FEA9FE/", "never addressed"),
    ] {
        let words = notifier.check(&target(url)).expect_err(url);
        assert!(words.contains(expected), "{url}: {words}");
        assert!(!words.contains("pass@"), "{words}");
    }
    let stranger = Target {
        id: TargetId::parse("dms").expect("an id"),
        ..target("http://127.0.0.1/")
    };
    let words = notifier.check(&stranger).expect_err("no secret");
    assert!(words.contains("notify.secrets.dms"), "{words}");
    assert!(notifier.check(&target("http://localhost:8080/")).is_ok());
    assert!(notifier.check(&target("http://[::1]:8080/")).is_ok());
}

#[tokio::test]
async fn an_id_with_a_dot_is_not_signed() {
    let sent = notifier()
        .send(&target("http://127.0.0.1:9/"), "a.1", BODY, NOW)
        .await;
    assert!(why(sent).contains("cannot be a webhook-id"));
}

/// A TLS gateway on loopback that answers one request with 200; its port and its authority's certificate.
async fn tls_gateway() -> (u16, String) {
    let mut params = CertificateParams::new(vec![]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .and_then(|params| params.signed_by(&key, &ca))
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(vec![leaf.der().clone()], key)
        })
        .expect("a server");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = Vec::new();
            while !request.ends_with(BODY) {
                assert!(stream.read_buf(&mut request).await.expect("bytes") > 0);
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).await.expect("written");
            let _ = stream.shutdown().await;
        }
    });
    (port, ca.pem())
}

#[tokio::test]
async fn a_certificate_is_believed_from_the_configured_authority_only() {
    let (port, ca) = tls_gateway().await;
    let (_, other) = tls_gateway().await;
    let url = format!("https://localhost:{port}/");
    let knows = |pem: &str| {
        let mut config = config("");
        config.ca_pem = Some(pem.to_owned());
        resolving_localhost(&config)
    };
    assert_eq!(send(&knows(&ca), &url).await, Sent::Accepted);
    let words = why(send(&knows(&other), &url).await);
    assert!(words.contains("certificate"), "{words}");
}

/// `localhost` as 127.0.0.1 only, since the gateway listens there only.
fn resolving_localhost(config: &NotifyConfig) -> WebhookNotifier {
    let lookup = Says(vec![IpAddr::from([127, 0, 0, 1])]);
    WebhookNotifier::with_lookup(config, Arc::new(lookup)).expect("a notifier")
}
