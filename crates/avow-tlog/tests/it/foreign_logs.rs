//! Logs, witnesses and mirrors that others wrote: Tessera and Sunlight.

use std::path::{Path, PathBuf};

use avow_tlog::{
    Checkpoint, Error, ErrorKind, Fetch, Note, OfflineProof, Result, StaticLog, VerifierKey,
    leaf_hash, verify_consistency, verify_inclusion, verify_note,
};
use serde_json::Value;

use crate::shared::vectors;

const TESSERA_ORIGIN: &str = "example.com/log/testdata";
const TESSERA_KEY: &str =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const SUNLIGHT_ORIGIN: &str = "rome2026h1.example.org";

fn folder(root: PathBuf) -> Box<Fetch<'static>> {
    Box::new(move |path: &str| {
        std::fs::read(root.join(path))
            .map_err(|error| Error::new(ErrorKind::Unavailable, format!("read `{path}`: {error}")))
    })
}

fn tessera_key() -> VerifierKey {
    TESSERA_KEY.parse().unwrap()
}

fn tessera_checkpoint(root: &Path, size: u64) -> avow_tlog::Verified<Checkpoint> {
    let note = std::fs::read(root.join(format!("checkpoint.{size}"))).unwrap();
    Checkpoint::open(&note, TESSERA_ORIGIN, &[tessera_key()]).unwrap()
}

#[test]
fn tesseras_log_verifies_at_each_of_its_sizes() {
    let Some(root) = vectors("tessera/testdata/log") else {
        return;
    };
    for size in 0..=15 {
        let head = tessera_checkpoint(&root, size);
        assert_eq!(head.get().size(), size);
        let mut log = StaticLog::at(head, folder(root.clone())).unwrap();
        let mut seen = 0;
        log.verify_all(&mut |index, leaf| {
            assert_eq!((index, !leaf.is_empty()), (seen, true));
            seen += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, size);
    }
}

#[test]
fn tesseras_checkpoints_are_consistent_with_each_other() {
    let Some(root) = vectors("tessera/testdata/log") else {
        return;
    };
    for new in 1..=15 {
        let head = tessera_checkpoint(&root, new);
        let new_root = *head.get().root();
        let mut log = StaticLog::at(head, folder(root.clone())).unwrap();
        for old in 1..=new {
            let old_root = *tessera_checkpoint(&root, old).get().root();
            let proof = log.prove_consistency(old).unwrap();
            verify_consistency(old, new, &proof, &old_root, &new_root).unwrap();
            assert_eq!(log.root_at(old).unwrap(), old_root);
        }
    }
}

#[test]
fn an_offline_proof_from_tesseras_log_verifies() {
    let Some(root) = vectors("tessera/testdata/log") else {
        return;
    };
    let checkpoint = std::fs::read(root.join("checkpoint")).unwrap();
    let mut log = StaticLog::open(TESSERA_ORIGIN, &[tessera_key()], folder(root)).unwrap();
    let leaves = log.bundle(0).unwrap();
    for (index, leaf) in (0..).zip(&leaves) {
        let path = log.prove_inclusion(index).unwrap();
        let proof = OfflineProof {
            extra: None,
            index,
            path,
            checkpoint: checkpoint.clone(),
        };
        let read = OfflineProof::parse(&proof.to_bytes()).unwrap();
        let head = read
            .verify(&leaf_hash(leaf), TESSERA_ORIGIN, &[tessera_key()])
            .unwrap();
        assert_eq!(head.get().size(), 15);
    }
}

#[test]
fn an_altered_file_of_tesseras_log_is_refused() {
    let Some(root) = vectors("tessera/testdata/log") else {
        return;
    };
    for altered in ["tile/0/000.p/15", "tile/entries/000.p/15", "checkpoint"] {
        let bytes = std::fs::read(root.join(altered)).unwrap();
        for position in 0..bytes.len() {
            let mut files = folder(root.clone());
            let fetch = Box::new(move |path: &str| {
                let mut bytes = files(path)?;
                if path == altered {
                    bytes[position] ^= 1;
                }
                Ok(bytes)
            });
            let opened = StaticLog::open(TESSERA_ORIGIN, &[tessera_key()], fetch)
                .and_then(|mut log| log.verify_all(&mut |_, _| Ok(())));
            assert!(opened.is_err(), "byte {position} of {altered}");
        }
    }
}

fn vkeys(path: &Path) -> Vec<VerifierKey> {
    let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let keys = json["verifier_keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key.as_str().unwrap().parse().unwrap())
        .collect()
}

/// The only sub-folder of a witness's or mirror's folder that holds a checkpoint.
fn only_log(folder: &Path) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("checkpoint").exists() && !path.ends_with("mirror"))
        .collect();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn the_cosignatures_of_sunlights_witnesses_verify() {
    let Some(root) = vectors("sunlight/cmd/skylight/testdata") else {
        return;
    };
    for (name, file, origin) in [
        ("witness", "witness/witness.v0.json", SUNLIGHT_ORIGIN),
        (
            "witness2",
            "witness2/witness.v0.json",
            "milan2026h1.example.org",
        ),
    ] {
        let keys = vkeys(&root.join(file));
        let note = std::fs::read(only_log(&root.join(name)).join("checkpoint")).unwrap();
        let head = Checkpoint::open(&note, origin, &keys).unwrap();
        assert_eq!((head.get().size(), head.signers().len()), (300, 1));
        assert_eq!(head.signers()[0].time_s, Some(1_767_139_200));
        let parsed = Note::parse(&note).unwrap();
        assert_eq!(parsed.to_bytes(), note);
        assert_eq!(verify_note(&parsed, &keys).unwrap(), head.signers());
    }
}

/// The hash tiles are real; the entry bundles there are placeholders (gzip of
/// one line of text), so the leaves cannot be checked, and must be refused.
#[test]
fn sunlights_mirror_verifies_to_every_leaf_hash_and_its_placeholder_entries_do_not() {
    let Some(root) = vectors("sunlight/cmd/skylight/testdata/witness/mirror") else {
        return;
    };
    let keys = vkeys(&root.join("mirror.v0.json"));
    let files = folder(only_log(&root));
    let mut log = StaticLog::open(SUNLIGHT_ORIGIN, &keys, files).unwrap();
    let hashes = log.hashes(0, 0, 300).unwrap();
    let signed_root = *log.head().get().root();
    for (index, leaf) in (0..).zip(&hashes) {
        let path = log.prove_inclusion(index).unwrap();
        verify_inclusion(index, 300, leaf, &path, &signed_root).unwrap();
    }
    assert_eq!(log.bundle(0).unwrap_err().kind(), ErrorKind::Malformed);
}

/// Everything in this tree but its checkpoint is a line such as "fake full level 0 tile".
#[test]
fn the_placeholder_tiles_of_sunlights_certificate_log_are_refused() {
    let Some(root) = vectors("sunlight/cmd/skylight/testdata") else {
        return;
    };
    let keys = vkeys(&root.join("witness/witness.v0.json"));
    let note = std::fs::read(only_log(&root.join("witness")).join("checkpoint")).unwrap();
    let head = Checkpoint::open(&note, SUNLIGHT_ORIGIN, &keys).unwrap();
    let opened = StaticLog::at(head, folder(root.join("tree")));
    assert_eq!(opened.err().unwrap().kind(), ErrorKind::Malformed);
}

#[test]
fn a_checkpoint_by_an_unknown_key_only_is_refused() {
    let Some(root) = vectors("sunlight/cmd/skylight/testdata") else {
        return;
    };
    let note = std::fs::read(root.join("tree/checkpoint")).unwrap();
    let opened: Result<_> = Checkpoint::open(&note, SUNLIGHT_ORIGIN, &[tessera_key()]);
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::NotSigned);
}
