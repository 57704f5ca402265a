//! `avow log`: make, extend, export and verify a log.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use avow_event::Event;
use avow_log::StaticFolder;
use avow_tlog::{Algorithm, KEY_TEXT_BYTES_MAX, VerifierKey};
use clap::ArgMatches;
use serde_json::json;

use crate::failure::{Ending, Failure, Result};
use crate::flags;
use crate::gathering;
use crate::messages as say;
use crate::progress::Progress;
use crate::pseudonyms;
use crate::recording::{Recording, log_failure};
use crate::screen::Screen;
use crate::storage;
use crate::verdict_page as page;

/// Keys read at most from a file or folder: a log has two, and changes them
/// rarely.
const KEYS_MAX: usize = 64;

/// Makes a log and its keys.
pub(crate) fn init(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let folder = flags::path(matches, "DIR");
    let origin = flags::text(matches, "origin").unwrap_or_default();
    let mut recording = Recording::create(folder.clone(), &origin)?;
    pseudonyms::of_log(&recording, None, screen)?;
    let added = gathering::nothing();
    recording.add(added, None, screen)?;
    let keys = recording.log.verifier_keys();
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    recording.keep();
    let shown = folder.display().to_string();
    if screen.json {
        screen.object(&json!({ "folder": shown, "origin": origin, "keys": keys }))?;
    } else {
        let values = [("dir", shown.as_str()), ("origin", &origin)];
        screen.line(&screen.fill(say::LOG_CREATED, &values))?;
        page::item("", &screen.fill(say::LOG_KEYS, &[("dir", &shown)]), screen)?;
    }
    Ok(Ending::Fine)
}

/// Appends events.
pub(crate) fn append(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let folder = flags::path(matches, "DIR");
    let mut recording = Recording::open(&folder)?;
    let named = flags::optional_path(matches, "key");
    let key = pseudonyms::of_log(&recording, named.as_deref(), screen)?;
    let gathered = gathering::gather(&flags::evidence(matches), key.get(), screen)?;
    let stats = gathered.stats_json();
    gathered.remark_losses(screen);
    gathered.unplaced().remark(screen);
    let doubt = gathered.doubt();
    let added = recording.add(gathered, None, screen)?;
    let (size, root) = (recording.log.size(), recording.log.root().to_string());
    if screen.json {
        screen.object(&json!({
            "folder": folder.display().to_string(),
            "added": added.added,
            "repeated": added.repeated,
            "size": size,
            "root": root,
            "evidence": stats,
        }))?;
    } else {
        let (count, size) = (added.added.to_string(), size.to_string());
        let values = [("added", count.as_str()), ("size", &size), ("root", &root)];
        screen.line(&screen.fill(say::LOG_APPENDED, &values))?;
        if added.repeated > 0 {
            let repeated = added.repeated.to_string();
            screen.line(&screen.fill(say::EVIDENCE_REPEATED, &[("repeated", &repeated)]))?;
        }
    }
    Ok(if doubt.is_any() {
        Ending::Doubt
    } else {
        Ending::Fine
    })
}

/// Writes the log as static files.
pub(crate) fn export(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let folder = flags::path(matches, "DIR");
    let out = flags::path(matches, "OUT");
    let recording = Recording::open(&folder)?;
    let progress = Progress::new(screen, say::WORK_EXPORT, None);
    recording.log.export(&out).map_err(log_failure)?;
    drop(progress);
    let size = recording.log.size();
    let shown = out.display().to_string();
    let files = count_files(&out)?;
    if screen.json {
        screen.object(&json!({ "folder": shown, "size": size, "files": files }))?;
    } else {
        let (size, files) = (size.to_string(), files.to_string());
        let values = [("size", size.as_str()), ("files", &files), ("dir", &shown)];
        screen.line(&screen.fill(say::LOG_EXPORTED, &values))?;
    }
    Ok(Ending::Fine)
}

fn count_files(folder: &Path) -> Result<u64> {
    let failed = |e: std::io::Error| storage::read_failed(folder, &e);
    let mut count = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        count += if entry.file_type().map_err(failed)?.is_dir() {
            count_files(&entry.path())?
        } else {
            1
        };
    }
    Ok(count)
}

/// Verifies every signature, hash and leaf, of a log or of an export.
pub(crate) fn verify(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let folder = flags::path(matches, "DIR");
    let named = flags::optional_path(matches, "keys");
    let exported = !folder.join("log").exists();
    if exported && !folder.join("checkpoint").exists() {
        let message = say::NO_LOG.with(&[("path", &folder.display())]);
        return Err(Failure::input(message));
    }
    let keys = match (named, exported) {
        (Some(path), _) => read_keys(&path)?,
        (None, false) => read_keys(&folder.join("keys"))?,
        (None, true) => {
            return Err(Failure::input(say::EXPORT_NO_KEYS).hint(say::HINT_EXPORT_KEYS));
        }
    };
    let verified = verified(&folder, exported, &keys, screen)?;
    if screen.json {
        screen.object(&json!({
            "folder": folder.display().to_string(),
            "size": verified.size,
            "root": verified.root,
            "no_events": verified.no_events,
        }))?;
    } else {
        let size = verified.size.to_string();
        let values = [("size", size.as_str()), ("root", &verified.root)];
        screen.line(&screen.fill(say::LOG_VERIFIED, &values))?;
        if verified.no_events > 0 {
            let count = verified.no_events.to_string();
            screen.line(&screen.fill(say::LOG_NO_EVENTS, &[("count", &count)]))?;
        }
    }
    Ok(Ending::Fine)
}

struct Verified {
    size: u64,
    root: String,
    /// Leaves that are no events of our schema: true to the log, and no evidence.
    no_events: u64,
}

fn verified(
    folder: &Path,
    exported: bool,
    keys: &[VerifierKey],
    screen: &Screen,
) -> Result<Verified> {
    let progress = Progress::new(screen, say::WORK_VERIFY, None);
    let mut no_events = 0;
    let mut look = |index: u64, leaf: &[u8]| {
        progress.at(index);
        no_events += u64::from(Event::from_leaf(leaf).is_err());
    };
    if !exported {
        let found = avow_log::verify(folder, keys, &mut |index, leaf| {
            look(index, leaf);
            Ok(())
        })
        .map_err(log_failure)?;
        let (size, root) = (found.size, found.root.to_string());
        if found.head.as_ref().is_none_or(|head| head.size() < size) {
            screen.remark(screen.text(say::LOG_UNSIGNED));
        }
        return Ok(Verified {
            size,
            root,
            no_events,
        });
    }
    let origin = origin_of(keys)?;
    let mut export = StaticFolder::open(folder, &origin, keys).map_err(log_failure)?;
    export
        .log()
        .verify_all(&mut |index, leaf| {
            look(index, leaf);
            Ok(())
        })
        .map_err(|e| log_failure(e.into()))?;
    let head = export.log().head().get();
    Ok(Verified {
        size: head.size(),
        root: head.root().to_string(),
        no_events,
    })
}

fn origin_of(keys: &[VerifierKey]) -> Result<String> {
    let own = keys
        .iter()
        .find(|key| key.algorithm() == Algorithm::Ed25519);
    own.map(|key| key.name().to_owned())
        .ok_or_else(|| Failure::input(say::NO_ED25519_KEY))
}

/// Verifier keys of a file, one a line, or of the `.vkey` files of a folder.
fn read_keys(path: &Path) -> Result<Vec<VerifierKey>> {
    let mut files: Vec<PathBuf> = vec![path.to_owned()];
    if path.is_dir() {
        let failed = |e: std::io::Error| storage::read_failed(path, &e);
        files.clear();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?.path();
            if entry
                .extension()
                .is_some_and(|extension| extension == "vkey")
            {
                files.push(entry);
            }
        }
        files.sort();
    }
    let mut keys = Vec::new();
    for file in files {
        let bytes = storage::read_bounded(&file, (KEYS_MAX * KEY_TEXT_BYTES_MAX) as u64)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::input(say::NOT_TEXT.with(&[("path", &file.display())])))?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key: VerifierKey = line.parse().map_err(|e: avow_tlog::Error| {
                Failure::input(say::READ_FAILED.with(&[("path", &file.display()), ("error", &e)]))
            })?;
            keys.push(key);
        }
    }
    if keys.is_empty() || keys.len() > KEYS_MAX {
        let values: [(_, &dyn Display); 2] = [("path", &path.display()), ("count", &keys.len())];
        return Err(Failure::input(say::WRONG_KEY_COUNT.with(&values)).hint(say::HINT_EXPORT_KEYS));
    }
    Ok(keys)
}
