//! An entry (`Ntry`) without its details.

use super::fields::{amount, cents, code, day, direction, number, shown, yes};
use super::head::Account;
use super::tree::{At, Tree};
use super::xml::Fault;
use crate::domain::money::Cents;
use crate::domain::statement::{Batch, Direction, Entry, Format, Place, Status};

/// What the details need to know of their entry.
#[derive(Debug, Clone)]
pub struct Basics {
    /// Its amount.
    pub cents: Cents,
    /// Its currency.
    pub currency: String,
    /// Its direction.
    pub direction: Direction,
}

impl Basics {
    /// Amount, currency and direction of the entry.
    ///
    /// # Errors
    /// One of them is missing or cannot be read.
    pub fn read(tree: &Tree, account: &Account, line: u64) -> Result<Self, Fault> {
        let root = tree.root();
        let missing = |what: &str| Fault {
            line,
            reason: format!("the entry has no {what}"),
        };
        let at = root.find("Amt").ok_or_else(|| missing("amount (Ntry/Amt)"))?;
        let (cents, currency) = amount(at, account.currency.as_deref())?;
        let direction =
            direction(root)?.ok_or_else(|| missing("direction (Ntry/CdtDbtInd: CRDT or DBIT)"))?;
        Ok(Self {
            cents,
            currency,
            direction,
        })
    }
}

/// The entry from everything in it that is no detail.
///
/// # Errors
/// It has a booking day that is none.
pub fn entry(
    tree: &Tree,
    basics: &Basics,
    format: Format,
    (ordinal, line): (u32, u64),
    batch: Option<Batch>,
    raw: String,
) -> Result<Entry, Fault> {
    let root = tree.root();
    let text: Vec<String> = root
        .all("AddtlNtryInf")
        .into_iter()
        .filter_map(At::text)
        .collect();
    Ok(Entry {
        ordinal,
        cents: basics.cents,
        currency: basics.currency.clone(),
        direction: basics.direction,
        reversal: yes(root, "RvslInd"),
        status: status(root, format),
        booked_on: booking_day(root)?,
        // A day that is none does no harm here: nothing is booked by it.
        valued_on: root.find("ValDt").and_then(day),
        bank_reference: root.reference(&["AcctSvcrRef"]),
        reference: root.reference(&["NtryRef"]),
        code: code(root),
        batch,
        text: text.join("\n"),
        raw,
        place: Place { line },
    })
}

/// A status that nobody knows never books: it is information. What is expected in the future is pending. Where none is
/// told, the message says it: a camt.053 holds what is booked, which its balances prove; of the others nobody knows.
fn status(root: At<'_>, format: Format) -> Status {
    match root.first(&["Sts/Cd", "Sts/Prtry", "Sts"]).as_deref() {
        Some("BOOK") => Status::Booked,
        Some("PDNG" | "FUTR") => Status::Pending,
        None if format == Format::Camt053 => Status::Booked,
        _ => Status::Information,
    }
}

fn booking_day(root: At<'_>) -> Result<Option<jiff::civil::Date>, Fault> {
    let Some(at) = root.find("BookgDt") else {
        return Ok(None);
    };
    match (day(at), at.first(&["Dt", "DtTm"]).or_else(|| at.text())) {
        (Some(day), _) => Ok(Some(day)),
        (None, None) => Ok(None),
        (None, Some(text)) => Err(at.fault(format!("BookgDt «{}» is no day", shown(&text)))),
    }
}

/// What the `Btch` of an entry say together: an entry may hold several `NtryDtls`, each with one.
#[derive(Debug, Default)]
pub struct Batches {
    seen: u32,
    without: u32,
    batch: Batch,
}

impl Batches {
    /// Takes in a `Btch`.
    ///
    /// # Errors
    /// Its sum is no amount.
    pub fn take(&mut self, at: At<'_>, basics: &Basics) -> Result<(), Fault> {
        let total = at.find("TtlAmt").filter(|total| total.text().is_some());
        let total = match total {
            Some(total)
                if total
                    .currency()
                    .is_none_or(|currency| currency == basics.currency) =>
            {
                Some(cents(total)?)
            }
            _ => None,
        };
        let batch = Batch {
            message_id: at.reference(&["MsgId"]),
            payment_information_id: at.reference(&["PmtInfId"]),
            count: number(at, &["NbOfTxs"]),
            total,
        };
        self.seen = self.seen.saturating_add(1);
        if self.seen == 1 {
            self.batch = batch;
            return Ok(());
        }
        // What they do not say alike, or not all of them, the entry does not say.
        if self.batch.message_id != batch.message_id {
            self.batch.message_id = None;
        }
        if self.batch.payment_information_id != batch.payment_information_id {
            self.batch.payment_information_id = None;
        }
        let both = self.batch.count.zip(batch.count);
        self.batch.count = both.and_then(|(one, other)| one.checked_add(other));
        let both = self.batch.total.zip(batch.total);
        self.batch.total = both.and_then(|(one, other)| one.checked_add(other));
        Ok(())
    }

    /// Takes in that details stand in a `NtryDtls` without a `Btch`.
    pub fn take_none(&mut self) {
        self.without = self.without.saturating_add(1);
    }

    /// What the entry says of its parts.
    pub fn told(&self) -> Option<Batch> {
        let mut batch = (self.seen > 0).then(|| self.batch.clone())?;
        if self.without > 0 {
            (batch.count, batch.total) = (None, None);
        }
        Some(batch)
    }
}
