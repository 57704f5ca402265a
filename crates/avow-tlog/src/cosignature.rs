//! The bytes that timestamped cosignatures sign: tlog-cosignature.
//!
//! At C2SP commit 5ba5ee830903 (after v1.0.1), which adds ML-DSA-44 and
//! subtrees. Keys and algorithms are left to `key`.

use crate::checkpoint::Checkpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::{Algorithm, SignerKey, VerifierKey};
use crate::verify::check_subtree;

/// Bytes of the timestamp before a cosignature.
pub(crate) const TIMESTAMP_BYTES: usize = 8;

/// The latest time a cosignature may state: 2^63 − 1.
pub(crate) const TIME_MAX: u64 = i64::MAX as u64;

/// Bytes of a cosigner's name and of an origin at most: their lengths take one byte.
pub(crate) const NAME_BYTES_MAX: usize = u8::MAX as usize;

/// What begins an Ed25519 cosignature's message.
const ED25519_HEADER: &str = "cosignature/v1\n";

/// What begins an ML-DSA-44 cosignature's message.
const SUBTREE_LABEL: &[u8; 12] = b"subtree/v1\n\0";

/// A subtree of a log, as an ML-DSA-44 cosignature states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The origin of the log.
    pub origin: String,
    /// The index of its first leaf.
    pub start: u64,
    /// The index after its last leaf.
    pub end: u64,
    /// Its root hash.
    pub root: Hash,
}

/// The message of a type 0x04 cosignature over the text of a checkpoint.
pub(crate) fn message_ed25519(text: &str, time_s: u64) -> Result<Vec<u8>> {
    check_time(time_s)?;
    Checkpoint::parse_text(text)?;
    Ok(format!("{ED25519_HEADER}time {time_s}\n{text}").into_bytes())
}

/// The message of a type 0x06 cosignature over the text of a checkpoint.
pub(crate) fn message_checkpoint(cosigner: &str, text: &str, time_s: u64) -> Result<Vec<u8>> {
    let checkpoint = Checkpoint::parse_text(text)?;
    let tree = Subtree {
        origin: checkpoint.origin().to_owned(),
        start: 0,
        end: checkpoint.size(),
        root: *checkpoint.root(),
    };
    message_subtree(cosigner, &tree, time_s)
}

fn message_subtree(cosigner: &str, tree: &Subtree, time_s: u64) -> Result<Vec<u8>> {
    check_time(time_s)?;
    if tree.start != 0 && time_s != 0 {
        return Err(Error::out_of_range(
            "a subtree that is no tree is signed without a time",
        ));
    }
    let mut message = SUBTREE_LABEL.to_vec();
    push_name(&mut message, cosigner)?;
    message.extend_from_slice(&time_s.to_be_bytes());
    push_name(&mut message, &tree.origin)?;
    message.extend_from_slice(&tree.start.to_be_bytes());
    message.extend_from_slice(&tree.end.to_be_bytes());
    message.extend_from_slice(tree.root.as_bytes());
    Ok(message)
}

/// Signs a subtree without stating a time; timestamp and signature, as a signature line carries them.
pub fn sign_subtree(key: &SignerKey, tree: &Subtree) -> Result<Vec<u8>> {
    let message = subtree_message_for(key.verifier(), tree)?;
    let mut bytes = vec![0; TIMESTAMP_BYTES];
    bytes.extend_from_slice(&key.dangerous_sign_bytes(&message)?);
    Ok(bytes)
}

/// Checks what [`sign_subtree`] makes.
pub fn verify_subtree_signature(key: &VerifierKey, tree: &Subtree, bytes: &[u8]) -> Result<()> {
    let message = subtree_message_for(key, tree)?;
    match bytes.split_first_chunk::<TIMESTAMP_BYTES>() {
        Some((&[0, 0, 0, 0, 0, 0, 0, 0], signature)) if key.verify_bytes(&message, signature) => {
            Ok(())
        }
        _ => Err(Error::new(
            ErrorKind::BadSignature,
            format!("the subtree signature by `{}` does not verify", key.name()),
        )),
    }
}

fn subtree_message_for(key: &VerifierKey, tree: &Subtree) -> Result<Vec<u8>> {
    if key.algorithm() != Algorithm::CosignatureMlDsa44 {
        return Err(Error::out_of_range("only ML-DSA-44 keys sign subtrees"));
    }
    check_subtree(tree.start, tree.end)?;
    message_subtree(key.name(), tree, 0)
}

fn check_time(time_s: u64) -> Result<()> {
    if time_s > TIME_MAX {
        return Err(Error::out_of_range(
            "the time of a cosignature is below 2^63",
        ));
    }
    Ok(())
}

fn push_name(message: &mut Vec<u8>, name: &str) -> Result<()> {
    let length = u8::try_from(name.len())
        .ok()
        .filter(|length| *length > 0)
        .ok_or_else(|| {
            Error::out_of_range(format!(
                "a name in an ML-DSA-44 cosignature has 1 to {NAME_BYTES_MAX} bytes"
            ))
        })?;
    message.push(length);
    message.extend_from_slice(name.as_bytes());
    Ok(())
}
