//! Keys and tuples of a general machine by the values that they stand for, as
//! part of a saved state. `docs/spec/state.md`, "Keys".

use crate::columns::Dictionary;
use crate::machine_fact::Position;
use crate::machine_key::Keys;
use crate::machine_key_names::KeyPlaces;
use crate::machine_pair::{Pair, Slot, Tuples};
use crate::machine_state::key_at;
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

/// What a machine names, by the numbers of this run.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) keys: Vec<u64>,
    /// With the values of `each`, if the rule has any; else the same.
    pub(crate) full: Vec<u64>,
    pub(crate) this: Vec<u32>,
    pub(crate) that: Vec<u32>,
}

/// Where all of these stand in a state.
pub(crate) struct Places {
    keys: KeyPlaces,
    full: Option<KeyPlaces>,
    this: TuplePlaces,
    that: TuplePlaces,
}

/// The numbers of this run for the places in a state.
pub(crate) struct Numbers {
    keys: Vec<u64>,
    full: Option<Vec<u64>>,
    this: Vec<u32>,
    that: Vec<u32>,
}

struct TuplePlaces(Vec<u32>);

impl Places {
    pub(crate) fn save(
        mut used: Used,
        (keys, full): (&Keys, Option<&Keys>),
        pair: &Pair,
        dictionary: &Dictionary,
        out: &mut Writer,
    ) -> Self {
        if full.is_none() {
            used.keys.append(&mut used.full);
        }
        Self {
            keys: keys.save(used.keys, dictionary, out),
            full: full.map(|full| full.save(used.full, dictionary, out)),
            this: pair.this.save(used.this, dictionary, out),
            that: pair.that.save(used.that, dictionary, out),
        }
    }

    pub(crate) fn key(&self, key: u64) -> u64 {
        self.keys.get(key)
    }

    pub(crate) fn full(&self, key: u64) -> u64 {
        self.full.as_ref().unwrap_or(&self.keys).get(key)
    }

    pub(crate) fn this(&self, tuple: u32) -> u64 {
        self.this.get(tuple)
    }

    pub(crate) fn that(&self, tuple: u32) -> u64 {
        self.that.get(tuple)
    }
}

impl Numbers {
    pub(crate) fn load(
        (keys, full): (&mut Keys, Option<&mut Keys>),
        pair: &mut Pair,
        dictionary: &mut Dictionary,
        from: &mut Reader<'_>,
    ) -> Read<Self> {
        Ok(Self {
            keys: keys.load(dictionary, from)?,
            full: full.map(|full| full.load(dictionary, from)).transpose()?,
            this: pair.load(|pair| &mut pair.this, dictionary, from)?,
            that: pair.load(|pair| &mut pair.that, dictionary, from)?,
        })
    }

    pub(crate) fn key(&self, from: &mut Reader<'_>) -> Read<u64> {
        key_at(&self.keys, from.number()?)
    }

    pub(crate) fn full(&self, from: &mut Reader<'_>) -> Read<u64> {
        key_at(self.full.as_ref().unwrap_or(&self.keys), from.number()?)
    }

    pub(crate) fn this(&self, from: &mut Reader<'_>) -> Read<u32> {
        tuple_at(&self.this, from)
    }

    pub(crate) fn that(&self, from: &mut Reader<'_>) -> Read<u32> {
        tuple_at(&self.that, from)
    }
}

fn tuple_at(tuples: &[u32], from: &mut Reader<'_>) -> Read<u32> {
    let at = usize::try_from(from.number()?).ok();
    let tuple = at.and_then(|at| tuples.get(at));
    tuple.copied().ok_or(Unreadable("a tuple's place"))
}

impl TuplePlaces {
    fn get(&self, tuple: u32) -> u64 {
        let place = self.0.get(tuple as usize).copied();
        u64::from(place.unwrap_or(0))
    }
}

/// A place of a tuple by its value; texts in the order of their bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named<'a> {
    Null,
    Number(i64),
    Text(&'a str),
}

impl Tuples {
    /// Writes these tuples, each once and in order.
    fn save(&self, mut used: Vec<u32>, dictionary: &Dictionary, out: &mut Writer) -> TuplePlaces {
        used.sort_unstable();
        used.dedup();
        let named = |tuple: u32| -> Vec<Named<'_>> {
            let slots = self.get(tuple).iter();
            slots
                .map(|slot| match slot {
                    Slot::Null => Named::Null,
                    Slot::Number(number) => Named::Number(*number),
                    Slot::Text(code) => Named::Text(dictionary.text(*code).unwrap_or_default()),
                })
                .collect()
        };
        let mut tuples: Vec<(Vec<Named<'_>>, u32)> = used
            .into_iter()
            .map(|tuple| (named(tuple), tuple))
            .collect();
        tuples.sort_unstable();
        out.list(tuples.iter(), |out, (slots, _)| {
            out.list(slots.iter(), |out, slot| match slot {
                Named::Null => out.number(0),
                Named::Number(number) => {
                    out.number(1);
                    out.signed(*number);
                }
                Named::Text(text) => {
                    out.number(2);
                    out.text(text);
                }
            });
        });
        let most = tuples.iter().map(|(_, tuple)| *tuple as usize + 1).max();
        let mut places = vec![0; most.unwrap_or(0)];
        for (place, (_, tuple)) in (0..).zip(&tuples) {
            if let Some(slot) = places.get_mut(*tuple as usize) {
                *slot = place;
            }
        }
        TuplePlaces(places)
    }
}

impl Pair {
    /// Reads the tuples of one side and gives each a number of this run.
    fn load(
        &mut self,
        side: impl Fn(&mut Self) -> &mut Tuples,
        dictionary: &mut Dictionary,
        from: &mut Reader<'_>,
    ) -> Read<Vec<u32>> {
        from.list(|from| {
            let slots = from.list(|from| match from.number()? {
                0 => Ok(Slot::Null),
                1 => Ok(Slot::Number(from.signed()?)),
                2 => {
                    let text = from.text()?;
                    let code = dictionary.intern(text);
                    self.know_text(code, text);
                    Ok(Slot::Text(code))
                }
                _ => Err(Unreadable("a tuple")),
            })?;
            ensure(slots.len() == side(self).width(), "a tuple")?;
            Ok(side(self).number(slots.into_boxed_slice()))
        })
    }
}

pub(crate) fn save_position(out: &mut Writer, (eff, leaf): Position) {
    out.time(eff);
    out.number(leaf);
}

pub(crate) fn load_position(from: &mut Reader<'_>) -> Read<Position> {
    Ok((from.time()?, from.leaf()?))
}
