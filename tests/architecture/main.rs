//! The walls of the house, held by reading the source: who may know whom (`rooms`), words that a room or everybody does
//! without (`words`), and what is in the tree of dependencies (`dependencies`).
//!
//! The source is read as Rust's tokens, so that comments and texts are not taken for code, and what macros write out is
//! seen too. A failing test names file, line and rule.

mod dependencies;
mod rooms;
mod source;
mod words;
