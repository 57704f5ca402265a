//! Whose folder it is: claimed once by the process that makes a log in it, locked by the one that has it open.
//!
//! The claim is the file `lock` itself, made so that only one process can have
//! made it. What is written after that is left to `log`: `docs/spec/log.md`,
//! section "Create".

use std::fs;
use std::path::{Path, PathBuf};

use crate::durable::{self, Lock};
use crate::error::{Error, ErrorKind, Result};

const LOCK: &str = "lock";

/// A folder that this process, and no other, makes a log in.
///
/// It stays locked for as long as this, or the log made with it, lives. Who
/// has the claim may remove the folder again if no log comes of it; who was
/// refused must not touch it. Dropping it leaves the file `lock` behind.
#[derive(Debug)]
pub struct Claim {
    pub(crate) folder: PathBuf,
    pub(crate) lock: Lock,
}

impl Claim {
    /// Claims a folder that is empty or does not exist.
    ///
    /// [`ErrorKind::Input`] if something is in it, [`ErrorKind::Busy`] if
    /// another process claimed it at the same moment; nothing was changed then.
    pub fn take(folder: &Path) -> Result<Self> {
        durable::create_folder(folder)?;
        check_empty(folder, None)?;
        let claim = Self::beside(folder)?;
        if let Err(error) = check_empty(folder, Some(LOCK)) {
            // Something came while we claimed. The claim is ours to take back.
            let _ = fs::remove_file(folder.join(LOCK));
            return Err(error);
        }
        Ok(claim)
    }

    /// Claims a folder whatever lies in it, unless it is claimed.
    pub(crate) fn beside(folder: &Path) -> Result<Self> {
        durable::create_folder(folder)?;
        let lock = Lock::create(&folder.join(LOCK))?.ok_or_else(|| {
            let shown = folder.display();
            Error::new(
                ErrorKind::Busy,
                format!("another process makes a log in `{shown}`, or has made one"),
            )
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            lock,
        })
    }
}

/// One process at a time: two writers would overwrite each other's frames.
pub(crate) fn lock(folder: &Path) -> Result<Lock> {
    Lock::take(&folder.join(LOCK), false)?.ok_or_else(|| {
        Error::new(
            ErrorKind::Busy,
            format!(
                "the log in `{}` is open in another process",
                folder.display()
            ),
        )
    })
}

/// Refuses a folder with anything in it but a file of this name.
fn check_empty(folder: &Path, but: Option<&str>) -> Result<()> {
    let failed = |e: std::io::Error| Error::io("list", folder, &e);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if but.is_none_or(|but| name != but) {
            return Err(Error::input(format!("`{}` is not empty", folder.display())));
        }
    }
    Ok(())
}
