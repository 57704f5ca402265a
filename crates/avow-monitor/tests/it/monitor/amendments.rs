//! A monitor that goes over to an amended pledge is, byte for byte, the one that
//! has followed the new pledge from the first leaf.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Commitment, Migration, Monitor, Pledge, Silence, StateError, publication};
use proptest::prelude::*;

use super::random_log::{instant, log, random_pledge};
use super::states::difference;
use super::stories;

const ROOT: [u8; 32] = [5; 32];

fn followed(pledge: &Pledge, events: &[Event]) -> Monitor {
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    monitor
}

fn saved(monitor: &mut Monitor) -> Vec<u8> {
    monitor.save(monitor.leaves(), ROOT)
}

/// What an amendment does with each commitment of the old pledge.
#[derive(Debug, Clone, Copy)]
enum Change {
    Keep,
    Drop,
    /// Until so many microseconds after the beginning.
    End(i64),
    OtherSilence,
    OtherFrom,
    /// Another one takes its name.
    Replace,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => Just(Change::Keep),
        1 => Just(Change::Drop),
        3 => (0..90_i64).prop_map(Change::End),
        1 => Just(Change::OtherSilence),
        1 => Just(Change::OtherFrom),
        1 => Just(Change::Replace),
    ]
}

/// The pledge after the changes, with the commitments of another one behind it.
fn amended(old: &Pledge, other: &Pledge, changes: &[Change], declared_anew: bool) -> Pledge {
    let mut commitments = Vec::new();
    for (at, (commitment, change)) in old.commitments.iter().zip(changes).enumerate() {
        let mut new = commitment.clone();
        match change {
            Change::Keep => {}
            Change::Drop => continue,
            Change::End(to) => new.to = Some(instant(*to)),
            Change::OtherSilence => new.silence = Silence::Breach,
            Change::OtherFrom => new.from = new.from.saturating_add(3),
            Change::Replace => {
                let by = &other.commitments[at % other.commitments.len()];
                new = Commitment {
                    id: new.id,
                    ..by.clone()
                };
            }
        }
        commitments.push(new);
    }
    let behind = other.commitments.iter().take(commitments.len() % 2 + 1);
    commitments.extend(behind.map(|new| Commitment {
        id: format!("new-{}", new.id),
        ..new.clone()
    }));
    let sources = if declared_anew { other } else { old };
    Pledge {
        commitments,
        sources: sources.sources.clone(),
        amends: Some(old.digest),
        digest: [8; 32],
        ..old.clone()
    }
}

/// Goes over at a leaf, and on to the end.
fn gone_over(old: &Pledge, new: &Pledge, events: &[Event], at: usize) -> (Monitor, Vec<String>) {
    let state = saved(&mut followed(old, &events[..at]));
    let mut migration = Migration::begin(&state, new, &PlaceTable::built_in()).unwrap();
    let carried = migration.carried().map(str::to_owned).collect();
    let needed = usize::try_from(migration.leaves()).unwrap();
    for (leaf, event) in (0..).zip(&events[..needed]) {
        migration.push(leaf, event);
    }
    let mut monitor = migration.end().unwrap();
    for (leaf, event) in (0..).zip(events).skip(at) {
        monitor.push(leaf, event);
    }
    (monitor, carried)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_amendment_comes_to_what_a_replay_comes_to(
        (old, other) in (random_pledge(), random_pledge()),
        changes in proptest::collection::vec(change(), 4),
        declared_anew in prop::bool::weighted(0.2),
        mut events in log(),
        (at, published) in (0..40_usize, 0..40_usize),
    ) {
        let new = amended(&old, &other, &changes, declared_anew);
        events.insert(published.min(events.len()), publication(&new.digest, 1, instant(9)));
        let at = at.min(events.len());
        let (mut to_here, _) = gone_over(&old, &new, &events[..at], at);
        let replayed = saved(&mut followed(&new, &events[..at]));
        prop_assert_eq!(difference(&saved(&mut to_here), &replayed), None);
        let (mut monitor, _) = gone_over(&old, &new, &events, at);
        let mut replayed = followed(&new, &events);
        let leaves = events.len() as u64;
        prop_assert_eq!(monitor.report(leaves, ROOT), replayed.report(leaves, ROOT));
        let (one, other) = (saved(&mut monitor), saved(&mut replayed));
        prop_assert_eq!(difference(&one, &other), None);
    }
}

/// The story's pledge, amended at its end, with these changes.
fn story_amended(change: &dyn Fn(&mut Pledge)) -> (Monitor, Vec<String>, u64) {
    let (old, events) = (stories::pledge(), stories::story());
    let mut new = old.clone();
    new.digest = [8; 32];
    change(&mut new);
    let state = saved(&mut followed(&old, &events));
    let migration = Migration::begin(&state, &new, &PlaceTable::built_in()).unwrap();
    let leaves = migration.leaves();
    let (monitor, carried) = gone_over(&old, &new, &events, events.len());
    (monitor, carried, leaves)
}

#[test]
fn open_duties_are_carried_over_without_a_look_at_the_leaves() {
    let last = stories::story().iter().map(|event| event.time).max();
    let later = last.unwrap().saturating_add(1);
    let (mut monitor, carried, leaves) = story_amended(&|new| {
        new.commitments.remove(0);
        new.commitments.reverse();
        new.commitments[0].to = Some(later);
    });
    assert_eq!(carried, ["erasure", "permission"]);
    assert_eq!(leaves, 0);
    let (old, events) = (stories::pledge(), stories::story());
    let size = events.len() as u64;
    let before = followed(&old, &events).report(size, ROOT);
    let after = monitor.report(size, ROOT);
    assert_eq!(after.commitments[0].counts, before.commitments[2].counts);
    assert_eq!(after.commitments[1], before.commitments[1]);
}

#[test]
fn what_has_another_meaning_is_replayed_and_nothing_else() {
    let events = stories::story().len() as u64;
    let names = |change: &dyn Fn(&mut Pledge)| {
        let (_, carried, leaves) = story_amended(change);
        (carried.join(" "), leaves)
    };
    let all = "erasure home permission".to_owned();
    assert_eq!(names(&|_| {}), (all.clone(), 0));
    let worded = names(&|new| "Better worded.".clone_into(&mut new.commitments[0].says.en));
    assert_eq!(worded, (all, 0));
    let silence = names(&|new| new.commitments[0].silence = Silence::Breach);
    assert_eq!(silence, ("erasure permission".to_owned(), events));
    let from = names(&|new| new.commitments[1].from = new.from.saturating_add(1));
    assert_eq!(from, ("erasure home".to_owned(), events));
    let past_end = names(&|new| new.commitments[2].to = Some(new.from.saturating_add(1)));
    assert_eq!(past_end, ("home permission".to_owned(), events));
    let declared = names(&|new| new.sources[0].delay += 1);
    assert_eq!(declared, (String::new(), events));
}

#[test]
fn a_state_under_another_place_table_is_not_gone_over_from() {
    let state = saved(&mut followed(&stories::pledge(), &stories::story()));
    let text = format!("{}\n", PlaceTable::built_in().text());
    let other = PlaceTable::parse(&text).unwrap();
    let refused = Migration::begin(&state, &stories::pledge(), &other).unwrap_err();
    assert!(matches!(refused, StateError::OtherPlaces { .. }));
}
