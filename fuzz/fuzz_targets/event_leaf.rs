//! A leaf: what is accepted is written back byte for byte, so that one event has
//! one hash.
#![no_main]

use avow_event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = Event::from_leaf(bytes) {
        assert_eq!(event.to_leaf(), bytes);
    }
});
