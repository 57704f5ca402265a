//! The running log: opaque leaves in, made durable, then acknowledged; a signed head out.
//!
//! What is on disk, what is trusted and how a crash is survived is written down
//! in `docs/spec/log.md`. Formats and Merkle arithmetic are `avow-tlog`'s; what
//! a leaf means is nobody's business here. There is no clock and no randomness:
//! times and entropy are arguments.
//!
//! ```
//! use avow_log::{Log, LogConfig, LogKeys, StaticFolder};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scratch = tempfile::tempdir()?;
//! # let folder = scratch.path().join("log");
//! # let export = scratch.path().join("export");
//! # let (seed_1, seed_2) = ([1; 32], [2; 32]);
//! let origin = "example.com/log";
//! let keys = LogKeys::from_seeds(origin, seed_1, seed_2)?;
//! let mut log = Log::create(&folder, &LogConfig::new(origin), keys)?;
//! let range = log.append(&[b"one", b"two"])?;
//! assert_eq!(range, 0..2);
//! log.sign_head(1_767_225_600)?;
//! log.export(&export)?;
//!
//! let mut copy = StaticFolder::open(&export, origin, &log.verifier_keys())?;
//! let leaves = copy.leaves(0..2)?.collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(leaves, [b"one", b"two"]);
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

mod claim;
mod durable;
mod error;
mod export;
mod frame;
mod hashes;
mod head;
mod keys;
mod leaves;
mod log;
mod recover;
mod segment;
mod settings;
mod shared;
mod verify;

pub use claim::Claim;
pub use error::{Error, ErrorKind, Result};
pub use export::{StaticFolder, StaticLeaves};
pub use frame::{BODY_BYTES_MAX, FRAME_LEAVES_MAX, HEADER_BYTES, Header, MAGIC, first_link};
pub use head::{HeadStore, LocalHeadStore};
pub use keys::LogKeys;
pub use leaves::Leaves;
pub use log::{Log, Recovery};
pub use segment::SEGMENT_BYTES;
pub use settings::LogConfig;
pub use shared::{SharedLog, WAITING_BYTES_MAX, WAITING_LEAVES_MAX};
pub use verify::{Verification, verify};

/// Parses one frame at the beginning of `bytes`: its header and leaves, if it is whole and undamaged.
pub fn parse_frame(bytes: &[u8]) -> Option<(Header, Vec<&[u8]>)> {
    let (header, body) = recover::whole_frame(bytes)?;
    let leaves = frame::leaves(body, header.count).ok()?;
    Some((header, leaves))
}
