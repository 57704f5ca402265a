//! Runs the program, and makes scenarios for it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What a run came to.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The one JSON object on standard output.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    pub(crate) fn verdict(&self, id: &str) -> String {
        let json = self.json();
        let all = json["commitments"].as_array().expect("commitments");
        let found = all.iter().find(|c| c["id"] == id).expect("the commitment");
        found["verdict"].as_str().expect("a verdict").to_owned()
    }

    /// It ended with this status, and never with a panic.
    pub(crate) fn exits(self, status: i32) -> Self {
        let both = format!("stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{both}");
        assert_eq!(self.status, status, "{both}");
        self
    }

    /// It failed with status 2, and its message and hint hold these words.
    pub(crate) fn fails(self, message: &str) -> Self {
        let run = self.exits(2);
        assert!(run.err.contains("avow: error: "), "{}", run.err);
        assert!(run.err.contains(message), "no `{message}` in: {}", run.err);
        run
    }
}

/// The program with arguments, in a folder, with nothing of the user's own
/// environment that changes what it prints.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_avow"));
    command.args(arguments).current_dir(folder);
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program.
pub(crate) fn avow(folder: &Path, arguments: &[&str]) -> Run {
    finish(command(folder, arguments).stdin(Stdio::null()))
}

/// Runs the program with text on its standard input.
pub(crate) fn avow_with(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    read(child.wait_with_output().unwrap())
}

pub(crate) fn finish(command: &mut Command) -> Run {
    read(command.output().unwrap())
}

fn read(output: std::process::Output) -> Run {
    Run {
        status: output.status.code().expect("ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with a scenario `story` in it.
pub(crate) struct Story {
    folder: TempDir,
}

/// Two promises: nothing stored outside `CN`, and requests answered within an hour.
pub(crate) const PLEDGE: &str = r#"
[pledge]
title = { en = "A small pledge", zh = "一个小承诺" }
by = "Example"
to = "its users"
from = 2026-03-01

[[source]]
name = "vault"
heartbeat = "PT2H"
delay = "PT5M"

[[commitment]]
id = "home"
says = { en = "Data is stored at home.", zh = "数据存储在本国。" }
when = "action = 'store'"
never = "place <> 'CN'"
sources = ["vault"]

[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "SG" }]

[[commitment]]
id = "answer"
says = { en = "Requests are answered within an hour.", zh = "一小时内答复请求。" }
when = "action = 'request'"
then = "action = 'disclose'"
within = "PT1H"
same = ["case_id"]
sources = ["vault"]

[[commitment.example]]
kept = [
  { time = 2026-03-01T00:00:00Z, action = "request", case_id = "c" },
  { time = 2026-03-01T01:00:00Z, action = "disclose", case_id = "c" },
]
[[commitment.example]]
breached = [
  { time = 2026-03-01T00:00:00Z, action = "request", case_id = "c" },
  { time = 2026-03-01T02:00:00Z, action = "disclose", case_id = "c" },
]
"#;

/// Everything kept: stored in `CN`, answered in time, never silent.
pub(crate) const KEPT: &[&str] = &[
    r#""time":"2026-03-01T00:00:00Z","action":"heartbeat""#,
    r#""time":"2026-03-01T00:10:00Z","action":"store","place":"CN","subject":"ana""#,
    r#""time":"2026-03-01T00:20:00Z","action":"request","case_id":"c1""#,
    r#""time":"2026-03-01T00:50:00Z","action":"disclose","case_id":"c1""#,
    r#""time":"2026-03-01T02:00:00Z","action":"heartbeat""#,
];

/// The same, and something stored in `SG`.
pub(crate) fn breached() -> Vec<&'static str> {
    let mut lines = KEPT.to_vec();
    lines.insert(
        2,
        r#""time":"2026-03-01T00:15:00Z","action":"store","place":"SG","subject":"ben""#,
    );
    lines
}

/// The same as kept, with a silence of a day at the end.
pub(crate) fn silent() -> Vec<&'static str> {
    let mut lines = KEPT.to_vec();
    lines.push(r#""time":"2026-03-02T02:00:00Z","action":"heartbeat""#);
    lines
}

/// Events of the source `vault`, numbered from 1, one a line.
pub(crate) fn ndjson(events: &[&str]) -> String {
    let events = events.iter().enumerate();
    let lines =
        events.map(|(n, event)| format!("{{\"source\":\"vault\",\"seq\":{},{event}}}\n", n + 1));
    lines.collect()
}

impl Story {
    /// A scenario with the small pledge and these events.
    pub(crate) fn of(events: &[&str]) -> Self {
        Self::with(PLEDGE, &ndjson(events))
    }

    pub(crate) fn with(pledge: &str, evidence: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let evidence_folder = folder.path().join("story/evidence");
        fs::create_dir_all(&evidence_folder).unwrap();
        fs::write(folder.path().join("story/pledge.toml"), pledge).unwrap();
        fs::write(evidence_folder.join("vault.ndjson"), evidence).unwrap();
        Self { folder }
    }

    /// The folder in which the program runs.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, relative to that folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        avow(self.path(), arguments)
    }

    /// Names of everything in the folder, hidden or not, beside the scenario.
    pub(crate) fn left(&self) -> Vec<String> {
        names(self.path())
    }
}

/// The names in a folder, in order, without `story`.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "story")
        .collect();
    names.sort();
    names
}
