//! The ePayBL connector: payments between portals, ePayBL and municipal case systems.
//!
//! `docs/ARCHITECTURE.md` draws the whole house; each room's module docs say what lives there.

pub mod app;
pub mod boot;
pub mod cli;
pub mod config;
pub mod domain;
pub mod export;
pub mod http;
pub mod notify;
pub mod provider;
pub mod receiver;
pub mod sandbox;
pub mod stage;
pub mod statement;
pub mod store;
pub mod system;
pub mod worker;
