//! What the state machines share: rows that wait for their turn, and the
//! counting of verdicts. `docs/spec/pledge.md`, "Semantics", sections 2 and 3.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use avow_event::Micros;

use crate::dictionary::TOUCHED_MAX;
use crate::report::{Counts, INSTANCES_SHOWN_MAX, Instance, KEPT_SHOWN_MAX, Reason, Verdict};

/// The event makes an instance.
pub(crate) const TRIGGER: u16 = 1;
/// It might make one: the condition is unknown.
pub(crate) const TRIGGER_UNDETERMINED: u16 = 1 << 1;
/// It makes an instance whose key is unknown.
pub(crate) const TRIGGER_NO_KEY: u16 = 1 << 2;
/// It gives permission, or does the duty.
pub(crate) const FIRST: u16 = 1 << 3;
/// It ends permission, or lifts the duty.
pub(crate) const SECOND: u16 = 1 << 4;
/// It might give permission, or do or lift the duty.
pub(crate) const MAYBE_FIRST: u16 = 1 << 5;
/// It might end permission.
pub(crate) const MAYBE_SECOND: u16 = 1 << 6;
/// Its key is unknown: what it might do concerns every key.
pub(crate) const ANY_KEY: u16 = 1 << 7;
/// The event is as promised, is not, or that is unknown (never, always).
pub(crate) const HOLDS: u16 = 1 << 8;
/// See [`HOLDS`].
pub(crate) const FAILS: u16 = 1 << 9;

/// An event that matters to a machine. Ordered by when it counts, then by
/// leaf: the order of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) eff: i64,
    pub(crate) leaf: u64,
    pub(crate) key: u64,
    /// When it says that it happened: `eff`, or earlier if it is late.
    pub(crate) time: i64,
    pub(crate) flags: u16,
}

impl Row {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Why the trigger is unknown whatever the evidence.
    pub(crate) fn self_evident(&self) -> Option<Reason> {
        if self.has(TRIGGER_UNDETERMINED) {
            Some(Reason::Undetermined)
        } else if self.has(TRIGGER_NO_KEY) {
            Some(Reason::NoKey)
        } else {
            None
        }
    }
}

/// Rows until no earlier one can come: when the clock is `hold` past them.
///
/// A feed in order uses a queue; only rows out of order go through a heap.
#[derive(Debug, Clone)]
pub(crate) struct Reorder {
    pub(crate) hold: i64,
    pub(crate) queue: VecDeque<Row>,
    pub(crate) astray: BinaryHeap<Reverse<Row>>,
}

impl Reorder {
    pub(crate) fn new(hold: i64) -> Self {
        Self {
            hold,
            queue: VecDeque::new(),
            astray: BinaryHeap::new(),
        }
    }

    pub(crate) fn hold(&self) -> i64 {
        self.hold
    }

    pub(crate) fn push(&mut self, row: Row) {
        if self.queue.back().is_none_or(|last| *last < row) {
            self.queue.push_back(row);
        } else {
            self.astray.push(Reverse(row));
        }
    }

    /// The next row in order, if the clock at `now` is `hold` past it.
    pub(crate) fn pop(&mut self, now: i64) -> Option<Row> {
        let astray = self.astray.peek().map(|Reverse(row)| *row);
        let (row, from_queue) = match (self.queue.front().copied(), astray) {
            (Some(a), Some(b)) if b < a => (b, false),
            (Some(a), _) => (a, true),
            (None, Some(b)) => (b, false),
            (None, None) => return None,
        };
        if row.eff.saturating_add(self.hold) > now {
            return None;
        }
        if from_queue {
            self.queue.pop_front();
        } else {
            self.astray.pop();
        }
        Some(row)
    }

    /// The keys of the rows that come next, if the clock at `now` is `hold`
    /// past them: what is known about them can be had from memory together.
    pub(crate) fn next_keys(&self, now: i64) -> impl Iterator<Item = u64> + '_ {
        let next = self.queue.iter().take(TOUCHED_MAX);
        let due = next.filter(move |row| row.eff.saturating_add(self.hold) <= now);
        due.map(|row| row.key)
    }

    /// The waiting rows that have happened by `now`, in order.
    pub(crate) fn happened(&self, now: i64) -> Vec<Row> {
        let all = self.queue.iter().chain(self.astray.iter().map(|r| &r.0));
        let mut rows: Vec<Row> = all.copied().filter(|row| row.eff <= now).collect();
        rows.sort_unstable();
        rows
    }
}

/// Verdicts counted, and the first of each kept to be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// How many more of the breached are shown than a verdict document has.
    pub(crate) more_breached: usize,
    // INVARIANT: each in order, and no longer than it is shown.
    kept: Vec<Instance>,
    breached: Vec<Instance>,
    pending: Vec<Instance>,
    unknown: Vec<Instance>,
}

impl Tally {
    /// Counts an instance, the only one of its trigger. `deadline` is that of
    /// a duty.
    pub(crate) fn note(
        &mut self,
        reason: Reason,
        position: (i64, u64),
        other: Option<u64>,
        deadline: Option<i64>,
    ) {
        *self.counts.of_mut(reason.verdict()) += 1;
        self.show(reason, position, other, deadline);
    }

    /// Counts an instance.
    pub(crate) fn count(&mut self, instance: Instance) {
        *self.counts.of_mut(instance.verdict()) += 1;
        self.show_instance(instance);
    }

    /// Counts many instances that are shown separately, if at all.
    pub(crate) fn add(&mut self, verdict: Verdict, count: u64) {
        *self.counts.of_mut(verdict) += count;
    }

    /// Shows an instance that is already counted.
    pub(crate) fn show(
        &mut self,
        reason: Reason,
        (time, leaf): (i64, u64),
        other: Option<u64>,
        deadline: Option<i64>,
    ) {
        self.show_instance(Instance {
            time: instant(time),
            leaf,
            each: None,
            reason,
            other,
            deadline: deadline.map(instant),
        });
    }

    fn show_instance(&mut self, instance: Instance) {
        let name = |one: &Instance| (one.time, one.leaf, one.each);
        let (shown, most) = self.shown_mut(instance.verdict());
        let is_later = |last: &Instance| name(last) < name(&instance);
        if shown.len() >= most && shown.last().is_some_and(is_later) {
            return;
        }
        let at = shown.partition_point(|one| name(one) < name(&instance));
        shown.insert(at, instance);
        shown.truncate(most);
    }

    /// Whether an instance at `time` or later would no longer be shown.
    pub(crate) fn is_full(&self, verdict: Verdict, time: i64) -> bool {
        let (shown, most) = self.shown(verdict);
        shown.len() >= most && shown.last().is_some_and(|last| last.time.get() < time)
    }

    pub(crate) fn shown(&self, verdict: Verdict) -> (&[Instance], usize) {
        match verdict {
            Verdict::Kept => (&self.kept, KEPT_SHOWN_MAX),
            Verdict::Breached => (&self.breached, self.breached_most()),
            Verdict::Pending => (&self.pending, INSTANCES_SHOWN_MAX),
            Verdict::Unknown => (&self.unknown, INSTANCES_SHOWN_MAX),
        }
    }

    fn breached_most(&self) -> usize {
        INSTANCES_SHOWN_MAX.saturating_add(self.more_breached)
    }

    pub(crate) fn shown_mut(&mut self, verdict: Verdict) -> (&mut Vec<Instance>, usize) {
        let breached_most = self.breached_most();
        match verdict {
            Verdict::Kept => (&mut self.kept, KEPT_SHOWN_MAX),
            Verdict::Breached => (&mut self.breached, breached_most),
            Verdict::Pending => (&mut self.pending, INSTANCES_SHOWN_MAX),
            Verdict::Unknown => (&mut self.unknown, INSTANCES_SHOWN_MAX),
        }
    }
}

/// A count of microseconds as an instant, the nearest one there is.
pub(crate) fn instant(micros: i64) -> Micros {
    Micros::MIN.saturating_add(micros.saturating_sub(Micros::MIN.get()))
}
