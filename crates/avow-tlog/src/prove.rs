//! Making inclusion and consistency proofs from stored tile hashes.
//!
//! RFC 6962 section 2.1.1 and 2.1.2, and the subtree form of
//! draft-ietf-plants-merkle-tree-certs. Only the hashes on tile levels (every
//! eighth) are read; the levels between are hashed again. Proofs are made from
//! what the reader returns, true or not: whoever distrusts it verifies them.

use crate::error::{Error, Result};
use crate::hash::{Hash, node_hash};
use crate::tile::TILE_HEIGHT;
use crate::verify::check_subtree;

/// Reads stored hashes: (tile level, index of the first on that level, count).
///
/// Hash `i` on tile level `l` is the root of leaves `i·256^l .. (i+1)·256^l`.
/// It must return exactly `count` hashes or an error.
pub type ReadHashes<'a> = dyn FnMut(u8, u64, u64) -> Result<Vec<Hash>> + 'a;

/// The root of the first `size` leaves.
pub fn prove_root(size: u64, read: &mut ReadHashes<'_>) -> Result<Hash> {
    if size == 0 {
        return Ok(Hash::EMPTY_ROOT);
    }
    subtree_root(0, size, read)
}

/// The inclusion proof of the leaf at `index` in the tree of `size` leaves.
pub fn prove_inclusion(index: u64, size: u64, read: &mut ReadHashes<'_>) -> Result<Vec<Hash>> {
    prove_subtree_inclusion(index, 0, size, read)
}

/// The inclusion proof of the leaf at `index` in the subtree of leaves `start..end`.
pub fn prove_subtree_inclusion(
    index: u64,
    start: u64,
    end: u64,
    read: &mut ReadHashes<'_>,
) -> Result<Vec<Hash>> {
    check_subtree(start, end)?;
    if index < start || index >= end {
        return Err(Error::out_of_range(format!(
            "leaf {index} is not in {start}..{end}"
        )));
    }
    let (mut from, mut to) = (start, end);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(subtree_root(middle, to, read)?);
            to = middle;
        } else {
            path.push(subtree_root(from, middle, read)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `new_size` leaves extends the tree of `old_size` leaves.
pub fn prove_consistency(
    old_size: u64,
    new_size: u64,
    read: &mut ReadHashes<'_>,
) -> Result<Vec<Hash>> {
    if old_size == 0 {
        return Err(Error::out_of_range(
            "a consistency proof from the empty tree proves nothing",
        ));
    }
    prove_subtree_consistency(0, old_size, new_size, read)
}

/// The proof that the subtree of leaves `start..end` is part of the tree of `size` leaves.
pub fn prove_subtree_consistency(
    start: u64,
    end: u64,
    size: u64,
    read: &mut ReadHashes<'_>,
) -> Result<Vec<Hash>> {
    if end > size {
        return Err(Error::out_of_range(format!(
            "{start}..{end} is not in a tree of {size}"
        )));
    }
    if start == end {
        return Ok(Vec::new());
    }
    check_subtree(start, end)?;
    let (mut from, mut to, mut part) = (0, size, start);
    // Whether the part still to be proved is the whole subtree, whose root the
    // verifier has, or only its right end, whose root the proof must give.
    let mut whole = true;
    let mut proof = Vec::new();
    while (from, to) != (part, end) {
        let middle = from + split(to - from);
        if end <= middle {
            proof.push(subtree_root(middle, to, read)?);
            to = middle;
            continue;
        }
        proof.push(subtree_root(from, middle, read)?);
        from = middle;
        if part < middle {
            (part, whole) = (middle, false);
        }
    }
    if !whole {
        proof.push(subtree_root(from, to, read)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The root of a non-empty aligned subtree.
fn subtree_root(start: u64, end: u64, read: &mut ReadHashes<'_>) -> Result<Hash> {
    // Perfect parts from the right; each joins what lies to the right of it.
    let (mut end, mut root) = (end, None);
    while end > start {
        let leaves = 1u64 << (end - start).trailing_zeros();
        let left = perfect_root(end - leaves, leaves.ilog2(), read)?;
        root = Some(root.map_or(left, |right| node_hash(&left, &right)));
        end -= leaves;
    }
    root.ok_or_else(|| Error::out_of_range("a subtree without leaves has no root to read"))
}

/// The root of the 2^`level` leaves from `start`, read from the tile level below it.
fn perfect_root(start: u64, level: u32, read: &mut ReadHashes<'_>) -> Result<Hash> {
    let tile_level = level / TILE_HEIGHT;
    let count = 1u64 << (level % TILE_HEIGHT);
    let first = start >> (tile_level * TILE_HEIGHT);
    let mut hashes = read(tile_level as u8, first, count)?;
    if hashes.len() as u64 != count {
        return Err(Error::new(
            crate::ErrorKind::Unavailable,
            format!("{} hashes were read where {count} are needed", hashes.len()),
        ));
    }
    while hashes.len() > 1 {
        hashes = hashes
            .chunks_exact(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            })
            .collect();
    }
    hashes
        .first()
        .copied()
        .ok_or_else(|| Error::bad_proof("no hash was read"))
}
