//! `before`: was there permission, for this key, when it was used?
//! `docs/spec/pledge.md`, "Semantics", section 3.3.

use crate::machine::{
    ANY_KEY, FIRST, MAYBE_FIRST, MAYBE_SECOND, Reorder, Row, SECOND, TRIGGER, Tally,
};
use crate::machine_gaps::GapIndex;
use crate::machine_key::KEYS_TOUCHED_MIN;
use crate::machine_key_names::KeyPlaces;
use crate::machine_known::{KeyState, KeyStates, Permission, Position};
use crate::machine_state::key_at;
use crate::report::Reason;
use crate::state_bytes::{Read, Reader, Unreadable, Writer};

#[derive(Debug, Clone)]
pub(crate) struct Before {
    pub(crate) rows: Reorder,
    keys: KeyStates,
    /// The last events with an unknown key that might give or end permission.
    any_first: Option<Position>,
    any_second: Option<Position>,
    has_until: bool,
    /// Whether a gap makes a verdict unknown.
    gap_unknown: bool,
}

impl Before {
    pub(crate) fn new(hold: i64, has_until: bool, gap_unknown: bool) -> Self {
        Self {
            rows: Reorder::new(hold),
            keys: KeyStates::default(),
            any_first: None,
            any_second: None,
            has_until,
            gap_unknown,
        }
    }

    /// Judges what can be judged with the clock at `now`.
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
            let position = (row.eff, row.leaf);
            if let Some(reason) = row.self_evident() {
                tally.note(reason, position, None, None);
            } else if row.has(TRIGGER) {
                let (reason, other) = self.judge(&row, gaps);
                tally.note(reason, position, other.map(|(_, leaf)| leaf), None);
            }
            self.learn(&row);
        }
    }

    /// Has the memory come that the next rows need, as `Dictionary::touch` does.
    /// Returns for how many rows, at least one.
    fn touch(&self, now: i64) -> usize {
        if self.keys.len() < KEYS_TOUCHED_MIN {
            return 1;
        }
        self.keys.touch(self.rows.next_keys(now)).max(1)
    }

    /// Adds what has happened by `now` and waits to be judged.
    pub(crate) fn peek(&self, now: i64, tally: &mut Tally) {
        for row in self.rows.happened(now) {
            let reason = match row.self_evident() {
                Some(reason) => reason,
                None if row.has(TRIGGER) => Reason::Waiting,
                None => continue,
            };
            tally.note(reason, (row.eff, row.leaf), None, None);
        }
    }

    fn judge(&self, row: &Row, gaps: &GapIndex) -> (Reason, Option<Position>) {
        let state = self.keys.get(row.key);
        let (since, any) = match state.sure {
            Permission::Never => (None, self.any_first),
            Permission::Given(at) => (Some(at), self.any_second),
            Permission::Ended(at) => (Some(at), self.any_first),
        };
        let doubt = state.doubt.max(any.filter(|any| Some(*any) > since));
        if doubt.is_some() {
            return (Reason::MaybePermitted, doubt);
        }
        let decided_by_absence = self.has_until || !matches!(state.sure, Permission::Given(_));
        if self.gap_unknown && decided_by_absence && self.is_in_gap(row, since, gaps) {
            return (Reason::Gap, since);
        }
        let reason = match state.sure {
            Permission::Never => Reason::NotPermitted,
            Permission::Given(_) => Reason::Permitted,
            Permission::Ended(_) => Reason::PermissionEnded,
        };
        (reason, since)
    }

    /// Whether a gap lies between the last sure event and the trigger.
    fn is_in_gap(&self, row: &Row, since: Option<Position>, gaps: &GapIndex) -> bool {
        let after = since.map_or(i64::MIN, |(eff, _)| eff);
        let horizon = row.eff.saturating_add(self.rows.hold());
        let (begins_by, ends_from) = (row.eff.saturating_sub(1), after.saturating_add(1));
        after < row.eff && gaps.has(begins_by, ends_from, (horizon, row.leaf))
    }

    fn learn(&mut self, row: &Row) {
        let position = (row.eff, row.leaf);
        if row.has(ANY_KEY) {
            if row.has(MAYBE_FIRST) {
                self.any_first = Some(position);
            }
            if row.has(MAYBE_SECOND) {
                self.any_second = Some(position);
            }
            return;
        }
        if !row.has(FIRST | SECOND | MAYBE_FIRST | MAYBE_SECOND) {
            return;
        }
        let state = self.keys.get(row.key);
        if let Some(next) = after(&state, row, position) {
            self.keys.set(row.key, next);
        }
    }
}

/// What is known about a key after a row about it, if that is something else.
fn after(state: &KeyState, row: &Row, position: Position) -> Option<KeyState> {
    if row.has(SECOND) {
        // An event that both gives and ends permission ends it.
        return Some(KeyState {
            sure: Permission::Ended(position),
            doubt: None,
        });
    }
    if row.has(FIRST) {
        return Some(KeyState {
            sure: Permission::Given(position),
            doubt: row.has(MAYBE_SECOND).then_some(position),
        });
    }
    let undoes = match state.sure {
        Permission::Given(_) => MAYBE_SECOND,
        Permission::Never | Permission::Ended(_) => MAYBE_FIRST,
    };
    let sure = state.sure;
    row.has(undoes).then_some(KeyState {
        sure,
        doubt: Some(position),
    })
}

impl Before {
    /// The keys of which something is known.
    pub(crate) fn keys(&self) -> Vec<u64> {
        let known = self.keys.iter().map(|(key, _)| key);
        known.chain(self.rows.keys()).collect()
    }

    pub(crate) fn save(&self, keys: &KeyPlaces, out: &mut Writer) {
        self.rows.save(keys, out);
        let known = self.keys.iter().map(|(k, state)| (keys.get(k), state));
        let mut known: Vec<(u64, KeyState)> = known.collect();
        known.sort_unstable_by_key(|(key, _)| *key);
        out.list(known.into_iter(), |out, (key, state)| {
            out.number(key);
            let (kind, position) = match state.sure {
                Permission::Never => (0, None),
                Permission::Given(at) => (1, Some(at)),
                Permission::Ended(at) => (2, Some(at)),
            };
            out.number(kind);
            out.option(position, save_position);
            out.option(state.doubt, save_position);
        });
        out.option(self.any_first, save_position);
        out.option(self.any_second, save_position);
    }

    /// Takes what was saved of a machine of the same rule.
    pub(crate) fn load(&mut self, keys: &[u64], from: &mut Reader<'_>) -> Read<()> {
        self.rows = Reorder::load(self.rows.hold(), keys, from)?;
        let known = from.list(|from| {
            let key = key_at(keys, from.number()?)?;
            let kind = from.number()?;
            let sure = match (kind, from.option(load_position)?) {
                (0, None) => Permission::Never,
                (1, Some(at)) => Permission::Given(at),
                (2, Some(at)) => Permission::Ended(at),
                _ => return Err(Unreadable("a permission")),
            };
            let doubt = from.option(load_position)?;
            Ok((key, KeyState { sure, doubt }))
        })?;
        self.keys = KeyStates::default();
        for (key, state) in known {
            self.keys.set(key, state);
        }
        self.any_first = from.option(load_position)?;
        self.any_second = from.option(load_position)?;
        Ok(())
    }
}

fn save_position(out: &mut Writer, (eff, leaf): Position) {
    out.time(eff);
    out.number(leaf);
}

fn load_position(from: &mut Reader<'_>) -> Read<Position> {
    Ok((from.time()?, from.leaf()?))
}
