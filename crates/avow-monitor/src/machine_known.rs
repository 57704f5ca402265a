//! What `before` knows about each key, in 16 bytes: the last sure event and
//! what it did. What is rare, a doubt, is kept beside.
//!
//! A key of one field is a small number that a dictionary has given out, and
//! needs no search: it says itself where its state is.

use std::hint::black_box;

use crate::dictionary::index;
use crate::machine_key::CodeMap;

/// Where a row stands in the order of evidence.
pub(crate) type Position = (i64, u64);

/// What the last sure event about a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Never,
    Given(Position),
    Ended(Position),
}

/// That, and the last event since then that might have undone it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyState {
    pub(crate) sure: Permission,
    pub(crate) doubt: Option<Position>,
}

/// A permission in 16 bytes: in the two lowest bits of the leaf its kind. A log
/// has fewer than 2^62 leaves.
#[derive(Debug, Clone, Copy, Default)]
struct Packed {
    eff: i64,
    leaf: u64,
}

const NEVER: u64 = 0;
const GIVEN: u64 = 1;
const ENDED: u64 = 2;

/// States of neighbouring keys that are taken from memory together: where only
/// few of the numbers are keys, each costs no more than 256 bytes.
const PAGE: usize = 16;

#[derive(Debug, Clone, Default)]
pub(crate) struct KeyStates {
    /// For every [`PAGE`] small keys the number of their page, plus one.
    directory: Vec<u32>,
    pages: Vec<[Packed; PAGE]>,
    /// Keys of more than one field.
    large: CodeMap<Packed>,
    doubts: CodeMap<Position>,
}

impl KeyStates {
    /// How many states are held at most.
    pub(crate) fn len(&self) -> usize {
        self.pages.len() * PAGE + self.large.len()
    }

    pub(crate) fn get(&self, key: u64) -> KeyState {
        let doubt = if self.doubts.is_empty() {
            None
        } else {
            self.doubts.get(&key).copied()
        };
        KeyState {
            sure: self.packed(key).unpack(),
            doubt,
        }
    }

    #[inline]
    fn packed(&self, key: u64) -> Packed {
        let found = match u32::try_from(key) {
            Ok(code) => {
                let page = self.directory.get(index(code) / PAGE).copied();
                let page = page.and_then(|page| self.pages.get(index(page).checked_sub(1)?));
                page.and_then(|page| page.get(index(code) % PAGE))
            }
            Err(_) => self.large.get(&key),
        };
        found.copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, key: u64, state: KeyState) {
        let packed = Packed::pack(state.sure);
        match u32::try_from(key) {
            Ok(code) => {
                if let Some(slot) = self.slot(code) {
                    *slot = packed;
                }
            }
            Err(_) => {
                self.large.insert(key, packed);
            }
        }
        match state.doubt {
            Some(doubt) => {
                self.doubts.insert(key, doubt);
            }
            None if self.doubts.is_empty() => {}
            None => {
                self.doubts.remove(&key);
            }
        }
    }

    fn slot(&mut self, code: u32) -> Option<&mut Packed> {
        let at = index(code) / PAGE;
        if self.directory.len() <= at {
            self.directory.resize(at + 1, 0);
        }
        let page = self.directory.get_mut(at)?;
        if *page == 0 {
            self.pages.push([Packed::default(); PAGE]);
            *page = u32::try_from(self.pages.len()).unwrap_or(0);
        }
        let page = index(*page).checked_sub(1)?;
        self.pages.get_mut(page)?.get_mut(index(code) % PAGE)
    }

    /// The keys of which something is known, in no order, with what it is.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, KeyState)> + '_ {
        let pages = self
            .directory
            .iter()
            .enumerate()
            .filter(|(_, page)| **page > 0);
        let small = pages.flat_map(|(at, _)| (at * PAGE..(at + 1) * PAGE).map(|key| key as u64));
        small
            .chain(self.large.keys().copied())
            .map(|key| (key, self.get(key)))
            .filter(|(_, state)| state.doubt.is_some() || state.sure != Permission::Never)
    }

    /// Has the memory come that these keys need, as `Dictionary::touch` does.
    /// Returns how many keys there were.
    pub(crate) fn touch(&self, keys: impl Iterator<Item = u64>) -> usize {
        let mut count = 0;
        let touched = keys.inspect(|_| count += 1);
        black_box(touched.fold(0, |any, key| any ^ self.packed(key).leaf));
        count
    }
}

impl Packed {
    fn pack(permission: Permission) -> Self {
        let (kind, (eff, leaf)) = match permission {
            Permission::Never => (NEVER, (0, 0)),
            Permission::Given(at) => (GIVEN, at),
            Permission::Ended(at) => (ENDED, at),
        };
        let leaf = leaf << 2 | kind;
        Self { eff, leaf }
    }

    fn unpack(self) -> Permission {
        let position = (self.eff, self.leaf >> 2);
        match self.leaf & 3 {
            GIVEN => Permission::Given(position),
            ENDED => Permission::Ended(position),
            _ => Permission::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_says_what_a_map_says() {
        let mut states = KeyStates::default();
        let mut map = BTreeMap::new();
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for leaf in 0..20_000 {
            let key = (random(400) * 7) | (random(3).saturating_sub(1) << 32);
            let position = (i64::MIN + i64::try_from(leaf).unwrap(), leaf);
            let new = KeyState {
                sure: match random(3) {
                    0 => Permission::Never,
                    1 => Permission::Given(position),
                    _ => Permission::Ended(position),
                },
                doubt: (random(4) == 0).then_some(position),
            };
            states.set(key, new);
            map.insert(key, new);
            assert_eq!(states.get(key), new);
        }
        let nothing = KeyState {
            sure: Permission::Never,
            doubt: None,
        };
        assert_eq!(states.get(5), nothing);
        assert_eq!(states.get(u64::MAX), nothing);
        map.retain(|_, state| *state != nothing);
        assert_eq!(states.iter().collect::<BTreeMap<_, _>>(), map);
    }
}
