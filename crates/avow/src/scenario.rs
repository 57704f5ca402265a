//! What a user names to be checked: a folder with a pledge and evidence, or a
//! pledge file; and a proof's name.

use std::path::{Path, PathBuf};

use avow_event::PlaceTable;
use avow_monitor::{ExampleFailure, PLEDGE_BYTES_MAX, Pledge, Verdict, run_examples};

use crate::diagnostics::pledge_failure;
use crate::failure::{Failure, Result};
use crate::messages as say;
use crate::screen::Screen;
use crate::storage;
use crate::verdict_page::mark;

const PLEDGE_FILE: &str = "pledge.toml";
const EVIDENCE_FOLDER: &str = "evidence";

/// A pledge that was read, with its text, which goes into a proof byte for byte.
pub(crate) struct Document {
    pub(crate) pledge: Pledge,
    pub(crate) text: String,
}

/// What is to be checked.
pub(crate) struct Scenario {
    /// What the proof is named after.
    pub(crate) name: String,
    pub(crate) document: Document,
    pub(crate) evidence: Vec<PathBuf>,
}

impl Scenario {
    /// A folder with `pledge.toml` and `evidence/`, or a pledge file; evidence
    /// that is named beside it comes on top.
    pub(crate) fn open(target: &Path, named: Vec<PathBuf>, screen: &Screen) -> Result<Self> {
        let is_folder = target.is_dir();
        let pledge = pledge_of(target);
        if is_folder && !pledge.exists() {
            return Err(
                Failure::input(say::NO_PLEDGE_IN.with(&[("path", &target.display())]))
                    .hint(say::HINT_SCENARIO),
            );
        }
        let mut evidence = named;
        let own = target.join(EVIDENCE_FOLDER);
        if is_folder && own.exists() {
            evidence.insert(0, own);
        }
        let document = read_pledge(&pledge, screen)?;
        if evidence.is_empty() {
            return Err(Failure::input(say::NO_EVIDENCE).hint(say::HINT_NAME_EVIDENCE));
        }
        Ok(Self {
            name: name_of(target),
            document,
            evidence,
        })
    }
}

/// The pledge file that a target stands for.
pub(crate) fn pledge_of(target: &Path) -> PathBuf {
    if target.is_dir() {
        target.join(PLEDGE_FILE)
    } else {
        target.to_owned()
    }
}

/// Reads the text of a pledge.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let bytes = storage::read_bounded(path, PLEDGE_BYTES_MAX as u64)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::input(say::NOT_UTF8.with(&[("path", &path.display()), ("at", &at)]))
    })
}

/// Reads a pledge, or says what is wrong with it and where.
pub(crate) fn read_pledge(path: &Path, screen: &Screen) -> Result<Document> {
    let shown = path.display().to_string();
    let text = read_text(path)?;
    let pledge = Pledge::parse(&text, &PlaceTable::built_in())
        .map_err(|mistakes| pledge_failure(screen, &shown, &text, &mistakes))?;
    match run_examples(&pledge).first() {
        None => Ok(Document { pledge, text }),
        Some(failure) => Err(example_failure(&shown, failure, screen)),
    }
}

/// An example that does not end as it says.
fn example_failure(path: &str, failure: &ExampleFailure, screen: &Screen) -> Failure {
    let counts = Verdict::ALL.iter().filter_map(|verdict| {
        let count = failure.counts.of(*verdict);
        let (_, word, _) = mark(*verdict);
        (count > 0).then(|| format!("{} {count}", screen.text(word)))
    });
    let counts: Vec<String> = counts.collect();
    let found = if counts.is_empty() {
        screen.text(say::EXAMPLE_NEVER_APPLIES).to_owned()
    } else {
        let counts = counts.join(screen.text(say::COMMA));
        screen.fill(say::EXAMPLE_COUNTS, &[("counts", &counts)])
    };
    let meant = if failure.kept {
        say::KEPT
    } else {
        say::BREACHED
    };
    Failure::input(say::EXAMPLE_FAILED.with(&[
        ("path", &path),
        ("number", &(failure.index + 1)),
        ("id", &failure.id),
        ("meant", &screen.text(meant)),
        ("found", &found),
    ]))
    .hint(say::HINT_EXAMPLE)
}

/// The last name of the target that says something.
fn name_of(target: &Path) -> String {
    let full = target.canonicalize().unwrap_or_else(|_| target.to_owned());
    let named = if full.file_name().is_some_and(|name| name == PLEDGE_FILE) {
        full.parent().and_then(Path::file_name)
    } else if full.is_dir() {
        full.file_name()
    } else {
        full.file_stem()
    };
    let name = named.map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "proof".to_owned())
}

/// The name of the log of a scenario that has none: nobody resolves it
/// (RFC 6761), so it claims nothing.
pub(crate) fn origin(name: &str) -> String {
    let fit = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().take(64).map(fit).collect();
    format!("localhost/avow/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_key_name_whatever_the_folder_is_called() {
        for name in ["six-promises", "六项 承诺", "a+b c\n", ""] {
            let origin = origin(name);
            assert!(avow_tlog::check_new_origin(&origin).is_ok(), "{origin}");
        }
    }
}
