//! An offline proof: what is accepted is written back byte for byte, and no
//! bytes prove anything under no key.
#![no_main]

use avow_tlog::{OfflineProof, leaf_hash};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = OfflineProof::parse(bytes) {
        assert_eq!(proof.to_bytes(), bytes);
        assert!(proof.verify(&leaf_hash(b""), "example.com/log", &[]).is_err());
    }
});
