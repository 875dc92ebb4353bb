//! Records: the entries of a ledger's log, and the bytes that are hashed.
//!
//! The encoding is frozen with its version: a version byte (1; 2 where a booking or an exception is about no attempt), then every field as a 4-byte big-endian length and its
//! bytes; numbers are 8 bytes big-endian, times milliseconds, absent fields are marked by a leading 0 byte, lists begin
//! with their count. `fixtures/log/vectors.json` holds golden vectors; a change of the encoding is a new version beside
//! the old one, never an edit. Personal data is not in here: a record names it and carries a commitment to it.

mod bytes;
mod closings;
mod lists;
mod postings;

use jiff::civil::Date;

use super::booking::Booking;
use super::exception::ExceptionCode;
use super::ids::{AttemptId, CaseId, ChangeId, ExceptionId, LedgerId, PersonalId, ProviderId, StatementId};
use super::money::Cents;
use super::statement::Iban;
use super::subject::{DetailId, Subject};
use super::time::Timestamp;
use bytes::{Decoder, Encoder, parsed};

pub use closings::{ClosingCut, ClosingFiled, ClosingSigned};
pub use lists::ListFiled;
pub use postings::{PostingFile, PostingWithdrawn};

/// The subject of a booking or an exception is an attempt of a case, by their ids.
const FIRST: u8 = 1;
/// It is something else, by its name.
const NAMED: u8 = 2;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Money was booked.
    Booking(Booking),
    /// A difference was found.
    Exception(ExceptionOpened),
    /// A well-signed callback arrived; its content is personal.
    Callback(CallbackReceived),
    /// The tenants were changed.
    Configuration(Configured),
    /// A statement of an account was taken in.
    Statement(StatementFiled),
    /// A payment on a statement was claimed for something.
    Match(Matched),
    /// A person took a step towards resolving an exception; why is personal.
    Resolution(Resolved),
    /// The log was cut for a closing.
    ClosingCut(ClosingCut),
    /// The sums of a closing were filed.
    ClosingFiled(ClosingFiled),
    /// A closing was signed.
    ClosingSigned(ClosingSigned),
    /// Bookings went into a file for the cash system.
    PostingFile(PostingFile),
    /// Lines of such a file count no longer; why is personal.
    PostingWithdrawn(PostingWithdrawn),
    /// A list of a payout was taken in.
    List(Box<ListFiled>),
}

/// A step towards resolving an exception, or the step that takes the others back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The exception.
    pub exception: ExceptionId,
    /// Towards which way.
    pub how: String,
    /// With what: the same for all steps of one resolution.
    pub plan: String,
    /// In which role.
    pub role: String,
    /// Who: the id of a client.
    pub person: String,
    /// What it did: `step`, `done` (the exception is resolved), or `undone` (the steps before count no longer).
    pub state: String,
}

/// A statement of an account that counts from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFiled {
    /// Its id.
    pub id: StatementId,
    /// The account.
    pub account: Iban,
    /// The format that it came in (`camt053`).
    pub format: String,
    /// The bank's id of it.
    pub bank_id: String,
    /// Its number, where the bank counts.
    pub number: Option<u64>,
    /// The page, where it has several.
    pub page: Option<u64>,
    /// The first day that it covers.
    pub first_day: Date,
    /// The last.
    pub last_day: Date,
    /// What was on the account before, where it says so.
    pub opening: Option<Cents>,
    /// What was on it afterwards.
    pub closing: Option<Cents>,
    /// How many booked entries it has.
    pub entries: u64,
    /// How many of them no earlier statement had.
    pub fresh: u64,
    /// What these bring in.
    pub credits: Cents,
    /// What these take out.
    pub debits: Cents,
    /// SHA-256 over the statement in canonical form.
    pub digest: [u8; 32],
}

/// What a payment on a statement was claimed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The payment.
    pub detail: DetailId,
    /// What it was claimed for.
    pub subject: Subject,
    /// By which rule.
    pub rule: String,
    /// What speaks for it: where which reference was found.
    pub evidence: String,
    /// How much; less than nothing where money left.
    pub cents: Cents,
}

/// A difference that a person resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionOpened {
    /// Its id.
    pub id: ExceptionId,
    /// What differs.
    pub code: ExceptionCode,
    /// What it is about.
    pub subject: Subject,
    /// The amount concerned, where there is one.
    pub cents: Option<Cents>,
}

/// A well-signed callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackReceived {
    /// Who sent it.
    pub provider: ProviderId,
    /// The attempt whose address it came to.
    pub attempt: AttemptId,
    /// The case.
    pub case: CaseId,
    /// Its status, as it came.
    pub status: String,
}

/// A version of a tenant object that came into force, or was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// What it is: `kasse`, `authority`, `route`, `client`, `target`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The version.
    pub version: i64,
    /// Its content as canonical JSON; empty where it was closed.
    pub content: String,
}

impl Body {
    /// Its kind, as the lookup table has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Booking(_) => "booking",
            Self::Exception(_) => "exception",
            Self::Callback(_) => "callback",
            Self::Configuration(_) => "configuration",
            Self::Statement(_) => "statement",
            Self::Match(_) => "match",
            Self::Resolution(_) => "resolution",
            Self::ClosingCut(_) => "closing_cut",
            Self::ClosingFiled(_) => "closing_filed",
            Self::ClosingSigned(_) => "closing_signed",
            Self::PostingFile(_) => "posting_file",
            Self::PostingWithdrawn(_) => "posting_withdrawn",
            Self::List(_) => "list",
        }
    }

    /// Every kind.
    pub const KINDS: &'static [&'static str] = &[
        "booking",
        "exception",
        "callback",
        "configuration",
        "statement",
        "match",
        "resolution",
        "closing_cut",
        "closing_filed",
        "closing_signed",
        "posting_file",
        "posting_withdrawn",
        "list",
    ];

    /// The version of the encoding that it needs.
    const fn version(&self) -> u8 {
        let subject = match self {
            Self::Booking(booking) => booking.subject,
            Self::Exception(opened) => opened.subject,
            _ => return FIRST,
        };
        match subject {
            Subject::Attempt { .. } => FIRST,
            Subject::Detail(_)
            | Subject::Statement(_)
            | Subject::Payout(_)
            | Subject::ListLine(_)
            | Subject::Posten(_) => NAMED,
        }
    }
}

/// A commitment to personal data: a salted HMAC whose salt dies with the data's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// The piece of personal data.
    pub personal: PersonalId,
    /// HMAC-SHA256 over its plain text.
    pub hmac: [u8; 32],
}

/// A record that has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The ledger.
    pub ledger: LedgerId,
    /// Its place in the log, from 0.
    pub position: u64,
    /// When it was recorded; never before the record that precedes it.
    pub recorded_at: Timestamp,
    /// The booking day: the day in Berlin, or the Kasse's open day if that is later.
    pub buchungstag: Date,
    /// The Change that brought it.
    pub change: ChangeId,
    /// What happened.
    pub body: Body,
    /// The personal data that belongs to it.
    pub personal: Vec<Commitment>,
}

/// Bytes that are no record of a version that this program knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the record ends in the middle of {0}")]
    Ends(&'static str),
    /// Bytes are left over.
    #[error("{0} bytes are left over behind the record")]
    Rest(usize),
    /// A field has a value that cannot be.
    #[error("{field} cannot be read: {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong.
        why: String,
    },
}

impl Record {
    /// The canonical bytes, which are stored as they are hashed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(self.body.version());
        out.text(self.body.kind());
        out.text(self.ledger.as_str());
        out.number(i64::try_from(self.position).expect("a position fits 63 bits"));
        out.number(self.recorded_at.millis());
        out.text(&self.buchungstag.to_string());
        out.bytes(self.change.0.as_bytes());
        match &self.body {
            Body::Booking(booking) => out.booking(booking),
            Body::Exception(opened) => {
                out.bytes(opened.id.0.as_bytes());
                out.text(opened.code.as_str());
                out.subject(opened.subject);
                out.optional(opened.cents.as_ref(), |out, cents| out.number(cents.get()));
            }
            Body::Callback(callback) => {
                out.text(callback.provider.as_str());
                out.bytes(callback.attempt.0.as_bytes());
                out.bytes(callback.case.0.as_bytes());
                out.text(&callback.status);
            }
            Body::Configuration(configured) => {
                out.text(&configured.kind);
                out.text(&configured.id);
                out.number(configured.version);
                out.text(&configured.content);
            }
            Body::Statement(filed) => out.statement(filed),
            Body::Match(matched) => {
                out.text(&matched.detail.to_string());
                out.about(matched.subject);
                out.text(&matched.rule);
                out.text(&matched.evidence);
                out.number(matched.cents.get());
            }
            Body::Resolution(resolved) => {
                out.bytes(resolved.exception.0.as_bytes());
                for text in [
                    &resolved.how,
                    &resolved.plan,
                    &resolved.role,
                    &resolved.person,
                    &resolved.state,
                ] {
                    out.text(text);
                }
            }
            Body::ClosingCut(cut) => out.closing_cut(cut),
            Body::ClosingFiled(filed) => out.closing_filed(filed),
            Body::ClosingSigned(signed) => out.closing_signed(signed),
            Body::PostingFile(file) => out.posting_file(file),
            Body::PostingWithdrawn(withdrawn) => out.posting_withdrawn(withdrawn),
            Body::List(filed) => out.list(filed),
        }
        out.number(i64::try_from(self.personal.len()).expect("a count fits"));
        for commitment in &self.personal {
            out.bytes(commitment.personal.0.as_bytes());
            out.bytes(&commitment.hmac);
        }
        out.done()
    }

    /// Reads canonical bytes back.
    ///
    /// # Errors
    /// [`DecodeError`] names the field.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Decoder::new(bytes);
        let version = input.take(1, "version")?[0];
        if ![FIRST, NAMED].contains(&version) {
            return Err(DecodeError::Field {
                field: "version",
                why: format!("{version} is not known"),
            });
        }
        let kind = input.text("kind")?;
        let ledger = parsed("ledger", LedgerId::parse(&input.text("ledger")?))?;
        let position = parsed("position", u64::try_from(input.number("position")?))?;
        let recorded_at = input.instant("recorded_at")?;
        let buchungstag = input.day("buchungstag")?;
        let change = ChangeId(input.uuid("change")?);
        let body = match kind.as_str() {
            "booking" => Body::Booking(input.booking(ledger.clone(), version)?),
            "exception" => Body::Exception(ExceptionOpened {
                id: ExceptionId(input.uuid("exception id")?),
                code: parsed("code", input.text("code")?.parse())?,
                subject: input.subject(version)?,
                cents: input
                    .optional("cents", |input| input.number("cents"))?
                    .map(Cents::new),
            }),
            "callback" => Body::Callback(CallbackReceived {
                provider: parsed("provider", ProviderId::parse(&input.text("provider")?))?,
                attempt: AttemptId(input.uuid("attempt")?),
                case: CaseId(input.uuid("case")?),
                status: input.text("status")?,
            }),
            "configuration" => Body::Configuration(Configured {
                kind: input.text("object kind")?,
                id: input.text("object id")?,
                version: input.number("object version")?,
                content: input.text("content")?,
            }),
            "statement" => Body::Statement(input.statement()?),
            "match" => Body::Match(Matched {
                detail: input.spelled("detail", DetailId::to_string)?,
                subject: input.about()?,
                rule: input.text("rule")?,
                evidence: input.text("evidence")?,
                cents: Cents::new(input.number("cents")?),
            }),
            "resolution" => Body::Resolution(Resolved {
                exception: ExceptionId(input.uuid("exception id")?),
                how: input.text("how")?,
                plan: input.text("plan")?,
                role: input.text("role")?,
                person: input.text("person")?,
                state: input.text("state")?,
            }),
            "list" => Body::List(Box::new(input.list()?)),
            other => match input.closing(other)? {
                Some(closing) => closing,
                None => input.posting(other)?.ok_or_else(|| DecodeError::Field {
                    field: "kind",
                    why: format!("«{other}» is not known"),
                })?,
            },
        };
        let mut personal = Vec::new();
        for _ in 0..input.count("count of commitments")? {
            personal.push(Commitment {
                personal: PersonalId(input.uuid("personal id")?),
                hmac: parsed("commitment", input.bytes("commitment")?.try_into())?,
            });
        }
        input.end()?;
        if body.version() != version {
            return Err(DecodeError::Field {
                field: "version",
                why: format!("this {kind} is written with version {}", body.version()),
            });
        }
        Ok(Self {
            ledger,
            position,
            recorded_at,
            buchungstag,
            change,
            body,
            personal,
        })
    }
}

#[cfg(test)]
mod tests;
