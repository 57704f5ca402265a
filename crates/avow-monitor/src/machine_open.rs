//! The open duties of `within`, in 28 bytes each and 5 to 11 for finding the
//! last one of a key: a firm may have tens of millions.
//!
//! Duties have numbers in the order of their deadlines, and leave in that
//! order. Which of them are done is decided by `machine_within`.

use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;

use crate::dictionary::TOUCHED_MAX;

/// No duty.
pub(crate) const NONE: u64 = u64::MAX;

/// What has become of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// The leaf of the first event that might have done it.
    Doubted(u64),
    Done,
}

/// A duty that has arisen, until its deadline has passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Duty {
    pub(crate) time: i64,
    pub(crate) leaf: u64,
    pub(crate) key: u64,
    /// The duty before it with the same key that was open when it arose.
    pub(crate) previous: u64,
    pub(crate) state: State,
}

/// The same in 28 bytes: halves of words, so that nothing is left between them.
#[derive(Debug, Clone, Copy)]
struct Packed {
    time: [u32; 2],
    /// In the two lowest bits the state: a log has fewer than 2^62 leaves.
    leaf: [u32; 2],
    key: [u32; 2],
    /// How far back the duty before it is; 0: there is none. More than 2^32
    /// duties at a time are more than memory holds.
    back: u32,
}

const OPEN: u64 = 0;
const DOUBTED: u64 = 1;
const DONE: u64 = 2;

/// How many duties one piece of memory holds: pieces are taken and given back
/// whole, so that no more than 28 KiB are unused at either end.
const PIECE: u64 = 1_024;

#[derive(Debug, Clone, Default)]
pub(crate) struct OpenDuties {
    pieces: VecDeque<Vec<Packed>>,
    /// The number of the first duty, and of the one to come.
    base: u64,
    end: u64,
    /// The leaves of those that are doubted, which are few.
    doubts: BTreeMap<u64, u64>,
    /// Open addressing: the last open duty of each key, as [`low`] of its
    /// number plus 2. The key is that of the duty.
    slots: Vec<u32>,
    /// How many slots are not [`FREE`], and how many of those are [`GONE`].
    used: usize,
    gone: usize,
}

const FREE: u32 = 0;
const GONE: u32 = 1;
/// Numbers are told apart modulo this.
const NUMBERS: u64 = (1 << 32) - 2;
const SLOTS_MIN: usize = 64;

fn halves(word: u64) -> [u32; 2] {
    let low = word & u64::from(u32::MAX);
    [low, word >> 32].map(|half| u32::try_from(half).unwrap_or(0))
}

fn whole([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

impl OpenDuties {
    /// How many keys have an open duty.
    pub(crate) fn keys(&self) -> usize {
        self.used - self.gone
    }

    /// Adds the duty with the latest deadline, the last one of its key.
    pub(crate) fn push(&mut self, time: i64, leaf: u64, key: u64) {
        let number = self.end;
        let previous = self.set_last(key, number).unwrap_or(NONE);
        let back = if previous == NONE {
            0
        } else {
            number - previous
        };
        let packed = Packed {
            time: halves(time.cast_unsigned()),
            leaf: halves(leaf << 2 | OPEN),
            key: halves(key),
            back: u32::try_from(back).unwrap_or(0),
        };
        if number.is_multiple_of(PIECE) {
            self.pieces.push_back(Vec::with_capacity(PIECE as usize));
        }
        if let Some(piece) = self.pieces.back_mut() {
            piece.push(packed);
        }
        self.end += 1;
    }

    /// In which piece a duty is, and where in it.
    fn place(&self, number: u64) -> Option<(usize, usize)> {
        if !(self.base..self.end).contains(&number) {
            return None;
        }
        let piece = usize::try_from(number / PIECE - self.base / PIECE).ok()?;
        Some((piece, usize::try_from(number % PIECE).ok()?))
    }

    fn packed(&self, number: u64) -> Option<&Packed> {
        let (piece, at) = self.place(number)?;
        self.pieces.get(piece)?.get(at)
    }

    fn packed_mut(&mut self, number: u64) -> Option<&mut Packed> {
        let (piece, at) = self.place(number)?;
        self.pieces.get_mut(piece)?.get_mut(at)
    }

    pub(crate) fn get(&self, number: u64) -> Option<Duty> {
        let packed = self.packed(number)?;
        let leaf = whole(packed.leaf);
        Some(Duty {
            time: whole(packed.time).cast_signed(),
            leaf: leaf >> 2,
            key: whole(packed.key),
            previous: match packed.back {
                0 => NONE,
                back => number - u64::from(back),
            },
            state: match leaf & 3 {
                OPEN => State::Open,
                DOUBTED => State::Doubted(self.doubts.get(&number).copied().unwrap_or(0)),
                _ => State::Done,
            },
        })
    }

    pub(crate) fn set_state(&mut self, number: u64, state: State) {
        let bits = match state {
            State::Open => OPEN,
            State::Doubted(_) => DOUBTED,
            State::Done => DONE,
        };
        if let State::Doubted(leaf) = state {
            self.doubts.insert(number, leaf);
        } else if !self.doubts.is_empty() {
            self.doubts.remove(&number);
        }
        if let Some(packed) = self.packed_mut(number) {
            packed.leaf = halves(whole(packed.leaf) >> 2 << 2 | bits);
        }
    }

    /// Forgets which duty was before it.
    pub(crate) fn cut(&mut self, number: u64) {
        if let Some(packed) = self.packed_mut(number) {
            packed.back = 0;
        }
    }

    /// The duty with the earliest deadline, and its number.
    pub(crate) fn front(&self) -> Option<(u64, Duty)> {
        Some((self.base, self.get(self.base)?))
    }

    /// Forgets that one. It must not be the last one of its key any more.
    pub(crate) fn pop_front(&mut self) {
        if self.base == self.end {
            return;
        }
        if !self.doubts.is_empty() {
            self.doubts.remove(&self.base);
        }
        self.base += 1;
        if self.base.is_multiple_of(PIECE) && self.base <= self.end {
            self.pieces.pop_front();
        }
    }

    /// All with their numbers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, Duty)> + '_ {
        (self.base..self.end).filter_map(|number| Some((number, self.get(number)?)))
    }

    /// The last open duty of a key.
    pub(crate) fn last(&self, key: u64) -> Option<u64> {
        let at = self.slot(key).ok()?;
        self.slots.get(at).map(|slot| self.number(*slot))
    }

    /// Makes a duty the last one of its key; returns the one that was.
    pub(crate) fn set_last(&mut self, key: u64, number: u64) -> Option<u64> {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.rebuild();
        }
        let low = u32::try_from(number % NUMBERS + 2).unwrap_or(FREE);
        let found = self.slot(key);
        let before = match found {
            Ok(at) => self.slots.get(at).map(|slot| self.number(*slot)),
            Err(_) => None,
        };
        self.used += usize::from(found.is_err());
        let (Ok(at) | Err(at)) = found;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = low;
        }
        before
    }

    /// The key has no open duty any more; returns the one that was the last.
    pub(crate) fn remove_last(&mut self, key: u64) -> Option<u64> {
        let at = self.slot(key).ok()?;
        let number = self.slots.get(at).map(|slot| self.number(*slot));
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = GONE;
            self.gone += 1;
        }
        number
    }

    /// Where the key is, or the free slot that ends the search for it.
    fn slot(&self, key: u64) -> Result<usize, usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = self.home(key);
        // A quarter of the slots is free, so that this ends.
        loop {
            match self.slots.get(at).copied() {
                None | Some(FREE) => return Err(at),
                Some(slot) if slot != GONE && self.key_of(slot) == Some(key) => return Ok(at),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    /// Where a key is sought first: keys are numbers that were given out in
    /// order, which the golden ratio's bits spread.
    fn home(&self, key: u64) -> usize {
        let bits = self.slots.len().max(2).trailing_zeros();
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> (64 - bits)).unwrap_or(0)
    }

    fn number(&self, slot: u32) -> u64 {
        let low = u64::from(slot) + NUMBERS - 2;
        self.base + (low - self.base % NUMBERS) % NUMBERS
    }

    fn key_of(&self, slot: u32) -> Option<u64> {
        self.packed(self.number(slot))
            .map(|packed| whole(packed.key))
    }

    /// Makes room, and forgets what is gone.
    fn rebuild(&mut self) {
        let live = self.keys();
        let slots = ((live + 1) * 2).next_power_of_two().max(SLOTS_MIN);
        let old = std::mem::replace(&mut self.slots, vec![FREE; slots]);
        (self.used, self.gone) = (live, 0);
        for slot in old.into_iter().filter(|slot| *slot > GONE) {
            let Some(Err(at)) = self.key_of(slot).map(|key| self.slot(key)) else {
                continue;
            };
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }

    /// Has the memory come that these keys need, as `Dictionary::touch` does.
    pub(crate) fn touch(&self, keys: impl Iterator<Item = u64>) {
        let mut slots = [FREE; TOUCHED_MAX];
        for (slot, key) in slots.iter_mut().zip(keys) {
            *slot = self.slots.get(self.home(key)).copied().unwrap_or(FREE);
        }
        let keys = slots.iter().map(|slot| match *slot {
            FREE | GONE => 0,
            slot => self.key_of(slot).unwrap_or(0),
        });
        black_box(keys.fold(0, |any, key| any ^ key));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_says_what_a_map_and_a_list_say() {
        let mut duties = OpenDuties::default();
        let mut list: VecDeque<(u64, u64)> = VecDeque::new();
        let mut last: HashMap<u64, u64> = HashMap::new();
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for number in 0..20_000 {
            let key = random(3_000) << 32 | random(2);
            duties.push(i64::MIN + i64::try_from(number).unwrap(), number, key);
            let before = last.insert(key, number).unwrap_or(NONE);
            assert_eq!(duties.get(number).unwrap().previous, before);
            list.push_back((number, key));
            if random(3) == 0 {
                let key = random(3_000) << 32;
                assert_eq!(duties.last(key), last.get(&key).copied());
                assert_eq!(duties.remove_last(key), last.remove(&key));
            }
            // Sometimes more leave than come, until there is none.
            while random(5_000) > 2_600 || list.len() > 6_000 {
                let Some((first, key)) = list.pop_front() else {
                    break;
                };
                if last.get(&key) == Some(&first) {
                    last.remove(&key);
                    duties.remove_last(key);
                }
                assert_eq!(duties.front().unwrap().0, first);
                duties.pop_front();
            }
            assert_eq!(duties.end - duties.base, list.len() as u64);
            assert_eq!(duties.keys(), last.len());
        }
        let all: Vec<(u64, u64)> = duties.iter().map(|(n, duty)| (n, duty.key)).collect();
        assert_eq!(all, Vec::from(list));
        for (key, number) in last {
            assert_eq!(duties.last(key), Some(number));
        }
    }

    #[test]
    fn a_duty_keeps_what_is_said_about_it() {
        let mut duties = OpenDuties::default();
        let leaf = (1 << 53) - 1;
        duties.push(-1, leaf, u64::MAX);
        duties.push(i64::MAX, leaf, u64::MAX);
        duties.set_state(0, State::Doubted(leaf));
        let first = duties.get(0).unwrap();
        assert_eq!((first.time, first.leaf, first.key), (-1, leaf, u64::MAX));
        assert_eq!(first.state, State::Doubted(leaf));
        assert_eq!(duties.get(1).unwrap().state, State::Open);
        assert_eq!(duties.get(1).unwrap().previous, 0);
        duties.cut(1);
        assert_eq!(duties.get(1).unwrap().previous, NONE);
        duties.set_state(0, State::Done);
        assert_eq!(duties.get(0).unwrap().state, State::Done);
        duties.pop_front();
        assert!(duties.get(0).is_none());
    }
}
