//! What a commitment comes to, from its instances and its coverage.
//! `docs/spec/pledge.md`, "Semantics", section 5.
//!
//! The monitor makes verdict documents by it, and a verifier holds documents
//! against it, so that there is one rule.

use avow_event::Micros;

use crate::{Counts, Instance, Silence, SourceCoverage, Verdict};

/// What a commitment has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollUp {
    /// What it has come to.
    pub verdict: Verdict,
    /// There was no instance: it has never applied.
    pub vacuous: bool,
    /// Whether there is evidence since the pledge began, and every source in
    /// scope is [complete](SourceCoverage::complete).
    pub completeness_shown: bool,
    /// Since when the verdict holds.
    pub since: Micros,
}

impl RollUp {
    /// Rolls up the instances, of which the first of each verdict have to be
    /// there, in order, and the coverage of a commitment of a pledge that is in
    /// force since `from`.
    pub fn of(
        from: Micros,
        silence: Silence,
        counts: &Counts,
        coverage: &[SourceCoverage],
        instances: &[Instance],
    ) -> Self {
        // What happened before the promise says nothing about keeping it.
        let is_seen = |source: &SourceCoverage| {
            source.events > 0 && source.last.is_some_and(|last| last >= from)
        };
        let nothing_seen = !coverage.iter().any(is_seen);
        let completeness_shown = !nothing_seen && coverage.iter().all(|source| source.complete);
        let has_gap = coverage.iter().any(|source| source.gap_count > 0);
        let gap_breaches = silence == Silence::Breach && has_gap;
        let vacuous = *counts == Counts::default();
        let verdict = if counts.breached > 0 || gap_breaches {
            Verdict::Breached
        } else if counts.unknown > 0 || has_gap || nothing_seen || (vacuous && !completeness_shown)
        {
            Verdict::Unknown
        } else if counts.pending > 0 {
            Verdict::Pending
        } else {
            Verdict::Kept
        };
        let mut first = instances.iter().filter(|i| i.verdict() == verdict);
        let first = first.next().map(|instance| match verdict {
            Verdict::Breached => instance.deadline.unwrap_or(instance.time),
            _ => instance.time,
        });
        let gaps = coverage.iter().flat_map(|source| &source.gaps);
        let first_gap = gaps.map(|gap| gap.from).min();
        let since = match verdict {
            Verdict::Breached => first
                .into_iter()
                .chain(first_gap.filter(|_| gap_breaches))
                .min(),
            Verdict::Unknown => first.into_iter().chain(first_gap).min(),
            Verdict::Pending => first,
            Verdict::Kept => None,
        };
        Self {
            verdict,
            vacuous,
            completeness_shown,
            // A permission that ended before the pledge may have arrived later.
            since: since.unwrap_or(from).max(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_evidence_since_the_promise_nothing_is_kept_whatever_is_counted() {
        let from = Micros::new(1_000).unwrap();
        let kept = Counts {
            kept: 1,
            ..Counts::default()
        };
        let source = |last| SourceCoverage {
            source: "vault".to_owned(),
            declared: Some("vault".to_owned()),
            first: Micros::new(last),
            last: Micros::new(last),
            events: 1,
            late: 0,
            complete: true,
            gap_count: 0,
            gaps: Vec::new(),
        };
        let verdict = |coverage: &[SourceCoverage]| {
            RollUp::of(from, Silence::Unknown, &kept, coverage, &[]).verdict
        };
        assert_eq!(verdict(&[]), Verdict::Unknown);
        assert_eq!(verdict(&[source(999)]), Verdict::Unknown);
        assert_eq!(verdict(&[source(1_000)]), Verdict::Kept);
    }
}
