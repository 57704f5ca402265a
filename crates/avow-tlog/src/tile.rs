//! Tiles of 256 hashes, bundles of 256 leaves, and their paths: tlog-tiles.
//!
//! Fetching and verifying them is left to `static_log`.

use std::fmt;

use crate::decimal;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::{HASH_BYTES, Hash};

/// Levels of the tree that one tile spans.
pub const TILE_HEIGHT: u32 = 8;

/// Hashes in a full tile, leaves in a full bundle: 2^[`TILE_HEIGHT`].
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// Bytes of a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH as usize * HASH_BYTES;

/// The highest tile level the format can write. Levels above 7 hold nothing in
/// a tree of at most 2^64 leaves, but paths of them are well formed.
pub const TILE_LEVEL_MAX: u8 = 63;

/// Bytes of the longest leaf: a bundle gives the length in 16 bits.
pub const LEAF_BYTES_MAX: usize = u16::MAX as usize;

/// Bytes of the longest bundle: 256 leaves of the greatest length, each with its two length bytes.
pub const BUNDLE_BYTES_MAX: usize = TILE_WIDTH as usize * (2 + LEAF_BYTES_MAX);

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes of one tile level; level 0 holds the hashes of leaves.
    Hashes(u8),
    /// The leaves themselves.
    Entries,
}

/// The coordinates of one tile or bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl Tile {
    /// A tile by kind, index within its level and width (1 to 256).
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self> {
        if width == 0 || u64::from(width) > TILE_WIDTH {
            return Err(Error::out_of_range(format!(
                "a tile has 1 to {TILE_WIDTH} hashes, not {width}"
            )));
        }
        if matches!(kind, TileKind::Hashes(level) if level > TILE_LEVEL_MAX) {
            return Err(Error::out_of_range(format!(
                "tile levels end at {TILE_LEVEL_MAX}"
            )));
        }
        Ok(Self { kind, index, width })
    }

    /// The tile at `index` as far as a tree of `size` leaves fills it; none if it is empty.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let first = index.checked_mul(TILE_WIDTH)?;
        let width = level_width(size, level).checked_sub(first)?.min(TILE_WIDTH);
        Self::new(kind, index, width as u16).ok()
    }

    /// Hashes or leaves.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// The index of the tile within its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or leaves it holds.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds fewer than 256.
    pub fn is_partial(&self) -> bool {
        u64::from(self.width) < TILE_WIDTH
    }

    /// The full tile in the same place: its first `width` hashes are this tile's.
    #[must_use]
    pub fn full(&self) -> Self {
        Self {
            width: TILE_WIDTH as u16,
            ..*self
        }
    }

    /// Parses a path below the prefix of a log, such as `tile/0/x001/234.p/7`.
    ///
    /// Only the one spelling that [`Tile`] itself prints is accepted.
    pub fn parse(path: &str) -> Result<Self> {
        let malformed = || Error::malformed(format!("`{path}` is not the path of a tile"));
        let rest = path.strip_prefix("tile/").ok_or_else(malformed)?;
        let (level, rest) = rest.split_once('/').ok_or_else(malformed)?;
        let kind = match level {
            "entries" => TileKind::Entries,
            _ => decimal::parse(level)
                .and_then(|level| u8::try_from(level).ok())
                .filter(|level| *level <= TILE_LEVEL_MAX)
                .map(TileKind::Hashes)
                .ok_or_else(malformed)?,
        };
        let (rest, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((rest, width)) => {
                let width = decimal::parse(width).ok_or_else(malformed)?;
                if width == 0 || width >= TILE_WIDTH {
                    return Err(malformed());
                }
                (rest, width)
            }
        };
        let index = parse_index(rest).ok_or_else(malformed)?;
        Self::new(kind, index, width as u16)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut unit = 1u64;
        while self.index / unit >= 1000 {
            unit *= 1000;
        }
        while unit > 1 {
            write!(f, "x{:03}/", self.index / unit % 1000)?;
            unit /= 1000;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// How many hashes tile level `level` has in a tree of `size` leaves.
pub fn level_width(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level) * TILE_HEIGHT)
        .unwrap_or(0)
}

/// The hashes of a tile from its bytes; `width` of them, no more and no fewer.
pub fn parse_hashes(bytes: &[u8], width: u16) -> Result<Vec<Hash>> {
    if bytes.len() != usize::from(width) * HASH_BYTES {
        return Err(Error::malformed(format!(
            "a tile of {width} hashes has {} bytes, not {}",
            usize::from(width) * HASH_BYTES,
            bytes.len()
        )));
    }
    bytes
        .chunks_exact(HASH_BYTES)
        .map(Hash::from_slice)
        .collect()
}

/// The bytes of a tile.
pub fn hashes_to_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The leaves of a bundle from its bytes; `width` of them, no more and no fewer.
pub fn parse_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>> {
    let mut leaves = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    for n in 0..width {
        let cut_short =
            || Error::malformed(format!("entry bundle ends within entry {n} of {width}"));
        let (length, after) = rest.split_first_chunk::<2>().ok_or_else(cut_short)?;
        let (leaf, after) = after
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or_else(cut_short)?;
        leaves.push(leaf);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(Error::malformed(format!(
            "entry bundle has {} bytes after its {width} entries",
            rest.len()
        )));
    }
    Ok(leaves)
}

/// Appends a leaf to the bytes of a bundle.
pub fn push_entry(bundle: &mut Vec<u8>, leaf: &[u8]) -> Result<()> {
    let length = u16::try_from(leaf.len()).map_err(|_| {
        Error::new(
            ErrorKind::TooLarge,
            format!(
                "a leaf has at most {LEAF_BYTES_MAX} bytes, not {}",
                leaf.len()
            ),
        )
    })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(leaf);
    Ok(())
}

/// An index in groups of three digits, all but the last marked with `x`.
fn parse_index(text: &str) -> Option<u64> {
    let mut index = 0u64;
    let mut groups = text.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = if last {
            group
        } else {
            group.strip_prefix('x')?
        };
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let value: u64 = digits.parse().ok()?;
        // `x000/067` would be a second path of tile 67.
        if first && !last && value == 0 {
            return None;
        }
        first = false;
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    Some(index)
}
