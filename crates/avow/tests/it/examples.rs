//! Every scenario in `examples/`, a folder with evidence, comes to what its
//! `expected.json` says. Pledges without evidence are tested with the monitor.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::avow;

#[test]
fn every_example_comes_to_what_it_expects() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut count = 0;
    for entry in fs::read_dir(&examples).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("evidence").is_dir() {
            assert!(!folder.join("expected.json").exists(), "{folder:?}");
            continue;
        }
        check(&folder.canonicalize().unwrap());
        count += 1;
    }
    assert!(count > 0, "no scenario in {}", examples.display());
}

fn check(folder: &Path) {
    let shown = folder.display().to_string();
    let expected = fs::read_to_string(folder.join("expected.json"))
        .unwrap_or_else(|e| panic!("{shown}: expected.json: {e}"));
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let scratch = TempDir::new().unwrap();
    let run = avow(scratch.path(), &["check", &shown, "--json"]);
    let json = run.json();
    let found: serde_json::Map<String, Value> = json["commitments"]
        .as_array()
        .unwrap_or_else(|| panic!("{shown}: {json}"))
        .iter()
        .map(|found| {
            // A scenario shows every promise at work.
            let instances: u64 = found["counts"]
                .as_object()
                .unwrap()
                .values()
                .map(|n| n.as_u64().unwrap())
                .sum();
            assert!(
                instances > 0,
                "{shown}: nothing triggered `{}`",
                found["id"]
            );
            (
                found["id"].as_str().unwrap().to_owned(),
                found["verdict"].clone(),
            )
        })
        .collect();
    assert_eq!(Value::Object(found), expected["commitments"], "{shown}");
    assert_eq!(Value::from(run.status), expected["exit"], "{shown}");
    for language in ["en", "zh"] {
        let text = avow(scratch.path(), &["check", &shown, "--lang", language]);
        assert_eq!(Value::from(text.status), expected["exit"], "{shown}");
        let wide = text.out.lines().find(|line| line.chars().count() > 140);
        assert_eq!(wide, None, "{shown}");
    }
}

/// The tutorial shows what the program prints; `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_tutorial_shows_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = root.join("docs/tutorial/first-check.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text
        .split_once("<!-- check -->\n```text\n")
        .expect("the mark");
    let (shown, after) = rest.split_once("```").unwrap();
    let scratch = TempDir::new().unwrap();
    let target = root.join("examples/six-promises").canonicalize().unwrap();
    let run = avow(scratch.path(), &["check", target.to_str().unwrap()]);
    let printed: String = run.out.lines().map(|line| stable(line) + "\n").collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let anew = format!("{before}<!-- check -->\n```text\n{printed}```{after}");
        fs::write(&page, anew).unwrap();
    } else {
        assert_eq!(shown, printed, "UPDATE_EXPECT=1 writes the page anew");
    }
}

/// A line without what differs from run to run.
fn stable(line: &str) -> String {
    for word in ["root ", "signed with "] {
        if let Some((before, _)) = line.split_once(word) {
            return format!("{before}{word}…");
        }
    }
    if line.contains("avow-verify") {
        return "    cargo run --release -p avow-proof --bin avow-verify -- six-promises.avow"
            .to_owned();
    }
    match line.split_once(" (") {
        Some((name, rest)) if rest.ends_with(" bytes)") => format!("{name} (… bytes)"),
        _ => line.to_owned(),
    }
}
