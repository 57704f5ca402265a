//! Writing a log as static files, and reading such files: tlog-tiles.
//!
//! An export is complete at every moment: its checkpoint is written last, and a
//! new export appears under its name as a whole. It is not trusted: readers
//! check every file against the signed root.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use avow_tlog::{
    BUNDLE_BYTES_MAX, CHECKPOINT_PATH, Fetch, StaticLog, TILE_WIDTH, Tile, TileKind, VerifierKey,
    hashes_to_bytes, level_width, push_entry,
};

use crate::durable;
use crate::error::{Error, Result};
use crate::hashes::LEVELS;
use crate::log::Log;
use crate::settings::FILE;

/// Exports cut off by a crash that may lie beside a new one. Each is as large
/// as the log, so whoever has this many of them should know.
const LEFT_OVER_MAX: u32 = 100;

impl Log {
    /// Exports the tree of the signed head to a folder, which is new or an export of this log.
    ///
    /// A new folder gets its name when all is written and verified. In an
    /// existing one each file is replaced as a whole, the checkpoint last, so
    /// readers see the old tree or the new one. An export never goes back.
    /// Nothing is removed but what this call has made.
    pub fn export(&self, folder: &Path) -> Result<()> {
        self.signed()?;
        self.check_outside(folder)?;
        if folder.exists() {
            self.check_export(folder)?;
            return self.export_into(folder);
        }
        let parent = folder.parent().unwrap_or(Path::new("."));
        durable::create_folder(parent)?;
        let new = create_beside(folder)?;
        let exported = self.export_new(&new, folder);
        if exported.is_err() {
            // Made by this call. What cannot be removed now is no export either.
            let _ = fs::remove_dir_all(&new);
        }
        exported?;
        durable::sync_folder(parent)
    }

    /// Exports to a folder that gets its name at the end.
    fn export_new(&self, new: &Path, name: &Path) -> Result<()> {
        self.export_into(new)?;
        StaticFolder::open(new, self.origin(), &self.verifier_keys())?.verify_all()?;
        fs::rename(new, name).map_err(|e| Error::io("rename to", name, &e))
    }

    /// Refuses the folder of a log, this one or another, and whatever lies in this one's.
    fn check_outside(&self, folder: &Path) -> Result<()> {
        // What does not exist yet will lie where its nearest parent does.
        let mut there = folder.ancestors().filter_map(|f| fs::canonicalize(f).ok());
        let within = match (there.next(), fs::canonicalize(self.folder())) {
            (Some(there), Ok(own)) => there.starts_with(own),
            _ => false,
        };
        if within || folder.join(FILE).is_file() {
            return Err(Error::input(format!(
                "`{}` is the folder of a log, or lies in one; export to a folder outside",
                folder.display()
            )));
        }
        Ok(())
    }

    /// Refuses to write over something else, or over a later export.
    fn check_export(&self, folder: &Path) -> Result<()> {
        let (_, head) = self.signed()?;
        let old =
            StaticFolder::open(folder, self.origin(), &self.verifier_keys()).map_err(|e| {
                Error::input(format!(
                    "`{}` is no export of this log: {e}",
                    folder.display()
                ))
            })?;
        let old = old.log.head().get();
        if old.size() > head.size() || self.root_at(old.size())? != *old.root() {
            return Err(Error::input(format!(
                "`{}` holds an export of another or a later tree",
                folder.display()
            )));
        }
        Ok(())
    }

    fn export_into(&self, folder: &Path) -> Result<()> {
        let (note, head) = self.signed()?;
        for level in 0..LEVELS as u8 {
            for index in 0..level_width(head.size(), level).div_ceil(TILE_WIDTH) {
                self.export_hashes(folder, level, index, head.size())?;
            }
        }
        self.export_entries(folder, head.size())?;
        durable::create_folder(folder)?;
        // No checkpoint refers to the new tiles before they are durable.
        durable::sync_everything(folder)?;
        durable::write(&folder.join(CHECKPOINT_PATH), note, durable::PUBLIC)
    }

    fn export_hashes(&self, folder: &Path, level: u8, index: u64, size: u64) -> Result<()> {
        let Some(tile) = Tile::in_tree(TileKind::Hashes(level), index, size) else {
            return Ok(());
        };
        write_tile(folder, &tile, || {
            let hashes = self.hashes(level, index * TILE_WIDTH, u64::from(tile.width()))?;
            Ok(hashes_to_bytes(&hashes))
        })
    }

    fn export_entries(&self, folder: &Path, size: u64) -> Result<()> {
        for index in 0..size.div_ceil(TILE_WIDTH) {
            let Some(tile) = Tile::in_tree(TileKind::Entries, index, size) else {
                continue;
            };
            write_tile(folder, &tile, || {
                let first = index * TILE_WIDTH;
                let mut bundle = Vec::new();
                for leaf in self.leaves(first..first + u64::from(tile.width()))? {
                    push_entry(&mut bundle, &leaf?)?;
                }
                Ok(bundle)
            })?;
        }
        Ok(())
    }
}

/// Creates a folder beside another that does not exist, under a name that nothing has.
fn create_beside(folder: &Path) -> Result<PathBuf> {
    let stem = folder.file_name().unwrap_or_default();
    for number in 0..LEFT_OVER_MAX {
        let mut name = stem.to_owned();
        name.push(".new");
        if number > 0 {
            name.push(format!("-{number}"));
        }
        let new = folder.with_file_name(name);
        match fs::create_dir(&new) {
            Ok(()) => return Ok(new),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Error::io("create", &new, &e)),
        }
    }
    Err(Error::input(format!(
        "there are {LEFT_OVER_MAX} unfinished exports beside `{}`; remove them",
        folder.display()
    )))
}

/// Writes a tile unless it is there with the same bytes: tiles never change.
fn write_tile(folder: &Path, tile: &Tile, bytes: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
    let path = folder.join(tile.to_string());
    let bytes = bytes()?;
    if durable::read(&path, BUNDLE_BYTES_MAX as u64)?.as_ref() == Some(&bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| Error::io("create", parent, &e))?;
    }
    durable::write_later(&path, &bytes)
}

/// A folder of static files, such as [`Log::export`] writes: read, and verified while it is read.
pub struct StaticFolder {
    log: StaticLog<'static>,
}

impl StaticFolder {
    /// Opens the folder at its own checkpoint, which every one of `keys` must have signed.
    pub fn open(folder: &Path, origin: &str, keys: &[VerifierKey]) -> Result<Self> {
        let mut fetch = fetch_from(folder.to_owned());
        let note = fetch(CHECKPOINT_PATH)?;
        let head = avow_tlog::Checkpoint::open_all(&note, origin, keys)?;
        Ok(Self {
            log: StaticLog::at(head, fetch)?,
        })
    }

    /// The verified log, for proofs and single tiles.
    pub fn log(&mut self) -> &mut StaticLog<'static> {
        &mut self.log
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// The leaves of a range, each of them in the signed tree.
    pub fn leaves(&mut self, range: Range<u64>) -> Result<StaticLeaves<'_>> {
        if range.start > range.end || range.end > self.size() {
            return Err(Error::input(format!("the log has {} leaves", self.size())));
        }
        Ok(StaticLeaves {
            folder: self,
            range,
            bundle: Vec::new(),
        })
    }

    /// Checks every file of the tree; how many leaves there are.
    pub fn verify_all(&mut self) -> Result<u64> {
        self.log.verify_all(&mut |_, _| Ok(()))?;
        Ok(self.size())
    }
}

/// The leaves of a range of a [`StaticFolder`]. After an error it gives nothing more.
pub struct StaticLeaves<'a> {
    folder: &'a mut StaticFolder,
    range: Range<u64>,
    /// The leaves of the current bundle that are still to be given, last one first.
    bundle: Vec<Vec<u8>>,
}

impl Iterator for StaticLeaves<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.range.is_empty() {
            return None;
        }
        if self.bundle.is_empty() {
            let (index, skip) = (self.range.start / TILE_WIDTH, self.range.start % TILE_WIDTH);
            match self.folder.log.bundle(index) {
                Ok(leaves) => self.bundle = leaves.into_iter().skip(skip as usize).rev().collect(),
                Err(error) => {
                    self.range.end = self.range.start;
                    return Some(Err(error.into()));
                }
            }
        }
        self.range.start += 1;
        self.bundle.pop().map(Ok)
    }
}

/// Reads files of a folder for [`StaticLog`]; none longer than the longest bundle.
fn fetch_from(folder: PathBuf) -> Box<Fetch<'static>> {
    Box::new(move |path: &str| {
        let unavailable =
            |what: String| avow_tlog::Error::new(avow_tlog::ErrorKind::Unavailable, what);
        durable::read(&folder.join(path), BUNDLE_BYTES_MAX as u64)
            .map_err(|error| unavailable(error.to_string()))?
            .ok_or_else(|| unavailable(format!("`{}` has no file `{path}`", folder.display())))
    })
}
