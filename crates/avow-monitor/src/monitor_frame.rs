//! What every commitment needs to know about a batch: when each row counts,
//! from which source it is, and what it may be.

use avow_event::{Action, Field};

use crate::clock::Clock;
use crate::columns::{Columns, Dictionary, NULL_CODE, bit};
use crate::coverage::{Arrival, Coverage, ReportedGap};

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
        let (seqs, _) = columns.integers(Field::Seq);
        let (times, _) = columns.integers(Field::Time);
        let (logged, logged_null) = columns.integers(Field::Logged);
        let (due, due_null) = columns.integers(Field::Due);
        let rows = columns
            .leaf()
            .iter()
            .zip(times)
            .zip(logged)
            .zip(seqs)
            .zip(columns.codes(Field::Source))
            .zip(columns.codes(Field::Action));
        // Neighbours are most often of one source.
        let mut known = (NULL_CODE, 0, 0);
        let mut bits = Bits::default();
        for (row, (((((leaf, time), logged), seq), source), action)) in rows.enumerate() {
            let now = clock.advance(*time, (!bit(logged_null, row)).then_some(*logged));
            if known.0 != *source {
                let position = coverage.position(*source, dictionary.text(*source));
                let delay = coverage.source(position).map_or(0, |s| s.delay);
                known = (*source, position, delay);
            }
            let (_, position, delay) = known;
            let stamp = clock.stamp(*time, delay);
            let is_gap = *action == actions.gap;
            let reported = is_gap.then(|| ReportedGap {
                from: *time,
                to: (!bit(due_null, row)).then(|| due.get(row).copied().unwrap_or(0)),
            });
            coverage.observe(
                now,
                Arrival {
                    eff: stamp.eff,
                    leaf: *leaf,
                    source: position,
                    seq: u64::try_from(*seq).unwrap_or(0),
                    late: stamp.late,
                    reported,
                },
            );
            self.eff.push(stamp.eff);
            self.sources.push(position);
            self.first_time = self.first_time.min(*time);
            let at = row % 64;
            bits.late |= u64::from(stamp.late) << at;
            bits.ahead |= u64::from(*time > now) << at;
            bits.since_from |= u64::from(*time >= from) << at;
            bits.evidence |= u64::from(!is_gap && *action != actions.heartbeat) << at;
            if at == 63 {
                self.push_bits(&mut bits);
            }
        }
        if !columns.rows().is_multiple_of(64) {
            self.push_bits(&mut bits);
        }
    }

    fn push_bits(&mut self, bits: &mut Bits) {
        let bits = std::mem::take(bits);
        self.late.push(bits.late);
        self.ahead.push(bits.ahead);
        self.since_from.push(bits.since_from);
        self.evidence.push(bits.evidence);
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

/// The bits of the rows at hand, up to 64.
#[derive(Default)]
struct Bits {
    late: u64,
    ahead: u64,
    since_from: u64,
    evidence: u64,
}
