//! A small part of a message as a tree: the head of a statement, an entry without its details, one detail. The rest of
//! the reader asks it by path (`RmtInf/Strd/CdtrRefInf/Ref`), so that every version's shape can be tried in turn.

use std::io::BufRead;
use std::ops::Range;

use super::xml::{Fault, Token, Trouble, Xml};

/// The longest text of all elements of one tree, in bytes.
const TEXT: usize = 1 << 20;
/// The most elements of one tree.
const NODES: usize = 50_000;
/// How much of the source text is kept, in bytes.
const RAW: usize = 64 << 10;

/// Elements that nothing here asks for and that can be long.
const UNREAD: &[&str] = &[
    "SplmtryData",
    "RfrdDocInf",
    "RfrdDocAmt",
    "TaxRmt",
    "GrnshmtRmt",
    "RltdRmtInf",
    "CardTx",
    "Intrst",
];

/// Elements in the order of the file; the first is a root around them all.
pub struct Tree {
    text: String,
    nodes: Vec<Node>,
}

struct Node {
    name: Range<usize>,
    currency: Range<usize>,
    value: Range<usize>,
    line: u64,
    /// The index after the last node inside this one.
    end: usize,
}

/// Source text as it stands in the file, cut at 64 KiB.
#[derive(Default)]
pub struct Raw(Vec<u8>);

impl Raw {
    /// Appends as much as fits.
    pub fn push(&mut self, token: &[u8]) {
        let room = RAW.saturating_sub(self.0.len());
        self.0.extend_from_slice(&token[..token.len().min(room)]);
    }

    /// The text, and nothing is left here. A character that the cut went through is left out.
    pub fn take(&mut self) -> String {
        let mut bytes = std::mem::take(&mut self.0);
        if let Err(error) = std::str::from_utf8(&bytes) {
            bytes.truncate(error.valid_up_to());
        }
        String::from_utf8(bytes).unwrap_or_default()
    }
}

impl Default for Tree {
    fn default() -> Self {
        let mut tree = Self {
            text: String::new(),
            nodes: Vec::new(),
        };
        tree.clear();
        tree
    }
}

impl Tree {
    /// Forgets everything, for the next part of the message.
    pub fn clear(&mut self) {
        self.text.clear();
        self.nodes.clear();
        self.nodes.push(Node {
            name: 0..0,
            currency: 0..0,
            value: 0..0,
            line: 0,
            end: 1,
        });
    }

    /// How many bytes of text it holds, names of elements included.
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// What is around all elements.
    pub fn root(&self) -> At<'_> {
        At { tree: self, index: 0 }
    }

    /// Reads the element that just began, and all in it, as the next child of the root. Its source text goes to `raw`.
    ///
    /// # Errors
    /// [`Trouble`], also where it is larger than any bank writes it.
    pub fn gather<R: BufRead>(&mut self, xml: &mut Xml<R>, raw: &mut Raw) -> Result<(), Trouble> {
        let around = xml.depth() - 1;
        raw.push(xml.raw());
        let mut open = vec![self.begin(xml)?];
        while let Some(&current) = open.last() {
            let token = xml.next()?;
            raw.push(xml.raw());
            match token {
                Token::Start if UNREAD.contains(&xml.name()) => {
                    let depth = xml.depth();
                    while xml.depth() >= depth {
                        xml.next()?;
                        raw.push(xml.raw());
                    }
                }
                Token::Start => open.push(self.begin(xml)?),
                Token::Text => {
                    let leaf = current + 1 == self.nodes.len();
                    if leaf && !xml.text().is_empty() {
                        self.text.push_str(xml.text());
                        self.nodes[current].value.end = self.text.len();
                        self.guard(xml)?;
                    }
                }
                Token::End => {
                    self.nodes[current].end = self.nodes.len();
                    open.pop();
                }
                Token::Over => break,
            }
        }
        debug_assert_eq!(xml.depth(), around, "an element ends where it began");
        self.nodes[0].end = self.nodes.len();
        Ok(())
    }

    fn begin<R: BufRead>(&mut self, xml: &Xml<R>) -> Result<usize, Trouble> {
        let start = self.text.len();
        self.text.push_str(xml.name());
        let named = self.text.len();
        self.text.push_str(xml.currency());
        let end = self.text.len();
        self.nodes.push(Node {
            name: start..named,
            currency: named..end,
            value: end..end,
            line: xml.line(),
            end: self.nodes.len() + 1,
        });
        self.guard(xml)?;
        Ok(self.nodes.len() - 1)
    }

    fn guard<R: BufRead>(&self, xml: &Xml<R>) -> Result<(), Trouble> {
        if self.text.len() <= TEXT && self.nodes.len() <= NODES {
            return Ok(());
        }
        Err(Trouble::Statement(Fault {
            line: xml.line(),
            reason: "an entry, a detail or the head of the statement is larger than 1 MiB of text or 50000 elements"
                .to_owned(),
        }))
    }
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub struct At<'a> {
    tree: &'a Tree,
    index: usize,
}

impl<'a> At<'a> {
    fn node(self) -> &'a Node {
        &self.tree.nodes[self.index]
    }

    fn children(self) -> impl Iterator<Item = At<'a>> {
        let (tree, end) = (self.tree, self.node().end);
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let index = next;
            (index < end).then(|| {
                next = tree.nodes[index].end;
                At { tree, index }
            })
        })
    }

    fn is(self, name: &str) -> bool {
        self.name() == name
    }

    /// Its local name.
    pub fn name(self) -> &'a str {
        &self.tree.text[self.node().name.clone()]
    }

    /// All elements inside it, one level down.
    pub fn parts(self) -> impl Iterator<Item = At<'a>> {
        self.children()
    }

    /// The first element on this path, also where an earlier branch of the path leads nowhere.
    pub fn find(self, path: &str) -> Option<At<'a>> {
        match path.split_once('/') {
            None => self.children().find(|child| child.is(path)),
            Some((first, rest)) => self
                .children()
                .filter(|child| child.is(first))
                .find_map(|child| child.find(rest)),
        }
    }

    /// Every element on this path, in the order of the file.
    pub fn all(self, path: &str) -> Vec<At<'a>> {
        path.split('/').fold(vec![self], |level, name| {
            level
                .into_iter()
                .flat_map(|at| at.children().filter(move |child| child.is(name)))
                .collect()
        })
    }

    /// The first of these paths at which there is text.
    pub fn first(self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| self.find(path)?.text())
    }

    /// The first of these paths at which there is a reference and not a filler such as `NOTPROVIDED`.
    pub fn reference(self, paths: &[&str]) -> Option<String> {
        paths
            .iter()
            .find_map(|path| self.find(path)?.text().filter(|text| !filler(text)))
    }

    /// The first of these paths at which there is a name and not a filler such as `NOTPROVIDED`.
    pub fn called(self, paths: &[&str]) -> Option<String> {
        paths
            .iter()
            .find_map(|path| self.find(path)?.text().filter(|text| !fills_a_name(text)))
    }

    /// Its text exactly as written; empty where it holds elements.
    pub fn value(self) -> &'a str {
        let node = self.node();
        if node.end > self.index + 1 {
            return "";
        }
        &self.tree.text[node.value.clone()]
    }

    /// Its text without blanks around it, where there is any.
    pub fn text(self) -> Option<String> {
        let text = self.value().trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Its attribute `Ccy`, where it has one.
    pub fn currency(self) -> Option<&'a str> {
        let text = &self.tree.text[self.node().currency.clone()];
        (!text.is_empty()).then_some(text)
    }

    /// A fault at this element.
    pub fn fault(self, reason: String) -> Fault {
        Fault {
            line: self.node().line,
            reason,
        }
    }
}

/// Fillers that nobody is called and that no reference is.
const FILLERS: &[&str] = &[
    "KEINEINFORMATIONVORHANDEN",
    "NICHTANGEGEBEN",
    "NOTAPPLICABLE",
    "NOTAVAIL",
    "NOTAVAILABLE",
    "NOTPROVIDED",
];
/// Fillers of references. People are called Na and None, so that these fill no name.
const FILLERS_OF_REFERENCES: &[&str] = &[
    "NA",
    "NONE",
    "NONREF",
    "NOREF",
    "NOREFERENCE",
    "NULL",
    "UNKNOWN",
    "UNBEKANNT",
];

/// Whether a text only fills the place of a reference that nobody gave (`NOTPROVIDED`, `NONREF`, `0000`).
pub fn filler(text: &str) -> bool {
    let Some(bare) = bare(text) else {
        return false;
    };
    bare.chars().all(|character| character == '0')
        || FILLERS.contains(&bare.as_str())
        || FILLERS_OF_REFERENCES.contains(&bare.as_str())
}

fn fills_a_name(text: &str) -> bool {
    bare(text).is_some_and(|bare| bare.is_empty() || FILLERS.contains(&bare.as_str()))
}

/// The letters and digits in capitals. Every filler is short; a longer text is none and is not looked through.
fn bare(text: &str) -> Option<String> {
    if text.len() > 35 {
        return None;
    }
    let kept = text.chars().filter(|character| character.is_alphanumeric());
    Some(kept.flat_map(char::to_uppercase).collect())
}
