//! A proof, one part of which is replaced, with digests and signature made to
//! fit: so that the input reaches the readers behind them. Nothing panics, and
//! only the proof itself is valid.
#![no_main]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use avow_event::{Action, Event, Micros, Place, PlaceTable};
use avow_monitor::{Monitor, Pledge};
use avow_proof::container::{Part, read, write};
use avow_proof::envelope::{Envelope, signed_text};
use avow_proof::statement::{DigestSet, Digested, Statement, Subject};
use avow_proof::{Inputs, Trust, build, policy_text, verify};
use avow_tlog::{Algorithm, Checkpoint, SignerKey, Tree, leaf_hash, node_hash};
use libfuzzer_sys::fuzz_target;

const ORIGIN: &str = "example.com/avow/log";
const STATEMENT: &str = "statement.dsse.json";
const PLEDGE: &str = r#"
[pledge]
title = "One promise"
by = "Example Cloud"
to = "users"
from = 2026-01-01
[[source]]
name = "vault"
heartbeat = "PT1H"
[[commitment]]
id = "home"
says = "Stored at home."
never = "action = 'store' AND place <> 'CN'"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "SG" }]
"#;

struct Made {
    key: SignerKey,
    file: Vec<u8>,
    parts: BTreeMap<String, Vec<u8>>,
    statement: Statement,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| make().expect("the scene has a proof"))
}

fn make() -> Option<Made> {
    let places = PlaceTable::parse("version\t1\naws\tcn-north-1\tCN\tBeijing\n").ok()?;
    let start = Micros::parse("2026-01-01T00:00:00Z").ok()?;
    let leaves: Vec<Vec<u8>> = [("CN", 1), ("SG", 2)]
        .map(|(place, seq)| {
            let time = start.saturating_add(i64::from(seq) * 5_400_000_000);
            let mut event = Event::new("vault", u64::from(seq as u8), time, Action::Store);
            event.place = Place::parse(place);
            event.to_leaf()
        })
        .to_vec();
    let hashes = [leaf_hash(&leaves[0]), leaf_hash(&leaves[1])];
    let mut tree = Tree::new();
    hashes.iter().for_each(|hash| tree.push(*hash));
    assert_eq!(tree.root(), node_hash(&hashes[0], &hashes[1]));

    let key = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [1; 32]).ok()?;
    let second = SignerKey::from_seed(ORIGIN, Algorithm::CosignatureMlDsa44, [2; 32]).ok()?;
    let head = Checkpoint::new(ORIGIN, 2, tree.root()).ok()?;
    let pledge = Pledge::parse(PLEDGE, &places).ok()?;
    let mut monitor = Monitor::new(&pledge, &places);
    for (index, leaf) in (0..).zip(&leaves) {
        monitor.push(index, &Event::from_leaf(leaf).ok()?);
    }
    let file = build(Inputs {
        pledge: PLEDGE,
        places: &places,
        policy: &policy_text(&[key.verifier().clone(), second.verifier().clone()]),
        checkpoint: &head.sign(&[&key, &second], 1).ok()?,
        report: &monitor.report(2, *tree.root().as_bytes()),
        leaves: &mut |range| Ok(leaves[range.start as usize..range.end as usize].to_vec()),
        paths: &mut |index| Ok(vec![hashes[1 - index as usize]]),
        sign: &|text| key.sign(text, 0),
    });
    let file = file.ok()?;
    let parts: BTreeMap<String, Vec<u8>> = read(&file)
        .ok()?
        .iter()
        .map(|part| (part.name.to_owned(), part.bytes.to_vec()))
        .collect();
    let envelope = Envelope::parse(parts.get(STATEMENT)?).ok()?;
    let statement = Statement::parse(&envelope.payload).ok()?;
    Some(Made { key, file, parts, statement })
}

/// Which part, where in it, how many bytes give way, and what comes instead.
fn alter(input: &[u8], parts: &mut BTreeMap<String, Vec<u8>>) -> Option<()> {
    let [which, at_high, at_low, cut, replacement @ ..] = input else {
        return None;
    };
    let which = usize::from(*which) % parts.len();
    let bytes = parts.values_mut().nth(which)?;
    let at = usize::from(u16::from_be_bytes([*at_high, *at_low])) % (bytes.len() + 1);
    let end = (at + usize::from(*cut)).min(bytes.len());
    bytes.splice(at..end, replacement.iter().copied());
    Some(())
}

/// The proof of these parts, signed again unless the envelope was altered.
fn sign(made: &Made, mut parts: BTreeMap<String, Vec<u8>>) -> Option<Vec<u8>> {
    if parts.get(STATEMENT) == made.parts.get(STATEMENT) {
        let mut predicate = made.statement.predicate.clone();
        predicate.pledge = Digested::of(parts.get("pledge.toml")?);
        predicate.verdict = Digested::of(parts.get("verdict.json")?);
        predicate.place_table.digest = DigestSet::of(parts.get("places.tsv")?);
        let others = parts.iter().filter(|(name, _)| *name != STATEMENT);
        let subjects = others.map(|(name, bytes)| Subject {
            digest: DigestSet::of(bytes),
            name: name.clone(),
        });
        let payload = Statement::new(subjects.collect(), predicate).to_json();
        let signature = made.key.sign(&signed_text(&payload), 0).ok()?;
        let envelope = Envelope::new(&payload, signature).to_json();
        parts.insert(STATEMENT.to_owned(), envelope.into_bytes());
    }
    let parts: Vec<Part<'_>> = parts
        .iter()
        .map(|(name, bytes)| Part { name, bytes })
        .collect();
    write(&parts).ok()
}

fuzz_target!(|input: &[u8]| {
    let made = made();
    // As it comes: the readers before the signature.
    assert!(verify(input, &Trust::FromTheProof).is_err() || input == made.file);
    let mut parts = made.parts.clone();
    if alter(input, &mut parts).is_none() {
        return;
    }
    if let Some(file) = sign(made, parts) {
        let is_valid = verify(&file, &Trust::FromTheProof).is_ok();
        // A comment in the policy, signed by the log itself, changes nothing.
        let same_but_policy = || {
            let found = read(&file).unwrap_or_default();
            let others = found
                .iter()
                .filter(|part| !["policy", STATEMENT].contains(&part.name));
            let mut others = others;
            others.all(|part| made.parts.get(part.name).is_some_and(|b| b == part.bytes))
        };
        assert!(!is_valid || file == made.file || same_but_policy());
    }
});
