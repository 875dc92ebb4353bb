//! Records of settlement lists. The lines are beside the log; their digest is in it.

use super::DecodeError;
use super::bytes::{Decoder, Encoder, parsed};
use crate::domain::ids::{ListId, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout::Sums;

/// A list of a payout counts from now on, in place of its earlier revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFiled {
    /// Its id.
    pub id: ListId,
    /// The payout.
    pub payout: PayoutId,
    /// The open item of the payout.
    pub posten: PostenId,
    /// By which entry of the Kasse it was read.
    pub source: String,
    /// The payout's reference, as bank and list have it.
    pub reference: String,
    /// From 1.
    pub revision: u64,
    /// The revision that it takes the place of.
    pub supersedes: Option<ListId>,
    /// What our lines come to.
    pub ours: Sums,
    /// What lines of other systems come to.
    pub others: Sums,
    /// SHA-256 over its lines in canonical form.
    pub digest: [u8; 32],
}

fn number(number: u64) -> i64 {
    i64::try_from(number).expect("a count fits 63 bits")
}

impl Encoder {
    pub(super) fn list(&mut self, filed: &ListFiled) {
        self.bytes(filed.id.0.as_bytes());
        self.bytes(filed.payout.0.as_bytes());
        self.bytes(filed.posten.0.as_bytes());
        self.text(&filed.source);
        self.text(&filed.reference);
        self.number(number(filed.revision));
        self.optional(filed.supersedes.as_ref(), |out, list| {
            out.bytes(list.0.as_bytes());
        });
        for sums in [&filed.ours, &filed.others] {
            self.number(number(sums.count));
            self.number(i64::from(sums.payments));
            self.number(sums.gross.get());
            self.optional(sums.fee.as_ref(), |out, fee| out.number(fee.get()));
            self.number(sums.fee_lines.get());
        }
        self.bytes(&filed.digest);
    }
}

impl Decoder<'_> {
    pub(super) fn list(&mut self) -> Result<ListFiled, DecodeError> {
        Ok(ListFiled {
            id: ListId(self.uuid("list")?),
            payout: PayoutId(self.uuid("payout")?),
            posten: PostenId(self.uuid("posten")?),
            source: self.text("source")?,
            reference: self.text("reference")?,
            revision: self.count("revision")?,
            supersedes: self.optional("supersedes", |input| input.uuid("supersedes").map(ListId))?,
            ours: self.sums()?,
            others: self.sums()?,
            digest: parsed("digest", self.bytes("digest")?.try_into())?,
        })
    }

    fn sums(&mut self) -> Result<Sums, DecodeError> {
        Ok(Sums {
            count: self.count("count")?,
            payments: parsed("payments", u32::try_from(self.number("payments")?))?,
            gross: Cents::new(self.number("gross")?),
            fee: self.optional("fee", |input| input.number("fee"))?.map(Cents::new),
            fee_lines: Cents::new(self.number("fee lines")?),
        })
    }
}
