//! The bytes of records: fields one behind the other, each as the record's docs say.

use jiff::civil::Date;
use uuid::Uuid;

use super::{DecodeError, NAMED, StatementFiled};
use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::ids::{AttemptId, CaseId, LedgerId, PostenId, StatementId};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

pub(super) fn parsed<T, E: std::fmt::Debug>(
    field: &'static str,
    result: Result<T, E>,
) -> Result<T, DecodeError> {
    result.map_err(|error| DecodeError::Field {
        field,
        why: format!("{error:?}"),
    })
}

/// The name of a subject: `attempt/<case>/<attempt>`, or as [`Subject::name`] has it.
fn about(subject: Subject) -> String {
    match subject {
        Subject::Attempt { case, attempt } => format!("attempt/{case}/{attempt}"),
        _ => subject.name().expect("it is about no attempt"),
    }
}

/// Reads a subject's name back, only as [`about`] spells it.
fn read_about(text: &str) -> Result<Subject, String> {
    let subject = match text.strip_prefix("attempt/").and_then(|ids| ids.split_once('/')) {
        Some((case, attempt)) => Subject::Attempt {
            case: case.parse().map_err(|_| format!("«{case}» is no id"))?,
            attempt: attempt.parse().map_err(|_| format!("«{attempt}» is no id"))?,
        },
        None => Subject::named(text).map_err(|error| error.to_string())?,
    };
    if about(subject) == text {
        Ok(subject)
    } else {
        Err(format!("«{text}» is not how it is written"))
    }
}

/// Writes fields one behind the other.
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn new(version: u8) -> Self {
        Self(vec![version])
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn about(&mut self, subject: Subject) {
        self.text(&about(subject));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("a field is shorter than 4 GiB");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    pub(super) fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        match value {
            None => self.0.push(0),
            Some(value) => {
                self.0.push(1);
                write(self, value);
            }
        }
    }

    pub(super) fn subject(&mut self, subject: Subject) {
        match subject {
            Subject::Attempt { case, attempt } => {
                self.bytes(case.0.as_bytes());
                self.bytes(attempt.0.as_bytes());
            }
            _ => self.about(subject),
        }
    }

    pub(super) fn statement(&mut self, filed: &StatementFiled) {
        let number = |number: u64| i64::try_from(number).expect("a count fits 63 bits");
        self.bytes(filed.id.0.as_bytes());
        self.text(filed.account.as_str());
        self.text(&filed.format);
        self.text(&filed.bank_id);
        for counted in [&filed.number, &filed.page] {
            self.optional(counted.as_ref(), |out, counted| out.number(number(*counted)));
        }
        self.text(&filed.first_day.to_string());
        self.text(&filed.last_day.to_string());
        for balance in [&filed.opening, &filed.closing] {
            self.optional(balance.as_ref(), |out, balance| out.number(balance.get()));
        }
        self.number(number(filed.entries));
        self.number(number(filed.fresh));
        self.number(filed.credits.get());
        self.number(filed.debits.get());
        self.bytes(&filed.digest);
    }

    pub(super) fn booking(&mut self, booking: &Booking) {
        self.text(booking.kind.as_str());
        self.subject(booking.subject);
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

/// Reads them back.
pub(super) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// That nothing is left over.
    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Rest(self.0.len()))
        }
    }

    pub(super) fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Ends(field))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length = self.take(4, field)?;
        let length = u32::from_be_bytes(parsed(field, length.try_into())?);
        self.take(length as usize, field)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        parsed(field, std::str::from_utf8(self.bytes(field)?)).map(str::to_owned)
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(parsed(field, self.bytes(field)?.try_into())?))
    }

    pub(super) fn count(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        parsed(field, u64::try_from(self.number(field)?))
    }

    pub(super) fn instant(&mut self, field: &'static str) -> Result<Timestamp, DecodeError> {
        let millis = self.number(field)?;
        parsed(field, jiff::Timestamp::from_millisecond(millis)).map(Timestamp::from_instant)
    }

    /// A text with a meaning, only as we write it: other spellings of the same are other bytes.
    pub(super) fn spelled<T: std::str::FromStr<Err: std::fmt::Debug>>(
        &mut self,
        field: &'static str,
        write: impl FnOnce(&T) -> String,
    ) -> Result<T, DecodeError> {
        let text = self.text(field)?;
        let value: T = parsed(field, text.parse())?;
        let written = write(&value);
        if written != text {
            return Err(DecodeError::Field {
                field,
                why: format!("«{text}» is not how {written} is written"),
            });
        }
        Ok(value)
    }

    pub(super) fn day(&mut self, field: &'static str) -> Result<Date, DecodeError> {
        self.spelled(field, Date::to_string)
    }

    pub(super) fn about(&mut self) -> Result<Subject, DecodeError> {
        parsed("subject", read_about(&self.text("subject")?))
    }

    pub(super) fn subject(&mut self, version: u8) -> Result<Subject, DecodeError> {
        if version == NAMED {
            return self.about();
        }
        Ok(Subject::Attempt {
            case: CaseId(self.uuid("case")?),
            attempt: AttemptId(self.uuid("attempt")?),
        })
    }

    pub(super) fn statement(&mut self) -> Result<StatementFiled, DecodeError> {
        Ok(StatementFiled {
            id: StatementId(self.uuid("statement")?),
            account: {
                let text = self.text("account")?;
                let account = parsed("account", Iban::parse(&text))?;
                if account.as_str() != text {
                    return parsed(
                        "account",
                        Err(format!("«{text}» is not how {account} is written")),
                    );
                }
                account
            },
            format: self.text("format")?,
            bank_id: self.text("bank id")?,
            number: self.optional("number", |input| input.count("number"))?,
            page: self.optional("page", |input| input.count("page"))?,
            first_day: self.day("first day")?,
            last_day: self.day("last day")?,
            opening: self
                .optional("opening", |input| input.number("opening"))?
                .map(Cents::new),
            closing: self
                .optional("closing", |input| input.number("closing"))?
                .map(Cents::new),
            entries: self.count("entries")?,
            fresh: self.count("fresh")?,
            credits: Cents::new(self.number("credits")?),
            debits: Cents::new(self.number("debits")?),
            digest: parsed("digest", self.bytes("digest")?.try_into())?,
        })
    }

    pub(super) fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        parsed(field, Uuid::from_slice(self.bytes(field)?))
    }

    pub(super) fn optional<T>(
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

    pub(super) fn side(&mut self) -> Result<Side, DecodeError> {
        Ok(Side {
            account: parsed("account", self.text("account")?.parse::<Account>())?,
            posten: PostenId(self.uuid("posten")?),
        })
    }

    pub(super) fn booking(&mut self, ledger: LedgerId, version: u8) -> Result<Booking, DecodeError> {
        let kind: BookingKind = parsed("booking kind", self.text("booking kind")?.parse())?;
        let subject = self.subject(version)?;
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
            subject,
            reverses,
            lines,
        };
        parsed("booking", booking.check())?;
        Ok(booking)
    }
}
