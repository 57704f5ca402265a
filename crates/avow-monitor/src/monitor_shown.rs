//! Checks a shown instance against the few leaves that it names.
//!
//! What follows from those leaves alone is derived again, by the plain reading
//! of the predicates. What rests on the other leaves, the clock and the
//! absence of contrary evidence, is named: only the whole log can show it.
//! `docs/spec/verdict.md`, "Checking". What each reason needs is in
//! `monitor_shown_before`, `monitor_shown_duty` and `monitor_shown_at_most`.

use std::fmt;

use avow_event::{Action, Event, Micros};

use crate::coverage::{hold, in_scope};
use crate::monitor_shown_case::{Case, Key};
use crate::{Commitment, Instance, Pattern, Pledge, Reason, Register};

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
    /// The trigger is from before the promise.
    BeforePledge,
    /// The trigger is from after the promise.
    AfterPledge,
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
            Self::BeforePledge => f.write_str("the trigger is from before the promise"),
            Self::AfterPledge => f.write_str("the trigger is from after the promise"),
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
    let get = |leaf: u64| lookup(leaf).ok_or(Mismatch::NoLeaf(leaf));
    let evidence = |leaf: u64| {
        let event = get(leaf)?;
        let is_evidence = !matches!(event.action, Action::Heartbeat | Action::Gap);
        if is_evidence && in_scope(&commitment.sources, &event.source) {
            Ok(event)
        } else {
            Err(Mismatch::OutOfScope(leaf))
        }
    };
    let begins = begins(commitment, instance);
    let trigger = match begins {
        // Any leaf can take the clock to the beginning.
        Some(_) => get(instance.leaf)?,
        None => evidence(instance.leaf)?,
    };
    let other = instance.other.map(evidence).transpose()?;
    let each = each_leaf(commitment, instance)?.map(evidence).transpose()?;
    let case = Case {
        pledge,
        commitment,
        as_of,
        instance,
        trigger: &trigger,
        other: other.as_ref(),
        each: each.as_ref(),
        hold: hold(&commitment.sources, &pledge.sources),
        key: begins.unwrap_or(Key::OfTrigger),
    };
    case.check_times()?;
    match &commitment.pattern {
        Pattern::Never { when, never } => case.plain(when.as_ref(), never, false),
        Pattern::Always { when, always } => case.plain(when.as_ref(), always, true),
        Pattern::Before { .. } => case.before(),
        Pattern::Within { .. } => case.within(),
        Pattern::Every { .. } => case.every(),
        Pattern::AtMost { .. } => case.at_most(),
        Pattern::Lasts { .. } => case.lasts(),
    }
}

/// The leaves that an instance names, and that show it as far as leaves can.
pub fn named_leaves(commitment: &Commitment, instance: &Instance) -> Vec<u64> {
    let each = each_leaf(commitment, instance).ok().flatten();
    let named = [Some(instance.leaf), instance.other, each];
    named.into_iter().flatten().collect()
}

/// Whose duty it is, of one that begins with the promise.
fn begins<'a>(commitment: &'a Commitment, instance: &Instance) -> Option<Key<'a>> {
    let number = instance.each?;
    match &commitment.pattern {
        Pattern::Every {
            register: Register::One,
            ..
        } => (number == 0).then_some(Key::None),
        Pattern::Every {
            register: Register::Members(members),
            ..
        } => {
            let member = members.get(usize::try_from(number).ok()?)?;
            Some(Key::Member(member))
        }
        _ => None,
    }
}

/// The leaf that tells apart the duties of one trigger.
fn each_leaf(commitment: &Commitment, instance: &Instance) -> Result<Option<u64>, Mismatch> {
    let for_each = matches!(
        commitment.pattern,
        Pattern::Within {
            for_each: Some(_),
            ..
        }
    );
    match instance.each {
        Some(leaf) if for_each => Ok(Some(leaf)),
        Some(_) if begins(commitment, instance).is_none() => Err(Mismatch::Each),
        _ => Ok(None),
    }
}

/// Whether the instance is of a key that was on the register when the promise
/// began: its trigger is the beginning, and the leaf that of its entry.
pub(crate) fn is_of_register(case: &Case<'_>) -> bool {
    let on_log = matches!(
        case.commitment.pattern,
        Pattern::Every {
            register: Register::Entries { .. },
            ..
        }
    );
    on_log
        && case.instance.reason != Reason::LateEnd
        && case.instance.time == case.commitment.from
        && case.trigger.time < case.commitment.from
}
