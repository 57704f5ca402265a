//! What can be asked of a predicate: which fields it reads.
//!
//! Reading one from text is left to `predicate_parse`, evaluating to `eval`
//! and `predicate_scalar`, SQL to `sql_predicate`.

use avow_event::Field;

use crate::{Operand, Predicate};

impl Predicate {
    /// The fields that it reads, each once, in the order of the schema.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        self.collect_fields(&mut fields);
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    fn collect_fields(&self, fields: &mut Vec<Field>) {
        match self {
            Self::Constant(_) => {}
            Self::Holds(field)
            | Self::In { field, .. }
            | Self::IsNull { field, .. }
            | Self::HasPrefix { field, .. } => fields.push(*field),
            Self::Compare(left, _, right) => {
                fields.extend(left.field().into_iter().chain(right.field()))
            }
            Self::Between {
                value, low, high, ..
            } => fields.extend([value, low, high].into_iter().filter_map(Operand::field)),
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.collect_fields(fields);
                }
            }
            Self::Not(part) => part.collect_fields(fields),
        }
    }
}

impl Operand {
    /// The field that it reads.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Field(field) | Self::Sum(field, _) => Some(*field),
            Self::Literal(_) => None,
        }
    }
}
