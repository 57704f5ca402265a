//! Logs to test on.

use std::path::{Path, PathBuf};

use avow_log::{Log, LogConfig, LogKeys};

pub(crate) const ORIGIN: &str = "example.com/avow/log";

/// 2026-01-01T00:00:00Z.
pub(crate) const TIME_S: u64 = 1_767_225_600;

pub(crate) struct Scratch {
    _folder: tempfile::TempDir,
    pub(crate) log: PathBuf,
    pub(crate) export: PathBuf,
}

pub(crate) fn scratch() -> Scratch {
    // In memory where there is such a place: thousands of syncs cost nothing there.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let folder = folder.unwrap();
    let (log, export) = (folder.path().join("log"), folder.path().join("export"));
    Scratch {
        _folder: folder,
        log,
        export,
    }
}

pub(crate) fn keys() -> LogKeys {
    LogKeys::from_seeds(ORIGIN, [1; 32], [2; 32]).unwrap()
}

/// A new log with small segments, so that tests cross their borders.
pub(crate) fn create(folder: &Path) -> Log {
    let config = LogConfig {
        origin: ORIGIN.to_owned(),
        segment_bytes: 8 * 1024,
    };
    Log::create(folder, &config, keys()).unwrap()
}

/// The n-th leaf of every test log: its number in text, and a tail that differs in length.
pub(crate) fn leaf(n: u64) -> Vec<u8> {
    let mut leaf = format!("leaf {n} ").into_bytes();
    leaf.extend(std::iter::repeat_n(b'.', (n * 7 % 41) as usize));
    leaf.push(b'}');
    leaf
}

pub(crate) fn append(log: &mut Log, count: u64) {
    let leaves: Vec<Vec<u8>> = (log.size()..log.size() + count).map(leaf).collect();
    let slices: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let before = log.size();
    assert_eq!(log.append(&slices).unwrap(), before..before + count);
}

/// Every leaf that the log has is the one that was appended.
pub(crate) fn check_leaves(log: &Log) {
    let read: Vec<Vec<u8>> = log
        .leaves(0..log.size())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected: Vec<Vec<u8>> = (0..log.size()).map(leaf).collect();
    assert!(read == expected, "the leaves differ");
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found.sort();
    found
}

/// All files below a folder with what they hold, to be put back later.
pub(crate) struct Snapshot {
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Snapshot {
    pub(crate) fn of(folder: &Path) -> Self {
        let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
        Self {
            folder: folder.to_owned(),
            files: files(folder).into_iter().map(read).collect(),
        }
    }

    pub(crate) fn files(&self) -> &[(PathBuf, Vec<u8>)] {
        &self.files
    }

    pub(crate) fn put_back(&self) {
        for path in files(&self.folder) {
            if !self.files.iter().any(|(kept, _)| *kept == path) {
                std::fs::remove_file(path).unwrap();
            }
        }
        for (path, bytes) in &self.files {
            if std::fs::read(path).ok().as_ref() != Some(bytes) {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
        }
    }
}
