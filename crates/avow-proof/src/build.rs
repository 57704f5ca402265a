//! Making a proof from a log, a pledge and the verdicts on them.
//!
//! The log is read through callbacks, and the statement is signed through one:
//! this crate holds no secret. What is made is checked before it is returned.

use std::collections::BTreeMap;
use std::ops::Range;

use avow_event::{Event, PlaceTable};
use avow_monitor::{Pledge, Report};
use avow_tlog::{Checkpoint, Error, Hash, OfflineProof, Signature, TILE_WIDTH};

use crate::container::{self, Part};
use crate::derived::{self, Derived};
use crate::envelope::{Envelope, signed_text};
use crate::error::ProofError;
use crate::judge::judge;
use crate::leaves;
use crate::log_files::{self, failed};
use crate::open;
use crate::part::{
    CHECKPOINT, GAPS, PLACES, PLEDGE, POLICY, STATEMENT, VERDICT, leaf_name, leaf_proof_name,
    log_name,
};
use crate::parts::Parts;
use crate::replay::Replay;
use crate::statement::{DigestSet, Digested, GENERATOR, Predicate, Statement, VersionedDigest};
use crate::trust::{LogKeys, Trust};
use crate::verify::{Said, summarise, verify};

/// Leaf bytes of the largest log that goes into a proof whole: some forty
/// thousand events of 200 bytes, which a verifier replays in a tenth of a
/// second, in a file of some 25 MB that still fits into a mail.
pub const LOG_BYTES_MAX: usize = 8 << 20;

/// Rows of gaps of the largest log that goes into a proof whole. There is a row
/// for each gap and commitment; as many bytes again as the leaves have leave
/// room for a number missing after every tenth event, for ten commitments.
pub const GAP_BYTES_MAX: usize = LOG_BYTES_MAX;

/// Gives the leaves of a range, in order.
pub type ReadLeaves<'a> = dyn FnMut(Range<u64>) -> Result<Vec<Vec<u8>>, Error> + 'a;

/// Gives the inclusion path of a leaf in the tree of the checkpoint.
pub type ReadPath<'a> = dyn FnMut(u64) -> Result<Vec<Hash>, Error> + 'a;

/// Signs a text as a note with the log's Ed25519 key.
pub type Sign<'a> = dyn Fn(&str) -> Result<Signature, Error> + 'a;

/// What a proof is made from.
pub struct Inputs<'a> {
    /// The pledge, byte for byte.
    pub pledge: &'a str,
    /// The place table that the pledge and the report were made with.
    pub places: &'a PlaceTable,
    /// The policy, for example from [`crate::policy_text`].
    pub policy: &'a str,
    /// The log's checkpoint, signed with both keys of the policy.
    pub checkpoint: &'a [u8],
    /// The verdicts on the tree of the checkpoint.
    pub report: &'a Report,
    /// Reads leaves.
    pub leaves: &'a mut ReadLeaves<'a>,
    /// Makes inclusion paths.
    pub paths: &'a mut ReadPath<'a>,
    /// Signs the statement.
    pub sign: &'a Sign<'a>,
}

/// Makes a proof.
///
/// Guarantees that [`verify`] accepts what it returns, under the keys of the
/// proof's own policy. The same inputs give the same bytes.
///
/// # Errors
/// The inputs do not fit each other, as [`verify`] would say; the log cannot be
/// read, or the statement not signed.
pub fn build(mut inputs: Inputs<'_>) -> Result<Vec<u8>, ProofError> {
    let log_keys = LogKeys::parse(inputs.policy.as_bytes())?;
    let head = log_keys.open(inputs.checkpoint, &Trust::FromTheProof)?;
    let head = head.get();
    let pledge = open::parse_pledge(inputs.pledge.as_bytes(), inputs.places)?;

    let mut parts = Named::default();
    parts.put(CHECKPOINT, inputs.checkpoint);
    parts.put(PLACES, inputs.places.text());
    parts.put(PLEDGE, inputs.pledge);
    parts.put(POLICY, inputs.policy);
    parts.put(VERDICT, inputs.report.to_json());
    let events = put_leaves(&pledge, &mut inputs, &mut parts)?;
    let shown = judge(&pledge, inputs.report, &events)?;
    let mut derived = Derived::new();
    let mut leaves = read_whole_log(&mut inputs, head.size())?;
    if let Some(all) = &leaves {
        let mut replay = Replay::with_rows(&pledge, inputs.places);
        for (index, leaf) in (0..).zip(all) {
            replay.push(index, leaf)?;
        }
        derived::tables(&pledge, &mut replay, GAP_BYTES_MAX, &mut derived);
        if derived
            .get(GAPS)
            .is_some_and(|rows| rows.len() > GAP_BYTES_MAX)
        {
            derived.clear();
            leaves = None;
        }
    }
    let summary = summarise(&Said {
        pledge: &pledge,
        report: inputs.report,
        head,
        keys: log_keys.both(),
        events: &events,
        shown: &shown,
        whole_log: leaves.is_some(),
    });
    derived::readme(&summary, &mut derived);
    if let Some(leaves) = leaves {
        put_log(&leaves, inputs.checkpoint, &mut parts)?;
    }
    for (name, text) in derived {
        parts.put(&name, text);
    }

    let predicate = predicate(&inputs, head);
    sign(&mut parts, predicate, inputs.sign)?;
    let file = parts.write()?;
    verify(&file, &Trust::FromTheProof)?;
    Ok(file)
}

/// The parts of a proof in the making.
#[derive(Default)]
struct Named(BTreeMap<String, Vec<u8>>);

impl Named {
    fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), bytes.into());
    }

    /// In the order of the container: capitals sort before small letters, so
    /// `README.txt` is first.
    fn parts(&self) -> Vec<Part<'_>> {
        let parts = self.0.iter();
        parts.map(|(name, bytes)| Part { name, bytes }).collect()
    }

    fn write(&self) -> Result<Vec<u8>, ProofError> {
        container::write(&self.parts())
    }
}

/// The leaves that the verdict names, each with its proof of inclusion.
fn put_leaves(
    pledge: &Pledge,
    inputs: &mut Inputs<'_>,
    parts: &mut Named,
) -> Result<BTreeMap<u64, Event>, ProofError> {
    let mut events = BTreeMap::new();
    for index in leaves::named(pledge, inputs.report) {
        let read = (inputs.leaves)(index..index + 1).map_err(|error| failed(&error))?;
        let [leaf] = <[Vec<u8>; 1]>::try_from(read).map_err(|_| short(index))?;
        let path = (inputs.paths)(index).map_err(|error| failed(&error))?;
        let proof = OfflineProof {
            extra: None,
            index,
            path,
            checkpoint: inputs.checkpoint.to_vec(),
        };
        events.insert(index, leaves::event(index, &leaf)?);
        parts.put(&leaf_name(index), leaf);
        parts.put(&leaf_proof_name(index), proof.to_bytes());
    }
    Ok(events)
}

/// All leaves, if they are within [`LOG_BYTES_MAX`].
fn read_whole_log(inputs: &mut Inputs<'_>, size: u64) -> Result<Option<Vec<Vec<u8>>>, ProofError> {
    let mut leaves = Vec::new();
    let mut bytes = 0;
    let mut next = 0;
    while next < size {
        let end = size.min(next + TILE_WIDTH);
        let read = (inputs.leaves)(next..end).map_err(|error| failed(&error))?;
        if read.len() as u64 != end - next {
            return Err(short(next));
        }
        bytes += read.iter().map(Vec::len).sum::<usize>();
        if bytes > LOG_BYTES_MAX {
            return Ok(None);
        }
        leaves.extend(read);
        next = end;
    }
    Ok(Some(leaves))
}

/// The log as static files, its checkpoint included.
fn put_log(leaves: &[Vec<u8>], checkpoint: &[u8], parts: &mut Named) -> Result<(), ProofError> {
    for (path, bytes) in log_files::files(leaves)? {
        parts.put(&log_name(&path), bytes);
    }
    parts.put(&log_name(CHECKPOINT), checkpoint);
    Ok(())
}

fn predicate(inputs: &Inputs<'_>, head: &Checkpoint) -> Predicate {
    let (as_of, commitments) = open::claims(inputs.report);
    Predicate {
        as_of,
        commitments,
        generator: GENERATOR.to_owned(),
        origin: head.origin().to_owned(),
        place_table: VersionedDigest {
            digest: DigestSet::from_bytes(inputs.places.digest()),
            version: inputs.places.version().to_owned(),
        },
        pledge: Digested::of(inputs.pledge.as_bytes()),
        root: head.root().to_string(),
        tree_size: head.size(),
        verdict: Digested::of(&inputs.report.to_json()),
    }
}

/// Adds the signed statement about all other parts.
fn sign(parts: &mut Named, predicate: Predicate, sign: &Sign<'_>) -> Result<(), ProofError> {
    let subjects = open::subjects(&Parts::new(parts.parts()));
    let payload = Statement::new(subjects, predicate).to_json();
    let signature = sign(&signed_text(&payload)).map_err(|error| ProofError::Signing {
        detail: error.to_string(),
    })?;
    parts.put(STATEMENT, Envelope::new(&payload, signature).to_json());
    Ok(())
}

fn short(index: u64) -> ProofError {
    ProofError::LogUnreadable {
        detail: format!("leaf {index} is missing"),
    }
}
