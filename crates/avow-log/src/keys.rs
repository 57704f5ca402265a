//! The two keys a log signs with, and their files.
//!
//! Secret: whoever has them can sign another history for this log, which
//! witnesses and monitors would notice, but not prevent. Entropy is the caller's.

use std::path::Path;

use avow_tlog::{Algorithm, KEY_TEXT_BYTES_MAX, SEED_BYTES, SignerKey, VerifierKey};

use crate::durable;
use crate::error::{Error, ErrorKind, Result};

/// File names of the secret keys; the verifier keys lie beside them as `.vkey`.
const FILES: [(&str, Algorithm); 2] = [
    ("ed25519", Algorithm::Ed25519),
    ("ml-dsa-44", Algorithm::CosignatureMlDsa44),
];

/// The signing keys of a log: Ed25519 and ML-DSA-44, both named as its origin.
#[derive(Debug)]
pub struct LogKeys {
    signers: Vec<SignerKey>,
}

impl LogKeys {
    /// New keys from two independent seeds of fresh entropy.
    pub fn from_seeds(
        origin: &str,
        ed25519: [u8; SEED_BYTES],
        ml_dsa_44: [u8; SEED_BYTES],
    ) -> Result<Self> {
        let seeds = [ed25519, ml_dsa_44];
        let signers = FILES
            .iter()
            .zip(seeds)
            .map(|((_, algorithm), seed)| SignerKey::from_seed(origin, *algorithm, seed))
            .collect::<avow_tlog::Result<_>>()?;
        Ok(Self { signers })
    }

    /// Reads the keys of a folder.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut signers = Vec::new();
        for (name, algorithm) in FILES {
            let path = folder.join(format!("{name}.key"));
            let bad = |what: &str| {
                Error::new(
                    ErrorKind::Unverified,
                    format!("read `{}`: {what}", path.display()),
                )
            };
            let text = durable::read(&path, KEY_TEXT_BYTES_MAX as u64)?
                .ok_or_else(|| bad("the file is missing"))?;
            let text = String::from_utf8(text).map_err(|_| bad("the key is not text"))?;
            let text = text
                .strip_suffix('\n')
                .ok_or_else(|| bad("no newline at the end"))?;
            let key = SignerKey::from_secret_text(text).map_err(|e| bad(&e.to_string()))?;
            if key.verifier().algorithm() != algorithm {
                return Err(bad("the key is of another type"));
            }
            let vkey = durable::read(&path.with_extension("vkey"), KEY_TEXT_BYTES_MAX as u64)?;
            if vkey.is_some_and(|vkey| vkey != format!("{}\n", key.verifier()).as_bytes()) {
                return Err(bad("the verifier key beside it belongs to another key"));
            }
            signers.push(key);
        }
        Ok(Self { signers })
    }

    /// Writes the keys to a folder: secret ones that only the owner reads, and the verifier keys.
    pub fn save(&self, folder: &Path) -> Result<()> {
        durable::create_folder(folder)?;
        for ((name, _), key) in FILES.iter().zip(&self.signers) {
            let secret = key.to_secret_text();
            let path = folder.join(format!("{name}.key"));
            durable::write(&path, format!("{}\n", *secret).as_bytes(), durable::SECRET)?;
            let vkey = format!("{}\n", key.verifier());
            durable::write(
                &folder.join(format!("{name}.vkey")),
                vkey.as_bytes(),
                durable::PUBLIC,
            )?;
        }
        Ok(())
    }

    /// The keys that verify what these sign.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.signers
            .iter()
            .map(|key| key.verifier().clone())
            .collect()
    }

    pub(crate) fn signers(&self) -> Vec<&SignerKey> {
        self.signers.iter().collect()
    }

    /// Refuses keys that are not named as the log.
    pub(crate) fn check_origin(&self, origin: &str) -> Result<()> {
        match self
            .signers
            .iter()
            .find(|key| key.verifier().name() != origin)
        {
            None => Ok(()),
            Some(key) => Err(Error::new(
                ErrorKind::Unverified,
                format!(
                    "a key of `{}` cannot sign for `{origin}`",
                    key.verifier().name()
                ),
            )),
        }
    }
}
