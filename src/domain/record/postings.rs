//! Records of files for the cash system: made, withdrawn. What a file holds is beside the log; its digest is in it.

use jiff::civil::Date;

use super::bytes::{Decoder, Encoder, parsed};
use super::closings::number;
use super::{Body, DecodeError};
use crate::domain::money::Cents;

/// A file of bookings got its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingFile {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// The place of the log from which on its new lines come.
    pub from: u64,
    /// The place before which they end; the next file goes on here.
    pub to: u64,
    /// By which rule (`provider`, `connector`) the Kasse chose when it was made.
    pub postings: String,
    /// The name of its template.
    pub template: String,
    /// SHA-256 over the template's text.
    pub template_digest: [u8; 32],
    /// How the file is called.
    pub name: String,
    /// What it is, such as `text/csv; charset=utf-8`.
    pub media_type: String,
    /// How many lines of bookings it has.
    pub lines: u64,
    /// Their sum.
    pub sum: Cents,
    /// The first Buchungstag.
    pub first: Date,
    /// The last.
    pub last: Date,
    /// SHA-256 over its bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size: u64,
    /// SHA-256 over which lines of which bookings are in it.
    pub lines_digest: [u8; 32],
    /// Who made it: the id of a client, or the program.
    pub person: String,
}

/// Lines of a file count no longer; why is personal. They go out again in a file to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingWithdrawn {
    /// The number of the file.
    pub number: u64,
    /// How many lines.
    pub lines: u64,
    /// SHA-256 over which.
    pub lines_digest: [u8; 32],
    /// Who: the id of a client.
    pub person: String,
}

impl Encoder {
    pub(super) fn posting_file(&mut self, file: &PostingFile) {
        for count in [file.number, file.from, file.to] {
            self.number(number(count));
        }
        self.text(&file.postings);
        self.text(&file.template);
        self.bytes(&file.template_digest);
        self.text(&file.name);
        self.text(&file.media_type);
        self.number(number(file.lines));
        self.number(file.sum.get());
        self.text(&file.first.to_string());
        self.text(&file.last.to_string());
        self.bytes(&file.digest);
        self.number(number(file.size));
        self.bytes(&file.lines_digest);
        self.text(&file.person);
    }

    pub(super) fn posting_withdrawn(&mut self, withdrawn: &PostingWithdrawn) {
        self.number(number(withdrawn.number));
        self.number(number(withdrawn.lines));
        self.bytes(&withdrawn.lines_digest);
        self.text(&withdrawn.person);
    }
}

impl Decoder<'_> {
    /// The body of a record about a file for the cash system; none where the kind is another.
    pub(super) fn posting(&mut self, kind: &str) -> Result<Option<Body>, DecodeError> {
        let body = match kind {
            "posting_file" => Body::PostingFile(PostingFile {
                number: self.count("file")?,
                from: self.count("from")?,
                to: self.count("to")?,
                postings: self.text("postings")?,
                template: self.text("template")?,
                template_digest: parsed("template digest", self.bytes("template digest")?.try_into())?,
                name: self.text("name")?,
                media_type: self.text("media type")?,
                lines: self.count("lines")?,
                sum: Cents::new(self.number("sum")?),
                first: self.day("first day")?,
                last: self.day("last day")?,
                digest: parsed("digest", self.bytes("digest")?.try_into())?,
                size: self.count("size")?,
                lines_digest: parsed("lines digest", self.bytes("lines digest")?.try_into())?,
                person: self.text("person")?,
            }),
            "posting_withdrawn" => Body::PostingWithdrawn(PostingWithdrawn {
                number: self.count("file")?,
                lines: self.count("lines")?,
                lines_digest: parsed("lines digest", self.bytes("lines digest")?.try_into())?,
                person: self.text("person")?,
            }),
            _ => return Ok(None),
        };
        Ok(Some(body))
    }
}
