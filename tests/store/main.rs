//! The store, on every database that is there: a fresh SQLite file, and a fresh schema of the PostgreSQL that
//! `TEST_DATABASE_URL` names. Every story runs on each.
//!
//! To add a story: a function in the module of its subject, with [`kit::on_each`].

mod kit;

mod bad_rows;
mod batches;
mod cases;
mod cursor;
mod deliveries;
mod leases;
mod log;
mod postings;
mod privacy;
mod providers;
mod receipts;
mod writer;
