//! `cargo xtask fuzz [SECONDS]`: builds every fuzz target and feeds each for a
//! few seconds. It needs neither nightly Rust nor cargo-fuzz: coverage is asked
//! of the compiler directly, and address checks add nothing to code without
//! `unsafe`. `cargo fuzz` works on the same folder.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What cargo-fuzz passes for coverage, in the same words.
const COVERAGE_FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions=on",
    "-Ccodegen-units=1",
];

/// Long enough for every branch that a small input reaches; longer runs are
/// for people looking for bugs.
pub(crate) const SECONDS_EACH: u32 = 5;

/// An input longer than a leaf's 65,535 bytes only costs time.
const INPUT_BYTES_MAX: u32 = 65_536;

/// How libFuzzer states the number of inputs that it tried.
const RUNS_LABEL: &str = "stat::number_of_executed_units:";

/// Runs every target; the names of those that failed.
pub(crate) fn fuzz(root: &Path, seconds: u32) -> io::Result<Vec<String>> {
    let folder = root.join("fuzz");
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), PathBuf::from)
        .join("fuzz");
    // Naming the target keeps the flags away from build scripts, which are not
    // linked with libFuzzer.
    let host = host()?;
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--bins", "--target-dir"])
        .arg(&target)
        .args(["--target", &host])
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE_FLAGS.join("\u{1f}"))
        .current_dir(&folder)
        .status()?;
    if !built.success() {
        return Ok(vec!["build".to_owned()]);
    }
    let mut failed = Vec::new();
    for name in targets(&folder)? {
        let corpus = folder.join("corpus").join(&name);
        let artifacts = folder.join("artifacts").join(&name);
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let mut command = Command::new(target.join(&host).join("release").join(&name));
        command.arg(&corpus);
        let seeds = folder.join("seeds").join(&name);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args([
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-verbosity=0",
                "-print_final_stats=1",
            ])
            .current_dir(&folder);
        let output = command.output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            let runs = told.lines().find_map(|line| line.strip_prefix(RUNS_LABEL));
            println!("fuzz: {name}: {} inputs", runs.map_or("?", str::trim));
        } else {
            println!("{told}\nfuzz: {name} FAILED, input in fuzz/artifacts/{name}");
            failed.push(name);
        }
    }
    Ok(failed)
}

/// The triple of this machine, as the compiler names it.
fn host() -> io::Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| io::Error::other("rustc -vV names no host"))
}

/// The names of the targets: the files in `fuzz_targets`.
fn targets(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(
                path.file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned()),
            );
        }
    }
    names.sort();
    Ok(names)
}
