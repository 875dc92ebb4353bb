//! A call on its way: its parameters, who calls, and the account that it is about.

use std::sync::Arc;

use super::xml::Node;
use crate::sandbox::{
    codes::{self, Refusal},
    server::Connection,
    shared::Shared,
    world::{Account, NoAccount},
};

/// One call.
pub(super) struct Call<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) connection: &'a Connection,
    pub(super) parameters: &'a Node,
}

impl Call<'_> {
    /// A text among the parameters.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.parameters.text_of(name)
    }

    /// The Mandant: it exists, and the certificate is good for one of its accounts.
    pub(super) fn mandant(&self) -> Result<String, Refusal> {
        self.certificate()?;
        let mandant = self.text("mandantNr").ok_or(codes::MANDANT_MISSING)?;
        if self.accounts_of(&mandant).next().is_none() {
            return Err(codes::MANDANT_UNKNOWN);
        }
        let let_in = self.accounts_of(&mandant).any(|account| self.is_let_in(account));
        if let_in {
            Ok(mandant)
        } else {
            Err(codes::CERTIFICATE_FOREIGN)
        }
    }

    /// The place of the account of this Bewirtschafter; the certificate is good for it.
    pub(super) fn account(&self, bewirtschafter: String) -> Result<usize, Refusal> {
        let mandant = self.mandant()?;
        let place = (self.shared.world.find(&mandant, &bewirtschafter)).map_err(|none| match none {
            NoAccount::UnknownMandant => codes::MANDANT_UNKNOWN,
            NoAccount::OfAnotherMandant => codes::BEWIRTSCHAFTER_FOREIGN,
            NoAccount::UnknownBewirtschafter => codes::BEWIRTSCHAFTER_UNKNOWN,
        })?;
        if self.is_let_in(&self.shared.world.accounts[place]) {
            Ok(place)
        } else {
            Err(codes::CERTIFICATE_FOREIGN)
        }
    }

    pub(super) fn bewirtschafter(&self) -> Result<String, Refusal> {
        self.text("bewirtschafterNr").ok_or(codes::BEWIRTSCHAFTER_MISSING)
    }

    /// The account whose shapes the answer has: that of the Bewirtschafter where one is named, or else the
    /// Mandant's first.
    pub(super) fn profile(&self) -> Option<&Account> {
        let mandant = self.text("mandantNr")?;
        let bewirtschafter = self.text("bewirtschafterNr").or_else(|| {
            self.parameters
                .child("buchungsListe")?
                .text_of("bewirtschafterNr")
        });
        let of = |account: &&Account| account.mandant == mandant;
        let named = |account: &&Account| Some(&account.bewirtschafter) == bewirtschafter.as_ref();
        let accounts = || self.shared.world.accounts.iter().filter(of);
        accounts().find(named).or_else(|| accounts().next())
    }

    fn accounts_of<'a>(&'a self, mandant: &'a str) -> impl Iterator<Item = &'a Account> {
        (self.shared.world.accounts.iter()).filter(move |account| account.mandant == mandant)
    }

    fn certificate(&self) -> Result<(), Refusal> {
        if self.shared.tls.is_some() && self.connection.certificate.is_none() {
            return Err(codes::CERTIFICATE_MISSING);
        }
        Ok(())
    }

    fn is_let_in(&self, account: &Account) -> bool {
        (self.connection.certificate.as_ref())
            .is_none_or(|own| account.certificates.is_empty() || account.certificates.contains(own))
    }
}
