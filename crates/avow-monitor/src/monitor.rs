//! Events in, verdicts out.
//!
//! Buffers events into batches of columns, lets every commitment see each
//! batch, and rolls up what they have found. Semantics: `docs/spec/pledge.md`.

use avow_event::{Event, EventError, PlaceTable};

use crate::clock::{Clock, NEVER};
use crate::columns::{Columns, Dictionary};
use crate::coverage::{Coverage, Source};
use crate::coverage_gap::{GapKind, GapSpan};
use crate::machine::{Tally, instant};
use crate::monitor_frame::{CoverageActions, FRAME_FIELDS, Frame};
use crate::monitor_rule::Rule;
use crate::monitor_state::{Meaning, meaning_of_declarations};
use crate::publication::{self, Publications, Published, published_digest};
use crate::report::{
    CommitmentReport, GAPS_SHOWN_MAX, Gap, Instance, PlacesName, PledgeName, Report,
    SourceCoverage, TreeName,
};
use crate::roll_up::RollUp;
use crate::{Commitment, Pledge};

/// How many events are looked at together: the columns of twenty commitments,
/// some 100 bytes a row, stay within a second-level cache of 1 MiB.
pub const BATCH_ROWS: usize = 8_192;

/// Follows a log and knows what each commitment has come to.
///
/// The leaves are trusted to be those of the log, in order and without one
/// left out; checking that is left to the caller.
#[derive(Debug, Clone)]
pub struct Monitor {
    pub(crate) pledge: PledgeName,
    pub(crate) places: PlacesName,
    /// Of any pledge: the next amendment may go on from this monitor.
    pub(crate) publications: Publications,
    pub(crate) meanings: Vec<Meaning>,
    pub(crate) declarations: [u8; 32],
    /// Without their examples.
    commitments: Vec<Commitment>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) dictionary: Dictionary,
    columns: Columns,
    frame: Frame,
    actions: CoverageActions,
    pub(crate) clock: Clock,
    pub(crate) coverage: Coverage,
    batch_rows: usize,
    pub(crate) next_leaf: u64,
}

impl Monitor {
    /// A monitor that has seen nothing.
    pub fn new(pledge: &Pledge, places: &PlaceTable) -> Self {
        Self::with_batch_rows(pledge, places, BATCH_ROWS)
    }

    /// The same with batches of another size, at least one row. The verdicts
    /// do not depend on it.
    pub fn with_batch_rows(pledge: &Pledge, places: &PlaceTable, batch_rows: usize) -> Self {
        let mut dictionary = Dictionary::new();
        let actions = CoverageActions::new(&mut dictionary);
        let coverage = Coverage::new(pledge);
        let mut fields = FRAME_FIELDS.to_vec();
        let mut rules = Vec::new();
        for (scope, commitment) in pledge.commitments.iter().enumerate() {
            fields.extend(Rule::fields(&commitment.pattern));
            rules.push(Rule::new(scope, commitment, &coverage, &mut dictionary));
        }
        Self {
            pledge: PledgeName {
                digest: pledge.digest,
                title: pledge.title.clone(),
                by: pledge.by.clone(),
                to: pledge.to.clone(),
                from: pledge.from,
                amends: pledge.amends,
                published: None,
            },
            places: PlacesName {
                version: places.version().to_owned(),
                digest: places.digest(),
            },
            publications: Publications::new(),
            declarations: meaning_of_declarations(pledge),
            meanings: pledge
                .commitments
                .iter()
                .map(|commitment| Meaning::of(commitment, pledge))
                .collect(),
            commitments: pledge
                .commitments
                .iter()
                .map(|commitment| Commitment {
                    examples: Vec::new(),
                    ..commitment.clone()
                })
                .collect(),
            rules,
            dictionary,
            columns: Columns::new(&fields),
            frame: Frame::default(),
            actions,
            clock: Clock::new(),
            coverage,
            batch_rows: batch_rows.max(1),
            next_leaf: 0,
        }
    }

    /// Shows so many more breached instances than a verdict document has, for
    /// those who want to see each. Such a report is no document, and such a
    /// monitor is not saved. To be called before the first leaf.
    pub fn show_more_breached(&mut self, more: usize) {
        for rule in &mut self.rules {
            rule.tally.more_breached = more;
        }
    }

    /// Takes the event of the next leaf.
    ///
    /// # Panics
    /// `leaf_index` is not the next one: a verdict on a log with a leaf left
    /// out would be a lie.
    pub fn push(&mut self, leaf_index: u64, event: &Event) {
        assert_eq!(leaf_index, self.next_leaf, "leaves come in order from 0");
        self.next_leaf += 1;
        if let Some(digest) = published_digest(event) {
            self.see_publication(leaf_index, digest, event);
            return;
        }
        self.columns.push_soon(leaf_index, event, &self.dictionary);
        self.pushed();
    }

    fn see_publication(&mut self, leaf: u64, digest: [u8; 32], event: &Event) {
        let time = publication::logged(event);
        let first = Published { leaf, time };
        self.publications.entry(digest).or_insert(first);
        self.pledge.published = self.publications.get(&self.pledge.digest).copied();
    }

    /// Takes the next leaf as its canonical bytes, which is faster than making
    /// an event of them first.
    ///
    /// # Errors
    /// The bytes are not those of an event; nothing has changed.
    ///
    /// # Panics
    /// As [`Monitor::push`].
    pub fn push_leaf(&mut self, leaf_index: u64, bytes: &[u8]) -> Result<(), EventError> {
        assert_eq!(leaf_index, self.next_leaf, "leaves come in order from 0");
        if publication::may_be(bytes) {
            self.push(leaf_index, &Event::from_leaf(bytes)?);
            return Ok(());
        }
        self.columns
            .push_leaf_soon(leaf_index, bytes, &self.dictionary)?;
        self.next_leaf += 1;
        self.pushed();
        Ok(())
    }

    fn pushed(&mut self) {
        if self.columns.rows() >= self.batch_rows {
            self.run_batch();
        } else if self.columns.is_behind() {
            self.columns.finish(&mut self.dictionary);
        }
    }

    /// How many leaves it has seen.
    pub fn leaves(&self) -> u64 {
        self.next_leaf
    }

    pub(crate) fn run_batch(&mut self) {
        if self.columns.rows() == 0 {
            return;
        }
        self.columns.finish(&mut self.dictionary);
        self.frame.read(
            &self.columns,
            &self.dictionary,
            self.actions,
            self.pledge.from.get(),
            (&mut self.clock, &mut self.coverage),
        );
        let now = self.clock.now();
        for rule in &mut self.rules {
            rule.run(
                &self.columns,
                &self.dictionary,
                &self.frame,
                &self.coverage,
                now,
            );
        }
        self.columns.clear();
    }

    /// The verdicts on the leaves so far, which are those of a tree of
    /// `tree_size` leaves with this root hash. Events may follow.
    ///
    /// # Panics
    /// The tree has another number of leaves than were pushed.
    pub fn report(&mut self, tree_size: u64, root: [u8; 32]) -> Report {
        assert_eq!(tree_size, self.next_leaf, "the report is about all leaves");
        self.run_batch();
        let now = self.clock.now();
        let commitments = self
            .commitments
            .iter()
            .zip(&self.rules)
            .enumerate()
            .map(|(scope, (commitment, rule))| {
                let tally = rule.tally(now);
                self.roll_up(scope, commitment, &tally)
            })
            .collect();
        Report {
            as_of: (now != NEVER).then(|| instant(now)),
            pledge: self.pledge.clone(),
            places: self.places.clone(),
            tree: TreeName {
                size: tree_size,
                root,
            },
            commitments,
        }
    }

    /// The commitments' names and the gaps, each by the commitment's position.
    pub(crate) fn gaps(&mut self) -> (Vec<String>, &Coverage) {
        self.run_batch();
        let ids = self.commitments.iter().map(|c| c.id.clone()).collect();
        (ids, &self.coverage)
    }

    fn roll_up(&self, scope: usize, commitment: &Commitment, tally: &Tally) -> CommitmentReport {
        let coverage = self.source_coverage(scope, commitment);
        let counts = tally.counts;
        let instances: Vec<Instance> = Rule::shown_order()
            .into_iter()
            .flat_map(|verdict| tally.shown(verdict).0.to_vec())
            .collect();
        let all = RollUp::of(commitment, &counts, &coverage, &instances);
        CommitmentReport {
            id: commitment.id.clone(),
            verdict: all.verdict,
            vacuous: all.vacuous,
            since: all.since,
            counts,
            coverage,
            completeness_shown: all.completeness_shown,
            instances,
        }
    }

    /// The sources of a commitment, by name, those heard and those not.
    fn source_coverage(&self, scope: usize, commitment: &Commitment) -> Vec<SourceCoverage> {
        let mut all: Vec<SourceCoverage> = self
            .coverage
            .members(scope)
            .map(|source| self.heard(source, commitment))
            .filter(|row| row.events > 0 || row.gap_count > 0)
            .collect();
        let promised = self.clock.now() >= commitment.from.get();
        for declaration in self.coverage.unheard(scope) {
            let missing = GapSpan {
                kind: GapKind::Missing,
                from: commitment.from.get(),
                to: i64::MAX,
                known: crate::coverage_gap::Mark::ALWAYS,
                gone: None,
            };
            let name = declaration.name.to_string();
            // A source of exactly that name may have spoken ahead of the clock.
            if let Some(row) = all.iter_mut().find(|row| row.source == name) {
                row.gap_count += u64::from(promised);
                if promised {
                    row.gaps.insert(0, self.shown_gap(&missing));
                    row.gaps.truncate(GAPS_SHOWN_MAX);
                }
                continue;
            }
            all.push(SourceCoverage {
                source: name.clone(),
                declared: Some(name),
                first: None,
                last: None,
                events: 0,
                late: 0,
                complete: false,
                gap_count: u64::from(promised),
                gaps: promised
                    .then(|| self.shown_gap(&missing))
                    .into_iter()
                    .collect(),
            });
        }
        all.sort_by(|a, b| a.source.cmp(&b.source));
        all
    }

    fn heard(&self, source: &Source, commitment: &Commitment) -> SourceCoverage {
        let declaration = self.coverage.declaration(source);
        let mut gaps: Vec<GapSpan> = self
            .coverage
            .source_gaps(source)
            .filter_map(|gap| gap.since(commitment.from.get()))
            .filter(|gap| commitment.to.is_none_or(|to| gap.from < to.get()))
            .filter(|gap| gap.gone.is_none() && gap.from <= self.clock.now())
            .collect();
        gaps.sort_by_key(|gap| (gap.from, gap.kind, gap.to));
        let has_heartbeat = declaration.is_some_and(|d| d.heartbeat.is_some());
        SourceCoverage {
            source: source.name.clone(),
            declared: declaration.map(|d| d.name.to_string()),
            first: (source.events > 0).then(|| instant(source.first)),
            last: (source.events > 0).then(|| instant(source.last)),
            events: source.events,
            late: source.late,
            complete: has_heartbeat && gaps.is_empty(),
            gap_count: gaps.len() as u64,
            gaps: gaps
                .iter()
                .take(GAPS_SHOWN_MAX)
                .map(|gap| self.shown_gap(gap))
                .collect(),
        }
    }

    fn shown_gap(&self, gap: &GapSpan) -> Gap {
        Gap {
            kind: gap.kind,
            from: instant(gap.from),
            to: instant(gap.to.min(self.clock.now())),
        }
    }
}
