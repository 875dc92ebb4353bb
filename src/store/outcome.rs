//! What becomes of a batch, and of each Change in it.

/// What became of one Change of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It became true.
    Committed,
    /// A guard did not hold.
    Conflict,
}

/// Why a batch did not become true.
#[derive(Debug)]
pub enum Failure {
    /// A deadlock, a serialization failure, a busy database: run it again.
    Again(sqlx::Error),
    /// COMMIT got no answer: look the Changes up.
    CommitLost(sqlx::Error),
    /// The database does not answer.
    Unavailable(sqlx::Error),
    /// Something in the batch is wrong.
    Refused(sqlx::Error),
    /// A stored head cannot be.
    Broken(String),
}
