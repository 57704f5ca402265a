//! A leaf: what is accepted is written back byte for byte, so that one event has
//! one hash, and both readers accept the same.
#![no_main]

use avow_event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = Event::from_leaf(bytes);
    assert_eq!(read.is_ok(), Event::visit_leaf(bytes, |_, _| ()).is_ok());
    if let Ok(event) = read {
        assert_eq!(event.to_leaf(), bytes);
    }
});
