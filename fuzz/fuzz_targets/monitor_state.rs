//! A saved state of any content, under a hash that fits: gone on with or
//! refused, never a panic, and what it says of itself is what was written.
#![no_main]

use std::sync::LazyLock;

use avow_event::{Action, Event, Micros, PlaceTable};
use avow_monitor::{Migration, Monitor, Pledge, SavedState};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);
static PLEDGE: LazyLock<Pledge> = LazyLock::new(|| {
    let text = include_str!("../seeds/pledge/every-rule");
    Pledge::parse(text, &PLACES).expect("the seed is a pledge")
});

/// A state of the pledge after a few leaves.
static STATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut monitor = Monitor::new(&PLEDGE, &PLACES);
    for leaf in 0..24 {
        monitor.push(leaf, &event(leaf));
    }
    monitor.save(24, [0; 32])
});

fn event(leaf: u64) -> Event {
    let actions = [
        Action::Use,
        Action::Consent,
        Action::Request,
        Action::Erase,
        Action::Withdraw,
        Action::Hold,
        Action::Release,
    ];
    let action = actions[leaf as usize % actions.len()];
    let time = PLEDGE.from.saturating_add(leaf as i64 * 60_000_000);
    let mut event = Event::new("vault", leaf + 1, time.min(Micros::MAX), action);
    event.subject = Some(format!("s{}", leaf % 3));
    event.case_id = Some(format!("c{}", leaf % 2));
    event
}

fuzz_target!(|bytes: &[u8]| {
    // Pairs of a place and a byte change the state; the hash is made to fit.
    let mut state = STATE.clone();
    let length = state.len() - 32;
    for change in bytes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % length;
        state[at] = change[2];
    }
    state.truncate(length);
    let hash = Sha256::digest(&state);
    state.extend_from_slice(&hash);
    let _ = SavedState::read(bytes);
    if let Ok(mut monitor) = Monitor::restore(&PLEDGE, &PLACES, &state) {
        let leaves = monitor.leaves();
        if leaves < 1_000 {
            for leaf in leaves..leaves + 24 {
                monitor.push(leaf, &event(leaf));
            }
        }
        let leaves = monitor.leaves();
        monitor.report(leaves, [0; 32]);
        monitor.save(leaves, [0; 32]);
    }
    if let Ok(migration) = Migration::begin(&state, &PLEDGE, &PLACES)
        && migration.leaves() == 0
    {
        let _ = migration.end();
    }
});
