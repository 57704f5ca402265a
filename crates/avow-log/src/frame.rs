//! One batch of leaves as it lies on disk: `docs/spec/log.md`, section "Frame".
//!
//! Pure: bytes in, bytes out. Where frames lie is left to `segment`, what
//! follows from a broken one to `recover`.

use avow_tlog::{HASH_BYTES, Hash, TILE_WIDTH, leaf_hash, push_entry};

use crate::error::{Error, Result};

/// Bytes before the body.
pub const HEADER_BYTES: usize = 104;

/// What each frame begins with; the last byte is the version of the layout.
pub const MAGIC: [u8; 8] = *b"AVOWLOG1";

/// Leaves in one frame at most: 64 full bundles. At 512 bytes a leaf this is
/// the 8 MiB of [`BODY_BYTES_MAX`], so neither limit bites alone.
pub const FRAME_LEAVES_MAX: usize = 64 * TILE_WIDTH as usize;

/// Bytes of a body at most. One write of 8 MiB takes a few milliseconds; longer
/// ones would make everybody behind it wait without more throughput.
pub const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

const CHECKED_BYTES: usize = HEADER_BYTES - 4;

/// What the header of a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Index of the first leaf.
    pub first: u64,
    /// Number of leaves.
    pub count: u32,
    /// Bytes of the body.
    pub body_bytes: u32,
    /// Leaves in the tree after this frame.
    pub size_after: u64,
    /// [`Header::hash`] of the frame before; of the first frame, [`first_link`].
    pub previous: Hash,
    /// Root of the tree after this frame.
    pub root_after: Hash,
    /// CRC-32C of the body.
    pub body_crc: u32,
}

impl Header {
    /// The header in bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.first.to_be_bytes());
        bytes.extend_from_slice(&self.count.to_be_bytes());
        bytes.extend_from_slice(&self.body_bytes.to_be_bytes());
        bytes.extend_from_slice(&self.size_after.to_be_bytes());
        bytes.extend_from_slice(self.previous.as_bytes());
        bytes.extend_from_slice(self.root_after.as_bytes());
        bytes.extend_from_slice(&self.body_crc.to_be_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        let mut header = [0; HEADER_BYTES];
        header.copy_from_slice(&bytes);
        header
    }

    /// Reads a header at the beginning of `bytes`; none if there is no whole, undamaged one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (checked, crc) = bytes.get(..HEADER_BYTES)?.split_at_checked(CHECKED_BYTES)?;
        if crc32c::crc32c(checked).to_be_bytes() != crc {
            return None;
        }
        let mut fields = Fields(checked);
        if fields.take::<8>()? != MAGIC {
            return None;
        }
        let header = Self {
            first: u64::from_be_bytes(fields.take()?),
            count: u32::from_be_bytes(fields.take()?),
            body_bytes: u32::from_be_bytes(fields.take()?),
            size_after: u64::from_be_bytes(fields.take()?),
            previous: Hash(fields.take::<HASH_BYTES>()?),
            root_after: Hash(fields.take::<HASH_BYTES>()?),
            body_crc: u32::from_be_bytes(fields.take()?),
        };
        let counted = header.first.checked_add(u64::from(header.count)) == Some(header.size_after);
        let in_limits = header.count as usize <= FRAME_LEAVES_MAX
            && header.body_bytes as usize <= BODY_BYTES_MAX;
        (counted && in_limits && header.count > 0).then_some(header)
    }

    /// What the next frame names as `previous`: the RFC 6962 leaf hash of the header.
    ///
    /// The header holds the root after the frame, so this commits to every leaf so far.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.to_bytes())
    }

    /// Bytes of header and body.
    pub fn frame_bytes(&self) -> usize {
        HEADER_BYTES + self.body_bytes as usize
    }
}

/// What the first frame of a log names as `previous`.
pub fn first_link(origin: &str) -> Hash {
    leaf_hash(format!("avow-log/v1\n{origin}\n").as_bytes())
}

/// The leaves of a body, which is encoded as an entry bundle; `count` of them exactly.
pub(crate) fn leaves(body: &[u8], count: u32) -> Result<Vec<&[u8]>> {
    let mut rest = body;
    let mut leaves = Vec::with_capacity(FRAME_LEAVES_MAX.min(count as usize));
    while !rest.is_empty() {
        let leaf = rest
            .split_first_chunk::<2>()
            .and_then(|(length, after)| {
                after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
            })
            .ok_or_else(|| Error::corrupt("a frame ends within a leaf"))?;
        leaves.push(leaf.0);
        rest = leaf.1;
    }
    if leaves.len() != count as usize {
        return Err(Error::corrupt(format!(
            "a frame holds {} leaves, not {count}",
            leaves.len()
        )));
    }
    Ok(leaves)
}

/// How many of the leaves, from the first, fit one frame; at least one.
pub(crate) fn leaves_that_fit(leaves: &[&[u8]]) -> usize {
    let mut bytes = 0;
    let fit = leaves.iter().take(FRAME_LEAVES_MAX).take_while(|leaf| {
        bytes += 2 + leaf.len();
        bytes <= BODY_BYTES_MAX
    });
    fit.count().max(1)
}

/// The body of a frame.
pub(crate) fn body(leaves: &[&[u8]]) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(leaves.iter().map(|leaf| 2 + leaf.len()).sum());
    for leaf in leaves {
        push_entry(&mut body, leaf)?;
    }
    Ok(body)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}
