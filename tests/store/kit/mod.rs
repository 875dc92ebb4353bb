//! What the stories and the benchmark need: databases that go away by themselves, a small town whose payments are
//! decided by the real domain, and an engine that fails when it is told to.
#![allow(dead_code, unused_imports, reason = "the benchmark uses a part of it")]
#![allow(
    clippy::disallowed_types,
    reason = "stories look into tables that they name themselves"
)]

#[path = "../../support/mod.rs"]
mod support;

pub mod db;
pub mod faulty;
pub mod town;

pub use db::{Db, on_each};
pub use faulty::{Fault, Faulty};
pub use town::Town;
