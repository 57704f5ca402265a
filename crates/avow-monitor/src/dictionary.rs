//! Texts as numbers: comparing and hashing a text once, when its event comes,
//! and numbers from then on.
//!
//! Laid out for many different texts, the names of millions of people: one
//! text after another in one piece of memory, and a table that is asked with
//! one look at itself and one at the text. What the numbers are used for is
//! left to `columns` and the machines.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;

/// The code of what is not known.
pub const NULL_CODE: u32 = 0;

/// Interned texts. Code 0 is NULL; every other code is one text, and every
/// text has one code, for as long as the dictionary lives.
///
/// It only grows: it holds each different text of the columns in use once, at
/// some 30 to 60 bytes beside the text.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// A secret, so that nobody can choose texts that collide.
    secret: RandomState,
    /// Open addressing: a power of two, at most three quarters in use. Where a
    /// text is sought first are the upper bits of its hash, so that a larger
    /// table has the same order and is filled from one end to the other.
    slots: Vec<Slot>,
    /// All texts, in the order of their codes.
    texts: String,
    /// Where each text ends, by code; NULL takes nothing.
    ends: Vec<usize>,
    /// What was seen lately, by [`slot`]: a fast answer for what repeats. A
    /// collision here costs one comparison of numbers and nothing else.
    recent: Vec<Recent>,
}

/// 16 bytes, four to a line of the cache.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u32,
    /// [`NULL_CODE`]: free.
    code: u32,
    /// Where the text is: its first byte in the upper 48 bits, its length, if
    /// it is below [`LENGTH_MAX`], in the lower 16.
    place: u64,
}

/// Lengths from here on are not in a slot. Texts of events are shorter.
const LENGTH_MAX: usize = 0xffff;

/// The table of an empty dictionary, and how it grows.
const SLOTS_MIN: usize = 1 << 10;

#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    mixed: u32,
    code: u32,
}

/// A text that is to be looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought {
    hash: u32,
    /// Where it will be remembered, and as what.
    place: usize,
    mixed: u32,
}

/// How many texts are sought at a time: no processor waits for more places of
/// its memory than some tens.
pub(crate) const TOUCHED_MAX: usize = 32;

/// How many slots the recent codes have: 32 KiB, a common first-level cache. A
/// power of two.
const RECENT_SLOTS: usize = 4_096;

/// A number that differs for most texts; quality matters little here.
fn mix(text: &str) -> u64 {
    // The golden ratio's bits.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut mixed = u64::try_from(text.len()).unwrap_or(0);
    for eight in eights {
        mixed = (mixed ^ u64::from_le_bytes(*eight)).wrapping_mul(SPREAD);
        mixed ^= mixed >> 32;
    }
    let rest = rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    (mixed ^ rest).wrapping_mul(SPREAD)
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
            secret: RandomState::new(),
            slots: vec![Slot::default(); SLOTS_MIN],
            texts: String::new(),
            ends: vec![0],
            recent: vec![Recent::default(); RECENT_SLOTS],
        }
    }

    /// The code of a text, a new one if it was not there.
    ///
    /// # Panics
    /// After 2^32 - 1 different texts: at least 64 GiB of memory before that,
    /// so that memory ends first.
    pub fn intern(&mut self, text: &str) -> u32 {
        match self.recall(text) {
            Ok(code) => code,
            Err(sought) => self.settle(text, sought),
        }
    }

    /// The code of a text that was seen lately, or what is needed to look for
    /// it later.
    pub(crate) fn recall(&self, text: &str) -> Result<u32, Sought> {
        let mixed = mix(text);
        let place = usize::try_from(mixed >> 32).unwrap_or(0) % RECENT_SLOTS;
        let mixed = u32::try_from(mixed & u64::from(u32::MAX)).unwrap_or(0);
        let recent = self.recent.get(place).copied().unwrap_or_default();
        if recent.mixed == mixed && self.text(recent.code) == Some(text) {
            return Ok(recent.code);
        }
        Err(Sought {
            hash: self.hash(text),
            place,
            mixed,
        })
    }

    /// Has the memory come that several texts will be sought in. Waiting for it
    /// takes longer than all the rest, and the processor waits for many places
    /// at a time if no answer hangs on another.
    pub(crate) fn touch(&self, sought: impl Iterator<Item = Sought> + Clone) {
        let slots = sought.clone().map(|one| self.home(one.hash));
        let slots = slots.filter_map(|at| self.slots.get(at));
        black_box(slots.fold(0, |any, slot| any ^ slot.hash));
        let places = sought.filter_map(|one| self.place(one.hash));
        let texts = places.flat_map(|place| {
            let (start, length) = (place >> 16, place & LENGTH_MAX as u64);
            let end = start + length.saturating_sub(1);
            [start, end].map(|at| self.texts.as_bytes().get(usize::try_from(at).ok()?))
        });
        black_box(texts.flatten().fold(0, |any, byte| any ^ byte));
    }

    /// Where the first text of that hash is.
    fn place(&self, hash: u32) -> Option<u64> {
        let mask = self.slots.len() - 1;
        let mut at = self.home(hash);
        loop {
            let slot = self.slots.get(at).filter(|slot| slot.code != NULL_CODE)?;
            if slot.hash == hash {
                return Some(slot.place);
            }
            at = (at + 1) & mask;
        }
    }

    /// The code of a text that was not seen lately.
    pub(crate) fn settle(&mut self, text: &str, sought: Sought) -> u32 {
        let code = match self.find(text, sought.hash) {
            Found::Code(code) => code,
            Found::Free(at) => self.add(text, sought.hash, at),
        };
        if let Some(recent) = self.recent.get_mut(sought.place) {
            let mixed = sought.mixed;
            *recent = Recent { mixed, code };
        }
        code
    }

    fn hash(&self, text: &str) -> u32 {
        u32::try_from(self.secret.hash_one(text) >> 32).unwrap_or(0)
    }

    /// Where a hash is sought first.
    fn home(&self, hash: u32) -> usize {
        let bits = self.slots.len().trailing_zeros();
        usize::try_from(u64::from(hash) << bits >> 32).unwrap_or(0)
    }

    fn find(&self, text: &str, hash: u32) -> Found {
        let mask = self.slots.len() - 1;
        let mut at = self.home(hash);
        // A quarter of the slots is free, so that this ends.
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.code == NULL_CODE => return Found::Free(at),
                Some(slot) if slot.hash == hash && self.holds(slot, text) => {
                    return Found::Code(slot.code);
                }
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn holds(&self, slot: &Slot, text: &str) -> bool {
        let (start, length) = (slot.place >> 16, slot.place & LENGTH_MAX as u64);
        if length == LENGTH_MAX as u64 {
            return self.text(slot.code) == Some(text);
        }
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let there = self.texts.as_bytes().get(start..start + text.len());
        length == text.len() as u64 && there == Some(text.as_bytes())
    }

    fn add(&mut self, text: &str, hash: u32, at: usize) -> u32 {
        #[expect(clippy::expect_used, reason = "memory ends before the codes do")]
        let code = u32::try_from(self.ends.len()).expect("fewer than 2^32 texts");
        let length = text.len().min(LENGTH_MAX);
        let place = (self.texts.len() as u64) << 16 | length as u64;
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot { hash, code, place };
        }
        if self.ends.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        code
    }

    fn grow(&mut self) {
        let slots = vec![Slot::default(); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, slots);
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| slot.code != NULL_CODE) {
            let mut at = self.home(slot.hash);
            while self.slots.get(at).is_some_and(|s| s.code != NULL_CODE) {
                at = (at + 1) & mask;
            }
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }

    /// The code of a text that is there.
    pub fn code(&self, text: &str) -> Option<u32> {
        match self.find(text, self.hash(text)) {
            Found::Code(code) => Some(code),
            Found::Free(_) => None,
        }
    }

    /// The text of a code; `None` for NULL and for codes of no text.
    pub fn text(&self, code: u32) -> Option<&str> {
        let before = index(code).checked_sub(1)?;
        let ends = self.ends.get(before..before + 2)?;
        let [start, end] = ends else { return None };
        self.texts.get(*start..*end)
    }

    /// How many codes there are, NULL included: each is less than this.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it knows NULL only.
    pub fn is_empty(&self) -> bool {
        self.len() == 1
    }
}

enum Found {
    Code(u32),
    Free(usize),
}

/// A code as a position.
pub(crate) fn index(code: u32) -> usize {
    code as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_code_however_many_come() {
        let mut dictionary = Dictionary::new();
        assert!(dictionary.is_empty());
        let long = "long".repeat(20_000);
        let text = |n: u32| match n % 1_000 {
            0 => format!("{long}{n}"),
            _ => format!("{n}"),
        };
        for n in 1..5_000 {
            assert_eq!(dictionary.code(&text(n)), None);
            assert_eq!(dictionary.intern(&text(n)), n);
            assert_eq!(dictionary.intern(&text(n)), n);
        }
        assert_eq!(dictionary.intern(""), 5_000);
        assert_eq!(dictionary.text(5_000), Some(""));
        for n in 1..5_000 {
            assert_eq!(dictionary.code(&text(n)), Some(n));
            assert_eq!(dictionary.text(n), Some(text(n).as_str()));
        }
        assert_eq!(dictionary.text(NULL_CODE), None);
        assert_eq!(dictionary.text(5_001), None);
        assert_eq!(dictionary.len(), 5_001);
    }

    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let mut dictionary = Dictionary::new();
        for (n, text) in ["a", "b", "ab", ""].into_iter().enumerate() {
            let Found::Free(at) = dictionary.find(text, u32::MAX) else {
                panic!("`{text}` was not there");
            };
            assert_eq!(dictionary.add(text, u32::MAX, at) as usize, n + 1);
        }
        for (n, text) in ["a", "b", "ab", ""].into_iter().enumerate() {
            match dictionary.find(text, u32::MAX) {
                Found::Code(code) => assert_eq!(code as usize, n + 1),
                Found::Free(_) => panic!("`{text}` was there"),
            }
        }
    }
}
