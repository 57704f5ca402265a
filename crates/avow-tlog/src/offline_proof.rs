//! Offline proofs that a leaf is in a log: tlog-proof, files named `.tlog-proof`.
//!
//! At C2SP commit 5ba5ee830903. Which keys and witnesses suffice is left to
//! the caller's keys or policy.

use crate::base64;
use crate::checkpoint::{Checkpoint, Verified};
use crate::decimal;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::NOTE_BYTES_MAX;
use crate::policy::Policy;
use crate::verify::verify_inclusion;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// Hashes of the longest inclusion path: a tree of fewer than 2^64 leaves is 64 levels high.
pub const PATH_HASHES_MAX: usize = 64;

/// Bytes of extra data at most: it is unauthenticated, so there is no use in much of it.
pub const EXTRA_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the longest proof read: the note, the extra data in base64, and a
/// path of 64 lines of 45 bytes with the header, which 4 KiB hold.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + EXTRA_BYTES_MAX / 3 * 4 + 4096;

/// A leaf's index, its inclusion path and the signed checkpoint; not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineProof {
    /// Data of the application, which nothing signs.
    pub extra: Option<Vec<u8>>,
    /// The index of the leaf.
    pub index: u64,
    /// The inclusion path, from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The signed checkpoint, byte for byte.
    pub checkpoint: Vec<u8>,
}

impl OfflineProof {
    /// Parses a proof. Every byte is accounted for: [`OfflineProof::to_bytes`] gives the same back.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "a proof has at most {PROOF_BYTES_MAX} bytes, not {}",
                    bytes.len()
                ),
            ));
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| Error::malformed("proof is not UTF-8"))?;
        let body = text
            .strip_prefix(HEADER)
            .ok_or_else(|| Error::malformed("proof does not begin `c2sp.org/tlog-proof@v1`"))?;
        let (lines, checkpoint) = body
            .split_once("\n\n")
            .ok_or_else(|| Error::malformed("proof has no blank line before its checkpoint"))?;
        let mut lines = lines.split('\n').peekable();
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(data) => {
                lines.next();
                Some(base64::decode(data, "extra data")?)
            }
            None => None,
        };
        if extra
            .as_ref()
            .is_some_and(|data| data.len() > EXTRA_BYTES_MAX)
        {
            return Err(Error::new(
                ErrorKind::TooLarge,
                "proof has too much extra data",
            ));
        }
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(decimal::parse)
            .ok_or_else(|| Error::malformed("proof has no index in plain decimal"))?;
        let path = lines.map(str::parse).collect::<Result<Vec<Hash>>>()?;
        if path.len() > PATH_HASHES_MAX {
            return Err(Error::new(ErrorKind::TooLarge, "proof has too long a path"));
        }
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: checkpoint.as_bytes().to_vec(),
        })
    }

    /// The bytes of the proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = HEADER.to_owned();
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", base64::encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.path {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint);
        bytes
    }

    /// Checks that the log of `origin` and `log_keys` has this leaf at [`OfflineProof::index`].
    pub fn verify(
        &self,
        leaf: &Hash,
        origin: &str,
        log_keys: &[VerifierKey],
    ) -> Result<Verified<Checkpoint>> {
        self.verify_in(leaf, Checkpoint::open(&self.checkpoint, origin, log_keys)?)
    }

    /// Checks that a log of the policy has this leaf, and that the policy's quorum witnessed it.
    pub fn verify_with_policy(&self, leaf: &Hash, policy: &Policy) -> Result<Verified<Checkpoint>> {
        self.verify_in(leaf, policy.open(&self.checkpoint)?)
    }

    fn verify_in(&self, leaf: &Hash, head: Verified<Checkpoint>) -> Result<Verified<Checkpoint>> {
        verify_inclusion(
            self.index,
            head.get().size(),
            leaf,
            &self.path,
            head.get().root(),
        )?;
        Ok(head)
    }
}
