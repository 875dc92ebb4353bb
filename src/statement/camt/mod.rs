//! camt.053, camt.052 and camt.054 (ISO 20022) in every version from .001.02 on, as banks really write them.
//!
//! | file | what lives there |
//! |---|---|
//! | `source` | bytes to characters: encodings, line numbers |
//! | `xml` | characters to tokens: what XML may do here |
//! | `tree` | tokens to a small tree that is asked by path |
//! | `fields`, `head`, `entry`, `detail`, `fees` | trees to [`Piece`]s |
//! | `open` | an entry while it is read: which details it holds back, and what they leave to it |
//!
//! The versions differ in where a field stands, and banks mix the shapes. So no code asks for the version: each field
//! has a list of paths, and the first one that is there counts. A new version, or a bank with a habit of its own, is
//! one more path in such a list.
//!
//! Memory is bounded whatever the file: a statement's head, an entry and a detail are 1 MiB of text each at most (see
//! `tree`), a token is 1 MiB (`source`), and an entry holds back at most 1000 details (`open`).

use std::collections::VecDeque;
use std::io::BufRead;

mod detail;
mod entry;
mod fees;
mod fields;
mod head;
mod open;
mod source;
#[cfg(test)]
mod tests;
mod tree;
mod xml;

use head::{Account, Group};
use open::OpenEntry;
use tree::{Raw, Tree};
use xml::{Fault, Token, Trouble, Xml};

use crate::domain::statement::{Format, Piece, Place, Refusal};

/// Tells the statements of a camt file, piece by piece.
///
/// What is wrong is told as [`Piece::Refused`]. After the refusal of a statement the next one of the file is read; a
/// file that is no camt, is no well-formed XML (a DOCTYPE counts as such), or cannot be read, ends with one refusal.
///
/// The bank's words for an entry (`AddtlNtryInf`) stand after its details in the file. An entry with up to 1000
/// details, or 4 MiB of them, waits for its words. Of a larger one they cannot be waited for: the source
/// text after its details is then at the end of the last detail's `raw`, as far as it fits.
pub struct Reader<R: BufRead> {
    xml: Xml<R>,
    told: VecDeque<Piece>,
    message: Option<Message>,
    statement: Option<Box<Statement>>,
    statements: u64,
    over: bool,
}

/// A message (`BkToCstmrStmt` and its siblings) under way.
struct Message {
    kind: &'static Kind,
    version: Option<String>,
    group: Group,
}

/// A statement under way.
struct Statement {
    /// How deep its element lies.
    depth: usize,
    line: u64,
    /// All in it that is no entry.
    tree: Tree,
    /// Set when the head is told.
    account: Option<Account>,
    entries: u32,
    entry: Option<OpenEntry>,
}

/// A kind of message.
struct Kind {
    format: Format,
    root: &'static str,
    statement: &'static str,
    namespace: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        format: Format::Camt053,
        root: "BkToCstmrStmt",
        statement: "Stmt",
        namespace: "camt.053",
    },
    Kind {
        format: Format::Camt052,
        root: "BkToCstmrAcctRpt",
        statement: "Rpt",
        namespace: "camt.052",
    },
    Kind {
        format: Format::Camt054,
        root: "BkToCstmrDbtCdtNtfctn",
        statement: "Ntfctn",
        namespace: "camt.054",
    },
];

/// What of a statement is read besides its entries.
const HEAD: &[&str] = &[
    "Id",
    "StmtPgntn",
    "RptPgntn",
    "NtfctnPgntn",
    "ElctrncSeqNb",
    "LglSeqNb",
    "CreDtTm",
    "FrToDt",
    "Acct",
    "Bal",
    "TxsSummry",
];

impl<R: BufRead> Reader<R> {
    /// Reads from the input, which may be in UTF-8, UTF-16 or an encoding that its XML declaration names.
    pub fn new(input: R) -> Self {
        Self {
            xml: Xml::new(input),
            told: VecDeque::new(),
            message: None,
            statement: None,
            statements: 0,
            over: false,
        }
    }

    fn step(&mut self) -> Result<(), Trouble> {
        match self.xml.next()? {
            Token::Start => self.begins(),
            Token::End => self.ends(),
            Token::Text => {
                if let Some(entry) = self.statement.as_mut().and_then(|open| open.entry.as_mut()) {
                    entry.passes(self.xml.raw());
                }
                Ok(())
            }
            Token::Over => {
                self.over = true;
                if self.statements > 0 {
                    return Ok(());
                }
                let reason =
                    "this is no camt.052, camt.053 or camt.054 message, or one without a statement in it";
                Err(Trouble::File(Fault {
                    line: self.xml.line(),
                    reason: reason.to_owned(),
                }))
            }
        }
    }

    fn begins(&mut self) -> Result<(), Trouble> {
        let depth = self.xml.depth();
        let Some(message) = &mut self.message else {
            let kind = KINDS.iter().find(|kind| kind.root == self.xml.name());
            self.message = kind.map(|kind| Message {
                kind,
                version: self.xml.version(kind.namespace),
                group: Group::default(),
            });
            return Ok(());
        };
        if let Some(statement) = &mut self.statement {
            return statement.begins(&mut self.xml, message, &mut self.told);
        }
        if self.xml.name() == message.kind.statement {
            self.statements += 1;
            self.statement = Some(Box::new(Statement {
                depth,
                line: self.xml.line(),
                tree: Tree::default(),
                account: None,
                entries: 0,
                entry: None,
            }));
            return Ok(());
        }
        if self.xml.name() == "GrpHdr" {
            let mut tree = Tree::default();
            tree.gather(&mut self.xml, &mut Raw::default())?;
            message.group = Group::read(&tree);
            return Ok(());
        }
        self.xml.leave(depth)
    }

    /// Everything inside the containers is read whole where it begins, so an end is the end of the innermost one.
    fn ends(&mut self) -> Result<(), Trouble> {
        if let (Some(statement), Some(message)) = (&mut self.statement, &self.message) {
            if statement.ends(&self.xml, message, &mut self.told)? {
                self.statement = None;
            }
        } else if self.message.as_ref().is_some() {
            self.message = None;
        }
        Ok(())
    }

    /// Tells the refusal and goes to where reading can go on.
    fn refuse(&mut self, trouble: Trouble) {
        let statement = self.statement.take();
        let entry = statement
            .as_ref()
            .and_then(|open| open.entry.as_ref().map(|_| open.entries));
        let (fault, goes_on) = match trouble {
            Trouble::File(fault) => (fault, false),
            Trouble::Statement(fault) => (fault, true),
        };
        self.told.push_back(Piece::Refused(Refusal {
            entry,
            place: Place { line: fault.line },
            reason: fault.reason,
        }));
        match statement {
            Some(statement) if goes_on => {
                if let Err(trouble) = self.xml.leave(statement.depth) {
                    self.refuse(trouble);
                }
            }
            _ => self.over = true,
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.told.pop_front() {
                return Some(piece);
            }
            if self.over {
                return None;
            }
            if let Err(trouble) = self.step() {
                self.refuse(trouble);
            }
        }
    }
}

impl Statement {
    fn begins<R: BufRead>(
        &mut self,
        xml: &mut Xml<R>,
        message: &Message,
        told: &mut VecDeque<Piece>,
    ) -> Result<(), Trouble> {
        if let (Some(entry), Some(account)) = (&mut self.entry, &self.account) {
            return entry.begins(xml, account, told);
        }
        match xml.name() {
            "Ntry" => {
                self.open(message, told)?;
                let Some(ordinal) = self.entries.checked_add(1) else {
                    return Err(Trouble::Statement(Fault {
                        line: xml.line(),
                        reason: "the statement has more entries than can be counted".to_owned(),
                    }));
                };
                self.entries = ordinal;
                self.entry = Some(OpenEntry::new(message.kind.format, ordinal, xml));
                Ok(())
            }
            name if HEAD.contains(&name) => self.tree.gather(xml, &mut Raw::default()),
            _ => xml.leave(xml.depth()),
        }
    }

    /// Whether the statement ended.
    fn ends<R: BufRead>(
        &mut self,
        xml: &Xml<R>,
        message: &Message,
        told: &mut VecDeque<Piece>,
    ) -> Result<bool, Trouble> {
        if let (Some(entry), Some(account)) = (&mut self.entry, &self.account) {
            if entry.ends(xml, account, told)? {
                self.entry = None;
            }
            return Ok(false);
        }
        let account = self.open(message, told)?;
        let tail = head::tail(&self.tree, &account)?;
        told.push_back(Piece::Tail(Box::new(tail)));
        Ok(true)
    }

    /// Tells the head, where it is not told yet.
    fn open(&mut self, message: &Message, told: &mut VecDeque<Piece>) -> Result<Account, Fault> {
        if let Some(account) = &self.account {
            return Ok(account.clone());
        }
        let form = (message.kind.format, message.version.clone());
        let (head, account) = head::head(&self.tree, &message.group, form, self.line)?;
        told.push_back(Piece::Head(Box::new(head)));
        self.account = Some(account.clone());
        Ok(account)
    }
}
