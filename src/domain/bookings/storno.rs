//! Storno: a booking is reversed by its mirror image. It names what it reverses; the store refuses a second one.

use crate::domain::booking::{Booking, BookingKind, Line};

/// Why a booking cannot be reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StornoError {
    /// A Storno is not reversed; what it reversed is booked anew.
    #[error("a Storno is not reversed; book anew what it reversed")]
    OfStorno,
}

/// The mirror image of the booking at `position` of its ledger's log.
///
/// # Errors
/// A Storno itself is not reversed.
pub fn storno(position: u64, booking: &Booking) -> Result<Booking, StornoError> {
    if booking.kind == BookingKind::Storno {
        return Err(StornoError::OfStorno);
    }
    let lines = booking
        .lines
        .iter()
        .map(|line| Line {
            debit: line.credit.clone(),
            credit: line.debit.clone(),
            ..line.clone()
        })
        .collect();
    Ok(Booking {
        kind: BookingKind::Storno,
        reverses: Some(position),
        lines,
        ..booking.clone()
    }
    .checked())
}
