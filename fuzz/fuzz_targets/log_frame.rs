//! A frame of the log: what is accepted is whole, counted and within the limits.
#![no_main]

use avow_log::{BODY_BYTES_MAX, FRAME_LEAVES_MAX, parse_frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((header, leaves)) = parse_frame(bytes) {
        assert!(bytes.starts_with(&header.to_bytes()));
        assert_eq!(leaves.len(), header.count as usize);
        assert!(leaves.len() <= FRAME_LEAVES_MAX);
        let body: usize = leaves.iter().map(|leaf| 2 + leaf.len()).sum();
        assert_eq!(body, header.body_bytes as usize);
        assert!(body <= BODY_BYTES_MAX && header.frame_bytes() <= bytes.len());
    }
});
