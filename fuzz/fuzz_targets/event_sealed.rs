//! Sealed fields: a proof that is accepted is written back byte for byte; no
//! disclosure and no SD-JWT makes the readers panic.
#![no_main]

use avow_event::{Disclosure, FieldProof, Presentation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proof) = FieldProof::parse(text) {
        assert_eq!(proof.to_text(), text);
    }
    if let Ok(disclosure) = Disclosure::parse(text) {
        assert_eq!(disclosure.as_str(), text);
    }
    let _ = Presentation::verify(text, |_, _| true);
});
