//! Trust policies: what is read, what is refused, who makes a quorum.

use avow_tlog::{
    Algorithm, Checkpoint, ErrorKind, Note, POLICY_ITEMS_MAX, Policy, SignerKey, leaf_hash,
};

const ORIGIN: &str = "example.com/log";

fn log() -> SignerKey {
    SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [1; 32]).unwrap()
}

fn witness(n: u8) -> SignerKey {
    let algorithm = if n.is_multiple_of(2) {
        Algorithm::CosignatureEd25519
    } else {
        Algorithm::CosignatureMlDsa44
    };
    SignerKey::from_seed(&format!("w{n}.example"), algorithm, [100 + n; 32]).unwrap()
}

/// `@LOG` and `@1` to `@6` stand for verifier keys.
fn policy(text: &str) -> Result<Policy, avow_tlog::Error> {
    let mut text = text.replace("@LOG", &log().verifier().to_string());
    for n in 1..=6 {
        text = text.replace(&format!("@{n}"), &witness(n).verifier().to_string());
    }
    Policy::parse(text.as_bytes())
}

fn note(cosigners: &[u8]) -> Vec<u8> {
    let (log, cosigners): (_, Vec<SignerKey>) =
        (log(), cosigners.iter().map(|n| witness(*n)).collect());
    let keys: Vec<&SignerKey> = std::iter::once(&log).chain(&cosigners).collect();
    Checkpoint::new(ORIGIN, 7, leaf_hash(b"root"))
        .unwrap()
        .sign(&keys, 1_767_225_600)
        .unwrap()
}

/// The shape of the example in the specification.
const NESTED: &str = "# two organisations
log @LOG https://log.example/
witness X1 @1
witness X2 @2 https://x2.example/
witness\tX3  @3
group X 2 X1 X2 X3

  witness Y1 @4
witness Y2 @5
group Y any Y1 Y2
group X-and-Y all X Y
quorum X-and-Y
";

#[test]
fn a_nested_quorum_counts_each_organisation() {
    let policy = policy(NESTED).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 5));
    assert_eq!(
        policy.witnesses()[1].url.as_deref(),
        Some(b"https://x2.example/".as_slice())
    );
    for (cosigners, accepted) in [
        (&[][..], false),
        (&[1, 2, 3], false),
        (&[4, 5], false),
        (&[1, 4, 5], false),
        (&[1, 2, 4], true),
        (&[1, 3, 5], true),
        (&[1, 2, 3, 4, 5, 6], true),
        (&[1, 1, 4], false),
    ] {
        let opened = policy.open(&note(cosigners));
        match opened {
            Ok(head) => {
                assert!(accepted, "{cosigners:?}");
                let known = cosigners.iter().filter(|n| **n != 6).count();
                assert_eq!(head.signers().len(), 1 + known);
            }
            Err(error) => {
                assert!(!accepted, "{cosigners:?}");
                assert_eq!(error.kind(), ErrorKind::NoQuorum);
            }
        }
    }
}

#[test]
fn a_wrong_cosignature_of_a_known_witness_refuses_even_when_others_suffice() {
    let policy =
        policy("log @LOG\nwitness a @1\nwitness b @2\ngroup g any a b\nquorum g\n").unwrap();
    let mut note = Note::parse(&note(&[1, 2])).unwrap();
    policy.open(&note.to_bytes()).unwrap();
    *note.signatures[2].bytes.last_mut().unwrap() ^= 1;
    assert_eq!(
        policy.open(&note.to_bytes()).unwrap_err().kind(),
        ErrorKind::BadSignature
    );
}

#[test]
fn a_checkpoint_of_a_log_that_is_not_listed_is_refused() {
    let other = policy(&format!(
        "log {}\nquorum none\n",
        SignerKey::from_seed("example.com/other", Algorithm::Ed25519, [1; 32])
            .unwrap()
            .verifier()
    ));
    assert_eq!(
        other.unwrap().open(&note(&[])).unwrap_err().kind(),
        ErrorKind::NotSigned
    );
    // The same key under the log's name, but the checkpoint has another origin.
    let log = log();
    let forged = Checkpoint::new("example.com/else", 7, leaf_hash(b"root")).unwrap();
    let forged = forged.sign(&[&log], 0).unwrap();
    let policy = policy("log @LOG\nquorum none\n").unwrap();
    assert_eq!(
        policy.open(&forged).unwrap_err().kind(),
        ErrorKind::NotSigned
    );
}

#[test]
fn mistakes_in_a_policy_are_refused_with_their_line() {
    for (text, line, what) in [
        ("quorum none", "no newline", "the last line unfinished"),
        ("log @LOG\n", "no quorum", "no quorum"),
        ("quorum none\nquorum none\n", "line 2", "two quorums"),
        (
            "quorum w\nwitness w @1\n",
            "line 1",
            "a quorum before its definition",
        ),
        (
            "witness w @1\nwitness w @2\nquorum w\n",
            "line 2",
            "a name twice",
        ),
        (
            "witness w @1\nwitness v @1\nquorum w\n",
            "line 2",
            "a witness key twice",
        ),
        (
            "log @LOG\nlog @LOG\nquorum none\n",
            "line 2",
            "a log key twice",
        ),
        ("witness none @1\nquorum none\n", "line 1", "the name none"),
        (
            "witness w @LOG\nquorum w\n",
            "line 1",
            "a witness with a log's type of key",
        ),
        (
            "witness w @1\ngroup g 0 w\nquorum g\n",
            "line 2",
            "a threshold of 0",
        ),
        (
            "witness w @1\ngroup g 2 w\nquorum g\n",
            "line 2",
            "a threshold beyond the members",
        ),
        (
            "witness w @1\ngroup g 01 w\nquorum g\n",
            "line 2",
            "a leading zero",
        ),
        (
            "witness w @1\ngroup g any\nquorum g\n",
            "line 2",
            "no member",
        ),
        (
            "witness w @1\ngroup g any w w\nquorum g\n",
            "line 2",
            "a member twice",
        ),
        (
            "witness w @1\ngroup g any w\ngroup h any w\nquorum g\n",
            "line 3",
            "a member of two groups",
        ),
        ("group g any g\nquorum g\n", "line 1", "a group of itself"),
        (
            "witness w @1\ngroup g any none w\nquorum g\n",
            "line 2",
            "none as a member",
        ),
        ("logs @LOG\nquorum none\n", "line 1", "a word not known"),
        (
            "log @LOG url more\nquorum none\n",
            "line 1",
            "too many words",
        ),
        ("quorum none\r\n", "control character", "a carriage return"),
    ] {
        let error = policy(text).expect_err(what).to_string();
        assert!(error.contains(line), "{what}: {error}");
    }
    assert!(Policy::parse(b"# caf\xe9 and other octets\nquorum none\n").is_ok());
    assert!(Policy::parse(b"# delete\x7f\nquorum none\n").is_err());
}

#[test]
fn a_policy_holds_what_the_format_asks_for_and_is_limited() {
    let with = |count: usize| {
        let mut text = String::new();
        for n in 0..count {
            let key = SignerKey::from_seed(
                &format!("w{n}"),
                Algorithm::CosignatureEd25519,
                [n as u8 + 1; 32],
            );
            text.push_str(&format!("witness w{n} {}\n", key.unwrap().verifier()));
            text.push_str(&format!("group g{n} any w{n}\n"));
        }
        Policy::parse(format!("{text}quorum none\n").as_bytes())
    };
    assert!(with(32).is_ok());
    assert!(with(POLICY_ITEMS_MAX).is_ok());
    assert_eq!(
        with(POLICY_ITEMS_MAX + 1).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
}
