//! Random pledges and logs: few values, so that keys meet, deadlines are hit
//! to the microsecond, evidence comes out of order, late, twice or not at all.

use avow_event::{Action, Event, Field, Micros, Place};
use avow_monitor::{
    Commitment, Comparison, Deadline, Duration, Literal, Operand, Pattern, Pledge, Predicate,
    Silence, SourceDeclaration, SourcePattern, Texts,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000_000;

const SOURCES: [&str; 3] = ["a-1", "a-2", "b"];
const ACTIONS: [Action; 7] = [
    Action::Use,
    Action::Consent,
    Action::Withdraw,
    Action::Request,
    Action::Erase,
    Action::Heartbeat,
    Action::Gap,
];

pub(crate) fn instant(micros: i64) -> Micros {
    Micros::new(START + micros).unwrap()
}

pub(crate) fn pattern(text: &str) -> SourcePattern {
    SourcePattern {
        prefix: text.trim_end_matches('*').to_owned(),
        any_suffix: text.ends_with('*'),
    }
}

/// `field = 'text'`.
pub(crate) fn is(field: Field, text: &str) -> Predicate {
    Predicate::Compare(
        Operand::Field(field),
        Comparison::Equal,
        Operand::Literal(Literal::Text(text.to_owned())),
    )
}

pub(crate) fn commitment(id: &str, pattern: Pattern) -> Commitment {
    let text = || id.to_owned();
    Commitment {
        id: text(),
        says: Texts {
            en: text(),
            zh: text(),
        },
        article: None,
        duty: None,
        from: instant(0),
        to: None,
        sources: Vec::new(),
        silence: Silence::Unknown,
        pattern,
        examples: Vec::new(),
    }
}

pub(crate) fn pledge(commitments: Vec<Commitment>, sources: Vec<SourceDeclaration>) -> Pledge {
    let text = || "a pledge".to_owned();
    Pledge {
        title: Texts {
            en: text(),
            zh: text(),
        },
        by: text(),
        to: text(),
        from: instant(0),
        sources,
        commitments,
        amends: None,
        digest: [7; 32],
    }
}

#[derive(Debug, Clone)]
struct Cells {
    source: usize,
    step: i64,
    back: i64,
    ahead: i64,
    logged: Option<i64>,
    action: Action,
    subject: usize,
    purpose: usize,
    place: usize,
    seq: u32,
    due: Option<i64>,
}

fn cells() -> impl Strategy<Value = Cells> {
    let rarely = |values: std::ops::Range<i64>| prop_oneof![5 => Just(0_i64), 1 => values];
    (
        (0..3_usize, 0..4_i64, rarely(0..14), rarely(0..6)),
        option::weighted(0.3, -4..12_i64),
        select(&ACTIONS[..]),
        (0..5_usize, 0..4_usize, 0..6_usize),
        0..18_u32,
        option::weighted(0.4, 0..9_i64),
    )
        .prop_map(
            |((source, step, back, ahead), logged, action, (subject, purpose, place), seq, due)| {
                Cells {
                    source,
                    step,
                    back,
                    ahead,
                    logged,
                    action,
                    subject,
                    purpose,
                    place,
                    seq,
                    due,
                }
            },
        )
}

fn events(cells: &[Cells]) -> Vec<Event> {
    let mut now = 0;
    let mut next = [1_u64; 3];
    let mut events = Vec::new();
    for cell in cells {
        now += cell.step;
        let time = now - cell.back + cell.ahead;
        let number = &mut next[cell.source];
        let seq = match cell.seq {
            0 => *number + 1,
            1 => *number + 3,
            back @ 2..5 => number.saturating_sub(u64::from(back) - 1),
            _ => *number,
        };
        *number = (*number).max(seq + 1);
        let mut event = Event::new(SOURCES[cell.source], seq, instant(time), cell.action);
        event.logged = cell.logged.map(|after| instant(now + after));
        let text = |names: [Option<&str>; 4], at: usize| {
            names.get(at).copied().flatten().map(str::to_owned)
        };
        event.subject = text([None, Some("s1"), Some("s2"), Some("s1")], cell.subject);
        event.purpose = text([None, Some("p"), Some("q"), Some("p")], cell.purpose);
        event.place = [
            None,
            Some("CN"),
            Some("US"),
            Some("UNKNOWN"),
            Some("CN"),
            Some("US"),
        ][cell.place]
            .map(|code| Place::parse(code).unwrap());
        event.quantity = (cell.place > 1).then_some(cell.place as u64 % 2);
        event.mfa = (cell.purpose > 0).then_some(cell.purpose > 1);
        event.due = cell.due.map(|after| instant(time + after - 2));
        events.push(event);
    }
    events
}

pub(crate) fn log() -> impl Strategy<Value = Vec<Event>> {
    log_of(40)
}

/// A log with fewer than `most` leaves.
pub(crate) fn log_of(most: usize) -> impl Strategy<Value = Vec<Event>> {
    vec(cells(), 0..most).prop_map(|cells| events(&cells))
}

/// A log of fewer than `most` leaves as a feed in order sends it, and here and
/// there an event that is not as it should be. Stretches of such events the
/// monitor takes together.
pub(crate) fn orderly_log(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let logged = option::weighted(0.5, 0..9_i64);
    // How many of 1,000 events are out of order.
    let unrest = select(&[0, 5, 20, 100][..]);
    let steps = 1..4_i64;
    let cell = (cells(), 0..1_000_u32);
    (vec(cell, 0..most), logged, unrest, steps).prop_map(|(cells, logged, unrest, steps)| {
        let mut source = 0;
        let calm = cells.into_iter().map(|(mut cell, chance)| {
            if chance < unrest {
                source = cell.source;
                return cell;
            }
            cell.step %= steps;
            (cell.source, cell.back, cell.ahead, cell.seq) = (source, 0, 0, 17);
            cell.logged = logged.map(|most| cell.logged.map_or(0, i64::abs).min(most));
            if cell.action == Action::Gap {
                cell.action = Action::Store;
            }
            cell
        });
        events(&calm.collect::<Vec<_>>())
    })
}

/// `action = …`, sometimes with a condition that is often unknown.
fn about(actions: &'static [Action]) -> impl Strategy<Value = Predicate> {
    let condition = prop_oneof![
        Just(is(Field::Place, "CN")),
        Just(is(Field::Purpose, "p")),
        Just(Predicate::Holds(Field::Mfa)),
        Just(Predicate::Not(Box::new(is(Field::Place, "US")))),
    ];
    (select(actions), option::weighted(0.4, condition)).prop_map(|(action, condition)| {
        let action = is(Field::Action, action.as_str());
        match condition {
            Some(condition) => Predicate::And(vec![action, condition]),
            None => action,
        }
    })
}

fn same() -> impl Strategy<Value = Vec<Field>> {
    select(vec![
        vec![],
        vec![Field::Subject],
        vec![Field::Subject],
        vec![Field::Subject, Field::Purpose],
        vec![Field::Place],
        vec![Field::Subject, Field::Quantity, Field::Mfa],
    ])
}

fn rule() -> impl Strategy<Value = Pattern> {
    let any: &'static [Action] = &[Action::Use, Action::Request, Action::Consent];
    let plain = || {
        let condition = crate::language::random::predicate();
        (option::of(about(any)), condition)
    };
    let before = (
        about(&[Action::Use, Action::Consent]),
        about(&[Action::Consent]),
        option::weighted(0.7, about(&[Action::Withdraw, Action::Consent])),
        same(),
    );
    let within = (
        about(&[Action::Request, Action::Erase]),
        about(&[Action::Erase]),
        option::of(about(&[Action::Withdraw, Action::Erase])),
        0..14_i64,
        same(),
    );
    prop_oneof![
        1 => plain().prop_map(|(when, never)| Pattern::Never { when, never }),
        1 => plain().prop_map(|(when, always)| Pattern::Always { when, always }),
        3 => before.prop_map(|(when, only_after, until, same)| Pattern::Before {
            when, only_after, until, same, condition: None, within: None,
        }),
        3 => within.prop_map(|(when, then, unless, within, same)| Pattern::Within {
            when, then, unless, already: None,
            deadline: Deadline::After(Duration::of_micros(within)), same,
            condition: None, for_each: None, pause: None,
        }),
    ]
}

fn source_declaration() -> impl Strategy<Value = SourceDeclaration> {
    let names = select(&["a-*", "a-1", "b", "c", "*"][..]);
    (names, option::weighted(0.6, 3..20_i64), 0..8_i64).prop_map(|(name, heartbeat, delay)| {
        SourceDeclaration {
            name: pattern(name),
            heartbeat,
            delay,
        }
    })
}

pub(crate) fn random_pledge() -> impl Strategy<Value = Pledge> {
    let scope = select(vec![
        vec![],
        vec![],
        vec!["a-*"],
        vec!["b"],
        vec!["a-1", "b"],
    ]);
    let silence = select(&[Silence::Unknown, Silence::Unknown, Silence::Breach][..]);
    (
        vec((rule(), scope, silence), 1..4),
        vec(source_declaration(), 0..4),
        -5..12_i64,
    )
        .prop_map(|(rules, mut sources, from)| {
            // No pledge declares the same twice.
            let mut names = std::collections::BTreeSet::new();
            sources.retain(|declared| names.insert(declared.name.to_string()));
            let commitments = rules
                .into_iter()
                .enumerate()
                .map(|(at, (rule, scope, silence))| Commitment {
                    sources: scope.into_iter().map(pattern).collect(),
                    silence,
                    from: instant(from),
                    ..commitment(&format!("c{at}"), rule)
                })
                .collect();
            Pledge {
                from: instant(from),
                ..pledge(commitments, sources)
            }
        })
}
