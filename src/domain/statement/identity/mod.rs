//! What makes an entry of a statement the one that it is, so that the same one again is known as the same, and two that
//! look alike are two payments.
//!
//! No format has a key for this. A bank's reference may be missing, `NONREF` and `NOTPROVIDED` are on every second
//! line, and the number of a line changes with the period that was asked for. So an entry has a [`Fingerprint`] of
//! what stays the same when the same bank delivers it again in the same format, and beside it an ordinal: the first
//! payment with this fingerprint on this account, the second, and so on. Both are its [`Identity`].
//!
//! # Which of several alike ones is it?
//!
//! A statement with m alike entries holds m payments; that is certain. Whether they are among those that are known
//! depends on where these were read:
//!
//! * In a statement that is [disjoint](overlap::disjoint) from the new one: then they are others.
//! * In one that overlaps with it: then they are the same, as many as there are; what goes beyond is new.
//!
//! [`Placer`] decides that, by fingerprint, so that a store asks for no more than the fingerprints of one batch: which
//! ordinals are known, and in which statements they were seen. A payment of an overlapping statement that was also seen
//! in a disjoint one cannot be meant, and is not offered. So statements may come in pieces, overlapping, twice, and in
//! any order: the payments are in the end those that one statement of the whole time would have told.
//!
//! # Where that ends
//!
//! * Between formats. The same payment has another purpose and other references in an MT940 than in a camt.053. An
//!   account is read in one format on each day; [`overlap::in_another_format`] finds where that is not so, and such a
//!   statement must be refused.
//! * A bank that words a payment otherwise in a second delivery tells a new one. The balances then do not add up
//!   against the ledger, and the sequence guard names the statement.
//! * A batched line that was told without its payments first and with them later is two: the first payment in it is part
//!   of what it looks like, because often nothing else is.
//! * Exports without number, of parts of the same day, whose balances do not show which comes first: payments in them
//!   that are alike in everything, the bank's reference too, are taken for the same. A payment is then found missing by
//!   the balance, instead of being booked twice.
//!
//! To take one more field into the fingerprint: don't, unless all that is stored is told again; it changes every one.

pub mod digest;
pub mod overlap;
mod placer;
#[cfg(test)]
mod tests;

use std::fmt;

use sha2::{Digest, Sha256};

pub use self::digest::StatementDigest;
pub use self::overlap::{disjoint, in_another_format};
pub use self::placer::{Occurrence, Placer, Relation};

use super::{Detail, Direction, Entry};
use crate::domain::money::Cents;

/// SHA-256 of what stays the same of an entry or detail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// As it is stored.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From what was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Fingerprint {
    /// In lower-case hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One payment on the account: the same wherever and however often it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// What it looks like.
    pub fingerprint: Fingerprint,
    /// The how manieth of those that look like this, from 1.
    pub ordinal: u32,
}

/// The fingerprint of an entry: account, days, amount with its sign, currency, reversal, the bank's reference, and of
/// its first detail the end-to-end reference, the purpose and the account of the other side. Blanks do not count.
///
/// Left out is what may change when the bank delivers it again, or with the next version of its format: the place in
/// the file, the raw text, codes, names. The bank's words for it count only where nothing else tells entries apart.
pub fn fingerprint(account: &str, entry: &Entry, first: Option<&Detail>) -> Fingerprint {
    let mut fields = Fields::new("statement entry 1");
    fields.text(Some(&account.to_uppercase()));
    fields.text(entry.booked_on.map(|day| day.to_string()).as_deref());
    fields.text(entry.valued_on.map(|day| day.to_string()).as_deref());
    fields.amount(Some((entry.direction, entry.cents)));
    fields.text(Some(&entry.currency));
    fields.flag(entry.reversal);
    let reference = real(entry.bank_reference.as_deref());
    fields.text(reference);
    let mut told = reference.is_some();
    match first {
        Some(detail) => told |= fields.remittance(detail),
        None => fields.flag(false),
    }
    fields.text((!told).then_some(entry.text.as_str()));
    fields.end()
}

/// The fingerprint of a detail: that of its entry, and what is its own. Its ordinal counts the alike ones within the
/// entry, so that it and the fingerprint are its [`Identity`].
pub fn detail_fingerprint(entry: Identity, detail: &Detail) -> Fingerprint {
    let mut fields = Fields::new("statement detail 1");
    fields.bytes(entry.fingerprint.bytes());
    fields.bytes(&entry.ordinal.to_be_bytes());
    fields.detail(detail);
    fields.end()
}

/// Fillers are no references, whoever lets them through.
fn real(reference: Option<&str>) -> Option<&str> {
    reference
        .map(str::trim)
        .filter(|text| !matches!(*text, "" | "NONREF" | "NOTPROVIDED"))
}

/// Hashes fields so that no two rows of fields are alike in bytes: each with its length before it.
struct Fields(Sha256);

impl Fields {
    fn new(kind: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.bytes(kind.as_bytes());
        fields
    }

    fn bytes(&mut self, bytes: &[u8]) {
        // A text in memory is shorter than 2^64.
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
    }

    fn flag(&mut self, flag: bool) {
        self.bytes(&[u8::from(flag)]);
    }

    /// Without blanks: banks wrap lines where they like.
    fn text(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        let dense: String = text
            .unwrap_or_default()
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        self.bytes(dense.as_bytes());
    }

    fn amount(&mut self, amount: Option<(Direction, Cents)>) {
        self.flag(amount.is_some());
        if let Some((direction, cents)) = amount {
            self.flag(direction == Direction::Credit);
            self.bytes(&cents.get().to_be_bytes());
        }
    }

    /// What the payer said; whether that was anything.
    fn remittance(&mut self, detail: &Detail) -> bool {
        let end_to_end = real(detail.references.end_to_end.as_deref());
        let purpose = detail.purpose.concat();
        let account = detail.counterparty.account.as_deref();
        self.flag(true);
        self.text(end_to_end);
        self.text(Some(&purpose));
        self.text(account);
        self.bytes(&[u8::try_from(detail.structured.len()).unwrap_or(u8::MAX)]);
        for reference in &detail.structured {
            self.text(Some(reference));
        }
        end_to_end.is_some()
            || account.is_some()
            || !purpose.trim().is_empty()
            || !detail.structured.is_empty()
    }

    fn detail(&mut self, detail: &Detail) {
        self.amount(detail.cents.map(|cents| (detail.direction, cents)));
        self.flag(detail.direction == Direction::Credit);
        self.remittance(detail);
        let references = &detail.references;
        for reference in [&references.mandate, &references.transaction, &references.bank] {
            self.text(real(reference.as_deref()));
        }
    }

    fn end(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }
}
