//! Holds: while the key of a duty is held, the duty's clock stands still.
//! `docs/spec/pledge.md`, "Semantics", section 3.4, `paused_by` and
//! `resumed_by`.

use crate::machine_duties::Duty;
use crate::machine_fact::{Fact, Part, Position};
use crate::machine_key::CodeMap;

/// Whether a key is held, after the events so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyHold {
    pub(crate) held: bool,
    /// The last event of which it is sure whether it holds.
    pub(crate) sure: Option<Position>,
    /// The first doubt after that.
    pub(crate) doubt: Option<Position>,
}

/// The holds of all keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds {
    pub(crate) keys: CodeMap<KeyHold>,
    /// What might hold or resume any key, in order.
    pub(crate) any: Vec<Position>,
}

/// What a duty knows about the holds of its key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stopped {
    /// `H` of the specification.
    pub(crate) since: Option<Position>,
    /// The first doubt of the key after it.
    pub(crate) doubt: Option<Position>,
    /// How much time is left, while the key is held.
    pub(crate) left: Option<i64>,
    /// The deadline was before the trigger: no hold moves it.
    pub(crate) fixed: bool,
}

/// What an event changes for the open duties of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    position: Position,
    is_doubt: bool,
    holds: Option<bool>,
}

impl Holds {
    /// How the holds stand for a duty that arises.
    pub(crate) fn begin(&self, key: u64, base: i64, time: i64) -> Stopped {
        let hold = self.keys.get(&key).copied().unwrap_or_default();
        let fixed = base < time;
        Stopped {
            since: hold.sure,
            doubt: hold.doubt,
            left: (hold.held && !fixed).then(|| base.saturating_sub(time)),
            fixed,
        }
    }

    /// Takes an event.
    pub(crate) fn learn(&mut self, fact: &Fact) -> Option<Change> {
        let paused = fact.values.get(Part::Paused);
        let resumed = fact.values.get(Part::Resumed);
        if paused == Some(false) && resumed == Some(false) {
            return None;
        }
        let position = fact.position();
        let Some(key) = fact.key else {
            self.any.push(position);
            return None;
        };
        let hold = self.keys.entry(key).or_default();
        let is_sure = resumed == Some(true) || (paused == Some(true) && resumed == Some(false));
        if is_sure {
            hold.sure = Some(position);
            hold.doubt = None;
        } else {
            hold.doubt.get_or_insert(position);
        }
        let holds = if resumed == Some(true) {
            Some(false)
        } else {
            paused.filter(|paused| *paused)
        };
        hold.held = holds.unwrap_or(hold.held);
        Some(Change {
            position,
            is_doubt: paused.is_none() || resumed.is_none() || (fact.late && resumed == Some(true)),
            holds,
        })
    }

    /// The first doubt about the hold of a duty's key.
    pub(crate) fn doubt(&self, stopped: &Stopped) -> Option<Position> {
        let after = self.any.partition_point(|any| Some(*any) <= stopped.since);
        let any = self.any.get(after).copied();
        stopped.doubt.into_iter().chain(any).min()
    }
}

impl Stopped {
    pub(crate) fn is_held(&self) -> bool {
        self.left.is_some()
    }

    /// Gaps that end then or later may hide a hold, or its end.
    pub(crate) fn gaps_to(&self) -> i64 {
        let since = self.since.map(|(eff, _)| eff.saturating_add(1));
        since.unwrap_or(i64::MIN)
    }

    /// The last instant of the duty, by the holds up to `time`: while the key
    /// is held, what is left is left.
    pub(crate) fn deadline(&self, deadline: Option<i64>, time: i64) -> i64 {
        deadline.unwrap_or_else(|| time.saturating_add(self.left.unwrap_or(0)))
    }
}

impl Change {
    pub(crate) fn apply(self, duty: &mut Duty) {
        let stopped = &mut duty.stopped;
        if self.is_doubt {
            stopped.doubt.get_or_insert(self.position);
        }
        if stopped.fixed {
            return;
        }
        let (eff, _) = self.position;
        match (self.holds, duty.deadline) {
            (Some(true), Some(deadline)) => {
                stopped.left = Some(deadline.saturating_sub(eff));
                duty.deadline = None;
            }
            (Some(false), None) => {
                let left = stopped.left.take().unwrap_or(0);
                duty.deadline = Some(eff.saturating_add(left));
            }
            _ => {}
        }
    }
}
