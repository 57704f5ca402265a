//! A check on a kept log goes on from the last one's state, and no state, none
//! at all or a damaged one, changes what it finds.

use std::fs;
use std::path::PathBuf;

use crate::run::{Run, Story, breached, ndjson};

/// The one state in a log.
fn state(story: &Story, log: &str) -> PathBuf {
    let folder = story.path().join(log).join("monitor");
    let mut states = fs::read_dir(folder).unwrap();
    let state = states.next().unwrap().unwrap().path();
    assert!(states.next().is_none(), "two states");
    state
}

/// A log with the first three events and their state, then all events.
fn grown(story: &Story) -> Run {
    story.write("story/evidence/vault.ndjson", ndjson(&breached()[..3]));
    story.run(&["check", "story", "--log", "log"]).exits(1);
    story.write("story/evidence/vault.ndjson", ndjson(&breached()));
    story.run(&["check", "story", "--log", "log", "--json"])
}

fn proved(story: &Story, log: &str) -> Vec<u8> {
    let arguments = ["prove", log, "story", "--out", "out.avow"];
    story.run(&arguments).exits(1);
    fs::read(story.path().join("out.avow")).unwrap()
}

#[test]
fn a_check_that_goes_on_from_a_state_proves_the_same_bytes_as_one_without() {
    let story = Story::of(&[]);
    let run = grown(&story).exits(1);
    assert_eq!(run.err, "");
    let resumed_state = fs::read(state(&story, "log")).unwrap();
    let resumed = proved(&story, "log");
    fs::remove_dir_all(story.path().join("log/monitor")).unwrap();
    assert_eq!(proved(&story, "log"), resumed);
    assert_eq!(fs::read(state(&story, "log")).unwrap(), resumed_state);
}

#[test]
fn a_damaged_state_is_told_of_and_costs_no_verdict() {
    let story = Story::of(&[]);
    let found = grown(&story).exits(1).json();
    let path = state(&story, "log");
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for bad in [
        &flipped[..],
        &good[..good.len() / 2],
        b"",
        b"something else",
    ] {
        fs::write(&path, bad).unwrap();
        let run = story.run(&["check", "story", "--log", "log", "--json"]);
        let again = run.exits(1);
        assert!(
            again.err.contains("cannot be gone on with"),
            "{}",
            again.err
        );
        assert!(again.err.contains("the whole log"), "{}", again.err);
        assert_eq!(again.json()["commitments"], found["commitments"]);
        assert_eq!(fs::read(&path).unwrap(), good, "the state is made anew");
    }
}

#[test]
fn the_state_of_another_log_is_not_gone_on_with() {
    let story = Story::of(&[]);
    grown(&story).exits(1);
    story.run(&["check", "story", "--log", "other"]).exits(1);
    let others = state(&story, "other");
    fs::copy(state(&story, "log"), &others).unwrap();
    let run = story.run(&["check", "story", "--log", "other"]).exits(1);
    assert!(
        run.err.contains("of other leaves than this log's"),
        "{}",
        run.err
    );
}

#[test]
fn a_folder_that_takes_no_state_costs_no_verdict() {
    let story = Story::of(&[]);
    grown(&story).exits(1);
    fs::remove_dir_all(story.path().join("log/monitor")).unwrap();
    story.write("log/monitor", "a file in its place");
    let run = story.run(&["check", "story", "--log", "log"]).exits(1);
    assert!(
        run.err.contains("the next run will look at the whole log"),
        "{}",
        run.err
    );
}
