//! The program. It only hands over to the command line.
fn main() {}
