//! A saved state goes on as if the run had never stopped; and what is not as it
//! was saved is refused, not believed.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Monitor, Pledge, SavedState, StateError};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::random_log::{log, random_pledge};
use super::stories;

const ROOT: [u8; 32] = [3; 32];

fn followed(pledge: &Pledge, events: &[Event], batch: usize) -> Monitor {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), batch);
    follow(&mut monitor, events);
    monitor
}

/// Takes the events of the log from where the monitor stands.
fn follow(monitor: &mut Monitor, events: &[Event]) {
    for (leaf, event) in (0..).zip(events).skip(monitor.leaves() as usize) {
        monitor.push(leaf, event);
    }
}

fn saved(monitor: &mut Monitor) -> Vec<u8> {
    monitor.save(monitor.leaves(), ROOT)
}

fn restored(pledge: &Pledge, state: &[u8]) -> Monitor {
    Monitor::restore(pledge, &PlaceTable::built_in(), state).unwrap()
}

/// Where two states begin to differ, in a line: for the message of a test.
pub(crate) fn difference(one: &[u8], other: &[u8]) -> Option<String> {
    let at = one.iter().zip(other).position(|(a, b)| a != b);
    let at = at.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))?;
    let around = |bytes: &[u8]| bytes[at.saturating_sub(24)..bytes.len().min(at + 24)].to_vec();
    let (one, other) = (around(one), around(other));
    Some(format!("at byte {at}: {one:02x?} and {other:02x?}"))
}

/// The same content under a hash that fits.
fn hashed_anew(mut state: Vec<u8>) -> Vec<u8> {
    state.truncate(state.len() - 32);
    let hash = Sha256::digest(&state);
    state.extend_from_slice(&hash);
    state
}

fn story_state() -> Vec<u8> {
    saved(&mut followed(&stories::pledge(), &stories::story(), 64))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // The rarest slips that were made in writing showed after some hundred.
        cases: 500,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_restored_monitor_goes_on_as_if_it_had_never_stopped(
        pledge in random_pledge(),
        events in log(),
        stops in proptest::collection::vec(0..40_usize, 1..4),
    ) {
        let mut uninterrupted = followed(&pledge, &events, 8_192);
        let mut stops: Vec<usize> = stops.into_iter().map(|stop| stop.min(events.len())).collect();
        stops.sort_unstable();
        let mut monitor = followed(&pledge, &[], 8_192);
        for stop in stops {
            follow(&mut monitor, &events[..stop]);
            let state = saved(&mut monitor);
            monitor = restored(&pledge, &state);
            prop_assert_eq!(difference(&saved(&mut monitor), &state), None, "at {}", stop);
            let mut to_here = followed(&pledge, &events[..stop], 8_192);
            prop_assert_eq!(
                monitor.report(stop as u64, ROOT).to_json(),
                to_here.report(stop as u64, ROOT).to_json()
            );
        }
        follow(&mut monitor, &events);
        let leaves = events.len() as u64;
        prop_assert_eq!(
            monitor.report(leaves, ROOT).to_json(),
            uninterrupted.report(leaves, ROOT).to_json()
        );
        let (one, other) = (saved(&mut monitor), saved(&mut uninterrupted));
        prop_assert_eq!(difference(&one, &other), None);
    }

    #[test]
    fn a_restored_monitor_agrees_on_every_leaf_after(
        pledge in random_pledge(),
        events in log(),
        stop in 0..40_usize,
    ) {
        let stop = stop.min(events.len());
        let mut uninterrupted = followed(&pledge, &events[..stop], 1);
        let mut monitor = restored(&pledge, &saved(&mut uninterrupted));
        for leaves in stop..=events.len() {
            follow(&mut monitor, &events[..leaves]);
            follow(&mut uninterrupted, &events[..leaves]);
            let leaves = leaves as u64;
            prop_assert_eq!(monitor.report(leaves, ROOT), uninterrupted.report(leaves, ROOT));
            let (one, other) = (saved(&mut monitor), saved(&mut uninterrupted));
        prop_assert_eq!(difference(&one, &other), None);
        }
    }

    #[test]
    fn the_batch_size_does_not_show_in_a_state(pledge in random_pledge(), events in log()) {
        let one = saved(&mut followed(&pledge, &events, 1));
        for batch in [2, 7, 64, 8_192] {
            let state = saved(&mut followed(&pledge, &events, batch));
            prop_assert_eq!(difference(&one, &state), None, "batches of {}", batch);
        }
    }

    /// Whoever can write the file can fit the hash. Such a state may tell
    /// anything, but it must not bring the program down.
    #[test]
    fn a_state_that_somebody_made_up_never_panics(
        pledge in random_pledge(),
        events in log(),
        stop in 0..40_usize,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let stop = stop.min(events.len());
        let mut state = saved(&mut followed(&pledge, &events[..stop], 8_192));
        for (at, byte) in changes {
            let at = at.index(state.len());
            state[at] = byte;
        }
        let places = PlaceTable::built_in();
        if let Ok(mut monitor) = Monitor::restore(&pledge, &places, &hashed_anew(state)) {
            follow(&mut monitor, &events);
            let leaves = monitor.leaves();
            monitor.report(leaves, ROOT);
            saved(&mut monitor);
        }
    }
}

#[test]
fn a_state_says_what_it_is_a_state_of() {
    let (pledge, events) = (stories::pledge(), stories::story());
    let state = story_state();
    let read = SavedState::read(&state).unwrap();
    assert_eq!(read.pledge, pledge.digest);
    assert_eq!(read.places, PlaceTable::built_in().digest());
    assert_eq!(
        (read.tree.size, read.tree.root),
        (events.len() as u64, ROOT)
    );
    assert_eq!(read.hash[..], state[state.len() - 32..]);
    let first_line = state.split(|byte| *byte == b'\n').next().unwrap();
    assert!(first_line.starts_with(b"avow monitor state 1, "));
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let (pledge, places) = (stories::pledge(), PlaceTable::built_in());
    let state = story_state();
    for at in 0..state.len() {
        for bit in 0..8 {
            let mut flipped = state.clone();
            flipped[at] ^= 1 << bit;
            let refused = Monitor::restore(&pledge, &places, &flipped).unwrap_err();
            let expected = [StateError::Damaged, StateError::OtherVersion];
            assert!(expected.contains(&refused), "byte {at}: {refused}");
        }
        assert!(Monitor::restore(&pledge, &places, &state[..at]).is_err());
        assert!(Monitor::restore(&pledge, &places, &state[at + 1..]).is_err());
        let without = [&state[..at], &state[at + 1..]].concat();
        assert!(Monitor::restore(&pledge, &places, &without).is_err());
    }
    let longer = [&state[..], &[0]].concat();
    assert_eq!(
        Monitor::restore(&pledge, &places, &longer).unwrap_err(),
        StateError::Damaged
    );
}

#[test]
fn a_state_of_something_else_says_of_what() {
    let (pledge, places) = (stories::pledge(), PlaceTable::built_in());
    let state = story_state();
    let mut other = stories::pledge();
    other.digest = [9; 32];
    let refused = Monitor::restore(&other, &places, &state).unwrap_err();
    let found = pledge.digest;
    assert_eq!(refused, StateError::OtherPledge { found });
    assert!(
        refused
            .to_string()
            .starts_with("the state is of the pledge `sha256:")
    );

    let text = format!("{}\n", places.text());
    let other = PlaceTable::parse(&text).unwrap();
    let refused = Monitor::restore(&pledge, &other, &state).unwrap_err();
    let found = places.digest();
    assert_eq!(refused, StateError::OtherPlaces { found });

    let later = String::from("avow monitor state 2, 0.1.0\n").into_bytes();
    let later = hashed_anew([later, state].concat());
    let refused = Monitor::restore(&pledge, &places, &later).unwrap_err();
    assert_eq!(refused, StateError::OtherVersion);
}

/// The hash of a text has nothing to do with what the text means.
#[test]
fn a_state_of_other_commitments_under_the_same_digest_is_refused() {
    let (pledge, places) = (stories::pledge(), PlaceTable::built_in());
    let mut fewer = stories::pledge();
    fewer.commitments.pop();
    let refused = Monitor::restore(&fewer, &places, &story_state()).unwrap_err();
    assert!(
        matches!(refused, StateError::Unreadable { .. }),
        "{refused}"
    );
    let state = saved(&mut followed(&fewer, &stories::story(), 64));
    let refused = Monitor::restore(&pledge, &places, &state).unwrap_err();
    assert!(
        matches!(refused, StateError::Unreadable { .. }),
        "{refused}"
    );
}
