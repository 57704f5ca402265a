//! A hole in the evidence: what it is, when it became known, when it closed.
//!
//! An instance is judged once, on the leaves up to the one at which its time
//! had come. So a gap counts only if it was known by then; two marks on the
//! gap decide that without looking at the leaves again. `docs/spec/pledge.md`,
//! "Semantics", section 4.

use crate::clock::NEVER;

/// Why evidence is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// A declared source has not said anything.
    Missing,
    /// A source was silent longer than its heartbeat.
    Silence,
    /// A number is missing from a source's sequence, or was used twice.
    Sequence,
    /// A source says itself that evidence is missing.
    Reported,
    /// A source has sent an event that the clock has not reached.
    Ahead,
}

impl GapKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Missing,
        Self::Silence,
        Self::Sequence,
        Self::Reported,
        Self::Ahead,
    ];

    /// The name in a verdict document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Silence => "silence",
            Self::Sequence => "sequence",
            Self::Reported => "reported",
            Self::Ahead => "ahead",
        }
    }
}

/// A leaf at which something became known, and the clock just before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) before: i64,
    pub(crate) leaf: u64,
}

impl Mark {
    /// Known before the first leaf.
    pub(crate) const ALWAYS: Self = Self {
        before: NEVER,
        leaf: 0,
    };

    /// Whether the mark is no later than the leaf at which an instance is
    /// judged: the first one, from the trigger's `leaf` on, with the clock at
    /// `horizon` or beyond. The clock never goes back; so the mark's leaf
    /// comes no later than that one exactly if the clock before the mark had
    /// not reached `horizon`.
    fn is_by(self, horizon: i64, leaf: u64) -> bool {
        self.before < horizon || self.leaf <= leaf
    }
}

/// A gap as the machines see it. `to` is `i64::MAX` while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GapSpan {
    pub(crate) kind: GapKind,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) known: Mark,
    pub(crate) gone: Option<Mark>,
}

impl GapSpan {
    /// Whether it counts for an instance that is judged at `horizon`.
    pub(crate) fn is_known(&self, horizon: i64, leaf: u64) -> bool {
        self.known.is_by(horizon, leaf) && !self.gone.is_some_and(|gone| gone.is_by(horizon, leaf))
    }

    /// The part after `from`; nothing if it ended before.
    pub(crate) fn since(mut self, from: i64) -> Option<Self> {
        self.from = self.from.max(from);
        (self.to >= from).then_some(self)
    }
}
