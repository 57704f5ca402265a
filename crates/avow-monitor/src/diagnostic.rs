//! What is wrong with a pledge, where, and what to write instead.
//!
//! Colour and boxes are left to the command line; [`Diagnostic::render`] is
//! the plain form, for tests, for the verifier and for files.

use std::fmt::Write as _;
use std::ops::Range;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is read, and is probably not what its author means.
    Warning,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One mistake in a document, or something suspicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where: bytes of the document, on character boundaries.
    pub span: Range<usize>,
    /// What stands there; short, shown beside the caret.
    pub label: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// The most characters of a source line that are shown: two rows of a common
/// terminal. Longer lines are cut around the mistake.
const LINE_CHARS_MAX: usize = 160;

impl Diagnostic {
    pub(crate) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            span,
            label: label.into(),
            help: None,
        }
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same as a warning.
    #[must_use]
    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Line and column of the mistake, both from 1; a column is a character.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let line = line_around(text, self.span.start);
        let before = text.get(..line.start).unwrap_or_default();
        let in_line = text.get(line.start..self.span.start).unwrap_or_default();
        (
            before.matches('\n').count() + 1,
            in_line.chars().count() + 1,
        )
    }

    /// The message, the place, the source line with a caret, the help.
    ///
    /// A `span` that does not lie in `text` shows no source line.
    pub fn render(&self, source_name: &str, text: &str) -> String {
        let (line_number, column) = self.position(text);
        let line = line_around(text, self.span.start);
        let number = line_number.to_string();
        let gutter = " ".repeat(number.len());
        let mut out = format!(
            "{}: {}\n{gutter}--> {source_name}:{line_number}:{column}\n",
            self.severity.as_str(),
            self.message
        );
        let end = self
            .span
            .end
            .clamp(self.span.start, line.end.max(self.span.start));
        let parts = (
            text.get(line.start..self.span.start),
            text.get(self.span.start..end),
            text.get(end..line.end),
        );
        if let (Some(before), Some(marked), Some(after)) = parts {
            let (before, marked, after) = cut(before, marked, after);
            let carets = "^".repeat(width(&marked).max(1));
            let label = if self.label.is_empty() {
                String::new()
            } else {
                format!(" {}", self.label)
            };
            let source = format!("{number} | {before}{marked}{after}");
            // Writing to a string does not fail.
            let _ = write!(
                out,
                "{gutter} |\n{}\n{gutter} | {}{carets}{label}\n",
                source.trim_end(),
                blank(&before)
            );
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, "{gutter} = help: {help}");
        }
        out
    }
}

/// The bytes of the line in which `at` lies, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    start..(start + line.len()).max(at)
}

/// Shortens what is far from the mistake.
fn cut(before: &str, marked: &str, after: &str) -> (String, String, String) {
    let third = LINE_CHARS_MAX / 3;
    let before_count = before.chars().count();
    let before = if before_count > third {
        let kept: String = before.chars().skip(before_count - third).collect();
        format!("…{kept}")
    } else {
        before.to_owned()
    };
    (before, cut_end(marked, third), cut_end(after, third))
}

fn cut_end(text: &str, most: usize) -> String {
    if text.chars().count() > most {
        let kept: String = text.chars().take(most).collect();
        format!("{kept}…")
    } else {
        text.to_owned()
    }
}

/// As wide as `text`, and empty to look at.
fn blank(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => "\t",
            c if is_wide(c) => "  ",
            _ => " ",
        })
        .collect()
}

fn width(text: &str) -> usize {
    text.chars().map(|c| 1 + usize::from(is_wide(c))).sum()
}

/// Whether a terminal gives the character two cells: the blocks of Unicode
/// Standard Annex 11 that matter for Chinese, Japanese and Korean text.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}
