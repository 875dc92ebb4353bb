//! What the Konnektor's answers mean. The reader is tolerant in form (a result code under 200 and under 4xx, numbers
//! as text, blanks around, missing fields) and strict in meaning: what is broken is unclear, never a guess or a panic.

use serde_json::Value;

use super::config::KonnektorConfig;
use crate::app::ports::{Answer, Fault, OfferedMethod, Opened, Refusal};
use crate::domain::case::Way;
use crate::domain::ids::{Kassenzeichen, Method};
use crate::domain::money::Cents;
use crate::domain::told::{Page, Told};
use crate::provider::errors::{Class, classify};
use crate::provider::http::no_answer;
use crate::provider::text;

/// An answer as it came, read once.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    /// None where the body is no JSON object.
    json: Option<Value>,
    /// The result code; none where there is none, or where it is no code.
    rc: Option<String>,
}

/// What an answer amounts to, before its fields are read.
enum Outcome<'a> {
    /// Done; the fields may be read. `said` is whether a result code said so.
    Done { json: &'a Value, said: bool },
    /// A clear no.
    Refused(Refusal),
    /// −0531.
    NumberUsed,
    /// Nobody knows.
    Unclear(String),
}

impl Reply {
    /// Reads an answer.
    pub(super) fn new(status: u16, body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let json: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
        let rc = json
            .as_ref()
            .and_then(|json| code(json.pointer("/ergebnis/rc").or_else(|| json.get("rc"))?));
        Self { status, json, rc }
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// The result code, for logs.
    pub(super) fn rc(&self) -> &str {
        self.rc.as_deref().unwrap_or("none")
    }

    /// The provider's own words, for logs, where they can hold nothing of a person: not for input errors.
    pub(super) fn ergebnistext(&self) -> Option<String> {
        let class = classify(self.rc.as_deref()?).class;
        let said = self.json.as_ref()?.pointer("/ergebnis/ergebnistext")?.as_str()?;
        (class == Class::Configuration).then(|| text::free(said, 200))
    }

    fn outcome(&self) -> Outcome<'_> {
        let status = self.status;
        if status >= 500 {
            return Outcome::Unclear(format!("HTTP {status}"));
        }
        let good = (200..300).contains(&status);
        let (Some(json), Some(rc)) = (&self.json, &self.rc) else {
            return match &self.json {
                Some(json) if good => Outcome::Done { json, said: false },
                _ => without_code(status),
            };
        };
        let meaning = classify(rc);
        let refused = |fault| {
            Outcome::Refused(Refusal {
                fault,
                code: rc.clone(),
                text: meaning.english.to_owned(),
            })
        };
        match meaning.class {
            Class::Ok if good => Outcome::Done { json, said: true },
            Class::Ok => Outcome::Unclear(format!("rc {rc} under HTTP {status}")),
            Class::Caller => refused(Fault::Caller),
            Class::Configuration => refused(Fault::Configuration),
            Class::NumberUsed => Outcome::NumberUsed,
            Class::UnknownOutcome => Outcome::Unclear(format!("rc {rc}: {}", meaning.english)),
        }
    }

    /// What became of an attempt to open a payment.
    pub(super) fn opened(&self, config: &KonnektorConfig) -> Opened {
        match self.outcome() {
            Outcome::Done { json, said: true } => match paypage(json) {
                Ok(paypage) => Opened::Open {
                    kassenzeichen: assigned(json, &config.kassenzeichen_pointers),
                    remote: None,
                    way: Way::Paypage(paypage),
                },
                Err(why) => Opened::Unclear(why),
            },
            Outcome::Done { .. } => Opened::Unclear(format!("HTTP {} without a result code", self.status)),
            Outcome::Refused(refusal) => Opened::Refused(refusal),
            Outcome::NumberUsed => Opened::AlreadyUsed,
            Outcome::Unclear(why) => Opened::Unclear(why),
        }
    }

    /// What became of a Kassenzeichen.
    pub(super) fn asked(&self, kassenzeichen: &Kassenzeichen, config: &KonnektorConfig) -> Answer {
        let rc = self.rc.as_deref().unwrap_or_default();
        if self.status < 500 && config.unknown_codes.iter().any(|code| code == rc) {
            return Answer::Unknown;
        }
        match self.outcome() {
            // A 404 says that it is not there, unless a code says that somebody else is not.
            Outcome::Refused(refusal) if self.status == 404 && self.rc.is_some() => Answer::Refused(refusal),
            _ if self.status == 404 => Answer::Unknown,
            Outcome::Done { json, .. } => match told(json, config) {
                Ok(told) => match &told.kassenzeichen {
                    Some(other) if !same(other, kassenzeichen) => {
                        Answer::None(format!("asked for {kassenzeichen}, the answer is about {other}"))
                    }
                    Some(_) => Answer::Told(Told {
                        kassenzeichen: Some(kassenzeichen.clone()),
                        ..told
                    }),
                    None => Answer::Told(told),
                },
                Err(why) => Answer::None(why),
            },
            Outcome::Refused(refusal) => Answer::Refused(refusal),
            Outcome::NumberUsed => Answer::None(format!("rc {rc} to a question")),
            Outcome::Unclear(why) => Answer::None(why),
        }
    }

    /// Whether it is a good answer to a question that has no other.
    pub(super) fn good(&self) -> Result<&Value, Refusal> {
        match self.outcome() {
            Outcome::Done { json, said: true } => Ok(json),
            Outcome::Done { .. } => Err(no_answer(format!("HTTP {} without a result code", self.status))),
            Outcome::Refused(refusal) => Err(refusal),
            Outcome::NumberUsed => Err(no_answer(format!("rc {} to a question", self.rc()))),
            Outcome::Unclear(why) => Err(no_answer(why)),
        }
    }

    /// The methods on offer. One that we cannot name is left out: it could not be asked for either.
    pub(super) fn methods(&self) -> Result<Vec<OfferedMethod>, Refusal> {
        let json = self.good()?;
        let list = json
            .get("zahlverfahren")
            .and_then(Value::as_array)
            .ok_or_else(|| no_answer("there is no list «zahlverfahren»".to_owned()))?;
        list.iter()
            .filter_map(|entry| {
                let code = scalar(entry.get("zahlverfahrencode")?)?;
                Some((entry, Method::parse(&code).ok()?))
            })
            .map(|(entry, code)| {
                Ok(OfferedMethod {
                    code,
                    min: amount(entry, "minimalbetrag").map_err(no_answer)?,
                    max: amount(entry, "maximalbetrag").map_err(no_answer)?,
                })
            })
            .collect()
    }
}

/// An answer without a result code. By the meaning of HTTP a 4xx was not carried out, but for the two that say that
/// something was under way.
fn without_code(status: u16) -> Outcome<'static> {
    let text = match status {
        401 => "the client certificate was not accepted",
        403 => "the client certificate has no access to this Mandant or Bewirtschafter",
        404 => "there is nothing at this address: base_url, Mandant or Bewirtschafter is wrong",
        408 | 409 => return Outcome::Unclear(format!("HTTP {status} without a result code")),
        429 => "the Konnektor takes no more requests at the moment",
        400..500 => "the request was refused without a result code",
        200..300 => return Outcome::Unclear(format!("HTTP {status} without a JSON object")),
        _ => return Outcome::Unclear(format!("HTTP {status}")),
    };
    Outcome::Refused(Refusal {
        fault: Fault::Configuration,
        code: format!("HTTP {status}"),
        text: text.to_owned(),
    })
}

/// A result code as text; a JSON number gets its sign and its four digits back.
fn code(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let number: i32 = number.to_string().parse().ok()?;
            Some(format!("{number:+05}"))
        }
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

/// A text or a number as text, without blanks around; none where nothing is left or it is something else.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn paypage(json: &Value) -> Result<String, String> {
    let text = json
        .pointer("/zahlvorgangsInfo/rechnungUrls/PAYPAGE")
        .and_then(Value::as_str)
        .ok_or("accepted, but without zahlvorgangsInfo.rechnungUrls.PAYPAGE")?;
    match url::Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url.into()),
        _ => Err("accepted, but its PAYPAGE is no address of a web page".to_owned()),
    }
}

/// The Kassenzeichen of an opened payment. One that we cannot read is as none: the callback names it again, and the
/// payer need not wait.
fn assigned(json: &Value, pointers: &[String]) -> Option<Kassenzeichen> {
    pointers
        .iter()
        .filter_map(|pointer| json.pointer(pointer))
        .find_map(|value| Kassenzeichen::parse(&scalar(value)?).ok())
}

/// Reads a Kassenzeichen's state. A missing field is `Missing` or none; one of a wrong type is an error.
fn told(json: &Value, config: &KonnektorConfig) -> Result<Told, String> {
    let outer = json
        .get("kassenzeichen")
        .ok_or("the answer has no «kassenzeichen»")?;
    let nothing = Value::Null;
    let data = outer.get("zusatzdaten").unwrap_or(&nothing);
    let field = |name: &str| {
        [data, outer]
            .into_iter()
            .find_map(|place| place.get(name).filter(|value| !value.is_null()))
    };
    let word = |name: &str| match field(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("«{name}» is not a text")),
    };
    let page = match word("paypagestatus")? {
        None => Page::Missing,
        Some(value) if among(&config.inactive_values, value) => Page::Inactive,
        Some(value) if among(&config.active_values, value) => Page::Active,
        Some(other) => Page::Other(text::free(other, 60)),
    };
    Ok(Told {
        kassenzeichen: named(json)?,
        page,
        method: word("bezahlverfahren")?
            .and_then(text::label)
            .and_then(|label| Method::parse(&label).ok()),
        saldo: match amount(data, "saldo")? {
            Some(saldo) => Some(saldo),
            None => amount(outer, "saldo")?,
        },
        ..Told::default()
    })
}

/// The Kassenzeichen that an answer to a question names.
fn named(json: &Value) -> Result<Option<Kassenzeichen>, String> {
    [
        "/kassenzeichen/kassenzeichennummer",
        "/kassenzeichen/kassenzeichen",
        "/kassenzeichen",
    ]
    .iter()
    .filter_map(|pointer| json.pointer(pointer))
    .find_map(scalar)
    .map(|text| Kassenzeichen::parse(&text).map_err(|error| error.to_string()))
    .transpose()
}

/// A Kassenzeichen that came as a JSON number has lost its leading zeros.
fn same(named: &Kassenzeichen, asked: &Kassenzeichen) -> bool {
    let bare = |kassenzeichen: &Kassenzeichen| kassenzeichen.as_str().trim_start_matches('0').to_owned();
    bare(named) == bare(asked)
}

fn among(list: &[String], value: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(value))
}

/// An amount as a number or as text, with a point or a German comma.
fn amount(object: &Value, name: &str) -> Result<Option<Cents>, String> {
    let text = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value @ (Value::Number(_) | Value::String(_))) => scalar(value),
        Some(_) => return Err(format!("«{name}» is not an amount")),
    };
    let Some(text) = text else {
        return Ok(None);
    };
    let text = if text.contains('.') {
        text
    } else {
        text.replace(',', ".")
    };
    Cents::parse(&text)
        .map(Some)
        .map_err(|error| format!("«{name}»: {error}"))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
