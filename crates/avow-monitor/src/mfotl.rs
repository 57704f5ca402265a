//! Commitments in metric first-order temporal logic, so that monitors of
//! others, MonPoly and its proved twin VeriMon, can judge the same stream.
//! `docs/reference/mfotl.md` says what agrees and what is lost.
//!
//! A formula is that of a breach: the monitor prints the time points at which
//! it holds. This module says what a breach of each rule is; predicates are
//! left to `mfotl_predicate`, conditions on two events to `mfotl_pair`, the
//! stream to `mfotl_log`.

use std::fmt;

use avow_event::{Field, Micros};

use crate::mfotl_formula::{Formula, UNWRITABLE, atom, constant, known, value};
use crate::mfotl_pair::{Asked, Clause, clauses};
use crate::mfotl_predicate::{
    comparison, exclude_each_other, is_false, is_possible, is_true, of_source, plus,
};
use crate::sql_predicate::sql_column;
use crate::{
    Commitment, Comparison, Deadline, Duration, ForEach, PairCondition, Pattern, Predicate,
    Register,
};

pub use crate::mfotl_log::{StreamRefusal, TimePoints};

/// Why a commitment has no formula that MonPoly can monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A duration has calendar months.
    Calendar,
    /// The deadline stands in a field.
    Deadline,
    /// The clock of the duty can be stopped.
    Pause,
    /// A text has a quotation mark.
    QuotationMark,
    /// `where` splits into too many clauses.
    Clauses,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Calendar => {
                "months and years have no one length, and an interval in MFOTL has two constant ends"
            }
            Self::Deadline => {
                "the deadline is a field of the event, and an interval in MFOTL has two constant ends"
            }
            Self::Pause => {
                "a hold stops the clock of the duty, and an interval in MFOTL has two constant ends"
            }
            Self::QuotationMark => "a text has a quotation mark, which MonPoly cannot read",
            Self::Clauses => "`where` has more than 64 ways to be true",
        })
    }
}

/// How MonPoly has to end, so that it counts what is judged and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogEnd {
    /// With `-nonewlastts`: what waits at the end of the log stays open.
    Open,
    /// As it does by itself: what waits at the end is looked at as if nothing
    /// more came.
    Closed,
}

impl Pattern {
    /// How MonPoly has to end for this rule. Where a breach is that something
    /// did not come, what still waits is none yet; where it is that something
    /// came, MonPoly would tell of it only when the time has passed.
    pub fn mfotl_end(&self) -> LogEnd {
        match self {
            Self::Lasts { .. } => LogEnd::Closed,
            _ => LogEnd::Open,
        }
    }
}

/// The formula of a breach of the commitment. Its free variables are the fields
/// of `same`, and with `for_each` those of `each`: every instance that is
/// breached is one tuple at its trigger's time point.
///
/// # Errors
/// MFOTL cannot say it.
pub fn formula(commitment: &Commitment) -> Result<String, Refusal> {
    let mut writer = Writer {
        commitment,
        same: commitment.pattern.same(),
        definitions: String::new(),
    };
    let breach = writer.breach()?;
    let mut text = String::new();
    for line in commitment.says.en.lines() {
        text.push_str(&format!("# {line}\n"));
    }
    text.push_str(&writer.definitions);
    text.push_str(breach.text());
    text.push('\n');
    if text.contains(UNWRITABLE) {
        return Err(Refusal::QuotationMark);
    }
    Ok(text)
}

struct Writer<'a> {
    commitment: &'a Commitment,
    same: &'a [Field],
    /// `LET … IN`, a line each.
    definitions: String,
}

/// The other events of a duty or permission.
struct Other<'p> {
    name: &'static str,
    predicate: &'p Predicate,
    condition: Option<&'p PairCondition>,
    /// What tells the duties of one trigger apart.
    each: &'p [Field],
}

impl Writer<'_> {
    fn breach(&mut self) -> Result<Formula, Refusal> {
        match &self.commitment.pattern {
            Pattern::Never { when, never } => Ok(self.at_once(when.as_ref(), is_true(never))),
            Pattern::Always { when, always } => Ok(self.at_once(when.as_ref(), is_false(always))),
            Pattern::Before {
                when,
                only_after,
                until,
                condition,
                within,
                ..
            } => {
                let opens = Other {
                    name: "permits",
                    predicate: only_after,
                    condition: condition.as_ref(),
                    each: &[],
                };
                self.before(when, &opens, until.as_ref(), *within)
            }
            Pattern::Within { .. } => self.within(),
            Pattern::Every {
                happens,
                every,
                register,
                ..
            } => self.every(happens, micros(*every)?, register),
            Pattern::AtMost {
                happens,
                at_most,
                within,
                ..
            } => Ok(self.at_most(happens, *at_most, *within)),
            Pattern::Lasts {
                when,
                lasts,
                ends,
                condition,
                ..
            } => self.lasts(when, micros(*lasts)?, ends, condition.as_ref()),
        }
    }

    /// Gives a formula a name, unless it is constant.
    fn define(&mut self, name: &str, variables: &[String], body: Formula) -> Formula {
        let Formula::Text(text) = body else {
            return body;
        };
        let name = atom(name, variables);
        let line = format!("LET {} = {text} IN\n", name.text());
        self.definitions.push_str(&line);
        name
    }

    /// Section 2: an event of the commitment's sources, other than heartbeats
    /// and gaps.
    fn evidence(&mut self) -> Formula {
        let about_coverage = |action| value(Field::Action, &constant(action)).not();
        let body = Formula::all([
            of_source(&self.commitment.sources),
            about_coverage("heartbeat"),
            about_coverage("gap"),
        ]);
        self.define("evidence", &[], body)
    }

    /// `from <= time < to - before`.
    fn in_force(&self, before: i64) -> Formula {
        let least = |micros: i64| micros.to_string();
        let time = value(Field::Time, "t");
        let from = comparison(
            &least(self.commitment.from.get()),
            Comparison::LessOrEqual,
            "t",
        );
        let to = self.commitment.to.map_or(Formula::True, |to| {
            let end = least(to.get().saturating_sub(before));
            comparison("t", Comparison::Less, &end)
        });
        Formula::exists(&["t".to_owned()], Formula::all([time, from, to]))
    }

    fn keys(&self) -> Vec<String> {
        variables("k", self.same)
    }

    /// The event's key.
    fn key(&self, each: &[Field]) -> Formula {
        let keyed = |prefix, fields: &[Field]| -> Vec<Formula> {
            let names = variables(prefix, fields);
            let values = fields.iter().zip(&names);
            values.map(|(field, name)| value(*field, name)).collect()
        };
        Formula::all(keyed("k", self.same).into_iter().chain(keyed("e", each)))
    }

    /// That a field of the key is not known.
    fn no_key(&self, each: &[Field]) -> Formula {
        let fields = self.same.iter().chain(each);
        Formula::all(fields.map(|field| known(*field))).not()
    }

    /// Sections 3.1 and 3.2.
    fn at_once(&mut self, when: Option<&Predicate>, broken: Formula) -> Formula {
        let evidence = self.evidence();
        let when = when.map_or(Formula::True, is_true);
        Formula::all([evidence, self.in_force(0), when, broken])
    }

    /// The events that surely meet the trigger.
    fn trigger(&mut self, when: &Predicate) -> Formula {
        let evidence = self.evidence();
        let body = Formula::all([evidence, self.in_force(0), is_true(when), self.key(&[])]);
        let keys = self.keys();
        self.define("trigger", &keys, body)
    }

    /// Events with their key: those that surely meet a predicate.
    fn sure(&mut self, name: &str, predicate: &Predicate, each: &[Field]) -> Formula {
        let body = Formula::all([Formula::Text("evidence()".to_owned()), is_true(predicate)]);
        self.keyed(name, body, each)
    }

    fn keyed(&mut self, name: &str, event: Formula, each: &[Field]) -> Formula {
        let body = Formula::all([event, self.key(each)]);
        let mut names = self.keys();
        names.extend(variables("e", each));
        self.define(name, &names, body)
    }

    /// Events that meet a predicate or may, by their key; and those that may
    /// concern every key, because theirs is not known.
    fn possible(&mut self, other: &Other<'_>) -> (Formula, Formula) {
        let evidence = Formula::Text("evidence()".to_owned());
        let event = Formula::all([evidence, is_possible(other.predicate)]);
        let body = Formula::all([event.clone(), self.no_key(other.each)]);
        let by_key = self.keyed(other.name, event, other.each);
        let by_anybody = self.define(&format!("{}_somebody", other.name), &[], body);
        (by_key, by_anybody)
    }

    /// Section 3.3. A breach: nothing that permits or may has come since the
    /// last end of permission.
    fn before(
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
    fn within(&mut self) -> Result<Formula, Refusal> {
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
    fn every(
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
    fn at_most(&mut self, happens: &Predicate, at_most: u64, within: i64) -> Formula {
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
    fn lasts(
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

fn variables(prefix: &str, fields: &[Field]) -> Vec<String> {
    let names = fields.iter().map(|field| sql_column(*field));
    names.map(|name| format!("{prefix}_{name}")).collect()
}

fn micros(duration: Duration) -> Result<i64, Refusal> {
    if duration.months == 0 {
        Ok(duration.micros)
    } else {
        Err(Refusal::Calendar)
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
