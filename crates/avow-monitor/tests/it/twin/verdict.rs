//! Section 5: what a commitment comes to, and what of it is shown.

use avow_event::Micros;
use avow_monitor::{
    CommitmentReport, Counts, INSTANCES_SHOWN_MAX, Instance, KEPT_SHOWN_MAX, Pattern, Reason,
    Silence, Verdict,
};

use super::tree::Tree;

impl Tree<'_> {
    pub(super) fn report(self) -> CommitmentReport {
        let from = self.commitment.from;
        let instances = self.instances();
        let coverage = self.coverage();
        let of = |verdict: Verdict| instances.iter().filter(move |i| i.verdict() == verdict);
        let count = |verdict: Verdict| of(verdict).count() as u64;
        let counts = Counts {
            kept: count(Verdict::Kept),
            breached: count(Verdict::Breached),
            pending: count(Verdict::Pending),
            unknown: count(Verdict::Unknown),
        };
        let gaps = coverage.iter().flat_map(|row| &row.gaps);
        let first_gap = gaps.map(|gap| gap.from).min();
        let seen = self
            .sources()
            .into_iter()
            .flat_map(|source| self.happened(source))
            .any(|n| self.eff(n) >= from.get());
        let completeness_shown = seen && coverage.iter().all(|row| row.complete);
        let breaching_gap = first_gap.filter(|_| self.commitment.silence == Silence::Breach);
        let breaches = of(Verdict::Breached).take(INSTANCES_SHOWN_MAX);
        let breaches = breaches.map(breached_at).chain(breaching_gap);
        let unsure = of(Verdict::Unknown).map(|i| i.time).chain(first_gap).min();
        let vacuous = instances.is_empty();
        let recurs = matches!(self.commitment.pattern, Pattern::Every { .. });
        let waits = of(Verdict::Pending).next();
        let (verdict, since) = if let Some(since) = breaches.min() {
            (Verdict::Breached, since.max(from))
        } else if unsure.is_some() || !seen || (vacuous && !completeness_shown) {
            (Verdict::Unknown, unsure.unwrap_or(from).max(from))
        } else if let Some(pending) = waits.filter(|_| !recurs || counts.kept == 0) {
            (Verdict::Pending, pending.time)
        } else {
            (Verdict::Kept, from)
        };
        let shown = [
            (Verdict::Breached, INSTANCES_SHOWN_MAX),
            (Verdict::Unknown, INSTANCES_SHOWN_MAX),
            (Verdict::Pending, INSTANCES_SHOWN_MAX),
            (Verdict::Kept, KEPT_SHOWN_MAX),
        ];
        CommitmentReport {
            id: self.commitment.id.clone(),
            verdict,
            vacuous,
            since,
            counts,
            coverage,
            completeness_shown,
            instances: shown
                .iter()
                .flat_map(|(verdict, most)| of(*verdict).take(*most).copied())
                .collect(),
        }
    }
}

/// The trigger's time; the deadline, if there is one; or when it ended.
fn breached_at(instance: &Instance) -> Micros {
    match instance.reason {
        Reason::NotDone | Reason::Ended => instance.deadline.unwrap(),
        _ => instance.time,
    }
}
