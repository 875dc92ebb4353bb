//! The digest of a whole statement: the same statement again has the same, whatever its file is called and whenever the
//! bank wrote it.

use super::{Fields, Fingerprint};
use crate::domain::statement::{Balance, Detail, Head, Status, Tail};

/// Adds up a statement, piece by piece, in its order.
///
/// The bank's id of the message and the time at which it was made do not count: they change when the statement is
/// asked for again. Amounts, days, balances, numbers and all that tells entries apart do.
pub struct StatementDigest(Fields);

impl StatementDigest {
    /// Begins with the head.
    pub fn begin(head: &Head) -> Self {
        let mut fields = Fields::new("statement 1");
        fields.text(Some(head.format.as_str()));
        fields.text(Some(&head.account.to_uppercase()));
        fields.text(head.currency.as_deref());
        let sequence = head.sequence;
        for number in [
            sequence.map(|sequence| sequence.number),
            sequence.and_then(|sequence| sequence.page),
        ] {
            fields.text(number.map(|number| number.to_string()).as_deref());
        }
        for day in [
            head.period.map(|(first, _)| first),
            head.period.map(|(_, last)| last),
        ] {
            fields.text(day.map(|day| day.to_string()).as_deref());
        }
        let mut digest = Self(fields);
        digest.balance(head.opening.as_ref());
        digest
    }

    /// Adds an entry by its [`fingerprint`](super::fingerprint).
    pub fn entry(&mut self, fingerprint: Fingerprint, status: Status) {
        self.0.text(Some("entry"));
        self.0.bytes(fingerprint.bytes());
        self.0.text(Some(match status {
            Status::Booked => "booked",
            Status::Pending => "pending",
            Status::Information => "information",
        }));
    }

    /// Adds a detail of the entry before.
    pub fn detail(&mut self, detail: &Detail) {
        self.0.text(Some("detail"));
        self.0.detail(detail);
    }

    /// Ends with the tail.
    pub fn end(mut self, tail: &Tail) -> [u8; 32] {
        self.0.text(Some("tail"));
        self.balance(tail.closing.as_ref());
        *self.0.end().bytes()
    }

    fn balance(&mut self, balance: Option<&Balance>) {
        self.0.flag(balance.is_some());
        if let Some(balance) = balance {
            self.0.bytes(&balance.cents.get().to_be_bytes());
            self.0.text(balance.day.map(|day| day.to_string()).as_deref());
            self.0.text(Some(&balance.currency));
        }
    }
}
