//! What output looks like, and what becomes of it: colour, language, a reader
//! that goes away, a full disk.

use std::fs;
use std::process::{Command, Stdio};

use crate::run::{KEPT, PLEDGE, Story, avow_with, breached, command, finish, ndjson, silent};

#[test]
fn output_that_is_no_terminal_has_no_colour() {
    let story = Story::of(&breached());
    let run = story.run(&["check", "story"]).exits(1);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'));
}

/// Runs the program on a terminal of its own, if the machine has `script`.
#[cfg(target_os = "linux")]
fn on_terminal(story: &Story, no_colour: bool) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_avow");
    let line = format!("stty cols 100; {program} check story");
    let mut script = Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .current_dir(story.path());
    script
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    if no_colour {
        script.env("NO_COLOR", "1");
    }
    let output = script.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let story = Story::of(&breached());
    let Some(coloured) = on_terminal(&story, false) else {
        println!("not run: no `script` on this machine");
        return;
    };
    assert!(
        coloured.contains("\u{1b}[31m✘ breached\u{1b}[0m"),
        "{coloured}"
    );
    let plain = on_terminal(&story, true).unwrap();
    assert!(!plain.contains("\u{1b}[31m"), "{plain}");
    assert!(plain.contains("✘ breached"), "{plain}");
}

#[test]
fn chinese_is_chinese_throughout() {
    let story = Story::of(&breached());
    let run = story.run(&["check", "story", "--lang", "zh"]).exits(1);
    for text in [
        "一个小承诺",
        "✘ 违反",
        "数据存储在本国。",
        "日志",
        "本结果不能说明",
        "退出状态 1",
    ] {
        assert!(run.out.contains(text), "no {text}: {}", run.out);
    }
    for word in ["breached", "kept", "leaves", "evidence", "unknown"] {
        assert!(!run.out.contains(word), "{word}: {}", run.out);
    }
    let by_locale = finish(command(story.path(), &["check", "story"]).env("LANG", "zh_CN.UTF-8"));
    assert!(by_locale.exits(1).out.contains("✘ 违反"));
}

#[test]
fn what_went_wrong_is_said_in_chinese_too() {
    let story = Story::of(KEPT);
    fs::create_dir(story.path().join("empty")).unwrap();
    story.write("key", "hunter2");
    story.write("bad.toml", PLEDGE.replacen("action = ", "actoin = ", 1));
    let wrong = PLEDGE.replace("place = \"CN\"", "place = \"SG\"");
    story.write("wrong.toml", wrong);
    for (arguments, message, hint) in [
        (&["chek"][..], "没有命令 `chek`", "是否想写 `check`？"),
        (&["check"], "缺少：<TARGET>", "`avow check --help` 显示用法"),
        (&["check", "x", "--lag"], "多余的参数 `--lag`", "`--lang`"),
        (&["sql", "story", "--load", "x"], "不接受 `x`", "显示用法"),
        (&["check", "nowhere"], "没有这个文件或文件夹：`nowhere`", ""),
        (
            &["check", "empty"],
            "`empty` 中没有 `pledge.toml`",
            "场景是",
        ),
        (
            &["check", "bad.toml"],
            "`bad.toml` 有一处错误",
            "提示：did you mean `action`?",
        ),
        (
            &["check", "wrong.toml"],
            "的第 1 个示例本应为遵守，但其适用情形为：违反 1",
            "请更正",
        ),
        (&["events", "empty"], "`empty` 中没有证据文件", "CloudTrail"),
        (
            &["events", "story/evidence", "--key", "key"],
            "不是假名密钥",
            "64 位",
        ),
        (
            &["explain", "story", "x"],
            "没有承诺条款 `x`",
            "其中有 home, answer",
        ),
        (
            &["log", "--lang", "zh"],
            "之后需要一个命令：init",
            "显示用法",
        ),
        (
            &["log", "init", "story", "--origin", "x"],
            "`story` 不是空文件夹",
            "avow log append",
        ),
        (
            &["log", "init", "x", "--origin", "a+b"],
            "不能作为日志标识",
            "不含空格和 `+`",
        ),
        (
            &["log", "append", "empty", "-"],
            "`empty` 不是日志",
            "avow log init",
        ),
        (
            &["check", "story", "--out", "no/x"],
            "写入 `no/x`：",
            "该文件夹不存在",
        ),
    ] {
        let run = finish(command(story.path(), arguments).env("LANG", "zh_CN.UTF-8")).exits(2);
        let shown = format!("{arguments:?}: {}", run.err);
        assert!(run.err.starts_with("avow: 错误："), "{shown}");
        let first = run.err.lines().next().unwrap();
        assert!(first.contains(message), "{shown}");
        let rest: Vec<&str> = run.err.lines().skip(1).collect();
        assert!(rest.concat().contains(hint), "{shown}");
        for word in ["error: ", "hint: ", "help: "] {
            assert!(!run.err.contains(word), "{shown}");
        }
    }
}

#[test]
fn columns_line_up_with_wide_characters() {
    let story = Story::of(&breached());
    let run = story.run(&["check", "story", "--lang", "zh"]).exits(1);
    let column = |mark: &str| {
        let line = run.out.lines().find(|line| line.contains(mark)).unwrap();
        let before = line.split(mark).next().unwrap();
        before
            .chars()
            .map(|c| if c.is_ascii() { 1 } else { 2 })
            .sum::<usize>()
    };
    assert_eq!(column("✘ 违反"), column("✔ 遵守"));
}

/// More events than any buffer between two programs holds.
fn long_story() -> Story {
    let many: Vec<String> = (0..20_000)
        .map(|n| format!(r#""time":"2026-03-01T00:00:00.{n:06}Z","action":"heartbeat""#))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    Story::of(&many)
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let story = long_story();
    let mut child = command(story.path(), &["events", "story/evidence"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(!err.contains("panicked") && !err.contains("error"), "{err}");
}

#[test]
fn a_check_whose_reader_goes_away_still_ends_with_its_status_and_proof() {
    let story = Story::of(&breached());
    let mut child = command(story.path(), &["check", "story"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    assert_eq!(story.left(), ["story.avow"]);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    for story in [Story::of(KEPT), long_story()] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let (status, err) = finish_into(command(story.path(), &["events", "story/evidence"]), full);
        assert_eq!(status, 2, "{err}");
        assert!(err.contains("avow: error: write the output"), "{err}");
    }
}

#[cfg(target_os = "linux")]
fn finish_into(mut command: Command, out: fs::File) -> (i32, String) {
    let child = command.stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    (output.status.code().unwrap(), err)
}

#[test]
fn control_characters_of_others_do_not_reach_the_terminal() {
    let pledge = PLEDGE.replace("by = \"Example\"", "by = \"Ex\\u001b[31mample\"");
    let story = Story::with(&pledge, &ndjson(KEPT));
    let run = story.run(&["check", "story"]);
    assert!(
        !run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn names_of_files_and_lines_of_pledges_are_tamed_too() {
    // A folder of somebody else: its names and its pledge are theirs.
    let wild = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}'];
    let name = "story/evidence/\u{1b}[2J\u{9b}31m\u{202e}x.ndjson";
    let story = Story::of(KEPT);
    story.write(name, "{\"source\":\"vault\",\"seq\":");
    let checked = story.run(&["check", "story"]).exits(3);
    assert!(checked.err.contains("x.ndjson:1: "), "{}", checked.err);
    let out = "\u{202e}\u{9b}.avow";
    let written = story.run(&["check", "story", "--out", out]).exits(3);
    let pledge = PLEDGE.replacen(
        "action = ",
        "'\u{202e}\u{9b}\u{2066}' = 'x' and actoin = ",
        1,
    );
    story.write("story/pledge.toml", pledge);
    let broken = story.run(&["check", "story"]).fails("has a mistake");
    assert!(broken.err.contains("actoin"), "{}", broken.err);
    for run in [checked, written, broken] {
        let all = run.out + &run.err;
        assert!(!all.contains(wild), "{all}");
    }
}

#[test]
fn events_come_out_normalised_once_and_go_in_again() {
    let story = Story::with(PLEDGE, &(ndjson(KEPT) + &ndjson(KEPT)));
    let run = story.run(&["events", "story/evidence"]).exits(0);
    assert_eq!(run.out.lines().count(), KEPT.len());
    assert!(run.err.contains("random key"), "{}", run.err);
    assert!(!run.out.contains("ana"), "{}", run.out);
    let again = avow_with(story.path(), &["events", "-"], &run.out).exits(0);
    assert_eq!(again.out, run.out);
    let stats = story
        .run(&["events", "--stats", "story/evidence"])
        .exits(0)
        .json();
    assert_eq!(
        (&stats["duplicates"], &stats["unique_events"]),
        (&5.into(), &5.into())
    );
}

#[test]
fn a_kept_key_gives_the_same_pseudonyms_again() {
    let story = Story::of(KEPT);
    let arguments = ["events", "story/evidence", "--key", "key"];
    let first = story.run(&arguments).exits(0);
    assert!(
        first.err.contains("made a new pseudonym key"),
        "{}",
        first.err
    );
    assert_eq!(story.run(&arguments).exits(0).out, first.out);
    let random = story.run(&["events", "story/evidence"]).exits(0).out;
    assert_ne!(random, first.out);
}

#[test]
fn the_sql_of_a_pledge_is_one_statement_for_each_commitment() {
    let story = Story::of(KEPT);
    let all = story.run(&["sql", "story"]).exits(0).out;
    assert!(
        all.contains("'home' AS id") && all.contains("'answer' AS id"),
        "{all}"
    );
    let one = story
        .run(&["sql", "story/pledge.toml", "home"])
        .exits(0)
        .out;
    assert!(all.starts_with(&one) && !one.contains("'answer'"), "{one}");
    let loaded = story
        .run(&["sql", "story", "home", "--load", "sqlite"])
        .exits(0)
        .out;
    assert!(
        loaded.ends_with(&one) && loaded.contains("events.ndjson"),
        "{loaded}"
    );
    let listed = story
        .run(&["sql", "story", "home", "--instances"])
        .exits(0)
        .out;
    let select = one.find("\nSELECT").unwrap();
    assert!(listed.starts_with(&one[..select]), "{listed}");
    assert!(listed[select..].contains("verdict, reason"), "{listed}");
    let json = story.run(&["sql", "story", "--json"]).exits(0).json();
    assert_eq!(json["statements"]["home"], one);
    story
        .run(&["sql", "story", "nope"])
        .fails("no commitment `nope`");
}

#[test]
fn a_pledge_is_explained_in_words() {
    let story = Story::of(KEPT);
    let run = story.run(&["explain", "story", "answer"]).exits(0);
    let text = "an event with `action = 'request'` is followed by one with `action = 'disclose'` within 60 minutes, with the same `case_id`";
    let flat = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(text), "{}", run.out);
    let json = story.run(&["explain", "story", "--json"]).exits(0).json();
    assert_eq!(json["commitments"][1]["rule"]["en"], text);
    assert_eq!(json["commitments"][0]["verdict"], serde_json::Value::Null);
}

#[test]
fn a_narrow_screen_gets_paragraphs_instead_of_columns() {
    let story = Story::of(&breached());
    let run = finish(command(story.path(), &["check", "story"]).env("COLUMNS", "50")).exits(1);
    assert!(
        run.out.contains(
            "\nhome: Data is stored at home.\n  verdict: ✘ breached · since: 2026-03-01\n"
        ),
        "{}",
        run.out
    );
}

#[test]
fn a_page_fits_every_width_in_both_languages() {
    use unicode_width::UnicodeWidthStr as _;
    let story = Story::of(&silent());
    // Roots, keys and commands are for copying, and stay whole.
    let whole = ["root ", "根 ", "signed with ", "签名密钥 ", "avow-verify"];
    for columns in [40, 50, 60, 80, 100, 140] {
        for language in ["en", "zh"] {
            for arguments in [&["check", "story"][..], &["explain", "story.avow"]] {
                let mut command = command(story.path(), arguments);
                command.args(["--lang", language]);
                let run = finish(command.env("COLUMNS", columns.to_string()));
                assert!(run.out.contains("answer"), "{}", run.out);
                for line in run.out.lines() {
                    let fits = line.width() <= columns;
                    let stays = whole.iter().any(|word| line.contains(word));
                    assert!(fits || stays, "{columns} {language}: {line}");
                }
            }
        }
    }
}
