//! `avow pledge`: help for those who write pledges.

use std::path::Path;

use avow_event::PlaceTable;
use avow_monitor::{Diagnostic, ExampleFailure, Pledge, run_examples, warnings};
use clap::ArgMatches;
use serde_json::{Value, json};

use crate::ambient;
use crate::diagnostics::{DRAWN_MAX, draw};
use crate::failure::{Ending, Failure, Result};
use crate::flags;
use crate::messages as say;
use crate::pledge_schema;
use crate::pledge_starter;
use crate::pledge_story::Story;
use crate::scenario::{pledge_of, read_text};
use crate::screen::{Screen, Tint};
use crate::storage;
use crate::verdict_page::{item, tinted};

/// Prints the JSON Schema of a pledge, for editors.
pub(crate) fn schema(_: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let schema = pledge_schema::schema();
    if screen.json {
        screen.object(&schema)?;
    } else {
        let text = serde_json::to_string_pretty(&schema)
            .map_err(|e| Failure::bug(format!("write the schema: {e}")))?;
        screen.line(&text)?;
    }
    Ok(Ending::Fine)
}

/// Writes a pledge to begin with.
pub(crate) fn new(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let path = flags::path(matches, "FILE");
    let rule = flags::text(matches, "rule");
    let text = pledge_starter::pledge(rule.as_deref(), ambient::now()?, screen.language);
    storage::write_new(&path, text.as_bytes())?;
    let shown = path.display().to_string();
    if screen.json {
        screen.object(&json!({ "file": shown, "bytes": text.len() }))?;
    } else {
        let said = screen.fill(say::STARTER_WRITTEN, &[("path", &shown)]);
        item("", &said, screen)?;
    }
    Ok(Ending::Fine)
}

/// A pledge as far as it can be read.
struct Looked {
    path: String,
    text: String,
    pledge: std::result::Result<Pledge, Vec<Diagnostic>>,
}

impl Looked {
    fn at(named: &Path) -> Result<Self> {
        let path = pledge_of(named);
        let text = read_text(&path)?;
        let pledge = Pledge::parse(&text, &PlaceTable::built_in());
        Ok(Self {
            path: path.display().to_string(),
            text,
            pledge,
        })
    }

    fn mistakes(&self) -> &[Diagnostic] {
        self.pledge.as_ref().err().map_or(&[], Vec::as_slice)
    }

    fn failures(&self) -> Vec<ExampleFailure> {
        self.pledge.as_ref().map(run_examples).unwrap_or_default()
    }

    fn warnings(&self) -> Vec<Diagnostic> {
        let found = self
            .pledge
            .as_ref()
            .map(|pledge| warnings(&self.text, pledge));
        found.unwrap_or_default()
    }

    fn print(&self, found: &[Diagnostic], screen: &Screen) -> Result<()> {
        let drawn = draw(screen, &self.path, &self.text, found, screen.wants_colour());
        screen.bytes(drawn.trim_start_matches('\n').as_bytes())?;
        let more = found.len().saturating_sub(DRAWN_MAX);
        if more > 0 {
            screen.line("")?;
            screen.line(&screen.fill(say::PLEDGE_MORE, &[("count", &more.to_string())]))?;
        }
        if !found.is_empty() {
            screen.line("")?;
        }
        Ok(())
    }

    /// What is wrong and suspicious, and a line that sums it up.
    fn print_lint(
        &self,
        failures: &[ExampleFailure],
        warnings: &[Diagnostic],
        screen: &Screen,
    ) -> Result<()> {
        let (path, mistakes) = (self.path.as_str(), self.mistakes());
        self.print(mistakes, screen)?;
        self.print(warnings, screen)?;
        if !failures.is_empty() {
            let count = failures.len().to_string();
            let said = screen.fill(say::LINT_EXAMPLES, &[("path", path), ("count", &count)]);
            tinted(Tint::Red, "✘ ", &said, screen)?;
            let hint = screen.fill(say::HINT_TEST, &[("path", path)]);
            item("  ", &hint, screen)?;
        }
        let (wrong, suspicious) = (mistakes.len().to_string(), warnings.len().to_string());
        let values = [
            ("path", path),
            ("mistakes", &wrong),
            ("warnings", &suspicious),
        ];
        let (lead, tint, said) = match (mistakes.is_empty(), warnings.is_empty()) {
            (true, true) if !failures.is_empty() => return Ok(()),
            (true, true) => ("✔ ", Tint::Green, say::LINT_FINE),
            (true, false) => ("? ", Tint::Yellow, say::LINT_FOUND),
            (false, _) => ("✘ ", Tint::Red, say::LINT_FOUND),
        };
        tinted(tint, lead, &screen.fill(said, &values), screen)
    }

    fn diagnostics_json(&self, found: &[Diagnostic]) -> Vec<Value> {
        let found = found.iter();
        found
            .map(|one| {
                let (line, column) = one.position(&self.text);
                json!({
                    "severity": one.severity.as_str(),
                    "message": one.message,
                    "label": one.label,
                    "help": one.help,
                    "line": line,
                    "column": column,
                    "start": one.span.start,
                    "end": one.span.end,
                })
            })
            .collect()
    }
}

/// Says what is wrong or suspicious.
pub(crate) fn lint(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let strict = matches.get_flag("strict");
    let mut ending = Ending::Fine;
    let mut files = Vec::new();
    for named in flags::pledges(matches) {
        let looked = Looked::at(&named)?;
        let (failures, warnings) = (looked.failures(), looked.warnings());
        let mistakes = looked.mistakes();
        let wrong = !mistakes.is_empty() || !failures.is_empty();
        if wrong || (strict && !warnings.is_empty()) {
            ending = Ending::Wrong;
        }
        if screen.json {
            files.push(json!({
                "file": looked.path,
                "mistakes": looked.diagnostics_json(mistakes),
                "warnings": looked.diagnostics_json(&warnings),
                "examples_failed": failures.len(),
            }));
            continue;
        }
        looked.print_lint(&failures, &warnings, screen)?;
    }
    if screen.json {
        screen.object(&json!({ "exit": ending.status(), "files": files }))?;
    }
    Ok(ending)
}

/// Runs the examples.
pub(crate) fn test(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let mut ending = Ending::Fine;
    let mut files = Vec::new();
    for named in flags::pledges(matches) {
        let looked = Looked::at(&named)?;
        let failures = looked.failures();
        if !looked.mistakes().is_empty() || !failures.is_empty() {
            ending = Ending::Wrong;
        }
        if screen.json {
            files.push(json!({
                "file": looked.path,
                "mistakes": looked.diagnostics_json(looked.mistakes()),
                "commitments": stories_json(&looked, &failures),
            }));
        } else {
            screen.line(&screen.tint(Tint::Bold, &crate::wrap::tame(&looked.path)))?;
            looked.print(looked.mistakes(), screen)?;
            print_stories(&looked, &failures, screen)?;
        }
    }
    if screen.json {
        screen.object(&json!({ "exit": ending.status(), "files": files }))?;
    }
    Ok(ending)
}

fn print_stories(looked: &Looked, failures: &[ExampleFailure], screen: &Screen) -> Result<()> {
    let commitments = looked.pledge.iter().flat_map(|pledge| &pledge.commitments);
    for commitment in commitments {
        let mut fine = true;
        for failure in failures
            .iter()
            .filter(|failure| failure.id == commitment.id)
        {
            fine = false;
            if let Some(example) = commitment.examples.get(failure.index) {
                Story::of(commitment, example, failure).print(screen)?;
            }
        }
        if fine {
            let count = commitment.examples.len().to_string();
            let values = [("id", commitment.id.as_str()), ("count", count.as_str())];
            tinted(
                Tint::Green,
                "✔ ",
                &screen.fill(say::STORY_FINE, &values),
                screen,
            )?;
        }
    }
    Ok(())
}

fn stories_json(looked: &Looked, failures: &[ExampleFailure]) -> Vec<Value> {
    let commitments = looked.pledge.iter().flat_map(|pledge| &pledge.commitments);
    commitments
        .map(|commitment| {
            let examples: Vec<Value> = commitment
                .examples
                .iter()
                .enumerate()
                .map(|(index, example)| {
                    let mut failures = failures.iter();
                    let failed = failures.find(|f| f.id == commitment.id && f.index == index);
                    match failed {
                        Some(failure) => Story::of(commitment, example, failure).json(),
                        None => json!({
                            "number": index + 1,
                            "meant": if example.kept { "kept" } else { "breached" },
                            "passes": true,
                        }),
                    }
                })
                .collect();
            json!({ "id": commitment.id, "examples": examples })
        })
        .collect()
}
