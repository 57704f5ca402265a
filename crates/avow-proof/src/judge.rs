//! What a verdict document says, held against the leaves that it names and
//! against itself.
//!
//! The rules are the monitor's; here stands only what a reader without the log
//! can ask of a document. `docs/spec/proof.md`, section 6, step 7.

use std::collections::BTreeMap;

use avow_event::{Event, Micros};
use avow_monitor::{
    Commitment, CommitmentReport, INSTANCES_SHOWN_MAX, KEPT_SHOWN_MAX, Pledge, PledgeName, Report,
    Silence, Verdict, check_shown,
};

use crate::coverage::{check_coverage, is_seen};
use crate::error::ProofError;
use crate::summary::Shown;

/// Checks the document, and says how each commitment's verdict is shown.
pub(crate) fn judge(
    pledge: &Pledge,
    report: &Report,
    events: &BTreeMap<u64, Event>,
) -> Result<Vec<Shown>, ProofError> {
    let name = PledgeName {
        digest: pledge.digest,
        title: pledge.title.clone(),
        by: pledge.by.clone(),
        to: pledge.to.clone(),
        from: pledge.from,
    };
    if report.pledge != name {
        return Err(unfounded("it does not name the pledge as the pledge does"));
    }
    let ids = pledge.commitments.iter().map(|commitment| &commitment.id);
    if !ids.eq(report.commitments.iter().map(|found| &found.id)) {
        return Err(unfounded("its commitments are not the pledge's"));
    }
    if report.as_of.is_some() != (report.tree.size > 0) {
        return Err(unfounded("its time does not fit the size of the tree"));
    }
    let as_of = report.as_of.unwrap_or(Micros::MIN);
    let pairs = pledge.commitments.iter().zip(&report.commitments);
    pairs
        .map(|(commitment, found)| {
            let about = |what: &str| unfounded(&format!("commitment `{}`: {what}", found.id));
            check_coverage(pledge, as_of, commitment, found).map_err(about)?;
            check_roll_up(pledge, commitment, found).map_err(about)?;
            check_order(found).map_err(about)?;
            let mut shown = Shown::ClaimedOnly;
            for instance in &found.instances {
                let lookup = |leaf| events.get(&leaf).cloned();
                let basis = check_shown(pledge, as_of, &found.id, instance, &lookup)
                    .map_err(|mismatch| about(&format!("leaf {}: {mismatch}", instance.leaf)))?;
                // One breach that a leaf shows by itself is enough. That there
                // is none, no number of leaves can show.
                if instance.verdict() == Verdict::Breached && basis.is_complete() {
                    shown = Shown::NamedLeaves;
                }
            }
            check_since(pledge, commitment, found).map_err(about)?;
            Ok(shown)
        })
        .collect()
}

/// The commitment's verdict is what its counts and its coverage come to.
fn check_roll_up(
    pledge: &Pledge,
    commitment: &Commitment,
    found: &CommitmentReport,
) -> Result<(), &'static str> {
    let counts = &found.counts;
    let all = [counts.kept, counts.breached, counts.pending, counts.unknown];
    // A forged document could make the sum overflow.
    let total = all.iter().try_fold(0u64, |sum, n| sum.checked_add(*n));
    let total = total.ok_or("its counts are not possible")?;
    if found.vacuous != (total == 0) {
        return Err("its counts do not fit `vacuous`");
    }
    let has_gap = found.coverage.iter().any(|source| source.gap_count > 0);
    let nothing_seen = !found.coverage.iter().any(|source| is_seen(pledge, source));
    let complete = !nothing_seen && found.coverage.iter().all(|source| source.complete);
    if found.completeness_shown != complete {
        return Err("its coverage does not fit `completeness_shown`");
    }
    let gap_breaches = commitment.silence == Silence::Breach && has_gap;
    let verdict = if counts.breached > 0 || gap_breaches {
        Verdict::Breached
    } else if counts.unknown > 0 || has_gap || nothing_seen || (found.vacuous && !complete) {
        Verdict::Unknown
    } else if counts.pending > 0 {
        Verdict::Pending
    } else {
        Verdict::Kept
    };
    if found.verdict != verdict {
        return Err("its verdict does not follow from its counts and coverage");
    }
    Ok(())
}

/// The verdict has held since the first instance or gap that it rests on.
fn check_since(
    pledge: &Pledge,
    commitment: &Commitment,
    found: &CommitmentReport,
) -> Result<(), &'static str> {
    let first = |verdict| {
        let mut instances = found.instances.iter();
        instances.find(|instance| instance.verdict() == verdict)
    };
    let gaps = found.coverage.iter().flat_map(|source| &source.gaps);
    let first_gap = gaps.map(|gap| gap.from).min();
    let since = match found.verdict {
        Verdict::Breached => {
            let breach = first(Verdict::Breached).map(|i| i.deadline.unwrap_or(i.time));
            let gap = first_gap.filter(|_| commitment.silence == Silence::Breach);
            breach.into_iter().chain(gap).min()
        }
        Verdict::Unknown => {
            let unknown = first(Verdict::Unknown).map(|i| i.time);
            unknown.into_iter().chain(first_gap).min()
        }
        Verdict::Pending => first(Verdict::Pending).map(|i| i.time),
        Verdict::Kept => None,
    };
    // A permission that ended before the pledge may have arrived later.
    if found.since != since.unwrap_or(pledge.from).max(pledge.from) {
        return Err("it has another time since when");
    }
    Ok(())
}

/// The instances are as many as are shown of that many, and in order.
fn check_order(found: &CommitmentReport) -> Result<(), &'static str> {
    let most = |verdict| match verdict {
        Verdict::Kept => KEPT_SHOWN_MAX,
        Verdict::Breached | Verdict::Pending | Verdict::Unknown => INSTANCES_SHOWN_MAX,
    };
    for verdict in Verdict::ALL {
        let shown = found.instances.iter().filter(|i| i.verdict() == verdict);
        let count = usize::try_from(found.counts.of(verdict)).unwrap_or(usize::MAX);
        if shown.count() != count.min(most(verdict)) {
            return Err("it does not show as many instances as it should");
        }
    }
    let rank = |verdict| match verdict {
        Verdict::Breached => 0,
        Verdict::Unknown => 1,
        Verdict::Pending => 2,
        Verdict::Kept => 3,
    };
    let keys = found
        .instances
        .iter()
        .map(|i| (rank(i.verdict()), i.time, i.leaf));
    if !keys.is_sorted_by(|a, b| a < b) {
        return Err("its instances are not in order");
    }
    Ok(())
}

fn unfounded(detail: &str) -> ProofError {
    ProofError::VerdictUnfounded {
        detail: detail.to_owned(),
    }
}
