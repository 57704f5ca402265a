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
    pub(crate) alarm: i64,
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
            alarm: i64::MAX,
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

    /// Takes the event of the next leaf, with the clock at `now`.
    pub(crate) fn observe(&mut self, now: i64, arrival: Arrival) {
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
        if now > self.alarm {
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
        if source.events == 0 {
            for scope in &mut self.scopes {
                scope.hear(&source.name, &self.declarations, mark);
            }
            let alarm = source.silence.as_ref().map_or(i64::MAX, |s| s.alarm());
            self.alarm = self.alarm.min(alarm);
            self.version += 1;
        }
        source.events += 1;
        source.late += u64::from(arrival.late);
        source.first = source.first.min(arrival.eff);
        source.last = source.last.max(arrival.eff);
        if let Some(silence) = &mut source.silence
            && silence.observe(arrival.eff)
        {
            self.alarm = self.alarm.min(silence.alarm());
            self.version += 1;
        }
        if source.sequence.observe(arrival.seq, arrival.eff, mark) {
            self.alarm = self.alarm.min(source.sequence.alarm());
            self.version += 1;
        }
        if source.reported_open > 0 || arrival.reported.is_some() {
            source.report(arrival, mark);
            self.version += 1;
        }
    }

    fn settle(&mut self, mark: Mark) {
        self.alarm = i64::MAX;
        for source in self.sources.iter_mut().filter(|s| s.events > 0) {
            let mut changed = source.sequence.settle(self.now, mark);
            self.alarm = self.alarm.min(source.sequence.alarm());
            if let Some(silence) = &mut source.silence {
                changed |= silence.settle(self.now, mark);
                self.alarm = self.alarm.min(silence.alarm());
            }
            self.version += u64::from(changed);
        }
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
fn concerns(patterns: &[SourcePattern], declaration: &SourceDeclaration) -> bool {
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
