//! A commitment of the general machines as part of a saved state.
//! `docs/spec/state.md`, "Commitments".

use crate::columns::Dictionary;
use crate::machine_at_most::{AtMost, Recent, Ring};
use crate::machine_duties_state::VALUES_BITS;
use crate::machine_fact::{Fact, Facts, Position, Trigger, Values};
use crate::machine_general_names::{Numbers, Places, Used, load_position, save_position};
use crate::machine_permits::Permits;
use crate::machine_state::{in_order, read_instance, save_instance};
use crate::monitor_general::{General, GeneralMachine};
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

impl General {
    pub(crate) fn save(&self, now: i64, dictionary: &Dictionary, out: &mut Writer) {
        out.flag(self.begins);
        out.list(self.ahead.values(), save_instance);
        let mut used = Used::default();
        match &self.machine {
            GeneralMachine::Permits(machine) => machine.used(&mut used),
            GeneralMachine::Duties(machine) => machine.used(&mut used),
            GeneralMachine::AtMost(machine) => machine.used(now, &mut used),
        }
        let keys = (&self.keys, self.full_keys.as_ref());
        let places = Places::save(used, keys, &self.pair, dictionary, out);
        match &self.machine {
            GeneralMachine::Permits(machine) => machine.save(&places, out),
            GeneralMachine::Duties(machine) => machine.save(&places, out),
            GeneralMachine::AtMost(machine) => machine.save(now, &places, out),
        }
    }

    /// Takes what was saved of the same commitment.
    pub(crate) fn load(&mut self, dictionary: &mut Dictionary, from: &mut Reader<'_>) -> Read<()> {
        self.begins = from.flag()?;
        let ahead = from.list(read_instance)?;
        let ahead = ahead.into_iter();
        self.ahead = ahead.map(|one| ((one.time.get(), one.leaf), one)).collect();
        let keys = (&mut self.keys, self.full_keys.as_mut());
        let numbers = Numbers::load(keys, &mut self.pair, dictionary, from)?;
        match &mut self.machine {
            GeneralMachine::Permits(machine) => machine.load(&numbers, from),
            GeneralMachine::Duties(machine) => machine.load(&numbers, from),
            GeneralMachine::AtMost(machine) => machine.load(&numbers, from),
        }
    }
}

impl Facts {
    pub(crate) fn used(&self, used: &mut Used) {
        for fact in self.waiting.values() {
            used.keys.extend(fact.key);
            used.full.extend(fact.full);
            used.this.push(fact.this);
            used.that.push(fact.that);
        }
    }

    pub(crate) fn save(&self, places: &Places, out: &mut Writer) {
        out.list(self.waiting.values(), |out, fact| {
            save_position(out, fact.position());
            out.time(fact.time);
            out.flag(fact.late);
            out.option(fact.key.map(|key| places.key(key)), Writer::number);
            out.option(fact.full.map(|key| places.full(key)), Writer::number);
            out.number(places.this(fact.this));
            out.number(places.that(fact.that));
            out.number(u64::from(fact.values.0));
            out.number(match fact.trigger {
                Trigger::No => 0,
                Trigger::Yes => 1,
                Trigger::IfRegistered => 2,
            });
            out.signed(fact.base);
        });
    }

    pub(crate) fn load(hold: i64, numbers: &Numbers, from: &mut Reader<'_>) -> Read<Self> {
        let facts = from.list(|from| {
            let (eff, leaf) = load_position(from)?;
            Ok(Fact {
                eff,
                leaf,
                time: from.time()?,
                late: from.flag()?,
                key: from.option(|from| numbers.key(from))?,
                full: from.option(|from| numbers.full(from))?,
                this: numbers.this(from)?,
                that: numbers.that(from)?,
                values: {
                    let values = u16::try_from(from.number()?).ok();
                    let values = values.filter(|values| values.leading_zeros() >= 16 - VALUES_BITS);
                    Values(values.ok_or(Unreadable("conditions"))?)
                },
                trigger: match from.number()? {
                    0 => Trigger::No,
                    1 => Trigger::Yes,
                    2 => Trigger::IfRegistered,
                    _ => return Err(Unreadable("a trigger")),
                },
                base: from.signed()?,
            })
        })?;
        ensure(in_order(&facts, Fact::position), "events in order")?;
        let waiting = facts.into_iter().map(|fact| (fact.position(), fact));
        Ok(Self {
            hold,
            waiting: waiting.collect(),
        })
    }
}

impl Permits {
    fn used(&self, used: &mut Used) {
        self.facts.used(used);
        self.openers.used(used);
    }

    fn save(&self, places: &Places, out: &mut Writer) {
        self.facts.save(places, out);
        self.openers.save(places, out);
    }

    fn load(&mut self, numbers: &Numbers, from: &mut Reader<'_>) -> Read<()> {
        self.facts = Facts::load(self.facts.hold, numbers, from)?;
        self.openers.load(numbers, from)
    }
}

impl AtMost {
    fn used(&self, now: i64, used: &mut Used) {
        self.facts.used(used);
        used.keys.extend(self.standing(now).map(|(key, ..)| key));
    }

    /// What can still count, by key. What else there is depends on when somebody
    /// looked.
    fn standing(&self, now: i64) -> impl Iterator<Item = (u64, Vec<Position>, Vec<Position>)> {
        let standing = self.keys.iter().map(move |(key, recent)| {
            let (sure, maybe) = (&recent.sure, &recent.maybe);
            (*key, self.counting(sure, now), self.counting(maybe, now))
        });
        standing.filter(|(_, sure, maybe)| !sure.is_empty() || !maybe.is_empty())
    }

    /// What can still count at events that are not taken with the clock at `now`.
    fn counting(&self, ring: &Ring, now: i64) -> Vec<Position> {
        let taken = now.saturating_sub(self.facts.hold);
        let all = ring.0.iter().copied();
        all.filter(|(eff, _)| eff.saturating_add(self.within) > taken)
            .collect()
    }

    fn save(&self, now: i64, places: &Places, out: &mut Writer) {
        self.facts.save(places, out);
        let standing = self.standing(now);
        let mut recent: Vec<(u64, Vec<Position>, Vec<Position>)> = standing
            .map(|(key, sure, maybe)| (places.key(key), sure, maybe))
            .collect();
        recent.sort_unstable();
        let save = |out: &mut Writer, ring: Vec<Position>| {
            out.list(ring.into_iter(), save_position);
        };
        out.list(recent.into_iter(), |out, (key, sure, maybe)| {
            out.number(key);
            save(out, sure);
            save(out, maybe);
        });
        save(out, self.counting(&self.any, now));
    }

    fn load(&mut self, numbers: &Numbers, from: &mut Reader<'_>) -> Read<()> {
        self.facts = Facts::load(self.facts.hold, numbers, from)?;
        let recent = from.list(|from| {
            let key = numbers.key(from)?;
            let recent = Recent {
                sure: load_ring(from)?,
                maybe: load_ring(from)?,
            };
            Ok((key, recent))
        })?;
        self.take_saved(recent.into_iter().collect(), load_ring(from)?);
        Ok(())
    }
}

fn load_ring(from: &mut Reader<'_>) -> Read<Ring> {
    let ring = from.list(load_position)?;
    ensure(ring.is_sorted(), "the last ones in order")?;
    Ok(Ring(ring.into()))
}
