//! The canonical bytes, against serde_json as an independent reader.

use avow_event::{Action, Event, Field, FieldKind, Micros, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
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

fn reads_only_if_canonical(leaf: &[u8]) -> Result<(), TestCaseError> {
    let read = Event::from_leaf(leaf);
    prop_assert_eq!(read.is_ok(), Event::visit_leaf(leaf, |_, _| ()).is_ok());
    if let Ok(read) = read {
        prop_assert_eq!(read.to_leaf(), leaf);
    }
    Ok(())
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
    fn serde_jcs_writes_the_same_bytes(event in any_event()) {
        let leaf = event.to_leaf();
        let value: serde_json::Value = serde_json::from_slice(&leaf).unwrap();
        prop_assert_eq!(serde_jcs::to_vec(&value).unwrap(), leaf);
    }

    #[test]
    fn whatever_reads_is_canonical(event in any_event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut leaf = event.to_leaf();
        let at = at.index(leaf.len());
        leaf[at] = byte;
        reads_only_if_canonical(&leaf)?;
    }

    #[test]
    fn whatever_reads_after_a_cut_and_a_paste_is_canonical(
        event in any_event(),
        other in any_event(),
        at in any::<[prop::sample::Index; 3]>(),
    ) {
        let (leaf, other) = (event.to_leaf(), other.to_leaf());
        let cut = at[0].index(leaf.len());
        let (from, to) = (at[1].index(other.len()), at[2].index(other.len()));
        let paste = &other[from.min(to)..from.max(to)];
        for rest in [cut, (cut + paste.len()).min(leaf.len())] {
            reads_only_if_canonical(&[&leaf[..cut], paste, &leaf[rest..]].concat())?;
        }
        prop_assert!(Event::from_leaf(&leaf[..cut]).is_err());
    }

    #[test]
    fn visiting_accepts_and_sees_what_reading_does(event in any_event()) {
        let mut seen = Event::new("", 0, Micros::MIN, Action::Gap);
        Event::visit_leaf(&event.to_leaf(), |field, value| seen.set(field, value).unwrap()).unwrap();
        prop_assert_eq!(seen, event);
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
        assert!(
            Event::visit_leaf(bad.as_bytes(), |_, _| ()).is_err(),
            "{bad}"
        );
    }
}

/// Values that are canonical JSON and still none that a field takes.
#[test]
fn values_that_no_event_has_are_refused() {
    let good = r#"{"action":"store","category":"other","mfa":true,"name":"n","outcome":"denied","place":"CN","seq":1,"source":"s","time":"2026-03-08T00:00:10.000000Z","v":1}"#;
    assert!(Event::from_leaf(good.as_bytes()).is_ok());
    let long = format!(
        "\"name\":\"{}\"",
        "n".repeat(avow_event::STRING_BYTES_MAX + 1)
    );
    for (from, to) in [
        (r#""other""#, r#""none""#),
        ("true", "1"),
        (r#""n""#, "1"),
        (r#""n""#, r#""\n""#),
        (r#""n""#, r#""\u0001""#),
        (r#""n""#, "\"\u{7f}\""),
        (r#""n""#, "\"\u{85}\""),
        (r#""denied""#, r#""Denied""#),
        (r#""CN""#, r#""cn""#),
        (r#""CN""#, r#""CHN""#),
        (r#""name":"n""#, &long),
        ("-03-08T", "-02-29T"),
        ("00:00:10", "00:00:60"),
        ("00:00:10", "00:00:0:"),
        ("00:00:10", "00:00:1/"),
        ("10.000000Z", "10.00000 Z"),
        (r#","v":1}"#, r#","v":1,"w":1}"#),
        (
            r#""name":"n","outcome":"denied""#,
            r#""outcome":"denied","name":"n""#,
        ),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from} does not occur");
        assert!(Event::from_leaf(bad.as_bytes()).is_err(), "{bad}");
        assert!(
            Event::visit_leaf(bad.as_bytes(), |_, _| ()).is_err(),
            "{bad}"
        );
    }
    let latin1 = [good.as_bytes(), b"\xff"].concat();
    assert!(Event::from_leaf(&latin1).is_err());
    let too_long = vec![b'{'; avow_event::LEAF_BYTES_MAX + 1];
    let error = Event::from_leaf(&too_long).unwrap_err().to_string();
    assert_eq!(error, "a leaf has at most 65535 bytes; this one has 65536");
}

/// The numbers of RFC 8785 appendix B that are in range, and its neighbours
/// that are not.
#[test]
fn integers_are_those_that_rfc_8785_calls_exact() {
    let leaf = |n: &str| {
        format!(
            r#"{{"action":"store","seq":{n},"source":"s","time":"2026-03-08T00:00:10.000000Z","v":1}}"#
        )
    };
    for n in ["0", "9007199254740991"] {
        let event = Event::from_leaf(leaf(n).as_bytes()).unwrap();
        assert_eq!(event.seq.to_string(), n);
        assert_eq!(event.to_leaf(), leaf(n).as_bytes());
    }
    for n in [
        "-0",
        "-9007199254740991",
        "9007199254740992",
        "9007199254740994",
        "9007199254740996",
        "295147905179352830000",
        "1e+21",
        "9.999999999999997e+22",
        "333333333.3333332",
        "00",
    ] {
        assert!(Event::from_leaf(leaf(n).as_bytes()).is_err(), "{n}");
    }
}

/// The escapes of RFC 8785 section 3.2.2.2 as its example has them. Leaves hold
/// no control characters, so the whole string stands in a disclosure.
#[test]
fn strings_are_escaped_as_in_the_example_of_rfc_8785() {
    let string = "\u{20ac}$\u{f}\nA'B\"\\\\\"/";
    let disclosure = avow_event::Disclosure::new("a", Value::Text(string), [0; 16]).unwrap();
    let json = BASE64URL.decode(disclosure.as_str()).unwrap();
    let expected = "[\"AAAAAAAAAAAAAAAAAAAAAA\",\"a\",\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"]";
    assert_eq!(String::from_utf8(json).unwrap(), expected);
    let printable = string.replace(['\u{f}', '\n'], "");
    let mut event = Event::new("s", 1, Micros::new(0).unwrap(), Action::Store);
    event.set(Field::Name, Value::Text(&printable)).unwrap();
    let expected = "\"name\":\"\u{20ac}$A'B\\\"\\\\\\\\\\\"/\"";
    assert!(
        String::from_utf8(event.to_leaf())
            .unwrap()
            .contains(expected)
    );
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
