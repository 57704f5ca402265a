//! What can be asked of a rule: its conditions, and the fields that it reads.

use std::collections::BTreeSet;

use avow_event::Field;

use crate::{Commitment, Deadline, PairCondition, Pattern, Predicate, Register};

impl Commitment {
    /// The fields that its rule reads, each once.
    pub fn fields(&self) -> Vec<Field> {
        self.pattern.fields()
    }
}

impl Pattern {
    /// The fields that it reads, each once.
    pub fn fields(&self) -> Vec<Field> {
        let fields: BTreeSet<Field> = self
            .conditions()
            .into_iter()
            .flat_map(|(_, predicate)| predicate.fields())
            .chain(self.same().iter().copied())
            .chain(self.other_fields())
            .collect();
        fields.into_iter().collect()
    }

    /// The fields that have to be equal.
    pub fn same(&self) -> &[Field] {
        match self {
            Self::Never { .. } | Self::Always { .. } => &[],
            Self::Before { same, .. }
            | Self::Within { same, .. }
            | Self::Every { same, .. }
            | Self::AtMost { same, .. }
            | Self::Lasts { same, .. } => same,
        }
    }

    /// The conditions on one event, with their keys.
    pub fn conditions(&self) -> Vec<(&'static str, &Predicate)> {
        let all: Vec<(&'static str, Option<&Predicate>)> = match self {
            Self::Never { when, never } => vec![("when", when.as_ref()), ("never", Some(never))],
            Self::Always { when, always } => {
                vec![("when", when.as_ref()), ("always", Some(always))]
            }
            Self::Before {
                when,
                only_after,
                until,
                ..
            } => vec![
                ("when", Some(when)),
                ("only_after", Some(only_after)),
                ("until", until.as_ref()),
            ],
            Self::Within {
                when,
                then,
                unless,
                already,
                for_each,
                pause,
                ..
            } => vec![
                ("when", Some(when)),
                ("then", Some(then)),
                ("unless", unless.as_ref()),
                ("already", already.as_ref()),
                ("for_each", for_each.as_ref().map(|each| &each.predicate)),
                ("paused_by", pause.as_ref().map(|pause| &pause.paused_by)),
                ("resumed_by", pause.as_ref().map(|pause| &pause.resumed_by)),
            ],
            Self::Every {
                happens, register, ..
            } => {
                let (when, until) = match register {
                    Register::Entries { when, until } => (Some(when), until.as_ref()),
                    Register::One | Register::Members(_) => (None, None),
                };
                vec![("happens", Some(happens)), ("when", when), ("until", until)]
            }
            Self::AtMost { happens, .. } => vec![("happens", Some(happens))],
            Self::Lasts { when, ends, .. } => vec![("when", Some(when)), ("ends", Some(ends))],
        };
        all.into_iter()
            .filter_map(|(key, predicate)| Some((key, predicate?)))
            .collect()
    }

    /// The condition on two events, with the key of what gives the other one.
    pub fn pair(&self) -> Option<(&'static str, &PairCondition)> {
        let (key, condition) = match self {
            Self::Before { condition, .. } => ("only_after", condition),
            Self::Within { condition, .. } => ("then", condition),
            Self::Lasts { condition, .. } => ("ends", condition),
            _ => return None,
        };
        Some((key, condition.as_ref()?))
    }

    /// The fields of `where`, of `each` and of the deadline.
    fn other_fields(&self) -> Vec<Field> {
        let pair = self.pair().map(|(_, condition)| condition.fields());
        let mut fields = pair.unwrap_or_default();
        if let Self::Within {
            for_each, deadline, ..
        } = self
        {
            fields.extend(for_each.iter().flat_map(|each| each.each.iter().copied()));
            if let Deadline::At(field) = deadline {
                fields.push(*field);
            }
        }
        fields
    }
}
