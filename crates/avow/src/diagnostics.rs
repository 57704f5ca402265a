//! Mistakes in a pledge, drawn with the source line, a caret and what to write
//! instead.

use std::fmt;

use avow_monitor::Diagnostic as Mistake;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity};

use crate::failure::Failure;
use crate::messages as say;
use crate::screen::{Screen, Tint, stderr_wants_colour};
use crate::wrap::{tame, tame_in_place, width, wrap};

/// Mistakes drawn at most: a reader corrects the first ones and runs again.
pub(crate) const DRAWN_MAX: usize = 20;

/// What is wrong with a pledge, as a failure with a drawing.
pub(crate) fn pledge_failure(
    screen: &Screen,
    path: &str,
    text: &str,
    mistakes: &[Mistake],
) -> Failure {
    let message = if mistakes.len() == 1 {
        say::PLEDGE_BROKEN_ONE.with(&[("path", &path)])
    } else {
        say::PLEDGE_BROKEN.with(&[("path", &path), ("count", &mistakes.len())])
    };
    let mut picture = draw(screen, path, text, mistakes, stderr_wants_colour());
    let more = mistakes.len().saturating_sub(DRAWN_MAX);
    if more > 0 {
        let more = screen.fill(say::PLEDGE_MORE, &[("count", &more.to_string())]);
        picture.push_str(&format!("\n{more}\n"));
    }
    Failure::input(message).picture(picture)
}

/// The first of the mistakes, each with its source line.
pub(crate) fn draw(
    screen: &Screen,
    path: &str,
    text: &str,
    mistakes: &[Mistake],
    colour: bool,
) -> String {
    let theme = if colour {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(screen.columns());
    let (path, text) = (tame(path), tame_in_place(text));
    let mut picture = String::new();
    for mistake in mistakes.iter().take(DRAWN_MAX) {
        picture.push('\n');
        let drawn = Drawn {
            mistake,
            source: NamedSource::new(&path, text.clone()).with_language("TOML"),
        };
        if handler.render_report(&mut picture, &drawn).is_err() {
            // A span that the drawing cannot place: the plain form always works.
            picture.push_str(&mistake.render(&path, &text));
        } else if let Some(help) = &mistake.help {
            picture.push_str(&advice(screen, help, colour));
        }
    }
    picture
}

/// What to write instead, under the drawing. The drawing's own word for it is
/// English whatever the reader reads.
fn advice(screen: &Screen, help: &str, colour: bool) -> String {
    let word = format!("  {}", screen.text(say::PLEDGE_HELP));
    let indent = " ".repeat(width(&word));
    let mut out = String::new();
    for (index, line) in wrap(&tame(help), screen.columns().saturating_sub(indent.len()))
        .iter()
        .enumerate()
    {
        let lead = match index {
            0 if colour => Tint::Blue.paint(&word),
            0 => word.clone(),
            _ => indent.clone(),
        };
        out.push_str(&format!("{lead}{line}\n"));
    }
    out
}

#[derive(Debug)]
struct Drawn<'a> {
    mistake: &'a Mistake,
    source: NamedSource<String>,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tame(&self.mistake.message))
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.mistake.severity {
            avow_monitor::Severity::Error => Severity::Error,
            avow_monitor::Severity::Warning => Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.mistake.span.clone();
        let label = tame(&self.mistake.label);
        let label = (!label.is_empty()).then_some(label);
        let labelled = LabeledSpan::new(label, span.start, span.len());
        Some(Box::new(std::iter::once(labelled)))
    }
}
