//! Keys of logs and witnesses: text forms, key ids, signing and verifying.
//!
//! signed-note v1.0.0 (type 0x01) and tlog-cosignature at C2SP commit
//! 5ba5ee830903 (types 0x04 and 0x06). What each type signs is made in
//! `cosignature`. Entropy arrives as an argument.
//!
//! Ed25519 is verified strictly: RFC 8032 without the cofactor, and keys or
//! commitments of small order are refused, as are keys not encoded canonically.
//! A small-order key would let one signature fit every text.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use ml_dsa::{ExpandedSigningKey, MlDsa44, Signature as MlDsaSignature};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base64;
use crate::cosignature::{self, TIMESTAMP_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::note::{KeyId, Signature, check_key_name};

/// Bytes of the entropy a key is made from, and of the seed its secret text holds.
pub const SEED_BYTES: usize = 32;

/// Bytes of a verifier key's text at most: a 255-byte name, the id, and base64
/// of an ML-DSA-44 key of 1,312 bytes and its type byte; rounded up.
pub const KEY_TEXT_BYTES_MAX: usize = 4096;

const ED25519_KEY_BYTES: usize = 32;
const ED25519_SIGNATURE_BYTES: usize = 64;
const ML_DSA_44_SIGNATURE_BYTES: usize = 2420;

/// What begins the text of a secret key, as in the note package of the Go checksum database.
const SECRET_PREFIX: &str = "PRIVATE+KEY+";

/// The kind of signature a key makes, by the type byte of signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Algorithm {
    /// Ed25519 over the text of any note.
    Ed25519 = 0x01,
    /// Ed25519 over a checkpoint and the time of signing.
    CosignatureEd25519 = 0x04,
    /// ML-DSA-44 over signer, time, origin, size and root of a checkpoint.
    CosignatureMlDsa44 = 0x06,
}

impl Algorithm {
    fn from_byte(byte: u8) -> Result<Self> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::CosignatureEd25519),
            0x06 => Ok(Self::CosignatureMlDsa44),
            _ => Err(Error::malformed(format!(
                "signature type 0x{byte:02x} is not supported; use 0x01, 0x04 or 0x06"
            ))),
        }
    }

    /// Whether its signatures carry the time of signing.
    pub fn has_timestamp(self) -> bool {
        self != Self::Ed25519
    }
}

#[derive(Clone)]
enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    MlDsa44(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// A key that verifies signatures; its text form is the `vkey` of signed-note.
///
/// Trusted: whoever chooses it decides whose checkpoints are believed.
#[derive(Clone)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    algorithm: Algorithm,
    bytes: Vec<u8>,
    key: PublicKey,
}

impl VerifierKey {
    /// A key by its name, algorithm and encoded public key.
    pub fn new(name: &str, algorithm: Algorithm, bytes: &[u8]) -> Result<Self> {
        check_key_name(name)?;
        if name.len() > cosignature::NAME_BYTES_MAX {
            return Err(Error::malformed(format!("key name `{name}` is too long")));
        }
        let key = match algorithm {
            Algorithm::Ed25519 | Algorithm::CosignatureEd25519 => {
                PublicKey::Ed25519(ed25519_key(bytes)?)
            }
            Algorithm::CosignatureMlDsa44 => {
                let encoded = ml_dsa::EncodedVerifyingKey::<MlDsa44>::try_from(bytes)
                    .map_err(|_| Error::malformed("an ML-DSA-44 key has 1,312 bytes"))?;
                PublicKey::MlDsa44(Box::new(ml_dsa::VerifyingKey::decode(&encoded)))
            }
        };
        let id = key_id(name, algorithm, bytes);
        Ok(Self {
            name: name.to_owned(),
            id,
            algorithm,
            bytes: bytes.to_vec(),
            key,
        })
    }

    /// The name that signature lines carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id that signature lines carry.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The kind of signature it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The encoded public key, without name and type.
    pub fn public_key(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a signature line claims to be by this key.
    pub fn claims(&self, signature: &Signature) -> bool {
        signature.id == self.id && signature.name == self.name
    }

    /// Checks a signature over the text of a note; the time of signing, if the type has one.
    pub fn verify(&self, text: &str, signature: &Signature) -> Result<Option<u64>> {
        let bad = || {
            Error::new(
                ErrorKind::BadSignature,
                format!("the signature by `{}` does not verify", self.name),
            )
        };
        if !self.claims(signature) {
            return Err(Error::new(
                ErrorKind::NotSigned,
                format!("the signature is not by the key `{}`", self.name),
            ));
        }
        if self.algorithm == Algorithm::Ed25519 {
            self.verify_bytes(text.as_bytes(), &signature.bytes)
                .then_some(None)
                .ok_or_else(bad)
        } else {
            let (time, bytes) = signature
                .bytes
                .split_first_chunk::<TIMESTAMP_BYTES>()
                .ok_or_else(bad)?;
            let time_s = u64::from_be_bytes(*time);
            if time_s > cosignature::TIME_MAX {
                return Err(bad());
            }
            let message = self.message(text, time_s)?;
            self.verify_bytes(&message, bytes)
                .then_some(Some(time_s))
                .ok_or_else(bad)
        }
    }

    /// What a cosignature by this key signs.
    fn message(&self, text: &str, time_s: u64) -> Result<Vec<u8>> {
        match self.algorithm {
            Algorithm::Ed25519 => Ok(text.as_bytes().to_vec()),
            Algorithm::CosignatureEd25519 => cosignature::message_ed25519(text, time_s),
            Algorithm::CosignatureMlDsa44 => {
                cosignature::message_checkpoint(&self.name, text, time_s)
            }
        }
    }

    /// Checks a bare signature over bare bytes, without timestamp and domain.
    ///
    /// It says nothing about what the signer meant: use [`VerifierKey::verify`] for notes.
    pub fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            PublicKey::Ed25519(key) => <&[u8; ED25519_SIGNATURE_BYTES]>::try_from(signature)
                .is_ok_and(|bytes| {
                    let signature = ed25519_dalek::Signature::from_bytes(bytes);
                    key.verify_strict(message, &signature).is_ok()
                }),
            PublicKey::MlDsa44(key) => {
                signature.len() == ML_DSA_44_SIGNATURE_BYTES
                    && MlDsaSignature::<MlDsa44>::try_from(signature)
                        .is_ok_and(|signature| key.verify_with_context(message, &[], &signature))
            }
        }
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, id, algorithm, bytes) = split_key_text(text, "verifier key")?;
        let key = Self::new(name, algorithm, &bytes)?;
        if key.id != id {
            return Err(Error::malformed(format!(
                "the key id of verifier key `{name}` is wrong"
            )));
        }
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_text(&self.name, self.id, self.algorithm, &self.bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "VerifierKey({} {:08x} {:?})",
            self.name, self.id.0, self.algorithm
        )
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.algorithm, &self.bytes) == (&other.name, other.algorithm, &other.bytes)
    }
}

impl Eq for VerifierKey {}

enum SecretKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ExpandedSigningKey<MlDsa44>>),
}

/// A key that signs notes or checkpoints.
///
/// Secret: whoever has it can make the log, or the witness, say anything.
/// Memory is overwritten when it is dropped.
pub struct SignerKey {
    seed: Zeroizing<[u8; SEED_BYTES]>,
    secret: SecretKey,
    verifier: VerifierKey,
}

impl SignerKey {
    /// A new key from 32 bytes that nobody else knows and that are used for nothing else.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: [u8; SEED_BYTES]) -> Result<Self> {
        let (secret, public) = match algorithm {
            Algorithm::Ed25519 | Algorithm::CosignatureEd25519 => {
                let key = ed25519_dalek::SigningKey::from_bytes(&seed);
                let public = key.verifying_key().to_bytes().to_vec();
                (SecretKey::Ed25519(Box::new(key)), public)
            }
            Algorithm::CosignatureMlDsa44 => {
                let key = ExpandedSigningKey::<MlDsa44>::from_seed(&seed.into());
                let public = key.verifying_key().encode().to_vec();
                (SecretKey::MlDsa44(Box::new(key)), public)
            }
        };
        let verifier = VerifierKey::new(name, algorithm, &public)?;
        Ok(Self {
            seed: Zeroizing::new(seed),
            secret,
            verifier,
        })
    }

    /// Reads the text of a secret key: `PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>`.
    ///
    /// For Ed25519 this is the form of the Go note package. For ML-DSA-44 it is
    /// ours, with the 32-byte seed ξ of FIPS 204 in the same place.
    pub fn from_secret_text(text: &str) -> Result<Self> {
        let rest = text.strip_prefix(SECRET_PREFIX).ok_or_else(|| {
            Error::malformed(format!("secret key does not begin `{SECRET_PREFIX}`"))
        })?;
        // Nothing of the text is repeated in a message: it is secret.
        let malformed = || Error::malformed("secret key is malformed");
        let (name, id, algorithm, seed) =
            split_key_text(rest, "secret key").map_err(|_| malformed())?;
        let seed = Zeroizing::new(seed);
        let seed = <[u8; SEED_BYTES]>::try_from(seed.as_slice()).map_err(|_| malformed())?;
        let key = Self::from_seed(name, algorithm, seed)?;
        if key.verifier.id != id {
            return Err(Error::malformed(
                "the key id of the secret key does not fit its seed",
            ));
        }
        Ok(key)
    }

    /// The text that [`SignerKey::from_secret_text`] reads.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let key = &self.verifier;
        let text = key_text(&key.name, key.id, key.algorithm, self.seed.as_slice());
        Zeroizing::new(format!("{SECRET_PREFIX}{text}"))
    }

    /// The key that verifies what this one signs.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs the text of a note. Cosignatures need the text of a checkpoint, and
    /// carry `time_s` (seconds since 1970; 0 claims nothing about time).
    ///
    /// The same arguments give the same bytes: ML-DSA-44 is signed in its
    /// deterministic variant, since this crate has no randomness.
    pub fn sign(&self, text: &str, time_s: u64) -> Result<Signature> {
        let mut bytes = Vec::new();
        if self.verifier.algorithm.has_timestamp() {
            bytes.extend_from_slice(&time_s.to_be_bytes());
        }
        let message = self.verifier.message(text, time_s)?;
        bytes.extend_from_slice(&self.dangerous_sign_bytes(&message)?);
        Ok(Signature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes,
        })
    }

    /// Signs bare bytes, without timestamp and domain.
    ///
    /// Dangerous: bytes that can be read as a checkpoint or as the message of a
    /// cosignature become one. Only for bytes that begin in their own way.
    pub fn dangerous_sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>> {
        match &self.secret {
            SecretKey::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            SecretKey::MlDsa44(key) => key
                .sign_deterministic(message, &[])
                .map(|signature| signature.encode().to_vec())
                .map_err(|_| Error::new(ErrorKind::TooLarge, "ML-DSA-44 refuses the message")),
        }
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey(secret of {:?})", self.verifier)
    }
}

fn ed25519_key(bytes: &[u8]) -> Result<ed25519_dalek::VerifyingKey> {
    let bytes = <&[u8; ED25519_KEY_BYTES]>::try_from(bytes)
        .map_err(|_| Error::malformed("an Ed25519 key has 32 bytes"))?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
        .map_err(|_| Error::malformed("the Ed25519 key is not a point of the curve"))?;
    if key.is_weak() || key.to_edwards().compress().to_bytes() != *bytes {
        return Err(Error::malformed(
            "the Ed25519 key is of small order or not canonical",
        ));
    }
    Ok(key)
}

fn key_id(name: &str, algorithm: Algorithm, bytes: &[u8]) -> KeyId {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', algorithm as u8]);
    hasher.update(bytes);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
    KeyId(u32::from_be_bytes([a, b, c, d]))
}

fn key_text(name: &str, id: KeyId, algorithm: Algorithm, bytes: &[u8]) -> String {
    let mut material = Zeroizing::new(vec![algorithm as u8]);
    material.extend_from_slice(bytes);
    format!("{name}+{:08x}+{}", id.0, base64::encode(&material))
}

fn split_key_text<'a>(text: &'a str, what: &str) -> Result<(&'a str, KeyId, Algorithm, Vec<u8>)> {
    if text.len() > KEY_TEXT_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("{what} is too long"),
        ));
    }
    let malformed = || {
        Error::malformed(format!(
            "{what} is not of the form <name>+<key id>+<base64>"
        ))
    };
    let (name, rest) = text.split_once('+').ok_or_else(malformed)?;
    let (id, material) = rest.split_once('+').ok_or_else(malformed)?;
    if id.len() != 8 || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(malformed());
    }
    let id = u32::from_str_radix(id, 16)
        .map(KeyId)
        .map_err(|_| malformed())?;
    let material = Zeroizing::new(base64::decode(material, what)?);
    let (kind, bytes) = material.split_first().ok_or_else(malformed)?;
    Ok((name, id, Algorithm::from_byte(*kind)?, bytes.to_vec()))
}
