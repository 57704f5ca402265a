//! Which machine judges a rule: the fast ones where a fixed length and equal
//! keys are all there is, and else a general one. `docs/spec/pledge.md`,
//! "Rules".

use crate::columns::Dictionary;
use crate::machine::Reorder;
use crate::machine_before::Before;
use crate::machine_key::Keys;
use crate::machine_within::Within;
use crate::monitor_condition::Condition;
use crate::monitor_general::General;
use crate::monitor_general_rule::plan;
use crate::{Commitment, Deadline, Duration, Pattern, Predicate, Silence};

#[derive(Debug, Clone)]
pub(crate) enum Machine {
    /// never and always. `fails` is the condition that no instance may meet.
    Plain { fails: Condition, ahead: Reorder },
    /// before: `first` gives permission, `second` ends it.
    Before {
        first: Condition,
        second: Option<Condition>,
        keys: Keys,
        machine: Before,
    },
    /// within: `first` does the duty, `second` lifts it.
    Within {
        first: Condition,
        second: Option<Condition>,
        keys: Keys,
        machine: Within,
    },
    /// The rules of the full language.
    General(Box<General>),
}

impl Machine {
    /// The machine of a rule, and its `when` where it is evaluated outside.
    pub(crate) fn new(
        commitment: &Commitment,
        hold: i64,
        dictionary: &mut Dictionary,
    ) -> (Option<Condition>, Self) {
        let gap_unknown = commitment.silence == Silence::Unknown;
        let mut condition = |predicate: &Predicate| Condition::new(predicate, dictionary);
        match &commitment.pattern {
            Pattern::Never { when, never } => (
                when.as_ref().map(&mut condition),
                Self::Plain {
                    fails: condition(never),
                    ahead: Reorder::new(0),
                },
            ),
            Pattern::Always { when, always } => (
                when.as_ref().map(&mut condition),
                Self::Plain {
                    fails: condition(&Predicate::Not(Box::new(always.clone()))),
                    ahead: Reorder::new(0),
                },
            ),
            Pattern::Before {
                when,
                only_after,
                until,
                same,
                condition: None,
                within: None,
            } => (
                Some(condition(when)),
                Self::Before {
                    first: condition(only_after),
                    second: until.as_ref().map(&mut condition),
                    keys: Keys::new(same),
                    machine: Before::new(hold, until.is_some(), gap_unknown),
                },
            ),
            Pattern::Within {
                when,
                then,
                unless,
                already: None,
                deadline:
                    Deadline::After(Duration {
                        months: 0,
                        micros: within,
                    }),
                same,
                condition: None,
                for_each: None,
                pause: None,
            } => (
                Some(condition(when)),
                Self::Within {
                    first: condition(then),
                    second: unless.as_ref().map(&mut condition),
                    keys: Keys::new(same),
                    machine: Within::new(hold, *within, gap_unknown),
                },
            ),
            _ => (None, Self::general(commitment, hold, dictionary)),
        }
    }

    #[expect(clippy::expect_used, reason = "the caller has matched these two")]
    fn general(commitment: &Commitment, hold: i64, dictionary: &mut Dictionary) -> Self {
        let plan = plan(commitment, hold).expect("neither `never` nor `always`");
        Self::General(Box::new(General::new(plan, dictionary)))
    }
}
