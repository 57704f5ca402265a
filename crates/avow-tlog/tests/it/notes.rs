//! Notes, keys and checkpoints: what is read, what is refused.

use avow_tlog::{
    Algorithm, Checkpoint, ErrorKind, Hash, NOTE_BYTES_MAX, Note, SIGNATURES_MAX, SignerKey,
    Subtree, VerifierKey, leaf_hash, sign_subtree, verify_note, verify_subtree_signature,
};
use proptest::prelude::*;

const ORIGIN: &str = "example.com/log";
const TIME_S: u64 = 1_767_225_600;
const ALGORITHMS: [Algorithm; 3] = [
    Algorithm::Ed25519,
    Algorithm::CosignatureEd25519,
    Algorithm::CosignatureMlDsa44,
];

fn key(name: &str, algorithm: Algorithm, seed: u8) -> SignerKey {
    SignerKey::from_seed(name, algorithm, [seed; 32]).unwrap()
}

fn log_keys() -> [SignerKey; 2] {
    [
        key(ORIGIN, Algorithm::Ed25519, 1),
        key(ORIGIN, Algorithm::CosignatureMlDsa44, 2),
    ]
}

fn verifiers(keys: &[SignerKey]) -> Vec<VerifierKey> {
    keys.iter().map(|key| key.verifier().clone()).collect()
}

fn signed(keys: &[SignerKey]) -> Vec<u8> {
    let keys: Vec<&SignerKey> = keys.iter().collect();
    Checkpoint::new(ORIGIN, 7, leaf_hash(b"root"))
        .unwrap()
        .sign(&keys, TIME_S)
        .unwrap()
}

#[test]
fn a_name_that_moves_a_cursor_or_turns_the_writing_is_no_key_name() {
    let bad = [
        "",
        "a b",
        "a+b",
        "a\u{0}b",
        "a\u{1b}[2J",
        "a\u{7f}b",
        "a\u{9b}31m",
        "a\u{61c}b",
        "a\u{200e}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{3000}b",
    ];
    for name in bad {
        let refused = SignerKey::from_seed(name, Algorithm::Ed25519, [1; 32]);
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("is not a key name"), "{message:?}");
        let is_odd = |c: char| c.is_control() || ('\u{61c}'..='\u{2069}').contains(&c);
        assert!(!message.contains(is_odd), "{message:?}");
        assert!(Checkpoint::new(name, 7, leaf_hash(b"root")).is_err());
    }
    assert!(SignerKey::from_seed("example.com/记录", Algorithm::Ed25519, [1; 32]).is_ok());
}

/// The example of the specification.
#[test]
fn the_example_note_of_the_specification_verifies() {
    let vkey: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
        .parse()
        .unwrap();
    let bytes = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let note = Note::parse(bytes.as_bytes()).unwrap();
    assert_eq!(note.to_bytes(), bytes.as_bytes());
    assert_eq!(
        verify_note(&note, std::slice::from_ref(&vkey))
            .unwrap()
            .len(),
        1
    );
    let altered = Note {
        text: "This is an example massage.\n".to_owned(),
        ..note
    };
    assert_eq!(
        verify_note(&altered, &[vkey]).unwrap_err().kind(),
        ErrorKind::BadSignature
    );
}

/// The key pair in the documentation of Go's note package, and the note it signs.
#[test]
fn gos_secret_key_and_note_are_read_and_made_again() {
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let bytes = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let key = SignerKey::from_secret_text(secret).unwrap();
    assert_eq!(key.verifier().to_string(), public);
    assert_eq!(*key.to_secret_text(), secret);
    let note = Note::parse(bytes.as_bytes()).unwrap();
    assert_eq!(key.sign(&note.text, 0).unwrap(), note.signatures[0]);
    key.verifier()
        .verify(&note.text, &note.signatures[0])
        .unwrap();
}

#[test]
fn each_kind_of_key_reads_its_own_text() {
    for algorithm in ALGORITHMS {
        let key = key("example.com/k", algorithm, 3);
        let secret = SignerKey::from_secret_text(&key.to_secret_text()).unwrap();
        assert_eq!(secret.verifier(), key.verifier());
        let vkey: VerifierKey = key.verifier().to_string().parse().unwrap();
        assert_eq!(&vkey, key.verifier());
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }
}

#[test]
fn a_changed_character_of_a_key_is_refused() {
    for algorithm in ALGORITHMS {
        let key = key("example.com/k", algorithm, 3);
        let (public, secret) = (key.verifier().to_string(), key.to_secret_text().to_string());
        for at in (0..public.len()).step_by(if public.len() > 200 { 7 } else { 1 }) {
            let mut other = public.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(other.parse::<VerifierKey>().is_err(), "{at} of {public}");
        }
        for at in 0..secret.len() {
            let mut other = secret.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            let error = SignerKey::from_secret_text(&other).unwrap_err();
            assert!(
                !error.to_string().contains(&other[40..]),
                "the message repeats the secret"
            );
        }
    }
}

#[test]
fn keys_of_unknown_types_and_weak_keys_are_refused() {
    let unknown = "example.com+00000000+AgAA";
    let error = unknown.parse::<VerifierKey>().unwrap_err();
    assert!(error.to_string().contains("0x02"), "{error}");
    // The neutral element, and its second spelling.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert!(VerifierKey::new("example.com", Algorithm::Ed25519, &neutral).is_err());
    let mut non_canonical = [0xff; 32];
    (non_canonical[0], non_canonical[31]) = (0xee, 0x7f);
    assert!(VerifierKey::new("example.com", Algorithm::Ed25519, &non_canonical).is_err());
    for length in [31, 33, 1311, 1313] {
        for algorithm in ALGORITHMS {
            assert!(VerifierKey::new("example.com", algorithm, &vec![9; length]).is_err());
        }
    }
}

#[test]
fn malformed_notes_are_refused() {
    let line = "— a AAAAAAA=\n";
    for (note, what) in [
        (String::new(), "nothing"),
        ("text\n".to_owned(), "no signatures"),
        ("text\n\n".to_owned(), "no signature line"),
        (format!("text\n{line}"), "no blank line"),
        (format!("text\n\n{line}\n"), "a blank line after"),
        (
            format!("text\n\n{}", line.trim_end()),
            "no newline at the end",
        ),
        ("text\n\n- a AAAAAAA=\n".to_owned(), "a hyphen for the dash"),
        ("text\n\n—  a AAAAAAA=\n".to_owned(), "two spaces"),
        (
            "text\n\n— a  AAAAAAA=\n".to_owned(),
            "two spaces before the signature",
        ),
        ("text\n\n— a AAAAAAA\n".to_owned(), "no padding"),
        (
            "text\n\n— a AAAAAAB=\n".to_owned(),
            "bits that are not used",
        ),
        (
            "text\n\n— a AAAAAA==\n".to_owned(),
            "a key id and nothing else",
        ),
        ("text\n\n— a+b AAAAAAA=\n".to_owned(), "a plus in the name"),
        (
            "text\n\n— a\u{2003}b AAAAAAA=\n".to_owned(),
            "a Unicode space in the name",
        ),
        (format!("te\txt\n\n{line}"), "a tab"),
        (format!("te\rxt\n\n{line}"), "a carriage return"),
        (
            format!("text\n\n{line}garbage\n"),
            "a line that is no signature",
        ),
    ] {
        assert!(Note::parse(note.as_bytes()).is_err(), "{what}");
    }
    assert!(
        Note::parse(b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n").is_err(),
        "not UTF-8"
    );
    Note::parse(format!("text\n\nmore text\n\n{line}").as_bytes()).unwrap();
}

#[test]
fn notes_are_limited_in_signatures_and_bytes_but_not_below_the_format() {
    let line = "— a AAAAAAA=\n";
    for (count, accepted) in [
        (1, true),
        (16, true),
        (SIGNATURES_MAX, true),
        (SIGNATURES_MAX + 1, false),
    ] {
        let note = format!("text\n\n{}", line.repeat(count));
        assert_eq!(Note::parse(note.as_bytes()).is_ok(), accepted, "{count}");
    }
    let long = format!("{}\n\n{line}", "x".repeat(NOTE_BYTES_MAX));
    assert_eq!(
        Note::parse(long.as_bytes()).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    // The most that the limits were derived from.
    let name = "n".repeat(255);
    let keys: Vec<SignerKey> = (0..2)
        .map(|n| key(&name, Algorithm::CosignatureMlDsa44, n))
        .collect();
    let one = signed(&keys).len() - signed(&keys[..1]).len();
    assert!(one * SIGNATURES_MAX + 400 <= NOTE_BYTES_MAX);
}

#[test]
fn a_checkpoint_opens_with_any_of_its_keys_and_strictly_with_all() {
    let keys = log_keys();
    let note = signed(&keys);
    for trusted in [
        &verifiers(&keys)[..],
        &verifiers(&keys)[..1],
        &verifiers(&keys)[1..],
    ] {
        let head = Checkpoint::open(&note, ORIGIN, trusted).unwrap();
        assert_eq!(head.signers().len(), trusted.len());
        assert_eq!(
            (head.get().size(), *head.get().root()),
            (7, leaf_hash(b"root"))
        );
        Checkpoint::open_all(&note, ORIGIN, trusted).unwrap();
    }
    let half = signed(&keys[..1]);
    Checkpoint::open(&half, ORIGIN, &verifiers(&keys)).unwrap();
    let error = Checkpoint::open_all(&half, ORIGIN, &verifiers(&keys)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSigned);
    assert_eq!(
        Checkpoint::open(&note, ORIGIN, &[]).unwrap_err().kind(),
        ErrorKind::NotSigned
    );
    let error = Checkpoint::open(&note, "example.com/other", &verifiers(&keys)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSigned);
}

#[test]
fn one_wrong_signature_by_a_known_key_refuses_the_checkpoint() {
    let keys = log_keys();
    for broken in 0..2 {
        let mut note = Note::parse(&signed(&keys)).unwrap();
        *note.signatures[broken].bytes.last_mut().unwrap() ^= 1;
        let error = Checkpoint::open(&note.to_bytes(), ORIGIN, &verifiers(&keys)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadSignature);
        // Unknown, it is none of our business.
        let other = &verifiers(&keys)[1 - broken..2 - broken];
        Checkpoint::open(&note.to_bytes(), ORIGIN, other).unwrap();
    }
}

#[test]
fn a_signature_under_another_name_or_id_is_not_by_the_key() {
    let keys = log_keys();
    let trusted = verifiers(&keys[..1]);
    let mut note = Note::parse(&signed(&keys[..1])).unwrap();
    note.signatures[0].name = "example.com/other".to_owned();
    assert!(verify_note(&note, &trusted).unwrap().is_empty());
    let mut note = Note::parse(&signed(&keys[..1])).unwrap();
    note.signatures[0].id.0 ^= 1;
    assert!(verify_note(&note, &trusted).unwrap().is_empty());
}

#[test]
fn every_byte_of_a_signed_checkpoint_counts() {
    let keys = log_keys();
    let note = signed(&keys);
    for at in (0..note.len()).filter(|at| *at < 300 || at % 23 == 0) {
        let mut other = note.clone();
        other[at] ^= 1;
        // A name or id that differs makes an unknown signature: all must have signed.
        assert!(
            Checkpoint::open_all(&other, ORIGIN, &verifiers(&keys)).is_err(),
            "byte {at}"
        );
    }
}

/// tlog-cosignature's struct, written out by hand: what the log's ML-DSA-44 key signs.
#[test]
fn the_log_signs_the_whole_tree_as_a_subtree_with_its_time() {
    let keys = log_keys();
    let note = Note::parse(&signed(&keys)).unwrap();
    let root = leaf_hash(b"root");
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(ORIGIN.len() as u8);
    message.extend_from_slice(ORIGIN.as_bytes());
    message.extend_from_slice(&TIME_S.to_be_bytes());
    message.push(ORIGIN.len() as u8);
    message.extend_from_slice(ORIGIN.as_bytes());
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&7u64.to_be_bytes());
    message.extend_from_slice(root.as_bytes());
    let signature = &note.signatures[1].bytes;
    assert_eq!(signature.len(), 8 + 2420);
    assert_eq!(signature[..8], TIME_S.to_be_bytes());
    assert!(keys[1].verifier().verify_bytes(&message, &signature[8..]));
    assert_eq!(keys[1].verifier().public_key().len(), 1312);
}

#[test]
fn a_cosignature_with_another_time_does_not_verify() {
    for algorithm in [Algorithm::CosignatureEd25519, Algorithm::CosignatureMlDsa44] {
        let witness = key("witness.example", algorithm, 4);
        let text = Checkpoint::new(ORIGIN, 7, leaf_hash(b"root"))
            .unwrap()
            .to_text();
        let signature = witness.sign(&text, TIME_S).unwrap();
        assert_eq!(
            witness.verifier().verify(&text, &signature).unwrap(),
            Some(TIME_S)
        );
        for at in 0..8 {
            let mut other = signature.clone();
            other.bytes[at] ^= 1;
            assert!(witness.verifier().verify(&text, &other).is_err());
        }
        assert!(witness.sign(&text, 1 << 63).is_err(), "times end at 2^63");
        assert!(witness.sign("not a checkpoint\n", TIME_S).is_err());
    }
}

#[test]
fn extension_lines_are_read_and_skipped_but_covered_by_ed25519() {
    let text = format!(
        "{ORIGIN}\n7\n{}\nextension one\nanother\n",
        leaf_hash(b"root")
    );
    let keys = log_keys();
    let signatures = keys
        .iter()
        .map(|key| key.sign(&text, TIME_S).unwrap())
        .collect();
    let note = Note {
        text: text.clone(),
        signatures,
    };
    let head = Checkpoint::open_all(&note.to_bytes(), ORIGIN, &verifiers(&keys)).unwrap();
    assert_eq!(head.get().size(), 7);
    let other = Note {
        text: text.replace("another", "changed"),
        ..note
    };
    assert!(Checkpoint::open(&other.to_bytes(), ORIGIN, &verifiers(&keys)).is_err());
    // The ML-DSA-44 signature does not cover them, so none of them is ever shown.
    let by_ml_dsa = Checkpoint::open(&other.to_bytes(), ORIGIN, &verifiers(&keys[1..])).unwrap();
    assert_eq!(by_ml_dsa.get(), head.get());
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = leaf_hash(b"root").to_string();
    let empty = Hash::EMPTY_ROOT.to_string();
    Checkpoint::parse_text(&format!("o\n0\n{empty}\n")).unwrap();
    Checkpoint::parse_text(&format!("o\n{}\n{root}\n", u64::MAX)).unwrap();
    for text in [
        String::new(),
        "o\n7\n".to_owned(),
        format!("o\n7\n{root}"),
        format!("\n7\n{root}\n"),
        format!("o\n\n7\n{root}\n"),
        format!("o\n07\n{root}\n"),
        format!("o\n+7\n{root}\n"),
        format!("o\n-7\n{root}\n"),
        format!("o\n7 \n{root}\n"),
        format!("o\n0x7\n{root}\n"),
        format!("o\n\u{0667}\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n0\n{root}\n"),
        format!("o\n7\n{}\n", &root[..40]),
        format!("o\n7\n{}\n", root.trim_end_matches('=')),
        format!("o\n7\n{root}\n\n"),
        format!("o\n7\n{root}\n\nextension\n"),
    ] {
        assert!(Checkpoint::parse_text(&text).is_err(), "{text:?}");
    }
    // The last character of a hash's base64 has two bits that are not used.
    let (start, last) = root.split_at(42);
    let next = char::from(last.as_bytes()[0] + 1);
    let malleable = format!("o\n7\n{start}{next}=\n");
    assert!(Checkpoint::parse_text(&malleable).is_err(), "{malleable}");
}

#[test]
fn subtrees_are_signed_by_ml_dsa_keys_only_and_only_aligned() {
    let key_44 = key("witness.example", Algorithm::CosignatureMlDsa44, 5);
    let tree = Subtree {
        origin: ORIGIN.to_owned(),
        start: 8,
        end: 13,
        root: leaf_hash(b"x"),
    };
    let bytes = sign_subtree(&key_44, &tree).unwrap();
    verify_subtree_signature(key_44.verifier(), &tree, &bytes).unwrap();
    for other in [
        Subtree {
            start: 0,
            ..tree.clone()
        },
        Subtree {
            end: 14,
            ..tree.clone()
        },
        Subtree {
            origin: "example.com/other".to_owned(),
            ..tree.clone()
        },
        Subtree {
            root: leaf_hash(b"y"),
            ..tree.clone()
        },
    ] {
        assert!(verify_subtree_signature(key_44.verifier(), &other, &bytes).is_err());
    }
    let mut dated = bytes.clone();
    dated[7] = 1;
    assert!(verify_subtree_signature(key_44.verifier(), &tree, &dated).is_err());
    assert!(
        sign_subtree(
            &key_44,
            &Subtree {
                start: 9,
                ..tree.clone()
            }
        )
        .is_err()
    );
    let key_25519 = key("witness.example", Algorithm::CosignatureEd25519, 5);
    assert!(sign_subtree(&key_25519, &tree).is_err());
}

proptest! {
    #[test]
    fn what_is_parsed_is_written_back_byte_for_byte(text in "[ -~\n]{0,40}", names in
        proptest::collection::vec("[a-z.\u{e9}]{1,9}", 1..5), bytes in
        proptest::collection::vec(any::<u8>(), 5..90)
    ) {
        use base64::Engine as _;
        let signature = base64::engine::general_purpose::STANDARD.encode(bytes);
        let lines: String = names.iter().map(|name| format!("— {name} {signature}\n")).collect();
        let note = format!("{text}\n\n{lines}");
        let parsed = Note::parse(note.as_bytes()).unwrap();
        prop_assert_eq!(parsed.to_bytes(), note.as_bytes());
        prop_assert_eq!(parsed.text, format!("{text}\n"));
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Note::parse(&bytes);
        let _ = avow_tlog::OfflineProof::parse(&bytes);
        let _ = avow_tlog::Policy::parse(&bytes);
        let _ = avow_tlog::parse_bundle(&bytes, 3);
        let text = String::from_utf8_lossy(&bytes);
        let _ = avow_tlog::Tile::parse(&text);
        let _ = text.parse::<VerifierKey>();
        let _ = SignerKey::from_secret_text(&text);
        let _ = Checkpoint::parse_text(&text);
    }
}
