//! The faults that have been asked for: for the next create calls, for everything, and by chance.
//!
//! Chance comes from a seed: the same seed and the same order of create calls meet the same faults.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Fault;

/// So many entries wait, so many faults hold together, so many draws are remembered.
pub(in crate::sandbox) const MOST_WAITING: usize = 10_000;
pub(in crate::sandbox) const MOST_TOGETHER: usize = 64;
const MOST_REMEMBERED: usize = 100;

/// Faults by chance, one draw per create call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// The same seed draws the same faults.
    pub seed: u64,
    /// How many calls of a hundred meet one.
    pub rate_percent: u8,
    /// Those to draw from.
    pub faults: Vec<Fault>,
}

/// A draw that hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// The first create call since the seed was set is 1.
    pub call: u64,
    /// What it met.
    pub fault: Fault,
}

/// The faults that have been asked for.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Faults {
    /// For the next create calls, one entry each.
    pub(in crate::sandbox) next: VecDeque<Vec<Fault>>,
    /// For every call and every payment from now on.
    pub(in crate::sandbox) all: Vec<Fault>,
    random: Option<Random>,
    /// Create calls since the seed was set.
    calls: u64,
    drawn: VecDeque<Drawn>,
}

impl Random {
    /// Why this cannot be drawn from.
    pub(in crate::sandbox) fn mistake(&self) -> Option<String> {
        if self.rate_percent > 100 {
            Some(format!(
                "rate_percent is {}, at most 100 of 100 calls can meet a fault",
                self.rate_percent
            ))
        } else if self.faults.is_empty() || self.faults.len() > MOST_TOGETHER {
            let number = self.faults.len();
            Some(format!(
                "faults has {number} entries, it needs 1 to {MOST_TOGETHER} to draw from"
            ))
        } else {
            self.faults
                .iter()
                .find(|fault| fault.is_of_connections())
                .map(|fault| format!("{fault} is about connections and cannot be drawn per call; use all"))
        }
    }

    fn draw(&self, call: u64) -> Option<&Fault> {
        let digest = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(call.to_be_bytes())
            .finalize();
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
        };
        if number(&digest[..7]) % 100 >= u64::from(self.rate_percent) {
            return None;
        }
        let among = u64::try_from(self.faults.len()).ok().filter(|among| *among > 0)?;
        let place = usize::try_from(number(&digest[8..15]) % among).ok()?;
        self.faults.get(place)
    }
}

impl Faults {
    /// What the create call that has just arrived meets: takes one entry from the queue, adds what holds for
    /// all, what the call itself asks for, and what chance has for it; each once.
    pub(in crate::sandbox) fn draw(&mut self, by_call: Vec<Fault>) -> Vec<Fault> {
        let chance = self.by_chance();
        let next = self.next.pop_front().unwrap_or_default();
        let all = self.all.iter().cloned();
        let mut faults: Vec<Fault> = Vec::new();
        for fault in next.into_iter().chain(all).chain(by_call).chain(chance) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }

    fn by_chance(&mut self) -> Option<Fault> {
        let random = self.random.as_ref()?;
        self.calls += 1;
        let fault = random.draw(self.calls)?.clone();
        if self.drawn.len() == MOST_REMEMBERED {
            self.drawn.pop_front();
        }
        self.drawn.push_back(Drawn {
            call: self.calls,
            fault: fault.clone(),
        });
        Some(fault)
    }

    /// Begins again at the first draw.
    pub(in crate::sandbox) fn chance(&mut self, random: Random) {
        self.random = Some(random);
        self.calls = 0;
        self.drawn.clear();
    }

    /// The chance that holds, and how many calls it has met.
    pub(in crate::sandbox) fn random(&self) -> Option<(&Random, u64)> {
        self.random.as_ref().map(|random| (random, self.calls))
    }

    /// The latest draws that hit, the oldest first.
    pub(in crate::sandbox) fn drawn(&self) -> impl Iterator<Item = &Drawn> {
        self.drawn.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u64, rate_percent: u8) -> Random {
        Random {
            seed,
            rate_percent,
            faults: vec![Fault::Slow, Fault::DropAfterCreate, Fault::NoNotify],
        }
    }

    fn story(seed: u64, rate_percent: u8) -> Vec<Vec<Fault>> {
        let mut faults = Faults::default();
        faults.chance(random(seed, rate_percent));
        (0..1000).map(|_| faults.draw(Vec::new())).collect()
    }

    #[test]
    fn the_same_seed_tells_the_same_story() {
        assert_eq!(story(7, 10), story(7, 10));
        assert_ne!(story(7, 10), story(8, 10));
        assert!(story(7, 0).iter().all(Vec::is_empty));
        let always = story(7, 100);
        for fault in random(7, 100).faults {
            let times = always.iter().filter(|faults| **faults == [fault.clone()]).count();
            assert!((200..470).contains(&times), "{fault}: {times}");
        }
        let hits = story(7, 10).iter().filter(|faults| !faults.is_empty()).count();
        assert!((60..140).contains(&hits), "{hits}");
    }

    #[test]
    fn a_draw_is_remembered_and_a_new_seed_begins_again() {
        let mut faults = Faults::default();
        faults.chance(random(7, 100));
        let first = faults.draw(Vec::new());
        for _ in 0..200 {
            faults.draw(Vec::new());
        }
        assert_eq!(faults.drawn().count(), MOST_REMEMBERED);
        assert_eq!(faults.drawn().last().map(|drawn| drawn.call), Some(201));
        faults.chance(random(7, 100));
        assert_eq!(faults.draw(Vec::new()), first);
        assert_eq!(faults.drawn().count(), 1);
    }

    #[test]
    fn a_fault_that_is_asked_for_twice_is_met_once() {
        let mut faults = Faults::default();
        faults.next.push_back(vec![Fault::Slow, Fault::NoNotify]);
        faults.all.push(Fault::Slow);
        assert_eq!(
            faults.draw(vec![Fault::NoNotify, Fault::WrongHash]),
            [Fault::Slow, Fault::NoNotify, Fault::WrongHash]
        );
        assert_eq!(faults.draw(Vec::new()), [Fault::Slow]);
    }

    #[test]
    fn chance_that_makes_no_sense_is_told_so() {
        assert_eq!(random(1, 100).mistake(), None);
        assert!(random(1, 101).mistake().is_some());
        let none = Random {
            faults: Vec::new(),
            ..random(1, 10)
        };
        assert!(
            none.mistake()
                .is_some_and(|mistake| mistake.contains("0 entries"))
        );
    }
}
