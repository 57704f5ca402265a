//! Random rules: every pattern with every key, over few actions and few keys,
//! so that what opens, closes, discharges, pauses and ends often is one event.

use avow_event::{Action, Field};
use avow_monitor::{
    Comparison, Deadline, Duration, ForEach, PairCondition, Pattern, Pause, Predicate, Register,
    Side,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::random_log::{DAY, is};

type Choice<T> = BoxedStrategy<T>;

/// `action = …`, sometimes with a condition that is often unknown.
fn about(actions: &'static [Action]) -> impl Strategy<Value = Predicate> {
    let condition = prop_oneof![
        Just(is(Field::Place, "CN")),
        Just(is(Field::Purpose, "p")),
        Just(Predicate::Holds(Field::Mfa)),
        Just(Predicate::Not(Box::new(is(Field::Place, "US")))),
    ];
    (select(actions), option::weighted(0.25, condition)).prop_map(|(action, condition)| {
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
        vec![],
        vec![Field::Subject],
        vec![Field::Subject],
        vec![Field::Subject],
        vec![Field::Subject, Field::Purpose],
        vec![Field::Place],
    ])
}

/// A condition on two events, with each comparison and connective.
fn pair() -> Choice<PairCondition> {
    let both = |field| (Just(field), Just(field), Just(0_i64));
    let fields = prop_oneof![
        both(Field::Purpose),
        both(Field::Place),
        both(Field::Mfa),
        both(Field::Subject),
        (Just(Field::Due), Just(Field::Time), Just(0_i64)),
        (Just(Field::Quantity), Just(Field::Quantity), -1..2_i64),
    ];
    let comparisons = select(&[Comparison::Equal, Comparison::NotEqual][..]);
    let ordered = select(&[Comparison::Less, Comparison::GreaterOrEqual][..]);
    let cross =
        (fields, comparisons, ordered).prop_map(|((this, that, plus), comparison, ordered)| {
            PairCondition::Cross {
                this,
                comparison: match this {
                    Field::Due | Field::Quantity => ordered,
                    _ => comparison,
                },
                that,
                plus,
            }
        });
    let one = (
        select(&[Side::This, Side::That][..]),
        select(vec![is(Field::Purpose, "p"), Predicate::Holds(Field::Mfa)]),
    )
        .prop_map(|(side, predicate)| PairCondition::One(side, predicate));
    let pair = (cross.clone(), prop_oneof![cross.clone(), one]);
    prop_oneof![
        3 => cross,
        1 => pair.clone().prop_map(|(a, b)| PairCondition::And(vec![a, b])),
        1 => pair.clone().prop_map(|(a, b)| PairCondition::Or(vec![a, b])),
        1 => pair.prop_map(|(a, b)| {
            PairCondition::Not(Box::new(PairCondition::And(vec![b, a])))
        }),
    ]
    .boxed()
}

/// A length of so many steps; if a step is a day or more, sometimes of months.
fn length(unit: i64, steps: std::ops::Range<i64>) -> Choice<Duration> {
    let fixed = steps.prop_map(move |steps| Duration::of_micros(steps * unit));
    if unit < DAY {
        return fixed.boxed();
    }
    let most: u32 = if unit == DAY { 2 } else { 13 };
    let calendar = (1..=most, prop_oneof![3 => Just(0), 1 => 1..4_i64]);
    let calendar = calendar.prop_map(move |(months, steps)| Duration {
        months,
        micros: steps * unit,
    });
    prop_oneof![1 => fixed, 2 => calendar].boxed()
}

fn plain() -> Choice<Pattern> {
    let any: &'static [Action] = &[Action::Use, Action::Request, Action::Consent];
    let condition = crate::language::random::predicate();
    let parts = (option::of(about(any)), condition, any_bool());
    parts
        .prop_map(|(when, condition, never)| {
            if never {
                let never = condition;
                Pattern::Never { when, never }
            } else {
                let always = condition;
                Pattern::Always { when, always }
            }
        })
        .boxed()
}

fn any_bool() -> impl Strategy<Value = bool> {
    any::<bool>()
}

fn before(unit: i64) -> Choice<Pattern> {
    let parts = (
        about(&[Action::Use, Action::Consent]),
        about(&[Action::Consent]),
        option::weighted(0.6, about(&[Action::Withdraw, Action::Consent])),
        same(),
        option::weighted(0.4, pair()),
        option::weighted(0.5, (1..9_i64).prop_map(move |steps| steps * unit)),
    );
    parts
        .prop_map(
            |(when, only_after, until, same, condition, within)| Pattern::Before {
                when,
                only_after,
                until,
                same,
                condition,
                within,
            },
        )
        .boxed()
}

fn deadline(unit: i64) -> Choice<Deadline> {
    let after = length(unit, 1..12).prop_map(Deadline::After);
    prop_oneof![2 => after, 1 => Just(Deadline::At(Field::Due))].boxed()
}

/// What goes only with a plain duty, or with another of these.
#[derive(Debug, Clone)]
enum Beside {
    Nothing,
    Each(ForEach),
    Other(Option<Predicate>, Option<Pause>),
}

fn beside() -> Choice<Beside> {
    let each = (
        about(&[Action::Use, Action::Consent]),
        select(vec![
            vec![Field::Purpose],
            vec![Field::System],
            vec![Field::System, Field::Outcome],
        ]),
    )
        .prop_map(|(predicate, each)| Beside::Each(ForEach { predicate, each }));
    let pause = (
        about(&[Action::Hold, Action::Hold, Action::Consent]),
        about(&[Action::Release, Action::Release, Action::Withdraw]),
    )
        .prop_map(|(paused_by, resumed_by)| Pause {
            paused_by,
            resumed_by,
        });
    let already = about(&[Action::Erase, Action::Use]);
    let other = (option::weighted(0.5, already), option::weighted(0.7, pause));
    prop_oneof![
        2 => Just(Beside::Nothing),
        2 => each,
        4 => other.prop_map(|(already, pause)| Beside::Other(already, pause)),
    ]
    .boxed()
}

fn within(unit: i64) -> Choice<Pattern> {
    let parts = (
        about(&[Action::Request, Action::Erase]),
        about(&[Action::Erase]),
        option::weighted(0.5, about(&[Action::Withdraw, Action::Erase])),
        deadline(unit),
        same(),
        option::weighted(0.2, pair()),
        beside(),
    );
    parts
        .prop_map(
            |(when, then, unless, deadline, mut same, condition, beside)| {
                let (mut already, mut for_each, mut pause) = (None, None, None);
                match beside {
                    Beside::Nothing => {}
                    Beside::Each(each) => {
                        same.retain(|field| !each.each.contains(field));
                        for_each = Some(each);
                    }
                    Beside::Other(a, p) => (already, pause) = (a, p),
                }
                Pattern::Within {
                    when,
                    then,
                    unless,
                    already,
                    deadline,
                    same,
                    condition,
                    for_each,
                    pause,
                }
            },
        )
        .boxed()
}

fn every(unit: i64) -> Choice<Pattern> {
    let members = select(vec![
        (Field::Subject, vec!["s1", "s2"]),
        (Field::Subject, vec!["s2", "s3"]),
        (Field::Place, vec!["US", "CN"]),
    ]);
    let one = Just((Register::One, vec![]));
    let members = members.prop_map(|(field, members)| {
        let members = members.into_iter().map(str::to_owned).collect();
        (Register::Members(members), vec![field])
    });
    let entries = (
        about(&[Action::Consent, Action::Use]),
        option::weighted(0.7, about(&[Action::Withdraw, Action::Request])),
        same(),
    )
        .prop_map(|(when, until, same)| (Register::Entries { when, until }, same));
    let register = prop_oneof![1 => one, 2 => members, 4 => entries];
    let happens = about(&[Action::Request, Action::Use]);
    (happens, length(unit, 1..12), register)
        .prop_map(|(happens, every, (register, same))| Pattern::Every {
            happens,
            every,
            register,
            same,
        })
        .boxed()
}

fn at_most(unit: i64) -> Choice<Pattern> {
    let happens = about(&[Action::Use, Action::Request]);
    (happens, 1..4_u64, 1..12_i64, same())
        .prop_map(move |(happens, at_most, steps, same)| Pattern::AtMost {
            happens,
            at_most,
            within: steps * unit,
            same,
        })
        .boxed()
}

fn lasts(unit: i64) -> Choice<Pattern> {
    let parts = (
        about(&[Action::Consent, Action::Request]),
        length(unit, 1..12),
        about(&[Action::Withdraw, Action::Request]),
        same(),
        option::weighted(0.4, pair()),
    );
    parts
        .prop_map(|(when, lasts, ends, same, condition)| Pattern::Lasts {
            when,
            lasts,
            ends,
            same,
            condition,
        })
        .boxed()
}

/// Any rule, in steps of that length.
pub(crate) fn rule(unit: i64) -> Choice<Pattern> {
    prop_oneof![
        1 => plain(),
        3 => before(unit),
        9 => within(unit),
        4 => every(unit),
        2 => at_most(unit),
        2 => lasts(unit),
    ]
    .boxed()
}
