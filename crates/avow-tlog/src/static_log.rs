//! Reading a log as static files, believing nothing but its signed root: tlog-tiles.
//!
//! Files arrive through a callback that is given a path and returns bytes, so
//! this works on a folder, a web server or an archive. Every hash and every
//! leaf handed out has been traced to the root of the checkpoint.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::checkpoint::{Checkpoint, Verified};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifierKey;
use crate::prove;
use crate::tile::{
    TILE_HEIGHT, TILE_WIDTH, Tile, TileKind, level_width, parse_bundle, parse_hashes,
};
use crate::tree::Tree;

/// The path of the signed checkpoint below a log's prefix.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// Fetches a file by its path below the log's prefix.
///
/// A missing file is an error of kind [`ErrorKind::Unavailable`]; for a
/// partial tile the full one is then tried.
pub type Fetch<'a> = dyn FnMut(&str) -> Result<Vec<u8>> + 'a;

/// Verified tiles kept at most. 1,024 tiles take 8 MiB, and every path through a
/// tree of 2^40 leaves needs 5: enough to read in order without fetching twice.
const TILES_KEPT_MAX: usize = 1024;

/// Tile levels that a tree of fewer than 2^64 leaves can have.
const LEVELS_MAX: u8 = 8;

/// A log in static files, as of one verified checkpoint.
pub struct StaticLog<'a> {
    head: Verified<Checkpoint>,
    fetch: Box<Fetch<'a>>,
    /// The partial tiles at the right edge, by level; together they give the root.
    edge: BTreeMap<u8, Vec<Hash>>,
    /// Full tiles that have been traced to the root, by level and index.
    full: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<'a> StaticLog<'a> {
    /// Opens a log by its own `checkpoint` file, which one of `log_keys` must have signed.
    pub fn open(origin: &str, log_keys: &[VerifierKey], fetch: Box<Fetch<'a>>) -> Result<Self> {
        let mut fetch = fetch;
        let note = fetch(CHECKPOINT_PATH)?;
        Self::at(Checkpoint::open(&note, origin, log_keys)?, fetch)
    }

    /// Opens a log at a checkpoint that is verified already.
    ///
    /// Reads the tiles of the right edge and checks that they give the root.
    pub fn at(head: Verified<Checkpoint>, fetch: Box<Fetch<'a>>) -> Result<Self> {
        let mut log = Self {
            head,
            fetch,
            edge: BTreeMap::new(),
            full: BTreeMap::new(),
        };
        let size = log.size();
        let mut tree = Tree::new();
        for level in (0..LEVELS_MAX).rev() {
            let width = (level_width(size, level) % TILE_WIDTH) as u16;
            if width == 0 {
                continue;
            }
            let tile = Tile::new(
                TileKind::Hashes(level),
                level_width(size, level) / TILE_WIDTH,
                width,
            )?;
            let hashes = log.fetch_hashes(&tile)?;
            for hash in &hashes {
                tree.push_subtree(u32::from(level) * TILE_HEIGHT, *hash)?;
            }
            log.edge.insert(level, hashes);
        }
        if tree.root() != *log.head.get().root() {
            return Err(Error::bad_proof(
                "the tiles at the right edge do not give the signed root",
            ));
        }
        Ok(log)
    }

    /// The checkpoint it is read at.
    pub fn head(&self) -> &Verified<Checkpoint> {
        &self.head
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.head.get().size()
    }

    /// Verified hashes: `count` of them on a tile level, from the one at `first`.
    pub fn hashes(&mut self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>> {
        let end = first
            .checked_add(count)
            .filter(|end| *end <= level_width(self.size(), level));
        let end = end.ok_or_else(|| Error::out_of_range("the tree has no such hashes"))?;
        let mut hashes = Vec::new();
        let mut next = first;
        while next < end {
            let index = next / TILE_WIDTH;
            let from = (next % TILE_WIDTH) as usize;
            let to = (end - index * TILE_WIDTH).min(TILE_WIDTH) as usize;
            let tile = self.tile(level, index)?;
            let part = tile.get(from..to);
            hashes.extend_from_slice(part.ok_or_else(|| Error::bad_proof("a tile is too narrow"))?);
            next = index * TILE_WIDTH + to as u64;
        }
        Ok(hashes)
    }

    /// The verified leaves of a whole bundle, as far as the tree fills it.
    pub fn bundle(&mut self, index: u64) -> Result<Vec<Vec<u8>>> {
        let tile = Tile::in_tree(TileKind::Entries, index, self.size())
            .ok_or_else(|| Error::out_of_range(format!("the tree has no bundle {index}")))?;
        let (bytes, width) = self.fetch_tile(&tile)?;
        let mut leaves = parse_bundle(&bytes, width).map_err(|e| e.during(&tile.to_string()))?;
        leaves.truncate(usize::from(tile.width()));
        let hashes = self.tile(0, index)?;
        for (n, (leaf, hash)) in leaves.iter().zip(hashes).enumerate() {
            if leaf_hash(leaf) != *hash {
                return Err(Error::bad_proof(format!(
                    "leaf {} is not the one in the signed tree",
                    index * TILE_WIDTH + n as u64
                )));
            }
        }
        Ok(leaves.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// Gives the verified leaves of a range to `each`, in order, with their indexes.
    pub fn leaves(
        &mut self,
        range: Range<u64>,
        each: &mut dyn FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        if range.end > self.size() || range.start > range.end {
            return Err(Error::out_of_range(format!(
                "the tree has {} leaves",
                self.size()
            )));
        }
        let mut next = range.start;
        while next < range.end {
            let first = next / TILE_WIDTH * TILE_WIDTH;
            for (index, leaf) in (first..).zip(self.bundle(next / TILE_WIDTH)?) {
                if range.contains(&index) {
                    each(index, &leaf)?;
                }
            }
            next = first + TILE_WIDTH;
        }
        Ok(())
    }

    /// The inclusion proof of a leaf in this tree.
    pub fn prove_inclusion(&mut self, index: u64) -> Result<Vec<Hash>> {
        let size = self.size();
        prove::prove_inclusion(index, size, &mut |level, first, count| {
            self.hashes(level, first, count)
        })
    }

    /// The proof that this tree extends the one of its first `old_size` leaves.
    pub fn prove_consistency(&mut self, old_size: u64) -> Result<Vec<Hash>> {
        let size = self.size();
        prove::prove_consistency(old_size, size, &mut |level, first, count| {
            self.hashes(level, first, count)
        })
    }

    /// The root of the first `size` leaves of this tree.
    pub fn root_at(&mut self, size: u64) -> Result<Hash> {
        if size > self.size() {
            return Err(Error::out_of_range(format!(
                "the tree has {} leaves",
                self.size()
            )));
        }
        prove::prove_root(size, &mut |level, first, count| {
            self.hashes(level, first, count)
        })
    }

    /// Reads every tile of every level and every bundle, and checks all of them.
    ///
    /// This is the full audit of a copy: any file that is missing or altered is
    /// an error. Each leaf is given to `each`, in order, after its bundle was checked.
    pub fn verify_all(&mut self, each: &mut dyn FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let size = self.size();
        for level in (1..LEVELS_MAX).rev() {
            for index in 0..level_width(size, level).div_ceil(TILE_WIDTH) {
                self.tile(level, index)?;
            }
        }
        self.leaves(0..size, each)
    }

    /// A verified tile, as far as the tree fills it.
    fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash]> {
        let width = level_width(self.size(), level);
        if index == width / TILE_WIDTH {
            let edge = self.edge.get(&level).map(Vec::as_slice);
            return edge.ok_or_else(|| Error::out_of_range("the tree has no such tile"));
        }
        if !self.full.contains_key(&(level, index)) {
            let hashes = self.verified_tile(level, index)?;
            if self.full.len() >= TILES_KEPT_MAX {
                // The lowest level goes first: it is the widest, and the least shared.
                self.full.pop_first();
            }
            self.full.insert((level, index), hashes);
        }
        let tile = self.full.get(&(level, index)).map(Vec::as_slice);
        tile.ok_or_else(|| Error::out_of_range("the tree has no such tile"))
    }

    /// Fetches a full tile and checks it against its hash in the tile above.
    fn verified_tile(&mut self, level: u8, index: u64) -> Result<Vec<Hash>> {
        let tile = Tile::new(TileKind::Hashes(level), index, TILE_WIDTH as u16)?;
        let hashes = self.fetch_hashes(&tile)?;
        let mut subtree = Tree::new();
        for hash in &hashes {
            subtree.push(*hash);
        }
        // Levels end at 7, where a tree of 64-bit size has no full tile.
        let place = (index % TILE_WIDTH) as usize;
        let above = self.tile(level + 1, index / TILE_WIDTH)?;
        if above.get(place) != Some(&subtree.root()) {
            return Err(Error::bad_proof(format!(
                "{tile} does not lead to the signed root"
            )));
        }
        Ok(hashes)
    }

    fn fetch_hashes(&mut self, tile: &Tile) -> Result<Vec<Hash>> {
        let (bytes, width) = self.fetch_tile(tile)?;
        let mut hashes = parse_hashes(&bytes, width).map_err(|e| e.during(&tile.to_string()))?;
        hashes.truncate(usize::from(tile.width()));
        Ok(hashes)
    }

    /// The bytes of a tile and its width: the width asked for, or the full one,
    /// since a log may delete a partial tile once the full one exists.
    fn fetch_tile(&mut self, tile: &Tile) -> Result<(Vec<u8>, u16)> {
        match (self.fetch)(&tile.to_string()) {
            Err(error) if error.kind() == ErrorKind::Unavailable && tile.is_partial() => {
                let full = tile.full();
                match (self.fetch)(&full.to_string()) {
                    Ok(bytes) => Ok((bytes, full.width())),
                    Err(_) => Err(error),
                }
            }
            fetched => fetched.map(|bytes| (bytes, tile.width())),
        }
    }
}
