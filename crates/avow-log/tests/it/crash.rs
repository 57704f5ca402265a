//! Real processes that are killed, or run out of room.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use avow_log::{ErrorKind, Log, LogConfig};

use crate::scratch::{ORIGIN, TIME_S, append, check_leaves, create, keys, leaf, scratch};

/// Names the log to a child: this same test binary, started again.
const CHILD: &str = "AVOW_LOG_TEST_CHILD";

const ROUNDS: u64 = 30;

fn open(folder: &Path) -> Log {
    if folder.exists() {
        Log::open(folder).unwrap()
    } else {
        create(folder)
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}")
        .and_then(|()| out.flush())
        .unwrap();
}

/// Appends for ever, and says what was acknowledged.
fn append_until_killed(folder: &Path) {
    let mut log = open(folder);
    for n in 0u64.. {
        append(&mut log, if n % 5 == 4 { 2_000 } else { n % 7 + 1 });
        say(&format!("acknowledged {}", log.size()));
        if n % 4 == 1 {
            log.sign_head(TIME_S + n).unwrap();
            say(&format!("signed {}", log.size()));
        }
    }
}

fn number_after(line: &str, word: &str) -> Option<u64> {
    line.strip_prefix(word)?.trim().parse().ok()
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    const NAME: &str = "crash::what_was_acknowledged_survives_kill_9";
    if let Some(folder) = std::env::var_os(CHILD) {
        return append_until_killed(Path::new(&folder));
    }
    let scratch = scratch();
    let mut torn = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(CHILD, &scratch.log)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let (mut acknowledged, mut signed, mut heard) = (0, 0, 0);
        let mut hear = |line: &str| {
            acknowledged = number_after(line, "acknowledged ").unwrap_or(acknowledged);
            signed = number_after(line, "signed ").unwrap_or(signed);
        };
        // A different moment each time; the child writes on while this is read.
        while heard < round * 5 % 13 + 1 {
            let mut line = String::new();
            assert!(
                lines.read_line(&mut line).unwrap() > 0,
                "the child ended by itself"
            );
            heard += u64::from(line.starts_with("acknowledged"));
            hear(line.trim_end());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        // The last line may be cut off within its number.
        for line in rest
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            hear(line.trim_end());
        }
        let log = Log::open(&scratch.log).unwrap();
        assert!(
            log.size() >= acknowledged,
            "{} of {acknowledged}",
            log.size()
        );
        let head = log.head().map_or(0, |(_, head)| head.size());
        assert!(head >= signed, "{head} of {signed}");
        check_leaves(&log);
        torn += u64::from(log.recovery().cut_bytes > 0);
    }
    println!("{torn} of {ROUNDS} kills tore a frame");
    let mut log = Log::open(&scratch.log).unwrap();
    log.sign_head(TIME_S).unwrap();
    log.export(&scratch.export).unwrap();
}

/// Appends until the disk is full, then shows that the log has stopped.
fn append_until_full(folder: &Path) {
    let mut log = open(folder);
    let long = vec![b'x'; 60_000];
    loop {
        match log.append(&[&long]) {
            Ok(_) => say(&format!("acknowledged {}", log.size())),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
                break;
            }
        }
    }
    assert_eq!(
        log.append(&[b"more"]).unwrap_err().kind(),
        ErrorKind::Stopped
    );
    assert_eq!(
        log.sign_head(TIME_S).unwrap_err().kind(),
        ErrorKind::Stopped
    );
    say("stopped as it should");
}

/// A limit on the size of files stands in for the full disk.
#[test]
fn a_full_disk_stops_the_log_and_loses_nothing() {
    const NAME: &str = "crash::a_full_disk_stops_the_log_and_loses_nothing";
    if let Some(folder) = std::env::var_os(CHILD) {
        return append_until_full(Path::new(&folder));
    }
    let scratch = scratch();
    let config = LogConfig::new(ORIGIN);
    let mut log = Log::create(&scratch.log, &config, keys()).unwrap();
    append(&mut log, 3);
    drop(log);
    // 12,000 blocks of 512 or 1,024 bytes, as the shell has it: past the first
    // step of zeroes written ahead (4 MiB), at odds with all later ones.
    let child = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 12000; exec \"$0\" --exact \"$1\" --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .arg(NAME)
        .env(CHILD, &scratch.log)
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    assert!(said.contains("stopped as it should"), "{said}");
    let acknowledged = said
        .lines()
        .filter_map(|line| number_after(line, "acknowledged "))
        .max()
        .unwrap();
    assert!(acknowledged > 3);
    let mut log = Log::open(&scratch.log).unwrap();
    assert!(log.size() >= acknowledged);
    let kept: Vec<_> = log.leaves(0..4).unwrap().map(Result::unwrap).collect();
    assert_eq!(kept[..3], [leaf(0), leaf(1), leaf(2)]);
    assert_eq!(kept[3].len(), 60_000);
    log.append(&[b"room again"]).unwrap();
}
