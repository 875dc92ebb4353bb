//! The bank of the sandbox: the account of each Bewirtschafter, what is booked on it and when, and the
//! statement of each day in the formats that German banks give out.
//!
//! - `iban` – account numbers; `days` – bank days
//! - `entries` – from the movements of the payments to the entries of a day, and to statements
//! - `settlement` – what payment service providers pay out
//! - `transfer` – money that payers send by themselves, and where it belongs
//! - `camt`, `mt940` – a statement as a file; `serve` – the addresses of all this
//!
//! Nothing is stored twice: a statement is worked out from the movements, and a day that is over can change no
//! more. So the same story has the same bytes.

mod camt;
mod days;
mod entries;
mod iban;
mod mt940;
mod serve;
mod settlement;
mod transfer;

#[cfg(test)]
mod tests;

use serde::Deserialize;

pub(super) use self::{
    days::{berlin, day_of},
    serve::router,
    transfer::Stray,
};
pub use self::{serve::StatementFormat, transfer::Transferred};
use super::{Cents, SandboxError, world::World};

/// The account of a Bewirtschafter at the sandbox's bank. Several may share one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// In upper case, without blanks.
    pub iban: String,
    /// Of the bank.
    #[serde(default = "usual_bic")]
    pub bic: String,
    /// Whose account it is; without one the name of the Bewirtschafter.
    #[serde(default)]
    pub holder: String,
    /// What is on it before anything happens.
    #[serde(default)]
    pub opening: Cents,
    /// What the bank takes for a Rücklastschrift.
    #[serde(default = "usual_return_fee")]
    pub return_fee: Cents,
}

fn usual_bic() -> String {
    "SANDDEFFXXX".to_owned()
}

const fn usual_return_fee() -> Cents {
    Cents::new(300)
}

fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().take(6).all(|byte| byte.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl World {
    /// The bank account of each account, by place; where the world names none, one is made from its place.
    pub(super) fn banks(&self) -> Result<Vec<BankAccount>, SandboxError> {
        let banks: Vec<BankAccount> = (self.accounts.iter().enumerate())
            .map(|(place, account)| {
                let mut bank = account.bank.clone().unwrap_or_else(|| BankAccount {
                    iban: iban::of_place(place),
                    bic: usual_bic(),
                    holder: String::new(),
                    opening: Cents::ZERO,
                    return_fee: usual_return_fee(),
                });
                if bank.holder.is_empty() {
                    bank.holder.clone_from(&account.name);
                }
                bank
            })
            .collect();
        if banks.is_empty() {
            return Err(SandboxError::World("it has no [[accounts]]".to_owned()));
        }
        for (place, bank) in banks.iter().enumerate() {
            let wrong = |what: String| Err(SandboxError::World(what));
            if !iban::is_valid(&bank.iban) {
                return wrong(format!(
                    "accounts[{place}].bank.iban {} is no IBAN with right check digits, in upper case without blanks",
                    bank.iban
                ));
            }
            if !is_bic(&bank.bic) {
                return wrong(format!("accounts[{place}].bank.bic {} is no BIC", bank.bic));
            }
            if bank.return_fee < Cents::ZERO {
                return wrong(format!(
                    "accounts[{place}].bank.return_fee {} is below zero",
                    bank.return_fee
                ));
            }
            let same = banks[..place].iter().find(|other| other.iban == bank.iban);
            if same.is_some_and(|other| (&other.bic, other.opening) != (&bank.bic, bank.opening)) {
                return wrong(format!(
                    "accounts[{place}].bank shares IBAN {} with another account, but has another bic or opening",
                    bank.iban
                ));
            }
        }
        Ok(banks)
    }
}

/// An amount with a comma and without a sign for thousands: `-1234,50`.
fn comma(amount: Cents) -> String {
    amount.to_string().replace('.', ",")
}

/// A field of a CSV file: quoted where it must be; what a spreadsheet would take for a formula is kept a text.
fn csv_text(text: &str) -> String {
    let clean: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let clean = if clean.starts_with(['=', '+', '-', '@']) {
        format!("'{clean}")
    } else {
        clean
    };
    if clean.contains([';', '"']) {
        format!("\"{}\"", clean.replace('"', "\"\""))
    } else {
        clean
    }
}
