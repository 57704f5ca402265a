//! A log that nothing bad happens to, and calls that are refused.

use std::os::unix::fs::PermissionsExt as _;

use avow_log::{ErrorKind, HeadStore, Log, LogConfig, LogKeys, Recovery, StaticFolder, verify};
use avow_tlog::{Checkpoint, Hash, Tree, leaf_hash, verify_consistency, verify_inclusion};

use crate::scratch::{
    ORIGIN, Snapshot, TIME_S, append, check_leaves, create, files, keys, leaf, scratch,
};

fn root_of(count: u64) -> Hash {
    let mut tree = Tree::new();
    for n in 0..count {
        tree.push(leaf_hash(&leaf(n)));
    }
    tree.root()
}

#[test]
fn a_log_keeps_its_leaves_and_root_when_opened_again() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    assert_eq!((log.size(), log.root()), (0, Hash::EMPTY_ROOT));
    for batch in [1, 2, 300, 1, 57] {
        append(&mut log, batch);
        check_leaves(&log);
    }
    let head = log.sign_head(TIME_S).unwrap();
    append(&mut log, 5);
    drop(log);
    let log = Log::open(&scratch.log).unwrap();
    assert_eq!(log.size(), 366);
    assert_eq!(log.root(), root_of(366));
    assert_eq!(log.head().unwrap().0, head);
    assert_eq!(log.recovery(), &Recovery::default());
    check_leaves(&log);
    assert_eq!(
        log.leaves(299..305)
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>(),
        (299..305).map(leaf).collect::<Vec<_>>()
    );
}

/// One log grown through the sizes where tiles, bundles and levels begin.
#[test]
fn exports_and_proofs_hold_at_the_sizes_where_tiles_change() {
    let scratch = scratch();
    let config = LogConfig::new(ORIGIN);
    let mut log = Log::create(&scratch.log, &config, keys()).unwrap();
    let mut old: Option<(u64, Hash)> = None;
    for size in [1, 255, 256, 257, 65_535, 65_536, 65_537] {
        let missing = size - log.size();
        append(&mut log, missing);
        log.sign_head(TIME_S).unwrap();
        assert_eq!(log.root(), root_of(size));
        log.export(&scratch.export).unwrap();
        let mut copy = StaticFolder::open(&scratch.export, ORIGIN, &log.verifier_keys()).unwrap();
        assert_eq!(copy.verify_all().unwrap(), size);
        for index in [0, size / 2, size - 1] {
            let path = log.inclusion_proof(index, size).unwrap();
            let hash = leaf_hash(&leaf(index));
            verify_inclusion(index, size, &hash, &path, &log.root()).unwrap();
            assert_eq!(copy.log().prove_inclusion(index).unwrap(), path);
            let proof = log.offline_proof(index).unwrap();
            proof.verify(&hash, ORIGIN, &log.verifier_keys()).unwrap();
        }
        if let Some((old_size, old_root)) = old {
            let proof = log.consistency_proof(old_size, size).unwrap();
            verify_consistency(old_size, size, &proof, &old_root, &log.root()).unwrap();
            assert_eq!(log.root_at(old_size).unwrap(), old_root);
        }
        old = Some((size, log.root()));
    }
    let mut copy = StaticFolder::open(&scratch.export, ORIGIN, &log.verifier_keys()).unwrap();
    let read: Vec<_> = copy
        .leaves(65_500..65_537)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(read, (65_500..65_537).map(leaf).collect::<Vec<_>>());
}

#[test]
fn a_batch_longer_than_a_frame_is_appended_whole() {
    let scratch = scratch();
    let mut log = Log::create(&scratch.log, &LogConfig::new(ORIGIN), keys()).unwrap();
    append(&mut log, 40_000);
    let long = vec![b'x'; 65_535];
    let range = log.append(&vec![long.as_slice(); 300]).unwrap();
    assert_eq!(range, 40_000..40_300);
    drop(log);
    let log = Log::open(&scratch.log).unwrap();
    assert_eq!(
        log.leaves(range)
            .unwrap()
            .filter(|leaf| *leaf == Ok(long.clone()))
            .count(),
        300
    );
}

#[test]
fn empty_leaves_and_empty_batches_are_accepted() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    assert_eq!(log.append(&[]).unwrap(), 0..0);
    assert_eq!(log.append(&[b"", b""]).unwrap(), 0..2);
    drop(log);
    assert_eq!(Log::open(&scratch.log).unwrap().size(), 2);
}

#[test]
fn a_leaf_too_long_is_refused_and_nothing_of_its_batch_written() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    let error = log.append(&[b"fits", &vec![0; 65_536]]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(log.size(), 0);
    append(&mut log, 1);
}

#[test]
fn a_head_is_signed_by_both_keys_and_published() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    let note = log.sign_head(TIME_S).unwrap();
    assert_eq!(std::fs::read(scratch.log.join("checkpoint")).unwrap(), note);
    let head = Checkpoint::open_all(&note, ORIGIN, &log.verifier_keys()).unwrap();
    assert_eq!((head.get().size(), *head.get().root()), (3, log.root()));
    assert_eq!(head.signers().len(), 2);
    assert_eq!(head.signers()[1].time_s, Some(TIME_S));
    let text = std::str::from_utf8(&note).unwrap();
    assert_eq!(text.lines().count(), 3 + 1 + 2, "no extension lines");
}

#[test]
fn two_processes_cannot_have_a_log_open() {
    let scratch = scratch();
    let log = create(&scratch.log);
    assert_eq!(
        Log::open(&scratch.log).err().unwrap().kind(),
        ErrorKind::Busy
    );
    drop(log);
    Log::open(&scratch.log).unwrap();
}

#[test]
fn a_log_is_not_created_over_anything() {
    let scratch = scratch();
    drop(create(&scratch.log));
    let before = files(&scratch.log);
    let again = Log::create(&scratch.log, &LogConfig::new(ORIGIN), keys());
    assert_eq!(again.err().unwrap().kind(), ErrorKind::Input);
    assert_eq!(files(&scratch.log), before);
}

#[test]
fn origins_that_other_formats_could_mistake_are_refused() {
    for origin in [
        "",
        "with space",
        "a+b",
        "DSSEv1/log",
        "subtree/v1",
        "two\nlines",
    ] {
        let scratch = scratch();
        let created = LogKeys::from_seeds(origin, [1; 32], [2; 32])
            .and_then(|keys| Log::create(&scratch.log, &LogConfig::new(origin), keys));
        assert!(created.is_err(), "{origin:?}");
    }
}

#[test]
fn secret_keys_are_readable_by_their_owner_only() {
    let scratch = scratch();
    create(&scratch.log);
    for name in ["ed25519.key", "ml-dsa-44.key"] {
        let data = std::fs::metadata(scratch.log.join("keys").join(name)).unwrap();
        assert_eq!(data.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_second_writer_with_the_same_store_cannot_sign() {
    let scratch = scratch();
    let other = crate::scratch::scratch();
    let store = scratch.export.join("store");
    let open_store = || Box::new(avow_log::LocalHeadStore::new(&store).unwrap());
    let config = LogConfig::new(ORIGIN);
    let mut first = Log::create_with(&scratch.log, &config, keys(), open_store()).unwrap();
    let mut second = Log::create_with(&other.log, &config, keys(), open_store()).unwrap();
    append(&mut first, 2);
    second.append(&[b"another history"]).unwrap();
    first.sign_head(TIME_S).unwrap();
    assert_eq!(
        second.sign_head(TIME_S).unwrap_err().kind(),
        ErrorKind::Conflict
    );
    assert!(
        !other.log.join("checkpoint").exists(),
        "nothing was published"
    );
    assert_eq!(
        second.append(&[b"x"]).unwrap_err().kind(),
        ErrorKind::Stopped
    );
    first.sign_head(TIME_S + 1).unwrap();
    let stored = open_store().load().unwrap().unwrap();
    assert_eq!(stored, first.head().unwrap().0);
}

#[test]
fn an_export_needs_a_signed_head_and_leaves_nothing_behind_without() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    assert_eq!(
        log.export(&scratch.export).unwrap_err().kind(),
        ErrorKind::Input
    );
    assert!(!scratch.export.exists());
    assert!(!scratch.export.with_file_name("export.new").exists());
}

#[test]
fn an_export_removes_nothing_that_lies_beside_it() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    let beside = |name: &str| scratch.export.with_file_name(name);
    std::fs::create_dir(beside("export.new")).unwrap();
    std::fs::write(beside("export.new/letter"), "dear").unwrap();
    std::fs::write(beside("export.new-1"), "a file").unwrap();
    log.export(&scratch.export).unwrap();
    assert_eq!(std::fs::read(beside("export.new/letter")).unwrap(), b"dear");
    assert_eq!(std::fs::read(beside("export.new-1")).unwrap(), b"a file");
    assert!(!beside("export.new-2").exists(), "it has its name");
    let mut export = StaticFolder::open(&scratch.export, ORIGIN, &log.verifier_keys()).unwrap();
    assert_eq!(export.verify_all().unwrap(), 3);
}

#[test]
fn an_export_that_fails_leaves_nothing_of_itself_behind() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    std::fs::write(scratch.log.join("hashes/0"), []).unwrap();
    let letter = scratch.export.with_file_name("export.new");
    std::fs::create_dir(&letter).unwrap();
    log.export(&scratch.export).unwrap_err();
    assert!(letter.exists());
    assert!(!scratch.export.with_file_name("export.new-1").exists());
    assert!(!scratch.export.exists());
}

#[test]
fn a_log_is_not_exported_into_its_own_folder_or_that_of_another_log() {
    for leaves in [0, 3] {
        let (scratch, other) = (scratch(), scratch());
        let mut log = create(&scratch.log);
        append(&mut log, leaves);
        log.sign_head(TIME_S).unwrap();
        let mut twin = create(&other.log);
        append(&mut twin, leaves);
        twin.sign_head(TIME_S).unwrap();
        let link = scratch.export.with_file_name("link");
        std::os::unix::fs::symlink(&scratch.log, &link).unwrap();
        let before = (Snapshot::of(&scratch.log), Snapshot::of(&other.log));
        for folder in [
            scratch.log.clone(),
            scratch.log.join("site"),
            scratch.log.join("hashes/a/b"),
            link.join("site"),
            other.log.clone(),
        ] {
            let refused = log.export(&folder).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Input);
            let message = refused.to_string();
            assert!(message.contains("the folder of a log"), "{message}");
        }
        for (before, folder) in [(before.0, &scratch.log), (before.1, &other.log)] {
            assert!(Snapshot::of(folder).files() == before.files());
        }
    }
}

#[test]
fn an_export_does_not_overwrite_another_folder() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    std::fs::create_dir(&scratch.export).unwrap();
    std::fs::write(scratch.export.join("letter"), "dear").unwrap();
    assert_eq!(
        log.export(&scratch.export).unwrap_err().kind(),
        ErrorKind::Input
    );
    assert_eq!(files(&scratch.export).len(), 1);
}

/// A log that was set back to an old copy, head and all, must not take back what was exported.
#[test]
fn an_export_does_not_overwrite_a_later_tree_or_another_one_of_the_same_log() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 300);
    log.sign_head(TIME_S).unwrap();
    drop(log);
    let old = Snapshot::of(&scratch.log);
    let mut log = Log::open(&scratch.log).unwrap();
    append(&mut log, 300);
    log.sign_head(TIME_S).unwrap();
    log.export(&scratch.export).unwrap();
    drop(log);
    old.put_back();
    let exported = Snapshot::of(&scratch.export);
    let mut log = Log::open(&scratch.log).unwrap();
    assert_eq!(
        log.export(&scratch.export).unwrap_err().kind(),
        ErrorKind::Input
    );
    for _ in 0..400 {
        log.append(&[b"another history"]).unwrap();
    }
    log.sign_head(TIME_S).unwrap();
    assert_eq!(
        log.export(&scratch.export).unwrap_err().kind(),
        ErrorKind::Input
    );
    for (path, bytes) in exported.files() {
        assert!(std::fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
    assert_eq!(files(&scratch.export).len(), exported.files().len());
}

#[test]
fn an_export_holds_no_secret() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 300);
    log.sign_head(TIME_S).unwrap();
    log.export(&scratch.export).unwrap();
    let names: Vec<String> = files(&scratch.export)
        .iter()
        .map(|path| {
            path.strip_prefix(&scratch.export)
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    let expected = [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ];
    assert_eq!(names, expected);
}

#[test]
fn verifying_a_folder_gives_every_leaf_and_changes_nothing() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 700);
    log.sign_head(TIME_S).unwrap();
    append(&mut log, 9);
    let keys = log.verifier_keys();
    let bytes = || -> Vec<Vec<u8>> {
        files(&scratch.log)
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect()
    };
    let before = bytes();
    let mut seen = Vec::new();
    // While it is open elsewhere, too.
    let found = verify(&scratch.log, &keys, &mut |index, bytes| {
        assert_eq!(index, seen.len() as u64);
        seen.push(bytes.to_vec());
        Ok(())
    })
    .unwrap();
    assert_eq!(
        (found.size, found.root, found.frames, found.torn_bytes),
        (709, log.root(), 2, 0)
    );
    assert_eq!(found.head.unwrap().size(), 700);
    assert_eq!(seen, (0..709).map(leaf).collect::<Vec<_>>());
    assert_eq!(bytes(), before);
    let others = LogKeys::from_seeds(ORIGIN, [8; 32], [9; 32])
        .unwrap()
        .verifiers();
    assert!(verify(&scratch.log, &others, &mut |_, _| Ok(())).is_err());
}

#[test]
fn verifying_misses_leaves_that_a_checkpoint_or_the_hash_files_tell_of() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    append(&mut log, 2);
    log.sign_head(TIME_S).unwrap();
    append(&mut log, 3);
    let keys = log.verifier_keys();
    drop(log);
    let whole = Snapshot::of(&scratch.log);
    let refused = |change: &dyn Fn()| {
        whole.put_back();
        change();
        let changed = files(&scratch.log);
        let found = verify(&scratch.log, &keys, &mut |_, _| Ok(()));
        assert_eq!(files(&scratch.log), changed, "nothing is created");
        found.err().map(|error| (error.kind(), error.to_string()))
    };
    let path = |name: &str| scratch.log.join(name);
    let empty = |name: &str| std::fs::write(path(name), []).unwrap();
    let remove = |name: &str| std::fs::remove_dir_all(path(name)).unwrap();
    let segment = "segments/00000000000000000000";
    assert_eq!(refused(&|| ()), None);
    assert_eq!(refused(&|| remove("hashes")), None, "they are derived");
    let told = refused(&|| {
        empty(segment);
        remove("head");
        remove("hashes");
    });
    let (kind, message) = told.expect("the checkpoint tells");
    assert_eq!(kind, ErrorKind::Corrupt);
    assert!(message.contains("holds 0 leaves"), "{message}");
    let told = refused(&|| {
        empty(segment);
        remove("head");
        std::fs::remove_file(path("checkpoint")).unwrap();
    });
    let (kind, message) = told.expect("the hash files tell");
    assert_eq!(kind, ErrorKind::Corrupt);
    assert!(message.contains("hashes of 5"), "{message}");
    let told = refused(&|| std::fs::remove_file(path("head/head")).unwrap());
    assert_eq!(told.unwrap().0, ErrorKind::Conflict, "the head is lost");
    let told = refused(&|| empty("checkpoint"));
    assert_eq!(told.unwrap().0, ErrorKind::Corrupt);
    assert_eq!(refused(&|| remove("head")), None, "it may lie elsewhere");
}

/// With the keys, another history can be signed. Its checkpoint is older than the head.
#[test]
fn verifying_compares_an_older_checkpoint_with_the_leaves() {
    let (scratch, other) = (scratch(), scratch());
    let mut log = create(&scratch.log);
    append(&mut log, 2);
    log.sign_head(TIME_S).unwrap();
    let checkpoint = scratch.log.join("checkpoint");
    let older = std::fs::read(&checkpoint).unwrap();
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    let look = || verify(&scratch.log, &log.verifier_keys(), &mut |_, _| Ok(()));
    std::fs::write(&checkpoint, older).unwrap();
    assert_eq!(look().unwrap().head.unwrap().size(), 5);
    let mut another = create(&other.log);
    another.append(&[b"another", b"history"]).unwrap();
    std::fs::write(&checkpoint, another.sign_head(TIME_S).unwrap()).unwrap();
    assert_eq!(look().err().unwrap().kind(), ErrorKind::Corrupt);
}

#[test]
fn questions_beyond_the_log_are_refused() {
    let scratch = scratch();
    let mut log = create(&scratch.log);
    assert_eq!(
        log.offline_proof(0).unwrap_err().kind(),
        ErrorKind::Input,
        "nothing is signed"
    );
    append(&mut log, 5);
    log.sign_head(TIME_S).unwrap();
    append(&mut log, 5);
    for (index, size) in [
        (5, 5),
        (10, 10),
        (0, 0),
        (0, 11),
        (u64::MAX, 10),
        (0, u64::MAX),
    ] {
        let error = log.inclusion_proof(index, size).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input, "{index} in {size}: {error}");
    }
    for (old, new) in [(0, 10), (6, 5), (10, 11), (u64::MAX, u64::MAX)] {
        let error = log.consistency_proof(old, new).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input, "{old} to {new}: {error}");
    }
    #[expect(clippy::reversed_empty_ranges, reason = "the mistake that is tested")]
    for range in [0..11, 11..11, 3..2, u64::MAX..u64::MAX] {
        assert_eq!(log.leaves(range).err().unwrap().kind(), ErrorKind::Input);
    }
    assert_eq!(
        log.offline_proof(5).unwrap_err().kind(),
        ErrorKind::Input,
        "not signed yet"
    );
    assert_eq!(log.leaves(10..10).unwrap().count(), 0);
    log.consistency_proof(10, 10).unwrap();
}
