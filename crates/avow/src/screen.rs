//! Where output goes and what it looks like there: language, width, colour,
//! text or JSON.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, StdoutLock, Write as _};

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::language::{Language, Text};
use crate::messages as say;
use crate::wrap::tame;

/// Columns where the output is no terminal: what a page, a mail or a terminal
/// of common size shows without folding.
const COLUMNS_DEFAULT: usize = 100;

/// Narrower than this, words no longer fit into lines.
const COLUMNS_MIN: usize = 20;

/// Wider tables are harder to read, not easier.
const COLUMNS_MAX: usize = 140;

/// Colours that carry a meaning. Each stands beside a symbol and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tint {
    Green,
    Red,
    Yellow,
    Blue,
    Bold,
    Dim,
}

impl Tint {
    /// The "select graphic rendition" parameter of ECMA-48.
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Blue => 34,
        }
    }

    /// The text in this colour.
    pub(crate) fn paint(self, text: &str) -> String {
        format!("\u{1b}[{}m{text}\u{1b}[0m", self.code())
    }
}

/// Standard output as the user wants it.
pub(crate) struct Screen {
    pub(crate) language: Language,
    pub(crate) json: bool,
    columns: usize,
    colour: bool,
    out: RefCell<Out>,
}

struct Out {
    lock: io::BufWriter<StdoutLock<'static>>,
    /// The reader has gone (`avow events … | head`): nobody needs the rest.
    closed: bool,
    /// Writing failed, and was reported: dropping the writer tries once more.
    failed: bool,
}

/// Whether colours are wanted: only on a terminal, and not where `NO_COLOR`
/// (no-color.org) or `TERM=dumb` asks for none.
pub(crate) fn wants_colour(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    terminal && !set("NO_COLOR") && variable("TERM").as_deref() != Some("dumb")
}

/// `COLUMNS` as POSIX has it: it overrides what the terminal says.
fn asked_columns(variable: Option<&str>) -> Option<usize> {
    variable?
        .parse()
        .ok()
        .filter(|columns| *columns >= COLUMNS_MIN)
}

/// Whether standard error takes colours.
pub(crate) fn stderr_wants_colour() -> bool {
    wants_colour(io::stderr().is_terminal(), variable)
}

/// The value of an environment variable, if it is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Screen {
    /// Standard output of this process.
    pub(crate) fn new(language: Language, json: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let measured = || terminal.then(terminal_size::terminal_size).flatten();
        let columns = asked_columns(variable("COLUMNS").as_deref())
            .or_else(|| measured().map(|(width, _)| usize::from(width.0)));
        Self {
            language,
            json,
            columns: columns.unwrap_or(COLUMNS_DEFAULT).min(COLUMNS_MAX),
            colour: wants_colour(terminal, variable),
            out: RefCell::new(Out {
                lock: io::BufWriter::new(io::stdout().lock()),
                closed: false,
                failed: false,
            }),
        }
    }

    /// How many columns a line has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// A text of the catalogue.
    pub(crate) fn text(&self, text: Text) -> &'static str {
        text.get(self.language)
    }

    /// A text of the catalogue with values, which others may have written.
    pub(crate) fn fill(&self, text: Text, values: &[(&str, &str)]) -> String {
        let tamed: Vec<(&str, String)> = values
            .iter()
            .map(|(name, value)| (*name, tame(value)))
            .collect();
        let tamed: Vec<(&str, &str)> = tamed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        text.fill(self.language, &tamed)
    }

    /// The text in a colour, where colours are wanted.
    pub(crate) fn tint(&self, tint: Tint, text: &str) -> String {
        if self.colour {
            tint.paint(text)
        } else {
            text.to_owned()
        }
    }

    /// Whether colours are wanted.
    pub(crate) fn wants_colour(&self) -> bool {
        self.colour
    }

    /// Prints a line.
    pub(crate) fn line(&self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())?;
        self.bytes(b"\n")
    }

    /// Prints bytes.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut out = self.out.borrow_mut();
        if out.closed || out.failed {
            return Ok(());
        }
        let written = out.lock.write_all(bytes);
        out.after(written)
    }

    /// Prints a JSON object as the one line of output.
    pub(crate) fn object(&self, value: &Value) -> Result<()> {
        self.line(&value.to_string())
    }

    /// Writes out what is buffered.
    pub(crate) fn flush(&self) -> Result<()> {
        let mut out = self.out.borrow_mut();
        let flushed = if out.closed || out.failed {
            Ok(())
        } else {
            out.lock.flush()
        };
        out.after(flushed)
    }

    /// Whether the reader has gone, so that printing more is for nobody.
    pub(crate) fn is_closed(&self) -> bool {
        self.out.borrow().closed
    }

    /// A remark on standard error: it is no part of the output.
    pub(crate) fn remark(&self, text: &str) {
        let note = self.text(say::NOTE);
        // Standard error has nowhere to report its own failure.
        let _ = writeln!(io::stderr(), "avow: {note}{}", tame(text));
    }
}

impl Out {
    fn after(&mut self, written: io::Result<()>) -> Result<()> {
        match written {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                Err(Failure::storage(
                    say::OUTPUT_FAILED.with(&[("error", &error)]),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_and_nobody_who_asks_for_none() {
        let wants = |terminal, variables: &[(&str, &str)]| {
            wants_colour(terminal, |name| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(wants(true, &[]));
        assert!(wants(true, &[("NO_COLOR", ""), ("TERM", "xterm")]));
        assert!(!wants(true, &[("NO_COLOR", "1")]));
        assert!(!wants(true, &[("TERM", "dumb")]));
        assert!(!wants(false, &[]));
    }
}
