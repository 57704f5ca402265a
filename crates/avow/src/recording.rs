//! Puts gathered events on a log: a temporary one, a new one or one that is
//! continued. What a log is on disk is left to `avow-log`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use avow_event::{Event, Field, Micros, Value};
use avow_log::{Claim, ErrorKind, LocalHeadStore, Log, LogConfig, LogKeys};
use avow_monitor::{PUBLISHER, publication, published_digest};
use avow_source::Numbering;
use avow_tlog::{Algorithm, KEY_TEXT_BYTES_MAX, SignerKey, check_new_origin};

use crate::ambient;
use crate::failure::{Failure, Result};
use crate::gathering::{Gathered, identity, identity_but_number};
use crate::interruption::{self, Unfinished};
use crate::messages as say;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::storage;

/// Leaves appended at once: enough that the disk is waited for rarely, and a
/// few megabytes at most.
const BATCH_LEAVES: usize = 4_096;

/// What the sources begin with whose records the connector counts. Other
/// evidence may use such names too, and keeps its own numbers.
const COUNTED_SOURCES: [&str; 2] = ["cloudtrail-", "monpoly-"];

/// A log, and whether it stays.
pub(crate) struct Recording {
    /// Dropped before `log`, which holds the lock: nobody else opens a log that
    /// is about to go away.
    folder: Folder,
    pub(crate) log: Log,
    /// The log's Ed25519 key, which signs what is stated about it.
    pub(crate) signer: SignerKey,
}

/// A folder that goes away unless it is kept.
struct Folder {
    path: PathBuf,
    kept: bool,
    /// It was there before, and empty: what goes away is what lies in it.
    existed: bool,
    /// An interrupted run removes it too.
    unfinished: Option<Unfinished>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        interruption::remove(&self.path);
        if self.existed {
            let _ = fs::create_dir(&self.path);
        }
    }
}

/// What became of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Added {
    /// Events put on the log.
    pub(crate) added: u64,
    /// Events that were on it already.
    pub(crate) repeated: u64,
}

impl Recording {
    /// A log for this run only, with keys that nobody has seen.
    ///
    /// They never reach a disk: a run that is killed leaves leaves, which only
    /// its user may read, and nothing that could sign for them.
    pub(crate) fn temporary(origin: &str) -> Result<Self> {
        let tag = u64::from_le_bytes(ambient::entropy()?);
        let path = std::env::temp_dir().join(format!("avow-{tag:016x}"));
        storage::create_private_folder(&path)?;
        let folder = Folder {
            unfinished: Some(Unfinished::new(&path)),
            path,
            kept: false,
            existed: false,
        };
        let (keys, signer) = new_keys(origin)?;
        let head = LocalHeadStore::new(&folder.path.join("head")).map_err(log_failure)?;
        let config = LogConfig::new(origin);
        let log = Log::create_with(&folder.path, &config, keys, Box::new(head));
        Ok(Self {
            folder,
            log: log.map_err(log_failure)?,
            signer,
        })
    }

    /// A new log in a folder, removed again unless [`Recording::keep`] is called.
    pub(crate) fn create(path: PathBuf, origin: &str) -> Result<Self> {
        let existed = path.exists();
        if existed && !is_empty(&path) {
            return Err(not_empty(&path));
        }
        check_new_origin(origin).map_err(|error| {
            let message = say::BAD_ORIGIN.with(&[("origin", &origin), ("error", &error)]);
            Failure::input(message).hint(say::HINT_ORIGIN)
        })?;
        let (keys, signer) = new_keys(origin)?;
        // INVARIANT: only a folder that this run claimed is ever removed.
        // A run that comes second fails here.
        let claim = Claim::take(&path).map_err(|error| match error.kind() {
            ErrorKind::Busy => busy(&path),
            ErrorKind::Input => not_empty(&path),
            _ => log_failure(error),
        })?;
        let folder = Folder {
            unfinished: Some(Unfinished::new(&path)),
            path,
            kept: false,
            existed,
        };
        let log = Log::create_claimed(claim, &LogConfig::new(origin), keys);
        Ok(Self {
            folder,
            log: log.map_err(log_failure)?,
            signer,
        })
    }

    /// The log in a folder.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        if !path.join("log").exists() {
            return Err(
                Failure::input(say::NOT_A_LOG.with(&[("path", &shown)])).hint(say::HINT_LOG_INIT)
            );
        }
        let log = Log::open(path).map_err(|error| match error.kind() {
            ErrorKind::Busy => busy(path),
            _ => log_failure(error),
        })?;
        let folder = Folder {
            path: path.to_owned(),
            kept: true,
            existed: true,
            unfinished: None,
        };
        Ok(Self {
            folder,
            log,
            signer: read_signer(path)?,
        })
    }

    /// From now on the folder stays.
    pub(crate) fn keep(&mut self) {
        self.folder.kept = true;
        self.folder.unfinished = None;
    }

    /// Stamps the events with the time and appends those that are not on the
    /// log yet; then signs the head. Before them goes the publication of the
    /// pledge with the digest `publish`, unless it is there.
    pub(crate) fn add(
        &mut self,
        gathered: Gathered,
        publish: Option<&[u8; 32]>,
        screen: &Screen,
    ) -> Result<Added> {
        let mut known = self.known()?;
        if let Some(digest) = publish {
            self.publish(digest, &mut known)?;
        }
        let progress = Progress::new(screen, say::WORK_APPEND, Some(gathered.len()));
        let mut total = Added {
            added: 0,
            repeated: 0,
        };
        let mut leaves = Vec::with_capacity(BATCH_LEAVES);
        for event in gathered.into_events() {
            let (mut event, numbering) = event?;
            if known.take(&event, numbering) {
                total.repeated += 1;
                continue;
            }
            known.stamp(&mut event, numbering, ambient::now()?)?;
            leaves.push(event.to_leaf());
            if leaves.len() == BATCH_LEAVES {
                total.added += self.append(&mut leaves)?;
                progress.at(total.added);
            }
        }
        total.added += self.append(&mut leaves)?;
        self.sign()?;
        Ok(total)
    }

    fn publish(&mut self, digest: &[u8; 32], known: &mut Known) -> Result<()> {
        if known.published.contains(digest) {
            return Ok(());
        }
        let now = ambient::now()?;
        let mut event = publication(digest, known.publisher_seq + 1, now);
        known.stamp(&mut event, Numbering::Source, now)?;
        self.append(&mut vec![event.to_leaf()]).map(drop)
    }

    /// Signs the head, unless it is signed already.
    pub(crate) fn sign(&mut self) -> Result<()> {
        let size = self.log.size();
        if self.log.head().is_none_or(|(_, head)| head.size() < size) {
            let seconds = ambient::now()?.get() / 1_000_000;
            let seconds = u64::try_from(seconds).unwrap_or(0);
            self.log.sign_head(seconds).map_err(log_failure)?;
        }
        Ok(())
    }

    fn append(&mut self, leaves: &mut Vec<Vec<u8>>) -> Result<u64> {
        let slices: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let range = self.log.append(&slices).map_err(log_failure)?;
        leaves.clear();
        Ok(range.end - range.start)
    }

    /// What is on the log already.
    fn known(&self) -> Result<Known> {
        let mut known = Known::new(ambient::now()?);
        for leaf in self.log.leaves(0..self.log.size()).map_err(log_failure)? {
            // A leaf that is no event is somebody else's; the monitor reports it.
            if let Ok(event) = Event::from_leaf(&leaf.map_err(log_failure)?) {
                known.see(&event);
            }
        }
        Ok(known)
    }
}

/// The events of a log, as far as repeats and stamps need them.
struct Known {
    /// How often each identity is there.
    events: HashMap<[u8; 32], u64>,
    /// The same without the numbers, for sources that the log may number. A
    /// leaf does not say who numbered it, so that its source decides.
    unnumbered: HashMap<[u8; 32], u64>,
    /// The last number of each of these sources.
    numbers: HashMap<String, u64>,
    /// The pledges that are published.
    published: HashSet<[u8; 32]>,
    /// The last number of the source that publishes them.
    publisher_seq: u64,
    /// The latest stamp; stamps never go back, whatever the clock does.
    logged: Micros,
}

impl Known {
    fn new(logged: Micros) -> Self {
        Self {
            events: HashMap::new(),
            unnumbered: HashMap::new(),
            numbers: HashMap::new(),
            published: HashSet::new(),
            publisher_seq: 0,
            logged,
        }
    }

    fn see(&mut self, event: &Event) {
        *self.events.entry(identity(event)).or_default() += 1;
        let source = event.source.as_str();
        if COUNTED_SOURCES.iter().any(|one| source.starts_with(one)) {
            let same = identity_but_number(event);
            *self.unnumbered.entry(same).or_default() += 1;
            let last = self.numbers.entry(event.source.clone()).or_default();
            *last = event.seq.max(*last);
        }
        if event.source == PUBLISHER {
            self.published.extend(published_digest(event));
            self.publisher_seq = self.publisher_seq.max(event.seq);
        }
        self.logged = self.logged.max(event.logged.unwrap_or(Micros::MIN));
    }

    /// Whether the event is there; each one there answers once. So of equal
    /// events in a run as many are repeats as the log has.
    fn take(&mut self, event: &Event, numbering: Numbering) -> bool {
        if self.events.is_empty() {
            return false;
        }
        let found = match numbering {
            Numbering::Source => self.events.get_mut(&identity(event)),
            Numbering::Counted => self.unnumbered.get_mut(&identity_but_number(event)),
        };
        match found {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// The time, and the number where the log gives it: the order of files, in
    /// which the connector counts, is not the order of events.
    fn stamp(&mut self, event: &mut Event, numbering: Numbering, now: Micros) -> Result<()> {
        if numbering == Numbering::Counted {
            let last = self.numbers.entry(event.source.clone()).or_default();
            *last += 1;
            event.seq = *last;
        }
        self.logged = self.logged.max(now);
        event
            .set(Field::Logged, Value::Time(self.logged))
            .map_err(|e| Failure::bug(format!("stamp an event: {e}")))
    }
}

/// New keys of a log, and the first of them once more.
fn new_keys(origin: &str) -> Result<(LogKeys, SignerKey)> {
    let seed = ambient::entropy()?;
    let keys = LogKeys::from_seeds(origin, seed, ambient::entropy()?).map_err(log_failure)?;
    let signer = SignerKey::from_seed(origin, Algorithm::Ed25519, seed);
    let signer = signer.map_err(|e| Failure::bug(format!("make a key: {e}")))?;
    Ok((keys, signer))
}

/// The Ed25519 key in the folder of a log.
fn read_signer(folder: &Path) -> Result<SignerKey> {
    let path = folder.join("keys").join("ed25519.key");
    let bytes = storage::read_bounded(&path, KEY_TEXT_BYTES_MAX as u64)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    SignerKey::from_secret_text(text.trim_end()).map_err(|error| {
        let shown = path.display();
        Failure::storage(say::READ_FAILED.with(&[("path", &shown), ("error", &error)]))
    })
}

fn busy(folder: &Path) -> Failure {
    Failure::storage(say::LOG_BUSY.with(&[("path", &folder.display())])).hint(say::HINT_BUSY)
}

fn not_empty(folder: &Path) -> Failure {
    Failure::input(say::NOT_EMPTY.with(&[("path", &folder.display())])).hint(say::HINT_NOT_EMPTY)
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// A failure of the log, in our kinds. Its message is English.
pub(crate) fn log_failure(error: avow_log::Error) -> Failure {
    let message = say::LOG_FAILED.with(&[("error", &error)]);
    match error.kind() {
        ErrorKind::Input => Failure::input(message),
        ErrorKind::Busy => Failure::storage(message).hint(say::HINT_BUSY),
        ErrorKind::Storage | ErrorKind::Stopped => Failure::storage(message).hint(say::HINT_DISK),
        ErrorKind::Corrupt => Failure::storage(message).hint(say::HINT_CORRUPT),
        ErrorKind::Conflict | ErrorKind::Unverified => {
            Failure::storage(message).hint(say::HINT_CONFLICT)
        }
        _ => Failure::storage(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avow_event::Action;

    #[test]
    fn stamps_never_go_back_whatever_the_clock_does() {
        let time = |text: &str| Micros::parse(text).unwrap();
        let mut known = Known::new(Micros::MIN);
        let mut old = Event::new("vault", 1, time("2026-03-01T00:00:00Z"), Action::Store);
        old.logged = Some(time("2026-03-01T12:00:00Z"));
        known.see(&old);
        let mut new = Event::new("vault", 2, time("2026-03-01T00:00:01Z"), Action::Store);
        let source = Numbering::Source;
        known
            .stamp(&mut new, source, time("2026-03-01T11:00:00Z"))
            .unwrap();
        assert_eq!(new.logged, Some(time("2026-03-01T12:00:00Z")));
        known
            .stamp(&mut new, source, time("2026-03-01T13:00:00Z"))
            .unwrap();
        assert_eq!(new.logged, Some(time("2026-03-01T13:00:00Z")));
        assert_eq!(new.seq, 2);
    }

    #[test]
    fn an_event_on_the_log_answers_for_one_repeat() {
        let time = Micros::parse("2026-03-01T00:00:00Z").unwrap();
        let event = Event::new("cloudtrail-1", 7, time, Action::Store);
        let mut known = Known::new(Micros::MIN);
        known.see(&event);
        let renumbered = Event {
            seq: 1,
            ..event.clone()
        };
        let counted = Numbering::Counted;
        assert!(known.take(&renumbered, counted));
        assert!(!known.take(&renumbered, counted));
        let mut next = event;
        known.stamp(&mut next, counted, time).unwrap();
        assert_eq!(next.seq, 8);
    }
}
