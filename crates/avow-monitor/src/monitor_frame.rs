//! What every commitment needs to know about a batch: when each row counts,
//! from which source it is, and what it may be.

use avow_event::{Action, Field};

use crate::clock::Clock;
use crate::columns::{Columns, Dictionary, NULL_CODE, pack};
use crate::coverage::{Arrival, Coverage, ReportedGap, Run};

/// One batch, row by row. Words have a bit a row, as in `TruthColumn`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// When the row counts as evidence.
    pub(crate) eff: Vec<i64>,
    /// Position of its source in the coverage.
    pub(crate) sources: Vec<u32>,
    /// It arrived later than its source's delay.
    pub(crate) late: Vec<u64>,
    /// Its time is ahead of the clock.
    pub(crate) ahead: Vec<u64>,
    /// It can be an instance: not before the pledge's `from`.
    pub(crate) since_from: Vec<u64>,
    /// It can be evidence: neither a heartbeat nor a gap.
    pub(crate) evidence: Vec<u64>,
    /// Since when the pledge promises.
    pub(crate) from: i64,
    /// The earliest time.
    pub(crate) first_time: i64,
}

/// The codes of the actions that only coverage looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CoverageActions {
    heartbeat: u32,
    gap: u32,
}

impl CoverageActions {
    pub(crate) fn new(dictionary: &mut Dictionary) -> Self {
        Self {
            heartbeat: dictionary.intern(Action::Heartbeat.as_str()),
            gap: dictionary.intern(Action::Gap.as_str()),
        }
    }
}

/// The fields that a frame is made of.
pub(crate) const FRAME_FIELDS: [Field; 6] = [
    Field::Source,
    Field::Seq,
    Field::Time,
    Field::Logged,
    Field::Action,
    Field::Due,
];

/// The rows of one word, at most 64.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    leaf: &'a [u64],
    times: &'a [i64],
    logged: &'a [i64],
    logged_null: u64,
    seqs: &'a [i64],
    sources: &'a [u32],
    actions: &'a [u32],
    due: &'a [i64],
    due_null: u64,
}

/// Fewer rows than this are looked at one by one: looking at them together
/// would save nothing.
const RUN_ROWS_MIN: usize = 8;

impl<'a> Chunk<'a> {
    fn all(columns: &'a Columns) -> impl Iterator<Item = Self> {
        let (times, _) = columns.integers(Field::Time);
        let (logged, logged_null) = columns.integers(Field::Logged);
        let (seqs, _) = columns.integers(Field::Seq);
        let (due, due_null) = columns.integers(Field::Due);
        let required = columns
            .leaf()
            .chunks(64)
            .zip(times.chunks(64))
            .zip(seqs.chunks(64))
            .zip(columns.codes(Field::Source).chunks(64))
            .zip(columns.codes(Field::Action).chunks(64));
        let optional = logged
            .chunks(64)
            .zip(logged_null)
            .zip(due.chunks(64).zip(due_null));
        required.zip(optional).map(
            |(
                ((((leaf, times), seqs), sources), actions),
                ((logged, logged_null), (due, due_null)),
            )| Self {
                leaf,
                times,
                logged,
                logged_null: *logged_null,
                seqs,
                sources,
                actions,
                due,
                due_null: *due_null,
            },
        )
    }

    /// What there is to say about all rows together, if they are what a feed
    /// in order sends: of one source, numbered without a hole, none dated
    /// before the one before it or after it was logged. No bounds are checked
    /// and nothing is branched on row by row, so that the loops become vector
    /// instructions.
    fn run(&self) -> Option<Run> {
        let rows = self.times.len();
        let (first, last) = (*self.times.first()?, *self.times.last()?);
        let first_seq = *self.seqs.first()?;
        let source = *self.sources.first()?;
        if rows < RUN_ROWS_MIN {
            return None;
        }
        let others = self
            .sources
            .iter()
            .fold(0, |any, code| any | (code ^ source));
        let unlike = pairs(self.seqs).fold(0, |any, (a, b)| any | (b.wrapping_sub(a) ^ 1));
        // The sign bit of an alternative is that of any of its parts.
        let back = pairs(self.times).fold(0, |any, (a, b)| any | b.wrapping_sub(a));
        let longest = pairs(self.times).fold(0, |most, (a, b)| b.wrapping_sub(a).max(most));
        let ahead = if self.logged_null == mask(rows) {
            0
        } else if self.logged_null == 0 {
            let both = self.logged.iter().zip(self.times);
            both.fold(0, |any, (logged, time)| any | logged.wrapping_sub(*time))
        } else {
            return None;
        };
        (others == 0 && unlike == 0 && back >= 0 && ahead >= 0).then_some(Run {
            rows,
            first,
            last,
            longest_step: longest,
            first_seq: u64::try_from(first_seq).unwrap_or(0),
        })
    }
}

fn pairs(values: &[i64]) -> impl Iterator<Item = (i64, i64)> {
    let next = values.get(1..).unwrap_or_default();
    values.iter().copied().zip(next.iter().copied())
}

fn mask(rows: usize) -> u64 {
    u64::MAX >> (64 - rows.clamp(1, 64))
}

/// The source of the last row: neighbours are most often of one.
#[derive(Clone, Copy)]
struct Known {
    code: u32,
    position: u32,
    delay: i64,
}

impl Known {
    fn find(&mut self, code: u32, dictionary: &Dictionary, coverage: &mut Coverage) {
        if self.code != code {
            let position = coverage.position(code, dictionary.text(code));
            *self = Self {
                code,
                position,
                delay: coverage.source(position).map_or(0, |s| s.delay),
            };
        }
    }
}

impl Frame {
    /// Reads a batch, and lets the clock and the coverage see it.
    pub(crate) fn read(
        &mut self,
        columns: &Columns,
        dictionary: &Dictionary,
        actions: CoverageActions,
        from: i64,
        (clock, coverage): (&mut Clock, &mut Coverage),
    ) {
        self.reset();
        self.from = from;
        let mut known = Known {
            code: NULL_CODE,
            position: 0,
            delay: 0,
        };
        for chunk in Chunk::all(columns) {
            let evidence = pack(chunk.actions, |action| {
                action != actions.gap && action != actions.heartbeat
            });
            self.evidence.push(evidence);
            if let Some(run) = chunk.run()
                && run.first >= clock.now()
                && let Some(code) = chunk.sources.first()
            {
                known.find(*code, dictionary, coverage);
                let gap = |action| action == actions.gap;
                let has_gap = evidence != mask(run.rows) && pack(chunk.actions, gap) != 0;
                if !has_gap && coverage.observe_run(known.position, &run) {
                    clock.advance(run.last, None);
                    self.take_run(chunk.times, known.position, &run);
                    continue;
                }
            }
            self.read_rows(chunk, dictionary, actions, &mut known, (clock, coverage));
        }
    }

    /// The rows count when they happened, in order.
    fn take_run(&mut self, times: &[i64], position: u32, run: &Run) {
        self.eff.extend_from_slice(times);
        self.sources.resize(self.eff.len(), position);
        self.first_time = self.first_time.min(run.first);
        self.late.push(0);
        self.ahead.push(0);
        self.since_from.push(if run.first >= self.from {
            mask(run.rows)
        } else {
            pack(times, |time| time >= self.from)
        });
    }

    fn read_rows(
        &mut self,
        chunk: Chunk<'_>,
        dictionary: &Dictionary,
        actions: CoverageActions,
        known: &mut Known,
        (clock, coverage): (&mut Clock, &mut Coverage),
    ) {
        let rows = chunk
            .leaf
            .iter()
            .zip(chunk.times)
            .zip(chunk.logged)
            .zip(chunk.seqs)
            .zip(chunk.sources.iter().zip(chunk.actions))
            .zip(chunk.due);
        let (mut late, mut ahead, mut since_from) = (0, 0, 0);
        for (at, (((((leaf, time), logged), seq), (source, action)), due)) in rows.enumerate() {
            let is_null = |word: u64| word >> at & 1 == 1;
            let now = clock.advance(*time, (!is_null(chunk.logged_null)).then_some(*logged));
            known.find(*source, dictionary, coverage);
            let stamp = clock.stamp(*time, known.delay);
            let reported = (*action == actions.gap).then(|| ReportedGap {
                from: *time,
                to: (!is_null(chunk.due_null)).then_some(*due),
            });
            coverage.observe(
                now,
                Arrival {
                    eff: stamp.eff,
                    leaf: *leaf,
                    source: known.position,
                    seq: u64::try_from(*seq).unwrap_or(0),
                    late: stamp.late,
                    reported,
                },
            );
            self.eff.push(stamp.eff);
            self.sources.push(known.position);
            self.first_time = self.first_time.min(*time);
            late |= u64::from(stamp.late) << at;
            ahead |= u64::from(*time > now) << at;
            since_from |= u64::from(*time >= self.from) << at;
        }
        self.late.push(late);
        self.ahead.push(ahead);
        self.since_from.push(since_from);
    }

    fn reset(&mut self) {
        self.eff.clear();
        self.sources.clear();
        self.first_time = i64::MAX;
        for column in [
            &mut self.late,
            &mut self.ahead,
            &mut self.since_from,
            &mut self.evidence,
        ] {
            column.clear();
        }
    }
}
