//! Predicates over columns: each step of a compiled predicate looks at a whole
//! batch, 64 rows a word.
//!
//! The scalar twin is `predicate_scalar::eval_event`; the two are written
//! independently and random predicates and events must agree on both.

use std::cmp::Ordering;

use avow_event::Field;

use crate::columns::{Columns, Dictionary, index, pack};
use crate::eval_compile::emit;
use crate::eval_truth::{TruthColumn, mask};
use crate::{Comparison, Predicate};

/// A predicate ready to run over columns that share one [`Dictionary`].
///
/// It owns its scratch memory, so that a batch allocates nothing once the
/// largest batch was seen.
#[derive(Debug, Clone)]
pub struct CompiledPredicate {
    /// In postfix order.
    steps: Vec<Step>,
    stack: Vec<TruthColumn>,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Test(Test),
    Not,
    /// The upper two become one.
    And,
    Or,
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    Constant(Option<bool>),
    Holds(Field),
    BooleanPair(Field, Field),
    TextEqual(Field, u32),
    TextPair(Field, Comparison, Field),
    /// A test of the text alone, remembered by code.
    TextMemo {
        field: Field,
        test: TextTest,
        memo: Vec<u8>,
    },
    /// `field op number`.
    Integer(Field, Comparison, i64),
    /// `left op right + number`.
    IntegerPair(Field, Comparison, Field, i64),
    IntegerIn(Field, Vec<i64>),
    IsNull(Field),
}

#[derive(Debug, Clone)]
pub(crate) enum TextTest {
    Compare(Comparison, String),
    In(Vec<String>),
    Prefix(String),
}

const MEMO_UNSET: u8 = 0;
const MEMO_FALSE: u8 = 1;
const MEMO_TRUE: u8 = 2;

impl CompiledPredicate {
    /// Compiles for columns of that dictionary.
    ///
    /// A comparison of kinds that do not compare, which `Pledge::parse` never
    /// lets through, is unknown for every event.
    pub fn compile(predicate: &Predicate, dictionary: &mut Dictionary) -> Self {
        let mut steps = Vec::new();
        emit(predicate, dictionary, &mut steps);
        let mut depth: usize = 0;
        let mut deepest = 0;
        for step in &steps {
            match step {
                Step::Test(_) => depth += 1,
                Step::And | Step::Or => depth = depth.saturating_sub(1),
                Step::Not => {}
            }
            deepest = deepest.max(depth);
        }
        Self {
            steps,
            stack: vec![TruthColumn::new(); deepest],
            fields: predicate.fields(),
        }
    }

    /// The fields that the columns must have.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The value for each row, in `out`.
    ///
    /// # Panics
    /// The columns lack one of [`CompiledPredicate::fields`].
    pub fn eval(&mut self, columns: &Columns, dictionary: &Dictionary, out: &mut TruthColumn) {
        let mut height = 0;
        for step in &mut self.steps {
            match step {
                Step::Test(test) => {
                    if let Some(top) = self.stack.get_mut(height) {
                        test.eval(columns, dictionary, top);
                    }
                    height += 1;
                }
                Step::Not => {
                    if let Some(top) = self.stack.get_mut(height.saturating_sub(1)) {
                        top.negate();
                    }
                }
                Step::And | Step::Or => {
                    height -= 1;
                    let (lower, upper) = self.stack.split_at_mut(height);
                    if let (Some(left), Some(right)) = (lower.last_mut(), upper.first()) {
                        match step {
                            Step::And => left.and(right),
                            _ => left.or(right),
                        }
                    }
                }
            }
        }
        assert!(height == 1, "one value is left");
        if let Some(result) = self.stack.first_mut() {
            std::mem::swap(result, out);
        }
    }
}
impl TextTest {
    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Compare(comparison, literal) => {
                comparison.accepts(text.as_bytes().cmp(literal.as_bytes()))
            }
            Self::In(values) => values.binary_search_by(|v| v.as_str().cmp(text)).is_ok(),
            Self::Prefix(prefix) => text.as_bytes().starts_with(prefix.as_bytes()),
        }
    }
}

impl Comparison {
    /// Whether values in that order compare so.
    pub(crate) fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Test {
    fn eval(&mut self, columns: &Columns, dictionary: &Dictionary, out: &mut TruthColumn) {
        let rows = columns.rows();
        match self {
            Self::Constant(Some(value)) => out.constant(rows, *value),
            Self::Constant(None) => out.reset(rows),
            Self::Holds(field) => {
                let (is_true, is_null) = columns.booleans(*field);
                out.fill(rows, is_true.iter().copied().zip(is_null.iter().copied()));
            }
            Self::BooleanPair(left, right) => {
                let (a, a_null) = columns.booleans(*left);
                let (b, b_null) = columns.booleans(*right);
                let equal = a.iter().zip(b).enumerate().map(|(at, (a, b))| {
                    // The bits beyond the last row are equal, and no rows.
                    !(a ^ b) & mask(rows, at)
                });
                let null = a_null.iter().zip(b_null).map(|(a, b)| a | b);
                out.fill(rows, equal.zip(null));
            }
            Self::TextEqual(field, literal) => {
                let codes = columns.codes(*field).chunks(64);
                let equal = codes.map(|chunk| pack(chunk, |code| code == *literal));
                out.fill(rows, equal.zip(columns.is_null(*field).iter().copied()));
            }
            Self::TextPair(left, comparison, right) => {
                eval_text_pair(columns, dictionary, (*left, *comparison, *right), out);
            }
            Self::TextMemo { field, test, memo } => {
                let codes = columns.codes(*field);
                remember(codes, dictionary, test, memo);
                let holds = |code: u32| memo.get(index(code)) == Some(&MEMO_TRUE);
                let found = codes.chunks(64).map(|chunk| pack(chunk, holds));
                out.fill(rows, found.zip(columns.is_null(*field).iter().copied()));
            }
            Self::Integer(field, comparison, literal) => {
                eval_integer(columns.integers(*field), *comparison, *literal, out);
            }
            Self::IntegerPair(left, comparison, right, added) => {
                eval_integer_pair(columns, (*left, *comparison, *right, *added), out);
            }
            Self::IntegerIn(field, numbers) => {
                let (values, is_null) = columns.integers(*field);
                let found = values
                    .chunks(64)
                    .map(|chunk| pack(chunk, |n| numbers.binary_search(&n).is_ok()));
                out.fill(rows, found.zip(is_null.iter().copied()));
            }
            Self::IsNull(field) => {
                let is_null = columns.is_null(*field).iter();
                out.fill(rows, is_null.map(|word| (*word, 0)));
            }
        }
    }
}

/// Runs the test once for each text.
fn remember(codes: &[u32], dictionary: &Dictionary, test: &TextTest, memo: &mut Vec<u8>) {
    if memo.len() < dictionary.len() {
        memo.resize(dictionary.len(), MEMO_UNSET);
    }
    for code in codes {
        let Some(known) = memo.get_mut(index(*code)) else {
            continue;
        };
        if *known == MEMO_UNSET {
            *known = match dictionary.text(*code) {
                Some(text) if test.holds(text) => MEMO_TRUE,
                _ => MEMO_FALSE,
            };
        }
    }
}

fn eval_text_pair(
    columns: &Columns,
    dictionary: &Dictionary,
    (left, comparison, right): (Field, Comparison, Field),
    out: &mut TruthColumn,
) {
    let pairs = columns
        .codes(left)
        .chunks(64)
        .zip(columns.codes(right).chunks(64));
    let found = pairs.map(|(left, right)| {
        let mut word = 0;
        for (at, (a, b)) in left.iter().zip(right).enumerate() {
            let order = if a == b {
                // One text has one code.
                Ordering::Equal
            } else if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
                Ordering::Less
            } else {
                dictionary.text(*a).cmp(&dictionary.text(*b))
            };
            word |= u64::from(comparison.accepts(order)) << at;
        }
        word
    });
    let null = columns.is_null(left).iter().zip(columns.is_null(right));
    out.fill(columns.rows(), found.zip(null.map(|(a, b)| a | b)));
}

fn eval_integer(
    (values, is_null): (&[i64], &[u64]),
    comparison: Comparison,
    literal: i64,
    out: &mut TruthColumn,
) {
    let rows = values.len();
    let chunks = values.chunks(64);
    let null = is_null.iter().copied();
    // One loop for each comparison, so that each becomes vector instructions.
    match comparison {
        Comparison::Equal => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n == literal)).zip(null),
        ),
        Comparison::NotEqual => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n != literal)).zip(null),
        ),
        Comparison::Less => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n < literal)).zip(null),
        ),
        Comparison::LessOrEqual => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n <= literal)).zip(null),
        ),
        Comparison::Greater => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n > literal)).zip(null),
        ),
        Comparison::GreaterOrEqual => out.fill(
            rows,
            chunks.map(|c| pack(c, |n: i64| n >= literal)).zip(null),
        ),
    }
}

fn eval_integer_pair(
    columns: &Columns,
    (left, comparison, right, added): (Field, Comparison, Field, i64),
    out: &mut TruthColumn,
) {
    let (a, a_null) = columns.integers(left);
    let (b, b_null) = columns.integers(right);
    let found = a.chunks(64).zip(b.chunks(64)).map(|(a, b)| {
        a.iter().zip(b).enumerate().fold(0, |word, (at, (a, b))| {
            let order = a.cmp(&b.saturating_add(added));
            word | u64::from(comparison.accepts(order)) << at
        })
    });
    let null = a_null.iter().zip(b_null).map(|(a, b)| a | b);
    out.fill(columns.rows(), found.zip(null));
}
