//! Tiles and bundles: paths, widths, bytes; and a log of static files that lies.

use std::collections::BTreeMap;

use avow_tlog::{
    Algorithm, Checkpoint, Error, ErrorKind, Fetch, Hash, SignerKey, StaticLog, TILE_WIDTH, Tile,
    TileKind, Tree, hashes_to_bytes, leaf_hash, level_width, parse_bundle, parse_hashes,
    push_entry, verify_inclusion,
};
use proptest::prelude::*;

const ORIGIN: &str = "example.com/log";

#[test]
fn paths_are_written_as_the_format_says() {
    for (kind, index, width, path) in [
        (TileKind::Hashes(0), 0, 256, "tile/0/000"),
        (TileKind::Hashes(3), 1_234_067, 256, "tile/3/x001/x234/067"),
        (TileKind::Hashes(63), 999, 1, "tile/63/999.p/1"),
        (TileKind::Entries, 1000, 255, "tile/entries/x001/000.p/255"),
        (
            TileKind::Entries,
            u64::MAX,
            256,
            "tile/entries/x018/x446/x744/x073/x709/x551/615",
        ),
    ] {
        let tile = Tile::new(kind, index, width).unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(Tile::parse(path).unwrap(), tile);
    }
}

#[test]
fn paths_with_a_second_spelling_are_refused() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/Entries/000",
        "tile/entries/x018/x446/x744/x073/x709/x551/616",
    ] {
        assert!(Tile::parse(path).is_err(), "{path}");
    }
}

/// The example of the specification: 70,000 leaves.
#[test]
fn the_tiles_of_a_tree_have_the_widths_of_the_specification() {
    let width = |kind, index| Tile::in_tree(kind, index, 70_000).map(|tile| tile.width());
    assert_eq!(width(TileKind::Hashes(0), 272), Some(256));
    assert_eq!(width(TileKind::Hashes(0), 273), Some(112));
    assert_eq!(width(TileKind::Entries, 273), Some(112));
    assert_eq!(width(TileKind::Hashes(0), 274), None);
    assert_eq!(width(TileKind::Hashes(1), 0), Some(256));
    assert_eq!(width(TileKind::Hashes(1), 1), Some(17));
    assert_eq!(width(TileKind::Hashes(2), 0), Some(1));
    assert_eq!(width(TileKind::Hashes(3), 0), None);
    assert_eq!(level_width(256, 1), 1);
    assert_eq!(level_width(u64::MAX, 7), 255);
    assert_eq!(level_width(u64::MAX, 8), 0);
}

#[test]
fn bundles_hold_leaves_of_any_length_and_nothing_else() {
    let long = vec![7; 65_535];
    let mut bundle = Vec::new();
    for leaf in [b"".as_slice(), b"x", &long] {
        push_entry(&mut bundle, leaf).unwrap();
    }
    assert_eq!(
        parse_bundle(&bundle, 3).unwrap(),
        [b"".as_slice(), b"x", &long]
    );
    assert!(parse_bundle(&bundle, 2).is_err(), "bytes are left over");
    assert!(parse_bundle(&bundle, 4).is_err(), "an entry is missing");
    for cut in [1, 2, 3, 4, 6, bundle.len() - 1] {
        assert!(parse_bundle(&bundle[..cut], 3).is_err(), "{cut}");
    }
    let before = bundle.clone();
    let error = push_entry(&mut bundle, &vec![7; 65_536]).unwrap_err();
    assert_eq!((error.kind(), bundle), (ErrorKind::TooLarge, before));
}

#[test]
fn a_tile_of_the_wrong_length_is_refused() {
    let hashes = [leaf_hash(b"a"), leaf_hash(b"b")];
    let bytes = hashes_to_bytes(&hashes);
    assert_eq!(parse_hashes(&bytes, 2).unwrap(), hashes);
    for (bytes, width) in [
        (&bytes[..63], 2),
        (&bytes[..32], 2),
        (&bytes[..], 1),
        (&[][..], 1),
    ] {
        assert!(parse_hashes(bytes, width).is_err());
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// A log of static files in memory, and its keys.
fn files(size: u64) -> (Files, SignerKey) {
    let key = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [1; 32]).unwrap();
    let mut tree = Tree::new();
    let mut levels: Vec<Vec<Hash>> = vec![Vec::new(); 8];
    let mut files = Files::new();
    for n in 0..size {
        tree.push_each(leaf_hash(&n.to_be_bytes()), &mut |level, _, hash| {
            if level.is_multiple_of(8) {
                levels[level as usize / 8].push(*hash);
            }
        });
    }
    for (level, hashes) in levels.iter().enumerate() {
        for (index, tile) in hashes.chunks(256).enumerate() {
            let kind = TileKind::Hashes(level as u8);
            let tile_path = Tile::new(kind, index as u64, tile.len() as u16).unwrap();
            files.insert(tile_path.to_string(), hashes_to_bytes(tile));
        }
    }
    for index in 0..size.div_ceil(TILE_WIDTH) {
        let tile = Tile::in_tree(TileKind::Entries, index, size).unwrap();
        let mut bundle = Vec::new();
        for n in index * TILE_WIDTH..index * TILE_WIDTH + u64::from(tile.width()) {
            push_entry(&mut bundle, &n.to_be_bytes()).unwrap();
        }
        files.insert(tile.to_string(), bundle);
    }
    let head = Checkpoint::new(ORIGIN, size, tree.root()).unwrap();
    files.insert("checkpoint".to_owned(), head.sign(&[&key], 0).unwrap());
    (files, key)
}

fn fetch(files: Files) -> Box<Fetch<'static>> {
    Box::new(move |path: &str| {
        files
            .get(path)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, path))
    })
}

fn open(files: &Files, key: &SignerKey) -> avow_tlog::Result<StaticLog<'static>> {
    StaticLog::open(ORIGIN, &[key.verifier().clone()], fetch(files.clone()))
}

#[test]
fn a_log_of_each_shape_verifies_in_full() {
    for size in [
        0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537,
    ] {
        let (files, key) = files(size);
        let mut log = open(&files, &key).unwrap();
        let mut next = 0u64;
        log.verify_all(&mut |index, leaf| {
            assert_eq!((index, leaf), (next, next.to_be_bytes().as_slice()));
            next += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(next, size);
        let root = *log.head().get().root();
        for index in [0, size / 3, size.saturating_sub(1)] {
            if index < size {
                let path = log.prove_inclusion(index).unwrap();
                let leaf = leaf_hash(&index.to_be_bytes());
                verify_inclusion(index, size, &leaf, &path, &root).unwrap();
            }
        }
    }
}

#[test]
fn any_altered_missing_or_shortened_file_is_noticed() {
    let (whole, key) = files(256 * 256 + 256 + 3);
    for path in whole.keys() {
        // Most are full tiles of one kind; each of the others is tried.
        let hash = path
            .bytes()
            .fold(0u32, |n, b| n.wrapping_mul(31) + u32::from(b));
        if path.matches('/').count() == 2 && hash % 61 != 0 && !path.ends_with("000") {
            continue;
        }
        let verify = |files: &Files| {
            open(files, &key).and_then(|mut log| log.verify_all(&mut |_, _| Ok(())))
        };
        let mut files = whole.clone();
        let bytes = files.get_mut(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        assert!(verify(&files).is_err(), "altered {path}");
        files.get_mut(path).unwrap().pop();
        assert!(verify(&files).is_err(), "shortened {path}");
        files.remove(path);
        assert!(verify(&files).is_err(), "missing {path}");
    }
}

#[test]
fn a_full_tile_stands_in_for_a_partial_one_that_was_deleted() {
    let (mut old, key) = files(700);
    let (later, _) = files(1024);
    for path in ["tile/0/002.p/188", "tile/entries/002.p/188"] {
        old.remove(path).unwrap();
        let full = path.split(".p").next().unwrap();
        old.insert(full.to_owned(), later[full].clone());
    }
    let mut log = open(&old, &key).unwrap();
    let mut count = 0;
    log.verify_all(&mut |_, _| {
        count += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(count, 700);
}

/// Tiles that fit each other, under a checkpoint of another tree.
#[test]
fn the_files_of_another_tree_are_refused_when_the_log_is_opened() {
    for size in [1, 255, 256, 700] {
        let (mut whole, key) = files(size);
        let other = Checkpoint::new(ORIGIN, size, leaf_hash(b"another root")).unwrap();
        whole.insert("checkpoint".to_owned(), other.sign(&[&key], 0).unwrap());
        assert_eq!(
            open(&whole, &key).err().unwrap().kind(),
            ErrorKind::BadProof,
            "{size}"
        );
    }
}

#[test]
fn two_tiles_exchanged_are_noticed() {
    let (mut files, key) = files(600);
    let other = files["tile/0/001"].clone();
    let one = files.insert("tile/0/000".to_owned(), other).unwrap();
    files.insert("tile/0/001".to_owned(), one);
    let mut log = open(&files, &key).unwrap();
    assert_eq!(log.hashes(0, 3, 1).unwrap_err().kind(), ErrorKind::BadProof);
    assert_eq!(
        log.hashes(0, 599, 1).unwrap(),
        [leaf_hash(&599u64.to_be_bytes())]
    );
    assert_eq!(
        log.hashes(0, 599, 2).unwrap_err().kind(),
        ErrorKind::OutOfRange
    );
}

proptest! {
    #[test]
    fn each_tile_has_one_path(level in 0u8..=63, entries in any::<bool>(), index in any::<u64>(),
        shift in 0u32..64, width in 1u16..=256
    ) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let tile = Tile::new(kind, index >> shift, width).unwrap();
        prop_assert_eq!(Tile::parse(&tile.to_string()).unwrap(), tile);
    }
}
