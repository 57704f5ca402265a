//! For each promise that is breached or unknown, its first reason in one
//! plain sentence.

use std::collections::BTreeMap;

use avow_event::Event;
use avow_log::Log;
use avow_monitor::{
    CommitmentReport, Gap, GapKind, Instance, Language as Tongue, Pledge, Report, Texts, Verdict,
    explain, named_leaves,
};

use crate::failure::{Failure, Result};
use crate::language::{Language, Text};
use crate::messages as say;
use crate::recording::log_failure;
use crate::verdict_page::short;

/// Why a promise is not simply kept.
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) verdict: Verdict,
    /// The leaf that it is about; none where evidence is missing.
    pub(crate) leaf: Option<u64>,
    pub(crate) sentence: Texts,
}

/// The findings of a report, in the order of the pledge.
pub(crate) fn of_log(log: &Log, pledge: &Pledge, report: &Report) -> Result<Vec<Finding>> {
    let mut events = BTreeMap::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        if let Some(instance) = first(found) {
            for leaf in named_leaves(commitment, instance) {
                events.insert(leaf, read(log, leaf)?);
            }
        }
    }
    Ok(of(&events, pledge, report))
}

/// The findings of a report whose events are at hand.
pub(crate) fn of(events: &BTreeMap<u64, Event>, pledge: &Pledge, report: &Report) -> Vec<Finding> {
    let lookup = |leaf: u64| events.get(&leaf).cloned();
    let mut findings = Vec::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        if !matches!(found.verdict, Verdict::Breached | Verdict::Unknown) {
            continue;
        }
        let said = match first(found) {
            Some(instance) => {
                both(|tongue, _| explain::sentence(commitment, instance, &lookup, tongue))
            }
            None => both(|_, language| of_gaps(found, language)),
        };
        findings.push(Finding {
            id: found.id.clone(),
            verdict: found.verdict,
            leaf: first(found).map(|instance| instance.leaf),
            sentence: with_gaps(said, found),
        });
    }
    // A breach weighs more than what nobody can say.
    findings.sort_by_key(|finding| finding.verdict != Verdict::Breached);
    findings
}

pub(crate) fn both(say: impl Fn(Tongue, Language) -> String) -> Texts {
    Texts {
        en: say(Tongue::English, Language::English),
        zh: say(Tongue::Chinese, Language::Chinese),
    }
}

/// The first instance that is a reason for the commitment's verdict.
fn first(found: &CommitmentReport) -> Option<&Instance> {
    let reason = |instance: &&Instance| instance.verdict() == found.verdict;
    found.instances.iter().find(reason)
}

/// Which evidence is missing first, where the verdict is `unknown`: that an
/// instance cannot be judged says nothing about who was silent.
fn with_gaps(said: Texts, found: &CommitmentReport) -> Texts {
    let has_gap = found.coverage.iter().any(|source| !source.gaps.is_empty());
    if found.verdict != Verdict::Unknown || !has_gap || first(found).is_none() {
        return said;
    }
    Texts {
        en: format!(
            "{}; {}",
            said.en.trim_end_matches('.'),
            of_gaps(found, Language::English)
        ),
        zh: format!(
            "{}；{}",
            said.zh.trim_end_matches('。'),
            of_gaps(found, Language::Chinese)
        ),
    }
}

/// The first gap in a sentence, or that there was nothing at all.
fn of_gaps(found: &CommitmentReport, language: Language) -> String {
    let gaps = found.coverage.iter().flat_map(|source| {
        let name = source.source.as_str();
        source.gaps.iter().map(move |gap| (name, gap))
    });
    let first: Option<(&str, &Gap)> = gaps.min_by_key(|(_, gap)| gap.from);
    match first {
        Some((source, gap)) => {
            let (from, to) = (short(gap.from), short(gap.to));
            let values = [("source", source), ("from", &from), ("to", &to)];
            of_kind(gap.kind).fill(language, &values)
        }
        None => say::FOUND_NOTHING.get(language).to_owned(),
    }
}

/// By the names of the verdict document, so that a kind that is new there is
/// told as a gap until it has a sentence of its own.
fn of_kind(kind: GapKind) -> Text {
    match kind.as_str() {
        "missing" => say::GAP_MISSING,
        "silence" => say::GAP_SILENCE,
        "sequence" => say::GAP_SEQUENCE,
        "reported" => say::GAP_REPORTED,
        "ahead" => say::GAP_AHEAD,
        _ => say::GAP_OTHER,
    }
}

fn read(log: &Log, leaf: u64) -> Result<Event> {
    let mut leaves = log.leaves(leaf..leaf + 1).map_err(log_failure)?;
    let bytes = match leaves.next() {
        Some(bytes) => bytes.map_err(log_failure)?,
        None => return Err(Failure::bug(format!("leaf {leaf} is named and not there"))),
    };
    Event::from_leaf(&bytes).map_err(|e| Failure::bug(format!("read leaf {leaf}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_gap_has_a_sentence_of_its_own() {
        for kind in GapKind::ALL {
            assert_ne!(of_kind(kind).en, say::GAP_OTHER.en, "{kind:?}");
        }
    }
}
