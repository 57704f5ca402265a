//! Every way in which a proof fails, each by its own name.
//!
//! The enum is closed and has no catch-all: a new way to fail is a new variant,
//! with a test of its own, and a line in `docs/spec/proof.md`, section 7.

use std::fmt;

use crate::wrap::printable;

/// Why a proof is not valid, or cannot be made.
///
/// Names and values that come from the proof stand in backticks in messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    /// The file, or the one to be made, is longer than [`crate::PROOF_BYTES_MAX`].
    TooLarge {
        /// Its length as far as it was counted.
        bytes: usize,
    },
    /// More than [`crate::PARTS_MAX`] parts.
    TooManyParts,
    /// The file ends within the container.
    CutShort {
        /// Where it ends.
        at: usize,
    },
    /// A byte of the container is not what the canonical form has there.
    NotCanonical {
        /// The first such byte.
        at: usize,
    },
    /// A part's checksum is not that of its bytes.
    PartCrc {
        /// The part.
        name: String,
    },
    /// A part has a name outside the grammar.
    PartName {
        /// The name.
        name: String,
    },
    /// A part stands where another should.
    PartOrder {
        /// The part.
        name: String,
    },
    /// A part stands twice.
    PartTwice {
        /// The part.
        name: String,
    },
    /// A part is not there.
    PartMissing {
        /// The part.
        name: String,
    },
    /// A part is there that the statement or the verdict does not call for.
    PartUnknown {
        /// The part.
        name: String,
    },
    /// A part's bytes are not those that were signed.
    PartDigest {
        /// The part.
        name: String,
    },
    /// The envelope cannot be read.
    EnvelopeMalformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The envelope holds something other than an in-toto statement.
    PayloadType {
        /// Its payload type.
        found: String,
    },
    /// The envelope has no signature.
    StatementUnsigned,
    /// The envelope names a key that is not the log's Ed25519 key.
    StatementKey {
        /// The name.
        found: String,
    },
    /// The signature on the statement does not verify.
    StatementSignature {
        /// The key.
        key: String,
    },
    /// The statement cannot be read.
    StatementMalformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The statement is not of in-toto's version 1.
    StatementType {
        /// Its type.
        found: String,
    },
    /// The statement's predicate is not a verdict of version 1.
    PredicateType {
        /// Its type.
        found: String,
    },
    /// The policy cannot be read.
    PolicyMalformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The policy does not have exactly one log key of each algorithm, under one name.
    PolicyKeys,
    /// The proof is signed with a key that the relying party did not name.
    UntrustedKey {
        /// The proof's key: `<name>+<key id in hex>`.
        key: String,
    },
    /// The checkpoint cannot be read.
    CheckpointMalformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The checkpoint is of another log than the policy's keys or the statement say.
    Origin {
        /// The checkpoint's.
        found: String,
        /// The other.
        expected: String,
    },
    /// The checkpoint has no Ed25519 signature by the log.
    Ed25519Missing,
    /// The checkpoint's Ed25519 signature does not verify.
    Ed25519Invalid,
    /// The checkpoint has no ML-DSA-44 signature by the log.
    MlDsa44Missing,
    /// The checkpoint's ML-DSA-44 signature does not verify.
    MlDsa44Invalid,
    /// A witness's cosignature does not verify.
    CosignatureInvalid {
        /// What is wrong.
        detail: String,
    },
    /// Too few witnesses cosigned the checkpoint.
    NoQuorum,
    /// Statement, verdict and checkpoint do not have the same tree size.
    TreeSize {
        /// What the statement or the verdict says.
        found: u64,
        /// What the checkpoint says.
        signed: u64,
    },
    /// The statement's root is not the checkpoint's.
    Root,
    /// The pledge cannot be read.
    PledgeUnreadable {
        /// What is wrong with it.
        detail: String,
    },
    /// The statement is about another pledge.
    PledgeDigest,
    /// The pledge is not the one that the relying party holds.
    PledgeOther,
    /// The place table cannot be read.
    PlaceTableUnreadable {
        /// What is wrong with it.
        detail: String,
    },
    /// The statement is about another place table.
    PlaceTableDigest,
    /// The statement names another version of the place table.
    PlaceTableVersion {
        /// What it names.
        found: String,
    },
    /// The verdict document is not one in canonical form.
    VerdictMalformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The statement is about another verdict document.
    VerdictDigest,
    /// The statement's verdicts, or its time, are not those of the verdict document.
    VerdictSummary,
    /// The verdict document does not follow from the pledge and the leaves shown.
    VerdictUnfounded {
        /// What does not follow.
        detail: String,
    },
    /// The bytes of a leaf are not an event in canonical form.
    LeafMalformed {
        /// Which leaf.
        index: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// A leaf's proof of inclusion cannot be read.
    InclusionMalformed {
        /// Which leaf.
        index: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// A leaf's proof of inclusion is about another leaf.
    InclusionIndex {
        /// Which leaf.
        index: u64,
        /// Which one it is about.
        found: u64,
    },
    /// A leaf's proof of inclusion rests on another checkpoint than the proof.
    InclusionCheckpoint {
        /// Which leaf.
        index: u64,
    },
    /// A leaf is not in the tree of the checkpoint.
    InclusionFails {
        /// Which leaf.
        index: u64,
    },
    /// A file of the log cannot be had or read.
    LogUnreadable {
        /// What is wrong.
        detail: String,
    },
    /// The log inside has more bytes of leaves than [`crate::LOG_BYTES_MAX`].
    LogTooLarge,
    /// The files of the log do not give the signed root.
    LogDiffers {
        /// What differs.
        detail: String,
    },
    /// Replaying the log gives another verdict document.
    ReplayDiffers {
        /// The first byte that differs.
        at: usize,
    },
    /// The statement of a proof in the making could not be signed.
    Signing {
        /// What the signer says.
        detail: String,
    },
    /// A part that follows from the others is not what follows from them.
    DerivedDiffers {
        /// The part.
        name: String,
        /// The first line that differs, from 1.
        line: usize,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names and details come from a file that somebody else made.
        f.write_str(&printable(&Message(self).to_string()))
    }
}

/// The message as it is, with whatever the file has put into it.
struct Message<'a>(&'a ProofError);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_container(f)
    }
}

impl ProofError {
    /// The messages about the container and its parts.
    fn fmt_container(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => write!(
                f,
                "a proof has at most {} bytes; this one has {bytes} or more",
                crate::PROOF_BYTES_MAX
            ),
            Self::LogTooLarge => write!(
                f,
                "the leaves of the log inside have more than {} bytes",
                crate::LOG_BYTES_MAX
            ),
            Self::TooManyParts => write!(f, "a proof has at most {} parts", crate::PARTS_MAX),
            Self::CutShort { at } => write!(f, "the file ends within the container, at byte {at}"),
            Self::NotCanonical { at } => {
                write!(f, "byte {at} of the container is not in canonical form")
            }
            Self::PartCrc { name } => write!(f, "part `{name}`: its bytes do not give its CRC-32"),
            Self::PartName { name } => write!(f, "`{}` is no name of a part", name.escape_debug()),
            Self::PartOrder { name } => write!(f, "part `{name}` is out of order"),
            Self::PartTwice { name } => write!(f, "part `{name}` stands twice"),
            Self::PartMissing { name } => write!(f, "part `{name}` is missing"),
            Self::PartUnknown { name } => write!(f, "part `{name}` is not called for"),
            Self::PartDigest { name } => write!(f, "part `{name}` is not the one that was signed"),
            _ => self.fmt_signed(f),
        }
    }

    /// The messages about what was signed, and by whom.
    fn fmt_signed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnvelopeMalformed { detail } => write!(f, "read the envelope: {detail}"),
            Self::PayloadType { found } => {
                write!(f, "the envelope holds `{found}`, not an in-toto statement")
            }
            Self::StatementUnsigned => f.write_str("the statement is not signed"),
            Self::StatementKey { found } => write!(
                f,
                "the statement names the key `{found}`, which is not the log's Ed25519 key"
            ),
            Self::StatementSignature { key } => {
                write!(
                    f,
                    "the signature of `{key}` on the statement does not verify"
                )
            }
            Self::StatementMalformed { detail } => write!(f, "read the statement: {detail}"),
            Self::StatementType { found } => {
                write!(f, "the statement is of type `{found}`, not in-toto's v1")
            }
            Self::PredicateType { found } => {
                write!(f, "the predicate is of type `{found}`, not a verdict v1")
            }
            Self::PolicyMalformed { detail } => write!(f, "read the policy: {detail}"),
            Self::PolicyKeys => {
                f.write_str("the policy does not have one Ed25519 and one ML-DSA-44 key of one log")
            }
            Self::UntrustedKey { key } => {
                write!(
                    f,
                    "signed with `{key}`, which is not among the keys you trust"
                )
            }
            Self::CheckpointMalformed { detail } => write!(f, "read the checkpoint: {detail}"),
            Self::Origin { found, expected } => {
                write!(
                    f,
                    "the checkpoint is of the log `{found}`, not of `{expected}`"
                )
            }
            Self::Ed25519Missing => {
                f.write_str("the log's Ed25519 key did not sign the checkpoint")
            }
            Self::Ed25519Invalid => {
                f.write_str("the Ed25519 signature on the checkpoint does not verify")
            }
            Self::MlDsa44Missing => {
                f.write_str("the log's ML-DSA-44 key did not sign the checkpoint")
            }
            Self::MlDsa44Invalid => {
                f.write_str("the ML-DSA-44 signature on the checkpoint does not verify")
            }
            Self::CosignatureInvalid { detail } => write!(f, "check the cosignatures: {detail}"),
            Self::NoQuorum => f.write_str("too few witnesses cosigned the checkpoint"),
            _ => self.fmt_content(f),
        }
    }

    /// The messages about what follows from what.
    fn fmt_content(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TreeSize { found, signed } => {
                write!(
                    f,
                    "a tree of {found} leaves is claimed; {signed} are signed"
                )
            }
            Self::Root => f.write_str("the statement's root is not the checkpoint's"),
            Self::PledgeUnreadable { detail } => write!(f, "read the pledge: {detail}"),
            Self::PledgeDigest => f.write_str("the statement is about another pledge"),
            Self::PledgeOther => {
                f.write_str("the pledge in the proof is not the one that you gave")
            }
            Self::PlaceTableUnreadable { detail } => write!(f, "read the place table: {detail}"),
            Self::PlaceTableDigest => f.write_str("the statement is about another place table"),
            Self::PlaceTableVersion { found } => {
                write!(
                    f,
                    "the statement names version `{found}` of the place table"
                )
            }
            Self::VerdictMalformed { detail } => write!(f, "read the verdict: {detail}"),
            Self::VerdictDigest => f.write_str("the statement is about another verdict"),
            Self::VerdictSummary => {
                f.write_str("the statement does not say what the verdict document says")
            }
            Self::VerdictUnfounded { detail } => {
                write!(
                    f,
                    "the verdict does not follow from the leaves shown: {detail}"
                )
            }
            Self::LeafMalformed { index, detail } => write!(f, "read leaf {index}: {detail}"),
            Self::InclusionMalformed { index, detail } => {
                write!(f, "read the inclusion proof of leaf {index}: {detail}")
            }
            Self::InclusionIndex { index, found } => {
                write!(
                    f,
                    "the inclusion proof of leaf {index} is about leaf {found}"
                )
            }
            Self::InclusionCheckpoint { index } => {
                write!(
                    f,
                    "the inclusion proof of leaf {index} rests on another checkpoint"
                )
            }
            Self::InclusionFails { index } => write!(f, "leaf {index} is not in the signed tree"),
            Self::LogUnreadable { detail } => write!(f, "read the log: {detail}"),
            Self::LogDiffers { detail } => write!(f, "the log is not the signed one: {detail}"),
            Self::ReplayDiffers { at } => write!(
                f,
                "replaying the log gives another verdict, from byte {at} of `verdict.json`"
            ),
            Self::DerivedDiffers { name, line } => {
                write!(
                    f,
                    "part `{name}` does not follow from the others, line {line}"
                )
            }
            Self::Signing { detail } => write!(f, "sign the statement: {detail}"),
            // The others have their message in `fmt_container` or `fmt_signed`.
            _ => Ok(()),
        }
    }

    /// The name of the way in which it fails, for programs.
    pub fn name(&self) -> String {
        let debug = format!("{self:?}");
        debug
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    }

    /// What the reader can do about it: an English sentence without full stop.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::TooManyParts | Self::LogTooLarge => {
                "leave the log out of the proof and check with `--full`"
            }
            Self::CutShort { .. } => "fetch the file again: it is incomplete or no proof",
            Self::NotCanonical { .. } | Self::PartCrc { .. } => {
                "fetch the file again: it was altered, or packed by another program"
            }
            Self::UntrustedKey { .. } => {
                "ask the operator, by another way than this file, which keys the log has"
            }
            Self::PledgeOther => {
                "compare the two: unpack the proof, and see where its `pledge.toml` differs"
            }
            Self::NoQuorum => "ask for a proof whose checkpoint the witnesses have cosigned",
            Self::LogUnreadable { .. } => {
                "fetch the log's files again, as of the proof's checkpoint"
            }
            Self::PayloadType { .. } | Self::StatementType { .. } | Self::PredicateType { .. } => {
                "use a verifier of the version that made the proof"
            }
            Self::ReplayDiffers { .. } => {
                "check with the release of avow that made it; if that refuses it too, keep it and do not rely on it"
            }
            _ => "do not rely on this proof; keep it, and ask who gave it to you for another",
        }
    }
}

impl std::error::Error for ProofError {}
