//! What evidence there was, as part of a saved state.
//! `docs/spec/state.md`, "Coverage".
//!
//! Which declaration and which commitments a source belongs to follows from
//! its name and the pledge, and is not written.

use std::cmp::Reverse;

use crate::columns::{Dictionary, index};
use crate::coverage::{Arrival, Coverage, ReportedGap, Source};
use crate::coverage_gap::GapKind;
use crate::machine_state::in_order;
use crate::state_bytes::{Read, Reader, Unreadable, Writer, ensure};

impl Coverage {
    pub(crate) fn save_sources(&self, out: &mut Writer) {
        out.list(self.sources.iter(), |out, source| source.save(out));
    }

    /// The events dated ahead of the clock.
    pub(crate) fn save_ahead(&self, out: &mut Writer) {
        let mut ahead: Vec<&Arrival> = self.ahead.iter().map(|Reverse(a)| a).collect();
        ahead.sort_unstable();
        out.list(ahead.into_iter(), save_arrival);
    }

    /// When the declarations that one commitment is about were first heard.
    pub(crate) fn save_scope(&self, scope: usize, out: &mut Writer) {
        let expected = self.scopes.get(scope).map(|scope| scope.expected.iter());
        let heard = expected.unwrap_or_default().map(|expected| expected.heard);
        out.list(heard, |out, heard| out.option(heard, Writer::mark));
    }

    pub(crate) fn load_scope(&mut self, scope: usize, from: &mut Reader<'_>) -> Read<()> {
        let scope = self.scopes.get_mut(scope).ok_or(Unreadable("a scope"))?;
        let mut expected = scope.expected.iter_mut();
        from.list(|from| {
            let expected = expected.next().ok_or(Unreadable("a declaration"))?;
            expected.heard = from.option(Reader::mark)?;
            Ok(())
        })?;
        ensure(expected.next().is_none(), "a declaration")
    }

    /// Takes the sources that were saved under the same declarations.
    pub(crate) fn load_sources(
        &mut self,
        dictionary: &mut Dictionary,
        from: &mut Reader<'_>,
    ) -> Read<()> {
        let mut expected_position = 0..;
        from.list(|from| {
            let name = from.text()?;
            let position = self.position(dictionary.intern(name), Some(name));
            ensure(expected_position.next() == Some(position), "a source")?;
            for scope in &mut self.scopes {
                scope.join(index(position), name);
            }
            let source = self.sources.get_mut(index(position));
            source.ok_or(Unreadable("a source"))?.load(from)
        })
        .map(drop)
    }

    /// Takes the events dated ahead of the clock at `now`, after the sources.
    pub(crate) fn load_ahead(&mut self, now: i64, from: &mut Reader<'_>) -> Read<()> {
        let sources = self.sources.len();
        let ahead = from.list(|from| load_arrival(sources, from))?;
        ensure(in_order(&ahead, |arrival| *arrival), "events ahead")?;
        self.ahead = ahead.into_iter().map(Reverse).collect();
        self.now = now;
        for position in 0..u32::try_from(sources).unwrap_or(u32::MAX) {
            self.set_alarm(position);
        }
        Ok(())
    }
}

impl Source {
    fn save(&self, out: &mut Writer) {
        out.text(&self.name);
        out.number(self.events);
        out.number(self.late);
        out.option(
            (self.events > 0).then_some((self.first, self.last)),
            |out, (first, last)| {
                out.time(first);
                out.time(last);
            },
        );
        out.option(self.silence.as_ref(), |out, silence| silence.save(out));
        self.sequence.save(out);
        out.list(self.reported.iter(), Writer::gap);
        out.number(self.reported_open as u64);
        out.list(self.ahead.iter(), Writer::gap);
    }

    /// Everything but its name.
    fn load(&mut self, from: &mut Reader<'_>) -> Read<()> {
        self.is_heard_of = true;
        self.events = from.count()?;
        self.late = from.count()?;
        let ends = from.option(|from| Ok((from.time()?, from.time()?)))?;
        ensure(ends.is_some() == (self.events > 0), "the ends of a source")?;
        if let Some(ends) = ends {
            (self.first, self.last) = ends;
        }
        let is_watched = from.flag()?;
        ensure(is_watched == self.silence.is_some(), "a silence")?;
        if let Some(silence) = &mut self.silence {
            silence.load(from)?;
        }
        self.sequence.load(from)?;
        self.reported = from.list(|from| from.gap(GapKind::Reported))?;
        self.reported_open = usize::try_from(from.number()?).unwrap_or(usize::MAX);
        ensure(self.reported_open <= self.reported.len(), "open gaps")?;
        self.ahead = from.list(|from| from.gap(GapKind::Ahead))?;
        ensure(in_order(&self.ahead, |gap| gap.known.leaf), "gaps ahead")
    }
}

/// The latest time of the events dated ahead of the clock.
pub(crate) fn latest_ahead(from: &mut Reader<'_>) -> Read<Option<i64>> {
    let ahead = from.list(|from| load_arrival(usize::MAX, from))?;
    Ok(ahead.iter().map(|arrival| arrival.eff).max())
}

fn save_arrival(out: &mut Writer, arrival: &Arrival) {
    out.time(arrival.eff);
    out.number(arrival.leaf);
    out.number(u64::from(arrival.source));
    out.number(arrival.seq);
    out.flag(arrival.late);
    out.option(arrival.reported, |out, reported| {
        out.time(reported.from);
        out.option(reported.to, Writer::time);
    });
}

fn load_arrival(sources: usize, from: &mut Reader<'_>) -> Read<Arrival> {
    Ok(Arrival {
        eff: from.time()?,
        leaf: from.leaf()?,
        source: {
            let source = u32::try_from(from.number()?).ok();
            let known = source.filter(|source| index(*source) < sources);
            known.ok_or(Unreadable("a source's place"))?
        },
        seq: from.number()?,
        late: from.flag()?,
        reported: from.option(|from| {
            Ok(ReportedGap {
                from: from.time()?,
                to: from.option(Reader::time)?,
            })
        })?,
    })
}
