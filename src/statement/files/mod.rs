//! From a file to its statements: what a file is, is told by what is in it, never by its name. A camt message, an
//! MT940 or MT942, a ZIP of them (or a ZIP of ZIPs, as a month is often kept), or a folder of all that; anything else is
//! refused with its first bytes, so that the wrong file is noticed.
//!
//! Everything streams: a member of a ZIP is unpacked while it is read, and never larger than [`Limits`] allow. Only an
//! archive that cannot be sought (standard input, a ZIP inside a ZIP) is kept meanwhile: small in memory, large in a
//! file without a name that is gone with the process.
//!
//! To add a format: teach `kind` its first bytes and give it its line in `tell`.

mod archive;
mod kind;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::archive::Budget;
use self::kind::Kind;
use crate::domain::statement::{Piece, Place, Refusal};
use crate::statement::{camt, mt940};

/// How much of a file is looked at to tell what it is.
const WINDOW: u64 = 8 * 1024;

/// Where a statement was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The file.
    pub file: String,
    /// Where it is an archive, the member: `month.zip/05.xml` inside one more.
    pub member: Option<String>,
}

impl Source {
    fn of(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            member: None,
        }
    }
}

/// How far an archive may swell, so that a few kilobytes cannot keep the machine busy for days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that one member may unpack to.
    pub member: u64,
    /// Bytes that all members together may unpack to, those of archives inside too.
    pub total: u64,
    /// How many times its packed size a member may have.
    pub ratio: u64,
    /// Bytes that a member may always have, whatever its packed size.
    pub always: u64,
    /// Members, those of archives inside too.
    pub members: u64,
}

impl Default for Limits {
    /// 4 GiB each and 16 GiB in all, 250 times the packed size (statements pack to a tenth, rarely to a fiftieth) or
    /// 16 MiB, ten thousand members.
    fn default() -> Self {
        Self {
            member: 4 << 30,
            total: 16 << 30,
            ratio: 250,
            always: 16 << 20,
            members: 10_000,
        }
    }
}

/// Takes what is read, in order; where it breaks, nothing more is read.
pub type Visit<'a> = dyn FnMut(&Source, Piece) -> ControlFlow<()> + 'a;

/// Reads a file, or a folder: its files by name, and those of the folders in it. Names that begin with a dot are passed
/// over.
///
/// # Errors
/// The path cannot be opened. What goes wrong further in is a [`Piece::Refused`] with its [`Source`].
pub fn read(path: &Path, limits: &Limits, visit: &mut Visit<'_>) -> io::Result<()> {
    if fs::metadata(path)?.is_dir() {
        let _ = folder(path, 0, limits, visit)?;
    } else {
        let _ = file(path, limits, visit)?;
    }
    Ok(())
}

/// Reads what comes from elsewhere, such as standard input or an upload.
///
/// # Errors
/// The first bytes cannot be read, or an archive cannot be kept. What goes wrong further in is a [`Piece::Refused`].
pub fn read_stream(
    name: &str,
    mut input: impl Read,
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    let window = window(&mut input)?;
    let _ = stream(&Source::of(name), window, input, limits, visit)?;
    Ok(())
}

/// Reads what came from elsewhere and is kept in a file, from its beginning.
///
/// # Errors
/// It cannot be read. What goes wrong further in is a [`Piece::Refused`].
pub fn read_kept(name: &str, mut kept: File, limits: &Limits, visit: &mut Visit<'_>) -> io::Result<()> {
    kept.rewind()?;
    let _ = opened(&Source::of(name), kept, limits, visit)?;
    Ok(())
}

fn folder(path: &Path, depth: u32, limits: &Limits, visit: &mut Visit<'_>) -> io::Result<ControlFlow<()>> {
    let mut inside: Vec<PathBuf> = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    inside.retain(|path| {
        path.file_name()
            .is_some_and(|name| !hidden(&name.to_string_lossy()))
    });
    inside.sort();
    if inside.is_empty() {
        return Ok(refuse(
            &source(path),
            "the folder holds no file".to_owned(),
            visit,
        ));
    }
    for path in inside {
        let flow = match fs::metadata(&path) {
            Ok(data) if data.is_file() => file(&path, limits, visit),
            Ok(data) if data.is_dir() && depth == 0 => folder(&path, depth + 1, limits, visit),
            Ok(data) if data.is_dir() => Ok(refuse(
                &source(&path),
                "a folder this deep is not read; name it itself".to_owned(),
                visit,
            )),
            Ok(_) => Ok(refuse(
                &source(&path),
                "it is neither a file nor a folder".to_owned(),
                visit,
            )),
            Err(error) => Err(error),
        };
        // What one file is must not keep the others from being read.
        let flow =
            flow.unwrap_or_else(|error| refuse(&source(&path), format!("it cannot be read: {error}"), visit));
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn source(path: &Path) -> Source {
    Source::of(path.display().to_string())
}

fn file(path: &Path, limits: &Limits, visit: &mut Visit<'_>) -> io::Result<ControlFlow<()>> {
    opened(&source(path), File::open(path)?, limits, visit)
}

fn opened(
    source: &Source,
    mut file: File,
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> io::Result<ControlFlow<()>> {
    let window = window(&mut file)?;
    if kind::of(&window) == Kind::Zip && file.rewind().is_ok() {
        let mut budget = Budget::new(*limits);
        return Ok(archive::read(source, BufReader::new(file), 0, &mut budget, visit));
    }
    stream(source, window, file, limits, visit)
}

fn stream(
    source: &Source,
    window: Vec<u8>,
    rest: impl Read,
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> io::Result<ControlFlow<()>> {
    let kind = kind::of(&window);
    let input = Cursor::new(window).chain(BufReader::new(rest));
    if kind != Kind::Zip {
        return Ok(tell(source, kind, input, visit));
    }
    let mut budget = Budget::new(*limits);
    let mut kept = archive::keep(&mut input.take(limits.total))?;
    if kept.stream_position()? >= limits.total {
        let reason = format!("the ZIP has {} bytes or more; unpack it", limits.total);
        return Ok(refuse(source, reason, visit));
    }
    Ok(archive::read(source, kept, 0, &mut budget, visit))
}

/// The first bytes.
fn window(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut window = Vec::new();
    input.take(WINDOW).read_to_end(&mut window)?;
    Ok(window)
}

/// Reads the statements of what is no archive.
fn tell(source: &Source, kind: Kind, input: impl BufRead, visit: &mut Visit<'_>) -> ControlFlow<()> {
    match kind {
        Kind::Camt => camt::Reader::new(input).try_for_each(|piece| visit(source, piece)),
        Kind::Swift => mt940::Reader::new(input).try_for_each(|piece| visit(source, piece)),
        Kind::Zip => refuse(source, "a ZIP this deep is not read; unpack it".to_owned(), visit),
        Kind::Other(what) => refuse(source, what, visit),
    }
}

fn refuse(source: &Source, reason: String, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let refusal = Refusal {
        entry: None,
        place: Place::default(),
        reason,
    };
    visit(source, Piece::Refused(refusal))
}

/// Whether a name is one that systems hide, such as `.DS_Store` or what macOS adds to archives.
fn hidden(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}
