//! What an operator may know of a payment, found by any of its numbers.

use super::App;
use super::ports::{ReadError, Scope};
use crate::domain::case::Case;
use crate::domain::change::ProviderCall;

/// How many cases one number may lead to; ids of different portals may be the same.
const MOST_CASES: u32 = 20;

/// How many calls are shown of a case, the newest.
const MOST_CALLS: u32 = 200;

/// A case with what the provider's support asks for.
#[derive(Debug, Clone)]
pub struct Found {
    /// The case.
    pub case: Case,
    /// The provider's references, oldest first.
    pub calls: Vec<ProviderCall>,
}

impl App {
    /// The cases that a number leads to: requestId, transactionId, Kassenzeichen, Transaktionsnummer, EPaymentId, or an
    /// id of ours.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn find(&self, number: &str) -> Result<Vec<Found>, ReadError> {
        let mut found = Vec::new();
        for id in self.store.find_cases(&Scope::Program, number, MOST_CASES).await? {
            if let Some(snapshot) = self.store.case(&Scope::Program, id).await? {
                let calls = self.store.provider_calls(id, MOST_CALLS).await?;
                found.push(Found {
                    case: snapshot.case,
                    calls,
                });
            }
        }
        Ok(found)
    }
}
