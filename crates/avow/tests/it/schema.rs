//! The JSON Schema of a pledge: what the page holds, what the program prints,
//! and what a validator of others makes of every pledge that we have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;
use tempfile::TempDir;

use crate::run::avow;

/// The structure alone shows that these are wrong.
const STRUCTURAL: &[&str] = &[
    "amends-in-capitals",
    "at-least",
    "count-called-count",
    "count-of-a-month",
    "count-too-great",
    "deadline-that-is-no-time",
    "deadline-of-the-event-itself",
    "duty-eventually",
    "duty-with-two-deadlines",
    "duty-without-deadline",
    "duty-without-same",
    "each-without-for-each",
    "every-member-with-two-fields",
    "every-member-and-a-register",
    "every-register-without-entry",
    "every-system-of-no-register",
    "example-event-wrong",
    "for-each-with-already",
    "heartbeat-of-a-month",
    "key-of-another-rule",
    "no-rule",
    "pause-without-end",
    "permission-within-a-month",
    "same-with-a-number",
    "two-rules",
    "unknown-key",
    "where-with-never",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pledges(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut found: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

#[test]
fn the_page_holds_what_the_program_prints() {
    let folder = TempDir::new().unwrap();
    let printed = avow(folder.path(), &["pledge", "schema"]).exits(0).out;
    expect_file![root().join("docs/spec/pledge.schema.json")].assert_eq(&printed);
    let json = avow(folder.path(), &["pledge", "schema", "--json"])
        .exits(0)
        .json();
    let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(json, read);
}

/// The verdicts of a validator that is not ours, by the names of the files.
fn validated(files: &[PathBuf]) -> Option<Vec<(String, String)>> {
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "CI must set AVOW_PYTHON");
        println!("not run: AVOW_PYTHON is not set");
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/schema_check.py");
    let run = Command::new(python)
        .arg(script)
        .arg(root().join("docs/spec/pledge.schema.json"))
        .args(files)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    let lines = String::from_utf8(run.stdout).unwrap();
    let found = lines.lines().map(|line| {
        let (verdict, path) = line.split_once(' ').unwrap();
        let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
        if verdict == "invalid" {
            println!("{stem}: {errors}");
        }
        (verdict.to_owned(), stem.to_owned())
    });
    Some(found.collect())
}

#[test]
fn every_right_pledge_is_valid_under_the_schema() {
    let mut files = pledges(&root().join("testdata/pledges/right"));
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("pledge.toml").exists() {
            files.push(path.join("pledge.toml"));
        }
    }
    let Some(found) = validated(&files) else {
        return;
    };
    assert_eq!(found.len(), files.len());
    for (verdict, name) in found {
        assert_eq!(verdict, "valid", "{name}");
    }
}

#[test]
fn mistakes_of_structure_are_seen_by_the_schema() {
    let files = pledges(&root().join("testdata/pledges/wrong"));
    let Some(found) = validated(&files) else {
        return;
    };
    for name in STRUCTURAL {
        let verdict = found.iter().find(|(_, stem)| stem == name);
        let verdict = verdict.map(|(verdict, _)| verdict.as_str());
        assert_eq!(verdict, Some("invalid"), "{name}");
    }
    let invalid = found.iter().filter(|(verdict, _)| verdict == "invalid");
    assert!(invalid.count() >= 100);
}
