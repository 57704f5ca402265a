//! The verdict document: read back as written, and nothing else is read.

use avow_event::PlaceTable;
use avow_monitor::{Monitor, Pledge, Report};
use proptest::prelude::*;

use super::random_log::{log, random_pledge};

fn document(pledge: &Pledge, events: &[avow_event::Event], batch: usize) -> Vec<u8> {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), batch);
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    monitor.report(events.len() as u64, [9; 32]).to_json()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_document_reads_back_as_written(pledge in random_pledge(), events in log()) {
        let bytes = document(&pledge, &events, 8_192);
        let report = Report::from_json(&bytes).unwrap();
        prop_assert_eq!(report.to_json(), bytes);
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_batch_size(pledge in random_pledge(), events in log()) {
        let bytes = document(&pledge, &events, 1);
        for batch in [64, 8_192] {
            prop_assert_eq!(&bytes, &document(&pledge, &events, batch));
        }
    }

    #[test]
    fn any_other_byte_is_another_report_or_none(
        pledge in random_pledge(),
        events in log(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = document(&pledge, &events, 8_192);
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        let original = Report::from_json(&bytes).unwrap();
        bytes[at] = byte;
        if let Ok(changed) = Report::from_json(&bytes) {
            prop_assert_ne!(&changed, &original);
            prop_assert_eq!(changed.to_json(), bytes);
        }
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Report::from_json(&bytes);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let bytes = "[".repeat(1_000_000);
    assert!(Report::from_json(bytes.as_bytes()).is_err());
}

#[test]
fn texts_with_control_characters_are_escaped_as_rfc_8785_says() {
    let mut pledge = super::random_log::pledge(Vec::new(), Vec::new());
    pledge.by = "a\u{8}\t\n\u{c}\r\u{1}\"\\/é中".to_owned();
    let bytes = document(&pledge, &[], 1);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(
        text.contains(r#""by":"a\b\t\n\f\r\u0001\"\\/é中","#),
        "{text}"
    );
    assert_eq!(Report::from_json(&bytes).unwrap().pledge.by, pledge.by);
}
