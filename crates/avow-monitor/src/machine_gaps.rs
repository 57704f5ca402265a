//! The gaps of one commitment, ready to be asked: does one lie here, that was
//! known when this instance was judged? `docs/spec/pledge.md`, "Semantics",
//! sections 3.3, 3.4 and 4.
//!
//! A tree over the gaps by `from` that knows the greatest `to` below each node:
//! a question looks only at the gaps that do lie there. A source can report as
//! many gaps as it likes, so that looking at all of them for each instance
//! would take the square of the log's length.

use crate::coverage_gap::GapSpan;

#[derive(Debug, Clone, Default)]
pub(crate) struct GapIndex {
    /// By `from`.
    gaps: Vec<GapSpan>,
    /// A binary tree with the root at 1 and `leaves` leaves at its end.
    last_to: Vec<i64>,
    leaves: usize,
}

impl GapIndex {
    /// Takes the gaps anew. Those that were gone before the clock passed
    /// `judged`, where it stood at an earlier judgement, count for no instance
    /// that is still to be judged.
    pub(crate) fn replace(&mut self, gaps: impl Iterator<Item = GapSpan>, judged: i64) {
        self.gaps.clear();
        self.gaps
            .extend(gaps.filter(|gap| gap.gone.is_none_or(|gone| gone.before >= judged)));
        self.gaps.sort_unstable_by_key(|gap| gap.from);
        self.leaves = self.gaps.len().next_power_of_two();
        self.last_to.clear();
        self.last_to.resize(self.leaves, i64::MIN);
        self.last_to.extend(self.gaps.iter().map(|gap| gap.to));
        self.last_to.resize(self.leaves * 2, i64::MIN);
        for node in (1..self.leaves).rev() {
            let last = self.last_below(node * 2).max(self.last_below(node * 2 + 1));
            if let Some(slot) = self.last_to.get_mut(node) {
                *slot = last;
            }
        }
    }

    /// Whether a gap that begins by `begins_by`, and ends at `ends_from` or
    /// later, was known to an instance with the trigger `leaf` that is judged
    /// when the clock reaches `horizon`.
    pub(crate) fn has(&self, begins_by: i64, ends_from: i64, (horizon, leaf): (i64, u64)) -> bool {
        let count = self.gaps.partition_point(|gap| gap.from <= begins_by);
        let mut next = 0;
        while let Some(at) = self.next_ending(next, ends_from).filter(|at| *at < count) {
            if self
                .gaps
                .get(at)
                .is_some_and(|gap| gap.is_known(horizon, leaf))
            {
                return true;
            }
            next = at + 1;
        }
        false
    }

    /// The first gap at `start` or after that ends at `ends_from` or later.
    fn next_ending(&self, start: usize, ends_from: i64) -> Option<usize> {
        if start >= self.gaps.len() {
            return None;
        }
        let mut node = self.leaves + start;
        while self.last_below(node) < ends_from {
            // Up from where all was seen, then to the right.
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < self.leaves {
            node *= 2;
            if self.last_below(node) < ends_from {
                node += 1;
            }
        }
        Some(node - self.leaves)
    }

    fn last_below(&self, node: usize) -> i64 {
        self.last_to.get(node).copied().unwrap_or(i64::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage_gap::{GapKind, Mark};

    fn gap(from: i64, to: i64, known: i64) -> GapSpan {
        GapSpan {
            kind: GapKind::Reported,
            from,
            to,
            known: Mark {
                before: known,
                leaf: u64::MAX,
            },
            gone: None,
        }
    }

    #[test]
    fn it_says_what_looking_at_every_gap_says() {
        for count in 0..20_i64 {
            let gaps: Vec<GapSpan> = (0..count)
                .map(|n| gap(n * 7 % 11, n * 7 % 11 + n * 5 % 13, n * 3 % 8))
                .collect();
            let mut index = GapIndex::default();
            index.replace(gaps.iter().copied(), i64::MIN);
            for by in -1..12 {
                for from in -1..25 {
                    for horizon in 0..9 {
                        let expected = gaps.iter().any(|gap| {
                            gap.from <= by && gap.to >= from && gap.is_known(horizon, 0)
                        });
                        assert_eq!(index.has(by, from, (horizon, 0)), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn a_gap_that_was_gone_when_the_clock_was_asked_last_is_forgotten() {
        let gone = |before| GapSpan {
            gone: Some(Mark { before, leaf: 1 }),
            ..gap(0, 10, 0)
        };
        let mut index = GapIndex::default();
        index.replace([gone(4), gone(5)].into_iter(), 5);
        assert_eq!(index.gaps, [gone(5)]);
    }
}
