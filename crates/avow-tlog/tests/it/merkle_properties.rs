//! Trees and proofs against the recursive definitions of RFC 6962, written out naively.

use avow_tlog::{
    Hash, Result, TILE_HEIGHT, TILE_WIDTH, Tree, leaf_hash, node_hash, prove_consistency,
    prove_inclusion, prove_root, prove_subtree_consistency, prove_subtree_inclusion,
    verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};
use proptest::prelude::*;

/// MTH of RFC 6962 section 2.1.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(k(leaves.len()));
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = k(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if m < k {
        (path(m, left), mth(right))
    } else {
        (path(m - k, right), mth(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of RFC 6962 section 2.1.2.
fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![mth(leaves)] };
    }
    let k = k(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    proof.push(other);
    proof
}

/// The largest power of two smaller than n.
fn k(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// What a log stores: each node on a tile level.
#[derive(Default)]
struct Stored {
    levels: Vec<Vec<Hash>>,
    tree: Tree,
    leaves: Vec<Hash>,
}

impl Stored {
    fn of(count: u64) -> Self {
        let mut stored = Self::default();
        for n in 0..count {
            stored.push(leaf_hash(&n.to_le_bytes()));
        }
        stored
    }

    fn push(&mut self, leaf: Hash) {
        self.leaves.push(leaf);
        let levels = &mut self.levels;
        self.tree.push_each(leaf, &mut |level, index, hash| {
            if level.is_multiple_of(TILE_HEIGHT) {
                let level = (level / TILE_HEIGHT) as usize;
                levels.resize(levels.len().max(level + 1), Vec::new());
                assert_eq!(levels[level].len() as u64, index);
                levels[level].push(*hash);
            }
        });
    }

    fn read(&self) -> impl FnMut(u8, u64, u64) -> Result<Vec<Hash>> + '_ {
        |level, first, count| {
            assert!(count <= TILE_WIDTH / 2, "a read stays within a tile");
            Ok(self.levels[level as usize][first as usize..(first + count) as usize].to_vec())
        }
    }
}

#[test]
fn the_growing_tree_has_the_defined_root_at_each_size() {
    let mut stored = Stored::default();
    for n in 0..600u64 {
        assert_eq!(stored.tree.root(), mth(&stored.leaves));
        assert_eq!(
            prove_root(n, &mut stored.read()).unwrap(),
            stored.tree.root()
        );
        assert_eq!(stored.tree.size(), n);
        stored.push(leaf_hash(&n.to_be_bytes()));
    }
}

#[test]
fn a_tree_joined_from_subtrees_equals_the_tree_of_leaves() {
    let stored = Stored::of(256 * 3 + 77);
    let mut joined = Tree::new();
    for hash in &stored.levels[1] {
        joined.push_subtree(8, *hash).unwrap();
    }
    for hash in &stored.levels[0][256 * 3..] {
        joined.push(*hash);
    }
    assert_eq!(joined, stored.tree);
    assert!(
        joined.push_subtree(8, Hash::EMPTY_ROOT).is_err(),
        "845 is no multiple of 256"
    );
    assert!(joined.push_subtree(64, Hash::EMPTY_ROOT).is_err());
}

#[test]
fn every_proof_up_to_size_40_is_the_defined_one_and_verifies() {
    for size in 1..=40u64 {
        let stored = Stored::of(size);
        let root = mth(&stored.leaves);
        for m in 0..size {
            let proof = prove_inclusion(m, size, &mut stored.read()).unwrap();
            assert_eq!(proof, path(m as usize, &stored.leaves));
            verify_inclusion(m, size, &stored.leaves[m as usize], &proof, &root).unwrap();
        }
        for m in 1..=size {
            let proof = prove_consistency(m, size, &mut stored.read()).unwrap();
            assert_eq!(proof, subproof(m as usize, &stored.leaves, true));
            let old = mth(&stored.leaves[..m as usize]);
            verify_consistency(m, size, &proof, &old, &root).unwrap();
        }
    }
}

#[test]
fn every_subtree_of_trees_up_to_size_36_is_proved_and_verified() {
    for size in 1..=36u64 {
        let stored = Stored::of(size);
        let root = mth(&stored.leaves);
        for start in 0..size {
            for end in start + 1..=size {
                let aligned = start.is_multiple_of((end - start).next_power_of_two());
                let proof = prove_subtree_consistency(start, end, size, &mut stored.read());
                assert_eq!(proof.is_ok(), aligned, "{start}..{end}");
                let Ok(proof) = proof else { continue };
                let part = &stored.leaves[start as usize..end as usize];
                let sub = mth(part);
                verify_subtree_consistency(start, end, size, &proof, &sub, &root).unwrap();
                for index in start..end {
                    let proof =
                        prove_subtree_inclusion(index, start, end, &mut stored.read()).unwrap();
                    assert_eq!(proof, path((index - start) as usize, part));
                    let leaf = &stored.leaves[index as usize];
                    verify_subtree_inclusion(index, start, end, leaf, &proof, &sub).unwrap();
                }
            }
        }
    }
}

#[test]
fn proofs_of_the_largest_trees_neither_overflow_nor_verify_by_chance() {
    let h = leaf_hash(b"x");
    for size in [u64::MAX, 1 << 63, (1 << 63) + 1] {
        for index in [0, 1, size / 2, size - 1] {
            for length in [0, 1, 63, 64, 65] {
                let proof = vec![h; length];
                assert!(verify_inclusion(index, size, &h, &proof, &h).is_err());
                assert!(verify_consistency(index, size, &proof, &h, &h).is_err());
                let _ = verify_subtree_consistency(index, size, size, &proof, &h, &h);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn proofs_across_tile_borders_are_the_defined_ones(
        size in 1u64..1400, a in any::<u64>(), b in any::<u64>()
    ) {
        let stored = Stored::of(size);
        let root = mth(&stored.leaves);
        let index = a % size;
        let proof = prove_inclusion(index, size, &mut stored.read()).unwrap();
        prop_assert_eq!(&proof, &path(index as usize, &stored.leaves));
        verify_inclusion(index, size, &stored.leaves[index as usize], &proof, &root).unwrap();
        let old = b % size + 1;
        let proof = prove_consistency(old, size, &mut stored.read()).unwrap();
        prop_assert_eq!(&proof, &subproof(old as usize, &stored.leaves, true));
        verify_consistency(old, size, &proof, &mth(&stored.leaves[..old as usize]), &root).unwrap();
    }

    #[test]
    fn a_proof_with_any_change_is_refused(
        size in 2u64..300, a in any::<u64>(), at in any::<prop::sample::Index>(), bit in 0usize..256
    ) {
        let stored = Stored::of(size);
        let root = mth(&stored.leaves);
        let index = a % size;
        let leaf = stored.leaves[index as usize];
        let proof = prove_inclusion(index, size, &mut stored.read()).unwrap();

        let mut altered = proof.clone();
        altered[at.index(proof.len())].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(index, size, &leaf, &altered, &root).is_err());
        prop_assert!(verify_inclusion(index, size, &leaf, &proof[1..], &root).is_err());
        let mut longer = proof.clone();
        longer.insert(at.index(proof.len()), root);
        prop_assert!(verify_inclusion(index, size, &leaf, &longer, &root).is_err());
        for other in 0..size {
            let accepted = verify_inclusion(other, size, &leaf, &proof, &root).is_ok();
            prop_assert_eq!(accepted, other == index);
        }

        let old = index + 1;
        let old_root = mth(&stored.leaves[..old as usize]);
        let proof = prove_consistency(old, size, &mut stored.read()).unwrap();
        if !proof.is_empty() {
            let mut altered = proof.clone();
            altered[at.index(proof.len())].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(old, size, &altered, &old_root, &root).is_err());
            prop_assert!(verify_consistency(old, size, &proof[1..], &old_root, &root).is_err());
        }
        let mut other = root;
        other.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(old, size, &proof, &other, &root).is_err());
        prop_assert!(verify_consistency(old, size, &proof, &old_root, &other).is_err());
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(verify_consistency(old, size, &longer, &old_root, &root).is_err());
    }
}
