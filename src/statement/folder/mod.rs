//! The drop folder on a disk. A file is taken when it has kept its size and time for a while, so that what is still being
//! written is left; so are names that begin with a dot or end as half files do, and folders.
//!
//! Whoever looks holds a lock on `.lock` in the folder. The system lets go of it when the process ends, however it ends,
//! so that nothing must be put right after a crash.

#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::app::ports::{DropFolder, DroppedList, Round, Unreadable};
use crate::domain::time::Timestamp;

/// How the names of files end that are still being written.
const HALF: [&str; 3] = [".part", ".tmp", ".filepart"];
const LOCK: &str = ".lock";
const DONE: &str = "done";
const REFUSED: &str = "refused";
/// Where settlement lists lie, each below its Kasse and its name there.
const LISTS: &str = "lists";

/// A drop folder.
#[derive(Debug, Clone)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    settle: Duration,
    /// What was seen of each file, and since when it is so.
    seen: Mutex<BTreeMap<PathBuf, (Look, Timestamp)>>,
}

/// A Kasse and one of its lists.
type List = (String, String);

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    size: u64,
    changed: Option<SystemTime>,
}

impl Folder {
    /// The folder, and for how long a file must not have changed.
    pub fn new(path: PathBuf, settle: Duration) -> Self {
        Self(Arc::new(Inner {
            path,
            settle,
            seen: Mutex::default(),
        }))
    }

    /// Whether it is there and can be used; what is missing is made.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), Unreadable> {
        self.0.ready().map_err(|error| self.0.unreadable(&error))?;
        for folder in ["", DONE, REFUSED] {
            let trial = self.0.path.join(folder).join(".check");
            let written = File::create(&trial).and_then(|_| fs::remove_file(&trial));
            written.map_err(|error| Unreadable {
                name: self.0.path.join(folder).display().to_string(),
                why: format!("nothing can be written there: {error}"),
            })?;
        }
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Inner) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Unreadable> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || what(&inner)).await;
        let done = done.unwrap_or_else(|error| Err(io::Error::other(error)));
        done.map_err(|error| self.0.unreadable(&error))
    }
}

#[async_trait]
impl DropFolder for Folder {
    async fn look(&self, now: Timestamp) -> Result<Option<Round>, Unreadable> {
        self.blocking(move |folder| folder.look(now)).await
    }

    async fn done(&self, file: &Path, now: Timestamp) -> Result<(), Unreadable> {
        let file = file.to_owned();
        self.blocking(move |folder| folder.put_away(&file, DONE, now).map(drop))
            .await
    }

    async fn refused(&self, file: &Path, now: Timestamp, why: &str) -> Result<(), Unreadable> {
        let (file, why) = (file.to_owned(), why.to_owned());
        self.blocking(move |folder| {
            let there = folder.put_away(&file, REFUSED, now)?;
            let mut text = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(with_ending(&there))?;
            text.write_all(why.as_bytes())
        })
        .await
    }
}

impl Inner {
    fn unreadable(&self, error: &io::Error) -> Unreadable {
        Unreadable {
            name: self.path.display().to_string(),
            why: error.to_string(),
        }
    }

    /// Makes the folders for what was taken. The drop folder itself is not made: where it is not there, the disk is not.
    fn ready(&self) -> io::Result<()> {
        for folder in [DONE, REFUSED] {
            match fs::create_dir(self.path.join(folder)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn look(&self, now: Timestamp) -> io::Result<Option<Round>> {
        self.ready()?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path.join(LOCK))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A file system without locks: what two take at once is filed once all the same.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let held: Box<dyn Any + Send + Sync> = Box::new(lock);
        let there = self.files()?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|path, _| there.contains_key(path));
        let (mut files, mut lists) = (Vec::new(), Vec::new());
        for (path, (look, list)) in there {
            let known = seen.entry(path.clone()).or_insert((look, now));
            if known.0 != look {
                *known = (look, now);
            }
            let settle = i64::try_from(self.settle.as_secs()).unwrap_or(i64::MAX);
            if now.seconds() - known.1.seconds() >= settle {
                match list {
                    None => files.push(path),
                    Some((kasse, list)) => lists.push(DroppedList {
                        kasse,
                        list,
                        file: path,
                    }),
                }
            }
        }
        Ok(Some(Round { files, lists, held }))
    }

    /// Statements in the folder itself, and settlement lists in `lists/<kasse>/<list>/`.
    fn files(&self) -> io::Result<BTreeMap<PathBuf, (Look, Option<List>)>> {
        let mut files = BTreeMap::new();
        Self::files_in(&self.path, None, &mut files)?;
        for kasse in folders(&self.path.join(LISTS))? {
            for list in folders(&kasse)? {
                Self::files_in(&list, Some((name_of(&kasse), name_of(&list))), &mut files)?;
            }
        }
        Ok(files)
    }

    fn files_in(
        folder: &Path,
        list: Option<List>,
        files: &mut BTreeMap<PathBuf, (Look, Option<List>)>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let small = name.to_lowercase();
            if name.starts_with('.') || HALF.iter().any(|ending| small.ends_with(ending)) {
                continue;
            }
            match fs::metadata(&path) {
                Ok(data) if data.is_file() => {
                    let look = Look {
                        size: data.len(),
                        changed: data.modified().ok(),
                    };
                    files.insert(path, (look, list.clone()));
                }
                Ok(_) => {}
                // Somebody has just taken it away.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves a file into a folder, under a name that nothing there has.
    fn put_away(&self, file: &Path, folder: &str, now: Timestamp) -> io::Result<PathBuf> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let time: String = now
            .to_string()
            .chars()
            .take_while(|c| *c != '.')
            .filter(|c| !matches!(c, ':' | '-' | 'Z'))
            .collect();
        for n in 1..=u32::MAX {
            let again = if n > 1 { format!("-{n}") } else { String::new() };
            let there = self.path.join(folder).join(format!("{time}{again}-{name}"));
            if there.try_exists()? || with_ending(&there).try_exists()? {
                continue;
            }
            fs::rename(file, &there)?;
            return Ok(there);
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }
}

/// The folders in a folder; none where it is not there.
fn folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The name of the text beside a refused file.
fn with_ending(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".txt");
    PathBuf::from(name)
}
