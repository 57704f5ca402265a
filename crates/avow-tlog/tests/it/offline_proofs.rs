//! Offline proofs: read, written, accepted and refused.

use avow_tlog::{
    Algorithm, Checkpoint, EXTRA_BYTES_MAX, ErrorKind, Hash, OfflineProof, Policy, SignerKey, Tree,
    VerifierKey, leaf_hash, node_hash,
};

const ORIGIN: &str = "example.com/log";

struct Fixture {
    key: SignerKey,
    leaves: [Hash; 3],
    proof: OfflineProof,
}

/// Leaf 1 of a tree of three.
fn fixture() -> Fixture {
    let key = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [1; 32]).unwrap();
    let leaves = [b"a", b"b", b"c"].map(|leaf| leaf_hash(leaf));
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    assert_eq!(
        tree.root(),
        node_hash(&node_hash(&leaves[0], &leaves[1]), &leaves[2])
    );
    let checkpoint = Checkpoint::new(ORIGIN, 3, tree.root())
        .unwrap()
        .sign(&[&key], 0)
        .unwrap();
    let path = vec![leaves[0], leaves[2]];
    let proof = OfflineProof {
        extra: Some(b"opaque".to_vec()),
        index: 1,
        path,
        checkpoint,
    };
    Fixture { key, leaves, proof }
}

impl Fixture {
    fn keys(&self) -> Vec<VerifierKey> {
        vec![self.key.verifier().clone()]
    }
}

#[test]
fn a_proof_is_written_as_the_format_says() {
    let fixture = fixture();
    let text = String::from_utf8(fixture.proof.to_bytes()).unwrap();
    let expected = format!(
        "c2sp.org/tlog-proof@v1\nextra b3BhcXVl\nindex 1\n{}\n{}\n\n{ORIGIN}\n3\n",
        fixture.leaves[0], fixture.leaves[2]
    );
    assert!(text.starts_with(&expected), "{text}");
    assert_eq!(OfflineProof::parse(text.as_bytes()).unwrap(), fixture.proof);
    let plain = OfflineProof {
        extra: None,
        path: vec![],
        ..fixture.proof
    };
    assert_eq!(OfflineProof::parse(&plain.to_bytes()).unwrap(), plain);
    let empty = OfflineProof {
        extra: Some(vec![]),
        ..plain
    };
    assert_eq!(OfflineProof::parse(&empty.to_bytes()).unwrap(), empty);
}

#[test]
fn a_proof_verifies_its_own_leaf_index_log_and_key_only() {
    let f = fixture();
    let verify = |proof: &OfflineProof, leaf: &Hash, origin: &str, keys: &[VerifierKey]| {
        proof
            .verify(leaf, origin, keys)
            .map(|_| ())
            .map_err(|error| error.kind())
    };
    assert_eq!(verify(&f.proof, &f.leaves[1], ORIGIN, &f.keys()), Ok(()));
    let bad = Err(ErrorKind::BadProof);
    assert_eq!(verify(&f.proof, &f.leaves[0], ORIGIN, &f.keys()), bad);
    for (index, path) in [
        (0, f.proof.path.clone()),
        (1, vec![f.leaves[0]]),
        (1, vec![]),
        (1, vec![f.leaves[2], f.leaves[0]]),
        (1, vec![f.leaves[0], f.leaves[2], f.leaves[2]]),
    ] {
        let other = OfflineProof {
            index,
            path,
            ..f.proof.clone()
        };
        assert_eq!(verify(&other, &f.leaves[1], ORIGIN, &f.keys()), bad);
    }
    let beyond = OfflineProof {
        index: 3,
        ..f.proof.clone()
    };
    assert_eq!(
        verify(&beyond, &f.leaves[1], ORIGIN, &f.keys()),
        Err(ErrorKind::OutOfRange)
    );
    let not_signed = Err(ErrorKind::NotSigned);
    assert_eq!(
        verify(&f.proof, &f.leaves[1], "example.com/other", &f.keys()),
        not_signed
    );
    assert_eq!(verify(&f.proof, &f.leaves[1], ORIGIN, &[]), not_signed);
    let other = SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [2; 32]).unwrap();
    assert_eq!(
        verify(&f.proof, &f.leaves[1], ORIGIN, &[other.verifier().clone()]),
        not_signed
    );
}

#[test]
fn every_byte_of_a_proof_counts_except_the_extra_data() {
    let f = fixture();
    let bytes = f.proof.to_bytes();
    let extra = bytes.windows(8).position(|w| w == b"b3BhcXVl").unwrap();
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        let read = OfflineProof::parse(&other);
        let verified = read.and_then(|proof| proof.verify(&f.leaves[1], ORIGIN, &f.keys()));
        if (extra..extra + 8).contains(&at) {
            continue; // Unauthenticated by design.
        }
        assert!(verified.is_err(), "byte {at}");
    }
}

#[test]
fn a_policy_decides_which_log_and_which_witnesses_suffice() {
    let f = fixture();
    let witness =
        SignerKey::from_seed("w.example", Algorithm::CosignatureMlDsa44, [3; 32]).unwrap();
    let policy = |quorum: &str| {
        let (log, witness) = (f.key.verifier(), witness.verifier());
        Policy::parse(format!("log {log}\nwitness w {witness}\nquorum {quorum}\n").as_bytes())
            .unwrap()
    };
    let verify = |proof: &OfflineProof, policy: &Policy| {
        proof
            .verify_with_policy(&f.leaves[1], policy)
            .map(|head| head.signers().len())
    };
    assert_eq!(verify(&f.proof, &policy("none")).unwrap(), 1);
    assert_eq!(
        verify(&f.proof, &policy("w")).unwrap_err().kind(),
        ErrorKind::NoQuorum
    );
    let mut note = avow_tlog::Note::parse(&f.proof.checkpoint).unwrap();
    note.signatures
        .push(witness.sign(&note.text, 1_767_225_600).unwrap());
    let cosigned = OfflineProof {
        checkpoint: note.to_bytes(),
        ..f.proof.clone()
    };
    assert_eq!(verify(&cosigned, &policy("w")).unwrap(), 2);
}

#[test]
fn malformed_proofs_are_refused() {
    let f = fixture();
    let text = String::from_utf8(f.proof.to_bytes()).unwrap();
    for (other, what) in [
        (text.replacen("@v1", "@v2", 1), "another version"),
        (text.replacen("index 1", "index 01", 1), "a leading zero"),
        (text.replacen("index 1\n", "", 1), "no index"),
        (text.replacen("index 1", "index  1", 1), "two spaces"),
        (
            text.replacen("extra b3BhcXVl\nindex 1", "index 1\nextra b3BhcXVl", 1),
            "another order",
        ),
        (text.replacen("b3BhcXVl", "b3BhcXVl=", 1), "bad base64"),
        (text.replacen("\n\n", "\n", 1), "no blank line"),
        (text.replace('\n', "\r\n"), "carriage returns"),
    ] {
        let verified = OfflineProof::parse(other.as_bytes())
            .and_then(|proof| proof.verify(&f.leaves[1], ORIGIN, &f.keys()));
        assert!(verified.is_err(), "{what}");
    }
    let long = OfflineProof {
        path: vec![f.leaves[0]; 65],
        ..f.proof.clone()
    };
    assert_eq!(
        OfflineProof::parse(&long.to_bytes()).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    let heavy = OfflineProof {
        extra: Some(vec![0; EXTRA_BYTES_MAX + 1]),
        ..f.proof
    };
    assert_eq!(
        OfflineProof::parse(&heavy.to_bytes()).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
}
