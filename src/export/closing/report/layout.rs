//! Pages before they are a PDF: what stands where, in whole twips from the upper left corner. All decisions about lines
//! and page breaks are made here, so that they can be tested without reading a PDF.

use super::font::{Twips, Weight, wrap};

/// A4, upright.
pub const WIDTH: Twips = 11_906;
/// A4, upright.
pub const HEIGHT: Twips = 16_838;
/// Where text begins; room for holes of a binder.
pub const LEFT: Twips = 1_250;
/// Where text ends.
pub const RIGHT: Twips = WIDTH - 850;
const TOP: Twips = 1_900;
const BOTTOM: Twips = HEIGHT - 1_250;
/// Running text: 8 points.
pub const BODY: Twips = 160;
const LEADING: Twips = 210;
/// Between a cell's edge and its text.
const PADDING: Twips = 60;

/// What a text is to somebody who hears the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The title.
    Title,
    /// The heading of a section.
    Section,
    /// A paragraph.
    Paragraph,
    /// The heading of a column.
    ColumnHead,
    /// The name of a row.
    RowHead,
    /// A cell.
    Cell,
}

/// Where a text belongs, in the order in which the report is read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The heading, paragraph or table, counted from the beginning.
    pub block: usize,
    /// The row of a table.
    pub row: usize,
    /// The column of a table.
    pub column: usize,
    /// What it is.
    pub role: Role,
}

/// What stands on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line of text.
    Text {
        /// Its left end.
        x: Twips,
        /// Its base line.
        y: Twips,
        /// The size of the font.
        size: Twips,
        /// The font.
        weight: Weight,
        /// The text: what the font has and no line breaks.
        text: String,
        /// Its place in the document that is read aloud; none of what only belongs to the page.
        place: Option<Place>,
    },
    /// A horizontal line.
    Rule {
        /// Its left end.
        x: Twips,
        /// Its upper edge.
        y: Twips,
        /// How long.
        width: Twips,
        /// How thick.
        height: Twips,
    },
    /// A large pale text across the page, behind everything else.
    Stamp(String),
}

/// A page.
pub type Page = Vec<Item>;

/// On which side the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Amounts and counts.
    Right,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Its share of the width; all shares of a table make up the whole.
    pub share: Twips,
    /// Its side.
    pub align: Align,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// One text for each column.
    pub cells: Vec<String>,
    /// Whether it is a sum, printed bold under a line.
    pub sum: bool,
}

impl Row {
    /// A row.
    pub fn of(cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            sum: false,
        }
    }

    /// A sum.
    pub fn sum(cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            sum: true,
            ..Self::of(cells)
        }
    }
}

/// Text that flows over pages.
#[derive(Debug)]
pub struct Flow {
    pages: Vec<Page>,
    /// Where the next line may begin.
    y: Twips,
    /// How many headings, paragraphs and tables there are.
    block: usize,
}

impl Flow {
    /// An empty first page.
    pub fn new() -> Self {
        Self {
            pages: vec![Page::new()],
            y: TOP,
            block: 0,
        }
    }

    /// The pages.
    pub fn into_pages(self) -> Vec<Page> {
        self.pages
    }

    fn put(&mut self, item: Item) {
        self.pages.last_mut().expect("there is a first page").push(item);
    }

    /// A block of its own, with what it is.
    fn begin(&mut self, role: Role) -> Place {
        self.block += 1;
        Place {
            block: self.block,
            row: 0,
            column: 0,
            role,
        }
    }

    fn new_page(&mut self) {
        self.pages.push(Page::new());
        self.y = TOP;
    }

    /// Begins a new page where less than this is left.
    pub fn keep(&mut self, height: Twips) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    /// Leaves room.
    pub fn space(&mut self, height: Twips) {
        self.y += height;
    }

    /// A heading, which never stands alone at the end of a page.
    pub fn heading(&mut self, text: &str, size: Twips, role: Role) {
        let place = self.begin(role);
        self.keep(size * 2 + LEADING * 4);
        if self.y > TOP {
            self.space(size);
        }
        for line in wrap(text, Weight::Bold, size, RIGHT - LEFT) {
            self.y += size;
            self.line(LEFT, size, Weight::Bold, line, Some(place));
            self.y += size / 3;
        }
        self.space(size / 4);
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str, weight: Weight) {
        let place = self.begin(Role::Paragraph);
        for line in wrap(text, weight, BODY, RIGHT - LEFT) {
            self.keep(LEADING);
            self.y += LEADING;
            self.line(LEFT, BODY, weight, line, Some(place));
        }
        self.space(80);
    }

    /// Names and values below each other.
    pub fn pairs(&mut self, pairs: &[(&str, String)]) {
        const NAMES: Twips = 2_900;
        let first = self.begin(Role::RowHead);
        for (row, (name, value)) in pairs.iter().enumerate() {
            let place = Place { row, ..first };
            let names = wrap(name, Weight::Regular, BODY, NAMES - PADDING);
            let values = wrap(value, Weight::Bold, BODY, RIGHT - LEFT - NAMES);
            for index in 0..names.len().max(values.len()) {
                self.keep(LEADING);
                self.y += LEADING;
                if let Some(name) = names.get(index) {
                    self.line(LEFT, BODY, Weight::Regular, name.clone(), Some(place));
                }
                if let Some(value) = values.get(index) {
                    let place = Place {
                        column: 1,
                        role: Role::Cell,
                        ..place
                    };
                    self.line(LEFT + NAMES, BODY, Weight::Bold, value.clone(), Some(place));
                }
            }
        }
        self.space(80);
    }

    /// A line to sign on, with what is printed below it.
    pub fn line_to_sign(&mut self, above: &str, below: &str) {
        self.keep(1_000);
        let place = Some(self.begin(Role::Paragraph));
        self.space(620);
        self.line(LEFT, BODY, Weight::Bold, super::font::printable(above), place);
        self.space(60);
        self.rule(LEFT, 4_800, 10);
        self.space(170);
        self.line(LEFT, BODY, Weight::Regular, super::font::printable(below), place);
        self.space(140);
    }

    /// A table. Its heading is repeated on every page; a row stays on one page unless it is longer than a page.
    pub fn table(&mut self, columns: &[Column], rows: &[Row]) {
        let place = self.begin(Role::ColumnHead);
        let shares: Twips = columns.iter().map(|column| column.share).sum();
        let widths: Vec<Twips> = columns
            .iter()
            .map(|column| (RIGHT - LEFT) * column.share / shares.max(1))
            .collect();
        let heading: Vec<String> = columns.iter().map(|column| column.heading.clone()).collect();
        let heading = lines_of(&heading, &widths, Weight::Bold);
        let first = rows
            .first()
            .map_or(1, |row| height(&lines_of(&row.cells, &widths, Weight::Regular)));
        self.keep(LEADING * (height(&heading) + first.min(4)) + 160);
        self.table_heading(columns, &widths, &heading, Some(place));
        for (number, row) in (1..).zip(rows) {
            let place = Place {
                row: number,
                role: Role::Cell,
                ..place
            };
            let weight = if row.sum { Weight::Bold } else { Weight::Regular };
            let cells = lines_of(&row.cells, &widths, weight);
            let all = height(&cells);
            let body = (BOTTOM - TOP - 160) / LEADING - height(&heading);
            if self.y + LEADING * all.min(body) + 40 > BOTTOM {
                self.new_page();
                self.table_heading(columns, &widths, &heading, None);
            }
            if row.sum {
                self.space(20);
                self.rule(LEFT, RIGHT - LEFT, 10);
            }
            for index in 0..usize::try_from(all).unwrap_or_default() {
                if self.y + LEADING > BOTTOM {
                    self.new_page();
                    self.table_heading(columns, &widths, &heading, None);
                }
                self.y += LEADING;
                self.table_line(columns, &widths, &cells, (index, weight), Some(place));
            }
            self.space(40);
        }
        self.space(180);
    }

    /// The heading; it is read aloud the first time only.
    fn table_heading(
        &mut self,
        columns: &[Column],
        widths: &[Twips],
        heading: &[Vec<String>],
        place: Option<Place>,
    ) {
        for index in 0..usize::try_from(height(heading)).unwrap_or_default() {
            self.y += LEADING;
            self.table_line(columns, widths, heading, (index, Weight::Bold), place);
        }
        self.space(60);
        self.rule(LEFT, RIGHT - LEFT, 14);
        self.space(30);
    }

    fn table_line(
        &mut self,
        columns: &[Column],
        widths: &[Twips],
        cells: &[Vec<String>],
        (index, weight): (usize, Weight),
        place: Option<Place>,
    ) {
        let mut x = LEFT;
        for (number, ((column, width), cell)) in columns.iter().zip(widths).zip(cells).enumerate() {
            // A cell without text still is a cell to who hears the table.
            let text = match cell.get(index) {
                Some(text) if text.is_empty() && index == 0 => Some(" "),
                other => other.map(String::as_str),
            };
            if let Some(text) = text {
                let at = match column.align {
                    Align::Left => x,
                    Align::Right => x + width - PADDING - weight.width(text.trim_end(), BODY),
                };
                let place = place.map(|place| Place {
                    column: number,
                    ..place
                });
                self.line(at, BODY, weight, text.to_owned(), place);
            }
            x += width;
        }
    }

    fn line(&mut self, x: Twips, size: Twips, weight: Weight, text: String, place: Option<Place>) {
        let y = self.y;
        if !text.is_empty() {
            self.put(Item::Text {
                x,
                y,
                size,
                weight,
                text,
                place,
            });
        }
    }

    fn rule(&mut self, x: Twips, width: Twips, height: Twips) {
        let y = self.y;
        self.put(Item::Rule { x, y, width, height });
    }
}

fn lines_of(cells: &[String], widths: &[Twips], weight: Weight) -> Vec<Vec<String>> {
    cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrap(cell, weight, BODY, width - PADDING * 2))
        .collect()
}

/// How many lines the highest cell has.
fn height(cells: &[Vec<String>]) -> Twips {
    let most = cells.iter().map(Vec::len).max().unwrap_or(1);
    Twips::try_from(most).unwrap_or(Twips::MAX)
}
