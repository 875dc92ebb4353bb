//! Lines to fields: what opens a field, what goes on with it, and where a statement's envelope begins and ends.
//!
//! Only tags that statements have open a field. Text wraps in the middle of anything, so a line may begin with what
//! looks like a tag (`:26:37` of a time that was cut): in a text, an unknown tag is text.

use std::collections::VecDeque;
use std::io::BufRead;

use super::lines::{LIMIT, Line, Lines};
use crate::domain::statement::Format;

/// Every tag that is read, or known well enough to be passed over. One more: add it here, and give it its meaning in
/// `assemble`.
const TAGS: &[&str] = &[
    "13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F", "62M", "64", "65",
    "65F", "86", "90C", "90D", "NS",
];

/// A tag and its text.
#[derive(Debug)]
pub(super) struct Field {
    /// Without colons.
    pub tag: String,
    /// The line of the tag, without it, and those that go on with it.
    pub lines: Vec<String>,
    /// Where the tag stands.
    pub line: u64,
    /// Whether it had more than [`LIMIT`] bytes and was cut.
    pub long: bool,
    size: usize,
    /// A line `-` came, which ends the statement or is text: the next tag tells. How many lines were before it, and
    /// whether they were too long.
    dash: Option<(usize, bool)>,
}

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum Event {
    /// A field.
    Field(Field),
    /// A SWIFT envelope opens; what its block 2 says of the format.
    Opens(Option<Format>),
    /// A statement ends: a line `-`, or the envelope closes.
    Closes,
    /// Reading failed.
    Failed { line: u64, error: String },
    /// The file ends.
    End,
}

/// Reads fields.
#[derive(Debug)]
pub(super) struct Fields<R> {
    lines: Lines<R>,
    field: Option<Field>,
    ready: VecDeque<Event>,
    /// A closing balance, or the sums of an interim report, came: no entry can follow.
    closed: bool,
    /// A line that holds nothing but the colon of the tag in the next one.
    colon: bool,
    /// Whether the first tag of the file has blanks before it: then any may.
    indented: Option<bool>,
    last_line: u64,
    ended: bool,
}

impl<R: BufRead> Fields<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
            field: None,
            ready: VecDeque::new(),
            closed: false,
            colon: false,
            indented: None,
            last_line: 0,
            ended: false,
        }
    }

    /// The next event; after the end, the end again.
    pub(super) fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event;
            }
            if self.ended {
                return Event::End;
            }
            match self.lines.next() {
                Ok(Some(line)) => {
                    self.last_line = line.number;
                    self.take(line);
                }
                Ok(None) => {
                    self.close(None);
                    self.ended = true;
                }
                Err(error) => {
                    self.close(None);
                    self.ready.push_back(Event::Failed {
                        line: self.last_line + 1,
                        error: error.to_string(),
                    });
                    self.ended = true;
                }
            }
        }
    }

    fn take(&mut self, mut line: Line) {
        let bare = line.text.trim();
        if bare == ":" && !self.colon {
            self.colon = true;
            return;
        }
        if std::mem::take(&mut self.colon) {
            line.text.insert(0, ':');
        }
        let bare = line.text.trim();
        if let Some(rest) = bare.strip_prefix("-}") {
            self.close(None);
            self.stop();
            if rest.contains("{1:") || rest.contains("{4:") {
                self.open_envelope(rest, &line);
            }
        } else if is_envelope(bare) {
            self.close(None);
            self.open_envelope(bare, &line);
        } else if bare == "-" || bare.starts_with("-+@") {
            // `-+@446@` is the border between two answers in a log of home banking (FinTS).
            match &mut self.field {
                Some(field) => {
                    field.dash.get_or_insert((field.lines.len(), field.long));
                    field.push(&line);
                }
                None => self.stop(),
            }
        } else if let Some((tag, rest)) = self.tag_of(&line.text) {
            let (tag, rest) = (tag.to_owned(), rest.to_owned());
            self.indented.get_or_insert(!line.text.starts_with(':'));
            self.close(Some(&tag));
            let mut field = Field {
                tag,
                lines: Vec::new(),
                line: line.number,
                long: false,
                size: 0,
                dash: None,
            };
            line.text = rest;
            field.push(&line);
            self.field = Some(field);
        } else if let Some(field) = &mut self.field {
            field.push(&line);
        }
    }

    /// The tag that opens a field in this line, and what follows it.
    fn tag_of<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let (tag, rest) = text.trim_start().strip_prefix(':')?.split_once(':')?;
        let in_text = self
            .field
            .as_ref()
            .filter(|field| field.tag == "86" && field.dash.is_none());
        let known = TAGS.contains(&tag);
        match in_text {
            Some(_) if !known => None,
            Some(_) if self.indented == Some(false) && !text.starts_with(':') => None,
            Some(field) if !self.closed && is_time(field.last_line(), tag, rest) => None,
            _ if known => Some((tag, rest)),
            // Others outside of a text (`:940:` of Rabobank) are fields that nobody reads.
            _ => {
                let shape =
                    (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
                (shape && tag.bytes().any(|byte| byte.is_ascii_digit())).then_some((tag, rest))
            }
        }
    }

    /// Hands over the field that was open; the next tag, where there is one, says whether a line `-` was its text.
    fn close(&mut self, next: Option<&str>) {
        let Some(mut field) = self.field.take() else {
            return;
        };
        match field.tag.as_str() {
            "62F" | "62M" | "90C" | "90D" => self.closed = true,
            "20" | "25" | "25P" | "60F" | "60M" => self.closed = false,
            _ => {}
        }
        let goes_on = !self.closed && matches!(next, Some("61" | "86" | "62F" | "62M"));
        let ends = field.dash.filter(|_| !goes_on);
        if let Some((lines, long)) = ends {
            field.lines.truncate(lines);
            field.long = long;
        }
        self.ready.push_back(Event::Field(field));
        if ends.is_some() {
            self.stop();
        }
    }

    fn stop(&mut self) {
        self.closed = false;
        self.ready.push_back(Event::Closes);
    }

    fn open_envelope(&mut self, text: &str, line: &Line) {
        // Each block may stand in a line of its own; blocks 1 and 2 are before a statement, 3 says nothing of it.
        let block = text.split_once("{2:").map(|(_, block)| block);
        if block.is_some() || text.contains("{1:") {
            self.closed = false;
            self.ready
                .push_back(Event::Opens(match block.and_then(|block| block.get(1..4)) {
                    Some("940") => Some(Format::Mt940),
                    Some("942") => Some(Format::Mt942),
                    _ => None,
                }));
        }
        // Some write the first field into the line that opens block 4.
        if let Some((_, rest)) = text.split_once("{4:")
            && rest.starts_with(':')
        {
            self.take(Line {
                text: rest.to_owned(),
                number: line.number,
                long: line.long,
            });
        }
    }
}

impl Field {
    fn last_line(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }

    fn push(&mut self, line: &Line) {
        if self.size + line.text.len() > LIMIT || line.long {
            self.long = true;
            return;
        }
        self.size += line.text.len() + 1;
        self.lines.push(line.text.clone());
    }
}

/// The blocks around a SWIFT message.
fn is_envelope(text: &str) -> bool {
    ["{1:", "{2:", "{3:", "{4:", "{5:"]
        .iter()
        .any(|block| text.starts_with(block))
}

/// Whether `:20:15` goes on with a time of day that the line before began (`…T10`).
fn is_time(before: &str, tag: &str, rest: &str) -> bool {
    let two_digits =
        |text: &str| text.len() >= 2 && text.bytes().rev().take(2).all(|byte| byte.is_ascii_digit());
    let minute = tag.len() == 2 && tag.parse::<u8>().is_ok_and(|minute| minute < 60);
    let mut seconds = rest.bytes();
    let digits = seconds.by_ref().take(2).filter(u8::is_ascii_digit).count();
    minute
        && two_digits(before)
        && digits == 2
        && seconds.next().is_none_or(|byte| !byte.is_ascii_alphanumeric())
}
