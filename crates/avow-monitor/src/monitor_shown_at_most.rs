//! What the reasons of `at_most` need of the leaves they name.
//! `docs/spec/verdict.md`, "Checking".

use crate::monitor_shown::{Mismatch, Shown};
use crate::monitor_shown_case::{Case, Fit, Test, ensure};
use crate::{Pattern, Reason, eval_event};

impl Case<'_> {
    pub(crate) fn at_most(&self) -> Result<Shown, Mismatch> {
        let Pattern::AtMost {
            happens,
            at_most,
            within,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        self.deadline_is(None)?;
        if let Some(shown) = self.trigger_alone(eval_event(happens, self.trigger))? {
            return Ok(shown);
        }
        self.no_each()?;
        let (time, leaf) = (self.instance.time, self.instance.leaf);
        let happened = Test::of(happens);
        match self.instance.reason {
            Reason::TooMany => {
                let (other, other_leaf) = self.other()?;
                self.other_is(Some(happened), &[])?;
                let counts = other.time.saturating_add(*within) > time;
                let is_before = (other.time, other_leaf) < (time, leaf);
                // Of none allowed, the trigger itself is the first too many.
                let is_first = is_before == (*at_most > 0) && (is_before || other_leaf == leaf);
                ensure(counts && is_first, Mismatch::Order)?;
            }
            Reason::MaybeTooMany => {
                self.other_before()?;
                let (other, _) = self.other()?;
                let may_be_late = other.time.saturating_add(self.delay(other)) < time;
                let counts = other.time.saturating_add(*within) > time || may_be_late;
                ensure(counts, Mismatch::Order)?;
                let is_sure =
                    self.value(happened, other) == Some(true) && self.fit(other, &[]) == Fit::Same;
                if is_sure {
                    ensure(may_be_late, Mismatch::Other)?;
                } else {
                    self.other_may_be(&[Some(happened)], &[])?;
                }
            }
            Reason::WithinLimit | Reason::Gap | Reason::Waiting => self.no_other()?,
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        }
        let can_be =
            *at_most > 0 || matches!(self.instance.reason, Reason::TooMany | Reason::Waiting);
        ensure(can_be, Mismatch::Trigger)?;
        self.is_judged(self.is_past(time))?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence: self.instance.reason != Reason::TooMany,
        })
    }
}
