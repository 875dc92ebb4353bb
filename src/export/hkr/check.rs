//! What can be wrong with a template: all of it, each with its path, before there is a file.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, date};

use super::field::{Field, Nature, Pattern};
use super::letters::allowed;
use super::settings::fits;
use super::template::{Align, Column, Encoding, Format, Kind, Records, Row, Template, TooLong, Xml};
use super::value;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `record.columns[3].width`, `parameters.berater`; lists count from 0.
    pub path: String,
    /// What, and what would be right.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() || self.path == "." {
            return f.write_str(&self.text);
        }
        write!(f, "{}: {}", self.path, self.text)
    }
}

#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn unless(&mut self, right: bool, path: impl Into<String>, text: impl Into<String>) {
        if !right {
            self.0.push(Problem {
                path: path.into(),
                text: text.into(),
            });
        }
    }
}

/// A standard with a public schema is named only by a file that was validated against it.
const NO_SCHEMA: &str = "a template may call itself XFinanz only when its files validate against the schema of XFinanz \
                         (XRepository), and no schema of it is on board; use another name, or have the cash system import \
                         neutral-xml";

pub(super) fn template(template: &Template) -> Vec<Problem> {
    let mut problems = Problems::default();
    let xml = template.xml.as_ref();
    let names = [
        ("name", Some(&template.name)),
        ("description", Some(&template.description)),
        ("xml.root", xml.map(|xml| &xml.root)),
        ("xml.namespace", xml.and_then(|xml| xml.namespace.as_ref())),
        ("xml.record", xml.map(|xml| &xml.record)),
    ];
    for (path, text) in names {
        let claims = text.is_some_and(|text| text.to_lowercase().contains("xfinanz"));
        problems.unless(!claims, path, NO_SCHEMA);
    }
    problems.unless(!template.name.trim().is_empty(), "name", "a template has a name");
    problems.unless(
        template.delimited.is_some() == (template.format == Format::Delimited),
        "delimited",
        "format = \"delimited\" needs this table, and no other format has it",
    );
    problems.unless(
        template.xml.is_some() == (template.format == Format::Xml),
        "xml",
        "format = \"xml\" needs this table, and no other format has it",
    );
    problems.unless(
        !template.byte_order_mark || template.encoding == Encoding::Utf8,
        "byte_order_mark",
        "only UTF-8 has one",
    );
    problems.unless(
        template.encoding != Encoding::Utf8 || template.format != Format::Fixed,
        "encoding",
        "a letter of UTF-8 has one to four bytes, so that columns would shift; a fixed file is windows-1252, iso-8859-1 or \
         ascii",
    );
    problems.unless(is_day_format(&template.day), "day", day_text(&template.day));
    if let Some(delimited) = &template.delimited {
        let mark = |mark: char| mark == '\t' || mark.is_ascii_punctuation();
        problems.unless(
            mark(delimited.separator),
            "delimited.separator",
            "a separator is one ASCII mark or a tab",
        );
        problems.unless(
            delimited.quote.is_ascii_punctuation() && delimited.quote != delimited.separator,
            "delimited.quote",
            "a quote is one ASCII mark, and not the separator",
        );
    }
    if let Some(xml) = xml {
        elements(xml, &mut problems);
    }
    declared(template, &mut problems);
    rows(template, &mut problems);
    problems.0
}

fn elements(xml: &Xml, problems: &mut Problems) {
    let names = [
        ("xml.root", &xml.root),
        ("xml.header", &xml.header),
        ("xml.record", &xml.record),
        ("xml.trailer", &xml.trailer),
    ];
    for (path, name) in names {
        problems.unless(
            is_element(name),
            path,
            format!("«{name}» is no name of an element"),
        );
    }
    let namespace = xml.namespace.as_deref().unwrap_or("urn:");
    problems.unless(
        !namespace.is_empty() && namespace.chars().all(|letter| letter.is_ascii_graphic()),
        "xml.namespace",
        "a namespace is an address without blanks",
    );
}

/// Parameters: what they can be, and that what is named is declared.
fn declared(template: &Template, problems: &mut Problems) {
    for (name, parameter) in &template.parameters {
        let path = format!("parameters.{name}");
        if let Kind::Day { date } = &parameter.kind {
            problems.unless(is_day_format(date), format!("{path}.date"), day_text(date));
        }
        if let Some(default) = &parameter.default
            && let Err(text) = fits(&parameter.kind, default)
        {
            problems.unless(false, format!("{path}.default"), text);
        }
    }
    if let Some(year) = &template.year {
        let parameter = template.parameters.get(&year.begins);
        problems.unless(
            parameter.is_some_and(|parameter| matches!(parameter.kind, Kind::Day { .. })),
            "year.begins",
            format!("«{}» is no parameter that is a day", year.begins),
        );
    }
    for field in template.file_name.fields() {
        problems.unless(
            !field.of_posting(),
            "file_name",
            format!("{field} is of a posting; a file has many"),
        );
        unless_declared(template, field, "file_name", problems);
    }
    problems.unless(
        template
            .file_name
            .fields()
            .any(|field| *field == Field::FileNumber),
        "file_name",
        "the name has no {file_number}; two files would have one name",
    );
}

fn unless_declared(template: &Template, field: &Field, path: &str, problems: &mut Problems) {
    if let Field::Parameter(name) = field {
        problems.unless(
            template.parameters.contains_key(name),
            path,
            format!("{field} is not declared; add [parameters.{name}]"),
        );
    }
}

fn rows(template: &Template, problems: &mut Problems) {
    let mut around = false;
    let mut marked = false;
    for (part, rows) in [("header", &template.header), ("trailer", &template.trailer)] {
        for (index, row) in rows.iter().enumerate() {
            let path = format!("{part}[{index}]");
            if row.titles {
                titles(template, row, &path, problems);
            } else {
                around = true;
                columns(template, &row.columns, false, &path, problems);
                marked |= is_marked(&row.columns);
            }
        }
    }
    columns(template, &template.record.columns, true, "record", problems);
    // A file may have no records; only where it has nothing else, they have to say it.
    marked |= !around && is_marked(&template.record.columns);
    problems.unless(
        marked,
        if around { "header" } else { "record" },
        "no column has test_mark; a file of the TEST environment must say in itself that it is one",
    );
}

fn is_marked(columns: &[Column]) -> bool {
    let mut fields = columns.iter().flat_map(fields_of);
    fields.any(|field| *field == Field::TestMark)
}

fn columns(template: &Template, columns: &[Column], in_record: bool, path: &str, problems: &mut Problems) {
    problems.unless(
        !columns.is_empty(),
        format!("{path}.columns"),
        "a row has columns",
    );
    for (index, one) in columns.iter().enumerate() {
        let place = format!("{path}.columns[{index}] («{}»)", one.name);
        column(template, one, in_record, &place, problems);
    }
}

fn titles(template: &Template, row: &Row, path: &str, problems: &mut Problems) {
    problems.unless(
        row.columns.is_empty(),
        path,
        "a row of titles has no columns of its own",
    );
    problems.unless(
        template.format == Format::Delimited,
        path,
        "only delimited files have titles",
    );
}

fn fields_of(column: &Column) -> impl Iterator<Item = &Field> {
    column
        .source
        .iter()
        .chain(column.text.iter().flat_map(Pattern::fields))
}

fn column(template: &Template, column: &Column, in_record: bool, path: &str, problems: &mut Problems) {
    let at = |part: &str| format!("{path}.{part}");
    let fills = [
        column.source.is_some(),
        column.constant.is_some(),
        column.text.is_some(),
    ];
    problems.unless(
        fills.iter().filter(|fill| **fill).count() <= 1,
        path,
        "a column has one of source, constant and text",
    );
    for field in fields_of(column) {
        problems.unless(
            in_record || !field.of_posting(),
            at("source"),
            format!("{field} is of a posting; only the record can have it"),
        );
        unless_declared(template, field, &at("source"), problems);
        let of_side = [Field::Side, Field::SignedAmount].contains(field) && column.words.is_none();
        problems.unless(
            !(of_side && *field == Field::SignedAmount && template.records == Records::Line),
            at("source"),
            "a record of both sides has no sign; set records = \"side\", or use amount",
        );
    }
    let nature = column.source.as_ref().map(Field::nature);
    let dated = matches!(nature, Some(Nature::Day | Nature::Instant));
    if let Some(format) = &column.date {
        problems.unless(
            dated,
            at("date"),
            "only a day or an instant is written by a date format",
        );
        let writes = match nature {
            Some(Nature::Instant) => is_instant_format(format),
            _ => is_part_of_day(format),
        };
        problems.unless(writes, at("date"), day_text(format));
    }
    problems.unless(
        column.decimal.is_none() || nature == Some(Nature::Amount),
        at("decimal"),
        "only an amount has decimals",
    );
    problems.unless(
        column.too_long == TooLong::Refuse
            || column.text.is_some()
            || nature.is_none_or(|nature| nature == Nature::Words),
        at("too_long"),
        "only words may be cut: a cut amount, day, code or Kassenzeichen is another one",
    );
    if let Some(set) = &column.allowed {
        problems.unless(
            !set.is_empty() && !allowed(set, '\u{0}'),
            at("allowed"),
            "name characters and ranges such as A-Z0-9/",
        );
    }
    problems.unless(
        column.longest != Some(0),
        at("longest"),
        "a column has room for something",
    );
    if let Some(by) = &column.longest_by {
        let parameter = template.parameters.get(&by.parameter);
        problems.unless(
            parameter.is_some_and(|parameter| matches!(parameter.kind, Kind::Number { .. })),
            at("longest_by"),
            format!("«{}» is no parameter that is a number", by.parameter),
        );
    }
    match template.format {
        Format::Fixed => {
            problems.unless(
                column.width.is_some_and(|width| width > 0),
                at("width"),
                "each column of a fixed file has a width",
            );
            problems.unless(
                !column.pad.is_control() && value::fits_encoding(template.encoding, column.pad),
                at("pad"),
                "the encoding does not have it",
            );
            // 12 filled to 120 is another number.
            problems.unless(
                !(column.pad.is_ascii_digit() && column.align == Align::Left),
                at("pad"),
                "digits can fill only before a value; set align = \"right\"",
            );
        }
        Format::Delimited | Format::Xml => {
            problems.unless(
                column.width.is_none(),
                at("width"),
                "only fixed files have widths; use longest",
            );
        }
    }
    problems.unless(
        template.format != Format::Xml || is_element(&column.name),
        at("name"),
        "no name of an element",
    );
    if let Some(constant) = &column.constant
        && let Err(text) = value::cell(template, &BTreeMap::new(), column, value::Cell::words(constant))
    {
        problems.unless(false, at("constant"), text);
    }
}

/// Whether a format of days writes something that tells the day within a year.
fn is_day_format(format: &str) -> bool {
    let write = |day: Date| jiff::fmt::strtime::format(format, day).ok();
    let days = [date(2026, 11, 28), date(2026, 12, 28), date(2026, 11, 29)].map(write);
    days.iter().all(Option::is_some) && days[0] != days[1] && days[0] != days[2]
}

/// Of a column, a part of a day is enough: some cash systems have the year in a column of its own.
fn is_part_of_day(format: &str) -> bool {
    !format.is_empty() && jiff::fmt::strtime::format(format, date(2026, 11, 28)).is_ok()
}

fn is_instant_format(format: &str) -> bool {
    let zoned = date(2026, 11, 28)
        .at(13, 5, 9, 7_000_000)
        .to_zoned(jiff::tz::TimeZone::UTC);
    !format.is_empty() && zoned.is_ok_and(|zoned| jiff::fmt::strtime::format(format, &zoned).is_ok())
}

fn day_text(format: &str) -> String {
    format!("«{format}» does not write a day; write it like %d.%m.%Y")
}

fn is_element(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
        && !name.to_lowercase().starts_with("xml")
}
