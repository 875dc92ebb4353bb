//! References in the texts of a line.
//!
//! A reference begins and ends where a word, a line or a field does: `1001000000001` is not in `91001000000001234`. It
//! may be split by line ends and blanks, written small, have leading zeros more or fewer, or be dressed as an RF
//! reference. What only looks alike (O for 0) is found too, and proves nothing.

use super::book::{Book, LONGEST, Reference};
use super::index::Index;
use super::lines::Seen;
use super::outcome::{Evidence, Spelling};
use super::rf;
use super::text::{Gap, Row, fold};

/// Shorter references are found only where they fill a field.
const SHORTEST: usize = 6;
/// Shorter references are not put together over blanks: three small numbers in a row are no Kassenzeichen.
const SHORTEST_WITH_BLANKS: usize = 8;
/// So long a number may touch letters that we do not know; a shorter one could be part of somebody else's number.
const SHORTEST_AMONG_LETTERS: usize = 10;
/// A reference that more items bear names none of them.
const COMMON: usize = 200;
/// Parts of a line that are compared for a slip of the pen, at most.
const WORDS: usize = 24;
/// Words that people and banks write right before a reference.
const LABELS: &[&[u8]] = &[
    b"KZ",
    b"KASSENZEICHEN",
    b"KASSENZ",
    b"AZ",
    b"AKTENZEICHEN",
    b"BUCHUNGSZEICHEN",
    b"NR",
    b"REF",
    b"REFERENZ",
    b"EREF",
    b"KREF",
    b"SVWZ",
    b"VWZ",
    b"ZWECK",
];

/// A reference of an item, in the row of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub item: u32,
    pub reference: u32,
    from: usize,
    to: usize,
    /// It fills a field, as it is.
    pub exact: bool,
    spelling: Spelling,
}

impl Hit {
    /// Whether it proves anything.
    pub fn certain(&self) -> bool {
        !self.spelling.alike
    }

    fn span(&self) -> (usize, usize) {
        (self.from, self.to)
    }
}

/// Finds references, line by line.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    book: &'a Book,
    index: &'a Index,
    row: Row,
    found: Vec<Hit>,
}

impl<'a> Finder<'a> {
    pub fn new(book: &'a Book, index: &'a Index) -> Self {
        Self {
            book,
            index,
            row: Row::default(),
            found: Vec::new(),
        }
    }

    /// What the line that was read last names: each item once, by its best evidence; certain ones first, then in the
    /// order of the items.
    pub fn hits(&self) -> &[Hit] {
        &self.found
    }

    /// The key of the reference that was found.
    pub fn key(&self, hit: &Hit) -> &'a [u8] {
        self.book.key(self.book.reference(hit.reference))
    }

    /// Reads a line.
    pub fn read(&mut self, line: &Seen<'_>) {
        self.row.read(line);
        self.found.clear();
        let mut dressed = usize::MAX;
        for from in 0..self.row.len() {
            if from == dressed || !self.row.bound(from) {
                continue;
            }
            if self.row.gaps[from] != Gap::Joined && rf::head(&self.row.chars[from..]) {
                // What stands behind check digits is judged with them, never without; what fills a field of its own is not
                // behind them.
                let behind = from + rf::HEAD;
                if self.row.gaps[behind] < Gap::Edge {
                    dressed = behind;
                    self.search(from, self.behind_zeros(behind), true);
                }
            }
            self.search(from, from, false);
            let key = self.behind_zeros(from);
            if key > from {
                self.search(from, key, false);
            }
        }
        self.sift();
    }

    /// Where the first character stands that is no leading zero.
    fn behind_zeros(&self, from: usize) -> usize {
        from + self.row.chars[from..]
            .iter()
            .take_while(|char| **char == b'0')
            .count()
    }

    /// Looks up every part of the row that begins at `key` and ends where something may end; it is written from `from`.
    fn search(&mut self, from: usize, key: usize, dressed: bool) {
        let end = if self.index.has_marks() {
            Gap::Edge
        } else {
            Gap::Mark
        };
        if self.row.gaps[from + 1..=key].iter().any(|gap| *gap >= end) {
            return;
        }
        for to in key + 1..=self.row.len().min(key + LONGEST) {
            if to > key + 1 && self.row.gaps[to - 1] >= end {
                break;
            }
            if !self.index.has_length(to - key) || !self.row.bound(to) {
                continue;
            }
            let those = self.index.with(self.row.hash(key, to));
            if those.len() > COMMON {
                continue;
            }
            for at in those {
                if let Some(hit) = self.compare(*at, from, key, to, dressed) {
                    self.found.push(hit);
                }
            }
        }
    }

    /// Whether the reference really stands there.
    fn compare(&self, at: u32, from: usize, key: usize, to: usize, dressed: bool) -> Option<Hit> {
        let reference = self.book.reference(at);
        let text = &self.row.chars[key..to];
        let its_key = self.book.key(reference);
        let same = text == its_key;
        if !same && !text.iter().map(|c| fold(*c)).eq(its_key.iter().map(|c| fold(*c))) {
            return None;
        }
        let zeros = key - from - if dressed { rf::HEAD } else { 0 };
        if zeros > 0 && !reference.number {
            return None;
        }
        let inside = &self.row.gaps[from + 1..to];
        if inside.contains(&Gap::Mark) && !reference.marked {
            return None;
        }
        let fills = self.row.gaps[from] == Gap::Edge && self.row.gaps[to] == Gap::Edge;
        let blanks = inside.contains(&Gap::Blank);
        if !fills && !self.stands_out(reference, from, to, blanks) {
            return None;
        }
        let spelling = Spelling {
            cut: inside.contains(&Gap::Cut),
            blanks,
            zeros: zeros != usize::from(reference.zeros),
            rf: dressed,
            alike: !same || (dressed && !rf::valid(&self.row.chars[from..to])),
        };
        Some(Hit {
            item: reference.item,
            reference: at,
            from,
            to,
            exact: fills && same && !spelling.blanks && !spelling.cut && !spelling.zeros,
            spelling,
        })
    }

    /// Whether a reference within a text is long enough for how it stands there.
    fn stands_out(&self, reference: &Reference, from: usize, to: usize, blanks: bool) -> bool {
        let length = to - from;
        let shortest = if blanks { SHORTEST_WITH_BLANKS } else { SHORTEST };
        if length < shortest || !self.row.chars[from..to].iter().any(u8::is_ascii_digit) {
            return false;
        }
        let long = reference.number && length >= SHORTEST_AMONG_LETTERS;
        let begins = !self.row.seam(from) || long || LABELS.contains(&self.row.word_before(from));
        begins && (!self.row.seam(to) || long)
    }

    /// Leaves each item once. A reference inside a longer one that was found is not meant; and as it is written wins
    /// over alike, or over zeros more or fewer.
    fn sift(&mut self) {
        if self.found.len() < 2 {
            return;
        }
        self.found.sort_unstable_by_key(|hit| {
            (
                hit.from,
                std::cmp::Reverse(hit.to),
                hit.spelling.alike,
                hit.spelling.zeros,
            )
        });
        let mut longest: Option<(usize, usize)> = None;
        let mut best: Option<Hit> = None;
        self.found.retain(|hit| {
            if let Some(span) = longest
                && hit.to <= span.1
                && hit.span() != span
            {
                return false;
            }
            if let Some(best) = best
                && best.span() == hit.span()
                && (best.spelling.alike, best.spelling.zeros) < (hit.spelling.alike, hit.spelling.zeros)
            {
                return false;
            }
            if hit.certain() {
                longest = Some(hit.span());
            }
            if best.is_none_or(|best| best.span() != hit.span()) {
                best = Some(*hit);
            }
            true
        });
        let book = self.book;
        self.found.sort_unstable_by_key(|hit| {
            let name = book.reference(hit.reference).name;
            (
                hit.item,
                !hit.certain(),
                !hit.exact,
                hit.from,
                std::cmp::Reverse(hit.to),
                name,
                hit.spelling,
            )
        });
        self.found.dedup_by_key(|hit| hit.item);
        self.found
            .sort_unstable_by_key(|hit| (!hit.certain(), book.item(hit.item).target));
    }

    /// Parts of the line that could be a reference with a slip of the pen in it: long enough, with digits, a number
    /// without its leading zeros.
    pub fn words(&self) -> Vec<&[u8]> {
        let row = &self.row;
        let mut words = Vec::new();
        for from in (0..row.len()).filter(|from| row.bound(*from)) {
            let from = self.behind_zeros(from);
            let mut shortest = SHORTEST;
            for to in from + 1..=row.len().min(from + LONGEST) {
                let word = &row.chars[from..to];
                if to > from + 1 {
                    let gap = row.gaps[to - 1];
                    let number = word.iter().all(u8::is_ascii_digit);
                    if gap >= Gap::Mark || (gap == Gap::Blank && !number) {
                        break;
                    }
                    if gap == Gap::Blank {
                        shortest = SHORTEST_WITH_BLANKS;
                    }
                }
                let digits = word.iter().filter(|char| char.is_ascii_digit()).count();
                if row.bound(to) && word.len() >= shortest && digits >= SHORTEST - 2 {
                    words.push(word);
                    if words.len() == WORDS {
                        return words;
                    }
                }
            }
        }
        words
    }

    /// What is stored of a hit.
    pub fn evidence(&self, line: &Seen<'_>, hit: &Hit) -> Evidence {
        let (field, piece, at, written) = self.row.written(line, hit.from, hit.to);
        Evidence {
            field,
            piece,
            at,
            written,
            name: self.book.reference(hit.reference).name,
            spelling: hit.spelling,
        }
    }
}

/// Whether one is the other but for one character: another one, one more, one less, or two that changed places.
pub(super) fn one_slip(a: &[u8], b: &[u8]) -> bool {
    if a.len().abs_diff(b.len()) > 1 || b.len() < SHORTEST {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    match (&a[..a.len() - same], &b[..b.len() - same]) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => (a, b) == (d, c),
        _ => false,
    }
}
