//! Own events as people write them, with or without an envelope: read or counted
//! as malformed, and what is read has a leaf that reads back.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use avow_event::{Event, PlaceTable, PseudonymKey};
use avow_source::{Kind, read_stream};
use libfuzzer_sys::fuzz_target;

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);

fuzz_target!(|bytes: &[u8]| {
    let key = PseudonymKey::new([7; 32]);
    let kind = Some(Kind::Events);
    let mut handed_out = 0;
    let stats = read_stream(Path::new("fuzz"), kind, &mut &*bytes, &PLACES, &key, &mut |event, _| {
        handed_out += 1;
        assert_eq!(Event::from_leaf(&event.to_leaf()).as_ref(), Ok(&event));
    });
    if let Ok(stats) = stats {
        assert_eq!(stats.handed_out, handed_out);
        assert_eq!(stats.events, stats.unique_events + stats.duplicates);
    }
});
