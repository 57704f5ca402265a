//! A predicate or a condition on two events of any text: read or refused,
//! never a panic. What is read prints as a text that reads back as itself, and
//! both evaluations of it agree on an event about which little is known.
#![no_main]

use std::sync::LazyLock;

use avow_event::{Action, Event, Micros, PlaceTable};
use avow_monitor::{Columns, CompiledPredicate, Dictionary, PairCondition, Predicate, TruthColumn};
use avow_monitor::{eval_event, eval_pair};
use libfuzzer_sys::fuzz_target;

static PLACES: LazyLock<PlaceTable> = LazyLock::new(PlaceTable::built_in);

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    pair(text);
    let predicate = match Predicate::parse(text, &PLACES) {
        Ok(predicate) => predicate,
        Err(error) => {
            assert!(text.get(error.span).is_some(), "no such place");
            return;
        }
    };
    let printed = predicate.to_string();
    // Groups are spelled out, so the printed form may exceed the limits that
    // the text kept.
    if let Ok(read) = Predicate::parse(&printed, &PLACES) {
        assert_eq!(read, predicate, "`{printed}` reads back as another");
    }
    let event = Event::new("vault-1", 1, Micros::MIN, Action::Store);
    let mut dictionary = Dictionary::new();
    let mut compiled = CompiledPredicate::compile(&predicate, &mut dictionary);
    let mut columns = Columns::new(compiled.fields());
    columns.push(0, &event, &mut dictionary);
    let mut truth = TruthColumn::new();
    compiled.eval(&columns, &dictionary, &mut truth);
    assert_eq!(truth.get(0), eval_event(&predicate, &event));
});

fn pair(text: &str) {
    let condition = match PairCondition::parse(text, &PLACES) {
        Ok(condition) => condition,
        Err(error) => {
            assert!(text.get(error.span).is_some(), "no such place");
            return;
        }
    };
    let printed = condition.to_string();
    if let Ok(read) = PairCondition::parse(&printed, &PLACES) {
        assert_eq!(read, condition, "`{printed}` reads back as another");
    }
    let event = Event::new("vault-1", 1, Micros::MIN, Action::Store);
    eval_pair(&condition, &event, &event);
}
