//! Each way to fail: a proof that is well signed where it can be, wrong in one
//! thing, and refused for exactly that.

use avow_proof::{NotProved, ProofError, Trust, verify, verify_full};
use avow_tlog::{Algorithm, Checkpoint, Hash, OfflineProof, SignerKey};

use crate::scene::{Forge, ORIGIN, Scene, error, large_scene, proof, proof_without_log};

fn part(name: &str) -> String {
    name.to_owned()
}

#[test]
fn the_forge_itself_makes_valid_proofs() {
    assert_eq!(Forge::new().finish(), proof());
}

// The container and its list of parts.

#[test]
fn a_part_added_without_signing_is_unknown() {
    let mut forge = Forge::new();
    forge.put("leaves/99.json", "{}");
    assert_eq!(
        error(&forge.pack()),
        ProofError::PartUnknown {
            name: part("leaves/99.json")
        }
    );
}

#[test]
fn a_part_added_and_signed_is_still_unknown() {
    let mut forge = Forge::new();
    forge.put("leaves/99.json", "{}");
    assert_eq!(
        error(&forge.finish()),
        ProofError::PartUnknown {
            name: part("leaves/99.json")
        }
    );
}

#[test]
fn each_part_that_is_taken_away_is_missing() {
    let names: Vec<String> = Forge::new().parts.into_keys().collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let mut forge = Forge::new();
        forge.parts.remove(&name);
        if name == "README.txt" {
            // Without it the container is not in order.
            let parts: Vec<_> = forge.parts.iter().collect();
            assert!(parts.iter().all(|(name, _)| *name != "README.txt"));
            continue;
        }
        assert_eq!(
            error(&forge.pack()),
            ProofError::PartMissing { name: name.clone() },
            "{name}"
        );
    }
}

#[test]
fn each_part_that_is_taken_away_and_signed_is_missing() {
    // Without its checkpoint the log is taken for absent, and the rest of it
    // is then not called for.
    for name in Forge::new().parts.into_keys() {
        if ["README.txt", "statement.dsse.json", "log/checkpoint"].contains(&name.as_str()) {
            continue;
        }
        let mut forge = Forge::new();
        forge.parts.remove(&name);
        let found = error(&forge.finish());
        assert_eq!(found, ProofError::PartMissing { name: name.clone() });
    }
}

#[test]
fn a_log_without_its_checkpoint_is_not_called_for() {
    let mut forge = Forge::new();
    forge.parts.remove("log/checkpoint");
    assert!(matches!(
        error(&forge.finish()),
        ProofError::DerivedDiffers { name, .. } if name == "README.txt"
    ));
}

#[test]
fn a_part_changed_without_signing_has_another_digest() {
    for name in [
        "pledge.toml",
        "places.tsv",
        "verdict.json",
        "events.ndjson",
        "log/checkpoint",
    ] {
        let mut forge = Forge::new();
        let mut bytes = forge.parts[name].clone();
        bytes.push(b'\n');
        forge.put(name, bytes);
        assert_eq!(
            error(&forge.pack()),
            ProofError::PartDigest { name: part(name) }
        );
    }
}

// The statement and its envelope.

#[test]
fn an_envelope_that_cannot_be_read_is_malformed() {
    let mut forge = Forge::new();
    forge.put("statement.dsse.json", "{}");
    assert!(matches!(
        error(&forge.pack()),
        ProofError::EnvelopeMalformed { .. }
    ));
}

#[test]
fn another_payload_type_is_refused() {
    let mut forge = Forge::new();
    forge.replace("statement.dsse.json", "vnd.in-toto+json", "json");
    assert_eq!(
        error(&forge.pack()),
        ProofError::PayloadType {
            found: "application/json".to_owned()
        }
    );
}

#[test]
fn a_statement_without_signature_is_unsigned() {
    let mut forge = Forge::new();
    let text = String::from_utf8(forge.parts["statement.dsse.json"].clone()).unwrap();
    let (head, _) = text.split_once("[{").unwrap();
    forge.put("statement.dsse.json", format!("{head}[]}}"));
    assert_eq!(error(&forge.pack()), ProofError::StatementUnsigned);
}

#[test]
fn a_statement_signed_with_another_key_is_refused() {
    let mut forge = Forge::new();
    forge.scene.ed25519 = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    let other = forge.scene.ed25519.verifier();
    let found = format!("{ORIGIN}+{:08x}", other.id().0);
    assert_eq!(error(&forge.finish()), ProofError::StatementKey { found });
}

#[test]
fn a_statement_changed_after_signing_does_not_verify() {
    let mut forge = Forge::new();
    let envelope =
        avow_proof::envelope::Envelope::parse(&forge.parts["statement.dsse.json"]).unwrap();
    let text = String::from_utf8(envelope.payload.clone()).unwrap();
    let mut altered = envelope;
    altered.payload = text
        .replacen("\"verdict\":\"breached\"", "\"verdict\":\"kept\"", 1)
        .into_bytes();
    forge.put("statement.dsse.json", altered.to_json());
    assert!(matches!(
        error(&forge.pack()),
        ProofError::StatementSignature { .. }
    ));
}

#[test]
fn a_signed_payload_that_is_no_statement_is_malformed() {
    let malformed = |payload: &str| {
        let found = error(&Forge::new().sign(payload));
        assert!(
            matches!(found, ProofError::StatementMalformed { .. }),
            "{found:?}"
        );
    };
    malformed("{}");
    let payload = Forge::new().payload();
    malformed(&format!("{payload} "));
    malformed(&payload.replacen("\"treeSize\":11", "\"treeSize\":11,\"x\":1", 1));
    malformed(&payload.replacen("\"treeSize\":11", "\"treeSize\":9007199254740992", 1));
}

#[test]
fn subjects_out_of_order_are_malformed() {
    let forge = Forge::new();
    let mut subjects = forge.subjects();
    subjects.swap(1, 2);
    let statement = avow_proof::statement::Statement::new(subjects, forge.predicate.clone());
    assert!(matches!(
        error(&forge.sign(&statement.to_json())),
        ProofError::StatementMalformed { .. }
    ));
}

#[test]
fn other_types_of_statement_and_predicate_are_refused() {
    let payload = Forge::new().payload();
    assert_eq!(
        error(&Forge::new().sign(&payload.replace("Statement/v1", "Statement/v2"))),
        ProofError::StatementType {
            found: "https://in-toto.io/Statement/v2".to_owned()
        }
    );
    assert_eq!(
        error(&Forge::new().sign(&payload.replace("verdict:v1", "verdict:v2"))),
        ProofError::PredicateType {
            found: "urn:avow:predicate:verdict:v2".to_owned()
        }
    );
}

// Keys and checkpoint.

#[test]
fn a_policy_that_cannot_be_read_is_malformed() {
    let mut forge = Forge::new();
    forge.put("policy", "quorum\n");
    assert!(matches!(
        error(&forge.finish()),
        ProofError::PolicyMalformed { .. }
    ));
}

#[test]
fn a_policy_needs_both_keys_of_one_log() {
    let keys = Scene::new().keys();
    let other = SignerKey::from_seed("example.com/other", Algorithm::CosignatureMlDsa44, [3; 32]);
    let other = other.unwrap().verifier().clone();
    for keys in [
        vec![],
        vec![keys[0].clone()],
        vec![keys[1].clone()],
        vec![keys[0].clone(), other],
    ] {
        let mut forge = Forge::new();
        forge.put("policy", avow_proof::policy_text(&keys));
        assert_eq!(error(&forge.finish()), ProofError::PolicyKeys);
    }
}

#[test]
fn a_proof_of_other_keys_is_not_trusted() {
    let other = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [9; 32]).unwrap();
    let keys = Scene::new().keys();
    let untrusted = |trusted: Vec<_>, key: usize| {
        assert_eq!(
            verify(proof(), &Trust::Keys(trusted)).unwrap_err(),
            ProofError::UntrustedKey {
                key: format!("{ORIGIN}+{:08x}", keys[key].id().0)
            }
        );
    };
    untrusted(vec![], 0);
    untrusted(vec![other.verifier().clone()], 0);
    // Only the post-quantum key is known: the statement is signed with the other.
    untrusted(vec![keys[1].clone()], 0);
    let post_quantum =
        SignerKey::from_seed(ORIGIN, Algorithm::CosignatureMlDsa44, [9; 32]).unwrap();
    untrusted(vec![keys[0].clone(), post_quantum.verifier().clone()], 1);
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_malformed() {
    let malformed = |bytes: Vec<u8>| {
        let mut forge = Forge::new();
        forge.put("checkpoint", bytes);
        assert!(matches!(
            error(&forge.finish()),
            ProofError::CheckpointMalformed { .. }
        ));
    };
    malformed(b"no note".to_vec());
    // Extension lines would be under one signature only.
    let scene = Scene::new();
    let text = format!("{}extra\n", head(&scene).to_text());
    let signatures = [&scene.ed25519, &scene.ml_dsa_44].map(|key| key.sign(&text, 1).unwrap());
    let note = avow_tlog::Note {
        text,
        signatures: signatures.to_vec(),
    };
    malformed(note.to_bytes());
}

fn head(scene: &Scene) -> Checkpoint {
    let tree = scene.tree();
    Checkpoint::new(ORIGIN, tree.size(), tree.root()).unwrap()
}

/// A forge whose checkpoint is this one, wherever it stands.
fn with_checkpoint(note: &[u8]) -> Forge {
    let mut forge = Forge::new();
    let old = forge.parts["checkpoint"].clone();
    forge.put("checkpoint", note);
    forge.put("log/checkpoint", note);
    for (name, bytes) in &mut forge.parts {
        if name.ends_with(".tlog-proof") {
            let mut proof = OfflineProof::parse(bytes).unwrap();
            assert_eq!(proof.checkpoint, old);
            proof.checkpoint = note.to_vec();
            *bytes = proof.to_bytes();
        }
    }
    forge
}

#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let scene = Scene::new();
    let tree = scene.tree();
    let other = Checkpoint::new("example.com/other", tree.size(), tree.root()).unwrap();
    let key = SignerKey::from_seed("example.com/other", Algorithm::Ed25519, [1; 32]).unwrap();
    let forge = with_checkpoint(&other.sign(&[&key], 1).unwrap());
    assert_eq!(
        error(&forge.finish()),
        ProofError::Origin {
            found: "example.com/other".to_owned(),
            expected: ORIGIN.to_owned()
        }
    );
    let mut forge = Forge::new();
    forge.predicate.origin = "example.com/other".to_owned();
    assert_eq!(
        error(&forge.finish()),
        ProofError::Origin {
            found: ORIGIN.to_owned(),
            expected: "example.com/other".to_owned()
        }
    );
}

#[test]
fn each_signature_that_is_missing_or_invalid_has_its_own_error() {
    let scene = Scene::new();
    let (first, second) = (&scene.ed25519, &scene.ml_dsa_44);
    let note = |keys: &[&SignerKey]| head(&scene).sign(keys, 1).unwrap();
    let of = |note: &[u8]| error(&with_checkpoint(note).finish());
    assert_eq!(of(&note(&[second])), ProofError::Ed25519Missing);
    assert_eq!(of(&note(&[first])), ProofError::MlDsa44Missing);
    let flipped = |at: usize| {
        let mut note = avow_tlog::Note::parse(&note(&[first, second])).unwrap();
        let signature = &mut note.signatures[at].bytes;
        let last = signature.len() - 1;
        signature[last / 2] ^= 1;
        note.to_bytes()
    };
    assert_eq!(of(&flipped(0)), ProofError::Ed25519Invalid);
    assert_eq!(of(&flipped(1)), ProofError::MlDsa44Invalid);
}

#[test]
fn a_log_that_was_signed_before_its_own_time_is_warned_of() {
    let signed = |time_s| {
        let scene = Scene::new();
        let keys = [&scene.ed25519, &scene.ml_dsa_44];
        let file = with_checkpoint(&head(&scene).sign(&keys, time_s).unwrap()).finish();
        verify(&file, &Trust::Keys(scene.keys())).unwrap()
    };
    // The last leaf arrived at 2026-03-10T00:01:00Z.
    let last_s = 1_773_100_860;
    assert!(signed(last_s - 1).is_signed_before_its_time());
    assert!(!signed(last_s).is_signed_before_its_time());
    assert_eq!(signed(last_s).signed_at(), signed(last_s).summary().as_of);
    assert!(!signed(0).is_signed_before_its_time());
    assert_eq!(signed(0).signed_at(), None);
    assert!(avow_proof::verified_json(&signed(1)).contains("[\"signed_before_its_time\"]"));
}

#[test]
fn witnesses_that_a_policy_asks_for_must_have_cosigned() {
    let scene = Scene::new();
    let witness =
        SignerKey::from_seed("witness.example", Algorithm::CosignatureMlDsa44, [5; 32]).unwrap();
    let policy = format!(
        "{}witness w {}\nquorum w\n",
        avow_proof::policy_text(&scene.keys()).replace("quorum none\n", ""),
        witness.verifier()
    );
    // The relying party's own policy.
    let trust = Trust::Policy(avow_tlog::Policy::parse(policy.as_bytes()).unwrap());
    assert_eq!(verify(proof(), &trust).unwrap_err(), ProofError::NoQuorum);
    // The proof's policy.
    let mut forge = Forge::new();
    forge.put("policy", policy.clone());
    assert_eq!(error(&forge.finish()), ProofError::NoQuorum);
    // A cosignature that is there, and wrong.
    let keys = [&scene.ed25519, &scene.ml_dsa_44, &witness];
    let mut note = avow_tlog::Note::parse(&head(&scene).sign(&keys, 1).unwrap()).unwrap();
    let good = with_checkpoint(&note.to_bytes()).finish();
    let verified = verify(&good, &trust).unwrap();
    assert!(!verified.not_proved().contains(&NotProved::History));
    let time = avow_event::Micros::parse("1970-01-01T00:00:01Z").ok();
    let name = "witness.example".to_owned();
    assert_eq!(verified.witnesses(), [avow_proof::Witness { name, time }]);
    // The proof's own policy proves nothing: the operator wrote it.
    let mut own = with_checkpoint(&note.to_bytes());
    own.put("policy", policy.clone());
    let verified = verify(&own.finish(), &Trust::Keys(scene.keys())).unwrap();
    assert!(verified.not_proved().contains(&NotProved::History));
    // Nor does a policy that asks for nobody.
    let none = policy.replace("quorum w", "quorum none");
    let none = Trust::Policy(avow_tlog::Policy::parse(none.as_bytes()).unwrap());
    let verified = verify(&good, &none).unwrap();
    assert!(verified.not_proved().contains(&NotProved::History));
    note.signatures[2].bytes[99] ^= 1;
    let bad = with_checkpoint(&note.to_bytes()).finish();
    assert!(matches!(
        verify(&bad, &trust).unwrap_err(),
        ProofError::CosignatureInvalid { .. }
    ));
}

// What the statement says.

#[test]
fn another_tree_size_or_root_is_refused() {
    let mut forge = Forge::new();
    forge.predicate.tree_size = 12;
    assert_eq!(
        error(&forge.finish()),
        ProofError::TreeSize {
            found: 12,
            signed: 11
        }
    );
    let mut forge = Forge::new();
    forge.predicate.root = Hash::EMPTY_ROOT.to_string();
    assert_eq!(error(&forge.finish()), ProofError::Root);
}

#[test]
fn another_pledge_is_refused() {
    let mut forge = Forge::new();
    forge.replace("pledge.toml", "PT72H", "PT73H");
    assert_eq!(error(&forge.finish()), ProofError::PledgeDigest);
}

#[test]
fn a_pledge_that_cannot_be_read_is_refused_with_its_place() {
    let mut forge = Forge::new();
    forge.replace("pledge.toml", "never =", "newer =");
    forge.predicate.pledge = avow_proof::statement::Digested::of(&forge.parts["pledge.toml"]);
    match error(&forge.finish()) {
        ProofError::PledgeUnreadable { detail } => {
            assert!(detail.starts_with("line "), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pledge_that_was_not_agreed_is_refused() {
    let scene = Scene::new();
    let verified = || verify(proof(), &Trust::Keys(scene.keys())).unwrap();
    assert!(verified().not_proved().contains(&NotProved::Pledge));
    let known = verified().with_pledge(scene.pledge.as_bytes()).unwrap();
    assert!(!known.not_proved().contains(&NotProved::Pledge));
    let other = scene.pledge.replace("PT72H", "PT73H");
    assert_eq!(
        verified().with_pledge(other.as_bytes()).unwrap_err(),
        ProofError::PledgeOther
    );
}

#[test]
fn a_place_table_of_this_release_is_told_from_others() {
    let mut scene = Scene::new();
    let own = |scene: &Scene| {
        let file = scene.build().unwrap();
        verify(&file, &Trust::FromTheProof)
            .unwrap()
            .has_own_places()
    };
    assert!(!own(&scene));
    scene.places = avow_event::PlaceTable::built_in();
    assert!(own(&scene));
}

#[test]
fn another_place_table_is_refused() {
    let mut forge = Forge::new();
    forge.replace("places.tsv", "CN", "SG");
    assert_eq!(error(&forge.finish()), ProofError::PlaceTableDigest);
    let mut forge = Forge::new();
    forge.predicate.place_table.version = "test-2".to_owned();
    assert_eq!(
        error(&forge.finish()),
        ProofError::PlaceTableVersion {
            found: "test-2".to_owned()
        }
    );
    let mut forge = Forge::new();
    forge.replace("places.tsv", "version", "vision");
    forge.predicate.place_table.digest =
        avow_proof::statement::DigestSet::of(&forge.parts["places.tsv"]);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::PlaceTableUnreadable { .. }
    ));
}

// The verdict.

/// A forge whose verdict document is changed, and named by the statement.
fn with_verdict(from: &str, to: &str) -> Forge {
    let mut forge = Forge::new();
    forge.replace("verdict.json", from, to);
    forge.predicate.verdict = avow_proof::statement::Digested::of(&forge.parts["verdict.json"]);
    forge
}

#[test]
fn another_verdict_document_is_refused() {
    let mut forge = Forge::new();
    forge.replace("verdict.json", "\"kept\"", "\"kept\" ");
    assert_eq!(error(&forge.finish()), ProofError::VerdictDigest);
    let forge = with_verdict("\"kept\"", "\"kept\" ");
    assert!(matches!(
        error(&forge.finish()),
        ProofError::VerdictMalformed { .. }
    ));
}

#[test]
fn a_statement_that_says_something_else_than_the_document_is_refused() {
    let mut forge = Forge::new();
    forge.predicate.commitments[0].verdict = "kept".to_owned();
    assert_eq!(error(&forge.finish()), ProofError::VerdictSummary);
    let mut forge = Forge::new();
    forge.predicate.as_of = Some("2026-03-12T00:00:00.000000Z".to_owned());
    assert_eq!(error(&forge.finish()), ProofError::VerdictSummary);
    let mut forge = Forge::new();
    forge.predicate.commitments.pop();
    assert_eq!(error(&forge.finish()), ProofError::VerdictSummary);
}

#[test]
fn a_verdict_that_does_not_follow_from_the_leaves_is_unfounded() {
    for (from, to, expected) in [
        // Of another pledge, by its words.
        (
            "\"by\":\"Example Cloud\"",
            "\"by\":\"Example Clown\"",
            "name the pledge",
        ),
        ("\"id\":\"home\"", "\"id\":\"hone\"", ""),
        // Whitewashed: the breach is no longer counted, or no longer shown.
        (
            "\"breached\":1,\"kept\":9",
            "\"breached\":0,\"kept\":9",
            "verdict does not follow",
        ),
        (
            "\"breached\":1,\"kept\":9",
            "\"breached\":2,\"kept\":9",
            "as many instances",
        ),
        ("\"vacuous\":false", "\"vacuous\":true", "`vacuous`"),
        (
            "\"completeness_shown\":false",
            "\"completeness_shown\":true",
            "`completeness_shown`",
        ),
        // Counts that overflow when added.
        (
            "\"kept\":9,\"pending\":0",
            "\"kept\":9007199254740991,\"pending\":0",
            "",
        ),
        // Another reason or time than the leaf says.
        (
            "\"reason\":\"done\"",
            "\"reason\":\"lifted\"",
            "commitment `told`: leaf 6: the other leaf",
        ),
        (
            "\"leaf\":2,\"other\":1",
            "\"leaf\":2,\"other\":7",
            "commitment `leave`: leaf 2",
        ),
        (
            "2026-03-01T00:05:00",
            "2026-03-01T00:05:01",
            "commitment `leave`: leaf 5",
        ),
    ] {
        let mut forge = with_verdict(from, to);
        if from.contains("\"id\"") {
            forge.predicate.commitments[0].id = "hone".to_owned();
        }
        match error(&forge.finish()) {
            ProofError::VerdictUnfounded { detail } => {
                assert!(detail.contains(expected), "{to}: {detail}");
            }
            // What no leaf shows, the replay does.
            ProofError::ReplayDiffers { .. } if expected.is_empty() => {}
            other => panic!("{to}: {other:?}"),
        }
    }
}

#[test]
fn a_document_that_only_the_log_can_refute_is_refuted_by_the_log() {
    let forge = with_verdict("\"events\":11", "\"events\":12");
    let at = String::from_utf8(forge.parts["verdict.json"].clone())
        .unwrap()
        .find("\"events\":12")
        .unwrap();
    assert_eq!(
        error(&forge.finish()),
        ProofError::ReplayDiffers { at: at + 10 }
    );
}

// The leaves.

#[test]
fn a_leaf_that_is_not_in_the_tree_is_refused() {
    let mut forge = Forge::new();
    forge.replace("leaves/4.json", "\"SG\"", "\"CN\"");
    assert_eq!(
        error(&forge.finish()),
        ProofError::InclusionFails { index: 4 }
    );
}

#[test]
fn a_proof_of_inclusion_has_to_fit() {
    let change = |change: &dyn Fn(&mut OfflineProof)| {
        let mut forge = Forge::new();
        let mut proof = OfflineProof::parse(&forge.parts["leaves/4.tlog-proof"]).unwrap();
        change(&mut proof);
        forge.put("leaves/4.tlog-proof", proof.to_bytes());
        error(&forge.finish())
    };
    assert_eq!(
        change(&|proof| proof.index = 5),
        ProofError::InclusionIndex { index: 4, found: 5 }
    );
    assert_eq!(
        change(&|proof| proof.path[0] = Hash::EMPTY_ROOT),
        ProofError::InclusionFails { index: 4 }
    );
    let older = head(&Scene::new())
        .sign(&[&Scene::new().ed25519], 1)
        .unwrap();
    assert_eq!(
        change(&|proof| proof.checkpoint = older.clone()),
        ProofError::InclusionCheckpoint { index: 4 }
    );
    assert!(matches!(
        change(&|proof| proof.extra = Some(vec![1])),
        ProofError::InclusionMalformed { index: 4, .. }
    ));
    let mut forge = Forge::new();
    forge.put("leaves/4.tlog-proof", "");
    assert!(matches!(
        error(&forge.finish()),
        ProofError::InclusionMalformed { index: 4, .. }
    ));
}

#[test]
fn a_leaf_in_the_tree_that_is_no_event_is_refused() {
    let mut scene = Scene::new();
    let text = String::from_utf8(scene.leaves[4].clone()).unwrap();
    // The same event in another spelling, with the log's own signature on it.
    scene.leaves[4] = text.replace("\":\"", "\": \"").into_bytes();
    let mut forge = with_checkpoint(&scene.checkpoint());
    for index in 0..scene.leaves.len() as u64 {
        let name = format!("leaves/{index}.tlog-proof");
        if let Some(bytes) = forge.parts.get(&name) {
            let mut proof = OfflineProof::parse(bytes).unwrap();
            proof.path = scene.path(index).unwrap();
            forge.put(&name, proof.to_bytes());
        }
    }
    forge.put("leaves/4.json", scene.leaves[4].clone());
    let root = scene.tree().root();
    let old = Scene::new().tree().root();
    forge.predicate.root = root.to_string();
    forge.replace("verdict.json", &hex(&old), &hex(&root));
    forge.predicate.verdict = avow_proof::statement::Digested::of(&forge.parts["verdict.json"]);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::LeafMalformed { index: 4, .. }
    ));
}

fn hex(hash: &Hash) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

// The log and what is derived.

#[test]
fn a_log_with_another_leaf_is_not_the_signed_one() {
    let mut forge = Forge::new();
    let mut bundle = forge.parts["log/tile/entries/000.p/11"].clone();
    let at = bundle.windows(4).position(|w| w == b"\"s1\"").unwrap();
    bundle[at + 2] = b'9';
    forge.put("log/tile/entries/000.p/11", bundle);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::LogDiffers { .. }
    ));
    let mut forge = Forge::new();
    let mut tile = forge.parts["log/tile/0/000.p/11"].clone();
    tile[0] ^= 1;
    forge.put("log/tile/0/000.p/11", tile);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::LogDiffers { .. }
    ));
    let mut forge = Forge::new();
    let older = head(&Scene::new())
        .sign(&[&Scene::new().ed25519], 1)
        .unwrap();
    forge.put("log/checkpoint", older);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::LogDiffers { .. }
    ));
}

#[test]
fn a_log_that_would_not_have_been_put_inside_is_not_read_there() {
    let scene = large_scene();
    let mut forge = Forge::of(proof_without_log());
    forge.put("log/checkpoint", scene.checkpoint());
    for (path, bytes) in scene.files() {
        forge.put(&format!("log/{path}"), bytes);
    }
    assert_eq!(error(&forge.finish()), ProofError::LogTooLarge);
}

#[test]
fn a_log_whose_files_cannot_be_read_is_refused() {
    let mut forge = Forge::new();
    let tile = forge.parts["log/tile/0/000.p/11"].clone();
    forge.put("log/tile/0/000.p/11", &tile[1..]);
    assert!(matches!(
        error(&forge.finish()),
        ProofError::LogUnreadable { .. }
    ));
    let trust = Trust::Keys(large_scene().keys());
    assert!(matches!(
        verify_full(proof_without_log(), &trust, &|_| None).unwrap_err(),
        ProofError::LogUnreadable { .. }
    ));
}

#[test]
fn each_derived_part_has_to_follow_from_the_others() {
    let names: Vec<String> = Forge::new()
        .parts
        .into_keys()
        .filter(|name| {
            name.starts_with("sql/") || name.ends_with(".ndjson") || name == "README.txt"
        })
        .collect();
    assert_eq!(names.len(), 8, "{names:?}");
    for name in names {
        let mut forge = Forge::new();
        let mut bytes = forge.parts[&name].clone();
        let line = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
        bytes.extend_from_slice(b"--");
        forge.put(&name, bytes);
        assert_eq!(
            error(&forge.finish()),
            ProofError::DerivedDiffers { name, line }
        );
    }
}

#[test]
fn what_another_release_worded_is_signed_and_no_more() {
    let other = |name: &str, generator: &str| {
        let mut forge = Forge::new();
        let mut bytes = forge.parts[name].clone();
        bytes.extend_from_slice(b"--\n");
        forge.put(name, bytes);
        forge.predicate.generator = generator.to_owned();
        verify(&forge.finish(), &Trust::Keys(Scene::new().keys()))
    };
    for name in ["README.txt", "sql/home.sql", "sql/load.duckdb.sql"] {
        let verified = other(name, "avow-proof 99.0.0").unwrap();
        assert!(verified.not_proved().contains(&NotProved::Words), "{name}");
        assert_eq!(verified.generator(), "avow-proof 99.0.0");
        let error = other(name, avow_proof::statement::GENERATOR).unwrap_err();
        assert!(matches!(error, ProofError::DerivedDiffers { .. }), "{name}");
    }
    // Rows and verdicts have one form in every release.
    for name in ["events.ndjson", "gaps.ndjson"] {
        let error = other(name, "avow-proof 99.0.0").unwrap_err();
        assert!(matches!(error, ProofError::DerivedDiffers { .. }), "{name}");
    }
    // Nothing is in doubt if the words are the same after all.
    let mut forge = Forge::new();
    forge.predicate.generator = "avow-proof 99.0.0".to_owned();
    let verified = verify(&forge.finish(), &Trust::FromTheProof).unwrap();
    assert!(!verified.not_proved().contains(&NotProved::Words));
}

#[test]
fn a_release_has_a_name_that_people_can_read() {
    for name in ["", "\u{1b}[2J", "\u{202e}", &"a".repeat(81)] {
        let mut forge = Forge::new();
        forge.predicate.generator = name.to_owned();
        let found = error(&forge.finish());
        assert!(
            matches!(found, ProofError::StatementMalformed { .. }),
            "{name:?}"
        );
    }
}

// What others wrote reaches a terminal.

#[test]
fn no_text_of_the_file_moves_the_cursor_or_turns_the_writing() {
    // The first is the beginning of a control sequence in one character.
    for evil in [
        "\u{9b}31m",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{2066}",
        "\u{61c}",
        "\n",
    ] {
        let text = || format!("valid{evil}");
        let found = [
            ProofError::PayloadType { found: text() },
            ProofError::StatementKey { found: text() },
            ProofError::StatementType { found: text() },
            ProofError::PredicateType { found: text() },
            ProofError::UntrustedKey { key: text() },
            ProofError::PartName { name: text() },
            ProofError::PolicyMalformed { detail: text() },
            ProofError::Origin {
                found: text(),
                expected: text(),
            },
        ];
        for error in found {
            let message = error.to_string();
            assert!(message.contains("valid"), "{message:?}");
            assert!(!message.contains(evil), "{message:?}");
            assert!(!message.contains(char::is_control), "{message:?}");
        }
    }
    let mut forge = Forge::new();
    forge.replace(
        "statement.dsse.json",
        "application/vnd.in-toto+json",
        "\\u001b[2J\\u009b32m\\u202e",
    );
    let message = error(&forge.pack()).to_string();
    assert!(
        message.contains("\u{fffd}[2J\u{fffd}32m\u{fffd}"),
        "{message:?}"
    );
}

// The list of errors itself.

/// The names of the variants, from the source.
fn variants() -> Vec<&'static str> {
    let source = include_str!("../../src/error.rs");
    let body = source.split_once("pub enum ProofError {").unwrap().1;
    let body = body.split_once("\n}\n").unwrap().0;
    body.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.trim_end_matches([' ', '{', ',']))
        .collect()
}

#[test]
fn every_way_to_fail_has_a_test_and_a_line_in_the_specification() {
    let tests = [
        include_str!("container.rs"),
        include_str!("envelope.rs"),
        include_str!("failure.rs"),
        include_str!("build.rs"),
    ];
    let specification = include_str!("../../../../docs/spec/proof.md");
    assert!(variants().len() > 40);
    for name in variants() {
        let used = format!("ProofError::{name}");
        let is_used = |text: &&str| {
            text.match_indices(&used).any(|(at, _)| {
                let after = text[at + used.len()..].chars().next();
                !after.is_some_and(|c| c.is_ascii_alphanumeric())
            })
        };
        assert!(tests.iter().any(is_used), "no test of {name}");
        assert!(
            specification.contains(&format!("| `{name}` |")),
            "{name} is not in the specification"
        );
    }
}

#[test]
fn every_error_has_a_message_a_name_and_a_hint() {
    for file in [
        Forge::new().pack()[1..].to_vec(),
        with_verdict("\"events\":11", "\"events\":12").finish(),
        Vec::new(),
    ] {
        let found = error(&file);
        assert!(!found.to_string().is_empty());
        assert!(!found.hint().is_empty());
        assert!(variants().contains(&found.name().as_str()), "{found:?}");
    }
}
