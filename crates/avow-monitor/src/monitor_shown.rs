//! Checks a shown instance against the few leaves that it names.
//!
//! What follows from those leaves alone is derived again, by the plain reading
//! of the predicates. What rests on the other leaves, the clock and the
//! absence of contrary evidence, is named: only the whole log can show it.
//! `docs/spec/verdict.md`, "Checking".

use std::fmt;

use avow_event::{Action, Event, Field, Micros, Place, Value};

use crate::coverage::in_scope;
use crate::{
    Commitment, Deadline, Duration, Instance, Pattern, Pledge, Predicate, Reason, Verdict,
    eval_event,
};

/// What of an instance's verdict the named leaves do not show by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// It rests on when leaves arrived, so on every leaf before them.
    pub rests_on_clock: bool,
    /// It rests on there being no other leaf that says otherwise.
    pub rests_on_absence: bool,
}

impl Shown {
    /// Whether the verdict follows from the named leaves alone.
    pub fn is_complete(&self) -> bool {
        !self.rests_on_clock && !self.rests_on_absence
    }
}

/// How an instance contradicts the leaves that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The pledge has no commitment of that name.
    NoCommitment(String),
    /// The leaf is not among those at hand.
    NoLeaf(u64),
    /// The instance names no other leaf where its reason needs one, or names
    /// one where its reason has none.
    OtherLeaf,
    /// It is told apart from other instances of its trigger, of which there are
    /// none.
    Each,
    /// The reason is none of the commitment's pattern.
    ReasonOfOtherPattern(Reason),
    /// The trigger's time is another.
    Time,
    /// The leaf's source is not in the commitment's scope, or the event is a
    /// heartbeat or a gap.
    OutOfScope(u64),
    /// The trigger is from before the pledge.
    BeforePledge,
    /// The trigger is from after the tree's clock.
    AfterTree,
    /// The trigger's conditions do not give that reason.
    Trigger,
    /// The other leaf is not what the reason says that it is.
    Other,
    /// The two leaves differ in a field of `same`.
    Key,
    /// The other leaf comes too early or too late.
    Order,
    /// The deadline is another, or does not fit the verdict.
    Deadline,
    /// The reason cannot be by the tree's clock: it is judged too early, waits
    /// too long, or is late without having had the time for it.
    Clock,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommitment(id) => write!(f, "the pledge has no commitment `{id}`"),
            Self::NoLeaf(leaf) => write!(f, "leaf {leaf} is not shown"),
            Self::OtherLeaf => f.write_str("the reason does not fit the leaves that are named"),
            Self::Each => f.write_str("the trigger has no instance of that name"),
            Self::ReasonOfOtherPattern(reason) => {
                write!(f, "the commitment has no reason `{}`", reason.as_str())
            }
            Self::Time => f.write_str("the trigger has another time"),
            Self::OutOfScope(leaf) => write!(f, "leaf {leaf} does not concern the commitment"),
            Self::BeforePledge => f.write_str("the trigger is from before the pledge"),
            Self::AfterTree => f.write_str("the trigger is from after the tree"),
            Self::Trigger => f.write_str("the trigger's conditions say otherwise"),
            Self::Other => f.write_str("the other leaf is not what the reason says"),
            Self::Key => f.write_str("the two leaves are not about the same"),
            Self::Order => f.write_str("the other leaf is not from the right time"),
            Self::Deadline => f.write_str("the deadline does not fit"),
            Self::Clock => f.write_str("the tree's clock does not allow the reason"),
        }
    }
}

impl std::error::Error for Mismatch {}

/// Checks an instance of the commitment `id`, shown by a report with that
/// `as_of`, against the leaves it names; `lookup` gives a leaf's event.
///
/// # Errors
/// The instance contradicts a leaf, or a leaf that it names is not at hand.
pub fn check_shown(
    pledge: &Pledge,
    as_of: Micros,
    id: &str,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
) -> Result<Shown, Mismatch> {
    let commitment = pledge.commitments.iter().find(|c| c.id == id);
    let commitment = commitment.ok_or_else(|| Mismatch::NoCommitment(id.to_owned()))?;
    let leaf = |leaf: u64| {
        let event = lookup(leaf).ok_or(Mismatch::NoLeaf(leaf))?;
        let is_evidence = !matches!(event.action, Action::Heartbeat | Action::Gap);
        if is_evidence && in_scope(&commitment.sources, &event.source) {
            Ok(event)
        } else {
            Err(Mismatch::OutOfScope(leaf))
        }
    };
    let trigger = leaf(instance.leaf)?;
    let other = instance.other.map(leaf).transpose()?;
    if instance.each.is_some() {
        return Err(Mismatch::Each);
    }
    if trigger.time != instance.time {
        return Err(Mismatch::Time);
    }
    // What ended before the pledge may have arrived under it.
    let since = match instance.reason {
        Reason::LateEnd => as_of,
        _ => trigger.time,
    };
    if since < pledge.from {
        return Err(Mismatch::BeforePledge);
    }
    let other_time = other.as_ref().map(|event| event.time);
    if trigger.time > as_of || other_time.is_some_and(|time| time > as_of) {
        return Err(Mismatch::AfterTree);
    }
    let shown = Case {
        pledge,
        commitment,
        as_of,
        instance,
        trigger: &trigger,
        other: other.as_ref(),
    };
    match &commitment.pattern {
        Pattern::Never { when, never } => shown.plain(when.as_ref(), never, false),
        Pattern::Always { when, always } => shown.plain(when.as_ref(), always, true),
        Pattern::Before { .. } => shown.before(),
        Pattern::Within { .. } => shown.within(),
        _ => unimplemented!("rules of the full language"),
    }
}

struct Case<'a> {
    pledge: &'a Pledge,
    commitment: &'a Commitment,
    as_of: Micros,
    instance: &'a Instance,
    trigger: &'a Event,
    other: Option<&'a Event>,
}

impl Case<'_> {
    fn plain(
        &self,
        when: Option<&Predicate>,
        condition: &Predicate,
        promised: bool,
    ) -> Result<Shown, Mismatch> {
        let when = when.map_or(Some(true), |when| eval_event(when, self.trigger));
        let as_promised = eval_event(condition, self.trigger).map(|value| value == promised);
        let found = match (when, as_promised) {
            (Some(false), _) | (None, Some(true)) => return Err(Mismatch::Trigger),
            (Some(true), Some(true)) => Reason::Holds,
            (Some(true), Some(false)) => Reason::Fails,
            (Some(true) | None, _) => Reason::Undetermined,
        };
        match self.instance.reason {
            Reason::Holds | Reason::Fails | Reason::Undetermined => {}
            other => return Err(Mismatch::ReasonOfOtherPattern(other)),
        }
        if found != self.instance.reason {
            return Err(Mismatch::Trigger);
        }
        if self.instance.other.is_some() {
            return Err(Mismatch::OtherLeaf);
        }
        if self.instance.deadline.is_some() {
            return Err(Mismatch::Deadline);
        }
        Ok(Shown::default())
    }

    fn before(&self) -> Result<Shown, Mismatch> {
        let Pattern::Before {
            when,
            only_after,
            until,
            same,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        if self.instance.deadline.is_some() {
            return Err(Mismatch::Deadline);
        }
        let until = until.as_ref();
        if self.instance.reason == Reason::LateEnd {
            return self.late_end(when, until);
        }
        if let Some(shown) = self.trigger_alone(when, same)? {
            return Ok(shown);
        }
        let (sure, rests_on_absence) = match self.instance.reason {
            Reason::Permitted => (Some(Some(only_after)), until.is_some()),
            Reason::PermissionEnded => (Some(until), true),
            Reason::NotPermitted | Reason::Waiting => (None, true),
            Reason::Gap if self.other.is_none() => (None, true),
            Reason::Gap => {
                let given = self.other_is(Some(only_after), same).is_ok();
                (Some(if given { Some(only_after) } else { until }), true)
            }
            Reason::MaybePermitted => {
                self.other_before()?;
                self.other_may_be([Some(only_after), until], same)?;
                (None, true)
            }
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        };
        match sure {
            Some(predicate) => {
                self.other_before()?;
                self.other_is(predicate, same)?;
            }
            None if self.instance.reason != Reason::MaybePermitted => self.no_other()?,
            None => {}
        }
        let hold = crate::coverage::hold(&self.commitment.sources, &self.pledge.sources);
        let judged_from = self.trigger.time.get().saturating_add(hold);
        self.is_judged(self.as_of.get() >= judged_from)?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence,
        })
    }

    fn within(&self) -> Result<Shown, Mismatch> {
        let Pattern::Within {
            when,
            then,
            unless,
            deadline:
                Deadline::After(Duration {
                    months: 0,
                    micros: within,
                }),
            same,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        let deadline = self.trigger.time.saturating_add(*within);
        if self.instance.deadline != Some(deadline) {
            return Err(Mismatch::Deadline);
        }
        if let Some(shown) = self.trigger_alone(when, same)? {
            return Ok(shown);
        }
        let unless = unless.as_ref();
        match self.instance.reason {
            Reason::Done => {
                self.other_by(deadline)?;
                self.other_not_early()?;
                self.other_is(Some(then), same)?;
            }
            Reason::Lifted => {
                self.other_by(deadline)?;
                self.other_not_early()?;
                self.other_is(unless, same)?;
            }
            Reason::MaybeDone => {
                self.other_by(deadline)?;
                // What is sure by itself may tell of a time before the duty.
                let is_sure = |predicate| self.other_is(predicate, same).is_ok();
                let may_be_early = is_sure(Some(then)) || is_sure(unless);
                if !(may_be_early && self.other_not_early().is_err()) {
                    self.other_may_be([Some(then), unless], same)?;
                }
            }
            Reason::NotDone | Reason::Gap | Reason::Waiting => self.no_other()?,
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        }
        if self.instance.verdict() != Verdict::Kept {
            let hold = crate::coverage::hold(&self.commitment.sources, &self.pledge.sources);
            self.is_judged(self.as_of.get() > deadline.get().saturating_add(hold))?;
        }
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence: self.instance.verdict() != Verdict::Kept,
        })
    }

    /// The leaf ends permission, or may, and is no trigger.
    fn late_end(&self, when: &Predicate, until: Option<&Predicate>) -> Result<Shown, Mismatch> {
        let may_end = until.is_some_and(|until| eval_event(until, self.trigger) != Some(false));
        let is_trigger =
            self.trigger.time >= self.pledge.from && eval_event(when, self.trigger) != Some(false);
        if !may_end || is_trigger {
            return Err(Mismatch::Trigger);
        }
        self.no_other()?;
        self.is_late()?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence: false,
        })
    }

    /// The reasons that lie in the trigger itself. For the others, that the
    /// trigger's condition and key are known.
    fn trigger_alone(&self, when: &Predicate, same: &[Field]) -> Result<Option<Shown>, Mismatch> {
        let when = eval_event(when, self.trigger);
        let has_key = key(same, self.trigger).is_some();
        let rests_on_absence = false;
        let (fits, is_alone) = match self.instance.reason {
            Reason::Late => (when != Some(false), true),
            Reason::Undetermined => (when.is_none(), true),
            Reason::NoKey => (when == Some(true) && !has_key, true),
            _ => (when == Some(true) && has_key, false),
        };
        if !fits {
            return Err(Mismatch::Trigger);
        }
        if is_alone {
            self.no_other()?;
        }
        if self.instance.reason == Reason::Late {
            self.is_late()?;
        }
        Ok(is_alone.then_some(Shown {
            rests_on_clock: true,
            rests_on_absence,
        }))
    }

    /// The instance waits exactly as long as the tree's clock makes it.
    fn is_judged(&self, is_judged: bool) -> Result<(), Mismatch> {
        if is_judged == (self.instance.reason != Reason::Waiting) {
            Ok(())
        } else {
            Err(Mismatch::Clock)
        }
    }

    /// The trigger may have arrived later than its source's delay: the clock at
    /// its leaf is not past that of the tree.
    fn is_late(&self) -> Result<(), Mismatch> {
        let mut declared = self.pledge.sources.iter();
        let declared = declared.find(|declared| declared.name.matches(&self.trigger.source));
        let age = self.as_of.get().saturating_sub(self.trigger.time.get());
        if age > declared.map_or(0, |declared| declared.delay) {
            Ok(())
        } else {
            Err(Mismatch::Clock)
        }
    }

    fn no_other(&self) -> Result<(), Mismatch> {
        match self.other {
            None => Ok(()),
            Some(_) => Err(Mismatch::OtherLeaf),
        }
    }

    fn other(&self) -> Result<(&Event, u64), Mismatch> {
        self.other
            .zip(self.instance.other)
            .ok_or(Mismatch::OtherLeaf)
    }

    /// The other leaf surely meets the predicate, with the same key.
    fn other_is(&self, predicate: Option<&Predicate>, same: &[Field]) -> Result<(), Mismatch> {
        let (other, _) = self.other()?;
        if predicate.and_then(|p| eval_event(p, other)) != Some(true) {
            return Err(Mismatch::Other);
        }
        if key(same, other) != key(same, self.trigger) {
            return Err(Mismatch::Key);
        }
        Ok(())
    }

    /// The other leaf might meet one of them, or do so with the same key.
    fn other_may_be(
        &self,
        predicates: [Option<&Predicate>; 2],
        same: &[Field],
    ) -> Result<(), Mismatch> {
        let (other, _) = self.other()?;
        let other_key = key(same, other);
        let may_be = predicates.into_iter().flatten().any(|predicate| {
            let value = eval_event(predicate, other);
            value.is_none() || (value == Some(true) && other_key.is_none())
        });
        if !may_be {
            return Err(Mismatch::Other);
        }
        if other_key.is_some() && other_key != key(same, self.trigger) {
            return Err(Mismatch::Key);
        }
        Ok(())
    }

    /// An event counts at its own time or, if it was late, after it. So one
    /// that counts before the trigger has an earlier time.
    fn other_before(&self) -> Result<(), Mismatch> {
        let (other, leaf) = self.other()?;
        if (other.time, leaf) < (self.trigger.time, self.instance.leaf) {
            Ok(())
        } else {
            Err(Mismatch::Order)
        }
    }

    /// What does or lifts a duty happened after it arose by its own word.
    fn other_not_early(&self) -> Result<(), Mismatch> {
        let (other, _) = self.other()?;
        if other.time >= self.trigger.time {
            Ok(())
        } else {
            Err(Mismatch::Order)
        }
    }

    /// For the same reason, one that counts by the deadline has no later time.
    /// Whether it counts after the trigger only the clock tells if its own
    /// time is earlier.
    fn other_by(&self, deadline: Micros) -> Result<(), Mismatch> {
        let (other, leaf) = self.other()?;
        let is_trigger = leaf == self.instance.leaf;
        if other.time <= deadline && !is_trigger {
            Ok(())
        } else {
            Err(Mismatch::Order)
        }
    }
}

/// The values of the fields, unless one is unknown.
fn key<'a>(same: &[Field], event: &'a Event) -> Option<Vec<Value<'a>>> {
    same.iter()
        .map(|field| {
            let unknown = Value::Text(Place::UNKNOWN.as_str());
            let is_place = field.kind() == avow_event::FieldKind::Place;
            event.get(*field).filter(|v| !(is_place && *v == unknown))
        })
        .collect()
}
