//! What the reasons of duties need of the leaves they name: `then`, `every`
//! and `lasts`. `docs/spec/verdict.md`, "Checking".

use avow_event::{Field, Micros, Value};

use crate::monitor_shown::{Mismatch, Shown, is_of_register};
use crate::monitor_shown_case::{Case, Fit, Key, Test, ensure};
use crate::{Deadline, ForEach, Pattern, Pause, Predicate, Reason, Register, eval_event};

/// What a duty is, whichever rule makes it.
struct Duty<'a> {
    first: Test<'a>,
    second: Option<Test<'a>>,
    already: Option<&'a Predicate>,
    for_each: Option<&'a ForEach>,
    pause: Option<&'a Pause>,
    base: Micros,
}

impl Duty<'_> {
    fn each(&self) -> &[Field] {
        self.for_each.map_or(&[], |for_each| &for_each.each)
    }
}

impl Case<'_> {
    pub(crate) fn within(&self) -> Result<Shown, Mismatch> {
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
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        let base = match deadline {
            Deadline::After(within) => Some(within.after(self.trigger.time)),
            Deadline::At(field) => match self.trigger.get(*field) {
                Some(Value::Time(time)) => Some(time),
                _ => None,
            },
        };
        let starts = eval_event(when, self.trigger);
        if self.instance.reason == Reason::LateEnd {
            let things = for_each.as_ref().map(|for_each| &for_each.predicate);
            let resumed = pause.as_ref().map(|pause| &pause.resumed_by);
            return self.late_end(&[(things, true), (resumed, false)], starts != Some(false));
        }
        if let Some(shown) = self.trigger_alone(starts)? {
            let has_deadline = self.instance.reason != Reason::NoDeadline;
            self.deadline_is(base.filter(|_| has_deadline))?;
            ensure(has_deadline || base.is_none(), Mismatch::Trigger)?;
            return Ok(shown);
        }
        let duty = Duty {
            first: Test {
                predicate: then,
                condition: condition.as_ref(),
            },
            second: unless.as_ref().map(Test::of),
            already: already.as_ref(),
            for_each: for_each.as_ref(),
            pause: pause.as_ref(),
            base: base.ok_or(Mismatch::Trigger)?,
        };
        self.duty(&duty)
    }

    pub(crate) fn every(&self) -> Result<Shown, Mismatch> {
        let Pattern::Every {
            happens,
            every,
            register,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        let (when, until) = match register {
            Register::Entries { when, until } => (Some(when), until.as_ref()),
            Register::One | Register::Members(_) => (None, None),
        };
        let base = every.after(self.instance.time);
        let in_force = self.commitment.to.is_none_or(|to| base < to);
        let enters = when.map_or(Some(false), |when| eval_event(when, self.trigger));
        let happened = eval_event(happens, self.trigger);
        let starts = if enters == Some(false) {
            happened
        } else {
            enters
        };
        if self.instance.reason == Reason::LateEnd {
            let is_trigger = in_force && starts != Some(false);
            return self.late_end(&[(until, true), (when, true)], is_trigger);
        }
        ensure(in_force, Mismatch::AfterPledge)?;
        let duty = Duty {
            first: Test::of(happens),
            second: until.map(Test::of),
            already: None,
            for_each: None,
            pause: None,
            base,
        };
        if !matches!(self.key, Key::OfTrigger) {
            return self.duty(&duty);
        }
        if is_of_register(self) {
            return self.of_register(&duty, enters);
        }
        if let Register::Members(members) = register {
            let same = self.commitment.pattern.same();
            let text = same.first().and_then(|field| self.trigger.get(*field));
            let is_member = |text| members.iter().any(|member| Value::Text(member) == text);
            let fits = self.fit(self.trigger, &[]) == Fit::Unknown || text.is_some_and(is_member);
            ensure(fits, Mismatch::Trigger)?;
        }
        // Whether its key is on the register only the log tells.
        let by_register = when.is_some() && enters == Some(false);
        if by_register && happened == Some(true) && self.instance.reason == Reason::Undetermined {
            return self.in_doubt(base);
        }
        if let Some(shown) = self.trigger_alone(starts)? {
            self.deadline_is(Some(base))?;
            return Ok(shown);
        }
        self.no_each()?;
        if by_register {
            ensure(self.is_past(self.instance.time), Mismatch::Clock)?;
        }
        self.duty(&duty)
    }

    pub(crate) fn lasts(&self) -> Result<Shown, Mismatch> {
        let Pattern::Lasts {
            when,
            lasts,
            ends,
            condition,
            ..
        } = &self.commitment.pattern
        else {
            return Err(Mismatch::Trigger);
        };
        let starts = eval_event(when, self.trigger);
        if self.instance.reason == Reason::LateEnd {
            return self.late_end(&[(Some(ends), false)], starts != Some(false));
        }
        let end = lasts.after(self.trigger.time);
        let last = end.saturating_add(-1);
        let test = Test {
            predicate: ends,
            condition: condition.as_ref(),
        };
        if let Some(shown) = self.trigger_alone(starts)? {
            self.deadline_is(Some(end))?;
            return Ok(shown);
        }
        self.no_each()?;
        let mut rests_on_absence = true;
        match self.instance.reason {
            Reason::Ended => {
                self.other_by(last)?;
                self.other_not_early()?;
                self.other_is(Some(test), &[])?;
                self.ended(last)?;
                rests_on_absence = false;
            }
            Reason::MaybeEnded => {
                self.deadline_is(Some(end))?;
                self.other_by(last)?;
                let is_sure = self.other_is(Some(test), &[]).is_ok();
                if !(is_sure && self.other_not_early().is_err()) {
                    self.other_may_be(&[Some(test)], &[])?;
                }
            }
            Reason::Lasted | Reason::Gap | Reason::Waiting => {
                self.deadline_is(Some(end))?;
                self.no_other()?;
            }
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        }
        if self.instance.reason != Reason::Ended {
            self.is_judged(self.is_past(end))?;
        }
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence,
        })
    }

    /// When it ended is the other leaf's time or, if that was late, later.
    fn ended(&self, last: Micros) -> Result<(), Mismatch> {
        let (other, _) = self.other()?;
        let at = self.instance.deadline.ok_or(Mismatch::Deadline)?;
        let is_late = at.get().saturating_sub(other.time.get()) > self.delay(other);
        let fits =
            at <= last && at <= self.as_of && (at == other.time || (at > other.time && is_late));
        ensure(fits, Mismatch::Deadline)
    }

    /// Of a key that was on the register when the promise began.
    fn of_register(&self, duty: &Duty<'_>, enters: Option<bool>) -> Result<Shown, Mismatch> {
        self.no_each()?;
        ensure(self.is_past(self.instance.time), Mismatch::Clock)?;
        let has_key = self.fit(self.trigger, &[]) == Fit::Same;
        let fits = match self.instance.reason {
            Reason::NoKey => enters != Some(false) && !has_key,
            Reason::Undetermined => enters != Some(false) && has_key,
            _ => enters == Some(true) && has_key,
        };
        ensure(fits, Mismatch::Trigger)?;
        match self.instance.reason {
            Reason::NoKey | Reason::Undetermined => self.in_doubt(duty.base),
            _ => self.duty(duty),
        }
    }

    /// Unknown by other leaves that it does not name.
    fn in_doubt(&self, base: Micros) -> Result<Shown, Mismatch> {
        self.no_other()?;
        self.no_each()?;
        self.deadline_is(Some(base))?;
        ensure(self.is_past(self.instance.time), Mismatch::Clock)?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence: true,
        })
    }

    /// What becomes of a duty that the evidence decides.
    fn duty(&self, duty: &Duty<'_>) -> Result<Shown, Mismatch> {
        let reason = self.instance.reason;
        let is_open = matches!(
            reason,
            Reason::Waiting | Reason::Already | Reason::MaybeEach
        );
        let deadline = self.instance.deadline.ok_or(Mismatch::Deadline)?;
        // A hold moves it by as long as it lasted, which no leaf shows.
        let may_move = duty.pause.is_some() && !is_open && duty.base >= self.instance.time;
        let is_deadline = deadline == duty.base || (may_move && deadline > duty.base);
        ensure(is_deadline, Mismatch::Deadline)?;
        self.things(duty)?;
        match reason {
            Reason::Done | Reason::Lifted => {
                self.other_by(deadline)?;
                self.other_not_early()?;
                let test = if reason == Reason::Done {
                    Some(duty.first)
                } else {
                    duty.second
                };
                self.other_is(test, duty.each())?;
            }
            Reason::Already => {
                self.other_before()?;
                self.other_is(duty.already.map(Test::of), &[])?;
            }
            Reason::MaybeDone => self.maybe_done(duty, deadline)?,
            Reason::MaybeEach => self.maybe_each(duty)?,
            Reason::MaybeHeld => self.maybe_held(duty)?,
            Reason::NotDone | Reason::Gap | Reason::Waiting => self.no_other()?,
            reason => return Err(Mismatch::ReasonOfOtherPattern(reason)),
        }
        self.duty_is_judged(duty, deadline)?;
        let rests_on_absence = match reason {
            Reason::Already => false,
            Reason::Done | Reason::Lifted => duty.pause.is_some() || duty.already.is_some(),
            _ => true,
        };
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence,
        })
    }

    /// The thing that the duty is for came before it, and is one.
    fn things(&self, duty: &Duty<'_>) -> Result<(), Mismatch> {
        let reason = self.instance.reason;
        let (Some(for_each), Some(each), Some(leaf)) =
            (duty.for_each, self.each, self.instance.each)
        else {
            let of_trigger = matches!(reason, Reason::MaybeEach | Reason::Gap | Reason::Waiting);
            return ensure(duty.for_each.is_none() || of_trigger, Mismatch::Each);
        };
        let is_thing = eval_event(&for_each.predicate, each) == Some(true)
            && self.fit(each, &for_each.each) == Fit::Same
            && (each.time, leaf) < (self.instance.time, self.instance.leaf)
            && reason != Reason::MaybeEach;
        ensure(is_thing, Mismatch::Each)
    }

    fn maybe_done(&self, duty: &Duty<'_>, deadline: Micros) -> Result<(), Mismatch> {
        let (first, second) = (Some(duty.first), duty.second);
        let in_window = self.other_by(deadline).and_then(|()| {
            // What is sure by itself may tell of a time before the duty.
            let is_sure = |test| self.other_is(test, duty.each()).is_ok();
            let is_early = (is_sure(first) || is_sure(second)) && self.other_not_early().is_err();
            if is_early {
                return Ok(());
            }
            self.other_may_be(&[first, second], duty.each())
        });
        in_window.or_else(|mismatch| {
            let already = duty.already.map(Test::of).ok_or(mismatch)?;
            self.other_before()?;
            self.other_may_be(&[Some(already)], &[])
        })
    }

    fn maybe_each(&self, duty: &Duty<'_>) -> Result<(), Mismatch> {
        let reason = Mismatch::ReasonOfOtherPattern(Reason::MaybeEach);
        let for_each = duty.for_each.ok_or(reason)?;
        self.other_before()?;
        let (other, _) = self.other()?;
        let value = eval_event(&for_each.predicate, other);
        ensure(value != Some(false), Mismatch::Other)?;
        match self.fit(other, &[]) {
            Fit::Other => Err(Mismatch::Key),
            Fit::Unknown => Ok(()),
            Fit::Same => {
                let thing = crate::monitor_shown_case::values(&for_each.each, other);
                ensure(value.is_none() || thing.is_none(), Mismatch::Other)
            }
        }
    }

    fn maybe_held(&self, duty: &Duty<'_>) -> Result<(), Mismatch> {
        let reason = Mismatch::ReasonOfOtherPattern(Reason::MaybeHeld);
        let pause = duty.pause.ok_or(reason)?;
        let (other, _) = self.other()?;
        let paused = eval_event(&pause.paused_by, other);
        let resumed = eval_event(&pause.resumed_by, other);
        let may_be = match self.fit(other, &[]) {
            Fit::Other => return Err(Mismatch::Key),
            Fit::Unknown => paused != Some(false) || resumed != Some(false),
            Fit::Same => {
                let is_late = resumed == Some(true) && self.is_late(other).is_ok();
                paused.is_none() || resumed.is_none() || is_late
            }
        };
        ensure(may_be, Mismatch::Other)
    }

    fn duty_is_judged(&self, duty: &Duty<'_>, deadline: Micros) -> Result<(), Mismatch> {
        let reason = self.instance.reason;
        let arose = self.is_past(self.instance.time);
        // Judged on what came before it.
        let looks_back =
            duty.already.is_some() || self.instance.each.is_some() && self.each.is_some();
        let of_trigger = duty.for_each.is_some() && self.each.is_none();
        if of_trigger {
            return self.is_judged(arose);
        }
        // An answer during a hold may be what was judged, before its deadline.
        let by_answer = matches!(reason, Reason::Gap | Reason::MaybeHeld);
        let last = if duty.pause.is_some() && by_answer {
            duty.base
        } else {
            deadline
        };
        let ended = arose && self.is_past(last.saturating_add(1));
        match reason {
            Reason::Waiting => ensure(!ended || duty.pause.is_some(), Mismatch::Clock),
            Reason::Done | Reason::Lifted => {
                let (other, _) = self.other()?;
                let rests_on_hold = deadline > duty.base;
                let is_known = !rests_on_hold || self.is_past(other.time);
                ensure((arose || !looks_back) && is_known, Mismatch::Clock)
            }
            Reason::Already => ensure(arose, Mismatch::Clock),
            _ => ensure(ended, Mismatch::Clock),
        }
    }
}
