//! Reads the lists of unread receipts, where a Mandant's tenants entry says that its read cursor is ours alone.
//!
//! A confirmation takes all of a list from everybody, so everything on it is kept first, ours and not ours, and confirmed
//! then. A receipt is a reason to ask, never an amount: the attempts that it names are due at once. One reader per Mandant
//! across all processes holds a lease; every Change of a reading is guarded by its number, and `domain::receipt::news`
//! tells after a crash what was kept already.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::App;
use super::ports::{Calls, CommitError, Fault, Provider, ReadError, Refusal, Sealed, Unread, Urgency};
use crate::domain::change::{Change, Lease, Wake};
use crate::domain::ids::{AttemptId, ChangeId, Mint};
use crate::domain::mandant::MandantSettings;
use crate::domain::receipt::{CursorStep, CursorWork, News, Receipt, kept_text, news};

/// How many receipts one Change keeps: far below what the writer takes at once.
const CHUNK: usize = 1000;

/// How many Mandanten are read at once.
const MOST_AT_ONCE: usize = 8;

/// How often a list is read again at once, where its confirmation was refused because somebody else had read it.
const MOST_READINGS: u8 = 3;

/// What the provider says where a confirmation is not of the last reading.
const NOT_OF_THE_LAST_READING: &str = "-0100";

/// A reader that vanishes holds up the next one for so long, beside what its calls may take.
const LEASE_SECONDS: i64 = 120;

/// What reading all lists has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReceiptsRead {
    /// Receipts of attempts of ours that are new.
    pub ours: usize,
    /// New receipts that are not ours.
    pub foreign: usize,
    /// Mandanten whose list is read and confirmed.
    pub confirmed: usize,
}

/// Why a list was not read to its end. What was kept stays kept, and the next reading goes on.
#[derive(Debug, thiserror::Error)]
enum ReadingError {
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the provider refuses: {} ({})", .0.text, .0.code)]
    Refused(Refusal),
    #[error(
        "exclusive_cursor = true, but the provider has no list of unread receipts: take it out of the tenants file"
    )]
    NoList,
}

/// A Mandant's list that is being read.
struct Reader<'a> {
    app: &'a App,
    provider: &'a dyn Provider,
    settings: &'a MandantSettings,
    lease: i64,
}

impl App {
    /// Reads the lists of all Mandanten whose read cursor is ours alone, and waits until that is done.
    ///
    /// # Errors
    /// Where the tenants cannot be read. What goes wrong with one Mandant is logged, and holds up no other.
    pub async fn read_receipts(self: &Arc<Self>) -> Result<ReceiptsRead, ReadError> {
        let all = self.mandanten().await?;
        let ours: Vec<_> = all
            .into_iter()
            .filter(|mandant| mandant.exclusive_cursor)
            .collect();
        let mut sum = ReceiptsRead::default();
        for some in ours.chunks(MOST_AT_ONCE) {
            let tasks: Vec<_> = some
                .iter()
                .map(|settings| {
                    let (app, settings) = (Arc::clone(self), settings.clone());
                    self.tasks.spawn(async move { app.read_list(&settings).await })
                })
                .collect();
            for task in tasks {
                let read = task.await.unwrap_or_default();
                sum.ours += read.ours;
                sum.foreign += read.foreign;
                sum.confirmed += read.confirmed;
            }
        }
        Ok(sum)
    }

    async fn read_list(&self, settings: &MandantSettings) -> ReceiptsRead {
        let mandant = settings.id();
        let mut read = ReceiptsRead::default();
        let Some(provider) = self.provider(&settings.provider).cloned() else {
            tracing::error!(mandant, "the provider of a read cursor is not configured");
            return read;
        };
        let now = self.now();
        // Each reading asks for the list and confirms it.
        let calls = provider
            .ask_seconds()
            .saturating_mul(2 * i64::from(MOST_READINGS));
        let until = now.plus_seconds(LEASE_SECONDS.saturating_add(calls));
        let lease = match self.store.claim_cursor(&mandant, now, until).await {
            Ok(Some(lease)) => lease,
            Ok(None) => {
                tracing::debug!(mandant, "another connector reads this list");
                return read;
            }
            Err(error) => {
                tracing::warn!(mandant, %error, "a read cursor could not be taken");
                return read;
            }
        };
        let reader = Reader {
            app: self,
            provider: &*provider,
            settings,
            lease,
        };
        match reader.read(&mut read).await {
            Ok(()) => {}
            Err(ReadingError::Commit(CommitError::Conflict)) => {
                tracing::warn!(mandant, "another connector has taken over this list");
            }
            Err(ReadingError::Refused(refusal)) if refusal.fault == Fault::Caller => {
                tracing::warn!(
                    mandant,
                    code = refusal.code,
                    text = refusal.text,
                    "a list could not be read"
                );
            }
            Err(error @ (ReadingError::Refused(_) | ReadingError::NoList)) => {
                tracing::error!(mandant, %error, alert = true, "a list of receipts cannot be read");
            }
            Err(error) => tracing::warn!(mandant, %error, "a list of receipts was not read to its end"),
        }
        if let Err(error) = self.store.release_cursor(&mandant, lease).await {
            tracing::warn!(mandant, %error, "a read cursor is given back only when its lease has run out");
        }
        read
    }
}

impl Reader<'_> {
    async fn read(&self, read: &mut ReceiptsRead) -> Result<(), ReadingError> {
        for _ in 0..MOST_READINGS {
            let calls = Calls::default();
            let unread = self.provider.unread(&self.settings.number, &calls).await;
            let unread = unread
                .map_err(ReadingError::Refused)?
                .ok_or(ReadingError::NoList)?;
            let last = self.keep(&unread, read).await?;
            let Some(last) = last.filter(|_| !unread.receipts.is_empty()) else {
                return Ok(());
            };
            // Only now: what is confirmed is told to nobody again.
            match self
                .provider
                .confirm_read(&self.settings.number, &unread.id, &calls)
                .await
            {
                Ok(()) => {
                    self.commit(vec![CursorStep::Confirmed { up_to: last }], Vec::new())
                        .await?;
                    read.confirmed += 1;
                    return Ok(());
                }
                Err(refusal) if refusal.code == NOT_OF_THE_LAST_READING => {
                    tracing::warn!(
                        mandant = self.settings.id(),
                        reading = unread.id,
                        "somebody else has read the list meanwhile: it is read again; the cursor must be ours alone"
                    );
                }
                Err(refusal) => return Err(ReadingError::Refused(refusal)),
            }
        }
        Ok(())
    }

    /// Keeps what is new on a list; the number of the newest reading, where one is open.
    async fn keep(&self, unread: &Unread, read: &mut ReceiptsRead) -> Result<Option<i64>, ReadingError> {
        let (provider, mandant) = (&self.settings.provider, &self.settings.number);
        let kept = self.app.store.readings(provider, mandant).await?;
        let listed: Vec<Receipt> = unread.receipts.iter().map(Receipt::kept).collect();
        let News { confirmed, new } = news(&kept.open, &listed);
        let mut steps: Vec<_> = confirmed
            .map(|up_to| CursorStep::Confirmed { up_to })
            .into_iter()
            .collect();
        let open = kept
            .open
            .last()
            .filter(|reading| confirmed.is_none_or(|up_to| reading.n > up_to));
        if new.is_empty() {
            // What broke off has turned out to be whole.
            let broken = open.filter(|reading| !reading.whole);
            steps.extend(broken.map(|reading| CursorStep::Whole { n: reading.n }));
            if !steps.is_empty() {
                self.commit(steps, Vec::new()).await?;
            }
            return Ok(open.map(|reading| reading.n));
        }
        let n = kept.last + 1;
        steps.push(CursorStep::Begin {
            n,
            batch: kept_text(&unread.id),
        });
        let mut left = new.len();
        for places in new.chunks(CHUNK) {
            let ours = self.ours(places.iter().map(|place| &listed[*place])).await?;
            let mut wakes = BTreeSet::new();
            let (mut known, mut foreign) = (0, 0);
            for place in places {
                let receipt = listed[*place].clone();
                let attempts = ours.get(&receipt.kassenzeichen);
                match attempts {
                    Some(attempts) => {
                        known += 1;
                        wakes.extend(attempts.iter().copied());
                    }
                    None => foreign += 1,
                }
                steps.push(CursorStep::Keep {
                    n,
                    ordinal: i64::try_from(*place).unwrap_or(i64::MAX),
                    receipt,
                    attempt: attempts.and_then(|attempts| attempts.first().copied()),
                });
            }
            left -= places.len();
            if left == 0 {
                steps.push(CursorStep::Whole { n });
            }
            self.commit(std::mem::take(&mut steps), wakes.into_iter().collect())
                .await?;
            self.count(known, foreign, read);
        }
        Ok(Some(n))
    }

    /// The attempts that have the Kassenzeichen of receipts.
    async fn ours(
        &self,
        receipts: impl Iterator<Item = &Receipt> + Send,
    ) -> Result<BTreeMap<String, Vec<AttemptId>>, ReadError> {
        let names: BTreeSet<&str> = receipts.map(|receipt| receipt.kassenzeichen.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let (provider, mandant) = (&self.settings.provider, &self.settings.number);
        let mut ours: BTreeMap<String, Vec<AttemptId>> = BTreeMap::new();
        for (kassenzeichen, attempt) in self.app.store.attempts_named(provider, mandant, &names).await? {
            ours.entry(kassenzeichen).or_default().push(attempt);
        }
        for attempts in ours.values_mut() {
            attempts.sort();
        }
        Ok(ours)
    }

    async fn commit(&self, steps: Vec<CursorStep>, wakes: Vec<AttemptId>) -> Result<(), CommitError> {
        let at = self.app.now();
        let mut change = Change::bare(ChangeId(Mint::new(self.app.ids.uuid(at)).next_id()));
        let work = CursorWork {
            provider: self.settings.provider.clone(),
            mandant: self.settings.number.clone(),
            at,
            steps,
        };
        change.guards.lease = Some(Lease::Cursor {
            cursor: work.cursor(),
            number: self.lease,
        });
        change.effects.wakes = wakes.into_iter().map(|attempt| Wake { attempt, at }).collect();
        change.effects.cursor = Some(work);
        let sealed = Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        self.app.commit(sealed, Urgency::Bulk).await
    }

    fn count(&self, ours: usize, foreign: usize, read: &mut ReceiptsRead) {
        read.ours += ours;
        read.foreign += foreign;
        let mandant = self.settings.id();
        tracing::info!(mandant, ours, foreign, "receipts are kept");
        let counted = |name: &'static str, count: usize| {
            let labels = [
                ("provider", self.settings.provider.to_string()),
                ("mandant", self.settings.number.to_string()),
            ];
            metrics::counter!(name, &labels).increment(u64::try_from(count).unwrap_or(u64::MAX));
        };
        counted("epaybl_receipts_ours_total", ours);
        counted("epaybl_receipts_foreign_total", foreign);
    }
}
