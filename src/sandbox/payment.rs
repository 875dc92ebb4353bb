//! One payment: what may happen to it, and what a read then says. No I/O.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Cents, SandboxError,
    fault::Fault,
    list::Buchungsliste,
    movement::{Movement, MovementKind, Sums, Way},
    notify::Delivery,
};

/// A created payment.
#[derive(Debug)]
pub(super) struct Payment {
    pub(super) kassenzeichen: String,
    /// Place of its account in the world.
    pub(super) account: usize,
    pub(super) kind: PaymentKind,
    pub(super) list: Buchungsliste,
    /// Names its paypage.
    pub(super) token: String,
    /// Names its session at the payment service provider.
    pub(super) zvgid: String,
    pub(super) created_at: Timestamp,
    /// The end of its paypage's session; none without a paypage, or without an end.
    pub(super) session_until: Option<Timestamp>,
    pub(super) faults: Vec<Fault>,
    pub(super) standing: Standing,
    /// All money that moved, in the order of booking.
    pub(super) movements: Vec<Movement>,
    pub(super) deliveries: Vec<Delivery>,
}

/// How it is to be paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentKind {
    /// On the paypage.
    #[default]
    Paypage,
    /// By bank transfer before delivery (`ueberweisenVorLieferung`).
    Vorkasse,
    /// By bank transfer after delivery (`ueberweisenNachLieferung`).
    Rechnung,
}

impl PaymentKind {
    /// The method that a bank transfer is booked with.
    pub(super) const fn transfer_method(self) -> &'static str {
        match self {
            Self::Paypage | Self::Vorkasse => "UEBERWEISUNGVOR",
            Self::Rechnung => "UEBERWEISUNGNACH",
        }
    }
}

/// Where the payer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Paid {
        method: String,
        tan: String,
        at: Timestamp,
        lagging_reads: u32,
    },
    Aborted {
        at: Timestamp,
    },
    /// The session of the paypage ended without a payment.
    Expired {
        at: Timestamp,
    },
    /// The authority took the whole claim back before it was paid.
    Canceled {
        at: Timestamp,
    },
}

/// Whether the Kassenzeichen can still be paid on the paypage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageStatus {
    Aktiv,
    Inaktiv,
}

impl PageStatus {
    /// As it is written on the wire.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Aktiv => "AKTIV",
            Self::Inaktiv => "INAKTIV",
        }
    }
}

/// What a read tells, in no wire format: every face of the sandbox writes it in its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// `open`, `paid`, `aborted`, `expired` or `canceled`; a lagging read still says `open`.
    pub(super) state: &'static str,
    /// None for payments without a paypage.
    pub(super) page: Option<PageStatus>,
    /// The method it was paid with; of a bank transfer known from the beginning.
    pub(super) method: Option<String>,
    /// What was claimed at first.
    pub(super) hauptforderungen: Cents,
    pub(super) zahlungseingaenge: Cents,
    pub(super) lastschriften: Cents,
    pub(super) ruecklastschriften: Cents,
    pub(super) stornos: Cents,
    /// What is claimed on top, such as fees.
    pub(super) sonstige: Cents,
    /// Still owed, negative when more came; none with [`Fault::MissingSaldo`].
    pub(super) saldo: Option<Cents>,
}

impl Payment {
    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    pub(super) fn sums(&self) -> Sums {
        Sums::of(&self.movements)
    }

    /// What is still owed; negative when more came.
    pub(super) fn saldo(&self) -> Cents {
        self.sums().saldo(self.list.betrag)
    }

    /// `open`, `paid`, `aborted`, `expired` or `canceled`.
    pub(super) fn state(&self) -> &'static str {
        match self.standing {
            Standing::Open => "open",
            Standing::Paid { .. } => "paid",
            Standing::Aborted { .. } => "aborted",
            Standing::Expired { .. } => "expired",
            Standing::Canceled { .. } => "canceled",
        }
    }

    fn not_now(&self, what: &'static str) -> SandboxError {
        SandboxError::NotNow {
            kassenzeichen: self.kassenzeichen.clone(),
            what,
            state: self.state(),
        }
    }

    /// Books a movement; [`super::shared::Shared::change`] numbers it.
    fn book(&mut self, at: Timestamp, amount: Cents, kind: MovementKind, method: &str, way: Way) {
        let owed = self.saldo().max(Cents::ZERO);
        let over = match kind {
            MovementKind::Receipt | MovementKind::Debit => amount.minus(owed).max(Cents::ZERO),
            _ => Cents::ZERO,
        };
        self.movements.push(Movement {
            number: 0,
            at,
            amount,
            over,
            kind,
            method: method.to_owned(),
            way,
            purpose: String::new(),
            payer: String::new(),
            reason: None,
        });
    }

    /// The payer pays on the paypage: so much, or the whole claim, unless a fault says otherwise. An aborted
    /// paypage that is still AKTIV can be paid later. `by_acquirer` tells who collects the money.
    pub(super) fn pay(
        &mut self,
        method: &str,
        by_acquirer: bool,
        cents: Option<Cents>,
        tan: String,
        at: Timestamp,
    ) -> Result<(), SandboxError> {
        let payable = match self.standing {
            Standing::Open => self.kind == PaymentKind::Paypage,
            Standing::Aborted { .. } => !self.has(&Fault::InaktivAfterAbort),
            Standing::Paid { .. } | Standing::Expired { .. } | Standing::Canceled { .. } => false,
        };
        if !payable {
            return Err(self.not_now("be paid on a paypage"));
        }
        if !self.list.methods.iter().any(|allowed| allowed == method) {
            return Err(SandboxError::Method {
                kassenzeichen: self.kassenzeichen.clone(),
                method: method.to_owned(),
            });
        }
        if let Some(cents) = cents.filter(|cents| *cents <= Cents::ZERO) {
            return Err(SandboxError::Amount(cents));
        }
        if self.has(&Fault::PaymentFails) {
            return self.expire(at);
        }
        let claim = self.list.betrag.minus(self.sums().stornos);
        let (mut paid, mut lagging_reads) = (cents.unwrap_or(claim), 0);
        for fault in &self.faults {
            match fault {
                Fault::WrongAmount { short } if cents.is_none() => {
                    paid = paid.minus(*short).max(Cents::ZERO);
                }
                Fault::Overpaid { over } if cents.is_none() => paid = paid.plus(*over),
                Fault::StatusLags { reads } => lagging_reads = *reads,
                _ => {}
            }
        }
        let (kind, way) = match (method, by_acquirer) {
            ("SEPASDD" | "LASTSCHRIFTMIT" | "LASTSCHRIFTOHNE", false) => (MovementKind::Debit, Way::Bank),
            (_, false) => (MovementKind::Receipt, Way::Bank),
            (_, true) => (MovementKind::Receipt, Way::Acquirer),
        };
        if paid > Cents::ZERO {
            self.book(at, paid, kind, method, way);
        }
        self.standing = Standing::Paid {
            method: method.to_owned(),
            tan,
            at,
            lagging_reads,
        };
        Ok(())
    }

    /// The payer aborts.
    pub(super) fn abort(&mut self, at: Timestamp) -> Result<(), SandboxError> {
        if self.standing != Standing::Open || self.kind != PaymentKind::Paypage {
            return Err(self.not_now("be aborted"));
        }
        self.standing = Standing::Aborted { at };
        Ok(())
    }

    /// The session of the paypage ends without a payment.
    pub(super) fn expire(&mut self, at: Timestamp) -> Result<(), SandboxError> {
        if self.standing != Standing::Open || self.kind != PaymentKind::Paypage {
            return Err(self.not_now("expire"));
        }
        self.standing = Standing::Expired { at };
        Ok(())
    }

    /// Money comes by bank transfer. What has no paypage is paid once nothing is owed any more; a paypage
    /// does not hear of it.
    pub(super) fn receive(&mut self, cents: Cents, at: Timestamp) -> Result<(), SandboxError> {
        if cents <= Cents::ZERO {
            return Err(SandboxError::Amount(cents));
        }
        let method = self.kind.transfer_method();
        self.book(at, cents, MovementKind::Receipt, method, Way::Bank);
        self.settle(at);
        Ok(())
    }

    /// Money goes back (Rücklastschrift, chargeback): all that is there, or so much of it. The saldo rises
    /// again.
    pub(super) fn return_money(
        &mut self,
        cents: Option<Cents>,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<(), SandboxError> {
        let there = self.sums().held();
        if there <= Cents::ZERO {
            return Err(self.not_now("be returned"));
        }
        let cents = cents.unwrap_or(there);
        if cents <= Cents::ZERO || cents > there {
            return Err(SandboxError::Amount(cents));
        }
        let reason = reason.unwrap_or("MD06");
        let code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if reason.len() != 4 || !reason.bytes().all(code) {
            return Err(SandboxError::Body(
                "reason is no code such as AC04 or MD06".to_owned(),
            ));
        }
        let came =
            |movement: &&Movement| matches!(movement.kind, MovementKind::Receipt | MovementKind::Debit);
        let (method, way) = (self.movements.iter().rev().find(came))
            .map_or((String::new(), Way::Bank), |last| (last.method.clone(), last.way));
        self.book(at, cents, MovementKind::Return, &method, way);
        if let Some(last) = self.movements.last_mut() {
            // Nobody objects to a transfer: it is sent back for no reason that a code has.
            let sent_back = last.method.starts_with("UEBERWEISUNG");
            last.reason = (!sent_back).then(|| reason.to_owned());
        }
        self.settle(at);
        Ok(())
    }

    /// The authority takes the claim back: all that is left of it, or so much. Money that came stays, the
    /// saldo falls.
    pub(super) fn storno(&mut self, cents: Option<Cents>, at: Timestamp) -> Result<(), SandboxError> {
        let left = self.list.betrag.minus(self.sums().stornos);
        if left <= Cents::ZERO {
            return Err(self.not_now("be reversed once more"));
        }
        let cents = cents.unwrap_or(left);
        if cents <= Cents::ZERO || cents > left {
            return Err(SandboxError::Amount(cents));
        }
        self.book(at, cents, MovementKind::Storno, "", Way::Books);
        if cents == left && !matches!(self.standing, Standing::Paid { .. }) {
            self.standing = Standing::Canceled { at };
        } else {
            self.settle(at);
        }
        Ok(())
    }

    /// Something is claimed on top, such as the fee of a Rücklastschrift.
    pub(super) fn charge(&mut self, cents: Cents, at: Timestamp) -> Result<(), SandboxError> {
        if cents <= Cents::ZERO {
            return Err(SandboxError::Amount(cents));
        }
        self.book(at, cents, MovementKind::Charge, "", Way::Books);
        self.settle(at);
        Ok(())
    }

    /// A claim without a paypage is paid while nothing is owed, and open while something is.
    fn settle(&mut self, at: Timestamp) {
        if self.kind == PaymentKind::Paypage {
            return;
        }
        match (&self.standing, self.saldo() <= Cents::ZERO) {
            (Standing::Open, true) => {
                self.standing = Standing::Paid {
                    method: self.kind.transfer_method().to_owned(),
                    tan: String::new(),
                    at,
                    lagging_reads: 0,
                };
            }
            (Standing::Paid { .. }, false) => self.standing = Standing::Open,
            _ => {}
        }
    }

    /// What a read tells. A lagging status wears off with every read.
    pub(super) fn reading(&mut self) -> Reading {
        let lags = match &mut self.standing {
            Standing::Paid {
                lagging_reads: lag @ 1..,
                ..
            } => {
                *lag -= 1;
                true
            }
            _ => false,
        };
        let sums = if lags { Sums::default() } else { self.sums() };
        let page = match self.standing {
            _ if lags => PageStatus::Aktiv,
            Standing::Aborted { .. } if self.has(&Fault::InaktivAfterAbort) => PageStatus::Inaktiv,
            Standing::Open | Standing::Aborted { .. } => PageStatus::Aktiv,
            Standing::Paid { .. } | Standing::Expired { .. } | Standing::Canceled { .. } => {
                PageStatus::Inaktiv
            }
        };
        let by_transfer = self.kind != PaymentKind::Paypage;
        let method = match &self.standing {
            _ if by_transfer => Some(self.kind.transfer_method().to_owned()),
            Standing::Paid { method, .. } if !lags => Some(method.clone()),
            _ => None,
        };
        Reading {
            state: if lags { "open" } else { self.state() },
            page: (!by_transfer).then_some(page),
            method,
            hauptforderungen: self.list.betrag,
            zahlungseingaenge: sums.receipts,
            lastschriften: sums.debits,
            ruecklastschriften: sums.returns,
            stornos: sums.stornos,
            sonstige: sums.charges,
            saldo: (!self.has(&Fault::MissingSaldo)).then(|| sums.saldo(self.list.betrag)),
        }
    }

    /// The `kassenzeichen` object of a read through the Konnektor.
    pub(super) fn read(&mut self) -> Value {
        let reading = self.reading();
        let mut data = json!({});
        if let Some(page) = reading.page {
            data["paypagestatus"] = page.code().into();
        }
        if let Some(method) = reading.method {
            data["bezahlverfahren"] = method.into();
        }
        if let Some(saldo) = reading.saldo {
            data["saldo"] = json!(saldo);
        }
        json!({ "kassenzeichennummer": self.kassenzeichen, "zusatzdaten": data })
    }
}

/// What the sandbox tells of a payment.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentInfo {
    /// Its Kassenzeichen.
    pub kassenzeichen: String,
    /// Its Mandant.
    pub mandant: String,
    /// Its Bewirtschafter.
    pub bewirtschafter: String,
    /// The client's number for it; empty when it sent none.
    pub transaktionsnummer: String,
    /// The amount asked for.
    pub betrag: Cents,
    /// What is still owed.
    pub saldo: Cents,
    /// How it is to be paid.
    pub kind: PaymentKind,
    /// `open`, `paid`, `aborted`, `expired` or `canceled`.
    pub state: &'static str,
    /// The method it was paid with.
    pub method: Option<String>,
    /// What the client says it is for.
    pub beschreibung: String,
    /// The texts of its Buchungen.
    pub buchungstexte: Vec<String>,
    /// Who pays.
    pub payer: String,
    /// The client's number for who pays.
    pub kundennummer: String,
    /// Where the payer pays; leads nowhere useful for a payment by bank transfer.
    pub paypage: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the session of its paypage ends; none without a paypage, or without an end.
    pub session_until: Option<Timestamp>,
    /// All money that moved, in the order of booking.
    pub movements: Vec<Movement>,
    /// What goes wrong with it on request.
    pub faults: Vec<Fault>,
    /// The notifies that were sent, in order of their end.
    pub deliveries: Vec<Delivery>,
}

#[cfg(test)]
#[path = "payment_tests.rs"]
mod tests;
