//! An event as the general machines see it, and the events that wait for
//! their turn. `docs/spec/pledge.md`, "Semantics", section 2.
//!
//! The rules of a fixed length have rows of their own, in `machine`.

use std::collections::BTreeMap;

/// Where an event stands in the order of evidence: when it counts, its leaf.
pub(crate) type Position = (i64, u64);

/// The conditions of a rule, as far as it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `when`; in a rule that counts, `happens`.
    When,
    /// `only_after`, `then`, `happens` of `every`, `ends`.
    First,
    /// `until`, `unless`.
    Second,
    /// `already`.
    Already,
    /// `for_each`.
    ForEach,
    /// `paused_by`.
    Paused,
    /// `resumed_by`.
    Resumed,
}

impl Part {
    pub(crate) const ALL: [Self; 7] = [
        Self::When,
        Self::First,
        Self::Second,
        Self::Already,
        Self::ForEach,
        Self::Paused,
        Self::Resumed,
    ];
}

/// The values of a rule's conditions, two bits each: true, unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Values(pub(crate) u16);

impl Values {
    pub(crate) fn set(&mut self, part: Part, value: Option<bool>) {
        let bits = match value {
            Some(false) => 0,
            Some(true) => 1,
            None => 2,
        };
        let at = part as u16 * 2;
        self.0 = self.0 & !(3 << at) | bits << at;
    }

    pub(crate) fn get(self, part: Part) -> Option<bool> {
        match self.0 >> (part as u16 * 2) & 3 {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// True or unknown.
    pub(crate) fn may_be(self, part: Part) -> bool {
        self.get(part) != Some(false)
    }

    pub(crate) fn is_true(self, part: Part) -> bool {
        self.get(part) == Some(true)
    }
}

/// Whether an event is a trigger, when its own conditions, key and lateness
/// leave it to the evidence what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    No,
    Yes,
    /// Only if its key is on the register.
    IfRegistered,
}

/// An event that matters to a general machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) eff: i64,
    pub(crate) leaf: u64,
    /// When it says that it happened: `eff`, or earlier if it is late.
    pub(crate) time: i64,
    pub(crate) late: bool,
    /// The values of `same`; `None` if one is unknown.
    pub(crate) key: Option<u64>,
    /// The values of `same` and `each`; `None` if one is unknown.
    pub(crate) full: Option<u64>,
    /// What `where` reads of it as the trigger, and as the other event.
    pub(crate) this: u32,
    pub(crate) that: u32,
    pub(crate) values: Values,
    pub(crate) trigger: Trigger,
    /// As a trigger: the last instant of its duty, before any pause.
    pub(crate) base: i64,
}

impl Fact {
    pub(crate) fn position(&self) -> Position {
        (self.eff, self.leaf)
    }
}

/// Events until no earlier one can come: when the clock is `hold` past them.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) hold: i64,
    pub(crate) waiting: BTreeMap<Position, Fact>,
}

impl Facts {
    pub(crate) fn new(hold: i64) -> Self {
        Self {
            hold,
            waiting: BTreeMap::new(),
        }
    }

    pub(crate) fn push(&mut self, fact: Fact) {
        self.waiting.insert(fact.position(), fact);
    }

    /// The next in order, if the clock at `now` is `hold` past it.
    pub(crate) fn pop(&mut self, now: i64) -> Option<Fact> {
        let first = self.waiting.first_entry()?;
        (first.key().0.saturating_add(self.hold) <= now).then(|| first.remove())
    }

    /// Those that have happened by `now` and wait, in order.
    pub(crate) fn happened(&self, now: i64) -> impl Iterator<Item = &Fact> {
        self.waiting.range(..=(now, u64::MAX)).map(|(_, fact)| fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_conditions_do_not_touch_each_other() {
        for part in Part::ALL {
            for value in [Some(true), None, Some(false)] {
                let mut values = Values::default();
                for other in Part::ALL {
                    values.set(other, None);
                }
                values.set(part, value);
                assert_eq!(values.get(part), value);
                let others = Part::ALL.into_iter().filter(|other| *other != part);
                assert!(others.map(|other| values.get(other)).all(|v| v.is_none()));
            }
        }
    }
}
