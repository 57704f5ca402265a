//! Evidence that comes in time may come in any order: what it comes to when
//! the clock has passed everything is the same.

use avow_event::{Action, Event, PlaceTable};
use avow_monitor::{Commitment, Counts, Instance, Monitor, Pattern, Pledge, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;

use super::random_log::{calm_case, instant};
use crate::twin::Twin;

/// How late evidence may come.
const DELAY: i64 = 9;

/// Behind every deadline of the random rules and the delay after it.
const AFTER_ALL: i64 = 100_000;

/// The log in another order, each event no later than `DELAY` after its time,
/// those of one time as they were; and where each was before.
fn shuffled(events: &[Event], late_by: &[i64]) -> (Vec<Event>, Vec<usize>) {
    let start = instant(0).get();
    let arrival = |n: &usize| {
        let time = events[*n].time.get() - start;
        time + late_by[time.unsigned_abs() as usize % late_by.len()]
    };
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(arrival);
    let log = order.iter().map(|n| events[*n].clone()).collect();
    (log, order)
}

/// With a last event behind all, so that everything is judged.
fn ended(mut events: Vec<Event>) -> Vec<Event> {
    let seq = events.iter().filter(|event| event.source == "b").count() as u64 + 1;
    let end = instant(AFTER_ALL);
    events.push(Event::new("b", seq, end, Action::Heartbeat));
    events
}

fn monitored(pledge: &Pledge, events: &[Event]) -> Vec<(Verdict, Counts)> {
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(monitor.leaves(), [0; 32]);
    let commitments = report.commitments.into_iter();
    commitments.map(|c| (c.verdict, c.counts)).collect()
}

/// The instances with the leaves that they have in the log in order.
fn named_as_in_order(
    commitment: &Commitment,
    instances: Vec<Instance>,
    order: &[usize],
) -> Vec<Instance> {
    let before = |leaf: u64| order.get(leaf as usize).map_or(leaf, |n| *n as u64);
    let begins = matches!(commitment.pattern, Pattern::Every { .. });
    let named = |instance: Instance| Instance {
        // A period that begins with the promise has the leaf that the clock
        // was at.
        leaf: match instance.each {
            Some(_) if begins => 0,
            _ => before(instance.leaf),
        },
        each: match instance.each {
            Some(each) if !begins => Some(before(each)),
            each => each,
        },
        other: instance.other.map(before),
        ..instance
    };
    let mut named: Vec<Instance> = instances.into_iter().map(named).collect();
    named.sort();
    named
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3 * ProptestConfig::default().cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn evidence_in_time_comes_to_the_same_in_any_order(
        (pledge, events) in calm_case(40, DELAY),
        late_by in vec(0..=DELAY, 7),
    ) {
        let (other, order) = shuffled(&events, &late_by);
        let (events, other) = (ended(events), ended(other));
        prop_assert_eq!(monitored(&pledge, &events), monitored(&pledge, &other));
        let in_order: Vec<usize> = (0..events.len()).collect();
        for commitment in &pledge.commitments {
            let instances = |events: &[Event], order| {
                let twin = Twin { pledge: &pledge, events };
                named_as_in_order(commitment, twin.instances(commitment), order)
            };
            let expected = instances(&events, &in_order);
            prop_assert_eq!(expected, instances(&other, &order), "in the order {:?}", order);
        }
    }
}
