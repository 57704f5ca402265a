//! A window over a stream of bytes: what is needed now is in memory, what was
//! taken is forgotten.

use std::io::{self, Read};

use memchr::memchr_iter;

/// How much is asked for at once. Large enough that a record rarely straddles
/// two reads (CloudTrail records average 1 to 2 KB), small enough for the
/// second-level cache.
const CHUNK_BYTES: usize = 256 * 1024;

/// A growing and sliding view of a stream.
pub(crate) struct Window<'r> {
    stream: &'r mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    fault: Option<io::Error>,
    /// Lines that ended in what was taken.
    lines: u64,
}

impl<'r> Window<'r> {
    pub(crate) fn new(stream: &'r mut dyn Read) -> Self {
        Self {
            stream,
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            end: 0,
            at_end: false,
            fault: None,
            lines: 0,
        }
    }

    /// The bytes that are in memory and not yet taken.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The number of the line on which the window begins, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.lines + 1
    }

    /// Why the stream ended before its time, if it did and everything before
    /// that was taken. Told once.
    pub(crate) fn fault_at_end(&mut self) -> Option<io::Error> {
        if self.bytes().is_empty() {
            self.fault.take()
        } else {
            None
        }
    }

    /// Takes `count` bytes.
    pub(crate) fn take(&mut self, count: usize) {
        let taken = self.bytes().get(..count).unwrap_or_default();
        let lines = memchr_iter(b'\n', taken).count();
        self.lines += u64::try_from(lines).unwrap_or(u64::MAX);
        self.start = (self.start + count).min(self.end);
    }

    /// Brings more bytes into the window, at least doubling what is there so
    /// that reading a long record again costs no more than reading it once.
    /// Returns `false` at the end of the stream.
    pub(crate) fn grow(&mut self) -> bool {
        let wanted = self.bytes().len() + self.bytes().len().max(CHUNK_BYTES);
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let before = self.end;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while !self.at_end && self.end < wanted {
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.stream.read(free) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end = (self.end + count).min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.fault = Some(error);
                    self.at_end = true;
                }
            }
        }
        self.end > before
    }

    /// The byte at `index` of the window, read if need be.
    pub(crate) fn peek(&mut self, index: usize) -> Option<u8> {
        while self.bytes().len() <= index {
            if !self.grow() {
                return None;
            }
        }
        self.bytes().get(index).copied()
    }
}
