//! What a service's answers mean. The reader is tolerant in form (unknown members, null, a problem document served as
//! plain JSON, 200 and 201, both spellings of the end) and strict in meaning: an answer about another transaction, a
//! status that nobody knows, and a broken one are no answer.
//!
//! Whose matter a refusal is: the two ids, rights, the posting data and the sum are ours or the route's
//! (configuration); of a `VALIDATION_ERROR` only what is about the payer or the amounts is the portal's, since all else
//! in the request we wrote ourselves.

use serde_json::Value;

use super::config::XbezahldiensteConfig;
use super::times;
use crate::app::ports::{Answer, Fault, OfferedMethod, Question, Refusal};
use crate::domain::ids::{Kassenzeichen, Method, RemoteId, Transaktionsnummer};
use crate::domain::told::{Told, Word};
use crate::provider::http::{Raw, no_answer};
use crate::provider::text;

/// XBezahldienste, PaymentInformation: transactionRedirectUrl.
const LONGEST_PAGE: usize = 5000;

/// How much of a service's own words is kept.
const LONGEST_DETAIL: usize = 200;

/// Words in the detail of a VALIDATION_ERROR that make it the portal's matter.
const OF_THE_PORTAL: [&str; 10] = [
    "requestor",
    "firstname",
    "organizationname",
    "grosamount",
    "grossamount",
    "netamount",
    "taxamount",
    "taxrate",
    "betrag",
    "steuersatz",
];

/// An answer as it came, read once.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    /// None where the body is no JSON object.
    json: Option<Value>,
}

/// A transaction that an answer tells of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    /// Its id at the service.
    pub id: RemoteId,
    /// What became of it.
    pub word: Word,
    /// The page, while there is one.
    pub page: Option<String>,
}

/// What became of a request for a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is there.
    There(Transaction),
    /// A clear no.
    Refused(Refusal),
    /// PAYMENT_EXISTS: an earlier request with this requestId arrived.
    Exists,
    /// Nobody knows.
    Unclear(String),
}

/// What a look for a transaction found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there.
    There(Transaction),
    /// The service does not know it.
    Nothing,
    /// Nobody knows.
    Unclear(String),
}

/// What an answer amounts to, before its fields are read.
enum Outcome<'a> {
    Done(&'a Value),
    Refused(Refusal),
    Exists,
    NotFound(Refusal),
    Unclear(String),
}

impl Reply {
    /// Reads an answer.
    pub(super) fn new(raw: &Raw) -> Self {
        let body = raw.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw.body);
        Self {
            status: raw.status,
            json: serde_json::from_slice(body).ok().filter(Value::is_object),
        }
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// The functionalCode, where there is one that can be one.
    pub(super) fn code(&self) -> Option<&str> {
        let code = self.json.as_ref()?.get("functionalCode")?.as_str()?.trim();
        let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        ((1..=60).contains(&code.len()) && code.chars().all(letters)).then_some(code)
    }

    fn outcome(&self) -> Outcome<'_> {
        let status = self.status;
        match (status, self.code()) {
            (200..300, _) => match &self.json {
                Some(json) => Outcome::Done(json),
                None => Outcome::Unclear(format!("HTTP {status} without a JSON object")),
            },
            (400..500, Some("PAYMENT_EXISTS")) => Outcome::Exists,
            (404, _) => Outcome::NotFound(self.refusal()),
            // Two of the 4xx say that something was under way.
            (408 | 409 | 500.., _) => Outcome::Unclear(format!("HTTP {status}{}", self.in_brackets())),
            (400..500, _) => Outcome::Refused(self.refusal()),
            _ => Outcome::Unclear(format!("HTTP {status}")),
        }
    }

    fn in_brackets(&self) -> String {
        self.code().map_or_else(String::new, |code| format!(" ({code})"))
    }

    /// A clear no in our words, with the service's own where they cannot be about a person.
    fn refusal(&self) -> Refusal {
        let detail = self
            .json
            .as_ref()
            .and_then(|json| json.get("detail").or_else(|| json.get("title"))?.as_str())
            .unwrap_or_default();
        let (fault, text) = match (self.code(), self.status) {
            (Some("NO_VALID_ORIGINATOR_OR_ENDPOINT" | "NO_VALID_ORIGINATOR_OR_DESTINATION"), _) => (
                Fault::Configuration,
                "the service does not know this pair of originatorId and endPointId: check Mandant, Bewirtschafter and \
                 originator",
            ),
            (Some("FORBIDDEN"), _) | (_, 403) => (
                Fault::Configuration,
                "we have no right to this pair of originatorId and endPointId",
            ),
            (_, 401) => (
                Fault::Configuration,
                "the service did not take our login or our certificate",
            ),
            (Some("CALCULATION_ERROR"), _) => (
                Fault::Configuration,
                "the service reckons another total out of the items",
            ),
            (Some("BOOKING_DATA_MISSING"), _) => (
                Fault::Configuration,
                "the service wants other bookingData: check the route's Haushaltsstelle, Objektnummer and HREF, and \
                 booking_data",
            ),
            (Some("VALIDATION_ERROR"), _) if of_the_portal(detail) => (
                Fault::Caller,
                "the service takes the payer's name or the amounts of this request not as they are",
            ),
            (Some("VALIDATION_ERROR"), _) => (
                Fault::Configuration,
                "the service does not take our request as it is: check version, purpose and booking_data",
            ),
            (_, 404) => (
                Fault::Configuration,
                "there is nothing at this address: base_url, Mandant or Bewirtschafter is wrong",
            ),
            (_, 429) => (
                Fault::Configuration,
                "the service takes no more requests at the moment",
            ),
            _ => (Fault::Configuration, "the request was refused"),
        };
        let said = text::free(detail, LONGEST_DETAIL);
        Refusal {
            fault,
            code: self
                .code()
                .map_or_else(|| format!("HTTP {}", self.status), str::to_owned),
            text: if fault == Fault::Configuration && !said.is_empty() {
                format!("{text} («{said}»)")
            } else {
                text.to_owned()
            },
        }
    }

    /// What became of a request for a transaction.
    pub(super) fn placed(&self) -> Placed {
        match self.outcome() {
            Outcome::Done(json) => match transaction(json) {
                Ok(transaction) => Placed::There(transaction),
                Err(why) => Placed::Unclear(format!("accepted, but {why}")),
            },
            Outcome::Refused(refusal) | Outcome::NotFound(refusal) => Placed::Refused(refusal),
            Outcome::Exists => Placed::Exists,
            Outcome::Unclear(why) => Placed::Unclear(why),
        }
    }

    /// What a look for our own number found.
    pub(super) fn found(&self, nummer: &Transaktionsnummer) -> Found {
        match self.outcome() {
            Outcome::Done(json) => match transaction(json) {
                Ok(transaction) if transaction.id.as_str() == nummer.as_str() => Found::There(transaction),
                Ok(other) => Found::Unclear(format!("asked for {nummer}, the answer is about {}", other.id)),
                Err(why) => Found::Unclear(why),
            },
            Outcome::NotFound(_) => Found::Nothing,
            Outcome::Refused(refusal) => Found::Unclear(format!(
                "the look after a lost answer was refused: {}",
                refusal.text
            )),
            Outcome::Exists => Found::Unclear("PAYMENT_EXISTS to a question".to_owned()),
            Outcome::Unclear(why) => Found::Unclear(why),
        }
    }

    /// What became of a payment.
    pub(super) fn asked(&self, id: &RemoteId, question: &Question, config: &XbezahldiensteConfig) -> Answer {
        match self.outcome() {
            Outcome::Done(json) => match transaction(json) {
                Ok(transaction) if transaction.id == *id => {
                    Answer::Told(told(json, &transaction, question, config))
                }
                Ok(other) => Answer::None(format!("asked for {id}, the answer is about {}", other.id)),
                Err(why) => Answer::None(why),
            },
            // Whatever the body says: the standard has no other word for «not there».
            Outcome::NotFound(_) => Answer::Unknown,
            Outcome::Refused(refusal) => Answer::Refused(refusal),
            Outcome::Exists => Answer::None("PAYMENT_EXISTS to a question".to_owned()),
            Outcome::Unclear(why) => Answer::None(why),
        }
    }

    /// Whether it is a good word on the service's health.
    pub(super) fn healthy(&self) -> Result<(), Refusal> {
        match self.outcome() {
            Outcome::Done(json) => match json.get("status").map(Value::to_string) {
                Some(status)
                    if status
                        .trim_matches('"')
                        .parse()
                        .is_ok_and(|status: u16| status >= 400) =>
                {
                    Err(no_answer(format!(
                        "the service says that it is not well, status {status}"
                    )))
                }
                _ => Ok(()),
            },
            Outcome::Refused(refusal) | Outcome::NotFound(refusal) => Err(refusal),
            Outcome::Exists => Err(no_answer("PAYMENT_EXISTS to a question".to_owned())),
            Outcome::Unclear(why) => Err(no_answer(why)),
        }
    }

    /// The methods that are up. Empty where OTHER is among them: then nobody knows which.
    pub(super) fn methods(&self, config: &XbezahldiensteConfig) -> Result<Vec<OfferedMethod>, Refusal> {
        let json = match self.outcome() {
            Outcome::Done(json) => json,
            Outcome::Refused(refusal) | Outcome::NotFound(refusal) => return Err(refusal),
            Outcome::Exists => return Err(no_answer("PAYMENT_EXISTS to a question".to_owned())),
            Outcome::Unclear(why) => return Err(no_answer(why)),
        };
        let up: Vec<&str> = json
            .pointer("/paymentMethods/up")
            .and_then(Value::as_array)
            .ok_or_else(|| no_answer("there is no list «paymentMethods.up»".to_owned()))?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        if up.contains(&"OTHER") {
            return Ok(Vec::new());
        }
        Ok(up
            .into_iter()
            .filter_map(|theirs| method(theirs, None, config))
            .map(|code| OfferedMethod {
                code,
                min: None,
                max: None,
            })
            .collect())
    }
}

fn of_the_portal(detail: &str) -> bool {
    let detail = detail.to_lowercase();
    OF_THE_PORTAL.iter().any(|word| detail.contains(word))
}

/// A text member, without blanks around; none where it is missing, null or empty.
fn member<'a>(information: &'a Value, name: &str) -> Result<Option<&'a str>, String> {
    match information.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("«{name}» is not a text")),
    }
}

fn transaction(json: &Value) -> Result<Transaction, String> {
    let information = json
        .get("paymentInformation")
        .filter(|information| information.is_object())
        .ok_or("the answer has no «paymentInformation»")?;
    let id = member(information, "transactionId")?.ok_or("the answer has no «transactionId»")?;
    let id = RemoteId::parse(id).map_err(|error| error.to_string())?;
    let status = member(information, "status")?.ok_or("the answer has no «status»")?;
    let page = member(information, "transactionRedirectUrl")?
        .filter(|page| page.len() <= LONGEST_PAGE)
        .and_then(|page| url::Url::parse(page).ok())
        .filter(|page| matches!(page.scheme(), "http" | "https"))
        .map(String::from);
    Ok(Transaction {
        word: word(status)?,
        id,
        page,
    })
}

/// XBezahldienste, PaymentInformation: status; and two spellings that are met.
fn word(status: &str) -> Result<Word, String> {
    if matches!(status, "PAID" | "CANCELLED") {
        tracing::warn!(status, "a status in another spelling than the standard's");
    }
    match status {
        "INITIAL" => Ok(Word::Interim),
        "PAYED" | "PAID" => Ok(Word::Success),
        "FAILED" => Ok(Word::Failed),
        "CANCELED" | "CANCELLED" => Ok(Word::Canceled),
        other => Err(format!("the status «{}» is not known", text::free(other, 40))),
    }
}

fn told(json: &Value, transaction: &Transaction, question: &Question, config: &XbezahldiensteConfig) -> Told {
    let information = &json["paymentInformation"];
    let paid = transaction.word == Word::Success;
    let said = |name: &str| member(information, name).ok().flatten();
    if let Some(at) = said("transactionTimestamp").filter(|_| paid) {
        match times::instant(at, config.times) {
            Ok(at) => {
                tracing::info!(transaction = %transaction.id, paid_at = %at, "the service names the time of the payment");
            }
            Err(why) => tracing::warn!(transaction = %transaction.id, why, "a time of payment is left out"),
        }
    }
    Told {
        kassenzeichen: paid
            .then(|| kassenzeichen(said("transactionReference"), &transaction.id, question))
            .flatten(),
        method: said("paymentMethod")
            .filter(|_| paid)
            .and_then(|theirs| method(theirs, said("paymentMethodDetail"), config)),
        word: Some(transaction.word),
        ..Told::default()
    }
}

/// What a payment is booked under: the service's business key; where it names none, the id that it goes by there, else
/// our number. A key that is named only later does not replace what the books already use.
fn kassenzeichen(reference: Option<&str>, id: &RemoteId, question: &Question) -> Option<Kassenzeichen> {
    let named = reference.and_then(|reference| Kassenzeichen::parse(reference).ok());
    let Some(known) = &question.kassenzeichen else {
        let ours = [id.as_str(), question.nummer.as_str()];
        return named.or_else(|| ours.iter().find_map(|text| Kassenzeichen::parse(text).ok()));
    };
    match named {
        Some(named) if named != *known => {
            let stood_in = known.as_str() == id.as_str() || known.as_str() == question.nummer.as_str();
            if stood_in {
                tracing::warn!(transaction = %id, %known, %named,
                    "the service names its reference after the payment was booked under ours");
            }
            Some(if stood_in { known.clone() } else { named })
        }
        _ => Some(known.clone()),
    }
}

/// Our name for a method: by the configuration; of OTHER, and of what the standard does not name, the service's own
/// word, which portals then hear as OTHER with this detail.
fn method(theirs: &str, detail: Option<&str>, config: &XbezahldiensteConfig) -> Option<Method> {
    if let Some(ours) = config.methods.get(theirs) {
        return Some(ours.clone());
    }
    let word = detail.filter(|_| theirs == "OTHER").unwrap_or(theirs);
    if let Some(ours) = config.methods.get(word) {
        return Some(ours.clone());
    }
    Method::parse(&text::label(word)?).ok()
}
