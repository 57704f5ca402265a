//! The log clock: what time it is by the log itself, and which evidence is late.
//!
//! `docs/spec/pledge.md`, "Semantics", section 1. It looks at no machine's
//! clock, so that everybody who replays the log reads the same time.

/// The time before anything was logged.
pub(crate) const NEVER: i64 = i64::MIN;

/// The greatest of the times that leaves have claimed. A leaf claims the
/// earlier of `time` and `logged`: where it has both, neither a source nor the
/// log alone can push the clock ahead. Without `logged` the source can.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    now: i64,
}

/// When an event counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The event's own time, or when it arrived if it is late.
    pub(crate) eff: i64,
    /// It arrived later than its source's delay allows.
    pub(crate) late: bool,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { now: NEVER }
    }

    /// What time it is; [`NEVER`] before the first leaf.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// The clock of a state that was saved at `now`.
    pub(crate) fn restore(&mut self, now: i64) {
        self.now = now;
    }

    /// Takes the next leaf and returns the time at it.
    pub(crate) fn advance(&mut self, time: i64, logged: Option<i64>) -> i64 {
        let claim = logged.map_or(time, |logged| logged.min(time));
        self.now = self.now.max(claim);
        self.now
    }

    /// When the leaf that was just taken counts.
    pub(crate) fn stamp(&self, time: i64, delay: i64) -> Stamp {
        let late = self.now.saturating_sub(time) > delay;
        Stamp {
            eff: if late { self.now } else { time },
            late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_dated_ahead_of_its_logging_does_not_move_the_clock_ahead() {
        let mut clock = Clock::new();
        assert_eq!(clock.advance(100, None), 100);
        assert_eq!(clock.advance(500, Some(120)), 120);
        assert_eq!(clock.advance(90, Some(600)), 120);
    }

    #[test]
    fn an_event_is_late_only_beyond_the_delay() {
        let mut clock = Clock::new();
        clock.advance(100, None);
        let on_time = Stamp {
            eff: 90,
            late: false,
        };
        assert_eq!(clock.stamp(90, 10), on_time);
        let late = Stamp {
            eff: 100,
            late: true,
        };
        assert_eq!(clock.stamp(89, 10), late);
    }
}
