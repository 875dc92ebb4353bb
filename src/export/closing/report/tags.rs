//! The document behind the pages: headings, paragraphs and tables in the order in which they are read aloud, and the
//! bookmarks. A table that goes over several pages is one table; its repeated headings are not read again.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::outline::{Outline, OutlineNode};
use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use super::font::Twips;
use super::layout::{Place, Role};
use super::pdf::float;

/// What was drawn, by its place in the document.
#[derive(Debug, Default)]
pub struct Tags {
    pieces: BTreeMap<Place, Vec<Identifier>>,
    /// Headings by block: level, text, page and place on it.
    headings: BTreeMap<usize, Heading>,
}

#[derive(Debug)]
struct Heading {
    level: NonZeroU16,
    text: String,
    page: usize,
    y: Twips,
}

impl Tags {
    /// Takes a line that was drawn on a page.
    pub fn add(&mut self, place: Place, text: &str, identifier: Identifier, page: usize, y: Twips) {
        self.pieces.entry(place).or_default().push(identifier);
        let level = match place.role {
            Role::Title => 1,
            Role::Section => 2,
            _ => return,
        };
        self.headings
            .entry(place.block)
            .or_insert_with(|| Heading {
                level: NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN),
                text: String::new(),
                page,
                y,
            })
            .text
            .push_str(text);
    }

    /// The bookmarks: one for each heading.
    pub fn outline(&self) -> Outline {
        let mut outline = Outline::new();
        for heading in self.headings.values() {
            // Twips to points; a little above the heading.
            let y = (heading.y - 400).max(0) / 20;
            let at = XyzDestination::new(heading.page, Point::from_xy(0.0, float(y)));
            outline.push_child(OutlineNode::new(heading.text.clone(), at));
        }
        outline
    }

    /// The tree.
    pub fn into_tree(self) -> TagTree {
        let mut blocks: BTreeMap<usize, Vec<(Place, Vec<Identifier>)>> = BTreeMap::new();
        for (place, identifiers) in self.pieces {
            blocks.entry(place.block).or_default().push((place, identifiers));
        }
        let mut tree = TagTree::new().with_lang(Some("de-DE".to_owned()));
        for (block, pieces) in blocks {
            let tag: TagKind = match self.headings.get(&block) {
                Some(heading) => Tag::Hn(heading.level, Some(heading.text.clone())).into(),
                None if pieces.iter().all(|(place, _)| place.role == Role::Paragraph) => Tag::P.into(),
                None => {
                    tree.push(table(pieces));
                    continue;
                }
            };
            tree.push(leaf(
                tag,
                pieces.into_iter().flat_map(|(_, identifiers)| identifiers),
            ));
        }
        tree
    }
}

fn leaf(tag: impl Into<TagKind>, identifiers: impl IntoIterator<Item = Identifier>) -> TagGroup {
    let mut group = TagGroup::new(tag);
    for identifier in identifiers {
        group.push(identifier);
    }
    group
}

fn table(pieces: Vec<(Place, Vec<Identifier>)>) -> TagGroup {
    let mut rows: BTreeMap<usize, TagGroup> = BTreeMap::new();
    for (place, identifiers) in pieces {
        let tag: TagKind = match place.role {
            Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
            Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
            _ => Tag::TD.into(),
        };
        rows.entry(place.row)
            .or_insert_with(|| TagGroup::new(Tag::TR))
            .push(leaf(tag, identifiers));
    }
    let mut table = TagGroup::new(Tag::Table);
    for row in rows.into_values() {
        table.push(row);
    }
    table
}
