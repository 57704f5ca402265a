//! Engines that read files: DuckDB with the SQL that Avow writes for a
//! commitment, and MonPoly with a formula for it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use avow_event::{Action, Event, PlaceTable};
use avow_monitor::{Monitor, sql};

use crate::{Outcome, RULES, making, pledge, show};

/// MonPoly's relations grow with every key: more events than this it does not
/// finish in minutes where permission is asked for, and ten times as many
/// where a duty has a deadline.
const MONPOLY_BEFORE_MAX: u64 = 100_000;
const MONPOLY_WITHIN_MAX: u64 = 1_000_000;
/// More events than this are 3 GB of JSON.
const DUCKDB_MAX: u64 = 1_000_000;

const SIGNATURE: &str = "store(string,string,string)
transfer(string)
use(string)
consent(string)
withdraw(string)
request(string)
erase(string)
";

/// What breaks each rule.
const FORMULAS: [(&str, &str); 3] = [
    ("never", "store(s,\"CN\",p) AND NOT (p = \"CN\")"),
    (
        "before",
        "use(s) AND NOT ((NOT withdraw(s)) SINCE[0,*] consent(s))",
    ),
    (
        "within",
        "request(s) AND NOT EVENTUALLY[0,2592000000000] erase(s)",
    ),
];

pub(crate) fn run(events: u64) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    match std::env::var("AVOW_PYTHON") {
        Ok(python) => {
            if events <= DUCKDB_MAX {
                duckdb(&python, folder.path(), events)?;
            } else {
                println!("  DuckDB is not run with so many events: see `DUCKDB_MAX`");
            }
            match std::env::var("AVOW_MONPOLY") {
                Ok(program) => monpoly(&python, &program, folder.path(), events)?,
                Err(_) => println!("  MonPoly is not run: AVOW_MONPOLY does not name it"),
            }
        }
        Err(_) => println!("  DuckDB and MonPoly are not run: AVOW_PYTHON names no Python"),
    }
    Ok(())
}

fn duckdb(python: &str, folder: &Path, events: u64) -> Result<(), String> {
    let failed = |e: std::io::Error| e.to_string();
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    for (rule, _) in RULES {
        let pledge = pledge(rule)?;
        let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
        let mut file = BufWriter::new(File::create(path("events.ndjson")).map_err(failed)?);
        let mut leaf = 0;
        making(events, |event| {
            monitor.push(leaf, event);
            let mut row = sql::event_row(leaf, event);
            row.push(b'\n');
            let _ = file.write_all(&row);
            leaf += 1;
        });
        file.flush().map_err(failed)?;
        std::fs::write(path("gaps.ndjson"), sql::gap_rows(&mut monitor)).map_err(failed)?;
        let load = sql::create_duckdb(&path("events.ndjson"), &path("gaps.ndjson"));
        std::fs::write(path("load.sql"), load).map_err(failed)?;
        let statements = pledge
            .commitments
            .iter()
            .map(|c| sql::statement(&pledge, c));
        let statements: String = statements.collect();
        std::fs::write(path("rule.sql"), statements).map_err(failed)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("measure.py");
        let (load, rule_file) = (path("load.sql"), path("rule.sql"));
        let arguments = [
            script.to_string_lossy().into_owned(),
            "duckdb".to_owned(),
            load,
            rule_file,
        ];
        measured(python, &arguments, "DuckDB re-check", rule, events)?;
    }
    Ok(())
}

fn monpoly(python: &str, program: &str, folder: &Path, events: u64) -> Result<(), String> {
    let failed = |e: std::io::Error| e.to_string();
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    std::fs::write(path("sig"), SIGNATURE).map_err(failed)?;
    for (rule, formula) in FORMULAS {
        std::fs::write(path("formula"), formula).map_err(failed)?;
        let events = match rule {
            "before" => events.min(MONPOLY_BEFORE_MAX),
            "within" => events.min(MONPOLY_WITHIN_MAX),
            _ => events,
        };
        let mut file = BufWriter::new(File::create(path("log")).map_err(failed)?);
        let mut line = String::new();
        making(events, |event| {
            line.clear();
            write_line(&mut line, event);
            let _ = file.write_all(line.as_bytes());
        });
        file.flush().map_err(failed)?;
        for (name, flag) in [("MonPoly", None), ("VeriMon", Some("-verified"))] {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("measure.py");
            let mut arguments = vec![
                script.to_string_lossy().into_owned(),
                "lines".to_owned(),
                program.to_owned(),
            ];
            for (flag, file) in [("-sig", "sig"), ("-formula", "formula"), ("-log", "log")] {
                arguments.extend([flag.to_owned(), path(file)]);
            }
            arguments.extend(flag.map(str::to_owned));
            measured(python, &arguments, name, rule, events)?;
        }
    }
    Ok(())
}

/// An event as MonPoly reads it.
fn write_line(line: &mut String, event: &Event) {
    let subject = event.subject.as_deref().unwrap_or_default();
    let _ = write!(
        line,
        "@{} {} (\"{subject}\"",
        event.time.get(),
        event.action.as_str()
    );
    if event.action == Action::Store {
        for place in [&event.subject_country, &event.place] {
            let _ = write!(line, ",\"{}\"", place.as_ref().map_or("", |p| p.as_str()));
        }
    }
    line.push_str(")\n");
}

/// Runs the script, which prints how many breaches there are, the seconds that
/// were computed, and the most memory in KiB.
fn measured(
    python: &str,
    arguments: &[String],
    engine: &str,
    rule: &str,
    events: u64,
) -> Result<(), String> {
    let done = Command::new(python).args(arguments).output();
    let done = done.map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&done.stdout);
    let mut words = said.split_whitespace();
    let (breaches, seconds, memory) = (words.next(), words.next(), words.next());
    let outcome = || {
        Some(Outcome {
            breaches: breaches?.parse().ok()?,
            time: Duration::from_secs_f64(seconds?.parse().ok()?),
        })
    };
    match outcome() {
        Some(outcome) if done.status.success() => {
            let memory = memory.and_then(|m| m.parse().ok()).unwrap_or(0);
            show(engine, rule, events, &outcome, memory);
        }
        _ => println!(
            "  {rule}: {engine}: not finished: {}",
            String::from_utf8_lossy(&done.stderr)
        ),
    }
    Ok(())
}
