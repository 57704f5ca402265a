//! The publication of a pledge is about the pledge: no commitment takes it as
//! evidence, and it moves no clock.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Monitor, Pattern, Pledge, Report, publication, published_digest};
use proptest::prelude::*;

use super::random_log::{instant, log, random_pledge};
use super::stories;

fn report(pledge: &Pledge, events: &[Event]) -> Report {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), 4);
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    monitor.report(events.len() as u64, [0; 32])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn publications_among_the_leaves_change_leaf_numbers_and_nothing_else(
        pledge in random_pledge(),
        events in log(),
        places in proptest::collection::vec((0..41_usize, -1000..1000_i64, any::<bool>()), 0..6),
    ) {
        let mut among = events.clone();
        for (number, (at, time, own)) in places.into_iter().enumerate() {
            let digest = if own { pledge.digest } else { [1; 32] };
            let event = publication(&digest, number as u64, instant(time));
            among.insert(at.min(among.len()), event);
        }
        let found = report(&pledge, &among);
        let mut by_bytes = Monitor::with_batch_rows(&pledge, &PlaceTable::built_in(), 4);
        for (leaf, event) in (0..).zip(&among) {
            by_bytes.push_leaf(leaf, &event.to_leaf()).unwrap();
        }
        prop_assert_eq!(&by_bytes.report(among.len() as u64, [0; 32]), &found);
        // The leaf that each event of the log without publications has here.
        let leaves: Vec<u64> = (0..)
            .zip(&among)
            .filter(|(_, event)| published_digest(event).is_none())
            .map(|(leaf, _)| leaf)
            .collect();
        let mut expected = report(&pledge, &events);
        for (commitment, of) in expected.commitments.iter_mut().zip(&pledge.commitments) {
            let each_is_leaf = matches!(of.pattern, Pattern::Within { .. });
            for instance in &mut commitment.instances {
                instance.leaf = leaves[instance.leaf as usize];
                instance.other = instance.other.map(|other| leaves[other as usize]);
                if each_is_leaf {
                    instance.each = instance.each.map(|each| leaves[each as usize]);
                }
            }
        }
        prop_assert_eq!(found.as_of, expected.as_of);
        prop_assert_eq!(found.commitments, expected.commitments);
        let first = among.iter().position(|e| published_digest(e) == Some(pledge.digest));
        let published = found.pledge.published;
        prop_assert_eq!(published.map(|p| p.leaf), first.map(|leaf| leaf as u64));
        prop_assert_eq!(published.map(|p| p.time), first.map(|leaf| among[leaf].time));
    }
}

#[test]
fn a_saved_state_knows_where_the_pledge_was_published() {
    let (pledge, places) = (stories::pledge(), PlaceTable::built_in());
    let mut monitor = Monitor::new(&pledge, &places);
    let event = publication(&pledge.digest, 1, instant(5));
    monitor.push(0, &event);
    let state = monitor.save(1, [0; 32]);
    let mut restored = Monitor::restore(&pledge, &places, &state).unwrap();
    restored.push(1, &event);
    let published = restored.report(2, [0; 32]).pledge.published.unwrap();
    assert_eq!((published.leaf, published.time), (0, instant(5)));
    let report = restored.report(2, [0; 32]);
    assert_eq!(Report::from_json(&report.to_json()).unwrap(), report);
}
