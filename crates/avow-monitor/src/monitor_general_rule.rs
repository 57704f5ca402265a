//! From a rule of the pledge to what its machine is made of.
//! `docs/spec/pledge.md`, "Rules".

use avow_event::{Field, Micros};

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
    let plan = Plan {
        conditions: [None; Part::ALL.len()],
        same: commitment.pattern.same(),
        each: &[],
        condition: None,
        from: commitment.from.get(),
        to: commitment.to.map(Micros::get),
        due: Due::None,
        members: None,
        begins: false,
        ends: Vec::new(),
        machine: GeneralMachine::Duties(Box::new(Duties::new(
            Kind::Within,
            hold,
            gap_unknown(commitment),
        ))),
    };
    match &commitment.pattern {
        Pattern::Never { .. } | Pattern::Always { .. } => None,
        Pattern::Before { .. } => Some(plan.before(commitment, hold)),
        Pattern::Within { .. } => Some(plan.within(commitment, hold)),
        Pattern::Every { .. } => Some(plan.every(commitment, hold)),
        Pattern::AtMost {
            happens,
            at_most,
            within,
            ..
        } => {
            let machine = AtMost::new(hold, *at_most, *within, gap_unknown(commitment));
            let machine = GeneralMachine::AtMost(machine);
            Some(Plan { machine, ..plan }.set(Part::When, Some(happens)))
        }
        Pattern::Lasts {
            when,
            lasts,
            ends,
            condition,
            ..
        } => {
            let duties = Duties::new(Kind::Lasts, hold, gap_unknown(commitment));
            let plan = Plan {
                due: Due::Before(*lasts),
                condition: condition.as_ref(),
                ends: vec![(Part::First, false)],
                machine: GeneralMachine::Duties(Box::new(duties)),
                ..plan
            };
            let plan = plan.set(Part::When, Some(when));
            Some(plan.set(Part::First, Some(ends)))
        }
    }
}

fn gap_unknown(commitment: &Commitment) -> bool {
    commitment.silence == Silence::Unknown
}

impl<'a> Plan<'a> {
    fn set(mut self, part: Part, predicate: Option<&'a Predicate>) -> Self {
        if let Some(place) = self.conditions.get_mut(part as usize) {
            *place = predicate;
        }
        self
    }

    fn before(self, commitment: &'a Commitment, hold: i64) -> Self {
        let Pattern::Before {
            when,
            only_after,
            until,
            condition,
            within,
            ..
        } = &commitment.pattern
        else {
            return self;
        };
        let machine = Permits {
            facts: Facts::new(hold),
            openers: Openers::default(),
            within: *within,
            has_until: until.is_some(),
            gap_unknown: gap_unknown(commitment),
        };
        let plan = Plan {
            condition: condition.as_ref(),
            ends: vec![(Part::Second, true)],
            machine: GeneralMachine::Permits(machine),
            ..self
        };
        plan.set(Part::When, Some(when))
            .set(Part::First, Some(only_after))
            .set(Part::Second, until.as_ref())
    }

    fn within(mut self, commitment: &'a Commitment, hold: i64) -> Self {
        let Pattern::Within {
            when,
            then,
            unless,
            already,
            deadline,
            condition,
            for_each,
            pause,
            ..
        } = &commitment.pattern
        else {
            return self;
        };
        let mut duties = Duties::new(Kind::Within, hold, gap_unknown(commitment));
        duties.already = already.is_some().then(Already::default);
        duties.for_each = for_each.is_some().then(ForEachPast::default);
        duties.holds = pause.is_some().then(Holds::default);
        if let Some(for_each) = for_each {
            self.each = &for_each.each;
            self.ends.push((Part::ForEach, true));
        }
        if pause.is_some() {
            self.ends.push((Part::Resumed, false));
        }
        let plan = Plan {
            condition: condition.as_ref(),
            due: match deadline {
                Deadline::After(duration) => Due::After(*duration),
                Deadline::At(field) => Due::At(*field),
            },
            machine: GeneralMachine::Duties(Box::new(duties)),
            ..self
        };
        let things = for_each.as_ref().map(|for_each| &for_each.predicate);
        let paused = pause.as_ref().map(|pause| &pause.paused_by);
        let resumed = pause.as_ref().map(|pause| &pause.resumed_by);
        plan.set(Part::When, Some(when))
            .set(Part::First, Some(then))
            .set(Part::Second, unless.as_ref())
            .set(Part::Already, already.as_ref())
            .set(Part::ForEach, things)
            .set(Part::Paused, paused)
            .set(Part::Resumed, resumed)
    }

    fn every(self, commitment: &'a Commitment, hold: i64) -> Self {
        let Pattern::Every {
            happens,
            every,
            register,
            ..
        } = &commitment.pattern
        else {
            return self;
        };
        let mut duties = Duties::new(Kind::Every, hold, gap_unknown(commitment));
        let mut plan = Plan {
            due: Due::After(*every),
            ..self
        };
        plan = plan.set(Part::First, Some(happens));
        match register {
            Register::One => plan.begins = true,
            Register::Members(texts) => {
                plan.begins = true;
                plan.members = Some(texts);
            }
            Register::Entries { when, until } => {
                plan.ends = vec![(Part::Second, true), (Part::When, true)];
                plan = plan
                    .set(Part::When, Some(when))
                    .set(Part::Second, until.as_ref());
                let first = every.after(commitment.from);
                let begins = commitment.to.is_none_or(|to| first < to);
                let first = begins.then_some(first.get());
                let from = commitment.from.get();
                duties.register = Some(machine_register::Register::new(from, first));
            }
        }
        plan.machine = GeneralMachine::Duties(Box::new(duties));
        plan
    }
}
