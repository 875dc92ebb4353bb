//! Writes the files that follow from the program's own tables:
//!
//! ```text
//! cargo run --example generate              # writes them
//! cargo run --example generate -- --check   # writes nothing; exit code 1 where one is not current
//! ```
//!
//! `cargo test` checks the same. To add a file: a function that gives its text, and a line in [`FILES`].

mod reference;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where a file is, and what gives its text.
type File = (&'static str, fn() -> String);

/// Each generated file, and what is in it.
const FILES: &[File] = &[
    ("docs/openapi.json", openapi),
    ("docs/reference.md", reference::text),
];

/// The document of `/api/v1`.
fn openapi() -> String {
    let document = epaybl_connector::http::api::document();
    document.to_pretty_json().expect("the document becomes JSON") + "\n"
}

fn place(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The files whose text is another than the program's tables give.
fn not_current() -> Vec<&'static str> {
    let stale = |(file, text): &File| {
        let there = std::fs::read_to_string(place(file)).unwrap_or_default();
        (there != text()).then_some(*file)
    };
    FILES.iter().filter_map(stale).collect()
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for developers")]
fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let stale = not_current();
    for (file, text) in FILES.iter().filter(|(file, _)| stale.contains(file)) {
        if check {
            eprintln!("{file} is not current: cargo run --example generate");
        } else if let Err(error) = std::fs::write(place(file), text()) {
            eprintln!("{file} cannot be written: {error}");
            return ExitCode::FAILURE;
        } else {
            println!("{file} is written");
        }
    }
    if check && !stale.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_files_are_current() {
        let stale = super::not_current();
        assert!(stale.is_empty(), "{stale:?}: cargo run --example generate");
    }
}
