//! XML as a row of tokens, read safely: no DOCTYPE, no entities but the predefined ones, a bounded depth, bounded tags
//! and texts. Elements go by their local name, so that any prefix, or none, is fine.

use std::io::BufRead;

use quick_xml::Reader as Tokens;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::source::Source;

/// How deep elements may lie in each other: a camt message needs about fifteen, its envelopes a few more.
const DEPTH: usize = 100;
/// The longest start tag with its attributes, in bytes.
const TAG: usize = 64 << 10;
/// How many bindings of camt namespaces are remembered at a time.
const BINDINGS: usize = 16;

/// Something that is wrong, and where.
#[derive(Debug)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong and what to do.
    pub reason: String,
}

/// How far a fault reaches.
#[derive(Debug)]
pub enum Trouble {
    /// Nothing more can be read.
    File(Fault),
    /// The statement cannot be read; the next one may.
    Statement(Fault),
}

impl From<Fault> for Trouble {
    /// What is found wrong in fields reaches as far as their statement.
    fn from(fault: Fault) -> Self {
        Self::Statement(fault)
    }
}

/// What comes next; its name or text is asked for afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// An element begins.
    Start,
    /// An element ends.
    End,
    /// Text, a part of a text, or something without meaning such as a comment (then without text).
    Text,
    /// The file is over, and every element was closed.
    Over,
}

/// Tokens of an input.
pub struct Xml<R> {
    tokens: Tokens<Source<R>>,
    buffer: Vec<u8>,
    depth: usize,
    line: u64,
    name: String,
    prefix: String,
    currency: String,
    text: String,
    /// Depth of the element, prefix and namespace.
    bindings: Vec<(usize, String, String)>,
}

impl<R: BufRead> Xml<R> {
    /// Reads from the input.
    pub fn new(input: R) -> Self {
        let mut tokens = Tokens::from_reader(Source::new(input));
        tokens.config_mut().expand_empty_elements = true;
        Self {
            tokens,
            buffer: Vec::new(),
            depth: 0,
            line: 1,
            name: String::new(),
            prefix: String::new(),
            currency: String::new(),
            text: String::new(),
            bindings: Vec::new(),
        }
    }

    /// The next token.
    ///
    /// # Errors
    /// [`Trouble::File`] says why nothing more can be read.
    pub fn next(&mut self) -> Result<Token, Trouble> {
        self.buffer.clear();
        self.text.clear();
        self.tokens.get_mut().begin_token();
        self.line = self.tokens.get_ref().line();
        let line = self.line;
        let wrong = |reason: String| Trouble::File(Fault { line, reason });
        let event = match self.tokens.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => {
                return Err(wrong(format!("the file cannot be read: {error}")));
            }
            Err(error) => {
                // Names of elements in it may be long.
                let error: String = error.to_string().chars().take(300).collect();
                return Err(wrong(format!("this is no well-formed XML: {error}")));
            }
        };
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(wrong(format!(
                        "elements lie more than {DEPTH} deep in each other"
                    )));
                }
                if tag.len() > TAG {
                    return Err(wrong("a tag is longer than 64 KiB".to_owned()));
                }
                let (name, prefix) = tag.name().decompose();
                self.name.clear();
                self.name.push_str(name.into_inner());
                self.prefix.clear();
                self.prefix
                    .push_str(prefix.map_or("", quick_xml::name::Prefix::into_inner));
                self.currency.clear();
                if !tag.attributes_raw().trim().is_empty() {
                    read_attributes(&tag, self.depth, &mut self.currency, &mut self.bindings);
                }
                Ok(Token::Start)
            }
            Event::End(_) => {
                let depth = self.depth;
                self.bindings.retain(|(of, _, _)| *of < depth);
                self.depth = depth.saturating_sub(1);
                Ok(Token::End)
            }
            Event::Text(text) => {
                self.text.push_str(&text.xml10_content());
                Ok(Token::Text)
            }
            Event::CData(text) => {
                self.text.push_str(&text.xml10_content());
                Ok(Token::Text)
            }
            Event::GeneralRef(reference) => {
                let character = character(&reference).map_err(wrong)?;
                self.text.push(character);
                Ok(Token::Text)
            }
            Event::DocType(_) => Err(wrong(
                "the file has a DOCTYPE; statements need none, and it is not read".to_owned(),
            )),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(Token::Text),
            Event::Eof if self.depth > 0 => Err(wrong(
                "the file ends in the middle of an element: it is cut off".to_owned(),
            )),
            Event::Eof => Ok(Token::Over),
        }
    }

    /// Reads on to the end of the element that began at this depth, whatever it holds.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub fn leave(&mut self, depth: usize) -> Result<(), Trouble> {
        while self.depth >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// How deep the element is that began last, from 1; after an end, how deep what is around it.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The line on which the last token begins.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The local name of the element that began last.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its attribute `Ccy`; empty where there is none.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// The text of the last token, with references resolved and line ends as line feeds.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The last token as it stands in the file.
    pub fn raw(&self) -> &[u8] {
        self.tokens.get_ref().token()
    }

    /// The version in the namespace of the element that began last, where it is one of `message` (`camt.053`).
    pub fn version(&self, message: &str) -> Option<String> {
        let (_, _, uri) = self
            .bindings
            .iter()
            .rev()
            .find(|(_, prefix, _)| *prefix == self.prefix)?;
        let (_, after) = uri.split_once(message)?;
        let version: String = after
            .strip_prefix(".001.")?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        (!version.is_empty()).then_some(version)
    }
}

/// Takes the currency and the bindings of camt namespaces out of a tag.
fn read_attributes(
    tag: &BytesStart<'_>,
    depth: usize,
    currency: &mut String,
    bindings: &mut Vec<(usize, String, String)>,
) {
    // Without the check for duplicates: it compares each attribute with every other.
    for attribute in tag.attributes().with_checks(false).flatten() {
        let key = attribute.key.into_inner();
        if key == "Ccy" {
            currency.clear();
            currency.push_str(attribute.value.trim());
        } else if let Some(prefix) = key.strip_prefix("xmlns")
            && attribute.value.contains("camt.05")
            && bindings.len() < BINDINGS
        {
            let prefix = prefix.trim_start_matches(':').to_owned();
            bindings.push((depth, prefix, attribute.value.trim().to_owned()));
        }
    }
}

/// The character of a reference: a predefined entity or a number.
fn character(reference: &BytesRef<'_>) -> Result<char, String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    let name = reference.borrow().into_inner();
    match name.as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(format!(
            "«&{};» is none of the characters that XML knows by itself",
            name.chars().take(40).collect::<String>()
        )),
    }
}
