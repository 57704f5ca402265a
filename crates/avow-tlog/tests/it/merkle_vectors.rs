//! Every proof of transparency-dev/merkle: accepted or refused as its file says.

use std::path::Path;

use avow_tlog::{
    Error, ErrorKind, Hash, leaf_hash, verify_consistency, verify_inclusion,
    verify_subtree_consistency, verify_subtree_inclusion,
};
use base64::Engine as _;
use serde_json::Value;

use crate::shared::{files, vectors};

/// A hash of another length than 32 bytes cannot be written in our types. So that
/// the arithmetic has to refuse it too, it is replaced by a hash of its own; two
/// equal ones stay equal. An absent one has nothing to be replaced by.
fn hash(value: &Value) -> Result<Hash, Error> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(value.as_str().unwrap())
        .unwrap();
    match Hash::from_slice(&bytes) {
        Err(_) if !bytes.is_empty() => Ok(leaf_hash(&bytes)),
        parsed => parsed,
    }
}

fn number(vector: &Value, name: &str) -> u64 {
    vector[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name} in {vector}"))
}

fn proof(vector: &Value) -> Result<Vec<Hash>, Error> {
    vector["proof"]
        .as_array()
        .map_or(Ok(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

fn check(folder: &str, count: usize, verify: fn(&Value) -> Result<(), Error>) {
    let Some(folder) = vectors(&format!("merkle/testdata/{folder}")) else {
        return;
    };
    let found = files(&folder, ".json");
    assert_eq!(
        found.len(),
        count,
        "number of vectors in {}",
        folder.display()
    );
    let mut wrong = Vec::new();
    for path in found {
        if let Err(message) = check_one(&path, verify) {
            wrong.push(format!("{}: {message}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_one(path: &Path, verify: fn(&Value) -> Result<(), Error>) -> Result<(), String> {
    let vector: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let refuse = vector["wantErr"].as_bool().unwrap();
    match (verify(&vector), refuse) {
        (Ok(()), false) => Ok(()),
        (Err(error), true) => {
            let expected = [
                ErrorKind::Malformed,
                ErrorKind::OutOfRange,
                ErrorKind::BadProof,
            ];
            expected
                .contains(&error.kind())
                .then_some(())
                .ok_or_else(|| format!("{error:?}"))
        }
        (Ok(()), true) => Err("accepted, must be refused".to_owned()),
        (Err(error), false) => Err(format!("refused, must be accepted: {error}")),
    }
}

#[test]
fn inclusion_vectors_are_judged_as_they_say() {
    check("inclusion", 98, |v| {
        verify_inclusion(
            number(v, "leafIdx"),
            number(v, "treeSize"),
            &hash(&v["leafHash"])?,
            &proof(v)?,
            &hash(&v["root"])?,
        )
    });
}

#[test]
fn consistency_vectors_are_judged_as_they_say() {
    check("consistency", 98, |v| {
        verify_consistency(
            number(v, "size1"),
            number(v, "size2"),
            &proof(v)?,
            &hash(&v["root1"])?,
            &hash(&v["root2"])?,
        )
    });
}

#[test]
fn subtree_inclusion_vectors_are_judged_as_they_say() {
    check("subtreeinclusion", 204, |v| {
        verify_subtree_inclusion(
            number(v, "leafIdx"),
            number(v, "start"),
            number(v, "end"),
            &hash(&v["leafHash"])?,
            &proof(v)?,
            &hash(&v["root"])?,
        )
    });
}

#[test]
fn subtree_consistency_vectors_are_judged_as_they_say() {
    check("subtreeconsistency", 118, |v| {
        verify_subtree_consistency(
            number(v, "start"),
            number(v, "end"),
            number(v, "size"),
            &proof(v)?,
            &hash(&v["root1"])?,
            &hash(&v["root2"])?,
        )
    });
}
