//! Cells become a row: quoted, padded, or wrapped in elements.

use super::field::Nature;
use super::template::{Align, Column, Delimited, Quoted};
use super::value::Cell;

/// Pads a cell to the width of its column; a sign stays before zeros.
///
/// # Errors
/// Where it is wider than its column.
pub(super) fn fixed(column: &Column, cell: Cell) -> Result<String, String> {
    let Some(width) = column.width.map(usize::from) else {
        return Ok(cell.text);
    };
    let length = cell.text.chars().count();
    let Some(missing) = width.checked_sub(length) else {
        return Err(format!(
            "«{}» has {length} characters; the column has {width}",
            cell.text
        ));
    };
    let pad: String = std::iter::repeat_n(column.pad, missing).collect();
    Ok(match column.align {
        Align::Left => format!("{}{pad}", cell.text),
        Align::Right => match cell.text.strip_prefix('-').filter(|_| column.pad == '0') {
            Some(digits) if cell.nature == Nature::Amount => format!("-{pad}{digits}"),
            _ => format!("{pad}{}", cell.text),
        },
    })
}

/// A cell of a delimited file, in quotes where it needs them or is to have them.
pub(super) fn delimited(format: &Delimited, column: Option<&Column>, cell: &Cell) -> String {
    let Delimited { separator, quote, .. } = *format;
    let text = &cell.text;
    // Blanks at an end, too: some readers trim what is not quoted.
    let needed = text.contains([separator, quote, '\n', '\r', '"']) || text.trim() != text;
    let wanted = match column.and_then(|column| column.quoted) {
        Some(wanted) => wanted,
        None => match format.quoted {
            Quoted::Needed => false,
            Quoted::Words => matches!(cell.nature, Nature::Words | Nature::Key),
            Quoted::All => true,
        },
    };
    if needed || wanted {
        let doubled = text.replace(quote, &format!("{quote}{quote}"));
        format!("{quote}{doubled}{quote}")
    } else {
        text.clone()
    }
}

/// An element with its text; nothing where there is none.
pub(super) fn element(name: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<{name}>{}</{name}>", quick_xml::escape::escape(text))
}
