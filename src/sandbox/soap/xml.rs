//! A small tree of an XML document, within bounds: no document type, no entities, so many elements, so
//! deep. Names are local names; namespaces are kept only where the envelope needs them.

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

use super::refusal::SoapFault;
use crate::sandbox::list::Field;

/// How deep elements may be nested.
pub(super) const DEEPEST: usize = 64;
/// How many elements a message may have, those that references stand for among them.
pub(super) const MOST_ELEMENTS: usize = 20_000;
/// How many attributes an element may have.
const MOST_ATTRIBUTES: usize = 64;
/// Down to here namespaces are resolved: the envelope and its parts.
const NAMESPACES: usize = 2;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Without a prefix.
    pub(super) name: String,
    /// Of the envelope and its parts; empty below.
    pub(super) namespace: String,
    pub(super) id: Option<String>,
    pub(super) href: Option<String>,
    pub(super) must_understand: bool,
    /// `xsi:nil`: it is as if it were not there.
    pub(super) nil: bool,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

/// # Errors
/// When it is not well-formed, has a document type or an entity, or is larger than the bounds.
pub(super) fn parse(text: &str) -> Result<Node, SoapFault> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let place = reader.error_position();
                return Err(malformed(&format!("{error} (at byte {place})")));
            }
        };
        match event {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let letter = reference
                    .resolve_char_ref()
                    .map_err(|error| malformed(&error.to_string()))?;
                match letter {
                    Some(letter) => tree.text(letter.encode_utf8(&mut [0; 4]))?,
                    None => tree.text(resolve_predefined_entity(&reference).ok_or_else(entities)?)?,
                }
            }
            Event::DocType(_) => return Err(entities()),
            Event::Decl(_) if !tree.is_untouched() => {
                return Err(malformed("an XML declaration inside the document"));
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

fn malformed(why: &str) -> SoapFault {
    SoapFault::client(&format!("the message is not well-formed XML: {why}"))
}

fn entities() -> SoapFault {
    SoapFault::client("DOCTYPE and ENTITY are not allowed in a SOAP message, and are not read")
}

/// The tree while it grows.
#[derive(Default)]
struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
    elements: usize,
    /// Declarations of the elements that are open: their depth, prefix and namespace.
    declared: Vec<(usize, String, String)>,
}

impl Tree {
    fn is_untouched(&self) -> bool {
        self.open.is_empty() && self.root.is_none()
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), SoapFault> {
        if self.root.is_some() {
            return Err(malformed("a second element behind the document's"));
        }
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            let text = format!("the message has more than {MOST_ELEMENTS} elements");
            return Err(SoapFault::client(&text));
        }
        let depth = self.open.len();
        if depth >= DEEPEST {
            let text = format!("the message is nested deeper than {DEEPEST} elements");
            return Err(SoapFault::client(&text));
        }
        let (local, prefix) = start.name().decompose();
        let mut node = Node {
            name: local.into_inner().to_owned(),
            ..Node::default()
        };
        for (place, attribute) in start.attributes().with_checks(false).enumerate() {
            if place == MOST_ATTRIBUTES {
                let text = format!("<{}> has more than {MOST_ATTRIBUTES} attributes", node.name);
                return Err(SoapFault::client(&text));
            }
            let attribute = attribute.map_err(|error| malformed(&error.to_string()))?;
            self.attribute(&mut node, depth, attribute.key.into_inner(), &attribute.value);
        }
        if depth < NAMESPACES {
            let prefix = prefix.map_or("", |prefix| prefix.into_inner());
            node.namespace = self.namespace(prefix);
        }
        self.open.push(node);
        Ok(())
    }

    fn attribute(&mut self, node: &mut Node, depth: usize, key: &str, value: &str) {
        let yes = || matches!(value.trim(), "1" | "true");
        match key.split_once(':') {
            None if key == "xmlns" && depth < NAMESPACES => {
                self.declared
                    .push((depth, String::new(), value.trim().to_owned()));
            }
            Some(("xmlns", prefix)) if depth < NAMESPACES => {
                self.declared
                    .push((depth, prefix.to_owned(), value.trim().to_owned()));
            }
            None if key == "id" => node.id = Some(value.trim().to_owned()),
            None if key == "href" => node.href = Some(value.trim().to_owned()),
            Some((_, "nil" | "null")) => node.nil |= yes(),
            Some((_, "mustUnderstand")) => node.must_understand |= yes(),
            _ => {}
        }
    }

    fn namespace(&self, prefix: &str) -> String {
        (self.declared.iter().rev())
            .find(|(_, declared, _)| declared == prefix)
            .map_or_else(String::new, |(_, _, namespace)| namespace.clone())
    }

    fn close(&mut self) -> Result<(), SoapFault> {
        let node = (self.open.pop()).ok_or_else(|| malformed("an end without a beginning"))?;
        let depth = self.open.len();
        self.declared.retain(|(declared, _, _)| *declared < depth);
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), SoapFault> {
        let allowed = |letter: char| letter >= ' ' || "\t\n\r".contains(letter);
        if !text.chars().all(allowed) {
            return Err(malformed("a control character"));
        }
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(malformed("text outside of the document's element")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Node, SoapFault> {
        if let Some(node) = self.open.last() {
            return Err(malformed(&format!("<{}> is not closed", node.name)));
        }
        self.root.ok_or_else(|| malformed("there is no element"))
    }
}

/// Whether two names are the same but for the case of the first letter: both `eShopKundenNr` and
/// `EShopKundenNr` are written for the same parameter.
fn same(one: &str, other: &str) -> bool {
    let mut letters = (one.chars(), other.chars());
    let first = (letters.0.next(), letters.1.next());
    matches!(first, (Some(one), Some(other)) if one.eq_ignore_ascii_case(&other))
        && letters.0.as_str() == letters.1.as_str()
}

impl Node {
    /// A copy without what is below it.
    pub(super) fn shallow(&self) -> Self {
        Self {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            id: self.id.clone(),
            href: self.href.clone(),
            must_understand: self.must_understand,
            nil: self.nil,
            text: self.text.clone(),
            children: Vec::new(),
        }
    }

    /// The first child of this name that is not nil.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find(|node| !node.nil && same(&node.name, name))
    }

    /// The text of a child. White space around it and an empty text are as if it were absent.
    pub(super) fn field(&self, name: &str) -> Field {
        self.child(name).map_or(Field::Absent, Self::own)
    }

    fn own(&self) -> Field {
        if !self.children.is_empty() {
            return Field::Unreadable;
        }
        match self.text.trim() {
            "" => Field::Absent,
            text => Field::Text(text.to_owned()),
        }
    }

    /// The same as a text or nothing.
    pub(super) fn text_of(&self, name: &str) -> Option<String> {
        self.field(name).text().map(str::to_owned)
    }

    /// The entries of an array of records, whatever its form: repeated, as `item`, in a list of the same or
    /// of another name, or in a list in a list.
    pub(super) fn records<'a>(&'a self, name: &'a str) -> Vec<&'a Self> {
        let mut entries = Vec::new();
        for node in self.named(name) {
            node.spread(&mut entries, |node| {
                node.children.iter().any(|child| child.children.is_empty())
            });
        }
        entries
    }

    /// The entries of an array of texts, whatever its form.
    pub(super) fn texts(&self, name: &str) -> Vec<Field> {
        let mut entries = Vec::new();
        for node in self.named(name) {
            node.spread(&mut entries, |node| node.children.is_empty());
        }
        entries
            .into_iter()
            .map(Self::own)
            .filter(|field| *field != Field::Absent)
            .collect()
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        (self.children.iter()).filter(move |node| !node.nil && same(&node.name, name))
    }

    /// Itself, when it is an entry or carries text, and what its children are otherwise. An empty array has no
    /// entry; an empty place in one is an entry.
    fn spread<'a>(&'a self, entries: &mut Vec<&'a Self>, is_entry: impl Fn(&Self) -> bool + Copy) {
        if !self.children.is_empty() && !is_entry(self) {
            for child in self.children.iter().filter(|child| !child.nil) {
                if child.children.is_empty() {
                    entries.push(child);
                } else {
                    child.spread(entries, is_entry);
                }
            }
        } else if !self.children.is_empty() || !self.text.trim().is_empty() {
            entries.push(self);
        }
    }
}
