//! The container: one file for a list of parts, and no other.

use avow_proof::container::{read, write};
use avow_proof::{Part, ProofError};
use proptest::prelude::*;

const PARTS: [Part<'_>; 4] = [
    Part {
        name: "README.txt",
        bytes: b"for a person\n",
    },
    Part {
        name: "checkpoint",
        bytes: b"",
    },
    Part {
        name: "leaves/7.json",
        bytes: b"{}",
    },
    Part {
        name: "log/tile/entries/x001/234.p/5",
        bytes: &[0xff, 0x00, b'P', b'K', 3, 4],
    },
];

fn file() -> Vec<u8> {
    write(&PARTS).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    assert_eq!(read(&file()).unwrap(), PARTS);
}

#[test]
fn the_bytes_are_those_of_the_specification() {
    let part = Part {
        name: "README.txt",
        bytes: b"hi",
    };
    let file = write(&[part]).unwrap();
    // CRC-32 of `hi`, computed with another program: 0xd8932aac.
    let shared = b"\x0a\0\0\0\0\0\0\0\x21\0\xac\x2a\x93\xd8\x02\0\0\0\x02\0\0\0\x0a\0\0\0";
    let mut expected = b"PK\x03\x04".to_vec();
    expected.extend_from_slice(shared);
    expected.extend_from_slice(b"README.txthi");
    expected.extend_from_slice(b"PK\x01\x02\x0a\0");
    expected.extend_from_slice(shared);
    expected.extend_from_slice(&[0; 14]);
    expected.extend_from_slice(b"README.txt");
    expected.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x38\0\0\0\x2a\0\0\0\0\0");
    assert_eq!(file, expected);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let file = file();
    for bit in 0..file.len() * 8 {
        let mut altered = file.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&altered).is_err(), "bit {bit}");
    }
}

#[test]
fn a_file_cut_anywhere_or_continued_is_refused() {
    let file = file();
    for length in 0..file.len() {
        assert!(read(&file[..length]).is_err(), "{length} bytes");
    }
    let longer = [file.as_slice(), b"\0"].concat();
    assert_eq!(
        read(&longer).unwrap_err(),
        ProofError::NotCanonical { at: file.len() }
    );
    let led = [b"#!", file.as_slice()].concat();
    assert_eq!(read(&led).unwrap_err(), ProofError::NotCanonical { at: 0 });
}

/// A container whose names are not in order, by changing names of equal length.
fn renamed(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut file = file();
    for at in 0..file.len() - from.len() {
        if file[at..].starts_with(from.as_bytes()) {
            file[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
    }
    file
}

#[test]
fn each_departure_has_its_own_error() {
    let name = |text: &str| text.to_owned();
    assert_eq!(
        read(&file()[..40]).unwrap_err(),
        ProofError::CutShort { at: 40 }
    );
    assert_eq!(
        read(&renamed("leaves/7.json", "leaves/7.jsom")).unwrap_err(),
        ProofError::PartName {
            name: name("leaves/7.jsom")
        }
    );
    assert_eq!(
        read(&renamed("leaves/7.json", "gaps.ndjson..")).unwrap_err(),
        ProofError::PartName {
            name: name("gaps.ndjson..")
        }
    );
    assert_eq!(
        read(&renamed("checkpoint", "README.txt")).unwrap_err(),
        ProofError::PartTwice {
            name: name("README.txt")
        }
    );
    assert_eq!(
        read(&renamed("README.txt", "checkpoint")).unwrap_err(),
        ProofError::PartOrder {
            name: name("checkpoint")
        }
    );
    let mut altered = file();
    let at = altered.windows(6).position(|w| w == b"person").unwrap();
    altered[at] = b'P';
    assert_eq!(
        read(&altered).unwrap_err(),
        ProofError::PartCrc {
            name: name("README.txt")
        }
    );
}

#[test]
fn limits_are_kept_at_write_and_read() {
    let bytes = vec![0; avow_proof::PROOF_BYTES_MAX];
    let part = Part {
        name: "README.txt",
        bytes: &bytes,
    };
    assert!(matches!(write(&[part]), Err(ProofError::TooLarge { .. })));
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(read(&longer), Err(ProofError::TooLarge { .. })));
    let names: Vec<String> = std::iter::once("README.txt".to_owned())
        .chain((100_000..100_000 + avow_proof::PARTS_MAX).map(|n| format!("leaves/{n}.json")))
        .collect();
    let parts: Vec<Part<'_>> = names.iter().map(|name| Part { name, bytes: b"" }).collect();
    assert_eq!(write(&parts), Err(ProofError::TooManyParts));
    let most = write(&parts[..avow_proof::PARTS_MAX]).unwrap();
    assert_eq!(read(&most).unwrap().len(), avow_proof::PARTS_MAX);
}

#[test]
fn names_lead_nowhere_else() {
    for name in [
        "../README.txt",
        "/checkpoint",
        "leaves/../x.json",
        "leaves/01.json",
        "leaves/+1.json",
        "leaves/.json",
        "leaves/18446744073709551616.json",
        "log/../checkpoint",
        "log/tile/0/1",
        "log/tile/entries/000.p/256",
        "sql/.sql",
        "sql/a.b.sql",
        "sql/a/b.sql",
        "sql/..sql",
        "readme.txt",
        "",
        "leaves/",
        "leaves\\1.json",
    ] {
        assert!(!avow_proof::part::is_name(name), "{name}");
    }
    for name in [
        "README.txt",
        "leaves/0.json",
        "leaves/18446744073709551615.tlog-proof",
        "log/checkpoint",
        "log/tile/0/000.p/1",
        "log/tile/entries/x001/067",
        "sql/p5-home.sql",
        "sql/load.duckdb.sql",
    ] {
        assert!(avow_proof::part::is_name(name), "{name}");
    }
}

proptest! {
    #[test]
    fn any_parts_come_back(mut indexes in proptest::collection::btree_set(any::<u64>(), 0..9),
                           bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
        let mut names: Vec<String> = std::mem::take(&mut indexes)
            .into_iter()
            .map(avow_proof::part::leaf_name)
            .collect();
        names.sort_unstable();
        names.insert(0, "README.txt".to_owned());
        let parts: Vec<Part<'_>> = names.iter().map(|name| Part { name, bytes: &bytes }).collect();
        let file = write(&parts).unwrap();
        prop_assert_eq!(read(&file).unwrap(), parts);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let led = [b"PK\x03\x04", bytes.as_slice()].concat();
        prop_assert!(read(&led).is_err());
    }
}
