//! What an interrupted run takes away before it ends: logs made for the run,
//! and files that are not whole yet.
//!
//! A process that is killed outright cannot do this. Therefore nothing secret
//! lies in what is taken away, except where the user named the folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, thread};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How often a folder is removed in which the run still makes files. Each time
/// some are gone; the run needs the others and fails soon.
const ATTEMPTS_MAX: usize = 16;

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file or folder that goes away when the run is interrupted, until this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    /// From now on; the path may not exist yet.
    pub(crate) fn new(path: &Path) -> Self {
        // A relative path stays right: nothing here changes the current folder.
        list().push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut list = list();
        if let Some(at) = list.iter().position(|path| *path == self.0) {
            list.swap_remove(at);
        }
    }
}

/// Cleans up when the user interrupts the run (SIGINT) or the system ends it
/// (SIGTERM), then ends as if nothing had been done. Other signals end it at
/// once, also SIGHUP, which `nohup` wants ignored.
pub(crate) fn watch() {
    // Without this a run works all the same, and leaves more when interrupted.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let _ = thread::Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end: what is finished now is finished, the rest goes.
            let list = list();
            list.iter().for_each(|path| remove(path));
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Takes a file or folder away. A folder gets another name first: from then on
/// nobody finds a half of it there, and what another run makes in its place stays.
pub(crate) fn remove(path: &Path) {
    // Nothing can be done about files that do not go away.
    if !path.is_dir() {
        let _ = fs::remove_file(path);
        return;
    }
    let aside = aside(path);
    let path = match fs::rename(path, &aside) {
        Ok(()) => aside.as_path(),
        // A mount point, or a folder whose files are open where that matters.
        Err(_) => path,
    };
    for _ in 0..ATTEMPTS_MAX {
        if fs::remove_dir_all(path).is_ok() {
            return;
        }
    }
}

/// A name beside it that no other process takes.
fn aside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.gone", std::process::id()));
    path.with_file_name(name)
}

fn list() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
