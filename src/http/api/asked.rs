//! What a request says, read in one way for every operation: its path, its query, its body. What cannot be read is a
//! problem document that names the part that is wrong.
//!
//! Query and body are judged when the handler asks for them, so that who may not call hears that first.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// The parts of the path. One that is no number where one is needed leads to nothing.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Web>> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, web).await {
            Ok(Path(at)) => Ok(Self(at)),
            Err(why) if why.status().is_client_error() => Err(Problem::new(
                Kind::NotFound,
                format!("nothing is here: {}", why.body_text()),
            )),
            Err(why) => {
                tracing::error!(why = why.body_text(), "a path cannot be read");
                Err(Problem::new(
                    Kind::Internal,
                    "a fault of the connector; operators are told",
                ))
            }
        }
    }
}

/// The query. Parameters that nobody knows are named instead of passed over: `T` denies unknown fields.
pub struct With<T>(Result<T, Problem>);

impl<T> With<T> {
    /// What it says.
    ///
    /// # Errors
    /// Which parameter is wrong.
    pub fn read(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<Web>> for With<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        let query = Query::from_request_parts(parts, web).await;
        let wrong = |why: axum::extract::rejection::QueryRejection| {
            Problem::new(Kind::InvalidRequest, why.body_text())
        };
        Ok(Self(query.map(|Query(query)| query).map_err(wrong)))
    }
}

/// No parameters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The body, as JSON.
pub struct Sent<T>(Result<T, Problem>);

impl<T> Sent<T> {
    /// What it says.
    ///
    /// # Errors
    /// It is no JSON, too large, or a member is wrong: which.
    pub fn read(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Sent<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Infallible> {
        Ok(Self(body(request, web).await))
    }
}

async fn body<T: DeserializeOwned>(request: Request, web: &Arc<Web>) -> Result<T, Problem> {
    if !is_json(request.headers()) {
        let why = "send JSON, with Content-Type: application/json";
        return Err(Problem::new(Kind::UnsupportedMediaType, why));
    }
    let bytes = Bytes::from_request(request, web).await.map_err(|why| {
        if why.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let limit = web.options.body_limit;
            return Problem::new(Kind::TooLarge, format!("the body has more than {limit} bytes"));
        }
        let why = format!("the body did not come whole: {}", why.body_text());
        Problem::new(Kind::InvalidRequest, why)
    })?;
    parse(&bytes).map_err(|why| Problem::new(Kind::InvalidRequest, why))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let Some((main, sub)) = kind.split_once('/') else {
        return false;
    };
    let json = |sub: &str| sub == "json" || sub.ends_with("+json");
    main.eq_ignore_ascii_case("application") && json(&sub.to_ascii_lowercase())
}

/// Reads JSON; what is wrong is told with the path of its member: `parts[1]: …`.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data if path != "." => format!("{path}: {error}"),
            Category::Data => error.to_string(),
            Category::Io | Category::Syntax | Category::Eof => format!("the body is no JSON: {error}"),
        }
    })?;
    json.end()
        .map_err(|error| format!("the body is no JSON: {error}"))?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Step {
        how: String,
        parts: Option<Vec<String>>,
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = |text: &str| parse::<Step>(text.as_bytes()).map(|_| ());
        assert_eq!(told(r#"{"how": "x", "parts": ["1.00"]}"#), Ok(()));
        for (text, begins) in [
            (
                r#"{"how": "x", "parts": ["1.00", 2]}"#,
                "parts[1]: invalid type: integer",
            ),
            (r#"{"how": 3}"#, "how: invalid type: integer"),
            (r#"{"how": "x", "reson": 1}"#, "reson: unknown field `reson`"),
            ("{}", "missing field `how`"),
            (r#"{"how": "x"} {}"#, "the body is no JSON: trailing characters"),
            ("how=x", "the body is no JSON: expected value"),
            ("", "the body is no JSON: EOF"),
        ] {
            let why = told(text).expect_err("it is wrong");
            assert!(why.starts_with(begins), "{text}: {why}");
        }
    }

    #[test]
    fn json_has_several_names() {
        let is = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
            is_json(&headers)
        };
        assert!(
            is("application/json") && is("Application/JSON; charset=utf-8") && is("application/merge+json")
        );
        assert!(!is("text/json") && !is("application/jsonp") && !is("") && !is_json(&HeaderMap::new()));
    }
}
