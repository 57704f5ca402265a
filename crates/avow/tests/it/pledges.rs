//! `avow pledge new`, `lint` and `test`: what they write, what they say, and
//! how they end.

use std::fs;
use std::path::Path;

use expect_test::expect;
use serde_json::json;
use tempfile::TempDir;

use crate::run::{avow, command, finish};

const RULES: [&str; 7] = [
    "never",
    "always",
    "only_after",
    "then",
    "every",
    "at_most",
    "lasts",
];

/// The starter with one rule, changed by a replacement.
fn starter(folder: &Path, rule: &str, change: (&str, &str)) {
    let file = folder.join("pledge.toml");
    avow(folder, &["pledge", "new", "pledge.toml", "--rule", rule]).exits(0);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(change.0), "{text}");
    fs::write(&file, text.replace(change.0, change.1)).unwrap();
}

#[test]
fn a_new_pledge_is_right_for_every_rule_and_in_both_languages() {
    let folder = TempDir::new().unwrap();
    for language in ["en", "zh"] {
        for rule in RULES {
            let file = format!("{rule}-{language}.toml");
            let new = ["pledge", "new", &file, "--rule", rule, "--lang", language];
            avow(folder.path(), &new).exits(0);
            avow(folder.path(), &["pledge", "lint", "--strict", &file]).exits(0);
            let text = fs::read_to_string(folder.path().join(&file)).unwrap();
            assert!(text.contains(&format!("\n{rule} = ")), "{text}");
            assert_eq!(text.contains("# A pledge"), language == "en");
        }
    }
    avow(folder.path(), &["pledge", "new", "all.toml"]).exits(0);
    let run = avow(folder.path(), &["pledge", "test", "all.toml"]).exits(0);
    assert_eq!(run.out.matches('✔').count(), 3, "{}", run.out);
}

#[test]
fn a_new_pledge_takes_no_place_of_a_file() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("pledge.toml"), "mine").unwrap();
    avow(folder.path(), &["pledge", "new", "pledge.toml"]).fails("exists already");
    let text = fs::read_to_string(folder.path().join("pledge.toml")).unwrap();
    assert_eq!(text, "mine");
    avow(folder.path(), &["pledge", "new", "none/pledge.toml"]).fails("none/pledge.toml");
    avow(
        folder.path(),
        &["pledge", "new", "x.toml", "--rule", "eventually"],
    )
    .exits(2);
    assert!(!folder.path().join("x.toml").exists());
}

#[test]
fn what_is_suspicious_fails_only_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    starter(folder.path(), "never", ("heartbeat = \"PT5M\"\n", ""));
    let run = avow(folder.path(), &["pledge", "lint", "."]).exits(0);
    assert!(run.out.contains("falls silent"), "{}", run.out);
    assert!(run.out.contains("mistakes 0, warnings 1"), "{}", run.out);
    let strict = avow(folder.path(), &["pledge", "lint", "--strict", "."]).exits(2);
    assert_eq!(strict.out, run.out);
    assert_eq!(strict.err, "");
}

#[test]
fn a_mistake_is_drawn_and_told_to_programs() {
    let folder = TempDir::new().unwrap();
    starter(
        folder.path(),
        "then",
        ("within = \"PT72H\"", "within = \"72 hours\""),
    );
    let run = avow(folder.path(), &["pledge", "lint", "pledge.toml"]).exits(2);
    assert!(
        run.out.contains("`72 hours` is not a duration"),
        "{}",
        run.out
    );
    assert!(run.out.contains("help: write `PT72H`"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "colour in a file");
    let json = avow(folder.path(), &["pledge", "lint", "pledge.toml", "--json"])
        .exits(2)
        .json();
    assert_eq!(json["exit"], 2);
    let mistake = &json["files"][0]["mistakes"][0];
    assert_eq!(mistake["severity"], "error");
    assert_eq!(mistake["help"], "write `PT72H`");
    let text = fs::read_to_string(folder.path().join("pledge.toml")).unwrap();
    let start = usize::try_from(mistake["start"].as_u64().unwrap()).unwrap();
    let end = usize::try_from(mistake["end"].as_u64().unwrap()).unwrap();
    assert_eq!(&text[start..end], "\"72 hours\"");
    let line = usize::try_from(mistake["line"].as_u64().unwrap()).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().starts_with("within"));
}

#[test]
fn an_example_that_fails_is_shown_as_a_difference() {
    let folder = TempDir::new().unwrap();
    starter(folder.path(), "then", ("PT72H", "PT71H"));
    let run = avow(folder.path(), &["pledge", "test", "pledge.toml"]).exits(2);
    expect![[r#"
        pledge.toml
        ✘ leak-notice: example 1 of 2 does not end as it says
          - kept
          + breached 1
              0 2026-01-01 `incident` case_id=c
                → when
              1 2026-01-04 `notify` case_id=c
                → then
            ✘ leaf 0: `incident` on 2026-01-01 00:00:00 UTC; `leak-notice` demanded an answer by 2026-01-03
              23:00:00 UTC, and there was none
    "#]]
    .assert_eq(&run.out);
    let lint = avow(folder.path(), &["pledge", "lint", "pledge.toml"]).exits(2);
    assert!(
        lint.out.contains("avow pledge test pledge.toml"),
        "{}",
        lint.out
    );
    let json = avow(folder.path(), &["pledge", "test", "pledge.toml", "--json"])
        .exits(2)
        .json();
    let examples = &json["files"][0]["commitments"][0]["examples"];
    assert_eq!(examples[0]["passes"], false);
    assert_eq!(examples[0]["counts"]["breached"], 1);
    assert_eq!(
        examples[0]["events"][1]["conditions"],
        json!({ "then": true })
    );
    assert_eq!(examples[0]["instances"][0]["reason"], "not_done");
    assert_eq!(examples[1]["passes"], true);
}

#[test]
fn what_an_event_is_for_the_rule_is_told() {
    let folder = TempDir::new().unwrap();
    starter(
        folder.path(),
        "only_after",
        (
            "{ action = \"consent\", subject = \"a\", purpose = \"repair\" },\n  { action = \"transfer\"",
            "{ action = \"heartbeat\" }, { action = \"store\" },\n  { action = \"transfer\"",
        ),
    );
    let run = avow(folder.path(), &["pledge", "test", "."]).exits(2);
    for said in [
        "→ not evidence for this promise",
        "→ plays no part",
        "→ when",
    ] {
        assert!(run.out.contains(said), "no `{said}` in {}", run.out);
    }
    starter_of_nothing(folder.path());
    let run = avow(folder.path(), &["pledge", "test", "nothing.toml"]).exits(2);
    assert!(run.out.contains("+ nothing"), "{}", run.out);
    let chinese = avow(
        folder.path(),
        &["pledge", "test", "nothing.toml", "--lang", "zh"],
    );
    assert!(chinese.exits(2).out.contains("没有事件构成适用情形"));
}

/// A pledge with an example in which nothing happens.
fn starter_of_nothing(folder: &Path) {
    avow(
        folder,
        &["pledge", "new", "nothing.toml", "--rule", "always"],
    )
    .exits(0);
    let file = folder.join("nothing.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("kept = [{ action = \"store\"", "kept = [{ action = \"use\"");
    fs::write(file, text).unwrap();
}

#[test]
fn several_pledges_are_looked_at_and_the_worst_decides() {
    let folder = TempDir::new().unwrap();
    starter(folder.path(), "then", ("PT72H", "PT71H"));
    avow(folder.path(), &["pledge", "new", "good.toml"]).exits(0);
    let both = ["pledge", "test", "good.toml", "pledge.toml"];
    let run = avow(folder.path(), &both).exits(2);
    assert!(run.out.find("good.toml") < run.out.find("pledge.toml"));
    avow(folder.path(), &["pledge", "test", "good.toml"]).exits(0);
    avow(folder.path(), &["pledge", "lint", "none.toml"]).fails("none.toml");
    avow(folder.path(), &["pledge", "lint"]).exits(2);
}

#[test]
fn what_a_pledge_holds_does_not_reach_the_terminal_as_it_is() {
    let folder = TempDir::new().unwrap();
    starter(
        folder.path(),
        "then",
        (
            "case_id = \"c\", time = 2026-01-04T00:00:00Z",
            "case_id = \"\u{202e}c\", time = 2026-01-04T00:00:00Z",
        ),
    );
    let mut program = command(folder.path(), &["pledge", "test", "pledge.toml"]);
    let run = finish(&mut program).exits(2);
    assert!(!run.out.contains('\u{202e}'), "{}", run.out);
}
