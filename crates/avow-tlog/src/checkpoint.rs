//! Checkpoints: origin, size and root of a log, signed. tlog-checkpoint v1.0.0.
//!
//! We write no extension lines; those of others are accepted, skipped and never
//! shown, since an ML-DSA-44 signature does not cover them.

use crate::cosignature::NAME_BYTES_MAX;
use crate::decimal;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::{Algorithm, SignerKey, VerifierKey};
use crate::note::{KeyId, Note, check_key_name};

/// Beginnings an origin may not have: a signed checkpoint text must not be
/// readable as a DSSE envelope's or a cosignature's signed bytes.
const RESERVED_ORIGINS: [&str; 3] = ["DSSEv1", "cosignature/", "subtree/"];

/// The head of a log: which log, how many leaves, which root.
///
/// By itself a claim. [`Verified<Checkpoint>`] is one that a trusted key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

impl Checkpoint {
    /// A checkpoint to be signed.
    ///
    /// The origin serves as key name too, so it must be one, of at most 255 bytes.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self> {
        check_new_origin(origin)?;
        if size == 0 && root != Hash::EMPTY_ROOT {
            return Err(Error::out_of_range(
                "a tree without leaves has the empty root",
            ));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Parses the text of a checkpoint (no signatures); extension lines are skipped.
    pub fn parse_text(text: &str) -> Result<Self> {
        let malformed = |what: &str| Error::malformed(format!("checkpoint has {what}"));
        let body = text
            .strip_suffix('\n')
            .ok_or_else(|| malformed("no newline at the end"))?;
        let mut lines = body.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty());
        let origin = next().ok_or_else(|| malformed("no origin"))?;
        let size = next()
            .and_then(decimal::parse)
            .ok_or_else(|| malformed("no tree size in plain decimal"))?;
        let root: Hash = next()
            .and_then(|line| line.parse().ok())
            .ok_or_else(|| malformed("no root hash of 32 bytes in base64"))?;
        if lines.any(str::is_empty) {
            return Err(malformed("an empty extension line"));
        }
        if origin.bytes().any(|b| b < 0x20) {
            return Err(malformed("a control character in its origin"));
        }
        if size == 0 && root != Hash::EMPTY_ROOT {
            return Err(malformed(
                "a root hash for no leaves that is not the empty root",
            ));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// The text that is signed: three lines.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root hash.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// Signs with each key; a note in bytes. `time_s` goes into the types that carry a time.
    ///
    /// A log signs with an Ed25519 key (tlog-tiles asks for one) and an
    /// ML-DSA-44 key (tlog-checkpoint recommends it), both named as the origin.
    /// The ML-DSA-44 signature is a cosignature by the log itself: signer and
    /// origin are the same name, the subtree is the whole tree.
    ///
    /// Sign only what is durable and extends all that was signed before: two
    /// checkpoints of different trees are a proof of misbehaviour.
    pub fn sign(&self, keys: &[&SignerKey], time_s: u64) -> Result<Vec<u8>> {
        if keys.is_empty() {
            return Err(Error::out_of_range("a note needs a signature"));
        }
        let text = self.to_text();
        let signatures = keys
            .iter()
            .map(|key| key.sign(&text, time_s))
            .collect::<Result<_>>()?;
        Ok(Note { text, signatures }.to_bytes())
    }

    /// Opens a signed checkpoint of one log: the origin fits, one of `log_keys`
    /// signed it at least, and no signature by any of them is wrong.
    pub fn open(note: &[u8], origin: &str, log_keys: &[VerifierKey]) -> Result<Verified<Self>> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse_text(&note.text)?;
        if checkpoint.origin != origin {
            return Err(Error::new(
                ErrorKind::NotSigned,
                format!(
                    "the checkpoint is of `{}`, not of `{origin}`",
                    checkpoint.origin
                ),
            ));
        }
        let signers = verify_note(&note, log_keys)?;
        if signers.is_empty() {
            return Err(Error::new(
                ErrorKind::NotSigned,
                format!("no trusted key of `{origin}` signed the checkpoint"),
            ));
        }
        Ok(Verified {
            value: checkpoint,
            signers,
        })
    }

    /// As [`Checkpoint::open`], and every one of `log_keys` signed it.
    ///
    /// For a log known to sign with a classical and a post-quantum key: without
    /// this, whoever breaks one of the algorithms can leave the other out.
    pub fn open_all(note: &[u8], origin: &str, log_keys: &[VerifierKey]) -> Result<Verified<Self>> {
        let verified = Self::open(note, origin, log_keys)?;
        match log_keys.iter().find(|key| !verified.is_signed_by(key)) {
            None => Ok(verified),
            Some(key) => Err(Error::new(
                ErrorKind::NotSigned,
                format!(
                    "the {:?} key of `{}` did not sign the checkpoint",
                    key.algorithm(),
                    key.name()
                ),
            )),
        }
    }
}

/// A signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: KeyId,
    /// The kind of signature.
    pub algorithm: Algorithm,
    /// When the signer says it signed, in seconds since 1970, if the type carries it.
    pub time_s: Option<u64>,
}

/// A value that came out of a signature check, with those who signed it.
///
/// Nothing but the checks of this crate makes one.
///
/// ```compile_fail
/// use avow_tlog::{Checkpoint, Hash, Verified};
/// let claimed = Checkpoint::new("example.com/log", 0, Hash::EMPTY_ROOT).unwrap();
/// let forged = Verified { value: claimed, signers: Vec::new() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    value: T,
    signers: Vec<SignedBy>,
}

impl<T> Verified<T> {
    /// The value.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The value, without the fact that it was verified.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The verified signatures, in the order of the note.
    pub fn signers(&self) -> &[SignedBy] {
        &self.signers
    }

    /// Whether this very key signed.
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        self.signers
            .iter()
            .any(|s| s.name == key.name() && s.id == key.id() && s.algorithm == key.algorithm())
    }

    pub(crate) fn new(value: T, signers: Vec<SignedBy>) -> Self {
        Self { value, signers }
    }
}

/// Verifies every signature of a note that claims to be by one of `keys`.
///
/// Signatures by others are skipped; one wrong signature refuses the note. The
/// result can be empty: what suffices is for the caller to say.
pub fn verify_note(note: &Note, keys: &[VerifierKey]) -> Result<Vec<SignedBy>> {
    let mut signers = Vec::new();
    for signature in &note.signatures {
        for key in keys.iter().filter(|key| key.claims(signature)) {
            let time_s = key.verify(&note.text, signature)?;
            signers.push(SignedBy {
                name: key.name().to_owned(),
                id: key.id(),
                algorithm: key.algorithm(),
                time_s,
            });
        }
    }
    Ok(signers)
}

/// Refuses an origin that a new log should not have.
pub fn check_new_origin(origin: &str) -> Result<()> {
    check_key_name(origin)?;
    if origin.len() > NAME_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("an origin has at most {NAME_BYTES_MAX} bytes"),
        ));
    }
    if let Some(start) = RESERVED_ORIGINS
        .iter()
        .find(|start| origin.starts_with(**start))
    {
        return Err(Error::malformed(format!(
            "an origin may not begin with `{start}`"
        )));
    }
    Ok(())
}
