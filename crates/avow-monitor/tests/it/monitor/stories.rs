//! Examples are run when a pledge is read, and each verdict is told in a plain
//! sentence.

use avow_event::{Event, PlaceTable};
use avow_monitor::{Language, Monitor, Pledge, explain, run_examples};
use expect_test::expect;

const PLEDGE: &str = r#"
[pledge]
title = { en = "Two promises", zh = "两项承诺" }
by = "Example Cloud"
to = "users in China"
from = 2026-03-01

[[source]]
name = "vault-*"
heartbeat = "PT1H"
delay = "PT1M"

[[commitment]]
id = "home"
says = { en = "Data about people in China stays in China.", zh = "中国用户的数据留在中国。" }
never = "action = 'copy' AND subject_country = 'CN' AND to_place <> 'CN'"

[[commitment.example]]
kept = [{ action = "copy", subject_country = "CN", from_place = "CN", to_place = "CN" }]
[[commitment.example]]
breached = [{ action = "copy", subject_country = "CN", from_place = "CN", to_place = "US" }]

[[commitment]]
id = "permission"
says = "Data is used only with consent."
when = "action = 'use'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]

[[commitment.example]]
kept = [{ action = "consent", subject = "a" }, { action = "use", subject = "a" }]
[[commitment.example]]
breached = [
  { action = "consent", subject = "a" },
  { action = "withdraw", subject = "a" },
  { action = "use", subject = "a" },
]

[[commitment]]
id = "erasure"
says = "What somebody wants erased is erased within a day."
when = "action = 'request'"
then = "action = 'erase'"
within = "PT24H"
same = ["subject"]

[[commitment.example]]
kept = [{ action = "request", subject = "a" }, { action = "erase", subject = "a" }]
[[commitment.example]]
breached = [{ action = "request", subject = "a" }, { action = "erase", subject = "b" }]
"#;

pub(crate) fn pledge() -> Pledge {
    Pledge::parse(PLEDGE, &PlaceTable::built_in()).unwrap()
}

#[test]
fn examples_that_end_as_they_say_pass() {
    assert_eq!(run_examples(&pledge()), []);
}

#[test]
fn an_example_that_ends_otherwise_says_how_it_ended() {
    let mut pledge = pledge();
    for commitment in &mut pledge.commitments {
        for example in &mut commitment.examples {
            example.kept = !example.kept;
        }
        let last = commitment.examples.last().unwrap().clone();
        commitment.examples.push(avow_monitor::Example {
            kept: false,
            events: last.events.into_iter().take(0).collect(),
        });
    }
    let failures = run_examples(&pledge);
    let lines: Vec<String> = failures.iter().map(ToString::to_string).collect();
    expect![[r#"
        example 1 of `home` is meant to be breached, but its instances are 1 kept
        example 2 of `home` is meant to be kept, but its instances are 1 breached
        example 3 of `home` is meant to be breached, but no event in it makes an instance: `when` is never true
        example 1 of `permission` is meant to be breached, but its instances are 1 kept
        example 2 of `permission` is meant to be kept, but its instances are 1 breached
        example 3 of `permission` is meant to be breached, but no event in it makes an instance: `when` is never true
        example 1 of `erasure` is meant to be breached, but its instances are 1 kept
        example 2 of `erasure` is meant to be kept, but its instances are 1 breached
        example 3 of `erasure` is meant to be breached, but no event in it makes an instance: `when` is never true"#]].assert_eq(&lines.join("\n"));
}

/// A line an event: time, action, then fields.
pub(crate) fn story() -> Vec<Event> {
    let lines = [
        r#"{"action":"copy","from_place":"CN","name":"CopySnapshot","seq":1,"source":"vault-1","subject_country":"CN","system":"ec2","time":"2026-03-08T14:02:00.000000Z","to_place":"US","v":1}"#,
        r#"{"action":"use","seq":2,"source":"vault-1","subject":"a","time":"2026-03-08T14:03:00.000000Z","v":1}"#,
        r#"{"action":"consent","seq":3,"source":"vault-1","subject":"a","time":"2026-03-08T14:04:00.000000Z","v":1}"#,
        r#"{"action":"use","place":"CN","seq":4,"source":"vault-1","subject":"a","time":"2026-03-08T14:05:00.000000Z","v":1}"#,
        r#"{"action":"withdraw","seq":5,"source":"vault-1","subject":"a","time":"2026-03-08T14:06:00.000000Z","v":1}"#,
        r#"{"action":"use","seq":6,"source":"vault-1","subject":"a","time":"2026-03-08T14:07:00.250000Z","v":1}"#,
        r#"{"action":"request","seq":7,"source":"vault-1","subject":"a","time":"2026-03-08T14:08:00.000000Z","v":1}"#,
        r#"{"action":"request","seq":8,"source":"vault-1","subject":"b","time":"2026-03-08T14:09:00.000000Z","v":1}"#,
        r#"{"action":"erase","seq":9,"source":"vault-1","subject":"b","time":"2026-03-08T14:10:00.000000Z","v":1}"#,
        r#"{"action":"copy","seq":10,"source":"vault-1","subject_country":"CN","time":"2026-03-08T14:11:00.000000Z","v":1}"#,
    ];
    let events = lines
        .iter()
        .map(|line| Event::from_leaf(line.as_bytes()).unwrap());
    events.collect()
}

fn sentences(language: Language) -> String {
    told(&story(), language)
}

/// What is said about each instance that is shown.
fn told(events: &[Event], language: Language) -> String {
    let pledge = pledge();
    let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(events.len() as u64, [0; 32]);
    let lookup = |leaf: u64| events.get(leaf as usize).cloned();
    let mut text = String::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        for instance in &found.instances {
            text += &explain::sentence(commitment, instance, &lookup, language);
            text += "\n";
        }
    }
    text
}

#[test]
fn each_verdict_is_told_in_a_plain_sentence() {
    expect![[r#"
        leaf 0: `copy` from CN to US of data about people of CN (`ec2 CopySnapshot`) on 2026-03-08 14:02:00 UTC, which `home` forbids
        leaf 9: `copy` of data about people of CN on 2026-03-08 14:11:00 UTC; it does not say enough to tell whether `home` applies and was kept
        leaf 1: `use` on 2026-03-08 14:03:00 UTC, as `home` promises
        leaf 2: `consent` on 2026-03-08 14:04:00 UTC, as `home` promises
        leaf 3: `use` in CN on 2026-03-08 14:05:00 UTC, as `home` promises
        leaf 5: `use` on 2026-03-08 14:07:00.25 UTC; the permission had ended with leaf 4, `withdraw` on 2026-03-08 14:06:00 UTC, which breaks `permission`
        leaf 1: `use` on 2026-03-08 14:03:00 UTC; evidence is missing that could decide whether `permission` was kept
        leaf 3: `use` in CN on 2026-03-08 14:05:00 UTC; permitted by leaf 2, `consent` on 2026-03-08 14:04:00 UTC
        leaf 6: `request` on 2026-03-08 14:08:00 UTC; `erasure` demands an answer by 2026-03-09 14:08:00 UTC
        leaf 7: `request` on 2026-03-08 14:09:00 UTC; done by leaf 8, `erase` on 2026-03-08 14:10:00 UTC, in time for 2026-03-09 14:09:00 UTC
    "#]].assert_eq(&sentences(Language::English));
    expect![[r#"
        第 0 号叶：2026-03-08 14:02:00 UTC，从 CN 到 US 的 `copy`（涉及 CN 个人的数据）（`ec2 CopySnapshot`），为 `home` 所禁止
        第 9 号叶：2026-03-08 14:11:00 UTC，`copy`（涉及 CN 个人的数据）；其内容不足以判断 `home` 是否适用、是否得到遵守
        第 1 号叶：2026-03-08 14:03:00 UTC，`use`，符合 `home` 的承诺
        第 2 号叶：2026-03-08 14:04:00 UTC，`consent`，符合 `home` 的承诺
        第 3 号叶：2026-03-08 14:05:00 UTC，在 CN 的 `use`，符合 `home` 的承诺
        第 5 号叶：2026-03-08 14:07:00.25 UTC，`use`；许可已因第 4 号叶（2026-03-08 14:06:00 UTC，`withdraw`）而终止，违反 `permission`
        第 1 号叶：2026-03-08 14:03:00 UTC，`use`；缺少可判断 `permission` 是否得到遵守的证据
        第 3 号叶：2026-03-08 14:05:00 UTC，在 CN 的 `use`；许可来自第 2 号叶（2026-03-08 14:04:00 UTC，`consent`）
        第 6 号叶：2026-03-08 14:08:00 UTC，`request`；`erasure` 要求在 2026-03-09 14:08:00 UTC 前作出回应
        第 7 号叶：2026-03-08 14:09:00 UTC，`request`；已由第 8 号叶（2026-03-08 14:10:00 UTC，`erase`）履行，未超过期限 2026-03-09 14:09:00 UTC
    "#]].assert_eq(&sentences(Language::Chinese));
}

#[test]
fn what_arrived_late_is_told_for_what_it_leaves_open() {
    let lines = [
        r#"{"action":"consent","seq":1,"source":"vault-1","subject":"a","time":"2026-03-08T09:00:00.000000Z","v":1}"#,
        r#"{"action":"request","seq":2,"source":"vault-1","subject":"b","time":"2026-03-08T12:00:00.000000Z","v":1}"#,
        r#"{"action":"withdraw","logged":"2026-03-08T12:00:00.000000Z","seq":3,"source":"vault-1","subject":"a","time":"2026-03-08T10:00:00.000000Z","v":1}"#,
        r#"{"action":"erase","logged":"2026-03-08T12:00:00.000000Z","seq":4,"source":"vault-1","subject":"b","time":"2026-03-08T11:00:00.000000Z","v":1}"#,
        r#"{"action":"heartbeat","seq":5,"source":"vault-1","time":"2026-03-09T12:02:00.000000Z","v":1}"#,
    ];
    let events: Vec<Event> = lines
        .iter()
        .map(|line| Event::from_leaf(line.as_bytes()).unwrap())
        .collect();
    let late = |language| {
        let told = told(&events, language);
        let lines = told.lines().filter(|line| !line.contains("`home`"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    expect![[r#"
        leaf 2: `withdraw` on 2026-03-08 10:00:00 UTC; it ends a permission, or may end one, and arrived later than its source promised, so that what was done in between is not known to be permitted
        leaf 1: `request` on 2026-03-08 12:00:00 UTC; leaf 3, `erase` on 2026-03-08 11:00:00 UTC, arrived after it and tells of a time before it, so that it may be no answer to it by 2026-03-09 12:00:00 UTC
    "#]].assert_eq(&late(Language::English));
    expect![[r#"
        第 2 号叶：2026-03-08 10:00:00 UTC，`withdraw`；其终止或可能终止许可，但到达晚于该来源承诺的时限，其间的行为是否获得许可无法确定
        第 1 号叶：2026-03-08 12:00:00 UTC，`request`；第 3 号叶（2026-03-08 11:00:00 UTC，`erase`）到达在后，所述时间却在此之前，无法确定是否在 2026-03-09 12:00:00 UTC 前得到回应
    "#]].assert_eq(&late(Language::Chinese));
}
