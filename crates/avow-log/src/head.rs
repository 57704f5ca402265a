//! Where the signed head is kept: a store of one value that is replaced by compare-and-swap.
//!
//! What is signed there has been promised to the world, so the store must not
//! forget. Trusted not to go back; not trusted to be right: every head read from
//! it must carry the log's signatures and fit the leaves.

use std::path::{Path, PathBuf};

use avow_tlog::NOTE_BYTES_MAX;

use crate::durable;
use crate::error::{Error, ErrorKind, Result};

/// A store of the signed head of one log.
///
/// Whoever controls it can stop the log (by offering an old head or none), and,
/// with the signing keys too, make it sign a second history. Without the keys
/// it can forge nothing.
pub trait HeadStore: Send {
    /// The stored head; none if there was never one.
    fn load(&self) -> Result<Option<Vec<u8>>>;

    /// Replaces `expected` by `new`, durably, or fails with [`ErrorKind::Conflict`]
    /// and changes nothing if something else is stored.
    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<()>;
}

/// A head in a file of its own folder, on a local disk.
///
/// Put the folder on another disk than the log, so that restoring one from an
/// old backup does not restore the other.
#[derive(Debug)]
pub struct LocalHeadStore {
    folder: PathBuf,
}

impl LocalHeadStore {
    /// A store in this folder, which is created if need be.
    pub fn new(folder: &Path) -> Result<Self> {
        durable::create_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("head")
    }
}

impl HeadStore for LocalHeadStore {
    fn load(&self) -> Result<Option<Vec<u8>>> {
        durable::read(&self.path(), NOTE_BYTES_MAX as u64)
    }

    fn swap(&mut self, expected: Option<&[u8]>, new: &[u8]) -> Result<()> {
        // Keeps other processes out between compare and swap.
        let _lock = durable::Lock::take(&self.folder.join("lock"), true)?;
        if self.load()?.as_deref() != expected {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "the head in `{}` is not the one last signed here",
                    self.folder.display()
                ),
            ));
        }
        durable::write(&self.path(), new, durable::PUBLIC)
    }
}
