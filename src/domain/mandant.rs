//! What the tenants file says of a Mandant at a provider: who owns it, which Kassenzeichen of our own it has, and whether
//! its read cursor is ours alone. A Mandant without an entry needs none of this.

use serde::{Deserialize, Serialize};

use super::ids::{Bewirtschafter, LedgerId, Mandant, ProviderId};
use super::pool::PoolRange;

/// A Mandant of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandantSettings {
    /// The provider section of the configuration.
    pub provider: ProviderId,
    /// Its number there.
    pub number: Mandant,
    /// The Kasse whose log says what is set here.
    pub kasse: LedgerId,
    /// Its name for people.
    pub name: String,
    /// Whether nobody but this connector reads its list of unread receipts. Confirming the list takes the receipts of
    /// every other procedure of the Mandant with it, so this is never assumed.
    #[serde(default)]
    pub exclusive_cursor: bool,
    /// Kassenzeichen of our own, used in this order for each Bewirtschafter. Where a Bewirtschafter has none, the
    /// provider gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pool: Vec<PoolRange>,
}

/// How others refer to a Mandant: `<provider>/<number>`.
pub fn mandant_id(provider: &ProviderId, number: &Mandant) -> String {
    format!("{provider}/{number}")
}

impl MandantSettings {
    /// How others refer to it.
    pub fn id(&self) -> String {
        mandant_id(&self.provider, &self.number)
    }

    /// The ranges of a Bewirtschafter, in the order in which they are used.
    pub fn pool_of(&self, bewirtschafter: &Bewirtschafter) -> Vec<&PoolRange> {
        let ours = self
            .pool
            .iter()
            .filter(|range| range.bewirtschafter == *bewirtschafter);
        ours.collect()
    }

    /// Every Bewirtschafter that has ranges, once.
    pub fn pools(&self) -> Vec<&Bewirtschafter> {
        let mut all: Vec<&Bewirtschafter> = self.pool.iter().map(|range| &range.bewirtschafter).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// Every two ranges of one provider that spell the same number, each told as a sentence: the path of the second and what
/// is wrong there. `ranges` are path, provider and range.
pub fn overlaps(ranges: &[(String, &str, &PoolRange)]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (index, (path, provider, range)) in ranges.iter().enumerate() {
        for (earlier, _, other) in ranges[..index].iter().filter(|(_, of, _)| of == provider) {
            if let Some(both) = other.meets(range) {
                let told = format!(
                    "spells {both}, and so does {earlier}: a number belongs to one range of a provider only"
                );
                found.push((path.clone(), told));
            }
        }
    }
    found
}

/// The same for whole Mandanten; their paths are `mandant <id>.pool[<index>]`.
pub fn pools_that_meet(mandanten: &[MandantSettings]) -> Vec<(String, String)> {
    let mut ranges = Vec::new();
    for mandant in mandanten {
        for (index, range) in mandant.pool.iter().enumerate() {
            let path = format!("mandant {}.pool[{index}]", mandant.id());
            ranges.push((path, mandant.provider.as_str(), range));
        }
    }
    overlaps(&ranges)
}
