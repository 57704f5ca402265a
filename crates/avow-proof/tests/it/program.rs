//! The program `avow-verify`: what it prints, and how it ends.

use std::path::PathBuf;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::scene::{Scene, large_scene, proof, proof_without_log};

/// A folder with files, and the program run in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        place.put("proof.avow", proof());
        place
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_avow-verify"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn check(arguments: &[&str], code: i32, out: &Expect, error: &Expect) {
    let output = Place::new().run(arguments);
    out.assert_eq(&text(&output.stdout));
    error.assert_eq(&text(&output.stderr));
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn a_valid_proof_is_told_in_english() {
    check(
        &["proof.avow"],
        0,
        &expect![[r#"
            This proof is consistent in itself; compare its keys to know who made it:
            Three promises
            Promised by Example Cloud to users in China.

            log      example.com/avow/log
            tree     11 leaves
            root     3xETZkfHaGxyjZp47QNAUZxa5ndlJw2EzldbcG+AMM8=
            time     2026-03-10T00:01:00.000000Z, by the log's clock
            signed   2026-03-12T00:00:00.000000Z, by the log's own word
            made by  avow-proof 0.1.0

            home: breached (replayed from the whole log)
              Data of users in China is stored in China.
              9 kept, 1 breached; completeness not shown
            leave: breached (replayed from the whole log)
              It leaves China only with permission.
              1 kept, 1 breached; completeness not shown
            told: breached (replayed from the whole log)
              Users are told of a leak within 72 hours.
              1 kept, 1 breached, 1 pending; completeness not shown

            First breach: leaf 4: `store` in SG on 2026-03-01 00:04:00 UTC, which `home`
            forbids

            What is proved
              - The log's Ed25519 key signed this pledge, this place table, this tree of
                leaves and these verdicts, together; its ML-DSA-44 key signed the tree.
                Not one bit of this file was changed since.
              - Each of the 9 leaves shown is in the signed tree, at its place, byte for
                byte.
              - Every verdict and every count follows from all 11 leaves of the log, by
                the rules of the pledge. Nothing was left out of the log in making them.

            What is not proved
              - Who made it: the keys were taken from the file itself. Compare the
                fingerprints with those that the operator published in another place.
              - That this is the pledge that was agreed: compare it with yours, or give
                yours with --pledge.
              - That the pledge is older than what it judges: the log does not say when it
                was published.
              - That there is no other log under these keys that says something else, and
                when this one was made: only witnesses can tell, named by a policy of your
                own.
              - That a source said it, or told the truth: only that the log's operator
                recorded it under that name and time.
              - That nothing was copied before it was recorded.
              - That a place holds the only copy.
              - That several parties who are trusted only together did not meet.

            What to compare
              example.com/avow/log+25b058d7 Ed25519  from the proof: compare it
                SHA-256 289bb5ea6d7b118af502b3665e1cd259e3ac74dd807ace8e3f0734108a33672b
              example.com/avow/log+356ca22d ML-DSA-44  from the proof: compare it
                SHA-256 dadb97e28b16ef11bb285b45620121cebf69a0c16a6a041d31b17452d37bf3a2
              pledge.toml  from the proof: compare it
                SHA-256 b25d610f7d66322c98dc7d54f2203c267bd6da6702b765f5331e91a2befe43d8
              places.tsv test-1  not the table of this release of Avow: compare it
                SHA-256 438cb8c4b5d8b832b104e628c1b5116b7e1d3132f0f60695f2cf3ca3f6107d2f
        "#]],
        &expect![[""]],
    );
}

#[test]
fn a_valid_proof_is_told_in_chinese() {
    let key = Scene::new().keys()[0].to_string();
    check(
        &["--lang", "zh", "--key", &key, "proof.avow"],
        0,
        &expect![[r#"
            本证明有效：三项承诺
            Example Cloud 对 users in China 的承诺。

            日志    example.com/avow/log
            树      11 片叶子
            根哈希  3xETZkfHaGxyjZp47QNAUZxa5ndlJw2EzldbcG+AMM8=
            时间    2026-03-10T00:01:00.000000Z（日志时钟）
            签署    2026-03-12T00:00:00.000000Z（日志自称）
            制作    avow-proof 0.1.0

            home：违反（由完整日志重放得出）
              中国用户的数据存储在中国境内。
              遵守 9，违反 1；未证明证据完整
            leave：违反（由完整日志重放得出）
              经许可方可出境。
              遵守 1，违反 1；未证明证据完整
            told：违反（由完整日志重放得出）
              泄露后 72 小时内告知用户。
              遵守 1，违反 1，待定 1；未证明证据完整

            首次违反：第 4 号叶：2026-03-01 00:04:00 UTC，在 SG 的 `store`，为 `home` 所禁
            止

            已证明的内容
              - 日志的 Ed25519 密钥一并签署了本承诺书、本区域对照表、本叶子树和这些裁定；
                其 ML-DSA-44 密钥只签署了叶子树。此后本文件一个比特也未改动。
              - 所示 9 片叶子均在签署的树中，位置无误，逐字节一致。
              - 全部裁定和计数均由日志的全部 11 片叶子按承诺书的规则得出，没有遗漏日志中的
                任何内容。

            未证明的内容
              - 未证明这就是所约定的承诺书：请与您手中的核对，或用 --pledge 给出您的那一
                份。
              - 未证明本承诺书早于其所裁定的事件：日志没有说明它何时发布。
              - 未证明这些密钥下没有另一份说法不同的日志，也未证明本日志何时制作：只有您自
                己的见证策略所列的见证人才能证明。
              - 未证明证据来源确实这样说过，或所说属实：只证明日志运营方以该来源之名和该时
                间作了记录。
              - 未证明在记录之前没有发生过复制。
              - 未证明某地保存的是唯一副本。
              - 未证明须共同信任的各方没有串通。

            需要核对的内容
              example.com/avow/log+25b058d7 Ed25519  您信任的密钥
                SHA-256 289bb5ea6d7b118af502b3665e1cd259e3ac74dd807ace8e3f0734108a33672b
              example.com/avow/log+356ca22d ML-DSA-44  取自证明文件，请核对
                SHA-256 dadb97e28b16ef11bb285b45620121cebf69a0c16a6a041d31b17452d37bf3a2
              pledge.toml  取自证明文件，请核对
                SHA-256 b25d610f7d66322c98dc7d54f2203c267bd6da6702b765f5331e91a2befe43d8
              places.tsv test-1  不是本版 Avow 的对照表，请核对
                SHA-256 438cb8c4b5d8b832b104e628c1b5116b7e1d3132f0f60695f2cf3ca3f6107d2f
        "#]],
        &expect![[""]],
    );
}

#[test]
fn without_the_log_nothing_is_said_to_follow_that_rests_on_it() {
    let place = Place::new();
    place.put("large.avow", proof_without_log());
    let output = place.run(&["large.avow"]);
    expect![[r#"
        This proof is consistent in itself; compare its keys to know who made it:
        Three promises
        Promised by Example Cloud to users in China.

        log      example.com/avow/log
        tree     2069 leaves
        root     +wr8Smq1SWkQKwgrBIrm6HwG2eH2ryfKCbN2+6DDUg0=
        time     2026-03-11T00:00:00.000000Z, claimed to be the log's clock
        signed   2026-03-12T00:00:00.000000Z, by the log's own word
        made by  avow-proof 0.1.0

        home: breached (shown by the leaves named)
          Data of users in China is stored in China.
          9 kept, 1 breached; completeness not shown
        leave: breached (claimed only)
          It leaves China only with permission.
          1 kept, 1 breached; completeness not shown
        told: breached (claimed only)
          Users are told of a leak within 72 hours.
          1 kept, 1 breached, 1 pending; completeness not shown

        First breach among the leaves shown, as claimed: leaf 4: `store` in SG on
        2026-03-01 00:04:00 UTC, which `home` forbids

        What is proved
          - The log's Ed25519 key signed this pledge, this place table, this tree of
            leaves and these verdicts, together; its ML-DSA-44 key signed the tree.
            Not one bit of this file was changed since.
          - Each of the 9 leaves shown is in the signed tree, at its place, byte for
            byte.
          - The leaves shown do not contradict what is said about an occasion. Where a
            promise is about each event by itself (never, always), it follows from
            them.

        What is not proved
          - Who made it: the keys were taken from the file itself. Compare the
            fingerprints with those that the operator published in another place.
          - That this is the pledge that was agreed: compare it with yours, or give
            yours with --pledge.
          - That the pledge is older than what it judges: the log does not say when it
            was published.
          - That there is no other log under these keys that says something else, and
            when this one was made: only witnesses can tell, named by a policy of your
            own.
          - That there were no other occasions than those shown: the counts rest on
            the whole log, which was not replayed.
          - The time of the log, and since when a verdict holds: they rest on the
            whole log, too.
          - That no evidence is missing: what is said of gaps rests on the whole log,
            too.
          - That a source said it, or told the truth: only that the log's operator
            recorded it under that name and time.
          - That nothing was copied before it was recorded.
          - That a place holds the only copy.
          - That several parties who are trusted only together did not meet.

        What to compare
          example.com/avow/log+25b058d7 Ed25519  from the proof: compare it
            SHA-256 289bb5ea6d7b118af502b3665e1cd259e3ac74dd807ace8e3f0734108a33672b
          example.com/avow/log+356ca22d ML-DSA-44  from the proof: compare it
            SHA-256 dadb97e28b16ef11bb285b45620121cebf69a0c16a6a041d31b17452d37bf3a2
          pledge.toml  from the proof: compare it
            SHA-256 b25d610f7d66322c98dc7d54f2203c267bd6da6702b765f5331e91a2befe43d8
          places.tsv test-1  not the table of this release of Avow: compare it
            SHA-256 438cb8c4b5d8b832b104e628c1b5116b7e1d3132f0f60695f2cf3ca3f6107d2f
    "#]]
    .assert_eq(&text(&output.stdout));
    let output = place.run(&["--lang", "zh", "large.avow"]);
    expect![[r#"
        本证明自身一致；核对密钥方知由谁制作：三项承诺
        Example Cloud 对 users in China 的承诺。

        日志    example.com/avow/log
        树      2069 片叶子
        根哈希  +wr8Smq1SWkQKwgrBIrm6HwG2eH2ryfKCbN2+6DDUg0=
        时间    2026-03-11T00:00:00.000000Z（声称的日志时钟）
        签署    2026-03-12T00:00:00.000000Z（日志自称）
        制作    avow-proof 0.1.0

        home：违反（由所列叶子证明）
          中国用户的数据存储在中国境内。
          遵守 9，违反 1；未证明证据完整
        leave：违反（仅为声称）
          经许可方可出境。
          遵守 1，违反 1；未证明证据完整
        told：违反（仅为声称）
          泄露后 72 小时内告知用户。
          遵守 1，违反 1，待定 1；未证明证据完整

        所示叶子中的首次违反（声称）：第 4 号叶：2026-03-01 00:04:00 UTC，在 SG 的
        `store`，为 `home` 所禁止

        已证明的内容
          - 日志的 Ed25519 密钥一并签署了本承诺书、本区域对照表、本叶子树和这些裁定；
            其 ML-DSA-44 密钥只签署了叶子树。此后本文件一个比特也未改动。
          - 所示 9 片叶子均在签署的树中，位置无误，逐字节一致。
          - 所示叶子与关于各适用实例的结论不相矛盾。若承诺针对单个事件本身（never、
            always），结论即由这些叶子得出。

        未证明的内容
          - 未证明由谁制作：密钥取自本文件。请与运营方在别处公布的指纹核对。
          - 未证明这就是所约定的承诺书：请与您手中的核对，或用 --pledge 给出您的那一
            份。
          - 未证明本承诺书早于其所裁定的事件：日志没有说明它何时发布。
          - 未证明这些密钥下没有另一份说法不同的日志，也未证明本日志何时制作：只有您自
            己的见证策略所列的见证人才能证明。
          - 未证明除所示之外没有其他适用实例：计数依据完整日志，而它未经重放。
          - 未证明日志的时间和裁定自何时成立：二者也依据完整日志。
          - 未证明没有证据缺失：关于缺口的说法也依据完整日志。
          - 未证明证据来源确实这样说过，或所说属实：只证明日志运营方以该来源之名和该时
            间作了记录。
          - 未证明在记录之前没有发生过复制。
          - 未证明某地保存的是唯一副本。
          - 未证明须共同信任的各方没有串通。

        需要核对的内容
          example.com/avow/log+25b058d7 Ed25519  取自证明文件，请核对
            SHA-256 289bb5ea6d7b118af502b3665e1cd259e3ac74dd807ace8e3f0734108a33672b
          example.com/avow/log+356ca22d ML-DSA-44  取自证明文件，请核对
            SHA-256 dadb97e28b16ef11bb285b45620121cebf69a0c16a6a041d31b17452d37bf3a2
          pledge.toml  取自证明文件，请核对
            SHA-256 b25d610f7d66322c98dc7d54f2203c267bd6da6702b765f5331e91a2befe43d8
          places.tsv test-1  不是本版 Avow 的对照表，请核对
            SHA-256 438cb8c4b5d8b832b104e628c1b5116b7e1d3132f0f60695f2cf3ca3f6107d2f
    "#]]
    .assert_eq(&text(&output.stdout));
}

#[test]
fn programs_get_one_object() {
    check(
        &["--json", "proof.avow"],
        0,
        &expect![[r#"
            {"as_of":"2026-03-10T00:01:00.000000Z","commitments":[{"completeness_shown":false,"counts":{"breached":1,"kept":9,"pending":0,"unknown":0},"gap_count":0,"id":"home","shown":"replayed","vacuous":false,"verdict":"breached"},{"completeness_shown":false,"counts":{"breached":1,"kept":1,"pending":0,"unknown":0},"gap_count":0,"id":"leave","shown":"replayed","vacuous":false,"verdict":"breached"},{"completeness_shown":false,"counts":{"breached":1,"kept":1,"pending":1,"unknown":0},"gap_count":0,"id":"told","shown":"replayed","vacuous":false,"verdict":"breached"}],"generator":"avow-proof 0.1.0","keys":[{"algorithm":"Ed25519","name":"example.com/avow/log+25b058d7","sha256":"289bb5ea6d7b118af502b3665e1cd259e3ac74dd807ace8e3f0734108a33672b","trusted":false},{"algorithm":"ML-DSA-44","name":"example.com/avow/log+356ca22d","sha256":"dadb97e28b16ef11bb285b45620121cebf69a0c16a6a041d31b17452d37bf3a2","trusted":false}],"not_proved":["keys","pledge","written","history","source","copied_before","only_copy","holders"],"origin":"example.com/avow/log","place_table":{"built_in":false,"sha256":"438cb8c4b5d8b832b104e628c1b5116b7e1d3132f0f60695f2cf3ca3f6107d2f","version":"test-1"},"pledge":{"given":false,"sha256":"b25d610f7d66322c98dc7d54f2203c267bd6da6702b765f5331e91a2befe43d8"},"replayed":true,"root":"3xETZkfHaGxyjZp47QNAUZxa5ndlJw2EzldbcG+AMM8=","signed_at":"2026-03-12T00:00:00.000000Z","tree_size":11,"valid":true,"warnings":[],"witnesses":[]}
        "#]],
        &expect![[""]],
    );
}

#[test]
fn a_flipped_bit_is_told_with_its_reason() {
    let place = Place::new();
    let mut altered = proof().to_vec();
    let at = altered.windows(5).position(|w| w == b"PT72H").unwrap();
    altered[at + 2] ^= 1;
    place.put("altered.avow", &altered);
    let output = place.run(&["altered.avow"]);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        avow-verify: error: part `pledge.toml`: its bytes do not give its CRC-32
        avow-verify: hint: fetch the file again: it was altered, or packed by another program
    "#]]
    .assert_eq(&text(&output.stderr));
    let output = place.run(&["--json", "altered.avow"]);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        {"error":"part `pledge.toml`: its bytes do not give its CRC-32","hint":"fetch the file again: it was altered, or packed by another program","kind":"PartCrc","valid":false}
    "#]].assert_eq(&text(&output.stdout));
}

#[test]
fn keys_of_others_are_refused() {
    let place = Place::new();
    let other = Scene::with_seed(7).keys()[0].to_string();
    let output = place.run(&["--key", &other, "proof.avow"]);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        avow-verify: error: signed with `example.com/avow/log+25b058d7`, which is not among the keys you trust
        avow-verify: hint: ask the operator, by another way than this file, which keys the log has
    "#]].assert_eq(&text(&output.stderr));
}

#[test]
fn a_policy_is_read_from_a_file() {
    let place = Place::new();
    let policy = avow_proof::policy_text(&Scene::new().keys());
    place.put("policy", policy.as_bytes());
    let output = place.run(&["--policy", "policy", "--json", "proof.avow"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("\"trusted\":true"));
    assert!(!text(&output.stdout).contains("\"trusted\":false"));
}

#[test]
fn a_pledge_is_compared_with_the_one_that_was_agreed() {
    let place = Place::new();
    let agreed = Scene::new().pledge;
    place.put("agreed.toml", agreed.as_bytes());
    place.put("other.toml", agreed.replace("PT72H", "PT73H").as_bytes());
    let output = place.run(&["--pledge", "agreed.toml", "proof.avow"]);
    assert!(text(&output.stdout).contains("pledge.toml  the one that you gave"));
    let output = place.run(&["--pledge", "agreed.toml", "--json", "proof.avow"]);
    assert!(text(&output.stdout).contains("\"pledge\":{\"given\":true"));
    let output = place.run(&["--pledge", "other.toml", "proof.avow"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    expect![[r#"
        avow-verify: error: the pledge in the proof is not the one that you gave
        avow-verify: hint: compare the two: unpack the proof, and see where its `pledge.toml` differs
    "#]].assert_eq(&text(&output.stderr));
}

#[test]
fn a_folder_with_the_log_is_replayed() {
    let place = Place::new();
    place.put("large.avow", proof_without_log());
    let output = place.run(&["--json", "large.avow"]);
    assert!(text(&output.stdout).contains("\"replayed\":false"));
    for (path, bytes) in large_scene().files() {
        place.put(&format!("log/{path}"), &bytes);
    }
    let output = place.run(&["--full", "log", "--json", "large.avow"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"replayed\":true"));
    std::fs::remove_file(place.folder.path().join("log/tile/0/000")).unwrap();
    let output = place.run(&["--full", "log", "large.avow"]);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        avow-verify: error: read the log: there is no file `tile/0/000`
        avow-verify: hint: fetch the log's files again, as of the proof's checkpoint
    "#]]
    .assert_eq(&text(&output.stderr));
}

#[test]
fn wrong_arguments_end_with_code_2() {
    let place = Place::new();
    for (arguments, expected) in [
        (&[][..], "no file is given"),
        (&["--verbose", "proof.avow"], "`--verbose` is not an option"),
        (&["--key"], "`--key` takes a value"),
        (&["--key", "x", "proof.avow"], "read the key `x`"),
        (
            &["--lang", "fr", "proof.avow"],
            "`--lang` takes `en` or `zh`, not `fr`",
        ),
        (&["proof.avow", "proof.avow"], "more than one file is given"),
        (&["--policy", "nothing", "proof.avow"], "read `nothing`"),
        (&["nothing.avow"], "read `nothing.avow`"),
    ] {
        let output = place.run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let beginning = format!("avow-verify: error: {expected}");
        assert!(error.starts_with(&beginning), "{error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_name_that_looks_like_an_option_follows_two_dashes() {
    let place = Place::new();
    place.put("--json", proof());
    let output = place.run(&["--", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("This proof"));
}

#[test]
fn help_and_version_are_told() {
    let place = Place::new();
    assert!(text(&place.run(&["--help"]).stdout).starts_with("usage: avow-verify"));
    assert!(text(&place.run(&["--version"]).stdout).starts_with("avow-verify "));
}
