//! Where the sandbox takes its time and its unguessable texts from: the only place that touches the
//! system's clock and randomness.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of the sandbox that asks the system"
    )]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that somebody else moves.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// Tokens and transaction ids: the same seed gives the same row of them.
#[derive(Debug)]
pub struct Ids {
    seed: [u8; 32],
    given: AtomicU64,
}

impl Ids {
    /// Unguessable ids. Without randomness in the system they fall back to those of an empty seed,
    /// which is good enough for a sandbox.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of the sandbox that asks the system"
    )]
    pub fn random() -> Self {
        let mut seed = [0; 32];
        if getrandom::fill(&mut seed).is_err() {
            return Self::seeded("");
        }
        Self {
            seed,
            given: AtomicU64::new(0),
        }
    }

    /// Ids that a test can repeat.
    pub fn seeded(seed: &str) -> Self {
        Self {
            seed: Sha256::digest(seed).into(),
            given: AtomicU64::new(0),
        }
    }

    /// The next id: 32 lower-case hex digits.
    pub fn next(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::new()
            .chain_update(self.seed)
            .chain_update(number.to_be_bytes())
            .finalize();
        HEXLOWER.encode(&digest[..16])
    }
}
