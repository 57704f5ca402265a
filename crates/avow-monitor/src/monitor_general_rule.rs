//! From a rule of the pledge to what its machine is made of.
//! `docs/spec/pledge.md`, "Rules".

use avow_event::Field;

use crate::machine_at_most::AtMost;
use crate::machine_duties::{Duties, Kind};
use crate::machine_fact::{Facts, Part};
use crate::machine_hold::Holds;
use crate::machine_openers::Openers;
use crate::machine_past::{Already, ForEachPast};
use crate::machine_permits::Permits;
use crate::machine_register;
use crate::monitor_general::GeneralMachine;
use crate::{Commitment, Deadline, Duration, PairCondition, Pattern, Predicate, Register, Silence};

/// When the duty of a trigger ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due {
    None,
    /// So long after it.
    After(Duration),
    /// A moment before so long after it.
    Before(Duration),
    /// At the instant in this field of it.
    At(Field),
}

impl Due {
    /// How much later the deadline is that is shown.
    pub(crate) fn shown_after(self) -> i64 {
        i64::from(matches!(self, Self::Before(_)))
    }
}

/// What a rule comes to.
pub(crate) struct Plan<'a> {
    pub(crate) conditions: [Option<&'a Predicate>; Part::ALL.len()],
    pub(crate) same: &'a [Field],
    pub(crate) each: &'a [Field],
    pub(crate) condition: Option<&'a PairCondition>,
    pub(crate) from: i64,
    pub(crate) to: Option<i64>,
    pub(crate) due: Due,
    pub(crate) members: Option<&'a [String]>,
    pub(crate) begins: bool,
    pub(crate) ends: Vec<(Part, bool)>,
    pub(crate) machine: GeneralMachine,
}

/// Gives a rule its machine; `None` for those that see no other event.
pub(crate) fn plan(commitment: &Commitment, hold: i64) -> Option<Plan<'_>> {
    let gap_unknown = commitment.silence == Silence::Unknown;
    let duties = |kind| Duties::new(kind, hold, gap_unknown);
    let mut conditions = [None; Part::ALL.len()];
    let mut set = |part: Part, predicate| {
        if let Some(place) = conditions.get_mut(part as usize) {
            *place = predicate;
        }
    };
    let mut ends = Vec::new();
    let mut each: &[Field] = &[];
    let mut members = None;
    let mut begins = false;
    let (due, pair, machine) = match &commitment.pattern {
        Pattern::Never { .. } | Pattern::Always { .. } => return None,
        Pattern::Before {
            when,
            only_after,
            until,
            condition,
            within,
            ..
        } => {
            set(Part::When, Some(when));
            set(Part::First, Some(only_after));
            set(Part::Second, until.as_ref());
            ends.push((Part::Second, true));
            let machine = Permits {
                facts: Facts::new(hold),
                openers: Openers::default(),
                within: *within,
                has_until: until.is_some(),
                gap_unknown,
            };
            (Due::None, condition, GeneralMachine::Permits(machine))
        }
        Pattern::Within {
            when,
            then,
            unless,
            already,
            deadline,
            condition,
            for_each,
            pause,
            ..
        } => {
            let mut machine = duties(Kind::Within);
            set(Part::When, Some(when));
            set(Part::First, Some(then));
            set(Part::Second, unless.as_ref());
            set(Part::Already, already.as_ref());
            machine.already = already.is_some().then(Already::default);
            if let Some(for_each) = for_each {
                set(Part::ForEach, Some(&for_each.predicate));
                each = &for_each.each;
                machine.for_each = Some(ForEachPast::default());
                ends.push((Part::ForEach, true));
            }
            if let Some(pause) = pause {
                set(Part::Paused, Some(&pause.paused_by));
                set(Part::Resumed, Some(&pause.resumed_by));
                machine.holds = Some(Holds::default());
                ends.push((Part::Resumed, false));
            }
            let due = match deadline {
                Deadline::After(duration) => Due::After(*duration),
                Deadline::At(field) => Due::At(*field),
            };
            (due, condition, GeneralMachine::Duties(machine))
        }
        Pattern::Every {
            happens,
            every,
            register,
            ..
        } => {
            let mut machine = duties(Kind::Every);
            set(Part::First, Some(happens));
            match register {
                Register::One => begins = true,
                Register::Members(texts) => {
                    begins = true;
                    members = Some(texts.as_slice());
                }
                Register::Entries { when, until } => {
                    set(Part::When, Some(when));
                    set(Part::Second, until.as_ref());
                    ends.extend([(Part::Second, true), (Part::When, true)]);
                    let first = every.after(commitment.from);
                    let begins = commitment.to.is_none_or(|to| first < to);
                    let first = begins.then_some(first.get());
                    let from = commitment.from.get();
                    machine.register = Some(machine_register::Register::new(from, first));
                }
            }
            (Due::After(*every), &None, GeneralMachine::Duties(machine))
        }
        Pattern::AtMost {
            happens,
            at_most,
            within,
            ..
        } => {
            set(Part::When, Some(happens));
            let machine = AtMost::new(hold, *at_most, *within, gap_unknown);
            (Due::None, &None, GeneralMachine::AtMost(machine))
        }
        Pattern::Lasts {
            when,
            lasts,
            ends: end,
            condition,
            ..
        } => {
            set(Part::When, Some(when));
            set(Part::First, Some(end));
            ends.push((Part::First, false));
            let machine = duties(Kind::Lasts);
            (
                Due::Before(*lasts),
                condition,
                GeneralMachine::Duties(machine),
            )
        }
    };
    Some(Plan {
        conditions,
        same: commitment.pattern.same(),
        each,
        condition: pair.as_ref(),
        from: commitment.from.get(),
        to: commitment.to.map(avow_event::Micros::get),
        due,
        members,
        begins,
        ends,
        machine,
    })
}
