//! Records that are rows of CSV (RFC 4180) without a header: where one row ends
//! and the next begins, in a stream. What a row says is left to the readers of
//! `connector`.

use std::path::Path;

use csv_core::{ReadRecordResult, Reader};

use crate::connector::ROW_READERS;
use crate::reading::{Found, Nesting, Reading, describe_fault, too_long};
use crate::window::Window;
use crate::{Kind, RECORD_BYTES_MAX, SourceError};

/// More columns than a log has: PostgreSQL's has 26.
const COLUMNS_MAX: usize = 256;

/// White space that is passed over before the first row.
const HEAD_SPACE_MAX: usize = 256;

/// Room for a row; a longer one makes more.
const ROW_BYTES: usize = 64 * 1024;

const CUT: &str = "the file ends inside a row";

/// The row at hand, unquoted, in memory that is used again for the next.
struct Rows {
    reader: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

enum Next {
    /// A row that takes so many bytes in the stream.
    Row(usize),
    End,
    Flaw(&'static str),
    TooLong,
}

impl Rows {
    fn new() -> Self {
        Self {
            reader: Reader::new(),
            bytes: vec![0; ROW_BYTES],
            ends: Vec::new(),
        }
    }

    /// Reads the row with which `input` begins; `None` if it has no end there.
    fn whole(&mut self, input: &[u8]) -> Option<usize> {
        loop {
            self.reader.reset();
            self.ends.clear();
            self.ends.resize(COLUMNS_MAX, 0);
            let (result, read, _, columns) =
                self.reader
                    .read_record(input, &mut self.bytes, &mut self.ends);
            match result {
                ReadRecordResult::Record => {
                    self.ends.truncate(columns);
                    return Some(read);
                }
                ReadRecordResult::OutputFull if self.bytes.len() <= RECORD_BYTES_MAX => {
                    self.bytes.resize(self.bytes.len() * 2, 0);
                }
                ReadRecordResult::InputEmpty
                | ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull
                | ReadRecordResult::End => return None,
            }
        }
    }

    /// The columns, unless one is not UTF-8.
    fn columns(&self) -> Option<Vec<&str>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| std::str::from_utf8(self.bytes.get(start..*end)?).ok())
            .collect()
    }

    /// Reads the row with which the window begins, growing it as need be.
    fn next(&mut self, window: &mut Window<'_>) -> Next {
        loop {
            if window.bytes().is_empty() && !window.grow() {
                return Next::End;
            }
            if let Some(len) = self.whole(window.bytes()) {
                return Next::Row(len);
            }
            if window.bytes().len() > RECORD_BYTES_MAX {
                return Next::TooLong;
            }
            if !window.grow() {
                return self.last(window.bytes());
            }
        }
    }

    /// What a file without a line end ends with: a row, if no quote is open.
    fn last(&mut self, input: &[u8]) -> Next {
        if input.iter().all(u8::is_ascii_whitespace) {
            return Next::End;
        }
        let quotes = memchr::memchr_iter(b'"', input).count();
        let mut closed = input.to_vec();
        closed.push(b'\n');
        match self.whole(&closed) {
            Some(_) if quotes.is_multiple_of(2) => Next::Row(input.len()),
            _ => Next::Flaw(CUT),
        }
    }
}

impl Reading<'_> {
    /// Whether the stream begins with a row that a reader of that kind may
    /// know: JSON does not.
    pub(crate) fn is_csv(&mut self, window: &mut Window<'_>, kind: Option<Kind>) -> bool {
        let is_row_kind = |kind| ROW_READERS.iter().any(|(of, _)| *of == kind);
        if !kind.is_none_or(is_row_kind) {
            return false;
        }
        let mut at = 0;
        loop {
            match window.peek(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') if at < HEAD_SPACE_MAX => at += 1,
                Some(b'{' | b'[') | None => return false,
                Some(_) => break,
            }
        }
        if kind.is_some() {
            return true;
        }
        let mut rows = Rows::new();
        match rows.next(window) {
            Next::Row(_) => rows.columns().is_some_and(|columns| {
                let mut context = self.context();
                ROW_READERS
                    .iter()
                    .any(|(_, read)| read(&columns, &mut context).is_some())
            }),
            Next::End | Next::Flaw(_) | Next::TooLong => false,
        }
    }

    /// Reads all rows of a stream.
    pub(crate) fn rows(
        &mut self,
        name: &Path,
        kind: Option<Kind>,
        window: &mut Window<'_>,
    ) -> Result<(), SourceError> {
        let mut record = 0;
        let mut rows = Rows::new();
        loop {
            let line = window.line();
            let (found, len) = match rows.next(window) {
                Next::End => break,
                Next::Row(len) => {
                    (self.here.line, self.here.record) = (line, record + 1);
                    (self.row(&rows, kind), len)
                }
                Next::Flaw(reason) => (Found::Malformed(reason.to_owned()), window.bytes().len()),
                Next::TooLong => {
                    skip_line(window);
                    (Found::Malformed(too_long()), 0)
                }
            };
            record += 1;
            self.stats.records += 1;
            window.take(len);
            if let Found::Malformed(mut reason) = found {
                if let Some(fault) = window.fault_at_end() {
                    reason = describe_fault(name, fault)?;
                }
                self.malformed(name, line, record, reason);
            }
        }
        if let Some(fault) = window.fault_at_end() {
            let line = window.line();
            let reason = describe_fault(name, fault)?;
            self.malformed(name, line, record, reason);
        }
        Ok(())
    }

    fn row(&mut self, row: &Rows, kind: Option<Kind>) -> Found {
        let Some(columns) = row.columns() else {
            return Found::Malformed("the row is not UTF-8".to_owned());
        };
        for (of, read) in ROW_READERS {
            if kind.is_some_and(|kind| kind != of) {
                continue;
            }
            match read(&columns, &mut self.context()) {
                None => {}
                Some(Ok(told)) => return self.tell(told, Nesting::default()),
                Some(Err(reason)) => return Found::Malformed(reason),
            }
        }
        self.stats.skipped += 1;
        Found::Counted
    }
}

fn skip_line(window: &mut Window<'_>) {
    loop {
        let line = memchr::memchr(b'\n', window.bytes());
        let len = line.map_or(window.bytes().len(), |at| at + 1);
        window.take(len);
        if line.is_some() || !window.grow() {
            return;
        }
    }
}
