//! Events as columns: what the vectorised evaluation and the state machines
//! read. Text is interned once, so that comparing and hashing it is comparing
//! and hashing a number.
//!
//! Only the fields that somebody asked for are materialised. Evaluation is
//! left to `eval`, verdicts to the monitor.

use std::collections::HashMap;
use std::sync::Arc;

use avow_event::{Event, Field, FieldKind, Place, Value};

/// The code of what is not known.
pub const NULL_CODE: u32 = 0;

/// Interned texts. Code 0 is NULL; every other code is one text, and every
/// text has one code, for as long as the dictionary lives.
///
/// It only grows: it holds each different text of the columns in use once.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// Hashed with a secret (the standard library's default), so that nobody
    /// can choose texts that collide.
    codes: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    /// Codes seen lately, by [`slot`]: a fast answer for what repeats. A
    /// collision here costs one comparison and nothing else.
    recent: Vec<u32>,
}

/// How many slots the recent codes have: 16 KiB, half of a common first-level
/// cache. A power of two.
const RECENT_SLOTS: usize = 4_096;

/// Where a text's code is remembered.
fn slot(text: &str) -> usize {
    // Multiplications by the golden ratio's bits; quality matters little here.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut mixed = u64::try_from(text.len()).unwrap_or(0);
    for eight in eights {
        mixed = (mixed ^ u64::from_le_bytes(*eight)).wrapping_mul(SPREAD);
        mixed ^= mixed >> 32;
    }
    let rest = rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let mixed = (mixed ^ rest).wrapping_mul(SPREAD);
    usize::try_from(mixed >> 32).unwrap_or(0) % RECENT_SLOTS
}

impl Default for Dictionary {
    fn default() -> Self {
        Self::new()
    }
}

impl Dictionary {
    /// One that knows NULL only.
    pub fn new() -> Self {
        Self {
            codes: HashMap::new(),
            texts: vec![Arc::from("")],
            recent: vec![NULL_CODE; RECENT_SLOTS],
        }
    }

    /// The code of a text, a new one if it was not there.
    ///
    /// # Panics
    /// After 2^32 - 1 different texts: at least 64 GiB of memory before that,
    /// so that memory ends first.
    pub fn intern(&mut self, text: &str) -> u32 {
        let slot = slot(text);
        let recent = self.recent.get(slot).copied().unwrap_or(NULL_CODE);
        if self.text(recent) == Some(text) {
            return recent;
        }
        let code = match self.codes.get(text) {
            Some(code) => *code,
            None => self.add(text),
        };
        if let Some(recent) = self.recent.get_mut(slot) {
            *recent = code;
        }
        code
    }

    fn add(&mut self, text: &str) -> u32 {
        #[expect(clippy::expect_used, reason = "memory ends before the codes do")]
        let code = u32::try_from(self.texts.len()).expect("fewer than 2^32 texts");
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.codes.insert(text, code);
        code
    }

    /// The code of a text that is there.
    pub fn code(&self, text: &str) -> Option<u32> {
        self.codes.get(text).copied()
    }

    /// The text of a code; `None` for NULL and for codes of no text.
    pub fn text(&self, code: u32) -> Option<&str> {
        if code == NULL_CODE {
            return None;
        }
        self.texts.get(index(code)).map(AsRef::as_ref)
    }

    /// How many codes there are, NULL included: each is less than this.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether it knows NULL only.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// A code as a position.
pub(crate) fn index(code: u32) -> usize {
    code as usize
}

/// One bit a row, 64 to a word, the first row in the lowest bit. Bits beyond
/// the last row are zero.
pub(crate) fn words(rows: usize) -> usize {
    rows.div_ceil(64)
}

#[derive(Debug, Clone)]
enum Column {
    /// Text, places and vocabulary; [`NULL_CODE`] where NULL.
    Codes { codes: Vec<u32>, is_null: Vec<u64> },
    /// Integers and times; zero where NULL.
    Integers { values: Vec<i64>, is_null: Vec<u64> },
    /// Truth values; not true where NULL.
    Booleans {
        is_true: Vec<u64>,
        is_null: Vec<u64>,
    },
}

/// A batch of events, field by field.
#[derive(Debug, Clone)]
pub struct Columns {
    fields: Vec<Field>,
    columns: Vec<Column>,
    /// Where a field's column is, by the field's position in the schema.
    places: Vec<Option<usize>>,
    leaf: Vec<u64>,
}

impl Columns {
    /// No events yet, and columns for these fields.
    pub fn new(fields: &[Field]) -> Self {
        let mut fields = fields.to_vec();
        fields.sort_unstable();
        fields.dedup();
        let columns = fields
            .iter()
            .map(|field| match field.kind() {
                FieldKind::Integer | FieldKind::Time => Column::Integers {
                    values: Vec::new(),
                    is_null: Vec::new(),
                },
                FieldKind::Boolean => Column::Booleans {
                    is_true: Vec::new(),
                    is_null: Vec::new(),
                },
                _ => Column::Codes {
                    codes: Vec::new(),
                    is_null: Vec::new(),
                },
            })
            .collect();
        let places = Field::ALL
            .iter()
            .map(|field| fields.binary_search(field).ok())
            .collect();
        Self {
            fields,
            columns,
            places,
            leaf: Vec::new(),
        }
    }

    /// Which fields have a column.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// How many events there are.
    pub fn rows(&self) -> usize {
        self.leaf.len()
    }

    /// The leaf numbers of the events.
    pub fn leaf(&self) -> &[u64] {
        &self.leaf
    }

    /// Adds an event. A place `UNKNOWN` becomes NULL.
    pub fn push(&mut self, leaf: u64, event: &Event, dictionary: &mut Dictionary) {
        let row = self.leaf.len();
        self.leaf.push(leaf);
        for (field, column) in self.fields.iter().zip(&mut self.columns) {
            let value = event.get(*field);
            match column {
                Column::Codes { codes, is_null } => {
                    let code = code(*field, value, codes.last().copied(), dictionary);
                    codes.push(code);
                    push_bit(is_null, row, code == NULL_CODE);
                }
                Column::Integers { values, is_null } => {
                    let value = integer(value);
                    values.push(value.unwrap_or(0));
                    push_bit(is_null, row, value.is_none());
                }
                Column::Booleans { is_true, is_null } => {
                    push_bit(is_true, row, value == Some(Value::Boolean(true)));
                    push_bit(is_null, row, value.is_none());
                }
            }
        }
    }

    /// Forgets the events and keeps the memory.
    pub fn clear(&mut self) {
        self.leaf.clear();
        for column in &mut self.columns {
            match column {
                Column::Codes { codes, is_null } => {
                    codes.clear();
                    is_null.clear();
                }
                Column::Integers { values, is_null } => {
                    values.clear();
                    is_null.clear();
                }
                Column::Booleans { is_true, is_null } => {
                    is_true.clear();
                    is_null.clear();
                }
            }
        }
    }

    /// The codes of a text, place or vocabulary field.
    ///
    /// # Panics
    /// The field was not asked for, or is of another kind: a defect of the
    /// caller, for whom NULL instead would be a wrong verdict.
    pub fn codes(&self, field: Field) -> &[u32] {
        match self.column(field) {
            Some(Column::Codes { codes, .. }) => codes,
            _ => missing(field),
        }
    }

    /// The values of an integer or time field (microseconds), zero where NULL;
    /// and the bits that say where.
    ///
    /// # Panics
    /// As [`Columns::codes`].
    pub fn integers(&self, field: Field) -> (&[i64], &[u64]) {
        match self.column(field) {
            Some(Column::Integers { values, is_null }) => (values, is_null),
            _ => missing(field),
        }
    }

    /// Where a boolean field is true, and where it is NULL.
    ///
    /// # Panics
    /// As [`Columns::codes`].
    pub fn booleans(&self, field: Field) -> (&[u64], &[u64]) {
        match self.column(field) {
            Some(Column::Booleans { is_true, is_null }) => (is_true, is_null),
            _ => missing(field),
        }
    }

    /// The bits that say where a field of any kind is NULL.
    ///
    /// # Panics
    /// The field was not asked for.
    pub(crate) fn is_null(&self, field: Field) -> &[u64] {
        match self.column(field) {
            Some(
                Column::Codes { is_null, .. }
                | Column::Integers { is_null, .. }
                | Column::Booleans { is_null, .. },
            ) => is_null,
            None => missing(field),
        }
    }

    fn column(&self, field: Field) -> Option<&Column> {
        let place = self.places.get(field as usize).copied().flatten()?;
        self.columns.get(place)
    }
}

#[expect(clippy::panic, reason = "a defect: going on would be a wrong verdict")]
fn missing(field: Field) -> ! {
    panic!("no such column of `{}`", field.as_str())
}

/// Whether a bit is set.
pub(crate) fn bit(words: &[u64], row: usize) -> bool {
    words
        .get(row / 64)
        .is_some_and(|word| word >> (row % 64) & 1 == 1)
}

fn push_bit(words: &mut Vec<u64>, row: usize, set: bool) {
    if row.is_multiple_of(64) {
        words.push(0);
    }
    if let Some(word) = words.last_mut() {
        *word |= u64::from(set) << (row % 64);
    }
}

fn code(
    field: Field,
    value: Option<Value<'_>>,
    before: Option<u32>,
    dictionary: &mut Dictionary,
) -> u32 {
    let Some(Value::Text(text)) = value else {
        return NULL_CODE;
    };
    if field.kind() == FieldKind::Place && text == Place::UNKNOWN.as_str() {
        return NULL_CODE;
    }
    // Neighbouring events share source, system, place and action: comparing
    // costs less than hashing.
    match before {
        Some(code) if dictionary.text(code) == Some(text) => code,
        _ => dictionary.intern(text),
    }
}

fn integer(value: Option<Value<'_>>) -> Option<i64> {
    match value? {
        // An event's integers are at most 2^53 - 1.
        Value::Integer(n) => Some(i64::try_from(n).unwrap_or(i64::MAX)),
        Value::Time(time) => Some(time.get()),
        Value::Text(_) | Value::Boolean(_) => None,
    }
}

/// At most 64 tests as the bits of a word, the first in the lowest bit.
///
/// Eight results, a byte each, are gathered by one multiplication: byte `i`
/// times 2^(56 - 7i) lands in bit 56 + i, and no two products meet. This form
/// the compiler turns into vector instructions.
pub(crate) fn pack<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, rest) = values.as_chunks::<8>();
    let mut word = 0;
    let mut shift = 0;
    for eight in eights {
        let bytes = u64::from_le_bytes(eight.map(|value| u8::from(test(value))));
        word |= (bytes.wrapping_mul(GATHER) >> 56) << shift;
        shift += 8;
    }
    for value in rest {
        word |= u64::from(test(*value)) << shift;
        shift += 1;
    }
    word
}
