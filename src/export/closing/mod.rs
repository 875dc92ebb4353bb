//! A closing as documents: JSON for programs, CSV tables for spreadsheets, a German report for paper and archive.
//!
//! All are pure: the same closing gives the same bytes, at any time and on any machine. To add a document: a file here;
//! to change a word or a paragraph of law: `wording`.

mod csv;
mod documents;
mod json;
mod report;
mod wording;

pub use csv::{CsvTable, csv};
pub use documents::Documents;
pub use json::{FORMAT, ReadError, digest, json, read};
pub use report::{ReportError, pdf};
pub use wording::{UnknownText, Wording};

#[cfg(test)]
mod tests;
