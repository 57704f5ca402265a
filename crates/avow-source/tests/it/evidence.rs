//! Where the evidence sets lie, and reading one of them.

use std::path::PathBuf;

use avow_event::{Event, PlaceTable, PseudonymKey};
use avow_source::{Input, Kind, Stats};

/// The shared evidence folder, or `None` where it is not at hand. On the
/// build server it has to be.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/evidence");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared/evidence");
    println!("not run: no ../shared");
    None
}

pub(crate) fn key() -> PseudonymKey {
    PseudonymKey::new([7; 32])
}

/// Reads files and folders without naming a kind.
pub(crate) fn read(paths: &[PathBuf]) -> (Vec<Event>, Stats) {
    read_as(None, paths)
}

/// Reads them as records of one kind.
pub(crate) fn read_as(kind: Option<Kind>, paths: &[PathBuf]) -> (Vec<Event>, Stats) {
    let inputs: Vec<Input> = paths
        .iter()
        .map(|path| Input {
            kind,
            ..Input::parse(path.as_os_str()).unwrap()
        })
        .collect();
    let mut events = Vec::new();
    let stats = avow_source::read(&inputs, &PlaceTable::built_in(), &key(), &mut |event, _| {
        events.push(event);
    })
    .unwrap();
    (events, stats)
}
