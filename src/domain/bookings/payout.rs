//! A payout of a payment provider, an open item of its own on *verrechnung/<zvp>/AUSZAHLUNG*: what the bank shows of it
//! (Auszahlung, *bank an verrechnung*), what the provider kept (Disagio, *disagio an verrechnung*), and what of it is
//! nobody's yet (Klaerung, *verrechnung an verwahrung*). Its Kassenzeichen take their parts in [`arrived`](super::arrived)
//! and [`taken_back`](super::taken_back). All amounts are signed: less than nothing is booked the other way.

use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::ids::{LedgerId, Method, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::Subject;

/// The method under which payouts stand on `verrechnung`.
pub const PAYOUT: &str = "AUSZAHLUNG";

/// The open item of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutAccount {
    /// The Kasse.
    pub ledger: LedgerId,
    /// The payout.
    pub payout: PayoutId,
    /// Its open item.
    pub posten: PostenId,
    /// The payment provider.
    pub zvp: String,
    /// The year of its bookings.
    pub haushaltsjahr: i16,
}

impl PayoutAccount {
    /// Its side of a line.
    pub fn side(&self) -> Side {
        Side {
            account: Account::Verrechnung {
                zvp: self.zvp.clone(),
                method: Method::parse(PAYOUT).expect("its own text is a method"),
            },
            posten: self.posten,
        }
    }

    /// The bank shows money of it.
    pub fn shown(&self, iban: &Iban, cents: Cents) -> Option<Booking> {
        let bank = Side {
            account: Account::Bank { iban: iban.clone() },
            posten: self.posten,
        };
        self.booking(
            BookingKind::Auszahlung,
            Subject::Payout(self.payout),
            bank,
            cents,
            None,
        )
    }

    /// Where `whole` was booked before its list was there: a deposit, or an advance where money had left.
    pub fn lay(&self, posten: PostenId, whole: Cents) -> Side {
        let account = if whole.is_positive() {
            Account::Verwahrung
        } else {
            Account::Vorschuss
        };
        Side { account, posten }
    }

    /// Money of it had lain in a deposit, or stood as an advance.
    pub fn out_of(&self, lay: Side, cents: Cents) -> Option<Booking> {
        self.booking(
            BookingKind::Auszahlung,
            Subject::Payout(self.payout),
            lay,
            cents,
            None,
        )
    }

    /// The provider kept a part.
    pub fn kept(&self, haushaltsstelle: &str, cents: Cents) -> Option<Booking> {
        let disagio = Side {
            account: Account::Disagio {
                haushaltsstelle: haushaltsstelle.to_owned(),
            },
            posten: self.posten,
        };
        let subject = Subject::Payout(self.payout);
        let title = Some(haushaltsstelle.to_owned());
        self.booking(BookingKind::Disagio, subject, disagio, cents, title)
    }

    /// A part is nobody's yet: a deposit where it is more than nothing, else an advance.
    pub fn aside(&self, subject: Subject, posten: PostenId, cents: Cents) -> Option<Booking> {
        let (kind, account) = if cents.is_positive() {
            (BookingKind::Klaerung, Account::Verwahrung)
        } else {
            (BookingKind::Vorschuss, Account::Vorschuss)
        };
        self.booking(kind, subject, Side { account, posten }, -cents, None)
    }

    /// A later list takes back what lies in a deposit.
    pub fn back_from(&self, subject: Subject, deposit: PostenId, cents: Cents) -> Option<Booking> {
        let deposit = Side {
            account: Account::Verwahrung,
            posten: deposit,
        };
        self.booking(BookingKind::Ruecknahme, subject, deposit, cents, None)
    }

    /// What lay there is not ours after all: on the bank's account it is foreign again.
    pub fn released(&self, lay: Side, iban: &Iban, cents: Cents) -> Option<Booking> {
        let bank = Side {
            account: Account::Bank { iban: iban.clone() },
            posten: lay.posten,
        };
        let subject = Subject::Payout(self.payout);
        self.lines(BookingKind::Ruecknahme, subject, (lay, bank), cents, None)
    }

    /// `cents` from a side to the payout's, or back.
    fn booking(
        &self,
        kind: BookingKind,
        subject: Subject,
        from: Side,
        cents: Cents,
        title: Option<String>,
    ) -> Option<Booking> {
        self.lines(kind, subject, (from, self.side()), cents, title)
    }

    fn lines(
        &self,
        kind: BookingKind,
        subject: Subject,
        (from, to): (Side, Side),
        cents: Cents,
        haushaltsstelle: Option<String>,
    ) -> Option<Booking> {
        if cents == Cents::ZERO {
            return None;
        }
        let (debit, credit) = if cents.is_positive() {
            (from, to)
        } else {
            (to, from)
        };
        let booking = Booking {
            kind,
            ledger: self.ledger.clone(),
            subject,
            reverses: None,
            lines: vec![Line {
                debit,
                credit,
                cents: Cents::new(cents.get().abs()),
                haushaltsjahr: self.haushaltsjahr,
                haushaltsstelle,
                objektnummer: None,
                anordnung: String::new(),
            }],
        };
        Some(booking.checked())
    }
}
