//! Sealed fields: RFC 9901's own examples, proofs, erasure, SD-JWT.

use std::process::Command;

use avow_event::{
    Action, Disclosure, Event, Field, FieldProof, Micros, Presentation, SEALED_FIELDS_MAX,
    SealedFields, Value, disclosure_digest,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ed25519_dalek::{Signer, SigningKey, Verifier};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Disclosures and digests that RFC 9901 prints, with the section.
const PRINTED: [(&str, &str, &str); 9] = [
    (
        "4.2.3, family_name",
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    ),
    (
        "4.2.3, array element",
        "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0",
        "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs",
    ),
    (
        "5.1, given_name",
        "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
        "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
    ),
    (
        "5.1, family_name",
        "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
        "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
    ),
    (
        "5.1, birthdate",
        "WyJQYzMzSk0yTGNoY1VfbEhnZ3ZfdWZRIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0",
        "gbOsI4Edq2x2Kw-w5wPEzakob9hV1cRD0ATN3oQL9JM",
    ),
    (
        "5.1, updated_at",
        "WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ",
        "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI",
    ),
    (
        "5.1, nationalities US",
        "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0",
        "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo",
    ),
    (
        "5.1, email",
        "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ",
        "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE",
    ),
    (
        "5.1, phone_number",
        "WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgInBob25lX251bWJlciIsICIrMS0yMDItNTU1LTAxMDEiXQ",
        "PorFbpKuVu6xymJagvkFsFXAbRoc2JGlAUA2BA4o7cI",
    ),
];

#[test]
fn digests_are_those_that_rfc_9901_prints() {
    for (section, disclosure, digest) in PRINTED {
        assert_eq!(
            BASE64URL.encode(disclosure_digest(disclosure)),
            digest,
            "{section}"
        );
    }
}

fn fields() -> SealedFields {
    let disclosures = [
        (
            "statement",
            Value::Text("SELECT name FROM users\n\tWHERE id = 7 -- \u{1f602} \"\\"),
        ),
        ("email", Value::Text("ana@example.com")),
        ("rows", Value::Integer(3)),
        ("bulk", Value::Boolean(false)),
        (
            "seen",
            Value::Time(Micros::new(1_772_928_000_000_000).unwrap()),
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (name, value))| {
        Disclosure::new(name, value, [u8::try_from(n).unwrap(); 16]).unwrap()
    });
    let decoys = (0..3_u8).map(|n| Sha256::digest([n, 9, 9]).into());
    SealedFields::new(disclosures, decoys).unwrap()
}

fn sealed_event(fields: &SealedFields) -> Event {
    let time = Micros::new(1_772_928_000_000_000).unwrap();
    let mut event = Event::new("pgaudit", 1, time, Action::Access);
    event
        .set(Field::Sealed, Value::Text(&fields.root_text()))
        .unwrap();
    event
}

/// The root again, level by level: the other way round than the library.
fn naive_root(digests: &[[u8; 32]]) -> [u8; 32] {
    let hash = |parts: &[&[u8]]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
    let mut level: Vec<[u8; 32]> = digests.iter().map(|d| hash(&[&[0], d])).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => hash(&[&[1], left, right]),
                rest => rest[0],
            })
            .collect();
    }
    level[0]
}

#[test]
fn a_field_is_proved_alone_and_read_back() {
    let fields = fields();
    let event = sealed_event(&fields);
    assert_eq!(fields.disclosures().count(), 5);
    assert_eq!(fields.digests().count(), 8);
    for disclosure in fields.disclosures() {
        let proof = fields.prove(disclosure.name()).unwrap();
        let text = proof.to_text();
        let read = FieldProof::parse(&text).unwrap();
        assert_eq!(read, proof);
        read.verify(&event).unwrap();
        assert_eq!(read.disclosure().value(), disclosure.value());
        for other in fields
            .disclosures()
            .filter(|d| d.name() != disclosure.name())
        {
            assert!(!text.contains(other.as_str()));
        }
    }
    assert!(fields.prove("phone").is_none());
}

#[test]
fn no_changed_byte_of_a_field_proof_goes_unnoticed() {
    let fields = fields();
    let event = sealed_event(&fields);
    let text = fields.prove("email").unwrap().to_text();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let accepted = String::from_utf8(bytes)
                .ok()
                .and_then(|text| FieldProof::parse(&text).ok())
                .is_some_and(|proof| proof.verify(&event).is_ok());
            assert!(!accepted, "byte {at}, bit {bit}");
        }
    }
    assert!(FieldProof::parse(text.trim_end()).is_err());
    assert!(FieldProof::parse(&format!("{text}\n")).is_err());
    let step = text.lines().last().unwrap();
    assert!(FieldProof::parse(&format!("{text}{}", format!("{step}\n").repeat(9))).is_err());
}

#[test]
fn an_event_without_these_fields_is_not_proved() {
    let fields = fields();
    let proof = fields.prove("email").unwrap();
    let mut event = sealed_event(&fields);
    event.sealed = None;
    assert_eq!(
        proof.verify(&event).unwrap_err().to_string(),
        "the event has no field `sealed`"
    );
    let salt = [77; 16];
    let other = Disclosure::new("email", Value::Text("ana@example.com"), salt).unwrap();
    let other = SealedFields::new([other], []).unwrap();
    let error = proof.verify(&sealed_event(&other)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the event does not seal this value of `email`"
    );
}

/// Leaves and nodes are hashed differently (RFC 6962 section 2.1).
#[test]
fn a_tree_with_a_node_in_place_of_its_fields_has_another_root() {
    let fields = fields();
    let digests: Vec<[u8; 32]> = fields.digests().collect();
    let leaf = |d: &[u8; 32]| -> [u8; 32] { Sha256::digest([&[0][..], d].concat()).into() };
    let node: [u8; 32] =
        Sha256::digest([&[1][..], &leaf(&digests[0]), &leaf(&digests[1])].concat()).into();
    let shorter: Vec<[u8; 32]> = std::iter::once(node)
        .chain(digests[2..].iter().copied())
        .collect();
    assert_ne!(naive_root(&shorter), fields.root());
}

#[test]
fn forgetting_a_field_keeps_the_root_and_the_other_proofs() {
    let mut fields = fields();
    let event = sealed_event(&fields);
    let before = fields.prove("rows").unwrap();
    assert!(fields.forget("email"));
    assert!(!fields.forget("email"));
    assert_eq!(Some(fields.root_text()), event.sealed);
    assert_eq!(fields.prove("rows").unwrap(), before);
    assert!(fields.prove("email").is_none());
    let kept = SealedFields::new(fields.disclosures().cloned(), {
        let shown: Vec<[u8; 32]> = fields.disclosures().map(Disclosure::digest).collect();
        fields
            .digests()
            .filter(|d| !shown.contains(d))
            .collect::<Vec<_>>()
    });
    assert_eq!(kept.unwrap(), fields);
}

#[test]
fn what_cannot_be_sealed_is_refused() {
    fn sealed(name: &str, value: Value<'_>) -> Result<Disclosure, avow_event::EventError> {
        Disclosure::new(name, value, [0; 16])
    }
    for name in ["", "_sd", "...", "iss", "avow_leaf", &"n".repeat(481)] {
        assert!(sealed(name, Value::Boolean(true)).is_err(), "{name}");
    }
    let long = "x".repeat(avow_event::SEALED_VALUE_BYTES_MAX);
    assert!(sealed("a", Value::Text(&long)).is_ok());
    assert!(sealed("a", Value::Text(&format!("{long}x"))).is_err());
    assert!(sealed("a", Value::Integer(avow_event::INTEGER_MAX + 1)).is_err());
    let one = |salt| Disclosure::new("a", Value::Integer(1), [salt; 16]).unwrap();
    assert!(SealedFields::new([], []).is_err());
    assert!(
        SealedFields::new([one(1), one(2)], []).is_err(),
        "one name twice"
    );
    assert!(
        SealedFields::new([one(1)], [one(1).digest()]).is_err(),
        "one digest twice"
    );
    let decoys = |n: usize| (0..n).map(|n| Sha256::digest(n.to_string()).into());
    assert!(SealedFields::new([], decoys(SEALED_FIELDS_MAX)).is_ok());
    assert!(SealedFields::new([], decoys(SEALED_FIELDS_MAX + 1)).is_err());
}

#[test]
fn disclosures_of_another_spelling_are_refused() {
    let good = r#"["AAAAAAAAAAAAAAAAAAAAAA","name","v"]"#;
    let parse = |json: &str| Disclosure::parse(&BASE64URL.encode(json));
    assert_eq!(parse(good).unwrap().value(), Value::Text("v"));
    for (from, to) in [
        (",", ", "),
        ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA="),
        ("name", "_sd"),
        ("name", "nam\\u0065"),
        (r#""v""#, "null"),
        (r#""v""#, "1.0"),
        (r#""v""#, "9007199254740992"),
        (r#""v""#, "[]"),
        (r#""v""#, r#""\u000a""#),
        (r#""v""#, r#""\u001F""#),
        (r#""v""#, r#""\/""#),
        (r#""v""#, "\"\n\""),
        (r#","v"]"#, "]"),
        ("]", "]]"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from} does not occur");
        assert!(parse(&bad).is_err(), "{bad}");
    }
    assert!(parse(&good.replace(r#""v""#, r#""\n\u001f""#)).is_ok());
    assert!(parse(&good.replace(r#""v""#, "9007199254740991")).is_ok());
    assert!(Disclosure::parse(&format!("{}=", BASE64URL.encode(good))).is_err());
}

proptest! {
    #[test]
    fn any_fields_prove_and_their_disclosures_read_back(
        values in proptest::collection::btree_map("[a-z]{1,8}", any::<String>(), 1..12),
        decoys in proptest::collection::btree_set(any::<[u8; 32]>(), 0..12),
        salt in any::<[u8; 15]>(),
    ) {
        let disclosures = values.iter().enumerate().filter_map(|(n, (name, value))| {
            let mut all = [u8::try_from(n).unwrap(); 16];
            all[1..].copy_from_slice(&salt);
            // A few names are reserved.
            Disclosure::new(name, Value::Text(value), all).ok()
        });
        let Ok(fields) = SealedFields::new(disclosures, decoys) else { return Ok(()); };
        let digests: Vec<[u8; 32]> = fields.digests().collect();
        prop_assert_eq!(fields.root(), naive_root(&digests));
        let event = sealed_event(&fields);
        for disclosure in fields.disclosures() {
            prop_assert_eq!(&Disclosure::parse(disclosure.as_str()).unwrap(), disclosure);
            prop_assert_eq!(disclosure.value(), Value::Text(&values[disclosure.name()]));
            // serde_json reads the same three parts.
            let json = BASE64URL.decode(disclosure.as_str()).unwrap();
            let parts: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(parts[2].as_str(), Some(values[disclosure.name()].as_str()));
            fields.prove(disclosure.name()).unwrap().verify(&event).unwrap();
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = Disclosure::parse(&text);
        let _ = FieldProof::parse(&text);
        let _ = Presentation::verify(&text, |_, _| true);
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

fn issued(fields: &SealedFields) -> (Vec<u8>, String) {
    let leaf = sealed_event(fields).to_leaf();
    let sign = |input: &[u8]| key().sign(input).to_bytes();
    let jwt = fields
        .issue("https://log.example", 1_772_928_001, &leaf, sign)
        .unwrap();
    (leaf, jwt)
}

fn verify(text: &str) -> Result<Presentation, avow_event::EventError> {
    Presentation::verify(text, |input, signature| {
        key()
            .verifying_key()
            .verify(input, &(*signature).into())
            .is_ok()
    })
}

#[test]
fn a_presentation_shows_the_named_fields_of_its_leaf() {
    let fields = fields();
    let (leaf, jwt) = issued(&fields);
    let text = fields.present(&jwt, &["email", "rows"]).unwrap();
    let presentation = verify(&text).unwrap();
    presentation.check_leaf(&leaf).unwrap();
    let shown: Vec<&str> = presentation
        .disclosures()
        .iter()
        .map(Disclosure::name)
        .collect();
    assert_eq!(shown, ["email", "rows"]);
    assert_eq!(presentation.issuer(), "https://log.example");
    assert_eq!(presentation.issued(), 1_772_928_001);
    assert_eq!(
        presentation.leaf_hash()[..],
        Sha256::digest([&[0][..], &leaf].concat())[..]
    );
    assert!(fields.present(&jwt, &["phone"]).is_err());
    let mut other = sealed_event(&fields);
    other.seq = 2;
    let error = presentation.check_leaf(&other.to_leaf()).unwrap_err();
    assert_eq!(error.to_string(), "the SD-JWT speaks of another leaf");
    let sign = |_: &[u8]| [0; 64];
    other.sealed = None;
    assert!(fields.issue("i", 1, &other.to_leaf(), sign).is_err());
    assert!(fields.issue("", 1, &leaf, sign).is_err());
}

#[test]
fn no_changed_byte_of_a_presentation_goes_unnoticed() {
    let fields = fields();
    let (_, jwt) = issued(&fields);
    let text = fields.present(&jwt, &["rows"]).unwrap();
    assert!(verify(&text).is_ok());
    for at in 0..text.len() {
        for bit in [0, 2, 5] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let text = String::from_utf8(bytes).unwrap();
            assert!(verify(&text).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_signed_statement_that_contradicts_itself_is_refused() {
    let fields = fields();
    let (_, jwt) = issued(&fields);
    let payload = BASE64URL.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let signed = |payload: &str, shown: &str| {
        let header = jwt.split('.').next().unwrap();
        let input = format!("{header}.{}", BASE64URL.encode(payload));
        let signature = BASE64URL.encode(key().sign(input.as_bytes()).to_bytes());
        verify(&format!("{input}.{signature}~{shown}"))
    };
    let rows = fields.disclosure("rows").unwrap().as_str();
    assert!(signed(&payload, &format!("{rows}~")).is_ok());
    let digests: Vec<String> = fields.digests().map(|d| BASE64URL.encode(d)).collect();
    let (first, second) = (&digests[0], &digests[1]);
    let swapped = payload.replace(
        &format!("\"{first}\",\"{second}\""),
        &format!("\"{second}\",\"{first}\""),
    );
    let fewer = payload.replace(&format!("\"{first}\","), "");
    let twice = payload.replace(
        &format!("\"{first}\","),
        &format!("\"{first}\",\"{first}\","),
    );
    for bad in [
        swapped,
        fewer,
        twice,
        payload.replace("\"iat\":", "\"iat\": "),
        payload.replace("sha-256", "sha-512"),
    ] {
        assert_ne!(bad, payload);
        assert!(signed(&bad, "").is_err(), "{bad}");
    }
    let stranger = Disclosure::new("rows", Value::Integer(4), [8; 16]).unwrap();
    assert!(signed(&payload, &format!("{}~", stranger.as_str())).is_err());
    assert!(signed(&payload, &format!("{rows}~{rows}~")).is_err());
    assert!(
        signed(&payload, rows).is_err(),
        "a key-binding JWT has no place"
    );
}

/// The reference implementation (PyPI `sd-jwt`) has to accept what we present
/// and to refuse it once a byte of it is changed.
#[test]
fn the_reference_implementation_accepts_a_presentation() {
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        println!("not run: AVOW_PYTHON is not set");
        return;
    };
    let fields = fields();
    let (leaf, jwt) = issued(&fields);
    let names = ["statement", "email", "rows", "bulk"];
    let text = fields.present(&jwt, &names).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sd_jwt_verify.py");
    let public = BASE64URL.encode(key().verifying_key().as_bytes());
    let run = |text: &str| {
        Command::new(&python)
            .args([script, &public, text])
            .output()
            .unwrap()
    };
    let output = run(&text);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let payload: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let leaf_hash = BASE64URL.encode(Sha256::digest([&[0][..], &leaf].concat()));
    assert_eq!(
        payload,
        serde_json::json!({
            "avow_leaf": leaf_hash,
            "avow_sealed": fields.root_text(),
            "bulk": false,
            "email": "ana@example.com",
            "iat": 1_772_928_001,
            "iss": "https://log.example",
            "rows": 3,
            "statement": "SELECT name FROM users\n\tWHERE id = 7 -- \u{1f602} \"\\",
        })
    );
    let mut forged = text.clone().into_bytes();
    forged[60] ^= 1;
    assert!(!run(&String::from_utf8(forged).unwrap()).status.success());
}
