//! A pledge of any text: read or refused, never a panic. Every refusal has a
//! reason, and every reason a place in the text.
#![no_main]

use std::sync::LazyLock;

use avow_event::PlaceTable;
use avow_monitor::Pledge;
use libfuzzer_sys::fuzz_target;

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Err(errors) = Pledge::parse(text, &PLACES) {
        assert!(!errors.is_empty(), "refused without a reason");
        for error in errors {
            assert!(text.get(error.span.clone()).is_some(), "no such place");
            error.render("pledge.toml", text);
        }
    }
});
