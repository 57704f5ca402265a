//! The path of a tile: what is accepted is written back character for character.
#![no_main]

use avow_tlog::Tile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|path: &str| {
    if let Ok(tile) = Tile::parse(path) {
        assert_eq!(tile.to_string(), path);
    }
});
