//! How long it takes to make a proof and to check it, with the log inside and
//! with the log beside it, against what SHA-256 alone would take.
//!
//! A replay hashes every leaf and every tile, reads every leaf as an event and
//! monitors it; so the limit that is printed with it is the hashing of the same
//! leaves, nothing else.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use avow_event::{Action, Event, Micros, Place, PlaceTable};
use avow_monitor::{Monitor, Pledge, Report};
use avow_proof::{Inputs, Trust, build, policy_text, verify, verify_full};
use avow_tlog::{
    Algorithm, Checkpoint, Hash, SignerKey, Tile, TileKind, Tree, hashes_to_bytes, leaf_hash,
    prove_inclusion, push_entry,
};

/// A log that goes into the proof, and one that is too large for it.
const SIZES: [u64; 2] = [20_000, 200_000];
/// Each figure is the best of so many passes.
const PASSES: usize = 3;
const ORIGIN: &str = "example.com/avow/log";
/// 2026-01-01T00:00:00Z, and the microseconds between two events.
const START: i64 = 1_767_225_600_000_000;
const STEP: i64 = 10_000_000;

const PLEDGE: &str = r#"
[pledge]
title = "bench"
by = "bench"
to = "bench"
from = 2026-01-01
[[source]]
name = "vault"
[[commitment]]
id = "home"
says = "stored at home"
never = "action = 'store' AND place <> 'CN'"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "SG" }]
[[commitment]]
id = "leave"
says = "leaves with permission only"
when = "action = 'transfer'"
only_after = "action = 'consent'"
same = ["subject"]
[[commitment.example]]
kept = [{ action = "consent", subject = "a" }, { action = "transfer", subject = "a" }]
[[commitment.example]]
breached = [{ action = "transfer", subject = "a" }]
"#;

/// Prints the figures.
pub(crate) fn run() {
    println!("proof");
    for size in SIZES {
        if measure(size).is_none() {
            println!("  the scene of {size} leaves is not valid");
        }
    }
}

fn measure(size: u64) -> Option<()> {
    let places = PlaceTable::parse("version\tbench\n").ok()?;
    let pledge = Pledge::parse(PLEDGE, &places).ok()?;
    let leaves: Vec<Vec<u8>> = (0..size).map(leaf).collect();
    let bytes: usize = leaves.iter().map(Vec::len).sum();
    let log = Levels::over(&leaves);
    let keys = [Algorithm::Ed25519, Algorithm::CosignatureMlDsa44]
        .map(|algorithm| SignerKey::from_seed(ORIGIN, algorithm, [7; 32]).ok());
    let [Some(ed25519), Some(ml_dsa_44)] = keys else {
        return None;
    };
    let head = Checkpoint::new(ORIGIN, size, log.root).ok()?;
    let checkpoint = head.sign(&[&ed25519, &ml_dsa_44], 1).ok()?;
    let trusted = [&ed25519, &ml_dsa_44].map(|key| key.verifier().clone());
    let report = report(&pledge, &places, &leaves, log.root)?;
    let make = || {
        build(Inputs {
            pledge: PLEDGE,
            places: &places,
            policy: &policy_text(&trusted),
            checkpoint: &checkpoint,
            report: &report,
            leaves: &mut |range| {
                let wanted = leaves.get(range.start as usize..range.end as usize);
                Ok(wanted.unwrap_or_default().to_vec())
            },
            paths: &mut |index| log.path(index, size),
            sign: &|text| ed25519.sign(text, 0),
        })
        .ok()
    };
    let (made, file) = best(make);
    let file = file?;
    println!(
        "  {size} leaves, {:.1} MB: a proof of {:.1} MB made (and checked) in {:.0} ms",
        bytes as f64 / 1e6,
        file.len() as f64 / 1e6,
        made.as_secs_f64() * 1e3
    );
    let trust = Trust::Keys(trusted.to_vec());
    let (checked, verified) = best(|| verify(&file, &trust).ok());
    let rate = |time: Duration| size as f64 / time.as_secs_f64() / 1e6;
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    if verified?.is_replayed() {
        println!(
            "    checked, log inside: {:.1} ms, {:.2} M leaves/s",
            milliseconds(checked),
            rate(checked)
        );
    } else {
        println!(
            "    checked, without the log: {:.1} ms",
            milliseconds(checked)
        );
        let files = log.files(&leaves);
        let fetch = |path: &str| files.get(path).cloned();
        let (full, verified) = best(|| verify_full(&file, &trust, &fetch).ok());
        verified?;
        println!(
            "    checked, log beside it: {:.0} ms, {:.2} M leaves/s",
            milliseconds(full),
            rate(full)
        );
    }
    let (hashed, _) = best(|| Some(leaves.iter().map(|l| leaf_hash(l)).fold(0, fold)));
    println!(
        "    limit: hashing the leaves, {:.2} M leaves/s",
        rate(hashed)
    );
    Some(())
}

fn fold(sum: u8, hash: Hash) -> u8 {
    hash.0.iter().fold(sum, |sum, byte| sum ^ byte)
}

/// The shortest time of some passes, and what the last one gave.
fn best<T>(mut run: impl FnMut() -> Option<T>) -> (Duration, Option<T>) {
    let mut shortest = Duration::MAX;
    let mut given = None;
    for _ in 0..PASSES {
        let start = Instant::now();
        given = black_box(run());
        shortest = shortest.min(start.elapsed());
    }
    (shortest, given)
}

fn leaf(index: u64) -> Vec<u8> {
    let actions = [Action::Store, Action::Consent, Action::Transfer];
    let action = actions.get((index % 3) as usize).copied();
    let time = Micros::new(START + index as i64 * STEP).unwrap_or(Micros::MIN);
    let mut event = Event::new("vault", index + 1, time, action.unwrap_or(Action::Store));
    event.logged = Some(time);
    event.place = Place::parse(if index.is_multiple_of(1_000) {
        "SG"
    } else {
        "CN"
    });
    event.subject = Some(format!("{:032x}", index / 3));
    event.to_leaf()
}

fn report(pledge: &Pledge, places: &PlaceTable, leaves: &[Vec<u8>], root: Hash) -> Option<Report> {
    let mut monitor = Monitor::new(pledge, places);
    for (index, leaf) in (0..).zip(leaves) {
        monitor.push(index, &Event::from_leaf(leaf).ok()?);
    }
    Some(monitor.report(leaves.len() as u64, *root.as_bytes()))
}

/// The hashes on tile levels, as a log stores them.
struct Levels {
    levels: BTreeMap<u32, Vec<Hash>>,
    root: Hash,
}

impl Levels {
    fn over(leaves: &[Vec<u8>]) -> Self {
        let mut levels: BTreeMap<u32, Vec<Hash>> = BTreeMap::new();
        let mut tree = Tree::new();
        for leaf in leaves {
            tree.push_each(leaf_hash(leaf), &mut |level, _, hash| {
                if level.is_multiple_of(8) {
                    levels.entry(level / 8).or_default().push(*hash);
                }
            });
        }
        let root = tree.root();
        Self { levels, root }
    }

    fn path(&self, index: u64, size: u64) -> Result<Vec<Hash>, avow_tlog::Error> {
        prove_inclusion(index, size, &mut |level, first, count| {
            let hashes = self.levels.get(&u32::from(level));
            let range = first as usize..(first + count) as usize;
            let found = hashes.and_then(|hashes| hashes.get(range));
            Ok(found.unwrap_or_default().to_vec())
        })
    }

    fn files(&self, leaves: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut put = |kind, index, width: usize, bytes| {
            if let Ok(tile) = Tile::new(kind, index, width as u16) {
                files.insert(tile.to_string(), bytes);
            }
        };
        for (level, hashes) in &self.levels {
            for (index, hashes) in (0..).zip(hashes.chunks(256)) {
                let kind = TileKind::Hashes(*level as u8);
                put(kind, index, hashes.len(), hashes_to_bytes(hashes));
            }
        }
        for (index, leaves) in (0..).zip(leaves.chunks(256)) {
            let mut bundle = Vec::new();
            for leaf in leaves {
                // Leaves of this scene are far below the limit of an entry.
                let _ = push_entry(&mut bundle, leaf);
            }
            put(TileKind::Entries, index, leaves.len(), bundle);
        }
        files
    }
}
