//! The states of monitors beside a kept log, so that the next check looks only
//! at the leaves that came since. What a state is, is left to `avow-monitor`
//! and `docs/spec/state.md`.
//!
//! A state saves time and nothing else: one that does not fit is remarked on,
//! and the whole log is looked at.

use std::fmt::{Display, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use avow_event::{Event, PlaceTable};
use avow_log::Log;
use avow_monitor::{Migration, Monitor, Pledge, SavedState};

use crate::language::Said;
use crate::messages as say;
use crate::storage;

/// The folder of the states, in the folder of a log.
const FOLDER: &str = "monitor";

/// The largest state that is read or kept: fifty million keys or open duties at
/// some forty bytes each.
const STATE_BYTES_MAX: u64 = 2 << 30;

/// States kept in one log, each of another pledge: enough for those that are in
/// force and the drafts of a day.
const STATES_MAX: usize = 8;

/// What came of it, or a sentence for the reader.
type Outcome<T> = Result<T, Said>;

/// The monitor that saw the first leaves of this log, under this pledge or the
/// one that it amends; none without a state.
///
/// Guarantees that the leaves it saw are the first ones of this log: their root
/// is computed from the log at that size.
///
/// # Errors
/// There is a state, and why it cannot be gone on with. No error is one of the
/// check: the whole log is there.
pub(crate) fn resume(log: &Log, pledge: &Pledge, places: &PlaceTable) -> Outcome<Option<Monitor>> {
    let path = path(log, &pledge.digest);
    if path.exists() {
        let bytes = read(log, &path)?;
        let monitor = Monitor::restore(pledge, places, &bytes);
        return monitor.map(Some).map_err(|error| unused(&path, &error));
    }
    let amended = pledge.amends.map(|amended| self::path(log, &amended));
    match amended.filter(|amended| amended.exists()) {
        Some(amended) => go_over(log, pledge, places, &amended).map(Some),
        None => Ok(None),
    }
}

/// The monitor that goes on from a state under the pledge that was amended.
fn go_over(log: &Log, pledge: &Pledge, places: &PlaceTable, path: &Path) -> Outcome<Monitor> {
    let bytes = read(log, path)?;
    let migration = Migration::begin(&bytes, pledge, places);
    let mut migration = migration.map_err(|error| unused(path, &error))?;
    let leaves = log.leaves(0..migration.leaves());
    for (index, leaf) in (0..).zip(leaves.map_err(|error| unused(path, &error))?) {
        let leaf = leaf.map_err(|error| unused(path, &error))?;
        let event = Event::from_leaf(&leaf).map_err(|error| unused(path, &error))?;
        migration.push(index, &event);
    }
    migration.end().map_err(|error| unused(path, &error))
}

fn unused(path: &Path, error: &dyn Display) -> Said {
    say::STATE_NOT_USED.with(&[("path", &path.display()), ("error", error)])
}

/// A state whose leaves are the first ones of the log.
fn read(log: &Log, path: &Path) -> Outcome<Vec<u8>> {
    let bytes = storage::read_bounded(path, STATE_BYTES_MAX).map_err(|f| f.message)?;
    let state = SavedState::read(&bytes).map_err(|error| unused(path, &error))?;
    let tree = state.tree;
    let is_of_log = tree.size <= log.size()
        && log
            .root_at(tree.size)
            .map_err(|error| unused(path, &error))?
            .as_bytes()
            == &tree.root;
    if !is_of_log {
        return Err(say::STATE_OF_OTHER_LEAVES.with(&[("path", &path.display())]));
    }
    Ok(bytes)
}

/// Keeps what the monitor knows after all leaves of the log.
///
/// # Errors
/// Why it could not be kept: then the next run takes longer, and this one's
/// verdicts are there.
pub(crate) fn keep(log: &Log, pledge: &Pledge, monitor: &mut Monitor) -> Outcome<()> {
    let path = path(log, &pledge.digest);
    let bytes = monitor.save(log.size(), *log.root().as_bytes());
    if bytes.len() as u64 > STATE_BYTES_MAX {
        let values: [(_, &dyn Display); 2] =
            [("path", &path.display()), ("bytes_max", &STATE_BYTES_MAX)];
        return Err(say::STATE_TOO_LARGE.with(&values));
    }
    let folder = log.folder().join(FOLDER);
    if !folder.exists() {
        storage::create_private_folder(&folder).map_err(|f| f.message)?;
    }
    make_room(&folder, &path);
    storage::write_whole(&path, &bytes).map_err(|f| f.message)
}

/// Removes the states that were written longest ago, so that there is room for
/// one more.
fn make_room(folder: &Path, next: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut states: Vec<(SystemTime, PathBuf)> = entries
        .map(|entry| entry.path())
        .filter(|path| path != next && is_state(path))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    states.sort_unstable();
    let room = states.len().saturating_sub(STATES_MAX - 1);
    for (_, path) in states.into_iter().take(room) {
        let _ = fs::remove_file(path);
    }
}

/// Whether a file is named like a state: 64 hexadecimal digits.
fn is_state(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn path(log: &Log, pledge: &[u8; 32]) -> PathBuf {
    let mut name = String::new();
    for byte in pledge {
        let _ = write!(name, "{byte:02x}");
    }
    log.folder().join(FOLDER).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Recording;
    use avow_event::{Action, Micros};

    const PLEDGE: &str = r#"
[pledge]
title = "One promise"
by = "Example Cloud"
to = "users"
from = 2026-01-01
[[source]]
name = "vault"
[[commitment]]
id = "home"
says = "Stored at home."
never = "action = 'store' AND place <> 'CN'"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "SG" }]
"#;

    fn pledge(comment: usize) -> Pledge {
        let text = format!("{PLEDGE}# {comment}\n");
        Pledge::parse(&text, &PlaceTable::built_in()).unwrap()
    }

    fn leaf(seq: u64) -> Vec<u8> {
        let time = Micros::parse("2026-03-01T00:00:00Z").unwrap();
        let seconds = i64::try_from(seq).unwrap() * 1_000_000;
        Event::new("vault", seq, time.saturating_add(seconds), Action::Store).to_leaf()
    }

    /// A log of so many leaves.
    fn recording(first: u64, leaves: u64) -> Recording {
        let mut recording = Recording::temporary("example.com/log").unwrap();
        for seq in first..first + leaves {
            recording.log.append(&[&leaf(seq)]).unwrap();
        }
        recording
    }

    fn follow(log: &Log, monitor: &mut Monitor) {
        let from = monitor.leaves();
        for (index, leaf) in (from..).zip(log.leaves(from..log.size()).unwrap()) {
            monitor.push(index, &Event::from_leaf(&leaf.unwrap()).unwrap());
        }
    }

    fn keep_all(log: &Log, pledge: &Pledge) -> Monitor {
        let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
        follow(log, &mut monitor);
        keep(log, pledge, &mut monitor).unwrap();
        monitor
    }

    fn resumed(log: &Log, pledge: &Pledge) -> Outcome<Option<Monitor>> {
        resume(log, pledge, &PlaceTable::built_in())
    }

    #[test]
    fn the_next_run_looks_at_new_leaves_only_and_finds_the_same() {
        let mut recording = recording(1, 5);
        let pledge = pledge(0);
        assert!(resumed(&recording.log, &pledge).unwrap().is_none());
        let mut whole = keep_all(&recording.log, &pledge);
        recording.log.append(&[&leaf(6), &leaf(7)]).unwrap();
        let mut monitor = resumed(&recording.log, &pledge).unwrap().unwrap();
        assert_eq!(monitor.leaves(), 5);
        follow(&recording.log, &mut monitor);
        follow(&recording.log, &mut whole);
        let root = *recording.log.root().as_bytes();
        assert_eq!(monitor.report(7, root), whole.report(7, root));
        assert_eq!(monitor.save(7, root), whole.save(7, root));
    }

    #[test]
    fn an_amendment_goes_on_from_the_state_of_the_pledge_that_it_amends() {
        let mut recording = recording(1, 5);
        let old = pledge(0);
        keep_all(&recording.log, &old);
        let digits: String = old.digest.iter().map(|b| format!("{b:02x}")).collect();
        let amends = format!("by = \"Example Cloud\"\namends = \"sha256:{digits}\"");
        let text = PLEDGE.replace("by = \"Example Cloud\"", &amends);
        let new = Pledge::parse(&text, &PlaceTable::built_in()).unwrap();
        recording.log.append(&[&leaf(6)]).unwrap();
        let mut monitor = resumed(&recording.log, &new).unwrap().unwrap();
        assert_eq!(monitor.leaves(), 5);
        follow(&recording.log, &mut monitor);
        let root = *recording.log.root().as_bytes();
        let mut replayed = keep_all(&recording.log, &new);
        assert_eq!(monitor.save(6, root), replayed.save(6, root));
        // Its own state comes first.
        assert_eq!(resumed(&recording.log, &new).unwrap().unwrap().leaves(), 6);
    }

    #[test]
    fn a_state_of_other_leaves_is_not_used() {
        let pledge = pledge(0);
        let (one, other) = (recording(1, 5), recording(2, 5));
        keep_all(&one.log, &pledge);
        let state = fs::read(path(&one.log, &pledge.digest)).unwrap();
        fs::create_dir(other.log.folder().join(FOLDER)).unwrap();
        fs::write(path(&other.log, &pledge.digest), &state).unwrap();
        assert!(resumed(&other.log, &pledge).is_err());
        let shorter = recording(1, 4);
        fs::create_dir(shorter.log.folder().join(FOLDER)).unwrap();
        fs::write(path(&shorter.log, &pledge.digest), &state).unwrap();
        assert!(resumed(&shorter.log, &pledge).is_err());
        let longer = recording(1, 6);
        fs::create_dir(longer.log.folder().join(FOLDER)).unwrap();
        fs::write(path(&longer.log, &pledge.digest), &state).unwrap();
        assert!(resumed(&longer.log, &pledge).unwrap().is_some());
    }

    #[test]
    fn the_states_of_a_few_pledges_are_kept_and_other_files_left_alone() {
        let recording = recording(1, 1);
        let log = &recording.log;
        keep_all(log, &pledge(0));
        let folder = log.folder().join(FOLDER);
        fs::write(folder.join("letter.txt"), "dear").unwrap();
        for comment in 1..=STATES_MAX {
            keep_all(log, &pledge(comment));
            assert!(resumed(log, &pledge(comment)).unwrap().is_some());
        }
        let names = fs::read_dir(&folder).unwrap().count();
        assert_eq!(names, STATES_MAX + 1);
        assert!(folder.join("letter.txt").exists());
    }
}
