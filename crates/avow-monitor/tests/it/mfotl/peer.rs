//! MonPoly, and VeriMon, which is the same program with its proved kernel.
//!
//! It is in no package index that the tests could install it from, so these
//! tests run where the variable `AVOW_MONPOLY` names the program, and say that
//! they did not run where it does not.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use avow_monitor::mfotl::LogEnd;
use tempfile::TempDir;

pub(crate) struct Peer {
    program: PathBuf,
    folder: TempDir,
}

/// Breaches by time point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) breaches: u64,
    pub(crate) time_points: u64,
}

impl Peer {
    pub(crate) fn find() -> Option<Self> {
        let Some(program) = std::env::var_os("AVOW_MONPOLY") else {
            println!("not run: AVOW_MONPOLY does not name the program MonPoly");
            return None;
        };
        Some(Self {
            program: program.into(),
            folder: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn judge(
        &self,
        (signature, formula, log): (&str, &str, &str),
        end: LogEnd,
        verified: bool,
    ) -> Judged {
        let mut command = Command::new(&self.program);
        for (flag, name, text) in [
            ("-sig", "events.sig", signature),
            ("-formula", "breach.mfotl", formula),
            ("-log", "events.log", log),
        ] {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            command.arg(flag).arg(path);
        }
        if end == LogEnd::Open {
            command.arg("-nonewlastts");
        }
        if verified {
            command.arg("-verified");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && failed.is_empty(),
            "verified: {verified}\n{formula}\n{said}\n{failed}"
        );
        let mut judged = Judged {
            breaches: 0,
            time_points: 0,
        };
        for line in said.lines() {
            let found = line.split_once("): ");
            assert!(
                found.is_some(),
                "verified: {verified}
{formula}
{said}"
            );
            let (_, found) = found.unwrap();
            judged.time_points += 1;
            judged.breaches += u64::try_from(found.split(") (").count()).unwrap();
        }
        judged
    }
}
