//! Sections 1 and 2: the clock, and when an event counts.

use avow_event::{Action, Event};
use avow_monitor::{Commitment, Pledge, SourceDeclaration};

/// `(eff(n), n)`; the beginning of a commitment has `-1` for `n`.
pub(super) type Position = (i64, i64);

/// A leaf, and what the leaves before it make of it.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub(super) event: &'a Event,
    /// C(n).
    pub(super) clock: i64,
    pub(super) late: bool,
    pub(super) eff: i64,
    /// It publishes a pledge, and is left out as if it were no leaf.
    pub(super) left_out: bool,
}

pub(super) fn leaves<'a>(pledge: &Pledge, events: &'a [Event]) -> Vec<Leaf<'a>> {
    let mut clock = i64::MIN;
    events
        .iter()
        .map(|event| {
            let time = event.time.get();
            if is_publication(event) {
                return Leaf {
                    event,
                    clock,
                    late: false,
                    eff: i64::MAX,
                    left_out: true,
                };
            }
            clock = clock.max(time.min(event.logged.map_or(time, |logged| logged.get())));
            let late = clock - time > delay(pledge, &event.source);
            let eff = if late { clock } else { time };
            Leaf {
                event,
                clock,
                late,
                eff,
                left_out: false,
            }
        })
        .collect()
}

/// Section 7.
fn is_publication(event: &Event) -> bool {
    let digits = event
        .object
        .as_deref()
        .unwrap_or("")
        .strip_prefix("sha256:");
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    event.source == "avow"
        && event.action == Action::Publish
        && event.name.as_deref() == Some("pledge")
        && digits.is_some_and(|digits| digits.len() == 64 && digits.chars().all(is_digit))
}

/// D(s).
fn delay(pledge: &Pledge, source: &str) -> i64 {
    declaration(pledge, source).map_or(0, |declared| declared.delay)
}

fn declaration<'a>(pledge: &'a Pledge, source: &str) -> Option<&'a SourceDeclaration> {
    pledge.sources.iter().find(|d| d.name.matches(source))
}

/// A commitment on the first leaves of a log.
#[derive(Clone, Copy)]
pub(super) struct Tree<'a> {
    pub(super) pledge: &'a Pledge,
    pub(super) commitment: &'a Commitment,
    pub(super) leaves: &'a [Leaf<'a>],
}

impl<'a> Tree<'a> {
    /// On the leaves `0 … j`.
    pub(super) fn up_to(self, j: usize) -> Self {
        let leaves = &self.leaves[..=j];
        Self { leaves, ..self }
    }

    pub(super) fn as_of(self) -> Option<i64> {
        let is_leaf = self.leaves.iter().any(|leaf| !leaf.left_out);
        self.leaves
            .last()
            .map(|leaf| leaf.clock)
            .filter(|_| is_leaf)
    }

    pub(super) fn event(self, n: usize) -> &'a Event {
        self.leaves[n].event
    }

    pub(super) fn time(self, n: usize) -> i64 {
        self.event(n).time.get()
    }

    pub(super) fn eff(self, n: usize) -> i64 {
        self.leaves[n].eff
    }

    pub(super) fn late(self, n: usize) -> bool {
        self.leaves[n].late
    }

    /// pos(n).
    pub(super) fn position(self, n: usize) -> Position {
        (self.eff(n), n as i64)
    }

    /// The first leaf from `n` on with the clock at `time` or beyond.
    pub(super) fn reaches(self, n: usize, time: i64) -> Option<usize> {
        (n..self.leaves.len()).find(|j| self.leaves[*j].clock >= time)
    }

    /// The leaf at which the event of a leaf has happened.
    pub(super) fn happens_at(self, n: usize) -> Option<usize> {
        self.reaches(n, self.eff(n))
    }

    pub(super) fn from(self) -> i64 {
        self.commitment.from.get()
    }

    /// No end is plus infinity.
    pub(super) fn to(self) -> i64 {
        self.commitment.to.map_or(i64::MAX, |to| to.get())
    }

    pub(super) fn delay_of(self, n: usize) -> i64 {
        delay(self.pledge, &self.event(n).source)
    }

    pub(super) fn declaration(self, source: &str) -> Option<&'a SourceDeclaration> {
        declaration(self.pledge, source)
    }

    pub(super) fn in_scope(self, source: &str) -> bool {
        let patterns = &self.commitment.sources;
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(source))
    }

    /// The declarations that overlap the commitment's sources.
    pub(super) fn declared(self) -> Vec<&'a SourceDeclaration> {
        let patterns = &self.commitment.sources;
        let overlaps = |d: &&SourceDeclaration| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.overlaps(&d.name))
        };
        self.pledge.sources.iter().filter(overlaps).collect()
    }

    /// D.
    pub(super) fn delay(self) -> i64 {
        let delays = self.declared().into_iter().map(|declared| declared.delay);
        delays.max().unwrap_or(0)
    }

    /// The evidence, in its order.
    pub(super) fn evidence(self) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.leaves.len())
            .filter(|n| Some(self.eff(*n)) <= self.as_of())
            .filter(|n| self.in_scope(&self.event(*n).source))
            .filter(|n| !matches!(self.event(*n).action, Action::Heartbeat | Action::Gap))
            .collect();
        all.sort_by_key(|n| self.position(*n));
        all
    }

    /// The evidence strictly before a position.
    pub(super) fn before(self, at: Position) -> Vec<usize> {
        let mut all = self.evidence();
        all.retain(|m| self.position(*m) < at);
        all
    }

    /// The evidence strictly behind a position.
    pub(super) fn behind(self, at: Position) -> Vec<usize> {
        let mut all = self.evidence();
        all.retain(|m| self.position(*m) > at);
        all
    }
}
