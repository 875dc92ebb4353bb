//! Files for the use cases: read on a thread of their own, piece by piece.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _};
use std::ops::ControlFlow;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::files::{self, Limits, Source};
use super::settlement::{self, ReadError};
use crate::app::ports::{StatementFile, StatementFiles, Unreadable};
use crate::domain::settlement::{Line, Mapping, Refusal};
use crate::domain::statement::Piece;

/// How many lines a settlement list may have.
const MOST_LINES: usize = 500_000;

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

    async fn read_list(
        &self,
        file: StatementFile,
        mapping: Mapping,
    ) -> Result<Result<Vec<Line>, Refusal>, Unreadable> {
        let reading = tokio::task::spawn_blocking(move || match file {
            StatementFile::Path(path) => {
                let name = path.display().to_string();
                match File::open(&path) {
                    Ok(file) => list(name, BufReader::new(file), &mapping),
                    Err(error) => Err(unreadable(name, &error)),
                }
            }
            StatementFile::Stream { name, input } => list(name, BufReader::new(input), &mapping),
            // Whoever kept it has written it, and stands at its end.
            StatementFile::Kept { name, mut file } => match file.rewind() {
                Ok(()) => list(name, BufReader::new(file), &mapping),
                Err(error) => Err(unreadable(name, &error)),
            },
        });
        let read = reading.await;
        read.unwrap_or_else(|error| Err(unreadable("the reader".to_owned(), &error)))
    }
}

fn unreadable(name: String, error: &impl ToString) -> Unreadable {
    Unreadable {
        name,
        why: error.to_string(),
    }
}

/// A list is held in memory, since a later revision is compared line by line; one that is longer is refused.
fn list(
    name: String,
    input: impl BufRead,
    mapping: &Mapping,
) -> Result<Result<Vec<Line>, Refusal>, Unreadable> {
    let mut lines = Vec::new();
    let mut more = 0_u64;
    let read = settlement::read(mapping, input, |line| {
        if lines.len() < MOST_LINES {
            lines.push(line);
        } else {
            more += 1;
        }
    });
    match read {
        Ok(_) if more > 0 => Ok(Err(Refusal {
            line: None,
            column: None,
            reason: format!("it has more than {MOST_LINES} lines: split it by payout"),
        })),
        Ok(_) => Ok(Ok(lines)),
        Err(ReadError::Refused(refusal)) => Ok(Err(refusal)),
        Err(ReadError::Unreadable(error)) => Err(unreadable(name, &error)),
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
        StatementFile::Kept { name, file } => {
            let read = files::read_kept(&name, file, limits, &mut visit);
            (name, read)
        }
    };
    read.map_err(|error| Unreadable {
        name,
        why: error.to_string(),
    })
}
