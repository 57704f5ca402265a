//! Files that are written whole or not at all, and files that only their owner
//! may read.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::ambient;
use crate::failure::{Failure, Result};
use crate::interruption::Unfinished;
use crate::messages as say;

/// Writes a file so that `path` holds either what it held before or all of
/// `bytes`, also when the disk is full or the machine stops.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = Staged::create(path)?;
    staged.write(bytes)?;
    staged.publish()
}

/// Whether [`write_whole`] could write there now; nothing is left behind.
pub(crate) fn check_writable(path: &Path) -> Result<()> {
    Staged::create(path).map(drop)
}

/// Reads a file that must not be larger than `bytes_max`.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>> {
    let failed = |error: io::Error| read_failed(path, &error);
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > bytes_max {
        return Err(Failure::input(say::FILE_TOO_LARGE.with(&[
            ("path", &path.display()),
            ("size", &size),
            ("bytes_max", &bytes_max),
        ])));
    }
    fs::read(path).map_err(failed)
}

/// The failure for a file that cannot be read.
pub(crate) fn read_failed(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::input(say::NO_SUCH_FILE.with(&[("path", &shown)])),
        io::ErrorKind::IsADirectory => Failure::input(say::IS_A_FOLDER.with(&[("path", &shown)])),
        _ => Failure::storage(say::READ_FAILED.with(&[("path", &shown), ("error", error)])),
    }
}

/// Makes a new folder that only its owner may enter. Fails where there is one:
/// in a folder for all, somebody else may have made it.
pub(crate) fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| wrote(path, &e))
}

/// Writes a new file. Fails where there is one.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::input(say::FILE_EXISTS.with(&[("path", &path.display())]))
                    .hint(say::HINT_FILE_EXISTS)
            }
            _ => wrote(path, &e),
        })?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|e| {
            let _ = fs::remove_file(path);
            wrote(path, &e)
        })
}

/// Writes a new file that only its owner may read. Fails where the file exists.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|e| wrote(path, &e))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|e| {
            let _ = fs::remove_file(path);
            wrote(path, &e)
        })
}

fn wrote(path: &Path, error: &io::Error) -> Failure {
    let values: [(_, &dyn Display); 2] = [("path", &path.display()), ("error", error)];
    let failure = Failure::storage(say::WRITE_FAILED.with(&values));
    match error.kind() {
        io::ErrorKind::NotFound => failure.hint(say::HINT_NO_FOLDER),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            failure.hint(say::HINT_FORBIDDEN)
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failure.hint(say::HINT_FULL),
        _ => failure,
    }
}

/// A file under a name of its own beside its final one; it vanishes when it is
/// dropped before [`Staged::publish`].
struct Staged {
    path: PathBuf,
    staged: PathBuf,
    file: Option<File>,
    _unfinished: Unfinished,
}

impl Staged {
    /// Begins a file.
    fn create(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Err(
                Failure::input(say::IS_A_FOLDER.with(&[("path", &path.display())]))
                    .hint(say::HINT_FILE_NAME),
            );
        }
        let name = path
            .file_name()
            .ok_or_else(|| Failure::input(say::NO_FILE_NAME.with(&[("path", &path.display())])))?;
        let tag = u64::from_le_bytes(ambient::entropy()?);
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{tag:016x}.part"));
        let staged = path.with_file_name(hidden);
        let unfinished = Unfinished::new(&staged);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&staged)
            .map_err(|e| wrote(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            staged,
            file: Some(file),
            _unfinished: unfinished,
        })
    }

    /// Appends bytes.
    fn write(&self, bytes: &[u8]) -> Result<()> {
        let written = self.file()?.write_all(bytes);
        written.map_err(|e| wrote(&self.path, &e))
    }

    fn file(&self) -> Result<&File> {
        self.file
            .as_ref()
            .ok_or_else(|| Failure::bug("a published file is written"))
    }

    /// Makes it durable and gives it its name.
    fn publish(mut self) -> Result<()> {
        let failed = |e: io::Error| wrote(&self.path, &e);
        self.file()?.sync_all().map_err(failed)?;
        fs::rename(&self.staged, &self.path).map_err(failed)?;
        self.file = None;
        // The name is durable once its folder is. Where a folder cannot be
        // opened (some network file systems), the file is complete all the same.
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = fs::remove_file(&self.staged);
        }
    }
}
