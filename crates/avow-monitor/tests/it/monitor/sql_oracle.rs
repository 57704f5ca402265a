//! The generated SQL gives the monitor's counts, in DuckDB and in SQLite.
//!
//! Needs Python with the package `duckdb`, named by `AVOW_PYTHON`; under CI it
//! has to be there.

use std::fs;
use std::path::Path;
use std::process::Command;

use avow_event::{Event, PlaceTable};
use avow_monitor::{Monitor, Pledge, sql};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::random_log::{log_of, random_pledge};
use super::stories;

const CASES: usize = 80;

/// What a proof has, and the monitor's counts.
fn write_case(folder: &Path, pledge: &Pledge, events: &[Event]) {
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    let mut rows = Vec::new();
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
        rows.extend(sql::event_row(leaf, event));
        rows.push(b'\n');
    }
    write("events.ndjson", &rows);
    write("gaps.ndjson", sql::gap_rows(&mut monitor).as_bytes());
    let load = sql::create_duckdb("events.ndjson", "gaps.ndjson");
    write("load.duckdb.sql", load.as_bytes());
    let load = sql::create_sqlite("events.ndjson", "gaps.ndjson");
    write("load.sqlite.sql", load.as_bytes());
    let report = monitor.report(events.len() as u64, [0; 32]);
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        let statement = sql::statement(pledge, commitment);
        write(&format!("{}.sql", commitment.id), statement.as_bytes());
        let counts = &found.counts;
        let expected = format!(
            "{} {} {} {} {}",
            commitment.id, counts.kept, counts.breached, counts.pending, counts.unknown
        );
        write(&format!("{}.expected", commitment.id), expected.as_bytes());
    }
}

#[test]
fn duckdb_and_sqlite_give_the_monitors_counts() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sql_oracle");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    write_case(&folder.join("story"), &stories::pledge(), &stories::story());
    write_case(&folder.join("empty"), &stories::pledge(), &[]);
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let most = if case % 5 == 0 { 400 } else { 60 };
        let tree = (random_pledge(), log_of(most)).new_tree(&mut runner);
        let (pledge, events) = tree.unwrap().current();
        write_case(&folder.join(format!("{case:03}")), &pledge, &events);
    }
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "set AVOW_PYTHON to a Python with `duckdb`");
        println!("not run: AVOW_PYTHON names no Python with `duckdb`");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/sql_check.py");
    let done = Command::new(python)
        .arg(script)
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let failed = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{failed}");
    println!("{said}");
}
