//! Predicates over columns: true, false or unknown for each row, 64 rows a
//! word (Kleene's logic, as in SQL).
//!
//! The scalar twin is `predicate_scalar::eval_event`; the two are written independently
//! and random predicates and events must agree on both.

use std::cmp::Ordering;

use avow_event::{Field, FieldKind};

use crate::columns::{Columns, Dictionary, bit, index, pack, words};
use crate::{Comparison, Literal, Operand, Predicate};

/// True, false or unknown for each row of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TruthColumn {
    // INVARIANT: equally many words; no bit is set in both; bits beyond the
    // last row are zero. NULL is the rest, so that NOT is a swap.
    is_true: Vec<u64>,
    is_false: Vec<u64>,
    rows: usize,
}

impl TruthColumn {
    /// Of no rows; memory grows on first use and is kept.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The value of a row; `None` is unknown.
    pub fn get(&self, row: usize) -> Option<bool> {
        if bit(&self.is_true, row) {
            Some(true)
        } else if bit(&self.is_false, row) {
            Some(false)
        } else {
            None
        }
    }

    /// A bit for each row that is true, 64 rows a word, the first row in the
    /// lowest bit; bits beyond the last row are zero.
    pub fn true_words(&self) -> &[u64] {
        &self.is_true
    }

    /// The same for the rows that are false.
    pub fn false_words(&self) -> &[u64] {
        &self.is_false
    }

    /// The same for the rows that are unknown.
    pub fn null_words(&self) -> impl Iterator<Item = u64> + '_ {
        let rows = self.rows;
        self.is_true
            .iter()
            .zip(&self.is_false)
            .enumerate()
            .map(move |(at, (t, f))| !(t | f) & mask(rows, at))
    }

    /// The rows that are true, in order.
    pub fn rows_true(&self) -> impl Iterator<Item = usize> + '_ {
        set_bits(self.is_true.iter().copied())
    }

    /// The rows that are unknown, in order.
    pub fn rows_null(&self) -> impl Iterator<Item = usize> + '_ {
        set_bits(self.null_words())
    }

    fn reset(&mut self, rows: usize) {
        self.rows = rows;
        for column in [&mut self.is_true, &mut self.is_false] {
            column.clear();
            column.resize(words(rows), 0);
        }
    }

    /// Fills word by word from (true, null) pairs.
    fn fill(&mut self, rows: usize, pairs: impl Iterator<Item = (u64, u64)>) {
        self.rows = rows;
        self.is_true.clear();
        self.is_false.clear();
        for (at, (t, null)) in pairs.enumerate() {
            let t = t & !null;
            self.is_true.push(t);
            self.is_false.push(!(t | null) & mask(rows, at));
        }
    }

    fn constant(&mut self, rows: usize, value: bool) {
        self.reset(rows);
        let column = if value {
            &mut self.is_true
        } else {
            &mut self.is_false
        };
        for (at, word) in column.iter_mut().enumerate() {
            *word = mask(rows, at);
        }
    }

    fn negate(&mut self) {
        std::mem::swap(&mut self.is_true, &mut self.is_false);
    }

    fn and(&mut self, other: &Self) {
        combine(&mut self.is_true, &other.is_true, |a, b| a & b);
        combine(&mut self.is_false, &other.is_false, |a, b| a | b);
    }

    fn or(&mut self, other: &Self) {
        combine(&mut self.is_true, &other.is_true, |a, b| a | b);
        combine(&mut self.is_false, &other.is_false, |a, b| a & b);
    }
}

fn combine(into: &mut [u64], from: &[u64], with: impl Fn(u64, u64) -> u64) {
    for (a, b) in into.iter_mut().zip(from) {
        *a = with(*a, *b);
    }
}

/// The bits of word `at` that stand for rows.
fn mask(rows: usize, at: usize) -> u64 {
    match rows.saturating_sub(at * 64) {
        0 => 0,
        n @ 1..64 => (1 << n) - 1,
        _ => u64::MAX,
    }
}

fn set_bits(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(at, word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let row = (rest != 0).then(|| at * 64 + rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(row)
        })
    })
}

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
enum Step {
    Test(Test),
    Not,
    /// The upper two become one.
    And,
    Or,
}

#[derive(Debug, Clone)]
enum Test {
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
enum TextTest {
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

fn emit(predicate: &Predicate, dictionary: &mut Dictionary, steps: &mut Vec<Step>) {
    let negated = match predicate {
        Predicate::Constant(value) => {
            steps.push(Step::Test(Test::Constant(Some(*value))));
            false
        }
        Predicate::Holds(field) => {
            steps.push(Step::Test(holds(*field)));
            false
        }
        Predicate::Compare(left, comparison, right) => {
            emit_comparison(left, *comparison, right, dictionary, steps);
            false
        }
        Predicate::In {
            field,
            values,
            negated,
        } => {
            steps.push(Step::Test(membership(*field, values)));
            *negated
        }
        Predicate::Between {
            value,
            low,
            high,
            negated,
        } => {
            emit_comparison(value, Comparison::GreaterOrEqual, low, dictionary, steps);
            emit_comparison(value, Comparison::LessOrEqual, high, dictionary, steps);
            steps.push(Step::And);
            *negated
        }
        Predicate::IsNull { field, negated } => {
            steps.push(Step::Test(Test::IsNull(*field)));
            *negated
        }
        Predicate::HasPrefix {
            field,
            prefix,
            negated,
        } => {
            steps.push(Step::Test(text_memo(
                *field,
                TextTest::Prefix(prefix.clone()),
            )));
            *negated
        }
        Predicate::And(parts) => {
            emit_all(parts, true, dictionary, steps);
            false
        }
        Predicate::Or(parts) => {
            emit_all(parts, false, dictionary, steps);
            false
        }
        Predicate::Not(part) => {
            emit(part, dictionary, steps);
            true
        }
    };
    if negated {
        steps.push(Step::Not);
    }
}

fn emit_all(parts: &[Predicate], all: bool, dictionary: &mut Dictionary, steps: &mut Vec<Step>) {
    let Some((first, rest)) = parts.split_first() else {
        // All of nothing holds; one of nothing does not.
        steps.push(Step::Test(Test::Constant(Some(all))));
        return;
    };
    emit(first, dictionary, steps);
    for part in rest {
        emit(part, dictionary, steps);
        steps.push(if all { Step::And } else { Step::Or });
    }
}

fn emit_comparison(
    left: &Operand,
    comparison: Comparison,
    right: &Operand,
    dictionary: &mut Dictionary,
    steps: &mut Vec<Step>,
) {
    let ill_typed = |operand: &Operand| matches!(operand, Operand::Sum(field, _) if field.kind() != FieldKind::Integer);
    let (test, negated) = match (left, right) {
        _ if ill_typed(left) || ill_typed(right) => (Test::Constant(None), false),
        (Operand::Literal(literal), other) => {
            literal_test(other, mirrored(comparison), literal, dictionary)
        }
        (other, Operand::Literal(literal)) => literal_test(other, comparison, literal, dictionary),
        (Operand::Field(left), Operand::Field(right)) => pair_test(*left, comparison, *right, 0),
        (Operand::Sum(left, a), Operand::Sum(right, b)) => {
            pair_test(*left, comparison, *right, b.saturating_sub(*a))
        }
        (Operand::Sum(left, a), Operand::Field(right)) => {
            pair_test(*left, comparison, *right, a.saturating_neg())
        }
        (Operand::Field(left), Operand::Sum(right, b)) => pair_test(*left, comparison, *right, *b),
    };
    steps.push(Step::Test(test));
    if negated {
        steps.push(Step::Not);
    }
}

/// Texts, vocabularies and places compare as text; times as integers.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Text,
    Integer,
    Boolean,
}

fn class(field: Field) -> Class {
    match field.kind() {
        FieldKind::Integer | FieldKind::Time => Class::Integer,
        FieldKind::Boolean => Class::Boolean,
        _ => Class::Text,
    }
}

/// The comparison with its sides changed over.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

fn holds(field: Field) -> Test {
    match class(field) {
        Class::Boolean => Test::Holds(field),
        _ => Test::Constant(None),
    }
}

/// A test, and whether its result is to be negated.
fn literal_test(
    operand: &Operand,
    comparison: Comparison,
    literal: &Literal,
    dictionary: &mut Dictionary,
) -> (Test, bool) {
    let not_equal = comparison == Comparison::NotEqual;
    let (field, added) = match operand {
        Operand::Field(field) => (*field, 0),
        Operand::Sum(field, added) => (*field, *added),
        Operand::Literal(left) => {
            let order = literal_order(left, literal);
            return (Test::Constant(order.map(|o| comparison.accepts(o))), false);
        }
    };
    match (class(field), literal) {
        (Class::Text, Literal::Text(text)) => match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                (Test::TextEqual(field, dictionary.intern(text)), not_equal)
            }
            _ => (
                text_memo(field, TextTest::Compare(comparison, text.clone())),
                false,
            ),
        },
        (Class::Integer, Literal::Integer(n)) if field.kind() == FieldKind::Integer => (
            Test::Integer(field, comparison, n.saturating_sub(added)),
            false,
        ),
        (Class::Integer, Literal::Time(time)) if field.kind() == FieldKind::Time => {
            (Test::Integer(field, comparison, time.get()), false)
        }
        (Class::Boolean, Literal::Boolean(b)) => match comparison {
            Comparison::Equal | Comparison::NotEqual => (Test::Holds(field), *b == not_equal),
            _ => (Test::Constant(None), false),
        },
        _ => (Test::Constant(None), false),
    }
}

fn pair_test(left: Field, comparison: Comparison, right: Field, added: i64) -> (Test, bool) {
    if left.kind() != right.kind() {
        return (Test::Constant(None), false);
    }
    match class(left) {
        Class::Text => (Test::TextPair(left, comparison, right), false),
        Class::Integer => (Test::IntegerPair(left, comparison, right, added), false),
        Class::Boolean => match comparison {
            Comparison::Equal => (Test::BooleanPair(left, right), false),
            Comparison::NotEqual => (Test::BooleanPair(left, right), true),
            _ => (Test::Constant(None), false),
        },
    }
}

fn literal_order(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        (Literal::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        (Literal::Time(a), Literal::Time(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn membership(field: Field, values: &[Literal]) -> Test {
    match class(field) {
        Class::Text => {
            let mut texts: Vec<String> = values
                .iter()
                .filter_map(|value| match value {
                    Literal::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect();
            texts.sort_unstable();
            text_memo(field, TextTest::In(texts))
        }
        Class::Integer => {
            let mut numbers: Vec<i64> = values
                .iter()
                .filter_map(|value| match value {
                    Literal::Integer(n) => Some(*n),
                    Literal::Time(time) => Some(time.get()),
                    _ => None,
                })
                .collect();
            numbers.sort_unstable();
            Test::IntegerIn(field, numbers)
        }
        Class::Boolean => Test::Constant(None),
    }
}

fn text_memo(field: Field, test: TextTest) -> Test {
    match class(field) {
        Class::Text => Test::TextMemo {
            field,
            test,
            memo: Vec::new(),
        },
        _ => Test::Constant(None),
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
                out.reset(rows);
                let is_null = columns.is_null(*field);
                out.is_true.copy_from_slice(is_null);
                for (at, (word, null)) in out.is_false.iter_mut().zip(is_null).enumerate() {
                    *word = !null & mask(rows, at);
                }
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
