//! Commitments in metric first-order temporal logic, so that monitors of
//! others, MonPoly and its proved twin VeriMon, can judge the same stream.
//! `docs/reference/mfotl.md` says what agrees and what is lost.
//!
//! A formula is that of a breach: the monitor prints the time points at which
//! it holds. What a breach of each rule is, is left to `mfotl_rule`, predicates
//! to `mfotl_predicate`, conditions on two events to `mfotl_pair`, the stream to
//! `mfotl_log`.

use std::fmt;

use avow_event::Field;

use crate::mfotl_formula::{Formula, UNWRITABLE, atom, constant, known, value};
use crate::mfotl_predicate::{comparison, is_false, is_possible, is_true, of_source};
use crate::sql_predicate::sql_column;
use crate::{Commitment, Comparison, Duration, PairCondition, Pattern, Predicate};

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

pub(crate) struct Writer<'a> {
    pub(crate) commitment: &'a Commitment,
    same: &'a [Field],
    /// `LET … IN`, a line each.
    definitions: String,
}

/// The other events of a duty or permission.
pub(crate) struct Other<'p> {
    pub(crate) name: &'static str,
    pub(crate) predicate: &'p Predicate,
    pub(crate) condition: Option<&'p PairCondition>,
    /// What tells the duties of one trigger apart.
    pub(crate) each: &'p [Field],
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
    pub(crate) fn define(&mut self, name: &str, variables: &[String], body: Formula) -> Formula {
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
    pub(crate) fn evidence(&mut self) -> Formula {
        let about_coverage = |action| value(Field::Action, &constant(action)).not();
        let body = Formula::all([
            of_source(&self.commitment.sources),
            about_coverage("heartbeat"),
            about_coverage("gap"),
        ]);
        self.define("evidence", &[], body)
    }

    /// `from <= time < to - before`.
    pub(crate) fn in_force(&self, before: i64) -> Formula {
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

    pub(crate) fn keys(&self) -> Vec<String> {
        variables("k", self.same)
    }

    /// The event's key.
    pub(crate) fn key(&self, each: &[Field]) -> Formula {
        let keyed = |prefix, fields: &[Field]| -> Vec<Formula> {
            let names = variables(prefix, fields);
            let values = fields.iter().zip(&names);
            values.map(|(field, name)| value(*field, name)).collect()
        };
        Formula::all(keyed("k", self.same).into_iter().chain(keyed("e", each)))
    }

    /// That a field of the key is not known.
    pub(crate) fn no_key(&self, each: &[Field]) -> Formula {
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
    pub(crate) fn trigger(&mut self, when: &Predicate) -> Formula {
        let evidence = self.evidence();
        let body = Formula::all([evidence, self.in_force(0), is_true(when), self.key(&[])]);
        let keys = self.keys();
        self.define("trigger", &keys, body)
    }

    /// Events with their key: those that surely meet a predicate.
    pub(crate) fn sure(&mut self, name: &str, predicate: &Predicate, each: &[Field]) -> Formula {
        let body = Formula::all([Formula::Text("evidence()".to_owned()), is_true(predicate)]);
        self.keyed(name, body, each)
    }

    pub(crate) fn keyed(&mut self, name: &str, event: Formula, each: &[Field]) -> Formula {
        let body = Formula::all([event, self.key(each)]);
        let mut names = self.keys();
        names.extend(variables("e", each));
        self.define(name, &names, body)
    }

    /// Events that meet a predicate or may, by their key; and those that may
    /// concern every key, because theirs is not known.
    pub(crate) fn possible(&mut self, other: &Other<'_>) -> (Formula, Formula) {
        let evidence = Formula::Text("evidence()".to_owned());
        let event = Formula::all([evidence, is_possible(other.predicate)]);
        let body = Formula::all([event.clone(), self.no_key(other.each)]);
        let by_key = self.keyed(other.name, event, other.each);
        let by_anybody = self.define(&format!("{}_somebody", other.name), &[], body);
        (by_key, by_anybody)
    }
}

fn variables(prefix: &str, fields: &[Field]) -> Vec<String> {
    let names = fields.iter().map(|field| sql_column(*field));
    names.map(|name| format!("{prefix}_{name}")).collect()
}

pub(crate) fn micros(duration: Duration) -> Result<i64, Refusal> {
    if duration.months == 0 {
        Ok(duration.micros)
    } else {
        Err(Refusal::Calendar)
    }
}
