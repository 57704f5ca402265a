//! A trust policy: bytes never panic, and what needs a witness is no quorum without one.
#![no_main]

use avow_tlog::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(policy) = Policy::parse(bytes) {
        // Only `quorum none` asks for nobody.
        let asks_nobody = policy.is_quorum(&[]);
        assert!(!asks_nobody || bytes.windows(4).any(|word| word == b"none"));
    }
});
