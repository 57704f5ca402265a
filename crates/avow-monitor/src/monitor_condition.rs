//! A predicate at work: compiled, and its value for the batch at hand.

use crate::columns::{Columns, Dictionary};
use crate::{CompiledPredicate, Predicate, TruthColumn};

/// A predicate and its value for the batch at hand.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    compiled: CompiledPredicate,
    truth: TruthColumn,
}

impl Condition {
    pub(crate) fn new(predicate: &Predicate, dictionary: &mut Dictionary) -> Self {
        Self {
            compiled: CompiledPredicate::compile(predicate, dictionary),
            truth: TruthColumn::new(),
        }
    }

    pub(crate) fn eval(&mut self, columns: &Columns, dictionary: &Dictionary) {
        self.compiled.eval(columns, dictionary, &mut self.truth);
    }

    /// Where it is true, and where it is unknown.
    pub(crate) fn word(&self, at: usize) -> (u64, u64) {
        let is_true = self.truth.true_words().get(at).copied().unwrap_or(0);
        let is_false = self.truth.false_words().get(at).copied().unwrap_or(0);
        (is_true, !(is_true | is_false))
    }

    /// The value for a row.
    pub(crate) fn get(&self, row: usize) -> Option<bool> {
        self.truth.get(row)
    }
}
