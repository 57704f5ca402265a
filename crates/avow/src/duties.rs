//! Commitments that make up one duty, and what the duty comes to.
//!
//! A duty is a word of the pledge only: the monitor and the proof know
//! commitments, and this is derived from theirs. `docs/spec/pledge.md`,
//! `[[commitment]]`.

use avow_monitor::{Commitment, CommitmentReport, Pledge, Report, Verdict};

/// A commitment and what was found about it.
pub(crate) type Judged<'a> = (&'a Commitment, &'a CommitmentReport);

/// Commitments that are shown together: those of a duty, or one of none.
pub(crate) struct Group<'a> {
    /// The duty's name.
    pub(crate) duty: Option<&'a str>,
    /// Its commitments in the order of the pledge; at least one.
    pub(crate) commitments: Vec<Judged<'a>>,
}

impl Group<'_> {
    /// The worst of the verdicts.
    pub(crate) fn verdict(&self) -> Verdict {
        let found = self.commitments.iter().map(|(_, found)| found.verdict);
        found
            .min_by_key(|verdict| rank(*verdict))
            .unwrap_or(Verdict::Kept)
    }
}

/// The worst first.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Breached => 0,
        Verdict::Unknown => 1,
        Verdict::Pending => 2,
        Verdict::Kept => 3,
    }
}

/// All commitments in groups, each where its first commitment stands.
pub(crate) fn groups<'a>(pledge: &'a Pledge, report: &'a Report) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for judged in pledge.commitments.iter().zip(&report.commitments) {
        let duty = judged.0.duty.as_deref();
        let known = groups
            .iter_mut()
            .find(|group| duty.is_some() && group.duty == duty);
        match known {
            Some(group) => group.commitments.push(judged),
            None => groups.push(Group {
                duty,
                commitments: vec![judged],
            }),
        }
    }
    groups
}
