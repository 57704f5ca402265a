//! Whose signatures count: the log's keys in the proof, and the relying party's
//! own knowledge of them.
//!
//! The proof brings a policy with the log's keys, one of each algorithm. That
//! alone shows integrity, not authorship: [`Trust`] says what the relying party
//! knows beyond it. `docs/spec/proof.md`, section 5.

use avow_tlog::{
    Algorithm, Checkpoint, Error, ErrorKind, Note, Policy, SignedBy, Verified, VerifierKey,
};

use crate::envelope::key_id;
use crate::error::ProofError;
use crate::statement::DigestSet;

/// What the relying party trusts.
///
/// Trusted: whoever chooses it decides which proofs are believed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// These keys, from the operator by another way than the proof. Keys of
    /// other logs may be among them.
    Keys(Vec<VerifierKey>),
    /// The logs and the quorum of witnesses of this policy.
    Policy(Policy),
    /// Nothing: the keys are taken from the proof itself. This shows that the
    /// file is whole and consistent, and not who made it; the reader has to
    /// compare the fingerprints.
    FromTheProof,
}

impl Trust {
    /// Who cosigned the checkpoint, if the relying party's own policy asks for
    /// a quorum of witnesses.
    ///
    /// # Errors
    /// The quorum is not there, or a cosignature does not verify.
    pub(crate) fn witnesses(&self, checkpoint: &[u8]) -> Result<Option<Vec<SignedBy>>, ProofError> {
        match self {
            // A quorum of none is there before anybody cosigns.
            Self::Policy(policy) if !policy.is_quorum(&[]) => {
                let head = open_by_policy(policy, checkpoint)?;
                let log = head.get().origin();
                let others = head.signers().iter().filter(|signer| signer.name != log);
                Ok(Some(others.cloned().collect()))
            }
            _ => Ok(None),
        }
    }
}

/// A key of the log, and where it is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// The key.
    pub key: VerifierKey,
    /// Whether the relying party named this very key.
    pub trusted: bool,
}

impl LogKey {
    /// Its name in signatures: `<name>+<key id in hex>`.
    pub fn name(&self) -> String {
        key_id(&self.key)
    }

    /// The name of its algorithm.
    pub fn algorithm(&self) -> &'static str {
        algorithm_name(&self.key)
    }

    /// SHA-256 of the key's text form, in hex.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.key)
    }
}

/// SHA-256 of a key's text form, in hex: what people compare.
pub fn fingerprint(key: &VerifierKey) -> String {
    DigestSet::of(key.to_string().as_bytes()).sha256
}

/// The name of a key's algorithm.
pub fn algorithm_name(key: &VerifierKey) -> &'static str {
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::CosignatureEd25519 => "Ed25519",
        Algorithm::CosignatureMlDsa44 => "ML-DSA-44",
    }
}

/// The text of the policy that a proof carries for these keys of a log, when
/// no witness is asked for.
pub fn policy_text(keys: &[VerifierKey]) -> String {
    let mut text = String::new();
    for key in keys {
        text.push_str(&format!("log {key}\n"));
    }
    text.push_str("quorum none\n");
    text
}

/// The two keys of the log in a proof's policy.
#[derive(Debug, Clone)]
pub(crate) struct LogKeys {
    pub(crate) policy: Policy,
    pub(crate) ed25519: VerifierKey,
    pub(crate) ml_dsa_44: VerifierKey,
}

impl LogKeys {
    /// Reads the proof's policy.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let policy = Policy::parse(bytes).map_err(|error| ProofError::PolicyMalformed {
            detail: error.to_string(),
        })?;
        let by_algorithm = |algorithm| {
            let mut keys = policy
                .logs()
                .iter()
                .map(|log| &log.key)
                .filter(move |key| key.algorithm() == algorithm);
            keys.next().cloned()
        };
        let ed25519 = by_algorithm(Algorithm::Ed25519);
        let ml_dsa_44 = by_algorithm(Algorithm::CosignatureMlDsa44);
        match (ed25519, ml_dsa_44, policy.logs().len()) {
            (Some(ed25519), Some(ml_dsa_44), 2) if ed25519.name() == ml_dsa_44.name() => Ok(Self {
                policy,
                ed25519,
                ml_dsa_44,
            }),
            _ => Err(ProofError::PolicyKeys),
        }
    }

    /// Both keys, Ed25519 first.
    pub(crate) fn both(&self) -> [VerifierKey; 2] {
        [self.ed25519.clone(), self.ml_dsa_44.clone()]
    }

    fn origin(&self) -> &str {
        self.ed25519.name()
    }

    /// Opens the proof's checkpoint: signed by both keys, and cosigned as the
    /// proof's own policy asks.
    ///
    /// # Errors
    /// One of them did not sign, or its signature does not verify; or the
    /// witnesses for whom the relying party's or the proof's own policy asks
    /// did not cosign.
    pub(crate) fn open(
        &self,
        checkpoint: &[u8],
        trust: &Trust,
    ) -> Result<Verified<Checkpoint>, ProofError> {
        let malformed = |error: Error| ProofError::CheckpointMalformed {
            detail: error.to_string(),
        };
        let note = Note::parse(checkpoint).map_err(malformed)?;
        let head = Checkpoint::parse_text(&note.text).map_err(malformed)?;
        if head.to_text() != note.text {
            return Err(ProofError::CheckpointMalformed {
                detail: "it has extension lines, which its ML-DSA-44 signature does not cover"
                    .to_owned(),
            });
        }
        if head.origin() != self.origin() {
            return Err(ProofError::Origin {
                found: head.origin().to_owned(),
                expected: self.origin().to_owned(),
            });
        }
        check_signature(
            &note,
            &self.ed25519,
            ProofError::Ed25519Missing,
            ProofError::Ed25519Invalid,
        )?;
        check_signature(
            &note,
            &self.ml_dsa_44,
            ProofError::MlDsa44Missing,
            ProofError::MlDsa44Invalid,
        )?;
        if let Trust::Policy(policy) = trust {
            open_by_policy(policy, checkpoint)?;
        }
        open_by_policy(&self.policy, checkpoint)
    }

    /// The two keys with what the relying party knows about them.
    ///
    /// # Errors
    /// The Ed25519 key, which signs the statement, is not a trusted one; or the
    /// relying party names another ML-DSA-44 key of this log.
    pub(crate) fn compare(&self, trust: &Trust) -> Result<[LogKey; 2], ProofError> {
        let (known, named): (Vec<&VerifierKey>, bool) = match trust {
            Trust::Keys(keys) => (keys.iter().collect(), true),
            Trust::Policy(policy) => (policy.logs().iter().map(|log| &log.key).collect(), true),
            Trust::FromTheProof => (Vec::new(), false),
        };
        let compare = |key: &VerifierKey| {
            let trusted = known.contains(&key);
            // The Ed25519 key signs the statement, so it has to be known. And
            // whoever names one ML-DSA-44 key of a log means no other.
            let must = key.algorithm() == Algorithm::Ed25519
                || known
                    .iter()
                    .any(|k| k.name() == key.name() && k.algorithm() == key.algorithm());
            if named && must && !trusted {
                return Err(ProofError::UntrustedKey { key: key_id(key) });
            }
            Ok(LogKey {
                key: key.clone(),
                trusted,
            })
        };
        Ok([compare(&self.ed25519)?, compare(&self.ml_dsa_44)?])
    }
}

fn check_signature(
    note: &Note,
    key: &VerifierKey,
    missing: ProofError,
    invalid: ProofError,
) -> Result<(), ProofError> {
    let mut found = false;
    for signature in note.signatures.iter().filter(|s| key.claims(s)) {
        found = true;
        key.verify(&note.text, signature)
            .map_err(|_| invalid.clone())?;
    }
    found.then_some(()).ok_or(missing)
}

/// Checks what remains after the log's own signatures: the witnesses'.
fn open_by_policy(policy: &Policy, checkpoint: &[u8]) -> Result<Verified<Checkpoint>, ProofError> {
    policy.open(checkpoint).map_err(|error| match error.kind() {
        ErrorKind::NoQuorum => ProofError::NoQuorum,
        _ => ProofError::CosignatureInvalid {
            detail: error.to_string(),
        },
    })
}
