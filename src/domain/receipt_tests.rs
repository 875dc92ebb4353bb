//! Stories of readings that were kept, and of lists that are read again.

use proptest::prelude::*;

use super::*;

fn receipt(kassenzeichen: &str, cents: i64) -> Receipt {
    Receipt {
        kassenzeichen: kassenzeichen.to_owned(),
        cents: Cents::new(cents),
        booked_at: None,
    }
}

fn reading(n: i64, whole: bool, receipts: &[Receipt]) -> OpenReading {
    OpenReading {
        n,
        whole,
        receipts: receipts.to_vec(),
    }
}

#[test]
fn a_list_that_still_has_everything_was_not_confirmed_and_only_the_rest_is_new() {
    let (a, b, c) = (receipt("A", 1), receipt("B", 2), receipt("C", 3));
    let open = [reading(1, true, &[a.clone(), b.clone()])];
    let told = news(&open, &[b, c, a]);
    assert_eq!((told.confirmed, told.new), (None, vec![1]));
}

#[test]
fn a_list_that_lacks_one_was_confirmed_and_what_looks_alike_is_new() {
    let (a, b) = (receipt("A", 1), receipt("B", 2));
    let open = [reading(1, true, &[a.clone(), b])];
    let told = news(&open, &[a.clone(), a]);
    assert_eq!((told.confirmed, told.new), (Some(1), vec![0, 1]));
    assert_eq!(news(&open, &[]).confirmed, Some(1));
}

#[test]
fn two_alike_receipts_stay_two_and_a_third_is_new() {
    let a = receipt("A", 1);
    let twice = [a.clone(), a.clone()];
    assert_eq!(news(&[], &twice).new, [0, 1]);
    let open = [reading(1, true, &twice)];
    assert!(news(&open, &twice).new.is_empty());
    assert_eq!(news(&open, &[a.clone(), a.clone(), a]).new, [2]);
}

#[test]
fn what_was_kept_of_a_reading_that_broke_off_is_not_kept_again() {
    let (a, b, c) = (receipt("A", 1), receipt("B", 2), receipt("C", 3));
    let open = [
        reading(1, true, std::slice::from_ref(&c)),
        reading(2, false, std::slice::from_ref(&a)),
    ];
    // The first was confirmed, the second broke off after it: C is gone, A is the same, B is new.
    let told = news(&open, &[a.clone(), b]);
    assert_eq!((told.confirmed, told.new), (Some(1), vec![1]));
    let told = news(&[reading(2, false, &[a.clone(), c])], &[a]);
    assert_eq!((told.confirmed, told.new), (None, vec![]));
}

#[test]
fn a_foreign_text_is_kept_short_and_without_what_no_database_takes() {
    let kept = receipt(&format!("\0{}", "x".repeat(500)), 1).kept();
    assert_eq!(kept.kassenzeichen.chars().count(), 100);
    assert!(!kept.kassenzeichen.contains('\0'));
}

/// A provider's list, and what is kept of it.
#[derive(Default)]
struct Model {
    list: Vec<Receipt>,
    ever: Vec<Receipt>,
    open: Vec<OpenReading>,
    kept: Vec<Receipt>,
    last: i64,
}

impl Model {
    fn arrive(&mut self, at: i64, count: usize) {
        for n in 0..count {
            let mut new = receipt(if n % 2 == 0 { "A" } else { "B" }, 500);
            new.booked_at = Some(Timestamp::from_millis(at));
            self.list.push(new.clone());
            self.ever.push(new);
        }
    }

    /// Reads once, in chunks of two, and stops after `steps` steps as a crash does. −0100 costs a reading.
    fn read(&mut self, steps: usize, refused: bool) {
        let mut left = steps;
        let mut step = || {
            let go_on = left > 0;
            left = left.saturating_sub(1);
            go_on
        };
        let told = news(&self.open, &self.list);
        if let Some(up_to) = told.confirmed {
            if !step() {
                return;
            }
            self.open.retain(|reading| reading.n > up_to);
        }
        if self.list.is_empty() {
            return;
        }
        self.last += 1;
        let n = self.last;
        let chunks: Vec<_> = told.new.chunks(2).collect();
        for (index, chunk) in chunks.iter().enumerate() {
            if !step() {
                return;
            }
            let receipts: Vec<_> = chunk.iter().map(|place| self.list[*place].clone()).collect();
            self.kept.extend(receipts.clone());
            if index == 0 {
                self.open.push(reading(n, false, &[]));
            }
            let now = self.open.last_mut().expect("a reading has begun");
            now.receipts.extend(receipts);
            now.whole = index + 1 == chunks.len();
        }
        if let Some(broken) = self.open.last_mut().filter(|reading| !reading.whole) {
            if !step() {
                return;
            }
            broken.whole = true;
        }
        if refused || !step() {
            return;
        }
        self.list.clear();
        if step() {
            self.open.clear();
        }
    }
}

proptest! {
    #[test]
    fn whatever_breaks_off_every_receipt_is_kept_once(
        story in prop::collection::vec((0_usize..5, 0_usize..6, any::<bool>()), 1..20)
    ) {
        let mut model = Model::default();
        for (at, (arrive, steps, refused)) in (0_i64..).zip(story) {
            model.arrive(at, arrive);
            model.read(steps, refused);
        }
        model.read(usize::MAX, false);
        let sorted = |mut receipts: Vec<Receipt>| { receipts.sort(); receipts };
        prop_assert_eq!(sorted(model.kept), sorted(model.ever));
    }
}
