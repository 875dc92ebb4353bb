//! The portal and the citizen's browser, as they look from outside: plain HTTP clients that know the standard and
//! nothing of the connector.

use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode, redirect};
use serde_json::Value;

/// A portal that speaks XBezahldienste 1.0.0.
pub(super) struct Portal {
    http: Client,
    base: String,
    client_id: &'static str,
    secret: String,
    token: String,
    home: String,
}

/// What the portal learns when it creates a payment.
pub(super) struct Created {
    pub(super) status: String,
    pub(super) transaction_id: String,
    pub(super) pay_url: String,
    pub(super) redirect_url: String,
}

/// What the portal learns when it asks.
pub(super) struct State {
    pub(super) status: String,
    pub(super) method: String,
    pub(super) reference: String,
}

impl Portal {
    pub(super) fn new(base: String, client_id: &'static str, secret: &str, home: &str) -> Self {
        let http = Client::new();
        Self {
            http,
            base,
            client_id,
            secret: secret.to_owned(),
            token: String::new(),
            home: home.to_owned(),
        }
    }

    /// Gets a token; returns for how many seconds.
    pub(super) async fn log_in(&mut self) -> anyhow::Result<i64> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id),
            ("client_secret", &self.secret),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .http
            .post(format!("{}/oauth/token", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let answer = json(request, "the login").await?;
        self.token = text(&answer, "/access_token")?;
        answer
            .pointer("/expires_in")
            .and_then(Value::as_i64)
            .context("the token has no expires_in")
    }

    /// Posts a payment request.
    pub(super) async fn create(&self, route: &str, body: &str, request_id: &str) -> anyhow::Result<Created> {
        let redirect_url = format!("{}zurueck/{route}/{request_id}", self.home);
        let body = body
            .replace("REQUEST_ID", request_id)
            .replace("REDIRECT_URL", &redirect_url);
        let request = self
            .http
            .post(format!("{}/xbezahldienste/paymenttransaction/{route}", self.base))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(body);
        let answer = json(request, "the payment request").await?;
        Ok(Created {
            status: text(&answer, "/paymentInformation/status")?,
            transaction_id: text(&answer, "/paymentInformation/transactionId")?,
            pay_url: text(&answer, "/paymentInformation/transactionRedirectUrl")?,
            redirect_url,
        })
    }

    /// Asks for the state.
    pub(super) async fn ask(&self, route: &str, transaction: &str) -> anyhow::Result<State> {
        let address = format!(
            "{}/xbezahldienste/paymenttransaction/{route}/{transaction}",
            self.base
        );
        let answer = json(
            self.http.get(address).bearer_auth(&self.token),
            "the question for the state",
        )
        .await?;
        let optional = |pointer| text(&answer, pointer).unwrap_or_else(|_| "-".to_owned());
        Ok(State {
            status: text(&answer, "/paymentInformation/status")?,
            method: optional("/paymentInformation/paymentMethod"),
            reference: optional("/paymentInformation/transactionReference"),
        })
    }
}

async fn json(request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let answer = request
        .send()
        .await
        .with_context(|| format!("{what} got no answer"))?;
    let (status, body) = (answer.status(), answer.text().await?);
    ensure!(status == StatusCode::OK, "{what} was answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("{what} was answered with no JSON"))
}

fn text(answer: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned)
        .with_context(|| format!("the answer has no {pointer}: {answer}"))
}

/// A citizen's browser that shows where it is led.
pub(super) struct Browser(Client);

impl Browser {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(
            Client::builder().redirect(redirect::Policy::none()).build()?,
        ))
    }

    /// Follows one redirect.
    pub(super) async fn follow(&self, address: &str) -> anyhow::Result<String> {
        location(self.0.get(address).send().await?, address)
    }

    /// Reads a page.
    pub(super) async fn read(&self, address: &str) -> anyhow::Result<String> {
        Ok(self
            .0
            .get(address)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?)
    }

    /// Chooses a method and presses «Jetzt bezahlen»; returns where the page leads.
    pub(super) async fn pay(&self, paypage: &str, method: &str) -> anyhow::Result<String> {
        let request = self
            .0
            .post(paypage)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("action=pay&method={method}"));
        location(request.send().await?, paypage)
    }
}

fn location(answer: reqwest::Response, from: &str) -> anyhow::Result<String> {
    let status = answer.status();
    let to = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok());
    to.map(str::to_owned)
        .with_context(|| format!("{from} answered {status} and leads nowhere"))
}
