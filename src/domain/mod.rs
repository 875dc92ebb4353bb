//! The rules, free of I/O: no async, no clock, no randomness, no database, no HTTP. Time and ids are passed in; a
//! decision returns a Change or a typed refusal.

pub mod booking;
pub mod bookings;
pub mod calendar;
pub mod case;
pub mod change;
pub mod closing;
pub mod decide;
pub mod event;
pub mod exception;
pub mod girocode;
pub mod hkr;
pub mod ids;
pub mod lifetime;
pub mod log;
pub mod mandant;
pub mod merkle;
pub mod money;
pub mod order;
pub mod plan;
pub mod pool;
pub mod proof;
pub mod receipt;
pub mod reconcile;
pub mod record;
pub mod resolution;
pub mod retry;
pub mod settlement;
pub mod statement;
pub mod statistics;
pub mod subject;
pub mod tenant;
pub mod tenants;
pub mod time;
pub mod told;
