//! Independent implementations: crates `tlog_tiles` and `signed_note` of Cloudflare's Azul.
//!
//! They have no ML-DSA-44 and no subtrees, and write tile paths with a height
//! (`tile/8/…`) and `data` for bundles; that is translated here.

use std::cell::RefCell;

use avow_tlog::{
    Algorithm, Checkpoint, Hash, Note, SignerKey, TILE_HEIGHT, Tile, TileKind, Tree, VerifierKey,
    leaf_hash, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::HashReader;

const ORIGIN: &str = "example.com/log";

/// Hashes as the other crate stores them: all nodes in the order of completion.
#[derive(Default)]
struct TheirStore(RefCell<Vec<tlog_tiles::Hash>>);

impl HashReader for TheirStore {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let stored = self.0.borrow();
        Ok(indexes
            .iter()
            .map(|index| stored[*index as usize])
            .collect())
    }
}

struct Both {
    theirs: TheirStore,
    tree: Tree,
    levels: Vec<Vec<Hash>>,
}

fn both(size: u64) -> Both {
    let (theirs, mut tree, mut levels) = (TheirStore::default(), Tree::new(), vec![vec![]; 8]);
    for n in 0..size {
        let data = n.to_le_bytes();
        let hashes = tlog_tiles::stored_hashes(n, &data, &theirs).unwrap();
        theirs.0.borrow_mut().extend(hashes);
        tree.push_each(leaf_hash(&data), &mut |level, _, hash| {
            if level.is_multiple_of(TILE_HEIGHT) {
                levels[(level / TILE_HEIGHT) as usize].push(*hash);
            }
        });
    }
    Both {
        theirs,
        tree,
        levels,
    }
}

impl Both {
    fn read(&self) -> impl FnMut(u8, u64, u64) -> avow_tlog::Result<Vec<Hash>> + '_ {
        |level, first, count| {
            Ok(self.levels[level as usize][first as usize..(first + count) as usize].to_vec())
        }
    }
}

fn ours(theirs: &[tlog_tiles::Hash]) -> Vec<Hash> {
    theirs.iter().map(|hash| Hash(hash.0)).collect()
}

fn their_path(tile: &Tile) -> String {
    let path = tile.to_string();
    path.replacen("tile/entries/", "tile/8/data/", 1).replacen(
        "tile/",
        if path.starts_with("tile/entries/") {
            "tile/"
        } else {
            "tile/8/"
        },
        1,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn trees_and_proofs_equal_those_of_tlog_tiles(size in 1u64..900, a in any::<u64>()) {
        let both = both(size);
        let root = both.tree.root();
        prop_assert_eq!(tlog_tiles::tree_hash(size, &both.theirs).unwrap().0, root.0);
        let index = a % size;
        let proof = prove_inclusion(index, size, &mut both.read()).unwrap();
        let theirs = tlog_tiles::prove_record(size, index, &both.theirs).unwrap();
        prop_assert_eq!(&ours(&theirs), &proof);
        verify_inclusion(index, size, &leaf_hash(&index.to_le_bytes()), &proof, &root).unwrap();
        let old = index + 1;
        let proof = prove_consistency(old, size, &mut both.read()).unwrap();
        let theirs = tlog_tiles::prove_tree(size, old, &both.theirs).unwrap();
        prop_assert_eq!(&ours(&theirs), &proof);
        let old_root = tlog_tiles::tree_hash(old, &both.theirs).unwrap();
        verify_consistency(old, size, &proof, &Hash(old_root.0), &root).unwrap();
        tlog_tiles::check_tree(&theirs, size, tlog_tiles::Hash(root.0), old, old_root).unwrap();
    }

    #[test]
    fn tile_paths_equal_those_of_tlog_tiles(level in 0u8..=63, entries in any::<bool>(),
        index in any::<u64>(), shift in 0u32..64, width in 1u16..=256
    ) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let tile = Tile::new(kind, index >> shift, width).unwrap();
        let level = if entries { 0 } else { level };
        let theirs = tlog_tiles::Tile::new(8, level, index >> shift, u32::from(width), entries);
        prop_assert_eq!(their_path(&tile), theirs.path());
        prop_assert!(tlog_tiles::Tile::from_path(&their_path(&tile)).is_ok());
    }

    /// Texts near to a note: both accept the same, or the difference is a limit of ours.
    #[test]
    fn notes_are_accepted_as_by_signed_note(
        text in "[a\n]{0,5}", name in "[a +\u{e9}\u{2003}\t]{0,3}",
        signature in prop_oneof!["[AB]{0,10}={0,2}", "[AE]{8}", "[AE]{7}="],
        end in prop_oneof!["\n", "", "\n\n", "\n— a AAAAAAA=\n"],
    ) {
        let note = format!("{text}\n\n— {name} {signature}{end}");
        let (our, their) = (Note::parse(note.as_bytes()), signed_note::Note::from_bytes(note.as_bytes()));
        prop_assert_eq!(our.is_ok(), their.is_ok(), "{:?}: {:?}", note, their.err());
        if let (Ok(our), Ok(their)) = (our, their) {
            prop_assert_eq!(our.text.as_bytes(), their.text());
            prop_assert_eq!(our.to_bytes(), their.to_bytes());
        }
    }
}

#[test]
fn our_checkpoint_opens_with_signed_note_and_tlog_tiles() {
    let keys = [
        SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [1; 32]).unwrap(),
        SignerKey::from_seed(ORIGIN, Algorithm::CosignatureMlDsa44, [2; 32]).unwrap(),
    ];
    let root = leaf_hash(b"root");
    let note = Checkpoint::new(ORIGIN, 7, root)
        .unwrap()
        .sign(&[&keys[0], &keys[1]], 9)
        .unwrap();
    let theirs = signed_note::Note::from_bytes(&note).unwrap();
    let verifier = StandardVerifier::new(&keys[0].verifier().to_string()).unwrap();
    let (verified, unknown) = theirs
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .unwrap();
    assert_eq!(
        (verified.len(), unknown.len()),
        (1, 1),
        "ML-DSA-44 is unknown there"
    );
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), (ORIGIN, 7));
    assert_eq!((checkpoint.hash().0, checkpoint.extension()), (root.0, ""));
}

#[test]
fn a_note_signed_by_signed_note_opens_here() {
    let key = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [5; 32]).unwrap();
    let signer = StandardSigner::new(&key.to_secret_text()).unwrap();
    let text = Checkpoint::new(ORIGIN, 7, leaf_hash(b"root"))
        .unwrap()
        .to_text();
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer]).unwrap();
    let keys: [VerifierKey; 1] = [key.verifier().clone()];
    let head = Checkpoint::open(&note.to_bytes(), ORIGIN, &keys).unwrap();
    assert_eq!(head.get().size(), 7);
    let other = Note::parse(&note.to_bytes()).unwrap();
    assert_eq!(key.sign(&text, 0).unwrap(), other.signatures[0]);
}
