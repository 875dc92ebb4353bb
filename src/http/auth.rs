//! Who calls: an access token, or HTTP Basic on each call.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;

use crate::app::App;
use crate::app::ports::ReadError;
use crate::domain::tenant::Client;

/// Why a caller is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// No credentials, or none that are valid.
    Nobody,
    /// They cannot be checked now.
    Unavailable,
}

impl From<ReadError> for AuthError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "credentials could not be checked");
        Self::Unavailable
    }
}

/// The client behind a request.
///
/// # Errors
/// [`AuthError`].
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Arc<Client>, AuthError> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let client = if let Some((id, secret)) = basic(value) {
        app.log_in(&id, &secret).await?
    } else if let Some(token) = scheme(value, "bearer") {
        app.by_token_of(token).await?
    } else {
        None
    };
    client.ok_or(AuthError::Nobody)
}

/// User and password of `Authorization: Basic …`; both as they came, since clients do not percent-encode them.
pub fn basic(value: &str) -> Option<(String, String)> {
    let bytes = BASE64.decode(scheme(value, "basic")?.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// What follows the name of a scheme, in any case.
fn scheme<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let (scheme, rest) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case(name).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_whatever_the_case_of_the_scheme() {
        let value = format!("bAsIc {}", BASE64.encode(b"thavel:a:b"));
        assert_eq!(basic(&value), Some(("thavel".to_owned(), "a:b".to_owned())));
        for wrong in [
            "",
            "Basic",
            "Basic !!!",
            "Bearer abc",
            &format!("Basic {}", BASE64.encode(b"nocolon")),
        ] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
    }
}
