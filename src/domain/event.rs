//! What gateways are told: the closed list of event types, the facts that each carries, and the bytes that go out.
//!
//! The body is CloudEvents 1.0 in structured JSON mode, made once, when the event is committed, and sent unchanged on
//! every try. It carries what identifies the case and nothing of the person who pays. To add a type: a variant, its
//! name in [`EventType::as_str`], its place in [`EventType::ALL`]; a change of meaning or of members is a new `.v2`.

use std::fmt;

use serde::Serialize;

use super::ids::{
    AuthorityId, CaseId, EndPointId, EventId, Kassenzeichen, LedgerId, Method, OriginatorId, RequestId,
    TransactionId,
};
use super::money::Cents;
use super::tenant::Environment;
use super::time::Timestamp;

/// What every type of ours begins with on the wire.
const PREFIX: &str = "de.epaybl_connector.";

/// Characters of a case key that an event carries. A key is what a portal sent, so it is bounded here: with every
/// character escaped the body stays below the 20 kB that Standard Webhooks allows. The case id is never cut.
const CASE_KEY_CHARACTERS: usize = 1000;

/// Something that a gateway may hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// A payment is proven by the provider's word.
    PaymentPaid,
    /// A payment ended without money, by the provider or by time.
    PaymentFailed,
    /// A payment ended without money, by the payer.
    PaymentCanceled,
    /// The bank statement shows the money.
    PaymentSettled,
    /// Money went back by the payer's bank (Rücklastschrift, chargeback).
    PaymentReturned,
    /// Money was given back by us.
    PaymentRefunded,
    /// Nothing is under way any more and something is paid: the clerk may go on.
    CasePaid,
    /// A case that was paid is no longer.
    CaseReopened,
}

/// A name that no event type has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not an event type")]
pub struct UnknownEventType(pub String);

impl EventType {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PaymentPaid,
        Self::PaymentFailed,
        Self::PaymentCanceled,
        Self::PaymentSettled,
        Self::PaymentReturned,
        Self::PaymentRefunded,
        Self::CasePaid,
        Self::CaseReopened,
    ];

    /// Its name in our rows and logs, for example `payment.paid.v1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentPaid => "payment.paid.v1",
            Self::PaymentFailed => "payment.failed.v1",
            Self::PaymentCanceled => "payment.canceled.v1",
            Self::PaymentSettled => "payment.settled.v1",
            Self::PaymentReturned => "payment.returned.v1",
            Self::PaymentRefunded => "payment.refunded.v1",
            Self::CasePaid => "case.paid.v1",
            Self::CaseReopened => "case.reopened.v1",
        }
    }

    /// Its name on the wire, for example `de.epaybl_connector.payment.paid.v1`.
    pub fn cloud_type(self) -> String {
        format!("{PREFIX}{}", self.as_str())
    }

    /// Reads either name.
    ///
    /// # Errors
    /// [`UnknownEventType`] where it is none of [`EventType::ALL`].
    pub fn parse(text: &str) -> Result<Self, UnknownEventType> {
        let short = text.strip_prefix(PREFIX).unwrap_or(text);
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == short)
            .ok_or_else(|| UnknownEventType(text.to_owned()))
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event says: enough for a gateway to find the case and act, and no name, address or IBAN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// Our id of the case; also the event's `subject`.
    pub case_id: CaseId,
    /// The key by which portal and Fachverfahren know the case; cut after 1000 characters.
    pub case_key: String,
    /// Whose money it is.
    pub authority: AuthorityId,
    /// The Kasse whose books it is in.
    pub ledger: LedgerId,
    /// LeiKa key of the service, 14 digits.
    pub leika: String,
    /// Amtlicher Regionalschlüssel, 12 digits.
    pub ars: String,
    /// Amtlicher Gemeindeschlüssel, 8 digits; a Kreis has 5.
    pub ags: String,
    /// First half of the route's address.
    pub originator_id: OriginatorId,
    /// Second half of the route's address.
    pub end_point_id: EndPointId,
    /// The portal's id of the payment.
    pub request_id: RequestId,
    /// The id of the payment that the portal got from us.
    pub transaction_id: TransactionId,
    /// The Kassenzeichen, once it is known.
    pub transaction_reference: Option<Kassenzeichen>,
    /// The amount that the event is about: the payment's total; of a return or a refund what went back.
    pub amount: Cents,
    /// How the payer paid, once it is known.
    pub payment_method: Option<Method>,
    /// What the portal hears of the payment: `INITIAL`, `PAYED`, `FAILED` or `CANCELED`.
    pub status: &'static str,
    /// How the case stands after this event, in the words of the API.
    pub case_standing: &'static str,
    /// Grows with every event of the case, so that one that is late can be told from one that is new.
    pub status_seq: u64,
    /// When the payment was proven.
    pub paid_at: Option<Timestamp>,
    /// Whether real money moved.
    pub environment: Environment,
}

/// The envelope, members in the order in which they are sent.
#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: EventId,
    source: &'a str,
    #[serde(rename = "type")]
    kind: String,
    subject: CaseId,
    time: String,
    datacontenttype: &'static str,
    // Extensions: lower-case letters and digits only (CloudEvents 1.0, «Naming Conventions»). A gateway can sort test
    // events out, and order events, without reading `data`.
    environment: Environment,
    sequence: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    case_id: CaseId,
    case_key: &'a str,
    case_standing: &'a str,
    status: &'a str,
    status_seq: u64,
    amount: String,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<&'a Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_reference: Option<&'a Kassenzeichen>,
    transaction_id: &'a TransactionId,
    request_id: &'a RequestId,
    originator_id: &'a OriginatorId,
    end_point_id: &'a EndPointId,
    authority: &'a AuthorityId,
    ars: &'a str,
    ags: &'a str,
    leika: &'a str,
    leika_urn: String,
    ledger: &'a LedgerId,
    environment: Environment,
}

/// The bytes of an event: CloudEvents 1.0, structured JSON, the same for the same arguments.
///
/// `id` is also the `webhook-id`; a UUID has no dot, which the signature's format needs. `source` is a URI reference
/// that names this installation and the ledger; `source` and `id` together are unique.
pub fn cloud_event(
    id: EventId,
    source: &str,
    kind: EventType,
    time: Timestamp,
    facts: &EventFacts,
) -> Vec<u8> {
    let envelope = Envelope {
        specversion: "1.0",
        id,
        source,
        kind: kind.cloud_type(),
        subject: facts.case_id,
        time: time.rfc3339(),
        datacontenttype: "application/json",
        environment: facts.environment,
        // Extension «sequence»: compared as text, hence as many digits as the largest has.
        sequence: format!("{:020}", facts.status_seq),
        data: Data {
            case_id: facts.case_id,
            case_key: cut(&facts.case_key),
            case_standing: facts.case_standing,
            status: facts.status,
            status_seq: facts.status_seq,
            amount: facts.amount.to_string(),
            currency: "EUR",
            paid_at: facts.paid_at.map(Timestamp::rfc3339),
            payment_method: facts.payment_method.as_ref(),
            transaction_reference: facts.transaction_reference.as_ref(),
            transaction_id: &facts.transaction_id,
            request_id: &facts.request_id,
            originator_id: &facts.originator_id,
            end_point_id: &facts.end_point_id,
            authority: &facts.authority,
            ars: &facts.ars,
            ags: &facts.ags,
            leika: &facts.leika,
            leika_urn: format!("urn:de:fim:leika:leistung:{}", facts.leika),
            ledger: &facts.ledger,
            environment: facts.environment,
        },
    };
    serde_json::to_vec(&envelope).expect("texts and whole numbers always become JSON")
}

fn cut(case_key: &str) -> &str {
    match case_key.char_indices().nth(CASE_KEY_CHARACTERS) {
        Some((end, _)) => &case_key[..end],
        None => case_key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &[u8] = include_bytes!("../../fixtures/events/payment.paid.v1.json");
    const GOLDEN_EARLY: &[u8] = include_bytes!("../../fixtures/events/payment.canceled.v1.json");
    const SOURCE: &str = "https://zahlung.example/kassen/musterstadt";

    fn facts() -> EventFacts {
        EventFacts {
            case_id: "0197a5c0-1111-7000-8000-000000000001".parse().expect("a UUID"),
            case_key: "AZ-2026/00042".to_owned(),
            authority: AuthorityId::parse("standesamt-musterstadt").expect("an id"),
            ledger: LedgerId::parse("musterstadt").expect("an id"),
            leika: "99059004012000".to_owned(),
            ars: "160510000000".to_owned(),
            ags: "16051000".to_owned(),
            originator_id: OriginatorId::parse("geburtsurkunde").expect("an id"),
            end_point_id: EndPointId::parse("musterstadt-standesamt").expect("an id"),
            request_id: RequestId::parse("7d1f0c52-6b1e-4b44-9a3e-2f1d5a6c7b8d").expect("an id"),
            transaction_id: TransactionId::parse("7d1f0c52-6b1e-4b44-9a3e-2f1d5a6c7b8d").expect("an id"),
            transaction_reference: Some(Kassenzeichen::parse("8012345678901").expect("an id")),
            amount: Cents::new(1250),
            payment_method: Some(Method::parse("KREDITKARTE").expect("an id")),
            status: "PAYED",
            case_standing: "paid",
            status_seq: 2,
            paid_at: Some(Timestamp::from_millis(1_772_362_800_000)),
            environment: Environment::Test,
        }
    }

    fn event(kind: EventType, facts: &EventFacts) -> Vec<u8> {
        let id = "0197a5c0-2222-7000-8000-000000000002".parse().expect("a UUID");
        cloud_event(id, SOURCE, kind, Timestamp::from_millis(1_772_362_801_500), facts)
    }

    #[test]
    fn an_event_is_the_same_bytes_for_ever() {
        let body = event(EventType::PaymentPaid, &facts());
        assert_eq!(
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(GOLDEN.trim_ascii_end())
        );
    }

    #[test]
    fn what_is_not_known_yet_is_left_out() {
        let early = EventFacts {
            transaction_reference: None,
            payment_method: None,
            paid_at: None,
            status: "CANCELED",
            case_standing: "open",
            status_seq: 1,
            ..facts()
        };
        let body = event(EventType::PaymentCanceled, &early);
        assert_eq!(
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(GOLDEN_EARLY.trim_ascii_end())
        );
    }

    #[test]
    fn attribute_names_are_what_cloudevents_allows_and_the_id_has_no_dot() {
        let value: serde_json::Value =
            serde_json::from_slice(&event(EventType::CasePaid, &facts())).expect("JSON");
        let members = value.as_object().expect("an object");
        for name in members.keys() {
            assert!(
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
                "{name}"
            );
        }
        for required in ["id", "source", "specversion", "type"] {
            assert!(
                members[required].as_str().is_some_and(|text| !text.is_empty()),
                "{required}"
            );
        }
        assert!(!members["id"].as_str().expect("text").contains('.'));
        assert_eq!(members["subject"], members["data"]["case_id"]);
    }

    #[test]
    fn the_largest_event_is_below_20_kb() {
        let large = EventFacts {
            case_key: "\u{1}".repeat(100_000),
            ..facts()
        };
        let body = event(EventType::PaymentPaid, &large);
        assert!(body.len() < 20_000, "{} bytes", body.len());
    }

    #[test]
    fn a_type_is_read_by_either_of_its_names() {
        for kind in EventType::ALL {
            assert_eq!(EventType::parse(kind.as_str()), Ok(kind));
            assert_eq!(EventType::parse(&kind.cloud_type()), Ok(kind));
        }
        assert_eq!(
            EventType::PaymentPaid.cloud_type(),
            "de.epaybl_connector.payment.paid.v1"
        );
        assert!(EventType::parse("payment.paid").is_err());
        assert!(EventType::parse("payment.paid.v2").is_err());
    }
}
