//! `avow pledge amend` tells every difference, and refuses to rewrite the past.

use crate::run::{KEPT, PLEDGE, Story};

/// The pledge of the stories, which names what it amends, with a change.
fn amended(story: &Story, from: &str, to: &str) {
    let run = story.run(&["pledge", "amend", "story", "story", "--json"]);
    let amends = run.exits(2).json()["amends"].as_str().unwrap().to_owned();
    assert!(PLEDGE.contains(from));
    let head = format!("[pledge]\namends = \"{amends}\"");
    let new = PLEDGE.replace("[pledge]", &head).replace(from, to);
    story.write("new.toml", new);
}

fn amend(story: &Story, status: i32) -> String {
    let arguments = ["pledge", "amend", "story", "new.toml", "--at", "2026-04-01"];
    story.run(&arguments).exits(status).out
}

#[test]
fn an_end_and_a_new_beginning_are_an_amendment() {
    let story = Story::of(KEPT);
    let next = "id = \"home\"\nto = 2026-05-01";
    amended(&story, "id = \"home\"", next);
    let out = amend(&story, 0);
    assert!(out.contains("✔ `home` ends at 2026-05-01 UTC"), "{out}");
    assert!(out.contains("stays as it was"), "{out}");
}

#[test]
fn a_rewritten_rule_is_refused_in_words() {
    let story = Story::of(KEPT);
    amended(&story, "within = \"PT1H\"", "within = \"PT90M\"");
    let out = amend(&story, 2);
    assert!(out.contains("✘ `answer` has another rule"), "{out}");
    assert!(!out.contains("`home`"), "{out}");
    assert!(out.contains("no amendment"), "{out}");
}

#[test]
fn an_end_in_the_past_is_refused_and_the_present_is_the_default() {
    let story = Story::of(KEPT);
    amended(&story, "id = \"home\"", "id = \"home\"\nto = 2026-03-15");
    let out = amend(&story, 2);
    assert!(out.contains("✘ `home` ends at another time"), "{out}");
    let before = [
        "pledge",
        "amend",
        "story",
        "new.toml",
        "--at",
        "2026-03-10T12:00:00Z",
    ];
    story.run(&before).exits(0);
    story
        .run(&["pledge", "amend", "story", "new.toml"])
        .exits(2);
    story
        .run(&["pledge", "amend", "story", "new.toml", "--at", "soon"])
        .fails("`soon` is no time");
}

#[test]
fn programs_get_every_difference_in_both_languages() {
    let story = Story::of(KEPT);
    let json = story.run(&["pledge", "amend", "story", "story", "--json"]);
    let json = json.exits(2).json();
    let found = json["differences"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["kind"], &found[0]["allowed"]),
        (&"not_named".into(), &false.into())
    );
    assert!(found[0]["zh"].as_str().unwrap().contains("amends"));
}

#[test]
fn a_check_under_an_amendment_goes_on_where_the_old_one_stood() {
    let story = Story::of(KEPT);
    let check = ["check", "story", "--log", "log", "--json"];
    let before = story.run(&check).exits(0).json();
    amended(&story, "Data is stored at home.", "Data stays at home.");
    let new = std::fs::read_to_string(story.path().join("new.toml")).unwrap();
    story.write("story/pledge.toml", new);
    let run = story.run(&check).exits(0);
    assert_eq!(run.err, "");
    let after = run.json();
    assert_eq!(after["published"]["leaf"], 6);
    assert!(after["amends"].as_str().unwrap().starts_with("sha256:"));
    for (was, is) in before["commitments"]
        .as_array()
        .unwrap()
        .iter()
        .zip(after["commitments"].as_array().unwrap())
    {
        assert_eq!(
            (&was["verdict"], &was["counts"]),
            (&is["verdict"], &is["counts"])
        );
    }
}
