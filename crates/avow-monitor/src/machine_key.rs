//! Keys: the values of the fields in `same`, as one number.
//!
//! One field is its code, two are packed, more are interned two by two.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use avow_event::{Field, FieldKind};

use crate::columns::{Columns, NULL_CODE, bit};

/// Hashes numbers that our own dictionaries have given out in order. Nobody
/// outside chooses them, so that a keyed hash would protect from nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CodeHasher(u64);

impl Hasher for CodeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, n: u64) {
        // The golden ratio's multiplier spreads consecutive numbers; the table
        // reads both ends of the word.
        let mixed = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

pub(crate) type CodeMap<V> = HashMap<u64, V, BuildHasherDefault<CodeHasher>>;

/// With so many keys their states no longer fit a second-level cache, some 256
/// KiB at 64 bytes each: they are fetched for many rows at a time.
pub(crate) const KEYS_TOUCHED_MIN: usize = 4_096;

/// Makes keys out of columns.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) fields: Vec<Field>,
    pub(crate) integers: HashMap<i64, u32>,
    pub(crate) pairs: CodeMap<u32>,
}

impl Keys {
    pub(crate) fn new(fields: &[Field]) -> Self {
        Self {
            fields: fields.to_vec(),
            integers: HashMap::new(),
            pairs: CodeMap::default(),
        }
    }

    /// The key of a row; `None` if a field is unknown.
    pub(crate) fn get(&mut self, columns: &Columns, row: usize) -> Option<u64> {
        let Some(&first) = self.fields.first() else {
            return Some(0);
        };
        let mut key = u64::from(self.code(columns, first, row)?);
        for at in 1..self.fields.len() {
            let field = self.fields.get(at).copied()?;
            let next = self.code(columns, field, row)?;
            key = self.join(at, key, next)?;
        }
        Some(key)
    }

    /// The key of these codes, one for each field.
    pub(crate) fn of_codes(&mut self, codes: &[u32]) -> Option<u64> {
        let mut key = u64::from(codes.first().copied().unwrap_or(0));
        for (at, code) in codes.iter().enumerate().skip(1) {
            key = self.join(at, key, *code)?;
        }
        Some(key)
    }

    /// The first two are packed as they are; from the third on, what was packed
    /// gets a number of its own.
    fn join(&mut self, at: usize, key: u64, next: u32) -> Option<u64> {
        let before = if at == 1 {
            u32::try_from(key).ok()?
        } else {
            self.pair(key)
        };
        Some(packed(before, next))
    }

    fn code(&mut self, columns: &Columns, field: Field, row: usize) -> Option<u32> {
        match field.kind() {
            FieldKind::Integer | FieldKind::Time => {
                let (values, is_null) = columns.integers(field);
                let value = values.get(row).filter(|_| !bit(is_null, row))?;
                Some(self.integer(*value))
            }
            FieldKind::Boolean => {
                let (is_true, is_null) = columns.booleans(field);
                (!bit(is_null, row)).then(|| u32::from(bit(is_true, row)))
            }
            _ => columns
                .codes(field)
                .get(row)
                .copied()
                .filter(|code| *code != NULL_CODE),
        }
    }

    pub(crate) fn integer(&mut self, value: i64) -> u32 {
        let next = number(self.integers.len());
        *self.integers.entry(value).or_insert(next)
    }

    fn pair(&mut self, packed: u64) -> u32 {
        let next = number(self.pairs.len());
        *self.pairs.entry(packed).or_insert(next)
    }
}

fn packed(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

#[expect(clippy::expect_used, reason = "memory ends before the codes do")]
fn number(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than 2^32 different values")
}
