//! Logs in MonPoly's format, by a mapping.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use avow_event::{Action, Event, Field, PlaceTable, is_pseudonym};
use avow_source::{Input, Kind, Mapping, Numbering, SourceError, Stats};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::evidence::key;

const MAPPING: &str = r#"
source = "clinic"
epoch = 1970-01-01
unit = "P1D"
point = "quantity"
skip = ["tick"]

[[event]]
predicate = "revoke"
action = "withdraw"
args = ["subject", "object"]

[[event]]
predicate = "consent"
action = "consent"
args = ["subject", "object"]
set = { basis = "consent", mfa = true, bytes = 7, actor = "desk" }

[[event]]
predicate = "use"
action = "use"
args = ["object", "-", "purpose"]

[[event]]
predicate = "move"
action = "transfer"
args = ["to_place", "bytes", "write", "due"]
"#;

fn read_by(mapping: &str, log: &[u8]) -> (Vec<Event>, Stats) {
    let mapping = Mapping::parse(mapping).unwrap();
    let mut events = Vec::new();
    let mut sink = |event: Event, numbering| {
        assert_eq!(numbering, Numbering::Counted);
        events.push(event);
    };
    let stats =
        avow_source::read_monpoly(Path::new("log"), &mapping, &mut &*log, &key(), &mut sink);
    (events, stats.unwrap())
}

fn read(log: &str) -> (Vec<Event>, Stats) {
    read_by(MAPPING, log.as_bytes())
}

/// Day and action of each event.
fn told(events: &[Event]) -> String {
    let words: Vec<String> = events
        .iter()
        .map(|event| {
            let day = event.time.get() / 86_400_000_000;
            format!("{day} {} {}", event.seq, event.action.as_str())
        })
        .collect();
    words.join(", ")
}

fn check(log: &str, expected: &str) {
    let (events, stats) = read(log);
    assert_eq!(stats.malformed, 0, "{:?}", stats.malformed_first);
    assert_eq!(told(&events), expected, "{log}");
}

#[test]
fn arguments_and_constants_become_fields_and_people_become_pseudonyms() {
    let (events, stats) = read(
        "@10 consent(\"ana\", x-1)\n@11 use(x-1, 5, \"billing and more\") move(CN, 12, true, 20);",
    );
    assert_eq!((stats.malformed, events.len()), (0, 3));
    let [consent, used, moved] = &events[..] else {
        panic!("three events");
    };
    assert_eq!(consent.source, "monpoly-clinic");
    assert_eq!(consent.time.to_string(), "1970-01-11T00:00:00.000000Z");
    assert_eq!(consent.basis.as_deref(), Some("consent"));
    assert_eq!((consent.mfa, consent.bytes), (Some(true), Some(7)));
    let pseudonym = |kind, text| Some(key().pseudonym(kind, text));
    assert_eq!(consent.subject, pseudonym("subject", "ana"));
    assert_eq!(consent.actor, pseudonym("actor", "desk"));
    assert_eq!(consent.object, used.object);
    assert!(is_pseudonym(used.object.as_deref().unwrap()));
    assert_eq!(used.purpose.as_deref(), Some("billing and more"));
    assert_eq!((consent.quantity, used.quantity), (Some(0), Some(1)));
    assert_eq!(moved.to_place.unwrap().as_str(), "CN");
    assert_eq!((moved.bytes, moved.write), (Some(12), Some(true)));
    assert_eq!(
        moved.due.unwrap().to_string(),
        "1970-01-21T00:00:00.000000Z"
    );
}

#[test]
fn events_of_one_time_point_come_in_the_order_of_the_tables() {
    check(
        "@3 use(d,i,p) consent(s,d) revoke(s,d)\n@3 use(d,i,q)",
        "3 1 withdraw, 3 2 consent, 3 3 use, 3 4 use",
    );
}

#[test]
fn a_time_point_without_an_event_is_a_heartbeat() {
    check(
        "@3\n@4 tick()\n@5 tick\n",
        "3 1 heartbeat, 4 2 heartbeat, 5 3 heartbeat",
    );
}

#[test]
fn a_predicate_that_is_said_twice_at_one_time_point_is_one_event() {
    let (events, stats) = read("@3 use(d,i,p)(d,j,p)(d,i,p) use(\"d\",i,p)\n@3 use(d,i,p)");
    assert_eq!(told(&events), "3 1 use, 3 2 use, 3 3 use");
    assert_eq!((stats.events, stats.duplicates), (5, 2));
}

#[test]
fn every_way_to_write_the_same_log_gives_the_same_events() {
    let expected = "3 1 withdraw, 3 2 use, 4 3 use";
    for log in [
        "@3 use(d,i,p) revoke(s,d)\n@4 use(d,i,p)\n",
        "@3 use(d,i,p) revoke(s,d); @4 use(d,i,p);",
        "@3 use(d,i,p)revoke(s,d)@4 use(d,i,p)",
        "@3\n  use (d, i,\tp)\r\n  revoke(\"s\",d)\n# what comes now ( \" is a comment\n@4 use(d,i,p)",
        "1388364081|@3 use(d,i,p) revoke(s,d);\n1388364082|@4 use(d,i,p);\n",
        "\u{feff}@3 use(d,i,p) revoke(s,r\"d\")\n12|@4 use(d,i,p)",
    ] {
        check(log, expected);
    }
}

#[test]
fn a_backslash_keeps_a_quote_inside_a_string_and_is_kept_itself() {
    let (events, _) = read(r#"@3 use(d, i, "a \" b")"#);
    assert_eq!(events[0].purpose.as_deref(), Some(r#"a \" b"#));
}

#[test]
fn the_clock_of_time_points_counts_them_from_zero() {
    let mapping = MAPPING.replace("point =", "clock = \"timepoint\"\npoint =");
    let (events, _) = read_by(&mapping, b"@30 use(d,i,p)\n@30\n@99 use(d,i,p)");
    assert_eq!(told(&events), "0 1 use, 1 2 heartbeat, 2 3 use");
}

fn reasons(log: &str, expected: Expect) {
    let (events, stats) = read(log);
    let mut lines: Vec<String> = stats
        .malformed_first
        .iter()
        .map(|one| format!("{}: {}", one.line, one.reason))
        .collect();
    assert_eq!(stats.malformed, lines.len() as u64);
    lines.push(told(&events));
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn what_is_wrong_with_a_value_costs_one_event() {
    reasons(
        "@3 use(d,i,p) use(d,i) buy(x) move(eu,1,true,5)\n@4 move(CN,-1,true,5) move(CN,1,yes,5) move(CN,1,true,soon)(CN,1,true,5)",
        expect![[r#"
            1: column 15: it has 2 arguments here, and 3 in the mapping
            1: column 24: `buy` has no `[[event]]` in the mapping and is not under its `skip`
            1: column 31: `to_place` takes an ISO 3166-1 alpha-2 code in capitals, or `UNKNOWN`
            2: column 4: `bytes` takes an integer
            2: column 23: `write` takes `true` or `false`
            2: column 40: `due` takes a number of units or an RFC 3339 time
            3 1 use, 4 2 transfer"#]],
    );
}

#[test]
fn a_slip_of_the_form_costs_the_rest_of_its_time_point() {
    reasons(
        "use(d,i,p)\n@3 use(d,i,p) use(d i) use(d,i,p)\n use(d,i,r)\n@4 use(d,ü,p)\n@5 revoke(s,\"d)\n@6 use(d,i,p) > save <\n@x use(d,i,p)\n@7 use(d,i,p)",
        expect![[r#"
            1: column 1: a time point begins with `@`
            2: column 21: expected `,` or `)`
            4: column 10: put quotes around a text with this character
            5: column 13: a string is not closed on its line
            6: column 15: commands to MonPoly are not read, only its logs
            7: column 2: a timestamp is an integer of at most 64 bits
            3 1 use, 4 2 heartbeat, 5 3 heartbeat, 6 4 use, 7 5 use"#]],
    );
}

#[test]
fn a_time_that_goes_back_is_not_read() {
    reasons(
        "@9 use(d,i,p)\n@8 use(d,i,p)\n@9 use(d,i,q)\n@99999999999 use(d,i,p)\n@10 use(d,i,p)",
        expect![[r#"
            2: column 4: the timestamp is before that of an earlier time point
            4: column 14: the time is outside the years 0001 to 9999
            9 1 use, 9 2 use, 10 3 use"#]],
    );
}

#[test]
fn what_a_torn_last_line_says_is_not_made_up() {
    for (log, reason, expected) in [
        (
            "@3 use(d,i,p)\n@",
            "the file ends before a timestamp",
            "3 1 use",
        ),
        (
            "@3 use(d,i,p)\n@4",
            "the file ends inside a timestamp",
            "3 1 use",
        ),
        (
            "@3 use(d,i,p)\n@4 use(d,i,p) tick",
            "the file ends inside a name",
            "3 1 use, 4 2 use",
        ),
        (
            "@3 use(d,i,p)\n@4 use(d,i,p) use(d,",
            "the file ends inside a predicate",
            "3 1 use, 4 2 use",
        ),
        (
            "@3 use(d,i,p)\n@4 use(d,i,p) use(d,\"a",
            "the file ends inside a string",
            "3 1 use, 4 2 use",
        ),
    ] {
        let (events, stats) = read(log);
        assert_eq!(stats.malformed, 1, "{log}");
        let found = &stats.malformed_first[0];
        assert!(found.reason.ends_with(reason), "{log}: {}", found.reason);
        assert_eq!((found.line, told(&events).as_str()), (2, expected), "{log}");
    }
}

#[test]
fn no_reason_repeats_what_may_be_a_name() {
    let name = "jane.doe";
    for log in [
        format!("@3 {name}(x)"),
        format!("@3 move({name},1,true,5)"),
        format!("@3 move(CN,{name},true,5)"),
        format!("@3 move(CN,1,{name},5)"),
        format!("@3 move(CN,1,true,{name})"),
        format!("@{name} tick()"),
        format!("@3 use(d,i,p) \"{name}\" (\""),
    ] {
        let (_, stats) = read(&log);
        assert!(stats.malformed > 0, "{log}");
        for one in stats.malformed_first {
            assert!(!one.reason.contains("jane"), "{}", one.reason);
        }
    }
}

#[test]
fn a_wrong_mapping_is_refused_with_its_line_and_column() {
    let wrong = |from: &str, to: &str| {
        assert!(MAPPING.contains(from));
        let error = Mapping::parse(&MAPPING.replacen(from, to, 1)).unwrap_err();
        error.to_string()
    };
    for (from, to, expected) in [
        (
            "unit = \"P1D\"",
            "unit = \"P1M\"",
            "4:8: `unit` is how long one step of the clock is, for example `\"PT1S\"` or `\"P1D\"`",
        ),
        (
            "point = ",
            "clock = \"wall\"\npoint = ",
            "5:9: `clock` is `\"timestamp\"` or `\"timepoint\"`",
        ),
        (
            "1970-01-01",
            "1970-01-01T00:00:00",
            "3:9: `epoch` is a date, or a date and time with offset: `1970-01-01T00:00:00Z`",
        ),
        (
            "\"clinic\"",
            "\"the clinic\"",
            "2:10: `source` is 1 to 64 letters, digits, `-`, `_` and `.`",
        ),
        (
            "\"quantity\"",
            "\"purpose\"",
            "5:9: the number of a time point goes into an integer field",
        ),
        (
            "skip =",
            "skips =",
            "6:1: unknown field `skips`, expected one of `source`, `epoch`, `unit`, `clock`, `point`, `skip`, `event`",
        ),
        ("\"tick\"", "\"use\"", "20:13: `use` is under `skip`, too"),
        (
            "\"revoke\"",
            "\"consent\"",
            "14:13: `consent` has a table already",
        ),
        (
            "\"withdraw\"",
            "\"unconsent\"",
            "10:10: `action` has no value `unconsent`; see docs/spec/event.md",
        ),
        (
            "[\"subject\", \"object\"]",
            "[\"subject\", \"colour\"]",
            "11:20: `colour` is no field of an event; write `\"-\"` for what is not needed",
        ),
        (
            "[\"subject\", \"object\"]",
            "[\"subject\", \"subject\"]",
            "11:20: `subject` is set twice",
        ),
        (
            "[\"subject\", \"object\"]",
            "[\"quantity\"]",
            "11:9: `quantity` is set twice",
        ),
        (
            "[\"subject\", \"object\"]",
            "[\"time\"]",
            "11:9: `time` is not set by an argument or constant",
        ),
        (
            "bytes = 7",
            "bytes = -7",
            "14:13: in `set`: `bytes` takes a text, an integer or a truth value",
        ),
        (
            "mfa = true",
            "mfa = \"yes\"",
            "14:13: in `set`: `mfa` takes `true` or `false`",
        ),
    ] {
        assert_eq!(wrong(from, to), expected);
    }
}

/// Reads `monpoly:…` as a user names it.
fn read_named(named: &str) -> Result<Vec<Event>, SourceError> {
    let input = Input::parse(OsStr::new(named)).unwrap();
    assert_eq!(input.kind, Some(Kind::MonPoly));
    let mut events = Vec::new();
    let mut sink = |event, _| events.push(event);
    avow_source::read(&[input], &PlaceTable::built_in(), &key(), &mut sink)?;
    Ok(events)
}

#[test]
fn the_mapping_lies_beside_the_log_or_is_named_after_a_comma() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let log = b"@3 use(d,i,p)\n@4 tick()\n";
    fs::write(path("a.log"), log).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(log).unwrap();
    fs::write(path("b,c.log.gz"), packed.finish().unwrap()).unwrap();
    fs::write(path("a.toml"), MAPPING).unwrap();
    let named = |text: &str| format!("monpoly:{}/{text}", folder.path().display());
    let with = |log: &str, mapping: &str| format!("{},{}", named(log), path(mapping).display());
    let expected = "3 1 use, 4 2 heartbeat";
    for name in [
        named("a.log"),
        with("a.log", "a.toml"),
        with("b,c.log.gz", "a.toml"),
    ] {
        assert_eq!(told(&read_named(&name).unwrap()), expected, "{name}");
    }
    let missing: PathBuf = path("b,c.toml");
    assert!(matches!(
        read_named(&named("b,c.log.gz")),
        Err(SourceError::NoMapping { mapping }) if mapping == missing
    ));
    fs::write(path("b,c.toml"), "source = 5\n").unwrap();
    let error = read_named(&named("b,c.log.gz")).unwrap_err();
    assert!(error.to_string().contains("b,c.toml:1:10: "), "{error}");
}

#[test]
fn the_case_log_is_read_whole() {
    let Some(folder) = crate::evidence::folder() else {
        return;
    };
    let mapping = r#"
source = "gdpr"
epoch = 1970-01-01
unit = "P1D"
skip = ["tick"]
event = [
  { predicate = "ds_revoke", action = "withdraw", args = ["subject", "object"] },
  { predicate = "ds_consent", action = "consent", args = ["subject", "object"] },
  { predicate = "legal_grounds", action = "approve", args = ["subject", "object"] },
  { predicate = "collect", action = "collect", args = ["object", "case_id", "subject"] },
  { predicate = "use", action = "use", args = ["object", "case_id", "subject"] },
  { predicate = "share_with", action = "disclose", args = ["system", "case_id"] },
  { predicate = "ds_deletion_request", action = "request", args = ["object", "case_id", "subject"] },
  { predicate = "delete", action = "erase", args = ["object", "case_id", "subject"] },
]
"#;
    let mut stream = flate2::read::GzDecoder::new(
        fs::File::open(folder.join("gdpr-case-log/gdpr.log.gz")).unwrap(),
    );
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut text).unwrap();
    let (events, stats) = read_by(mapping, &text);
    // Counted by `grep -o` of the predicates' names.
    let said: u64 = [699, 522, 699, 8, 8, 397, 982, 2316].iter().sum();
    let twice = stats.duplicates;
    assert_eq!(
        (stats.malformed, stats.skipped, stats.events),
        (0, 395, said)
    );
    let count = |action| events.iter().filter(|e| e.action == action).count();
    assert_eq!(count(Action::Use), 2_316);
    assert_eq!((twice, count(Action::Heartbeat)), (0, 395));
}

proptest! {
    #[test]
    fn any_bytes_are_counted_and_never_a_panic(
        log in prop::collection::vec(prop::sample::select(b"@@@0123456789 (),;|\"\\\n\n#usetickdx>\xff".to_vec()), 0..200)
    ) {
        let (events, stats) = read_by(MAPPING, &log);
        prop_assert!(stats.records >= stats.events + stats.skipped);
        prop_assert_eq!(stats.events, stats.unique_events + stats.duplicates);
        prop_assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time));
        prop_assert!(events.iter().all(|event| event.get(Field::Quantity).is_some() || event.action == Action::Heartbeat));
    }
}

#[test]
fn the_mapping_and_the_log_on_the_page_can_be_read() {
    let page = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/sources/monpoly.md"
    ));
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (mapping, _) = rest.split_once("```").unwrap();
    let log: String = page
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.contains('@'))
        .map(|line| format!("{line}\n"))
        .collect();
    let (events, stats) = read_by(mapping, log.as_bytes());
    assert_eq!(stats.malformed, 0, "{:?}", stats.malformed_first);
    assert_eq!(
        told(&events),
        "16069 1 consent, 16069 2 use, 16069 3 use, 16070 4 heartbeat"
    );
}
