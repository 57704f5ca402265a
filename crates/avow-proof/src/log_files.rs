//! Files of a log, by the paths of tlog-tiles: which there are, and reading all.
//!
//! Where they come from is left to the caller: parts of a proof, or a folder.

use std::collections::BTreeMap;

use avow_tlog::{
    Checkpoint, Error, ErrorKind, HASH_BYTES, Hash, StaticLog, TILE_HEIGHT, TILE_WIDTH, Tile,
    TileKind, Tree, Verified, hashes_to_bytes, leaf_hash, level_width, parse_bundle, push_entry,
};

use crate::error::ProofError;

/// Tile levels of a tree with fewer than 2^64 leaves.
const LEVELS: u8 = 8;

/// Bytes before each leaf of a bundle: its length.
const LENGTH_BYTES: usize = 2;

/// The paths of all tiles and bundles of a tree of `size` leaves.
pub(crate) fn paths(size: u64) -> impl Iterator<Item = String> {
    let levels = (0..LEVELS).map(TileKind::Hashes);
    let kinds = levels.chain([TileKind::Entries]);
    kinds.flat_map(move |kind| {
        let level = match kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let count = level_width(size, level).div_ceil(TILE_WIDTH);
        (0..count)
            .filter_map(move |index| Tile::in_tree(kind, index, size))
            .map(|tile| tile.to_string())
    })
}

/// Takes a leaf and its index.
pub(crate) type EachLeaf<'a> = dyn FnMut(u64, &[u8]) -> Result<(), ProofError> + 'a;

/// Reads every file of the log as of `head`, checks that all of them lead to
/// its root, and gives every leaf to `each`, in order.
///
/// # Errors
/// A file cannot be had or read, or is not the signed one, or what `each` says.
pub(crate) fn read_all(
    head: Verified<Checkpoint>,
    fetch: &dyn Fn(&str) -> Option<Vec<u8>>,
    each: &mut EachLeaf<'_>,
) -> Result<(), ProofError> {
    let fetch = |path: &str| {
        fetch(path)
            .or_else(|| wider(path, fetch))
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, format!("there is no file `{path}`")))
    };
    let mut log = StaticLog::at(head, Box::new(fetch)).map_err(|error| failed(&error))?;
    // What `each` says must not be mistaken for what the log's reader says.
    let mut refused = None;
    let read = log.verify_all(&mut |index, leaf| {
        each(index, leaf).map_err(|error| {
            let stop = Error::new(ErrorKind::Malformed, error.to_string());
            refused = Some(error);
            stop
        })
    });
    match (refused, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(failed(&error)),
        (None, Ok(())) => Ok(()),
    }
}

pub(crate) fn failed(error: &Error) -> ProofError {
    let detail = error.to_string();
    match error.kind() {
        ErrorKind::BadProof => ProofError::LogDiffers { detail },
        _ => ProofError::LogUnreadable { detail },
    }
}

/// A partial tile or bundle out of a wider one: the log has grown since.
fn wider(path: &str, fetch: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let tile = Tile::parse(path).ok()?;
    let wanted = usize::from(tile.width());
    for width in tile.width() + 1..=TILE_WIDTH as u16 {
        let wide = Tile::new(tile.kind(), tile.index(), width).ok()?;
        let Some(mut bytes) = fetch(&wide.to_string()) else {
            continue;
        };
        let length = match tile.kind() {
            TileKind::Hashes(_) => HASH_BYTES * wanted,
            TileKind::Entries => {
                let leaves = parse_bundle(&bytes, width).ok()?;
                let kept = leaves.iter().take(wanted);
                kept.map(|leaf| LENGTH_BYTES + leaf.len()).sum()
            }
        };
        bytes.truncate(length);
        return Some(bytes);
    }
    None
}

/// All tiles and bundles of the tree over these leaves, by path.
pub(crate) fn files(leaves: &[Vec<u8>]) -> Result<Vec<(String, Vec<u8>)>, ProofError> {
    let mut tree = Tree::new();
    let mut levels: BTreeMap<u8, Vec<Hash>> = BTreeMap::new();
    for leaf in leaves {
        tree.push_each(leaf_hash(leaf), &mut |level, _, hash| {
            if level.is_multiple_of(TILE_HEIGHT) {
                let hashes = levels.entry((level / TILE_HEIGHT) as u8).or_default();
                hashes.push(*hash);
            }
        });
    }
    let mut files = Vec::new();
    for (level, hashes) in levels {
        for (index, hashes) in (0..).zip(hashes.chunks(TILE_WIDTH as usize)) {
            let tile = tile(TileKind::Hashes(level), index, hashes.len())?;
            files.push((tile, hashes_to_bytes(hashes)));
        }
    }
    for (index, leaves) in (0..).zip(leaves.chunks(TILE_WIDTH as usize)) {
        let mut bundle = Vec::new();
        for leaf in leaves {
            push_entry(&mut bundle, leaf).map_err(|error| failed(&error))?;
        }
        files.push((tile(TileKind::Entries, index, leaves.len())?, bundle));
    }
    Ok(files)
}

fn tile(kind: TileKind, index: u64, width: usize) -> Result<String, ProofError> {
    // A chunk has at most 256 elements.
    let tile = Tile::new(kind, index, width as u16).map_err(|error| failed(&error))?;
    Ok(tile.to_string())
}
