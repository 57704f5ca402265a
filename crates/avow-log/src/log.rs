//! The log itself: create, open, append, sign the head, prove.
//!
//! `docs/spec/log.md` says what is on disk and what is trusted. Exporting is
//! left to `export`, sharing between threads to `shared`, whose folder it is to `claim`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use avow_tlog::{
    Checkpoint, Hash, LEAF_BYTES_MAX, NOTE_BYTES_MAX, OfflineProof, Tree, VerifierKey,
    check_new_origin, leaf_hash, prove_consistency, prove_inclusion, prove_root,
    verify_consistency, verify_inclusion,
};

use crate::claim::{self, Claim};
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{self, Header};
use crate::hashes::{self, Completed, HashFiles};
use crate::head::{HeadStore, LocalHeadStore};
use crate::keys::LogKeys;
use crate::leaves::Leaves;
use crate::recover::{self, Place, Places};
use crate::segment::Segment;
use crate::settings::{FILE, LogConfig};

pub(crate) const SEGMENTS: &str = "segments";
pub(crate) const HASHES: &str = "hashes";
const KEYS: &str = "keys";
pub(crate) const HEAD: &str = "head";
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// What opening a log had to mend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes of a frame that was never acknowledged, cut off the end.
    pub cut_bytes: u64,
    /// Whether hash files differed from the leaves and were rebuilt.
    pub hashes_rebuilt: bool,
    /// Whether the published checkpoint was not the signed head and was written again.
    pub checkpoint_rewritten: bool,
}

/// A log open for appending, by this process alone.
///
/// A batch is acknowledged when `append` returns: then the disk has it, and no
/// crash takes it back. After any failed write the log takes nothing more
/// ([`ErrorKind::Stopped`]); opening it again is the way on.
pub struct Log {
    folder: PathBuf,
    config: LogConfig,
    keys: LogKeys,
    store: Box<dyn HeadStore>,
    /// The signed head, as stored, and what it says.
    head: Option<(Vec<u8>, Checkpoint)>,
    tree: Tree,
    link: Hash,
    segment: Option<Segment>,
    places: Places,
    hashes: HashFiles,
    /// The hash files could not be written and miss leaves.
    hashes_behind: bool,
    stopped: bool,
    recovery: Recovery,
    _lock: durable::Lock,
}

impl Log {
    /// Makes a new log in a folder that is empty or does not exist; its keys go into `keys/`.
    ///
    /// Of several processes that do this at once one has the folder; the others
    /// are refused before they have written anything.
    pub fn create(folder: &Path, config: &LogConfig, keys: LogKeys) -> Result<Self> {
        check_names(config, &keys)?;
        Self::create_claimed(Claim::take(folder)?, config, keys)
    }

    /// As [`Log::create`], in a folder that the caller has claimed.
    pub fn create_claimed(claim: Claim, config: &LogConfig, keys: LogKeys) -> Result<Self> {
        check_names(config, &keys)?;
        keys.save(&claim.folder.join(KEYS))?;
        let store = Box::new(LocalHeadStore::new(&claim.folder.join(HEAD))?);
        Self::make(claim, config, keys, store)
    }

    /// As [`Log::create`], with keys that stay with the caller and a head stored elsewhere.
    ///
    /// The folder need not be empty: the store may lie in it.
    pub fn create_with(
        folder: &Path,
        config: &LogConfig,
        keys: LogKeys,
        store: Box<dyn HeadStore>,
    ) -> Result<Self> {
        check_names(config, &keys)?;
        if [FILE, SEGMENTS]
            .iter()
            .any(|name| folder.join(name).exists())
        {
            return Err(Error::input(format!(
                "`{}` is a log already",
                folder.display()
            )));
        }
        if store.load()?.is_some() {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the store of the head has one already: a log of this name exists",
            ));
        }
        Self::make(Claim::beside(folder)?, config, keys, store)
    }

    fn make(
        claim: Claim,
        config: &LogConfig,
        keys: LogKeys,
        store: Box<dyn HeadStore>,
    ) -> Result<Self> {
        let Claim { folder, lock } = claim;
        durable::create_folder(&folder.join(SEGMENTS))?;
        // Last: a folder with this file is a log, with its keys and segments.
        config.save(&folder)?;
        Self::open_locked(&folder, lock, keys, store)
    }

    /// Opens a log with the keys in its folder. Replays all of it: see [`Log::recovery`].
    pub fn open(folder: &Path) -> Result<Self> {
        LogConfig::load(folder)?;
        let keys = LogKeys::load(&folder.join(KEYS))?;
        let store = Box::new(LocalHeadStore::new(&folder.join(HEAD))?);
        Self::open_with(folder, keys, store)
    }

    /// As [`Log::open`], with the caller's keys and store.
    pub fn open_with(folder: &Path, keys: LogKeys, store: Box<dyn HeadStore>) -> Result<Self> {
        Self::open_locked(folder, claim::lock(folder)?, keys, store)
    }

    fn open_locked(
        folder: &Path,
        lock: durable::Lock,
        keys: LogKeys,
        store: Box<dyn HeadStore>,
    ) -> Result<Self> {
        let config = LogConfig::load(folder)?;
        keys.check_origin(&config.origin)?;
        let head = load_head(store.as_ref(), &config.origin, &keys.verifiers())?;
        let heads: Vec<&Checkpoint> = head.iter().map(|(_, head)| head).collect();
        let mut recovery = Recovery::default();
        let mut hashes = HashFiles::open(&folder.join(HASHES))?;
        let replayed = recover::replay(
            &folder.join(SEGMENTS),
            &config.origin,
            config.segment_bytes,
            &heads,
            &mut |step| {
                recovery.hashes_rebuilt |= hashes.repair(step.completed, step.size)?;
                Ok(())
            },
        )?;
        let size = replayed.tree.size();
        hashes::check_not_lost(hashes.leaf_count()?, size, &folder.join(HASHES))?;
        recovery.hashes_rebuilt |= hashes.truncate(size)?;
        recovery.cut_bytes = replayed.torn_bytes;
        let segment = make_durable(&replayed, &folder.join(SEGMENTS), config.segment_bytes)?;
        let mut log = Self {
            folder: folder.to_owned(),
            config,
            keys,
            store,
            head,
            tree: replayed.tree,
            link: replayed.link,
            segment,
            places: replayed.places,
            hashes,
            hashes_behind: false,
            stopped: false,
            recovery,
            _lock: lock,
        };
        log.republish()?;
        Ok(log)
    }

    /// Appends leaves and returns their indexes when the disk has all of them.
    ///
    /// A batch within [`frame::FRAME_LEAVES_MAX`](crate::FRAME_LEAVES_MAX) and
    /// [`frame::BODY_BYTES_MAX`](crate::BODY_BYTES_MAX) is all there or not at
    /// all after a crash; a longer one is written in parts. After an error of
    /// kind [`ErrorKind::Input`] nothing was written; after any other, whether
    /// the leaves are in the log is known only when it was opened again.
    pub fn append(&mut self, leaves: &[&[u8]]) -> Result<Range<u64>> {
        self.check_running()?;
        if let Some(leaf) = leaves.iter().find(|leaf| leaf.len() > LEAF_BYTES_MAX) {
            return Err(Error::input(format!(
                "a leaf has at most {LEAF_BYTES_MAX} bytes, not {}",
                leaf.len()
            )));
        }
        let first = self.size();
        let mut rest = leaves;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(frame::leaves_that_fit(rest));
            let appended = self.append_frame(now);
            self.stopped = appended.is_err();
            appended?;
            rest = later;
        }
        Ok(first..self.size())
    }

    fn append_frame(&mut self, leaves: &[&[u8]]) -> Result<()> {
        let mut tree = self.tree.clone();
        let mut completed = Completed::default();
        for leaf in leaves {
            completed.push(&mut tree, leaf_hash(leaf));
        }
        let body = frame::body(leaves)?;
        let header = Header {
            first: self.tree.size(),
            count: leaves.len() as u32,
            body_bytes: body.len() as u32,
            size_after: tree.size(),
            previous: self.link,
            root_after: tree.root(),
            body_crc: crc32c::crc32c(&body),
        };
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend_from_slice(&body);
        let (segment, start) = self.write(&bytes, header.first)?;
        // The disk has it: from here on it counts.
        self.places.frames.push(Place {
            first: header.first,
            segment,
            start,
        });
        self.tree = tree;
        self.link = header.hash();
        if !self.hashes_behind && self.hashes.append(&completed, self.tree.size()).is_err() {
            // The leaves are safe. Proofs are refused until the files are rebuilt.
            self.hashes_behind = true;
        }
        Ok(())
    }

    /// Writes a frame into the current segment, or a new one; which, and where.
    fn write(&mut self, frame: &[u8], first: u64) -> Result<(u32, u64)> {
        let full = self.segment.as_ref().is_none_or(|segment| {
            segment.end() > 0 && segment.end() + frame.len() as u64 > self.config.segment_bytes
        });
        if full {
            let folder = self.folder.join(SEGMENTS);
            self.segment = Some(Segment::create(&folder, first, self.config.segment_bytes)?);
            self.places
                .segments
                .push(folder.join(format!("{first:020}")));
        }
        let number = self.places.segments.len().saturating_sub(1) as u32;
        match &mut self.segment {
            Some(segment) => Ok((number, segment.append(frame)?)),
            None => Err(Error::new(ErrorKind::Storage, "no segment is open")),
        }
    }

    /// Signs the tree as it stands and publishes it as `checkpoint`; the signed note.
    ///
    /// Only durable leaves are in the tree. The head goes through
    /// compare-and-swap in its store first, so that of two processes with the
    /// same keys and one store only one signs. `time_s` (seconds since 1970, 0
    /// for none) goes into the ML-DSA-44 signature.
    pub fn sign_head(&mut self, time_s: u64) -> Result<Vec<u8>> {
        self.check_running()?;
        let head = Checkpoint::new(&self.config.origin, self.size(), self.root())?;
        // INVARIANT: a signed head never shrinks; the tree only grows after it was compared.
        if self
            .head
            .as_ref()
            .is_some_and(|(_, old)| old.size() > head.size())
        {
            self.stopped = true;
            return Err(Error::corrupt("the tree is smaller than its signed head"));
        }
        let note = head.sign(&self.keys.signers(), time_s)?;
        let expected = self.head.as_ref().map(|(bytes, _)| bytes.as_slice());
        if let Err(error) = self.store.swap(expected, &note) {
            self.stopped = true;
            return Err(error);
        }
        self.head = Some((note.clone(), head));
        let published = durable::write(&self.folder.join(CHECKPOINT), &note, durable::PUBLIC);
        self.stopped = published.is_err();
        published.map(|()| note)
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.config.origin
    }

    /// The keys that verify its checkpoints.
    pub fn verifier_keys(&self) -> Vec<VerifierKey> {
        self.keys.verifiers()
    }

    /// The number of durable leaves.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over all durable leaves.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The last signed head: the note, and what it says.
    pub fn head(&self) -> Option<(&[u8], &Checkpoint)> {
        self.head
            .as_ref()
            .map(|(note, head)| (note.as_slice(), head))
    }

    /// What opening it had to mend.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The leaves of a range, read from the segments; every frame is checked again.
    pub fn leaves(&self, range: Range<u64>) -> Result<Leaves<'_>> {
        if range.start > range.end || range.end > self.size() {
            return Err(Error::input(format!("the log has {} leaves", self.size())));
        }
        Ok(Leaves::new(&self.places, range))
    }

    /// The root of the first `size` leaves.
    pub fn root_at(&self, size: u64) -> Result<Hash> {
        if size > self.size() {
            return Err(Error::input(format!("the log has {} leaves", self.size())));
        }
        if size == self.size() {
            return Ok(self.root());
        }
        let root = prove_root(size, &mut self.reader())?;
        if size > 0 {
            let proof = prove_consistency(size, self.size(), &mut self.reader())?;
            self.trust(verify_consistency(
                size,
                self.size(),
                &proof,
                &root,
                &self.root(),
            ))?;
        }
        Ok(root)
    }

    /// The proof that a leaf is in the tree of the first `size` leaves, checked before it is returned.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>> {
        let root = self.root_at(size)?;
        let proof = prove_inclusion(index, size, &mut self.reader())?;
        let leaf = self.hashes(0, index, 1)?;
        let leaf = leaf.first().ok_or_else(|| Error::input("no such leaf"))?;
        self.trust(verify_inclusion(index, size, leaf, &proof, &root))?;
        Ok(proof)
    }

    /// The proof that the first `new` leaves extend the first `old`, checked before it is returned.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>> {
        let (old_root, new_root) = (self.root_at(old)?, self.root_at(new)?);
        let proof = prove_consistency(old, new, &mut self.reader())?;
        self.trust(verify_consistency(old, new, &proof, &old_root, &new_root))?;
        Ok(proof)
    }

    /// The offline proof of a leaf under the signed head.
    pub fn offline_proof(&self, index: u64) -> Result<OfflineProof> {
        let (note, head) = self.signed()?;
        let path = self.inclusion_proof(index, head.size())?;
        Ok(OfflineProof {
            extra: None,
            index,
            path,
            checkpoint: note.to_vec(),
        })
    }

    /// The signed head, or the advice to sign one.
    pub(crate) fn signed(&self) -> Result<(&[u8], &Checkpoint)> {
        self.head()
            .ok_or_else(|| Error::input("the log has no signed head yet; sign one first"))
    }

    /// Stored hashes of a tile level.
    pub(crate) fn hashes(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>> {
        if self.hashes_behind {
            return Err(Error::new(
                ErrorKind::Storage,
                "the hash files could not be written; open the log again to rebuild them",
            ));
        }
        self.hashes.read(level, first, count)
    }

    fn reader(&self) -> impl FnMut(u8, u64, u64) -> avow_tlog::Result<Vec<Hash>> + '_ {
        |level, first, count| {
            self.hashes(level, first, count).map_err(|error| {
                avow_tlog::Error::new(avow_tlog::ErrorKind::Unavailable, error.to_string())
            })
        }
    }

    /// A proof we made and that fails: the files changed under us.
    fn trust(&self, verified: avow_tlog::Result<()>) -> Result<()> {
        verified.map_err(|_| {
            Error::corrupt(
                "the hash files do not fit the leaves; open the log again to rebuild them",
            )
        })
    }

    fn check_running(&self) -> Result<()> {
        if self.stopped {
            return Err(Error::new(
                ErrorKind::Stopped,
                "the log stopped after a failed write; repair the disk and open it again",
            ));
        }
        Ok(())
    }

    /// Makes the published checkpoint the signed head again, unless it is ahead of it.
    fn republish(&mut self) -> Result<()> {
        let path = self.folder.join(CHECKPOINT);
        let published = durable::read(&path, NOTE_BYTES_MAX as u64)?;
        let head = self.head.as_ref().map(|(note, _)| note);
        if published.as_ref() == head {
            return Ok(());
        }
        let keys = self.keys.verifiers();
        let claimed = published
            .and_then(|note| Checkpoint::open_all(&note, &self.config.origin, &keys).ok())
            .map(avow_tlog::Verified::into_inner);
        let signed = self.head.as_ref().map(|(_, head)| head);
        check_not_set_back(claimed.as_ref(), signed)?;
        if let Some(note) = head {
            durable::write(&path, note, durable::PUBLIC)?;
        }
        self.recovery.checkpoint_rewritten = true;
        Ok(())
    }
}

/// Refuses names that a log cannot have, and keys of another one.
fn check_names(config: &LogConfig, keys: &LogKeys) -> Result<()> {
    check_new_origin(&config.origin).map_err(|e| Error::input(e.to_string()))?;
    keys.check_origin(&config.origin)
}

/// A head is stored before it is published, so a later one that is published tells of one that is lost.
pub(crate) fn check_not_set_back(
    published: Option<&Checkpoint>,
    stored: Option<&Checkpoint>,
) -> Result<()> {
    if published.map(Checkpoint::size) > stored.map(Checkpoint::size) {
        return Err(Error::new(
            ErrorKind::Conflict,
            "the published checkpoint is ahead of the stored head: the store was set back; \
             restore it",
        ));
    }
    Ok(())
}

fn load_head(
    store: &dyn HeadStore,
    origin: &str,
    keys: &[VerifierKey],
) -> Result<Option<(Vec<u8>, Checkpoint)>> {
    let Some(note) = store.load()? else {
        return Ok(None);
    };
    let head = Checkpoint::open_all(&note, origin, keys).map_err(|error| {
        Error::corrupt(format!(
            "the stored head is not one that this log signed: {error}"
        ))
    })?;
    Ok(Some((note, head.into_inner())))
}

/// Cuts a torn frame, and makes sure that the disk has what the replay has read.
fn make_durable(
    replayed: &recover::Replayed,
    folder: &Path,
    segment_bytes: u64,
) -> Result<Option<Segment>> {
    let Some(path) = replayed.places.segments.last() else {
        return Ok(None);
    };
    let mut segment = Segment::open(path, replayed.end, segment_bytes)?;
    if replayed.torn_bytes > 0 {
        segment.cut_tail()?;
    }
    let number = replayed.places.segments.len() as u32 - 1;
    match replayed.places.frames.last() {
        Some(last) if last.segment == number => segment.rewrite_last(last.start)?,
        _ => {}
    }
    durable::sync_folder(folder)?;
    Ok(Some(segment))
}
