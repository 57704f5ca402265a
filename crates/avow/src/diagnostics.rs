//! Mistakes in a pledge, drawn with the source line, a caret and what to write
//! instead.

use std::fmt;

use avow_monitor::Diagnostic as Mistake;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity};

use crate::failure::Failure;
use crate::messages as say;
use crate::screen::{Screen, stderr_wants_colour};
use crate::wrap::tame;

/// Mistakes drawn at most: a reader corrects the first ones and runs again.
const DRAWN_MAX: usize = 20;

/// What is wrong with a pledge, as a failure with a drawing.
pub(crate) fn pledge_failure(
    screen: &Screen,
    path: &str,
    text: &str,
    mistakes: &[Mistake],
) -> Failure {
    let count = mistakes.len().to_string();
    let message = if mistakes.len() == 1 {
        screen.fill(say::PLEDGE_BROKEN_ONE, &[("path", path)])
    } else {
        screen.fill(say::PLEDGE_BROKEN, &[("path", path), ("count", &count)])
    };
    let theme = if stderr_wants_colour() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(screen.columns());
    let mut picture = String::new();
    for mistake in mistakes.iter().take(DRAWN_MAX) {
        let drawn = Drawn {
            mistake,
            source: NamedSource::new(path, text.to_owned()).with_language("TOML"),
        };
        if handler.render_report(&mut picture, &drawn).is_err() {
            // A span that the drawing cannot place: the plain form always works.
            picture.push_str(&mistake.render(path, text));
        }
    }
    Failure::input(message).picture(picture)
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
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.mistake.help.as_deref()?;
        Some(Box::new(tame(help)))
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
