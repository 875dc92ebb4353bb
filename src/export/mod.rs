//! What leaves the house as files: closings, statistics, postings for the cash system (`hkr`). Each is a pure function from
//! data of `domain` to bytes; who may have it, and where it goes, is decided elsewhere. To add one: a folder here that
//! documents its format.

pub mod closing;
pub mod hkr;
pub mod payout_orders;
pub mod sheet;
pub mod statistics;
