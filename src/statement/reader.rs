//! Files for the use cases: read on a thread of their own, piece by piece.

use std::ops::ControlFlow;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::files::{self, Limits, Source};
use crate::app::ports::{StatementFile, StatementFiles, Unreadable};
use crate::domain::statement::Piece;

/// Reads files of the formats that are known here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    /// How far an archive may swell.
    pub limits: Limits,
}

#[async_trait]
impl StatementFiles for Reader {
    async fn read(
        &self,
        files: Vec<StatementFile>,
        told: mpsc::Sender<(String, Piece)>,
    ) -> Result<(), Unreadable> {
        let limits = self.limits;
        let reading = tokio::task::spawn_blocking(move || {
            files.into_iter().try_for_each(|file| tell(file, &limits, &told))
        });
        reading.await.unwrap_or_else(|error| {
            Err(Unreadable {
                name: "the reader".to_owned(),
                why: error.to_string(),
            })
        })
    }
}

fn tell(
    file: StatementFile,
    limits: &Limits,
    told: &mpsc::Sender<(String, Piece)>,
) -> Result<(), Unreadable> {
    let mut visit = |source: &Source, piece: Piece| {
        let name = match &source.member {
            Some(member) => format!("{}: {member}", source.file),
            None => source.file.clone(),
        };
        match told.blocking_send((name, piece)) {
            Ok(()) => ControlFlow::Continue(()),
            // Whoever took them in has failed, and says why.
            Err(_) => ControlFlow::Break(()),
        }
    };
    let (name, read) = match file {
        StatementFile::Path(path) => (path.display().to_string(), files::read(&path, limits, &mut visit)),
        StatementFile::Stream { name, input } => {
            let read = files::read_stream(&name, input, limits, &mut visit);
            (name, read)
        }
    };
    read.map_err(|error| Unreadable {
        name,
        why: error.to_string(),
    })
}
