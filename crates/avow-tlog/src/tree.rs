//! A tree that grows at its right end, kept as its perfect subtrees ("compact range").
//!
//! RFC 6962 section 2.1. Memory is one hash per set bit of the size. It stores
//! no nodes: whoever wants them stored takes them as they are completed.

use crate::error::{Error, Result};
use crate::hash::{Hash, node_hash};

/// The right edge of a growing Merkle tree.
///
/// ```
/// use avow_tlog::{Hash, Tree, leaf_hash, node_hash};
/// let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
/// let mut tree = Tree::new();
/// assert_eq!(tree.root(), Hash::EMPTY_ROOT);
/// tree.push(a);
/// tree.push(b);
/// assert_eq!((tree.size(), tree.root()), (2, node_hash(&a, &b)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees, largest (leftmost) first.
    // INVARIANT: one for each set bit of `size`, in order from the highest bit.
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_each(leaf, &mut |_, _, _| {});
    }

    /// Appends the hash of a leaf and tells `completed` of the leaf and every
    /// node that is now final: its level (leaf = 0), index within the level, hash.
    pub fn push_each(&mut self, leaf: Hash, completed: &mut dyn FnMut(u32, u64, &Hash)) {
        self.grow(0, leaf, completed);
    }

    /// Appends a whole perfect subtree of 2^`level` leaves.
    ///
    /// Refused when the size so far is not a multiple of 2^`level`, or the tree
    /// would have 2^64 leaves or more.
    pub fn push_subtree(&mut self, level: u32, root: Hash) -> Result<()> {
        let leaves = 1u64.checked_shl(level).unwrap_or(0);
        if leaves == 0
            || !self.size.is_multiple_of(leaves)
            || self.size.checked_add(leaves).is_none()
        {
            return Err(Error::out_of_range(format!(
                "a subtree of level {level} cannot follow {} leaves",
                self.size
            )));
        }
        self.grow(level, root, &mut |_, _, _| {});
        Ok(())
    }

    fn grow(&mut self, from: u32, root: Hash, completed: &mut dyn FnMut(u32, u64, &Hash)) {
        let (mut level, mut index, mut hash) = (from, self.size >> from, root);
        completed(level, index, &hash);
        // An odd index is a right child: its left sibling is the last peak.
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            (level, index) = (level + 1, index >> 1);
            completed(level, index, &hash);
        }
        self.peaks.push(hash);
        self.size += 1u64 << from;
    }

    /// The root hash.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return Hash::EMPTY_ROOT;
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}
