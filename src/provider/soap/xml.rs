//! The tolerant, bounded reader of XML: a tree of local names and texts. Prefixes, namespaces and `xsi:type` are not
//! looked at, because servers disagree about them; names match whatever their case; `href` leads to its `multiRef`.
//!
//! Bounds: the body's length is the client's matter; here depth, number of elements, and steps along `href`. What is
//! broken is an error that says what, never a guess and never a panic.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How deep elements may stand in each other.
const DEEPEST: usize = 64;

/// How many elements an answer may have.
pub(super) const MOST_ELEMENTS: usize = 20_000;

/// How many elements a list of receipts may have: some 50 000 receipts.
pub(super) const MOST_IN_LIST: usize = 300_000;

/// How many steps along `href` are followed; a circle ends here.
const MOST_STEPS: usize = 8;

/// How many elements a search looks at.
const MOST_LOOKS: usize = 5_000;

/// A read document.
#[derive(Debug)]
pub(super) struct Document {
    elements: Vec<Node>,
    ids: HashMap<String, usize>,
    /// How many elements it may have.
    most: usize,
}

#[derive(Debug, Default)]
struct Node {
    name: String,
    text: String,
    href: Option<String>,
    nil: bool,
    children: Vec<usize>,
}

/// An element of a document, after its `href`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    document: &'a Document,
    at: usize,
    /// The place where it was found: the name of a reference is that of the place, not of its `multiRef`.
    place: usize,
}

impl Document {
    /// Reads text as far as the end of its first element; what follows (the rest of a MIME message) is not looked at.
    ///
    /// # Errors
    /// Says what is wrong with it, also where it has more than `most` elements.
    pub(super) fn read(text: &str, most: usize) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut document = Self {
            elements: Vec::new(),
            ids: HashMap::new(),
            most,
        };
        let mut open: Vec<usize> = Vec::new();
        loop {
            let event = reader.read_event().map_err(|error| {
                format!(
                    "the answer's XML is broken at byte {}: {error}",
                    reader.error_position()
                )
            })?;
            match event {
                Event::Start(start) => {
                    let at = document.add(&start, open.last().copied())?;
                    open.push(at);
                    if open.len() > DEEPEST {
                        return Err(format!("the answer's XML is deeper than {DEEPEST} elements"));
                    }
                }
                Event::Empty(start) => {
                    document.add(&start, open.last().copied())?;
                    if open.is_empty() {
                        return Ok(document);
                    }
                }
                Event::End(_) => {
                    open.pop();
                    if open.is_empty() {
                        return Ok(document);
                    }
                }
                Event::Text(text) => document.say(&open, &text.xml10_content()),
                Event::CData(text) => document.say(&open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let named = reference.xml10_content();
                    let text = match reference.resolve_char_ref() {
                        Ok(Some(c)) => c.to_string(),
                        Ok(None) => predefined(&named)?.to_owned(),
                        Err(error) => return Err(format!("the answer's XML is broken: {error}")),
                    };
                    document.say(&open, &text);
                }
                Event::DocType(_) => {
                    return Err("the answer has a DOCTYPE, which SOAP forbids".to_owned());
                }
                Event::Eof => return Err("the answer's XML ends before its envelope does".to_owned()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn add(&mut self, start: &BytesStart<'_>, parent: Option<usize>) -> Result<usize, String> {
        let at = self.elements.len();
        if at >= self.most {
            return Err(format!("the answer's XML has more than {} elements", self.most));
        }
        let mut node = Node {
            name: start.local_name().into_inner().to_owned(),
            ..Node::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| format!("the answer's XML is broken: {error}"))?;
            let value = attribute.value.trim();
            match attribute.key.local_name().into_inner() {
                "href" | "ref" => node.href = value.strip_prefix('#').map(str::to_owned),
                // The id of SOAP 1.1 has no prefix.
                "id" => _ = self.ids.entry(value.to_owned()).or_insert(at),
                "nil" | "null" => node.nil = matches!(value, "true" | "1"),
                _ => {}
            }
        }
        self.elements.push(node);
        if let Some(parent) = parent {
            self.elements[parent].children.push(at);
        }
        Ok(at)
    }

    fn say(&mut self, open: &[usize], text: &str) {
        if let Some(at) = open.last() {
            self.elements[*at].text.push_str(text);
        }
    }

    /// The outermost element.
    pub(super) fn root(&self) -> Element<'_> {
        Element {
            document: self,
            at: 0,
            place: 0,
        }
    }

    /// An element, or what its `href` leads to; none where it leads nowhere or round in a circle.
    fn element(&self, place: usize) -> Option<Element<'_>> {
        let mut at = place;
        for _ in 0..MOST_STEPS {
            match &self.elements[at].href {
                None => {
                    return Some(Element {
                        document: self,
                        at,
                        place,
                    });
                }
                Some(id) => at = *self.ids.get(id)?,
            }
        }
        None
    }
}

fn predefined(name: &str) -> Result<&'static str, String> {
    match name {
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "amp" => Ok("&"),
        "apos" => Ok("'"),
        "quot" => Ok("\""),
        _ => {
            let name: String = name.chars().take(40).collect();
            Err(format!(
                "the answer's XML names the entity «{name}», which nobody declared"
            ))
        }
    }
}

impl<'a> Element<'a> {
    fn node(self) -> &'a Node {
        &self.document.elements[self.at]
    }

    /// Its local name, in the place where it was found.
    pub(super) fn name(self) -> &'a str {
        &self.document.elements[self.place].name
    }

    /// Whether it has this local name.
    pub(super) fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Its text without blanks around; none where it is nil or empty.
    pub(super) fn text(self) -> Option<&'a str> {
        let node = self.node();
        let text = node.text.trim();
        (!node.nil && !text.is_empty()).then_some(text)
    }

    /// The elements in it; none where it is nil.
    pub(super) fn children(self) -> impl Iterator<Item = Element<'a>> {
        let node = self.node();
        let children: &[usize] = if node.nil { &[] } else { &node.children };
        children.iter().filter_map(move |at| self.document.element(*at))
    }

    /// The first element in it with one of these names, unless it is nil.
    pub(super) fn child(self, names: &[&str]) -> Option<Element<'a>> {
        self.children()
            .find(|child| names.iter().any(|name| child.is(name)) && !child.node().nil)
    }

    /// The text of the first element in it with one of these names.
    pub(super) fn word(self, names: &[&str]) -> Option<&'a str> {
        self.child(names)?.text()
    }

    /// The first element with one of these names anywhere in it, outer ones first. What a circle of references
    /// repeats is looked at only so often.
    pub(super) fn within(self, names: &[&str]) -> Option<Element<'a>> {
        let mut waiting = std::collections::VecDeque::from([self]);
        for _ in 0..MOST_LOOKS {
            let next = waiting.pop_front()?;
            if let Some(found) = next.child(names) {
                return Some(found);
            }
            if waiting.len() < MOST_LOOKS {
                waiting.extend(next.children());
            }
        }
        None
    }

    /// The things in a list, in whatever form it came: as elements in it, or in a list of its own inside.
    /// `is_thing` tells a thing from a list.
    pub(super) fn things(self, is_thing: fn(Element<'_>) -> bool) -> Vec<Element<'a>> {
        let mut found: Vec<Element<'a>> = Vec::new();
        let mut waiting = vec![(self, 0)];
        let mut looks = 0;
        while let Some((next, depth)) = waiting.pop() {
            looks += 1;
            if looks > self.document.most {
                break;
            }
            if is_thing(next) {
                found.push(next);
            } else if depth < 4 {
                // The last is taken first: so the order stays as it came.
                let inner: Vec<_> = next.children().collect();
                waiting.extend(inner.into_iter().rev().map(|child| (child, depth + 1)));
            }
        }
        found
    }
}

#[cfg(test)]
#[path = "xml_tests.rs"]
mod tests;
