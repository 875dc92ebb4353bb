//! The portal and the citizen's browser: what they send, and what they read of the answers.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::kit::World;

/// What somebody was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The body, where it is JSON.
    pub body: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self {
            status,
            headers,
            text,
            body,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A member of `paymentInformation`; empty where it is missing.
    pub fn said(&self, member: &str) -> String {
        self.body["paymentInformation"][member]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// HTTP status and functionalCode, of an answer that must be a problem document of the standard.
    pub fn refusal(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["status"], json!(self.status), "{}", self.text);
        (
            self.status,
            self.body["functionalCode"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    }

    /// Where a redirect leads.
    pub fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location").to_owned()
    }
}

/// Where the demonstration's portal wants its citizens back.
pub fn home(request_id: &str) -> String {
    format!("https://portal.example/zurueck?antrag={request_id}&a=b%20c+d#schritt-3")
}

/// A birth certificate for 22.50 in the words of 1.0.0, two items.
pub fn certificate(request_id: &str) -> Value {
    body(
        include_str!("../../fixtures/demo/geburtsurkunde.json"),
        request_id,
    )
}

/// A car's registration for 30.60 in the words of 1.0.0, with nulls and empty posting data.
pub fn car(request_id: &str) -> Value {
    body(include_str!("../../fixtures/demo/ikfz.json"), request_id)
}

fn body(text: &str, request_id: &str) -> Value {
    let text = text
        .replace("REQUEST_ID", request_id)
        .replace("REDIRECT_URL", &home(request_id));
    serde_json::from_str(&text).expect("the fixture is JSON")
}

/// The same with the total spelled as since 1.1.0.
pub fn since_1_1(mut body: Value) -> Value {
    let total = body.as_object_mut().and_then(|body| body.remove("grosAmount"));
    body["grossAmount"] = total.expect("a total");
    body
}

impl World {
    /// POST paymenttransaction as the portal, with Basic.
    pub async fn post(&self, route: &str, body: &Value) -> Answer {
        self.post_to(&format!("/xbezahldienste/paymenttransaction/{route}"), body)
            .await
    }

    /// POST to an address as the portal, with Basic.
    pub async fn post_to(&self, path: &str, body: &Value) -> Answer {
        let request = self
            .http
            .post(self.url(path))
            .basic_auth("thavel", Some(&self.secret));
        Answer::of(request.json(body)).await
    }

    /// GET paymenttransaction as the portal, with Basic.
    pub async fn get(&self, route: &str, transaction: &str) -> Answer {
        self.get_from(&format!(
            "/xbezahldienste/paymenttransaction/{route}/{transaction}"
        ))
        .await
    }

    /// GET an address as the portal, with Basic.
    pub async fn get_from(&self, path: &str) -> Answer {
        Answer::of(
            self.http
                .get(self.url(path))
                .basic_auth("thavel", Some(&self.secret)),
        )
        .await
    }

    /// What the portal hears of a payment: `INITIAL`, `PAYED`, `FAILED`, `CANCELED`.
    pub async fn status(&self, route: &str, transaction: &str) -> String {
        let answer = self.get(route, transaction).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.said("status")
    }

    /// Opens a payment; returns where the citizen is sent.
    pub async fn open(&self, route: &str, body: &Value) -> String {
        let answer = self.post(route, body).await;
        assert_eq!(
            (answer.status, answer.said("status").as_str()),
            (200, "INITIAL"),
            "{}",
            answer.text
        );
        answer.said("transactionRedirectUrl")
    }

    /// A browser opens an address.
    pub async fn browse(&self, address: &str) -> Answer {
        Answer::of(self.http.get(address)).await
    }

    /// The citizen goes to the paypage, chooses and pays; returns where the page leads back to.
    pub async fn pay(&self, pay_url: &str, method: &str) -> String {
        self.decide(pay_url, &format!("action=pay&method={method}")).await
    }

    /// The citizen goes to the paypage and aborts; returns where the page leads back to.
    pub async fn abort(&self, pay_url: &str) -> String {
        self.decide(pay_url, "action=abort").await
    }

    async fn decide(&self, pay_url: &str, form: &str) -> String {
        let paypage = self.browse(pay_url).await.location();
        let page = self.browse(&paypage).await;
        assert_eq!(page.status, 200, "{}", page.text);
        // A page may be shown at one address and take the decision at another.
        let action = page
            .text
            .split_once("action=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let action = action.map_or("", |(action, _)| action).replace("&amp;", "&");
        let there = url::Url::parse(&paypage).expect("an address");
        let request = self
            .http
            .post(there.join(&action).expect("an address"))
            .header("content-type", "application/x-www-form-urlencoded");
        Answer::of(request.body(form.to_owned())).await.location()
    }

    /// The whole road: opened, paid, and back at the portal.
    pub async fn paid(&self, route: &str, body: &Value, method: &str) {
        let pay_url = self.open(route, body).await;
        let back = self.pay(&pay_url, method).await;
        assert_eq!(
            self.browse(&back).await.location(),
            body["redirectUrl"].as_str().unwrap_or_default()
        );
    }
}
