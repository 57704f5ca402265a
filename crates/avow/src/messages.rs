//! The message catalogue: everything that Avow says, in English and in Chinese
//! side by side, so that neither can be forgotten. `{name}` stands for a value.
//!
//! Left out: what exactly is wrong with a record, a pledge, a leaf or a proof.
//! That comes from the crates that read them and is English only, like the
//! format pages it refers to; it stands in a sentence from here as `{error}`.

use crate::language::Text;

macro_rules! catalogue {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(pub(crate) const $name: Text = Text { en: $en, zh: $zh };)*

        #[cfg(test)]
        const ALL: &[(&str, Text)] = &[$((stringify!($name), $name),)*];
    };
}

catalogue! {
    // Verdicts and the table of promises.
    KEPT: "kept", "遵守";
    BREACHED: "breached", "违反";
    PENDING: "pending", "待定";
    UNKNOWN: "unknown", "未知";

    MADE_BY: "by {by} · to {to} · in force since {from}", "{by} · 致 {to} · 自 {from} 起生效";
    PUBLISHED_AT: "published on the log at leaf {leaf}, logged {time} UTC; what stands on the log before that is judged by a text that was published later",
        "发布于日志的第 {leaf} 片叶，记录于 {time} UTC；日志中该叶之前的内容，按之后才发布的文本裁定";
    COLUMN_PROMISE: "promise", "承诺";
    COLUMN_VERDICT: "verdict", "结论";
    COLUMN_SINCE: "since", "起始";
    COLUMN_INSTANCES: "instances", "适用情形";
    COLUMN_COVERAGE: "coverage", "证据覆盖";
    COVERAGE_NO_GAP: "no gap noticed", "未发现缺口";
    COVERAGE_GAP: "1 gap", "1 处缺口";
    COVERAGE_GAPS: "{gaps} gaps", "{gaps} 处缺口";
    COVERAGE_NONE: "no evidence", "无证据";
    COVERAGE_NOT_SHOWN: "not shown", "未证明完整";
    DUTY_OF: "a duty of {count} promises", "由 {count} 条承诺组成的义务";
    FOOT_TABLE: "✔ kept, ✘ breached, … pending, ? unknown · as of {as_of} UTC, by the log's clock", "✔ 遵守，✘ 违反，… 待定，? 未知 · 截至 {as_of} UTC（日志时钟）";

    HEAD_FINDINGS: "What went wrong, and what nobody can say", "何处违反，何处无法得知";
    FINDING: "{symbol} {id} ({verdict})", "{symbol} {id}（{verdict}）";
    NO_FINDINGS: "Nothing is breached and nothing is unknown.", "没有违反，也没有未知。";

    FOUND_NOTHING: "no evidence shows that it applied, or that it did not", "没有证据表明其适用过，也没有证据表明其未适用过";
    GAP_MISSING: "nothing was heard from `{source}` between {from} and {to}", "{from} 至 {to} 之间没有收到 `{source}` 的任何消息";
    GAP_SILENCE: "`{source}` was silent from {from} to {to}, longer than it stated", "`{source}` 自 {from} 至 {to} 沉默，超过其说明的时长";
    GAP_SEQUENCE: "numbers of `{source}` are missing or stand twice between {from} and {to}", "`{source}` 在 {from} 至 {to} 之间的序号缺失或重复";
    GAP_REPORTED: "`{source}` says itself that evidence is missing from {from} to {to}", "`{source}` 自己报告 {from} 至 {to} 的证据缺失";
    GAP_AHEAD: "`{source}` sent an event dated ahead of the log's clock at {from}, which at {to} has not reached it", "`{source}` 于 {from} 发来时间超前于日志时钟的事件，至 {to} 时钟仍未到达该时间";
    GAP_OTHER: "evidence of `{source}` is missing between {from} and {to}", "{from} 至 {to} 之间缺少 `{source}` 的证据";

    HEAD_EVIDENCE: "The evidence", "证据";
    EVIDENCE_READ: "files {files}, records {records}: events {events}, duplicates {duplicates}, malformed {malformed}, skipped {skipped}",
        "文件 {files}，记录 {records}：事件 {events}，重复 {duplicates}，格式错误 {malformed}，跳过 {skipped}";
    EVIDENCE_FILES_SKIPPED: "files not read, because of their names: {files_skipped}", "按名称未读取的文件：{files_skipped}";
    DOUBT_MALFORMED: "records that could not be read: {count}; what they say is in no verdict", "无法读取的记录：{count}；其内容不在任何结论之内";
    DOUBT_UNTIMED: "records without a readable time: {count}; they stand at the time of records beside them, which may not be theirs", "没有可读时间的记录：{count}；其时间取自相邻记录，未必属实";
    DOUBT_CONFLICTING: "records with the id of another record and other content: {count}; both count, and nobody can say which is true", "与另一记录 id 相同而内容不同的记录：{count}；两者都计入，无法得知何者属实";
    EVIDENCE_REPEATED: "events that were on the log already, and were not added again: {repeated}", "已在日志中、未重复添加的事件：{repeated}";

    PLACES_UNKNOWN: "places unknown: events {events} ({names})", "地点未知：事件 {events}（{names}）";
    PLACES_NO_REGION: "no region named", "未写明云区域";
    PLACES_MORE: "and {more} more", "另有 {more} 个名称";
    PLACES_MANY_MORE: "and more than {more} more", "另有 {more} 个以上名称";
    COMMA: ", ", "、";
    COLON: ": ", "：";

    HEAD_LOG: "The log", "日志";
    LOG_STATE: "{size} leaves, origin {origin}", "{size} 片叶，日志标识 {origin}";
    LOG_ROOT: "root {root}", "根 {root}";
    LOG_TEMPORARY: "made for this run and removed; `--log DIR` keeps it", "仅为本次运行而建，现已删除；用 `--log DIR` 可保留";
    LOG_KEPT: "kept in {dir}; run again with `--log {dir}` to continue it", "保存在 {dir}；再次用 `--log {dir}` 即可继续";
    LOG_KEY: "signed with {key}", "签名密钥 {key}";
    PLACES_USED: "places by the table {version}", "地点依据地点表 {version}";

    STATE_NOT_USED: "the saved state `{path}` cannot be gone on with: {error}", "无法从已保存的状态 `{path}` 继续：{error}";
    STATE_OF_OTHER_LEAVES: "the saved state `{path}` is of other leaves than this log's", "已保存的状态 `{path}` 所依据的叶不属于本日志";
    STATE_TOO_LARGE: "the state `{path}` has more than {bytes_max} bytes and is not kept", "状态 `{path}` 超过 {bytes_max} 字节，未保存";
    WHOLE_LOG_NOW: "so the whole log is looked at; the verdicts are the same", "因此将查看整个日志，结论不变";
    WHOLE_LOG_NEXT: "so the next run will look at the whole log", "因此下次运行将查看整个日志";

    HEAD_LIMITS: "What this does not show", "本结果不能说明";
    LIMIT_BEFORE: "that nothing was copied before it reached the evidence", "数据进入证据之前没有被复制";
    LIMIT_ONLY: "that a place holds the only copy", "某地保存的是唯一副本";
    LIMIT_TRUTH: "that a source said it, or told the truth: only that it is recorded under that name and time", "来源确实这样说过，或所说属实：只能说明它以该名称和时间被记录下来";
    LIMIT_WRITTEN: "that the pledge is older than what it judges: it is not published on this log", "承诺书早于其所裁定的事件：本日志没有发布该承诺书";
    LIMIT_RUN: "when the evidence came to be: this log was made just now, and nobody outside has cosigned it", "证据何时产生：本日志刚刚生成，尚无外部见证人共签";

    LIMIT_WITNESS: "when the evidence came to be: nobody outside has cosigned this log", "证据何时产生：尚无外部见证人共签本日志";

    HEAD_PROOF: "The proof", "证明";
    PROOF_WRITTEN: "{path} ({bytes} bytes)", "{path}（{bytes} 字节）";
    PROOF_CHECK: "check it, without trusting this program:", "检验它，无需信任本程序：";

    EXIT_KEPT: "exit status 0: every promise is kept so far", "退出状态 0：目前每项承诺均得到遵守";
    EXIT_BREACHED: "exit status 1: the check worked, and a promise is breached", "退出状态 1：检查顺利完成，且有承诺被违反";
    EXIT_DOUBT: "exit status 3: the check worked and nothing is breached, but some records could not be read as they stand", "退出状态 3：检查顺利完成，没有违反，但有记录未能照原样读取";
    EXIT_UNKNOWN: "exit status 3: the check worked, nothing is breached, and something is unknown", "退出状态 3：检查顺利完成，没有违反，但有未知";

    // Other commands.
    EXPLAIN_RULE: "rule: {rule}", "规则：{rule}";
    EXPLAIN_ARTICLE: "serves: {article}", "依据：{article}";
    EXPLAIN_SOURCES: "evidence from: {sources}", "证据来自：{sources}";
    EXPLAIN_SOURCES_ALL: "evidence from: every source", "证据来自：所有来源";
    EXPLAIN_SILENCE_BREACH: "missing evidence is a breach", "缺少证据即为违反";
    EXPLAIN_VERDICT: "verdict: {verdict} since {since}", "结论：{verdict}，自 {since} 起";
    EXPLAIN_CLAIMED: "claimed only: the operator says that nothing else is in the log, which only the whole log can show", "仅为声称：运营方声称日志中再无其他记录，只有完整日志才能证明";
    EXPLAIN_NAMED: "shown by the leaves named; since when it holds is claimed only", "由所列叶证明；自何时起则仅为声称";
    RULE_NEVER: "no event has `{never}`", "任何事件都不得满足 `{never}`";
    RULE_NEVER_WHEN: "among events with `{when}`, none has `{never}`", "满足 `{when}` 的事件均不得满足 `{never}`";
    RULE_ALWAYS: "every event has `{always}`", "每个事件都须满足 `{always}`";
    RULE_ALWAYS_WHEN: "every event with `{when}` has `{always}`", "满足 `{when}` 的每个事件都须满足 `{always}`";
    RULE_BEFORE: "an event with `{when}` comes only after one with `{only_after}`", "满足 `{when}` 的事件只能发生在满足 `{only_after}` 的事件之后";
    RULE_UNTIL: ", and not after a later one with `{until}`", "，且其后未出现满足 `{until}` 的事件";
    RULE_WITHIN: "an event with `{when}` is followed by one with `{then}` within {within}", "满足 `{when}` 的事件发生后，须在 {within}内出现满足 `{then}` 的事件";
    RULE_UNLESS: ", unless one with `{unless}` lifts the duty", "，除非满足 `{unless}` 的事件免除该义务";
    RULE_NO_OLDER: " that is no older than {within}", "，且两者相隔不超过 {within}";
    RULE_WHERE: ", where `{where}`", "，且 `{where}`";
    RULE_WITHIN_FIELD: "an event with `{when}` is followed by one with `{then}` by the time in its `{field}`", "满足 `{when}` 的事件发生后，须在其 `{field}` 所载时间前出现满足 `{then}` 的事件";
    RULE_FOR_EACH: ", once for each different {each} of the earlier events with `{for_each}`", "，此前满足 `{for_each}` 的事件中每个不同的 {each} 各一次";
    RULE_ALREADY: ", if there was none with `{already}` before", "，但此前已有满足 `{already}` 的事件时除外";
    RULE_PAUSED: "; the time stands still from an event with `{paused_by}` until one with `{resumed_by}`", "；自满足 `{paused_by}` 的事件起至满足 `{resumed_by}` 的事件止，期限中止";
    RULE_EVERY: "again and again, never later than {every} after the last time, there is an event with `{happens}`", "须反复出现满足 `{happens}` 的事件，每次距上一次不得超过 {every}";
    RULE_MEMBERS: ", for each of {members}", "，{members} 各自如此";
    RULE_ENTERED: ", for whatever an event with `{when}` enters", "，适用于由满足 `{when}` 的事件登记的每一项";
    RULE_STRUCK_OFF: ", until one with `{until}`", "，直至出现满足 `{until}` 的事件";
    RULE_AT_MOST: "within any {within} there are at most {most} events with `{happens}`", "任意 {within}内，满足 `{happens}` 的事件至多 {most} 个";
    RULE_LASTS: "for {lasts} after an event with `{when}` there is none with `{ends}`", "满足 `{when}` 的事件发生后 {lasts}内，不得出现满足 `{ends}` 的事件";
    RULE_SAME: ", with the same {same}", "，且 {same} 相同";
    SPAN_YEAR: "one year", "一年";
    SPAN_YEARS: "{count} years", "{count} 年";
    SPAN_MONTH: "one month", "一个月";
    SPAN_MONTHS: "{count} months", "{count} 个月";
    SPAN_AND: "{months} and {rest}", "{months}又 {rest}";
    SPAN_DAYS: "{count} days", "{count} 天";
    SPAN_HOURS: "{count} hours", "{count} 小时";
    SPAN_MINUTES: "{count} minutes", "{count} 分钟";
    SPAN_SECONDS: "{count} seconds", "{count} 秒";

    LOG_CREATED: "made a log in {dir}, origin {origin}", "已在 {dir} 建立日志，日志标识 {origin}";
    LOG_KEYS: "its verifier keys are the `.vkey` files in {dir}/keys: give them to whoever checks the log", "其验证密钥是 {dir}/keys 中的 `.vkey` 文件：请交给检验日志的人";
    LOG_APPENDED: "added {added} events; the log has {size} leaves, root {root}", "已添加 {added} 个事件；日志有 {size} 片叶，根 {root}";
    LOG_EXPORTED: "exported {size} leaves in {files} files to {dir}", "已导出 {size} 片叶、{files} 个文件到 {dir}";
    LOG_VERIFIED: "verified: {size} leaves, root {root}, every signature, hash and leaf", "已验证：{size} 片叶，根 {root}，所有签名、哈希与叶";

    LOG_NO_EVENTS: "{count} leaves are no events of Avow and count as no evidence", "{count} 片叶不是 Avow 事件，不计为证据";
    LOG_UNSIGNED: "the last leaves are not under a signed checkpoint yet; `avow log append` signs them", "最后的叶尚未被签名的检查点覆盖；`avow log append` 会签名";

    PLACES_HEAD: "place table {version}, SHA-256 {digest}", "地点表 {version}，SHA-256 {digest}";
    MANUAL_WRITTEN: "wrote {count} manual pages to {dir}", "已写入 {count} 个手册页到 {dir}";
    RANDOM_KEY: "pseudonyms are under a random key, and differ in the next run; `--key FILE` keeps them", "假名使用随机密钥，下次运行会不同；用 `--key FILE` 可保持不变";
    KEY_WRITTEN: "made a new pseudonym key in `{path}`; keep it secret", "已在 `{path}` 生成新的假名密钥，请保密";

    ERROR: "error: ", "错误：";
    HINT: "hint: ", "提示：";
    NOTE: "note: ", "说明：";
    PLEDGE_BROKEN: "`{path}` has {count} mistakes", "`{path}` 有 {count} 处错误";
    PLEDGE_BROKEN_ONE: "`{path}` has a mistake", "`{path}` 有一处错误";

    PLEDGE_MORE: "… and {count} more", "… 另有 {count} 处";
    PLEDGE_HELP: "help: ", "提示：";

    // What went wrong: the command line.
    NO_SUCH_COMMAND: "unrecognized subcommand `{name}`", "没有命令 `{name}`";
    UNEXPECTED_ARGUMENT: "unexpected argument `{name}`", "多余的参数 `{name}`";
    MISSING_COMMAND: "`{command}` needs a command: {names}", "`{command}` 之后需要一个命令：{names}";
    MISSING_ARGUMENTS: "missing: {names}", "缺少：{names}";
    NO_SUCH_VALUE: "`{value}` is no value of `{name}`; it takes {valid}", "`{name}` 不接受 `{value}`；可取 {valid}";
    MISSING_VALUE: "`{name}` needs a value", "`{name}` 需要一个值";
    ARGUMENT_TWICE: "`{name}` may be given only once", "`{name}` 只能给出一次";
    USAGE_WRONG: "{error}", "命令行有误：{error}";
    DID_YOU_MEAN: "did you mean `{name}`?", "是否想写 `{name}`？";

    // What went wrong: files.
    NO_SUCH_FILE: "no such file or folder: `{path}`", "没有这个文件或文件夹：`{path}`";
    IS_A_FOLDER: "`{path}` is a folder, not a file", "`{path}` 是文件夹，不是文件";
    NO_FILE_NAME: "`{path}` is not the name of a file", "`{path}` 不是文件名";
    FILE_TOO_LARGE: "`{path}` has {size} bytes; at most {bytes_max} are read", "`{path}` 有 {size} 字节；最多读取 {bytes_max} 字节";
    NOT_UTF8: "`{path}` is not UTF-8 text, from byte {at}", "`{path}` 不是 UTF-8 文本，自第 {at} 字节起";
    NOT_TEXT: "`{path}` is not text", "`{path}` 不是文本";
    READ_FAILED: "read `{path}`: {error}", "读取 `{path}`：{error}";
    WRITE_FAILED: "write `{path}`: {error}", "写入 `{path}`：{error}";
    OUTPUT_FAILED: "write the output: {error}", "写入输出：{error}";
    HINT_NO_FOLDER: "the folder does not exist: make it first", "该文件夹不存在：请先建立";
    HINT_FORBIDDEN: "choose a folder that you may write to", "请选择有写入权限的文件夹";
    HINT_FULL: "free some space, or choose another folder", "请腾出空间，或选择其他文件夹";
    OUT_IS_INPUT: "`{path}` would overwrite what this run reads", "`{path}` 会覆盖本次运行要读取的内容";
    HINT_OUT_IS_INPUT: "name another file with `--out`", "请用 `--out` 给出其他文件名";
    HINT_FILE_NAME: "give the name of the file to write", "请给出要写入的文件名";
    NO_ENTROPY: "ask the system for random bytes: {error}", "向系统索取随机字节：{error}";
    CLOCK_WRONG: "the clock of this machine is not between 1970 and 9999", "本机时钟不在 1970 年至 9999 年之间";
    HINT_CLOCK: "set the clock, then try again", "请校准时钟后重试";
    BUG: "avow contradicts itself: {what}", "Avow 自相矛盾：{what}";
    HINT_BUG: "this is a mistake in Avow, not in your input: please report it", "这是 Avow 的错误，不是您的输入有误：请报告";

    // What went wrong: evidence and pledges.
    NO_EVIDENCE: "no evidence is given", "没有给出证据";
    NO_EVIDENCE_IN: "no evidence files in `{path}`", "`{path}` 中没有证据文件";
    NO_SUCH_KIND: "no evidence of kind `{kind}`; the kinds are {kinds}", "没有 `{kind}` 这种证据；种类有 {kinds}";
    MFOTL_REFUSED: "`{id}` has no formula: {error}", "`{id}` 没有公式：{error}";
    MFOTL_STREAM: "this evidence has no log for MonPoly: {error}", "此证据无法写成 MonPoly 日志：{error}";
    HINT_MFOTL: "docs/reference/mfotl.md says what MFOTL cannot say", "MFOTL 无法表达的内容见 docs/reference/mfotl.md";
    NO_MAPPING: "there is no mapping `{path}`", "没有映射文件 `{path}`";
    HINT_MAPPING: "name one after a comma: `monpoly:LOG,MAPPING.toml`; docs/reference/sources/monpoly.md says what it holds", "请在逗号后给出：`monpoly:LOG,MAPPING.toml`；内容见来源说明 docs/reference/sources/monpoly.md";
    BAD_MAPPING: "the mapping is wrong: {error}", "映射文件有误：{error}";
    TOO_DEEP: "folders are nested too deep at `{path}`", "文件夹嵌套过深：`{path}`";
    EVIDENCE_FAILED: "{error}", "读取证据：{error}";
    NO_EVENTS: "the evidence holds no event", "证据中没有任何事件";
    TOO_MANY_EVENTS: "the evidence has more than {events_max} events", "证据中的事件超过 {events_max} 个";
    NO_PLEDGE_IN: "`{path}` has no `pledge.toml`", "`{path}` 中没有 `pledge.toml`";
    NO_PSEUDONYM_KEY: "`{path}` is no pseudonym key", "`{path}` 不是假名密钥";
    FOREIGN_KEY: "`{key}` does not hold the pseudonym key of the log in `{path}`", "`{key}` 中不是 `{path}` 中日志的假名密钥";
    HINT_FOREIGN_KEY: "leave out `--key`: the log has its key in `keys/pseudonym.key`, and what it knows would be added again under another", "请省略 `--key`：日志的密钥在 `keys/pseudonym.key`；换用其他密钥，已有的内容会被重复添加";
    KEY_WAS_MISSING: "the log in `{path}` had no pseudonym key, and has a new one now; what it holds under another is added again", "`{path}` 中的日志没有假名密钥，现已存入新的；此前以其他密钥写入的内容会被重复添加";
    NO_COMMITMENT: "the pledge has no commitment `{id}`", "承诺书中没有承诺条款 `{id}`";
    FILE_EXISTS: "`{path}` exists already", "`{path}` 已存在";
    HINT_FILE_EXISTS: "choose another name: nothing is overwritten", "请换一个文件名：不会覆盖任何文件";
    STARTER_WRITTEN: "wrote `{path}`; change it, then run `avow pledge lint {path}`", "已写出 `{path}`；修改后请运行 `avow pledge lint {path}`";
    STARTER_HEAD: "A pledge: promises that a person can read and a machine can check.\nChange everything here. Then see what Avow makes of it:\n  avow pledge lint FILE\n  avow pledge test FILE\nCompletion in an editor: `avow pledge schema`.",
        "承诺书：人能读懂，机器能检查。\n请逐项修改。然后看 Avow 如何理解：\n  avow pledge lint FILE\n  avow pledge test FILE\n编辑器补全：`avow pledge schema`。";
    STARTER_SOURCE: "Who tells what happens, how long it may be silent at most, and how late its\nevents may come.", "谁报告所发生的事，最长可沉默多久，其事件最多可迟到多久。";
    STARTER_COMMITMENT: "Each promise has a name, words, one rule, and examples of how it is kept and\nhow it is breached.", "每条承诺有名称、文字、一条规则，以及遵守与违反的示例。";
    STARTER_NEVER: "`never`: no event is like this.", "`never`：不得有这样的事件。";
    STARTER_ALWAYS: "`always`: every event with `when` is like this.", "`always`：满足 `when` 的每个事件都须如此。";
    STARTER_ONLY_AFTER: "`only_after`: every event with `when` needs an earlier one, which `until` takes back.", "`only_after`：满足 `when` 的每个事件之前须有另一事件，`until` 可将其收回。";
    STARTER_THEN: "`then`: every event with `when` is answered in time.", "`then`：满足 `when` 的每个事件都须按时得到回应。";
    STARTER_EVERY: "`every`: this happens again and again, never longer than that after the last time.", "`every`：反复发生，距上一次不得超过该时长。";
    STARTER_AT_MOST: "`at_most`: so often within any such time, and no more.", "`at_most`：在任意这样一段时间内不得超过该次数。";
    STARTER_LASTS: "`lasts`: what begins with `when` does not end before that.", "`lasts`：自 `when` 起，在此之前不得结束。";
    AMEND_FINE: "an amendment: what was promised until {at} UTC stays as it was", "属于修订：{at} UTC 之前的承诺保持原样";
    AMEND_WRONG: "no amendment: it rewrites what was promised until {at} UTC (differences that do: {count})", "不属于修订：改写了 {at} UTC 之前的承诺（有此影响的差异：{count}）";
    AMEND_NOT_NAMED: "it does not name the old pledge: write `amends = \"{digest}\"` under `[pledge]`", "没有指明旧承诺书：请在 `[pledge]` 下写 `amends = \"{digest}\"`";
    AMEND_BEGINS: "the whole pledge begins at another time: {from}", "整份承诺书的起始时间不同：{from}";
    AMEND_HEADING: "its title, by whom or to whom is worded anew", "标题、承诺方或对象的措辞已更改";
    AMEND_DROPPED: "`{id}` is gone: it has to stay, and may get a `to`", "`{id}` 已删去：须保留，可加上 `to`";
    AMEND_RULE: "`{id}` has another rule: let it end, and begin another id", "`{id}` 的规则不同：请让它终止，另起一个 id";
    AMEND_SOURCES: "`{id}` is about other sources: let it end, and begin another id", "`{id}` 涉及的来源不同：请让它终止，另起一个 id";
    AMEND_SILENCE: "`{id}` takes silence otherwise: let it end, and begin another id", "`{id}` 对沉默的处理不同：请让它终止，另起一个 id";
    AMEND_FROM: "`{id}` begins at another time", "`{id}` 的起始时间不同";
    AMEND_DECLARATIONS: "`{id}` is about sources of which something else is declared: let it end, and begin another id", "`{id}` 涉及的来源另有声明：请让它终止，另起一个 id";
    AMEND_WORDED: "`{id}` is worded anew, or stands with another article or duty", "`{id}` 的措辞、条款或所属义务已更改";
    AMEND_ENDS: "`{id}` ends at {to} UTC", "`{id}` 终止于 {to} UTC";
    AMEND_NO_END: "`{id}` has no end any more", "`{id}` 不再有终止时间";
    AMEND_END_PAST: "`{id}` ends at another time, and that or the old one is before {at} UTC", "`{id}` 的终止时间不同，且新旧之一早于 {at} UTC";
    AMEND_NEW: "`{id}` is new, from {from} UTC on", "`{id}` 为新增，自 {from} UTC 起";
    AMEND_NEW_PAST: "`{id}` is new, and begins at {from} UTC, before {at} UTC", "`{id}` 为新增，起始于 {from} UTC，早于 {at} UTC";
    NO_INSTANT: "`{text}` is no time: write `2026-03-01` or `2026-03-01T12:00:00Z`", "`{text}` 不是时间：请写 `2026-03-01` 或 `2026-03-01T12:00:00Z`";

    LINT_FINE: "`{path}`: nothing wrong, nothing suspicious", "`{path}`：没有错误，也没有可疑之处";
    LINT_FOUND: "`{path}`: mistakes {mistakes}, warnings {warnings}", "`{path}`：错误 {mistakes}，警告 {warnings}";
    LINT_EXAMPLES: "`{path}`: examples that do not end as they say: {count}", "`{path}`：结论与所述不符的示例：{count}";
    HINT_TEST: "`avow pledge test {path}` shows them", "`avow pledge test {path}` 可逐一显示";
    STORY_FINE: "{id}: examples {count}, all as they say", "{id}：示例 {count}，均与所述相符";
    STORY_WRONG: "{id}: example {number} of {count} does not end as it says", "{id}：共 {count} 个示例，第 {number} 个与所述不符";
    STORY_NONE: "nothing: no event in it makes an instance", "无：其中没有事件构成适用情形";
    STORY_NOT_SEEN: "not evidence for this promise", "不是该承诺的证据";
    STORY_PLAYS_NO_PART: "plays no part", "不起作用";
    STORY_UNKNOWN: "{key}: unknown", "{key}：未知";
    STORY_MORE: "… and {count} more instances", "… 另有 {count} 个适用情形";
    EXAMPLE_FAILED: "`{path}`: example {number} of `{id}` is meant to be {meant}, but {found}", "`{path}`：`{id}` 的第 {number} 个示例本应为{meant}，但{found}";
    EXAMPLE_COUNTS: "its instances are: {counts}", "其适用情形为：{counts}";
    EXAMPLE_NEVER_APPLIES: "no event in it makes an instance: `when` is never true", "其中没有事件构成适用情形：`when` 从不为真";
    HINT_EVIDENCE: "name files or folders with CloudTrail records or events of Avow", "请给出含 CloudTrail 记录或 Avow 事件的文件或文件夹";
    HINT_NAME_EVIDENCE: "name evidence after the pledge: `avow check pledge.toml EVIDENCE…`", "请在承诺书之后给出证据：`avow check pledge.toml EVIDENCE…`";
    HINT_SCENARIO: "a scenario is a folder with `pledge.toml` and `evidence/`; or name a pledge file and its evidence", "场景是含 `pledge.toml` 与 `evidence/` 的文件夹；也可给出承诺书文件及其证据";
    HINT_NO_EVENTS: "`avow events --stats EVIDENCE…` says what was read; kinds are CloudTrail and events of Avow", "`avow events --stats EVIDENCE…` 显示读到了什么；种类有 CloudTrail 和 Avow 事件";
    HINT_TOO_MANY_EVENTS: "append it to a log part by part with `avow log append`, then `avow prove`", "请用 `avow log append` 分批写入日志，再用 `avow prove`";
    HINT_PSEUDONYM_KEY: "a key file holds 64 hexadecimal digits; name a file that does not exist to make one", "密钥文件含 64 位十六进制数字；给出不存在的文件名即可生成";
    HINT_COMMITMENTS: "it has {ids}", "其中有 {ids}";
    HINT_EXAMPLE: "correct the rule or the example: one of them does not say what you mean", "请更正规则或示例：其中之一没有说出您的本意";

    // What went wrong: logs and proofs.
    LOG_FAILED: "{error}", "日志：{error}";
    NOT_EMPTY: "`{path}` is not empty", "`{path}` 不是空文件夹";
    HINT_NOT_EMPTY: "a new log takes a folder that is empty or does not exist; `avow log append` continues one", "新日志需要空的或尚不存在的文件夹；继续已有日志请用 `avow log append`";
    BAD_ORIGIN: "`{origin}` cannot be the origin of a log: {error}", "`{origin}` 不能作为日志标识：{error}";
    HINT_ORIGIN: "an origin is a name without spaces and `+`, for example `example.com/avow/log`", "日志标识是不含空格和 `+` 的名称，例如 `example.com/avow/log`";
    NOT_A_LOG: "`{path}` is no log", "`{path}` 不是日志";
    LOG_BUSY: "the log in `{path}` is open in another process", "`{path}` 中的日志正被另一进程打开";
    HINT_LOG_INIT: "`avow log init DIR --origin NAME` makes one", "`avow log init DIR --origin NAME` 可建立日志";
    NO_LOG: "`{path}` is no log and no export of one", "`{path}` 既不是日志，也不是日志的导出";
    NO_SIGNED_HEAD: "the log has no signed checkpoint", "日志没有签名的检查点";
    LEAF_NO_EVENT: "leaf {leaf} is no event of Avow: {error}", "叶 {leaf} 不是 Avow 事件：{error}";
    EXPORT_NO_KEYS: "an export does not say whose keys to trust", "导出本身不说明应信任谁的密钥";
    NO_ED25519_KEY: "none of the keys is an Ed25519 key of a log", "这些密钥中没有日志的 Ed25519 密钥";
    WRONG_KEY_COUNT: "`{path}` holds {count} verifier keys", "`{path}` 含 {count} 个验证密钥";
    NO_VALID_PROOF: "`{path}` is no valid proof: {error}", "`{path}` 不是有效的证明：{error}";
    HINT_BUSY: "end the other process that has the log open, or wait until it is done", "请结束打开该日志的另一进程，或等它完成";
    HINT_DISK: "repair the disk or free some space, then try again", "请修复磁盘或腾出空间后重试";
    HINT_CORRUPT: "keep these files as evidence, and restore the log from a copy", "请将这些文件留作证据，并从副本恢复日志";
    HINT_CONFLICT: "somebody else may sign for this log: keep these files as evidence", "可能有他人在为此日志签名：请将这些文件留作证据";
    HINT_LEAF_NO_EVENT: "a pledge is monitored over a log that holds events only", "承诺书只能在仅含事件的日志上监测";
    HINT_EXPORT_KEYS: "name the log's verifier keys with `--keys FILE`", "请用 `--keys FILE` 给出日志的验证密钥";
    HINT_PROOF_TOO_LARGE: "leave the log out of the proof and check with `--full`", "请将日志移出证明，并用 `--full` 检验";
    HINT_PROOF_CUT: "fetch the file again: it is incomplete or no proof", "请重新获取该文件：它不完整，或不是证明";
    HINT_PROOF_ALTERED: "fetch the file again: it was altered, or packed by another program", "请重新获取该文件：它被改动过，或由其他程序打包";
    HINT_PROOF_KEYS: "ask the operator, by another way than this file, which keys the log has", "请以本文件之外的途径询问运营方：该日志有哪些密钥";
    HINT_PROOF_WITNESSES: "ask for a proof whose checkpoint the witnesses have cosigned", "请索取其检查点已由见证人共签的证明";
    HINT_PROOF_LOG: "fetch the log's files again, as of the proof's checkpoint", "请按证明的检查点重新获取日志文件";
    HINT_PROOF_VERSION: "use a verifier of the version that made the proof", "请使用与生成该证明版本相同的验证程序";
    HINT_PROOF_BAD: "do not rely on this proof; keep it, and ask who gave it to you for another", "请勿依赖此证明；请保留它，并向提供者另行索取";

    WORK_READ: "reading the evidence", "读取证据";
    WORK_APPEND: "putting events on the log", "将事件写入日志";
    WORK_MONITOR: "monitoring the pledge", "监测承诺书";
    WORK_PROVE: "building the proof", "生成证明";
    WORK_VERIFY: "verifying the log", "验证日志";
    WORK_EXPORT: "exporting the log", "导出日志";

    // The table of flags.
    CLI_ABOUT: "Shows whether promises about data are kept, by evidence that anyone can check", "以任何人都能检验的证据，说明关于数据的承诺是否得到遵守";
    CLI_BEGIN: "Begin with `avow check FOLDER`, where FOLDER holds `pledge.toml` and `evidence/`.", "请从 `avow check FOLDER` 开始，其中 FOLDER 含 `pledge.toml` 与 `evidence/`。";
    CLI_STATUS: "Exit status: 0 every promise is kept so far, or the command is done; 1 a promise is breached; 2 the input is bad or the work could not be done; 3 nothing is breached, and something is unknown or a record could not be read as it stands.",
        "退出状态：0 目前每项承诺均得到遵守，或命令已完成；1 有承诺被违反；2 输入有误或无法完成；3 没有违反，但有未知，或有记录未能照原样读取。";
    USAGE: "Usage: ", "用法：";
    COMMANDS: "Commands", "命令";
    ARGUMENTS: "Arguments", "参数";
    OPTIONS: "Options", "选项";
    SEE_HELP: "`{command} --help` shows what it takes", "`{command} --help` 显示用法";

    FLAG_HELP: "Print help", "显示帮助";
    FLAG_VERSION: "Print the version", "显示版本";
    FLAG_JSON: "Print one JSON object instead of text", "以一个 JSON 对象输出，而非文字";
    FLAG_LANG: "Language of the output, en or zh; by default that of LC_ALL, LC_MESSAGES or LANG", "输出语言，en 或 zh；默认取自 LC_ALL、LC_MESSAGES 或 LANG";

    CHECK: "Put evidence on a log, monitor a pledge over it, write a proof", "将证据写入日志，据此监测承诺书，并写出证明";
    CHECK_LONG: "Puts evidence on a log, monitors a pledge over it and writes a proof.\n\nThe events are sorted by time, source and number, stamped with the present time and appended to a log; the pledge is monitored over the log as read back from disk. Pending alone counts as kept so far: status 0.",
        "将证据写入日志，据此监测承诺书，并写出证明。\n\n事件按时间、来源和序号排序，盖上当前时间后写入日志；监测以从磁盘读回的日志为准。仅有待定时视为目前遵守：状态 0。";
    CHECK_TARGET: "A folder with `pledge.toml` and `evidence/`, or a pledge file", "含 `pledge.toml` 与 `evidence/` 的文件夹，或承诺书文件";
    EVIDENCE: "Evidence: files, folders, or KIND:PATH; the kind is detected", "证据：文件、文件夹或 KIND:PATH；自动识别种类";
    CHECK_OUT: "Where to write the proof; by default NAME.avow in this folder", "证明写到何处；默认为当前文件夹下的 NAME.avow";
    CHECK_LOG: "Keep the log in this folder, or continue the one that is there", "将日志保存在此文件夹，或继续其中已有的日志";
    FLAG_KEY: "Pseudonym key, secret; made if the file does not exist", "假名密钥（保密）；文件不存在则生成";

    EVENTS: "Print the events in evidence, one JSON object a line", "输出证据中的事件，每行一个 JSON 对象";
    EVENTS_LONG: "Prints the events in evidence, one JSON object a line, each event once. Identifiers are pseudonyms under the key of `--key`, or under a random one.",
        "输出证据中的事件，每行一个 JSON 对象，每个事件一次。标识符为 `--key` 密钥（否则为随机密钥）下的假名。";
    EVENTS_STATS: "Print one JSON object with counts instead", "改为输出一个计数 JSON 对象";

    MFOTL: "Write commitments as formulas, and evidence as a log, for MonPoly", "为 MonPoly 将承诺条款写成公式，将证据写成日志";
    MFOTL_LONG: "Writes each commitment as a formula of a breach in metric first-order temporal logic, and the evidence as a log, so that MonPoly and VeriMon judge the same stream; prints how to call them. docs/reference/mfotl.md says what agrees and what is lost.",
        "将每项承诺条款写成违反的度量一阶时态逻辑公式，将证据写成日志，供 MonPoly 与 VeriMon 判定同一事件流；并显示调用方法。哪些一致、哪些丢失，见 docs/reference/mfotl.md。";
    MFOTL_OUT: "Folder for the files", "存放文件的文件夹";
    SQL: "Print the SQL that counts a commitment's instances", "输出统计承诺条款适用情形的 SQL";
    SQL_LONG: "Prints the SQL that gives the monitor's counts over the tables `events` and `gaps`, which every unpacked proof holds as `events.ndjson` and `gaps.ndjson`; in DuckDB, SQLite, DataFusion and Spark alike.",
        "输出 SQL：在表 `events` 与 `gaps` 上给出与监测器相同的计数；解包的证明中即有 `events.ndjson` 与 `gaps.ndjson`。DuckDB、SQLite、DataFusion 与 Spark 通用。";
    SQL_INSTANCES: "List each instance with its times, verdict and reason, instead of counting", "逐条列出各次适用情形及其时间、结论与理由，而不计数";
    SQL_LOAD: "Begin with the statements that load both tables, for duckdb or sqlite", "先输出装载两个表的语句，适用于 duckdb 或 sqlite";
    PLEDGE: "A pledge file, or a folder with `pledge.toml`", "承诺书文件，或含 `pledge.toml` 的文件夹";
    COMMITMENT_ID: "The id of one commitment; by default all", "某一承诺条款的 id；默认为全部";

    EXPLAIN: "Say in plain words what a pledge asks, or what a proof found", "用平实的话说明承诺书要求什么，或证明发现了什么";
    EXPLAIN_SUBJECT: "A proof, a pledge file, or a folder with `pledge.toml`", "证明、承诺书文件，或含 `pledge.toml` 的文件夹";

    LOG: "Make, extend, export and verify a log", "建立、追加、导出和验证日志";
    LOG_INIT: "Make a log and its keys", "建立日志及其密钥";
    LOG_APPEND: "Append events; `-` reads events from standard input", "追加事件；`-` 表示从标准输入读取";
    LOG_EXPORT: "Write the log as static files that any C2SP client reads", "将日志写成任何 C2SP 客户端可读的静态文件";
    LOG_VERIFY: "Verify every signature, hash and leaf of a log", "验证日志的所有签名、哈希与叶";
    LOG_DIR: "The log's folder", "日志的文件夹";
    LOG_ORIGIN: "The log's origin, which names it, for example `example.com/avow/log`; it can never change", "日志标识，即日志的名称，例如 `example.com/avow/log`；以后不可更改";
    LOG_OUT: "The folder to write; it must not exist, or be empty", "要写入的文件夹；必须不存在或为空";
    LOG_VERIFY_DIR: "The log's folder, or one that `log export` wrote", "日志的文件夹，或 `log export` 写出的文件夹";
    LOG_VERIFY_KEYS: "File with the log's verifier keys, one a line; by default those in the folder", "日志验证密钥的文件，每行一个；默认取文件夹中的";

    PROVE: "Monitor a pledge over a log and write a proof", "在日志上监测承诺书，并写出证明";
    PROVE_OUT: "Where to write the proof", "证明写到何处";

    PLEDGES: "Help with writing pledges", "协助编写承诺书";
    PLEDGES_NAMED: "Pledge files, or folders with a `pledge.toml`", "承诺书文件，或含 `pledge.toml` 的文件夹";
    PLEDGE_NEW: "Write a pledge to begin with", "写出一份起步用的承诺书";
    PLEDGE_NEW_FILE: "The file to write; there must be none yet", "要写入的文件；该文件不得已存在";
    PLEDGE_NEW_RULE: "Write one promise with this rule: never, always, only_after, then, every, at_most or lasts", "只写一条使用该规则的承诺：never、always、only_after、then、every、at_most 或 lasts";
    PLEDGE_LINT: "Say what is wrong or suspicious in pledges", "指出承诺书中的错误与可疑之处";
    PLEDGE_LINT_LONG: "Say everything that is wrong with pledges, and what is suspicious in those that are right: a rule that is the same for every event, a part that no example shows, a source whose silence nobody notices. The exit status is 2 if something is wrong.",
        "指出承诺书中的全部错误；对没有错误的承诺书，指出其可疑之处：对任何事件都相同的规则、没有示例体现的部分、沉默时无人察觉的来源。若有错误，退出状态为 2。";
    PLEDGE_LINT_STRICT: "End with 2 also if something is suspicious", "有可疑之处时也以 2 结束";
    PLEDGE_AMEND: "Say what a pledge changes of the one that it amends", "说明一份承诺书对所修订承诺书的更改";
    PLEDGE_AMEND_LONG: "Say in words what a pledge changes of the one that it amends. An amendment keeps what was promised until then: a commitment may end, a new one may begin, words may change. The exit status is 2 if it rewrites the past.",
        "用文字说明一份承诺书对所修订承诺书的更改。修订使此前的承诺保持原样：承诺条款可以终止，可以新增，措辞可以更改。若改写了过去，退出状态为 2。";
    PLEDGE_AMEND_OLD: "The pledge that is amended, a file or a folder with `pledge.toml`", "被修订的承诺书：文件，或含有 `pledge.toml` 的文件夹";
    PLEDGE_AMEND_NEW: "The pledge that amends it", "修订它的承诺书";
    PLEDGE_AMEND_AT: "From when on it is to hold, a day or a time with offset; by default now", "自何时起生效：日期，或带时区的时间；默认为现在";
    PLEDGE_TEST: "Run the examples of pledges", "运行承诺书的示例";
    PLEDGE_TEST_LONG: "Run the examples of pledges. Of one that does not end as it says, show what was meant, what was found, and what the rule makes of each event. The exit status is 2 if there is one.",
        "运行承诺书的示例。对结论与所述不符的示例，显示本意、实际结论，以及规则如何看待每个事件。若有不符，退出状态为 2。";
    PLEDGE_SCHEMA: "Print the JSON Schema of a pledge, for editors", "输出承诺书的 JSON Schema，供编辑器使用";
    PLEDGE_SCHEMA_LONG: "Print the JSON Schema of a pledge (draft 2020-12), from which an editor completes keys and marks what is out of place. The schema says less than Avow, which alone decides.",
        "输出承诺书的 JSON Schema（2020-12 版），编辑器可据此补全键名并标出错误之处。Schema 的检查不如 Avow 严格，以 Avow 为准。";
    PLACES: "Print the table from cloud regions to jurisdictions", "输出云区域到法域的对照表";
    COMPLETIONS: "Print completions for a shell", "输出某种 shell 的补全脚本";
    COMPLETIONS_SHELL: "bash, elvish, fish, powershell or zsh", "bash、elvish、fish、powershell 或 zsh";
    MAN: "Write the manual pages into a folder", "将手册页写入文件夹";
    MAN_DIR: "The folder", "文件夹";
}

/// What no check shows, whatever it finds.
pub(crate) const LIMITS: [Text; 3] = [LIMIT_BEFORE, LIMIT_ONLY, LIMIT_TRUTH];

/// What to do about a proof that does not hold, as `avow-proof` says it.
pub(crate) const PROOF_HINTS: [Text; 8] = [
    HINT_PROOF_TOO_LARGE,
    HINT_PROOF_CUT,
    HINT_PROOF_ALTERED,
    HINT_PROOF_KEYS,
    HINT_PROOF_WITNESSES,
    HINT_PROOF_LOG,
    HINT_PROOF_VERSION,
    HINT_PROOF_BAD,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text
            .split('{')
            .skip(1)
            .map(|rest| rest.split_once('}').expect("a brace is not closed").0)
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_something_and_with_the_same_values() {
        for (name, text) in ALL {
            assert_eq!(names(text.en), names(text.zh), "{name}");
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{name}");
            let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(!text.en.contains(han), "{name} is not English");
            let chinese = text.zh.contains(han) || text.zh.contains(['：', '、', '（', '，']);
            assert!(chinese, "{name} is not Chinese");
        }
    }

    /// Words that have one meaning here; others of the glossary, such as
    /// "find", are also words of every day.
    const WORDS: [&str; 21] = [
        "breached",
        "checkpoint",
        "commitment",
        "coverage",
        "duplicate",
        "event",
        "evidence",
        "instance",
        "jurisdiction",
        "leaf",
        "log",
        "malformed",
        "origin",
        "place table",
        "pledge",
        "proof",
        "pseudonym",
        "root",
        "source",
        "unknown",
        "verdict",
    ];

    /// The text without what is no word of it: code, and names of values.
    fn prose(text: &str) -> String {
        let outside = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        let mut prose = String::new();
        for part in outside.split('{') {
            prose.push_str(part.split_once('}').map_or(part, |(_, after)| after));
        }
        prose.to_lowercase().replace("leaves", "leaf")
    }

    #[test]
    fn both_languages_use_the_words_of_the_glossary() {
        let glossary = include_str!("../../../docs/glossary.md");
        let mut wrong = Vec::new();
        for word in WORDS {
            let row = format!("| {word} | ");
            let row = glossary.lines().find_map(|line| line.strip_prefix(&row));
            let (chinese, _) = row.expect(word).split_once(" |").expect(word);
            for (name, text) in ALL {
                let padded = prose(text.en).replace(|c: char| !c.is_ascii_alphabetic(), " ");
                let padded = format!(" {padded} ");
                let says = [format!(" {word} "), format!(" {word}s ")];
                let says = says.iter().any(|word| padded.contains(word));
                if says && !text.zh.contains(chinese) {
                    wrong.push(format!("{name}: {word} is {chinese}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
