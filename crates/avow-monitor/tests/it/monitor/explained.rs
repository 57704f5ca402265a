//! What is said about the instances of every rule, and by what each is shown.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Language, Monitor, Pledge, explain};
use expect_test::expect;

/// Rules, each with examples that are run when the pledge is read.
const PLEDGE: &str = r#"
[pledge]
title = "Every rule"
by = "Example Cloud"
to = "its users"
from = 2026-03-01

[[source]]
name = "vault"

[[commitment]]
id = "fresh"
says = "Data is opened only within eight hours after another person's approval."
when = "action = 'access'"
only_after = "action = 'approve'"
within = "PT8H"
where = "that.actor <> this.actor"
same = ["object"]
example = [
  { kept = [{ action = "approve", object = "a", actor = "x" }, { action = "access", object = "a", actor = "y" }] },
  { breached = [{ action = "approve", object = "a", actor = "x" }, { action = "access", object = "a", actor = "x" }] },
]

[[commitment]]
id = "tell"
says = "Every recipient of the data is told of its erasure within a month."
when = "action = 'erase'"
then = "action = 'notify'"
within = "P1M"
for_each = "action = 'transfer'"
each = ["to_place"]
same = ["subject"]
example = [
  { kept = [{ action = "transfer", subject = "s", to_place = "US" }, { action = "erase", subject = "s" }, { action = "notify", subject = "s", to_place = "US" }] },
  { breached = [{ action = "transfer", subject = "s", to_place = "US" }, { action = "erase", subject = "s" }] },
]

[[commitment]]
id = "review"
says = "Both systems are reviewed every three months."
every = "P3M"
happens = "action = 'assess'"
members = ["north", "south"]
same = ["object"]
example = [
  { kept = [{ action = "assess", object = "north" }, { action = "assess", object = "south" }] },
  { breached = [{ action = "assess", object = "north", time = 2026-03-01 }, { action = "use", time = 2026-07-01 }] },
]

[[commitment]]
id = "calm"
says = "At most one export a day."
happens = "action = 'copy'"
at_most = 1
within = "P1D"
same = ["actor"]
example = [
  { kept = [{ action = "copy", actor = "x" }] },
  { breached = [{ action = "copy", actor = "x" }, { action = "copy", actor = "x" }] },
]

[[commitment]]
id = "keep"
says = "An assessment is kept for three years."
when = "action = 'assess'"
lasts = "P3Y"
ends = "action = 'erase'"
same = ["object"]
example = [
  { kept = [{ action = "assess", object = "north" }] },
  { breached = [{ action = "assess", object = "north" }, { action = "erase", object = "north" }] },
]
"#;

const LEAVES: [&str; 9] = [
    r#"{"action":"approve","actor":"x","object":"a","seq":1,"source":"vault","time":"2026-03-01T09:00:00.000000Z","v":1}"#,
    r#"{"action":"access","actor":"y","object":"a","seq":2,"source":"vault","time":"2026-03-01T10:00:00.000000Z","v":1}"#,
    r#"{"action":"access","actor":"y","object":"a","seq":3,"source":"vault","time":"2026-03-01T20:00:00.000000Z","v":1}"#,
    r#"{"action":"transfer","seq":4,"source":"vault","subject":"s","time":"2026-03-02T08:00:00.000000Z","to_place":"US","v":1}"#,
    r#"{"action":"erase","seq":5,"source":"vault","subject":"s","time":"2026-03-02T09:00:00.000000Z","v":1}"#,
    r#"{"action":"assess","object":"north","seq":6,"source":"vault","time":"2026-03-03T09:00:00.000000Z","v":1}"#,
    r#"{"action":"copy","actor":"x","seq":7,"source":"vault","time":"2026-03-03T10:00:00.000000Z","v":1}"#,
    r#"{"action":"copy","actor":"x","seq":8,"source":"vault","time":"2026-03-03T11:00:00.000000Z","v":1}"#,
    r#"{"action":"erase","object":"north","seq":9,"source":"vault","time":"2026-06-10T09:00:00.000000Z","v":1}"#,
];

fn told(language: Language) -> String {
    let pledge = Pledge::parse(PLEDGE, &PlaceTable::built_in()).unwrap();
    let leaf = |line: &&str| Event::from_leaf(line.as_bytes()).unwrap();
    let events: Vec<Event> = LEAVES.iter().map(leaf).collect();
    let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(&events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(events.len() as u64, [0; 32]);
    let lookup = |leaf: u64| events.get(leaf as usize).cloned();
    let mut text = String::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        for instance in &found.instances {
            text += &explain::sentence(commitment, instance, &lookup, language);
            text += "\n  ";
            text += &explain::basis(commitment, instance, &lookup, language);
            text += "\n";
        }
    }
    text
}

#[test]
fn every_rule_is_told_with_the_leaves_and_the_silence_that_show_it() {
    expect![[r#"
        leaf 2: `access` on 2026-03-01 20:00:00 UTC; the permission by leaf 0, `approve` on 2026-03-01 09:00:00 UTC was older than `fresh` allows
          shown by leaf 0, leaf 2, and nothing to the contrary from any source between 2026-03-01 09:00:00 UTC and 2026-03-01 20:00:00 UTC
        leaf 1: `access` on 2026-03-01 10:00:00 UTC; permitted by leaf 0, `approve` on 2026-03-01 09:00:00 UTC
          shown by leaf 0, leaf 1
        leaf 4: `erase` on 2026-03-02 09:00:00 UTC, as to leaf 3, `transfer` to US on 2026-03-02 08:00:00 UTC; `tell` demanded an answer by 2026-04-02 09:00:00 UTC, and there was none
          shown by leaf 3, leaf 4, and nothing to the contrary from any source between 2026-03-02 09:00:00 UTC and 2026-04-02 09:00:00 UTC
        leaf 8: `erase` on 2026-06-10 09:00:00 UTC; it does not say which `subject` it is about
          shown by leaf 8
        `south`, from the beginning of the promise on 2026-03-01 00:00:00 UTC; `review` demanded that it be done again by 2026-06-01 00:00:00 UTC, and it was not
          shown by leaf 0, and nothing to the contrary from any source between 2026-03-01 00:00:00 UTC and 2026-06-01 00:00:00 UTC
        leaf 5: `assess` on 2026-03-03 09:00:00 UTC; `review` demanded that it be done again by 2026-06-03 09:00:00 UTC, and it was not
          shown by leaf 5, and nothing to the contrary from any source between 2026-03-03 09:00:00 UTC and 2026-06-03 09:00:00 UTC
        `north`, from the beginning of the promise on 2026-03-01 00:00:00 UTC; it was done again by leaf 5, `assess` on 2026-03-03 09:00:00 UTC, in time for 2026-06-01 00:00:00 UTC
          shown by leaf 0, leaf 5
        leaf 7: `copy` on 2026-03-03 11:00:00 UTC; since leaf 6, `copy` on 2026-03-03 10:00:00 UTC, there were more than `calm` allows
          shown by leaf 6, leaf 7
        leaf 6: `copy` on 2026-03-03 10:00:00 UTC; with those before it there are no more than `calm` allows
          shown by leaf 6, and nothing to the contrary from any source between 2026-03-02 10:00:00 UTC and 2026-03-03 10:00:00 UTC
        leaf 5: `assess` on 2026-03-03 09:00:00 UTC; it was ended by leaf 8, `erase` on 2026-06-10 09:00:00 UTC, earlier than `keep` allows
          shown by leaf 5, leaf 8
    "#]]
    .assert_eq(&told(Language::English));
}

#[test]
fn the_same_is_told_in_chinese() {
    expect![[r#"
        第 2 号叶：2026-03-01 20:00:00 UTC，`access`；第 0 号叶（2026-03-01 09:00:00 UTC，`approve`）所给的许可已超过 `fresh` 规定的有效时长
          依据：第 0 号叶、第 2 号叶，且所有来源自 2026-03-01 09:00:00 UTC 至 2026-03-01 20:00:00 UTC 没有相反的证据
        第 1 号叶：2026-03-01 10:00:00 UTC，`access`；许可来自第 0 号叶（2026-03-01 09:00:00 UTC，`approve`）
          依据：第 0 号叶、第 1 号叶
        第 4 号叶：2026-03-02 09:00:00 UTC，`erase`，就第 3 号叶（2026-03-02 08:00:00 UTC，到 US 的 `transfer`）而言；`tell` 要求在 2026-04-02 09:00:00 UTC 前作出回应，但没有回应
          依据：第 3 号叶、第 4 号叶，且所有来源自 2026-03-02 09:00:00 UTC 至 2026-04-02 09:00:00 UTC 没有相反的证据
        第 8 号叶：2026-06-10 09:00:00 UTC，`erase`；其未说明所涉的 `subject`
          依据：第 8 号叶
        `south`，承诺自 2026-03-01 00:00:00 UTC 起；`review` 要求在 2026-06-01 00:00:00 UTC 前再次履行，但没有履行
          依据：第 0 号叶，且所有来源自 2026-03-01 00:00:00 UTC 至 2026-06-01 00:00:00 UTC 没有相反的证据
        第 5 号叶：2026-03-03 09:00:00 UTC，`assess`；`review` 要求在 2026-06-03 09:00:00 UTC 前再次履行，但没有履行
          依据：第 5 号叶，且所有来源自 2026-03-03 09:00:00 UTC 至 2026-06-03 09:00:00 UTC 没有相反的证据
        `north`，承诺自 2026-03-01 00:00:00 UTC 起；已由第 5 号叶（2026-03-03 09:00:00 UTC，`assess`）再次履行，未超过期限 2026-06-01 00:00:00 UTC
          依据：第 0 号叶、第 5 号叶
        第 7 号叶：2026-03-03 11:00:00 UTC，`copy`；自第 6 号叶（2026-03-03 10:00:00 UTC，`copy`）以来，次数已超过 `calm` 的上限
          依据：第 6 号叶、第 7 号叶
        第 6 号叶：2026-03-03 10:00:00 UTC，`copy`；连同此前的次数未超过 `calm` 的上限
          依据：第 6 号叶，且所有来源自 2026-03-02 10:00:00 UTC 至 2026-03-03 10:00:00 UTC 没有相反的证据
        第 5 号叶：2026-03-03 09:00:00 UTC，`assess`；已因第 8 号叶（2026-06-10 09:00:00 UTC，`erase`）终止，早于 `keep` 允许的时间
          依据：第 5 号叶、第 8 号叶
    "#]]
    .assert_eq(&told(Language::Chinese));
}
