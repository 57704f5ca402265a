//! A pledge is published on the log on which it is checked, and the page, the
//! proof and its verifier say where.

use crate::run::{KEPT, PLEDGE, Story};

#[test]
fn a_pledge_is_published_once_before_the_first_evidence_that_it_judges() {
    let story = Story::of(KEPT);
    let check = ["check", "story", "--log", "log", "--json"];
    let first = story.run(&check).exits(0).json();
    assert_eq!(first["published"]["leaf"], 0);
    assert_eq!(first["amends"], serde_json::Value::Null);
    let again = story.run(&check).exits(0).json();
    assert_eq!(again["published"], first["published"]);

    // Another text is another pledge.
    story.write("story/pledge.toml", format!("{PLEDGE}# worded better\n"));
    let amended = story.run(&check).exits(0).json();
    assert_eq!(amended["published"]["leaf"], 6);
    assert_eq!(amended["log"]["size"], 7);
    story.write("story/pledge.toml", PLEDGE);
    let back = story.run(&check).exits(0).json();
    assert_eq!(back["published"], first["published"]);
    assert_eq!(back["log"]["size"], 7);
}

#[test]
fn a_publication_changes_no_verdict_and_stands_in_no_coverage() {
    let story = Story::of(KEPT);
    let without = story.run(&["check", "story", "--json"]).exits(0).json();
    let with = ["check", "story", "--log", "log", "--json"];
    let with = story.run(&with).exits(0).json();
    assert_eq!(with["as_of"], without["as_of"]);
    assert_eq!(without["published"], serde_json::Value::Null);
    let pairs = with["commitments"].as_array().unwrap();
    let pairs = pairs.iter().zip(without["commitments"].as_array().unwrap());
    for (with, without) in pairs {
        for member in ["verdict", "since", "counts", "coverage", "sources"] {
            assert_eq!(with[member], without[member], "{member}");
        }
    }
}

#[test]
fn the_page_says_where_the_pledge_was_published_or_that_nobody_knows() {
    let story = Story::of(KEPT);
    let page = story.run(&["check", "story"]).exits(0).out;
    assert!(page.contains("it is not published on this log"), "{page}");
    let page = story.run(&["check", "story", "--log", "log"]).exits(0).out;
    assert!(page.contains("published on the log at leaf 0"), "{page}");
    assert!(!page.contains("not published"), "{page}");
    story
        .run(&["prove", "log", "story", "--out", "p.avow"])
        .exits(0);
}
