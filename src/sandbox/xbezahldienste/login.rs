//! Who may call: HTTP Basic, OAuth 2.0 client credentials, client certificates, or anybody.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    port::{Login, Quirk},
    problem::Problem,
};
use crate::sandbox::{server::Connection, shared::Shared, world::Account};

/// What a token is good for. A client that asks for none gets both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Post,
    Read,
}

impl Scope {
    const BOTH: [Self; 2] = [Self::Post, Self::Read];

    const fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Read => "read",
        }
    }
}

#[derive(Debug)]
struct Token {
    client_id: String,
    until: Timestamp,
    scopes: Vec<Scope>,
}

/// The tokens that were issued. Some clients fetch one for every call, so the oldest make room.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    by_text: HashMap<String, Token>,
    in_order: VecDeque<String>,
}

const MOST_TOKENS: usize = 10_000;

impl Tokens {
    fn issue(&mut self, text: String, token: Token) {
        if self.in_order.len() == MOST_TOKENS
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.by_text.remove(&oldest);
        }
        self.in_order.push_back(text.clone());
        self.by_text.insert(text, token);
    }
}

/// # Errors
/// 403, or 401 where the service says so; with FORBIDDEN.
pub(super) fn check(
    shared: &Shared,
    connection: &Connection,
    headers: &HeaderMap,
    account: &Account,
    scope: Scope,
) -> Result<(), Problem> {
    let port = &account.xbezahldienste;
    let wrong = |detail: &str, challenge: &'static str| {
        if port.has(Quirk::HashError) {
            Problem::validation("ungültiger Hashwert")
        } else if port.has(Quirk::Unauthorized) {
            Problem::unauthorized(detail, challenge)
        } else {
            Problem::forbidden(detail)
        }
    };
    match &port.login {
        Login::Off => Ok(()),
        Login::Basic { user, password } => {
            let challenge = "Basic realm=\"sandbox\"";
            match basic(headers) {
                None => Err(wrong("user and password are missing", challenge)),
                Some(sent) if sent == (user.clone(), password.clone()) => Ok(()),
                // Good somewhere else: known, but without a right here.
                Some((user, password)) if is_user_elsewhere(shared, &user, &password) => {
                    Err(Problem::forbidden("this user has no right here"))
                }
                Some(_) => Err(wrong("user or password is wrong", challenge)),
            }
        }
        Login::Oauth { client_id, .. } => {
            let challenge = "Bearer realm=\"sandbox\", error=\"invalid_token\"";
            let book = shared.book();
            let tokens = &book.transactions.tokens;
            match bearer(headers).map(|text| tokens.by_text.get(text)) {
                None => Err(wrong("a token is missing", challenge)),
                Some(None) => Err(wrong("the token is unknown", challenge)),
                Some(Some(token)) if token.until <= shared.now() => {
                    Err(wrong("the token has expired", challenge))
                }
                Some(Some(token)) if token.client_id != *client_id => {
                    Err(Problem::forbidden("this client has no right here"))
                }
                Some(Some(token)) if !token.scopes.contains(&scope) => {
                    let detail = format!("the token has no scope {}", scope.name());
                    Err(Problem::forbidden(&detail))
                }
                Some(Some(_)) => Ok(()),
            }
        }
        Login::Certificate => match &connection.certificate {
            None => Err(wrong(
                "a client certificate is missing",
                "Mutual realm=\"sandbox\"",
            )),
            Some(own) if account.certificates.is_empty() || account.certificates.contains(own) => Ok(()),
            Some(_) => Err(Problem::forbidden("this client certificate has no right here")),
        },
    }
}

fn is_user_elsewhere(shared: &Shared, user: &str, password: &str) -> bool {
    let logins = shared
        .world
        .accounts
        .iter()
        .map(|account| &account.xbezahldienste.login);
    logins.into_iter().any(|login| {
        matches!(login, Login::Basic { user: known, password: secret } if known == user && secret == password)
    })
}

fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, rest) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    authorization(headers, "Bearer")
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = BASE64.decode(authorization(headers, "Basic")?.as_bytes()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// `POST /xbezahldienste/oauth/token`: a form or JSON; the client in the body or as HTTP Basic.
pub(super) async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = read_fields(&headers, &body);
    let field = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if field("grant_type") != Some("client_credentials") {
        let code = if field("grant_type").is_some() {
            "unsupported_grant_type"
        } else {
            "invalid_request"
        };
        return error(
            StatusCode::BAD_REQUEST,
            code,
            "grant_type must be client_credentials",
        );
    }
    let by_body = || Some((field("client_id")?.to_owned(), field("client_secret")?.to_owned()));
    let Some((id, secret)) = basic(&headers).or_else(by_body) else {
        let text = "client_id and client_secret are missing, in the body or as HTTP Basic";
        return error(StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let seconds = shared
        .world
        .accounts
        .iter()
        .find_map(|account| match &account.xbezahldienste.login {
            Login::Oauth {
                client_id,
                client_secret,
                token_seconds,
            } if *client_id == id && *client_secret == secret => Some(*token_seconds),
            _ => None,
        });
    let Some(seconds) = seconds else {
        return error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "client_id or client_secret is wrong",
        );
    };
    let Some(scopes) = scopes(field("scope")) else {
        return error(
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "the scopes are post and read",
        );
    };
    let text = format!("sbx_{}{}", shared.ids.next(), shared.ids.next());
    let token = Token {
        client_id: id,
        until: shared.now() + SignedDuration::from_secs(seconds.into()),
        scopes: scopes.clone(),
    };
    shared.book().transactions.tokens.issue(text.clone(), token);
    let scope: Vec<&str> = scopes.into_iter().map(Scope::name).collect();
    no_store(
        StatusCode::OK,
        &json!({ "access_token": text, "token_type": "Bearer", "expires_in": seconds, "scope": scope.join(" ") }),
    )
}

fn read_fields(headers: &HeaderMap, body: &Bytes) -> Map<String, Value> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    (form_urlencoded::parse(body).into_owned())
        .map(|(name, value)| (name, value.into()))
        .collect()
}

/// None for a scope that nobody has. `admin` is one of the standard, but nothing here needs it.
fn scopes(asked: Option<&str>) -> Option<Vec<Scope>> {
    let Some(asked) = asked else {
        return Some(Scope::BOTH.to_vec());
    };
    (asked.split_whitespace())
        .map(|name| Scope::BOTH.into_iter().find(|scope| scope.name() == name))
        .collect()
}

fn error(status: StatusCode, code: &str, text: &str) -> Response {
    no_store(status, &json!({ "error": code, "error_description": text }))
}

fn no_store(status: StatusCode, body: &Value) -> Response {
    let mut answer = (status, axum::Json(body)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"sandbox\""),
        );
    }
    answer
}
