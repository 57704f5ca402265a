//! What the reasons of `only_after` need of the leaves they name.
//! `docs/spec/verdict.md`, "Checking".

use crate::monitor_shown::{Mismatch, Shown};
use crate::monitor_shown_case::{Case, Test, ensure};
use crate::{Pattern, Reason, eval_event};

impl Case<'_> {
    pub(crate) fn before(&self) -> Result<Shown, Mismatch> {
        let Pattern::Before {
            when,
            only_after,
            until,
            condition,
            within,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        self.deadline_is(None)?;
        let opener = Some(Test {
            predicate: only_after,
            condition: condition.as_ref(),
        });
        let closer = until.as_ref().map(Test::of);
        let starts = eval_event(when, self.trigger);
        if self.instance.reason == Reason::LateEnd {
            return self.late_end(&[(until.as_ref(), true)], starts != Some(false));
        }
        if let Some(shown) = self.trigger_alone(starts)? {
            return Ok(shown);
        }
        self.no_each()?;
        let mut rests_on_absence = true;
        match self.instance.reason {
            Reason::Permitted => {
                rests_on_absence = until.is_some();
                self.other_before()?;
                self.other_is(opener, &[])?;
                self.other_is_good(*within)?;
            }
            Reason::Expired => {
                self.other_before()?;
                self.other_is(opener, &[])?;
                let (other, _) = self.other()?;
                let good_to = within.map(|within| other.time.saturating_add(within));
                let is_old = good_to.is_some_and(|good_to| good_to < self.instance.time);
                ensure(is_old, Mismatch::Order)?;
            }
            Reason::PermissionEnded => {
                self.other_before()?;
                self.other_is(closer, &[])?;
            }
            Reason::Gap if self.other.is_some() => {
                self.other_before()?;
                let is_closer = self.other_is(closer, &[]);
                is_closer.or_else(|_| self.other_is(opener, &[]))?;
            }
            Reason::MaybePermitted => {
                self.other_before()?;
                self.other_may_be(&[opener, closer], &[])?;
            }
            Reason::NotPermitted | Reason::Gap | Reason::Waiting => self.no_other()?,
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        }
        self.is_judged(self.is_past(self.instance.time))?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence,
        })
    }

    /// The permission was not too old, or came late enough not to be.
    fn other_is_good(&self, within: Option<i64>) -> Result<(), Mismatch> {
        let (other, _) = self.other()?;
        let time = self.instance.time;
        let is_good = within.is_none_or(|within| {
            other.time.saturating_add(within) >= time
                || other.time.saturating_add(self.delay(other)) < time
        });
        ensure(is_good, Mismatch::Order)
    }
}
