//! Transparency-log formats of C2SP and the Merkle arithmetic of RFC 6962.
//!
//! Pure: no files, sockets, clock, randomness, threads or async. Bytes, times
//! and entropy arrive as arguments. Leaves are opaque bytes.
//!
//! | what | specification | here |
//! |---|---|---|
//! | hashes, trees, proofs | RFC 6962, RFC 9162, subtrees of draft-ietf-plants-merkle-tree-certs | [`Tree`], `prove_*`, `verify_*` |
//! | signed notes, keys | c2sp.org/signed-note v1.0.0 | [`Note`], [`VerifierKey`], [`SignerKey`] |
//! | checkpoints | c2sp.org/tlog-checkpoint v1.0.0 | [`Checkpoint`], [`Verified`] |
//! | cosignatures | c2sp.org/tlog-cosignature, commit 5ba5ee830903 | [`Algorithm`], [`Subtree`] |
//! | tiles, bundles | c2sp.org/tlog-tiles v0.1.0 | [`Tile`], [`StaticLog`] |
//! | offline proofs | c2sp.org/tlog-proof, commit 5ba5ee830903 | [`OfflineProof`] |
//! | trust policies | c2sp.org/tlog-policy, commit 5ba5ee830903 | [`Policy`] |
//!
//! A log is signed, and a leaf proved to somebody who trusts only the key:
//!
//! ```
//! use avow_tlog::{Algorithm, Checkpoint, OfflineProof, SignerKey, Tree, leaf_hash};
//!
//! # fn main() -> avow_tlog::Result<()> {
//! let origin = "example.com/log";
//! let key = SignerKey::from_seed(origin, Algorithm::CosignatureMlDsa44, [7; 32])?;
//! let mut tree = Tree::new();
//! tree.push(leaf_hash(b"the only leaf"));
//! let head = Checkpoint::new(origin, tree.size(), tree.root())?;
//! let checkpoint = head.sign(&[&key], 1_767_225_600)?;
//!
//! let proof = OfflineProof { extra: None, index: 0, path: vec![], checkpoint };
//! let read = OfflineProof::parse(&proof.to_bytes())?;
//! let keys = [key.verifier().clone()];
//! read.verify(&leaf_hash(b"the only leaf"), origin, &keys)?;
//! assert!(read.verify(&leaf_hash(b"another leaf"), origin, &keys).is_err());
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod base64;
mod checkpoint;
mod cosignature;
mod decimal;
mod error;
mod hash;
mod key;
mod note;
mod offline_proof;
mod policy;
mod prove;
mod static_log;
mod tile;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, SignedBy, Verified, check_new_origin, verify_note};
pub use cosignature::{Subtree, sign_subtree, verify_subtree_signature};
pub use error::{Error, ErrorKind, Result};
pub use hash::{HASH_BYTES, Hash, leaf_hash, node_hash};
pub use key::{Algorithm, KEY_TEXT_BYTES_MAX, SEED_BYTES, SignerKey, VerifierKey};
pub use note::{KeyId, NOTE_BYTES_MAX, Note, SIGNATURES_MAX, Signature};
pub use offline_proof::{EXTRA_BYTES_MAX, OfflineProof, PATH_HASHES_MAX, PROOF_BYTES_MAX};
pub use policy::{POLICY_BYTES_MAX, POLICY_ITEMS_MAX, Policy, PolicyLog, PolicyWitness};
pub use prove::{
    ReadHashes, prove_consistency, prove_inclusion, prove_root, prove_subtree_consistency,
    prove_subtree_inclusion,
};
pub use static_log::{CHECKPOINT_PATH, Fetch, StaticLog};
pub use tile::{
    BUNDLE_BYTES_MAX, LEAF_BYTES_MAX, TILE_BYTES, TILE_HEIGHT, TILE_LEVEL_MAX, TILE_WIDTH, Tile,
    TileKind, hashes_to_bytes, level_width, parse_bundle, parse_hashes, push_entry,
};
pub use tree::Tree;
pub use verify::{
    verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};
