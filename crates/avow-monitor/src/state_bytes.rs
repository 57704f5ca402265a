//! Numbers, times, texts and lists as the bytes of a saved state, and back.
//! `docs/spec/state.md`, "Values".
//!
//! Reading trusts nothing: a number out of its range, or a list longer than
//! the bytes that are left, is refused before memory is taken for it. What the
//! values mean is left to those whose state it is.

use avow_event::Micros;

use crate::clock::NEVER;
use crate::coverage_gap::{GapKind, GapSpan, Mark};

/// Why bytes are no state: what was being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

/// The greatest count, as in a verdict document: 2^53 - 1. A sum of two is far
/// from the end of a number.
pub(crate) const COUNT_MAX: u64 = (1 << 53) - 1;

pub(crate) type Read<T> = Result<T, Unreadable>;

/// Writes values one after another.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    pub(crate) fn number(&mut self, mut value: u64) {
        while let Ok(low @ 0x80..) = u8::try_from(value & 0x7f | u64::from(value > 0x7f) << 7) {
            self.bytes.push(low);
            value >>= 7;
        }
        self.bytes.push(u8::try_from(value).unwrap_or(0));
    }

    /// Small negative numbers stay small: 0, -1, 1, -2 become 0, 1, 2, 3.
    pub(crate) fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// Microseconds since 1970.
    pub(crate) fn time(&mut self, micros: i64) {
        self.signed(micros);
    }

    pub(crate) fn flag(&mut self, set: bool) {
        self.bytes.push(u8::from(set));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.section(text.as_bytes());
    }

    /// Bytes after their number.
    pub(crate) fn section(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// The items after their number.
    pub(crate) fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.number(items.len() as u64);
        for item in items {
            write(self, item);
        }
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.option((mark.before != NEVER).then_some(mark.before), Self::time);
        self.number(mark.leaf);
    }

    /// A gap whose kind its place tells.
    pub(crate) fn gap(&mut self, gap: &GapSpan) {
        self.time(gap.from);
        self.option((gap.to != i64::MAX).then_some(gap.to), Self::time);
        self.mark(gap.known);
        self.option(gap.gone, Self::mark);
    }
}

/// Reads what [`Writer`] wrote, about a tree of so many leaves.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    leaves: u64,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], leaves: u64) -> Self {
        Self {
            rest: bytes,
            leaves,
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Read<()> {
        ensure(self.rest.is_empty(), "bytes left over")
    }

    fn byte(&mut self) -> Read<u8> {
        let (first, rest) = self.rest.split_first().ok_or(Unreadable("a byte"))?;
        self.rest = rest;
        Ok(*first)
    }

    /// Its shortest spelling only, so that a state has one.
    pub(crate) fn number(&mut self) -> Read<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            ensure(low << shift >> shift == low, "a number")?;
            value |= low << shift;
            if byte < 0x80 {
                ensure(byte > 0 || shift == 0, "a number")?;
                return Ok(value);
            }
        }
        Err(Unreadable("a number"))
    }

    pub(crate) fn signed(&mut self) -> Read<i64> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// An instant that an event can have, so that no difference of two is out
    /// of range.
    pub(crate) fn time(&mut self) -> Read<i64> {
        let micros = Micros::new(self.signed()?).ok_or(Unreadable("a time"))?;
        Ok(micros.get())
    }

    pub(crate) fn instant(&mut self) -> Read<Micros> {
        Micros::new(self.signed()?).ok_or(Unreadable("a time"))
    }

    pub(crate) fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Unreadable("a truth value")),
        }
    }

    /// The index of a leaf of the tree.
    pub(crate) fn leaf(&mut self) -> Read<u64> {
        let leaf = self.number()?;
        ensure(leaf < self.leaves, "a leaf of the tree")?;
        Ok(leaf)
    }

    /// A number of leaves.
    pub(crate) fn count(&mut self) -> Read<u64> {
        let count = self.number()?;
        ensure(count <= self.leaves, "a number of leaves")?;
        Ok(count)
    }

    /// A number of instances; a leaf can make more than one.
    pub(crate) fn instances(&mut self) -> Read<u64> {
        let count = self.number()?;
        ensure(count <= COUNT_MAX, "a number of instances")?;
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.section()?).map_err(|_| Unreadable("a text"))
    }

    pub(crate) fn section(&mut self) -> Read<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok();
        let (section, rest) = length
            .and_then(|length| self.rest.split_at_checked(length))
            .ok_or(Unreadable("a section"))?;
        self.rest = rest;
        Ok(section)
    }

    /// So many bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Read<&'a [u8; N]> {
        let (array, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(Unreadable("bytes"))?;
        self.rest = rest;
        Ok(array)
    }

    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        self.flag()?.then(|| read(self)).transpose()
    }

    /// Items, each of which has a byte at least: a list never takes memory
    /// beyond a fixed multiple of the bytes that are there.
    pub(crate) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.number()?;
        ensure(count <= self.rest.len() as u64, "the length of a list")?;
        (0..count).map(|_| read(self)).collect()
    }

    pub(crate) fn mark(&mut self) -> Read<Mark> {
        Ok(Mark {
            before: self.option(Self::time)?.unwrap_or(NEVER),
            leaf: self.leaf()?,
        })
    }

    pub(crate) fn gap(&mut self, kind: GapKind) -> Read<GapSpan> {
        Ok(GapSpan {
            kind,
            from: self.time()?,
            to: self.option(Self::time)?.unwrap_or(i64::MAX),
            known: self.mark()?,
            gone: self.option(Self::mark)?,
        })
    }
}

/// Fails unless it holds.
pub(crate) fn ensure(holds: bool, what: &'static str) -> Read<()> {
    if holds { Ok(()) } else { Err(Unreadable(what)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut out = Writer::default();
        write(&mut out);
        out.bytes
    }

    #[test]
    fn numbers_come_back_and_have_one_spelling() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 1 << 53, u64::MAX] {
            let bytes = written(|out| out.number(value));
            let mut from = Reader::new(&bytes, 0);
            assert_eq!(from.number(), Ok(value));
            assert_eq!(from.end(), Ok(()));
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            let bytes = written(|out| out.signed(value));
            assert_eq!(Reader::new(&bytes, 0).signed(), Ok(value));
        }
        for longer in [&[0x80, 0][..], &[0xff; 10], &[0xff; 11], &[0x80; 3]] {
            assert!(Reader::new(longer, 0).number().is_err(), "{longer:x?}");
        }
    }

    #[test]
    fn a_list_longer_than_its_bytes_is_refused_before_it_is_read() {
        let bytes = written(|out| out.number(u64::MAX));
        let read = Reader::new(&bytes, 0).list(|_| -> Read<()> { panic!("read an item") });
        assert_eq!(read, Err(Unreadable("the length of a list")));
    }

    #[test]
    fn a_leaf_beyond_the_tree_is_refused() {
        let bytes = written(|out| out.number(7));
        assert_eq!(Reader::new(&bytes, 8).leaf(), Ok(7));
        assert!(Reader::new(&bytes, 7).leaf().is_err());
    }
}
