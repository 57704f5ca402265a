//! An amendment leaves the past as it was, or it is none.

use avow_event::Micros;
use avow_monitor::{Aspect, Difference, Pledge, Silence, differences};

use super::stories;

/// The differences of the story's pledge after a change, from a day in March on.
fn after(change: &dyn Fn(&mut Pledge)) -> Vec<Difference> {
    let old = stories::pledge();
    let mut new = old.clone();
    (new.digest, new.amends) = ([8; 32], Some(old.digest));
    change(&mut new);
    differences(&old, &new, day(20))
}

fn day(day: u32) -> Micros {
    Micros::parse(&format!("2026-03-{day:02}T00:00:00Z")).unwrap()
}

fn only(difference: Difference, is_allowed: bool, change: &dyn Fn(&mut Pledge)) {
    assert_eq!(difference.is_allowed(), is_allowed, "{difference:?}");
    assert_eq!(after(change), [difference]);
}

fn rewritten(aspect: Aspect, change: &dyn Fn(&mut Pledge)) {
    let id = "home".to_owned();
    only(Difference::Rewritten { id, aspect }, false, change);
}

fn ends(to: Option<Micros>, is_ahead: bool, change: &dyn Fn(&mut Pledge)) {
    let id = "home".to_owned();
    only(Difference::Ends { id, to, is_ahead }, is_ahead, change);
}

#[test]
fn the_same_under_another_digest_is_an_amendment_without_differences() {
    assert_eq!(after(&|_| {}), []);
    // What is in examples is about the rule, which is the same.
    assert_eq!(after(&|new| new.commitments[0].examples.clear()), []);
}

#[test]
fn an_amendment_names_what_it_amends_and_begins_with_it() {
    only(Difference::NotNamed, false, &|new| new.amends = None);
    only(Difference::NotNamed, false, &|new| {
        new.amends = Some([1; 32])
    });
    for from in [day(2), Micros::parse("2026-02-01T00:00:00Z").unwrap()] {
        only(Difference::Begins(from), false, &|new| new.from = from);
    }
}

#[test]
fn words_for_people_may_change() {
    only(Difference::Heading, true, &|new| new.by.push('.'));
    let worded = || Difference::Worded {
        id: "home".to_owned(),
    };
    only(worded(), true, &|new| new.commitments[0].says.en.push('!'));
    only(worded(), true, &|new| {
        new.commitments[0].duty = Some("d".to_owned())
    });
    only(worded(), true, &|new| {
        new.commitments[0].article = Some("5".to_owned())
    });
}

#[test]
fn nothing_that_a_verdict_follows_from_changes_under_its_name() {
    rewritten(Aspect::Rule, &|new| {
        new.commitments[0].pattern = new.commitments[1].pattern.clone();
    });
    rewritten(Aspect::Silence, &|new| {
        new.commitments[0].silence = Silence::Breach
    });
    rewritten(Aspect::From, &|new| new.commitments[0].from = day(3));
    let all = after(&|new| new.sources[0].delay += 1);
    let declared = all.iter().map(|difference| match difference {
        Difference::Rewritten { id, aspect } => (id.as_str(), *aspect),
        other => panic!("{other:?}"),
    });
    let all = ["home", "permission", "erasure"].map(|id| (id, Aspect::Declarations));
    assert_eq!(declared.collect::<Vec<_>>(), all);
}

#[test]
fn the_order_of_sources_says_nothing_and_another_source_does() {
    let [one, other] = ["vault-cn", "vault-in"].map(super::random_log::pattern);
    let mut old = stories::pledge();
    old.commitments[0].sources = vec![one.clone(), other.clone()];
    let mut new = old.clone();
    (new.digest, new.amends) = ([8; 32], Some(old.digest));
    new.commitments[0].sources = vec![other, one.clone()];
    assert_eq!(differences(&old, &new, day(20)), []);
    new.commitments[0].sources = vec![one];
    let id = "home".to_owned();
    let aspect = Aspect::Sources;
    let found = differences(&old, &new, day(20));
    assert_eq!(found, [Difference::Rewritten { id, aspect }]);
}

#[test]
fn a_commitment_may_end_and_begin_only_from_then_on() {
    let dropped = Difference::Dropped {
        id: "home".to_owned(),
    };
    only(dropped, false, &|new| drop(new.commitments.remove(0)));
    ends(Some(day(20)), true, &|new| {
        new.commitments[0].to = Some(day(20))
    });
    let just_before = day(20).saturating_add(-1);
    ends(Some(just_before), false, &|new| {
        new.commitments[0].to = Some(just_before)
    });
    let begin = |from: Micros| {
        move |new: &mut Pledge| {
            let mut one = new.commitments[0].clone();
            (one.id, one.from) = ("next".to_owned(), from);
            new.commitments.push(one);
        }
    };
    for (from, is_ahead) in [(day(20), true), (just_before, false)] {
        let id = "next".to_owned();
        let new = Difference::New { id, from, is_ahead };
        only(new, is_ahead, &begin(from));
    }
}

#[test]
fn an_end_that_is_past_stays_and_one_that_is_not_may_move() {
    let moved = |was: Option<Micros>, is: Option<Micros>| {
        let mut old = stories::pledge();
        old.commitments[0].to = was;
        let mut new = old.clone();
        (new.digest, new.amends) = ([8; 32], Some(old.digest));
        new.commitments[0].to = is;
        let found = differences(&old, &new, day(20));
        found.iter().all(Difference::is_allowed)
    };
    assert!(moved(Some(day(25)), Some(day(22))));
    assert!(moved(Some(day(25)), None));
    assert!(!moved(Some(day(19)), None));
    assert!(!moved(Some(day(19)), Some(day(25))));
    assert!(!moved(Some(day(25)), Some(day(19))));
    assert!(moved(Some(day(19)), Some(day(19))));
}
