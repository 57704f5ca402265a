//! Replaying all frames: what opening a log and verifying one do, and the only way to read a log in.
//!
//! Rules of `docs/spec/log.md`, section "Recovery". Nothing is changed here;
//! what to cut is returned. Bytes that a crash cannot explain are an error.

use std::path::{Path, PathBuf};

use avow_tlog::{Checkpoint, Hash, Tree, leaf_hash};

use crate::error::{Error, Result};
use crate::frame::{self, HEADER_BYTES, Header, MAGIC};
use crate::hashes::Completed;
use crate::segment;

/// The smallest piece that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Where a frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index of its first leaf.
    pub(crate) first: u64,
    /// Which segment.
    pub(crate) segment: u32,
    /// Where in the segment.
    pub(crate) start: u64,
}

/// All frames of a log, by place.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) segments: Vec<PathBuf>,
    pub(crate) frames: Vec<Place>,
}

/// What a replay found.
#[derive(Debug)]
pub(crate) struct Replayed {
    pub(crate) tree: Tree,
    /// What the next frame must name as the one before.
    pub(crate) link: Hash,
    pub(crate) places: Places,
    /// Where the frames of the last segment end.
    pub(crate) end: u64,
    /// Bytes after that which are not zero, up to the last of them: a torn frame.
    pub(crate) torn_bytes: u64,
}

/// What is given to the visitor for each frame: its leaves, what they completed, the tree after it.
pub(crate) struct Step<'a> {
    pub(crate) first: u64,
    pub(crate) leaves: &'a [&'a [u8]],
    pub(crate) completed: &'a Completed,
    pub(crate) size: u64,
}

/// Replays the segments of a folder and checks them against each other and against what was signed.
pub(crate) fn replay(
    folder: &Path,
    origin: &str,
    segment_bytes: u64,
    heads: &[&Checkpoint],
    visit: &mut dyn FnMut(Step<'_>) -> Result<()>,
) -> Result<Replayed> {
    let mut replay = Replay {
        heads,
        at: Replayed {
            tree: Tree::new(),
            link: frame::first_link(origin),
            places: Places::default(),
            end: 0,
            torn_bytes: 0,
        },
    };
    let segments = segment::list(folder)?;
    for (n, (first, path)) in segments.iter().enumerate() {
        if *first != replay.at.tree.size() {
            return Err(Error::corrupt(format!(
                "segment `{}` follows {} leaves: one is missing, or named wrongly; restore it",
                path.display(),
                replay.at.tree.size()
            )));
        }
        let bytes = segment::read(path, segment_bytes)?;
        replay.at.places.segments.push(path.clone());
        let end = replay.frames(&bytes, path, visit)?;
        let rest = bytes.get(end..).unwrap_or_default();
        replay.at.end = end as u64;
        replay.judge_rest(rest, end, path, n + 1 == segments.len())?;
    }
    let (size, signed) = (replay.at.tree.size(), replay.signed());
    if size < signed {
        return Err(Error::corrupt(format!(
            "the log holds {size} leaves, but its signed head has {signed}: leaves are missing; \
             restore them from a mirror or an export"
        )));
    }
    Ok(replay.at)
}

struct Replay<'a> {
    /// Signed trees, each of which must be a beginning of this one.
    heads: &'a [&'a Checkpoint],
    at: Replayed,
}

impl Replay<'_> {
    /// Takes the frames at the beginning of a segment; where they end.
    fn frames(
        &mut self,
        bytes: &[u8],
        path: &Path,
        visit: &mut dyn FnMut(Step<'_>) -> Result<()>,
    ) -> Result<usize> {
        let mut start = 0;
        while let Some((header, body)) = whole_frame(bytes.get(start..).unwrap_or_default()) {
            self.frame(&header, body, start, path, visit)?;
            start += header.frame_bytes();
        }
        Ok(start)
    }

    fn frame(
        &mut self,
        header: &Header,
        body: &[u8],
        start: usize,
        path: &Path,
        visit: &mut dyn FnMut(Step<'_>) -> Result<()>,
    ) -> Result<()> {
        let broken = |what: &str| {
            Error::corrupt(format!(
                "the frame at byte {start} of `{}` {what}",
                path.display()
            ))
        };
        if header.first != self.at.tree.size() || header.previous != self.at.link {
            return Err(broken(
                "does not follow the one before it; restore the segment",
            ));
        }
        let leaves = frame::leaves(body, header.count)?;
        let mut completed = Completed::default();
        for leaf in &leaves {
            completed.push(&mut self.at.tree, leaf_hash(leaf));
            self.compare_with_heads()?;
        }
        if self.at.tree.root() != header.root_after {
            return Err(broken(
                "does not give the root it states; restore the segment",
            ));
        }
        self.at.link = header.hash();
        let segment = self.at.places.segments.len().saturating_sub(1) as u32;
        self.at.places.frames.push(Place {
            first: header.first,
            segment,
            start: start as u64,
        });
        let size = header.size_after;
        visit(Step {
            first: header.first,
            leaves: &leaves,
            completed: &completed,
            size,
        })
    }

    fn compare_with_heads(&self) -> Result<()> {
        let tree = &self.at.tree;
        for head in self.heads {
            if head.size() == tree.size() && *head.root() != tree.root() {
                return Err(Error::corrupt(format!(
                    "the first {} leaves do not give the root that was signed for them; restore \
                     them from a mirror or an export",
                    head.size()
                )));
            }
        }
        Ok(())
    }

    /// How many leaves were signed.
    fn signed(&self) -> u64 {
        let sizes = self.heads.iter().map(|head| head.size());
        sizes.max().unwrap_or(0)
    }

    /// Decides what lies after the last whole frame of a segment.
    fn judge_rest(&mut self, rest: &[u8], at: usize, path: &Path, last: bool) -> Result<()> {
        let Some(last_written) = rest.iter().rposition(|b| *b != 0) else {
            return Ok(());
        };
        let size = self.at.tree.size();
        let torn = last && is_torn(rest, at, last_written);
        if torn && self.signed() <= size {
            self.at.torn_bytes = last_written as u64 + 1;
            return Ok(());
        }
        let what = if torn {
            "cut off below the signed head"
        } else {
            "damaged"
        };
        Err(Error::corrupt(format!(
            "`{}` is {what} at byte {at}, after {size} leaves; restore it from a mirror or an \
             export",
            path.display()
        )))
    }
}

/// The undamaged frame at the beginning of `bytes`.
pub(crate) fn whole_frame(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let header = Header::parse(bytes)?;
    let body = bytes.get(HEADER_BYTES..header.frame_bytes())?;
    (crc32c::crc32c(body) == header.body_crc).then_some((header, body))
}

/// Whether the bytes from `at` on can be one frame whose write a crash cut short.
///
/// Only the last frame can be, since the next is written after the disk has
/// confirmed it. On zeroes written ahead, a write cut short leaves zeroes: at
/// its end, or in whole sectors. A damaged frame without such a hole was whole
/// once, and may have been acknowledged: it must not be cut.
fn is_torn(rest: &[u8], at: usize, last_written: usize) -> bool {
    match Header::parse(rest) {
        Some(header) => {
            let end = header.frame_bytes();
            let cut_short = last_written + 1 < end;
            let body = rest
                .get(HEADER_BYTES..end.min(rest.len()))
                .unwrap_or_default();
            last_written < end && (cut_short || has_hole(body, at + HEADER_BYTES))
        }
        None if last_written < HEADER_BYTES => true,
        None => {
            let header = rest.get(..HEADER_BYTES).unwrap_or(rest);
            // A header has no run of zeroes as long as what it has in a sector,
            // unless that sector was not written.
            let in_sector = (SECTOR_BYTES - at % SECTOR_BYTES).min(header.len());
            let (before, after) = header.split_at(in_sector);
            let hole = is_zero(before) || (!after.is_empty() && is_zero(after));
            hole && !rest
                .windows(MAGIC.len())
                .skip(1)
                .any(|bytes| *bytes == MAGIC)
        }
    }
}

/// Whether some whole sector in these bytes, which lie at `at`, is zero.
fn has_hole(bytes: &[u8], at: usize) -> bool {
    let aligned = bytes
        .get(at.next_multiple_of(SECTOR_BYTES) - at..)
        .unwrap_or_default();
    aligned.chunks_exact(SECTOR_BYTES).any(is_zero)
}

fn is_zero(bytes: &[u8]) -> bool {
    last_nonzero(bytes).is_none()
}

/// Where the last byte that is not zero lies. Most of a segment is zeroes, so
/// they are skipped a page at a time.
fn last_nonzero(bytes: &[u8]) -> Option<usize> {
    const PAGE: usize = 4096;
    const ZEROES: [u8; PAGE] = [0; PAGE];
    let (pages, tail) = bytes.as_chunks::<PAGE>();
    let in_tail = tail
        .iter()
        .rposition(|b| *b != 0)
        .map(|at| pages.len() * PAGE + at);
    in_tail.or_else(|| {
        let page = pages.iter().rposition(|page| *page != ZEROES)?;
        let at = pages.get(page)?.iter().rposition(|b| *b != 0)?;
        Some(page * PAGE + at)
    })
}
