//! The exported log before a verifier that others wrote: PyPI `aics-tlog`.
//!
//! `AVOW_AICS_PYTHON` names a Python (3.12 or later) that has the packages of
//! `.ci/requirements.txt`. CI must set it; elsewhere the test says
//! that it was not run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use avow_log::{Log, LogConfig};
use avow_tlog::Hash;

use crate::scratch::{ORIGIN, TIME_S, append, keys, leaf, scratch};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn hashes(proof: &[Hash]) -> String {
    let hashes: Vec<String> = proof
        .iter()
        .map(|hash| format!("\"{}\"", hex(hash.as_bytes())))
        .collect();
    format!("[{}]", hashes.join(","))
}

/// Writes what the script reads, for a log that grew from `old` to `new` leaves.
fn prepare(root: &Path, log: &mut Log, old: u64, new: u64) {
    let missing = old - log.size();
    append(log, missing);
    log.sign_head(TIME_S).unwrap();
    log.export(&root.join("old")).unwrap();
    append(log, new - old);
    log.sign_head(TIME_S + 1).unwrap();
    log.export(&root.join("new")).unwrap();
    for (file, key) in ["vkey", "vkey-ml-dsa-44"].iter().zip(log.verifier_keys()) {
        std::fs::write(root.join(file), format!("{key}\n")).unwrap();
    }
    let claim = |index: u64| {
        let proof = hashes(&log.inclusion_proof(index, new).unwrap());
        format!(
            r#"{{"index":{index},"leaf":"{}","proof":{proof}}}"#,
            hex(&leaf(index))
        )
    };
    let indexes = [0, 1, old - 1, old % new, new / 3, new / 2, new - 1];
    let inclusion: Vec<String> = indexes.into_iter().map(claim).collect();
    let consistency = hashes(&log.consistency_proof(old, new).unwrap());
    let claims = format!(
        r#"{{"sizes":[{old},{new}],"inclusion":[{}],"consistency":{consistency}}}"#,
        inclusion.join(",")
    );
    std::fs::write(root.join("claims.json"), claims).unwrap();
}

#[test]
fn an_independent_verifier_accepts_our_exports() {
    let Some(python) = std::env::var_os("AVOW_AICS_PYTHON") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must set AVOW_AICS_PYTHON"
        );
        println!("not run: AVOW_AICS_PYTHON is not set");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/aics_check.py");
    for (old, new) in [
        (1, 2),
        (255, 256),
        (256, 257),
        (300, 1_000),
        (65_535, 65_537),
    ] {
        let scratch = scratch();
        let config = LogConfig::new(ORIGIN);
        let mut log = Log::create(&scratch.log, &config, keys()).unwrap();
        std::fs::create_dir(scratch.export.with_file_name("exports")).unwrap();
        let root = scratch.export.with_file_name("exports");
        prepare(&root, &mut log, old, new);
        let run = Command::new(&python)
            .arg(script)
            .arg(&root)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{old} to {new} leaves: {errors}");
        print!("{}", String::from_utf8_lossy(&run.stdout));
    }
}
