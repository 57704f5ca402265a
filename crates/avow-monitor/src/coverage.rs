//! What evidence there is: for each source its events, how many were late, and
//! where some is missing. `docs/spec/pledge.md`, "Semantics", section 4.
//!
//! Says nothing about commitments beyond which sources each is about.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::NEVER;
use crate::columns::index;
use crate::coverage_gap::{GapKind, GapSpan, Mark};
use crate::coverage_sequence::SequenceWatch;
use crate::coverage_silence::SilenceWatch;
use crate::{Pledge, SourceDeclaration, SourcePattern};

/// An event as far as coverage is concerned. Ordered by when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival {
    pub(crate) eff: i64,
    pub(crate) leaf: u64,
    pub(crate) source: u32,
    pub(crate) seq: u64,
    pub(crate) late: bool,
    pub(crate) reported: Option<ReportedGap>,
}

/// Consecutive events of one source as a feed in order sends them: numbered
/// without a hole, none before the one before it, none late or ahead of the
/// clock, none a gap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) rows: usize,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The greatest time from one to the next.
    pub(crate) longest_step: i64,
    pub(crate) first_seq: u64,
}

/// What an event with `action` `gap` says: from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReportedGap {
    pub(crate) from: i64,
    /// `None`: to the source's next event.
    pub(crate) to: Option<i64>,
}

/// A source that has said something, if only ahead of the clock.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    /// Which declaration applies: the first that matches.
    pub(crate) declaration: Option<usize>,
    pub(crate) delay: i64,
    pub(crate) events: u64,
    pub(crate) late: u64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) silence: Option<SilenceWatch>,
    pub(crate) sequence: SequenceWatch,
    pub(crate) reported: Vec<GapSpan>,
    /// How many of `reported`, the last ones, have no end yet.
    pub(crate) reported_open: usize,
    /// Whether an event has arrived, happened or not.
    pub(crate) is_heard_of: bool,
    /// For each event dated ahead of the clock, by leaf.
    pub(crate) ahead: Vec<GapSpan>,
    /// When it has to be looked at next: no later than a gap of it may have to
    /// become known.
    pub(crate) alarm: i64,
}

/// A declared source, for one commitment: whether it has said anything yet.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    declaration: usize,
    pub(crate) heard: Option<Mark>,
}

/// The sources that one commitment is about.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    patterns: Vec<SourcePattern>,
    members: Vec<usize>,
    pub(crate) expected: Vec<Expected>,
    hold: i64,
}

/// A gap, and whose.
#[derive(Debug, Clone)]
pub(crate) struct SourceGap<'a> {
    pub(crate) source: &'a str,
    pub(crate) span: GapSpan,
}

#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    from: i64,
    declarations: Vec<SourceDeclaration>,
    pub(crate) scopes: Vec<Scope>,
    /// Position in `sources` by the code of the name, plus one.
    by_code: Vec<u32>,
    pub(crate) sources: Vec<Source>,
    /// Events dated ahead of the clock.
    pub(crate) ahead: BinaryHeap<Reverse<Arrival>>,
    pub(crate) now: i64,
    /// By when which source has to be looked at, although it says nothing.
    // INVARIANT: for each source there is the entry that its `alarm` says;
    // others of it are passed over.
    pub(crate) alarms: BinaryHeap<Reverse<(i64, u32)>>,
    version: u64,
}

impl Coverage {
    pub(crate) fn new(pledge: &Pledge) -> Self {
        let scopes = pledge
            .commitments
            .iter()
            .map(|commitment| Scope::new(&commitment.sources, &pledge.sources))
            .collect();
        Self {
            from: pledge.from.get(),
            declarations: pledge.sources.clone(),
            scopes,
            by_code: Vec::new(),
            sources: Vec::new(),
            ahead: BinaryHeap::new(),
            now: NEVER,
            alarms: BinaryHeap::new(),
            version: 0,
        }
    }

    /// The greatest delay of a source that the commitment may be about.
    pub(crate) fn hold(&self, scope: usize) -> i64 {
        self.scopes.get(scope).map_or(0, |scope| scope.hold)
    }

    /// Grows when gaps may have changed other than by time passing.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn source(&self, position: u32) -> Option<&Source> {
        self.sources.get(index(position))
    }

    /// The position of the source with that name and code; a new one has said
    /// nothing yet.
    pub(crate) fn position(&mut self, code: u32, name: Option<&str>) -> u32 {
        if let Some(known @ 1..) = self.by_code.get(index(code)) {
            return known - 1;
        }
        let name = name.unwrap_or_default();
        let declaration = self.declarations.iter().position(|d| d.name.matches(name));
        let declared = declaration.and_then(|d| self.declarations.get(d));
        let delay = declared.map_or(0, |d| d.delay);
        let heartbeat = declared.and_then(|d| d.heartbeat);
        self.sources.push(Source {
            name: name.to_owned(),
            declaration,
            delay,
            events: 0,
            late: 0,
            first: i64::MAX,
            last: i64::MIN,
            silence: heartbeat.map(|h| SilenceWatch::new(self.from, h, delay)),
            sequence: SequenceWatch::new(delay),
            reported: Vec::new(),
            reported_open: 0,
            is_heard_of: false,
            ahead: Vec::new(),
            alarm: i64::MAX,
        });
        if self.by_code.len() <= index(code) {
            self.by_code.resize(index(code) + 1, 0);
        }
        let count = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        if let Some(slot) = self.by_code.get_mut(index(code)) {
            *slot = count;
        }
        count - 1
    }

    /// Takes the events of the next leaves at once, if nothing about them is
    /// worth a look of its own. If it does not take them, it has done nothing.
    pub(crate) fn observe_run(&mut self, source: u32, run: &Run) -> bool {
        if !self.ahead.is_empty() {
            return false;
        }
        if run.last > self.alarm() && !self.is_quiet_until(run.last, source) {
            self.set_alarm(source);
            return false;
        }
        let known = self.sources.get_mut(index(source));
        let taken = known.is_some_and(|source| source.goes_on(run));
        if taken {
            self.now = run.last;
        }
        self.set_alarm(source);
        taken
    }

    /// Takes the event of the next leaf, with the clock at `now`.
    #[inline]
    pub(crate) fn observe(&mut self, now: i64, arrival: Arrival) {
        let run = Run {
            rows: 1,
            first: arrival.eff,
            last: arrival.eff,
            longest_step: 0,
            first_seq: arrival.seq,
        };
        if now <= self.alarm()
            && arrival.eff <= now
            && arrival.reported.is_none()
            && self.ahead.is_empty()
            && let Some(source) = self.sources.get_mut(index(arrival.source))
            && source.goes_on(&run)
        {
            source.late += u64::from(arrival.late);
            self.now = now;
        } else {
            self.observe_unusual(now, arrival);
        }
    }

    fn observe_unusual(&mut self, now: i64, arrival: Arrival) {
        let mark = Mark {
            before: self.now,
            leaf: arrival.leaf,
        };
        self.now = now;
        self.hear_of(&arrival, mark);
        if arrival.eff > now || !self.ahead.is_empty() {
            self.ahead.push(Reverse(arrival));
            while let Some(Reverse(next)) = self.ahead.peek().copied()
                && next.eff <= now
            {
                self.ahead.pop();
                self.close_ahead(&next, mark);
                self.count(&next, mark);
            }
        } else {
            self.count(&arrival, mark);
        }
        if now > self.alarm() {
            self.settle(mark);
        }
    }

    /// The first event of a source makes it one of its scopes'; one dated
    /// ahead of the clock by more than clocks may differ is a gap.
    fn hear_of(&mut self, arrival: &Arrival, mark: Mark) {
        let Some(source) = self.sources.get_mut(index(arrival.source)) else {
            return;
        };
        if !source.is_heard_of {
            source.is_heard_of = true;
            for scope in &mut self.scopes {
                scope.join(index(arrival.source), &source.name);
            }
        }
        if arrival.eff > self.now.saturating_add(source.delay) {
            source.ahead.push(GapSpan {
                kind: GapKind::Ahead,
                from: self.now,
                to: i64::MAX,
                known: mark,
                gone: None,
            });
            self.version += 1;
        }
    }

    fn close_ahead(&mut self, arrival: &Arrival, mark: Mark) {
        let source = self.sources.get_mut(index(arrival.source));
        let gap = source.and_then(|source| {
            let at = source
                .ahead
                .binary_search_by_key(&arrival.leaf, |gap| gap.known.leaf);
            at.ok().and_then(|at| source.ahead.get_mut(at))
        });
        if let Some(gap) = gap {
            gap.gone = Some(mark);
            self.version += 1;
        }
    }

    fn count(&mut self, arrival: &Arrival, mark: Mark) {
        let Some(source) = self.sources.get_mut(index(arrival.source)) else {
            return;
        };
        let mut changed = source.events == 0;
        if changed {
            for scope in &mut self.scopes {
                scope.hear(&source.name, &self.declarations, mark);
            }
        }
        source.events += 1;
        source.late += u64::from(arrival.late);
        source.first = source.first.min(arrival.eff);
        source.last = source.last.max(arrival.eff);
        if let Some(silence) = &mut source.silence {
            changed |= silence.observe(arrival.eff);
        }
        changed |= source.sequence.observe(arrival.seq, arrival.eff, mark);
        if source.reported_open > 0 || arrival.reported.is_some() {
            source.report(arrival, mark);
            self.version += 1;
        }
        if changed {
            self.version += 1;
            self.set_alarm(arrival.source);
        }
    }

    /// No gap has to become known before the clock passes this.
    #[inline]
    fn alarm(&self) -> i64 {
        self.alarms.peek().map_or(i64::MAX, |Reverse((at, _))| *at)
    }

    /// Has a source looked at when its next gap may have to become known.
    pub(crate) fn set_alarm(&mut self, position: u32) {
        let Some(source) = self.sources.get_mut(index(position)) else {
            return;
        };
        let next = source.next_alarm();
        if next < source.alarm {
            source.alarm = next;
            self.alarms.push(Reverse((next, position)));
        }
    }

    /// Marks what the clock makes known.
    fn settle(&mut self, mark: Mark) {
        while let Some(Reverse((at, position))) = self.alarms.peek().copied()
            && self.now > at
        {
            self.alarms.pop();
            let Some(source) = self.sources.get_mut(index(position)) else {
                continue;
            };
            if source.alarm == at {
                source.alarm = i64::MAX;
                self.version += u64::from(source.settle(self.now, mark));
                self.set_alarm(position);
            }
        }
    }

    /// Whether no gap can become known until the clock is past `until`, if one
    /// source goes on without silence. Puts alarms off that were set for what
    /// has been heard since; that of the speaking source has to be set anew.
    fn is_quiet_until(&mut self, until: i64, speaking: u32) -> bool {
        while let Some(Reverse((at, position))) = self.alarms.peek().copied()
            && until > at
        {
            self.alarms.pop();
            let Some(source) = self.sources.get_mut(index(position)) else {
                continue;
            };
            if source.alarm != at {
                continue;
            }
            source.alarm = i64::MAX;
            if position == speaking && source.next_alarm_if_it_speaks() >= until {
                continue;
            }
            let next = source.next_alarm();
            self.set_alarm(position);
            if until > next {
                return false;
            }
        }
        true
    }

    /// The sources in scope of which an event has arrived.
    pub(crate) fn members(&self, scope: usize) -> impl Iterator<Item = &Source> + '_ {
        let members = self
            .scopes
            .get(scope)
            .map_or(&[][..], |s| s.members.as_slice());
        members.iter().filter_map(|at| self.sources.get(*at))
    }

    /// The declarations in scope of which nothing has been heard.
    pub(crate) fn unheard(&self, scope: usize) -> impl Iterator<Item = &SourceDeclaration> + '_ {
        let expected = self
            .scopes
            .get(scope)
            .map_or(&[][..], |s| s.expected.as_slice());
        expected
            .iter()
            .filter(|e| e.heard.is_none())
            .filter_map(|e| self.declarations.get(e.declaration))
    }

    /// The declaration of a source.
    pub(crate) fn declaration(&self, source: &Source) -> Option<&SourceDeclaration> {
        self.declarations.get(source.declaration?)
    }

    /// Every gap that was ever known, of sources in scope.
    pub(crate) fn gaps(&self, scope: usize) -> impl Iterator<Item = SourceGap<'_>> + '_ {
        let of_members = self.members(scope).flat_map(|source| {
            self.source_gaps(source).map(|span| SourceGap {
                source: &source.name,
                span,
            })
        });
        let expected = self.scopes.get(scope).map_or(&[][..], |s| &s.expected);
        let missing = expected.iter().filter_map(|expected| {
            let declaration = self.declarations.get(expected.declaration)?;
            Some(SourceGap {
                source: &declaration.name.prefix,
                span: GapSpan {
                    kind: GapKind::Missing,
                    from: self.from,
                    to: i64::MAX,
                    known: Mark::ALWAYS,
                    gone: expected.heard,
                },
            })
        });
        of_members.chain(missing)
    }

    /// Every gap of one source, also from before evidence was promised: a
    /// permission may be as old.
    pub(crate) fn source_gaps<'a>(
        &'a self,
        source: &'a Source,
    ) -> impl Iterator<Item = GapSpan> + 'a {
        let silence = source.silence.iter().flat_map(SilenceWatch::gaps);
        silence
            .chain(source.sequence.gaps())
            .chain(source.reported.iter().copied())
            .chain(source.ahead.iter().copied())
    }
}

impl Source {
    /// Takes events that continue what it said before, in time and in number,
    /// and say nothing about gaps; otherwise does nothing. That includes the
    /// first event of all.
    #[inline]
    fn goes_on(&mut self, run: &Run) -> bool {
        let usual = self.events > 0
            && self.reported_open == 0
            && self.sequence.continues(run.first_seq)
            && self.silence.as_ref().is_none_or(|s| s.continues(run));
        if usual {
            let rows = run.rows as u64;
            self.events += rows;
            self.first = self.first.min(run.first);
            self.last = self.last.max(run.last);
            self.sequence.extend(rows, run.last);
            if let Some(silence) = &mut self.silence {
                silence.extend(run.last);
            }
        }
        usual
    }

    /// When the clock passes this, a gap may have to become known.
    fn next_alarm(&self) -> i64 {
        if self.events == 0 {
            return i64::MAX;
        }
        let silence = self.silence.as_ref().map_or(i64::MAX, |s| s.alarm());
        silence.min(self.sequence.alarm())
    }

    /// The same if it goes on where it is, without silence.
    fn next_alarm_if_it_speaks(&self) -> i64 {
        let silence = self.silence.as_ref();
        let earlier = silence.map_or(i64::MAX, |s| s.alarm_if_it_speaks());
        earlier.min(self.sequence.alarm())
    }

    fn settle(&mut self, now: i64, mark: Mark) -> bool {
        let found = self.sequence.settle(now, mark);
        let silence = self.silence.as_mut();
        silence.is_some_and(|silence| silence.settle(now, mark)) | found
    }

    /// The event ends reported gaps that had no end, and may report one.
    fn report(&mut self, arrival: &Arrival, mark: Mark) {
        if self.reported_open > 0 {
            let open = self.reported.len() - self.reported_open;
            for gap in self.reported.iter_mut().skip(open) {
                gap.to = arrival.eff.max(gap.from);
            }
            self.reported_open = 0;
        }
        if let Some(reported) = arrival.reported {
            self.reported_open = usize::from(reported.to.is_none());
            self.reported.push(GapSpan {
                kind: GapKind::Reported,
                from: reported.from,
                to: reported.to.map_or(i64::MAX, |to| to.max(reported.from)),
                known: mark,
                gone: None,
            });
        }
    }
}

impl Scope {
    fn new(patterns: &[SourcePattern], declarations: &[SourceDeclaration]) -> Self {
        let declared = declarations.iter().enumerate();
        let declared = declared.filter(|(_, d)| concerns(patterns, d));
        Self {
            patterns: patterns.to_vec(),
            members: Vec::new(),
            expected: declared
                .map(|(declaration, _)| Expected {
                    declaration,
                    heard: None,
                })
                .collect(),
            hold: hold(patterns, declarations),
        }
    }

    /// Takes a source of which an event has arrived.
    pub(crate) fn join(&mut self, at: usize, name: &str) {
        if in_scope(&self.patterns, name) {
            self.members.push(at);
        }
    }

    /// Takes the first event of a source that has happened.
    fn hear(&mut self, name: &str, declarations: &[SourceDeclaration], mark: Mark) {
        if !in_scope(&self.patterns, name) {
            return;
        }
        for expected in &mut self.expected {
            let matches = declarations
                .get(expected.declaration)
                .is_some_and(|d| d.name.matches(name));
            if expected.heard.is_none() && matches {
                expected.heard = Some(mark);
            }
        }
    }
}

/// Whether a commitment with these `sources` may be about a source so declared.
pub(crate) fn concerns(patterns: &[SourcePattern], declaration: &SourceDeclaration) -> bool {
    patterns.is_empty() || patterns.iter().any(|p| p.overlaps(&declaration.name))
}

/// The greatest delay of a source that a commitment with these `sources` may
/// be about.
pub(crate) fn hold(patterns: &[SourcePattern], declarations: &[SourceDeclaration]) -> i64 {
    let declared = declarations.iter().filter(|d| concerns(patterns, d));
    declared.map(|d| d.delay).max().unwrap_or(0)
}

/// Whether a commitment with these `sources` is about that source.
pub(crate) fn in_scope(patterns: &[SourcePattern], source: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(source))
}
