//! Logs in MonPoly's format as evidence, and pledges as formulas for MonPoly.

use std::fs;

use crate::run::{PLEDGE, Story, breached};

const MAPPING: &str = r#"
source = "desk"
epoch = 2026-03-01
unit = "PT1M"
skip = ["tick"]
[[event]]
predicate = "ask"
action = "request"
args = ["case_id"]
[[event]]
predicate = "answer"
action = "disclose"
args = ["case_id"]
"#;

const LOG: &str = "@0 answer(a)\n@5 answer(b) ask(b) ask(a)\n@65 answer(a)\n@66 answer(b)\n";

fn story() -> Story {
    let pledge = PLEDGE.replace("\"vault\"", "\"monpoly-desk\"");
    let story = Story::with(&pledge, "");
    fs::remove_dir_all(story.path().join("story/evidence")).unwrap();
    story.write("case.log", LOG);
    story.write("case.toml", MAPPING);
    story
}

#[test]
fn a_log_in_monpolys_format_is_judged_by_its_mapping() {
    let story = story();
    let run = story.run(&["check", "story/pledge.toml", "monpoly:case.log", "--json"]);
    let json = run.json();
    // At one time point the order is that of the tables: an answer is to a
    // request, also if the line has it first.
    let counts = &json["commitments"][1]["counts"];
    assert_eq!(
        (&counts["kept"], &counts["breached"]),
        (&2.into(), &0.into()),
        "{json}"
    );
    assert_eq!(counts["pending"], 0);
    assert_eq!(json["evidence"]["events"], 6);
}

#[test]
fn what_was_read_before_is_not_added_again() {
    let story = story();
    let arguments = ["log", "append", "l", "monpoly:case.log", "--json"];
    story
        .run(&["log", "init", "l", "--origin", "localhost/l"])
        .exits(0);
    let first = story.run(&arguments).json();
    assert_eq!(first["added"], 6, "{first}");
    let second = story.run(&arguments).json();
    assert_eq!(
        (&second["added"], &second["repeated"]),
        (&0.into(), &6.into()),
        "{second}"
    );
}

#[test]
fn a_log_without_its_mapping_is_refused() {
    let story = story();
    fs::remove_file(story.path().join("case.toml")).unwrap();
    let check = |evidence: &str| story.run(&["check", "story/pledge.toml", evidence]);
    check("monpoly:case.log").fails("there is no mapping `case.toml`");
    story.write("map.toml", "source = 5");
    check("monpoly:case.log,map.toml").fails("map.toml:1:10: ");
}

#[test]
fn a_mapping_is_not_overwritten_by_the_proof() {
    let story = story();
    let arguments = [
        "check",
        "story/pledge.toml",
        "monpoly:case.log,case.toml",
        "--out",
        "case.toml",
    ];
    story.run(&arguments).fails("would overwrite");
}

#[test]
fn a_pledge_and_its_evidence_are_written_for_monpoly() {
    let story = Story::of(&breached());
    let run = story
        .run(&["mfotl", "story", "story/evidence", "--out", "peer"])
        .exits(0);
    assert_eq!(
        run.out,
        "monpoly -sig peer/events.sig -formula peer/home.mfotl -log peer/events.log -nonewlastts\n\
         monpoly -sig peer/events.sig -formula peer/answer.mfotl -log peer/events.log -nonewlastts\n"
    );
    let read = |name: &str| fs::read_to_string(story.path().join("peer").join(name)).unwrap();
    assert!(read("home.mfotl").starts_with("# Data is stored at home.\nLET evidence() = "));
    assert!(read("events.sig").contains("case_id(string)\n"));
    let log = read("events.log");
    assert_eq!(log.lines().count(), 7, "six events and the end:\n{log}");
    let stored = "@1772323800000000 pos(1) source(\"vault\") time_us(1772323800000000) action(\"store\") place(\"CN\")\n";
    assert!(log.contains(stored), "{log}");
    let json = story
        .run(&["mfotl", "story", "--out", "other", "--json"])
        .exits(0)
        .json();
    assert_eq!(json["written"].as_array().unwrap().len(), 3, "{json}");
    assert_eq!(json["events"], serde_json::Value::Null);
}

#[test]
fn what_has_no_formula_is_told() {
    let quoted = "when = '''action = 'request' AND (name IS NULL OR name <> '\"') '''";
    let pledge = PLEDGE.replace("when = \"action = 'request'\"", quoted);
    let story = Story::with(&pledge, "");
    let reason = "`answer` has no formula: a text has a quotation mark";
    let run = story.run(&["mfotl", "story", "--out", "peer"]).exits(0);
    assert!(run.err.contains(reason), "{}", run.err);
    assert!(
        run.out.contains("home.mfotl") && !run.out.contains("answer"),
        "{}",
        run.out
    );
    story
        .run(&["mfotl", "story", "--id", "answer", "--out", "peer"])
        .fails(reason);
    story
        .run(&["mfotl", "story", "--id", "nope", "--out", "peer"])
        .fails("no commitment `nope`");
    story
        .run(&["mfotl", "story", "--out", "story/pledge.toml"])
        .exits(2);
}
