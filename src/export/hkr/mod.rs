//! Postings as files for the cash system (HKR), by a template: CSV, fixed width or XML, in the columns that the cash
//! system wants.
//!
//! The same template, facts and postings give the same bytes, always: a file is fetched again as it was. There is no
//! template for a vendor in the program but the [`ready`] ones; a Kasse brings its own as data. To add a column's
//! content, give [`Field`] a variant and `value` its text; to add a ready template, a file in `templates/hkr`.

mod check;
mod field;
mod files;
mod letters;
mod row;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub use self::check::Problem;
pub use self::field::Field;
pub use self::files::{Files, problems};
pub use self::template::{Template, TemplateError};
pub use self::writer::{FileFacts, WriteError, Writer, Written, file_name, write};

/// The names of the templates that come with the program.
pub const READY: [&str; 3] = ["neutral-csv", "neutral-xml", "datev-extf"];

/// The text of a template that comes with the program; none where there is none of that name.
pub fn ready(name: &str) -> Option<&'static str> {
    match name {
        "neutral-csv" => Some(include_str!("../../../templates/hkr/neutral-csv.toml")),
        "neutral-xml" => Some(include_str!("../../../templates/hkr/neutral-xml.toml")),
        "datev-extf" => Some(include_str!("../../../templates/hkr/datev-extf.toml")),
        _ => None,
    }
}
