//! The rules, free of I/O: no async, no clock, no randomness, no database, no HTTP. Time and ids are passed in; a
//! decision returns a Change or a typed refusal.

pub mod ids;
pub mod money;
pub mod order;
pub mod plan;
pub mod tenant;
pub mod tenants;
pub mod time;
pub mod told;
