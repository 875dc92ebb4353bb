//! Where statements come from: files, and the folder that a bank's software puts them into.

use std::any::Any;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::settlement::{Line, Mapping, Refusal};
use crate::domain::statement::Piece;
use crate::domain::time::Timestamp;

/// Something to read statements from.
pub enum StatementFile {
    /// A file, or a folder of them.
    Path(PathBuf),
    /// What comes from elsewhere: an upload, standard input.
    Stream {
        /// What it is called.
        name: String,
        /// What it holds.
        input: Box<dyn Read + Send>,
    },
    /// What came from elsewhere and is kept whole in a file without a name.
    Kept {
        /// What it is called.
        name: String,
        /// What it holds; read from its beginning.
        file: File,
    },
}

/// A file or folder that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct Unreadable {
    /// Which.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// Reads files.
#[async_trait]
pub trait StatementFiles: Send + Sync {
    /// Reads on a thread of its own, and tells each piece with the name of its source. Ends early, and without an error,
    /// where nobody listens any more.
    async fn read(
        &self,
        files: Vec<StatementFile>,
        told: mpsc::Sender<(String, Piece)>,
    ) -> Result<(), Unreadable>;
    /// Reads a settlement list to its end: its lines, or why nothing of it is taken.
    async fn read_list(
        &self,
        file: StatementFile,
        mapping: Mapping,
    ) -> Result<Result<Vec<Line>, Refusal>, Unreadable>;
}

/// A settlement list in the drop folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedList {
    /// The Kasse, as the folder is named.
    pub kasse: String,
    /// Which of its lists, likewise.
    pub list: String,
    /// The file.
    pub file: PathBuf,
}

/// A look into the drop folder.
pub struct Round {
    /// The files that nobody writes to any more, by name.
    pub files: Vec<PathBuf>,
    /// Settlement lists likewise.
    pub lists: Vec<DroppedList>,
    /// Keeps other connectors out of the folder until it is dropped; the system lets go of it when a process ends.
    pub held: Box<dyn Any + Send + Sync>,
}

/// The folder that files are dropped into. What was taken is moved to `done/` or `refused/`, never overwritten and never
/// deleted.
#[async_trait]
pub trait DropFolder: Send + Sync {
    /// Looks what has settled since the last look; none where another connector is at it.
    async fn look(&self, now: Timestamp) -> Result<Option<Round>, Unreadable>;
    /// Moves a file to `done/`.
    async fn done(&self, file: &Path, now: Timestamp) -> Result<(), Unreadable>;
    /// Moves a file to `refused/`, with a text beside it that says why.
    async fn refused(&self, file: &Path, now: Timestamp, why: &str) -> Result<(), Unreadable>;
}
