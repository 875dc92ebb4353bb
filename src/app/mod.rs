//! Use cases: read a snapshot, call `domain`, commit the Change, and do what needs the outside.

pub mod ports;
