//! What was given and taken back, by key: permissions, and who is on a
//! register. `docs/spec/pledge.md`, "Semantics", sections 3.3 and 3.5.
//!
//! Of openers that `where` cannot tell apart only the last one is remembered,
//! and none from before the last closer: no verdict can rest on it.

use std::collections::{BTreeMap, HashMap};

use crate::machine_fact::{Fact, Part, Position};
use crate::machine_general_names::{Numbers, Places, Used, load_position, save_position};
use crate::machine_key::CodeMap;
use crate::machine_pair::Pair;
use crate::state_bytes::{Read, Reader, Writer};

/// The openers of a key that matter, the last of each tuple.
#[derive(Debug, Clone, Default)]
struct Latest<K> {
    by_tuple: HashMap<(K, u32, bool), Position>,
    /// The tuple, and whether the opener is sure.
    in_order: BTreeMap<(K, Position), (u32, bool)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Closers {
    sure: Option<Position>,
    maybe: Option<Position>,
}

/// The openers and closers so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Openers {
    keyed: Latest<u64>,
    closers: CodeMap<Closers>,
    /// Those whose key is unknown, all in doubt.
    any: Latest<()>,
    any_closer: Option<Position>,
}

/// What a trigger finds before it: `O`, `Q`, `O?`, `Q?` and `X` of section 3.3.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    pub(crate) opener: Option<Position>,
    pub(crate) closer: Option<Position>,
    pub(crate) maybe_opener: Option<Position>,
    pub(crate) maybe_closer: Option<Position>,
    pub(crate) expired: Option<Position>,
}

impl<K: Copy + Ord + std::hash::Hash> Latest<K> {
    fn insert(&mut self, key: K, tuple: u32, sure: bool, position: Position) {
        if let Some(before) = self.by_tuple.insert((key, tuple, sure), position) {
            self.in_order.remove(&(key, before));
        }
        self.in_order.insert((key, position), (tuple, sure));
    }

    /// The last first.
    fn backwards(&self, key: K) -> impl Iterator<Item = (Position, u32, bool)> + '_ {
        let all = (key, (i64::MIN, 0))..=(key, (i64::MAX, u64::MAX));
        let of_key = self.in_order.range(all).rev();
        of_key.map(|((_, position), (tuple, sure))| (*position, *tuple, *sure))
    }

    fn forget(&mut self, key: K) {
        let all = (key, (i64::MIN, 0))..=(key, (i64::MAX, u64::MAX));
        while let Some((at, (tuple, sure))) = self.in_order.range(all.clone()).next() {
            let (at, tuple, sure) = (*at, *tuple, *sure);
            self.in_order.remove(&at);
            self.by_tuple.remove(&(key, tuple, sure));
        }
    }
}

impl Openers {
    /// Takes an event; `open` gives, `close` takes back.
    pub(crate) fn learn(&mut self, fact: &Fact, open: Part, close: Part) {
        let (opens, closes) = (fact.values.get(open), fact.values.get(close));
        let position = fact.position();
        let Some(key) = fact.key else {
            if opens != Some(false) {
                self.any.insert((), fact.that, false, position);
            }
            if closes != Some(false) {
                self.any_closer = Some(position);
            }
            return;
        };
        if closes != Some(false) {
            let closers = self.closers.entry(key).or_default();
            if closes.is_none() {
                closers.maybe = Some(position);
            } else {
                closers.sure = Some(position);
            }
        }
        // An event that both gives and takes back takes back.
        if closes == Some(true) {
            self.keyed.forget(key);
        } else if let Some(sure) = match opens {
            Some(true) => Some(true),
            None => Some(false),
            Some(false) => None,
        } {
            self.keyed.insert(key, fact.that, sure, position);
        }
    }

    /// What the trigger of this key and tuple, at `time`, finds before it.
    pub(crate) fn look(
        &self,
        (key, this): (u64, u32),
        time: i64,
        within: Option<i64>,
        pair: &Pair,
    ) -> Found {
        let closers = self.closers.get(&key).copied().unwrap_or_default();
        let mut found = Found {
            closer: closers.sure,
            maybe_closer: closers.maybe.max(self.any_closer),
            ..Found::default()
        };
        let is_good = |(eff, _): Position| within.is_none_or(|w| eff.saturating_add(w) >= time);
        for (position, that, sure) in self.keyed.backwards(key) {
            let permits = pair.value(this, that);
            if permits == Some(false) {
                continue;
            }
            let is_sure = sure && permits == Some(true);
            match (is_sure, is_good(position)) {
                (true, true) => {
                    found.opener = Some(position);
                    break;
                }
                (true, false) => {
                    found.expired = Some(position);
                    break;
                }
                (false, true) => found.maybe_opener = found.maybe_opener.max(Some(position)),
                (false, false) => {}
            }
        }
        let mut any = self.any.backwards(());
        let any = any.find(|(_, that, _)| pair.value(this, *that) != Some(false));
        let any = any.map(|(position, ..)| position).filter(|at| is_good(*at));
        found.maybe_opener = found.maybe_opener.max(any);
        found
    }
}

impl Openers {
    pub(crate) fn used(&self, used: &mut Used) {
        used.keys
            .extend(self.keyed.in_order.keys().map(|(key, _)| key));
        used.keys.extend(self.closers.keys());
        let tuples = self
            .keyed
            .in_order
            .values()
            .chain(self.any.in_order.values());
        used.that.extend(tuples.map(|(tuple, _)| tuple));
    }

    pub(crate) fn save(&self, places: &Places, out: &mut Writer) {
        let keyed = self.keyed.in_order.iter();
        let mut keyed: Vec<_> = keyed
            .map(|((key, position), (tuple, sure))| {
                (places.key(*key), *position, places.that(*tuple), *sure)
            })
            .collect();
        keyed.sort_unstable();
        out.list(keyed.into_iter(), |out, (key, position, tuple, sure)| {
            out.number(key);
            save_position(out, position);
            out.number(tuple);
            out.flag(sure);
        });
        let closers = self.closers.iter();
        let mut closers: Vec<(u64, &Closers)> = closers
            .map(|(key, closers)| (places.key(*key), closers))
            .collect();
        closers.sort_unstable_by_key(|(key, _)| *key);
        out.list(closers.into_iter(), |out, (key, closers)| {
            out.number(key);
            out.option(closers.sure, save_position);
            out.option(closers.maybe, save_position);
        });
        out.list(
            self.any.in_order.iter(),
            |out, (((), position), (tuple, sure))| {
                save_position(out, *position);
                out.number(places.that(*tuple));
                out.flag(*sure);
            },
        );
        out.option(self.any_closer, save_position);
    }

    pub(crate) fn load(&mut self, numbers: &Numbers, from: &mut Reader<'_>) -> Read<()> {
        *self = Self::default();
        from.list(|from| {
            let (key, position) = (numbers.key(from)?, load_position(from)?);
            let tuple = numbers.that(from)?;
            self.keyed.insert(key, tuple, from.flag()?, position);
            Ok(())
        })?;
        let closers = from.list(|from| {
            let key = numbers.key(from)?;
            let closers = Closers {
                sure: from.option(load_position)?,
                maybe: from.option(load_position)?,
            };
            Ok((key, closers))
        })?;
        self.closers = closers.into_iter().collect();
        from.list(|from| {
            let (position, tuple) = (load_position(from)?, numbers.that(from)?);
            self.any.insert((), tuple, from.flag()?, position);
            Ok(())
        })?;
        self.any_closer = from.option(load_position)?;
        Ok(())
    }
}
