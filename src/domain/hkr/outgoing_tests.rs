//! Random histories of bookings, files and withdrawals: each line is in exactly one file that counts.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::outgoing::{LineId, Reach, choose, lines_digest};

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// Bookings with so many lines each, all on one day; then the day is closed.
    Books(Vec<u32>),
    /// Everything that is closed goes out.
    Export,
    /// Of a file, the lines with these numbers are withdrawn.
    Withdraw(prop::sample::Index, Vec<prop::sample::Index>),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        prop::collection::vec(1..4_u32, 0..6).prop_map(Step::Books),
        Just(Step::Export),
        (index(), prop::collection::vec(index(), 0..5)).prop_map(|(file, lines)| Step::Withdraw(file, lines)),
    ]
}

/// Ten lines of store.
#[derive(Default)]
struct Files {
    booked: Vec<(LineId, Date)>,
    next_place: u64,
    passed: u64,
    /// Lines of each file, and whether they count.
    made: Vec<BTreeMap<LineId, bool>>,
}

const MOST: usize = 7;

impl Files {
    fn waiting(&self) -> Vec<(LineId, Date)> {
        let counts = |id: &LineId| self.made.iter().any(|file| file.get(id) == Some(&true));
        self.booked
            .iter()
            .filter(|(id, _)| !counts(id))
            .copied()
            .collect()
    }

    fn export(&mut self) {
        loop {
            let reach = Reach {
                passed: self.passed,
                read: self.next_place,
                most: MOST,
            };
            let lines = self.waiting();
            let year = |day: Date| Date::new(day.year(), 1, 1).ok();
            let chosen = choose(&lines, reach, year);
            if chosen.lines == 0 {
                assert_eq!(lines, [], "an empty export leaves nothing");
                return;
            }
            let file = &lines[..chosen.lines];
            assert!(file.len() <= MOST, "bounded");
            assert!(
                file.iter().all(|(_, day)| year(*day) == year(file[0].1)),
                "of one year"
            );
            assert!(chosen.to >= self.passed);
            for (id, _) in &lines[chosen.lines..] {
                assert!(
                    file.iter().all(|(other, _)| other.position != id.position),
                    "no booking is cut"
                );
                let old = id.position < self.passed;
                assert!(old || id.position >= chosen.to, "nothing new is passed over");
            }
            self.made.push(file.iter().map(|(id, _)| (*id, true)).collect());
            self.passed = chosen.to;
        }
    }
}

proptest! {
    #[test]
    fn each_line_is_in_exactly_one_file_that_counts(steps in prop::collection::vec(step(), 1..40)) {
        let mut all = Files::default();
        let mut day = date(2026, 12, 20);
        for step in steps {
            match step {
                Step::Books(bookings) => {
                    for lines in bookings {
                        let position = all.next_place;
                        all.booked.extend((1..=lines).map(|line| (LineId { position, line }, day)));
                        all.next_place += 1;
                    }
                    day = day.checked_add(3.days()).expect("a day");
                }
                Step::Export => {
                    all.export();
                    prop_assert_eq!(all.waiting(), []);
                    prop_assert_eq!(all.passed, all.next_place);
                }
                Step::Withdraw(file, lines) if !all.made.is_empty() => {
                    let file = file.get_mut(&mut all.made);
                    let ids: Vec<LineId> = file.keys().copied().collect();
                    for line in lines {
                        file.insert(*line.get(&ids), false);
                    }
                }
                Step::Withdraw(..) => {}
            }
            for (id, _) in &all.booked {
                let counting = all.made.iter().filter(|file| file.get(id) == Some(&true)).count();
                prop_assert!(counting <= 1, "{} counts {} times", id, counting);
            }
        }
        all.export();
        for (id, _) in &all.booked {
            let counting = all.made.iter().filter(|file| file.get(id) == Some(&true)).count();
            prop_assert_eq!(counting, 1, "{}", id);
        }
    }
}

#[test]
fn a_line_reads_back_as_it_prints_and_its_digest_stays() {
    let line: LineId = "123/4".parse().expect("a line");
    assert_eq!((line.position, line.line), (123, 4));
    for wrong in ["", "1", "1/0", "01/1", "1/+1", "1/1/1", "-1/1", "1/ 1"] {
        assert!(wrong.parse::<LineId>().is_err(), "{wrong}");
    }
    assert_eq!(
        data_encoding::HEXLOWER.encode(&lines_digest(&[line])),
        sha256("123/4\n"),
        "it stands in the log"
    );
}

fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(text))
}
