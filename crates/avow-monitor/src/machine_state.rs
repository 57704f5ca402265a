//! What all machines keep, as part of a saved state: rows that wait, and the
//! tally. `docs/spec/state.md`, "Commitments".

use std::collections::{BinaryHeap, VecDeque};

use avow_event::Micros;

use crate::machine::{ANY_KEY, Reorder, Row, Tally};
use crate::machine_key_names::KeyPlaces;
use crate::report::{Instance, Reason, Verdict};
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

impl Reorder {
    /// The keys of the rows that wait.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        let waiting = self.waiting().filter(|row| !row.has(ANY_KEY));
        waiting.map(|row| row.key)
    }

    fn waiting(&self) -> impl Iterator<Item = &Row> {
        self.queue
            .iter()
            .chain(self.astray.iter().map(|row| &row.0))
    }

    /// The rows in order, whichever way they wait.
    pub(crate) fn save(&self, keys: &KeyPlaces, out: &mut Writer) {
        let mut rows: Vec<&Row> = self.waiting().collect();
        rows.sort_unstable();
        out.list(rows.into_iter(), |out, row| {
            out.time(row.eff);
            out.number(row.leaf);
            out.time(row.time);
            out.number(u64::from(row.flags));
            // The number in memory of an unknown key may be that of a known one.
            let is_known = !row.has(ANY_KEY);
            out.number(if is_known { keys.get(row.key) } else { 0 });
        });
    }

    pub(crate) fn load(hold: i64, keys: &[u64], from: &mut Reader<'_>) -> Read<Self> {
        let rows = from.list(|from| {
            let (eff, leaf, time) = (from.time()?, from.leaf()?, from.time()?);
            let flags = u16::try_from(from.number()?).map_err(|_| Unreadable("flags"))?;
            let key = from.number()?;
            let key = if flags & ANY_KEY == 0 {
                key_at(keys, key)?
            } else {
                0
            };
            Ok(Row {
                eff,
                leaf,
                key,
                time,
                flags,
            })
        })?;
        ensure(in_order(&rows, |row| (row.eff, row.leaf)), "rows in order")?;
        Ok(Self {
            hold,
            queue: VecDeque::from(rows),
            astray: BinaryHeap::new(),
        })
    }
}

/// The key at a place of the state's keys.
pub(crate) fn key_at(keys: &[u64], place: u64) -> Read<u64> {
    let key = usize::try_from(place).ok().and_then(|at| keys.get(at));
    key.copied().ok_or(Unreadable("a key's place"))
}

/// Whether each is greater than the one before it.
pub(crate) fn in_order<T, O: Ord>(items: &[T], by: impl Fn(&T) -> O) -> bool {
    items.is_sorted_by(|a, b| by(a) < by(b))
}

impl Tally {
    pub(crate) fn save(&self, out: &mut Writer) {
        for verdict in Verdict::ALL {
            out.number(self.counts.of(verdict));
            let (shown, _) = self.shown(verdict);
            out.list(shown.iter(), save_instance);
        }
    }

    pub(crate) fn load(from: &mut Reader<'_>) -> Read<Self> {
        let mut tally = Self::default();
        for verdict in Verdict::ALL {
            let count = from.instances()?;
            let instances = from.list(read_instance)?;
            let (_, most) = tally.shown(verdict);
            let fits = instances.len() <= most
                && instances.iter().all(|one| one.verdict() == verdict)
                && in_order(&instances, |one| (one.time, one.leaf, one.each))
                && instances.len() as u64 <= count;
            ensure(fits, "the instances of a verdict")?;
            *tally.counts.of_mut(verdict) = count;
            *tally.shown_mut(verdict).0 = instances;
        }
        Ok(tally)
    }
}

pub(crate) fn save_instance(out: &mut Writer, instance: &Instance) {
    out.time(instance.time.get());
    out.number(instance.leaf);
    out.option(instance.each, Writer::number);
    out.text(instance.reason.as_str());
    out.option(instance.other, Writer::number);
    out.option(instance.deadline.map(Micros::get), Writer::time);
}

pub(crate) fn read_instance(from: &mut Reader<'_>) -> Read<Instance> {
    Ok(Instance {
        time: from.instant()?,
        leaf: from.leaf()?,
        each: from.option(Reader::number)?,
        reason: {
            let name = from.text()?;
            let reason = Reason::ALL.into_iter().find(|one| one.as_str() == name);
            reason.ok_or(Unreadable("a reason"))?
        },
        other: from.option(Reader::leaf)?,
        deadline: from.option(Reader::instant)?,
    })
}
