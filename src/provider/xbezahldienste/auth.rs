//! How we log in: by the client certificate alone, by HTTP Basic, or by a token that is fetched and kept for a while.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use reqwest::{Client, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::config::{AuthConfig, AuthKind, TokenStyle};
use crate::app::ports::{Clock, Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::provider::http::{self, Failure};

/// A token is not used any more in its last seconds: a call may take some.
const MARGIN_SECONDS: i64 = 30;

/// How long a token is used whose answer names no end.
const UNNAMED_SECONDS: i64 = 60;

/// The longest that a token is used, whatever its answer says.
const MOST_SECONDS: i64 = 86_400;

/// The longest token that is taken: servers refuse longer headers.
const LONGEST_TOKEN: usize = 7_000;

/// A login that is ready to be used.
pub(super) enum Login {
    /// The certificate says it all.
    Certificate,
    /// The same header on every call.
    Header(HeaderValue),
    /// Tokens.
    Tokens(Box<Tokens>),
}

/// A source of tokens; fetches one at a time, and the others wait for it.
pub(super) struct Tokens {
    address: Url,
    id: String,
    secret: SecretString,
    style: TokenStyle,
    scope: Option<String>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    until: Timestamp,
}

/// Why there is no token. The payment itself was not spoken of, so nothing can exist.
#[derive(Debug)]
pub(super) enum NoToken {
    /// The endpoint said no: an operator's matter.
    Refused(String),
    /// It did not answer, or not so that it can be read.
    NoAnswer(String),
}

impl NoToken {
    /// As a refusal.
    pub(super) fn refusal(self) -> Refusal {
        let (code, text) = match self {
            Self::Refused(why) => ("token-refused", why),
            Self::NoAnswer(why) => ("no-token", why),
        };
        Refusal {
            fault: Fault::Configuration,
            code: code.to_owned(),
            text,
        }
    }
}

impl Login {
    /// The login that the settings describe; they were checked.
    pub(super) fn new(config: &AuthConfig, clock: Arc<dyn Clock>) -> Self {
        let secret = |secret: &Option<SecretString>| secret.clone().unwrap_or_default();
        match (config.kind, &config.token_url) {
            (AuthKind::Basic, _) => {
                basic(&config.user, &secret(&config.password)).map_or(Self::Certificate, Self::Header)
            }
            (AuthKind::Oauth2, Some(address)) => Self::Tokens(Box::new(Tokens {
                address: address.clone(),
                id: config.client_id.clone(),
                secret: secret(&config.client_secret),
                style: config.style,
                scope: config.scope.clone(),
                clock,
                kept: Mutex::new(None),
            })),
            (AuthKind::Mtls | AuthKind::Oauth2, _) => Self::Certificate,
        }
    }

    /// The header of a call, where it needs one.
    pub(super) async fn header(&self, client: &Client) -> Result<Option<HeaderValue>, NoToken> {
        match self {
            Self::Certificate => Ok(None),
            Self::Header(header) => Ok(Some(header.clone())),
            Self::Tokens(tokens) => tokens.header(client).await.map(Some),
        }
    }

    /// Whether another try may help after the service did not take this header: a token that was taken back before its
    /// time is fetched anew.
    pub(super) async fn forget(&self, refused: Option<&HeaderValue>) -> bool {
        let Self::Tokens(tokens) = self else {
            return false;
        };
        let mut kept = tokens.kept.lock().await;
        if kept.as_ref().map(|token| &token.header) == refused {
            *kept = None;
        }
        true
    }
}

impl Tokens {
    async fn header(&self, client: &Client) -> Result<HeaderValue, NoToken> {
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| self.clock.now() < token.until) {
            return Ok(token.header.clone());
        }
        *kept = None;
        let token = self.fetch(client).await?;
        let header = token.header.clone();
        *kept = Some(token);
        Ok(header)
    }

    async fn fetch(&self, client: &Client) -> Result<Token, NoToken> {
        let secret = self.secret.expose_secret();
        let mut members = vec![("grant_type", "client_credentials")];
        if self.style != TokenStyle::Basic {
            members.extend([("client_id", self.id.as_str()), ("client_secret", secret)]);
        }
        if let Some(scope) = &self.scope {
            members.push(("scope", scope));
        }
        let request = client
            .post(self.address.clone())
            .header(header::ACCEPT, "application/json");
        let request = match self.style {
            TokenStyle::Json => request.json(
                &members
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                    .collect::<Map<_, _>>(),
            ),
            TokenStyle::Form | TokenStyle::Basic => request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Serializer::new(String::new()).extend_pairs(members).finish()),
        };
        let request = match (self.style, self.in_header()) {
            (TokenStyle::Basic, Some(header)) => request.header(header::AUTHORIZATION, header),
            _ => request,
        };
        let asked_at = self.clock.now();
        let raw = http::call(request).await.map_err(|failure| {
            let (Failure::NotReached(why) | Failure::Lost(why)) = failure;
            NoToken::NoAnswer(format!("the token endpoint did not answer: {why}"))
        })?;
        tracing::info!(call = "token", status = raw.status, "the token endpoint answered");
        token(raw.status, &raw.body, asked_at)
    }

    /// Id and secret for the header, each encoded first (RFC 6749, 2.3.1).
    fn in_header(&self) -> Option<HeaderValue> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        basic(
            &encoded(&self.id),
            &SecretString::from(encoded(self.secret.expose_secret())),
        )
    }
}

fn basic(user: &str, password: &SecretString) -> Option<HeaderValue> {
    let pair = format!("{user}:{}", password.expose_secret());
    sensitive(&format!("Basic {}", STANDARD.encode(pair)))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Reads the endpoint's answer. Of an error only its code is told: the rest may repeat what we sent.
fn token(status: u16, body: &[u8], asked_at: Timestamp) -> Result<Token, NoToken> {
    let json: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    if !(200..300).contains(&status) {
        let code = json
            .as_ref()
            .and_then(|json| json.get("error")?.as_str())
            .filter(|code| code.len() <= 40 && code.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .map_or_else(String::new, |code| format!(", {code}"));
        let why = format!("the token endpoint answered HTTP {status}{code}");
        return Err(if matches!(status, 400..500) && !matches!(status, 408 | 429) {
            NoToken::Refused(format!(
                "{why}: check auth.token_url, auth.client_id, auth.client_secret, auth.style"
            ))
        } else {
            NoToken::NoAnswer(why)
        });
    }
    let unreadable = |what: &str| NoToken::NoAnswer(format!("the token endpoint's answer {what}"));
    let json = json.ok_or_else(|| unreadable("is no JSON object"))?;
    let kind = json.get("token_type").and_then(Value::as_str);
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unreadable("names another token_type than bearer"));
    }
    let text = json
        .get("access_token")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty() && text.len() <= LONGEST_TOKEN)
        .ok_or_else(|| unreadable("has no access_token, or an endless one"))?;
    let header = text
        .chars()
        .all(|c| c.is_ascii_graphic())
        .then(|| sensitive(&format!("Bearer {text}")))
        .flatten()
        .ok_or_else(|| unreadable("has an access_token that no header can carry"))?;
    let seconds = lifetime(json.get("expires_in"));
    Ok(Token {
        header,
        until: asked_at.plus_seconds(seconds - MARGIN_SECONDS.min(seconds / 2)),
    })
}

/// `expires_in` as a number or as text.
fn lifetime(value: Option<&Value>) -> i64 {
    let seconds = match value {
        Some(Value::Number(number)) => number.to_string().parse().ok(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    seconds.unwrap_or(UNNAMED_SECONDS).clamp(0, MOST_SECONDS)
}
