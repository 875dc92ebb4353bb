//! The XBezahldienste standard, versions 1.0.0, 1.1.0 and 1.2.0, as a server: reading requests, writing answers, errors.
//!
//! Pure: bytes and headers in, domain values out, and back. A handler calls, in this order,
//!
//! 1. [`dialect::said`] (POST only), which version the portal says it speaks,
//! 2. [`read::route_key`] and [`read::transaction_id`], what the path names,
//! 3. [`read::order`], the body as `(Order, Facts)`,
//! 4. a use case,
//! 5. [`answer::TransactionView`], or a [`system_response::Refusal`]: both turn themselves into a response.
//!
//! Three rules decide every doubt about tolerance. What is **booked or identifies** is strict: ids, amounts, currency,
//! the address that the browser returns to. What is **only informative** never fails a payment: it is repaired or
//! ignored and named in `Facts::warnings`. What we **write** is strict without exception: exactly the standard's
//! members, its patterns read as ASCII, because the strictest portals break on one member more.
//!
//! The published files cannot be used as they are (`\s-,` is no valid range, 1.1.0 requires members that it forbids), so
//! their rules stand here as plain character checks in [`check`] and [`clean`]. To read one more member: name it in
//! `MEMBERS` of [`read`], read it there, and add a line to the tables of its tests.

pub mod answer;
pub mod check;
pub mod clean;
#[cfg(test)]
mod conformance;
pub mod dialect;
mod members;
pub mod read;
mod requestor;
pub mod system_response;
