//! Whole stories over real HTTP: a client with a notify receiver on one side, the sandbox on the other.

mod broken;
mod chance;
mod control;
mod creating;
mod faults;
mod paying;
mod soap;
mod tls;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri},
};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use url::form_urlencoded;

use super::*;

const PATH: &str = "epayment/fachverfahren/v1_0/mandanten";

/// A port of the system's choice on this machine.
async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

/// A notify as it arrived.
#[derive(Debug)]
struct Arrived {
    method: Method,
    uri: Uri,
    body: String,
}

impl Arrived {
    /// Its fields, whatever its shape.
    fn fields(&self) -> BTreeMap<String, String> {
        let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        if self.method == Method::GET {
            return pairs(self.uri.query().unwrap_or_default());
        }
        match serde_json::from_str::<BTreeMap<String, Value>>(&self.body) {
            Err(_) => pairs(&self.body),
            Ok(mut object) => {
                let object = object.remove("data").map_or(json!(object), |data| data);
                serde_json::from_value(object).expect("texts")
            }
        }
    }

    fn status(&self) -> String {
        self.fields()["status"].clone()
    }

    /// Whether the hash is that of the fields and the usual secret.
    fn is_signed(&self) -> bool {
        let fields = self.fields();
        let names = "mandant bewirtschafter zvgid kassenzeichen tan zvp zahlverfahren aktivierung status";
        let joined: String = names.split(' ').map(|name| fields[name].as_str()).collect();
        let values = [joined.as_str(), "", "", "", "", "", "", "", ""];
        fields["hash"] == notify_hash(&values, "sandbox-secret")
    }
}

/// Takes notifies and answers 200, or what it was told.
struct Receiver {
    url: String,
    arrived: UnboundedReceiver<Arrived>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

type Taking = (UnboundedSender<Arrived>, Arc<Mutex<VecDeque<u16>>>);

impl Receiver {
    async fn start() -> Self {
        async fn take(
            State((sender, answers)): State<Taking>,
            method: Method,
            uri: Uri,
            body: Bytes,
        ) -> StatusCode {
            let body = String::from_utf8(body.to_vec()).expect("text");
            sender
                .send(Arrived { method, uri, body })
                .expect("a test that listens");
            let answer = answers.lock().expect("answers").pop_front();
            StatusCode::from_u16(answer.unwrap_or(200)).expect("a status")
        }
        let (sender, arrived) = unbounded_channel();
        let answers = Arc::default();
        let listener = listen().await;
        let url = format!(
            "http://{}/callbacks/epaybl?p=7f3a",
            listener.local_addr().expect("an address")
        );
        let router = Router::new()
            .fallback(take)
            .with_state((sender, Arc::clone(&answers)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            arrived,
            answers,
        }
    }

    async fn next(&mut self) -> Arrived {
        self.arrived.recv().await.expect("a notify")
    }

    /// What has arrived and was not looked at.
    fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.arrived.try_recv().ok())
            .map(|arrived| arrived.status())
            .collect()
    }
}

/// A sandbox, a client and a receiver.
struct Stage {
    sandbox: Sandbox,
    client: Client,
    receiver: Receiver,
}

/// Impatient where nothing is waited for, endless where a test looks at what happens meanwhile.
fn options() -> Options {
    let delays = Delays {
        slow: Duration::from_hours(1),
        silence: Duration::from_hours(1),
        notify_pauses: vec![Duration::ZERO; 3],
        patience: Duration::from_hours(1),
    };
    Options {
        delays,
        ids: Ids::seeded("tests"),
        ..Options::default()
    }
}

fn client() -> Client {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .build()
        .expect("a client")
}

impl Stage {
    async fn new() -> Self {
        Self::with(options()).await
    }

    async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(listen().await, options).await.expect("a sandbox");
        Self {
            sandbox,
            client: client(),
            receiver: Receiver::start().await,
        }
    }

    fn at(&self, operation: &str) -> String {
        format!(
            "{}/{PATH}/TH000001/bewirtschafter/BW100001/{operation}",
            self.sandbox.konnektor_url()
        )
    }

    /// A good Buchungsliste over so many cents.
    fn list(&self, number: &str, cents: i64) -> Value {
        let amount = Cents::new(cents);
        json!({
            "kassenzeichennummer": null, "faelligkeitsdatum": "01.03.2026 12:00:00",
            "waehrungskennzeichen": "EUR", "kennzeichenMahnverfahren": "11000",
            "transaktionsnummer": number, "zahlverfahrencodes": ["KREDITKARTE", "SEPASDD"],
            "buchungen": [{ "id": null, "bruttobetrag": amount, "nettobetrag": amount, "steuerbetrag": 0,
                "buchungstext": "GEBÜHR MELDEREGISTER",
                "kontierung": { "haushaltstelle": "1100.1000", "objektnummer": "0000000001" } }],
            "beschreibung": "Antrag <4711> & mehr",
            "kunde": { "name": "Muster", "vorname": "Eva", "typ": "TEMPORAER", "kundennummer": number,
                "firmenkunde": false },
            "buchungslistenparameter": null,
            "fachverfahrendaten": { "notifyUrl": self.receiver.url,
                "successUrl": "https://portal.example/done?a=1", "errorUrl": "https://portal.example/error",
                "cancelUrl": "https://portal.example/cancelled" },
            "zahltyp": "PAYPAGE", "betrag": amount
        })
    }

    async fn post(&self, list: &Value) -> reqwest::Result<reqwest::Response> {
        self.client
            .post(self.at("buchungslisten"))
            .json(list)
            .send()
            .await
    }

    /// The answer to a create call.
    async fn create(&self, number: &str, cents: i64) -> Value {
        let answer = self.post(&self.list(number, cents)).await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// A payment over 41,50 € with these faults.
    async fn payment(&self, faults: Vec<Fault>) -> PaymentInfo {
        self.sandbox.fail_next_with(faults);
        let answer = self.create("TX1", 4150).await;
        assert_eq!(answer["ergebnis"]["rc"], "+0000", "{answer}");
        self.sandbox.payments().pop().expect("a payment")
    }

    /// What a GET tells of it.
    async fn read(&self, kassenzeichen: &str) -> Value {
        let url = self.at(&format!("kassenzeichen/{kassenzeichen}"));
        let answer = self.client.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("JSON")
    }

    /// A call of a control endpoint: status and answer.
    async fn control(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let url = self
            .sandbox
            .base_url()
            .join(&format!("sandbox/{path}"))
            .expect("an address");
        let answer = self
            .client
            .request(method, url)
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Pays and gives the notifies that came of it.
    async fn notifies_of_paying(&mut self, payment: &PaymentInfo) -> Vec<Arrived> {
        let sending = self.sandbox.pay(&payment.kassenzeichen, None).expect("payable");
        let deliveries = sending.done().await;
        let mut arrived = Vec::new();
        for _ in deliveries {
            arrived.push(self.receiver.next().await);
        }
        assert!(self.receiver.rest().is_empty());
        arrived
    }
}
