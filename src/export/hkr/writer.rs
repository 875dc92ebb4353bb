//! The file, posting by posting, in bounded memory.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::ToSpan;

use super::field::{Nature, Part};
use super::letters::encode;
use super::row;
use super::template::{Column, Encoding, Format, LineEnd, Records, Row, Template};
use super::value::{self, Cell, Context, Of};
use crate::domain::hkr::{Chart, Posting, Totals};
use crate::domain::time::Timestamp;

/// What a file is, fixed when it gets its number. With the template and the postings it decides every byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// The ledger's id.
    pub ledger: String,
    /// The name of the Kasse.
    pub ledger_name: String,
    /// The number of the file within the ledger, from 1; never given twice.
    pub number: u64,
    /// When it got its number.
    pub created: Timestamp,
    /// Whether the Kasse is of the TEST environment.
    pub test: bool,
    /// Whether only a preview is wanted, which Kassen of the TEST environment alone have.
    pub test_wanted: bool,
    /// What the tenant set for the template.
    pub parameters: BTreeMap<String, String>,
    /// The codes of the accounts.
    pub chart: Chart,
    /// What the postings come to.
    pub totals: Totals,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Debit,
    Credit,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many records.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Why a file was not written. What was written of it is no file.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file as a whole cannot be written.
    #[error("{0}")]
    File(String),
    /// A column of the header or the trailer cannot be filled.
    #[error("{part}, column «{column}»: {reason}")]
    Row {
        /// `header[0]`, `trailer[0]`.
        part: String,
        /// Its title.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// A posting cannot be written.
    #[error("log {position}, line {line}, column «{column}»: {reason}")]
    Posting {
        /// The place of its booking in the log.
        position: u64,
        /// The line within the booking.
        line: u32,
        /// The title of the column.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// The bytes could not be put away.
    #[error("the file could not be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes a file. Each posting is given in order of the log; nothing is a file before [`Writer::finish`].
pub struct Writer<'a, W> {
    template: &'a Template,
    file: &'a FileFacts,
    out: W,
    seen: Totals,
    last: Option<(u64, u32)>,
    records: u64,
    expected: u64,
    bytes: u64,
}

impl<'a, W: Write> Writer<'a, W> {
    /// Begins a file: checks the facts and writes the header.
    ///
    /// # Errors
    /// Where the facts do not fit the template, or the header cannot be written.
    pub fn begin(template: &'a Template, file: &'a FileFacts, out: W) -> Result<Self, WriteError> {
        demand_test(file)?;
        if let Some(problem) = template.check_parameters(&file.parameters).first() {
            return Err(WriteError::File(problem.to_string()));
        }
        if file.number == 0 {
            return Err(WriteError::File("files are numbered from 1".to_owned()));
        }
        let per_line = match template.records {
            Records::Line => 1,
            Records::Side => 2,
        };
        let mut writer = Self {
            template,
            file,
            out,
            seen: Totals::default(),
            last: None,
            records: 0,
            expected: file.totals.lines.saturating_mul(per_line),
            bytes: 0,
        };
        if template.byte_order_mark {
            writer.put(&[0xef, 0xbb, 0xbf])?;
        }
        if let Some(xml) = &template.xml {
            let encoding = match template.encoding {
                Encoding::Utf8 => "UTF-8",
                Encoding::Windows1252 => "windows-1252",
                Encoding::Iso88591 => "ISO-8859-1",
                Encoding::Ascii => "US-ASCII",
            };
            writer.line(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>"))?;
            let namespace = xml.namespace.as_deref().map_or_else(String::new, |namespace| {
                format!(" xmlns=\"{}\"", quick_xml::escape::escape(namespace))
            });
            writer.line(&format!("<{}{namespace}>", xml.root))?;
        }
        let element = template.xml.as_ref().map_or("", |xml| xml.header.as_str());
        writer.rows("header", &template.header, element)?;
        Ok(writer)
    }

    /// Writes a posting.
    ///
    /// # Errors
    /// Names the posting and the column that cannot be filled.
    pub fn post(&mut self, posting: &Posting) -> Result<(), WriteError> {
        let wrong = |column: &str, reason: String| WriteError::Posting {
            position: posting.position,
            line: posting.line,
            column: column.to_owned(),
            reason,
        };
        if !posting.cents.is_positive() {
            return Err(wrong(
                "amount",
                format!("{} is not more than nothing", posting.cents),
            ));
        }
        let place = (posting.position, posting.line);
        if self.last.is_some_and(|last| last >= place) {
            let reason =
                "it comes after a later one, or twice; postings are given in the order of the log".to_owned();
            return Err(wrong("position", reason));
        }
        self.last = Some(place);
        if let Some(begins) = self.template.year_of(&self.file.parameters) {
            let ends = begins.checked_add(1.year()).unwrap_or(jiff::civil::Date::MAX);
            if posting.buchungstag < begins || posting.buchungstag >= ends {
                let reason = format!(
                    "{} is not in the business year that begins {begins}; a file has one year",
                    posting.buchungstag
                );
                return Err(wrong("buchungstag", reason));
            }
        }
        self.seen = self
            .seen
            .with(posting)
            .ok_or_else(|| wrong("amount", "with it the sum is too large to be held".to_owned()))?;
        let sides: &[Side] = match self.template.records {
            Records::Line => &[Side::Both],
            Records::Side => &[Side::Debit, Side::Credit],
        };
        for side in sides {
            self.records += 1;
            let of = Of {
                posting,
                side: *side,
                number: self.records,
            };
            let element = self.template.xml.as_ref().map_or("", |xml| xml.record.as_str());
            let line = self
                .row(&self.template.record.columns, Some(of), element)
                .map_err(|(column, reason)| wrong(&column, reason))?;
            self.line(&line)?;
        }
        Ok(())
    }

    /// Ends the file: compares what came with what was to come, and writes the trailer.
    ///
    /// # Errors
    /// Where postings are missing or too many, or the trailer cannot be written.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        if self.seen != self.file.totals {
            let told = |totals: &Totals| format!("{} lines of {}", totals.lines, totals.sum);
            return Err(WriteError::File(format!(
                "file {} was to have {}, but got {}, or other days",
                self.file.number,
                told(&self.file.totals),
                told(&self.seen)
            )));
        }
        let template = self.template;
        let element = template.xml.as_ref().map_or("", |xml| xml.trailer.as_str());
        self.rows("trailer", &template.trailer, element)?;
        if let Some(xml) = &template.xml {
            self.line(&format!("</{}>", xml.root))?;
        }
        self.out.flush()?;
        Ok(Written {
            records: self.records,
            bytes: self.bytes,
        })
    }

    fn rows(&mut self, part: &str, rows: &[Row], element: &str) -> Result<(), WriteError> {
        for (index, row) in rows.iter().enumerate() {
            let line = if row.titles {
                self.titles()
            } else {
                self.row(&row.columns, None, element)
            };
            let line = line.map_err(|(column, reason)| WriteError::Row {
                part: format!("{part}[{index}]"),
                column,
                reason,
            })?;
            self.line(&line)?;
        }
        Ok(())
    }

    fn titles(&self) -> Result<String, (String, String)> {
        let mut cells = Vec::new();
        for column in &self.template.record.columns {
            let spelled = super::letters::spell(self.template.encoding, self.template.unknown, &column.name);
            let text = spelled.map_err(|reason| (column.name.clone(), reason))?;
            // Titles are quoted like keys where all is quoted, otherwise only where they must be.
            let nature = Nature::Number;
            let cell = Cell { nature, text };
            let format = self.template.delimited.as_ref();
            cells.push(format.map_or_else(String::new, |format| row::delimited(format, None, &cell)));
        }
        Ok(cells.join(&self.separator()))
    }

    fn separator(&self) -> String {
        let format = self.template.delimited.as_ref();
        format.map_or_else(String::new, |format| format.separator.to_string())
    }

    /// A row as text, or the column and why it cannot be filled.
    fn row(&self, columns: &[Column], of: Option<Of<'_>>, element: &str) -> Result<String, (String, String)> {
        let context = Context {
            template: self.template,
            file: self.file,
            records: self.expected,
            posting: of,
        };
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            let wrong = |reason| (column.name.clone(), reason);
            let cell = value::of_column(context, column).map_err(wrong)?;
            cells.push(match (&self.template.delimited, self.template.format) {
                (Some(format), _) => row::delimited(format, Some(column), &cell),
                (None, Format::Xml) => row::element(&column.name, &cell.text),
                (None, _) => row::fixed(column, cell).map_err(wrong)?,
            });
        }
        Ok(match self.template.format {
            Format::Xml => format!("<{element}>{}</{element}>", cells.concat()),
            Format::Delimited | Format::Fixed => cells.join(&self.separator()),
        })
    }

    fn line(&mut self, text: &str) -> Result<(), WriteError> {
        let mut bytes = Vec::with_capacity(text.len() + 2);
        for letter in text.chars() {
            encode(self.template.encoding, letter, &mut bytes)
                .ok_or_else(|| WriteError::File(format!("the encoding does not have «{letter}»")))?;
        }
        bytes.extend_from_slice(match self.template.line_end {
            LineEnd::Crlf => b"\r\n",
            LineEnd::Lf => b"\n",
        });
        self.put(&bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.out.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// No file of a test gets to a cash system by accident, and none of real money is taken for a test.
fn demand_test(file: &FileFacts) -> Result<(), WriteError> {
    let reason = match (file.test, file.test_wanted) {
        (true, false) => {
            "the Kasse is of the TEST environment: no real money moved, and nothing of it goes to a cash system; \
             `postings preview` shows what a file would be"
        }
        (false, true) => {
            "only Kassen of the TEST environment have previews; what is of real money has its number"
        }
        _ => return Ok(()),
    };
    Err(WriteError::File(reason.to_owned()))
}

/// Writes a whole file.
///
/// # Errors
/// [`WriteError`]; what was written of it is no file.
pub fn write<'p>(
    template: &Template,
    file: &FileFacts,
    postings: impl IntoIterator<Item = &'p Posting>,
    out: impl Write,
) -> Result<Written, WriteError> {
    let mut writer = Writer::begin(template, file, out)?;
    for posting in postings {
        writer.post(posting)?;
    }
    writer.finish()
}

/// The name of a file: letters, digits, `.`, `_` and `-` only. Where no real money moves it begins with `TEST-`, unless
/// the template puts the mark elsewhere.
pub fn file_name(template: &Template, file: &FileFacts) -> String {
    let mut name = String::new();
    for part in &template.file_name.0 {
        match part {
            Part::Plain(text) => name.push_str(text),
            Part::Field(field) => name.push_str(&value::of_file(template, file, field)),
        }
    }
    let marked = template
        .file_name
        .fields()
        .any(|field| *field == super::Field::TestMark);
    if file.test && !marked {
        name.insert_str(0, "TEST-");
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let safe: String = name
        .chars()
        .map(|letter| if plain(letter) { letter } else { '-' })
        .collect();
    // No hidden files.
    safe.trim_start_matches('.').to_owned()
}
