//! Logs in MonPoly's format, and their mappings: read or counted as malformed.
//! The input is a mapping, a line `---`, and a log.
#![no_main]

use std::path::Path;

use avow_event::{Event, PseudonymKey};
use avow_source::{Mapping, read_monpoly};
use libfuzzer_sys::fuzz_target;

const MAPPING: &str = r#"
source = "fuzz"
epoch = 1970-01-01
unit = "P1D"
point = "quantity"
event = [
  { predicate = "a", action = "use", args = ["subject", "bytes"] },
  { predicate = "b", action = "consent", args = [] },
]
"#;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (mapping, log) = text.split_once("\n---\n").unwrap_or((MAPPING, &text));
    let Ok(mapping) = Mapping::parse(mapping) else {
        return;
    };
    let key = PseudonymKey::new([7; 32]);
    let mut handed_out = 0;
    let stats = read_monpoly(Path::new("fuzz"), &mapping, &mut log.as_bytes(), &key, &mut |event, _| {
        handed_out += 1;
        assert_eq!(Event::from_leaf(&event.to_leaf()).as_ref(), Ok(&event));
    });
    if let Ok(stats) = stats {
        assert_eq!(stats.handed_out, handed_out);
        assert_eq!(stats.events, stats.unique_events + stats.duplicates);
    }
});
