//! The text of a checkpoint: what is accepted is written back character for
//! character, but for extension lines, which are skipped.
#![no_main]

use avow_tlog::Checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = Checkpoint::parse_text(text) {
        assert!(text.starts_with(&checkpoint.to_text()));
    }
});
