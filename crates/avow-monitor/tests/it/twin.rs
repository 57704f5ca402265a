//! The slow, obvious twin of the monitor: the semantics of
//! `docs/spec/pledge.md` read aloud. For each instance it looks for the leaf
//! at which it is judged, and judges it on the leaves up to there, one by one.
//! Shares with the monitor only the values of the report and `eval_event`.

use avow_event::{Action, Event, Field, Micros, Value};
use avow_monitor::{
    Commitment, CommitmentReport, Counts, Deadline, Duration, GAPS_SHOWN_MAX, Gap, GapKind,
    INSTANCES_SHOWN_MAX, Instance, KEPT_SHOWN_MAX, Pattern, Pledge, Predicate, Reason, Silence,
    SourceCoverage, SourceDeclaration, Verdict, eval_event,
};

/// A log, or the first leaves of one.
#[derive(Clone, Copy)]
pub(crate) struct Twin<'a> {
    pub(crate) pledge: &'a Pledge,
    pub(crate) events: &'a [Event],
}

#[derive(Clone, Copy, PartialEq)]
struct Hole {
    kind: GapKind,
    from: i64,
    to: i64,
}

type Position = (i64, usize);

fn fixed(deadline: &Deadline) -> i64 {
    match deadline {
        Deadline::After(Duration { months: 0, micros }) => *micros,
        _ => unimplemented!("rules of the full language"),
    }
}

impl<'a> Twin<'a> {
    fn first(self, leaves: usize) -> Self {
        let events = &self.events[..leaves];
        Self { events, ..self }
    }

    /// The clock at a leaf.
    fn clock_at(self, leaf: usize) -> i64 {
        let claims = self.events[..=leaf]
            .iter()
            .map(|e| e.time.min(e.logged.unwrap_or(e.time)).get());
        claims.max().unwrap()
    }

    fn clock(self) -> Option<i64> {
        self.events.len().checked_sub(1).map(|n| self.clock_at(n))
    }

    fn declaration(self, source: &str) -> Option<&'a SourceDeclaration> {
        self.pledge.sources.iter().find(|d| d.name.matches(source))
    }

    fn delay(self, leaf: usize) -> i64 {
        self.declaration(&self.events[leaf].source)
            .map_or(0, |d| d.delay)
    }

    fn is_late(self, leaf: usize) -> bool {
        self.clock_at(leaf) - self.events[leaf].time.get() > self.delay(leaf)
    }

    fn eff(self, leaf: usize) -> i64 {
        if self.is_late(leaf) {
            self.clock_at(leaf)
        } else {
            self.events[leaf].time.get()
        }
    }

    fn position(self, leaf: usize) -> Position {
        (self.eff(leaf), leaf)
    }

    /// The first leaf from `leaf` on with the clock at `time` or beyond.
    fn reaches(self, leaf: usize, time: i64) -> Option<usize> {
        (leaf..self.events.len()).find(|n| self.clock_at(*n) >= time)
    }

    /// The leaf at which the event of a leaf has happened.
    fn appears(self, leaf: usize) -> Option<usize> {
        self.reaches(leaf, self.eff(leaf))
    }

    fn in_scope(self, commitment: &Commitment, source: &str) -> bool {
        commitment.sources.is_empty() || commitment.sources.iter().any(|p| p.matches(source))
    }

    /// The leaves that can be evidence for a commitment.
    fn evidence(self, commitment: &Commitment) -> Vec<usize> {
        (0..self.events.len())
            .filter(|n| self.appears(*n).is_some())
            .filter(|n| self.in_scope(commitment, &self.events[*n].source))
            .filter(|n| !matches!(self.events[*n].action, Action::Heartbeat | Action::Gap))
            .collect()
    }

    fn declared<'b>(self, c: &'b Commitment) -> impl Iterator<Item = &'a SourceDeclaration> + 'b
    where
        'a: 'b,
    {
        self.pledge.sources.iter().filter(move |d| {
            c.sources.is_empty() || c.sources.iter().any(|pattern| pattern.overlaps(&d.name))
        })
    }

    fn hold(self, commitment: &Commitment) -> i64 {
        self.declared(commitment)
            .map(|d| d.delay)
            .max()
            .unwrap_or(0)
    }

    // Coverage.

    /// The leaves of a source that have happened, as they appeared.
    fn leaves_of(self, source: &str) -> Vec<usize> {
        let mut leaves: Vec<usize> = (0..self.events.len())
            .filter(|n| self.events[*n].source == source && self.appears(*n).is_some())
            .collect();
        leaves.sort_by_key(|n| (self.appears(*n), self.position(*n)));
        leaves
    }

    fn sources(self, commitment: &Commitment) -> Vec<&'a str> {
        let mut sources: Vec<&str> = (0..self.events.len())
            .filter(|n| self.appears(*n).is_some())
            .map(|n| self.events[n].source.as_str())
            .filter(|source| self.in_scope(commitment, source))
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The same and those that spoke only ahead of the clock.
    fn arrived(self, commitment: &Commitment) -> Vec<&'a str> {
        let all = self.events.iter().map(|event| event.source.as_str());
        let mut sources: Vec<&str> = all.filter(|s| self.in_scope(commitment, s)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    fn unheard(self, commitment: &Commitment) -> Vec<&'a SourceDeclaration> {
        let heard = self.sources(commitment);
        self.declared(commitment)
            .filter(|d| !heard.iter().any(|source| d.name.matches(source)))
            .collect()
    }

    /// Those that are no silence may be from before the pledge.
    fn holes_uncut(self, source: &str) -> Vec<Hole> {
        let mut holes = self.silences(source);
        holes.extend(self.missing_numbers(source));
        holes.extend(self.reported(source));
        holes.extend(self.ahead(source));
        holes
    }

    fn holes(self, source: &str) -> Vec<Hole> {
        let from = self.pledge.from.get();
        let now = self.clock().unwrap();
        let mut holes = self.holes_uncut(source);
        holes.retain(|hole| hole.to >= from);
        for hole in &mut holes {
            hole.from = hole.from.max(from);
        }
        holes.retain(|hole| hole.from <= now);
        holes.sort_by_key(|hole| (hole.from, hole.kind, hole.to));
        holes
    }

    fn silences(self, source: &str) -> Vec<Hole> {
        let Some(declared) = self.declaration(source) else {
            return Vec::new();
        };
        let Some(heartbeat) = declared.heartbeat else {
            return Vec::new();
        };
        if self.leaves_of(source).is_empty() {
            return Vec::new();
        }
        let (from, now) = (self.pledge.from.get(), self.clock().unwrap());
        let mut beats: Vec<i64> = self
            .leaves_of(source)
            .iter()
            .map(|n| self.eff(*n))
            .collect();
        beats.retain(|eff| *eff >= from);
        beats.push(from);
        beats.sort_unstable();
        let ends: Vec<i64> = beats.iter().skip(1).copied().chain([i64::MAX]).collect();
        let pairs = beats.iter().zip(ends);
        pairs
            .filter(|(beat, end)| {
                end - *beat > heartbeat && now > *beat + heartbeat + declared.delay
            })
            .map(|(beat, end)| Hole {
                kind: GapKind::Silence,
                from: *beat,
                to: end,
            })
            .collect()
    }

    fn missing_numbers(self, source: &str) -> Vec<Hole> {
        let now = self.clock().unwrap();
        let mut numbers: Vec<(u64, i64)> = Vec::new();
        let mut holes = Vec::new();
        let kind = GapKind::Sequence;
        for n in self.leaves_of(source) {
            let (seq, eff) = (self.events[n].seq, self.eff(n));
            if numbers.iter().any(|(other, _)| *other == seq) {
                let (from, to) = (eff, eff);
                holes.push(Hole { kind, from, to });
            } else {
                numbers.push((seq, eff));
            }
        }
        numbers.sort_unstable();
        let delay = self.declaration(source).map_or(0, |d| d.delay);
        for pair in numbers.windows(2) {
            let ((a, a_eff), (b, b_eff)) = (pair[0], pair[1]);
            if b > a + 1 && now > a_eff.max(b_eff) + delay {
                let (from, to) = (a_eff.min(b_eff), a_eff.max(b_eff));
                holes.push(Hole { kind, from, to });
            }
        }
        holes
    }

    fn reported(self, source: &str) -> Vec<Hole> {
        let leaves = self.leaves_of(source);
        let mut holes = Vec::new();
        for (at, n) in leaves.iter().enumerate() {
            let event = &self.events[*n];
            if event.action != Action::Gap {
                continue;
            }
            let from = event.time.get();
            let next = leaves.get(at + 1).map(|next| self.eff(*next));
            let to = event.due.map(Micros::get).or(next).unwrap_or(i64::MAX);
            holes.push(Hole {
                kind: GapKind::Reported,
                from,
                to: to.max(from),
            });
        }
        holes
    }

    fn ahead(self, source: &str) -> Vec<Hole> {
        (0..self.events.len())
            .filter(|n| self.events[*n].source == source && self.appears(*n).is_none())
            .filter(|n| self.events[*n].time.get() > self.clock_at(*n) + self.delay(*n))
            .map(|n| Hole {
                kind: GapKind::Ahead,
                from: self.clock_at(n),
                to: i64::MAX,
            })
            .collect()
    }

    /// Every gap of a source in scope.
    fn all_holes(self, commitment: &Commitment) -> Vec<Hole> {
        let mut holes: Vec<Hole> = self
            .arrived(commitment)
            .iter()
            .flat_map(|source| self.holes_uncut(source))
            .collect();
        if !self.unheard(commitment).is_empty() {
            holes.push(Hole {
                kind: GapKind::Missing,
                from: self.pledge.from.get(),
                to: i64::MAX,
            });
        }
        holes
    }

    // Instances.

    pub(crate) fn instances(self, commitment: &Commitment) -> Vec<Instance> {
        let mut instances: Vec<Instance> = self
            .evidence(commitment)
            .into_iter()
            .filter(|n| {
                let time = self.events[*n].time;
                time.get() <= self.clock().unwrap()
            })
            .filter_map(|n| {
                let trigger =
                    (self.events[n].time >= self.pledge.from).then(|| self.instance(commitment, n));
                trigger.flatten().or_else(|| self.late_end(commitment, n))
            })
            .collect();
        instances.sort();
        instances
    }

    fn late_end(self, commitment: &Commitment, n: usize) -> Option<Instance> {
        let Pattern::Before {
            until: Some(until), ..
        } = &commitment.pattern
        else {
            return None;
        };
        let event = &self.events[n];
        let may_end = eval_event(until, event) != Some(false);
        let arrived = self.clock_at(n) >= self.pledge.from.get();
        (self.is_late(n) && arrived && may_end).then_some(Instance {
            time: event.time,
            leaf: n as u64,
            each: None,
            reason: Reason::LateEnd,
            other: None,
            deadline: None,
        })
    }

    fn instance(self, commitment: &Commitment, n: usize) -> Option<Instance> {
        let event = &self.events[n];
        let deadline = match &commitment.pattern {
            Pattern::Within { deadline, .. } => Some(event.time.saturating_add(fixed(deadline))),
            _ => None,
        };
        let (reason, other) = match &commitment.pattern {
            Pattern::Never { when, never } => (plain(when.as_ref(), never, event, false)?, None),
            Pattern::Always { when, always } => (plain(when.as_ref(), always, event, true)?, None),
            Pattern::Before { when, same, .. } | Pattern::Within { when, same, .. } => {
                let when = eval_event(when, event);
                if when == Some(false) {
                    return None;
                }
                if self.is_late(n) {
                    (Reason::Late, None)
                } else if when.is_none() {
                    (Reason::Undetermined, None)
                } else if key(same, event).is_none() {
                    (Reason::NoKey, None)
                } else if deadline.is_some() {
                    self.within(commitment, n)
                } else {
                    self.before(commitment, n)
                }
            }
            _ => unimplemented!("rules of the full language"),
        };
        Some(Instance {
            time: event.time,
            leaf: n as u64,
            each: None,
            reason,
            other: other.map(|leaf| leaf as u64),
            deadline,
        })
    }

    fn before(self, commitment: &Commitment, n: usize) -> (Reason, Option<usize>) {
        let time = self.events[n].time.get();
        let Some(judged_at) = self.reaches(n, time + self.hold(commitment)) else {
            return (Reason::Waiting, None);
        };
        self.first(judged_at + 1).judge_before(commitment, n)
    }

    fn judge_before(self, commitment: &Commitment, n: usize) -> (Reason, Option<usize>) {
        let Pattern::Before {
            only_after,
            until,
            same,
            ..
        } = &commitment.pattern
        else {
            unreachable!("a test of before");
        };
        let time = self.events[n].time.get();
        let last = |predicate: Option<&Predicate>, sure: bool| {
            let predicate = predicate?;
            self.evidence(commitment)
                .into_iter()
                .filter(|m| self.position(*m) < (time, n))
                .filter(|m| self.match_of(predicate, same, *m, n) == Some(sure))
                .map(|m| self.position(m))
                .max()
        };
        let opener = last(Some(only_after), true);
        let maybe_opener = last(Some(only_after), false);
        let closer = last(until.as_ref(), true);
        let maybe_closer = last(until.as_ref(), false);
        let gap_after = |after: Option<Position>| {
            let after = after.map_or(i64::MIN, |(eff, _)| eff);
            commitment.silence == Silence::Unknown
                && after < time
                && self
                    .all_holes(commitment)
                    .iter()
                    .any(|hole| hole.from < time && hole.to > after)
        };
        let leaf = |position: Option<Position>| position.map(|(_, leaf)| leaf);
        if opener.is_some() && opener > closer {
            if maybe_closer >= opener {
                (Reason::MaybePermitted, leaf(maybe_closer))
            } else if until.is_some() && gap_after(opener) {
                (Reason::Gap, leaf(opener))
            } else {
                (Reason::Permitted, leaf(opener))
            }
        } else if maybe_opener > closer {
            (Reason::MaybePermitted, leaf(maybe_opener))
        } else if gap_after(closer) {
            (Reason::Gap, leaf(closer))
        } else if closer.is_some() {
            (Reason::PermissionEnded, leaf(closer))
        } else {
            (Reason::NotPermitted, None)
        }
    }

    /// Whether leaf `m` surely (true) or maybe (false) meets the predicate
    /// with the key of leaf `n`.
    fn match_of(self, predicate: &Predicate, same: &[Field], m: usize, n: usize) -> Option<bool> {
        let value = eval_event(predicate, &self.events[m]);
        if value == Some(false) {
            return None;
        }
        match key(same, &self.events[m]) {
            None => Some(false),
            Some(k) if Some(&k) == key(same, &self.events[n]).as_ref() => Some(value.is_some()),
            Some(_) => None,
        }
    }

    fn within(self, commitment: &Commitment, n: usize) -> (Reason, Option<usize>) {
        let Pattern::Within { deadline, .. } = &commitment.pattern else {
            unreachable!("a test of within");
        };
        let deadline = self.events[n].time.get() + fixed(deadline);
        let passed = deadline + self.hold(commitment) + 1;
        match self.reaches(n, passed) {
            Some(judged_at) => self
                .first(judged_at + 1)
                .judge_within(commitment, n, deadline)
                .unwrap_or((Reason::NotDone, None)),
            None => match self.judge_within(commitment, n, deadline) {
                Some((reason, other)) if reason.verdict() == Verdict::Kept => (reason, other),
                _ => (Reason::Waiting, None),
            },
        }
    }

    fn judge_within(
        self,
        commitment: &Commitment,
        n: usize,
        deadline: i64,
    ) -> Option<(Reason, Option<usize>)> {
        let Pattern::Within {
            then, unless, same, ..
        } = &commitment.pattern
        else {
            unreachable!("a test of within");
        };
        let time = self.events[n].time.get();
        let mut in_window: Vec<usize> = self
            .evidence(commitment)
            .into_iter()
            .filter(|m| self.position(*m) > (time, n) && self.eff(*m) <= deadline)
            .collect();
        in_window.sort_by_key(|m| self.position(*m));
        let of = |predicate: &Predicate, m: usize| self.match_of(predicate, same, m, n);
        let unless_of = |m: usize| unless.as_ref().and_then(|p| of(p, m));
        for m in &in_window {
            // What arrived late may tell of a time before the duty.
            if self.events[*m].time.get() < time {
                continue;
            }
            if of(then, *m) == Some(true) {
                return Some((Reason::Done, Some(*m)));
            }
            if unless_of(*m) == Some(true) {
                return Some((Reason::Lifted, Some(*m)));
            }
        }
        let maybe: Vec<usize> = in_window
            .into_iter()
            .filter(|m| of(then, *m).is_some() || unless_of(*m).is_some())
            .collect();
        // Of those that might have done it, one with the same key is named first.
        let with_key = maybe
            .iter()
            .find(|m| key(same, &self.events[**m]).is_some());
        if let Some(m) = with_key.or(maybe.first()) {
            return Some((Reason::MaybeDone, Some(*m)));
        }
        let in_gap = commitment.silence == Silence::Unknown
            && self
                .all_holes(commitment)
                .iter()
                .any(|hole| hole.from <= deadline && hole.to >= time);
        in_gap.then_some((Reason::Gap, None))
    }

    // The whole.

    pub(crate) fn report(self, commitment: &Commitment) -> CommitmentReport {
        let from = self.pledge.from;
        let instances = self.instances(commitment);
        let coverage = self.coverage(commitment);
        self.roll_up(commitment, &instances, coverage, from)
    }

    fn coverage(self, commitment: &Commitment) -> Vec<SourceCoverage> {
        let now = self.clock().unwrap_or(i64::MIN);
        let shown = |holes: &[Hole]| -> Vec<Gap> {
            let gap = |hole: &Hole| Gap {
                kind: hole.kind,
                from: Micros::new(hole.from).unwrap(),
                to: Micros::new(hole.to.min(now)).unwrap(),
            };
            holes.iter().take(GAPS_SHOWN_MAX).map(gap).collect()
        };
        let mut all = Vec::new();
        for source in self.arrived(commitment) {
            let leaves = self.leaves_of(source);
            let effs = || leaves.iter().map(|n| Micros::new(self.eff(*n)).unwrap());
            let holes = self.holes(source);
            if leaves.is_empty() && holes.is_empty() {
                continue;
            }
            let declared = self.declaration(source);
            all.push(SourceCoverage {
                source: source.to_owned(),
                declared: declared.map(|d| d.name.to_string()),
                first: effs().min(),
                last: effs().max(),
                events: leaves.len() as u64,
                late: leaves.iter().filter(|n| self.is_late(**n)).count() as u64,
                complete: declared.is_some_and(|d| d.heartbeat.is_some()) && holes.is_empty(),
                gap_count: holes.len() as u64,
                gaps: shown(&holes),
            });
        }
        for declared in self.unheard(commitment) {
            let hole = Hole {
                kind: GapKind::Missing,
                from: self.pledge.from.get(),
                to: i64::MAX,
            };
            let mut holes = if now >= hole.from { vec![hole] } else { vec![] };
            // A source of that very name may have spoken ahead of the clock.
            let name = declared.name.to_string();
            let mut declared = Some(name.clone());
            if let Some(at) = all
                .iter()
                .position(|row: &SourceCoverage| row.source == name)
            {
                holes.extend(self.holes(&name));
                declared = all.remove(at).declared;
            }
            all.push(SourceCoverage {
                source: name,
                declared,
                first: None,
                last: None,
                events: 0,
                late: 0,
                complete: false,
                gap_count: holes.len() as u64,
                gaps: shown(&holes),
            });
        }
        all.sort_by(|a, b| a.source.cmp(&b.source));
        all
    }

    fn roll_up(
        self,
        commitment: &Commitment,
        instances: &[Instance],
        coverage: Vec<SourceCoverage>,
        from: Micros,
    ) -> CommitmentReport {
        let of = |verdict: Verdict| instances.iter().filter(move |i| i.verdict() == verdict);
        let count = |verdict: Verdict| of(verdict).count() as u64;
        let counts = Counts {
            kept: count(Verdict::Kept),
            breached: count(Verdict::Breached),
            pending: count(Verdict::Pending),
            unknown: count(Verdict::Unknown),
        };
        let first_gap = coverage.iter().flat_map(|c| &c.gaps).map(|g| g.from).min();
        let leaves = self.sources(commitment).into_iter();
        let seen = leaves
            .flat_map(|source| self.leaves_of(source))
            .any(|n| self.eff(n) >= from.get());
        let completeness_shown = seen && coverage.iter().all(|c| c.complete);
        let breaching_gap = first_gap.filter(|_| commitment.silence == Silence::Breach);
        let breaches = of(Verdict::Breached).map(|i| i.deadline.unwrap_or(i.time));
        let first_breach = breaches.chain(breaching_gap).min();
        let unsure = of(Verdict::Unknown).map(|i| i.time).chain(first_gap).min();
        let vacuous = instances.is_empty();
        let (verdict, since) = if let Some(since) = first_breach {
            (Verdict::Breached, since)
        } else if unsure.is_some() || !seen || (vacuous && !completeness_shown) {
            (Verdict::Unknown, unsure.unwrap_or(from).max(from))
        } else if let Some(pending) = of(Verdict::Pending).next() {
            (Verdict::Pending, pending.time)
        } else {
            (Verdict::Kept, from)
        };
        let shown = [
            (Verdict::Breached, INSTANCES_SHOWN_MAX),
            (Verdict::Unknown, INSTANCES_SHOWN_MAX),
            (Verdict::Pending, INSTANCES_SHOWN_MAX),
            (Verdict::Kept, KEPT_SHOWN_MAX),
        ];
        CommitmentReport {
            id: commitment.id.clone(),
            verdict,
            vacuous,
            since,
            counts,
            coverage,
            completeness_shown,
            instances: shown
                .iter()
                .flat_map(|(verdict, most)| of(*verdict).take(*most).copied())
                .collect(),
        }
    }
}

fn plain(
    when: Option<&Predicate>,
    condition: &Predicate,
    event: &Event,
    promised: bool,
) -> Option<Reason> {
    let when = when.map_or(Some(true), |when| eval_event(when, event));
    let as_promised = eval_event(condition, event).map(|value| value == promised);
    match (when, as_promised) {
        (Some(false), _) | (None, Some(true)) => None,
        (Some(true), Some(true)) => Some(Reason::Holds),
        (Some(true), Some(false)) => Some(Reason::Fails),
        (Some(true) | None, _) => Some(Reason::Undetermined),
    }
}

/// The values of the fields, unless one is unknown.
fn key(same: &[Field], event: &Event) -> Option<Vec<String>> {
    same.iter()
        .map(|field| match event.get(*field) {
            None | Some(Value::Text("UNKNOWN")) => None,
            Some(value) => Some(format!("{value:?}")),
        })
        .collect()
}
