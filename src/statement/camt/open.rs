//! An entry while it is read. Details are held back until it is known whether there are others beside them and what the
//! bank's words for the entry are, but never more than 1000 of them or 4 MiB: then the entry is told as far as it is
//! known, and the details follow one by one, the last one held back until the end.

use std::collections::VecDeque;
use std::io::BufRead;

use super::detail::{self, Parts};
use super::entry::{self, Basics, Batches};
use super::fees;
use super::head::Account;
use super::tree::{Raw, Tree};
use super::xml::{Fault, Trouble, Xml};
use crate::domain::money::Cents;
use crate::domain::statement::{Detail, Format, Piece};

/// How many details are held back.
const HELD: usize = 1000;
/// How many bytes of their text, all together.
const HELD_TEXT: usize = 4 << 20;

/// An entry whose end has not come yet.
pub struct OpenEntry {
    /// Its source text without its details.
    raw: Raw,
    format: Format,
    ordinal: u32,
    line: u64,
    tree: Tree,
    basics: Option<Basics>,
    batches: Batches,
    group: Option<DetailGroup>,
    part: Tree,
    /// Details, each with what its fees move.
    held: VecDeque<(Detail, Cents)>,
    held_text: usize,
    details: u32,
    told: bool,
}

/// A `NtryDtls` under way.
struct DetailGroup {
    depth: usize,
    batched: bool,
    counted: bool,
}

impl OpenEntry {
    /// Begins at the tag `Ntry`.
    pub fn new<R: BufRead>(format: Format, ordinal: u32, xml: &Xml<R>) -> Self {
        let mut raw = Raw::default();
        raw.push(xml.raw());
        Self {
            raw,
            format,
            ordinal,
            line: xml.line(),
            tree: Tree::default(),
            basics: None,
            batches: Batches::default(),
            group: None,
            part: Tree::default(),
            held: VecDeque::new(),
            held_text: 0,
            details: 0,
            told: false,
        }
    }

    /// An element in the entry begins.
    ///
    /// # Errors
    /// [`Trouble`] with the file or with the statement.
    pub fn begins<R: BufRead>(
        &mut self,
        xml: &mut Xml<R>,
        account: &Account,
        told: &mut VecDeque<Piece>,
    ) -> Result<(), Trouble> {
        let inside = self.group.is_some();
        match xml.name() {
            "NtryDtls" if !inside => {
                self.raw.push(xml.raw());
                self.group = Some(DetailGroup {
                    depth: xml.depth(),
                    batched: false,
                    counted: false,
                });
                Ok(())
            }
            "TxDtls" if inside => self.detail(xml, account, told),
            "Btch" if inside => {
                self.part.clear();
                self.part.gather(xml, &mut self.raw)?;
                let basics = self.basics(account)?;
                if let Some(batch) = self.part.root().find("Btch") {
                    self.batches.take(batch, &basics)?;
                }
                if let Some(group) = &mut self.group {
                    group.batched = true;
                }
                Ok(())
            }
            // Nothing else is known inside NtryDtls; it goes to the source text only.
            _ if inside => {
                self.part.clear();
                self.part.gather(xml, &mut self.raw)
            }
            _ => self.tree.gather(xml, &mut self.raw),
        }
    }

    /// Source text between elements. Between a million details it would leave no room for what comes after them.
    pub fn passes(&mut self, text: &[u8]) {
        if !self.told || !text.trim_ascii().is_empty() {
            self.raw.push(text);
        }
    }

    /// An element ends that began in the entry, or the entry itself; whether it was the entry.
    ///
    /// # Errors
    /// [`Trouble`] with the statement.
    pub fn ends<R: BufRead>(
        &mut self,
        xml: &Xml<R>,
        account: &Account,
        told: &mut VecDeque<Piece>,
    ) -> Result<bool, Trouble> {
        self.raw.push(xml.raw());
        if let Some(group) = &self.group
            && xml.depth() < group.depth
        {
            self.group = None;
            return Ok(false);
        }
        self.close(account, told)?;
        Ok(true)
    }

    fn detail<R: BufRead>(
        &mut self,
        xml: &mut Xml<R>,
        account: &Account,
        told: &mut VecDeque<Piece>,
    ) -> Result<(), Trouble> {
        let line = xml.line();
        let mut raw = Raw::default();
        self.part.clear();
        self.part.gather(xml, &mut raw)?;
        let basics = self.basics(account)?;
        if let Some(group) = &mut self.group
            && !group.batched
            && !group.counted
        {
            group.counted = true;
            self.batches.take_none();
        }
        let Some(ordinal) = self.details.checked_add(1) else {
            return Err(Trouble::Statement(Fault {
                line,
                reason: "the entry has more details than can be counted".to_owned(),
            }));
        };
        self.details = ordinal;
        let detail = detail::detail(&self.part, &basics, account, (ordinal, line), raw.take())?;
        let root = self.part.root();
        let fees = fees::moved(root.find("TxDtls").unwrap_or(root), &basics)?;
        self.held_text += self.part.size();
        self.held.push_back((detail, fees));
        if self.held.len() > HELD || self.held_text > HELD_TEXT || self.told {
            self.tell(told)?;
            self.tell_all_but_last(told);
        }
        Ok(())
    }

    /// Amount and direction stand before the details in every version.
    fn basics(&mut self, account: &Account) -> Result<Basics, Fault> {
        if let Some(basics) = &self.basics {
            return Ok(basics.clone());
        }
        let basics = Basics::read(&self.tree, account, self.line)?;
        self.basics = Some(basics.clone());
        Ok(basics)
    }

    /// Tells the entry, where it is not told yet.
    fn tell(&mut self, told: &mut VecDeque<Piece>) -> Result<(), Fault> {
        if self.told {
            return Ok(());
        }
        self.told = true;
        let Some(basics) = &self.basics else {
            return Ok(());
        };
        let numbers = (self.ordinal, self.line);
        let raw = self.raw.take();
        let entry = entry::entry(&self.tree, basics, self.format, numbers, self.batches.told(), raw)?;
        told.push_back(Piece::Entry(Box::new(entry)));
        Ok(())
    }

    fn tell_all_but_last(&mut self, told: &mut VecDeque<Piece>) {
        while self.held.len() > 1 {
            if let Some((mut detail, _)) = self.held.pop_front() {
                detail::settle_among_others(&mut detail);
                told.push_back(Piece::Detail(Box::new(detail)));
            }
        }
    }

    fn close(&mut self, account: &Account, told: &mut VecDeque<Piece>) -> Result<(), Fault> {
        let basics = self.basics(account)?;
        let late = self.told;
        self.tell(told)?;
        if self.details == 0 {
            let alone = detail::of_entry_alone(&basics, self.line);
            self.held.push_back((alone, Cents::ZERO));
        }
        if !late {
            let of_entry = fees::moved(self.tree.root(), &basics)?;
            fees::make_up(&mut self.held, of_entry, &basics);
        }
        self.tell_all_but_last(told);
        let Some((mut last, _)) = self.held.pop_front() else {
            return Ok(());
        };
        if self.details > 1 {
            detail::settle_among_others(&mut last);
        } else {
            let parts = match self.batches.told() {
                None => Parts::One,
                Some(batch) if batch.count == Some(1) => Parts::One,
                // A batch that tells its one detail and not how many there are has one.
                Some(batch) if batch.count.is_none() && self.details == 1 => Parts::One,
                Some(_) => Parts::Several,
            };
            detail::settle_alone(&mut last, &self.tree, &basics, parts)?;
        }
        if late {
            let mut raw = Raw::default();
            raw.push(last.raw.as_bytes());
            raw.push(self.raw.take().as_bytes());
            last.raw = raw.take();
        }
        told.push_back(Piece::Detail(Box::new(last)));
        Ok(())
    }
}
