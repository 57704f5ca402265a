//! The generated SQL gives the monitor's counts, and the instances of its twin,
//! in DuckDB, SQLite, DataFusion and Spark: on the library's stories and on
//! random logs.
//!
//! Needs Python with the packages of `.ci/requirements.txt`, named by
//! `AVOW_PYTHON`, and Java; under CI they have to be there. `AVOW_SQL_CASES`
//! is the number of random cases, and of `AVOW_SQL_SPARK` cases Spark has one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use avow_event::{Action, Event, Field, Micros, PlaceTable};
use avow_monitor::{Instance, Monitor, Pattern, Pledge, SourceDeclaration, published_digest, sql};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::random_log::{case, commitment, instant, is, pattern, pledge};
use super::stories;
use crate::twin::Twin;

const CASES: usize = 100;

/// Spark needs most of a second for a statement.
const CASES_TO_ONE_IN_SPARK: usize = 5;

/// After every deadline of the library.
const YEARS_LATER: i64 = 20 * 366 * 86_400_000_000;

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// What a proof has, and what the monitor and its twin say.
fn write_case(folder: &Path, pledge: &Pledge, events: &[Event]) {
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    let mut rows = Vec::new();
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
        // No query is about the publication of a pledge.
        if published_digest(event).is_none() {
            rows.extend(sql::event_row(leaf, event));
            rows.push(b'\n');
        }
    }
    write("events.ndjson", &rows);
    write("gaps.ndjson", sql::gap_rows(&mut monitor).as_bytes());
    let load = sql::create_duckdb("events.ndjson", "gaps.ndjson");
    write("load.duckdb.sql", load.as_bytes());
    let load = sql::create_sqlite("events.ndjson", "gaps.ndjson");
    write("load.sqlite.sql", load.as_bytes());
    let report = monitor.report(events.len() as u64, [0; 32]);
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        let id = &commitment.id;
        let statement = sql::statement(pledge, commitment);
        write(&format!("{id}.sql"), statement.as_bytes());
        let counts = &found.counts;
        let expected = format!(
            "{id} {} {} {} {}",
            counts.kept, counts.breached, counts.pending, counts.unknown
        );
        write(&format!("{id}.expected"), expected.as_bytes());
        let statement = sql::instances(pledge, commitment);
        write(&format!("{id}.instances.sql"), statement.as_bytes());
        let listed = Twin { pledge, events }.instances(commitment);
        let listed: String = listed.iter().map(line).collect();
        write(&format!("{id}.listed"), listed.as_bytes());
    }
}

fn line(instance: &Instance) -> String {
    let cell = |value: Option<i64>| value.map_or("-".to_owned(), |n| n.to_string());
    format!(
        "{} {} {} {} {} {}\n",
        instance.leaf,
        cell(instance.each.map(u64::cast_signed)),
        instance.time.get(),
        cell(instance.deadline.map(Micros::get)),
        instance.verdict().as_str(),
        instance.reason.as_str()
    )
}

/// What leaves the window when another enters it, and came after that.
fn out_of_order() -> (Pledge, Vec<Event>) {
    let at_most = Pattern::AtMost {
        happens: is(Field::Action, "use"),
        at_most: 1,
        within: 3,
        same: Vec::new(),
    };
    let source = SourceDeclaration {
        name: pattern("a"),
        heartbeat: None,
        delay: 10,
    };
    let pledge = pledge(vec![commitment("c0", at_most)], vec![source]);
    let uses = [(Action::Use, 3), (Action::Use, 0), (Action::Heartbeat, 30)];
    let events = (1..)
        .zip(uses)
        .map(|(seq, (action, time))| Event::new("a", seq, instant(time), action));
    (pledge, events.collect())
}

/// The pledges of the library, each with all its stories on one log.
fn library() -> Vec<(String, Pledge, Vec<Event>)> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut paths: Vec<PathBuf> = fs::read_dir(examples)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("pledge.toml"))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths.iter().map(|path| stories_of(path)).collect()
}

fn stories_of(path: &Path) -> (String, Pledge, Vec<Event>) {
    let text = fs::read_to_string(path).unwrap();
    let mut pledge = Pledge::parse(&text, &PlaceTable::built_in()).unwrap();
    for source in &mut pledge.sources {
        // The stories have no heartbeats.
        source.heartbeat = None;
    }
    let examples = pledge.commitments.iter().flat_map(|c| &c.examples);
    let mut events: Vec<Event> = examples
        .flat_map(|example| &example.events)
        .map(|event| event.event.clone())
        .collect();
    events.sort_by_key(|event| event.time);
    let last = events.last().unwrap();
    let end = last.time.saturating_add(YEARS_LATER);
    events.push(Event::new(&last.source, 0, end, Action::Heartbeat));
    let mut numbers = BTreeMap::new();
    for event in &mut events {
        let number = numbers.entry(event.source.clone()).or_insert(0);
        *number += 1;
        event.seq = *number;
    }
    let folder = path.parent().and_then(Path::file_name).unwrap();
    (folder.display().to_string(), pledge, events)
}

#[test]
fn four_databases_give_the_monitors_counts() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sql_oracle");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    write_case(&folder.join("story"), &stories::pledge(), &stories::story());
    write_case(&folder.join("empty"), &stories::pledge(), &[]);
    let (limit, uses) = out_of_order();
    write_case(&folder.join("order"), &limit, &uses);
    for (name, pledge, events) in library() {
        write_case(&folder.join(name), &pledge, &events);
    }
    let mut runner = TestRunner::deterministic();
    for number in 0..number("AVOW_SQL_CASES", CASES) {
        let most = if number % 5 == 0 { 200 } else { 60 };
        let tree = case(most).new_tree(&mut runner);
        let case = tree.unwrap().current();
        let name = format!("{number:04}");
        write_case(&folder.join(name), &case.pledge, &case.events);
    }
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "set AVOW_PYTHON to a Python with four databases");
        println!("not run: AVOW_PYTHON names no Python with four databases");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/sql_check.py");
    let every = number("AVOW_SQL_SPARK", CASES_TO_ONE_IN_SPARK);
    let done = Command::new(python)
        .arg(script)
        .arg(&folder)
        .args(["--spark", &every.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let failed = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{failed}");
    println!("{said}");
}
