//! Reads evidence and brings its events into the order in which they go onto a
//! log: by time, source and number. What a record is, is left to `avow-source`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use avow_event::{Event, Micros, PlaceTable, PseudonymKey};
use avow_source::{Evidence, Input, Numbering, SourceError, Stats};
use avow_tlog::leaf_hash;
use serde_json::Value as Json;

use crate::doubt::Doubt;
use crate::failure::{Failure, Result};
use crate::messages as say;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::storage;
use crate::unplaced::Unplaced;
use crate::verdict_json;

/// Events held in memory at once, for sorting. At some 350 bytes each this is
/// 6 GB; more evidence is appended to a log part by part.
const EVENTS_MAX: usize = 1 << 24;

/// Malformed records whose reason is shown as a remark; all are counted.
const REASONS_SHOWN: usize = 3;

/// Events in order, and what was read.
pub(crate) struct Gathered {
    events: Vec<Held>,
    read: Vec<Read>,
}

/// What was read, from files or from standard input, in numbers.
pub(crate) struct Read {
    stats: Stats,
    unplaced: Unplaced,
}

/// An event, small enough to hold millions.
struct Held {
    time: Micros,
    /// Position of the source's name among all names, in order.
    source: u32,
    seq: u64,
    numbering: Numbering,
    leaf: Box<[u8]>,
}

/// No evidence.
pub(crate) fn nothing() -> Gathered {
    Gathered {
        events: Vec::new(),
        read: Vec::new(),
    }
}

/// Reads evidence: files, folders, `KIND:PATH`, and `-` for standard input.
pub(crate) fn gather(named: &[PathBuf], key: &PseudonymKey, screen: &Screen) -> Result<Gathered> {
    let places = PlaceTable::built_in();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    let mut events: Vec<Held> = Vec::new();
    let mut too_many = false;
    let mut sink = |event: Event, numbering: Numbering| {
        if events.len() >= EVENTS_MAX {
            too_many = true;
            return;
        }
        let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let source = match names.get(&event.source) {
            Some(known) => *known,
            None => *names.entry(event.source.clone()).or_insert(next),
        };
        events.push(Held {
            time: event.time,
            source,
            seq: event.seq,
            numbering,
            leaf: event.to_leaf().into_boxed_slice(),
        });
    };
    let read = read(named, &places, key, screen, &mut sink)?;
    if too_many {
        return Err(
            Failure::input(say::TOO_MANY_EVENTS.with(&[("events_max", &EVENTS_MAX)]))
                .hint(say::HINT_TOO_MANY_EVENTS),
        );
    }
    // The map is in the order of the names; the numbers are in the order of
    // their first event.
    let mut ranks = vec![0_u32; names.len()];
    for (rank, first_seen) in (0_u32..).zip(names.values()) {
        if let Some(slot) = ranks.get_mut(usize::try_from(*first_seen).unwrap_or(usize::MAX)) {
            *slot = rank;
        }
    }
    for held in &mut events {
        let rank = usize::try_from(held.source).ok();
        held.source = rank
            .and_then(|at| ranks.get(at).copied())
            .unwrap_or(u32::MAX);
    }
    events.sort_unstable_by(|a, b| {
        (a.time, a.source, a.seq, &a.leaf).cmp(&(b.time, b.source, b.seq, &b.leaf))
    });
    Ok(Gathered { events, read })
}

/// Reads evidence and hands out its events in the order of reading.
pub(crate) fn read(
    named: &[PathBuf],
    places: &PlaceTable,
    key: &PseudonymKey,
    screen: &Screen,
    sink: &mut dyn FnMut(Event, Numbering),
) -> Result<Vec<Read>> {
    let (streams, paths): (Vec<_>, Vec<_>) = named
        .iter()
        .partition(|path| path.as_os_str() == OsStr::new("-"));
    let mut all = Vec::new();
    if !paths.is_empty() {
        let inputs: Vec<Input> = paths
            .into_iter()
            .map(|path| Input::parse(path.as_os_str()))
            .collect::<std::result::Result<_, _>>()
            .map_err(source_failure)?;
        let evidence = Evidence::find(&inputs).map_err(source_failure)?;
        let progress = Progress::new(screen, say::WORK_READ, Some(evidence.bytes()));
        let mut done = 0;
        let mut tell = |bytes| {
            done += bytes;
            progress.at(done);
        };
        let mut unplaced = Unplaced::default();
        let mut look = |event: Event, numbering: Numbering| {
            unplaced.see(&event);
            sink(event, numbering);
        };
        let stats = evidence.read(places, key, &mut tell, &mut look);
        let stats = stats.map_err(source_failure)?;
        all.push(Read { stats, unplaced });
    }
    if !streams.is_empty() {
        let mut stdin = io::stdin().lock();
        let mut unplaced = Unplaced::default();
        let mut look = |event: Event, numbering: Numbering| {
            unplaced.see(&event);
            sink(event, numbering);
        };
        let name = Path::new("-");
        let stats = avow_source::read_stream(name, None, &mut stdin, places, key, &mut look);
        let stats = stats.map_err(source_failure)?;
        all.push(Read { stats, unplaced });
    }
    Ok(all)
}

impl Gathered {
    /// The number of events.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.events.len()).unwrap_or(u64::MAX)
    }

    /// A figure of the statistics, over all that was read.
    pub(crate) fn figure(&self, of: impl Fn(&Stats) -> u64) -> u64 {
        self.read.iter().map(|read| of(&read.stats)).sum()
    }

    /// The statistics as JSON: an object, or one for the files and one for
    /// standard input.
    pub(crate) fn stats_json(&self) -> Json {
        stats_json(&self.read)
    }

    /// The records that were not read as they stand.
    pub(crate) fn doubt(&self) -> Doubt {
        doubt(&self.read)
    }

    /// Says on standard error what was not read as it stands.
    pub(crate) fn remark_losses(&self, screen: &Screen) {
        remark_losses(&self.read, screen);
    }

    /// The places that the table does not know.
    pub(crate) fn unplaced(&self) -> Unplaced {
        unplaced(&self.read)
    }

    /// The events in the order of the log, and who numbered each.
    pub(crate) fn into_events(self) -> impl Iterator<Item = Result<(Event, Numbering)>> {
        self.events.into_iter().map(|held| {
            Event::from_leaf(&held.leaf)
                .map(|event| (event, held.numbering))
                .map_err(|e| Failure::bug(format!("read back an event: {e}")))
        })
    }
}

/// The places that the table does not know, over all that was read.
pub(crate) fn unplaced(read: &[Read]) -> Unplaced {
    let mut all = Unplaced::default();
    read.iter().for_each(|read| all.add(&read.unplaced));
    all
}

/// The statistics as JSON.
pub(crate) fn stats_json(read: &[Read]) -> Json {
    let mut objects = read.iter().map(|read| {
        let mut object = serde_json::from_str(&read.stats.to_json()).unwrap_or(Json::Null);
        if let Some(unplaced) = read.unplaced.json() {
            verdict_json::insert(&mut object, "places_unknown", unplaced);
        }
        object
    });
    match (objects.next(), read.len()) {
        (Some(only), 1) => only,
        (first, _) => Json::Array(first.into_iter().chain(objects).collect()),
    }
}

/// The records that were not read as they stand, over all that was read.
fn doubt(read: &[Read]) -> Doubt {
    let mut all = Doubt::default();
    read.iter().for_each(|read| all.add(&read.stats));
    all
}

/// Says on standard error what was not read as it stands.
pub(crate) fn remark_losses(read: &[Read], screen: &Screen) {
    let doubt = doubt(read).sentences(screen);
    doubt.iter().for_each(|sentence| screen.remark(sentence));
    let first = read.iter().flat_map(|read| &read.stats.malformed_first);
    for one in first.take(REASONS_SHOWN) {
        screen.remark(&format!(
            "{}:{}: {}",
            one.file.display(),
            one.line,
            one.reason
        ));
    }
}

/// What makes an event the same as one that is on a log already: all but when
/// it was logged.
pub(crate) fn identity(event: &Event) -> [u8; 32] {
    let mut bare = event.clone();
    bare.logged = None;
    *leaf_hash(&bare.to_leaf()).as_bytes()
}

/// The same where the log gives the number: that is left out.
pub(crate) fn identity_but_number(event: &Event) -> [u8; 32] {
    let mut bare = event.clone();
    bare.seq = 0;
    identity(&bare)
}

fn source_failure(error: SourceError) -> Failure {
    match error {
        SourceError::Missing { path } => {
            Failure::input(say::NO_SUCH_FILE.with(&[("path", &path.display())]))
        }
        SourceError::NoEvidence { path } => Failure::input(match path {
            Some(path) => say::NO_EVIDENCE_IN.with(&[("path", &path.display())]),
            None => say::NO_EVIDENCE.into(),
        })
        .hint(say::HINT_EVIDENCE),
        SourceError::NoSuchKind { kind } => {
            let kinds = avow_source::Kind::names();
            Failure::input(say::NO_SUCH_KIND.with(&[("kind", &kind), ("kinds", &kinds)]))
        }
        SourceError::NoMapping { mapping } => {
            Failure::input(say::NO_MAPPING.with(&[("path", &mapping.display())]))
                .hint(say::HINT_MAPPING)
        }
        error @ SourceError::Mapping { .. } => {
            Failure::input(say::BAD_MAPPING.with(&[("error", &error)])).hint(say::HINT_MAPPING)
        }
        SourceError::TooDeep { path } => {
            Failure::input(say::TOO_DEEP.with(&[("path", &path.display())]))
        }
        SourceError::Read { path, error } => storage::read_failed(&path, &error),
        other => Failure::input(say::EVIDENCE_FAILED.with(&[("error", &other)])),
    }
}
