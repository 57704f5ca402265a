//! One log for many threads: group commit, and push-back when too much waits.
//!
//! Self-clocking: while one batch is being made durable the next one forms, and
//! whoever waits first writes it for all. There is no thread and no timer.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{BODY_BYTES_MAX, FRAME_LEAVES_MAX};
use crate::log::Log;

/// Leaves that wait at most: one frame that is being written and one that forms.
pub const WAITING_LEAVES_MAX: usize = 2 * FRAME_LEAVES_MAX;

/// Bytes that wait at most, likewise.
pub const WAITING_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;

/// A log that several threads append to.
pub struct SharedLog {
    log: Mutex<Log>,
    queue: Mutex<Queue>,
    turn: Condvar,
}

#[derive(Default)]
struct Queue {
    next_ticket: u64,
    waiting: Vec<Request>,
    waiting_leaves: usize,
    waiting_bytes: usize,
    /// Leaves that are being written.
    writing_leaves: usize,
    /// Some thread is writing.
    busy: bool,
    answers: BTreeMap<u64, Result<Range<u64>>>,
}

struct Request {
    ticket: u64,
    leaves: Vec<Vec<u8>>,
}

impl SharedLog {
    /// Shares a log.
    pub fn new(log: Log) -> Self {
        Self {
            log: Mutex::new(log),
            queue: Mutex::default(),
            turn: Condvar::new(),
        }
    }

    /// As [`Log::append`], from any thread. Fails with [`ErrorKind::Busy`], and
    /// appends nothing, if too much waits already.
    ///
    /// What waits together is written together: the leaves of one call follow
    /// each other, those of several calls may share a frame.
    pub fn append(&self, leaves: Vec<Vec<u8>>) -> Result<Range<u64>> {
        let ticket = self.enter(leaves)?;
        let mut queue = held(&self.queue);
        loop {
            if let Some(answer) = queue.answers.remove(&ticket) {
                return answer;
            }
            if queue.busy {
                queue = self
                    .turn
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.busy = true;
            let batch = std::mem::take(&mut queue.waiting);
            queue.writing_leaves = std::mem::take(&mut queue.waiting_leaves);
            queue.waiting_bytes = 0;
            drop(queue);
            let answers = write(&mut held(&self.log), batch);
            queue = held(&self.queue);
            queue.answers.extend(answers);
            queue.busy = false;
            queue.writing_leaves = 0;
            self.turn.notify_all();
        }
    }

    /// How many leaves wait or are being written: the load, for a monitor.
    pub fn unanswered_leaves(&self) -> usize {
        let queue = held(&self.queue);
        queue.waiting_leaves + queue.writing_leaves
    }

    /// Does something with the log while nobody appends: sign its head, read it, prove.
    pub fn with<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut held(&self.log))
    }

    /// The log again, once every thread is done with it.
    pub fn into_inner(self) -> Log {
        self.log
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, leaves: Vec<Vec<u8>>) -> Result<u64> {
        let bytes: usize = leaves.iter().map(|leaf| 2 + leaf.len()).sum();
        if let Some(leaf) = leaves
            .iter()
            .find(|leaf| leaf.len() > avow_tlog::LEAF_BYTES_MAX)
        {
            return Err(Error::input(format!(
                "a leaf has at most {} bytes, not {}",
                avow_tlog::LEAF_BYTES_MAX,
                leaf.len()
            )));
        }
        if leaves.len() > WAITING_LEAVES_MAX || bytes > WAITING_BYTES_MAX {
            return Err(Error::input(
                "the batch alone is longer than the queue; split it",
            ));
        }
        let mut queue = held(&self.queue);
        let full = queue.waiting_leaves + leaves.len() > WAITING_LEAVES_MAX
            || queue.waiting_bytes + bytes > WAITING_BYTES_MAX;
        if full {
            return Err(Error::new(
                ErrorKind::Busy,
                "too many leaves wait to be written; retry in a moment",
            ));
        }
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting_leaves += leaves.len();
        queue.waiting_bytes += bytes;
        queue.waiting.push(Request { ticket, leaves });
        Ok(ticket)
    }
}

/// Appends all requests and gives each its part of the range, or the error.
fn write(log: &mut Log, batch: Vec<Request>) -> Vec<(u64, Result<Range<u64>>)> {
    let leaves: Vec<&[u8]> = batch
        .iter()
        .flat_map(|request| &request.leaves)
        .map(Vec::as_slice)
        .collect();
    let appended = log.append(&leaves);
    let mut next = appended.as_ref().map_or(0, |range| range.start);
    let answer = |request: Request| {
        let range = next..next + request.leaves.len() as u64;
        next = range.end;
        (request.ticket, appended.clone().map(|_| range))
    };
    batch.into_iter().map(answer).collect()
}

/// A lock whose holder panicked is taken all the same: a log whose write did
/// not finish has stopped itself, and says so.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
