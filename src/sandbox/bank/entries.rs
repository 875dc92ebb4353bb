//! From the movements of the payments to the entries of an account, and from these to the statement of each
//! day on which something was booked.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{BankAccount, days, iban, settlement::Payout};
use crate::sandbox::{
    Cents,
    movement::{Movement, MovementKind, Way},
    payment::Payment,
    shared::Book,
};

/// What kind of booking it is, with the codes that German banks give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Booking {
    /// A transfer came.
    Transfer,
    /// A payment service provider paid out.
    Payout,
    /// A payment service provider took back more than it paid out.
    Payback,
    /// Collected debits, all of a day together (Sammler).
    Debits,
    /// A debit came back (Rücklastschrift).
    Return,
    /// A transfer was sent back.
    Refund,
}

impl Booking {
    pub(super) const fn is_credit(self) -> bool {
        matches!(self, Self::Transfer | Self::Payout | Self::Debits)
    }

    /// Geschäftsvorfallcode.
    pub(super) const fn gvc(self) -> &'static str {
        match self {
            Self::Transfer | Self::Payout => "166",
            Self::Payback => "105",
            Self::Debits => "192",
            Self::Return => "109",
            Self::Refund => "177",
        }
    }

    /// The code of `:61:`.
    pub(super) const fn swift(self) -> &'static str {
        match self {
            Self::Transfer | Self::Payout | Self::Refund => "NTRF",
            Self::Payback | Self::Debits => "NDDT",
            Self::Return => "NRTI",
        }
    }

    /// Domain, family and sub-family of ISO 20022.
    pub(super) const fn domain(self) -> [&'static str; 3] {
        match self {
            Self::Transfer | Self::Payout => ["PMNT", "RCDT", "ESCT"],
            Self::Payback => ["PMNT", "RDDT", "ESDD"],
            Self::Debits => ["PMNT", "IDDT", "ESDD"],
            Self::Return => ["PMNT", "IDDT", "UPDD"],
            Self::Refund => ["PMNT", "ICDT", "ESCT"],
        }
    }

    /// The Buchungstext.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Transfer => "GUTSCHR. UEBERWEISUNG",
            Self::Payout => "GUTSCHR. AUSZAHLUNG",
            Self::Payback => "BASISLASTSCHRIFT",
            Self::Debits => "SAMMELLASTSCHRIFT",
            Self::Return => "RUECKLASTSCHRIFT",
            Self::Refund => "ONLINE-UEBERWEISUNG",
        }
    }
}

/// One booking on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Entry {
    /// Of its movement, or of the first of several.
    pub(super) number: u64,
    pub(in crate::sandbox) day: Date,
    pub(in crate::sandbox) booking: Booking,
    /// Always above zero.
    pub(in crate::sandbox) amount: Cents,
    pub(super) details: Vec<Detail>,
}

/// One transaction of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Detail {
    /// Without the bank's fee.
    pub(super) amount: Cents,
    /// What the bank takes for a return.
    pub(super) fee: Cents,
    pub(super) end_to_end: Option<String>,
    pub(super) mandate: Option<String>,
    pub(super) other_name: String,
    pub(super) other_iban: String,
    pub(super) purpose: String,
    /// Why a debit came back.
    pub(super) reason: Option<String>,
}

impl Entry {
    /// With the sign of its direction.
    pub(super) fn signed(&self) -> Cents {
        if self.booking.is_credit() {
            self.amount
        } else {
            Cents::ZERO.minus(self.amount)
        }
    }

    /// The bank's own reference: no other entry has it.
    pub(super) fn reference(&self) -> String {
        format!("SB{}{:06}", self.day.strftime("%y%m%d"), self.number)
    }
}

/// What happened on an account on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Statement {
    pub(in crate::sandbox) bank: BankAccount,
    /// From 1, without a gap.
    pub(in crate::sandbox) number: u32,
    pub(in crate::sandbox) day: Date,
    pub(super) day_before: Date,
    pub(in crate::sandbox) opening: Cents,
    pub(in crate::sandbox) closing: Cents,
    pub(in crate::sandbox) entries: Vec<Entry>,
}

impl Statement {
    /// Ten in the evening of its day.
    pub(super) fn made_at(&self) -> Timestamp {
        let evening = self.day.at(22, 0, 0, 0).to_zoned(days::berlin());
        evening.map_or_else(
            |_| {
                self.day
                    .at(22, 0, 0, 0)
                    .to_zoned(TimeZone::UTC)
                    .map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
            },
            |at| at.timestamp(),
        )
    }
}

/// The Verwendungszweck that a payer is asked to write.
fn purpose_of(payment: &Payment) -> String {
    let text = payment.list.purpose.first().map_or("", String::as_str);
    let text: String = format!("{} {text}", payment.kassenzeichen)
        .chars()
        .take(140)
        .collect();
    text.trim().to_owned()
}

fn payer_of(payment: &Payment, movement: &Movement) -> (String, String) {
    let name = if movement.payer.is_empty() {
        payment.list.payer.clone()
    } else {
        movement.payer.clone()
    };
    let account = format!("{} {name}", payment.list.kundennummer);
    (name, iban::of_payer(&account))
}

fn is_debit(method: &str) -> bool {
    matches!(method, "SEPASDD" | "LASTSCHRIFTMIT" | "LASTSCHRIFTOHNE")
}

/// A single movement that the bank itself carries out; none where somebody else does, or nobody.
fn single(payment: &Payment, movement: &Movement, bank: &BankAccount) -> Option<Entry> {
    let debit = is_debit(&movement.method);
    let booking = match (movement.way, movement.kind) {
        (Way::Bank, MovementKind::Receipt) => Booking::Transfer,
        (Way::Bank, MovementKind::Debit) => Booking::Debits,
        (Way::Bank, MovementKind::Return) if debit => Booking::Return,
        (Way::Bank, MovementKind::Return) => Booking::Refund,
        _ => return None,
    };
    let fee = if booking == Booking::Return {
        bank.return_fee
    } else {
        Cents::ZERO
    };
    let (other_name, other_iban) = payer_of(payment, movement);
    let purpose = if movement.purpose.is_empty() {
        purpose_of(payment)
    } else {
        movement.purpose.clone()
    };
    let detail = Detail {
        amount: movement.amount,
        fee,
        end_to_end: (debit || booking == Booking::Refund).then(|| payment.kassenzeichen.clone()),
        mandate: debit.then(|| format!("M{}", payment.kassenzeichen)),
        other_name,
        other_iban,
        purpose,
        reason: movement.reason.clone().filter(|_| booking == Booking::Return),
    };
    let booked = days::on_or_after(days::day_of(movement.at));
    Some(Entry {
        number: movement.number,
        // What is collected today is on the account two bank days later.
        day: if booking == Booking::Debits {
            days::later(booked, 2)
        } else {
            booked
        },
        booking,
        amount: movement.amount.plus(fee),
        details: vec![detail],
    })
}

fn paid_out(payout: Payout) -> Option<Entry> {
    let net = payout.net();
    let booking = match net.cmp(&Cents::ZERO) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => Booking::Payout,
        std::cmp::Ordering::Less => Booking::Payback,
    };
    let amount = if booking == Booking::Payout {
        net
    } else {
        Cents::ZERO.minus(net)
    };
    let purpose = format!(
        "{} {} {} BRUTTO {} GEBUEHR {} ANZAHL {}",
        payout.reference,
        payout.zvp,
        payout.method,
        super::comma(payout.gross()),
        super::comma(payout.fee()),
        payout.lines.len()
    );
    Some(Entry {
        number: payout.lines.first().map_or(0, |line| line.number),
        day: payout.day,
        booking,
        amount,
        details: vec![Detail {
            amount,
            end_to_end: Some(payout.reference),
            other_iban: iban::of_payer(&payout.zvp),
            other_name: payout.zvp,
            purpose,
            mandate: (booking == Booking::Payback).then(|| "SANDBOX-ZVP-MANDAT".to_owned()),
            ..Detail::default()
        }],
    })
}

impl Book {
    /// All entries of an account, on days to come too, in the order of days.
    fn entries(&self, iban: &str) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut sammler: BTreeMap<Date, Entry> = BTreeMap::new();
        for payment in &self.payments {
            let bank = &self.banks[payment.account];
            if bank.iban != iban {
                continue;
            }
            for entry in payment
                .movements
                .iter()
                .filter_map(|movement| single(payment, movement, bank))
            {
                if entry.booking != Booking::Debits {
                    entries.push(entry);
                } else if let Some(batch) = sammler.get_mut(&entry.day) {
                    batch.amount = batch.amount.plus(entry.amount);
                    batch.number = batch.number.min(entry.number);
                    batch.details.extend(entry.details);
                } else {
                    sammler.insert(entry.day, entry);
                }
            }
        }
        entries.extend(sammler.into_values());
        let payouts = self.payouts().into_iter().filter(|payout| payout.iban == iban);
        entries.extend(payouts.filter_map(paid_out));
        for stray in self
            .strays
            .iter()
            .filter(|stray| self.banks[stray.account].iban == iban)
        {
            entries.push(Entry {
                number: stray.number,
                day: days::on_or_after(days::day_of(stray.at)),
                booking: Booking::Transfer,
                amount: stray.amount,
                details: vec![Detail {
                    amount: stray.amount,
                    other_name: stray.payer.clone(),
                    other_iban: iban::of_payer(&stray.payer),
                    purpose: stray.purpose.clone(),
                    ..Detail::default()
                }],
            });
        }
        entries.sort_by_key(|entry| (entry.day, entry.number));
        entries
    }

    /// The statements of an account for all days before `today` on which something was booked.
    pub(in crate::sandbox) fn statements(&self, iban: &str, today: Date) -> Vec<Statement> {
        let Some(bank) = self.banks.iter().find(|bank| bank.iban == iban) else {
            return Vec::new();
        };
        let mut statements: Vec<Statement> = Vec::new();
        for entry in self.entries(iban).into_iter().filter(|entry| entry.day < today) {
            let last = statements.last();
            if last.is_none_or(|last| last.day != entry.day) {
                let opening = last.map_or(bank.opening, |last| last.closing);
                let statement = Statement {
                    bank: bank.clone(),
                    number: last.map_or(1, |last| last.number + 1),
                    day: entry.day,
                    day_before: last
                        .map_or_else(|| entry.day.yesterday().unwrap_or(entry.day), |last| last.day),
                    opening,
                    closing: opening,
                    entries: Vec::new(),
                };
                statements.push(statement);
            }
            if let Some(statement) = statements.last_mut() {
                statement.closing = statement.closing.plus(entry.signed());
                statement.entries.push(entry);
            }
        }
        statements
    }
}
