//! What came back: a result, a fault, or nothing that can be read. The reader is tolerant in form (either spelling,
//! flat or nested, any version, references, junk around) and strict in meaning: what contradicts itself is no answer.

use super::decode::decode;
use super::xml::{Document, Element};
use crate::app::ports::{Fault, Refusal};
use crate::provider::errors::{Class, classify};
use crate::provider::http::Raw;
use crate::provider::text;

/// What a server says of an operation that it does not have.
const NO_METHOD: &str = "is not a valid method for this service";

/// What came back.
#[derive(Debug)]
pub(super) enum Reply {
    /// A result, whose ergebnis is still to be looked at.
    Result(Answered),
    /// The server does not know the operation: nothing was done.
    NoSuchMethod,
    /// The request was not carried out, by the meaning of HTTP.
    Refused(Refusal),
    /// Nobody knows what was done.
    Nothing(String),
}

/// A result.
#[derive(Debug)]
pub(super) struct Answered {
    document: Document,
}

/// What ePayBL says of a call (type Ergebnis).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ergebnis {
    ok: Option<bool>,
    /// Sign and four digits.
    pub(super) code: Option<String>,
    /// The EPaymentId: what support asks for.
    pub(super) id: Option<String>,
    words: Option<String>,
}

/// What an Ergebnis amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was done.
    Done,
    /// There is no Ergebnis at all.
    Unsaid,
    /// A clear no.
    Refused(Refusal),
    /// −0531.
    NumberUsed,
    /// Nobody knows.
    Unclear(String),
}

impl Reply {
    /// Reads what came over HTTP.
    pub(super) fn read(raw: &Raw, most: usize) -> Self {
        let document =
            decode(raw.content_type.as_deref(), &raw.body).and_then(|text| Document::read(&text, most));
        let document = match document {
            Ok(document) => document,
            Err(why) => return without_envelope(raw.status, &why),
        };
        match body(&document) {
            Ok(Body::Fault { code, text }) if code == "Client" && text.contains(NO_METHOD) => {
                Self::NoSuchMethod
            }
            Ok(Body::Fault { code, text }) => Self::Nothing(format!("a SOAP Fault {code}: {text}")),
            Ok(Body::Result) if (200..300).contains(&raw.status) => Self::Result(Answered { document }),
            Ok(Body::Result) => Self::Nothing(format!("HTTP {} with a result, not with a fault", raw.status)),
            Err(why) => without_envelope(raw.status, why),
        }
    }
}

/// What stands in the body of an envelope.
enum Body {
    Result,
    Fault { code: String, text: String },
}

fn body(document: &Document) -> Result<Body, &'static str> {
    let root = document.root();
    if !root.is("Envelope") {
        return Err("the answer is no SOAP envelope");
    }
    let body = root.child(&["Body"]).ok_or("the answer's envelope has no body")?;
    let Some(fault) = body.child(&["Fault"]) else {
        return wrapper(document)
            .map(|_| Body::Result)
            .ok_or("the answer's body is empty");
    };
    // SOAP 1.2 has Code/Value and Reason/Text; a proxy may answer in it.
    let code = fault
        .word(&["faultcode"])
        .or_else(|| fault.child(&["Code"])?.word(&["Value"]))
        .unwrap_or("without a code");
    let code = code.rsplit(':').next().unwrap_or(code);
    let text = fault
        .word(&["faultstring"])
        .or_else(|| fault.child(&["Reason"])?.word(&["Text"]))
        .unwrap_or_default();
    Ok(Body::Fault {
        // Apache's router appends its own finer code.
        code: text::free(code.split('.').next().unwrap_or(code), 40),
        text: text::free(text, 200),
    })
}

/// The element that answers the call: the first of the body that is nothing that others refer to.
fn wrapper(document: &Document) -> Option<Element<'_>> {
    document
        .root()
        .child(&["Body"])?
        .children()
        .find(|child| !child.is("multiRef"))
}

/// An answer without an envelope. By the meaning of HTTP a 4xx was not carried out, but for the two that say that
/// something was under way.
fn without_envelope(status: u16, why: &str) -> Reply {
    let text = match status {
        401 => "the client certificate was not accepted",
        403 => "the client certificate has no access",
        404 | 405 => "there is no SOAP service at this address: url is wrong",
        407 => "the proxy wants a user name, which is not supported",
        429 => "the service takes no more requests at the moment",
        408 | 409 => return Reply::Nothing(format!("HTTP {status}: {why}")),
        400..500 => "the request was refused without a SOAP Fault",
        200..300 => return Reply::Nothing(why.to_owned()),
        _ => return Reply::Nothing(format!("HTTP {status}: {why}")),
    };
    Reply::Refused(Refusal {
        fault: Fault::Configuration,
        code: format!("HTTP {status}"),
        text: text.to_owned(),
    })
}

impl Answered {
    /// What was asked for: the first element of the answer, whatever its name; or the answer itself, where its parts
    /// stand in it directly.
    pub(super) fn result(&self) -> Element<'_> {
        let Some(wrapper) = wrapper(&self.document) else {
            return self.document.root();
        };
        if wrapper.child(&["ergebnis", "istOk"]).is_some() {
            return wrapper;
        }
        wrapper.children().next().unwrap_or(wrapper)
    }

    /// The Ergebnis: in the result, or the result itself.
    pub(super) fn ergebnis(&self) -> Ergebnis {
        let result = self.result();
        let found = result.child(&["ergebnis"]).unwrap_or(result);
        // 3.x keeps the code in a text of its own.
        let text = found.child(&["text"]);
        let word = |names: &[&str]| {
            found
                .word(names)
                .or_else(|| text?.word(names))
                .map(|word| text::free(word, 250))
        };
        let whole =
            found.child(&["istOk"]).is_some() || text.is_some() || result.child(&["ergebnis"]).is_some();
        Ergebnis {
            ok: found.word(&["istOk"]).and_then(truth),
            // Without an Ergebnis, a code is somebody else's.
            code: word(&["code"]).filter(|_| whole),
            id: word(&["EPaymentId"]),
            words: word(&["langText"]).or_else(|| word(&["kurzText"])),
        }
    }
}

impl Verdict {
    /// In words, for whom it is no answer.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::Unsaid => "the answer has no ergebnis".to_owned(),
            Self::Refused(refusal) => format!("code {}: {}", refusal.code, refusal.text),
            Self::NumberUsed => "code -0531 to a question".to_owned(),
            Self::Unclear(why) => why.clone(),
        }
    }
}

fn truth(word: &str) -> Option<bool> {
    match word {
        "1" => Some(true),
        "0" => Some(false),
        _ if word.eq_ignore_ascii_case("true") => Some(true),
        _ if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

impl Ergebnis {
    /// What it amounts to.
    pub(super) fn verdict(&self) -> Verdict {
        let Some(code) = &self.code else {
            return match self.ok {
                Some(true) => Verdict::Done,
                Some(false) => Verdict::Unclear("istOk is false, and there is no code".to_owned()),
                None => Verdict::Unsaid,
            };
        };
        let meaning = classify(code);
        let refused = |fault| {
            Verdict::Refused(Refusal {
                fault,
                code: code.clone(),
                text: meaning.english.to_owned(),
            })
        };
        match (meaning.class, self.ok) {
            (Class::Ok, Some(false)) => Verdict::Unclear(format!("code {code}, but istOk is false")),
            (Class::Ok, _) => Verdict::Done,
            (_, Some(true)) => Verdict::Unclear(format!("code {code}, but istOk is true")),
            (Class::Caller, _) => refused(Fault::Caller),
            (Class::Configuration, _) => refused(Fault::Configuration),
            (Class::NumberUsed, _) => Verdict::NumberUsed,
            (Class::UnknownOutcome, _) => Verdict::Unclear(format!("code {code}: {}", meaning.english)),
        }
    }

    /// The server's own words, for logs, where they can hold nothing of a person: not for input errors.
    pub(super) fn words_for_logs(&self) -> Option<&str> {
        let class = classify(self.code.as_deref()?).class;
        (class == Class::Configuration)
            .then_some(self.words.as_deref())
            .flatten()
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
pub(super) mod tests;
