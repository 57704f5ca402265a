//! The monitor and its twin agree, on every prefix and whatever the batches;
//! and what has been judged stays.

use avow_event::{Event, PlaceTable};
use std::collections::BTreeSet;

use avow_monitor::{GapKind, Instance, Monitor, Pledge, Reason, Report, Verdict};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::random_log::{log, orderly_log, random_pledge};
use crate::twin::Twin;

fn report_at_once(pledge: &Pledge, events: &[Event], batch: usize) -> Report {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), batch);
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    monitor.report(events.len() as u64, [0; 32])
}

/// The bytes of the verdict document.
fn document(pledge: &Pledge, events: &[Event], batch: usize) -> String {
    let bytes = report_at_once(pledge, events, batch).to_json();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_generators_reach_every_reason_and_every_kind_of_gap() {
    let mut runner = TestRunner::deterministic();
    let mut reasons = BTreeSet::new();
    let mut verdicts = BTreeSet::new();
    let mut gaps = BTreeSet::new();
    for _ in 0..600 {
        let case = (random_pledge(), log()).new_tree(&mut runner).unwrap();
        let (pledge, events) = case.current();
        let report = report_at_once(&pledge, &events, 8_192);
        for commitment in report.commitments {
            reasons.extend(commitment.instances.iter().map(|i| i.reason));
            verdicts.insert((commitment.verdict, commitment.vacuous));
            let coverage = commitment.coverage.iter();
            gaps.extend(coverage.flat_map(|c| &c.gaps).map(|gap| gap.kind));
        }
    }
    assert_eq!(reasons, Reason::ALL.into_iter().collect());
    assert_eq!(gaps, GapKind::ALL.into_iter().collect());
    for verdict in Verdict::ALL {
        assert!(verdicts.contains(&(verdict, false)), "{verdict:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn monitor_and_twin_agree_on_every_prefix(pledge in random_pledge(), events in log()) {
        let mut monitor = Monitor::with_batch_rows(&pledge, &PlaceTable::built_in(), 3);
        for leaves in 0..=events.len() {
            let twin = Twin { pledge: &pledge, events: &events[..leaves] };
            let report = monitor.report(leaves as u64, [0; 32]);
            for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
                prop_assert_eq!(found, &twin.report(commitment), "after {} leaves", leaves);
            }
            if let Some(event) = events.get(leaves) {
                monitor.push(leaves as u64, event);
            }
        }
    }

    #[test]
    fn the_batch_size_does_not_show(pledge in random_pledge(), events in log()) {
        let one = report_at_once(&pledge, &events, 1);
        for batch in [2, 7, 64, 8_192] {
            prop_assert_eq!(&one, &report_at_once(&pledge, &events, batch), "batches of {}", batch);
        }
    }

    #[test]
    fn what_was_judged_stays(pledge in random_pledge(), events in log()) {
        for commitment in &pledge.commitments {
            let mut before: Vec<Instance> = Vec::new();
            for leaves in 1..=events.len() {
                let twin = Twin { pledge: &pledge, events: &events[..leaves] };
                let now = twin.instances(commitment);
                for old in before.iter().filter(|old| old.verdict() != Verdict::Pending) {
                    let new = now.iter().find(|new| new.leaf == old.leaf);
                    prop_assert_eq!(new.map(Instance::verdict), Some(old.verdict()));
                }
                before = now;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_looked_at_together_is_judged_as_alone(
        pledge in random_pledge(),
        events in orderly_log(400),
    ) {
        let one = document(&pledge, &events, 1);
        for batch in [64, 100, 8_192] {
            prop_assert_eq!(&one, &document(&pledge, &events, batch), "batches of {}", batch);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // The twin takes a second for so long a log.
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn monitor_and_twin_agree_on_long_orderly_logs(
        pledge in random_pledge(),
        events in orderly_log(160),
    ) {
        let report = report_at_once(&pledge, &events, 8_192);
        let twin = Twin { pledge: &pledge, events: &events };
        for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
            prop_assert_eq!(found, &twin.report(commitment));
        }
    }
}
