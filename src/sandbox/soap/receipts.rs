//! The Zahlungseingänge of a Mandant, read once each: a list stays unread until its EPaymentId is confirmed.

use std::collections::HashMap;

use super::call::Call;
use crate::sandbox::{
    Receipt,
    codes::{self, Refusal},
};

/// How many one call lists; the next, once these are confirmed, has more.
pub(super) const MOST: usize = 500;

/// How far each Mandant has read. There are no more of them than Mandanten of the world.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Cursors(HashMap<String, Cursor>);

#[derive(Debug, Default)]
struct Cursor {
    /// The highest number that is confirmed.
    confirmed: u64,
    /// Of the last list: its EPaymentId and its highest number.
    last: Option<(String, u64)>,
}

impl Call<'_> {
    /// What is unread; `id` is that of the answer.
    pub(super) fn unread(&self, id: &str) -> Result<Vec<Receipt>, Refusal> {
        let mandant = self.mandant()?;
        let mut book = self.shared.book();
        let all = book.receipts(&self.shared.world, &mandant);
        let cursor = book.soap.cursors.0.entry(mandant).or_default();
        let unread: Vec<Receipt> = (all.into_iter())
            .filter(|receipt| receipt.number > cursor.confirmed)
            .take(MOST)
            .collect();
        let highest = unread.last().map_or(cursor.confirmed, |last| last.number);
        cursor.last = Some((id.to_owned(), highest));
        Ok(unread)
    }

    /// The last list is read.
    pub(super) fn confirm(&self) -> Result<(), Refusal> {
        let mandant = self.mandant()?;
        let id = self.text("ePaymentId").ok_or(codes::CURSOR)?;
        let mut book = self.shared.book();
        let cursor = book.soap.cursors.0.entry(mandant).or_default();
        match cursor.last.take_if(|(last, _)| *last == id) {
            Some((_, highest)) => {
                cursor.confirmed = cursor.confirmed.max(highest);
                Ok(())
            }
            None => Err(codes::CURSOR),
        }
    }
}
