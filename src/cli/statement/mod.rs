//! `statement read`: what is in statements of accounts, and whether it can be trusted. `text` shows it to people, `json`
//! to programs; both write while they read, so that a file of any size can be shown. `books` takes statements into the
//! books, and says what the books make of them.

mod books;
mod json;
mod sequences;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use self::json::Json;
use self::sequences::{Followed, Sequences};
use self::text::Text;
use crate::config::Config;
use crate::domain::statement::guards::{Scales, Weighed};
use crate::domain::statement::header::Header;
use crate::domain::statement::{Detail, Entry, Head, Piece, Place, Refusal, Tail};
use crate::statement::files::{self, Limits, Source};

pub(in crate::cli) use books::{kassen, matched, one_kasse};

#[derive(Debug, Subcommand)]
pub(super) enum Statement {
    /// Shows what is in statements of accounts: camt.052, .053 and .054, MT940, MT942, and ZIPs and folders of them. The
    /// exit code is 0 only where all was read and all that can be checked adds up.
    Read {
        /// One JSON document with everything, instead of text.
        #[arg(long)]
        json: bool,
        /// Files or folders; `-` is standard input. Whether statements follow on one another is told over all of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Takes statements into the books of the Kassen whose accounts they are of, and matches them. The same statement
    /// again changes nothing. The exit code is 0 only where none was refused.
    Import {
        /// Files or folders; `-` is standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Lists the statements that are in the books.
    List {
        /// Only those of a Kasse.
        #[arg(long, value_name = "KASSE")]
        kasse: Option<String>,
    },
    /// Matches what is in the books already once more; the connector does so by itself.
    Match {
        /// Only for a Kasse.
        #[arg(long, value_name = "KASSE")]
        kasse: Option<String>,
    },
}

pub(super) async fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    command: Statement,
) -> anyhow::Result<ExitCode> {
    match command {
        Statement::Read { json, files } => show(&files, json),
        Statement::Import { files } => books::import(&config()?, files).await,
        Statement::List { kasse } => books::list(&config()?, kasse.as_deref()).await,
        Statement::Match { kasse } => books::reconcile(&config()?, kasse.as_deref()).await,
    }
}

fn show(files: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    let well = read(files, json, &mut io::stdin().lock(), &mut out)?;
    out.flush()?;
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads files and shows them; whether all is well.
fn read(files: &[PathBuf], json: bool, stdin: &mut dyn Read, out: &mut dyn Write) -> io::Result<bool> {
    if json {
        Reading::new(Json::new(out)).all(files, stdin)
    } else {
        Reading::new(Text::new(out)).all(files, stdin)
    }
}

/// How statements are shown: in the order in which they are read, an entry followed by its details.
trait Show {
    fn head(&mut self, source: &Source, head: &Head) -> io::Result<()>;
    fn entry(&mut self, entry: &Entry) -> io::Result<()>;
    fn detail(&mut self, detail: &Detail) -> io::Result<()>;
    fn tail(&mut self, tail: &Tail, weighed: &Weighed) -> io::Result<()>;
    /// A statement that began ends with it, or it stands for one that did not begin.
    fn refused(&mut self, source: &Source, refusal: &Refusal) -> io::Result<()>;
    /// After everything.
    fn end(&mut self, followed: &[Followed], counts: Counts) -> io::Result<()>;
}

/// What became of all statements.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    statements: u64,
    entries: u64,
    refused: u64,
    broken: u64,
}

impl Counts {
    /// Whether something was read, and all of it is as it must be.
    const fn well(self) -> bool {
        self.statements > 0 && self.refused == 0 && self.broken == 0
    }
}

/// A row of files under way.
struct Reading<S> {
    show: S,
    scales: Scales,
    header: Option<Header>,
    sequences: Sequences,
    counts: Counts,
}

impl<S: Show> Reading<S> {
    fn new(show: S) -> Self {
        Self {
            show,
            scales: Scales::default(),
            header: None,
            sequences: Sequences::default(),
            counts: Counts::default(),
        }
    }

    fn all(mut self, files: &[PathBuf], mut stdin: &mut dyn Read) -> io::Result<bool> {
        for path in files {
            let limits = Limits::default();
            let mut shown = Ok(());
            let mut visit = |source: &Source, piece: Piece| {
                shown = self.piece(source, &piece);
                if shown.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            let read = if path == Path::new("-") {
                files::read_stream("standard input", &mut stdin, &limits, &mut visit)
            } else {
                files::read(path, &limits, &mut visit)
            };
            shown?;
            if let Err(error) = read {
                self.cannot_read(path, &error)?;
            }
        }
        let followed = self.sequences.weigh();
        let broken = followed
            .iter()
            .filter(|followed| followed.verdict.is_broken())
            .count();
        self.counts.broken += broken as u64;
        self.show.end(&followed, self.counts)?;
        Ok(self.counts.well())
    }

    fn piece(&mut self, source: &Source, piece: &Piece) -> io::Result<()> {
        let weighed = self.scales.weigh(piece);
        match piece {
            Piece::Head(head) => {
                self.header = Some(Header::begin(head));
                self.show.head(source, head)
            }
            Piece::Entry(entry) => {
                self.counts.entries += 1;
                if let Some(header) = &mut self.header {
                    header.entry(entry);
                }
                self.show.entry(entry)
            }
            Piece::Detail(detail) => self.show.detail(detail),
            Piece::Tail(tail) => {
                let (Some(weighed), Some(header)) = (weighed, self.header.take()) else {
                    return Err(io::Error::other("a statement ended that did not begin"));
                };
                self.counts.statements += 1;
                let broken = weighed
                    .guards()
                    .iter()
                    .filter(|(_, verdict)| verdict.is_broken())
                    .count();
                self.counts.broken += broken as u64;
                self.sequences.add(source.clone(), header.end(tail));
                self.show.tail(tail, &weighed)
            }
            Piece::Refused(refusal) => {
                self.header = None;
                self.counts.refused += 1;
                self.show.refused(source, refusal)
            }
        }
    }

    fn cannot_read(&mut self, path: &Path, error: &io::Error) -> io::Result<()> {
        let source = Source {
            file: path.display().to_string(),
            member: None,
        };
        let refusal = Refusal {
            entry: None,
            place: Place::default(),
            reason: format!("it cannot be read: {error}"),
        };
        self.piece(&source, &Piece::Refused(refusal))
    }
}
