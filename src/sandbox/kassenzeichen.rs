//! Kassenzeichen: those of an account's pool, and why one of the client's own cannot be used again.

use super::{
    codes::{self, Refusal},
    list::{self, Buchungsliste},
    payment::{Payment, Standing},
    shared::Shared,
};

impl Shared {
    /// The number of the pool, 13 digits; the last is a check digit where the account has one.
    pub(super) fn kassenzeichen(&self, account: usize, number: u64) -> String {
        let prefix = &self.prefixes[account];
        if !self.world.accounts[account].check_digit {
            return format!("{prefix}{number:0width$}", width = 13 - prefix.len());
        }
        let digits = format!("{prefix}{number:0width$}", width = 12 - prefix.len());
        let check = list::check_digit(&digits).unwrap_or_default();
        format!("{digits}{check}")
    }

    /// Why a Kassenzeichen of the client's own that is there already cannot be used for this list. The
    /// Kunde is compared where it lives on between payments; the methods likewise.
    pub(super) fn why_not_again(&self, there: &Payment, account: usize, list: &Buchungsliste) -> Refusal {
        let (old, new) = (self.account(there), &self.world.accounts[account]);
        let lasting = there.list.lasting && list.lasting;
        if old.mandant != new.mandant {
            codes::OTHER_MANDANT
        } else if old.bewirtschafter != new.bewirtschafter {
            codes::OTHER_BEWIRTSCHAFTER
        } else if lasting && there.list.kundennummer != list.kundennummer {
            codes::OTHER_KUNDE
        } else if lasting && there.list.methods != list.methods {
            codes::OTHER_ZAHLVERFAHREN
        } else if there.standing == Standing::Open {
            codes::KASSENZEICHEN_OPEN
        } else {
            codes::KASSENZEICHEN_USED
        }
    }
}
