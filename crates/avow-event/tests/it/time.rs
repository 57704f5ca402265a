//! Instants against jiff, which we did not write.

use avow_event::Micros;
use proptest::prelude::*;

proptest! {
    #[test]
    fn text_form_agrees_with_jiff(micros in Micros::MIN.get()..=Micros::MAX.get()) {
        let ours = Micros::new(micros).unwrap().to_string();
        let theirs = jiff::Timestamp::from_microsecond(micros);
        if let Ok(theirs) = theirs {
            prop_assert_eq!(&ours, &format!("{theirs:.6}"));
        }
        prop_assert_eq!(Micros::parse(&ours).unwrap().get(), micros);
    }

    #[test]
    fn offsets_agree_with_jiff(
        seconds in -62_000_000_000_i64..253_000_000_000,
        hours in -23_i64..=23,
        minutes in 0_i64..60,
    ) {
        let base = jiff::Timestamp::from_second(seconds).unwrap();
        let sign = if hours < 0 { '-' } else { '+' };
        let local = format!("{base:.0}").replace('Z', "");
        let text = format!("{local}{sign}{:02}:{minutes:02}", hours.abs());
        let theirs: jiff::Timestamp = text.parse().unwrap();
        prop_assert_eq!(Micros::parse(&text).unwrap().get(), theirs.as_microsecond());
    }
}

#[test]
fn impossible_times_are_refused() {
    for text in [
        "",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.0000000001Z",
        "2026-01-01T00:00:00+24:00",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-01-01T00:00:00Zx",
        "２026-01-01T00:00:00Z",
    ] {
        assert!(Micros::parse(text).is_err(), "{text}");
    }
}
