//! Bad input: a clear error, or counted as malformed; never a panic, and
//! nothing half written.

use std::fs;

use crate::run::{KEPT, PLEDGE, Story, command, finish, ndjson};

/// One event too few is what a broken record costs.
fn counts_one_malformed(evidence: &[u8]) {
    let story = Story::of(KEPT);
    story.write("story/evidence/broken.json", evidence);
    let json = story.run(&["check", "story", "--json"]).exits(3).json();
    assert_eq!(json["exit"], 3);
    assert_eq!(json["evidence"]["malformed"], 1, "{}", json["evidence"]);
    assert_eq!(json["log"]["size"], 5);
}

#[test]
fn broken_json_is_counted() {
    counts_one_malformed(b"{\"Records\":[{\"eventVersion\":\n");
    counts_one_malformed(b"{\"source\":\"vault\",\"seq\":9,\"action\":\"store\"\n");
}

#[test]
fn a_cut_gzip_file_is_counted() {
    // The first half of a gzip member with one stored block.
    counts_one_malformed(
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x40\x00\xbf\xff{\"Records\":[",
    );
}

#[test]
fn wrong_types_and_unknown_members_are_counted() {
    counts_one_malformed(
        br#"{"source":"vault","seq":"nine","time":"2026-03-01T00:00:00Z","action":"store"}"#,
    );
    counts_one_malformed(br#"{"source":"vault","seq":9,"time":"yesterday","action":"store"}"#);
    counts_one_malformed(
        br#"{"source":"vault","seq":9,"time":"2026-03-01T00:00:00Z","action":"hide"}"#,
    );
    counts_one_malformed(
        br#"{"source":"vault","seq":9,"time":"2026-03-01T00:00:00Z","action":"store","nose":1}"#,
    );
}

#[test]
fn a_line_of_100_megabytes_is_counted() {
    let mut line =
        br#"{"source":"vault","seq":9,"time":"2026-03-01T00:00:00Z","action":"store","purpose":""#
            .to_vec();
    line.resize(100 << 20, b'x');
    line.extend_from_slice(b"\"}\n");
    counts_one_malformed(&line);
}

#[test]
fn a_region_that_nobody_knows_is_unknown_and_not_guessed() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-*");
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-03-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"cn-moon-1","eventID":"1","readOnly":false,"recipientAccountId":"111122223333"}"#;
    let story = Story::with(&pledge, record);
    let run = story.run(&["check", "story", "--json"]).exits(3);
    assert_eq!(run.verdict("home"), "unknown");
}

/// CloudTrail records, one a line, with these region names.
fn records(regions: &[&str]) -> String {
    let lines = regions.iter().enumerate().map(|(n, region)| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-03-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",{region}"eventID":"{n}","readOnly":false,"recipientAccountId":"111122223333"}}"#
        ) + "\n"
    });
    lines.collect()
}

#[test]
fn region_names_that_nobody_knows_are_named_and_counted() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-*");
    let region = |name: &str| format!("\"awsRegion\":\"{name}\",");
    let names = ["EU-WEST-1", "eu-west-99", "cn-moon-1", "x-1", "x-2"].map(region);
    let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
    let home = region("cn-north-1");
    all.extend([&names[0], &names[0], &names[1], &home, "", ""]);
    let story = Story::with(&pledge, &records(&all));
    let sentence = "places unknown: events 10 (EU-WEST-1 3, no region named 2, eu-west-99 2, cn-moon-1 1, and 2 more)";
    let wide = |arguments: &[&str]| finish(command(story.path(), arguments).env("COLUMNS", "140"));
    let run = wide(&["check", "story"]);
    let line = format!("  ? {sentence}\n");
    assert!(run.out.contains(&line), "{}", run.out);
    let run = wide(&["check", "story", "--lang", "zh"]);
    let chinese = "地点未知：事件 10（EU-WEST-1 3、未写明云区域 2、eu-west-99 2、cn-moon-1 1、另有 2 个名称）";
    assert!(run.out.contains(chinese), "{}", run.out);
    let stats = story.run(&["events", "--stats", "story/evidence"]).exits(0);
    assert!(stats.err.contains(sentence), "{}", stats.err);
    let unknown = &stats.json()["places_unknown"];
    assert_eq!(unknown["events"], 10);
    assert_eq!(unknown["regions"][0]["region"], "EU-WEST-1");
    assert_eq!(unknown["regions"][0]["events"], 3);
    assert_eq!(unknown["regions"].as_array().unwrap().len(), 6);
    let checked = story.run(&["check", "story", "--json"]).json();
    assert_eq!(&checked["evidence"]["places_unknown"], unknown);

    let known = Story::with(&pledge, &records(&[&home]));
    let run = known.run(&["check", "story"]);
    assert!(!run.out.contains("places unknown"), "{}", run.out);
    let stats = known.run(&["events", "--stats", "story/evidence"]).json();
    assert_eq!(stats.get("places_unknown"), None);
}

#[test]
fn evidence_that_is_not_there_is_an_error() {
    let story = Story::of(KEPT);
    story
        .run(&["check", "nowhere"])
        .fails("no such file or folder: `nowhere`");
    story
        .run(&["check", "story", "nowhere"])
        .fails("no such file or folder: `nowhere`");
    story
        .run(&["check", "story/evidence"])
        .fails("has no `pledge.toml`");
    story
        .run(&["check", "story/pledge.toml"])
        .fails("no evidence is given");
    story
        .run(&["check", "story", "moon:story"])
        .fails("no evidence of kind `moon`");
    fs::create_dir(story.path().join("empty")).unwrap();
    story
        .run(&["check", "story", "empty"])
        .fails("no evidence files in `empty`");
    story
        .run(&["events", "empty"])
        .fails("no evidence files in `empty`");
    fs::remove_dir(story.path().join("empty")).unwrap();
    assert_eq!(story.left(), [""; 0]);
}

#[test]
fn evidence_without_any_event_is_an_error() {
    let story = Story::with(PLEDGE, "{}\n");
    story
        .run(&["check", "story", "--log", "log"])
        .fails("the evidence holds no event");
    assert_eq!(story.left(), [""; 0]);
}

#[test]
fn a_failure_in_json_is_one_object_too() {
    let story = Story::of(KEPT);
    let run = story.run(&["check", "nowhere", "--json"]).fails("nowhere");
    let json = run.json();
    assert_eq!(json["exit"], 2);
    assert_eq!(json["kind"], "input");
    assert_eq!(json["error"], "no such file or folder: `nowhere`");
    let usage = story.run(&["check", "--json", "--lag"]).exits(2).json();
    assert_eq!(usage["kind"], "input");
}

/// A pledge with one thing replaced by a mistake: where it is, and what helps.
fn mistake(from: &str, to: &str, shows: &str, helps: &str) {
    assert!(PLEDGE.contains(from), "{from}");
    let story = Story::with(&PLEDGE.replacen(from, to, 1), &ndjson(KEPT));
    let run = story.run(&["check", "story"]).exits(2);
    assert!(
        run.err
            .starts_with("avow: error: `story/pledge.toml` has a mistake"),
        "{}",
        run.err
    );
    assert!(run.err.contains(shows), "no `{shows}`: {}", run.err);
    assert!(run.err.contains("pledge.toml:"), "no place: {}", run.err);
    let helps = run.err.replace('\n', " ").contains(helps);
    assert!(helps, "no help: {}", run.err);
    assert_eq!(story.left(), [""; 0]);
}

#[test]
fn mistakes_in_a_pledge_show_the_line_and_what_to_write() {
    mistake(
        "action = 'store'\"",
        "actoin = 'store'\"",
        "actoin = 'store'",
        "did you mean `action`",
    );
    mistake("[[source]]", "[[sorce]]", "sorce", "did you mean `source`");
    mistake("within = \"PT1H\"", "within = \"1 hour\"", "1 hour", "help");
    mistake("place <> 'CN'", "place <> 'China'", "China", "help");
    mistake("same = [\"case_id\"]", "same = [\"case\"]", "case", "help");
    mistake("[pledge]", "[pledge", "[pledge", "TOML");
}

#[test]
fn an_example_that_ends_otherwise_is_a_mistake() {
    let story = Story::with(
        &PLEDGE.replace(
            "kept = [{ action = \"store\", place = \"CN\" }]",
            "kept = [{ action = \"store\", place = \"SG\" }]",
        ),
        &ndjson(KEPT),
    );
    story.run(&["check", "story"]).fails("example 1 of `home`");
}

#[test]
fn a_proof_that_cannot_be_written_leaves_nothing() {
    let story = Story::of(KEPT);
    story
        .run(&["check", "story", "--out", "nowhere/story.avow"])
        .fails("nowhere/story.avow");
    fs::create_dir(story.path().join("taken")).unwrap();
    story
        .run(&["check", "story", "--out", "taken"])
        .fails("is a folder");
    assert_eq!(story.left(), ["taken"]);
    assert_eq!(crate::run::names(&story.path().join("taken")), [""; 0]);
}

#[test]
fn a_proof_takes_the_place_of_no_input() {
    let story = Story::of(KEPT);
    story.run(&["check", "story", "--log", "log"]).exits(0);
    let key = "log/keys/pseudonym.key";
    let files = ["story/pledge.toml", "story/evidence/vault.ndjson", key];
    let read = |name: &str| fs::read(story.path().join(name)).unwrap();
    let before = files.map(read);
    let cases: [&[&str]; 7] = [
        &["check", "story", "--out", "story/pledge.toml"],
        &[
            "check",
            "story/pledge.toml",
            "story/evidence",
            "--out",
            files[0],
        ],
        &["check", "story", "--out", files[1]],
        &[
            "check",
            files[0],
            "events:story/evidence/vault.ndjson",
            "--out",
            files[1],
        ],
        &[
            "check",
            "story",
            "--key",
            key,
            "--out",
            "./log/keys/pseudonym.key",
        ],
        &["check", "story", "--log", "log", "--out", key],
        &["prove", "log", "story", "--out", key],
    ];
    for arguments in cases {
        let run = story
            .run(arguments)
            .fails("would overwrite what this run reads");
        assert!(run.err.contains("hint: name another file"), "{}", run.err);
        assert!(files.map(read) == before, "{arguments:?}");
    }
    // A proof of before may be written anew, wherever it lies.
    let again = ["check", "story", "--out", "story/evidence/p.avow"];
    story.run(&again).exits(0);
    story.run(&again).exits(0);
}

#[test]
fn a_failed_check_leaves_neither_log_nor_proof_nor_the_old_proof_harmed() {
    let story = Story::of(KEPT);
    story.write("story.avow", "an older proof");
    story.write("story/pledge.toml", "[pledg]");
    story.run(&["check", "story", "--log", "log"]).exits(2);
    assert_eq!(story.left(), ["story.avow"]);
    let kept = fs::read_to_string(story.path().join("story.avow")).unwrap();
    assert_eq!(kept, "an older proof");
}

#[test]
fn a_key_file_that_is_none_is_not_repeated() {
    let story = Story::of(KEPT);
    story.write("key", "hunter2");
    let run = story.run(&["events", "story/evidence", "--key", "key"]);
    let run = run.fails("`key` is no pseudonym key");
    assert!(!run.err.contains("hunter2"), "{}", run.err);
}

/// A disk that is full after some blocks, by a limit on the size of files.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let story = Story::of(KEPT);
    let program = env!("CARGO_BIN_EXE_avow");
    // Blocks of 1,024 bytes: full at the first key, and at the log or proof.
    for blocks in [0, 8] {
        let line =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} check story --log log");
        let output = std::process::Command::new("bash")
            .args(["-c", &line])
            .current_dir(story.path())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(
            err.contains("avow: error: ") && !err.contains("panicked"),
            "{err}"
        );
        assert_eq!(story.left(), [""; 0], "{blocks} blocks");
    }
}
