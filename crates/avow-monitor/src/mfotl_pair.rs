//! Conditions on two events in MFOTL: a list of clauses, one of which has to
//! hold, so that each names only fields that its events have.

use avow_event::Field;

use crate::mfotl::Refusal;
use crate::mfotl_formula::{Formula, known, value};
use crate::mfotl_predicate::{comparison, is_false, is_possible, is_true, of, plus};
use crate::{Comparison, PairCondition, Side};

/// The most clauses of a condition: more make a formula that nobody reads.
const CLAUSES_MAX: usize = 64;

/// Conditions that hold together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clause {
    /// Of the trigger.
    this: Vec<Formula>,
    /// Of the other event.
    that: Vec<Formula>,
    /// `this.field comparison that.field + plus`.
    cross: Vec<(Field, Comparison, Field, i64)>,
}

/// What is asked of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    True,
    False,
    /// True or unknown.
    Possible,
    /// False or unknown.
    Doubtful,
}

impl Asked {
    fn contrary(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Possible => Self::Doubtful,
            Self::Doubtful => Self::Possible,
        }
    }
}

/// The clauses of a condition, or of none.
pub(crate) fn clauses(
    condition: Option<&PairCondition>,
    asked: Asked,
) -> Result<Vec<Clause>, Refusal> {
    match condition {
        Some(condition) => split(condition, asked),
        None => Ok(vec![Clause::default()]),
    }
}

fn split(condition: &PairCondition, asked: Asked) -> Result<Vec<Clause>, Refusal> {
    let positive = matches!(asked, Asked::True | Asked::Possible);
    match condition {
        PairCondition::Not(part) => split(part, asked.contrary()),
        PairCondition::And(parts) if positive => both(parts, asked),
        PairCondition::Or(parts) if !positive => both(parts, asked),
        PairCondition::And(parts) | PairCondition::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.append(&mut split(part, asked)?);
            }
            bounded(all)
        }
        PairCondition::One(side, predicate) => {
            let formula = match asked {
                Asked::True => is_true(predicate),
                Asked::False => is_false(predicate),
                Asked::Possible => is_possible(predicate),
                Asked::Doubtful => is_true(predicate).not(),
            };
            Ok(vec![of_one(*side, formula)])
        }
        PairCondition::Cross {
            this,
            comparison,
            that,
            plus,
        } => {
            let sign = of(*comparison, positive);
            let mut all = vec![Clause {
                cross: vec![(*this, sign, *that, *plus)],
                ..Clause::default()
            }];
            if matches!(asked, Asked::Possible | Asked::Doubtful) {
                let unknown = [(Side::This, this), (Side::That, that)];
                all.extend(unknown.map(|(side, field)| of_one(side, known(*field).not())));
            }
            Ok(all)
        }
    }
}

fn of_one(side: Side, formula: Formula) -> Clause {
    let mut clause = Clause::default();
    match side {
        Side::This => clause.this.push(formula),
        Side::That => clause.that.push(formula),
    }
    clause
}

/// Every clause of one part beside every clause of the others.
fn both(parts: &[PairCondition], asked: Asked) -> Result<Vec<Clause>, Refusal> {
    let mut all = vec![Clause::default()];
    for part in parts {
        let more = split(part, asked)?;
        let mut longer = Vec::new();
        for clause in &all {
            for other in &more {
                let mut clause = clause.clone();
                clause.this.extend(other.this.iter().cloned());
                clause.that.extend(other.that.iter().cloned());
                clause.cross.extend(other.cross.iter().copied());
                longer.push(clause);
            }
        }
        all = bounded(longer)?;
    }
    Ok(all)
}

fn bounded(clauses: Vec<Clause>) -> Result<Vec<Clause>, Refusal> {
    if clauses.len() > CLAUSES_MAX {
        return Err(Refusal::Clauses);
    }
    Ok(clauses)
}

impl Clause {
    /// The other event, with the fields that are compared as variables.
    pub(crate) fn there(&self, event: Formula) -> Formula {
        let values = (0..)
            .zip(&self.cross)
            .map(|(at, (_, _, that, _))| value(*that, &there(at)));
        let parts = std::iter::once(event)
            .chain(self.that.iter().cloned())
            .chain(values);
        Formula::all(parts)
    }

    /// At the trigger: `found`, which is about [`Clause::there`], and what the
    /// trigger has to be for it.
    pub(crate) fn here(&self, found: Formula) -> Formula {
        let mut variables = Vec::new();
        let mut parts = vec![found];
        parts.extend(self.this.iter().cloned());
        for (at, (this, sign, _, added)) in (0..).zip(&self.cross) {
            parts.push(value(*this, &here(at)));
            parts.push(comparison(&here(at), *sign, &plus(&there(at), *added)));
            variables.extend([here(at), there(at)]);
        }
        Formula::exists(&variables, Formula::all(parts))
    }
}

fn here(at: u32) -> String {
    format!("here{at}")
}

fn there(at: u32) -> String {
    format!("there{at}")
}
