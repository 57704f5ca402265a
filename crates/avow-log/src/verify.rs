//! Verifying a log's own folder without changing it: every frame, every leaf, what was signed.
//!
//! As strict as opening the log: what that refuses is refused here. What that
//! mends is reported. `docs/spec/log.md`, section "Verify".

use std::path::Path;

use avow_tlog::{Checkpoint, Hash, NOTE_BYTES_MAX, VerifierKey};

use crate::durable;
use crate::error::{Error, Result};
use crate::hashes;
use crate::head::{HeadStore, LocalHeadStore};
use crate::log::{CHECKPOINT, HASHES, HEAD, SEGMENTS, check_not_set_back};
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
    /// What was signed last, if anything: a part of the leaves, or all.
    pub head: Option<Checkpoint>,
    /// Bytes of an unfinished frame after them: a write in progress, or cut short.
    pub torn_bytes: u64,
}

/// Replays a log's folder against all that was signed for it, with these keys. Nothing is changed.
///
/// Leaves are missing if the signed head, the published checkpoint or the hash
/// files have more of them. Where the head is stored elsewhere the checkpoint
/// stands for it.
///
/// Each leaf is given to `each`, in order, once its frame was checked. Leaves
/// after the signed head are checked against their frames only.
pub fn verify(
    folder: &Path,
    keys: &[VerifierKey],
    each: &mut dyn FnMut(u64, &[u8]) -> Result<()>,
) -> Result<Verification> {
    let config = LogConfig::load(folder)?;
    // In this order: a log that is in use publishes what it has stored, and
    // hashes what it has written. So what is read first is never ahead.
    let open = |note: Option<Vec<u8>>, what: &str| {
        note.map(|note| Checkpoint::open_all(&note, &config.origin, keys))
            .transpose()
            .map(|head| head.map(avow_tlog::Verified::into_inner))
            .map_err(|e| Error::corrupt(format!("the {what} does not verify: {e}")))
    };
    let published = durable::read(&folder.join(CHECKPOINT), NOTE_BYTES_MAX as u64)?;
    let published = open(published, "published checkpoint")?;
    let head_folder = folder.join(HEAD);
    let stored_here = head_folder.exists();
    let head = if stored_here {
        open(LocalHeadStore::new(&head_folder)?.load()?, "signed head")?
    } else {
        published.clone()
    };
    let hashed = hashes::leaf_count(&folder.join(HASHES))?;
    let heads: Vec<&Checkpoint> = head.iter().chain(&published).collect();
    let replayed = recover::replay(
        &folder.join(SEGMENTS),
        &config.origin,
        config.segment_bytes,
        &heads,
        &mut |step| {
            for (index, leaf) in (step.first..).zip(step.leaves) {
                each(index, leaf)?;
            }
            Ok(())
        },
    )?;
    hashes::check_not_lost(hashed, replayed.tree.size(), &folder.join(HASHES))?;
    if stored_here {
        check_not_set_back(published.as_ref(), head.as_ref())?;
    }
    Ok(Verification {
        size: replayed.tree.size(),
        root: replayed.tree.root(),
        frames: replayed.places.frames.len() as u64,
        head,
        torn_bytes: replayed.torn_bytes,
    })
}
