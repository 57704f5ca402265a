//! What a commitment comes to, from its instances and its coverage.
//! `docs/spec/pledge.md`, "Semantics", section 5.
//!
//! The monitor makes verdict documents by it, and a verifier holds documents
//! against it, so that there is one rule.

use avow_event::Micros;

use crate::{Commitment, Counts, Instance, Pattern, Silence, SourceCoverage, Verdict};

/// What a commitment has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollUp {
    /// What it has come to.
    pub verdict: Verdict,
    /// There was no instance: it has never applied.
    pub vacuous: bool,
    /// Whether there is evidence since the promise began, and every source in
    /// scope is [complete](SourceCoverage::complete).
    pub completeness_shown: bool,
    /// Since when the verdict holds.
    pub since: Micros,
}

impl RollUp {
    /// Rolls up the instances, of which the first of each verdict have to be
    /// there, in order, and the coverage of a commitment.
    pub fn of(
        commitment: &Commitment,
        counts: &Counts,
        coverage: &[SourceCoverage],
        instances: &[Instance],
    ) -> Self {
        let from = commitment.from;
        // What happened before the promise says nothing about keeping it.
        let is_seen = |source: &SourceCoverage| {
            source.events > 0 && source.last.is_some_and(|last| last >= from)
        };
        let nothing_seen = !coverage.iter().any(is_seen);
        let completeness_shown = !nothing_seen && coverage.iter().all(|source| source.complete);
        let has_gap = coverage.iter().any(|source| source.gap_count > 0);
        let gap_breaches = commitment.silence == Silence::Breach && has_gap;
        // The last period of what recurs is always running.
        let recurs = matches!(commitment.pattern, Pattern::Every { .. });
        let vacuous = *counts == Counts::default();
        let verdict = if counts.breached > 0 || gap_breaches {
            Verdict::Breached
        } else if counts.unknown > 0 || has_gap || nothing_seen || (vacuous && !completeness_shown)
        {
            Verdict::Unknown
        } else if counts.pending > 0 && !(recurs && counts.kept > 0) {
            Verdict::Pending
        } else {
            Verdict::Kept
        };
        let of_it = instances.iter().filter(|i| i.verdict() == verdict);
        // Of duties whose deadlines lie apart, not the first arises that is
        // breached first.
        let times = of_it.map(|instance| match verdict {
            Verdict::Breached => instance.deadline.unwrap_or(instance.time),
            _ => instance.time,
        });
        let first = times.min();
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
    use crate::{Duration, Predicate, Register, Texts};

    fn commitment(from: Micros, pattern: Pattern) -> Commitment {
        Commitment {
            id: "a".to_owned(),
            says: Texts {
                en: String::new(),
                zh: String::new(),
            },
            article: None,
            duty: None,
            from,
            to: None,
            sources: Vec::new(),
            silence: Silence::Unknown,
            pattern,
            examples: Vec::new(),
        }
    }

    fn source(last: i64) -> SourceCoverage {
        SourceCoverage {
            source: "vault".to_owned(),
            declared: Some("vault".to_owned()),
            first: Micros::new(last),
            last: Micros::new(last),
            events: 1,
            late: 0,
            complete: true,
            gap_count: 0,
            gaps: Vec::new(),
        }
    }

    #[test]
    fn a_running_period_leaves_what_recurs_kept_and_another_duty_pending() {
        let from = Micros::new(0).unwrap();
        let counts = |kept| Counts {
            kept,
            pending: 1,
            ..Counts::default()
        };
        let never = Pattern::Never {
            when: None,
            never: Predicate::Constant(false),
        };
        let every = Pattern::Every {
            happens: Predicate::Constant(true),
            every: Duration::of_micros(1),
            register: Register::One,
            same: Vec::new(),
        };
        let verdict = |pattern: &Pattern, kept| {
            let commitment = commitment(from, pattern.clone());
            RollUp::of(&commitment, &counts(kept), &[source(0)], &[]).verdict
        };
        assert_eq!(verdict(&never, 1), Verdict::Pending);
        assert_eq!(verdict(&every, 1), Verdict::Kept);
        assert_eq!(verdict(&every, 0), Verdict::Pending);
    }

    #[test]
    fn without_evidence_since_the_promise_nothing_is_kept_whatever_is_counted() {
        let from = Micros::new(1_000).unwrap();
        let kept = Counts {
            kept: 1,
            ..Counts::default()
        };
        let never = Pattern::Never {
            when: None,
            never: Predicate::Constant(false),
        };
        let commitment = commitment(from, never);
        let verdict =
            |coverage: &[SourceCoverage]| RollUp::of(&commitment, &kept, coverage, &[]).verdict;
        assert_eq!(verdict(&[]), Verdict::Unknown);
        assert_eq!(verdict(&[source(999)]), Verdict::Unknown);
        assert_eq!(verdict(&[source(1_000)]), Verdict::Kept);
    }
}
