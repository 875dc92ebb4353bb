//! The fields of a callback, however they come: GET query, POST form, POST JSON; flat, under `data`, or as
//! `data[name]`; names in any case. To read one more field: a variant of [`Field`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::app::ports::{CallbackError, RawCallback};

/// A field that we read. Whatever else comes is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The Mandant.
    Mandant,
    /// The Bewirtschafter.
    Bewirtschafter,
    /// ePayBL's id of the Zahlvorgang.
    Zvgid,
    /// The Kassenzeichen.
    Kassenzeichen,
    /// The payment provider's transaction number.
    Tan,
    /// The payment provider.
    Zvp,
    /// How the payer paid.
    Zahlverfahren,
    /// The activation.
    Aktivierung,
    /// What happened.
    Status,
    /// The signature.
    Hash,
}

impl Field {
    /// The signed fields in the order of the Konnektor's recipe.
    pub const SIGNED: [Self; 9] = [
        Self::Mandant,
        Self::Bewirtschafter,
        Self::Zvgid,
        Self::Kassenzeichen,
        Self::Tan,
        Self::Zvp,
        Self::Zahlverfahren,
        Self::Aktivierung,
        Self::Status,
    ];

    /// Its name on the wire.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Mandant => "mandant",
            Self::Bewirtschafter => "bewirtschafter",
            Self::Zvgid => "zvgid",
            Self::Kassenzeichen => "kassenzeichen",
            Self::Tan => "tan",
            Self::Zvp => "zvp",
            Self::Zahlverfahren => "zahlverfahren",
            Self::Aktivierung => "aktivierung",
            Self::Status => "status",
            Self::Hash => "hash",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::SIGNED
            .into_iter()
            .chain([Self::Hash])
            .find(|field| field.wire_name().eq_ignore_ascii_case(name))
    }
}

/// The fields of one callback. A field that is null and one that is missing are the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<Field, Option<String>>);

impl Fields {
    /// Reads query (GET, or a POST without a body) or body.
    ///
    /// # Errors
    /// [`CallbackError::Unreadable`] where it is no form and no JSON object, holds U+0000, or says two things at once.
    pub fn of(raw: &RawCallback) -> Result<Self, CallbackError> {
        if raw.method.eq_ignore_ascii_case("GET") || raw.body.is_empty() {
            Self::from_pairs(raw.query.iter().cloned())
        } else {
            Self::of_body(&raw.body)
        }
    }

    /// Reads a body alone, where only the body is signed.
    ///
    /// # Errors
    /// As [`Fields::of`].
    pub fn of_body(body: &[u8]) -> Result<Self, CallbackError> {
        let text = std::str::from_utf8(body).map_err(|_| unreadable("the body is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with(['{', '[', '"']) {
            return Self::from_pairs(url::form_urlencoded::parse(text.as_bytes()).into_owned());
        }
        let json: Value = serde_json::from_str(text)
            .map_err(|error| unreadable(&format!("the JSON breaks at column {}", error.column())))?;
        let Value::Object(mut object) = json else {
            return Err(unreadable("the JSON is not an object"));
        };
        if let Some(Value::Object(data)) = object.remove("data") {
            object = data;
        }
        let mut fields = Self::default();
        for (name, value) in object {
            let Some(field) = Field::named(&name) else {
                continue;
            };
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(truth) => Some(truth.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    return Err(unreadable(&format!("«{}» is not a text", field.wire_name())));
                }
            };
            fields.put(field, text)?;
        }
        Ok(fields)
    }

    fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, CallbackError> {
        let mut fields = Self::default();
        for (name, value) in pairs {
            let bare = name
                .strip_prefix("data[")
                .and_then(|rest| rest.strip_suffix(']'))
                .unwrap_or(&name);
            if let Some(field) = Field::named(bare) {
                fields.put(field, Some(value))?;
            }
        }
        Ok(fields)
    }

    /// A field may come twice only where it says the same.
    fn put(&mut self, field: Field, value: Option<String>) -> Result<(), CallbackError> {
        if value.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(unreadable(&format!("«{}» contains U+0000", field.wire_name())));
        }
        match self.0.get(&field) {
            Some(earlier) if *earlier != value => Err(unreadable(&format!(
                "«{}» comes twice with different values",
                field.wire_name()
            ))),
            _ => {
                self.0.insert(field, value);
                Ok(())
            }
        }
    }

    /// The value as it came; none where it is null or missing.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field)?.as_deref()
    }

    /// The value without blanks around it; none where nothing is left.
    pub fn word(&self, field: Field) -> Option<&str> {
        self.get(field).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The value without blanks around it, required.
    ///
    /// # Errors
    /// [`CallbackError::Missing`] names the field.
    pub fn required(&self, field: Field) -> Result<&str, CallbackError> {
        self.word(field).ok_or(CallbackError::Missing(field.wire_name()))
    }
}

/// An [`CallbackError::Unreadable`] with its reason.
pub fn unreadable(why: &str) -> CallbackError {
    CallbackError::Unreadable(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(body: &str) -> Result<Fields, CallbackError> {
        Fields::of(&RawCallback {
            method: "POST".into(),
            query: vec![("p".into(), "7f3a".into()), ("status".into(), "error".into())],
            body: body.as_bytes().to_vec(),
            ..RawCallback::default()
        })
    }

    #[test]
    fn the_same_callback_reads_the_same_in_every_shape() {
        let expected = Fields::of(&RawCallback {
            method: "GET".into(),
            query: vec![
                ("p".into(), "7f3a".into()),
                ("kassenzeichen".into(), "4200000000061".into()),
                ("status".into(), "success".into()),
            ],
            ..RawCallback::default()
        })
        .expect("a query");
        for body in [
            r#"{"kassenzeichen":"4200000000061","status":"success"}"#,
            r#"{"kassenzeichen":4200000000061,"status":"success","extra":{"a":[1]}}"#,
            r#"{"data":{"Kassenzeichen":"4200000000061","STATUS":"success"},"status":"error"}"#,
            r#"{"data":null,"kassenzeichen":"4200000000061","status":"success"}"#,
            "\u{feff} {\"kassenzeichen\":\"4200000000061\",\"status\":\"success\"}\n",
            "kassenzeichen=4200000000061&status=success",
            "data[kassenzeichen]=4200000000061&data%5Bstatus%5D=succ%65ss",
            "Kassenzeichen=4200000000061&kassenzeichen=4200000000061&status=success",
        ] {
            assert_eq!(post(body).as_ref(), Ok(&expected), "{body}");
        }
    }

    #[test]
    fn null_and_missing_are_the_same() {
        let null = post(r#"{"tan":null,"status":"success"}"#).expect("JSON");
        assert_eq!(null.get(Field::Tan), None);
        assert_eq!(null.get(Field::Zvp), None);
        assert_eq!(null.required(Field::Tan), Err(CallbackError::Missing("tan")));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (body, why) in [
            (r#"{"status":"#, "the JSON breaks at column 10"),
            ("[1]", "the JSON is not an object"),
            (r#"{"status":{"code":"success"}}"#, "«status» is not a text"),
            (r#"{"status":"a\u0000"}"#, "«status» contains U+0000"),
            ("status=a%00", "«status» contains U+0000"),
            (
                "status=success&Status=error",
                "«status» comes twice with different values",
            ),
            (
                r#"{"status":"success","Status":null}"#,
                "«status» comes twice with different values",
            ),
        ] {
            assert_eq!(post(body), Err(unreadable(why)), "{body}");
        }
        let binary = RawCallback {
            method: "POST".into(),
            body: vec![0xff, 0xfe],
            ..RawCallback::default()
        };
        assert_eq!(Fields::of(&binary), Err(unreadable("the body is not UTF-8")));
    }
}
