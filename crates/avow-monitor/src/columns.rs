//! Events as columns: what the vectorised evaluation and the state machines
//! read. Text becomes a number of the `dictionary`.
//!
//! Only the fields that somebody asked for are materialised. Evaluation is
//! left to `eval`, verdicts to the monitor.

use avow_event::{Event, EventError, Field, FieldKind, Place, Value};

pub(crate) use crate::dictionary::{Dictionary, NULL_CODE, index};
use crate::dictionary::{Sought, TOUCHED_MAX};

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
    later: Later,
}

/// Texts that were not seen lately and have no code yet. Many are looked up at
/// a time.
#[derive(Debug, Clone, Default)]
struct Later {
    texts: String,
    waiting: Vec<Waiting>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    column: usize,
    row: usize,
    /// Where its text ends in `texts`.
    end: usize,
    sought: Sought,
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
            later: Later::default(),
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
        self.push_soon(leaf, event, dictionary);
        self.finish(dictionary);
    }

    /// The same, but what the columns say is right only after
    /// [`Columns::finish`].
    pub(crate) fn push_soon(&mut self, leaf: u64, event: &Event, dictionary: &Dictionary) {
        let row = self.leaf.len();
        self.leaf.push(leaf);
        let columns = self.fields.iter().zip(&mut self.columns);
        for (at, (field, column)) in columns.enumerate() {
            column.push_null(row);
            if let Some(value) = event.get(*field) {
                let row = Row { at, row };
                column.set_last(row, *field, value, dictionary, &mut self.later);
            }
        }
    }

    /// Adds an event from its canonical bytes, without building it.
    ///
    /// # Errors
    /// The bytes are not those of an event; nothing is added.
    pub fn push_leaf(
        &mut self,
        leaf: u64,
        bytes: &[u8],
        dictionary: &mut Dictionary,
    ) -> Result<(), EventError> {
        let pushed = self.push_leaf_soon(leaf, bytes, dictionary);
        self.finish(dictionary);
        pushed
    }

    /// The same, but what the columns say is right only after
    /// [`Columns::finish`].
    pub(crate) fn push_leaf_soon(
        &mut self,
        leaf: u64,
        bytes: &[u8],
        dictionary: &Dictionary,
    ) -> Result<(), EventError> {
        let row = self.leaf.len();
        for column in &mut self.columns {
            column.push_null(row);
        }
        let (columns, places, later) = (&mut self.columns, &self.places, &mut self.later);
        let read = Event::visit_leaf(bytes, |field, value| {
            let place = places.get(field as usize).copied().flatten();
            let column = place.and_then(|at| Some((at, columns.get_mut(at)?)));
            if let Some((at, column)) = column {
                column.set_last(Row { at, row }, field, value, dictionary, later);
            }
        });
        match read {
            Ok(()) => self.leaf.push(leaf),
            Err(_) => {
                self.columns.iter_mut().for_each(|c| c.truncate(row));
                self.later.truncate(row);
            }
        }
        read
    }

    /// Whether so many texts wait for their code that it is time to look.
    pub(crate) fn is_behind(&self) -> bool {
        self.later.waiting.len() >= 2 * TOUCHED_MAX
    }

    /// Gives every text its code.
    pub(crate) fn finish(&mut self, dictionary: &mut Dictionary) {
        let mut start = 0;
        for waiting in self.later.waiting.chunks(TOUCHED_MAX) {
            if waiting.len() > 1 {
                dictionary.touch(waiting.iter().map(|one| one.sought));
            }
            for one in waiting {
                let text = self.later.texts.get(start..one.end).unwrap_or_default();
                start = one.end;
                let code = dictionary.settle(text, one.sought);
                if let Some(Column::Codes { codes, .. }) = self.columns.get_mut(one.column)
                    && let Some(slot) = codes.get_mut(one.row)
                {
                    *slot = code;
                }
            }
        }
        self.later.texts.clear();
        self.later.waiting.clear();
    }

    /// Forgets the events and keeps the memory.
    pub fn clear(&mut self) {
        self.leaf.clear();
        self.later.truncate(0);
        for column in &mut self.columns {
            column.truncate(0);
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

impl Column {
    /// Adds a row that knows nothing.
    fn push_null(&mut self, row: usize) {
        let is_null = match self {
            Self::Codes { codes, is_null } => {
                codes.push(NULL_CODE);
                is_null
            }
            Self::Integers { values, is_null } => {
                values.push(0);
                is_null
            }
            Self::Booleans { is_true, is_null } => {
                if row.is_multiple_of(64) {
                    is_true.push(0);
                }
                is_null
            }
        };
        if row.is_multiple_of(64) {
            is_null.push(0);
        }
        if let Some(word) = is_null.last_mut() {
            *word |= 1 << (row % 64);
        }
    }

    /// Says what the last row, which knows nothing yet, knows.
    fn set_last(
        &mut self,
        place: Row,
        field: Field,
        value: Value<'_>,
        dictionary: &Dictionary,
        later: &mut Later,
    ) {
        let row = place.row;
        let is_null = match (self, value) {
            (Self::Codes { codes, is_null }, Value::Text(text)) => {
                if field.kind() == FieldKind::Place && text == Place::UNKNOWN.as_str() {
                    return;
                }
                match dictionary.recall(text) {
                    Ok(code) => {
                        if let Some(last) = codes.last_mut() {
                            *last = code;
                        }
                    }
                    Err(sought) => later.push(place, text, sought),
                }
                is_null
            }
            (Self::Integers { values, is_null }, value) => {
                let (Some(last), Some(value)) = (values.last_mut(), integer(value)) else {
                    return;
                };
                *last = value;
                is_null
            }
            (Self::Booleans { is_true, is_null }, Value::Boolean(truth)) => {
                if let Some(word) = is_true.last_mut() {
                    *word |= u64::from(truth) << (row % 64);
                }
                is_null
            }
            _ => return,
        };
        if let Some(word) = is_null.last_mut() {
            *word &= !(1 << (row % 64));
        }
    }

    /// Forgets the rows from `rows` on, which has to be the last one, or 0.
    fn truncate(&mut self, rows: usize) {
        let cut = |words: &mut Vec<u64>| {
            words.truncate(self::words(rows));
            if let Some(word) = words.last_mut()
                && !rows.is_multiple_of(64)
            {
                *word &= (1 << (rows % 64)) - 1;
            }
        };
        match self {
            Self::Codes { codes, is_null } => {
                codes.truncate(rows);
                cut(is_null);
            }
            Self::Integers { values, is_null } => {
                values.truncate(rows);
                cut(is_null);
            }
            Self::Booleans { is_true, is_null } => {
                cut(is_true);
                cut(is_null);
            }
        }
    }
}

/// A cell: which column, and its row, the last.
#[derive(Debug, Clone, Copy)]
struct Row {
    at: usize,
    row: usize,
}

impl Later {
    fn push(&mut self, place: Row, text: &str, sought: Sought) {
        self.texts.push_str(text);
        self.waiting.push(Waiting {
            column: place.at,
            row: place.row,
            end: self.texts.len(),
            sought,
        });
    }

    /// Forgets the rows from `row` on.
    fn truncate(&mut self, row: usize) {
        while self.waiting.pop_if(|one| one.row >= row).is_some() {}
        let end = self.waiting.last().map_or(0, |one| one.end);
        self.texts.truncate(end);
    }
}

fn integer(value: Value<'_>) -> Option<i64> {
    match value {
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
