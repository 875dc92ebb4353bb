//! Fields to pieces: head, entries with their details, tail, and where one statement ends and the next begins.

use std::collections::VecDeque;

use super::entry::{self, Parts};
use super::fields::{Event, Field};
use super::head::Opening;
use super::lines::LIMIT;
use super::values::{amount, balance, currency_first};
use crate::domain::money::Cents;
use crate::domain::statement::{Balance, Format, Head, Piece, Place, Refusal, Tail};

/// How much of a statement waits for its closing balance.
const HELD: usize = 1024 * 1024;

/// Puts pieces together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    state: State,
    ready: VecDeque<Piece>,
    /// Bytes of entries that wait behind their head; none where nothing waits.
    held: Option<usize>,
    /// What the envelope around the next statement says.
    envelope: Option<Format>,
    /// Whether any statement began.
    begun: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Before the first statement, or between two.
    #[default]
    Between,
    /// The fields above the entries.
    Above(Box<Opening>),
    /// Entries, and what closes the statement.
    Within(Box<Within>),
    /// A statement was refused: everything is passed over until the next begins. Whether its closing balance came.
    Refused { closed: bool },
}

#[derive(Debug)]
struct Within {
    opening: Opening,
    format: Format,
    entries: u32,
    entry: Option<Parts>,
    tail: Tail,
    closed: bool,
}

impl Assembly {
    /// The next piece, where it may be told.
    pub(super) fn pop(&mut self) -> Option<Piece> {
        if self.held.is_some() {
            None
        } else {
            self.ready.pop_front()
        }
    }

    /// Takes what came; whether it was the end.
    pub(super) fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Field(field) => {
                self.field(field);
                false
            }
            Event::Opens(format) => {
                self.finish();
                self.envelope = format;
                false
            }
            Event::Closes => {
                self.finish();
                self.envelope = None;
                false
            }
            Event::Failed { line, error } => {
                let entry = self.entry_number();
                self.refuse(
                    entry,
                    line,
                    format!("the file could not be read further: {error}"),
                );
                true
            }
            Event::End => {
                self.finish();
                if !self.begun {
                    let reason =
                        "no field of a statement is in this file (such as :20: or :61:): is it an MT940?";
                    self.refuse(None, 1, reason.to_owned());
                }
                true
            }
        }
    }

    fn field(&mut self, field: Field) {
        if self.begins(&field.tag) {
            // A page closed, and the next opens without a head of its own.
            let page = match &self.state {
                State::Within(within) if !matches!(field.tag.as_str(), "20" | "25" | "25P") => {
                    Some(within.opening.next_page(field.line))
                }
                _ => None,
            };
            self.finish();
            let opening = page.unwrap_or_else(|| Opening::new(field.line, self.envelope));
            self.state = State::Above(Box::new(opening));
        }
        if matches!(self.state, State::Between) {
            if !matches!(
                field.tag.as_str(),
                "21" | "28" | "28C" | "61" | "62F" | "62M" | "34F" | "13" | "13D"
            ) {
                return;
            }
            self.state = State::Above(Box::new(Opening::new(field.line, self.envelope)));
        }
        self.begun = true;
        let (tag, line) = (field.tag.clone(), field.line);
        let entry = match tag.as_str() {
            "61" => Some(self.entry_number().unwrap_or(0) + 1),
            "86" => self.entry_number(),
            _ => None,
        };
        let result = if matches!(self.state, State::Refused { .. }) {
            Ok(())
        } else if field.long {
            Err(format!(
                "the field has more than {} KiB: this is no statement that a bank sends",
                LIMIT / 1024
            ))
        } else {
            self.read(field)
        };
        if let Err(reason) = result {
            self.refuse(entry, line, format!(":{tag}: {reason}"));
        }
        if let State::Refused { closed } = &mut self.state {
            *closed |= matches!(tag.as_str(), "62F" | "62M" | "90C" | "90D");
        }
    }

    /// Whether a field begins a statement: `:20:` always, others after a closing balance.
    fn begins(&self, tag: &str) -> bool {
        let after_closing = match &self.state {
            State::Between => true,
            State::Within(within) => within.closed,
            State::Refused { closed } => *closed,
            State::Above(_) => false,
        };
        tag == "20" || (after_closing && matches!(tag, "25" | "25P" | "60F" | "60M"))
    }

    fn read(&mut self, field: Field) -> Result<(), String> {
        let tag = field.tag.as_str();
        match &mut self.state {
            State::Above(opening) => match tag {
                "61" | "62F" | "62M" | "90C" | "90D" => {
                    let opening = *std::mem::take(opening);
                    self.open(opening, (tag != "61").then_some(tag))?;
                    self.read(field)
                }
                _ => opening.take(tag, &field.lines),
            },
            State::Within(within) => match tag {
                "61" if within.closed => Err("an entry comes after the closing balance".to_owned()),
                "61" => {
                    self.close_entry();
                    self.open_entry(field)
                }
                "86" => within.info(field),
                "NS" => within.numbered(&field),
                "62F" | "62M" | "64" | "65" | "65F" | "90C" | "90D" => {
                    self.close_entry();
                    self.close(tag, &field.lines)
                }
                "25" | "25P" | "60F" | "60M" => Err(
                    "it comes between entries: a part of the file is missing; get it from the bank anew"
                        .to_owned(),
                ),
                _ => Ok(()),
            },
            State::Between | State::Refused { .. } => Ok(()),
        }
    }

    fn open(&mut self, opening: Opening, closing: Option<&str>) -> Result<(), String> {
        let head = opening.head(closing)?;
        self.held = Some(0);
        self.state = State::Within(Box::new(Within {
            format: head.format,
            opening,
            entries: 0,
            entry: None,
            tail: Tail::default(),
            closed: false,
        }));
        self.ready.push_back(Piece::Head(Box::new(head)));
        Ok(())
    }

    fn open_entry(&mut self, field: Field) -> Result<(), String> {
        let State::Within(within) = &mut self.state else {
            return Ok(());
        };
        within.entries = within
            .entries
            .checked_add(1)
            .ok_or("the statement has too many entries")?;
        within.entry = Some(Parts {
            ordinal: within.entries,
            line: field.line,
            raw: raw(&field),
            entry: field.lines,
            info: Vec::new(),
            numbered: Vec::new(),
        });
        Ok(())
    }

    /// Reads the entry that is open, now that all of its fields came.
    fn close_entry(&mut self) {
        let State::Within(within) = &mut self.state else {
            return;
        };
        let Some(parts) = within.entry.take() else {
            return;
        };
        let (ordinal, line, size) = (parts.ordinal, parts.line, parts.raw.len());
        let currency = within.opening.currency().map(str::to_owned);
        let read = currency
            .ok_or_else(|| "the statement names no currency".to_owned())
            .and_then(|currency| entry::read(parts, within.format, &currency));
        match read {
            Ok((entry, detail)) => {
                self.ready.push_back(Piece::Entry(Box::new(entry)));
                self.ready.push_back(Piece::Detail(Box::new(detail)));
                self.held = self.held.map(|held| held + 2 * size).filter(|held| *held <= HELD);
            }
            Err(reason) => self.refuse(Some(ordinal), line, format!(":61: {reason}")),
        }
    }

    fn close(&mut self, tag: &str, lines: &[String]) -> Result<(), String> {
        let State::Within(within) = &mut self.state else {
            return Ok(());
        };
        let text = lines.first().map_or("", |line| line.trim());
        let currency = within.opening.currency();
        match tag {
            "62F" | "62M" => {
                let closing = balance(tag, text, currency)?;
                if let Some(currency) = currency
                    && currency != closing.currency
                {
                    return Err(format!(
                        "the statement is in {currency}, its closing balance in {}",
                        closing.currency
                    ));
                }
                within.closed = true;
                self.release(Some(&closing));
                self.set_closing(closing);
            }
            "90C" | "90D" => {
                let sum = sums(text)?;
                within.closed |= within.format == Format::Mt942;
                let stated = &mut within.tail.stated;
                let place = if tag == "90C" {
                    &mut stated.credits
                } else {
                    &mut stated.debits
                };
                *place = Some(sum);
                if let (Some((credits, _)), Some((debits, _))) = (stated.credits, stated.debits) {
                    stated.count = credits.checked_add(debits);
                }
            }
            // These only inform; a few banks write `Dnullnull7414,3`.
            _ => within.tail.others.extend(balance(tag, text, currency).ok()),
        }
        Ok(())
    }

    fn set_closing(&mut self, closing: Balance) {
        if let State::Within(within) = &mut self.state {
            within.tail.closing = Some(closing);
        }
    }

    /// Lets go what waited for the closing balance, and lets the head say what that tells of it.
    fn release(&mut self, closing: Option<&Balance>) {
        if self.held.take().is_none() {
            return;
        }
        let head: Option<&mut Head> = self.ready.iter_mut().rev().find_map(|piece| match piece {
            Piece::Head(head) => Some(&mut **head),
            _ => None,
        });
        if let (Some(head), Some(closing)) = (head, closing) {
            if let Some(sequence) = &mut head.sequence {
                sequence.last = Some(closing.kind == "62F");
            }
            let first = head.opening.as_ref().and_then(|opening| opening.day);
            head.period = first.zip(closing.day).filter(|(first, last)| first <= last);
        }
    }

    /// Ends the statement, if one is open.
    fn finish(&mut self) {
        self.close_entry();
        match std::mem::take(&mut self.state) {
            State::Within(within) => {
                self.release(None);
                self.ready.push_back(Piece::Tail(Box::new(within.tail)));
            }
            State::Above(opening) => {
                let reason = "the statement ends before its first entry and has no closing balance";
                self.refuse(None, opening.line, reason.to_owned());
            }
            State::Between | State::Refused { .. } => {}
        }
        self.state = State::Between;
    }

    fn refuse(&mut self, entry: Option<u32>, line: u64, reason: String) {
        self.held = None;
        self.state = State::Refused { closed: false };
        self.ready.push_back(Piece::Refused(Refusal {
            entry,
            place: Place { line },
            reason,
        }));
    }

    fn entry_number(&self) -> Option<u32> {
        match &self.state {
            State::Within(within) => Some(within.entries).filter(|entries| *entries > 0),
            _ => None,
        }
    }
}

impl Within {
    /// `:86:` of an entry; after the closing balance it is the bank's word to the whole statement, and nobody's.
    fn info(&mut self, field: Field) -> Result<(), String> {
        if let Some(parts) = self.add(&field)? {
            parts.info.extend(field.lines);
        }
        Ok(())
    }

    /// `:NS:`: lines with numbers instead of `:86:`.
    fn numbered(&mut self, field: &Field) -> Result<(), String> {
        if let Some(parts) = self.add(field)? {
            parts.numbered.extend(field.lines.iter().cloned());
        }
        Ok(())
    }

    fn add(&mut self, field: &Field) -> Result<Option<&mut Parts>, String> {
        let Some(parts) = self.entry.as_mut().filter(|_| !self.closed) else {
            return Ok(None);
        };
        let raw = raw(field);
        if parts.raw.len() + raw.len() >= LIMIT {
            return Err(format!(
                "the entry has more than {} KiB: this is none that a bank sends",
                LIMIT / 1024
            ));
        }
        parts.raw.push('\n');
        parts.raw.push_str(&raw);
        Ok(Some(parts))
    }
}

fn raw(field: &Field) -> String {
    format!(":{}:{}", field.tag, field.lines.join("\n"))
}

/// `3PLN0,03`: how many, and their sum.
fn sums(text: &str) -> Result<(u64, Cents), String> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let count = text[..end]
        .parse()
        .map_err(|_| format!("«{text}» does not begin with a number of entries"))?;
    let (_, value) = currency_first(&text[end..]);
    Ok((count, amount(value)?))
}
