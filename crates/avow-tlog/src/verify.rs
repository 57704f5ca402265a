//! Checking inclusion and consistency proofs, of trees and of subtrees.
//!
//! RFC 9162 section 2.1.3.2 and 2.1.4.2, and the subtree forms of
//! draft-ietf-plants-merkle-tree-certs that tlog-cosignature refers to. Making
//! proofs is left to `prove`. Any hash of a proof that is altered, missing, in
//! excess or out of place is refused.

use crate::error::{Error, Result};
use crate::hash::{Hash, node_hash};

/// Checks that `leaf` is at `index` in the tree of `size` leaves with this `root`.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<()> {
    verify_subtree_inclusion(index, 0, size, leaf, path, root)
}

/// Checks that `leaf` is at `index` in the subtree of leaves `start..end` with this `root`.
///
/// `start` must be a multiple of the smallest power of two that holds `end - start` leaves.
pub fn verify_subtree_inclusion(
    index: u64,
    start: u64,
    end: u64,
    leaf: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<()> {
    check_subtree(start, end)?;
    if index < start || index >= end {
        return Err(Error::out_of_range(format!(
            "leaf {index} is not in {start}..{end}"
        )));
    }
    let (mut node, mut last) = (index - start, end - start - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(Error::bad_proof("inclusion proof is too long"));
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // Levels where this node has no sibling carry no hash.
            let without_sibling = node.trailing_zeros();
            node >>= without_sibling;
            last >>= without_sibling;
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(Error::bad_proof("inclusion proof is too short"));
    }
    if hash != *root {
        return Err(Error::bad_proof(format!(
            "inclusion proof of leaf {index} does not lead to the root"
        )));
    }
    Ok(())
}

/// Checks that the tree of `new_size` leaves extends the tree of `old_size` leaves.
///
/// Every tree extends the empty one, which nothing needs to prove: `old_size` 0 is refused.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<()> {
    if old_size == 0 {
        return Err(Error::out_of_range(
            "a consistency proof from the empty tree proves nothing",
        ));
    }
    verify_subtree_consistency(0, old_size, new_size, proof, old_root, new_root)
}

/// Checks that the subtree of leaves `start..end` is part of the tree of `size` leaves.
///
/// An empty subtree is part of every tree of at least `end` leaves; then the
/// proof is empty, `subtree_root` is that of the empty tree, and nothing is
/// said about `root`.
pub fn verify_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    proof: &[Hash],
    subtree_root: &Hash,
    root: &Hash,
) -> Result<()> {
    if end > size {
        return Err(Error::out_of_range(format!(
            "{start}..{end} is not in a tree of {size}"
        )));
    }
    if start == end {
        if proof.is_empty() && *subtree_root == Hash::EMPTY_ROOT {
            return Ok(());
        }
        return Err(Error::bad_proof(
            "an empty subtree has the empty root and an empty proof",
        ));
    }
    check_subtree(start, end)?;
    let mut at = Position {
        first: start,
        last: end - 1,
        tree_last: size - 1,
    };
    at.climb_to_first_hash();
    let mut rest = proof.iter();
    let seed = if at.first == at.last {
        *subtree_root
    } else {
        *rest
            .next()
            .ok_or_else(|| Error::bad_proof("consistency proof is too short"))?
    };
    let (old, new) = at.climb(seed, rest)?;
    if old != *subtree_root {
        return Err(Error::bad_proof(
            "consistency proof does not lead to the old root",
        ));
    }
    if new != *root {
        return Err(Error::bad_proof(
            "consistency proof does not lead to the new root",
        ));
    }
    Ok(())
}

/// Where the three edges stand while climbing: first and last node of the
/// subtree, last node of the tree, all on the same level.
struct Position {
    first: u64,
    last: u64,
    tree_last: u64,
}

impl Position {
    fn up(&mut self) {
        self.first >>= 1;
        self.last >>= 1;
        self.tree_last >>= 1;
    }

    /// Climbs to the node from which the proof starts: the whole subtree when it
    /// is a node of the tree, otherwise its rightmost perfect part.
    fn climb_to_first_hash(&mut self) {
        let ends_with_tree = self.last == self.tree_last;
        while self.first != self.last && (ends_with_tree || self.last & 1 == 1) {
            self.up();
        }
    }

    /// Climbs to the root with the hashes of the proof; the roots of the subtree
    /// and of the tree they lead to.
    fn climb(mut self, seed: Hash, proof: std::slice::Iter<'_, Hash>) -> Result<(Hash, Hash)> {
        let (mut old, mut new) = (seed, seed);
        for sibling in proof {
            if self.tree_last == 0 {
                return Err(Error::bad_proof("consistency proof is too long"));
            }
            if self.last & 1 == 1 || self.last == self.tree_last {
                if self.first < self.last {
                    old = node_hash(sibling, &old);
                }
                new = node_hash(sibling, &new);
                while self.last & 1 == 0 && self.last != 0 {
                    self.up();
                }
            } else {
                new = node_hash(&new, sibling);
            }
            self.up();
        }
        if self.tree_last != 0 {
            return Err(Error::bad_proof("consistency proof is too short"));
        }
        Ok((old, new))
    }
}

/// Refuses an interval that is no subtree: empty, reversed or not aligned.
pub(crate) fn check_subtree(start: u64, end: u64) -> Result<()> {
    let aligned = end
        .checked_sub(start)
        .filter(|leaves| *leaves > 0)
        // Where no power of two fits 64 bits, only 0 is a multiple of it.
        .map(|leaves| {
            leaves
                .checked_next_power_of_two()
                .map_or(start == 0, |p| start & (p - 1) == 0)
        });
    match aligned {
        Some(true) => Ok(()),
        Some(false) => Err(Error::out_of_range(format!(
            "{start}..{end} is not aligned to be a subtree"
        ))),
        None => Err(Error::out_of_range(format!("{start}..{end} has no leaves"))),
    }
}
