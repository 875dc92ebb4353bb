//! A portal and its citizens, from outside: plain HTTP, patient, and stubborn when nobody answers.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};
use serde_json::Value;

use crate::patience;

const GEBURTSURKUNDE: &str = include_str!("../../fixtures/demo/geburtsurkunde.json");
const IKFZ: &str = include_str!("../../fixtures/demo/ikfz.json");

/// An HTTP client as everybody here uses it.
pub(crate) fn http_client() -> Client {
    // The sandbox may have installed it already.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

/// What a portal orders.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) request_id: String,
    pub(crate) route: &'static str,
    pub(crate) cents: i64,
    pub(crate) redirect_url: String,
    pub(crate) body: String,
}

impl Order {
    /// The nth of many: by turns a birth certificate and a car, each a case of its own.
    pub(crate) fn nth(n: usize) -> Self {
        let request_id = format!("antrag-{n:05}");
        let redirect_url = format!("http://127.0.0.1:9/zurueck/{n}?a=1&b=%20");
        let (route, cents, body) = if n.is_multiple_of(2) {
            ("thavel-geburtsurkunde/16064003", 2250, GEBURTSURKUNDE)
        } else {
            ("thavel-ikfz/16064", 3060, IKFZ)
        };
        let body = body
            .replace("REQUEST_ID", &request_id)
            .replace("REDIRECT_URL", &redirect_url)
            .replace("UH-EP-2026", &format!("UH-EP-{n}"));
        Self {
            request_id,
            route,
            cents,
            redirect_url,
            body,
        }
    }
}

/// The portal «thavel».
#[derive(Clone)]
pub(crate) struct Portal {
    pub(crate) http: Client,
    base: String,
    secret: String,
}

/// What is answered, where somebody answers: the status and the JSON.
pub(crate) type Heard = Option<(StatusCode, Value)>;

impl Portal {
    pub(crate) fn new(base: String, secret: &str) -> Self {
        Self {
            http: http_client(),
            base,
            secret: secret.to_owned(),
        }
    }

    async fn hear(&self, request: RequestBuilder) -> Heard {
        let answer = request
            .basic_auth("thavel", Some(&self.secret))
            .send()
            .await
            .ok()?;
        let status = answer.status();
        // Killed in the middle of an answer is no answer.
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Posts an order once.
    pub(crate) async fn post(&self, order: &Order) -> Heard {
        let url = format!("{}/xbezahldienste/paymenttransaction/{}", self.base, order.route);
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json");
        self.hear(request.body(order.body.clone())).await
    }

    /// Asks for its state once.
    pub(crate) async fn get(&self, order: &Order) -> Heard {
        let path = format!(
            "/xbezahldienste/paymenttransaction/{}/{}",
            order.route, order.request_id
        );
        self.hear(self.http.get(format!("{}{path}", self.base))).await
    }

    /// Posts until somebody answers that the payment exists.
    pub(crate) async fn create(&self, order: &Order) {
        patience::until(90, "a payment", async || match self.post(order).await {
            None | Some((StatusCode::SERVICE_UNAVAILABLE, _)) => None,
            Some((StatusCode::OK, _)) => Some(()),
            Some((_, answer)) if answer["functionalCode"] == "PAYMENT_EXISTS" => Some(()),
            Some((status, answer)) => panic!("{}: {status} {answer}", order.request_id),
        })
        .await;
    }

    /// Asks until the state has a member that is wanted.
    pub(crate) async fn hears(&self, order: &Order, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{}: {what}", order.request_id);
        patience::until(90, &what, async || {
            let (status, answer) = self.get(order).await?;
            if status == StatusCode::SERVICE_UNAVAILABLE {
                return None;
            }
            assert_eq!(status, StatusCode::OK, "{what}: {answer}");
            let information = answer["paymentInformation"].clone();
            wanted(&information).then_some(information)
        })
        .await
    }

    /// The whole way: ordered, opened in a browser, paid, come back, asked. Returns the Kassenzeichen.
    pub(crate) async fn whole_way(&self, order: &Order) -> String {
        self.create(order).await;
        let paypage = self.to_paypage(order).await;
        let form = "action=pay&method=KREDITKARTE";
        let paying = self.http.post(&paypage).body(form);
        let paying = paying.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let back = location(paying.send().await.expect("ePayBL answers")).expect("the paypage leads back");
        let home = self.browse(&back, "the way home", |_| true).await;
        assert_eq!(home, order.redirect_url, "unchanged");
        let paid = self
            .hears(order, "PAYED", |state| state["status"] == "PAYED")
            .await;
        paid["transactionReference"]
            .as_str()
            .expect("a reference")
            .to_owned()
    }

    /// Opens `/pay/<token>` in a browser until it leads to a paypage.
    pub(crate) async fn to_paypage(&self, order: &Order) -> String {
        let address = |state: &Value| state["transactionRedirectUrl"].as_str().map(str::to_owned);
        let state = self
            .hears(order, "an address", |state| address(state).is_some())
            .await;
        let pay = address(&state).expect("there is one");
        self.browse(&pay, "the paypage", |to| to.contains("/paypage/"))
            .await
    }

    /// Opens an address until it leads on.
    async fn browse(&self, address: &str, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        patience::until(90, what, async || {
            let answer = self.http.get(address).send().await.ok()?;
            let (status, to) = (answer.status(), location(answer));
            let fine = status == StatusCode::OK || status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(fine || to.is_some(), "{what}: {address} answered {status}");
            to.filter(|to| wanted(to))
        })
        .await
    }
}

fn location(answer: reqwest::Response) -> Option<String> {
    let to = answer.headers().get(header::LOCATION)?;
    Some(to.to_str().expect("a location is text").to_owned())
}
