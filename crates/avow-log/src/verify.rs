//! Verifying a log's own folder without changing it: every frame, every leaf, the signed head.

use std::path::Path;

use avow_tlog::{Checkpoint, Hash, VerifierKey};

use crate::error::{Error, Result};
use crate::head::{HeadStore, LocalHeadStore};
use crate::log::SEGMENTS;
use crate::recover;
use crate::settings::LogConfig;

/// What a verification found to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Leaves, all of them replayed.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// Frames they lie in.
    pub frames: u64,
    /// What the signed head says, if there is one: a part of the leaves, or all.
    pub head: Option<Checkpoint>,
    /// Bytes of an unfinished frame after them: a write in progress, or cut short.
    pub torn_bytes: u64,
}

/// Replays a log's folder against its signed head and these keys. Nothing is changed.
///
/// Each leaf is given to `each`, in order, once its frame was checked. Leaves
/// after the signed head are checked against their frames only.
pub fn verify(
    folder: &Path,
    keys: &[VerifierKey],
    each: &mut dyn FnMut(u64, &[u8]) -> Result<()>,
) -> Result<Verification> {
    let config = LogConfig::load(folder)?;
    let head_folder = folder.join("head");
    let note = if head_folder.exists() {
        LocalHeadStore::new(&head_folder)?.load()?
    } else {
        None
    };
    let head = note
        .map(|note| Checkpoint::open_all(&note, &config.origin, keys))
        .transpose()
        .map_err(|e| Error::corrupt(format!("the signed head does not verify: {e}")))?
        .map(avow_tlog::Verified::into_inner);
    let segments = folder.join(SEGMENTS);
    let replayed = recover::replay(
        &segments,
        &config.origin,
        config.segment_bytes,
        head.as_ref(),
        &mut |step| {
            for (index, leaf) in (step.first..).zip(step.leaves) {
                each(index, leaf)?;
            }
            Ok(())
        },
    )?;
    Ok(Verification {
        size: replayed.tree.size(),
        root: replayed.tree.root(),
        frames: replayed.places.frames.len() as u64,
        head,
        torn_bytes: replayed.torn_bytes,
    })
}
