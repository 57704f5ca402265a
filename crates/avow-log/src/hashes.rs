//! The hashes on each tile level, one flat file a level: `docs/spec/log.md`, section "Hash files".
//!
//! Any tile, full or partial, is a range of such a file. They are derived:
//! written after the leaves are durable, never synced before an answer, and
//! rebuilt from the leaves when the log is opened.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use avow_tlog::{HASH_BYTES, Hash, TILE_HEIGHT, Tree, level_width};

use crate::error::{Error, Result};

/// Tile levels of a tree of fewer than 2^64 leaves.
pub(crate) const LEVELS: usize = 8;

/// Hashes that were completed but are not in the files yet, by tile level.
#[derive(Debug, Default, Clone)]
pub(crate) struct Completed {
    levels: [Vec<Hash>; LEVELS],
}

impl Completed {
    /// Appends a leaf to the tree and keeps what it completes on tile levels.
    pub(crate) fn push(&mut self, tree: &mut Tree, leaf: Hash) {
        tree.push_each(leaf, &mut |level, _, hash| {
            if level.is_multiple_of(TILE_HEIGHT)
                && let Some(hashes) = self.levels.get_mut((level / TILE_HEIGHT) as usize)
            {
                hashes.push(*hash);
            }
        });
    }
}

/// How many whole leaf hashes are stored in a folder; nothing is created.
pub(crate) fn leaf_count(folder: &Path) -> Result<u64> {
    match fs::metadata(folder.join("0")) {
        Ok(data) => Ok(data.len() / HASH_BYTES as u64),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(Error::io("read", folder, &e)),
    }
}

/// Hashes are written after their leaves are durable, so more of them means that leaves are gone.
pub(crate) fn check_not_lost(stored: u64, size: u64, folder: &Path) -> Result<()> {
    if stored > size {
        return Err(Error::corrupt(format!(
            "the log holds {size} leaves, but hashes of {stored}: acknowledged leaves are \
             missing; restore them, or delete `{}` to go on without them",
            folder.display()
        )));
    }
    Ok(())
}

/// Writes bytes to a file at a place.
type WriteAt<'a> = dyn FnMut(&File, &[u8], u64) -> std::io::Result<()> + 'a;

/// The hash files of a log.
#[derive(Debug)]
pub(crate) struct HashFiles {
    folder: PathBuf,
    files: Vec<File>,
}

impl HashFiles {
    /// Opens the files, creating those that are missing.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, &e))?;
        let open = |level: usize| {
            let path = folder.join(level.to_string());
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|e| Error::io("open", &path, &e))
        };
        let files = (0..LEVELS).map(open).collect::<Result<_>>()?;
        Ok(Self {
            folder: folder.to_owned(),
            files,
        })
    }

    /// How many whole leaf hashes are stored.
    pub(crate) fn leaf_count(&self) -> Result<u64> {
        leaf_count(&self.folder)
    }

    /// Writes what leaves completed, after which the tree has `size` leaves.
    pub(crate) fn append(&mut self, completed: &Completed, size: u64) -> Result<()> {
        self.each_level(completed, size, &mut |file, bytes, start| {
            file.write_all_at(bytes, start)
        })
    }

    /// As `append`, but writes only where the files differ; whether they did.
    pub(crate) fn repair(&mut self, completed: &Completed, size: u64) -> Result<bool> {
        let mut repaired = false;
        self.each_level(completed, size, &mut |file, bytes, start| {
            let mut stored = vec![0; bytes.len()];
            if file.read_exact_at(&mut stored, start).is_err() || stored != bytes {
                repaired = true;
                file.write_all_at(bytes, start)?;
            }
            Ok(())
        })?;
        Ok(repaired)
    }

    /// Drops what lies beyond a tree of `size` leaves; whether there was anything.
    pub(crate) fn truncate(&mut self, size: u64) -> Result<bool> {
        let mut cut = false;
        for (level, file) in (0u8..).zip(&self.files) {
            let bytes = level_width(size, level) * HASH_BYTES as u64;
            let cut_one = || {
                let longer = file.metadata()?.len() != bytes;
                file.set_len(bytes).map(|()| longer)
            };
            cut |= cut_one().map_err(|e| Error::io("truncate", &self.folder, &e))?;
        }
        Ok(cut)
    }

    /// Reads hashes of a tile level.
    pub(crate) fn read(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>> {
        let file = self.files.get(usize::from(level));
        let file = file.ok_or_else(|| Error::input("there is no such tile level"))?;
        let mut bytes = vec![0; count as usize * HASH_BYTES];
        file.read_exact_at(&mut bytes, first * HASH_BYTES as u64)
            .map_err(|e| Error::io("read hashes in", &self.folder, &e))?;
        Ok(bytes
            .as_chunks::<HASH_BYTES>()
            .0
            .iter()
            .copied()
            .map(Hash)
            .collect())
    }

    fn each_level(
        &mut self,
        completed: &Completed,
        size: u64,
        write: &mut WriteAt<'_>,
    ) -> Result<()> {
        for ((level, file), hashes) in (0u8..).zip(&self.files).zip(&completed.levels) {
            if hashes.is_empty() {
                continue;
            }
            let first = level_width(size, level) - hashes.len() as u64;
            write(
                file,
                &avow_tlog::hashes_to_bytes(hashes),
                first * HASH_BYTES as u64,
            )
            .map_err(|e| Error::io("write hashes in", &self.folder, &e))?;
        }
        Ok(())
    }
}
