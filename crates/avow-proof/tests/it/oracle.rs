//! The proof before programs that others wrote: ZIP readers, DuckDB, SQLite,
//! securesystemslib, in-toto-attestation and aics-tlog.
//!
//! `AVOW_PYTHON` names a Python with the packages of
//! `.ci/requirements.txt`, `AVOW_AICS_PYTHON` one that has aics-tlog
//! (3.12 or later). CI sets both, and a package that is missing there fails the
//! test; elsewhere the tests say what was not run.

use std::process::Command;

use crate::scene::{proof, small_proof};

/// Runs the checks on a proof; what the script says of each.
fn check(variable: &str, file: &[u8], what: &[&str]) -> Option<Vec<String>> {
    let Some(python) = std::env::var_os(variable) else {
        assert!(std::env::var_os("CI").is_none(), "CI must set {variable}");
        println!("not run: {variable} is not set");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.avow");
    std::fs::write(&path, file).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/proof_check.py");
    let output = Command::new(python)
        .arg(script)
        .arg(&path)
        .args(what)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said: Vec<String> = said.lines().map(str::to_owned).collect();
    if let Some(missing) = said.iter().find(|line| line.contains(" missing ")) {
        // A Python for some of the checks alone.
        assert!(std::env::var_os("CI").is_none(), "CI must have: {missing}");
        println!("not run: {missing}");
        return None;
    }
    Some(said)
}

#[test]
fn zip_readers_and_databases_agree() {
    for file in [proof(), small_proof()] {
        if let Some(said) = check("AVOW_PYTHON", file, &["container", "sql"]) {
            assert_eq!(said, ["container ok", "sql ok"]);
        }
    }
}

#[test]
fn dsse_and_in_toto_libraries_accept_the_statement() {
    if let Some(said) = check("AVOW_PYTHON", proof(), &["envelope"]) {
        assert_eq!(said, ["envelope ok"]);
    }
}

#[test]
fn a_log_verifier_accepts_the_leaves_and_the_tiles() {
    for file in [proof(), small_proof()] {
        if let Some(said) = check("AVOW_AICS_PYTHON", file, &["leaves"]) {
            assert_eq!(said, ["leaves ok"]);
        }
    }
}
