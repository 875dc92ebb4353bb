//! Hostile and impatient clients: never a 500, never a hang, and the process lives on.

use std::net::SocketAddr;

use data_encoding::BASE64;
use epaybl_connector::sandbox::{Options, notify_hash};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::child::Process;
use crate::portal::Order;
use crate::scene::Scene;
use crate::support::databases;
use crate::{books, patience};

const METHODS: [&str; 9] = [
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW",
];

/// Paths that exist, nearly exist, and should not.
const PATHS: [&str; 32] = [
    "/",
    "//",
    "*",
    "/livez",
    "/readyz",
    "/metrics",
    "/oauth/token",
    "/oauth/token/..",
    "/pay/x",
    "/pay/%00",
    "/pay/..%2f..%2fetc%2fpasswd",
    "/pay/../../etc/passwd",
    "/pay/%ff%fe",
    "/pay/%zz",
    "/return/x?r=success&r=%00",
    "/return/%00",
    "/callbacks/epaybl-th/x",
    "/callbacks/epaybl-th/%00?status=%00&hash=%ff",
    "/callbacks/%00/%00",
    "/callbacks/nobody/x",
    "/callbacks/epaybl-th/%ff",
    "/xbezahldienste",
    "/xbezahldienste/",
    "/xbezahldienste/status",
    "/xbezahldienste/v9/status",
    "/xbezahldienste/v1.2.0/status/%00/%ff",
    "/xbezahldienste/paymenttransaction/thavel-geburtsurkunde/16064003",
    "/xbezahldienste/v1.1.0/paymenttransaction/thavel-geburtsurkunde/16064003/%00",
    "/xbezahldienste/paymenttransaction/%ff/%00/%fe",
    "/xbezahldienste/v1.2.0/payment-methods/thavel-geburtsurkunde/16064003",
    "/xbezahldienste/v1.2.0/maintenance/%2e%2e/%2e%2e",
    "/api/v1/%00",
];

const BODIES: [(&str, &[u8]); 6] = [
    ("text/plain", b""),
    (
        "application/x-www-form-urlencoded",
        b"grant_type=%00&client_id=%00&client_secret=%ff&hash=%00",
    ),
    (
        "application/json",
        b"{\"requestId\":\"\\u0000\",\"grant_type\":\"client_credentials\",\"client_id\":\"\\u0000\"}",
    ),
    ("application/json", b"[[[[[[[[[[[["),
    ("application/json; charset=utf-16", b"\xff\xfe{\0}\0"),
    ("multipart/form-data", b"\0\xff\xfe"),
];

struct Target {
    address: SocketAddr,
    credentials: String,
}

impl Target {
    /// Sends bytes and reads what comes, to the end of the connection.
    async fn raw(&self, bytes: &[u8]) -> String {
        let talk = async {
            let mut stream = TcpStream::connect(self.address).await.ok()?;
            // An answer may come, and the connection may be closed, before everything is sent.
            drop(stream.write_all(bytes).await);
            let mut answer = Vec::new();
            drop(stream.read_to_end(&mut answer).await);
            Some(String::from_utf8_lossy(&answer).into_owned())
        };
        patience::within(60, "the end of a connection", talk)
            .await
            .unwrap_or_default()
    }

    /// Sends a request; it must be answered, and not by a fault of ours.
    async fn ask(&self, method: &str, path: &str, more: &str, body: &[u8]) -> u16 {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        let answer = self.raw(&request).await;
        let shown: String = path.chars().take(100).collect();
        status(&answer).unwrap_or_else(|| panic!("{method} {shown}: {answer:?}"))
    }
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// A scene with a running connector, and its address.
async fn running() -> (Scene, Process, Target) {
    let database = databases().await.swap_remove(0);
    let scene = Scene::set(&database, Options::default()).await;
    let process = scene.serve().await;
    let basic = BASE64.encode(format!("thavel:{}", scene.secret).as_bytes());
    let target = Target {
        address: ([127, 0, 0, 1], scene.port).into(),
        credentials: format!("authorization: Basic {basic}\r\n"),
    };
    (scene, process, target)
}

async fn lives(target: &Target, mut process: Process) {
    assert_eq!(target.ask("GET", "/readyz", "", b"").await, 200);
    assert!(process.ended().is_none(), "{}", process.stderr());
    let log = process.stderr();
    assert!(!log.contains("panic"), "{log}");
    process.terminate();
    process.end(40).await.exits(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_on_every_path_with_every_body_is_answered_and_never_with_500() {
    let (_scene, process, target) = running().await;
    for path in PATHS {
        for method in METHODS {
            for (kind, body) in BODIES {
                for credentials in ["", &target.credentials] {
                    let more = format!("content-type: {kind}\r\n{credentials}");
                    let status = target.ask(method, path, &more, body).await;
                    assert!(status < 500, "{method} {path} {kind}: {status}");
                }
            }
        }
    }
    lives(&target, process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_is_refused() {
    let (_scene, process, target) = running().await;
    let create = "/xbezahldienste/paymenttransaction/thavel-geburtsurkunde/16064003";
    let callback = "/callbacks/epaybl-th/x";
    let json = "content-type: application/json\r\n";
    let large = vec![b' '; 2 << 20];
    for (path, more) in [
        (create, format!("{json}{}", target.credentials)),
        (create, json.to_owned()),
        (callback, json.to_owned()),
        (
            "/oauth/token",
            "content-type: application/x-www-form-urlencoded\r\n".to_owned(),
        ),
    ] {
        // Who goes on sending may find the connection closed before the answer is read.
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n",
            large.len()
        );
        let answer = target.raw(&[head.as_bytes(), &large].concat()).await;
        assert!(
            status(&answer).is_none_or(|status| (400..500).contains(&status)),
            "{path}: {answer}"
        );
    }
    let ten_thousand = (0..10_000).fold(String::new(), |all, n| all + &format!("&a{n}="));
    let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
    let status = target.ask("POST", callback, json, deep.as_bytes()).await;
    assert_eq!(status, 400, "deeply nested");
    let status = target
        .ask(
            "GET",
            &format!("{callback}?status=success{}", &ten_thousand[..60_000]),
            "",
            b"",
        )
        .await;
    assert_eq!(status, 400, "ten thousand parameters");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let status = target
        .ask("POST", callback, form, &ten_thousand.as_bytes()[..60_000])
        .await;
    assert_eq!(status, 400, "ten thousand parameters in a form");
    for length in [1_000, 60_000, 70_000] {
        for path in [
            "/pay/",
            "/return/",
            "/callbacks/epaybl-th/",
            "/",
            "/xbezahldienste/",
        ] {
            let status = target
                .ask("GET", &format!("{path}{}", "a".repeat(length)), "", b"")
                .await;
            assert!((400..500).contains(&status), "{path} and {length} more: {status}");
        }
    }
    let many = (0..500).fold(String::new(), |all, n| all + &format!("x-{n}: a\r\n"));
    let long = format!("x: {}\r\n", "a".repeat(800_000));
    for bomb in [many, long] {
        let status = target.ask("GET", "/livez", &bomb, b"").await;
        assert_eq!(status, 431);
    }
    lives(&target, process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_http_is_cut_off() {
    let (_scene, process, target) = running().await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx\0y: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        let answer = target.raw(garbage).await;
        let shown = String::from_utf8_lossy(garbage);
        assert!(status(&answer).is_none_or(|status| (400..500).contains(&status)), "{shown}: {answer}");
    }
    lives(&target, process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_slowly_or_nothing_is_cut_off() {
    let (_scene, process, target) = running().await;
    let begun = [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: a\r\nx: ",
        b"POST /oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\ngrant_type=",
        b"POST /callbacks/epaybl-th/x HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{",
        b"POST /callbacks/epaybl-th/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
    ];
    let mut waiting = JoinSet::new();
    for bytes in begun {
        let address = target.address;
        waiting.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(bytes).await.expect("sent");
            let mut answer = Vec::new();
            let what = format!("the end of «{}»", String::from_utf8_lossy(bytes));
            drop(patience::within(45, &what, stream.read_to_end(&mut answer)).await);
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert!(
                status(&answer).is_none_or(|status| status == 408),
                "{what}: {answer}"
            );
        });
    }
    waiting.join_all().await;
    lives(&target, process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_at_once_are_served() {
    let (_scene, process, target) = running().await;
    let mut connections = Vec::new();
    for _ in 0..1_000 {
        // A machine may allow fewer open files; then there are fewer.
        let Ok(connection) = TcpStream::connect(target.address).await else {
            break;
        };
        connections.push(connection);
    }
    for connection in &mut connections {
        let request = b"GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        connection.write_all(request).await.expect("sent");
    }
    assert!(connections.len() > 200, "{}", connections.len());
    for mut connection in connections {
        let mut answer = String::new();
        let reading = connection.read_to_string(&mut answer);
        patience::within(60, "an answer", reading).await.expect("text");
        assert_eq!(status(&answer), Some(200), "{answer}");
    }
    lives(&target, process).await;
}

/// The signature is good, the content is not: the sender has the secret, or our provider has a fault.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_well_signed_callback_with_nuls_or_masses_in_it_is_answered_and_harms_nothing() {
    for database in databases().await {
        let scene = Scene::set(&database, Options::default()).await;
        let process = scene.serve().await;
        let (portal, order) = (scene.portal(), Order::nth(0));
        portal.create(&order).await;
        let kassenzeichen = scene.sandbox.payments()[0].kassenzeichen.clone();
        let token = books::rows(&scene.database_url, "SELECT token FROM attempt").await[0][0].clone();
        let long = "x".repeat(20_000);
        for odd in [
            "\0",
            "a\0b",
            "\u{feff}",
            "\u{202e}",
            "'; DROP TABLE record; --",
            &long,
        ] {
            for place in [2, 4, 5, 6, 7, 8] {
                let mut values = [
                    "TH000001",
                    "BW100001",
                    "Z",
                    &kassenzeichen,
                    "T",
                    "P",
                    "KREDITKARTE",
                    "true",
                    "success",
                ];
                values[place] = odd;
                let names = [
                    "mandant",
                    "bewirtschafter",
                    "zvgid",
                    "kassenzeichen",
                    "tan",
                    "zvp",
                    "zahlverfahren",
                    "aktivierung",
                    "status",
                ];
                let hash = notify_hash(&values, "sandbox-secret");
                let fields = names.into_iter().zip(values).chain([("hash", hash.as_str())]);
                let body: serde_json::Value = fields
                    .collect::<std::collections::BTreeMap<_, _>>()
                    .into_iter()
                    .collect();
                let request = portal
                    .http
                    .post(scene.url(&format!("/callbacks/epaybl-th/{token}")));
                let answer = request.json(&body).send().await.expect("an answer");
                assert!(
                    answer.status().as_u16() < 500,
                    "{place} {odd:?}: {}",
                    answer.status()
                );
            }
        }
        let paying = scene.sandbox.pay(&kassenzeichen, None).expect("it can be paid");
        patience::within(30, "its notifies", paying.done()).await;
        portal
            .hears(&order, "PAYED", |state| state["status"] == "PAYED")
            .await;
        process.terminate();
        process.end(30).await.exits(0);
        assert_eq!(
            books::payments(&scene.database_url).await[&kassenzeichen],
            (1, order.cents)
        );
        scene.command(&["audit", "verify"]).await.exits(0);
    }
}
