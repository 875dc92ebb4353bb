//! A tree of an answer, read by another hand than the service's own.

use quick_xml::{Reader, escape::unescape, events::Event};

#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Tree>,
}

impl Tree {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let begins = |start: &quick_xml::events::BytesStart<'_>| Self {
                name: start.local_name().into_inner().to_owned(),
                attributes: (start.attributes())
                    .map(|attribute| attribute.expect("an attribute"))
                    .map(|attribute| (attribute.key.0.to_owned(), attribute.value.to_string()))
                    .collect(),
                ..Self::default()
            };
            match event {
                Event::Start(start) => open.push(begins(&start)),
                Event::Empty(start) => open.last_mut().expect("one").children.push(begins(&start)),
                Event::End(_) => {
                    let done = open.pop().expect("one");
                    open.last_mut().ok_or("too many ends")?.children.push(done);
                }
                Event::Text(text) => open.last_mut().expect("one").text += &text,
                Event::GeneralRef(reference) => {
                    let raw = format!("&{};", &*reference);
                    let text = unescape(&raw).map_err(|error| error.to_string())?;
                    open.last_mut().expect("one").text += &text;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let document = open.pop().ok_or("nothing")?;
        match (
            open.is_empty(),
            document.text.trim(),
            document.children.as_slice(),
        ) {
            (true, "", [root]) => Ok(root.clone()),
            _ => Err("not one document".to_owned()),
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    pub(super) fn attribute(&self, name: &str) -> &str {
        (self.attributes.iter())
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.as_str())
    }

    pub(super) fn only(&self, name: &str) -> &Self {
        assert_eq!(self.name, name);
        self
    }

    pub(super) fn only_children(&self) -> &Self {
        assert_eq!(self.children.len(), 1, "{self:?}");
        &self.children[0]
    }

    pub(super) fn only_child(&self, name: &str) -> &Self {
        self.only_children().only(name)
    }

    /// All elements of this name, at any depth.
    pub(super) fn all<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let mut found: Vec<&Self> = self.children.iter().flat_map(|child| child.all(name)).collect();
        if self.name == name {
            found.push(self);
        }
        found
    }
}
