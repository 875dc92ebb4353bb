//! The adapter against small services on port 0, and its parts alone.

mod answers;
mod asking;
mod login;
mod opening;
mod sandbox;
mod settings;
mod written;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::app::ports::{Clock, OpenLine, OpenOrder, Question};
use crate::domain::ids::{Bewirtschafter, Mandant, RemoteId, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::tenant::Flow;
use crate::domain::time::{Timestamp, berlin_noon};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

/// A clock that a test moves.
#[derive(Debug)]
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn new() -> Arc<Self> {
        let start = berlin_noon("2026-03-01".parse().expect("a day"));
        Arc::new(Self(Mutex::new(start)))
    }

    fn forward(&self, seconds: i64) {
        let mut now = self.0.lock().expect("not poisoned");
        *now = now.plus_seconds(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }
}

/// One request as a service saw it.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A service, and what it was asked.
struct Service {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Service {
    /// Answers every request with what the function makes of it.
    async fn start(answer: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static) -> Self {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let noted = Arc::clone(&seen);
        let app = Router::new().fallback(async move |request: Request| {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let request = Seen {
                line: format!("{} {}", parts.method, parts.uri.path()),
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).expect("UTF-8"),
            };
            let response = answer(&request);
            noted.lock().expect("not poisoned").push(request);
            response
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    fn config(&self) -> XbezahldiensteConfig {
        config(&format!("http://{}/api/v1.1.0/", self.address))
    }
}

/// A service that takes a request and never answers.
async fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    address
}

fn config(address: &str) -> XbezahldiensteConfig {
    read(&format!(
        "base_url = \"{address}\"\nenvironment = \"test\"\nversion = \"1.1.0\"\n\
         transaction_id_is_request_id = true\n"
    ))
}

fn read(toml: &str) -> XbezahldiensteConfig {
    toml::from_str(toml).expect("readable settings")
}

fn client(config: XbezahldiensteConfig) -> Xbezahldienste {
    Xbezahldienste::with_limits(config, Hand::new(), LONG, LONG).expect("good settings")
}

fn order() -> OpenOrder {
    OpenOrder {
        mandant: Mandant::parse("TH000001").expect("a Mandant"),
        bewirtschafter: Bewirtschafter::parse("BW100001").expect("a Bewirtschafter"),
        nummer: nummer(),
        kundennummer: "a-number-that-nobody-guesses".into(),
        kassenzeichen: None,
        flow: Flow::Paypage,
        total: Cents::new(4150),
        lines: vec![
            OpenLine {
                net: Cents::new(2345),
                tax: Cents::ZERO,
                tax_rate: Decimal::ZERO,
                text: "Gebühr für § 5".into(),
                haushaltsstelle: "1100.1000".into(),
                objektnummer: Some("0000000001".into()),
                href: None,
            },
            OpenLine {
                net: Cents::new(1517),
                tax: Cents::new(288),
                tax_rate: Decimal::new(1900, 2),
                text: "Gebühr für § 5".into(),
                haushaltsstelle: "1100.2000".into(),
                objektnummer: None,
                href: Some("stsl=A1;".into()),
            },
        ],
        due: berlin_noon("2026-03-01".parse().expect("a day")),
        kennzeichen_mahnverfahren: "11000".into(),
        methods: Vec::new(),
        description: "Geburtsurkunde (2 Stück)".into(),
        payer_name: "Muster".into(),
        payer_first_name: Some("Eva".into()),
        organisation: false,
        notify_url: "https://connector.example/callbacks/x/7f3a".into(),
        return_url: "https://connector.example/return/7f3a".into(),
    }
}

fn nummer() -> Transaktionsnummer {
    Transaktionsnummer::parse("TX7F3A1").expect("a number")
}

fn question(remote: Option<&str>) -> Question {
    let order = order();
    Question {
        mandant: order.mandant,
        bewirtschafter: order.bewirtschafter,
        nummer: order.nummer,
        kundennummer: order.kundennummer,
        kassenzeichen: None,
        remote: remote.map(|id| RemoteId::parse(id).expect("an id")),
        total: order.total,
    }
}

fn transaction(id: &str, status: &str, more: &Value) -> Value {
    let mut information = json!({
        "transactionUrl": "https://service.example/x",
        "transactionId": id,
        "status": status,
    });
    for (name, value) in more.as_object().expect("members") {
        information[name] = value.clone();
    }
    json!({ "paymentInformation": information })
}

/// A transaction that waits for its payer.
fn initial(id: &str) -> Value {
    transaction(id, "INITIAL", &json!({"transactionRedirectUrl": PAGE}))
}

fn problem(status: u16, code: &str, detail: &str) -> Response {
    let body = json!({"status": status, "title": "no", "detail": detail, "functionalCode": code});
    (
        StatusCode::from_u16(status).expect("a status"),
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

fn good(body: &Value) -> Response {
    Body::from(body.to_string()).into_response()
}

const PAGE: &str = "https://pay.example/p/1";
const CREATE: &str = "POST /api/v1.1.0/paymenttransaction/BW100001/TH000001";
const LOOK: &str = "GET /api/v1.1.0/paymenttransaction/BW100001/TH000001/TX7F3A1";
