//! What the sandbox remembers of the calls that came in, within bounds: whoever sends much fills no memory.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

/// So many numbers are counted singly; those that come later, and longer ones, only in the sum.
const MOST_NUMBERS: usize = 100_000;
const LONGEST_NUMBER: usize = 128;
/// How many bytes of bodies are kept.
const MOST_BYTES: usize = 8 << 20;

/// How many calls came in, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// `GET status`.
    pub status: u64,
    /// `GET zahlverfahren`.
    pub methods: u64,
    /// Calls that would create a payment, whatever the answer.
    pub creates: u64,
    /// Calls that ask for one payment.
    pub reads: u64,
    /// Calls that would create a payment, by transaktionsnummer or requestId.
    pub creates_by_number: BTreeMap<String, u64>,
    /// Calls of the SOAP service, by operation.
    pub soap: BTreeMap<&'static str, u64>,
    /// Payments that exist, by the same.
    pub payments_by_number: BTreeMap<String, u64>,
}

impl Counts {
    /// One more call that would create a payment.
    pub(super) fn create_call(&mut self, number: Option<&str>) {
        self.creates += 1;
        let Some(number) = number.filter(|number| number.len() <= LONGEST_NUMBER) else {
            return;
        };
        if let Some(count) = self.creates_by_number.get_mut(number) {
            *count += 1;
        } else if self.creates_by_number.len() < MOST_NUMBERS {
            self.creates_by_number.insert(number.to_owned(), 1);
        }
    }
}

/// What create calls brought, the latest of it, as text: a tree of the same JSON can take fifty times as much.
#[derive(Debug, Default)]
pub(super) struct Brought {
    bodies: VecDeque<String>,
    bytes: usize,
}

impl Brought {
    /// The oldest make room.
    pub(super) fn keep(&mut self, body: &Value) {
        let text = body.to_string();
        self.bytes += text.len();
        self.bodies.push_back(text);
        while self.bytes > MOST_BYTES {
            let Some(oldest) = self.bodies.pop_front() else {
                return;
            };
            self.bytes -= oldest.len();
        }
    }

    /// In the order of their arrival.
    pub(super) fn all(&self) -> Vec<Value> {
        let bodies = self.bodies.iter();
        bodies
            .filter_map(|body| serde_json::from_str(body).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_and_numbers_without_end_fill_no_memory() {
        let (mut brought, mut counts) = (Brought::default(), Counts::default());
        let long = "x".repeat(1 << 20);
        for number in 0..20 {
            brought.keep(&json!({ "number": number, "text": long }));
            counts.create_call(Some(&format!("{number}{long}")));
        }
        assert!(brought.bytes <= MOST_BYTES);
        let kept = brought.all();
        assert_eq!((kept.len(), &kept[6]["number"]), (7, &json!(19)));
        assert_eq!((counts.creates, counts.creates_by_number.len()), (20, 0));
        for number in 0..=MOST_NUMBERS {
            counts.create_call(Some(&number.to_string()));
        }
        counts.create_call(Some("0"));
        assert_eq!(counts.creates_by_number.len(), MOST_NUMBERS);
        assert_eq!(counts.creates_by_number["0"], 2);
    }
}
