//! Use cases: read a snapshot, call `domain`, commit the Change, and do what needs the outside.
//!
//! One file per use case. All share [`App`] and its one way of changing a case: read, decide, commit, and on a conflict
//! read again.

pub mod ask;
pub mod audit;
pub mod availability;
mod call;
pub mod closings;
pub mod deliver;
mod details;
pub mod drop_folder;
pub mod exceptions;
pub mod lists;
pub mod login;
pub mod open_payment;
mod payouts;
pub mod pool;
pub mod ports;
pub mod postings;
mod provider_order;
pub mod read_payment;
pub mod receipts;
pub mod reconcile;
pub mod statements;
pub mod statistics;
pub mod suggestions;
pub mod support;
pub mod take_callback;
pub mod take_files;
pub mod tenants;
pub mod to_and_fro;
pub mod vault;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

use crate::domain::change::{Change, Lease, Personal};
use crate::domain::decide::{AskPolicy, Ctx, Spare};
use crate::domain::ids::{CaseId, LedgerId, Mint, ProviderId, Transaktionsnummer};
use crate::domain::pool::OwnKassenzeichen;
use crate::domain::time::Timestamp;
use ports::{
    Clock, ClosingDocuments, CommitError, DropFolder, Ids, Notifier, PostingFiles, Provider, ReadError,
    Scope, Sealed, SealedPersonal, Snapshot, StatementFiles, Store, SubjectKey, Urgency,
};
use vault::{CaseKey, Vault, VaultError};

/// Looks, and deliveries, that are under way at once.
const MOST_AT_ONCE: usize = 256;

/// Computations for callers that are under way at once.
const MOST_THINKING: usize = 2;

/// How often a decision is made again after a conflict.
const MOST_ROUNDS: usize = 32;

/// What use cases are set to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the world reaches us.
    pub public_url: Url,
    /// How often providers are asked.
    pub policy: AskPolicy,
    /// How long creating a payment waits for the provider.
    pub create_wait: Duration,
    /// How long a citizen who comes back waits for certainty.
    pub return_wait: Duration,
    /// How long a citizen on the way to the paypage waits for its address.
    pub pay_wait: Duration,
    /// How long claimed work is its taker's.
    pub lease: Duration,
    /// How much is taken at once.
    pub batch: u32,
    /// From which hour of the morning in Berlin days are closed.
    pub closing_hour: i8,
}

/// The ways to the outside.
pub struct Outside {
    /// The other sides southbound.
    pub providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    /// The way to gateways.
    pub notifier: Arc<dyn Notifier>,
    /// The way to files with statements.
    pub files: Arc<dyn StatementFiles>,
    /// The folder that such files are dropped into.
    pub drop_folder: Option<Arc<dyn DropFolder>>,
    /// What writes files for cash systems.
    pub postings: Arc<dyn PostingFiles>,
    /// The way to documents of closings.
    pub documents: Arc<dyn ClosingDocuments>,
}

/// Everything that use cases need.
pub struct App {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The other sides southbound.
    pub providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    /// The way to gateways.
    pub notifier: Arc<dyn Notifier>,
    /// The way to files with statements.
    pub files: Arc<dyn StatementFiles>,
    /// The folder that such files are dropped into.
    pub drop_folder: Option<Arc<dyn DropFolder>>,
    /// What writes files for cash systems.
    pub postings: Arc<dyn PostingFiles>,
    /// The way to documents of closings.
    pub documents: Arc<dyn ClosingDocuments>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub ids: Arc<dyn Ids>,
    /// The keys.
    pub vault: Vault,
    /// The settings.
    pub settings: Settings,
    /// Work that goes on when its caller has gone; a shutdown waits for it.
    pub tasks: TaskTracker,
    /// What providers said lately.
    lately: availability::Lately,
    /// Which Kassenzeichen of our own were given out.
    pools: pool::Pools,
    /// Counts commits, so that those who wait for news look again.
    news: watch::Sender<u64>,
    /// Places for looks at attempts, so that a provider that hangs cannot pile up work without end.
    looks: Arc<Semaphore>,
    /// Places for deliveries, likewise.
    deliveries: Arc<Semaphore>,
    /// Counts commits that brought events, so that deliveries begin at once.
    events: watch::Sender<u64>,
    /// Places for what computes while somebody waits for the answer; who finds none free waits too.
    thinking: Semaphore,
}

/// Why a case could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// It is not there, or not in this scope.
    #[error("the case is not there")]
    NotFound,
    /// It changes faster than we can decide.
    #[error("the case changes faster than it can be decided on")]
    Contended,
    /// It was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its personal data cannot be decrypted.
    #[error("personal data: {0}")]
    Vault(#[from] VaultError),
}

impl App {
    /// Puts the use cases together.
    pub fn new(
        store: Arc<dyn Store>,
        outside: Outside,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        vault: Vault,
        settings: Settings,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            providers: outside.providers,
            notifier: outside.notifier,
            files: outside.files,
            drop_folder: outside.drop_folder,
            postings: outside.postings,
            documents: outside.documents,
            clock,
            ids,
            vault,
            settings,
            tasks: TaskTracker::new(),
            lately: availability::Lately::default(),
            pools: pool::Pools::default(),
            news: watch::Sender::new(0),
            looks: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            deliveries: Arc::new(Semaphore::new(MOST_AT_ONCE)),
            events: watch::Sender::new(0),
            thinking: Semaphore::new(MOST_THINKING),
        })
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a decision gets from outside.
    fn ctx(&self, ledger: &LedgerId) -> Ctx {
        let now = self.now();
        let source = self.link(&format!("/kassen/{ledger}"));
        Ctx {
            now,
            mint: Mint::new(self.ids.uuid(now)),
            source,
            policy: self.settings.policy,
        }
    }

    /// An address of ours.
    pub fn link(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.settings.public_url.as_str().trim_end_matches('/')
        )
    }

    /// A provider of the configuration.
    fn provider(&self, id: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.providers.get(id)
    }

    /// A new number for an attempt: 26 characters of A–Z and 2–7, 130 random bits.
    fn nummer(&self) -> Transaktionsnummer {
        let mut random = [0; 17];
        self.ids.fill(&mut random);
        let text = data_encoding::BASE32_NOPAD.encode(&random);
        Transaktionsnummer::parse(&text[..26]).expect("26 characters of A–Z and 2–7 are a number")
    }

    /// What a new attempt needs, should the old one turn out to be orphaned.
    fn spare(&self, provider: &dyn Provider, own: Option<OwnKassenzeichen>) -> Spare {
        Spare {
            nummer: self.nummer(),
            token: self.ids.token(),
            call_until: self.call_until(provider),
            own,
        }
    }

    /// The latest end of a call that opens a payment and begins now.
    fn call_until(&self, provider: &dyn Provider) -> Timestamp {
        self.now().plus_seconds(provider.open_seconds() + 2)
    }

    /// Encrypts a Change's personal data under the key of its case, or under a new key where the case is new.
    fn seal(&self, mut change: Change, subject: Uuid, wrapped: Option<&[u8]>) -> Result<Sealed, VaultError> {
        let plain: Vec<Personal> = std::mem::take(&mut change.effects.personal);
        if plain.is_empty() {
            return Ok(Sealed {
                change,
                new_key: None,
                personal: Vec::new(),
            });
        }
        let (key, new_key) = match wrapped {
            Some(wrapped) => (self.vault.unwrap_key(wrapped)?, None),
            None => {
                let (key, wrapped) = self.vault.new_key(&*self.ids);
                (key, Some(SubjectKey { subject, wrapped }))
            }
        };
        let personal = plain
            .into_iter()
            .map(|piece| self.seal_piece(&key, subject, &piece))
            .collect();
        Ok(Sealed {
            change,
            new_key,
            personal,
        })
    }

    fn seal_piece(&self, key: &CaseKey, subject: Uuid, piece: &Personal) -> SealedPersonal {
        let (sealed, hmac) = key.seal(piece.id, &piece.plain, &*self.ids);
        SealedPersonal {
            id: piece.id,
            subject,
            class: piece.class,
            sealed,
            hmac,
        }
    }

    /// Commits and wakes those who wait for news.
    async fn commit(&self, sealed: Sealed, urgency: Urgency) -> Result<(), CommitError> {
        let events: Vec<_> = sealed
            .change
            .effects
            .events
            .iter()
            .map(|event| event.kind.as_str())
            .collect();
        self.store.commit(sealed, urgency).await?;
        self.news.send_modify(|count| *count = count.wrapping_add(1));
        for event in &events {
            metrics::counter!("epaybl_events_total", "type" => *event).increment(1);
        }
        if !events.is_empty() {
            self.wake_deliveries();
        }
        Ok(())
    }

    /// Reads a case to decide on.
    async fn begin(&self, id: CaseId) -> Result<(Snapshot, Ctx), ChangeError> {
        let snapshot = self
            .store
            .case(&Scope::Program, id)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let ctx = self.ctx(&snapshot.case.ledger);
        Ok((snapshot, ctx))
    }

    /// Commits what was decided on a snapshot; `false`: something has changed meanwhile, read and decide again. The
    /// `lease` is checked with the commit.
    async fn conclude(
        &self,
        snapshot: &Snapshot,
        mut change: Change,
        urgency: Urgency,
        lease: Option<&Lease>,
    ) -> Result<bool, ChangeError> {
        change.guards.lease = lease.cloned();
        let sealed = self.seal(change, snapshot.case.id.0, snapshot.key.as_deref())?;
        match self.commit(sealed, urgency).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a case: read, decide, commit; on a conflict again. `decide` returns `None` where there is nothing (more)
    /// to do. Decisions that must look something else up write the same loop with [`App::begin`] and [`App::conclude`].
    async fn change_case<T>(
        &self,
        id: CaseId,
        urgency: Urgency,
        lease: Option<&Lease>,
        mut decide: impl FnMut(&Snapshot, &mut Ctx) -> (Option<Change>, T) + Send,
    ) -> Result<T, ChangeError>
    where
        T: Send,
    {
        for _ in 0..MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(id).await?;
            let (change, result) = decide(&snapshot, &mut ctx);
            let Some(change) = change else { return Ok(result) };
            if self.conclude(&snapshot, change, urgency, lease).await? {
                return Ok(result);
            }
        }
        Err(ChangeError::Contended)
    }

    /// Waits until something was committed here, or a short while, since another connector may have done it.
    async fn news(&self, seen: &mut watch::Receiver<u64>) {
        drop(tokio::time::timeout(Duration::from_millis(250), seen.changed()).await);
    }

    /// There may be something to deliver now.
    fn wake_deliveries(&self) {
        self.events.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Somebody who waits for events to deliver.
    pub fn listen_for_events(&self) -> watch::Receiver<u64> {
        self.events.subscribe()
    }

    /// Somebody who waits for news.
    fn listen(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }
}
