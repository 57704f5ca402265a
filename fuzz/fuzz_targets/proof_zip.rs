//! The container of a proof: what is accepted is written back byte for byte.
#![no_main]

use avow_proof::container::{read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(parts) = read(bytes) {
        assert_eq!(write(&parts).ok().as_deref(), Some(bytes));
    }
});
