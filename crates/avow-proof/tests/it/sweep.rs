//! Every bit of a proof counts: flipped anywhere, or cut anywhere, it is no
//! proof any more.

use avow_proof::{Trust, verify};

use crate::scene::{Forge, small_proof};

/// Parts up to this length are altered in every byte, longer ones in every
/// [`STEP`]th: their bytes are all under one digest.
const SHORT_BYTES: usize = 400;
const STEP: usize = 13;

fn is_valid(file: &[u8]) -> bool {
    verify(file, &Trust::FromTheProof).is_ok()
}

#[test]
fn no_flipped_bit_of_the_file_is_unnoticed() {
    let mut file = small_proof().to_vec();
    assert!(is_valid(&file));
    for at in 0..file.len() {
        for bit in 0..8 {
            file[at] ^= 1 << bit;
            assert!(!is_valid(&file), "bit {bit} of byte {at}");
            file[at] ^= 1 << bit;
        }
    }
    assert!(is_valid(&file));
}

/// The container's checksums catch every flip of a part first. Here they are
/// made to fit, so that signatures and digests have to do it.
#[test]
fn no_flipped_bit_of_a_part_is_unnoticed_behind_the_checksums() {
    let mut forge = Forge::of(small_proof());
    assert!(is_valid(&forge.pack()));
    for (name, bytes) in forge.parts.clone() {
        let step = if bytes.len() > SHORT_BYTES { STEP } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            forge.put(&name, altered);
            assert!(!is_valid(&forge.pack()), "byte {at} of {name}");
        }
        forge.put(&name, bytes);
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let file = small_proof();
    for length in 0..file.len() {
        assert!(!is_valid(&file[..length]), "{length} bytes");
    }
}
