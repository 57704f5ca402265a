//! The canonical bytes, against serde_json as an independent reader.

use avow_event::{Action, Event, Field, FieldKind, Micros, Value};
use proptest::prelude::*;

fn any_value(field: Field, text: &str, number: u64) -> Value<'_> {
    const PLACES: [&str; 3] = ["CN", "US", "UNKNOWN"];
    let pick = usize::try_from(number % 3).unwrap();
    match field.kind() {
        FieldKind::Text => Value::Text(text),
        FieldKind::Place => Value::Text(PLACES[pick]),
        FieldKind::Action => Value::Text(Action::ALL[pick].as_str()),
        FieldKind::Outcome => Value::Text(["success", "failure", "denied"][pick]),
        FieldKind::Category => Value::Text(["personal", "sensitive", "other"][pick]),
        FieldKind::Integer => Value::Integer(number),
        FieldKind::Boolean => Value::Boolean(number.is_multiple_of(2)),
        FieldKind::Time => Value::Time(Micros::new(i64::try_from(number / 4).unwrap()).unwrap()),
    }
}

prop_compose! {
    fn any_event()(
        chosen in proptest::collection::vec(any::<bool>(), Field::ALL.len()),
        text in "[^\\p{Cc}]{1,40}",
        number in 0..=avow_event::INTEGER_MAX,
    ) -> Event {
        let mut event = Event::new("s", 0, Micros::new(0).unwrap(), Action::Store);
        for (&field, chosen) in Field::ALL.iter().zip(chosen) {
            if chosen {
                event.set(field, any_value(field, &text, number)).unwrap();
            }
        }
        event
    }
}

proptest! {
    #[test]
    fn a_leaf_reads_back_as_its_event(event in any_event()) {
        let leaf = event.to_leaf();
        prop_assert!(leaf.len() <= avow_event::LEAF_BYTES_MAX);
        prop_assert_eq!(Event::from_leaf(&leaf).unwrap(), event);
    }

    #[test]
    fn serde_json_reads_the_same_and_sorts_the_same(event in any_event()) {
        let leaf = event.to_leaf();
        // serde_json's map is a BTreeMap, so it writes names in byte order.
        let value: serde_json::Value = serde_json::from_slice(&leaf).unwrap();
        prop_assert_eq!(serde_json::to_vec(&value).unwrap(), leaf);
    }

    #[test]
    fn whatever_reads_is_canonical(event in any_event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut leaf = event.to_leaf();
        let at = at.index(leaf.len());
        leaf[at] = byte;
        if let Ok(read) = Event::from_leaf(&leaf) {
            prop_assert_eq!(read.to_leaf(), leaf);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Event::from_leaf(&bytes);
    }
}

#[test]
fn other_spellings_of_an_event_are_refused() {
    let good = r#"{"action":"store","name":"a\"b\\c","seq":1,"source":"s","time":"2026-03-08T00:00:10.000000Z","v":1}"#;
    assert!(Event::from_leaf(good.as_bytes()).is_ok());
    for (from, to) in [
        (r#""seq":1"#, r#""seq":01"#),
        (r#""seq":1"#, r#""seq":1.0"#),
        (r#""seq":1"#, r#""seq":-0"#),
        (r#""seq":1"#, r#""seq": 1"#),
        (r#""seq":1"#, r#""seq":9007199254740992"#),
        (r#""seq":1"#, r#""seq":99999999999999999999"#),
        (r#""seq":1,"#, ""),
        (r#""seq":1,"#, r#""seq":1,"seq":1,"#),
        (r#""name""#, r#""nam\u0065""#),
        (r#"a\"b"#, r#"a\u0022b"#),
        (r#"a\"b"#, r#"a\/b"#),
        (r#""v":1"#, r#""v":2"#),
        (r#","v":1"#, ""),
        ("10.000000Z", "10Z"),
        ("T00:00:10.000000Z", " 00:00:10.000000Z"),
        ("10.000000Z", "10.000000+00:00"),
        ("}", "}\n"),
        (r#""store""#, r#""stored""#),
        (r#""source":"s""#, r#""source":"""#),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from} does not occur");
        assert!(Event::from_leaf(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn the_longest_event_fits_a_leaf() {
    let mut event = Event::new("s", 0, Micros::MAX, Action::Anonymise);
    let longest = "\"".repeat(avow_event::STRING_BYTES_MAX);
    for &field in Field::ALL {
        event
            .set(field, any_value(field, &longest, avow_event::INTEGER_MAX))
            .unwrap();
    }
    assert!(event.to_leaf().len() <= avow_event::LEAF_BYTES_MAX);
}
