//! The verdict document: what a pledge's commitments have come to on the
//! leaves of one tree. `docs/spec/verdict.md`.
//!
//! A pure function of the pledge, the place table and the leaves. Its bytes
//! are written and read by `report_json`.

use avow_event::Micros;

use crate::{GapKind, Published, Texts};

/// How many breached, pending and unknown instances of a commitment are shown,
/// each: enough for a reader to see what kind they are, and at some 200 bytes
/// each a document of twenty commitments stays below 200 KB.
pub const INSTANCES_SHOWN_MAX: usize = 16;

/// How many kept instances are shown: evidence that the commitment applied.
pub const KEPT_SHOWN_MAX: usize = 3;

/// How many gaps of a source are shown; all are counted.
pub const GAPS_SHOWN_MAX: usize = 16;

/// What an instance or a commitment has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The evidence shows that the promise was kept.
    Kept,
    /// It was not.
    Breached,
    /// Its time has not come.
    Pending,
    /// The evidence does not tell.
    Unknown,
}

impl Verdict {
    /// Every verdict, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Breached, Self::Pending, Self::Unknown];

    /// The name in a verdict document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Breached => "breached",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an instance has its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Kept: the event is as promised (never, always).
    Holds,
    /// Breached: the event is not as promised (never, always).
    Fails,
    /// Unknown: a condition on the event is unknown.
    Undetermined,
    /// Unknown: the event arrived late, so that what came before is not sure.
    Late,
    /// Unknown: an event that ends something arrived late, so that what was
    /// judged before it is not sure.
    LateEnd,
    /// Unknown: a field of `same` is unknown.
    NoKey,
    /// Unknown: the field that gives the deadline is unknown (within).
    NoDeadline,
    /// Kept: there was permission (before).
    Permitted,
    /// Breached: there never was permission (before).
    NotPermitted,
    /// Breached: the permission had ended (before).
    PermissionEnded,
    /// Breached: the permission was too old (before).
    Expired,
    /// Unknown: an event that might give or end permission (before).
    MaybePermitted,
    /// Kept: the duty was done in time (within, every).
    Done,
    /// Kept: the duty was lifted in time (within, every).
    Lifted,
    /// Kept: there was nothing left to do (within).
    Already,
    /// Breached: the duty was not done in time (within, every).
    NotDone,
    /// Unknown: an event that might have done it (within, every).
    MaybeDone,
    /// Unknown: an event that might make one more duty (within).
    MaybeEach,
    /// Unknown: an event that might have stopped or started the clock of the
    /// duty (within).
    MaybeHeld,
    /// Kept: there were no more than allowed (at most).
    WithinLimit,
    /// Breached: there were more than allowed (at most).
    TooMany,
    /// Unknown: an event that might make them more than allowed (at most).
    MaybeTooMany,
    /// Kept: nothing ended it before its time (lasts).
    Lasted,
    /// Breached: it ended before its time (lasts).
    Ended,
    /// Unknown: an event that might have ended it (lasts).
    MaybeEnded,
    /// Unknown: evidence is missing that might decide it.
    Gap,
    /// Pending: the time has not passed, or evidence may still come.
    Waiting,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 27] = [
        Self::Holds,
        Self::Fails,
        Self::Undetermined,
        Self::Late,
        Self::LateEnd,
        Self::NoKey,
        Self::NoDeadline,
        Self::Permitted,
        Self::NotPermitted,
        Self::PermissionEnded,
        Self::Expired,
        Self::MaybePermitted,
        Self::Done,
        Self::Lifted,
        Self::Already,
        Self::NotDone,
        Self::MaybeDone,
        Self::MaybeEach,
        Self::MaybeHeld,
        Self::WithinLimit,
        Self::TooMany,
        Self::MaybeTooMany,
        Self::Lasted,
        Self::Ended,
        Self::MaybeEnded,
        Self::Gap,
        Self::Waiting,
    ];

    /// The name in a verdict document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undetermined => "undetermined",
            Self::Late => "late",
            Self::LateEnd => "late_end",
            Self::NoKey => "no_key",
            Self::NoDeadline => "no_deadline",
            Self::Permitted => "permitted",
            Self::NotPermitted => "not_permitted",
            Self::PermissionEnded => "permission_ended",
            Self::Expired => "expired",
            Self::MaybePermitted => "maybe_permitted",
            Self::Done => "done",
            Self::Lifted => "lifted",
            Self::Already => "already",
            Self::NotDone => "not_done",
            Self::MaybeDone => "maybe_done",
            Self::MaybeEach => "maybe_each",
            Self::MaybeHeld => "maybe_held",
            Self::WithinLimit => "within_limit",
            Self::TooMany => "too_many",
            Self::MaybeTooMany => "maybe_too_many",
            Self::Lasted => "lasted",
            Self::Ended => "ended",
            Self::MaybeEnded => "maybe_ended",
            Self::Gap => "gap",
            Self::Waiting => "waiting",
        }
    }

    /// The verdict that it is a reason for.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Holds
            | Self::Permitted
            | Self::Done
            | Self::Lifted
            | Self::Already
            | Self::WithinLimit
            | Self::Lasted => Verdict::Kept,
            Self::Fails
            | Self::NotPermitted
            | Self::PermissionEnded
            | Self::Expired
            | Self::NotDone
            | Self::TooMany
            | Self::Ended => Verdict::Breached,
            Self::Undetermined
            | Self::Late
            | Self::LateEnd
            | Self::NoKey
            | Self::NoDeadline
            | Self::MaybePermitted
            | Self::MaybeDone
            | Self::MaybeEach
            | Self::MaybeHeld
            | Self::MaybeTooMany
            | Self::MaybeEnded
            | Self::Gap => Verdict::Unknown,
            Self::Waiting => Verdict::Pending,
        }
    }
}

/// One occasion on which a commitment applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// When it happened: the trigger's own time.
    pub time: Micros,
    /// The trigger's leaf.
    pub leaf: u64,
    /// What tells apart the instances of one trigger: the leaf of the event
    /// for which the duty is, or the number of the member of a register.
    pub each: Option<u64>,
    /// What it has come to, and why.
    pub reason: Reason,
    /// The leaf that the reason names: that gave or ended permission, did or
    /// lifted the duty, or might have.
    pub other: Option<u64>,
    /// The last instant at which the duty could be done (within, every); when
    /// what has to last may end, or has ended (lasts).
    pub deadline: Option<Micros>,
}

impl Instance {
    /// What it has come to.
    pub fn verdict(&self) -> Verdict {
        self.reason.verdict()
    }
}

/// How many instances have come to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Kept.
    pub kept: u64,
    /// Breached.
    pub breached: u64,
    /// Pending.
    pub pending: u64,
    /// Unknown.
    pub unknown: u64,
}

impl Counts {
    /// The number with that verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Kept => self.kept,
            Verdict::Breached => self.breached,
            Verdict::Pending => self.pending,
            Verdict::Unknown => self.unknown,
        }
    }

    pub(crate) fn of_mut(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Kept => &mut self.kept,
            Verdict::Breached => &mut self.breached,
            Verdict::Pending => &mut self.pending,
            Verdict::Unknown => &mut self.unknown,
        }
    }

    /// The number of all.
    pub fn total(&self) -> u64 {
        self.kept + self.breached + self.pending + self.unknown
    }
}

/// Where evidence is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// From when.
    pub from: Micros,
    /// To when; the clock of the tree while it lasts.
    pub to: Micros,
}

/// What evidence a source has given, or a declared one has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceCoverage {
    /// The source's name; for a declaration of which nothing has been heard,
    /// the declared name, with its `*`.
    pub source: String,
    /// The declaration that applies.
    pub declared: Option<String>,
    /// When its first event counts; `None` if none has happened.
    pub first: Option<Micros>,
    /// When its last event counts; `None` if none has happened.
    pub last: Option<Micros>,
    /// How many events there are.
    pub events: u64,
    /// How many of them were late.
    pub late: u64,
    /// Whether a heartbeat is declared and no gap is noticed. Not that nothing
    /// is missing: what a source leaves out before it counts its events, nobody
    /// sees from the log.
    pub complete: bool,
    /// How many gaps there are.
    pub gap_count: u64,
    /// The first [`GAPS_SHOWN_MAX`] of them.
    pub gaps: Vec<Gap>,
}

/// What a commitment has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentReport {
    /// Its name in the pledge.
    pub id: String,
    /// What it has come to.
    pub verdict: Verdict,
    /// There was no instance: it has never applied.
    pub vacuous: bool,
    /// Since when.
    pub since: Micros,
    /// How many instances have come to what.
    pub counts: Counts,
    /// Its sources, by name.
    pub coverage: Vec<SourceCoverage>,
    /// Whether there is evidence since the pledge began, and every source in
    /// scope is [complete](SourceCoverage::complete).
    pub completeness_shown: bool,
    /// The first instances of each verdict, by time and leaf; breached ones
    /// first, then unknown, pending and kept.
    pub instances: Vec<Instance>,
}

/// Which pledge the verdicts are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PledgeName {
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// Its title.
    pub title: Texts,
    /// Who promises.
    pub by: String,
    /// To whom.
    pub to: String,
    /// Since when.
    pub from: Micros,
    /// The pledge that it amends, by its digest.
    pub amends: Option<[u8; 32]>,
    /// The first leaf that publishes it; `None`: the log does not tell when the
    /// text was written.
    pub published: Option<Published>,
}

/// Which place table decided where things were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacesName {
    /// Its version.
    pub version: String,
    /// SHA-256 of its text.
    pub digest: [u8; 32],
}

/// Which leaves the verdicts rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeName {
    /// How many leaves.
    pub size: u64,
    /// The root hash over them.
    pub root: [u8; 32],
}

/// The verdict document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The log's clock at the last leaf; `None` without leaves.
    pub as_of: Option<Micros>,
    /// Which pledge.
    pub pledge: PledgeName,
    /// Which place table.
    pub places: PlacesName,
    /// Which leaves.
    pub tree: TreeName,
    /// The commitments, in the order of the pledge.
    pub commitments: Vec<CommitmentReport>,
}
