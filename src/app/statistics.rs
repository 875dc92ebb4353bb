//! Statistics over the cases of Kassen, for the region's dashboard; what may be shown is decided in `domain/statistics`.

use std::collections::{BTreeMap, BTreeSet};

use super::App;
use super::ports::ReadError;
use super::tenants::read_body;
use crate::domain::ids::{AuthorityId, LedgerId, RouteKey};
use crate::domain::statistics::{Month, Statistics};
use crate::domain::tenant::{Environment, Kasse};

/// How many cases are read at once.
const PAGE: u32 = 5000;

/// Whose cases: a Kasse, and which of its authorities; all of them where none is named.
pub type Whose = (LedgerId, Option<BTreeSet<AuthorityId>>);

/// Why there are no statistics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatisticsError {
    /// No such Kasse.
    #[error("there is no Kasse «{0}»")]
    NoKasse(LedgerId),
    /// Test and real money.
    #[error("{0} and {1} are of different environments, which are never counted together: name one Kasse")]
    Mixed(LedgerId, LedgerId),
    /// The months are the wrong way round, or too many.
    #[error("from {0} to {1} is no time: it begins before it ends, and lasts 10 years at the most")]
    Time(Month, Month),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl App {
    /// Counts the cases that were opened from the first day of a month to the last day of another.
    ///
    /// # Errors
    /// [`StatisticsError`].
    pub async fn statistics(
        &self,
        whose: &[Whose],
        from: Month,
        to: Month,
    ) -> Result<Statistics, StatisticsError> {
        let wrong = || StatisticsError::Time(from, to);
        let (begins, ends) = (from.begins().ok_or_else(wrong)?, to.ends().ok_or_else(wrong)?);
        if from > to || to.year - from.year > 10 {
            return Err(wrong());
        }
        let mut first: Option<(LedgerId, Environment)> = None;
        for (ledger, _) in whose {
            let object = self.store.tenant("kasse", ledger.as_str()).await?;
            let object = object.ok_or_else(|| StatisticsError::NoKasse(ledger.clone()))?;
            let environment = read_body::<Kasse>(&object)?.environment;
            match &first {
                Some((other, theirs)) if *theirs != environment => {
                    return Err(StatisticsError::Mixed(other.clone(), ledger.clone()));
                }
                Some(_) => {}
                None => first = Some((ledger.clone(), environment)),
            }
        }
        let mut statistics = Statistics::of(first.map_or(Environment::Test, |(_, environment)| environment));
        let mut keys: BTreeMap<(RouteKey, i64), String> = BTreeMap::new();
        for (ledger, authorities) in whose {
            let mut after = None;
            loop {
                let page = self
                    .store
                    .counted_cases(
                        (ledger, authorities.as_ref()),
                        (begins, ends),
                        after.as_ref(),
                        PAGE,
                    )
                    .await?;
                let Some(last) = page.last() else { break };
                after = Some(last.place.clone());
                for mut case in page {
                    if !keys.contains_key(&case.route) {
                        let leika = self.route_at(&case.route).await?.leika;
                        keys.insert(case.route.clone(), leika);
                    }
                    case.row.leika.clone_from(&keys[&case.route]);
                    statistics.add(&case.row);
                }
            }
        }
        Ok(statistics)
    }
}
