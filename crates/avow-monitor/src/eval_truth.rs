//! True, false or unknown for each row of a batch, 64 rows a word, and how
//! they combine (Kleene's logic, as in SQL).

use crate::columns::{bit, words};

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

    pub(crate) fn reset(&mut self, rows: usize) {
        self.rows = rows;
        for column in [&mut self.is_true, &mut self.is_false] {
            column.clear();
            column.resize(words(rows), 0);
        }
    }

    /// Fills word by word from (true, null) pairs.
    pub(crate) fn fill(&mut self, rows: usize, pairs: impl Iterator<Item = (u64, u64)>) {
        self.rows = rows;
        self.is_true.clear();
        self.is_false.clear();
        for (at, (t, null)) in pairs.enumerate() {
            let t = t & !null;
            self.is_true.push(t);
            self.is_false.push(!(t | null) & mask(rows, at));
        }
    }

    pub(crate) fn constant(&mut self, rows: usize, value: bool) {
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

    pub(crate) fn negate(&mut self) {
        std::mem::swap(&mut self.is_true, &mut self.is_false);
    }

    pub(crate) fn and(&mut self, other: &Self) {
        combine(&mut self.is_true, &other.is_true, |a, b| a & b);
        combine(&mut self.is_false, &other.is_false, |a, b| a | b);
    }

    pub(crate) fn or(&mut self, other: &Self) {
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
pub(crate) fn mask(rows: usize, at: usize) -> u64 {
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
