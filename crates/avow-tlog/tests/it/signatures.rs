//! Signature vectors of others. Which profile of Ed25519 we accept, and every vector against it.
//!
//! | vector has | we | because |
//! |---|---|---|
//! | key of small order | refuse | one signature would fit every text |
//! | commitment R of small order | refuse | likewise, for the part the signer does not choose alone |
//! | key or R not canonical | refuse | a second spelling of the same signature or key |
//! | S of the group order or more | refuse | RFC 8032 section 5.1.7 |
//! | equation that holds only times the cofactor | refuse | as Go, OpenSSL and ring, which witnesses use |
//! | key or R with a small-order component, equation holding | accept | nothing is lost, and others accept it |

use avow_tlog::{Algorithm, SignerKey, VerifierKey};
use serde_json::Value;
use shake::{ExtendableOutput as _, Shake128, Update as _, XofReader as _};

use crate::shared::{hex, vectors};

fn read(path: &str) -> Option<Value> {
    let path = vectors(path)?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    hex(vector[name].as_str().unwrap())
}

fn verifies(algorithm: Algorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    VerifierKey::new("example.com/key", algorithm, key)
        .is_ok_and(|key| key.verify_bytes(message, signature))
}

#[test]
fn every_edge_case_of_ed25519_is_judged_by_our_profile() {
    let Some(vectors) = read("cctv/ed25519/ed25519vectors.json") else {
        return;
    };
    let harmless = ["low_order_component_A", "low_order_component_R"];
    let (mut accepted, mut refused) = (0, 0);
    for vector in vectors.as_array().unwrap() {
        let flags: Vec<&str> = vector["flags"].as_array().map_or(Vec::new(), |flags| {
            flags.iter().map(|f| f.as_str().unwrap()).collect()
        });
        let expected = flags.iter().all(|flag| harmless.contains(flag));
        let message = vector["msg"].as_str().unwrap().as_bytes();
        let (key, signature) = (bytes(vector, "key"), bytes(vector, "sig"));
        let verified = verifies(Algorithm::Ed25519, &key, message, &signature);
        assert_eq!(
            verified, expected,
            "vector {} with {flags:?}",
            vector["number"]
        );
        if verified {
            accepted += 1
        } else {
            refused += 1
        }
    }
    assert_eq!((accepted, refused), (43, 871));
}

#[test]
fn wycheproof_ed25519_is_judged_as_it_says() {
    let Some(file) = read("wycheproof/testvectors_v1/ed25519_test.json") else {
        return;
    };
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = bytes(&group["publicKey"], "pk");
        for test in group["tests"].as_array().unwrap() {
            let verified = verifies(
                Algorithm::Ed25519,
                &key,
                &bytes(test, "msg"),
                &bytes(test, "sig"),
            );
            assert_eq!(verified, test["result"] == "valid", "test {}", test["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, file["numberOfTests"]);
}

/// Tests with a context are not for us: a cosignature's context is empty. They
/// are counted, and must not verify without theirs.
#[test]
fn wycheproof_ml_dsa_44_is_judged_as_it_says() {
    let Some(file) = read("wycheproof/testvectors_v1/mldsa_44_verify_test.json") else {
        return;
    };
    let (mut judged, mut with_context) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = bytes(group, "publicKey");
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (bytes(test, "msg"), bytes(test, "sig"));
            let verified = verifies(Algorithm::CosignatureMlDsa44, &key, &message, &signature);
            if test["ctx"]
                .as_str()
                .is_some_and(|context| !context.is_empty())
            {
                assert!(!verified, "test {}", test["tcId"]);
                with_context += 1;
            } else {
                assert_eq!(verified, test["result"] == "valid", "test {}", test["tcId"]);
                judged += 1;
            }
        }
    }
    assert_eq!(
        judged + with_context,
        file["numberOfTests"].as_u64().unwrap()
    );
    println!("{judged} judged, {with_context} with a context");
}

/// The 100 iterations that CCTV gives for interactive tests; 10,000 take minutes.
#[test]
fn ml_dsa_44_keys_and_signatures_accumulate_to_the_published_digest() {
    let Some(readme) = vectors("cctv/ML-DSA/accumulated/README.md") else {
        return;
    };
    let readme = std::fs::read_to_string(readme).unwrap();
    let section = readme.split("### ML-DSA-44").nth(1).unwrap();
    let line = section
        .lines()
        .find(|line| line.starts_with("- 100 iterations"))
        .unwrap();
    let published = line.split('`').nth(1).unwrap();

    let mut seeds = Shake128::default().finalize_xof();
    let mut accumulated = Shake128::default();
    for _ in 0..100 {
        let mut seed = [0; 32];
        seeds.read(&mut seed);
        let key = SignerKey::from_seed("example.com", Algorithm::CosignatureMlDsa44, seed).unwrap();
        let signature = key.dangerous_sign_bytes(b"").unwrap();
        assert!(key.verifier().verify_bytes(b"", &signature));
        accumulated.update(key.verifier().public_key());
        accumulated.update(&signature);
    }
    let mut digest = [0; 32];
    accumulated.finalize_xof().read(&mut digest);
    assert_eq!(digest.as_slice(), hex(published));
}
