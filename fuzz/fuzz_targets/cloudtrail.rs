//! Evidence of any kind, compressed or not: every record is counted, and every
//! event that comes out has a leaf that reads back. A damaged gzip file is one
//! fault, however many records lie in the damage.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use avow_event::{Event, PlaceTable, PseudonymKey};
use avow_source::{Kind, read_stream};
use libfuzzer_sys::fuzz_target;

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);

fuzz_target!(|bytes: &[u8]| {
    let key = PseudonymKey::new([7; 32]);
    for kind in [None, Some(Kind::CloudTrail)] {
        let mut handed_out = 0;
        let stats = read_stream(Path::new("fuzz"), kind, &mut &*bytes, &PLACES, &key, &mut |event, _| {
            handed_out += 1;
            assert_eq!(Event::from_leaf(&event.to_leaf()).as_ref(), Ok(&event));
        });
        if let Ok(stats) = stats {
            assert_eq!(stats.handed_out, handed_out);
            assert_eq!(stats.events, stats.unique_events + stats.duplicates);
            assert!(stats.records >= stats.events + stats.skipped);
            let counted = stats.events + stats.skipped + stats.malformed;
            assert!(stats.records <= counted || bytes.starts_with(&[0x1f, 0x8b]));
        }
    }
});
