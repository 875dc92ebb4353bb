//! Money that somebody sends to an account by himself. What names a Kassenzeichen of that account in its
//! Verwendungszweck is booked there; all else stays on the account, and belongs to nobody.

use jiff::Timestamp;
use serde::Serialize;

use crate::sandbox::{
    Cents, SandboxError,
    shared::{Book, Shared},
};

/// How long a Verwendungszweck may be (SEPA).
const PURPOSE: usize = 140;
/// How long a name may be (SEPA).
const NAME: usize = 70;

/// Money on an account that no payment of this sandbox has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Stray {
    /// That of a movement.
    pub(in crate::sandbox) number: u64,
    pub(in crate::sandbox) at: Timestamp,
    /// The account in the world that it came to; of several with the same IBAN the first.
    pub(in crate::sandbox) account: usize,
    pub(in crate::sandbox) amount: Cents,
    pub(in crate::sandbox) purpose: String,
    pub(in crate::sandbox) payer: String,
    /// Of another procedure of the same Mandant: ePayBL lists it, but no client here has asked for it.
    pub(in crate::sandbox) kassenzeichen: Option<String>,
}

/// Where a transfer went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transferred {
    /// The number of its movement.
    pub number: u64,
    /// The payment it was booked on; none when it belongs to nobody.
    pub kassenzeichen: Option<String>,
}

/// At most so many characters, no control characters among them.
fn clean(text: &str, longest: usize) -> String {
    let printed = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    printed.take(longest).collect::<String>().trim().to_owned()
}

impl Book {
    /// The first place with this IBAN.
    pub(in crate::sandbox) fn place_of_iban(&self, iban: &str) -> Result<usize, SandboxError> {
        let place = self.banks.iter().position(|bank| bank.iban == iban);
        place.ok_or_else(|| SandboxError::UnknownIban(iban.to_owned()))
    }

    /// A transfer arrives on the account.
    pub(in crate::sandbox) fn transfer(
        &mut self,
        iban: &str,
        amount: Cents,
        purpose: &str,
        payer: Option<&str>,
        now: Timestamp,
    ) -> Result<Transferred, SandboxError> {
        let account = self.place_of_iban(iban)?;
        if amount <= Cents::ZERO {
            return Err(SandboxError::Amount(amount));
        }
        let purpose = clean(purpose, PURPOSE);
        let payer = payer
            .map(|payer| clean(payer, NAME))
            .filter(|payer| !payer.is_empty());
        let of_this_account = |book: &mut Self, kassenzeichen: &str| {
            let place = book.payment(kassenzeichen).ok()?.account;
            (book.banks[place].iban == iban).then(|| kassenzeichen.to_owned())
        };
        let named = purpose
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .find_map(|word| of_this_account(self, word));
        let number = match &named {
            Some(kassenzeichen) => {
                let ((), number) = self.change(kassenzeichen, |payment| {
                    payment.receive(amount, now)?;
                    if let Some(last) = payment.movements.last_mut() {
                        last.purpose.clone_from(&purpose);
                        last.payer = payer.unwrap_or_else(|| payment.list.payer.clone());
                    }
                    Ok(())
                })?;
                number
            }
            None => {
                let payer = payer.unwrap_or_else(|| "Unbekannt".to_owned());
                self.stray(account, amount, purpose, payer, None, now)
            }
        };
        Ok(Transferred {
            number,
            kassenzeichen: named,
        })
    }

    /// Money for another procedure's Kassenzeichen arrives on the account.
    pub(in crate::sandbox) fn foreign_receipt(
        &mut self,
        iban: &str,
        amount: Cents,
        kassenzeichen: &str,
        now: Timestamp,
    ) -> Result<Transferred, SandboxError> {
        let account = self.place_of_iban(iban)?;
        if amount <= Cents::ZERO {
            return Err(SandboxError::Amount(amount));
        }
        let letters = kassenzeichen.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !(2..=30).contains(&kassenzeichen.len()) || !letters || self.payment(kassenzeichen).is_ok() {
            return Err(SandboxError::NotForeign(clean(kassenzeichen, 30)));
        }
        let purpose = format!("{kassenzeichen} FREMDES VERFAHREN");
        let payer = "Andere Person".to_owned();
        let number = self.stray(
            account,
            amount,
            purpose,
            payer,
            Some(kassenzeichen.to_owned()),
            now,
        );
        Ok(Transferred {
            number,
            kassenzeichen: None,
        })
    }

    fn stray(
        &mut self,
        account: usize,
        amount: Cents,
        purpose: String,
        payer: String,
        kassenzeichen: Option<String>,
        at: Timestamp,
    ) -> u64 {
        let number = self.next_number();
        self.strays.push(Stray {
            number,
            at,
            account,
            amount,
            purpose,
            payer,
            kassenzeichen,
        });
        number
    }
}

impl Shared {
    /// A transfer arrives on an account of the bank.
    pub(in crate::sandbox) fn transfer(
        &self,
        iban: &str,
        amount: Cents,
        purpose: &str,
        payer: Option<&str>,
    ) -> Result<Transferred, SandboxError> {
        let now = self.now();
        let done = self.book().transfer(iban, amount, purpose, payer, now)?;
        self.touch();
        Ok(done)
    }

    /// Money for another procedure's Kassenzeichen arrives.
    pub(in crate::sandbox) fn foreign_receipt(
        &self,
        iban: &str,
        amount: Cents,
        kassenzeichen: &str,
    ) -> Result<Transferred, SandboxError> {
        let now = self.now();
        let done = self.book().foreign_receipt(iban, amount, kassenzeichen, now)?;
        self.touch();
        Ok(done)
    }

    /// A transfer to the account of a payment: what is owed, with the Kassenzeichen in the Verwendungszweck,
    /// unless asked otherwise.
    pub(in crate::sandbox) fn transfer_for(
        &self,
        kassenzeichen: &str,
        amount: Option<Cents>,
        purpose: Option<&str>,
        payer: Option<&str>,
    ) -> Result<Transferred, SandboxError> {
        let (iban, owed) = {
            let mut book = self.book();
            let payment = book.payment(kassenzeichen)?;
            let (account, owed) = (payment.account, payment.saldo());
            (book.banks[account].iban.clone(), owed)
        };
        self.transfer(
            &iban,
            amount.unwrap_or(owed),
            purpose.unwrap_or(kassenzeichen),
            payer,
        )
    }
}
