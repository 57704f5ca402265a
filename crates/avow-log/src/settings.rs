//! The file `log` in a log's folder: which log this is.
//!
//! Not trusted: a wrong origin does not fit the keys, and the checksum tells accidents.

use std::path::Path;

use crate::durable;
use crate::error::{Error, Result};
use crate::segment::SEGMENT_BYTES;

pub(crate) const FILE: &str = "log";
const HEADER: &str = "avow-log/v1";

/// Bytes of the file at most: an origin of 255 bytes and three short lines.
const BYTES_MAX: u64 = 1024;

/// What a new log is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// The name of the log, in every checkpoint and in its keys, such as
    /// `example.com/avow/log`. It can never change. Whoever sets it decides
    /// which log this claims to be; without the keys that claim is worth nothing.
    pub origin: String,
    /// Bytes of a segment. Not trusted; it changes only how files are divided.
    pub segment_bytes: u64,
}

impl LogConfig {
    /// The defaults for a log of this origin.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            segment_bytes: SEGMENT_BYTES,
        }
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        durable::write(
            &folder.join(FILE),
            self.to_text().as_bytes(),
            durable::PUBLIC,
        )
    }

    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = durable::read(&path, BYTES_MAX)?
            .ok_or_else(|| Error::input(format!("`{}` is not a log", folder.display())))?;
        let damaged = || Error::corrupt(format!("`{}` is damaged; restore it", path.display()));
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        let mut lines = text.lines().skip(1);
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let origin = value("origin").ok_or_else(damaged)?.to_owned();
        let segment_bytes = value("segment-bytes")
            .and_then(|v| v.parse().ok())
            .ok_or_else(damaged)?;
        let config = Self {
            origin,
            segment_bytes,
        };
        // One comparison checks the header, the checksum and every byte between.
        if config.to_text() == text {
            Ok(config)
        } else {
            Err(damaged())
        }
    }

    fn to_text(&self) -> String {
        let body = format!(
            "{HEADER}\norigin {}\nsegment-bytes {}\n",
            self.origin, self.segment_bytes
        );
        format!("{body}crc32c {:08x}\n", crc32c::crc32c(body.as_bytes()))
    }
}
