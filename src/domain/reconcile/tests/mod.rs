//! Stories of matching, the month whose truth is known, and what holds for every input.

mod kit;
mod laws;
mod month;
mod payouts;
mod references;
mod returns;
mod statements;
mod suggestions;
mod transfers;
