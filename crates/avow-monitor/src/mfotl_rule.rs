//! What a breach of each rule is in MFOTL; `docs/spec/pledge.md`, "Semantics",
//! section 3. Names, keys and predicates are left to `mfotl`.

use avow_event::{Field, Micros};

use crate::mfotl::{Other, Refusal, Writer, micros};
use crate::mfotl_formula::{Formula, atom, constant, value};
use crate::mfotl_pair::{Asked, Clause, clauses};
use crate::mfotl_predicate::{comparison, exclude_each_other, is_false, is_true, plus};
use crate::{Comparison, Deadline, ForEach, PairCondition, Pattern, Predicate, Register};

impl Writer<'_> {
    /// Section 3.3. A breach: nothing that permits or may has come since the
    /// last end of permission.
    pub(crate) fn before(
        &mut self,
        when: &Predicate,
        opens: &Other<'_>,
        until: Option<&Predicate>,
        within: Option<i64>,
    ) -> Result<Formula, Refusal> {
        let trigger = self.trigger(when);
        let (permits, permits_somebody) = self.possible(opens);
        let ended = until.map_or(Formula::False, |until| self.sure("forbids", until, &[]));
        let clauses = clauses(opens.condition, Asked::Possible)?;
        let permitted = clauses
            .iter()
            .map(|clause| since(clause, &permits, &ended, within));
        let mut parts = vec![trigger.clone()];
        parts.extend(permitted.map(Formula::not));
        let doubts = clauses
            .iter()
            .map(|clause| since(clause, &permits_somebody, &Formula::False, within));
        // The doubts are about no key, so that they stand alone.
        let doubts: Vec<Formula> = doubts.filter(|doubt| *doubt != Formula::False).collect();
        if doubts.is_empty() {
            return Ok(Formula::all(parts));
        }
        if ended == Formula::False {
            parts.extend(doubts.into_iter().map(Formula::not));
            return Ok(Formula::all(parts));
        }
        for clause in &clauses {
            parts.push(doubted(clause, &permits_somebody, &ended, &trigger, within).not());
        }
        Ok(Formula::all(parts))
    }

    /// Section 3.4. A breach: nothing that does it or lifts it, or may, came in
    /// the window, and nothing before left nothing to do.
    pub(crate) fn within(&mut self) -> Result<Formula, Refusal> {
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
            return Ok(Formula::False);
        };
        if pause.is_some() {
            return Err(Refusal::Pause);
        }
        let Deadline::After(after) = deadline else {
            return Err(Refusal::Deadline);
        };
        let interval = format!("[0,{}]", micros(*after)?);
        let each = for_each.as_ref().map_or(&[][..], |each| &each.each);
        let mut parts = vec![self.trigger(when)];
        parts.extend(for_each.as_ref().map(|each| self.one_each(each)));
        if let Some(already) = already {
            let already = Other {
                name: "was_done",
                predicate: already,
                condition: None,
                each: &[],
            };
            let (by_key, by_anybody) = self.possible(&already);
            let was = |event| Formula::temporal("ONCE", event).before().not();
            parts.extend([was(by_key), was(by_anybody)]);
        }
        let does = Other {
            name: "does",
            predicate: then,
            condition: condition.as_ref(),
            each,
        };
        parts.extend(self.not_in_window(&does, when, &interval)?);
        if let Some(unless) = unless {
            let lifts = Other {
                name: "lifts",
                predicate: unless,
                condition: None,
                each,
            };
            parts.extend(self.not_in_window(&lifts, when, &interval)?);
        }
        Ok(Formula::all(parts))
    }

    /// The things for each of which there is a duty.
    fn one_each(&mut self, for_each: &ForEach) -> Formula {
        let before = self.sure("concerns", &for_each.predicate, &for_each.each);
        Formula::temporal("ONCE", before).before()
    }

    /// That no other event of the kind comes in the window, nor one that may.
    fn not_in_window(
        &mut self,
        other: &Other<'_>,
        when: &Predicate,
        interval: &str,
    ) -> Result<Vec<Formula>, Refusal> {
        let apart = exclude_each_other(when, other.predicate);
        let clauses = clauses(other.condition, Asked::Possible)?;
        let (by_key, by_anybody) = self.possible(other);
        let mut parts = Vec::new();
        for event in [by_key, by_anybody] {
            for clause in &clauses {
                parts.push(in_window(clause, event.clone(), interval, apart).not());
            }
        }
        Ok(parts)
    }

    /// Section 3.5, as 3.4 with its triggers.
    pub(crate) fn every(
        &mut self,
        happens: &Predicate,
        every: i64,
        register: &Register,
    ) -> Result<Formula, Refusal> {
        let evidence = self.evidence();
        let event = |predicate: &Predicate| Formula::all([evidence.clone(), is_true(predicate)]);
        let in_force = self.in_force(every);
        let from = self.commitment.from.get();
        let ends = self.commitment.to.map_or(i64::MAX, Micros::get);
        let begins = if from.saturating_add(every) < ends {
            atom("beginning", &[from.to_string()])
        } else {
            Formula::False
        };
        let keys = self.keys();
        let key = self.key(&[]);
        let (first, next, until) = match register {
            Register::One => (begins, Formula::all([event(happens), in_force]), None),
            Register::Members(members) => {
                let name = keys.first().cloned().unwrap_or_default();
                let is_member = Formula::any(members.iter().map(|member| {
                    let member = constant(member);
                    comparison(&name, Comparison::Equal, &member)
                }));
                let is_member = self.define("member", &keys, is_member);
                let next = Formula::all([event(happens), in_force, key, is_member.clone()]);
                (Formula::all([begins, is_member]), next, None)
            }
            Register::Entries { when, until } => {
                let on = self.on_register(when, until.as_ref());
                let entered = Formula::all([event(when), in_force.clone(), key.clone()]);
                let first = Formula::any([Formula::all([begins, on.clone()]), entered]);
                let other = is_false(when);
                let next = Formula::all([event(happens), in_force, other, key, on]);
                (first, next, until.as_ref())
            }
        };
        let trigger = self.define("trigger", &keys, Formula::any([first, next]));
        let interval = format!("[0,{every}]");
        let mut parts = vec![trigger];
        for (name, predicate) in [("happens", Some(happens)), ("strikes", until)] {
            let Some(predicate) = predicate else {
                continue;
            };
            let other = Other {
                name,
                predicate,
                condition: None,
                each: &[],
            };
            // A trigger may be one of these itself.
            let anything = Predicate::Constant(true);
            parts.extend(self.not_in_window(&other, &anything, &interval)?);
        }
        Ok(Formula::all(parts))
    }

    /// That a key is on the register beyond doubt, this time point included.
    fn on_register(&mut self, when: &Predicate, until: Option<&Predicate>) -> Formula {
        let enters = self.sure("enters", when, &[]);
        let Some(until) = until else {
            return Formula::temporal("ONCE", enters);
        };
        let other = Other {
            name: "leaves",
            predicate: until,
            condition: None,
            each: &[],
        };
        let (by_key, by_anybody) = self.possible(&other);
        let since = |ended| Formula::unended(ended, "", enters.clone());
        if by_anybody == Formula::False {
            return since(by_key);
        }
        Formula::all([since(by_key), since(by_anybody)])
    }

    /// Section 3.6. A breach: more than so many in the time before, this one
    /// included.
    pub(crate) fn at_most(&mut self, happens: &Predicate, at_most: u64, within: i64) -> Formula {
        let trigger = self.trigger(happens);
        let counted = self.sure("counted", happens, &[]);
        let positioned = Formula::all([counted, atom("pos", &["j".to_owned()])]);
        let earlier = Formula::temporal(&format!("ONCE[0,{within})"), positioned);
        let keys = self.keys().join(",");
        let by = if keys.is_empty() { "" } else { ";" };
        let count = format!("(c <- CNT j{by}{keys} {})", earlier.text());
        let many = comparison(&at_most.to_string(), Comparison::Less, "c");
        let body = Formula::all([Formula::Text(count), many]);
        let too_many = Formula::exists(&["c".to_owned()], body);
        Formula::all([trigger, too_many])
    }

    /// Section 3.7. A breach: it surely ended too early.
    pub(crate) fn lasts(
        &mut self,
        when: &Predicate,
        lasts: i64,
        ends: &Predicate,
        condition: Option<&PairCondition>,
    ) -> Result<Formula, Refusal> {
        let trigger = self.trigger(when);
        let ended = self.sure("ended", ends, &[]);
        let interval = format!("[0,{lasts})");
        let apart = exclude_each_other(when, ends);
        let clauses = clauses(condition, Asked::True)?;
        let early = clauses
            .iter()
            .map(|clause| in_window(clause, ended.clone(), &interval, apart))
            .map(|early| Formula::all([trigger.clone(), early]));
        Ok(Formula::any(early.collect::<Vec<_>>()))
    }
}

/// That before the trigger there was such an event and since then no end; with
/// `within`, no longer than that ago.
///
/// The time of the event is an argument: measured at the time point before the
/// trigger, which is where `PREVIOUS` looks, the interval only forgets.
fn since(clause: &Clause, event: &Formula, ended: &Formula, within: Option<i64>) -> Formula {
    let there = clause.there(event.clone());
    let Some(within) = within else {
        return clause.here(Formula::unended(ended.clone(), "", there).before());
    };
    let there = Formula::all([there, value(Field::Time, "s")]);
    let found = Formula::unended(ended.clone(), &format!("[0,{within}]"), there).before();
    in_time(clause, found, within)
}

/// That what was found at the time `s` is no older than `within` now.
fn in_time(clause: &Clause, found: Formula, within: i64) -> Formula {
    let now = value(Field::Time, "t");
    let recent = comparison("t", Comparison::LessOrEqual, &plus("s", within));
    let found = clause.here(Formula::all([found, now, recent]));
    Formula::exists(&["s".to_owned(), "t".to_owned()], found)
}

/// That an event of unknown key may have permitted it after the last end of
/// permission: by position, because the one is about no key and the other is.
fn doubted(
    clause: &Clause,
    event: &Formula,
    ended: &Formula,
    trigger: &Formula,
    within: Option<i64>,
) -> Formula {
    let pos = |name: &str| atom("pos", &[name.to_owned()]);
    let there = Formula::all([clause.there(event.clone()), pos("j")]);
    let doubt = match within {
        None => clause.here(Formula::temporal("ONCE", there).before()),
        Some(within) => {
            let there = Formula::all([there, value(Field::Time, "s")]);
            let found = Formula::temporal(&format!("ONCE[0,{within}]"), there);
            in_time(clause, found.before(), within)
        }
    };
    let end = Formula::temporal("ONCE", Formula::all([ended.clone(), pos("q")])).before();
    let not_before = comparison("j", Comparison::LessOrEqual, "q");
    let ended_since = Formula::all([end, doubt.clone(), not_before]);
    let ended_since = Formula::exists(&["q".to_owned()], ended_since);
    let body = Formula::all([trigger.clone(), doubt, ended_since.not()]);
    Formula::exists(&["j".to_owned()], body)
}

/// That another event comes in the window after the trigger. `apart`: it cannot
/// be the trigger itself.
fn in_window(clause: &Clause, event: Formula, interval: &str, apart: bool) -> Formula {
    let operator = format!("EVENTUALLY{interval}");
    if apart {
        return clause.here(Formula::temporal(&operator, clause.there(event)));
    }
    let pos = |name: &str| atom("pos", &[name.to_owned()]);
    let there = Formula::all([clause.there(event), pos("j")]);
    let found = Formula::temporal(&operator, there);
    if found == Formula::False {
        return found;
    }
    let other = comparison("i", Comparison::NotEqual, "j");
    let body = clause.here(Formula::all([found, pos("i"), other]));
    Formula::exists(&["i".to_owned(), "j".to_owned()], body)
}
