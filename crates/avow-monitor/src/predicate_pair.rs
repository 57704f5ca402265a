//! A condition on two events: which fields it reads, its canonical text, and
//! its plain reading.
//!
//! Reading one from text is left to `predicate_parser`.
//! `docs/spec/pledge.md`, "Conditions on two events".

use std::fmt::{self, Display, Formatter};

use avow_event::{Event, Field};

use crate::predicate_display::{Sided, write_list};
use crate::predicate_scalar::{all, any, compare_fields, eval_event};
use crate::{Comparison, PairCondition, Side};

impl Side {
    /// As it is written before a field.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::That => "that",
        }
    }
}

impl Comparison {
    /// What it is, read from right to left.
    #[must_use]
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }
}

impl PairCondition {
    /// The fields that it reads of that event, each once.
    pub fn fields_of(&self, side: Side) -> Vec<Field> {
        let mut fields = Vec::new();
        self.collect_fields(side, &mut fields);
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    fn collect_fields(&self, side: Side, fields: &mut Vec<Field>) {
        match self {
            Self::One(of, predicate) if *of == side => fields.extend(predicate.fields()),
            Self::One(..) => {}
            Self::Cross { this, that, .. } => fields.push(match side {
                Side::This => *this,
                Side::That => *that,
            }),
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.collect_fields(side, fields);
                }
            }
            Self::Not(part) => part.collect_fields(side, fields),
        }
    }

    /// Whether some comparison has a field of each event.
    pub(crate) fn has_cross(&self) -> bool {
        match self {
            Self::One(..) => false,
            Self::Cross { .. } => true,
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_cross),
            Self::Not(part) => part.has_cross(),
        }
    }
}

/// Whether the condition holds for the two; `None` is unknown.
pub fn eval_pair(condition: &PairCondition, this: &Event, that: &Event) -> Option<bool> {
    match condition {
        PairCondition::One(Side::This, predicate) => eval_event(predicate, this),
        PairCondition::One(Side::That, predicate) => eval_event(predicate, that),
        PairCondition::Cross {
            this: left,
            comparison,
            that: right,
            plus,
        } => compare_fields((this, *left), *comparison, (that, *right), *plus),
        PairCondition::And(parts) => all(parts.iter().map(|part| eval_pair(part, this, that))),
        PairCondition::Or(parts) => any(parts.iter().map(|part| eval_pair(part, this, that))),
        PairCondition::Not(part) => eval_pair(part, this, that).map(|value| !value),
    }
}

impl Display for PairCondition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(side, predicate) => Sided(Some(*side), predicate).fmt(f),
            Self::Cross {
                this,
                comparison,
                that,
                plus,
            } => {
                let (this, that) = (this.as_str(), that.as_str());
                write!(f, "this.{this} {comparison} that.{that}")?;
                match plus {
                    0 => Ok(()),
                    1.. => write!(f, " + {plus}"),
                    _ => write!(f, " - {}", plus.unsigned_abs()),
                }
            }
            Self::And(parts) => write_list(f, parts, "AND", Self::is_list),
            Self::Or(parts) => write_list(f, parts, "OR", Self::is_list),
            Self::Not(part) => write!(f, "NOT ({part})"),
        }
    }
}

impl PairCondition {
    /// Whether it needs parentheses inside a list.
    fn is_list(&self) -> bool {
        match self {
            Self::And(_) | Self::Or(_) => true,
            Self::One(_, predicate) => predicate.is_list(),
            Self::Cross { .. } | Self::Not(_) => false,
        }
    }
}
