//! What a verdict document says, held against the leaves that it names and
//! against itself.
//!
//! The rules are the monitor's; here stands only what a reader without the log
//! can ask of a document. `docs/spec/proof.md`, section 6, step 7.

use std::collections::BTreeMap;

use avow_event::{Event, Micros};
use avow_monitor::{
    Commitment, CommitmentReport, INSTANCES_SHOWN_MAX, KEPT_SHOWN_MAX, Pledge, PledgeName,
    Published, Report, RollUp, Verdict, check_shown, published_digest,
};

use crate::coverage::check_coverage;
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
        amends: pledge.amends,
        published: report.pledge.published,
    };
    if report.pledge != name {
        return Err(unfounded("it does not name the pledge as the pledge does"));
    }
    if let Some(published) = &report.pledge.published {
        check_published(pledge, published, events)?;
    }
    let ids = pledge.commitments.iter().map(|commitment| &commitment.id);
    if !ids.eq(report.commitments.iter().map(|found| &found.id)) {
        return Err(unfounded("its commitments are not the pledge's"));
    }
    // Leaves that only publish pledges tell no time.
    if report.as_of.is_some() && report.tree.size == 0 {
        return Err(unfounded("its time does not fit the size of the tree"));
    }
    let as_of = report.as_of.unwrap_or(Micros::MIN);
    let pairs = pledge.commitments.iter().zip(&report.commitments);
    pairs
        .map(|(commitment, found)| {
            let about = |what: &str| unfounded(&format!("commitment `{}`: {what}", found.id));
            check_coverage(pledge, as_of, commitment, found).map_err(about)?;
            let since = check_roll_up(commitment, found).map_err(about)?;
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
            if found.since != since {
                return Err(about("it has another time since when"));
            }
            Ok(shown)
        })
        .collect()
}

/// The leaf publishes this pledge, at that time. That there is none before it
/// takes the whole log; an earlier one could only speak for the operator.
fn check_published(
    pledge: &Pledge,
    published: &Published,
    events: &BTreeMap<u64, Event>,
) -> Result<(), ProofError> {
    let event = events.get(&published.leaf);
    let found = event.is_some_and(|event| {
        published_digest(event) == Some(pledge.digest)
            && event.logged.unwrap_or(event.time) == published.time
    });
    if found {
        Ok(())
    } else {
        Err(unfounded("the leaf does not publish the pledge"))
    }
}

/// The commitment's verdict is what its counts and its coverage come to; since
/// when it holds, if its instances are what they are said to be.
fn check_roll_up(
    commitment: &Commitment,
    found: &CommitmentReport,
) -> Result<Micros, &'static str> {
    let counts = &found.counts;
    let all = [counts.kept, counts.breached, counts.pending, counts.unknown];
    // A forged document could make the sum overflow.
    let total = all.iter().try_fold(0u64, |sum, n| sum.checked_add(*n));
    let total = total.ok_or("its counts are not possible")?;
    if found.vacuous != (total == 0) {
        return Err("its counts do not fit `vacuous`");
    }
    let all = RollUp::of(commitment, counts, &found.coverage, &found.instances);
    if found.completeness_shown != all.completeness_shown {
        return Err("its coverage does not fit `completeness_shown`");
    }
    if found.verdict != all.verdict {
        return Err("its verdict does not follow from its counts and coverage");
    }
    Ok(all.since)
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
        .map(|i| (rank(i.verdict()), i.time, i.leaf, i.each));
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
