//! Progress of long work, on standard error, only where that is a terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::language::Text;
use crate::screen::Screen;

/// Work that is done sooner is not worth a bar that flashes by.
const SHOWN_AFTER: Duration = Duration::from_millis(300);

/// A bar that appears when work takes long, and vanishes when it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    hidden: Cell<bool>,
}

impl Progress {
    /// Work of a known length, or of an unknown one.
    pub(crate) fn new(screen: &Screen, what: Text, length: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let template = if length.is_some() {
            "{msg} {bar:32} {percent:>3} % {eta}"
        } else {
            "{msg} {human_pos}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(screen.text(what));
        Self {
            bar,
            hidden: Cell::new(io::stderr().is_terminal()),
        }
    }

    /// How much is done.
    pub(crate) fn at(&self, position: u64) {
        if self.hidden.get() && self.bar.elapsed() > SHOWN_AFTER {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.hidden.set(false);
        }
        self.bar.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
