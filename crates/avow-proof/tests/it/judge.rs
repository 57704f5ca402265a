//! What a reader without the log can refute: lies of somebody who has the
//! log's keys, about a log that is too large to be inside.

use avow_event::{Action, Event, Micros};
use avow_monitor::{Counts, Gap, GapKind, Pledge, Published, Report, Verdict, publication};
use avow_proof::{NotProved, ProofError, Trust, verify};

use crate::scene::{Forge, Scene, error, proof_without_log, report_without_log};

/// The error of the scene's proof with another verdict document in it, signed.
fn lie(change: &dyn Fn(&mut Report)) -> ProofError {
    let mut report = report_without_log();
    change(&mut report);
    let mut forge = Forge::of(proof_without_log());
    let json = report.to_json();
    forge.predicate.verdict = avow_proof::statement::Digested::of(&json);
    forge.predicate.as_of = report.as_of.map(|time| time.to_string());
    for (claim, found) in forge
        .predicate
        .commitments
        .iter_mut()
        .zip(&report.commitments)
    {
        claim.verdict = found.verdict.as_str().to_owned();
    }
    forge.put("verdict.json", json);
    error(&forge.finish())
}

fn refuted(change: &dyn Fn(&mut Report), expected: &str) {
    match lie(change) {
        ProofError::VerdictUnfounded { detail } => {
            assert!(detail.ends_with(expected), "{detail}, not {expected}");
        }
        other => unreachable!("{expected}: {other:?}"),
    }
}

fn time(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

#[test]
fn the_truth_is_accepted() {
    assert!(verify(proof_without_log(), &Trust::Keys(Scene::new().keys())).is_ok());
}

#[test]
fn a_verdict_holds_since_what_it_rests_on() {
    let expected = "it has another time since when";
    for at in 0..3 {
        let before = time("1999-01-01T00:00:00Z");
        refuted(&|report| report.commitments[at].since = before, expected);
    }
    // A kept promise holds since the pledge began, and not for longer.
    refuted(
        &|report| {
            let home = &mut report.commitments[0];
            home.instances.retain(|i| i.verdict() == Verdict::Kept);
            home.counts = Counts {
                kept: home.instances.len() as u64,
                ..Counts::default()
            };
            home.verdict = Verdict::Kept;
            home.since = time("1999-01-01T00:00:00Z");
        },
        expected,
    );
}

#[test]
fn a_source_is_one_that_the_commitment_is_about_under_its_first_declaration() {
    for (source, declared) in [
        ("vault-cn", None),
        ("vault-cn", Some("vault-cn")),
        ("nowhere", Some("vault-*")),
    ] {
        refuted(
            &|report| {
                let found = &mut report.commitments[0].coverage[0];
                found.source = source.to_owned();
                found.declared = declared.map(str::to_owned);
            },
            "a source is under another declaration than it says",
        );
    }
    refuted(
        &|report| {
            let found = &mut report.commitments[0].coverage[0];
            found.source = "nowhere".to_owned();
            found.declared = None;
        },
        "a declared source is not there, or is there twice",
    );
    refuted(
        &|report| report.commitments[0].coverage.clear(),
        "a declared source is not there, or is there twice",
    );
    refuted(
        &|report| {
            let mut more = report.commitments[0].coverage[0].clone();
            more.source = "a".to_owned();
            more.declared = None;
            report.commitments[0].coverage.push(more);
        },
        "its sources are not in order",
    );
}

#[test]
fn a_source_without_heartbeat_or_with_a_gap_is_not_complete() {
    refuted(
        &|report| {
            report.commitments[0].coverage[0].complete = true;
            report.commitments[0].completeness_shown = true;
        },
        "a source is not as complete as it says",
    );
}

#[test]
fn the_times_and_numbers_of_a_source_are_possible() {
    let expected = "the times or numbers of a source are not possible";
    refuted(
        &|report| report.commitments[0].coverage[0].late = u64::from(u32::MAX),
        expected,
    );
    refuted(
        &|report| {
            report.commitments[0].coverage[0].last = Some(time("2031-01-01T00:00:00Z"));
        },
        expected,
    );
    refuted(
        &|report| {
            let source = &mut report.commitments[0].coverage[0];
            std::mem::swap(&mut source.first, &mut source.last);
        },
        expected,
    );
    refuted(
        &|report| report.commitments[0].coverage[0].first = None,
        "a source that has spoken has no time",
    );
}

#[test]
fn gaps_are_as_many_as_they_are_said_to_be_and_lie_in_time() {
    let gap = |from, to| Gap {
        kind: GapKind::Sequence,
        from: time(from),
        to: time(to),
    };
    let with = |gaps: Vec<Gap>, count: u64, expected: &str| {
        refuted(
            &|report| {
                let source = &mut report.commitments[0].coverage[0];
                source.gap_count = count;
                source.gaps.clone_from(&gaps);
            },
            expected,
        );
    };
    with(vec![], 1, "it does not show as many gaps as it should");
    let one = gap("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    with(vec![one], 2, "it does not show as many gaps as it should");
    for wrong in [
        vec![gap("2025-12-31T00:00:00Z", "2026-03-02T00:00:00Z")],
        vec![gap("2026-03-01T00:00:00Z", "2031-03-02T00:00:00Z")],
        vec![gap("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z")],
        vec![gap("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"), one],
    ] {
        let count = wrong.len() as u64;
        with(wrong, count, "the gaps of a source are not possible");
    }
}

#[test]
fn a_source_that_was_never_heard_is_missing() {
    let unheard = |report: &mut Report| {
        let source = &mut report.commitments[0].coverage[0];
        source.source = "vault-*".to_owned();
        source.declared = Some("vault-*".to_owned());
        (source.events, source.late) = (0, 0);
        (source.first, source.last) = (None, None);
    };
    refuted(
        &unheard,
        "a source that has not spoken is not shown as missing",
    );
    refuted(
        &|report| {
            unheard(report);
            report.commitments[0].coverage[0].source = "nowhere".to_owned();
        },
        "it names a source that it is not about",
    );
}

#[test]
fn evidence_from_before_the_promise_is_no_evidence() {
    let mut scene = Scene::new();
    scene.pledge = scene
        .pledge
        .replace("delay =", "heartbeat = \"PT24H\"\ndelay =");
    let mut event = Event::new(
        "vault-cn",
        1,
        time("2025-12-31T23:00:00Z"),
        Action::Heartbeat,
    );
    event.logged = Some(event.time);
    scene.leaves = vec![event.to_leaf()];
    let mut report = scene.report();
    for found in &mut report.commitments {
        found.verdict = Verdict::Kept;
        found.completeness_shown = true;
        found.since = report.pledge.from;
    }
    assert_eq!(
        scene
            .build_from(&report, &|text| scene.ed25519.sign(text, 0))
            .unwrap_err(),
        ProofError::VerdictUnfounded {
            detail: "commitment `home`: its coverage does not fit `completeness_shown`".to_owned()
        }
    );
}

/// A scene whose pledge is published behind its first leaf.
fn published_scene() -> Scene {
    let mut scene = Scene::new();
    let pledge = Pledge::parse(&scene.pledge, &scene.places).unwrap();
    let event = publication(&pledge.digest, 1, time("2026-03-01T00:00:00Z"));
    scene.leaves.insert(1, event.to_leaf());
    scene
}

#[test]
fn the_publication_of_the_pledge_is_shown_by_its_leaf() {
    let scene = published_scene();
    let proof = scene.build().unwrap();
    let verified = verify(&proof, &Trust::Keys(scene.keys())).unwrap();
    let published = verified.summary().published.unwrap();
    assert_eq!(published.leaf, 1);
    assert!(!verified.not_proved().contains(&NotProved::Written));
    let inside = Forge::of(&proof);
    assert!(inside.parts.contains_key("leaves/1.json"));
    assert!(!String::from_utf8_lossy(&inside.parts["events.ndjson"]).contains("publish"));
}

#[test]
fn a_publication_that_the_leaf_does_not_show_is_refused() {
    let scene = published_scene();
    let truth = scene.report();
    let published = truth.pledge.published.unwrap();
    let earlier = published.time.saturating_add(-1);
    for wrong in [
        Published {
            leaf: 0,
            ..published
        },
        Published {
            time: earlier,
            ..published
        },
    ] {
        let mut report = truth.clone();
        report.pledge.published = Some(wrong);
        let sign = |text: &str| scene.ed25519.sign(text, 0);
        let refused = scene.build_from(&report, &sign).unwrap_err();
        let detail = "the leaf does not publish the pledge".to_owned();
        assert_eq!(refused, ProofError::VerdictUnfounded { detail });
    }
    // Whoever leaves it out makes the pledge look younger, and the log tells.
    let mut report = truth;
    report.pledge.published = None;
    let sign = |text: &str| scene.ed25519.sign(text, 0);
    let refused = scene.build_from(&report, &sign).unwrap_err();
    assert!(
        matches!(refused, ProofError::ReplayDiffers { .. }),
        "{refused}"
    );
}
