//! `within`: was the duty done, for this key, by its deadline?
//! `docs/spec/pledge.md`, "Semantics", section 3.4.

use std::collections::{HashSet, VecDeque};

use crate::machine::{ANY_KEY, FIRST, MAYBE_FIRST, Reorder, Row, SECOND, TRIGGER, Tally};
use crate::machine_gaps::GapIndex;
use crate::machine_key::{CodeMap, KEYS_TOUCHED_MIN};
use crate::machine_key_names::KeyPlaces;
use crate::machine_open::{Duty, NONE, OpenDuties, State};
use crate::machine_state::{in_order, key_at};
use crate::report::{Reason, Verdict};
use crate::state_bytes::{Read, Reader, Writer, ensure};

/// An event that does or lifts duties.
#[derive(Debug, Clone, Copy)]
struct Discharge {
    eff: i64,
    leaf: u64,
    /// When it says that it happened. It surely does no duty that arose later.
    time: i64,
    reason: Reason,
}

/// The events that do the duties of one key, as far as one of them does a duty
/// that no earlier one does.
// INVARIANT: the first to count last; each says an earlier time than those
// before it in the list.
#[derive(Debug, Clone, Default)]
struct Discharges(Vec<Discharge>);

impl Discharges {
    /// Takes one that counts before all others.
    fn insert(&mut self, discharge: Discharge) {
        while self
            .0
            .pop_if(|later| later.time <= discharge.time)
            .is_some()
        {}
        self.0.push(discharge);
    }

    /// The first that does a duty of that time and deadline.
    fn first(&self, time: i64, deadline: i64) -> Option<&Discharge> {
        let after = self.0.partition_point(|discharge| discharge.time >= time);
        let first = self.0.get(after.checked_sub(1)?)?;
        (first.eff <= deadline).then_some(first)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Within {
    pub(crate) rows: Reorder,
    within: i64,
    gap_unknown: bool,
    /// By trigger, which is by deadline too.
    duties: OpenDuties,
    /// How many of them are not done.
    open_count: u64,
    /// Events with an unknown key that might do any duty.
    any: VecDeque<(i64, u64)>,
}

impl Within {
    pub(crate) fn new(hold: i64, within: i64, gap_unknown: bool) -> Self {
        Self {
            rows: Reorder::new(hold),
            within,
            gap_unknown,
            duties: OpenDuties::default(),
            open_count: 0,
            any: VecDeque::new(),
        }
    }

    /// Does what can be done with the clock at `now`.
    pub(crate) fn run(&mut self, now: i64, gaps: &GapIndex, tally: &mut Tally) {
        let mut at_hand = 0;
        loop {
            if at_hand == 0 {
                at_hand = self.touch(now);
            }
            at_hand -= 1;
            let Some(row) = self.rows.pop(now) else {
                break;
            };
            if let Some(discharge) = discharge(&row) {
                self.discharge(row.key, discharge, tally);
            } else if row.has(ANY_KEY) && row.has(MAYBE_FIRST) {
                self.any.push_back((row.eff, row.leaf));
            } else if row.has(MAYBE_FIRST) {
                self.doubt(&row);
            }
            if let Some(reason) = row.self_evident() {
                let deadline = Some(self.deadline(row.eff));
                tally.note(reason, (row.eff, row.leaf), None, deadline);
            } else if row.has(TRIGGER) {
                self.arise(&row);
            }
        }
        self.expire(now, gaps, tally);
    }

    /// Has the memory come that the next rows need, as `Dictionary::touch` does.
    /// Returns for how many rows, at least one.
    fn touch(&self, now: i64) -> usize {
        if self.duties.keys() < KEYS_TOUCHED_MIN {
            return 1;
        }
        self.duties.touch(self.rows.next_keys(now));
        self.rows.next_keys(now).count().max(1)
    }

    pub(crate) fn deadline(&self, time: i64) -> i64 {
        time.saturating_add(self.within)
    }

    fn arise(&mut self, row: &Row) {
        self.duties.push(row.eff, row.leaf, row.key);
        self.open_count += 1;
    }

    /// The open duties of a key, the last one first.
    fn still_open(&self, key: u64) -> Vec<(u64, Duty)> {
        let mut found = Vec::new();
        let mut number = self.duties.last(key).unwrap_or(NONE);
        while let Some(duty) = self.duties.get(number) {
            found.push((number, duty));
            number = duty.previous;
        }
        found
    }

    fn discharge(&mut self, key: u64, discharge: Discharge, tally: &mut Tally) {
        let Some(newest) = self.duties.last(key) else {
            return;
        };
        let mut number = self.keep_open(newest, &discharge);
        if number == newest {
            self.duties.remove_last(key);
        }
        // Duties whose deadline has passed stay: nothing can do them any more.
        while let Some(duty) = self.duties.get(number) {
            let deadline = self.deadline(duty.time);
            if deadline < discharge.eff {
                break;
            }
            self.duties.set_state(number, State::Done);
            number = duty.previous;
            self.open_count -= 1;
            tally.note(
                discharge.reason,
                (duty.time, duty.leaf),
                Some(discharge.leaf),
                Some(deadline),
            );
        }
    }

    /// Duties that arose after what a late event tells stay open, in doubt.
    /// Returns the first that did not.
    fn keep_open(&mut self, newest: u64, discharge: &Discharge) -> u64 {
        let mut number = newest;
        let mut last_kept = None;
        while let Some(duty) = self.duties.get(number)
            && duty.time > discharge.time
            && self.deadline(duty.time) >= discharge.eff
        {
            if duty.state == State::Open {
                self.duties
                    .set_state(number, State::Doubted(discharge.leaf));
            }
            last_kept = Some(number);
            number = duty.previous;
        }
        if let Some(kept) = last_kept {
            // Those before it are done now, or past their time.
            self.duties.cut(kept);
        }
        number
    }

    fn doubt(&mut self, row: &Row) {
        let mut number = self.duties.last(row.key).unwrap_or(NONE);
        // Those before a doubted one are doubted or past their time.
        while let Some(duty) = self.duties.get(number)
            && duty.state == State::Open
            && self.deadline(duty.time) >= row.eff
        {
            self.duties.set_state(number, State::Doubted(row.leaf));
            number = duty.previous;
        }
    }

    /// Judges the duties whose deadline and the delays after it have passed.
    fn expire(&mut self, now: i64, gaps: &GapIndex, tally: &mut Tally) {
        let hold = self.rows.hold();
        while let Some((number, duty)) = self.duties.front() {
            let deadline = self.deadline(duty.time);
            // What is done goes at once: what is kept depends on the open
            // duties alone, and so does a state that is saved.
            let is_done = duty.state == State::Done;
            if !is_done && now <= deadline.saturating_add(hold) {
                break;
            }
            if is_done {
                self.duties.pop_front();
                continue;
            }
            self.open_count -= 1;
            if self.duties.last(duty.key) == Some(number) {
                self.duties.remove_last(duty.key);
            }
            self.duties.pop_front();
            let (reason, other) = self.judge(&duty, deadline, gaps);
            tally.note(reason, (duty.time, duty.leaf), other, Some(deadline));
        }
        let oldest = self.duties.front().map(|(_, duty)| (duty.time, duty.leaf));
        // Rows that still wait come after these events, whatever they are.
        if let Some(oldest) = oldest {
            while self.any.front().is_some_and(|any| *any <= oldest) {
                self.any.pop_front();
            }
        } else {
            self.any.clear();
        }
    }

    fn judge(&self, duty: &Duty, deadline: i64, gaps: &GapIndex) -> (Reason, Option<u64>) {
        if let State::Doubted(leaf) = duty.state {
            return (Reason::MaybeDone, Some(leaf));
        }
        let after = self
            .any
            .partition_point(|any| *any <= (duty.time, duty.leaf));
        if let Some((eff, leaf)) = self.any.get(after)
            && *eff <= deadline
        {
            return (Reason::MaybeDone, Some(*leaf));
        }
        let horizon = deadline.saturating_add(self.rows.hold()).saturating_add(1);
        let in_gap = self.gap_unknown && gaps.has(deadline, duty.time, (horizon, duty.leaf));
        let reason = if in_gap { Reason::Gap } else { Reason::NotDone };
        (reason, None)
    }

    /// Adds what is still pending at `now`, and what waiting rows have done.
    pub(crate) fn peek(&self, now: i64, tally: &mut Tally) {
        let waiting = self.rows.happened(now);
        let mut next: CodeMap<Discharges> = CodeMap::default();
        let mut pending = Vec::new();
        for row in waiting.iter().rev() {
            let position = (row.eff, row.leaf);
            let deadline = self.deadline(row.eff);
            if let Some(reason) = row.self_evident() {
                tally.note(reason, position, None, Some(deadline));
            } else if row.has(TRIGGER) {
                let discharges = next.get(&row.key);
                match discharges.and_then(|all| all.first(row.eff, deadline)) {
                    Some(d) => tally.note(d.reason, position, Some(d.leaf), Some(deadline)),
                    None => pending.push(position),
                }
            }
            if let Some(discharge) = discharge(row) {
                next.entry(row.key).or_default().insert(discharge);
            }
        }
        let mut done = HashSet::new();
        for (key, discharges) in &next {
            for (number, duty) in self.still_open(*key) {
                let deadline = self.deadline(duty.time);
                if let Some(discharge) = discharges.first(duty.time, deadline) {
                    done.insert(number);
                    let position = (duty.time, duty.leaf);
                    let other = Some(discharge.leaf);
                    tally.note(discharge.reason, position, other, Some(deadline));
                }
            }
        }
        let done_count = done.len() as u64;
        tally.add(Verdict::Pending, self.open_count - done_count);
        let still_open = self
            .duties
            .iter()
            .filter(|(number, duty)| duty.state != State::Done && !done.contains(number));
        for (_, duty) in still_open {
            if tally.is_full(Verdict::Pending, duty.time) {
                break;
            }
            let deadline = Some(self.deadline(duty.time));
            tally.show(Reason::Waiting, (duty.time, duty.leaf), None, deadline);
        }
        for position in pending {
            let deadline = Some(self.deadline(position.0));
            tally.note(Reason::Waiting, position, None, deadline);
        }
    }
}

fn discharge(row: &Row) -> Option<Discharge> {
    let reason = if row.has(ANY_KEY) {
        return None;
    } else if row.has(FIRST) {
        Reason::Done
    } else if row.has(SECOND) {
        Reason::Lifted
    } else {
        return None;
    };
    Some(Discharge {
        eff: row.eff,
        leaf: row.leaf,
        time: row.time,
        reason,
    })
}

impl Within {
    /// The keys of open duties and of rows that wait.
    pub(crate) fn keys(&self) -> Vec<u64> {
        let open = self.open_duties().map(|duty| duty.key);
        open.chain(self.rows.keys()).collect()
    }

    fn open_duties(&self) -> impl Iterator<Item = Duty> + '_ {
        let all = self.duties.iter().map(|(_, duty)| duty);
        all.filter(|duty| duty.state != State::Done)
    }

    /// Writes the duties that are not done. Which of them have one key, and how
    /// many there are, needs no word of its own.
    pub(crate) fn save(&self, keys: &KeyPlaces, out: &mut Writer) {
        self.rows.save(keys, out);
        let open: Vec<Duty> = self.open_duties().collect();
        out.list(open.into_iter(), |out, duty| {
            out.time(duty.time);
            out.number(duty.leaf);
            out.number(keys.get(duty.key));
            let doubt = match duty.state {
                State::Doubted(leaf) => Some(leaf),
                State::Open | State::Done => None,
            };
            out.option(doubt, Writer::number);
        });
        out.list(self.any.iter(), |out, (eff, leaf)| {
            out.time(*eff);
            out.number(*leaf);
        });
    }

    /// Takes what was saved of a machine of the same rule.
    pub(crate) fn load(&mut self, keys: &[u64], from: &mut Reader<'_>) -> Read<()> {
        self.rows = Reorder::load(self.rows.hold(), keys, from)?;
        let open = from.list(|from| {
            let (time, leaf) = (from.time()?, from.leaf()?);
            let key = key_at(keys, from.number()?)?;
            Ok((time, leaf, key, from.option(Reader::leaf)?))
        })?;
        ensure(in_order(&open, |duty| (duty.0, duty.1)), "duties")?;
        (self.duties, self.open_count) = (OpenDuties::default(), open.len() as u64);
        for (number, (time, leaf, key, doubt)) in (0..).zip(open) {
            self.duties.push(time, leaf, key);
            if let Some(leaf) = doubt {
                self.duties.set_state(number, State::Doubted(leaf));
            }
        }
        let any = from.list(|from| Ok((from.time()?, from.leaf()?)))?;
        ensure(in_order(&any, |any| *any), "events with an unknown key")?;
        self.any = any.into();
        Ok(())
    }
}
