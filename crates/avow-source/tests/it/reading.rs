//! What is read, counted, passed over and refused.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::Path;

use avow_event::{Event, PlaceTable};
use avow_source::{Input, Kind, Numbering, RECORD_BYTES_MAX, SourceError, Stats};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::evidence::{self, key};

fn read_as(kind: Option<Kind>, bytes: &[u8]) -> (Vec<Event>, Stats) {
    let mut events = Vec::new();
    let stats = avow_source::read_stream(
        Path::new("test"),
        kind,
        &mut { bytes },
        &PlaceTable::built_in(),
        &key(),
        &mut |event, _| events.push(event),
    )
    .unwrap();
    (events, stats)
}

fn read(text: &str) -> (Vec<Event>, Stats) {
    read_as(None, text.as_bytes())
}

fn record(id: u32) -> String {
    format!(
        r#"{{"eventID":"{id:08x}-0000-4000-8000-000000000000","eventSource":"s3.amazonaws.com","eventName":"PutObject","eventTime":"2026-03-08T00:00:10Z","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    )
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// Events, malformed, skipped.
fn counts(text: &str) -> (u64, u64, u64) {
    let (events, stats) = read(text);
    assert_eq!(events.len() as u64, stats.handed_out);
    assert_eq!(stats.events, stats.unique_events + stats.duplicates);
    (stats.events, stats.malformed, stats.skipped)
}

fn first_reason(text: &str) -> (u64, u64, String) {
    let (_, stats) = read(text);
    let first = stats
        .malformed_first
        .first()
        .expect("something is malformed");
    (first.line, first.record, first.reason.clone())
}

#[test]
fn every_shape_gives_the_same_events() {
    let [a, b] = [record(1), record(2)];
    let expected = read(&format!("{a}\n{b}\n")).0;
    assert_eq!(expected.len(), 2);
    for text in [
        format!("{a}{b}"),
        format!("[{a},{b}]"),
        format!("[{a}][{b}]"),
        format!("\u{feff}[\n{a},\n{b}\n]\n"),
        pretty(&format!("[{a},{b}]")),
        format!(r#"{{"Records":[{a},{b}]}}"#),
        format!(r#"{{"Records":[{a}]}}{{"Records":[{b}]}}"#),
        format!(r#" {{ "Records" : [ {a} , {b} ] , "more" : {{"x":["]"]}} }} "#),
        pretty(&format!(r#"{{"Records":[{a},{b}]}}"#)),
        format!(r#"{{"first":1,"Records":[{a},{b}]}}"#),
        format!("{{\"detail\":{a}}}\n{{\"version\":\"0\",\"detail\":{b}}}"),
        format!("{{\"rule\":\"x\",\"log\":{a}}}\r\n{{\"log\":{b}}}\r\n"),
        format!("{}\n{b}", pretty(&a)),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
        format!("{{\"event\":{{\"detail\":{a}}}}}\n[{b}]"),
    ] {
        let (events, stats) = read(&text);
        assert_eq!(events, expected, "{text}");
        assert_eq!((stats.records, stats.malformed), (2, 0), "{text}");
    }
}

#[test]
fn where_the_stream_is_cut_into_reads_makes_no_difference() {
    struct Drop<'a>(&'a [u8], usize);
    impl Read for Drop<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }
    let mut text = String::from(r#"{"Records":["#);
    for id in 0..2_000 {
        write!(text, "{}{}", if id > 0 { ",\n" } else { "" }, record(id)).unwrap();
    }
    text.push_str("]}\n{\"broken\": tru}\n");
    let whole = read(&text);
    assert_eq!(whole.1.events, 2_000);
    for step in [1, 7, 4_096, 65_537] {
        let mut events = Vec::new();
        let stats = avow_source::read_stream(
            Path::new("test"),
            None,
            &mut Drop(text.as_bytes(), step),
            &PlaceTable::built_in(),
            &key(),
            &mut |event, _| events.push(event),
        )
        .unwrap();
        assert_eq!((events, stats), whole, "{step}");
    }
}

#[test]
fn a_broken_record_costs_only_itself() {
    let [a, b] = [record(1), record(2)];
    for broken in [
        r#"{"eventName":"PutObject""#,
        r#"{"eventName":"PutObj"#,
        r#"{"eventName":"PutObject",}"#,
        r#"{"eventName":PutObject}"#,
        r#"{"eventName":"a" "b"}"#,
        r#"{"eventName":{"#,
        r#"{"eventName":"a","eventName":"b"}"#,
        "no JSON at all",
        "3",
        "\"text\"",
        "}",
        ",",
        "{\"a\":\"\u{1}\"}",
    ] {
        let text = format!("{a}\n{broken}\n{b}\n");
        assert_eq!(counts(&text), (2, 1, 0), "{text}");
        let (line, record, _) = first_reason(&text);
        assert_eq!((line, record), (2, 2), "{text}");
    }
}

#[test]
fn a_broken_record_in_an_array_costs_only_itself() {
    let [a, b] = [record(1), record(2)];
    for broken in [r#"{"eventName":tru}"#, "null", "[1,{}]", "\"a, b\"", "12"] {
        let text = format!("{{\"Records\":[{a},{broken},{b}]}}");
        assert_eq!(counts(&text), (2, 1, 0), "{text}");
        assert_eq!(first_reason(&text).1, 2, "{text}");
    }
}

#[test]
fn an_array_that_is_not_whole_is_counted_and_its_records_are_read() {
    let [a, b] = [record(1), record(2)];
    for (text, reason) in [
        (format!("[{a},{b}"), "the file ends inside an array"),
        (
            format!("{{\"Records\":[{a},{b}"),
            "the file ends inside an array",
        ),
        (
            format!("{{\"Records\":[{a},{b}]"),
            "the object around `Records` is not closed",
        ),
        (
            format!("[{a} {b}]"),
            "a comma is missing between two records",
        ),
        (format!("[{a},,{b}]"), "a comma without a record before it"),
    ] {
        assert_eq!(counts(&text), (2, 1, 0), "{text}");
        assert_eq!(first_reason(&text).2, reason);
    }
}

#[test]
fn a_file_that_ends_inside_a_record_is_one_fault() {
    let text = format!("{{\"Records\":[{},{{\"eventName\":\"Pu", record(1));
    assert_eq!(counts(&text), (1, 1, 0));
    assert_eq!(first_reason(&text).2, "the file ends inside a record");
}

#[test]
fn other_systems_records_are_skipped_and_counted() {
    for other in [
        "{}",
        r#"{"eventName":"CreateInstance","eventSource":"ecs.example.com"}"#,
        r#"{"eventName":5,"eventSource":"s3.amazonaws.com"}"#,
        r#"{"eventName":"a","eventSource":null}"#,
        r#"{"eventName":"a","eventSource":"amazonaws.com.example.org"}"#,
        r#"{"kind":"Event","apiVersion":"v1","verb":"get"}"#,
        r#"{"detail":"text"}"#,
        r#"{"detail":{"state":"running"}}"#,
        r#"{"source":"aws.ec2","time":"2026-03-08T00:00:10Z","detail":{"state":"running"}}"#,
        r#"{"source":"vault-cn","v":1}"#,
    ] {
        assert_eq!(counts(other), (0, 0, 1), "{other}");
    }
}

#[test]
fn values_of_unexpected_types_leave_the_record_readable() {
    let text = r#"{"eventSource":"s3.amazonaws.com","eventName":"PutObject","eventTime":17,
        "awsRegion":["eu-west-1"],"userIdentity":"ana","requestParameters":[1],"resources":{},
        "responseElements":"x","additionalEventData":null,"readOnly":"TRUE","eventID":{},
        "errorCode":null,"detail":[]}"#;
    let (events, stats) = read(&format!("{}{text}", record(1)));
    assert_eq!((stats.events, stats.malformed, stats.untimed), (2, 0, 1));
    assert_eq!(events[1].region, None);
    assert_eq!(events[1].write, Some(false));
}

#[test]
fn a_record_without_a_time_happened_no_earlier_than_those_before_it() {
    let timeless = record(2).replace("2026-03-08T00:00:10Z", "redacted");
    let (events, stats) = read(&format!("{}\n{timeless}", record(1)));
    assert_eq!(stats.untimed, 1);
    assert_eq!(events[1].time, events[0].time);
}

#[test]
fn records_before_the_first_time_wait_for_it() {
    let timeless = |id| record(id).replace("2026-03-08T00:00:10Z", "redacted");
    let own = r#"{"source":"vault-cn","seq":1,"time":"2026-03-08T00:00:10Z","action":"store"}"#;
    for first in [record(2), own.to_owned()] {
        let text = [timeless(1), timeless(1), first, timeless(3)].join("\n");
        let (events, stats) = read(&text);
        let times: Vec<String> = events.iter().map(|e| e.time.to_string()).collect();
        assert_eq!(times, ["2026-03-08T00:00:10.000000Z"; 3], "{text}");
        assert_eq!(events[0].source, "cloudtrail-111122223333");
        assert_eq!((stats.events, stats.duplicates, stats.untimed), (4, 1, 2));
        assert_eq!((stats.malformed, stats.handed_out), (0, 3));
    }
}

#[test]
fn records_are_malformed_if_nothing_that_was_read_has_a_time() {
    let timeless = record(1).replace("2026-03-08T00:00:10Z", "redacted");
    let (events, stats) = read(&format!("{{}}\n{timeless}"));
    assert_eq!((events.len(), stats.events, stats.untimed), (0, 0, 0));
    assert_eq!((stats.records, stats.skipped, stats.malformed), (2, 1, 1));
    let first = &stats.malformed_first[0];
    assert_eq!(
        (first.file.as_path(), first.line, first.record),
        (Path::new("test"), 2, 2)
    );
    assert_eq!(
        first.reason,
        "it has no readable time, and no record before or after it gives one"
    );
}

#[test]
fn a_record_seen_before_is_counted_and_not_handed_out() {
    let a = record(1);
    let (events, stats) = read(&format!("{a}\n[{a}]\n{}", record(2)));
    assert_eq!(
        (stats.events, stats.unique_events, stats.duplicates),
        (3, 2, 1)
    );
    assert_eq!(events.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);
    // The ids of labelled rows are placeholders.
    let (_, stats) = read(&format!("{{\"log\":{a}}}\n{{\"log\":{a}}}"));
    assert_eq!((stats.unique_events, stats.duplicates), (2, 0));
}

#[test]
fn a_second_record_under_the_same_id_is_handed_out_if_it_says_something_else() {
    for id in ["00000001-0000-4000-8000-000000000000", "any other id"] {
        let a = record(1).replace("00000001-0000-4000-8000-000000000000", id);
        let b = a.replace("eu-west-1", "cn-north-1");
        let (events, stats) = read(&[a.as_str(), &b, &a, &b, &pretty(&b)].join("\n"));
        let regions: Vec<&str> = events.iter().filter_map(|e| e.region.as_deref()).collect();
        assert_eq!(regions, ["eu-west-1", "cn-north-1"]);
        assert_eq!(
            (stats.unique_events, stats.duplicates, stats.conflicting),
            (2, 3, 1)
        );
    }
}

#[test]
fn each_account_is_a_source_with_its_own_numbers() {
    let other = record(2).replace("111122223333", "444455556666");
    let unknown = record(3).replace("111122223333", "ana@example.org");
    let envelope = format!(
        "{{\"account\":\"777788889999\",\"detail\":{}}}",
        record(4).replace("recipientAccountId", "x")
    );
    let (events, _) = read(&[record(1), other, unknown, envelope, record(5)].join("\n"));
    let found: Vec<(&str, u64)> = events.iter().map(|e| (e.source.as_str(), e.seq)).collect();
    assert_eq!(
        found,
        [
            ("cloudtrail-111122223333", 1),
            ("cloudtrail-444455556666", 1),
            ("cloudtrail-unknown", 1),
            ("cloudtrail-777788889999", 1),
            ("cloudtrail-111122223333", 2),
        ]
    );
}

#[test]
fn an_event_that_numbered_itself_is_told_from_one_that_was_counted() {
    // Both call their source the same.
    let own = r#"{"source":"cloudtrail-111122223333","seq":900,"time":"2026-03-08T00:00:10Z","action":"store"}"#;
    let mut found = Vec::new();
    avow_source::read_stream(
        Path::new("test"),
        None,
        &mut format!("{}\n{own}\n{}", record(1), record(2)).as_bytes(),
        &PlaceTable::built_in(),
        &key(),
        &mut |event, numbering| found.push((event.seq, numbering)),
    )
    .unwrap();
    assert_eq!(
        found,
        [
            (1, Numbering::Counted),
            (900, Numbering::Source),
            (2, Numbering::Counted)
        ]
    );
}

#[test]
fn a_record_of_a_hundred_megabytes_is_refused_and_the_next_one_read() {
    /// A record whose one string is `left` bytes long, then `tail`.
    struct Long(usize, Vec<u8>, usize);
    impl Read for Long {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            // The reader must not ask for everything at once.
            self.2 = self.2.max(buffer.len());
            if self.0 > 0 {
                let count = buffer.len().min(self.0);
                buffer[..count].fill(b'x');
                self.0 -= count;
                return Ok(count);
            }
            let count = buffer.len().min(self.1.len());
            buffer[..count].copy_from_slice(&self.1.drain(..count).collect::<Vec<_>>());
            Ok(count)
        }
    }
    let tail = format!("\"}}\n{}\n", record(1)).into_bytes();
    let mut long = Long(100_000_000, tail, 0);
    let mut stream = b"{\"a\":\"".chain(&mut long);
    let mut events = 0;
    let stats = avow_source::read_stream(
        Path::new("test"),
        None,
        &mut stream,
        &PlaceTable::built_in(),
        &key(),
        &mut |_, _| events += 1,
    )
    .unwrap();
    assert_eq!((events, stats.malformed, stats.records), (1, 1, 2));
    assert!(stats.malformed_first[0].reason.contains("longer than"));
    assert!(long.2 <= 2 * RECORD_BYTES_MAX, "held {}", long.2);
}

#[test]
fn a_record_just_over_the_limit_is_refused_wherever_it_stands() {
    let filler = |len: usize| format!("{{\"eventName\":\"{}\"}}", "x".repeat(len - 16));
    for (len, expected) in [
        (RECORD_BYTES_MAX, (1, 0, 1)),
        (RECORD_BYTES_MAX + 1, (1, 1, 0)),
    ] {
        let text = filler(len);
        assert_eq!(text.len(), len);
        assert_eq!(counts(&format!("{text}\n{}", record(1))), expected, "{len}");
    }
}

#[test]
fn envelopes_in_envelopes_without_end_are_refused() {
    let deep = format!(
        "{}{}{}",
        "{\"detail\":".repeat(90),
        record(1),
        "}".repeat(90)
    );
    assert_eq!(counts(&deep), (0, 1, 0));
    // Deeper than a recursive reader could go.
    let deeper = format!(
        "{}1{}",
        "{\"detail\":".repeat(1_000_000),
        "}".repeat(1_000_000)
    );
    assert_eq!(counts(&deeper), (0, 1, 0));
    let ignored = format!(
        "{{\"x\":{}{}}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(counts(&ignored), (0, 0, 1));
}

#[test]
fn a_copy_to_more_regions_than_there_are_is_malformed() {
    let copy = |regions: usize| {
        let regions: Vec<String> = (0..regions)
            .map(|n| format!("{{\"region\":\"r{n}\"}}"))
            .collect();
        let request = format!("{{\"addReplicaRegions\":[{}]}}", regions.join(","));
        record(1)
            .replace("PutObject", "ReplicateSecretToRegions")
            .replace(
                "\"recipientAccountId\"",
                &format!("\"requestParameters\":{request},\"recipientAccountId\""),
            )
    };
    let (events, stats) = read(&copy(256));
    assert_eq!(
        (events.len(), stats.events, stats.handed_out),
        (256, 1, 256)
    );
    assert_eq!(counts(&copy(257)), (0, 1, 0));
}

#[test]
fn ids_of_any_form_make_duplicates() {
    for id in [
        "1",
        "A0000001-0000-4000-8000-000000000000",
        &"x".repeat(100_000),
    ] {
        let a = record(1).replace("00000001-0000-4000-8000-000000000000", id);
        let b = record(1).replace("00000001-0000-4000-8000-000000000000", &format!("{id}y"));
        let (_, stats) = read(&[a.as_str(), b.as_str(), a.as_str()].join("\n"));
        assert_eq!((stats.unique_events, stats.duplicates), (2, 1));
    }
}

#[test]
fn only_the_first_reasons_are_kept_and_all_are_counted() {
    let (_, stats) = read(&"x\n".repeat(1_000));
    assert_eq!(stats.malformed, 1_000);
    assert_eq!(stats.malformed_first.len(), avow_source::REASONS_KEPT);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_may_have_many_members() {
    let mut packed = gzip(format!("{}\n", record(1)).as_bytes());
    packed.extend(gzip(record(2).as_bytes()));
    let (events, stats) = read_as(None, &packed);
    assert_eq!((events.len(), stats.malformed), (2, 0));
}

#[test]
fn a_cut_gzip_file_is_one_fault_and_the_records_before_the_cut_count() {
    let mut text = String::new();
    for id in 0..5_000_u32 {
        // Incompressible ids, so that the cut falls between many records.
        writeln!(text, "{}", record(id.wrapping_mul(2_654_435_761))).unwrap();
    }
    let packed = gzip(text.as_bytes());
    let cut = &packed[..packed.len() / 2];
    let (events, stats) = read_as(None, cut);
    assert!((1_000..4_000).contains(&events.len()), "{}", events.len());
    assert_eq!(stats.malformed, 1, "{:?}", stats.malformed_first);
    assert_eq!(stats.malformed_first[0].reason, "the gzip file is cut off");
    // Cut between the data and its checksum: nothing is lost but the check.
    let (events, stats) = read_as(None, &packed[..packed.len() - 4]);
    assert_eq!((events.len(), stats.malformed), (5_000, 1));
}

#[test]
fn a_broken_record_before_a_cut_keeps_its_own_reason() {
    let packed = gzip(format!("{}\nno JSON\n{}\n", record(1), record(2)).as_bytes());
    let (events, stats) = read_as(None, &packed[..packed.len() - 1]);
    let reasons: Vec<&str> = stats
        .malformed_first
        .iter()
        .map(|m| m.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        ["not a JSON object or array", "the gzip file is cut off"]
    );
    assert_eq!(events.len(), 2);
}

#[test]
fn a_damaged_gzip_file_is_counted() {
    let mut packed = gzip(record(1).as_bytes());
    let last = packed.len() - 6;
    packed[last] ^= 1;
    let (_, stats) = read_as(None, &packed);
    assert_eq!(stats.malformed, 1);
    assert!(
        stats.malformed_first[0]
            .reason
            .starts_with("the gzip file is damaged")
    );
    packed.truncate(3);
    assert_eq!(read_as(None, &packed).1.malformed, 1);
}

fn error(input: &str) -> String {
    let inputs = Input::parse(input.as_ref()).map(|input| vec![input]);
    let places = PlaceTable::built_in();
    match inputs.and_then(|i| avow_source::read(&i, &places, &key(), &mut |_, _| {})) {
        Ok(stats) => panic!("read: {stats:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_input_that_is_not_there_is_an_error() {
    assert_eq!(error("no/such"), "no such file or folder: `no/such`");
    assert_eq!(
        error("k8s:no/such"),
        "no evidence of kind `k8s`; the kinds are `actiontrail`, `azure`, \
         `cloudtrail`, `events`, `gcp`, `inner-actiontrail`, `kubernetes`, `monpoly`, `pgaudit`, \
         `terraform`"
    );
    assert_eq!(
        error("cloudtrail:no/such"),
        "no such file or folder: `no/such`"
    );
    let none = avow_source::read(&[], &PlaceTable::built_in(), &key(), &mut |_, _| {});
    assert!(matches!(none, Err(SourceError::NoEvidence { path: None })));
}

#[test]
fn a_folder_without_evidence_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(error(path), format!("no evidence files in `{path}`"));
    fs::write(folder.path().join("LICENSE"), "x").unwrap();
    fs::write(folder.path().join(".hidden.json"), record(1)).unwrap();
    assert_eq!(error(path), format!("no evidence files in `{path}`"));
}

#[test]
fn a_folder_is_read_in_byte_order_of_paths_and_what_is_left_out_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // `a.json` comes before `a/…`, because `.` comes before `/`.
    for (name, region) in [
        ("b", "r4"),
        ("a/x/1", "r3"),
        ("a.json", "r1"),
        ("a/B", "r2"),
    ] {
        let id = region[1..].parse().unwrap();
        write(name, &record(id).replace("eu-west-1", region));
    }
    for name in [
        "LICENSE",
        "README.md",
        "index.tsv",
        ".git/config",
        "a/LICENCE.txt",
    ] {
        write(name, &record(9));
    }
    let (events, stats) = evidence::read(&[folder.path().to_owned()]);
    let regions: Vec<&str> = events
        .iter()
        .map(|e| e.region.as_deref().unwrap())
        .collect();
    assert_eq!(regions, ["r1", "r2", "r3", "r4"]);
    assert_eq!((stats.files, stats.files_skipped), (4, 5));
    assert!(
        stats
            .files_skipped_first
            .iter()
            .any(|s| s.reason == "hidden")
    );
    // A file that is named directly is read, whatever its name.
    let (events, _) = evidence::read(&[folder.path().join("LICENSE")]);
    assert_eq!(events.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_folder_that_links_to_itself_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), record(1)).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    let (events, stats) = evidence::read(&[folder.path().to_owned()]);
    assert_eq!((events.len(), stats.files, stats.files_skipped), (1, 1, 1));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf_8_takes_no_reason_away() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xffa"));
    fs::write(path, "broken").unwrap();
    fs::write(folder.path().join("b"), "broken").unwrap();
    fs::write(folder.path().join("README"), "x").unwrap();
    let (_, stats) = evidence::read(&[folder.path().to_owned()]);
    let json: serde_json::Value = serde_json::from_str(&stats.to_json()).unwrap();
    let files = json["malformed_first"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    assert!(files[1]["file"].as_str().unwrap().ends_with("/\u{fffd}a"));
    assert_eq!(json["files_skipped_first"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_to_evidence_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let link = |name: &str| {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink("no/such", &path).unwrap();
        path
    };
    fs::write(folder.path().join("a.json"), record(1)).unwrap();
    // No file of these names would be read.
    link("README.md");
    link(".hidden.json");
    let (events, stats) = evidence::read(&[folder.path().to_owned()]);
    assert_eq!((events.len(), stats.files_skipped), (1, 2));
    let path = link("b.json");
    let error = error(folder.path().to_str().unwrap());
    assert!(
        error.starts_with(&format!("read `{}`: ", path.display())),
        "{error}"
    );
}

#[test]
fn progress_adds_up_to_the_size_of_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let text = record(1).repeat(10_000);
    fs::write(folder.path().join("a"), &text).unwrap();
    fs::write(folder.path().join("b.gz"), gzip(text.as_bytes())).unwrap();
    let input = Input::parse(folder.path().as_os_str()).unwrap();
    let found = avow_source::Evidence::find(&[input]).unwrap();
    let mut told = 0;
    let stats = found
        .read(
            &PlaceTable::built_in(),
            &key(),
            &mut |n| told += n,
            &mut |_, _| {},
        )
        .unwrap();
    assert_eq!(told, found.bytes());
    assert_eq!(told, stats.bytes);
}

#[test]
fn an_empty_file_holds_nothing() {
    assert_eq!(counts(""), (0, 0, 0));
    assert_eq!(counts(" \n\n"), (0, 0, 0));
}

#[test]
fn the_kind_decides_what_is_not_evidence() {
    let own = r#"{"source":"vault-cn","seq":1,"time":"2026-03-08T00:00:10Z","action":"store"}"#;
    let both = format!("{own}\n{}", record(1));
    let (_, stats) = read_as(None, both.as_bytes());
    assert_eq!((stats.events, stats.malformed, stats.skipped), (2, 0, 0));
    let (_, stats) = read_as(Some(Kind::CloudTrail), both.as_bytes());
    assert_eq!((stats.events, stats.malformed, stats.skipped), (1, 0, 1));
    let (_, stats) = read_as(Some(Kind::Events), both.as_bytes());
    assert_eq!((stats.events, stats.malformed, stats.skipped), (1, 1, 0));
}

#[test]
fn an_own_event_that_is_broken_is_malformed_and_not_skipped() {
    let whole = r#"{"source":"vault-cn","seq":1,"time":"2026-03-08T00:00:10Z","action":"store"}"#;
    assert_eq!(counts(whole), (1, 0, 0));
    for (from, to) in [
        (r#""seq":1,"#, ""),
        (r#""source":"vault-cn","seq":1,"#, ""),
        (r#""seq":1,"time":"2026-03-08T00:00:10Z","#, ""),
        ("\"action\"", "\"acton\""),
        ("\"store\"", "null"),
        ("}", r#","detail":{}}"#),
        ("}", r#","log":{"a":1}}"#),
        ("}", r#","event":{"a":1},"event":{}}"#),
        ("}", r#","Records":[]}"#),
    ] {
        let broken = whole.replace(from, to);
        assert_eq!(counts(&broken), (0, 1, 0), "{broken}");
    }
}

#[test]
fn records_beside_records_do_not_vanish() {
    let [a, b] = [record(1), record(2)];
    for beside in [
        format!(r#""Records":[{b}]"#),
        format!(r#""x":1,"R\u0065cords":[{b}]"#),
        format!(r#""detail":{b}"#),
        format!(r#""log":{b},"y":"z""#),
        format!(r#""event":{{"detail":{b}}}"#),
        b[1..b.len() - 1].to_owned(),
        r#""source":"vault-cn","seq":1,"action":"store""#.to_owned(),
    ] {
        let text = format!("{{\"Records\":[{a}],{beside}}}\n{}", record(3));
        assert_eq!(counts(&text), (2, 1, 0), "{text}");
        assert_eq!(
            first_reason(&text).2,
            "a member beside `Records` may hold records, and was not read"
        );
    }
    for broken in [",", ",,", ",\"x\"", " 5", ",\"x\":tru"] {
        let text = format!("{{\"Records\":[{a}]{broken}}}\n{b}");
        assert_eq!(counts(&text), (2, 1, 0), "{text}");
    }
    let long = format!(
        "{{\"Records\":[{a}],\"x\":\"{}\"}}{b}",
        "x".repeat(1_000_000)
    );
    assert_eq!(counts(&long), (2, 0, 0));
}

#[test]
fn a_record_with_several_records_in_it_is_malformed() {
    let [a, b] = [record(1), record(2)];
    let inside = |members: &str| format!("{}{members}}}", &a[..a.len() - 1]);
    for several in [
        format!(r#"{{"detail":{a},"log":{b}}}"#),
        format!(r#"{{"log":{a},"event":{{"detail":{b}}}}}"#),
        format!(r#"{{"x":1,"Records":[{a}],"detail":{b}}}"#),
        format!(r#"{{"x":1,"Records":[{a}],"Records":[{b}]}}"#),
        inside(&format!(r#","detail":{b}"#)),
        inside(&format!(r#","Records":[{b}]"#)),
    ] {
        assert_eq!(counts(&several), (0, 1, 0), "{several}");
    }
    // Members of log shippers have these names as well.
    for one in [
        inside(r#","event":{"original":"x"},"log":{"level":"info"}"#),
        format!(r#"{{"event":{{"original":"x"}},"log":{{"level":"info"}},"detail":{a}}}"#),
        format!(r#"{{"log":{{"level":"info"}},"Records":[{a}]}}"#),
    ] {
        assert_eq!(counts(&one), (1, 0, 0), "{one}");
    }
}

#[test]
fn a_record_is_an_object_wherever_its_array_stands() {
    for no_object in ["\"jane@example.com\"", "[\"PutObject\"]", "5", "null"] {
        for text in [
            format!("{{\"Records\":[{no_object}]}}"),
            format!("{{\"x\":1,\"Records\":[{no_object}]}}"),
        ] {
            assert_eq!(counts(&text), (0, 1, 0));
            assert_eq!(first_reason(&text).2, "a record is a JSON object", "{text}");
        }
    }
}

#[test]
fn the_figures_are_one_json_object() {
    let (_, stats) = read(&format!("{}\nx\n{{}}", record(1)));
    let json: serde_json::Value = serde_json::from_str(&stats.to_json()).unwrap();
    for (name, value) in [
        ("files", 1),
        ("records", 3),
        ("events", 1),
        ("unique_events", 1),
        ("duplicates", 0),
        ("conflicting", 0),
        ("malformed", 1),
        ("skipped", 1),
    ] {
        assert_eq!(json[name], value, "{name}");
    }
    assert_eq!(json["malformed_first"][0]["line"], 2);
}
