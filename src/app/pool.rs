//! Kassenzeichen of our own: a number is drawn here, and becomes the attempt's in the Change that opens it.
//!
//! What keeps a number from being used twice is its once-key. The rest saves looking: the store's pointer of a range
//! says where to go on, and a counter in memory keeps the requests of this process apart. A number whose Change did not
//! become true is given out again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::App;
use super::open_payment::OpenError;
use super::ports::ReadError;
use super::tenants::read_body;
use crate::domain::decide::{kassenzeichen_scope, own_scope};
use crate::domain::ids::{Bewirtschafter, Mandant, ProviderId};
use crate::domain::mandant::{MandantSettings, mandant_id};
use crate::domain::pool::{OwnKassenzeichen, PoolRange, PoolTaken};
use crate::domain::time::Timestamp;

/// A pool that runs dry is warned of so often.
const WARN_EVERY_SECONDS: i64 = 3600;

/// How many numbers that others have are passed over at once.
const MOST_PASSED: usize = 256;

/// What this process knows of pools.
#[derive(Debug, Default)]
pub(super) struct Pools {
    ranges: Mutex<BTreeMap<String, Counter>>,
    warned: Mutex<BTreeMap<String, Timestamp>>,
}

#[derive(Debug)]
struct Counter {
    /// The next number that this process has not given out.
    next: i64,
    /// Numbers that were given out and did not become true.
    back: BTreeSet<i64>,
}

impl Counter {
    fn draw(&mut self, last: i64) -> Option<i64> {
        if let Some(number) = self.back.pop_first() {
            return Some(number);
        }
        let number = self.next;
        (number <= last).then(|| {
            self.next += 1;
            number
        })
    }

    fn left(&self, range: &PoolRange) -> i64 {
        let back = i64::try_from(self.back.len()).unwrap_or(i64::MAX);
        range.left_from(self.next).saturating_add(back)
    }
}

impl Pools {
    fn with<T>(&self, range: &str, what: impl FnOnce(&mut Counter) -> T) -> Option<T> {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        ranges.get_mut(range).map(what)
    }

    fn knows(&self, range: &str) -> bool {
        self.with(range, |_| ()).is_some()
    }

    /// The store's pointer: this process begins there, or passes over what others have taken meanwhile.
    fn go_on_from(&self, range: &str, next: i64) {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = ranges.entry(range.to_owned()).or_insert_with(|| Counter {
            next,
            back: BTreeSet::new(),
        });
        counter.next = counter.next.max(next);
    }

    /// Whether it is time to warn of a pool again.
    fn may_warn(&self, pool: String, now: Timestamp) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let due = warned
            .get(&pool)
            .is_none_or(|last| now >= last.plus_seconds(WARN_EVERY_SECONDS));
        if due {
            warned.insert(pool, now);
        }
        due
    }
}

/// A number that was drawn. Unless it is [used](Self::used), it goes back when it is dropped.
#[derive(Debug)]
pub(super) struct Drawn<'a> {
    pools: &'a Pools,
    range: PoolRange,
    number: i64,
    /// Where a number is taken, if it is.
    scopes: [String; 2],
    /// The Kassenzeichen and how far its range is used with it.
    pub(super) own: OwnKassenzeichen,
    goes_back: bool,
}

impl Drawn<'_> {
    /// Its Change has become true.
    pub(super) fn used(mut self) {
        self.goes_back = false;
    }
}

impl Drop for Drawn<'_> {
    fn drop(&mut self) {
        if self.goes_back {
            self.pools
                .with(&self.own.taken.range, |counter| counter.back.insert(self.number));
        }
    }
}

/// Why there is no number.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrawError {
    /// The pool is used up, or its numbers are no Kassenzeichen.
    #[error("{0}")]
    Dry(String),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<DrawError> for OpenError {
    fn from(error: DrawError) -> Self {
        match error {
            DrawError::Dry(_) => Self::Configuration,
            DrawError::Read(error) => error.into(),
        }
    }
}

/// How much is left of the numbers of a Bewirtschafter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolLevel {
    /// `<provider>/<number>` of the Mandant.
    pub mandant: String,
    /// The provider.
    pub provider: ProviderId,
    /// The Mandant's number.
    pub number: Mandant,
    /// The Bewirtschafter.
    pub bewirtschafter: Bewirtschafter,
    /// Numbers that nobody has taken.
    pub left: i64,
    /// All numbers.
    pub all: i64,
    /// A warning is due below it.
    pub warn_below: i64,
}

impl std::fmt::Display for PoolLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            mandant,
            bewirtschafter,
            left,
            all,
            ..
        } = self;
        write!(
            f,
            "{mandant}, Bewirtschafter {bewirtschafter}: {left} of {all} numbers are left"
        )
    }
}

impl PoolLevel {
    /// Whether it is time to ask the cash office for more.
    pub fn is_low(&self) -> bool {
        self.left < self.warn_below
    }
}

impl App {
    /// Draws a number for an attempt; `None` where the provider gives them.
    pub(super) async fn draw(
        &self,
        provider: &ProviderId,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
    ) -> Result<Option<Drawn<'_>>, DrawError> {
        let id = mandant_id(provider, mandant);
        let Some(settings) = self.mandant(&id).await? else {
            return Ok(None);
        };
        let ranges = settings.pool_of(bewirtschafter);
        if ranges.is_empty() {
            return Ok(None);
        }
        let mut left = 0;
        let mut drawn = None;
        for range in &ranges {
            let name = range.id(provider, mandant);
            if !self.pools.knows(&name) {
                let next = self.store.pool_next(&name).await?.unwrap_or(range.first);
                self.pools.go_on_from(&name, next);
            }
            self.pools.with(&name, |counter| {
                if drawn.is_none() {
                    drawn = counter.draw(range.last).map(|number| (*range, number));
                }
                left += counter.left(range);
            });
        }
        let pool = format!("{id}/{bewirtschafter}");
        let Some((range, number)) = drawn else {
            tracing::error!(mandant = %id, %bewirtschafter, alert = true,
                "no Kassenzeichen is left: the payment is refused; give the Mandant another range in the tenants file");
            return Err(DrawError::Dry(format!("no Kassenzeichen is left for {pool}")));
        };
        let warn_below = ranges.iter().map(|range| range.warn_below).max().unwrap_or(0);
        if left < warn_below && self.pools.may_warn(pool.clone(), self.now()) {
            tracing::warn!(mandant = %id, %bewirtschafter, left, warn_below, alert = true,
                "few Kassenzeichen are left: ask the cash office for another range");
        }
        let name = range.id(provider, mandant);
        let spelled = range.spell(number).map_err(|error| {
            tracing::error!(mandant = %id, %bewirtschafter, number, %error, alert = true,
                "a number of the pool is no Kassenzeichen; run `check`");
            DrawError::Dry(error.to_string())
        })?;
        Ok(Some(Drawn {
            pools: &self.pools,
            number,
            range: range.clone(),
            scopes: [
                own_scope(provider),
                kassenzeichen_scope(provider, mandant, bewirtschafter),
            ],
            own: OwnKassenzeichen {
                kassenzeichen: spelled,
                taken: PoolTaken {
                    range: name,
                    next: number + 1,
                },
            },
            goes_back: true,
        }))
    }

    /// The Change that was to use a number has lost a guard. Where the number is somebody else's, the pointer is read
    /// again and numbers that are taken are passed over; else it goes back and is given out again.
    pub(super) async fn draw_lost(&self, mut drawn: Drawn<'_>) -> Result<(), ReadError> {
        if !self.is_taken(&drawn, drawn.number).await? {
            return Ok(());
        }
        drawn.goes_back = false;
        let name = &drawn.own.taken.range;
        let mut next = self.store.pool_next(name).await?.unwrap_or(drawn.number);
        if next <= drawn.number {
            // Numbers that did not come from this range as it is now: the pointer knows nothing of them.
            next = drawn.number + 1;
            for _ in 0..MOST_PASSED {
                if next > drawn.range.last || !self.is_taken(&drawn, next).await? {
                    break;
                }
                next += 1;
            }
        }
        self.pools.go_on_from(name, next);
        Ok(())
    }

    async fn is_taken(&self, drawn: &Drawn<'_>, number: i64) -> Result<bool, ReadError> {
        let Ok(kassenzeichen) = drawn.range.spell(number) else {
            return Ok(true);
        };
        for scope in &drawn.scopes {
            if self.store.once(scope, kassenzeichen.as_str()).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A Mandant's entry of the tenants, where it has one that is open.
    async fn mandant(&self, id: &str) -> Result<Option<MandantSettings>, ReadError> {
        let object = self.store.tenant("mandant", id).await?;
        object
            .filter(|object| !object.closed)
            .map(|object| read_body(&object))
            .transpose()
    }

    /// The entries of all Mandanten that are open.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn mandanten(&self) -> Result<Vec<MandantSettings>, ReadError> {
        let objects = self.store.tenants_of("mandant").await?;
        let open = objects.iter().filter(|object| !object.closed);
        open.map(read_body).collect()
    }

    /// How much is left in the pools of Mandanten, as the store knows it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn pool_levels(&self, mandanten: &[MandantSettings]) -> Result<Vec<PoolLevel>, ReadError> {
        let mut levels = Vec::new();
        for settings in mandanten {
            for bewirtschafter in settings.pools() {
                let mut level = PoolLevel {
                    mandant: settings.id(),
                    provider: settings.provider.clone(),
                    number: settings.number.clone(),
                    bewirtschafter: bewirtschafter.clone(),
                    left: 0,
                    all: 0,
                    warn_below: 0,
                };
                for range in settings.pool_of(bewirtschafter) {
                    let name = range.id(&settings.provider, &settings.number);
                    let next = self.store.pool_next(&name).await?.unwrap_or(range.first);
                    level.left = level.left.saturating_add(range.left_from(next));
                    level.all = level.all.saturating_add(range.left_from(range.first));
                    level.warn_below = level.warn_below.max(range.warn_below);
                }
                levels.push(level);
            }
        }
        Ok(levels)
    }
}
