//! Silence of a source: stretches in which it said nothing for longer than
//! its heartbeat.
//!
//! Holds the stretches in which it did speak, most often a single one, so that
//! an event in order costs one comparison and nothing is buffered.
//! `docs/spec/pledge.md`, "Semantics", section 4.

use crate::coverage::Run;
use crate::coverage_gap::{GapKind, GapSpan, Mark};
use crate::state_bytes::{Read, Reader, Writer, ensure};

/// Events of which each is at most a heartbeat after the one before.
#[derive(Debug, Clone)]
struct Stretch {
    start: i64,
    last: i64,
    /// When it became known that silence follows.
    known: Option<Mark>,
}

#[derive(Debug, Clone)]
pub(crate) struct SilenceWatch {
    heartbeat: i64,
    delay: i64,
    // INVARIANT: in order, never empty, more than a heartbeat apart, and known
    // silences come before unknown ones. The first begins where evidence was
    // promised to begin.
    stretches: Vec<Stretch>,
}

impl SilenceWatch {
    pub(crate) fn new(from: i64, heartbeat: i64, delay: i64) -> Self {
        Self {
            heartbeat,
            delay,
            stretches: vec![Stretch {
                start: from,
                last: from,
                known: None,
            }],
        }
    }

    /// Whether the events go on where the last one was, without a silence.
    #[inline]
    pub(crate) fn continues(&self, run: &Run) -> bool {
        self.stretches.last().is_some_and(|newest| {
            run.first >= newest.last
                && run.first - newest.last <= self.heartbeat
                && run.longest_step <= self.heartbeat
        })
    }

    /// Takes events that go on to `last`.
    #[inline]
    pub(crate) fn extend(&mut self, last: i64) {
        if let Some(newest) = self.stretches.last_mut() {
            newest.last = last;
        }
    }

    /// Takes an event at `eff`. Returns whether a gap has got another end.
    pub(crate) fn observe(&mut self, eff: i64) -> bool {
        // A feed in order goes on where it was.
        if let Some(newest) = self.stretches.last_mut()
            && eff >= newest.last
            && eff - newest.last <= self.heartbeat
        {
            newest.last = eff;
            return false;
        }
        self.observe_anywhere(eff)
    }

    fn observe_anywhere(&mut self, eff: i64) -> bool {
        let after = self.stretches.partition_point(|s| s.start <= eff);
        // Before the first: before evidence was promised.
        let Some(at) = after.checked_sub(1) else {
            return false;
        };
        let next_start = self.stretches.get(after).map(|s| s.start);
        let joins_next =
            next_start.is_some_and(|start| start.saturating_sub(eff) <= self.heartbeat);
        let Some(stretch) = self.stretches.get_mut(at) else {
            return false;
        };
        if eff.saturating_sub(stretch.last) <= self.heartbeat {
            if eff > stretch.last {
                stretch.last = eff;
            }
            if joins_next && eff >= stretch.last {
                // Neither silence is known: an event that is to fill it would
                // have to come before the delay has passed.
                let next = self.stretches.remove(after);
                if let Some(stretch) = self.stretches.get_mut(at) {
                    stretch.last = next.last;
                }
            }
            return false;
        }
        if joins_next {
            if let Some(next) = self.stretches.get_mut(after) {
                next.start = eff;
            }
        } else {
            let alone = Stretch {
                start: eff,
                last: eff,
                known: None,
            };
            self.stretches.insert(after, alone);
        }
        true
    }

    /// When the clock passes this, some silence may have to become known.
    pub(crate) fn alarm(&self) -> i64 {
        let known = self.stretches.partition_point(|s| s.known.is_some());
        self.stretches
            .get(known)
            .map_or(i64::MAX, |s| self.limit(s.last))
    }

    /// The same if the source goes on where it is, without silence.
    pub(crate) fn alarm_if_it_speaks(&self) -> i64 {
        let [.., before, _] = self.stretches.as_slice() else {
            return i64::MAX;
        };
        match before.known {
            Some(_) => i64::MAX,
            None => self.alarm(),
        }
    }

    /// Marks what the clock at `now` makes known. Returns whether it did.
    pub(crate) fn settle(&mut self, now: i64, mark: Mark) -> bool {
        let known = self.stretches.partition_point(|s| s.known.is_some());
        let limit = |last: i64| {
            last.saturating_add(self.heartbeat)
                .saturating_add(self.delay)
        };
        let mut found = false;
        for stretch in self.stretches.iter_mut().skip(known) {
            if now <= limit(stretch.last) {
                break;
            }
            stretch.known = Some(mark);
            found = true;
        }
        found
    }

    fn limit(&self, last: i64) -> i64 {
        last.saturating_add(self.heartbeat)
            .saturating_add(self.delay)
    }

    pub(crate) fn gaps(&self) -> impl Iterator<Item = GapSpan> + '_ {
        let ends = self
            .stretches
            .iter()
            .skip(1)
            .map(|s| s.start)
            .chain([i64::MAX]);
        self.stretches.iter().zip(ends).filter_map(|(stretch, to)| {
            stretch.known.map(|known| GapSpan {
                kind: GapKind::Silence,
                from: stretch.last,
                to,
                known,
                gone: None,
            })
        })
    }
}

impl SilenceWatch {
    pub(crate) fn save(&self, out: &mut Writer) {
        out.list(self.stretches.iter(), |out, stretch| {
            out.time(stretch.start);
            out.time(stretch.last);
            out.option(stretch.known, Writer::mark);
        });
    }

    /// Takes what was saved of a watch with the same heartbeat and delay.
    pub(crate) fn load(&mut self, from: &mut Reader<'_>) -> Read<()> {
        self.stretches = from.list(|from| {
            Ok(Stretch {
                start: from.time()?,
                last: from.time()?,
                known: from.option(Reader::mark)?,
            })
        })?;
        let fits = !self.stretches.is_empty()
            && self.stretches.iter().all(|s| s.start <= s.last)
            && self.stretches.is_sorted_by(|a, b| a.last < b.start)
            && self.stretches.is_sorted_by_key(|s| s.known.is_none());
        ensure(fits, "stretches without silence")
    }
}
