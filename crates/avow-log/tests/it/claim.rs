//! Several that want to make a log in one folder.

use std::path::Path;
use std::sync::Barrier;

use avow_log::{Claim, ErrorKind, Log, LogConfig, LogKeys, verify};

use crate::scratch::{ORIGIN, TIME_S, append, check_leaves, create, files, keys, scratch};

const ROUNDS: usize = 60;

/// Creates a log and puts three leaves on it; the keys that verify it.
fn make(folder: &Path, seed: u8) -> avow_log::Result<(Log, LogKeys)> {
    let keys = || LogKeys::from_seeds(ORIGIN, [seed; 32], [seed + 1; 32]).unwrap();
    let mut log = Log::create(folder, &LogConfig::new(ORIGIN), keys())?;
    append(&mut log, 3);
    log.sign_head(TIME_S).unwrap();
    Ok((log, keys()))
}

#[test]
fn of_creations_at_once_one_wins_and_its_log_and_keys_stay_valid() {
    for round in 0..ROUNDS {
        let scratch = scratch();
        if round % 2 == 1 {
            std::fs::create_dir(&scratch.log).unwrap();
        }
        let start = Barrier::new(3);
        let made: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = [10, 20, 30]
                .into_iter()
                .map(|seed| {
                    let (start, folder) = (&start, &scratch.log);
                    scope.spawn(move || {
                        start.wait();
                        make(folder, seed)
                    })
                })
                .collect();
            racers.into_iter().map(|r| r.join().unwrap()).collect()
        });
        for refused in made.iter().filter_map(|made| made.as_ref().err()) {
            assert!(
                matches!(refused.kind(), ErrorKind::Input | ErrorKind::Busy),
                "{refused}"
            );
        }
        let mut won: Vec<_> = made.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}");
        let (log, keys) = won.remove(0);
        drop(log);
        let log = Log::open(&scratch.log).unwrap();
        assert_eq!(log.verifier_keys(), keys.verifiers(), "round {round}");
        assert_eq!(log.size(), 3);
        check_leaves(&log);
        let found = verify(&scratch.log, &keys.verifiers(), &mut |_, _| Ok(())).unwrap();
        assert_eq!(found.head.unwrap().size(), 3);
    }
}

#[test]
fn a_claimed_folder_is_refused_to_others_untouched_and_becomes_the_log_of_its_claim() {
    let scratch = scratch();
    let config = LogConfig::new(ORIGIN);
    let claim = Claim::take(&scratch.log).unwrap();
    let store = || Box::new(avow_log::LocalHeadStore::new(&scratch.export).unwrap());
    assert_eq!(
        Claim::take(&scratch.log).err().unwrap().kind(),
        ErrorKind::Input
    );
    for refused in [
        Log::create(&scratch.log, &config, keys()),
        Log::create_with(&scratch.log, &config, keys(), store()),
        Log::open(&scratch.log),
    ] {
        assert!(refused.is_err());
        assert_eq!(files(&scratch.log), [scratch.log.join("lock")]);
    }
    let mut log = Log::create_claimed(claim, &config, keys()).unwrap();
    append(&mut log, 3);
    assert_eq!(
        Log::open(&scratch.log).err().unwrap().kind(),
        ErrorKind::Busy,
        "the claim's lock is the log's"
    );
}

#[test]
fn no_log_is_made_around_the_segments_of_another() {
    let scratch = scratch();
    append(&mut create(&scratch.log), 3);
    std::fs::remove_file(scratch.log.join("log")).unwrap();
    std::fs::remove_file(scratch.log.join("lock")).unwrap();
    let before = files(&scratch.log);
    let store = Box::new(avow_log::LocalHeadStore::new(&scratch.export).unwrap());
    let made = Log::create_with(&scratch.log, &LogConfig::new(ORIGIN), keys(), store);
    assert_eq!(made.err().unwrap().kind(), ErrorKind::Input);
    assert_eq!(files(&scratch.log), before);
}
