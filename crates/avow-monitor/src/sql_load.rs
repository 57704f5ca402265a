//! The tables that the statements of `sql` read, and how two databases load
//! them. The rows are lines of JSON, so that other databases can, too.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use avow_event::{Event, Field, FieldKind};

use crate::Monitor;
use crate::clock::NEVER;
use crate::coverage_gap::Mark;
use crate::report_parse::Json;
use crate::sql::text;
use crate::sql_predicate::sql_column;

/// An event as a row of the table `events`: the members of its leaf, `leaf`,
/// and its times in microseconds. One line, without a line end.
pub fn event_row(leaf: u64, event: &Event) -> Vec<u8> {
    let mut row = event.to_leaf();
    // A leaf ends with the brace of its one object.
    row.pop();
    let mut more = format!(",\"leaf\":{leaf},\"time_us\":{}", event.time.get());
    for (name, time) in [("logged_us", event.logged), ("due_us", event.due)] {
        if let Some(time) = time {
            let _ = write!(more, ",\"{name}\":{}", time.get());
        }
    }
    more.push('}');
    row.extend_from_slice(more.as_bytes());
    row
}

/// The gaps that the monitor has found, as rows of the table `gaps`, a line
/// each: for each commitment the gaps of the sources in its scope.
///
/// `known_leaf` is the leaf at which the gap became known and `known_us` the
/// clock just before it; `gone_leaf` and `gone_us` say the same of its closing.
/// `to_us` is absent while the gap lasts.
///
/// A small log can have many rows: a gap has one for every commitment that it
/// concerns. Where the log is not one's own, use [`write_gap_rows`].
pub fn gap_rows(monitor: &mut Monitor) -> String {
    let mut rows = String::new();
    let _ = write_gap_rows(monitor, &mut |row| {
        rows.push_str(row);
        ControlFlow::Continue(())
    });
    rows
}

/// Gives the rows of [`gap_rows`] one by one, each with its line end, and makes
/// no more once `write` breaks: so that a caller who compares, or has a limit,
/// needs no more memory than a row. Returns whether it was broken.
pub fn write_gap_rows(
    monitor: &mut Monitor,
    write: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let (ids, coverage) = monitor.gaps();
    for (scope, id) in ids.into_iter().enumerate() {
        for gap in coverage.gaps(scope) {
            let span = gap.span;
            let mut row = Row::new(&id, gap.source);
            row.text("kind", span.kind.as_str());
            row.integer("from_us", Some(span.from));
            row.integer("to_us", (span.to != i64::MAX).then_some(span.to));
            row.mark(["known_leaf", "known_us"], Some(span.known));
            row.mark(["gone_leaf", "gone_us"], span.gone);
            row.line.push_str("}\n");
            write(&row.line)?;
        }
    }
    ControlFlow::Continue(())
}

struct Row {
    line: String,
}

impl Row {
    fn new(commitment: &str, source: &str) -> Self {
        let mut row = Self {
            line: "{".to_owned(),
        };
        row.text("commitment", commitment);
        row.text("source", source);
        row
    }

    fn name(&mut self, name: &str) {
        let comma = if self.line.len() > 1 { "," } else { "" };
        let _ = write!(self.line, "{comma}\"{name}\":");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        let mut json = Vec::new();
        Json::Text(value.to_owned()).write(&mut json);
        self.line.push_str(&String::from_utf8_lossy(&json));
    }

    fn integer(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.name(name);
            let _ = write!(self.line, "{value}");
        }
    }

    fn mark(&mut self, [leaf, before]: [&str; 2], mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.name(leaf);
            let _ = write!(self.line, "{}", mark.leaf);
            self.integer(before, (mark.before != NEVER).then_some(mark.before));
        }
    }
}

/// Columns of the table `gaps`, and whether each is a text.
const GAP_COLUMNS: [(&str, bool); 9] = [
    ("commitment", true),
    ("source", true),
    ("kind", true),
    ("from_us", false),
    ("to_us", false),
    ("known_leaf", false),
    ("known_us", false),
    ("gone_leaf", false),
    ("gone_us", false),
];

/// Columns of the table `events` with their types.
fn event_columns() -> Vec<(String, &'static str, bool)> {
    let mut columns = vec![("leaf".to_owned(), "BIGINT", false)];
    columns.extend(Field::ALL.iter().map(|field| {
        let kind = match field.kind() {
            FieldKind::Integer | FieldKind::Time => "BIGINT",
            FieldKind::Boolean => "BOOLEAN",
            _ => "VARCHAR",
        };
        (sql_column(*field), kind, field.kind() == FieldKind::Place)
    }));
    columns
}

fn gap_columns() -> Vec<(String, &'static str, bool)> {
    GAP_COLUMNS
        .iter()
        .map(|(name, is_text)| {
            let kind = if *is_text { "VARCHAR" } else { "BIGINT" };
            ((*name).to_owned(), kind, false)
        })
        .collect()
}

/// A script for DuckDB that makes the two tables from the files of
/// [`event_row`] and [`gap_rows`].
pub fn create_duckdb(events_path: &str, gaps_path: &str) -> String {
    let mut script = String::new();
    for (table, path, columns) in [
        ("events", events_path, event_columns()),
        ("gaps", gaps_path, gap_columns()),
    ] {
        let types: Vec<String> = columns
            .iter()
            .map(|(name, kind, _)| format!("{name}: '{kind}'"))
            .collect();
        let selected: Vec<String> = columns
            .iter()
            .map(|(name, _, is_place)| selected(name, name, *is_place))
            .collect();
        let _ = write!(
            script,
            "CREATE TABLE {table} AS SELECT {}
FROM read_json({}, format = 'newline_delimited', columns = {{{}}});
",
            selected.join(", "),
            text(path),
            types.join(", "),
        );
    }
    script
}

/// A script for the `sqlite3` shell that does the same. The lines that begin
/// with a dot are commands of the shell.
pub fn create_sqlite(events_path: &str, gaps_path: &str) -> String {
    // Lines of JSON have neither of the separators in them.
    let mut script = ".mode ascii\n.separator \"\\037\" \"\\n\"\n".to_owned();
    for (table, path, columns) in [
        ("events", events_path, event_columns()),
        ("gaps", gaps_path, gap_columns()),
    ] {
        let types: Vec<String> = columns
            .iter()
            .map(|(name, kind, _)| format!("{name} {kind}"))
            .collect();
        let selected: Vec<String> = columns
            .iter()
            .map(|(name, _, is_place)| {
                let value = format!("json_extract(line, '$.{name}')");
                selected(&value, name, *is_place)
            })
            .collect();
        let _ = write!(
            script,
            "CREATE TABLE {table}_lines (line TEXT);
.import \"{path}\" {table}_lines
CREATE TABLE {table} ({});
INSERT INTO {table} SELECT {}
FROM {table}_lines;
",
            types.join(", "),
            selected.join(", "),
        );
    }
    script.push_str(".mode column\n.headers on\n");
    script
}

/// A place `UNKNOWN` is NULL.
fn selected(value: &str, name: &str, is_place: bool) -> String {
    if is_place {
        format!("NULLIF({value}, 'UNKNOWN') AS {name}")
    } else {
        format!("{value} AS {name}")
    }
}
