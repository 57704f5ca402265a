//! Pseudonyms: the primitive against RFC 4231, the construction by hand.

use avow_event::{PseudonymKey, is_pseudonym};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 4231 sections 4.2 to 4.8, HMAC-SHA-256. Section 4.6 is the one that cuts
/// to 128 bits, as pseudonyms are.
#[test]
fn hmac_sha_256_is_that_of_rfc_4231() {
    let (long, counting) = (vec![0xaa; 131], (1..=25).collect::<Vec<u8>>());
    let cases: [(&[u8], &[u8], &str); 7] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (&[0x0c; 20], b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
        (&long, b"Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        (&long, b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.", "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ];
    for (key, data, expected) in cases {
        assert!(hex(&hmac(key, data)).starts_with(expected), "{data:?}");
    }
}

/// RFC 2104 section 2 from SHA-256 alone.
#[test]
fn a_pseudonym_is_the_first_128_bits_of_hmac_over_kind_and_identifier() {
    let secret: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 7).unwrap());
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = secret.to_vec();
        block.resize(64, 0);
        block.iter().map(|b| b ^ byte).collect()
    };
    for (kind, identifier) in [
        ("actor", "arn:aws:iam::1:user/ana"),
        ("object", ""),
        ("subject", "\u{5f20}"),
    ] {
        let inner =
            Sha256::digest([&pad(0x36)[..], kind.as_bytes(), &[0], identifier.as_bytes()].concat());
        let tag = Sha256::digest([&pad(0x5c)[..], &inner[..]].concat());
        let pseudonym = PseudonymKey::new(secret).pseudonym(kind, identifier);
        assert_eq!(pseudonym, format!("p_{}", BASE64URL.encode(&tag[..16])));
        assert!(is_pseudonym(&pseudonym));
    }
}

#[test]
fn another_key_or_kind_gives_another_pseudonym() {
    let pseudonym =
        |key: u8, kind, identifier| PseudonymKey::new([key; 32]).pseudonym(kind, identifier);
    let all = [
        pseudonym(1, "actor", "ana"),
        pseudonym(2, "actor", "ana"),
        pseudonym(1, "object", "ana"),
        pseudonym(1, "actor", "ann"),
        pseudonym(1, "actora", "na"),
        pseudonym(1, "actor", "\0ana"),
    ];
    let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn what_has_not_the_form_is_no_pseudonym() {
    for text in [
        "",
        "p_",
        "ana",
        "p_AAAAAAAAAAAAAAAAAAAAA",
        "p_AAAAAAAAAAAAAAAAAAAAAAA",
        "q_AAAAAAAAAAAAAAAAAAAAAA",
        "p_AAAAAAAAAAAAAAAAAAAAA=",
    ] {
        assert!(!is_pseudonym(text), "{text}");
    }
}
