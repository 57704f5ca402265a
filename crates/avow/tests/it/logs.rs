//! `avow log`: make, extend, export and verify.

use std::fs;

use crate::run::{KEPT, Story, avow_with, ndjson};

#[test]
fn a_log_is_made_extended_exported_and_verified() {
    let story = Story::of(KEPT);
    let made = story.run(&[
        "log",
        "init",
        "log",
        "--origin",
        "example.com/log",
        "--json",
    ]);
    let keys = made.exits(0).json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    let added = story
        .run(&["log", "append", "log", "story/evidence", "--json"])
        .exits(0)
        .json();
    assert_eq!((&added["added"], &added["size"]), (&5.into(), &5.into()));
    let more = r#"{"source":"vault","seq":6,"time":"2026-03-01T02:30:00Z","action":"heartbeat"}"#;
    let added = avow_with(story.path(), &["log", "append", "log", "-", "--json"], more);
    assert_eq!(added.exits(0).json()["size"], 6);
    let verified = story
        .run(&["log", "verify", "log", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&verified["size"], &verified["no_events"]),
        (&6.into(), &0.into())
    );

    story.run(&["log", "export", "log", "export"]).exits(0);
    let export = story.run(&["log", "verify", "export", "--keys", "log/keys", "--json"]);
    assert_eq!(export.exits(0).json()["root"], verified["root"]);
    story
        .run(&["log", "verify", "export"])
        .fails("whose keys to trust");
}

#[test]
fn an_altered_export_and_an_altered_log_do_not_verify() {
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    story.run(&["log", "export", "log", "export"]).exits(0);
    let bundle = story.path().join("export/tile/entries/000.p/6");
    flip(&bundle);
    story
        .run(&["log", "verify", "export", "--keys", "log/keys"])
        .fails("leaf");
    let segments = story.path().join("log/segments");
    let segment = fs::read_dir(segments)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    flip(&segment);
    story.run(&["log", "verify", "log"]).exits(2);
}

/// Alters one byte of the first event.
fn flip(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    let text = b"heartbeat";
    let at = bytes
        .windows(text.len())
        .position(|window| window == text)
        .unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn stamps_never_go_back_and_come_from_the_log() {
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    story.run(&["log", "export", "log", "export"]).exits(0);
    let bundle = fs::read(story.path().join("export/tile/entries/000.p/6")).unwrap();
    let text = String::from_utf8_lossy(&bundle);
    let stamps: Vec<&str> = text
        .split("\"logged\":\"")
        .skip(1)
        .map(|rest| &rest[..27])
        .collect();
    // One of them is that of the pledge's publication.
    assert_eq!(stamps.len(), KEPT.len() + 1);
    assert!(stamps.is_sorted(), "{stamps:?}");
    assert!(stamps[0] > "2026-03-01T02:00:00", "{stamps:?}");
}

#[cfg(unix)]
#[test]
fn secrets_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    story
        .run(&["log", "init", "other", "--origin", "example.com/other"])
        .exits(0);
    story
        .run(&["events", "story/evidence", "--key", "pseudonyms"])
        .exits(0);
    let mut secrets = vec![story.path().join("pseudonyms")];
    for log in ["log", "other"] {
        for name in ["ed25519.key", "ml-dsa-44.key", "pseudonym.key"] {
            secrets.push(story.path().join(log).join("keys").join(name));
        }
    }
    for secret in secrets {
        let mode = fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", secret.display());
    }
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let story = Story::of(KEPT);
    story.write("mine/letter.txt", "dear");
    story
        .run(&["log", "init", "mine", "--origin", "example.com/log"])
        .exits(2);
    story.run(&["check", "story", "--log", "mine"]).exits(2);
    story
        .run(&["log", "append", "mine", "story/evidence"])
        .exits(2);
    assert_eq!(
        crate::run::names(&story.path().join("mine")),
        ["letter.txt"]
    );
    assert_eq!(story.left(), ["mine"]);
}

#[test]
fn a_log_that_is_open_in_another_process_is_refused_and_left_alone() {
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    fs::remove_file(story.path().join("story.avow")).unwrap();
    let held = avow_log::Log::open(&story.path().join("log")).unwrap();
    for arguments in [
        &["log", "append", "log", "story/evidence"][..],
        &["log", "export", "log", "export"],
        &["check", "story", "--log", "log"],
        &["prove", "log", "story", "--out", "again.avow"],
    ] {
        let run = story
            .run(arguments)
            .fails("the log in `log` is open in another process");
        assert!(run.err.contains("avow: hint: end the other"), "{}", run.err);
        assert_eq!(story.left(), ["log"], "{arguments:?}");
    }
    drop(held);
    story.run(&["check", "story", "--log", "log"]).exits(0);
}

#[test]
fn of_runs_that_make_the_same_log_one_does_and_the_others_harm_nothing() {
    for round in 0..12 {
        let story = Story::of(KEPT);
        let started: Vec<_> = (0..4)
            .map(|_| {
                crate::run::command(
                    story.path(),
                    &["log", "init", "log", "--origin", "example.com/log"],
                )
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
            })
            .collect();
        let made = started.into_iter().map(|mut run| run.wait().unwrap());
        let made = made.filter(std::process::ExitStatus::success).count();
        assert_eq!(made, 1, "round {round}");
        assert_eq!(story.left(), ["log"], "round {round}");
        story.run(&["log", "verify", "log"]).exits(0);
        story
            .run(&["log", "append", "log", "story/evidence"])
            .exits(0);
    }
}

#[test]
fn a_wrong_origin_makes_no_log() {
    let story = Story::of(KEPT);
    for origin in ["", "a b", "a+b", "DSSEv1 x"] {
        story
            .run(&["log", "init", "log", "--origin", origin])
            .exits(2);
        assert_eq!(story.left(), [""; 0], "{origin:?}");
    }
}

#[test]
fn events_of_two_runs_keep_one_pseudonym() {
    let story = Story::of(&KEPT[..2]);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    story.write("story/evidence/vault.ndjson", ndjson(KEPT));
    let json = story
        .run(&["check", "story", "--log", "log", "--json"])
        .exits(0)
        .json();
    // The event with a subject is recognised: its pseudonym is the same.
    assert_eq!(
        (&json["log"]["added"], &json["log"]["repeated"]),
        (&3.into(), &2.into())
    );
}

#[test]
fn a_log_takes_no_other_pseudonym_key_than_its_own() {
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    story
        .run(&["events", "story/evidence", "--key", "other"])
        .exits(0);
    for key in ["other", "new"] {
        for arguments in [
            &["check", "story", "--log", "log", "--key", key][..],
            &["log", "append", "log", "story/evidence", "--key", key],
        ] {
            story
                .run(arguments)
                .fails("does not hold the pseudonym key");
        }
    }
    assert_eq!(story.left(), ["log", "other", "story.avow"]);
    let own = "log/keys/pseudonym.key";
    let json = story
        .run(&["check", "story", "--log", "log", "--key", own, "--json"])
        .exits(0)
        .json();
    assert_eq!(json["log"]["size"], 6);
}

#[test]
fn a_log_that_lost_its_pseudonym_key_gets_one_and_says_so() {
    let story = Story::of(KEPT);
    let key = story.path().join("log/keys/pseudonym.key");
    let check = |more: &[&str]| {
        let run = story.run(&[&["check", "story", "--log", "log"], more].concat());
        assert_ne!(run.status, 2, "{}", run.err);
        run.err.contains("had no pseudonym key")
    };
    assert!(!check(&[]));
    let first = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(check(&[]));
    assert!(!check(&[]));
    // The lost key can be given back.
    fs::remove_file(&key).unwrap();
    story.write("copy", &first);
    assert!(check(&["--key", "copy"]));
    assert_eq!(fs::read(&key).unwrap(), first);
}
