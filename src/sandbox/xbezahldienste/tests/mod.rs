//! Stories over real HTTP: a portal's client on one side, the sandbox's service on the other.

mod availability;
mod conform;
mod deviating;
mod faulty;
mod judging;
mod logging_in;
mod odd;
mod paying;

use std::sync::{Arc, Mutex};

use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::version::Version;
use crate::sandbox::{Account, Cents, Clock, Delays, Ids, Options, Port, Sandbox, World};

/// A service with one authority: originator BW100001, endpoint TH000001.
struct Desk {
    sandbox: Sandbox,
    client: Client,
    now: Arc<Mutex<jiff::Timestamp>>,
}

/// An answer: status, media type, body.
struct Told {
    status: u16,
    kind: String,
    body: Value,
}

impl Told {
    async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("an answer");
        let kind = answer.headers().get("content-type").expect("a type");
        Self {
            status: answer.status().as_u16(),
            kind: kind.to_str().expect("text").to_owned(),
            body: answer.json().await.expect("JSON"),
        }
    }

    /// Status and functionalCode of a refusal, which is a problem document of the standard.
    fn refusal(&self) -> (u16, &str) {
        conform::problem(self);
        (self.status, self.body["functionalCode"].as_str().expect("a code"))
    }

    fn detail(&self) -> &str {
        self.body["detail"].as_str().expect("a detail")
    }

    fn info(&self) -> &Value {
        &self.body["paymentInformation"]
    }
}

/// The authority of these stories.
fn account(port: Port) -> Account {
    let mut account =
        Account::new("TH000001", "BW100001", "Stadt Bad Langensalza").releasing("1100.1000", "0000000001");
    account.xbezahldienste = port;
    account
}

impl Desk {
    async fn new() -> Self {
        Self::with(Port::default()).await
    }

    async fn with(port: Port) -> Self {
        Self::of(vec![account(port)]).await
    }

    async fn of(accounts: Vec<Account>) -> Self {
        Self::options(Options {
            world: World { accounts },
            ..Options::default()
        })
        .await
    }

    /// The clock stands at noon of a winter's day in UTC.
    async fn options(options: Options) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let now = Arc::new(Mutex::new("2026-01-15T12:00:00Z".parse().expect("a time")));
        let clock = Arc::clone(&now);
        let delays = Delays {
            slow: std::time::Duration::from_hours(1),
            silence: std::time::Duration::from_hours(1),
            ..Delays::default()
        };
        let options = Options {
            ids: Ids::seeded("xbezahldienste"),
            clock: Clock::from_fn(move || *clock.lock().expect("a clock")),
            delays,
            ..options
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Self {
            sandbox: Sandbox::start(listener, options).await.expect("a sandbox"),
            client: client.build().expect("a client"),
            now,
        }
    }

    fn set_clock(&self, now: &str) {
        *self.now.lock().expect("a clock") = now.parse().expect("a time");
    }

    fn url(&self, version: Version, rest: &str) -> String {
        format!(
            "{}/v{}/{rest}",
            self.sandbox.xbezahldienste_url(),
            version.number()
        )
    }

    fn posting(&self, version: Version, body: &Value) -> RequestBuilder {
        let url = self.url(version, "paymenttransaction/BW100001/TH000001");
        self.client.post(url).json(body)
    }

    fn asking(&self, version: Version, id: &str) -> RequestBuilder {
        let url = self.url(version, &format!("paymenttransaction/BW100001/TH000001/{id}"));
        self.client.get(url)
    }

    async fn post(&self, version: Version, body: &Value) -> Told {
        Told::of(self.posting(version, body)).await
    }

    async fn get(&self, version: Version, id: &str) -> Told {
        Told::of(self.asking(version, id)).await
    }

    async fn open(&self, version: Version, rest: &str) -> Told {
        Told::of(self.client.get(self.url(version, rest))).await
    }

    /// A transaction over 41,50 € and its id.
    async fn created(&self, version: Version) -> String {
        let told = self.post(version, &request(version, "R1", 4150)).await;
        assert_eq!(told.info()["status"], "INITIAL", "{}", told.body);
        told.info()["transactionId"].as_str().expect("an id").to_owned()
    }

    fn kassenzeichen(&self) -> String {
        self.sandbox.payments().pop().expect("a payment").kassenzeichen
    }

    fn pay(&self) {
        self.sandbox.pay(&self.kassenzeichen(), None).expect("payable");
    }
}

/// A good request over so many cents.
fn request(version: Version, id: &str, cents: i64) -> Value {
    let amount = Cents::new(cents);
    let mut request = json!({
        "requestId": id,
        "requestTimestamp": "2026-01-15T12:59:58.123+01:00",
        "currency": "EUR",
        "purpose": "GEBUEHR 4711",
        "description": "Antrag 4711",
        "redirectUrl": "https://portal.example/back?a=1",
        "items": [{
            "id": "1", "reference": "urkunde", "description": "Urkunde", "taxRate": 0, "quantity": 1,
            "totalNetAmount": amount, "totalTaxAmount": 0,
            "singleNetAmount": amount, "singleTaxAmount": 0,
            "bookingData": { "haushaltstelle": "1100.1000", "objektnummer": "0000000001" },
        }],
    });
    request[version.total()] = serde_json::to_value(amount).expect("a number");
    request
}

/// A good request with these members instead.
fn with(version: Version, changes: &[(&str, Value)]) -> Value {
    let mut body = request(version, "R1", 4150);
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).expect("a place");
        match name.parse::<usize>() {
            Ok(place) => parent[place] = value.clone(),
            Err(_) => parent[name] = value.clone(),
        }
    }
    body
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}
