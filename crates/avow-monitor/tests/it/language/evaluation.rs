//! The two evaluations of a predicate agree, whatever the batch.

use avow_event::{Action, Event, Field, FieldKind, Micros, Value};
use avow_monitor::{Columns, CompiledPredicate, Dictionary, Predicate, TruthColumn, eval_event};
use proptest::collection::vec;
use proptest::prelude::*;

use super::random;

fn event() -> Event {
    Event::new("vault-1", 1, Micros::new(0).unwrap(), Action::Store)
}

/// Evaluates in batches of the given size, all with the same scratch memory.
fn vectorised(predicate: &Predicate, events: &[Event], batch: usize) -> Vec<Option<bool>> {
    let mut dictionary = Dictionary::new();
    let mut compiled = CompiledPredicate::compile(predicate, &mut dictionary);
    let mut columns = Columns::new(compiled.fields());
    let mut truth = TruthColumn::new();
    let mut values = Vec::new();
    for (number, chunk) in events.chunks(batch).enumerate() {
        columns.clear();
        for (row, event) in chunk.iter().enumerate() {
            columns.push((number * batch + row) as u64, event, &mut dictionary);
        }
        compiled.eval(&columns, &dictionary, &mut truth);
        assert_eq!(truth.rows(), chunk.len());
        let batch_values: Vec<_> = (0..chunk.len()).map(|row| truth.get(row)).collect();
        check_words(&truth, &batch_values);
        values.extend(batch_values);
    }
    values
}

/// The iterators and the words say what `get` says, and nothing beyond the rows.
fn check_words(truth: &TruthColumn, values: &[Option<bool>]) {
    let rows = |wanted: Option<bool>| -> Vec<usize> {
        (0..values.len())
            .filter(|row| values[*row] == wanted)
            .collect()
    };
    assert_eq!(truth.rows_true().collect::<Vec<_>>(), rows(Some(true)));
    assert_eq!(truth.rows_null().collect::<Vec<_>>(), rows(None));
    let ones: u32 = truth.false_words().iter().map(|w| w.count_ones()).sum();
    assert_eq!(ones as usize, rows(Some(false)).len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_single_events_give_the_same_truth(
        predicate in random::predicate(),
        events in vec(random::event(), 1..140),
    ) {
        let one_by_one: Vec<_> = events.iter().map(|e| eval_event(&predicate, e)).collect();
        for batch in [1, 7, 64, 1_000] {
            prop_assert_eq!(&vectorised(&predicate, &events, batch), &one_by_one, "batch {}", batch);
        }
    }
}

#[test]
fn the_generators_reach_all_three_values() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = [0_u32; 3];
    for _ in 0..2_000 {
        let predicate = random::predicate().new_tree(&mut runner).unwrap().current();
        let event = random::event().new_tree(&mut runner).unwrap().current();
        let slot = match eval_event(&predicate, &event) {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        seen[slot] += 1;
    }
    assert!(seen.iter().all(|count| *count > 200), "{seen:?}");
}

#[test]
fn an_unknown_place_is_null_and_no_code() {
    let mut dictionary = Dictionary::new();
    let mut columns = Columns::new(&[Field::Place, Field::Name]);
    let mut stored = event();
    stored.set(Field::Place, Value::Text("UNKNOWN")).unwrap();
    stored.set(Field::Name, Value::Text("UNKNOWN")).unwrap();
    columns.push(0, &stored, &mut dictionary);
    assert_eq!(columns.codes(Field::Place), [0]);
    assert_eq!(
        dictionary.text(columns.codes(Field::Name)[0]),
        Some("UNKNOWN")
    );
}

#[test]
#[should_panic(expected = "no such column of `place`")]
fn a_column_that_was_not_asked_for_stops_the_process() {
    Columns::new(&[Field::Name]).codes(Field::Place);
}

#[test]
fn the_empty_text_is_a_text_and_not_null() {
    let mut dictionary = Dictionary::new();
    let code = dictionary.intern("");
    assert_ne!(code, avow_monitor::NULL_CODE);
    assert_eq!(dictionary.text(code), Some(""));
    assert_eq!(dictionary.text(avow_monitor::NULL_CODE), None);
}

/// More texts than there are slots for those seen lately.
#[test]
fn every_text_keeps_its_code() {
    let texts: Vec<String> = (0..20_000).map(|n| format!("p_{n:022}")).collect();
    let mut dictionary = Dictionary::new();
    let codes: Vec<u32> = texts.iter().map(|t| dictionary.intern(t)).collect();
    assert_eq!(dictionary.len(), texts.len() + 1);
    for (text, code) in texts.iter().zip(codes) {
        assert_eq!(dictionary.intern(text), code);
        assert_eq!(dictionary.code(text), Some(code));
        assert_eq!(dictionary.text(code), Some(text.as_str()));
    }
}

#[test]
fn columns_made_from_leaves_are_those_made_from_events() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let fields = Field::ALL;
    let (mut from_events, mut from_leaves) = (Columns::new(fields), Columns::new(fields));
    let (mut a, mut b) = (Dictionary::new(), Dictionary::new());
    for n in 0..300 {
        let event = random::event().new_tree(&mut runner).unwrap().current();
        from_events.push(n, &event, &mut a);
        let leaf = event.to_leaf();
        let cut = &leaf[..leaf.len() - 1];
        assert!(from_leaves.push_leaf(n, cut, &mut b).is_err());
        from_leaves.push_leaf(n, &leaf, &mut b).unwrap();
    }
    assert_eq!(from_events.rows(), from_leaves.rows());
    let text = |dictionary: &Dictionary, columns: &Columns, field| -> Vec<Option<String>> {
        let codes = columns.codes(field).iter();
        codes
            .map(|code| dictionary.text(*code).map(str::to_owned))
            .collect()
    };
    for field in fields {
        match field.kind() {
            FieldKind::Integer | FieldKind::Time => {
                assert_eq!(from_events.integers(*field), from_leaves.integers(*field));
            }
            FieldKind::Boolean => {
                assert_eq!(from_events.booleans(*field), from_leaves.booleans(*field));
            }
            _ => assert_eq!(
                text(&a, &from_events, *field),
                text(&b, &from_leaves, *field)
            ),
        }
    }
}
