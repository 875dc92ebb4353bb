//! Records: the entries of a ledger's log, and the bytes that are hashed.
//!
//! The encoding is frozen with its version: a version byte, then every field as a 4-byte big-endian length and its
//! bytes; numbers are 8 bytes big-endian, times milliseconds, absent fields are marked by a leading 0 byte, lists begin
//! with their count. `fixtures/log/vectors.json` holds golden vectors; a change of the encoding is a new version beside
//! the old one, never an edit. Personal data is not in here: a record names it and carries a commitment to it.

use jiff::civil::Date;
use uuid::Uuid;

use super::booking::{Account, Booking, BookingKind, Line, Side};
use super::exception::ExceptionCode;
use super::ids::{AttemptId, CaseId, ChangeId, ExceptionId, LedgerId, PersonalId, PostenId, ProviderId};
use super::money::Cents;
use super::time::Timestamp;

const VERSION: u8 = 1;

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
}

/// A difference that a person resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionOpened {
    /// Its id.
    pub id: ExceptionId,
    /// What differs.
    pub code: ExceptionCode,
    /// The case concerned.
    pub case: CaseId,
    /// The attempt concerned.
    pub attempt: AttemptId,
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
        }
    }

    /// Every kind.
    pub const KINDS: &'static [&'static str] = &["booking", "exception", "callback", "configuration"];
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
        let mut out = Encoder(vec![VERSION]);
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
                out.bytes(opened.case.0.as_bytes());
                out.bytes(opened.attempt.0.as_bytes());
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
        }
        out.number(i64::try_from(self.personal.len()).expect("a count fits"));
        for commitment in &self.personal {
            out.bytes(commitment.personal.0.as_bytes());
            out.bytes(&commitment.hmac);
        }
        out.0
    }

    /// Reads canonical bytes back.
    ///
    /// # Errors
    /// [`DecodeError`] names the field.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Decoder(bytes);
        let version = input.take(1, "version")?[0];
        if version != VERSION {
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
            "booking" => Body::Booking(input.booking(ledger.clone())?),
            "exception" => Body::Exception(ExceptionOpened {
                id: ExceptionId(input.uuid("exception id")?),
                code: parsed("code", input.text("code")?.parse())?,
                case: CaseId(input.uuid("case")?),
                attempt: AttemptId(input.uuid("attempt")?),
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
            other => {
                return Err(DecodeError::Field {
                    field: "kind",
                    why: format!("«{other}» is not known"),
                });
            }
        };
        let mut personal = Vec::new();
        for _ in 0..input.count("count of commitments")? {
            personal.push(Commitment {
                personal: PersonalId(input.uuid("personal id")?),
                hmac: parsed("commitment", input.bytes("commitment")?.try_into())?,
            });
        }
        if !input.0.is_empty() {
            return Err(DecodeError::Rest(input.0.len()));
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

fn parsed<T, E: std::fmt::Debug>(field: &'static str, result: Result<T, E>) -> Result<T, DecodeError> {
    result.map_err(|error| DecodeError::Field {
        field,
        why: format!("{error:?}"),
    })
}

struct Encoder(Vec<u8>);

impl Encoder {
    fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("a field is shorter than 4 GiB");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        match value {
            None => self.0.push(0),
            Some(value) => {
                self.0.push(1);
                write(self, value);
            }
        }
    }

    fn booking(&mut self, booking: &Booking) {
        self.text(booking.kind.as_str());
        self.bytes(booking.case.0.as_bytes());
        self.bytes(booking.attempt.0.as_bytes());
        self.optional(booking.reverses.as_ref(), |out, position| {
            out.number(i64::try_from(*position).expect("a position fits 63 bits"));
        });
        self.number(i64::try_from(booking.lines.len()).expect("a count fits"));
        for line in &booking.lines {
            for side in [&line.debit, &line.credit] {
                self.text(&side.account.to_string());
                self.bytes(side.posten.0.as_bytes());
            }
            self.number(line.cents.get());
            self.number(i64::from(line.haushaltsjahr));
            self.optional(line.haushaltsstelle.as_ref(), |out, text| out.text(text));
            self.optional(line.objektnummer.as_ref(), |out, text| out.text(text));
            self.text(&line.anordnung);
        }
    }
}

struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Ends(field))?;
        self.0 = rest;
        Ok(taken)
    }

    fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length = self.take(4, field)?;
        let length = u32::from_be_bytes(parsed(field, length.try_into())?);
        self.take(length as usize, field)
    }

    fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        parsed(field, std::str::from_utf8(self.bytes(field)?)).map(str::to_owned)
    }

    fn number(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(parsed(field, self.bytes(field)?.try_into())?))
    }

    fn count(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        parsed(field, u64::try_from(self.number(field)?))
    }

    fn instant(&mut self, field: &'static str) -> Result<Timestamp, DecodeError> {
        let millis = self.number(field)?;
        parsed(field, jiff::Timestamp::from_millisecond(millis)).map(Timestamp::from_instant)
    }

    /// A day, only as we write it: other spellings of the same day are other bytes.
    fn day(&mut self, field: &'static str) -> Result<Date, DecodeError> {
        let text = self.text(field)?;
        let day: Date = parsed(field, text.parse())?;
        if day.to_string() != text {
            return Err(DecodeError::Field {
                field,
                why: format!("«{text}» is not how {day} is written"),
            });
        }
        Ok(day)
    }

    fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        parsed(field, Uuid::from_slice(self.bytes(field)?))
    }

    fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        match self.take(1, field)?[0] {
            0 => Ok(None),
            1 => read(self).map(Some),
            other => Err(DecodeError::Field {
                field,
                why: format!("{other} marks neither absent nor present"),
            }),
        }
    }

    fn side(&mut self) -> Result<Side, DecodeError> {
        Ok(Side {
            account: parsed("account", self.text("account")?.parse::<Account>())?,
            posten: PostenId(self.uuid("posten")?),
        })
    }

    fn booking(&mut self, ledger: LedgerId) -> Result<Booking, DecodeError> {
        let kind: BookingKind = parsed("booking kind", self.text("booking kind")?.parse())?;
        let case = CaseId(self.uuid("case")?);
        let attempt = AttemptId(self.uuid("attempt")?);
        let reverses = self.optional("reverses", |input| {
            parsed("reverses", u64::try_from(input.number("reverses")?))
        })?;
        let mut lines = Vec::new();
        for _ in 0..self.count("count of lines")? {
            lines.push(Line {
                debit: self.side()?,
                credit: self.side()?,
                cents: Cents::new(self.number("cents")?),
                haushaltsjahr: parsed("haushaltsjahr", i16::try_from(self.number("haushaltsjahr")?))?,
                haushaltsstelle: self.optional("haushaltsstelle", |input| input.text("haushaltsstelle"))?,
                objektnummer: self.optional("objektnummer", |input| input.text("objektnummer"))?,
                anordnung: self.text("anordnung")?,
            });
        }
        let booking = Booking {
            kind,
            ledger,
            case,
            attempt,
            reverses,
            lines,
        };
        parsed("booking", booking.check())?;
        Ok(booking)
    }
}

#[cfg(test)]
mod tests;
