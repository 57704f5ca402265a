//! Reading leaves back, frame by frame.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::frame::{self, HEADER_BYTES, Header};
use crate::recover::Places;
use crate::segment;

/// The leaves of a range, in order. After an error it gives nothing more.
pub struct Leaves<'a> {
    places: &'a Places,
    range: Range<u64>,
    /// The leaves of the current frame that are still to be given, last one first.
    frame: Vec<Vec<u8>>,
}

impl<'a> Leaves<'a> {
    pub(crate) fn new(places: &'a Places, range: Range<u64>) -> Self {
        Self {
            places,
            range,
            frame: Vec::new(),
        }
    }

    /// Reads the frame with the next leaf.
    fn load(&mut self) -> Result<()> {
        let index = self.range.start;
        let number = self
            .places
            .frames
            .partition_point(|place| place.first <= index);
        let lost = || Error::corrupt(format!("the frame of leaf {index} cannot be read"));
        let place = number
            .checked_sub(1)
            .and_then(|number| self.places.frames.get(number))
            .ok_or_else(lost)?;
        let path = self
            .places
            .segments
            .get(place.segment as usize)
            .ok_or_else(lost)?;
        let header = segment::read_at(path, place.start, HEADER_BYTES)?;
        let header = Header::parse(&header).ok_or_else(lost)?;
        let start = place.start + HEADER_BYTES as u64;
        let body = segment::read_at(path, start, header.body_bytes as usize)?;
        if crc32c::crc32c(&body) != header.body_crc || header.first != place.first {
            return Err(lost());
        }
        let leaves = frame::leaves(&body, header.count)?;
        let skip = (index - place.first) as usize;
        self.frame = leaves
            .into_iter()
            .skip(skip)
            .rev()
            .map(<[u8]>::to_vec)
            .collect();
        Ok(())
    }
}

impl Iterator for Leaves<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.range.is_empty() {
            return None;
        }
        if self.frame.is_empty()
            && let Err(error) = self.load()
        {
            self.range.end = self.range.start;
            return Some(Err(error));
        }
        self.range.start += 1;
        self.frame.pop().map(Ok)
    }
}
