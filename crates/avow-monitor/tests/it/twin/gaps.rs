//! Section 4: where evidence is missing.

use avow_event::{Action, Micros};
use avow_monitor::{GapKind, SourceDeclaration};

use super::tree::Tree;

#[derive(Clone, Copy, PartialEq)]
pub(super) struct Hole {
    pub(super) kind: GapKind,
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Hole {
    fn new(kind: GapKind, from: i64, to: i64) -> Self {
        Self { kind, from, to }
    }
}

impl<'a> Tree<'a> {
    /// The sources in scope that have a leaf, if only one dated ahead.
    pub(super) fn sources(self) -> Vec<&'a str> {
        let leaves = self.leaves.iter().filter(|leaf| !leaf.left_out);
        let all = leaves.map(|leaf| leaf.event.source.as_str());
        let mut sources: Vec<&str> = all.filter(|source| self.in_scope(source)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The leaves of a source that have happened, as they did.
    pub(super) fn happened(self, source: &str) -> Vec<usize> {
        let mut leaves: Vec<usize> = (0..self.leaves.len())
            .filter(|n| self.event(*n).source == source && self.happens_at(*n).is_some())
            .collect();
        leaves.sort_by_key(|n| (self.happens_at(*n), self.position(*n)));
        leaves
    }

    /// The declarations of which nothing has been heard.
    pub(super) fn unheard(self) -> Vec<&'a SourceDeclaration> {
        let mut heard = self.sources();
        heard.retain(|source| !self.happened(source).is_empty());
        let mut unheard = self.declared();
        unheard.retain(|declared| !heard.iter().any(|source| declared.name.matches(source)));
        unheard
    }

    /// Every gap of a source in scope that is known, whole.
    pub(super) fn gaps(self) -> Vec<Hole> {
        let sources = self.sources();
        let mut gaps: Vec<Hole> = sources.iter().flat_map(|s| self.gaps_of(s)).collect();
        if !self.unheard().is_empty() {
            gaps.extend(self.missing());
        }
        gaps
    }

    /// The gap of a declaration of which nothing has been heard.
    pub(super) fn missing(self) -> Option<Hole> {
        let now = self.as_of()?;
        Some(Hole::new(GapKind::Missing, self.pledge.from.get(), now))
    }

    pub(super) fn gaps_of(self, source: &str) -> Vec<Hole> {
        let mut gaps = self.silences(source);
        gaps.extend(self.missing_numbers(source));
        gaps.extend(self.repeated_numbers(source));
        gaps.extend(self.reported(source));
        gaps.extend(self.ahead(source));
        gaps
    }

    fn silences(self, source: &str) -> Vec<Hole> {
        let declared = self.declaration(source);
        let Some(heartbeat) = declared.and_then(|declared| declared.heartbeat) else {
            return Vec::new();
        };
        let leaves = self.happened(source);
        let (Some(declared), Some(now)) = (declared, self.as_of()) else {
            return Vec::new();
        };
        if leaves.is_empty() {
            return Vec::new();
        }
        let mut heard: Vec<i64> = leaves.iter().map(|n| self.eff(*n)).collect();
        let from = self.pledge.from.get();
        heard.retain(|eff| *eff >= from);
        heard.push(from);
        heard.sort_unstable();
        let mut silences = Vec::new();
        for (at, x) in heard.iter().enumerate() {
            let next = heard.get(at + 1).copied();
            let too_long = next.is_none_or(|y| y - x > heartbeat);
            if too_long && now > x + heartbeat + declared.delay {
                silences.push(Hole::new(GapKind::Silence, *x, next.unwrap_or(now)));
            }
        }
        silences
    }

    /// The numbers that a source's events had, with the first that had each.
    fn numbers(self, source: &str) -> Vec<(u64, i64)> {
        let mut numbers: Vec<(u64, i64)> = Vec::new();
        for n in self.happened(source) {
            let seq = self.event(n).seq;
            if numbers.iter().all(|(other, _)| *other != seq) {
                numbers.push((seq, self.eff(n)));
            }
        }
        numbers.sort_unstable();
        numbers
    }

    fn missing_numbers(self, source: &str) -> Vec<Hole> {
        let delay = self.declaration(source).map_or(0, |d| d.delay);
        let mut gaps = Vec::new();
        for pair in self.numbers(source).windows(2) {
            let ((a, a_eff), (b, b_eff)) = (pair[0], pair[1]);
            let (from, to) = (a_eff.min(b_eff), a_eff.max(b_eff));
            if b > a + 1 && self.as_of() > Some(to + delay) {
                gaps.push(Hole::new(GapKind::Sequence, from, to));
            }
        }
        gaps
    }

    fn repeated_numbers(self, source: &str) -> Vec<Hole> {
        let mut seen = Vec::new();
        let mut gaps = Vec::new();
        for n in self.happened(source) {
            if seen.contains(&self.event(n).seq) {
                gaps.push(Hole::new(GapKind::Sequence, self.eff(n), self.eff(n)));
            }
            seen.push(self.event(n).seq);
        }
        gaps
    }

    fn reported(self, source: &str) -> Vec<Hole> {
        let leaves = self.happened(source);
        let mut gaps = Vec::new();
        for (at, n) in leaves.iter().enumerate() {
            let event = self.event(*n);
            let next = leaves.get(at + 1).map(|next| self.eff(*next));
            if event.action == Action::Gap {
                let end = event.due.map(Micros::get).or(next).or(self.as_of());
                let from = event.time.get();
                gaps.push(Hole::new(GapKind::Reported, from, end.unwrap().max(from)));
            }
        }
        gaps
    }

    fn ahead(self, source: &str) -> Vec<Hole> {
        let Some(now) = self.as_of() else {
            return Vec::new();
        };
        (0..self.leaves.len())
            .filter(|n| self.event(*n).source == source && self.eff(*n) > now)
            .filter(|n| !self.leaves[*n].left_out)
            .filter(|n| self.time(*n) > self.leaves[*n].clock + self.delay_of(*n))
            .map(|n| Hole::new(GapKind::Ahead, self.leaves[n].clock, now))
            .collect()
    }
}
