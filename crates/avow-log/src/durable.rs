//! Writing small files so that after a crash the old or the new one is there, whole.
//!
//! Expected system calls: open a temporary file beside the target, write,
//! fsync, rename over the target, fsync the folder. A left-over temporary file
//! is harmless: it is never read, and overwritten next time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Mode of files that anyone may read.
pub(crate) const PUBLIC: u32 = 0o644;

/// Mode of files that only the owner may read.
pub(crate) const SECRET: u32 = 0o600;

/// Replaces or creates a file.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let temporary = temporary_of(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&temporary)
        .map_err(|e| Error::io("create", &temporary, &e))?;
    file.write_all(bytes)
        .map_err(|e| Error::io("write", &temporary, &e))?;
    file.sync_all()
        .map_err(|e| Error::io("sync", &temporary, &e))?;
    fs::rename(&temporary, path).map_err(|e| Error::io("rename to", path, &e))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Replaces or creates a file; after a crash it may be cut short until
/// [`sync_everything`] has returned. For many files that nobody relies on yet.
pub(crate) fn write_later(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary_of(path);
    fs::write(&temporary, bytes).map_err(|e| Error::io("write", &temporary, &e))?;
    fs::rename(&temporary, path).map_err(|e| Error::io("rename to", path, &e))
}

/// Makes all that was written to the file system of a folder durable, with one
/// call: a sync for each of thousands of small files takes minutes.
pub(crate) fn sync_everything(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| Ok(rustix::fs::syncfs(&folder)?))
        .map_err(|e| Error::io("sync the file system of", folder, &e))
}

/// A locked file, unlocked when this is dropped.
///
/// Closing the file is not enough: a child process that is being started holds
/// a copy of it, and with it the lock, until its program is loaded.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Locks a file, which is created if need be; `wait` for whoever has it, or give up.
    ///
    /// None if another process has it.
    pub(crate) fn take(path: &Path, wait: bool) -> Result<Option<Self>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|e| Error::io("open", path, &e))?;
        if wait {
            file.lock().map_err(|e| Error::io("lock", path, &e))?;
            return Ok(Some(Self(file)));
        }
        Self::of(file, path)
    }

    /// Makes a file and locks it; none if the file is there, whoever made it.
    pub(crate) fn create(path: &Path) -> Result<Option<Self>> {
        let made = OpenOptions::new().write(true).create_new(true).open(path);
        match made {
            Ok(file) => Self::of(file, path),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
            Err(e) => Err(Error::io("create", path, &e)),
        }
    }

    fn of(file: File, path: &Path) -> Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", path, &e)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If this fails the lock ends with the process, which is what it is for.
        let _ = self.0.unlock();
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| Error::io("sync", path, &e))
}

/// Creates a folder and those above it that are missing, and makes all their names durable.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let holders = holders_of_new_names(path);
    fs::create_dir_all(path).map_err(|e| Error::io("create", path, &e))?;
    holders.into_iter().try_for_each(sync_folder)
}

/// The folders that get a new entry when this one is created, innermost first.
///
/// Its parent always: it may have been created just before, and not be synced.
fn holders_of_new_names(path: &Path) -> Vec<&Path> {
    let mut holders = Vec::new();
    for holder in path.ancestors().skip(1) {
        holders.push(holder);
        if holder.as_os_str().is_empty() || holder.exists() {
            break;
        }
    }
    holders
}

/// Reads a file of at most `bytes_max` bytes; none if it does not exist.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, &e)),
        Ok(data) if data.len() > bytes_max => {
            return Err(Error::corrupt(format!(
                "`{}` has {} bytes, which is more than {bytes_max}",
                path.display(),
                data.len()
            )));
        }
        Ok(_) => {}
    }
    fs::read(path)
        .map(Some)
        .map_err(|e| Error::io("read", path, &e))
}

fn temporary_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_that_gets_a_new_name_is_synced() {
        let scratch = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a", "a/b", "a/b/c"].map(|name| scratch.path().join(name));
        assert_eq!(holders_of_new_names(&c), [&b, &a, scratch.path()]);
        create_folder(&c).unwrap();
        assert!(c.is_dir());
        assert_eq!(holders_of_new_names(&c), [&b]);
        let relative = Path::new("no-such-folder/log");
        let holders = ["no-such-folder", ""].map(Path::new);
        assert_eq!(holders_of_new_names(relative), holders);
    }
}
