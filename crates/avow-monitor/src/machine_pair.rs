//! `where`: a condition on two events that are never in hand together.
//! `docs/spec/pledge.md`, "Conditions on two events".
//!
//! What it reads of an event is kept as a tuple with a number, once for each
//! different one: machines remember the number, and many events share it.

use std::collections::HashMap;

use avow_event::{Field, FieldKind};

use crate::columns::{Columns, Dictionary, NULL_CODE, bit};
use crate::monitor_condition::Condition;
use crate::{Comparison, PairCondition, Side};

/// What `where` reads of an event in one place of its tuple.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    /// The field, or the condition, is unknown.
    Null,
    /// An integer, a time, a boolean, or the value of a condition.
    Number(i64),
    /// The code of a text.
    Text(u32),
}

/// What fills a place of a tuple.
#[derive(Debug, Clone)]
enum Reads {
    Field(Field),
    Condition(Condition),
}

/// The tuples of one side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tuples {
    reads: Vec<Reads>,
    numbers: HashMap<Box<[Slot]>, u32>,
    pub(crate) tuples: Vec<Box<[Slot]>>,
}

#[derive(Debug, Clone)]
enum Node {
    One(Side, usize),
    Cross {
        this: usize,
        comparison: Comparison,
        that: usize,
        plus: i64,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

/// A `where`, compiled; of a rule without one, it is always true.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pair {
    node: Option<Node>,
    pub(crate) this: Tuples,
    pub(crate) that: Tuples,
    /// The texts behind the codes, where their order matters.
    texts: HashMap<u32, Box<str>>,
    orders_texts: bool,
}

impl Pair {
    pub(crate) fn new(condition: Option<&PairCondition>, dictionary: &mut Dictionary) -> Self {
        let mut pair = Self::default();
        pair.node = condition.map(|condition| pair.compile(condition, dictionary));
        pair
    }

    fn compile(&mut self, condition: &PairCondition, dictionary: &mut Dictionary) -> Node {
        match condition {
            PairCondition::One(side, predicate) => {
                let reads = Reads::Condition(Condition::new(predicate, dictionary));
                Node::One(*side, self.side(*side).place(reads))
            }
            PairCondition::Cross {
                this,
                comparison,
                that,
                plus,
            } => {
                let is_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                self.orders_texts |= is_order && is_text(*this);
                Node::Cross {
                    this: self.this.place(Reads::Field(*this)),
                    comparison: *comparison,
                    that: self.that.place(Reads::Field(*that)),
                    plus: *plus,
                }
            }
            PairCondition::And(all) => Node::And(self.compile_all(all, dictionary)),
            PairCondition::Or(all) => Node::Or(self.compile_all(all, dictionary)),
            PairCondition::Not(one) => Node::Not(Box::new(self.compile(one, dictionary))),
        }
    }

    fn compile_all(&mut self, all: &[PairCondition], dictionary: &mut Dictionary) -> Vec<Node> {
        all.iter()
            .map(|one| self.compile(one, dictionary))
            .collect()
    }

    fn side(&mut self, side: Side) -> &mut Tuples {
        match side {
            Side::This => &mut self.this,
            Side::That => &mut self.that,
        }
    }

    /// Reads a batch.
    pub(crate) fn eval(&mut self, columns: &Columns, dictionary: &Dictionary) {
        for reads in self.this.reads.iter_mut().chain(&mut self.that.reads) {
            if let Reads::Condition(condition) = reads {
                condition.eval(columns, dictionary);
            }
        }
    }

    /// The numbers of an event's tuples, as the trigger and as the other.
    pub(crate) fn tuples(
        &mut self,
        columns: &Columns,
        dictionary: &Dictionary,
        row: usize,
    ) -> (u32, u32) {
        let (this, that) = (self.this.read(columns, row), self.that.read(columns, row));
        if self.orders_texts {
            for slot in this.iter().chain(&that) {
                if let Slot::Text(code) = slot {
                    let text = || dictionary.text(*code).unwrap_or_default().into();
                    self.texts.entry(*code).or_insert_with(text);
                }
            }
        }
        (self.this.number(this), self.that.number(that))
    }

    /// Remembers a text whose order may matter.
    pub(crate) fn know_text(&mut self, code: u32, text: &str) {
        if self.orders_texts {
            self.texts.entry(code).or_insert_with(|| text.into());
        }
    }

    /// Its value for two events, by the numbers of their tuples.
    pub(crate) fn value(&self, this: u32, that: u32) -> Option<bool> {
        let Some(node) = &self.node else {
            return Some(true);
        };
        self.node(node, self.this.get(this), self.that.get(that))
    }

    fn node(&self, node: &Node, this: &[Slot], that: &[Slot]) -> Option<bool> {
        let slot = |tuple: &[Slot], at: usize| tuple.get(at).copied().unwrap_or(Slot::Null);
        match node {
            Node::One(side, at) => {
                let tuple = match side {
                    Side::This => this,
                    Side::That => that,
                };
                match slot(tuple, *at) {
                    Slot::Number(value) => Some(value != 0),
                    Slot::Null | Slot::Text(_) => None,
                }
            }
            Node::Cross {
                this: a,
                comparison,
                that: b,
                plus,
            } => match (slot(this, *a), slot(that, *b)) {
                (Slot::Number(a), Slot::Number(b)) => {
                    Some(comparison.accepts(a.cmp(&b.saturating_add(*plus))))
                }
                (Slot::Text(a), Slot::Text(b)) if self.orders_texts => {
                    Some(comparison.accepts(self.texts.get(&a).cmp(&self.texts.get(&b))))
                }
                (Slot::Text(a), Slot::Text(b)) => Some(comparison.accepts(a.cmp(&b))),
                _ => None,
            },
            Node::And(all) => all
                .iter()
                .map(|one| self.node(one, this, that))
                .fold(Some(true), and),
            Node::Or(all) => all
                .iter()
                .map(|one| not(self.node(one, this, that)))
                .fold(Some(true), and)
                .map(|none| !none),
            Node::Not(one) => not(self.node(one, this, that)),
        }
    }
}

impl Tuples {
    fn place(&mut self, reads: Reads) -> usize {
        self.reads.push(reads);
        self.reads.len() - 1
    }

    fn read(&self, columns: &Columns, row: usize) -> Box<[Slot]> {
        self.reads
            .iter()
            .map(|reads| match reads {
                Reads::Field(field) => slot(columns, *field, row),
                Reads::Condition(condition) => condition
                    .get(row)
                    .map_or(Slot::Null, |value| Slot::Number(i64::from(value))),
            })
            .collect()
    }

    /// The number of a tuple, a new one if it was not there.
    #[expect(clippy::expect_used, reason = "memory ends before the numbers do")]
    pub(crate) fn number(&mut self, tuple: Box<[Slot]>) -> u32 {
        if let Some(number) = self.numbers.get(&tuple) {
            return *number;
        }
        let number = u32::try_from(self.tuples.len()).expect("fewer than 2^32 tuples");
        self.tuples.push(tuple.clone());
        self.numbers.insert(tuple, number);
        number
    }

    /// How many places a tuple has.
    pub(crate) fn width(&self) -> usize {
        self.reads.len()
    }

    pub(crate) fn get(&self, number: u32) -> &[Slot] {
        self.tuples.get(number as usize).map_or(&[], |tuple| tuple)
    }
}

fn is_text(field: Field) -> bool {
    !matches!(
        field.kind(),
        FieldKind::Integer | FieldKind::Time | FieldKind::Boolean
    )
}

fn slot(columns: &Columns, field: Field, row: usize) -> Slot {
    match field.kind() {
        FieldKind::Integer | FieldKind::Time => {
            let (values, is_null) = columns.integers(field);
            let value = values.get(row).filter(|_| !bit(is_null, row));
            value.map_or(Slot::Null, |value| Slot::Number(*value))
        }
        FieldKind::Boolean => {
            let (is_true, is_null) = columns.booleans(field);
            if bit(is_null, row) {
                Slot::Null
            } else {
                Slot::Number(i64::from(bit(is_true, row)))
            }
        }
        _ => match columns.codes(field).get(row) {
            None | Some(&NULL_CODE) => Slot::Null,
            Some(code) => Slot::Text(*code),
        },
    }
}

/// SQL's `AND`.
pub(crate) fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}
