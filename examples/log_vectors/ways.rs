//! What came with more ways to resolve exceptions.

use epaybl_connector::domain::booking::{Booking, BookingKind};
use epaybl_connector::domain::exception::ExceptionCode;
use epaybl_connector::domain::ids::{ExceptionId, PostenId};
use epaybl_connector::domain::log::Draft;
use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::record::{Body, ExceptionOpened};
use epaybl_connector::domain::subject::Subject;

use super::{booking, bookings, plain, resolved, uuid};

/// What came with more ways to resolve: the kinds of booking, a part of a deposit, and a resolution that is taken back.
pub fn of_ways() -> Vec<Draft> {
    let mut drafts = bookings(&[
        BookingKind::Umbuchung,
        BookingKind::Ausbuchung,
        BookingKind::Weiterleitung,
        BookingKind::Auskehrung,
    ]);
    let part = Subject::Posten(PostenId(uuid(0x42)));
    drafts.push(plain(Body::Booking(Booking {
        subject: part,
        ..booking(BookingKind::Erstattung)
    })));
    drafts.push(plain(Body::Exception(ExceptionOpened {
        id: ExceptionId(uuid(0x52)),
        code: ExceptionCode::Part,
        subject: part,
        cents: Some(Cents::new(2000)),
    })));
    for state in ["back", "undone"] {
        let back = resolved("aufteilung", "20.00 + 21.50", state);
        drafts.push(plain(Body::Resolution(back)));
    }
    drafts
}
