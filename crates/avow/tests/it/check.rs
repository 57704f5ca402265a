//! `avow check`: what it finds, what it writes, and with which status it ends.

use std::fs;

use crate::run::{KEPT, PLEDGE, Story, breached, ndjson, silent};

#[test]
fn everything_kept_ends_with_0_and_writes_a_proof() {
    let story = Story::of(KEPT);
    let run = story.run(&["check", "story"]).exits(0);
    assert!(
        run.out
            .contains("A small pledge\nby Example · to its users"),
        "{}",
        run.out
    );
    assert!(run.out.contains("✔ kept"), "{}", run.out);
    assert!(run.out.contains("  no gap noticed\n"), "{}", run.out);
    let limit =
        "that a source said it, or told the truth: only that it is recorded under that name";
    assert!(run.out.contains(limit), "{}", run.out);
    assert!(
        run.out
            .contains("Nothing is breached and nothing is unknown."),
        "{}",
        run.out
    );
    assert!(
        run.out
            .ends_with("exit status 0: every promise is kept so far\n"),
        "{}",
        run.out
    );
    assert_eq!(story.left(), ["story.avow"]);
}

#[test]
fn a_breach_ends_with_1_and_names_its_leaf() {
    let story = Story::of(&breached());
    let run = story.run(&["check", "story", "--json"]).exits(1);
    let json = run.json();
    assert_eq!(json["exit"], 1);
    assert_eq!(run.verdict("home"), "breached");
    assert_eq!(run.verdict("answer"), "kept");
    assert_eq!(json["commitments"][0]["finding"]["leaf"], 2);
    assert_eq!(
        json["commitments"][0]["since"],
        "2026-03-01T00:15:00.000000Z"
    );
    let text = story.run(&["check", "story"]).exits(1).out;
    assert!(text.contains("leaf 2: `store` in SG"), "{text}");
    assert!(
        text.contains("exit status 1: the check worked, and a promise is breached"),
        "{text}"
    );
}

#[test]
fn silence_ends_with_3_and_says_who_was_silent() {
    let story = Story::of(&silent());
    let run = story.run(&["check", "story"]).exits(3);
    assert!(
        run.out
            .contains("`vault` was silent from 2026-03-01 02:00:00 to 2026-03-02 02:00:00"),
        "{}",
        run.out
    );
    assert!(run.out.contains("exit status 3"), "{}", run.out);
}

#[test]
fn a_breach_outweighs_what_nobody_can_say() {
    let mut events = breached();
    events.push(silent()[KEPT.len()]);
    let run = Story::of(&events)
        .run(&["check", "story", "--json"])
        .exits(1);
    assert_eq!(run.verdict("answer"), "unknown");
}

#[test]
fn pending_alone_counts_as_kept_so_far() {
    let mut events = KEPT.to_vec();
    events.push(r#""time":"2026-03-01T02:10:00Z","action":"request","case_id":"c2""#);
    let run = Story::of(&events)
        .run(&["check", "story", "--json"])
        .exits(0);
    assert_eq!(run.verdict("answer"), "pending");
}

#[test]
fn the_json_has_these_keys_and_no_others() {
    let json = Story::of(&breached())
        .run(&["check", "story", "--json"])
        .exits(1)
        .json();
    let keys = |value: &serde_json::Value| {
        let names = value.as_object().unwrap().keys();
        names.cloned().collect::<Vec<String>>().join(" ")
    };
    assert_eq!(
        keys(&json),
        "amends as_of by commitments duties evidence exit from log not_shown places proof published title to"
    );
    let commitment = &json["commitments"][0];
    assert_eq!(
        keys(commitment),
        "counts coverage duty finding id says since vacuous verdict"
    );
    assert_eq!(keys(&commitment["counts"]), "breached kept pending unknown");
    assert_eq!(keys(&commitment["finding"]), "en leaf zh");
    assert_eq!(
        keys(&commitment["coverage"]["sources"][0]),
        "complete events gaps late source"
    );
    assert_eq!(
        keys(&json["log"]),
        "added folder keys origin repeated root size"
    );
    assert_eq!(keys(&json["proof"]), "bytes check file");
    assert_eq!(commitment["counts"]["breached"], 1);
    assert_eq!(json["evidence"]["events"], 6);
}

#[test]
fn a_pledge_file_and_evidence_by_name_give_the_same_verdicts() {
    let story = Story::of(&breached());
    let arguments = ["check", "story/pledge.toml", "story/evidence", "--json"];
    let run = story.run(&arguments).exits(1);
    assert_eq!(run.verdict("home"), "breached");
    let without_kind = story.run(&[
        "check",
        "story/pledge.toml",
        "events:story/evidence/vault.ndjson",
    ]);
    without_kind.exits(1);
    // A pledge called so by custom says less than its folder.
    assert_eq!(story.left(), ["story.avow"]);
}

#[test]
fn evidence_beside_a_scenario_comes_on_top() {
    let story = Story::of(KEPT);
    let more =
        r#"{"source":"vault","seq":6,"time":"2026-03-01T02:30:00Z","action":"store","place":"SG"}"#;
    story.write("more.ndjson", more);
    let run = story
        .run(&["check", "story", "more.ndjson", "--json"])
        .exits(1);
    assert_eq!(run.json()["log"]["size"], 6);
}

#[test]
fn events_are_monitored_by_time_however_they_are_filed() {
    let mut lines: Vec<String> = ndjson(KEPT).lines().map(str::to_owned).collect();
    lines.reverse();
    let story = Story::with(PLEDGE, &lines.join("\n"));
    let run = story.run(&["check", "story", "--json"]).exits(0);
    assert_eq!(run.verdict("answer"), "kept");
}

#[test]
fn repeated_and_broken_records_are_counted_in_sight() {
    let evidence = ndjson(KEPT) + &ndjson(&KEPT[..1]) + "{\"source\":\"vault\",\"seq\":\n";
    let story = Story::with(PLEDGE, &evidence);
    let run = story.run(&["check", "story"]).exits(3);
    assert!(run.out.contains("duplicates 1, malformed 1"), "{}", run.out);
    let sentence = "  ? records that could not be read: 1; what they say is in no verdict\n";
    assert!(run.out.contains(sentence), "{}", run.out);
    let exit = "exit status 3: the check worked and nothing is breached, but some records";
    assert!(run.out.contains(exit), "{}", run.out);
    let chinese = story.run(&["check", "story", "--lang", "zh"]).exits(3).out;
    assert!(chinese.contains("无法读取的记录：1"), "{chinese}");
    assert!(run.err.contains("vault.ndjson:7: "), "{}", run.err);
}

#[test]
fn what_was_not_read_as_it_stands_is_no_clean_result() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-*");
    let story = Story::with(&pledge, "");
    fs::remove_file(story.path().join("story/evidence/vault.ndjson")).unwrap();
    trail(&story, "a", &[0, 20]);
    story.run(&["check", "story"]).exits(0);
    let file = story.path().join("story/evidence/a.json");
    let whole = fs::read_to_string(&file).unwrap();
    let untimed = whole.replace("2026-03-01T00:20:00Z", "yesterday");
    let conflicting = whole.replace("\"a20\"", "\"a0\"");
    for (text, sentence) in [
        (untimed, "? records without a readable time: 1; they stand"),
        (
            conflicting,
            "? records with the id of another record and other content: 1; both count",
        ),
    ] {
        assert_ne!(text, whole);
        fs::write(&file, text).unwrap();
        let run = story.run(&["check", "story"]).exits(3);
        assert!(run.out.contains(sentence), "{}", run.out);
        assert!(run.err.contains(&sentence[2..]), "{}", run.err);
    }
}

#[test]
fn appending_what_cannot_be_read_ends_with_3() {
    let story = Story::of(KEPT);
    story.write(
        "story/evidence/broken.ndjson",
        "{\"source\":\"vault\",\"seq\":",
    );
    story
        .run(&["log", "init", "log", "--origin", "example.com/log"])
        .exits(0);
    let append = ["log", "append", "log", "story/evidence"];
    let run = story.run(&append).exits(3);
    assert!(run.out.contains("added 5 events"), "{}", run.out);
    assert!(run.err.contains("could not be read: 1"), "{}", run.err);
    story.run(&["prove", "log", "story", "--out", "p"]).exits(0);
}

#[test]
fn the_log_is_kept_and_continued_where_the_user_says() {
    let story = Story::of(KEPT);
    let first = story
        .run(&["check", "story", "--log", "log", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&first["log"]["added"], &first["log"]["repeated"]),
        (&5.into(), &0.into())
    );
    let again = story
        .run(&["check", "story", "--log", "log", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&again["log"]["added"], &again["log"]["repeated"]),
        (&0.into(), &5.into())
    );
    assert_eq!(first["log"]["root"], again["log"]["root"]);
    assert_eq!(first["log"]["keys"], again["log"]["keys"]);
    // Five events, and the publication of the pledge.
    assert_eq!(again["log"]["size"], 6);

    let more =
        r#"{"source":"vault","seq":6,"time":"2026-03-01T02:30:00Z","action":"store","place":"SG"}"#;
    story.write("story/evidence/later.ndjson", more);
    let grown = story
        .run(&["check", "story", "--log", "log", "--json"])
        .exits(1)
        .json();
    assert_eq!(
        (&grown["log"]["added"], &grown["log"]["size"]),
        (&1.into(), &7.into())
    );
    story.run(&["log", "verify", "log"]).exits(0);
}

#[test]
fn a_temporary_log_leaves_nothing_behind() {
    let story = Story::of(KEPT);
    let temporary = story.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut command = crate::run::command(story.path(), &["check", "story"]);
    crate::run::finish(command.env("TMPDIR", &temporary)).exits(0);
    assert_eq!(crate::run::names(&temporary), [""; 0]);
}

/// A scenario whose page does not fit the pipe to a reader who does not read:
/// its run stands still while its log is there.
#[cfg(unix)]
fn standing_still() -> (Story, std::process::Child) {
    // More than the 64 KiB that a pipe holds, and at most 1 MiB.
    let (head, home) = PLEDGE.split_once("[[commitment]]").unwrap();
    let (home, _) = home.split_once("[[commitment]]").unwrap();
    let home = home.replace("Data is stored at home.", &"at home ".repeat(500));
    let many = (0..40).map(|n| {
        let id = format!("home{n}\"\n");
        format!("[[commitment]]{}", home.replace("home\"\n", &id))
    });
    let pledge: String = std::iter::once(head.to_owned()).chain(many).collect();
    let story = Story::with(&pledge, &ndjson(KEPT));
    let temporary = story.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut command = crate::run::command(story.path(), &["check", "story"]);
    let mut child = command
        .env("TMPDIR", &temporary)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The first byte of the page: the log and the proof are written.
    let out = child.stdout.as_mut().unwrap();
    std::io::Read::read_exact(out, &mut [0]).unwrap();
    (story, child)
}

#[cfg(unix)]
#[test]
fn the_keys_of_a_temporary_log_never_reach_the_disk() {
    use std::os::unix::fs::PermissionsExt as _;
    let (story, mut child) = standing_still();
    child.kill().unwrap();
    child.wait().unwrap();
    let temporary = story.path().join("tmp");
    let log = temporary.join(&crate::run::names(&temporary)[0]);
    let mode = fs::metadata(&log).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(log.join("segments").exists() && !log.join("keys").exists());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_takes_its_temporary_log_away() {
    use std::os::unix::process::ExitStatusExt as _;
    for (name, number) in [("-INT", 2), ("-TERM", 15)] {
        let (story, mut child) = standing_still();
        let id = child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args([name, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        assert_eq!(crate::run::names(&story.path().join("tmp")), [""; 0]);
        assert_eq!(story.left(), ["story.avow", "tmp"]);
    }
}

/// A CloudTrail file with a record at each of these minutes.
fn trail(story: &Story, file: &str, minutes: &[u32]) {
    let records: Vec<String> = minutes
        .iter()
        .map(|minute| {
            let time = format!("2026-03-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
            format!(
                r#"{{"eventVersion":"1.08","eventTime":"{time}","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"cn-north-1","eventID":"{file}{minute}","readOnly":false,"recipientAccountId":"111122223333"}}"#
            )
        })
        .collect();
    let name = format!("story/evidence/{file}.json");
    story.write(&name, format!("{{\"Records\":[{}]}}", records.join(",")));
}

#[test]
fn records_of_a_trail_are_numbered_in_the_order_of_the_log() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-*");
    let story = Story::with(&pledge, "");
    fs::remove_file(story.path().join("story/evidence/vault.ndjson")).unwrap();
    // The first file ends after the second begins.
    trail(&story, "m", &[0, 40, 80]);
    trail(&story, "n", &[20, 60, 100]);
    let check = || story.run(&["check", "story", "--log", "log", "--json"]);
    let json = check().exits(0).json();
    assert_eq!(json["commitments"][0]["counts"]["kept"], 6);
    assert_eq!(json["commitments"][0]["coverage"]["sources"][0]["gaps"], 0);
    // A file that is read first moves every number of the reader, and none of the log.
    trail(&story, "a", &[120]);
    let json = check().exits(0).json();
    assert_eq!(
        (&json["log"]["added"], &json["log"]["repeated"]),
        (&1.into(), &6.into())
    );
    assert_eq!(json["commitments"][0]["coverage"]["sources"][0]["gaps"], 0);
}

#[test]
fn a_source_that_is_called_like_a_trail_keeps_its_own_numbers() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-mine");
    let all = ndjson(KEPT).replace("vault", "cloudtrail-mine");
    let missing: Vec<&str> = all.lines().filter(|l| !l.contains("\"seq\":2")).collect();
    let story = Story::with(&pledge, &missing.join("\n"));
    let check = || story.run(&["check", "story", "--log", "log", "--json"]);
    let json = check().exits(3).json();
    let source = &json["commitments"][0]["coverage"]["sources"][0];
    assert_eq!(source["gaps"], 1, "{source}");
    // The same words under another number are another event.
    let again = missing.last().unwrap().replace("\"seq\":5", "\"seq\":6");
    story.write("story/evidence/again.ndjson", again);
    let log = check().json()["log"].clone();
    assert_eq!((&log["added"], &log["repeated"]), (&1.into(), &4.into()));
}

#[test]
fn of_equal_records_as_many_are_repeats_as_the_log_has() {
    let pledge = PLEDGE.replace("vault", "cloudtrail-*");
    let story = Story::with(&pledge, "");
    fs::remove_file(story.path().join("story/evidence/vault.ndjson")).unwrap();
    let check = || {
        let run = story.run(&["check", "story", "--log", "log", "--json"]);
        let log = run.exits(0).json()["log"].clone();
        (log["added"].as_u64(), log["repeated"].as_u64())
    };
    // Equal but for their ids, which never reach the log.
    trail(&story, "a", &[0]);
    trail(&story, "b", &[0]);
    assert_eq!(check(), (Some(2), Some(0)));
    trail(&story, "c", &[0]);
    assert_eq!(check(), (Some(1), Some(2)));
    assert_eq!(check(), (Some(0), Some(3)));
}

#[test]
fn the_finding_is_the_first_of_several() {
    let mut events = breached();
    events.push(r#""time":"2026-03-01T02:10:00Z","action":"store","place":"SG""#);
    let json = Story::of(&events)
        .run(&["check", "story", "--json"])
        .exits(1)
        .json();
    assert_eq!(json["commitments"][0]["counts"]["breached"], 2);
    assert_eq!(json["commitments"][0]["finding"]["leaf"], 2);
}

#[test]
fn the_last_line_but_one_checks_the_proof() {
    let story = Story::of(KEPT);
    let run = story
        .run(&["check", "story", "--out", "my proof.avow", "--json"])
        .exits(0);
    let json = run.json();
    let line = json["proof"]["check"].as_str().unwrap();
    assert!(
        line.contains("avow-verify") && line.ends_with("'my proof.avow'"),
        "{line}"
    );
    assert!(story.path().join("my proof.avow").exists());
}

#[test]
fn proving_over_the_log_gives_the_verdicts_of_the_check() {
    let story = Story::of(&breached());
    let checked = story
        .run(&["check", "story", "--log", "log", "--json"])
        .exits(1)
        .json();
    let arguments = [
        "prove",
        "log",
        "story/pledge.toml",
        "--out",
        "again.avow",
        "--json",
    ];
    let proved = story.run(&arguments).exits(1).json();
    assert_eq!(proved["commitments"], checked["commitments"]);
    let first = fs::read(story.path().join("story.avow")).unwrap();
    assert_eq!(first, fs::read(story.path().join("again.avow")).unwrap());
}

#[test]
fn a_proof_explains_its_breach_and_an_altered_one_nothing() {
    let story = Story::of(&breached());
    story.run(&["check", "story"]).exits(1);
    let run = story.run(&["explain", "story.avow", "home"]).exits(0);
    assert!(run.out.contains("leaf 2: `store` in SG"), "{}", run.out);
    assert!(!run.out.contains("answer"), "{}", run.out);
    let mut bytes = fs::read(story.path().join("story.avow")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    story.write("altered.avow", bytes);
    story
        .run(&["explain", "altered.avow"])
        .fails("is no valid proof");
}

#[test]
fn what_a_proof_without_the_log_only_claims_is_explained_as_claimed() {
    let small = Story::of(&breached());
    small.run(&["check", "story"]).exits(1);
    let all = small.run(&["explain", "story.avow"]).exits(0).out;
    assert!(!all.contains("claimed"), "{all}");

    // Heartbeats so long that 2,800 of them are more than a proof takes in.
    let text = "0123456789".repeat(48);
    let names = ["name", "region", "purpose", "basis", "system", "to_region"];
    let long: String = names.map(|name| format!(r#","{name}":"{text}""#)).concat();
    let beats: Vec<String> = (0..2_800)
        .map(|n| format!(r#""time":"2026-03-01T02:00:01.{n:06}Z","action":"heartbeat"{long}"#))
        .collect();
    let mut events = breached();
    events.extend(beats.iter().map(String::as_str));
    let story = Story::of(&events);
    story.run(&["check", "story"]).exits(1);
    let home = story.run(&["explain", "story.avow", "home"]).exits(0).out;
    assert!(home.contains("since when it holds is claimed"), "{home}");
    let answer = story.run(&["explain", "story.avow", "answer"]).exits(0).out;
    assert!(
        answer.contains("  ? claimed only: the operator"),
        "{answer}"
    );
    let chinese = ["explain", "story.avow", "answer", "--lang", "zh"];
    let chinese = story.run(&chinese).exits(0).out;
    assert!(chinese.contains("仅为声称"), "{chinese}");
    let json = story.run(&["explain", "story.avow", "--json"]).json();
    assert_eq!(json["commitments"][0]["shown"], "named_leaves");
    assert_eq!(json["commitments"][1]["shown"], "claimed_only");
}

/// The small pledge with one more promise in front of the others, so that the
/// duty's commitments do not stand together.
fn with_duties() -> String {
    let copy = r#"
[[commitment]]
id = "copies"
says = { en = "Copies stay at home.", zh = "副本留在本国。" }
never = "action = 'copy' AND to_place <> 'CN'"
duty = "location"

[[commitment.example]]
kept = [{ action = "copy", to_place = "CN" }]
[[commitment.example]]
breached = [{ action = "copy", to_place = "SG" }]
"#;
    let (head, rest) = PLEDGE
        .split_once("\n[[commitment]]\nid = \"answer\"")
        .unwrap();
    let head = head.replace("id = \"home\"", "id = \"home\"\nduty = \"location\"");
    format!("{head}\n[[commitment]]\nid = \"answer\"\nduty = \"alone\"{rest}{copy}")
}

#[test]
fn commitments_of_one_duty_stand_together_under_its_worst_verdict() {
    let story = Story::with(&with_duties(), &ndjson(&breached()));
    let text = story.run(&["check", "story"]).exits(1).out;
    let rows: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("──"))
        .skip(1)
        .take(4)
        .collect();
    let begins = ["location", "· home", "· copies", "answer"];
    for (row, begin) in rows.iter().zip(begins) {
        assert!(row.starts_with(begin), "{text}");
    }
    let verdicts = ["✘ breached", "✘ breached", "✔ kept", "✔ kept"];
    for (row, verdict) in rows.iter().zip(verdicts) {
        assert!(row.contains(verdict), "{text}");
    }
    assert!(rows[0].contains("a duty of 2 promises"), "{text}");
    let json = story.run(&["check", "story", "--json"]).exits(1).json();
    assert_eq!(
        json["duties"],
        serde_json::json!([
            { "duty": "location", "verdict": "breached", "commitments": ["home", "copies"] },
            { "duty": "alone", "verdict": "kept", "commitments": ["answer"] },
        ])
    );
    assert_eq!(json["commitments"][2]["duty"], "location");
}

#[test]
fn an_unknown_commitment_makes_its_duty_unknown() {
    let story = Story::with(&with_duties(), &ndjson(&silent()));
    let json = story.run(&["check", "story", "--json"]).exits(3).json();
    assert_eq!(json["duties"][0]["verdict"], "unknown");
}
