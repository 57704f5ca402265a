//! One commitment over batches: from the truth of its predicates to the rows
//! that its machine has to see. `docs/spec/pledge.md`, "Semantics", section 3.

use avow_event::{Field, Micros};

use crate::clock::NEVER;
use crate::columns::{Columns, Dictionary, bit, pack};
use crate::coverage::{Coverage, in_scope};
use crate::machine::{
    ANY_KEY, FAILS, FIRST, HOLDS, MAYBE_FIRST, MAYBE_SECOND, Row, SECOND, TRIGGER, TRIGGER_NO_KEY,
    TRIGGER_UNDETERMINED, Tally,
};
use crate::machine_gaps::GapIndex;
use crate::monitor_condition::Condition;
use crate::monitor_frame::Frame;
use crate::monitor_general::Batch;
use crate::monitor_rule_machine::Machine;
use crate::report::{Reason, Verdict};
use crate::{Commitment, Pattern, SourcePattern};

/// A commitment at work.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    scope: usize,
    /// Since when, and until when, its triggers count.
    from: i64,
    to: i64,
    /// Where in the batch they do.
    period: Vec<u64>,
    patterns: Vec<SourcePattern>,
    /// Whether each source, by position, is in scope.
    members: Vec<bool>,
    scope_words: Vec<u64>,
    when: Option<Condition>,
    pub(crate) machine: Machine,
    gaps: GapIndex,
    gaps_version: u64,
    /// Where the clock stood when instances were judged last.
    pub(crate) judged: i64,
    pub(crate) tally: Tally,
}

/// The bits of 64 rows.
#[derive(Clone, Copy, Default)]
struct Words {
    trigger: u64,
    trigger_null: u64,
    first: u64,
    first_null: u64,
    second: u64,
    second_null: u64,
}

impl Rule {
    pub(crate) fn new(
        scope: usize,
        commitment: &Commitment,
        coverage: &Coverage,
        dictionary: &mut Dictionary,
    ) -> Self {
        let hold = coverage.hold(scope);
        let (when, machine) = Machine::new(commitment, hold, dictionary);
        Self {
            scope,
            from: commitment.from.get(),
            to: commitment.to.map_or(i64::MAX, Micros::get),
            period: Vec::new(),
            patterns: commitment.sources.clone(),
            members: Vec::new(),
            scope_words: Vec::new(),
            when,
            machine,
            gaps: GapIndex::default(),
            gaps_version: u64::MAX,
            judged: NEVER,
            tally: Tally::default(),
        }
    }

    /// The fields that the columns must have for a commitment.
    pub(crate) fn fields(pattern: &Pattern) -> Vec<Field> {
        pattern.fields()
    }

    /// Takes a batch; the clock stands at `now` after it.
    pub(crate) fn run(
        &mut self,
        columns: &Columns,
        dictionary: &Dictionary,
        frame: &Frame,
        coverage: &Coverage,
        now: i64,
    ) {
        self.find_scope(frame, coverage);
        self.find_period(columns, frame);
        if let Some(when) = &mut self.when {
            when.eval(columns, dictionary);
        }
        match &mut self.machine {
            Machine::Plain { fails, .. } => {
                fails.eval(columns, dictionary);
                self.run_plain(columns, frame, now);
            }
            Machine::Before { first, second, .. } | Machine::Within { first, second, .. } => {
                first.eval(columns, dictionary);
                if let Some(second) = second {
                    second.eval(columns, dictionary);
                }
                self.flag(columns, frame);
                self.judge(coverage, now);
            }
            Machine::General(general) => {
                let batch = Batch {
                    columns,
                    dictionary,
                    frame,
                    scope_words: &self.scope_words,
                    now,
                };
                general.take(batch, &mut self.tally);
                self.judge(coverage, now);
            }
        }
    }

    /// The verdicts so far, with what is still waiting.
    pub(crate) fn tally(&self, now: i64) -> Tally {
        let mut tally = self.tally.clone();
        match &self.machine {
            Machine::Plain { .. } => {}
            Machine::Before { machine, .. } => machine.peek(now, &mut tally),
            Machine::Within { machine, .. } => machine.peek(now, &mut tally),
            Machine::General(general) => general.peek(now, &mut tally),
        }
        tally
    }

    fn find_scope(&mut self, frame: &Frame, coverage: &Coverage) {
        while let Some(source) = u32::try_from(self.members.len())
            .ok()
            .and_then(|next| coverage.source(next))
        {
            self.members.push(in_scope(&self.patterns, &source.name));
        }
        self.scope_words.clear();
        if self.members.iter().all(|is_member| *is_member) {
            self.scope_words.extend_from_slice(&frame.evidence);
            return;
        }
        let members = &self.members;
        let in_scope = |source: u32| members.get(source as usize) == Some(&true);
        let chunks = frame.sources.chunks(64).zip(&frame.evidence);
        self.scope_words
            .extend(chunks.map(|(chunk, evidence)| pack(chunk, in_scope) & evidence));
    }

    fn find_period(&mut self, columns: &Columns, frame: &Frame) {
        self.period.clear();
        if self.from == frame.from && self.to == i64::MAX {
            self.period.extend_from_slice(&frame.since_from);
            return;
        }
        let (from, to) = (self.from, self.to);
        let (times, _) = columns.integers(Field::Time);
        let in_period = |time: i64| time >= from && time < to;
        self.period
            .extend(times.chunks(64).map(|chunk| pack(chunk, in_period)));
    }

    /// never and always: whole words are counted, and only rows that will be
    /// shown are looked at one by one.
    fn run_plain(&mut self, columns: &Columns, frame: &Frame, now: i64) {
        let Machine::Plain { fails, ahead } = &mut self.machine else {
            return;
        };
        let (times, _) = columns.integers(Field::Time);
        let rows = self.scope_words.iter().zip(&self.period);
        for (at, (scope, period)) in rows.enumerate() {
            let (when, when_null) = self.when.as_ref().map_or((u64::MAX, 0), |w| w.word(at));
            let (fail, fail_null) = fails.word(at);
            let here = scope & period;
            let failed = here & when & fail;
            let unknown = here & ((when & fail_null) | (when_null & (fail | fail_null)));
            let held = here & when & !fail & !fail_null;
            let later = frame.ahead.get(at).copied().unwrap_or(0);
            for (bits, reason, flag) in [
                (failed, Reason::Fails, FAILS),
                (unknown, Reason::Undetermined, TRIGGER_UNDETERMINED),
                (held, Reason::Holds, HOLDS),
            ] {
                let verdict = reason.verdict();
                let sure = bits & !later;
                self.tally.add(verdict, u64::from(sure.count_ones()));
                if sure != 0 && !self.tally.is_full(verdict, frame.first_time) {
                    for row in rows_of(sure, at) {
                        let position = position(columns, times, row);
                        self.tally.show(reason, position, None, None);
                    }
                }
                for row in rows_of(bits & later, at) {
                    let (eff, leaf) = position(columns, times, row);
                    let (key, time, flags) = (0, eff, flag);
                    ahead.push(Row {
                        eff,
                        leaf,
                        key,
                        time,
                        flags,
                    });
                }
            }
        }
        while let Some(row) = ahead.pop(now) {
            let reason = match row.flags {
                HOLDS => Reason::Holds,
                FAILS => Reason::Fails,
                _ => Reason::Undetermined,
            };
            self.tally.note(reason, (row.eff, row.leaf), None, None);
        }
    }

    /// before and within: the rows that one of the predicates picks.
    fn flag(&mut self, columns: &Columns, frame: &Frame) {
        for at in 0..self.scope_words.len() {
            let scope = self.scope_words.get(at).copied().unwrap_or(0);
            let period = self.period.get(at).copied().unwrap_or(0);
            let words = self.words(at, scope, period);
            let picked = words.trigger
                | words.trigger_null
                | words.first
                | words.first_null
                | words.second
                | words.second_null;
            for row in rows_of(picked, at) {
                self.flag_row(columns, frame, row, &words);
            }
        }
    }

    fn words(&self, at: usize, scope: u64, period: u64) -> Words {
        let (first, second) = match &self.machine {
            Machine::Before { first, second, .. } | Machine::Within { first, second, .. } => {
                (first, second)
            }
            Machine::Plain { .. } | Machine::General(_) => return Words::default(),
        };
        let (trigger, trigger_null) = self.when.as_ref().map_or((0, 0), |w| w.word(at));
        let (first, first_null) = first.word(at);
        let (second, second_null) = second.as_ref().map_or((0, 0), |s| s.word(at));
        Words {
            trigger: trigger & scope & period,
            trigger_null: trigger_null & scope & period,
            first: first & scope,
            first_null: first_null & scope,
            second: second & scope,
            second_null: second_null & scope,
        }
    }

    fn flag_row(&mut self, columns: &Columns, frame: &Frame, row: usize, words: &Words) {
        let (keys, rows, deadline) = match &mut self.machine {
            Machine::Before { keys, machine, .. } => (keys, &mut machine.rows, None),
            Machine::Within { keys, machine, .. } => {
                let (times, _) = columns.integers(Field::Time);
                let deadline = times.get(row).map(|time| machine.deadline(*time));
                (keys, &mut machine.rows, deadline)
            }
            Machine::Plain { .. } | Machine::General(_) => return,
        };
        let key = keys.get(columns, row);
        let is = |word: u64| word >> (row % 64) & 1 == 1;
        let (first, second) = (is(words.first), is(words.second));
        let (first_null, second_null) = (is(words.first_null), is(words.second_null));
        let mut flags = if key.is_some() {
            flag(first, FIRST)
                | flag(second, SECOND)
                | flag(first_null, MAYBE_FIRST)
                | flag(second_null, MAYBE_SECOND)
        } else {
            ANY_KEY
                | flag(first || first_null, MAYBE_FIRST)
                | flag(second || second_null, MAYBE_SECOND)
        };
        // For a duty, doing and lifting are one: both end it.
        if deadline.is_some() && flags & MAYBE_SECOND != 0 {
            flags |= MAYBE_FIRST;
        }
        if is(words.trigger | words.trigger_null) {
            let (reason, trigger) = if bit(&frame.late, row) {
                (Some(Reason::Late), 0)
            } else if is(words.trigger_null) {
                (Some(Reason::Undetermined), TRIGGER_UNDETERMINED)
            } else if key.is_none() {
                (Some(Reason::NoKey), TRIGGER_NO_KEY)
            } else {
                (None, TRIGGER)
            };
            match reason {
                Some(reason) if !bit(&frame.ahead, row) => {
                    let (times, _) = columns.integers(Field::Time);
                    let position = position(columns, times, row);
                    self.tally.note(reason, position, None, deadline);
                }
                _ => flags |= trigger,
            }
        } else if deadline.is_none()
            && is(words.second | words.second_null)
            && bit(&frame.late, row)
            && frame.eff.get(row).is_some_and(|eff| *eff >= self.from)
        {
            // Uses before it arrived may have been judged as permitted.
            let (times, _) = columns.integers(Field::Time);
            let position = position(columns, times, row);
            if position.0 < self.to {
                self.tally.note(Reason::LateEnd, position, None, None);
            }
        }
        if flags & !ANY_KEY != 0 {
            let (times, _) = columns.integers(Field::Time);
            let (time, leaf) = position(columns, times, row);
            rows.push(Row {
                eff: frame.eff.get(row).copied().unwrap_or(0),
                leaf,
                time,
                key: key.unwrap_or(0),
                flags,
            });
        }
    }

    fn judge(&mut self, coverage: &Coverage, now: i64) {
        if self.gaps_version != coverage.version() {
            self.gaps_version = coverage.version();
            let gaps = coverage.gaps(self.scope).map(|gap| gap.span);
            // What is still to be judged is judged at this clock or later.
            self.gaps.replace(gaps, self.judged);
        }
        self.judged = now;
        match &mut self.machine {
            Machine::Before { machine, .. } => machine.run(now, &self.gaps, &mut self.tally),
            Machine::Within { machine, .. } => machine.run(now, &self.gaps, &mut self.tally),
            Machine::General(general) => general.judge(now, &self.gaps, &mut self.tally),
            Machine::Plain { .. } => {}
        }
    }
}

fn flag(set: bool, flag: u16) -> u16 {
    if set { flag } else { 0 }
}

/// The value and the leaf of a row.
fn position(columns: &Columns, values: &[i64], row: usize) -> (i64, u64) {
    (
        values.get(row).copied().unwrap_or(0),
        columns.leaf().get(row).copied().unwrap_or(0),
    )
}

pub(crate) fn rows_of(word: u64, at: usize) -> impl Iterator<Item = usize> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let row = (rest != 0).then(|| at * 64 + rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(row)
    })
}

impl Rule {
    /// The first instances of each verdict that are shown.
    pub(crate) fn shown_order() -> [Verdict; 4] {
        [
            Verdict::Breached,
            Verdict::Unknown,
            Verdict::Pending,
            Verdict::Kept,
        ]
    }
}
