//! Which version of the standard a portal speaks.
//!
//! There are three, and one member was renamed between them: the control total is `grosAmount` in 1.0.0 and
//! `grossAmount` since 1.1.0. What arrived decides; header and path only choose between versions that spell alike.

use std::fmt;

use axum::http::HeaderMap;

/// The request header of 1.2.0 that names the version; portals of every version may send it.
pub const HEADER: &str = "x-xbezahldienste-version";

/// A version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `grosAmount`, Latin texts.
    V1_0_0,
    /// `grossAmount`, DIN 91379 texts.
    V1_1_0,
    /// Typed requestor, methods and maintenance.
    V1_2_0,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_0_0 => "1.0.0",
            Self::V1_1_0 => "1.1.0",
            Self::V1_2_0 => "1.2.0",
        })
    }
}

/// How the control total is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spelling {
    /// `grosAmount`, 1.0.0.
    Gros,
    /// `grossAmount`, 1.1.0 and later.
    Gross,
}

impl Spelling {
    /// The member's name.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Gros => "grosAmount",
            Self::Gross => "grossAmount",
        }
    }
}

/// A version that we do not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("XBezahldienste version «{0}» is not supported; supported are 1.0.0, 1.1.0 and 1.2.0")]
pub struct Unsupported(String);

/// The version that header or path name; `None` where neither does.
///
/// The header goes before the path segment (`v1`, `v1.1.0`). Said are `1.2.0`, `1.2` and `v1.2`; a patch level that we do
/// not know is served by its minor version. A bare major says nothing: the directory's registration knows the strings
/// `1` and `2`, and both address the same interface.
///
/// For POST only. The answers to GET are the same in every version, and a GET that fails once can end a portal's
/// asking for good, so no GET should depend on this.
///
/// # Errors
/// [`Unsupported`] for a major or minor version that does not exist here, or a text that is no version.
pub fn said(headers: &HeaderMap, path_segment: Option<&str>) -> Result<Option<Dialect>, Unsupported> {
    let header = headers
        .get(HEADER)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        .filter(|text| !text.is_empty());
    match header.as_deref().or(path_segment) {
        Some(text) => version(text),
        None => Ok(None),
    }
}

fn version(text: &str) -> Result<Option<Dialect>, Unsupported> {
    let unsupported = || Unsupported(text.chars().take(40).collect());
    let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let mut parts = number.splitn(3, '.');
    let (major, minor, patch) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if patch.is_some_and(|patch| !patch.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(unsupported());
    }
    match (major, minor) {
        ("1" | "2", None) => Ok(None),
        ("1", Some("0")) => Ok(Some(Dialect::V1_0_0)),
        ("1", Some("1")) => Ok(Some(Dialect::V1_1_0)),
        ("1", Some("2")) => Ok(Some(Dialect::V1_2_0)),
        _ => Err(unsupported()),
    }
}

/// The version that a request is in, from what was said and what arrived.
pub const fn arrived(said: Option<Dialect>, spelling: Spelling, typed_requestor: bool) -> Dialect {
    match (spelling, said) {
        (Spelling::Gros, _) => Dialect::V1_0_0,
        (Spelling::Gross, _) if typed_requestor => Dialect::V1_2_0,
        (Spelling::Gross, Some(Dialect::V1_2_0)) => Dialect::V1_2_0,
        (Spelling::Gross, _) => Dialect::V1_1_0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_by(header: Option<&str>, path: Option<&str>) -> Result<Option<Dialect>, String> {
        let mut headers = HeaderMap::new();
        if let Some(text) = header {
            headers.insert(HEADER, text.parse().expect("a header value"));
        }
        said(&headers, path).map_err(|error| error.to_string())
    }

    #[test]
    fn header_goes_before_path_and_a_bare_major_says_nothing() {
        use Dialect::{V1_0_0, V1_1_0, V1_2_0};
        for (header, path, expected) in [
            (None, None, None),
            (None, Some("v1"), None),
            (None, Some("v2"), None),
            (None, Some("v1.0.0"), Some(V1_0_0)),
            (Some("1.2.0"), None, Some(V1_2_0)),
            (Some(" v1.2 "), None, Some(V1_2_0)),
            (Some("V1.1.0"), Some("v1.0.0"), Some(V1_1_0)),
            (Some(""), Some("v1.1.0"), Some(V1_1_0)),
            (Some("1"), Some("v1.1.0"), None),
            (Some("2"), None, None),
        ] {
            assert_eq!(said_by(header, path), Ok(expected), "{header:?} {path:?}");
        }
    }

    #[test]
    fn an_unknown_patch_level_is_served_by_its_minor_version() {
        assert_eq!(said_by(Some("1.2.7"), None), Ok(Some(Dialect::V1_2_0)));
        assert_eq!(said_by(Some("1.1.0-rc.1"), None), Ok(Some(Dialect::V1_1_0)));
    }

    #[test]
    fn another_major_or_minor_version_is_refused_by_name() {
        for text in ["1.3.0", "2.0", "0.0.8", "latest", "1.2.x", "1.", "1.02"] {
            assert_eq!(
                said_by(Some(text), None),
                Err(format!(
                    "XBezahldienste version «{text}» is not supported; supported are 1.0.0, 1.1.0 and 1.2.0"
                ))
            );
        }
    }

    #[test]
    fn what_arrived_beats_what_was_said() {
        use Dialect::{V1_0_0, V1_1_0, V1_2_0};
        for (said, spelling, typed, expected) in [
            (None, Spelling::Gros, false, V1_0_0),
            (None, Spelling::Gross, false, V1_1_0),
            (None, Spelling::Gross, true, V1_2_0),
            (Some(V1_0_0), Spelling::Gross, false, V1_1_0),
            (Some(V1_2_0), Spelling::Gros, true, V1_0_0),
            (Some(V1_2_0), Spelling::Gross, false, V1_2_0),
            (Some(V1_1_0), Spelling::Gross, false, V1_1_0),
        ] {
            assert_eq!(
                arrived(said, spelling, typed),
                expected,
                "{said:?} {spelling:?} {typed}"
            );
        }
    }
}
