//! Random pledges and logs: few values, so that keys meet, deadlines are hit
//! to the microsecond, evidence comes out of order, late, twice or not at all.

use avow_event::{Action, Event, Field, Micros, Outcome, Place};
use avow_monitor::{
    Commitment, Comparison, Literal, Operand, Pattern, Pledge, Predicate, Silence,
    SourceDeclaration, SourcePattern, Texts, publication,
};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::random_case::Case;
use super::random_rule::rule;

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000_000;

const SOURCES: [&str; 3] = ["a-1", "a-2", "b"];
pub(crate) const DAY: i64 = 86_400 * 1_000_000;

/// What happens on a log: of everything something, or more of what one kind of
/// rule is about.
const MIXTURES: [&[Action]; 4] = [
    &[
        Action::Use,
        Action::Consent,
        Action::Withdraw,
        Action::Request,
        Action::Erase,
        Action::Hold,
        Action::Release,
        Action::Heartbeat,
        Action::Gap,
    ],
    &[
        Action::Use,
        Action::Use,
        Action::Consent,
        Action::Withdraw,
        Action::Heartbeat,
    ],
    &[
        Action::Request,
        Action::Erase,
        Action::Withdraw,
        Action::Hold,
        Action::Release,
        Action::Gap,
    ],
    &[
        Action::Request,
        Action::Use,
        Action::Consent,
        Action::Withdraw,
        Action::Erase,
    ],
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

/// The grid on which times lie, so that many are equal and deadlines are met
/// to the microsecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    /// Where it begins.
    start: i64,
    /// From one time to the next.
    step: i64,
}

/// A grid of microseconds.
const FINE: Grid = Grid {
    start: START,
    step: 1,
};

/// Grids of days, at the end of months and around 29 February: 2028-01-27,
/// 2027-01-27, and tens of days since 2027-12-01.
const COARSE: [Grid; 3] = [
    Grid {
        start: 1_832_544_000_000_000,
        step: DAY,
    },
    Grid {
        start: 1_801_008_000_000_000,
        step: DAY,
    },
    Grid {
        start: 1_827_619_200_000_000,
        step: 10 * DAY,
    },
];

impl Grid {
    fn instant(self, steps: i64) -> Micros {
        Micros::new(self.start + steps * self.step).unwrap()
    }
}

/// How much of a log is not as it should be.
#[derive(Debug, Clone, Copy)]
struct Unrest {
    /// Events out of order, late or dated ahead.
    order: bool,
    /// Numbers left out or used twice, and gaps told.
    gaps: bool,
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
    system: usize,
    seq: u32,
    due: Option<i64>,
}

fn cells(actions: &'static [Action]) -> impl Strategy<Value = Cells> {
    let rarely = |values: std::ops::Range<i64>| prop_oneof![5 => Just(0_i64), 1 => values];
    let step = prop_oneof![16 => 0..4_i64, 1 => 20..40_i64];
    (
        (0..3_usize, step, rarely(0..14), rarely(0..6)),
        option::weighted(0.3, -4..12_i64),
        select(actions),
        (0..6_usize, 0..4_usize, 0..6_usize, 0..4_usize),
        0..18_u32,
        option::weighted(0.6, 0..9_i64),
    )
        .prop_map(
            |((source, step, back, ahead), logged, action, fields, seq, due)| {
                let (subject, purpose, place, system) = fields;
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
                    system,
                    seq,
                    due,
                }
            },
        )
}

fn events(grid: Grid, unrest: Unrest, cells: &[Cells]) -> Vec<Event> {
    let mut now = 0;
    let mut next = [1_u64; 3];
    let mut events = Vec::new();
    for cell in cells {
        now += cell.step;
        let time = match unrest.order {
            true => now - cell.back + cell.ahead,
            false => now,
        };
        let number = &mut next[cell.source];
        let seq = match cell.seq {
            _ if !unrest.gaps => *number,
            0 => *number + 1,
            1 => *number + 3,
            back @ 2..5 => number.saturating_sub(u64::from(back) - 1),
            _ => *number,
        };
        *number = (*number).max(seq + 1);
        let mut event = Event::new(SOURCES[cell.source], seq, grid.instant(time), cell.action);
        let logged = cell.logged.filter(|_| unrest.order);
        event.logged = logged.map(|after| grid.instant(now + after));
        fill(&mut event, cell);
        event.due = cell.due.map(|after| grid.instant(time + after - 2));
        events.push(event);
    }
    events
}

/// The fields that rules look at.
fn fill(event: &mut Event, cell: &Cells) {
    let text =
        |names: &[Option<&str>], at: usize| names.get(at).copied().flatten().map(str::to_owned);
    let some = Some;
    event.subject = text(
        &[
            None,
            some("s1"),
            some("s2"),
            some("s1"),
            some("s3"),
            some("s1"),
        ],
        cell.subject,
    );
    event.purpose = text(&[None, some("p"), some("q"), some("p")], cell.purpose);
    event.system = text(&[None, some("x"), some("y"), some("x")], cell.system);
    let places = ["", "CN", "US", "UNKNOWN", "CN", "US"];
    event.place = Place::parse(places[cell.place]);
    event.outcome = (cell.system > 0).then_some(Outcome::Success);
    event.quantity = (cell.place > 1).then_some(cell.place as u64 % 3);
    event.mfa = (cell.purpose > 0).then_some(cell.purpose > 1);
}

fn log_on(grid: Grid, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let unrest = (weighted(0.6), weighted(0.5));
    let unrest = unrest.prop_map(|(order, gaps)| Unrest { order, gaps });
    restless_log(grid, most, unrest)
}

fn restless_log(
    grid: Grid,
    most: usize,
    unrest: impl Strategy<Value = Unrest>,
) -> impl Strategy<Value = Vec<Event>> {
    (unrest, select(&MIXTURES[..])).prop_flat_map(move |(unrest, actions)| {
        let short = vec(cells(actions), 0..most);
        let long = vec(cells(actions), most / 2..most);
        prop_oneof![1 => short, 3 => long].prop_map(move |mut cells| {
            if !unrest.gaps {
                cells.retain(|cell| cell.action != Action::Gap);
            }
            events(grid, unrest, &cells)
        })
    })
}

pub(crate) fn log() -> impl Strategy<Value = Vec<Event>> {
    log_of(40)
}

/// A log with fewer than `most` leaves.
pub(crate) fn log_of(most: usize) -> impl Strategy<Value = Vec<Event>> {
    log_on(FINE, most)
}

/// A pledge without gaps to notice, whose evidence may come `delay` steps late,
/// and a log of fewer than `most` leaves that comes in order.
pub(crate) fn calm_case(most: usize, delay: i64) -> impl Strategy<Value = (Pledge, Vec<Event>)> {
    let calm = Just(Unrest {
        order: false,
        gaps: false,
    });
    let pledge = pledge_on(FINE).prop_map(move |mut pledge| {
        pledge.sources = vec![SourceDeclaration {
            name: pattern("*"),
            heartbeat: None,
            delay,
        }];
        for commitment in &mut pledge.commitments {
            commitment.sources.clear();
        }
        pledge
    });
    (pledge, restless_log(FINE, most, calm))
}

/// A log of fewer than `most` leaves as a feed in order sends it, and here and
/// there an event that is not as it should be. Stretches of such events the
/// monitor takes together.
pub(crate) fn orderly_log(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let logged = option::weighted(0.5, 0..9_i64);
    // How many of 1,000 events are out of order.
    let restless = select(&[0, 5, 20, 100][..]);
    let steps = 1..4_i64;
    let cell = (cells(MIXTURES[0]), 0..1_000_u32);
    (vec(cell, 0..most), logged, restless, steps).prop_map(|(cells, logged, restless, steps)| {
        let mut source = 0;
        let calm = cells.into_iter().map(|(mut cell, chance)| {
            if chance < restless {
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
        let unrest = Unrest {
            order: true,
            gaps: true,
        };
        events(FINE, unrest, &calm.collect::<Vec<_>>())
    })
}

fn source_declaration(step: i64) -> impl Strategy<Value = SourceDeclaration> {
    let names = select(&["a-*", "a-1", "b", "b", "*", "*", "c"][..]);
    let delays = prop_oneof![1 => Just(0), 3 => 0..8_i64];
    (names, option::weighted(0.4, 3..20_i64), delays).prop_map(move |(name, heartbeat, delay)| {
        SourceDeclaration {
            name: pattern(name),
            heartbeat: heartbeat.map(|steps| steps * step),
            delay: delay * step,
        }
    })
}

/// A commitment but for its name, its times as steps after the pledge's.
fn random_commitment(step: i64) -> impl Strategy<Value = (Commitment, i64, Option<i64>)> {
    let scope = select(vec![
        vec![],
        vec![],
        vec![],
        vec!["a-*"],
        vec!["b"],
        vec!["a-1", "b"],
    ]);
    let silence = select(&[Silence::Unknown, Silence::Unknown, Silence::Breach][..]);
    let from = prop_oneof![4 => Just(0), 1 => 1..15_i64];
    let to = option::weighted(0.2, 5..30_i64);
    (rule(step), scope, silence, from, to).prop_map(|(rule, scope, silence, from, to)| {
        let of_rule = Commitment {
            sources: scope.into_iter().map(pattern).collect(),
            silence,
            ..commitment("", rule)
        };
        (of_rule, from, to)
    })
}

fn pledge_on(grid: Grid) -> impl Strategy<Value = Pledge> {
    (
        vec(random_commitment(grid.step), 1..4),
        vec(source_declaration(grid.step), 0..4),
        -5..12_i64,
    )
        .prop_map(move |(commitments, mut sources, start)| {
            // No pledge declares the same twice.
            let mut names = std::collections::BTreeSet::new();
            sources.retain(|declared| names.insert(declared.name.to_string()));
            let commitments = commitments.into_iter().enumerate();
            let commitments = commitments
                .map(|(at, (commitment, from, to))| Commitment {
                    id: format!("c{at}"),
                    from: grid.instant(start + from),
                    to: to.map(|to| grid.instant(start + from + to)),
                    ..commitment
                })
                .collect();
            Pledge {
                from: grid.instant(start),
                ..pledge(commitments, sources)
            }
        })
}

/// With every rule.
pub(crate) fn random_pledge() -> impl Strategy<Value = Pledge> {
    pledge_on(FINE)
}

/// A pledge with any rules, and a log of fewer than `most` leaves on the same
/// grid.
pub(crate) fn case(most: usize) -> impl Strategy<Value = Case> {
    let coarse = select(&COARSE[..]);
    let grid = prop_oneof![3 => Just(FINE), 1 => coarse];
    grid.prop_flat_map(move |grid| {
        let published = option::weighted(0.1, (0..most, -5..30_i64));
        let parts = (pledge_on(grid), log_on(grid, most), published);
        parts.prop_map(move |(pledge, mut events, published)| {
            if let Some((at, time)) = published {
                let publication = publication(&pledge.digest, 1, grid.instant(time));
                events.insert(at.min(events.len()), publication);
            }
            Case {
                grid: (grid.start, grid.step),
                pledge,
                events,
            }
        })
    })
}
