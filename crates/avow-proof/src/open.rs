//! From bytes to signed claims: container, envelope, keys, checkpoint, digests.
//!
//! What comes out is authentic under the keys named; whether it is so is left
//! to `leaves` and `replay`. `docs/spec/proof.md`, section 6, steps 1 to 5.

use avow_event::PlaceTable;
use avow_monitor::{Pledge, Report};
use avow_tlog::{Checkpoint, SignedBy, Verified};

use crate::container;
use crate::envelope::Envelope;
use crate::error::ProofError;
use crate::part::{CHECKPOINT, PLACES, PLEDGE, POLICY, README, STATEMENT, VERDICT};
use crate::parts::{Parts, missing};
use crate::statement::{Claim, DigestSet, Digested, Predicate, Statement, Subject};
use crate::trust::{LogKey, LogKeys, Trust};

/// A proof whose signatures and digests were checked.
pub(crate) struct Opened<'a> {
    pub(crate) parts: Parts<'a>,
    /// Which release wrote the parts that follow from the others.
    pub(crate) generator: String,
    pub(crate) keys: [LogKey; 2],
    /// The signed note, byte for byte.
    pub(crate) checkpoint: &'a [u8],
    pub(crate) head: Verified<Checkpoint>,
    /// Who cosigned it, if the relying party asks for a quorum.
    pub(crate) witnesses: Option<Vec<SignedBy>>,
    pub(crate) pledge: Pledge,
    pub(crate) places: PlaceTable,
    pub(crate) report: Report,
    pub(crate) verdict: &'a [u8],
}

/// Reads a proof and checks who signed what.
pub(crate) fn open<'a>(file: &'a [u8], trust: &Trust) -> Result<Opened<'a>, ProofError> {
    let parts = Parts::new(container::read(file)?);
    if !parts.has(README) {
        return Err(missing(README));
    }
    let envelope = Envelope::parse(parts.get(STATEMENT)?)?;
    let log_keys = LogKeys::parse(parts.get(POLICY)?)?;
    let checkpoint = parts.get(CHECKPOINT)?;
    let keys = log_keys.compare(trust)?;
    let head = log_keys.open(checkpoint, trust)?;
    let witnesses = trust.witnesses(checkpoint)?;
    let statement = Statement::parse(envelope.open(&[&log_keys.ed25519])?.as_bytes())?;
    check_subjects(&parts, &statement.subject)?;

    let claimed = &statement.predicate;
    check_head(claimed, head.get())?;
    let places = open_places(&parts, claimed)?;
    let pledge = open_pledge(&parts, claimed, &places)?;
    let verdict = parts.get(VERDICT)?;
    if claimed.verdict != Digested::of(verdict) {
        return Err(ProofError::VerdictDigest);
    }
    let report = Report::from_json(verdict).map_err(|error| ProofError::VerdictMalformed {
        detail: error.to_string(),
    })?;
    check_report(claimed, &report, head.get())?;
    Ok(Opened {
        generator: claimed.generator.clone(),
        parts,
        keys,
        checkpoint,
        head,
        witnesses,
        pledge,
        places,
        report,
        verdict,
    })
}

/// What a statement has to say about these parts.
pub(crate) fn subjects(parts: &Parts<'_>) -> Vec<Subject> {
    parts
        .iter()
        .filter(|part| part.name != STATEMENT)
        .map(|part| Subject {
            digest: DigestSet::of(part.bytes),
            name: part.name.to_owned(),
        })
        .collect()
}

/// What a statement has to say about this verdict document.
pub(crate) fn claims(report: &Report) -> (Option<String>, Vec<Claim>) {
    let commitments = report.commitments.iter().map(|commitment| Claim {
        id: commitment.id.clone(),
        verdict: commitment.verdict.as_str().to_owned(),
    });
    let as_of = report.as_of.map(|time| time.to_string());
    (as_of, commitments.collect())
}

/// The signed list of parts is the list of parts, byte for byte.
fn check_subjects(parts: &Parts<'_>, signed: &[Subject]) -> Result<(), ProofError> {
    let ascending = signed.windows(2).all(|pair| match pair {
        [a, b] => a.name < b.name,
        _ => true,
    });
    if !ascending {
        return Err(ProofError::StatementMalformed {
            detail: "its subjects are not in order".to_owned(),
        });
    }
    let present = subjects(parts);
    let absent = |subject: &&Subject| find(&present, &subject.name).is_none();
    if let Some(subject) = signed.iter().find(absent) {
        return Err(missing(&subject.name));
    }
    for subject in present {
        let name = subject.name.clone();
        match find(signed, &name) {
            None => return Err(ProofError::PartUnknown { name }),
            Some(signed) if *signed != subject => return Err(ProofError::PartDigest { name }),
            Some(_) => {}
        }
    }
    Ok(())
}

/// The subject of that name among subjects in ascending order.
fn find<'a>(subjects: &'a [Subject], name: &str) -> Option<&'a Subject> {
    let at = subjects.binary_search_by(|subject| subject.name.as_str().cmp(name));
    at.ok().and_then(|at| subjects.get(at))
}

fn check_head(claimed: &Predicate, head: &Checkpoint) -> Result<(), ProofError> {
    if claimed.origin != head.origin() {
        return Err(ProofError::Origin {
            found: head.origin().to_owned(),
            expected: claimed.origin.clone(),
        });
    }
    check_size(claimed.tree_size, head)?;
    if claimed.root != head.root().to_string() {
        return Err(ProofError::Root);
    }
    Ok(())
}

fn check_size(found: u64, head: &Checkpoint) -> Result<(), ProofError> {
    if found == head.size() {
        return Ok(());
    }
    Err(ProofError::TreeSize {
        found,
        signed: head.size(),
    })
}

fn open_pledge(
    parts: &Parts<'_>,
    claimed: &Predicate,
    places: &PlaceTable,
) -> Result<Pledge, ProofError> {
    let bytes = parts.get(PLEDGE)?;
    if claimed.pledge != Digested::of(bytes) {
        return Err(ProofError::PledgeDigest);
    }
    parse_pledge(bytes, places)
}

/// Reads a pledge; the first thing wrong with it is the error.
pub(crate) fn parse_pledge(bytes: &[u8], places: &PlaceTable) -> Result<Pledge, ProofError> {
    let unreadable = |detail: String| ProofError::PledgeUnreadable { detail };
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    Pledge::parse(text, places).map_err(|found| {
        let first = found.first();
        unreadable(first.map_or_else(String::new, |first| {
            let (line, column) = first.position(text);
            format!("line {line}, column {column}: {}", first.message)
        }))
    })
}

fn open_places(parts: &Parts<'_>, claimed: &Predicate) -> Result<PlaceTable, ProofError> {
    let unreadable = |detail: String| ProofError::PlaceTableUnreadable { detail };
    let bytes = parts.get(PLACES)?;
    if claimed.place_table.digest != DigestSet::of(bytes) {
        return Err(ProofError::PlaceTableDigest);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    let places = PlaceTable::parse(text).map_err(|error| unreadable(error.to_string()))?;
    if places.version() != claimed.place_table.version {
        return Err(ProofError::PlaceTableVersion {
            found: claimed.place_table.version.clone(),
        });
    }
    Ok(places)
}

/// The statement's summary is that of the document, and both are of this tree.
fn check_report(claimed: &Predicate, report: &Report, head: &Checkpoint) -> Result<(), ProofError> {
    check_size(report.tree.size, head)?;
    let (as_of, commitments) = claims(report);
    let same_inputs = DigestSet::from_bytes(report.pledge.digest) == claimed.pledge.digest
        && DigestSet::from_bytes(report.places.digest) == claimed.place_table.digest
        && report.places.version == claimed.place_table.version
        && report.tree.root == *head.root().as_bytes();
    if same_inputs && as_of == claimed.as_of && commitments == claimed.commitments {
        return Ok(());
    }
    Err(ProofError::VerdictSummary)
}
