//! Random pledges and streams, judged by the monitor, by MonPoly and by
//! VeriMon. A pair is made from its seed alone.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Field, Micros, Place, PlaceTable};
use avow_monitor::mfotl::{self, TimePoints};
use avow_monitor::{
    Commitment, Comparison, Deadline, Duration, ForEach, Literal, Monitor, Operand, PairCondition,
    Pattern, Pledge, Predicate, Register, Side, Silence, SourceDeclaration,
};

use super::peer::Peer;
use crate::monitor::random_log::{START, commitment, instant, is, pattern, pledge};

/// Pairs of each kind; `AVOW_MONPOLY_PAIRS` asks for more.
const PAIRS_EACH: u64 = 60;

const KINDS: [&str; 10] = [
    "never",
    "always",
    "only_after",
    "then",
    "only_after within where",
    "then already where",
    "then for_each",
    "every",
    "at_most",
    "lasts",
];

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn micros(&mut self, sides: u64) -> i64 {
        i64::try_from(self.roll(sides)).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = usize::try_from(self.roll(all.len() as u64)).unwrap();
        &all[at]
    }
}

/// Near each other in the order of bytes, and around signs that cannot be
/// written.
const TEXTS: [&str; 9] = ["a", "ab", "a!", "a#", "a[", "a]", "aé", "a~", "b"];

fn stream(dice: &mut Dice, delay: i64, closed: bool) -> Vec<Event> {
    let actions = [
        Action::Use,
        Action::Consent,
        Action::Withdraw,
        Action::Request,
        Action::Erase,
        Action::Heartbeat,
    ];
    let mut now = -6;
    let mut events = Vec::new();
    for seq in 1..=20 + dice.roll(40) {
        now += dice.micros(4);
        let source = *dice.pick(&["a-1", "a-2", "b"]);
        // Out of order within the delay, and now and then ahead of the log.
        let back = if dice.one_in(4) {
            dice.micros(4).min(delay)
        } else {
            0
        };
        let ahead = if dice.one_in(12) { dice.micros(5) } else { 0 };
        let mut event = Event::new(
            source,
            seq,
            instant(now - back + ahead),
            *dice.pick(&actions),
        );
        event.logged = Some(instant(now));
        let mut text = || (!dice.one_in(6)).then(|| (*dice.pick(&TEXTS[..3])).to_owned());
        event.subject = text();
        event.object = text();
        event.purpose = (!dice.one_in(4)).then(|| (*dice.pick(&TEXTS)).to_owned());
        event.place = [
            Place::parse("CN"),
            Place::parse("DE"),
            Some(Place::UNKNOWN),
            None,
        ][usize::try_from(dice.roll(4)).unwrap()];
        event.quantity = (!dice.one_in(4)).then(|| dice.roll(5));
        event.bytes = (!dice.one_in(4)).then(|| dice.roll(5));
        event.mfa = (!dice.one_in(4)).then(|| dice.one_in(2));
        event.due = (!dice.one_in(4)).then(|| instant(now + dice.micros(6)));
        events.push(event);
    }
    if closed {
        let end = now + 1_000;
        let mut last = Event::new("b", 999, instant(end), Action::Heartbeat);
        last.logged = Some(instant(end));
        events.push(last);
    }
    events
}

fn field(field: Field) -> Operand {
    Operand::Field(field)
}

fn literal(dice: &mut Dice, of: Field) -> Literal {
    match of {
        Field::Quantity | Field::Bytes => Literal::Integer(dice.micros(6) - 1),
        Field::Due => Literal::Time(Micros::new(START + dice.micros(60)).unwrap()),
        _ => Literal::Text((*dice.pick(&TEXTS)).to_owned()),
    }
}

fn test(dice: &mut Dice) -> Predicate {
    let signs = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ];
    let of = *dice.pick(&[Field::Purpose, Field::Quantity, Field::Bytes, Field::Due]);
    let sign = *dice.pick(&signs);
    let negated = dice.one_in(2);
    match dice.roll(10) {
        0 => Predicate::Holds(Field::Mfa),
        1 => Predicate::IsNull { field: of, negated },
        2 => Predicate::HasPrefix {
            field: Field::Purpose,
            prefix: (*dice.pick(&TEXTS)).to_owned(),
            negated,
        },
        3 => Predicate::In {
            field: of,
            values: vec![literal(dice, of), literal(dice, of)],
            negated,
        },
        4 => Predicate::Between {
            value: field(of),
            low: literal_operand(dice, of),
            high: literal_operand(dice, of),
            negated,
        },
        5 => Predicate::Compare(
            Operand::Sum(Field::Quantity, dice.micros(5) - 2),
            sign,
            field(Field::Bytes),
        ),
        6 => Predicate::Compare(field(Field::Purpose), sign, field(Field::Subject)),
        7 => Predicate::Compare(field(Field::Due), sign, field(Field::Time)),
        8 => is(Field::Place, "CN"),
        _ => Predicate::Compare(field(of), sign, literal_operand(dice, of)),
    }
}

fn literal_operand(dice: &mut Dice, of: Field) -> Operand {
    Operand::Literal(literal(dice, of))
}

fn condition(dice: &mut Dice) -> Predicate {
    match dice.roll(6) {
        0 => Predicate::Not(Box::new(test(dice))),
        1 => Predicate::And(vec![test(dice), test(dice)]),
        2 => Predicate::Or(vec![test(dice), test(dice)]),
        _ => test(dice),
    }
}

/// Events with an action, or more or fewer than those.
fn event(dice: &mut Dice, action: &str) -> Predicate {
    match dice.roll(8) {
        0 => condition(dice),
        1 | 2 => Predicate::And(vec![is(Field::Action, action), condition(dice)]),
        3 => Predicate::Or(vec![is(Field::Action, action), condition(dice)]),
        _ => is(Field::Action, action),
    }
}

fn maybe<T>(dice: &mut Dice, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    dice.one_in(2).then(|| make(dice))
}

fn same(dice: &mut Dice) -> Vec<Field> {
    let all: [&[Field]; 5] = [
        &[],
        &[Field::Subject],
        &[Field::Subject],
        &[Field::Source],
        &[Field::Subject, Field::Place],
    ];
    dice.pick(&all).to_vec()
}

fn cross(dice: &mut Dice) -> PairCondition {
    let sign = *dice.pick(&[Comparison::Equal, Comparison::NotEqual, Comparison::Less]);
    if dice.one_in(2) {
        PairCondition::Cross {
            this: Field::Object,
            comparison: sign,
            that: Field::Object,
            plus: 0,
        }
    } else {
        PairCondition::Cross {
            this: Field::Quantity,
            comparison: sign,
            that: Field::Bytes,
            plus: dice.micros(3) - 1,
        }
    }
}

fn pair(dice: &mut Dice) -> PairCondition {
    let one = |dice: &mut Dice| {
        let side = *dice.pick(&[Side::This, Side::That]);
        PairCondition::One(side, test(dice))
    };
    match dice.roll(5) {
        0 => PairCondition::Not(Box::new(cross(dice))),
        1 => PairCondition::And(vec![cross(dice), one(dice)]),
        2 => PairCondition::Or(vec![cross(dice), one(dice)]),
        3 => PairCondition::Not(Box::new(PairCondition::And(vec![cross(dice), cross(dice)]))),
        _ => cross(dice),
    }
}

fn length(dice: &mut Dice) -> i64 {
    1 + dice.micros(12)
}

fn rule(dice: &mut Dice, kind: &str) -> Pattern {
    match kind {
        "never" => Pattern::Never {
            when: maybe(dice, |dice| event(dice, "use")),
            never: condition(dice),
        },
        "always" => Pattern::Always {
            when: maybe(dice, |dice| event(dice, "use")),
            always: condition(dice),
        },
        "only_after" => Pattern::Before {
            when: event(dice, "use"),
            only_after: event(dice, "consent"),
            until: maybe(dice, |dice| event(dice, "withdraw")),
            same: same(dice),
            condition: None,
            within: None,
        },
        "only_after within where" => Pattern::Before {
            when: event(dice, "use"),
            only_after: event(dice, "consent"),
            until: maybe(dice, |dice| event(dice, "withdraw")),
            same: same(dice),
            condition: maybe(dice, pair),
            within: maybe(dice, length),
        },
        "then" => Pattern::Within {
            when: event(dice, "request"),
            then: event(dice, "erase"),
            unless: maybe(dice, |dice| event(dice, "withdraw")),
            already: None,
            deadline: Deadline::After(Duration::of_micros(length(dice))),
            same: same(dice),
            condition: None,
            for_each: None,
            pause: None,
        },
        "then already where" => Pattern::Within {
            when: event(dice, "request"),
            then: event(dice, "erase"),
            unless: maybe(dice, |dice| event(dice, "withdraw")),
            already: maybe(dice, |dice| event(dice, "consent")),
            deadline: Deadline::After(Duration::of_micros(length(dice))),
            same: same(dice),
            condition: maybe(dice, pair),
            for_each: None,
            pause: None,
        },
        "then for_each" => Pattern::Within {
            when: event(dice, "request"),
            then: event(dice, "erase"),
            unless: maybe(dice, |dice| event(dice, "withdraw")),
            already: None,
            deadline: Deadline::After(Duration::of_micros(length(dice))),
            same: same(dice),
            condition: maybe(dice, pair),
            for_each: Some(ForEach {
                predicate: event(dice, "use"),
                each: vec![Field::Object],
            }),
            pause: None,
        },
        "every" => {
            let register = match dice.roll(3) {
                0 => Register::One,
                1 => Register::Members(vec!["a".to_owned(), "ab".to_owned()]),
                _ => Register::Entries {
                    when: event(dice, "consent"),
                    until: maybe(dice, |dice| event(dice, "withdraw")),
                },
            };
            let same = match register {
                Register::One => Vec::new(),
                _ => vec![Field::Subject],
            };
            Pattern::Every {
                happens: event(dice, "use"),
                every: Duration::of_micros(4 + length(dice)),
                register,
                same,
            }
        }
        "at_most" => Pattern::AtMost {
            happens: event(dice, "use"),
            at_most: dice.roll(4),
            within: length(dice),
            same: same(dice),
        },
        _ => Pattern::Lasts {
            when: event(dice, "consent"),
            lasts: Duration::of_micros(length(dice)),
            ends: event(dice, "withdraw"),
            same: same(dice),
            condition: maybe(dice, pair),
        },
    }
}

/// A pledge of one commitment, and a stream without late events.
///
/// Where the log has an end with duties that wait, no source has a delay: Avow
/// waits for what may still come, and MonPoly does not.
fn make(seed: u64, kind: &str) -> (Pledge, Vec<Event>) {
    let mut dice = Dice(seed);
    let closed = dice.one_in(2);
    let delay = if closed { dice.micros(4) } else { 0 };
    let declared = |name: &str, delay| SourceDeclaration {
        name: pattern(name),
        heartbeat: None,
        delay,
    };
    let sources = vec![declared("a-*", delay), declared("b", delay)];
    let mut one: Commitment = commitment("c", rule(&mut dice, kind));
    // Gaps make a breach unknown otherwise, and a formula does not see them.
    one.silence = Silence::Breach;
    if dice.one_in(3) {
        one.sources = vec![pattern("a-*")];
    }
    if dice.one_in(4) {
        one.to = Some(instant(30 + dice.micros(30)));
    }
    let events = stream(&mut dice, delay, closed);
    (pledge(vec![one], sources), events)
}

fn ours(pledge: &Pledge, events: &[Event]) -> u64 {
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(events.len() as u64, [0; 32]);
    report.commitments[0].counts.breached
}

#[test]
fn monpoly_and_verimon_judge_random_streams_as_the_monitor_does() {
    let Some(peer) = Peer::find() else {
        return;
    };
    let asked = std::env::var("AVOW_MONPOLY_PAIRS").map(|pairs| pairs.parse().unwrap());
    let pairs_each = asked.unwrap_or(PAIRS_EACH);
    let mut disagreements = Vec::new();
    let mut told = BTreeMap::new();
    for kind in KINDS {
        let (mut pairs, mut breached, mut breaches) = (0, 0, 0);
        for seed in 0..pairs_each {
            let (pledge, events) = make(seed, kind);
            let commitment = &pledge.commitments[0];
            let formula = mfotl::formula(commitment).unwrap();
            let mut points = TimePoints::new(&pledge, &[commitment]);
            for (leaf, event) in (0..).zip(&events) {
                points.push(leaf, event).unwrap();
            }
            let signature = points.signature();
            let mut log = String::new();
            points.finish(&mut |line| log.push_str(line));
            let files = (signature.as_str(), formula.as_str(), log.as_str());
            let end = commitment.pattern.mfotl_end();
            let monpoly = peer.judge(files, end, false).breaches;
            let verimon = peer.judge(files, end, true).breaches;
            let ours = ours(&pledge, &events);
            if ours != monpoly || ours != verimon {
                disagreements.push(format!(
                    "{kind}, seed {seed}: Avow {ours}, MonPoly {monpoly}, VeriMon {verimon}"
                ));
            }
            pairs += 1;
            breached += u64::from(ours > 0);
            breaches += ours;
        }
        assert!(breached * 8 > pairs, "{kind}: few pairs have a breach");
        told.insert(kind, (pairs, breached, breaches));
    }
    println!("pairs, of which with a breach, breaches: {told:?}");
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}
