//! One pass over evidence: finds out what each record is, recognises
//! duplicates, numbers the events, counts everything.

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::path::Path;

use avow_event::{Event, Micros, PlaceTable, PseudonymKey};
use serde_json::value::RawValue;

use crate::cloudtrail::{self, Record};
use crate::connector::{Context, JSON_READERS, Told};
use crate::duplicate::{Content, Id, Identified, Numbered, SeenIds, SeenNumbers};
use crate::frame::{Frame, NO_RECORD, Next, Parsed, RECORD_BYTES_MAX, parse_at, reason};
use crate::pgaudit::Watch;
use crate::pseudonyms::Pseudonyms;
use crate::waiting::{Position, Prepared, Waiting};
use crate::window::Window;
use crate::{Kind, Malformed, Numbering, SourceError, Stats, own};

/// Envelopes inside envelopes: a stored test event around an EventBridge
/// envelope around a record makes two; twice that is refused, so that nothing
/// recurses without bound.
const ENVELOPES_MAX: u32 = 4;

/// Without a time, nothing says whether a promise was in force.
const NO_TIME: &str = "it has no readable time, and no record before or after it gives one";

const SEVERAL: &str = "more than one of its members may hold a record";

/// The state of a pass.
pub(crate) struct Reading<'a> {
    places: &'a PlaceTable,
    sink: &'a mut dyn FnMut(Event, Numbering),
    pub(crate) pseudonyms: Pseudonyms<'a>,
    pub(crate) stats: Stats,
    seen_ids: SeenIds,
    seen_envelopes: SeenIds,
    seen_numbers: SeenNumbers,
    /// The last number given to each source that does not number itself.
    numbers: HashMap<String, u64>,
    /// The latest time of any event so far.
    latest: Option<Micros>,
    /// Records that were read before any time was.
    waiting: Waiting,
    /// The record that is read now.
    pub(crate) here: Position,
    /// What the operator calls the system whose records are read now.
    instance: Option<String>,
    /// When the file was last written: the time of a snapshot, which has none.
    pub(crate) file_time: Option<Micros>,
    watch: Watch,
    /// The reader of JSON objects that knew the last record.
    last_reader: usize,
}

/// What a record turned out to be.
pub(crate) enum Found {
    Counted,
    Malformed(String),
}

/// What came of the bytes at the beginning of the window.
enum Taken {
    Whole(usize, Found),
    Incomplete,
    Broken(String),
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        places: &'a PlaceTable,
        key: &'a PseudonymKey,
        sink: &'a mut dyn FnMut(Event, Numbering),
    ) -> Self {
        Self {
            places,
            sink,
            pseudonyms: Pseudonyms::new(key),
            stats: Stats::default(),
            seen_ids: SeenIds::default(),
            seen_envelopes: SeenIds::default(),
            seen_numbers: SeenNumbers::default(),
            numbers: HashMap::new(),
            latest: None,
            waiting: Waiting::default(),
            here: Position::default(),
            instance: None,
            file_time: None,
            watch: Watch::default(),
            last_reader: 0,
        }
    }

    /// Reads one stream to its end.
    pub(crate) fn stream(
        &mut self,
        name: &Path,
        kind: Option<Kind>,
        instance: Option<&str>,
        stream: &mut dyn Read,
    ) -> Result<(), SourceError> {
        let mut window = Window::new(stream);
        let mut frame = Frame::new(&mut window);
        let mut record = 0;
        self.here.file = name.to_owned();
        self.instance = instance.map(str::to_owned);
        if self.is_csv(&mut window, kind) {
            return self.rows(name, kind, &mut window);
        }
        loop {
            let next = frame.next(&mut window);
            let line = window.line();
            record += u64::from(!matches!(next, Next::End | Next::Flaw(_)));
            let malformed = match next {
                Next::End => break,
                Next::Flaw(reason) => Some(reason.to_owned()),
                Next::NoObject(reason) => {
                    self.stats.records += 1;
                    Some(reason.to_owned())
                }
                Next::Record => {
                    self.stats.records += 1;
                    (self.here.line, self.here.record) = (line, record);
                    match self.record(&mut window, &mut frame, kind) {
                        Found::Counted => None,
                        Found::Malformed(reason) => Some(reason),
                    }
                }
            };
            if let Some(mut reason) = malformed {
                // A record or array that a cut leaves open is the cut's fault,
                // and both together are one.
                if let Some(fault) = window.fault_at_end() {
                    reason = describe_fault(name, fault)?;
                }
                self.malformed(name, line, record, reason);
            }
        }
        if let Some(fault) = window.fault_at_end() {
            let line = window.line();
            let reason = describe_fault(name, fault)?;
            self.malformed(name, line, record, reason);
        }
        Ok(())
    }

    pub(crate) fn malformed(&mut self, file: &Path, line: u64, record: u64, reason: String) {
        self.stats.add_malformed(|| Malformed {
            file: file.to_owned(),
            line,
            record,
            reason,
        });
    }

    /// Reads the record at the beginning of the window and takes it.
    fn record(&mut self, window: &mut Window<'_>, frame: &mut Frame, kind: Option<Kind>) -> Found {
        loop {
            match self.taken(window.bytes(), kind) {
                Taken::Whole(len, found) => {
                    frame.take(window, len);
                    return found;
                }
                Taken::Broken(reason) => {
                    frame.skip_broken(window);
                    return Found::Malformed(reason);
                }
                Taken::Incomplete if window.bytes().len() > RECORD_BYTES_MAX => {
                    frame.skip_broken(window);
                    return Found::Malformed(too_long());
                }
                Taken::Incomplete => {
                    if !window.grow() {
                        frame.skip_broken(window);
                        return Found::Malformed("the file ends inside a record".to_owned());
                    }
                }
            }
        }
    }

    fn taken(&mut self, bytes: &[u8], kind: Option<Kind>) -> Taken {
        if kind == Some(Kind::Events) {
            return match parse_at::<&RawValue>(bytes) {
                Parsed::Whole(_, len) if len > RECORD_BYTES_MAX => {
                    Taken::Whole(len, Found::Malformed(too_long()))
                }
                Parsed::Whole(json, len) => Taken::Whole(len, self.own(json.get().as_bytes())),
                Parsed::Incomplete => Taken::Incomplete,
                Parsed::Broken(reason) => Taken::Broken(reason),
            };
        }
        match parse_at::<Record<'_>>(bytes) {
            Parsed::Whole(_, len) if len > RECORD_BYTES_MAX => {
                Taken::Whole(len, Found::Malformed(too_long()))
            }
            Parsed::Whole(record, len) => {
                let json = bytes.get(..len).unwrap_or_default();
                Taken::Whole(len, self.foreign(&record, json, kind, Nesting::default()))
            }
            Parsed::Incomplete => Taken::Incomplete,
            Parsed::Broken(reason) => Taken::Broken(reason),
        }
    }

    /// A record of another system, an envelope, or an event of our own.
    fn foreign(
        &mut self,
        record: &Record<'_>,
        json: &[u8],
        kind: Option<Kind>,
        nesting: Nesting<'_>,
    ) -> Found {
        if record.call().is_some() && kind.is_none_or(|kind| kind == Kind::CloudTrail) {
            if record.batch().is_some() || !holding(record.envelopes()).is_empty() {
                return Found::Malformed(SEVERAL.to_owned());
            }
            return self.cloudtrail(record, nesting);
        }
        if kind.is_none() && record.is_own() {
            return self.own(json);
        }
        let mut envelopes: Vec<_> = record.envelopes().collect();
        if envelopes.len() > 1 || record.batch().is_some() {
            envelopes = holding(envelopes.into_iter());
        }
        match (envelopes.as_slice(), record.batch()) {
            ([], Some(records)) => return self.late_records(records, kind, nesting),
            ([(inner, labelled)], None) => {
                return self.nested(inner, kind, nesting.inside(record, *labelled));
            }
            ([], None) => {}
            _ => return Found::Malformed(SEVERAL.to_owned()),
        }
        if let Some(found) = self.other_system(json, kind, nesting) {
            return found;
        }
        self.stats.skipped += 1;
        Found::Counted
    }

    /// A record of a system other than CloudTrail, if it is one. Neighbours are
    /// most often of one system, so the last reader that knew one is asked first.
    fn other_system(
        &mut self,
        json: &[u8],
        kind: Option<Kind>,
        nesting: Nesting<'_>,
    ) -> Option<Found> {
        let json = std::str::from_utf8(json).ok()?;
        let count = JSON_READERS.len();
        for at in (self.last_reader..count).chain(0..self.last_reader) {
            let (of, read) = JSON_READERS.get(at)?;
            if kind.is_some_and(|kind| kind != *of) {
                continue;
            }
            match read(json, &mut self.context()) {
                None => {}
                Some(Err(reason)) => return Some(Found::Malformed(reason)),
                Some(Ok(mut told)) => {
                    self.last_reader = at;
                    if *of == Kind::Terraform || nesting.labelled {
                        told.time = told.time.or(self.file_time);
                    }
                    return Some(self.tell(told, nesting));
                }
            }
        }
        None
    }

    pub(crate) fn context(&mut self) -> Context<'_, 'a> {
        Context {
            places: self.places,
            pseudonyms: &mut self.pseudonyms,
            instance: self.instance.as_deref(),
            watch: &mut self.watch,
        }
    }

    pub(crate) fn tell(&mut self, told: Told, nesting: Nesting<'_>) -> Found {
        let Told {
            mut events,
            id,
            time,
        } = told;
        if events.is_empty() {
            self.stats.skipped += 1;
            return Found::Counted;
        }
        // Neither number nor made-up time is part of what a record says.
        for event in events.iter_mut().filter(|event| event.time == Micros::MIN) {
            event.time = time.unwrap_or(Micros::MIN);
        }
        let leaves: Vec<u8> = events.iter().flat_map(Event::to_leaf).collect();
        let id = id.filter(|_| !nesting.labelled);
        let prepared = Prepared {
            events,
            id: id.as_deref().map(Id::new),
            content: Content::new(&leaves),
            stated: time,
        };
        match time.or(self.latest) {
            Some(time) => self.admit(prepared, time),
            None if self.waiting.add(prepared, leaves.len(), &self.here) => {}
            None => return Found::Malformed(NO_TIME.to_owned()),
        }
        Found::Counted
    }

    fn nested(&mut self, json: &RawValue, kind: Option<Kind>, nesting: Nesting<'_>) -> Found {
        if nesting.depth > ENVELOPES_MAX {
            return Found::Malformed(format!("more than {ENVELOPES_MAX} envelopes"));
        }
        if !json.get().starts_with('{') {
            return Found::Malformed(NO_RECORD.to_owned());
        }
        match serde_json::from_str::<Record<'_>>(json.get()) {
            Ok(record) => self.foreign(&record, json.get().as_bytes(), kind, nesting),
            Err(error) => Found::Malformed(reason(&error)),
        }
    }

    /// `{…,"Records":[…]}` where other members came first, so that the object
    /// was read as one record.
    fn late_records(&mut self, json: &RawValue, kind: Option<Kind>, nesting: Nesting<'_>) -> Found {
        let records = match serde_json::from_str::<Vec<&RawValue>>(json.get()) {
            Ok(records) => records,
            Err(error) => return Found::Malformed(reason(&error)),
        };
        self.stats.records -= 1;
        let mut broken = None;
        for json in records {
            self.stats.records += 1;
            let nesting = Nesting {
                depth: nesting.depth + 1,
                ..nesting
            };
            if let Found::Malformed(reason) = self.nested(json, kind, nesting)
                && broken.replace(reason).is_some()
            {
                // The caller counts and keeps the last.
                self.stats.malformed += 1;
            }
        }
        broken.map_or(Found::Counted, Found::Malformed)
    }

    fn cloudtrail(&mut self, record: &Record<'_>, nesting: Nesting<'_>) -> Found {
        let stated = record.time();
        let events = cloudtrail::events(
            record,
            nesting.account,
            stated.unwrap_or(Micros::MIN),
            self.places,
            &mut self.pseudonyms,
        );
        let events = match events {
            Ok(events) => events,
            Err(reason) => return Found::Malformed(reason),
        };
        let told = Told {
            events,
            id: record.event_id.as_str().map(str::to_owned),
            time: stated,
        };
        self.tell(told, nesting)
    }

    /// Counts a record that happened at `time`, and hands out its events.
    fn admit(&mut self, prepared: Prepared, time: Micros) {
        if prepared.stated.is_some() {
            self.see_time(time);
        }
        self.stats.events += 1;
        let identified = prepared.id.map_or(Identified::New, |id| {
            self.seen_ids.note(id, prepared.content)
        });
        if identified == Identified::Repeated {
            self.stats.duplicates += 1;
            return;
        }
        self.stats.unique_events += 1;
        self.stats.conflicting += u64::from(identified == Identified::Conflicting);
        self.stats.untimed += u64::from(prepared.stated.is_none());
        for mut event in prepared.events {
            if prepared.stated.is_none() {
                event.time = time;
            }
            event.seq = self.next_number(&event.source);
            self.hand_out(event, Numbering::Counted);
        }
    }

    /// A record with this time comes next. Those that waited for one go first.
    pub(crate) fn see_time(&mut self, time: Micros) {
        let latest = self.latest.map_or(time, |latest| latest.max(time));
        self.latest = Some(latest);
        for (prepared, _) in self.waiting.take() {
            self.admit(prepared, latest);
        }
    }

    /// Ends the pass: what still waits has no time.
    pub(crate) fn finish(mut self) -> Stats {
        for (_, position) in self.waiting.take() {
            let Position { file, line, record } = position;
            self.malformed(&file, line, record, NO_TIME.to_owned());
        }
        self.stats
    }

    pub(crate) fn next_number(&mut self, source: &str) -> u64 {
        if let Some(number) = self.numbers.get_mut(source) {
            *number += 1;
            return *number;
        }
        self.numbers.insert(source.to_owned(), 1);
        1
    }

    fn own(&mut self, json: &[u8]) -> Found {
        let own = match own::read(json, &self.pseudonyms) {
            Ok(own) => own,
            Err(reason) => return Found::Malformed(reason),
        };
        let event = own.event;
        let leaf = event.to_leaf();
        let identified = own.envelope.map_or(Identified::New, |envelope| {
            self.seen_envelopes
                .note(Id::new(&envelope), Content::new(&leaf))
        });
        let numbered = if identified == Identified::Repeated {
            Numbered::Repeated
        } else {
            self.seen_numbers.note(&event.source, event.seq, &leaf)
        };
        if numbered == Numbered::Contradicted {
            return Found::Malformed(format!(
                "number {} of `{}` was read before with other content",
                event.seq, event.source
            ));
        }
        self.stats.events += 1;
        if numbered == Numbered::Repeated {
            self.stats.duplicates += 1;
            return Found::Counted;
        }
        self.stats.unique_events += 1;
        self.stats.conflicting += u64::from(identified == Identified::Conflicting);
        self.see_time(event.time);
        self.hand_out(event, Numbering::Source);
        Found::Counted
    }

    pub(crate) fn hand_out(&mut self, event: Event, numbering: Numbering) {
        self.stats.handed_out += 1;
        (self.sink)(event, numbering);
    }
}

/// What the envelopes around a record say.
#[derive(Clone, Copy, Default)]
pub(crate) struct Nesting<'r> {
    depth: u32,
    /// A labelled row: its ids are placeholders.
    labelled: bool,
    /// The account that an EventBridge envelope names.
    account: Option<&'r str>,
}

impl<'r> Nesting<'r> {
    fn inside(self, envelope: &'r Record<'_>, labelled: bool) -> Self {
        Self {
            depth: self.depth + 1,
            labelled: self.labelled || labelled,
            account: envelope.account.as_str().or(self.account),
        }
    }
}

/// Of several members that may hold a record, those that hold one.
fn holding<'a>(envelopes: impl Iterator<Item = (&'a RawValue, bool)>) -> Vec<(&'a RawValue, bool)> {
    envelopes
        .filter(|(json, _)| {
            // What cannot be read may be anything.
            serde_json::from_str::<Record<'_>>(json.get())
                .map_or(true, |record| record.may_hold_records())
        })
        .collect()
}

pub(crate) fn too_long() -> String {
    format!("the record is longer than {RECORD_BYTES_MAX} bytes")
}

/// What a decoder says about a file that was cut or damaged, or the error of
/// the operating system.
pub(crate) fn describe_fault(name: &Path, fault: std::io::Error) -> Result<String, SourceError> {
    match fault.kind() {
        ErrorKind::UnexpectedEof => Ok("the gzip file is cut off".to_owned()),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            Ok(format!("the gzip file is damaged: {fault}"))
        }
        _ => Err(SourceError::Read {
            path: name.to_owned(),
            error: fault,
        }),
    }
}
