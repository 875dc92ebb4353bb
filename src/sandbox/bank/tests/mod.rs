//! Stories of the bank, over HTTP where an address matters: what the payers and the authority do, the days that
//! pass, and what the statements then say.

mod files;
mod stories;

use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::sandbox::{Cents, Clock, Ids, Options, Sandbox, StatementFormat, World};

/// A Wednesday at noon.
const START: &str = "2026-11-25T11:00:00Z";

/// A sandbox whose clock stands still until it is moved on by days.
struct Town {
    sandbox: Sandbox,
    client: Client,
}

impl Town {
    async fn new() -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let start: Timestamp = START.parse().expect("an instant");
        let options = Options {
            world: World::demo(),
            clock: Clock::from_fn(move || start),
            ids: Ids::seeded("bank"),
            ..Options::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self {
            sandbox: Sandbox::start(listener, options).await.expect("a sandbox"),
            client: Client::builder().no_proxy().build().expect("a client"),
        }
    }

    fn iban(&self) -> String {
        let bank = self.sandbox.bank_account("TH000001", "BW100001");
        bank.expect("an account").iban
    }

    /// A new payment over so many cents: its Kassenzeichen.
    async fn create(&self, number: &str, cents: i64) -> String {
        let amount = Cents::new(cents);
        let list = json!({
            "kassenzeichennummer": null, "faelligkeitsdatum": "01.03.2027 12:00:00",
            "waehrungskennzeichen": "EUR", "kennzeichenMahnverfahren": "11000",
            "transaktionsnummer": number, "zahlverfahrencodes": ["KREDITKARTE", "PAYPAL", "SEPASDD"],
            "buchungen": [{ "id": null, "bruttobetrag": amount, "nettobetrag": amount, "steuerbetrag": 0,
                "buchungstext": "GEBÜHR & AUSLAGEN",
                "kontierung": { "haushaltstelle": "1100.1000", "objektnummer": "0000000001" } }],
            "kunde": { "name": "Müller-Lüdenscheidt", "vorname": "Eva", "typ": "TEMPORAER",
                "kundennummer": number, "firmenkunde": false },
            "fachverfahrendaten": null, "zahltyp": "PAYPAGE", "betrag": amount
        });
        let url = format!(
            "{}/epayment/fachverfahren/v1_0/mandanten/TH000001/bewirtschafter/BW100001/buchungslisten",
            self.sandbox.konnektor_url()
        );
        let answer = self.client.post(url).json(&list).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["kassenzeichen"]
            .as_str()
            .expect("a Kassenzeichen")
            .to_owned()
    }

    async fn paid(&self, number: &str, cents: i64, method: &str) -> String {
        let kassenzeichen = self.create(number, cents).await;
        let sending = self.sandbox.pay(&kassenzeichen, Some(method)).expect("payable");
        sending.done().await;
        kassenzeichen
    }

    /// What a GET below the root says: status and text.
    async fn get(&self, path: &str) -> (u16, String) {
        let url = self.sandbox.base_url().join(path).expect("an address");
        let answer = self.client.get(url).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = self.sandbox.base_url().join(path).expect("an address");
        let answer = self.client.post(url).json(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// The statement of this day of November or later, such as `2026-11-27`.
    fn statement(&self, day: &str, format: StatementFormat) -> String {
        let day = day.parse().expect("a day");
        self.sandbox
            .statement(&self.iban(), day, format)
            .expect("a statement")
    }
}
