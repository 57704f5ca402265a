//! Records that were not read as they stand: broken ones, ones without a time,
//! and ones whose id another record has. No verdict knows of them what it
//! should, so that they are said beside it and in the exit status. What is
//! wrong with a record is left to `avow-source`.

use avow_source::Stats;

use crate::messages as say;
use crate::screen::Screen;

/// How many records were not read as they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Doubt {
    malformed: u64,
    untimed: u64,
    conflicting: u64,
}

impl Doubt {
    /// Counts what was read, from files or from standard input.
    pub(crate) fn add(&mut self, stats: &Stats) {
        self.malformed += stats.malformed;
        self.untimed += stats.untimed;
        self.conflicting += stats.conflicting;
    }

    /// Whether there is any.
    pub(crate) fn is_any(self) -> bool {
        self != Self::default()
    }

    /// What is to be known of them, a sentence for each kind there is.
    pub(crate) fn sentences(self, screen: &Screen) -> Vec<String> {
        let kinds = [
            (say::DOUBT_MALFORMED, self.malformed),
            (say::DOUBT_UNTIMED, self.untimed),
            (say::DOUBT_CONFLICTING, self.conflicting),
        ];
        let kinds = kinds.into_iter().filter(|(_, count)| *count > 0);
        kinds
            .map(|(text, count)| screen.fill(text, &[("count", &count.to_string())]))
            .collect()
    }
}
