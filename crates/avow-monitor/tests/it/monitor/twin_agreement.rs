//! The monitor and its twin agree, on every prefix and whatever the batches.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Monitor, Pledge, Report};
use proptest::prelude::*;

use super::random_case::Case;
use super::random_log::{case, orderly_log, random_pledge};
use crate::twin::Twin;

fn report_at_once(pledge: &Pledge, events: &[Event], batch: usize) -> Report {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), batch);
    for (leaf, event) in (0..).zip(events) {
        // As events and as the bytes of leaves, in stretches.
        if leaf % 7 < 3 {
            monitor.push(leaf, event);
        } else {
            monitor.push_leaf(leaf, &event.to_leaf()).unwrap();
        }
    }
    monitor.report(events.len() as u64, [0; 32])
}

/// The bytes of the verdict document.
fn document(pledge: &Pledge, events: &[Event], batch: usize) -> String {
    let bytes = report_at_once(pledge, events, batch).to_json();
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A slip shows in one of some hundred cases; a rare one in thousands.
        cases: 5 * ProptestConfig::default().cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn monitor_and_twin_agree_on_every_prefix(case in case(40)) {
        let Case { pledge, events, .. } = case;
        let mut monitor = Monitor::with_batch_rows(&pledge, &PlaceTable::built_in(), 3);
        for leaves in 0..=events.len() {
            let twin = Twin { pledge: &pledge, events: &events[..leaves] };
            let report = monitor.report(leaves as u64, [0; 32]);
            prop_assert_eq!(report.as_of, twin.as_of());
            for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
                prop_assert_eq!(found, &twin.report(commitment), "after {} leaves", leaves);
            }
            if let Some(event) = events.get(leaves) {
                monitor.push(leaves as u64, event);
            }
        }
    }

    /// Without reports in between, which make the monitor look at what it has.
    #[test]
    fn monitor_and_twin_agree_in_whatever_batches(case in case(60)) {
        let Case { pledge, events, .. } = case;
        let one = report_at_once(&pledge, &events, 1);
        let twin = Twin { pledge: &pledge, events: &events };
        for (commitment, found) in pledge.commitments.iter().zip(&one.commitments) {
            prop_assert_eq!(found, &twin.report(commitment));
        }
        let one = document(&pledge, &events, 1);
        for batch in [2, 7, 64, 8_192] {
            let other = document(&pledge, &events, batch);
            prop_assert_eq!(&one, &other, "batches of {}", batch);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // The twin is slow on long logs.
        cases: ProptestConfig::default().cases / 4,
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
