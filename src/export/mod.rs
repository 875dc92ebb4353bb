//! Files for others: `hkr` writes postings for the cash system of a Kasse.
//!
//! To add a kind of export: a folder here. What goes in comes from `domain`; where it is kept and who may fetch it is
//! `app`'s.

pub mod hkr;
