//! What in a line may be a reference, so that the store can be asked for the few items that bear one instead of for all.
//!
//! Coarser than what the finder believes, and never narrower: each part of the row that begins where a reference may
//! begin and ends where one may end, without leading zeros, characters that are taken for each other as one. The store
//! keeps an index over references written the same way (`attempt_by_name`, `attempt_by_nummer`).

use std::collections::BTreeSet;

use super::lines::{LineId, Lines};
use super::rf;
use super::text::{Gap, Row, fold};

/// The longest reference that attempts have (a Kassenzeichen of XBezahldienste), in letters and digits.
const LONGEST: usize = 36;
/// More parts than these are no payment's text.
const MOST: usize = 4000;

/// What in a line may be a reference, as [`of_text`] writes it.
pub fn names(lines: &Lines, id: LineId) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Some(line) = lines.find(id) else { return names };
    let mut row = Row::default();
    row.read(&line);
    let mut behind_head = None;
    for from in 0..row.len() {
        if row.gaps[from] != Gap::Joined && rf::head(&row.chars[from..]) {
            behind_head = Some(from + rf::HEAD);
        }
        if !row.bound(from) && behind_head != Some(from) {
            continue;
        }
        let zeros = row.chars[from..].iter().take_while(|char| **char == b'0').count();
        let key = from + zeros;
        for to in key + 1..=row.len().min(key + LONGEST) {
            // Nothing that attempts bear reaches over the end of a field.
            if to > key + 1 && row.gaps[to - 1] == Gap::Edge {
                break;
            }
            if row.bound(to) {
                names.extend(written(&row.chars[key..to]));
            }
            if names.len() == MOST {
                return names;
            }
        }
    }
    names
}

/// How the index writes a reference; none where nothing of it is left.
fn written(chars: &[u8]) -> Option<String> {
    let folded: String = chars.iter().map(|char| char::from(fold(*char))).collect();
    let name = folded.trim_start_matches('0');
    (!name.is_empty()).then(|| name.to_owned())
}

/// A reference as the index writes it.
pub fn of_text(reference: &str) -> Option<String> {
    let chars = reference.bytes().filter(u8::is_ascii_alphanumeric);
    let chars: Vec<u8> = chars.map(|char| char.to_ascii_uppercase()).collect();
    written(&chars)
}
