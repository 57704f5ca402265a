//! The Merkle tree of RFC 6962 section 2.1 over a list of digests: root, path
//! and the root that a path leads to.
//!
//! Only for the few digests of one event. Trees of leaves are `avow-tlog`'s;
//! this crate depends on no other, so the two dozen lines are repeated.

use sha2::{Digest, Sha256};

type Hash = [u8; 32];

fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let hasher = Sha256::new().chain_update([1]);
    hasher
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The hash of a leaf of the log, by the same section.
pub(crate) fn log_leaf_hash(leaf: &[u8]) -> Hash {
    leaf_hash(leaf)
}

/// The root over `entries`.
pub(crate) fn root(entries: &[Hash]) -> Hash {
    match entries {
        [] => Sha256::digest([]).into(),
        [entry] => leaf_hash(entry),
        _ => {
            let (left, right) = entries.split_at(split(entries.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// A hash beside the way from an entry to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Whether the hash is the left of the two.
    pub(crate) left: bool,
    pub(crate) hash: Hash,
}

/// The hashes beside the way from entry `index` to the root, lowest first.
pub(crate) fn path(entries: &[Hash], index: usize) -> Vec<Step> {
    if entries.len() < 2 {
        return Vec::new();
    }
    let (left, right) = entries.split_at(split(entries.len()));
    let (mut path, step) = if index < left.len() {
        let hash = root(right);
        (path(left, index), Step { left: false, hash })
    } else {
        let hash = root(left);
        (path(right, index - left.len()), Step { left: true, hash })
    };
    path.push(step);
    path
}

/// The root that `path` leads to from `entry`.
///
/// Leaves and nodes are hashed differently, so a path to the right root shows
/// that the entry is a leaf of the tree, whatever the tree's size.
pub(crate) fn root_of_path(entry: &Hash, path: &[Step]) -> Hash {
    path.iter().fold(leaf_hash(entry), |below, step| {
        if step.left {
            node_hash(&step.hash, &below)
        } else {
            node_hash(&below, &step.hash)
        }
    })
}

/// The greatest power of two below `n`, which is at least two.
fn split(n: usize) -> usize {
    1 << (usize::BITS - 1 - (n - 1).leading_zeros())
}
