//! One log, many threads.

use std::sync::Arc;
use std::thread;

use avow_log::{ErrorKind, Log, SharedLog, WAITING_LEAVES_MAX};

use crate::scratch::{create, scratch};

#[test]
fn each_thread_gets_the_indexes_of_its_own_leaves() {
    let scratch = scratch();
    let log = Arc::new(SharedLog::new(create(&scratch.log)));
    let threads: Vec<_> = (0..8u64)
        .map(|thread| {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                let mut mine = Vec::new();
                for n in 0..20u64 {
                    let leaves: Vec<Vec<u8>> = (0..=n % 3)
                        .map(|i| format!("{thread} {n} {i}").into_bytes())
                        .collect();
                    let range = log.append(leaves.clone()).unwrap();
                    mine.push((range, leaves));
                }
                mine
            })
        })
        .collect();
    let answers: Vec<_> = threads
        .into_iter()
        .flat_map(|t| t.join().unwrap())
        .collect();
    drop(Arc::try_unwrap(log).ok().unwrap().into_inner());
    let log = Log::open(&scratch.log).unwrap();
    let mut count = 0;
    for (range, leaves) in answers {
        count += leaves.len() as u64;
        let read: Vec<_> = log.leaves(range).unwrap().map(Result::unwrap).collect();
        assert_eq!(read, leaves);
    }
    assert_eq!(log.size(), count);
}

/// Four calls while nothing can be written: at most one is taken alone, the rest share a batch.
#[test]
fn calls_that_share_a_batch_get_their_own_part_of_it() {
    let scratch = scratch();
    let shared = Arc::new(SharedLog::new(create(&scratch.log)));
    let threads = shared.with(|_| {
        let append = |count: usize| {
            let log = Arc::clone(&shared);
            let leaves = vec![vec![count as u8]; count];
            thread::spawn(move || (leaves.clone(), log.append(leaves).unwrap()))
        };
        let threads: Vec<_> = [1, 2, 4, 8].into_iter().map(append).collect();
        while shared.unanswered_leaves() < 15 {
            thread::yield_now();
        }
        threads
    });
    let answers: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(shared.unanswered_leaves(), 0);
    shared.with(|log| {
        for (leaves, range) in answers {
            assert_eq!(
                log.leaves(range)
                    .unwrap()
                    .map(Result::unwrap)
                    .collect::<Vec<_>>(),
                leaves
            );
        }
        assert_eq!(log.size(), 15);
    });
}

#[test]
fn more_than_the_queue_holds_is_pushed_back() {
    let scratch = scratch();
    let log = SharedLog::new(create(&scratch.log));
    let error = log
        .append(vec![Vec::new(); WAITING_LEAVES_MAX + 1])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    let full = Arc::new(log);
    // While the log is held, nothing is written and the queue fills up.
    let answers = full.with(|_| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let log = Arc::clone(&full);
                thread::spawn(move || log.append(vec![Vec::new(); WAITING_LEAVES_MAX * 2 / 3]))
            })
            .collect();
        // One is being written, one waits; at least two are refused at once.
        while threads.iter().filter(|thread| thread.is_finished()).count() < 2 {
            thread::yield_now();
        }
        threads
    });
    let answers: Vec<_> = answers
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    let refused = answers
        .iter()
        .filter(|a| matches!(a, Err(e) if e.kind() == ErrorKind::Busy));
    let accepted: u64 = answers
        .iter()
        .flatten()
        .map(|range| range.end - range.start)
        .sum();
    assert!(refused.count() >= 2 && accepted > 0, "{answers:?}");
    assert_eq!(
        full.with(|log| log.size()),
        accepted,
        "what was refused was not written"
    );
}
