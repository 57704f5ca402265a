//! Progress of long work, on standard error, only where that is a terminal.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::language::Text;
use crate::screen::Screen;

/// A bar or a count that vanishes when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Work of a known length, or of an unknown one.
    pub(crate) fn new(screen: &Screen, what: Text, length: Option<u64>) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(length, target);
        let template = if length.is_some() {
            "{msg} {bar:32} {human_pos}/{human_len} {eta}"
        } else {
            "{msg} {human_pos}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(screen.text(what));
        Self(bar)
    }

    /// How much is done.
    pub(crate) fn at(&self, position: u64) {
        self.0.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
