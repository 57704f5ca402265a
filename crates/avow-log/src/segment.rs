//! The files that hold frames, written ahead with zeroes: `docs/spec/log.md`, section "Segment".
//!
//! Reading them as a whole, and judging what is broken, is left to `recover`.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::error::{Error, Result};

/// Zeroes are written ahead in steps of this many bytes (or of a segment, if
/// that is less), at multiples of it.
///
/// Overwriting written blocks needs no change of the file system's own records,
/// which makes fdatasync several times faster than on a growing file. 4 MiB
/// take a few milliseconds, and a small log stays a small folder.
pub(crate) const STEP_BYTES: u64 = 4 * 1024 * 1024;

/// Bytes of a segment unless a log is told otherwise. Recovery reads a segment
/// as a whole, so this is also its memory.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

const NAME_DIGITS: usize = 20;

/// A segment open for writing.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    file: File,
    /// Where the next frame begins.
    end: u64,
    /// Bytes of the file: zeroes from `end` on.
    written: u64,
    /// How far zeroes are written ahead.
    step: u64,
}

impl Segment {
    /// Creates the segment that begins with the leaf at `first`; its name is durable after.
    pub(crate) fn create(folder: &Path, first: u64, segment_bytes: u64) -> Result<Self> {
        let path = folder.join(format!("{first:020}"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|e| Error::io("create", &path, &e))?;
        durable::sync_folder(folder)?;
        Ok(Self {
            path,
            file,
            end: 0,
            written: 0,
            step: step(segment_bytes),
        })
    }

    /// Opens a segment whose frames end at `end`.
    pub(crate) fn open(path: &Path, end: u64, segment_bytes: u64) -> Result<Self> {
        let open = || {
            let file = OpenOptions::new().read(true).write(true).open(path)?;
            let written = file.metadata()?.len();
            Ok((file, written))
        };
        let (file, written) = open().map_err(|e| Error::io("open", path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            end,
            written,
            step: step(segment_bytes),
        })
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Writes a frame and waits until the disk has it; where it begins.
    ///
    /// After an error nothing is known about the disk: the caller must stop.
    pub(crate) fn append(&mut self, frame: &[u8]) -> Result<u64> {
        let start = self.end;
        let end = start + frame.len() as u64;
        let mut write = || {
            self.file.write_all_at(frame, start)?;
            if end > self.written {
                let ahead = end.next_multiple_of(self.step);
                write_zeroes(&self.file, end, ahead)?;
                self.written = ahead;
            }
            self.file.sync_data()
        };
        write().map_err(|e| Error::io("append to", &self.path, &e))?;
        self.end = end;
        Ok(start)
    }

    /// Writes the last frame once more and waits until the disk has it.
    ///
    /// A process that died between write and fdatasync, or whose fdatasync
    /// failed, leaves a frame that the page cache shows and the disk may lack.
    pub(crate) fn rewrite_last(&mut self, start: u64) -> Result<()> {
        let rewrite = || {
            let mut frame = vec![0; (self.end - start) as usize];
            self.file.read_exact_at(&mut frame, start)?;
            self.file.write_all_at(&frame, start)?;
            self.file.sync_all()
        };
        rewrite().map_err(|e| Error::io("rewrite the last frame of", &self.path, &e))
    }

    /// Zeroes everything after the last frame.
    pub(crate) fn cut_tail(&mut self) -> Result<()> {
        write_zeroes(&self.file, self.end, self.written)
            .and_then(|()| self.file.sync_all())
            .map_err(|e| Error::io("cut the torn tail of", &self.path, &e))
    }
}

/// All segments of a folder: the index of the first leaf by name, and the path, in order.
pub(crate) fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| Error::io("list", folder, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| Error::io("list", folder, &e))?;
        let first = entry
            .file_name()
            .to_str()
            .filter(|name| name.len() == NAME_DIGITS)
            .and_then(|name| name.parse().ok())
            .ok_or_else(|| {
                Error::corrupt(format!(
                    "`{}` is not the name of a segment",
                    entry.path().display()
                ))
            })?;
        segments.push((first, entry.path()));
    }
    segments.sort();
    Ok(segments)
}

/// A whole segment in memory.
pub(crate) fn read(path: &Path, segment_bytes: u64) -> Result<Vec<u8>> {
    // A segment is left when the next frame does not fit; one frame alone may be longer.
    let frame_bytes_max = (crate::frame::HEADER_BYTES + crate::frame::BODY_BYTES_MAX) as u64;
    let bytes_max = segment_bytes
        .max(frame_bytes_max)
        .next_multiple_of(STEP_BYTES);
    durable::read(path, bytes_max)?
        .ok_or_else(|| Error::corrupt(format!("segment `{}` disappeared", path.display())))
}

/// Part of a segment.
pub(crate) fn read_at(path: &Path, start: u64, bytes: usize) -> Result<Vec<u8>> {
    let mut part = vec![0; bytes];
    File::open(path)
        .and_then(|file| file.read_exact_at(&mut part, start))
        .map_err(|e| Error::io("read", path, &e))?;
    Ok(part)
}

fn step(segment_bytes: u64) -> u64 {
    segment_bytes.clamp(1, STEP_BYTES)
}

fn write_zeroes(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    let zeroes = vec![0; (to.saturating_sub(from)).min(STEP_BYTES) as usize];
    let mut at = from;
    while at < to {
        let count = (to - at).min(STEP_BYTES);
        file.write_all_at(zeroes.get(..count as usize).unwrap_or(&zeroes), at)?;
        at += count;
    }
    Ok(())
}
