//! The program. It only hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    epaybl_connector::cli::main()
}
