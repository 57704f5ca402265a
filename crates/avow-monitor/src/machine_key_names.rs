//! The keys of a machine by the values that they stand for. The numbers in
//! memory are those of one run; a saved state has none of them.
//! `docs/spec/state.md`, "Keys".

use std::collections::HashMap;

use avow_event::{Field, FieldKind};

use crate::columns::{Dictionary, NULL_CODE};
use crate::machine_key::{CodeMap, Keys};
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

/// One value of a key. Texts are ordered as texts, once they have their place
/// among all texts of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(u32),
    Number(i64),
    Truth(bool),
}

/// Where each key stands in a saved state.
pub(crate) struct KeyPlaces {
    places: CodeMap<u64>,
}

impl KeyPlaces {
    /// Of rows without a key: all have the first place.
    pub(crate) fn none() -> Self {
        Self {
            places: CodeMap::default(),
        }
    }

    pub(crate) fn get(&self, key: u64) -> u64 {
        self.places.get(&key).copied().unwrap_or(0)
    }
}

impl Keys {
    /// Writes the values of these keys, each key once and in order.
    pub(crate) fn save(
        &self,
        mut used: Vec<u64>,
        dictionary: &Dictionary,
        out: &mut Writer,
    ) -> KeyPlaces {
        used.sort_unstable();
        used.dedup();
        let spelling = Spelling::new(self);
        let mut keys: Vec<(Vec<Part>, u64)> = used
            .into_iter()
            .map(|key| (spelling.parts(key), key))
            .collect();
        let texts = number_texts(&mut keys, dictionary);
        keys.sort_unstable();
        out.list(texts.into_iter(), Writer::text);
        out.list(keys.iter(), |out, (parts, _)| {
            // Its own length first, as every item of a list has a byte.
            out.list(parts.iter(), |out, part| match part {
                Part::Text(place) => out.number(u64::from(*place)),
                Part::Number(number) => out.signed(*number),
                Part::Truth(truth) => out.flag(*truth),
            });
        });
        let keys = keys.into_iter().map(|(_, key)| key);
        KeyPlaces {
            places: keys.zip(0..).collect(),
        }
    }

    /// Reads keys and gives each a number of this run.
    pub(crate) fn load(
        &mut self,
        dictionary: &mut Dictionary,
        from: &mut Reader<'_>,
    ) -> Read<Vec<u64>> {
        let texts = from.list(|from| Ok(dictionary.intern(from.text()?)))?;
        let fields = self.fields.clone();
        from.list(|from| {
            let mut fields = fields.iter();
            let codes = from.list(|from| {
                let field = fields.next().ok_or(Unreadable("a key"))?;
                self.load_code(*field, &texts, from)
            })?;
            ensure(fields.next().is_none(), "a key")?;
            self.of_codes(&codes).ok_or(Unreadable("a key"))
        })
    }

    fn load_code(&mut self, field: Field, texts: &[u32], from: &mut Reader<'_>) -> Read<u32> {
        match field.kind() {
            FieldKind::Integer | FieldKind::Time => Ok(self.integer(from.signed()?)),
            FieldKind::Boolean => Ok(u32::from(from.flag()?)),
            _ => {
                let place = usize::try_from(from.number()?).ok();
                let code = place.and_then(|place| texts.get(place));
                code.copied().ok_or(Unreadable("a text of a key"))
            }
        }
    }
}

/// From numbers back to values.
struct Spelling<'a> {
    fields: &'a [Field],
    integers: Vec<i64>,
    pairs: Vec<u64>,
}

impl<'a> Spelling<'a> {
    fn new(keys: &'a Keys) -> Self {
        Self {
            fields: &keys.fields,
            integers: by_number(
                keys.integers
                    .iter()
                    .map(|(value, number)| (*value, *number)),
            ),
            pairs: by_number(keys.pairs.iter().map(|(value, number)| (*value, *number))),
        }
    }

    /// The values of a key; texts by their code in the dictionary.
    fn parts(&self, mut key: u64) -> Vec<Part> {
        let mut codes = Vec::new();
        for at in (1..self.fields.len()).rev() {
            codes.push(low(key));
            key = if at == 1 {
                key >> 32
            } else {
                let pair = self.pairs.get(low(key >> 32) as usize);
                pair.copied().unwrap_or(0)
            };
        }
        codes.push(low(key));
        let codes = codes.into_iter().rev();
        self.fields
            .iter()
            .zip(codes)
            .map(|(field, code)| match field.kind() {
                FieldKind::Integer | FieldKind::Time => {
                    Part::Number(self.integers.get(code as usize).copied().unwrap_or(0))
                }
                FieldKind::Boolean => Part::Truth(code != 0),
                _ => Part::Text(code),
            })
            .collect()
    }
}

/// Replaces codes by places among the texts in order, and returns these.
fn number_texts<'a>(keys: &mut [(Vec<Part>, u64)], dictionary: &'a Dictionary) -> Vec<&'a str> {
    let mut codes: HashMap<u32, u32> = HashMap::new();
    for part in keys.iter().flat_map(|(parts, _)| parts) {
        if let Part::Text(code) = part {
            codes.insert(*code, NULL_CODE);
        }
    }
    let mut texts: Vec<(&str, u32)> = codes
        .keys()
        .map(|code| (dictionary.text(*code).unwrap_or_default(), *code))
        .collect();
    texts.sort_unstable();
    for (place, (_, code)) in (0..).zip(&texts) {
        codes.insert(*code, place);
    }
    for part in keys.iter_mut().flat_map(|(parts, _)| parts) {
        if let Part::Text(code) = part {
            *code = codes.get(code).copied().unwrap_or(0);
        }
    }
    texts.into_iter().map(|(text, _)| text).collect()
}

fn by_number<T: Copy + Default>(entries: impl ExactSizeIterator<Item = (T, u32)>) -> Vec<T> {
    let mut values = vec![T::default(); entries.len()];
    for (value, number) in entries {
        if let Some(slot) = values.get_mut(number as usize) {
            *slot = value;
        }
    }
    values
}

fn low(key: u64) -> u32 {
    u32::try_from(key & u64::from(u32::MAX)).unwrap_or(0)
}
