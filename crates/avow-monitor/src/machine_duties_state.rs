//! Duties, and what came before them, as part of a saved state.
//! `docs/spec/state.md`, "Commitments".
//!
//! When a duty is judged follows from its deadline, and is not written.

use crate::machine_duties::{AnyAnswer, Duties, Duty, DutyName};
use crate::machine_fact::{Facts, Part};
use crate::machine_general_names::{Numbers, Places, Used, load_position, save_position};
use crate::machine_hold::{Holds, KeyHold, Stopped};
use crate::machine_past::{Already, ForEachPast};
use crate::machine_register::{Entry, Register};
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

impl Duties {
    pub(crate) fn used(&self, used: &mut Used) {
        self.facts.used(used);
        for name in self.open.keys() {
            used.full.push(name.key);
            used.this.push(name.this);
        }
        used.that
            .extend(self.standing_answers().iter().map(|any| any.that));
        if let Some(already) = &self.already {
            used.keys.extend(already.sure.keys());
            used.keys.extend(already.maybe.keys());
        }
        if let Some(past) = &self.for_each {
            used.keys.extend(past.things.keys().map(|(key, _)| key));
            used.full.extend(past.things.keys().map(|(_, full)| full));
            used.keys.extend(past.maybe.keys());
        }
        if let Some(holds) = &self.holds {
            used.keys.extend(holds.keys.keys());
        }
        if let Some(register) = &self.register {
            register.openers.used(used);
            let before = register.before.iter();
            used.keys.extend(before.flat_map(|b| b.entries.keys()));
        }
    }

    /// The answers of no key that bear on a duty. Which others are still there
    /// depends on when somebody looked.
    fn standing_answers(&self) -> Vec<&AnyAnswer> {
        let oldest = self.open.values().map(|duty| duty.after).min();
        let stands = |any: &&AnyAnswer| oldest.is_some_and(|oldest| any.position > oldest);
        self.any.iter().filter(stands).collect()
    }

    pub(crate) fn save(&self, places: &Places, out: &mut Writer) {
        self.facts.save(places, out);
        let mut open: Vec<(DutyName, &Duty)> = self.open.iter().map(|(n, d)| (*n, d)).collect();
        let order = |name: &DutyName| {
            let (key, this) = (places.full(name.key), places.this(name.this));
            (name.time, name.leaf, key, this, name.each)
        };
        open.sort_unstable_by_key(|(name, _)| order(name));
        out.list(open.into_iter(), |out, (name, duty)| {
            out.number(places.full(name.key));
            out.number(places.this(name.this));
            save_position(out, (name.time, name.leaf));
            out.option(name.each, Writer::number);
            duty.save(&name, out);
        });
        out.list(self.standing_answers().into_iter(), |out, any| {
            save_position(out, any.position);
            out.number(places.that(any.that));
            out.option(any.first, Writer::flag);
            out.flag(any.second);
        });
        if let Some(already) = &self.already {
            already.save(places, out);
        }
        if let Some(past) = &self.for_each {
            past.save(places, out);
        }
        if let Some(holds) = &self.holds {
            holds.save(places, out);
        }
        if let Some(register) = &self.register {
            register.save(places, out);
        }
    }

    /// Takes what was saved of a machine of the same rule.
    pub(crate) fn load(&mut self, numbers: &Numbers, from: &mut Reader<'_>) -> Read<()> {
        self.facts = Facts::load(self.facts.hold, numbers, from)?;
        let open = from.list(|from| {
            let (key, this) = (numbers.full(from)?, numbers.this(from)?);
            let (time, leaf) = load_position(from)?;
            let each = from.option(Reader::number)?;
            let name = DutyName {
                key,
                this,
                time,
                leaf,
                each,
            };
            Ok((name, Duty::load(&name, from)?))
        })?;
        let any = from.list(|from| {
            Ok(AnyAnswer {
                position: load_position(from)?,
                that: numbers.that(from)?,
                first: from.option(Reader::flag)?,
                second: from.flag()?,
            })
        })?;
        ensure(any.is_sorted_by_key(|any| any.position), "answers")?;
        self.take_saved(open, any);
        if let Some(already) = &mut self.already {
            *already = Already::load(numbers, from)?;
        }
        if let Some(past) = &mut self.for_each {
            *past = ForEachPast::load(numbers, from)?;
        }
        if let Some(holds) = &mut self.holds {
            *holds = Holds::load(numbers, from)?;
        }
        if let Some(register) = &mut self.register {
            register.load(numbers, from)?;
        }
        Ok(())
    }
}

impl Duty {
    fn save(&self, name: &DutyName, out: &mut Writer) {
        // It arose with an event, or with the promise.
        out.flag(self.after == (name.time, name.leaf));
        out.signed(self.base);
        out.option(self.deadline, Writer::signed);
        out.signed(self.gaps_to);
        out.option(self.maybe, save_position);
        out.option(self.already, save_position);
        out.option(self.stopped.since, save_position);
        out.option(self.stopped.doubt, save_position);
        out.option(self.stopped.left, Writer::signed);
        out.flag(self.stopped.fixed);
    }

    fn load(name: &DutyName, from: &mut Reader<'_>) -> Read<Self> {
        let after = if from.flag()? {
            (name.time, name.leaf)
        } else {
            crate::machine_duties::before(name.time)
        };
        Ok(Self {
            after,
            base: from.signed()?,
            deadline: from.option(Reader::signed)?,
            gaps_to: from.signed()?,
            maybe: from.option(load_position)?,
            already: from.option(load_position)?,
            stopped: Stopped {
                since: from.option(load_position)?,
                doubt: from.option(load_position)?,
                left: from.option(Reader::signed)?,
                fixed: from.flag()?,
            },
        })
    }
}

/// Entries by the place of their key.
fn by_place<'a, V>(
    entries: impl Iterator<Item = (&'a u64, V)>,
    places: &Places,
) -> std::vec::IntoIter<(u64, V)> {
    let mut all: Vec<(u64, V)> = entries.map(|(key, v)| (places.key(*key), v)).collect();
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter()
}

impl Already {
    fn save(&self, places: &Places, out: &mut Writer) {
        for map in [&self.sure, &self.maybe] {
            out.list(by_place(map.iter(), places), |out, (key, position)| {
                out.number(key);
                save_position(out, *position);
            });
        }
        out.option(self.any, save_position);
    }

    fn load(numbers: &Numbers, from: &mut Reader<'_>) -> Read<Self> {
        let mut map = || from.list(|from| Ok((numbers.key(from)?, load_position(from)?)));
        Ok(Self {
            sure: map()?.into_iter().collect(),
            maybe: map()?.into_iter().collect(),
            any: from.option(load_position)?,
        })
    }
}

impl ForEachPast {
    fn save(&self, places: &Places, out: &mut Writer) {
        let things = self.things.iter();
        let things = things.map(|((key, full), leaf)| (places.key(*key), places.full(*full), leaf));
        let mut things: Vec<(u64, u64, &u64)> = things.collect();
        things.sort_unstable();
        out.list(things.into_iter(), |out, (key, full, leaf)| {
            out.number(key);
            out.number(full);
            out.number(*leaf);
        });
        out.list(
            by_place(self.maybe.iter(), places),
            |out, (key, position)| {
                out.number(key);
                save_position(out, *position);
            },
        );
        out.option(self.any, save_position);
    }

    fn load(numbers: &Numbers, from: &mut Reader<'_>) -> Read<Self> {
        let things = from.list(|from| {
            let thing = (numbers.key(from)?, numbers.full(from)?);
            Ok((thing, from.leaf()?))
        })?;
        let maybe = from.list(|from| Ok((numbers.key(from)?, load_position(from)?)))?;
        Ok(Self {
            things: things.into_iter().collect(),
            maybe: maybe.into_iter().collect(),
            any: from.option(load_position)?,
        })
    }
}

impl Holds {
    fn save(&self, places: &Places, out: &mut Writer) {
        out.list(by_place(self.keys.iter(), places), |out, (key, hold)| {
            out.number(key);
            out.flag(hold.held);
            out.option(hold.sure, save_position);
            out.option(hold.doubt, save_position);
        });
        out.list(self.any.iter(), |out, position| {
            save_position(out, *position)
        });
    }

    fn load(numbers: &Numbers, from: &mut Reader<'_>) -> Read<Self> {
        let keys = from.list(|from| {
            let key = numbers.key(from)?;
            let hold = KeyHold {
                held: from.flag()?,
                sure: from.option(load_position)?,
                doubt: from.option(load_position)?,
            };
            Ok((key, hold))
        })?;
        let any = from.list(load_position)?;
        ensure(any.is_sorted(), "events that may hold any key")?;
        Ok(Self {
            keys: keys.into_iter().collect(),
            any,
        })
    }
}

impl Register {
    fn save(&self, places: &Places, out: &mut Writer) {
        self.openers.save(places, out);
        out.option(self.before.as_ref(), |out, before| {
            out.list(
                by_place(before.entries.iter(), places),
                |out, (key, entry)| {
                    out.number(key);
                    out.option(entry.sure, save_position);
                    save_position(out, entry.last);
                },
            );
            out.option(before.no_key, save_position);
        });
    }

    fn load(&mut self, numbers: &Numbers, from: &mut Reader<'_>) -> Read<()> {
        self.openers.load(numbers, from)?;
        if !from.flag()? {
            self.before = None;
            return Ok(());
        }
        let before = self.before.as_mut().ok_or(Unreadable("a register"))?;
        let entries = from.list(|from| {
            let key = numbers.key(from)?;
            let entry = Entry {
                sure: from.option(load_position)?,
                last: load_position(from)?,
            };
            Ok((key, entry))
        })?;
        before.entries = entries.into_iter().collect();
        before.no_key = from.option(load_position)?;
        Ok(())
    }
}

/// The conditions of a fact are two bits each.
pub(crate) const VALUES_BITS: u32 = Part::ALL.len() as u32 * 2;
