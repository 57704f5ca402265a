//! Files that a crash, a broken disk or somebody else has changed.

use std::fs;
use std::path::{Path, PathBuf};

use avow_log::{ErrorKind, HEADER_BYTES, Log, Recovery, parse_frame};

use crate::scratch::{Scratch, Snapshot, TIME_S, append, check_leaves, create, leaf, scratch};

fn segments(log: &Path) -> Vec<PathBuf> {
    crate::scratch::files(&log.join("segments"))
}

/// A segment's frames by place and length.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some((header, _)) = parse_frame(&bytes[start..]) {
        found.push((start, header.frame_bytes()));
        start += header.frame_bytes();
    }
    found
}

/// A log as it was before its last frame was written, and that frame.
struct BeforeLastFrame {
    scratch: Scratch,
    snapshot: Snapshot,
    segment: PathBuf,
    before: Vec<u8>,
    start: usize,
    frame: Vec<u8>,
}

impl BeforeLastFrame {
    /// A log of 5 leaves, signed up to `signed`, and a last frame with these leaves.
    fn new(sign: bool, last: &[&[u8]]) -> Self {
        let scratch = scratch();
        let mut log = create(&scratch.log);
        append(&mut log, 5);
        if sign {
            log.sign_head(TIME_S).unwrap();
        }
        let snapshot = Snapshot::of(&scratch.log);
        log.append(last).unwrap();
        drop(log);
        let [segment] = segments(&scratch.log).try_into().unwrap();
        let bytes = fs::read(&segment).unwrap();
        let (start, length) = *frames(&bytes).last().unwrap();
        let frame = bytes[start..start + length].to_vec();
        snapshot.put_back();
        let before = fs::read(&segment).unwrap();
        assert!(before[start..].iter().all(|b| *b == 0));
        Self {
            scratch,
            snapshot,
            segment,
            before,
            start,
            frame,
        }
    }

    /// Opens the log with only part of the last frame on disk.
    fn open_with(&self, part: &[u8], truncate: bool) -> avow_log::Result<Log> {
        self.snapshot.put_back();
        let mut bytes = self.before.clone();
        bytes[self.start..self.start + part.len()].copy_from_slice(part);
        if truncate {
            bytes.truncate(self.start + part.len());
        }
        fs::write(&self.segment, bytes).unwrap();
        Log::open(&self.scratch.log)
    }
}

fn check_cut(log: &mut Log, written: usize, context: &str) {
    assert_eq!(log.size(), 5, "{context}");
    assert_eq!(log.recovery().cut_bytes > 0, written > 0, "{context}");
    append(log, 1);
    check_leaves(log);
}

#[test]
fn a_frame_torn_at_any_byte_is_cut_and_the_log_goes_on() {
    let last = [leaf(5), leaf(6), leaf(7)];
    let slices: Vec<&[u8]> = last.iter().map(Vec::as_slice).collect();
    let torn = BeforeLastFrame::new(true, &slices);
    for truncate in [false, true] {
        for length in 0..torn.frame.len() {
            let context = format!("{length} of {} bytes", torn.frame.len());
            let part = &torn.frame[..length];
            let written = part.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
            let mut log = torn.open_with(part, truncate).unwrap();
            check_cut(&mut log, written, &context);
            drop(log);
            let log = Log::open(&torn.scratch.log).unwrap();
            assert_eq!(
                (log.size(), log.recovery()),
                (6, &Recovery::default()),
                "{context}"
            );
        }
        let log = torn.open_with(&torn.frame, truncate).unwrap();
        assert_eq!(
            (log.size(), log.recovery().cut_bytes),
            (8, 0),
            "a whole frame stays"
        );
    }
}

#[test]
fn a_frame_with_any_of_its_sectors_missing_is_cut() {
    let long = vec![b'x'; 2_900];
    let torn = BeforeLastFrame::new(true, &[&long]);
    let end = torn.start + torn.frame.len();
    let sectors: Vec<usize> = (torn.start / 512..end.div_ceil(512)).collect();
    assert!((6..=8).contains(&sectors.len()));
    let whole = (1 << sectors.len()) - 1;
    for present in 0..whole {
        let mut part = torn.frame.clone();
        for (n, sector) in sectors.iter().enumerate() {
            if present >> n & 1 == 0 {
                let from = (sector * 512).max(torn.start) - torn.start;
                let to = ((sector + 1) * 512).min(end) - torn.start;
                part[from..to].fill(0);
            }
        }
        let mut log = torn.open_with(&part, false).unwrap();
        check_cut(&mut log, present, &format!("sectors {present:b}"));
    }
    assert_eq!(torn.open_with(&torn.frame, false).unwrap().size(), 6);
}

/// The same tail, but the head is signed over it: then leaves are missing that were promised.
#[test]
fn a_tail_torn_below_the_signed_head_is_refused() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 5);
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    drop(log);
    let [segment] = segments(&scratch.log).try_into().unwrap();
    let bytes = fs::read(&segment).unwrap();
    let (start, length) = *frames(&bytes).last().unwrap();
    fs::remove_dir_all(scratch.log.join("hashes")).unwrap();
    for kept in [0, 1, HEADER_BYTES, length - 1] {
        let mut torn = bytes.clone();
        torn[start + kept..].fill(0);
        fs::write(&segment, &torn).unwrap();
        let error = Log::open(&scratch.log).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert!(error.to_string().contains("signed head"), "{error}");
        assert!(fs::read(&segment).unwrap() == torn, "nothing was cut");
    }
}

/// Every file of a small log, every byte: the flip is refused, or mended and reported.
#[test]
fn every_flipped_bit_is_noticed_or_mended() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    append(&mut log, 2);
    append(&mut log, 2);
    let (head, root) = (log.head().unwrap().0.to_vec(), log.root());
    drop(log);
    // Fewer zeroes ahead, so that all of them can be tried.
    let [segment] = segments(&scratch.log).try_into().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let end = frames(&bytes)
        .last()
        .map(|(start, length)| start + length)
        .unwrap();
    bytes.truncate(end + 700);
    fs::write(&segment, &bytes).unwrap();
    let snapshot = Snapshot::of(&scratch.log);
    let (mut refused, mut mended) = (0, 0);
    for (path, bytes) in snapshot.files() {
        // Signatures and keys of ML-DSA-44 are thousands of bytes of one kind.
        let sparse = bytes.len() > 1024 && *path != segment;
        for at in (0..bytes.len()).filter(|at| !sparse || *at < 400 || at % 17 == 0) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(path, &flipped).unwrap();
            match Log::open(&scratch.log) {
                Err(_) => refused += 1,
                Ok(log) => {
                    let context = format!("byte {at} of {}", path.display());
                    assert_ne!(log.recovery(), &Recovery::default(), "unnoticed: {context}");
                    assert_eq!((log.size(), log.root()), (7, root), "{context}");
                    assert_eq!(log.head().unwrap().0, head, "{context}");
                    check_leaves(&log);
                    mended += 1;
                }
            }
            snapshot.put_back();
        }
    }
    assert!(
        refused > 1_000 && mended > 700,
        "{refused} refused, {mended} mended"
    );
    let log = Log::open(&scratch.log).unwrap();
    assert_eq!(
        log.recovery(),
        &Recovery::default(),
        "the log itself is in order"
    );
}

#[test]
fn a_damaged_frame_that_was_acknowledged_is_refused_not_cut() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    append(&mut log, 3);
    drop(log);
    let [segment] = segments(&scratch.log).try_into().unwrap();
    // Even without the hash files, which tell how many leaves there were.
    fs::remove_dir_all(scratch.log.join("hashes")).unwrap();
    let bytes = fs::read(&segment).unwrap();
    let (start, length) = *frames(&bytes).last().unwrap();
    for at in start..start + length {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        fs::write(&segment, &flipped).unwrap();
        let error = Log::open(&scratch.log).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "byte {at}");
        assert!(fs::read(&segment).unwrap() == flipped, "nothing was cut");
        fs::remove_dir_all(scratch.log.join("hashes")).unwrap();
    }
}

/// A log of several segments, signed in full.
fn several_segments() -> Scratch {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    for _ in 0..8 {
        append(&mut log, 100);
    }
    log.sign_head(TIME_S).unwrap();
    assert!(segments(&scratch.log).len() > 2);
    scratch
}

#[test]
fn a_missing_segment_is_refused_wherever_it_was() {
    let scratch = several_segments();
    let snapshot = Snapshot::of(&scratch.log);
    for path in segments(&scratch.log) {
        fs::remove_file(&path).unwrap();
        let error = Log::open(&scratch.log).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        snapshot.put_back();
    }
    Log::open(&scratch.log).unwrap();
}

#[test]
fn acknowledged_leaves_that_vanished_above_the_head_are_missed() {
    let scratch = several_segments();
    let mut log = Log::open(&scratch.log).unwrap();
    append(&mut log, 100);
    append(&mut log, 100);
    drop(log);
    let path = segments(&scratch.log).pop().unwrap();
    fs::remove_file(path).unwrap();
    let error = Log::open(&scratch.log).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("acknowledged leaves are missing"),
        "{error}"
    );
}

/// The same leaves, hence the same root: only the frames tell which log they are of.
#[test]
fn segments_of_another_log_are_refused_even_with_the_same_leaves() {
    let scratch = several_segments();
    let other = crate::scratch::scratch();
    let origin = "example.com/another";
    let config = avow_log::LogConfig {
        origin: origin.to_owned(),
        segment_bytes: 8 * 1024,
    };
    let keys = avow_log::LogKeys::from_seeds(origin, [1; 32], [2; 32]).unwrap();
    let mut log = Log::create(&other.log, &config, keys).unwrap();
    for _ in 0..8 {
        append(&mut log, 100);
    }
    let root = log.root();
    drop(log);
    assert_eq!(Log::open(&scratch.log).unwrap().root(), root);
    fs::remove_dir_all(scratch.log.join("segments")).unwrap();
    fs::rename(other.log.join("segments"), scratch.log.join("segments")).unwrap();
    let error = Log::open(&scratch.log).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("does not follow the one before it"),
        "{error}"
    );
}

#[test]
fn deleted_hash_files_and_a_deleted_checkpoint_are_made_again() {
    let scratch = several_segments();
    let snapshot = Snapshot::of(&scratch.log);
    fs::remove_dir_all(scratch.log.join("hashes")).unwrap();
    fs::remove_file(scratch.log.join("checkpoint")).unwrap();
    let log = Log::open(&scratch.log).unwrap();
    assert!(log.recovery().hashes_rebuilt && log.recovery().checkpoint_rewritten);
    log.inclusion_proof(3, 800).unwrap();
    for (path, bytes) in snapshot.files() {
        assert!(fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
}

#[test]
fn a_hash_file_changed_while_the_log_is_open_yields_no_proof() {
    let scratch = several_segments();
    let log = Log::open(&scratch.log).unwrap();
    let path = scratch.log.join("hashes/0");
    let mut bytes = fs::read(&path).unwrap();
    bytes[32 * 5] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(
        log.inclusion_proof(4, 800).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    assert_eq!(log.offline_proof(5).unwrap_err().kind(), ErrorKind::Corrupt);
    log.inclusion_proof(700, 800).unwrap();
}

#[test]
fn a_store_of_heads_that_went_back_or_was_emptied_is_refused() {
    let scratch = several_segments();
    let old = fs::read(scratch.log.join("head/head")).unwrap();
    let mut log = Log::open(&scratch.log).unwrap();
    append(&mut log, 1);
    log.sign_head(TIME_S).unwrap();
    drop(log);
    fs::write(scratch.log.join("head/head"), old).unwrap();
    assert_eq!(
        Log::open(&scratch.log).err().unwrap().kind(),
        ErrorKind::Conflict
    );
    fs::remove_file(scratch.log.join("head/head")).unwrap();
    assert_eq!(
        Log::open(&scratch.log).err().unwrap().kind(),
        ErrorKind::Conflict
    );
}

#[test]
fn a_head_signed_by_somebody_else_is_refused() {
    let scratch = several_segments();
    let log = Log::open(&scratch.log).unwrap();
    let head = log.head().unwrap().1.clone();
    drop(log);
    let others = avow_log::LogKeys::from_seeds(head.origin(), [8; 32], [9; 32]).unwrap();
    let key =
        avow_tlog::SignerKey::from_seed(head.origin(), avow_tlog::Algorithm::Ed25519, [8; 32])
            .unwrap();
    assert_eq!(&others.verifiers()[0], key.verifier());
    fs::write(
        scratch.log.join("head/head"),
        head.sign(&[&key], 0).unwrap(),
    )
    .unwrap();
    assert_eq!(
        Log::open(&scratch.log).err().unwrap().kind(),
        ErrorKind::Corrupt
    );
}

#[test]
fn a_broken_export_is_refused_file_by_file() {
    let scratch = several_segments();
    let log = Log::open(&scratch.log).unwrap();
    log.export(&scratch.export).unwrap();
    let snapshot = Snapshot::of(&scratch.export);
    let verify = || {
        avow_log::StaticFolder::open(&scratch.export, log.origin(), &log.verifier_keys())
            .and_then(|mut folder| folder.verify_all())
    };
    assert_eq!(verify().unwrap(), 800);
    for (path, bytes) in snapshot.files() {
        for at in (0..bytes.len()).step_by(61) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            fs::write(path, flipped).unwrap();
            assert!(verify().is_err(), "byte {at} of {}", path.display());
        }
        fs::remove_file(path).unwrap();
        assert!(verify().is_err(), "without {}", path.display());
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(verify().is_err(), "one byte short: {}", path.display());
        snapshot.put_back();
    }
}

#[test]
fn an_export_that_fails_midway_leaves_the_one_before_readable() {
    let scratch = several_segments();
    let mut log = Log::open(&scratch.log).unwrap();
    log.export(&scratch.export).unwrap();
    append(&mut log, 300);
    log.sign_head(TIME_S).unwrap();
    // A folder where a file has to go.
    let obstacle = scratch.export.join("tile/entries/003/in the way");
    fs::create_dir_all(&obstacle).unwrap();
    assert_eq!(
        log.export(&scratch.export).unwrap_err().kind(),
        ErrorKind::Storage
    );
    let size = || {
        avow_log::StaticFolder::open(&scratch.export, log.origin(), &log.verifier_keys())
            .and_then(|mut folder| folder.verify_all())
    };
    assert_eq!(size().unwrap(), 800);
    fs::remove_dir_all(obstacle.parent().unwrap()).unwrap();
    log.export(&scratch.export).unwrap();
    assert_eq!(size().unwrap(), 1100);
}
