//! ZIPs of statements: their members in the order of their names, each unpacked while it is read.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use tempfile::SpooledTempFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::kind::{self, Kind};
use super::{Limits, Source, Visit, hidden, refuse, tell, window};

/// An archive that cannot be sought is kept in memory up to this size.
const IN_MEMORY: usize = 8 << 20;

/// What is left of the limits of one file.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    bytes: u64,
    members: u64,
}

impl Budget {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            bytes: limits.total,
            members: limits.members,
        }
    }

    /// How much a member of this packed size may unpack to.
    fn member(&self, packed: u64) -> u64 {
        packed
            .saturating_mul(self.limits.ratio)
            .max(self.limits.always)
            .min(self.limits.member)
            .min(self.bytes)
    }
}

/// Keeps what can be read only once. It stands at its end, so that its position is its size.
pub(super) fn keep(input: &mut impl Read) -> io::Result<SpooledTempFile> {
    let mut kept = SpooledTempFile::new(IN_MEMORY);
    io::copy(input, &mut kept)?;
    Ok(kept)
}

/// A member as the directory of the archive names it.
struct Member {
    at: usize,
    name: String,
    packed: u64,
    refusal: Option<String>,
}

/// Reads the members of an archive; `depth` is 0 for a file, 1 for a ZIP inside it.
pub(super) fn read(
    source: &Source,
    input: impl Read + Seek,
    depth: u32,
    budget: &mut Budget,
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    let (mut archive, members) = match open(input) {
        Ok(opened) => opened,
        Err(reason) => return refuse(source, reason, visit),
    };
    if members.is_empty() {
        return refuse(source, "the ZIP holds no file".to_owned(), visit);
    }
    for member in members {
        let source = within(source, &member.name);
        let Some(left) = budget.members.checked_sub(1) else {
            let most = budget.limits.members;
            return refuse(&source, format!("the ZIP holds more than {most} files"), visit);
        };
        budget.members = left;
        if let Some(reason) = member.refusal {
            refuse(&source, reason, visit)?;
            continue;
        }
        let allowed = budget.member(member.packed);
        match archive.by_index(member.at) {
            Ok(file) => {
                let mut file = Unpacked {
                    inner: file,
                    left: allowed,
                    allowed,
                };
                let flow = one(&source, &mut file, depth, budget, visit);
                budget.bytes = budget.bytes.saturating_sub(allowed - file.left);
                flow?;
            }
            Err(error) => refuse(&source, wrong(&error), visit)?,
        }
    }
    ControlFlow::Continue(())
}

fn open<R: Read + Seek>(input: R) -> Result<(ZipArchive<R>, Vec<Member>), String> {
    let archive = ZipArchive::new(input).map_err(|error| wrong(&error))?;
    // The directory is kept by name: of two members with the same name, one would be lost without a word.
    if archive.has_duplicate_names() {
        return Err("the ZIP holds two files of the same name; unpack it and name them apart".to_owned());
    }
    let mut members = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_data(at).map_err(|error| wrong(&error))?;
        let name = entry.name().map_or_else(
            |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
            std::borrow::Cow::into_owned,
        );
        if entry.is_dir() || name.split(['/', '\\']).any(hidden) {
            continue;
        }
        members.push(Member {
            at,
            name,
            packed: entry.compressed_size(),
            refusal: unreadable(entry.encrypted(), entry.compression()),
        });
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((archive, members))
}

fn unreadable(encrypted: bool, method: CompressionMethod) -> Option<String> {
    if encrypted {
        Some("it is encrypted; unpack the ZIP with its password first".to_owned())
    } else if matches!(method, CompressionMethod::STORE | CompressionMethod::DEFLATE) {
        None
    } else {
        Some(format!(
            "it is packed as {method}; pack it again as an ordinary ZIP (deflate)"
        ))
    }
}

fn one(
    source: &Source,
    file: &mut impl Read,
    depth: u32,
    budget: &mut Budget,
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    let window = match window(file) {
        Ok(window) => window,
        Err(error) => return refuse(source, error.to_string(), visit),
    };
    let kind = kind::of(&window);
    let mut input = Cursor::new(window).chain(BufReader::new(file));
    if kind != Kind::Zip || depth > 0 {
        return tell(source, kind, input, visit);
    }
    let kept = keep(&mut input).and_then(|mut kept| {
        kept.seek(SeekFrom::Start(0))?;
        Ok(kept)
    });
    match kept {
        Ok(kept) => read(source, kept, depth + 1, budget, visit),
        Err(error) => refuse(source, error.to_string(), visit),
    }
}

fn within(source: &Source, name: &str) -> Source {
    let member = match &source.member {
        Some(outer) => format!("{outer}/{name}"),
        None => name.to_owned(),
    };
    Source {
        file: source.file.clone(),
        member: Some(member),
    }
}

fn wrong(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => format!("the ZIP cannot be read: {error}"),
        other => format!("the ZIP is damaged or of an uncommon kind: {other}"),
    }
}

/// A member, up to what it may unpack to.
struct Unpacked<R> {
    inner: R,
    left: u64,
    allowed: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            // At its very limit it may also be at its end.
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other(format!(
                    "it unpacks to more than {} bytes, which no statement does that is packed this small",
                    self.allowed
                ))),
            };
        }
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..most])?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
