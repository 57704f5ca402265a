//! A pledge of any text: read or refused, never a panic. Every refusal has a
//! reason, and every reason and every warning a place in the text.
#![no_main]

use std::sync::LazyLock;

use avow_event::PlaceTable;
use avow_monitor::{Pledge, warnings};
use libfuzzer_sys::fuzz_target;

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let told = match Pledge::parse(text, &PLACES) {
        Ok(pledge) => warnings(text, &pledge),
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            errors
        }
    };
    for one in told {
        assert!(text.get(one.span.clone()).is_some(), "no such place");
        one.render("pledge.toml", text);
    }
});
