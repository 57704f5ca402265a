//! A report as JSON for programs: stable keys, everything that the page shows.
//! The verdict document itself, byte for byte, is in the proof.

use std::path::Path;

use avow_monitor::{CommitmentReport, Pledge, Report};
use serde_json::{Value, json};

use crate::duties;
use crate::finding::Finding;
use crate::language::Text;

/// A report and its findings.
pub(crate) fn report(pledge: &Pledge, report: &Report, findings: &[Finding]) -> Value {
    let commitments: Vec<Value> = pledge
        .commitments
        .iter()
        .zip(&report.commitments)
        .map(|(promised, found)| {
            let finding = findings.iter().find(|finding| finding.id == found.id);
            let mut object = commitment(found);
            if let Some(object) = object.as_object_mut() {
                let says = json!({ "en": promised.says.en, "zh": promised.says.zh });
                object.insert("says".to_owned(), says);
                object.insert("duty".to_owned(), json!(promised.duty));
                let first = finding.map(|finding| {
                    let sentence = &finding.sentence;
                    json!({ "leaf": finding.leaf, "en": sentence.en, "zh": sentence.zh })
                });
                object.insert("finding".to_owned(), json!(first));
            }
            object
        })
        .collect();
    json!({
        "title": { "en": pledge.title.en, "zh": pledge.title.zh },
        "by": pledge.by,
        "to": pledge.to,
        "from": pledge.from.to_string(),
        "amends": pledge.amends.as_ref().map(digest),
        "published": report.pledge.published.map(|published| {
            json!({ "leaf": published.leaf, "time": published.time.to_string() })
        }),
        "as_of": report.as_of.map(|time| time.to_string()),
        "commitments": commitments,
        "duties": duties(pledge, report),
    })
}

/// The duties that are named, with the worst verdict of their commitments.
fn duties(pledge: &Pledge, report: &Report) -> Vec<Value> {
    let groups = duties::groups(pledge, report);
    let named = groups.iter().filter_map(|group| Some((group.duty?, group)));
    named
        .map(|(duty, group)| {
            let ids = group.commitments.iter().map(|(promised, _)| &promised.id);
            json!({
                "duty": duty,
                "verdict": group.verdict().as_str(),
                "commitments": ids.collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// As in a pledge: the algorithm, then 64 digits.
pub(crate) fn digest(digest: &[u8; 32]) -> String {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

fn commitment(found: &CommitmentReport) -> Value {
    let sources: Vec<Value> = found
        .coverage
        .iter()
        .map(|source| {
            json!({
                "source": source.source,
                "events": source.events,
                "late": source.late,
                "gaps": source.gap_count,
                "complete": source.complete,
            })
        })
        .collect();
    json!({
        "id": found.id,
        "verdict": found.verdict.as_str(),
        "since": found.since.to_string(),
        "vacuous": found.vacuous,
        "counts": {
            "kept": found.counts.kept,
            "breached": found.counts.breached,
            "pending": found.counts.pending,
            "unknown": found.counts.unknown,
        },
        "coverage": { "complete": found.completeness_shown, "sources": sources },
    })
}

/// Adds a member to an object.
pub(crate) fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// Where the proof is and how it is checked.
pub(crate) fn proof(path: &Path, bytes: usize, check: &str) -> Value {
    json!({ "file": path.display().to_string(), "bytes": bytes, "check": check })
}

/// What the result does not show.
pub(crate) fn limits(limits: &[Text]) -> Value {
    let limits = limits.iter();
    limits
        .map(|limit| json!({ "en": limit.en, "zh": limit.zh }))
        .collect()
}
