//! The statement: which parts there are, and what they amount to.
//!
//! An in-toto Statement v1 in canonical JSON. Its subjects are all other parts;
//! its predicate is ours and named by [`PREDICATE_TYPE`]. Whether what it claims
//! is so is left to `verify`. `docs/spec/proof.md`, section 4.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::envelope::to_canonical;
use crate::error::ProofError;

/// The type of an in-toto statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The type of our predicate; `docs/spec/proof.md` defines it. The namespace
/// `avow` is not registered: the name is only compared, never resolved.
pub const PREDICATE_TYPE: &str = "urn:avow:predicate:verdict:v1";

/// The name of this release in a statement.
pub const GENERATOR: &str = concat!("avow-proof ", env!("CARGO_PKG_VERSION"));

/// The longest name of a release: the program, a space, and a version with a
/// commit's digest in it.
pub const GENERATOR_BYTES_MAX: usize = 80;

/// Above it, numbers of JSON are not exact (RFC 8785 section 3.2.2.3).
pub const TREE_SIZE_MAX: u64 = (1 << 53) - 1;

/// An in-toto statement about a proof's parts; not yet verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    /// What is claimed.
    pub predicate: Predicate,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    /// All other parts, in the order of the container.
    pub subject: Vec<Subject>,
}

/// A part and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The digest of its bytes.
    pub digest: DigestSet,
    /// Its name.
    pub name: String,
}

/// A digest, as in-toto writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestSet {
    /// SHA-256 in hex.
    pub sha256: String,
}

/// What a proof claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Predicate {
    /// When the last leaf arrived; absent for a log without leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Every commitment of the pledge, in its order.
    pub commitments: Vec<Claim>,
    /// Which release wrote `README.txt` and the queries: [`GENERATOR`] if this one.
    pub generator: String,
    /// The name of the log.
    pub origin: String,
    /// The table that decided places.
    pub place_table: VersionedDigest,
    /// The pledge.
    pub pledge: Digested,
    /// The root of the tree, in base64 as in the checkpoint.
    pub root: String,
    /// The number of leaves.
    pub tree_size: u64,
    /// The verdict document.
    pub verdict: Digested,
}

/// The verdict on one commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The commitment.
    pub id: String,
    /// `kept`, `breached`, `pending` or `unknown`.
    pub verdict: String,
}

/// Something by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digested {
    /// The digest of its bytes.
    pub digest: DigestSet,
}

/// Something by its digest and its own version name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionedDigest {
    /// The digest of its bytes.
    pub digest: DigestSet,
    /// The name of the version.
    pub version: String,
}

impl DigestSet {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_bytes(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere.
    pub fn from_bytes(digest: [u8; 32]) -> Self {
        Self {
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

impl Digested {
    /// By the digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            digest: DigestSet::of(bytes),
        }
    }
}

impl Statement {
    /// A statement about these parts.
    pub fn new(subject: Vec<Subject>, predicate: Predicate) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            predicate,
            predicate_type: PREDICATE_TYPE.to_owned(),
            subject,
        }
    }

    /// The canonical JSON.
    pub fn to_json(&self) -> String {
        to_canonical(self)
    }

    /// Reads the canonical JSON; [`Statement::to_json`] gives the same bytes back.
    ///
    /// # Errors
    /// Another form, another type of statement or predicate.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let malformed = |detail: String| ProofError::StatementMalformed { detail };
        let types: Types =
            serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        if types.kind != STATEMENT_TYPE {
            return Err(ProofError::StatementType { found: types.kind });
        }
        if types.predicate_type != PREDICATE_TYPE {
            return Err(ProofError::PredicateType {
                found: types.predicate_type,
            });
        }
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        if statement.to_json().as_bytes() != bytes {
            return Err(malformed("it is not canonical JSON".to_owned()));
        }
        if statement.predicate.tree_size > TREE_SIZE_MAX {
            return Err(malformed(format!("`treeSize` is above {TREE_SIZE_MAX}")));
        }
        let generator = statement.predicate.generator.as_bytes();
        let is_name = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        if !(1..=GENERATOR_BYTES_MAX).contains(&generator.len()) || !generator.iter().all(is_name) {
            return Err(malformed("`generator` is no name of a release".to_owned()));
        }
        Ok(statement)
    }
}

/// Only the types, so that a statement of another kind is told from a broken one.
#[derive(Deserialize)]
struct Types {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}
