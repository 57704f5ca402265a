//! Making a proof: what comes out is valid, says what it should, and is the
//! same each time; inputs that do not fit are refused.

use avow_event::Event;
use avow_monitor::Language;
use avow_proof::{NotProved, ProofError, Shown, Trust, verify, verify_full};

use proptest::prelude::*;

use crate::scene::{Scene, large_scene, proof, proof_without_log, stories, tell};

#[test]
fn a_proof_made_twice_has_the_same_bytes() {
    assert_eq!(Scene::new().build().unwrap(), proof());
}

#[test]
fn a_small_log_is_inside_and_replayed() {
    let verified = verify(proof(), &Trust::Keys(Scene::new().keys())).unwrap();
    assert!(verified.is_replayed());
    assert!(verified.keys().iter().all(|key| key.trusted));
    let shown: Vec<Shown> = verified
        .summary()
        .promises
        .iter()
        .map(|p| p.shown)
        .collect();
    assert_eq!(shown, [Shown::Replayed; 3]);
    assert_eq!(
        verified.not_proved(),
        [
            NotProved::Pledge,
            NotProved::Written,
            NotProved::History,
            NotProved::Source,
            NotProved::CopiedBefore,
            NotProved::OnlyCopy,
            NotProved::Holders
        ]
    );
    let breach = verified.summary().first_breach.clone().unwrap();
    assert!(breach.en.contains("leaf 4"), "{}", breach.en);
    assert!(breach.zh.contains('4'), "{}", breach.zh);
}

#[test]
fn without_known_keys_it_says_that_nobody_knows_who_made_it() {
    let verified = verify(proof(), &Trust::FromTheProof).unwrap();
    assert!(verified.keys().iter().all(|key| !key.trusted));
    assert!(verified.not_proved().contains(&NotProved::Keys));
    // One key is enough to know who signed; the other is then not compared.
    let one = Scene::new().keys().swap_remove(0);
    let verified = verify(proof(), &Trust::Keys(vec![one])).unwrap();
    let trusted: Vec<bool> = verified.keys().iter().map(|key| key.trusted).collect();
    assert_eq!(trusted, [true, false]);
    assert!(!verified.not_proved().contains(&NotProved::Keys));
}

#[test]
fn each_promise_says_what_evidence_there_is() {
    let record = |scene: &Scene, at: usize| {
        let file = scene.build().unwrap();
        let verified = verify(&file, &Trust::FromTheProof).unwrap();
        let promise = &verified.summary().promises[at];
        assert!(readme(&file).contains(&promise.record(Language::English)));
        promise.record(Language::English)
    };
    let mut scene = Scene::new();
    let shown = "9 kept, 1 breached; completeness not shown";
    assert_eq!(record(&scene, 0), shown);
    // Number 9 is missing.
    let last = scene.leaves.len() - 1;
    let mut event = Event::from_leaf(&scene.leaves[last]).unwrap();
    event.seq += 1;
    event.logged = Some(event.time);
    scene.leaves[last] = event.to_leaf();
    let later = Event {
        seq: event.seq + 1,
        time: event.time.saturating_add(600_000_000),
        logged: None,
        ..event
    };
    scene.leaves.push(later.to_leaf());
    assert!(record(&scene, 0).ends_with("; gaps noticed: 1"));
    // With a heartbeat that is kept, and nothing that a promise is about.
    let mut scene = Scene::new();
    scene.pledge = scene
        .pledge
        .replace("delay =", "heartbeat = \"P100D\"\ndelay =");
    let mut event = Event::from_leaf(&scene.leaves[9]).unwrap();
    event.seq = 1;
    scene.leaves = vec![event.to_leaf()];
    assert_eq!(record(&scene, 1), "it has never applied; no gap noticed");
}

#[test]
fn a_large_log_is_not_inside_and_only_a_breach_by_itself_is_shown() {
    let trust = Trust::Keys(large_scene().keys());
    let verified = verify(proof_without_log(), &trust).unwrap();
    assert!(!verified.is_replayed());
    for unproved in [NotProved::Counts, NotProved::Times, NotProved::Coverage] {
        assert!(verified.not_proved().contains(&unproved));
    }
    let promises = &verified.summary().promises;
    let shown: Vec<(&str, Shown)> = promises.iter().map(|p| (p.id.as_str(), p.shown)).collect();
    assert_eq!(
        shown,
        [
            ("home", Shown::NamedLeaves),
            ("leave", Shown::ClaimedOnly),
            ("told", Shown::ClaimedOnly)
        ]
    );
    let readme = readme(proof_without_log());
    assert!(readme.contains("--full"));
    assert!(!readme.contains("duckdb"));
}

#[test]
fn a_log_with_more_gaps_than_fit_is_not_inside() {
    let mut scene = Scene::new();
    // Thirty times the same promises, and a number missing after every event.
    let (head, promises) = scene
        .pledge
        .split_at(scene.pledge.find("[[commitment]]").unwrap());
    let again = |n| promises.replace("\nid = \"", &format!("\nid = \"x{n}-"));
    scene.pledge = head.to_owned() + &(0..30).map(again).collect::<String>();
    let last = Event::from_leaf(scene.leaves.last().unwrap()).unwrap();
    for n in 1..900 {
        let mut event = Event::new(
            "vault-cn",
            last.seq + 2 * n,
            last.time.saturating_add(n as i64 * 60_000_000),
            avow_event::Action::Heartbeat,
        );
        event.logged = Some(event.time);
        scene.leaves.push(event.to_leaf());
    }
    let file = scene.build().unwrap();
    let verified = verify(&file, &Trust::Keys(scene.keys())).unwrap();
    assert!(!verified.is_replayed());
    assert!(verified.not_proved().contains(&NotProved::Counts));
    let files = scene.files();
    let fetch = |path: &str| files.get(path).cloned();
    let verified = verify_full(&file, &Trust::Keys(scene.keys()), &fetch).unwrap();
    assert!(verified.is_replayed());
}

#[test]
fn that_a_promise_was_kept_no_leaves_can_show() {
    let mut scene = large_scene();
    // The one store abroad is taken out of the story: `home` is kept then.
    scene.leaves[4] = scene.leaves[0].clone();
    let file = scene.build().unwrap();
    let verified = verify(&file, &Trust::Keys(scene.keys())).unwrap();
    let home = &verified.summary().promises[0];
    assert_eq!((home.counts.breached, home.shown), (0, Shown::ClaimedOnly));
    assert!(home.counts.kept > 0);
}

#[test]
fn with_the_whole_log_from_elsewhere_everything_is_replayed() {
    let scene = large_scene();
    let files = scene.files();
    let trust = Trust::Keys(scene.keys());
    let fetch = |path: &str| files.get(path).cloned();
    let verified = verify_full(proof_without_log(), &trust, &fetch).unwrap();
    assert!(verified.is_replayed());
    assert!(
        verified
            .summary()
            .promises
            .iter()
            .all(|p| p.shown == Shown::Replayed)
    );
    for proved in [NotProved::Counts, NotProved::Times, NotProved::Coverage] {
        assert!(!verified.not_proved().contains(&proved));
    }
}

#[test]
fn a_log_that_has_grown_since_still_serves() {
    let mut scene = large_scene();
    let more = scene.leaves[..300].to_vec();
    scene.leaves.extend(more);
    let files = scene.files();
    let trust = Trust::Keys(scene.keys());
    let fetch = |path: &str| files.get(path).cloned();
    assert!(
        verify_full(proof_without_log(), &trust, &fetch)
            .unwrap()
            .is_replayed()
    );
    // Within one bundle, too.
    let mut scene = Scene::new();
    scene.leaves.extend(scene.leaves.clone());
    let files = scene.files();
    let fetch = |path: &str| files.get(path).cloned();
    assert!(verify_full(proof(), &trust, &fetch).unwrap().is_replayed());
}

#[test]
fn another_log_from_elsewhere_is_refused() {
    let mut scene = large_scene();
    let last = scene.leaves.len() - 1;
    scene.leaves.swap(0, last);
    let files = scene.files();
    let trust = Trust::Keys(scene.keys());
    let fetch = |path: &str| files.get(path).cloned();
    assert!(matches!(
        verify_full(proof_without_log(), &trust, &fetch).unwrap_err(),
        ProofError::LogDiffers { .. }
    ));
}

#[test]
fn a_log_without_leaves_has_a_proof_too() {
    let mut scene = Scene::new();
    scene.leaves.clear();
    let file = scene.build().unwrap();
    let verified = verify(&file, &Trust::Keys(scene.keys())).unwrap();
    assert_eq!(verified.summary().tree_size, 0);
    assert_eq!(verified.summary().as_of, None);
    assert!(verified.is_replayed());
}

#[test]
fn a_signer_that_fails_is_an_error() {
    let scene = Scene::new();
    let failed = scene.build_with(&|_| {
        let kind = avow_tlog::ErrorKind::Unavailable;
        Err(avow_tlog::Error::new(kind, "the key is locked away"))
    });
    assert_eq!(
        failed.unwrap_err(),
        ProofError::Signing {
            detail: "the key is locked away".to_owned()
        }
    );
}

#[test]
fn a_signer_with_another_key_is_refused_before_the_proof_is_handed_out() {
    let scene = Scene::new();
    let failed = scene.build_with(&|text| scene.ml_dsa_44.sign(text, 0));
    assert!(failed.is_err());
    let mut other = Scene::new();
    other.leaves.pop();
    let report = other.report();
    assert!(matches!(
        scene
            .build_from(&report, &|text| scene.ed25519.sign(text, 0))
            .unwrap_err(),
        ProofError::TreeSize { .. } | ProofError::ReplayDiffers { .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Building ends with verifying, the log inside included.
    #[test]
    fn every_story_has_a_proof_that_verifies(story in stories()) {
        let mut scene = Scene::new();
        scene.leaves = tell(&story);
        let built = scene.build();
        prop_assert!(built.is_ok(), "{:?}", built);
    }
}

fn readme(file: &[u8]) -> String {
    let parts = avow_proof::container::read(file).unwrap();
    String::from_utf8(parts[0].bytes.to_vec()).unwrap()
}

#[test]
fn the_readme_speaks_both_languages_and_is_no_wider_than_a_terminal() {
    let text = readme(proof());
    for expected in [
        "Three promises",
        "三项承诺",
        "only copy",
        "唯一副本",
        "avow-verify",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    for line in text.lines() {
        assert!(avow_proof::columns(line) <= 80, "{line}");
    }
    assert_eq!(Shown::ClaimedOnly.text(Language::Chinese), "仅为声称");
}
