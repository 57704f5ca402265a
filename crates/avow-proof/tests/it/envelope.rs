//! The envelope: what is signed is what DSSE says, and nothing else is accepted.

use avow_proof::ProofError;
use avow_proof::envelope::{Envelope, signed_text};
use avow_tlog::{Algorithm, SignerKey};

fn key() -> SignerKey {
    SignerKey::from_seed("example.com/avow/log", Algorithm::Ed25519, [1; 32]).unwrap()
}

fn envelope(payload: &str) -> Envelope {
    Envelope::new(payload, key().sign(&signed_text(payload), 0).unwrap())
}

#[test]
fn the_signed_text_counts_bytes() {
    // The form of the example in the DSSE protocol.
    assert_eq!(
        signed_text("{\"a\":\"é\"}"),
        "DSSEv1 28 application/vnd.in-toto+json 10 {\"a\":\"é\"}"
    );
}

#[test]
fn what_was_signed_opens() {
    let json = envelope("{}").to_json();
    let read = Envelope::parse(json.as_bytes()).unwrap();
    assert_eq!(read.open(&[key().verifier()]).unwrap(), "{}");
}

#[test]
fn another_spelling_of_the_same_envelope_is_refused() {
    let json = envelope("{}").to_json();
    for other in [
        json.replace("\":\"", "\": \""),
        format!("{json}\n"),
        json.replace("\"payload\":", "\"p\\u0061yload\":"),
    ] {
        assert!(
            matches!(
                Envelope::parse(other.as_bytes()),
                Err(ProofError::EnvelopeMalformed { .. })
            ),
            "{other}"
        );
    }
}

#[test]
fn a_signature_on_a_checkpoint_is_none_on_a_statement() {
    // The payload alone, without its encoding, was signed as a note would be.
    let payload = "example.com/avow/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    let forged = Envelope::new(payload, key().sign(payload, 0).unwrap());
    assert!(matches!(
        forged.open(&[key().verifier()]),
        Err(ProofError::StatementSignature { .. })
    ));
}

#[test]
fn each_way_to_fail_has_its_own_error() {
    let json = envelope("{}").to_json();
    let parse = |text: String| Envelope::parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        parse(json.replace("vnd.in-toto+json", "json")),
        ProofError::PayloadType {
            found: "application/json".to_owned()
        }
    );
    let (head, _) = json.split_once("[{").unwrap();
    assert_eq!(parse(format!("{head}[]}}")), ProofError::StatementUnsigned);
    assert!(matches!(
        parse(json.replace("e30=", "e31=")),
        ProofError::EnvelopeMalformed { .. }
    ));
    let other = SignerKey::from_seed("example.com/avow/log", Algorithm::Ed25519, [2; 32]).unwrap();
    assert!(matches!(
        envelope("{}").open(&[other.verifier()]),
        Err(ProofError::StatementKey { .. })
    ));
    let mut altered = envelope("{}");
    altered.payload = b"[]".to_vec();
    assert!(matches!(
        altered.open(&[key().verifier()]),
        Err(ProofError::StatementSignature { .. })
    ));
}
