//! Records of closings: cut, filed, signed. What a closing says is beside the log; its digest is in it.

use jiff::civil::Date;

use super::bytes::{Decoder, Encoder, parsed};
use super::{Body, DecodeError};
use crate::domain::closing::SignerRole;

/// The log was cut: everything before this record belongs to the closing, what follows to the open day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingCut {
    /// The number of the closing, from 1, without gaps.
    pub number: u64,
    /// The first day that it covers.
    pub from: Date,
    /// The last.
    pub to: Date,
    /// The Kasse day that is open from now on: no later record is booked on an earlier day.
    pub open: Date,
    /// How many records come before this one; given under the lock of the head, as positions are.
    pub size: u64,
    /// The root over them; likewise.
    pub root: [u8; 32],
}

/// The sums over what a cut covers were filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingFiled {
    /// The number of the closing.
    pub number: u64,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: [u8; 32],
    /// SHA-256 over the closing as JSON, without signatures.
    pub digest: [u8; 32],
}

/// Somebody signed a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingSigned {
    /// The number of the closing.
    pub number: u64,
    /// What was signed.
    pub digest: [u8; 32],
    /// Who: the name under which the person is known to the Kasse.
    pub person: String,
    /// In what role.
    pub role: SignerRole,
}

pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).expect("a count fits 63 bits")
}

impl Encoder {
    pub(super) fn closing_cut(&mut self, cut: &ClosingCut) {
        self.number(number(cut.number));
        for day in [cut.from, cut.to, cut.open] {
            self.text(&day.to_string());
        }
        self.number(number(cut.size));
        self.bytes(&cut.root);
    }

    pub(super) fn closing_filed(&mut self, filed: &ClosingFiled) {
        self.number(number(filed.number));
        self.number(number(filed.size));
        self.bytes(&filed.root);
        self.bytes(&filed.digest);
    }

    pub(super) fn closing_signed(&mut self, signed: &ClosingSigned) {
        self.number(number(signed.number));
        self.bytes(&signed.digest);
        self.text(&signed.person);
        self.text(signed.role.as_str());
    }
}

impl Decoder<'_> {
    fn hash(&mut self, field: &'static str) -> Result<[u8; 32], DecodeError> {
        parsed(field, self.bytes(field)?.try_into())
    }

    /// The body of a record about a closing; none where the kind is another.
    pub(super) fn closing(&mut self, kind: &str) -> Result<Option<Body>, DecodeError> {
        let body = match kind {
            "closing_cut" => Body::ClosingCut(ClosingCut {
                number: self.count("closing")?,
                from: self.day("from")?,
                to: self.day("to")?,
                open: self.day("open")?,
                size: self.count("size")?,
                root: self.hash("root")?,
            }),
            "closing_filed" => Body::ClosingFiled(ClosingFiled {
                number: self.count("closing")?,
                size: self.count("size")?,
                root: self.hash("root")?,
                digest: self.hash("digest")?,
            }),
            "closing_signed" => Body::ClosingSigned(ClosingSigned {
                number: self.count("closing")?,
                digest: self.hash("digest")?,
                person: self.text("person")?,
                role: parsed("role", self.text("role")?.parse())?,
            }),
            _ => return Ok(None),
        };
        Ok(Some(body))
    }
}
