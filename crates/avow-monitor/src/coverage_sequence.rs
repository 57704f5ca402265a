//! The numbers of a source: which are missing, which were used twice.
//!
//! Holds runs of consecutive numbers, most often a single one.
//! `docs/spec/pledge.md`, "Semantics", section 4.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::coverage_gap::{GapKind, GapSpan, Mark};
use crate::state_bytes::{Read, Reader, Writer, ensure};

/// Consecutive numbers, and when the first and the last of them counted.
#[derive(Debug, Clone, Copy)]
struct Run {
    high: u64,
    low_eff: i64,
    high_eff: i64,
    /// When it became known that the number after `high` is missing.
    known: Option<Mark>,
}

#[derive(Debug, Clone)]
pub(crate) struct SequenceWatch {
    delay: i64,
    /// All runs but the highest, by lowest number.
    runs: BTreeMap<u64, Run>,
    /// The highest run: in a feed in order the only one that grows.
    current: Option<(u64, Run)>,
    /// Holes by the time when they become known, with the lowest number of the
    /// run before. Entries that no longer fit are skipped.
    waiting: BinaryHeap<Reverse<(i64, u64)>>,
    /// Holes that were filled or cut, and numbers used twice.
    past: Vec<GapSpan>,
}

impl SequenceWatch {
    pub(crate) fn new(delay: i64) -> Self {
        Self {
            delay,
            runs: BTreeMap::new(),
            current: None,
            waiting: BinaryHeap::new(),
            past: Vec::new(),
        }
    }

    /// Whether the number is the one after the highest.
    #[inline]
    pub(crate) fn continues(&self, seq: u64) -> bool {
        self.current
            .is_some_and(|(_, run)| seq == run.high.saturating_add(1))
    }

    /// Takes the next so many numbers, the last of which counts at `eff`.
    #[inline]
    pub(crate) fn extend(&mut self, count: u64, eff: i64) {
        if let Some((_, run)) = &mut self.current {
            run.high += count;
            run.high_eff = eff;
        }
    }

    /// Takes an event. Returns whether the gaps may have changed.
    pub(crate) fn observe(&mut self, seq: u64, eff: i64, mark: Mark) -> bool {
        if self.continues(seq) {
            self.extend(1, eff);
            return false;
        }
        if let Some((low, run)) = self.current.take() {
            self.runs.insert(low, run);
        }
        self.insert(seq, eff, mark);
        self.current = self.runs.pop_last();
        true
    }

    fn insert(&mut self, seq: u64, eff: i64, mark: Mark) {
        let before = self.runs.range(..=seq).next_back().map(|(l, r)| (*l, *r));
        if let Some((_, run)) = before
            && seq <= run.high
        {
            self.past.push(GapSpan {
                kind: GapKind::Sequence,
                from: eff,
                to: eff,
                known: mark,
                gone: None,
            });
            return;
        }
        let after = self.runs.range(seq..).next().map(|(l, r)| (*l, *r));
        if let (Some((_, left)), Some((_, right))) = (before, after)
            && let Some(known) = left.known
        {
            self.past.push(GapSpan {
                gone: Some(mark),
                ..hole(&left, &right, known)
            });
        }
        let alone = Run {
            high: seq,
            low_eff: eff,
            high_eff: eff,
            known: None,
        };
        let (low, mut run) = match before {
            Some((low, left)) if left.high.saturating_add(1) == seq => {
                let low_eff = left.low_eff;
                (low, Run { low_eff, ..alone })
            }
            Some((low, left)) => {
                self.runs.insert(
                    low,
                    Run {
                        known: None,
                        ..left
                    },
                );
                self.wait(low, &left, &alone);
                (seq, alone)
            }
            None => (seq, alone),
        };
        if let Some((right_low, right)) = after {
            if seq.saturating_add(1) == right_low {
                self.runs.remove(&right_low);
                run = Run {
                    low_eff: run.low_eff,
                    ..right
                };
                if let Some((_, next)) = self.after(right_low)
                    && run.known.is_none()
                {
                    self.wait(low, &run, &next);
                }
            } else {
                self.wait(low, &run, &right);
            }
        }
        self.runs.insert(low, run);
    }

    fn after(&self, low: u64) -> Option<(u64, Run)> {
        self.runs
            .range(low.saturating_add(1)..)
            .next()
            .map(|(l, r)| (*l, *r))
    }

    fn wait(&mut self, low: u64, left: &Run, right: &Run) {
        let limit = left.high_eff.max(right.low_eff).saturating_add(self.delay);
        self.waiting.push(Reverse((limit, low)));
    }

    /// When the clock passes this, some hole may have to become known.
    pub(crate) fn alarm(&self) -> i64 {
        self.waiting
            .peek()
            .map_or(i64::MAX, |Reverse((limit, _))| *limit)
    }

    /// Marks what the clock at `now` makes known. Returns whether it did.
    pub(crate) fn settle(&mut self, now: i64, mark: Mark) -> bool {
        let mut found = false;
        while let Some(Reverse((limit, low))) = self.waiting.peek().copied() {
            if now <= limit {
                break;
            }
            self.waiting.pop();
            let Some((_, right)) = self.after(low).or(self.current.filter(|c| c.0 > low)) else {
                continue;
            };
            let delay = self.delay;
            if let Some(run) = self.runs.get_mut(&low)
                && run.known.is_none()
                && now > run.high_eff.max(right.low_eff).saturating_add(delay)
            {
                run.known = Some(mark);
                found = true;
            }
        }
        found
    }

    pub(crate) fn gaps(&self) -> impl Iterator<Item = GapSpan> + '_ {
        let rights = self
            .runs
            .values()
            .skip(1)
            .chain(self.current.iter().map(|(_, run)| run));
        let holes = self
            .runs
            .values()
            .zip(rights)
            .filter_map(|(left, right)| left.known.map(|known| hole(left, right, known)));
        holes.chain(self.past.iter().copied())
    }
}

impl SequenceWatch {
    /// Writes the runs and what is past. When the holes between the runs become
    /// known needs no word of its own.
    pub(crate) fn save(&self, out: &mut Writer) {
        let current = self.current.iter().map(|(low, run)| (low, run));
        let runs: Vec<(&u64, &Run)> = self.runs.iter().chain(current).collect();
        out.list(runs.into_iter(), |out, (low, run)| {
            out.number(*low);
            out.number(run.high);
            out.time(run.low_eff);
            out.time(run.high_eff);
            out.option(run.known, Writer::mark);
        });
        out.list(self.past.iter(), Writer::gap);
    }

    /// Takes what was saved of a watch with the same delay.
    pub(crate) fn load(&mut self, from: &mut Reader<'_>) -> Read<()> {
        let runs = from.list(|from| {
            let low = from.number()?;
            let run = Run {
                high: from.number()?,
                low_eff: from.time()?,
                high_eff: from.time()?,
                known: from.option(Reader::mark)?,
            };
            Ok((low, run))
        })?;
        let fits = runs.iter().all(|(low, run)| *low <= run.high)
            && runs.is_sorted_by(|(_, a), (low, _)| a.high.saturating_add(1) < *low);
        ensure(fits, "runs of numbers")?;
        self.waiting.clear();
        for ((low, left), (_, right)) in runs.iter().zip(runs.iter().skip(1)) {
            if left.known.is_none() {
                self.wait(*low, left, right);
            }
        }
        self.runs = runs.into_iter().collect();
        self.current = self.runs.pop_last();
        self.past = from.list(|from| from.gap(GapKind::Sequence))?;
        Ok(())
    }
}

fn hole(left: &Run, right: &Run, known: Mark) -> GapSpan {
    GapSpan {
        kind: GapKind::Sequence,
        from: left.high_eff.min(right.low_eff),
        to: left.high_eff.max(right.low_eff),
        known,
        gone: None,
    }
}
