//! The leaves that a verdict names: each is in the signed tree, and is an event.
//!
//! What they amount to is left to the monitor. `docs/spec/proof.md`, section 6,
//! step 6.

use std::collections::{BTreeMap, BTreeSet};

use avow_event::Event;
use avow_monitor::{Pledge, Report, named_leaves};
use avow_tlog::{Checkpoint, OfflineProof, leaf_hash, verify_inclusion};

use crate::error::ProofError;
use crate::part::{leaf_name, leaf_proof_name};
use crate::parts::Parts;

/// The leaves that a report names: the pledge's publication, and those of the
/// shown instances.
pub(crate) fn named(pledge: &Pledge, report: &Report) -> BTreeSet<u64> {
    let pairs = pledge.commitments.iter().zip(&report.commitments);
    let of_rules = pairs.flat_map(|(commitment, found)| {
        let named = move |instance| named_leaves(commitment, instance);
        found.instances.iter().flat_map(named)
    });
    // Those of a report that does not fit the pledge are looked at, too.
    let instances = report
        .commitments
        .iter()
        .flat_map(|commitment| &commitment.instances);
    instances
        .flat_map(|instance| [Some(instance.leaf), instance.other])
        .chain([report.pledge.published.map(|published| published.leaf)])
        .flatten()
        .chain(of_rules)
        .collect()
}

/// The named leaves as events, each traced to the root of `head`.
pub(crate) fn shown(
    parts: &Parts<'_>,
    pledge: &Pledge,
    report: &Report,
    checkpoint: &[u8],
    head: &Checkpoint,
) -> Result<BTreeMap<u64, Event>, ProofError> {
    named(pledge, report)
        .into_iter()
        .map(|index| Ok((index, leaf(parts, index, checkpoint, head)?)))
        .collect()
}

fn leaf(
    parts: &Parts<'_>,
    index: u64,
    checkpoint: &[u8],
    head: &Checkpoint,
) -> Result<Event, ProofError> {
    let bytes = parts.get(&leaf_name(index))?;
    let malformed = |detail: String| ProofError::InclusionMalformed { index, detail };
    let proof = OfflineProof::parse(parts.get(&leaf_proof_name(index))?)
        .map_err(|error| malformed(error.to_string()))?;
    if proof.extra.is_some() {
        return Err(malformed(
            "it has extra data, which nothing signs".to_owned(),
        ));
    }
    if proof.index != index {
        return Err(ProofError::InclusionIndex {
            index,
            found: proof.index,
        });
    }
    if proof.checkpoint != checkpoint {
        return Err(ProofError::InclusionCheckpoint { index });
    }
    verify_inclusion(
        index,
        head.size(),
        &leaf_hash(bytes),
        &proof.path,
        head.root(),
    )
    .map_err(|_| ProofError::InclusionFails { index })?;
    event(index, bytes)
}

/// A leaf of the log as an event.
pub(crate) fn event(index: u64, leaf: &[u8]) -> Result<Event, ProofError> {
    Event::from_leaf(leaf).map_err(|error| ProofError::LeafMalformed {
        index,
        detail: error.to_string(),
    })
}
