//! How fast leaves become durable and are verified, beside what hash and disk
//! allow at most on the same machine in the same run.

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use avow_log::{HEADER_BYTES, Log, LogConfig, LogKeys, StaticFolder, verify};
use avow_tlog::{Algorithm, Checkpoint, SignerKey, Tree, leaf_hash, node_hash};

/// Bytes of a leaf.
const LEAF_BYTES: usize = 512;
/// Leaves hashed, logged and verified in one pass: more than the caches hold.
const LEAVES: usize = 200_000;
/// How long each measurement on disk goes on at least.
const AT_LEAST: Duration = Duration::from_secs(1);
/// Bytes of the file that the disk is measured with, written with zeroes ahead.
const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Leaves a batch.
const BATCHES: [usize; 3] = [1, 256, 4_096];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures and prints. The log lies in a folder below the current one, since
/// the folder for temporary files may be in memory.
pub(crate) fn run() {
    let folder = PathBuf::from("target/bench-log");
    let measured = measure(&folder);
    let removed = std::fs::remove_dir_all(&folder);
    if let Err(error) = measured.and_then(|()| Ok(removed?)) {
        println!("log: not measured: {error}");
    }
}

fn measure(folder: &Path) -> Outcome<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let leaves: Vec<Vec<u8>> = (0..LEAVES).map(leaf).collect();
    println!("log: leaves of {LEAF_BYTES} bytes");
    let hash = hash_rates(&leaves);
    for batch in BATCHES {
        let disk = disk_rate(folder, batch)? * batch as f64;
        let limit = disk.min(hash);
        report(
            &format!("append durable, {batch} a batch"),
            append_rate(folder, &leaves, batch)?,
            limit,
        );
    }
    verify_rates(folder, &leaves, hash)?;
    signature_rates()
}

/// The n-th leaf.
fn leaf(n: usize) -> Vec<u8> {
    let mut leaf = format!("{{\"seq\":{n},\"text\":\"").into_bytes();
    leaf.resize(LEAF_BYTES - 2, b'.');
    leaf.extend_from_slice(b"\"}");
    leaf
}

/// One figure a line, beside the limit where there is one.
fn report(name: &str, per_second: f64, limit: f64) {
    println!(
        "  {name:32} {per_second:>12.0} /s   limit {limit:>12.0} /s   {:>5.1} %",
        per_second / limit * 100.0
    );
}

/// Hashes alone, which bound everything else; leaves a second with their nodes.
fn hash_rates(leaves: &[Vec<u8>]) -> f64 {
    let leaf_rate = rate(leaves.len(), || {
        for leaf in leaves {
            black_box(leaf_hash(black_box(leaf)));
        }
    });
    println!("  {:32} {leaf_rate:>12.0} /s", "SHA-256 of a leaf (sha2)");
    let (left, right) = (leaf_hash(b"left"), leaf_hash(b"right"));
    let node_rate = rate(LEAVES, || {
        for _ in 0..LEAVES {
            black_box(node_hash(black_box(&left), black_box(&right)));
        }
    });
    println!("  {:32} {node_rate:>12.0} /s", "SHA-256 of a node (sha2)");
    // A tree has one node for each leaf.
    let both = 1.0 / (1.0 / leaf_rate + 1.0 / node_rate);
    println!("  {:32} {both:>12.0} /s", "leaf and node, the hash limit");
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    let tree_rate = rate(hashes.len(), || {
        let mut tree = Tree::new();
        hashes.iter().for_each(|hash| tree.push(*hash));
        black_box(tree.root());
    });
    report("tree over leaf hashes", tree_rate, node_rate);
    both
}

/// The best of three passes.
fn rate(count: usize, mut pass: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        pass();
        best = best.min(start.elapsed());
    }
    count as f64 / best.as_secs_f64()
}

/// Writes of a frame's size, each followed by fdatasync, over zeroes written ahead.
fn disk_rate(folder: &Path, batch: usize) -> Outcome<f64> {
    let path = folder.join("disk");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)?;
    let zeroes = vec![0; FILE_BYTES as usize];
    file.write_all_at(&zeroes, 0)?;
    file.sync_all()?;
    let frame = vec![1; HEADER_BYTES + batch * (2 + LEAF_BYTES)];
    let rate = timed(|count| write_synced(&file, &frame, count))?;
    println!(
        "  {:32} {rate:>12.0} /s",
        format!("write {} B + fdatasync", frame.len())
    );
    std::fs::remove_file(path)?;
    Ok(rate)
}

fn write_synced(file: &File, frame: &[u8], count: u64) -> Outcome<u64> {
    let at = count * frame.len() as u64 % (FILE_BYTES - frame.len() as u64);
    file.write_all_at(frame, at)?;
    file.sync_data()?;
    Ok(1)
}

/// Leaves appended and acknowledged a second.
fn append_rate(folder: &Path, leaves: &[Vec<u8>], batch: usize) -> Outcome<f64> {
    let folder = folder.join(format!("log-{batch}"));
    let mut log = create(&folder)?;
    let batches: Vec<Vec<&[u8]>> = leaves
        .chunks_exact(batch)
        .map(|part| part.iter().map(Vec::as_slice).collect())
        .collect();
    let rate = timed(|count| {
        let next = batches
            .get(count as usize % batches.len())
            .ok_or("no batch")?;
        let range = log.append(next)?;
        Ok(range.end - range.start)
    })?;
    std::fs::remove_dir_all(folder)?;
    Ok(rate)
}

/// Verifying a log's own folder, opening it, and verifying its export.
fn verify_rates(folder: &Path, leaves: &[Vec<u8>], limit: f64) -> Outcome<()> {
    let (folder, export) = (folder.join("log"), folder.join("export"));
    let mut log = create(&folder)?;
    let slices: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    log.append(&slices)?;
    log.sign_head(0)?;
    let keys = log.verifier_keys();
    let start = Instant::now();
    log.export(&export)?;
    println!(
        "  {:32} {:>12.0} /s",
        "export, durable",
        LEAVES as f64 / start.elapsed().as_secs_f64()
    );
    drop(log);
    let mut failed = None;
    let mut pass = |name: &str, work: &mut dyn FnMut() -> avow_log::Result<()>| {
        let rate = rate(LEAVES, || failed = failed.take().or(work().err()));
        report(name, rate, limit);
    };
    pass("verify the log's folder", &mut || {
        verify(&folder, &keys, &mut |_, _| Ok(())).map(|_| ())
    });
    pass("open (the same, and hash files)", &mut || {
        Log::open(&folder).map(|_| ())
    });
    pass("verify the export", &mut || {
        StaticFolder::open(&export, ORIGIN, &keys)?
            .verify_all()
            .map(|_| ())
    });
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Signing and checking a checkpoint with both keys, as each head needs it.
fn signature_rates() -> Outcome<()> {
    let seeds = [
        (Algorithm::Ed25519, [1; 32]),
        (Algorithm::CosignatureMlDsa44, [2; 32]),
    ];
    let head = Checkpoint::new(ORIGIN, 1, leaf_hash(b""))?;
    for (algorithm, seed) in seeds {
        let key = SignerKey::from_seed(ORIGIN, algorithm, seed)?;
        let keys = [key.verifier().clone()];
        let note = head.sign(&[&key], 0)?;
        let signed = timed(|_| Ok(u64::from(!black_box(head.sign(&[&key], 0)?).is_empty())))?;
        let checked = timed(|_| Ok(Checkpoint::open(&note, ORIGIN, &keys)?.get().size()))?;
        println!(
            "  {:32} {signed:>12.0} /s",
            format!("sign a head, {algorithm:?}")
        );
        println!(
            "  {:32} {checked:>12.0} /s",
            format!("check a head, {algorithm:?}")
        );
    }
    Ok(())
}

const ORIGIN: &str = "example.com/bench";

fn create(folder: &Path) -> Outcome<Log> {
    let keys = LogKeys::from_seeds(ORIGIN, [1; 32], [2; 32])?;
    Ok(Log::create(folder, &LogConfig::new(ORIGIN), keys)?)
}

/// Repeats a step, which is told how often it was done, and divides what it did by the time.
fn timed(mut step: impl FnMut(u64) -> Outcome<u64>) -> Outcome<f64> {
    let start = Instant::now();
    let (mut count, mut done) = (0, 0);
    while start.elapsed() < AT_LEAST {
        done += step(count)?;
        count += 1;
    }
    Ok(done as f64 / start.elapsed().as_secs_f64())
}
