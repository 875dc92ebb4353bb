//! The real process: what operators start, kill and ask. Every story runs the built program as a child, on configuration
//! files in a folder of its own; ePayBL and the gateway are in the test, so that they outlive it.
//!
//! To add a story: a [`scene::Scene`] is ready with tenants and a client; `scene.serve()` starts a connector on it.

mod balancer;
mod books;
mod child;
mod commands;
mod configuration;
mod example;
mod finance;
mod finance_books;
mod hostile;
mod killed;
mod late_answer;
mod lists;
mod logs;
mod mandanten;
mod patience;
mod portal;
mod sandbox_tls;
mod scene;
mod statements;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod two;
