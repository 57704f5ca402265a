//! A place table: any text is read or refused with a line, never with a panic.
#![no_main]

use avow_event::PlaceTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(table) = PlaceTable::parse(text) {
        assert_eq!(table.text(), text);
        assert!(table.regions().all(|(provider, region, place)| table.place(provider, region) == place));
    }
});
