//! Kassenzeichen of our own: ranges of numbers per Bewirtschafter, how a number is spelled, and which ranges spell the
//! same. A number is taken in the Change that uses it, and never used twice.
//!
//! To add a kind of check digit: a variant of [`CheckDigit`] and its arm in [`CheckDigit::append`].

use serde::{Deserialize, Serialize};

use super::ids::{Bewirtschafter, IdError, Kassenzeichen, Mandant, ProviderId};

/// The longest Kassenzeichen that ePayBL takes (−0310).
pub const LONGEST: usize = 30;
/// The most places that a number may be filled up to.
pub const MOST_DIGITS: u32 = 18;

/// How far a pool has been used; written in the Change that takes a number from it. It only saves looking: what keeps a
/// number from being used twice is its once-key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolTaken {
    /// Which range of which pool.
    pub range: String,
    /// The next number that nobody has taken.
    pub next: i64,
}

/// A Kassenzeichen that we give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKassenzeichen {
    /// The Kassenzeichen, check digit included.
    pub kassenzeichen: Kassenzeichen,
    /// Where it comes from.
    pub taken: PoolTaken,
}

/// What stands behind the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// Nothing.
    #[default]
    None,
    /// The HKR-Prüfziffer, where the Bewirtschafter uses it (ePayBL −0502); see [`hkr`].
    Hkr,
}

/// A range of Kassenzeichen that the cash office has set aside for this connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolRange {
    /// Whose payments get them.
    pub bewirtschafter: Bewirtschafter,
    /// Letters and digits before the number.
    #[serde(default)]
    pub prefix: String,
    /// The first number.
    pub first: i64,
    /// The last number.
    pub last: i64,
    /// How many places the number has; it is filled up with zeros.
    pub digits: u32,
    /// What stands behind the number.
    #[serde(default)]
    pub check_digit: CheckDigit,
    /// A warning is given when fewer numbers are left for the Bewirtschafter.
    #[serde(default = "default_warn_below")]
    pub warn_below: i64,
}

const fn default_warn_below() -> i64 {
    1000
}

/// The HKR-Prüfziffer of a number. Each digit is weighted by the digit root of 2^p, with p its place from the right: 2,
/// 4, 8, 7, 5, 1 and so on. The digit roots of the products are summed; what lacks to a full ten is the check digit.
/// `None` where the text is not digits alone.
pub fn hkr(number: &str) -> Option<char> {
    const WEIGHTS: [u32; 6] = [2, 4, 8, 7, 5, 1];
    let mut sum = 0;
    for (digit, weight) in number.chars().rev().zip(WEIGHTS.iter().cycle()) {
        let product = digit.to_digit(10)? * weight;
        // The digit root: what remains after casting out nines, where nine itself stays nine.
        sum += if product == 0 { 0 } else { (product - 1) % 9 + 1 };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

impl CheckDigit {
    /// A number with what stands behind it.
    fn append(self, mut number: String) -> String {
        if self == Self::Hkr {
            number.extend(hkr(&number));
        }
        number
    }

    /// How many places it takes.
    pub const fn places(self) -> usize {
        match self {
            Self::None => 0,
            Self::Hkr => 1,
        }
    }
}

impl PoolRange {
    /// How it is known in the store. What its numbers mean is in there; how many there are is not, so that a range that
    /// is made longer goes on where it was.
    pub fn id(&self, provider: &ProviderId, mandant: &Mandant) -> String {
        let Self {
            bewirtschafter,
            prefix,
            first,
            digits,
            ..
        } = self;
        format!("{provider}/{mandant}/{bewirtschafter}/{prefix}/{digits}/{first}")
    }

    /// One of its numbers as a Kassenzeichen.
    ///
    /// # Errors
    /// Where the range was never checked, and its numbers are none.
    pub fn spell(&self, number: i64) -> Result<Kassenzeichen, IdError> {
        let width = self.digits as usize;
        let text = format!("{}{number:0width$}", self.prefix);
        Kassenzeichen::parse(&self.check_digit.append(text))
    }

    /// How long its Kassenzeichen are.
    pub fn length(&self) -> usize {
        self.prefix.chars().count() + self.digits as usize + self.check_digit.places()
    }

    /// Numbers from `next` on.
    pub fn left_from(&self, next: i64) -> i64 {
        (self.last - next.max(self.first)).saturating_add(1).max(0)
    }

    /// What is wrong with it: the setting and a sentence.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let Self {
            prefix,
            first,
            last,
            digits,
            ..
        } = self;
        if let Some(bad) = prefix.chars().find(|c| !c.is_ascii_alphanumeric()) {
            let told = format!("«{prefix}» contains «{bad}»; a Kassenzeichen has letters A-Z a-z and digits");
            faults.push(("prefix", told));
        }
        if self.check_digit == CheckDigit::Hkr && !prefix.chars().all(|c| c.is_ascii_digit()) {
            let told = format!("«{prefix}» has letters, but the HKR check digit is one of digits alone");
            faults.push(("prefix", told));
        }
        if !(1..=MOST_DIGITS).contains(digits) {
            faults.push(("digits", format!("{digits} is not between 1 and {MOST_DIGITS}")));
        } else if *last >= 10_i64.pow(*digits) {
            faults.push(("last", format!("{last} has more than {digits} digits")));
        }
        if *first < 0 {
            faults.push(("first", format!("{first} is below 0")));
        }
        if last < first {
            faults.push(("last", format!("{last} is less than first, {first}")));
        }
        let length = self.length();
        if !(2..=LONGEST).contains(&length) {
            let told = format!(
                "prefix, digits and check digit are {length} characters; ePayBL takes 2 to {LONGEST}"
            );
            faults.push(("digits", told));
        }
        if self.warn_below < 0 {
            faults.push(("warn_below", format!("{} is below 0", self.warn_below)));
        }
        faults
    }

    /// A Kassenzeichen that both ranges spell, if there is one. Prefix and number are one text: `12` and 3 places spell
    /// the same as `1` and 4 places.
    pub fn meets(&self, other: &Self) -> Option<Kassenzeichen> {
        let (a, b) = (Spelling::of(self)?, Spelling::of(other)?);
        if a.head != b.head || self.length() != other.length() {
            return None;
        }
        let text = match (a.check, b.check) {
            (CheckDigit::None, CheckDigit::None) | (CheckDigit::Hkr, CheckDigit::Hkr) => {
                let low = a.low.max(b.low);
                (low <= a.high.min(b.high)).then(|| a.text(low))
            }
            (CheckDigit::Hkr, CheckDigit::None) => a.among(&b),
            (CheckDigit::None, CheckDigit::Hkr) => b.among(&a),
        };
        Kassenzeichen::parse(&text?).ok()
    }
}

/// A range as one number behind what cannot be one: the digits at the end of the prefix belong to the number.
struct Spelling<'a> {
    head: &'a str,
    width: usize,
    low: u128,
    high: u128,
    check: CheckDigit,
}

impl<'a> Spelling<'a> {
    /// `None` where the range is at fault itself.
    fn of(range: &'a PoolRange) -> Option<Self> {
        if !range.faults().is_empty() {
            return None;
        }
        let head = range.prefix.trim_end_matches(|c: char| c.is_ascii_digit());
        let tail = &range.prefix[head.len()..];
        let above = match tail {
            "" => 0,
            digits => digits
                .parse::<u128>()
                .ok()?
                .checked_mul(10_u128.pow(range.digits))?,
        };
        Some(Self {
            head,
            width: tail.len() + range.digits as usize,
            low: above + u128::try_from(range.first).ok()?,
            high: above + u128::try_from(range.last).ok()?,
            check: range.check_digit,
        })
    }

    fn text(&self, number: u128) -> String {
        let width = self.width;
        self.check.append(format!("{}{number:0width$}", self.head))
    }

    /// The first of its texts, check digit included, that a range without check digit spells too. Every ten numbers of
    /// the other hold exactly one of them, so only the ends of what both cover need to be tried.
    fn among(&self, other: &Self) -> Option<String> {
        let (low, high) = (self.low.max(other.low / 10), self.high.min(other.high / 10));
        if low > high {
            return None;
        }
        let candidates = [low, (low + 1).min(high), high];
        candidates
            .into_iter()
            .map(|number| self.text(number))
            .find(|text| {
                let digits = text[self.head.len()..].parse::<u128>();
                digits.is_ok_and(|digits| (other.low..=other.high).contains(&digits))
            })
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
