//! What `avow-verify --json` prints: one canonical JSON object.
//!
//! `docs/spec/proof.md`, section 8. Fields stand in the order of their names.

use serde::Serialize;

use crate::envelope::to_canonical;
use crate::error::ProofError;
use crate::summary::Shown;
use crate::verify::Verified;
use crate::wrap::printable;

#[derive(Serialize)]
struct Valid<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    commitments: Vec<Commitment<'a>>,
    generator: &'a str,
    keys: Vec<Key<'a>>,
    not_proved: Vec<&'a str>,
    origin: &'a str,
    place_table: PlaceTable<'a>,
    pledge: Pledge<'a>,
    replayed: bool,
    root: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<String>,
    tree_size: u64,
    valid: bool,
    warnings: Vec<&'a str>,
    witnesses: Vec<Cosigned<'a>>,
}

#[derive(Serialize)]
struct PlaceTable<'a> {
    built_in: bool,
    sha256: &'a str,
    version: String,
}

#[derive(Serialize)]
struct Pledge<'a> {
    given: bool,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Cosigned<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

#[derive(Serialize)]
struct Commitment<'a> {
    completeness_shown: bool,
    counts: Counts,
    gap_count: u64,
    id: &'a str,
    shown: &'a str,
    vacuous: bool,
    verdict: &'a str,
}

#[derive(Serialize)]
struct Counts {
    breached: u64,
    kept: u64,
    pending: u64,
    unknown: u64,
}

#[derive(Serialize)]
struct Key<'a> {
    algorithm: &'a str,
    name: String,
    sha256: String,
    trusted: bool,
}

#[derive(Serialize)]
struct Invalid<'a> {
    error: String,
    hint: &'a str,
    kind: String,
    valid: bool,
}

/// The object for a proof that is valid.
pub fn verified_json(verified: &Verified) -> String {
    let summary = verified.summary();
    let commitments = summary.promises.iter().map(|promise| Commitment {
        completeness_shown: promise.completeness_shown,
        counts: Counts {
            breached: promise.counts.breached,
            kept: promise.counts.kept,
            pending: promise.counts.pending,
            unknown: promise.counts.unknown,
        },
        gap_count: promise.gap_count,
        id: &promise.id,
        shown: match promise.shown {
            Shown::Replayed => "replayed",
            Shown::NamedLeaves => "named_leaves",
            Shown::ClaimedOnly => "claimed_only",
        },
        vacuous: promise.vacuous,
        verdict: promise.verdict.as_str(),
    });
    let keys = verified.keys().iter().map(|key| Key {
        algorithm: key.algorithm(),
        name: key.name(),
        sha256: key.fingerprint(),
        trusted: key.trusted,
    });
    let clock = verified.is_signed_before_its_time();
    let clock = clock.then_some("signed_before_its_time").into_iter();
    let witnesses = verified.witnesses().iter().map(|witness| Cosigned {
        name: &witness.name,
        time: witness.time.map(|time| time.to_string()),
    });
    to_canonical(&Valid {
        as_of: summary.as_of.map(|time| time.to_string()),
        commitments: commitments.collect(),
        generator: verified.generator(),
        keys: keys.collect(),
        not_proved: verified.not_proved().iter().map(|s| s.name()).collect(),
        origin: &summary.origin,
        place_table: PlaceTable {
            built_in: verified.has_own_places(),
            sha256: &summary.places.digest.sha256,
            version: printable(&summary.places.version),
        },
        pledge: Pledge {
            given: verified.has_known_pledge(),
            sha256: &summary.pledge.sha256,
        },
        replayed: verified.is_replayed(),
        root: summary.root.to_string(),
        signed_at: verified.signed_at().map(|time| time.to_string()),
        tree_size: summary.tree_size,
        valid: true,
        warnings: clock.collect(),
        witnesses: witnesses.collect(),
    })
}

/// The object for a proof that is not valid.
pub fn error_json(error: &ProofError) -> String {
    to_canonical(&Invalid {
        error: error.to_string(),
        hint: error.hint(),
        kind: error.name(),
        valid: false,
    })
}
