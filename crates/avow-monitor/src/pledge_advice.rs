//! Words that people try and that the language does not have, with what to
//! write instead.
//!
//! The names come from other languages for such rules: temporal logic, SQL,
//! the policy languages of clouds, and plain English.

/// A key that does not exist.
struct Advice {
    wrong: &'static [&'static str],
    /// The key that is meant; it counts as written, so that its want is not
    /// told a second time.
    meant: &'static str,
    help: &'static str,
}

const ADVICE: &[Advice] = &[
    Advice {
        wrong: &["eventually", "finally", "followed_by", "leads_to"],
        meant: "then",
        help: "every duty has a deadline: write `when = \"…\"`, `then = \"…\"` and `within = \"PT72H\"`",
    },
    Advice {
        wrong: &[
            "since",
            "once",
            "previously",
            "preceded_by",
            "requires",
            "only_if",
            "only_when",
        ],
        meant: "only_after",
        help: "write what has to come before as `only_after = \"…\"`, what takes it back as `until = \"…\"`",
    },
    Advice {
        wrong: &[
            "after", "if", "on", "trigger", "whenever", "for", "on_event",
        ],
        meant: "when",
        help: "write which events it is about as `when = \"…\"`",
    },
    Advice {
        wrong: &["before", "by", "due", "timeout", "deadline_field", "due_in"],
        meant: "within",
        help: "a deadline is `within = \"PT72H\"` after the event, or `deadline = \"due\"`, the instant in its field `due`; what has to come before is `only_after`",
    },
    Advice {
        wrong: &[
            "count",
            "limit",
            "max",
            "max_count",
            "rate",
            "no_more_than",
            "atmost",
        ],
        meant: "at_most",
        help: "write `at_most = 3`, `happens = \"…\"`, `within = \"P1D\"` and `same`",
    },
    Advice {
        wrong: &["at_least", "min", "min_count"],
        meant: "every",
        help: "there is no least number: what has to happen again and again is `every = \"P1D\"` with `happens = \"…\"`",
    },
    Advice {
        wrong: &[
            "interval",
            "period",
            "repeat",
            "recurring",
            "schedule",
            "cron",
            "each_time",
        ],
        meant: "every",
        help: "write the longest time between two as `every = \"P1Y\"`, and what has to happen as `happens = \"…\"`",
    },
    Advice {
        wrong: &[
            "retain",
            "retention",
            "keep",
            "keep_for",
            "at_least_for",
            "for_at_least",
            "duration",
        ],
        meant: "lasts",
        help: "write how long as `lasts = \"P6M\"`, what begins it as `when = \"…\"`, what ends it as `ends = \"…\"`",
    },
    Advice {
        wrong: &[
            "must",
            "must_be",
            "require",
            "shall",
            "globally",
            "ensure",
            "assert",
            "holds",
            "condition",
            "rule",
        ],
        meant: "always",
        help: "write what must be as `always = \"…\"`, for the events with `when = \"…\"`",
    },
    Advice {
        wrong: &["must_not", "forbid", "forbidden", "deny", "prohibit", "not"],
        meant: "never",
        help: "write what must not be as `never = \"…\"`",
    },
    Advice {
        wrong: &["filter", "having", "match", "join", "on_same", "with"],
        meant: "where",
        help: "a condition on one event stands in its predicate; one on two events is `where = \"that.actor <> this.actor\"`",
    },
    Advice {
        wrong: &[
            "key",
            "keys",
            "group_by",
            "partition_by",
            "correlate",
            "same_field",
        ],
        meant: "same",
        help: "write which fields have to be equal as `same = [\"subject\"]`",
    },
    Advice {
        wrong: &[
            "except",
            "exception",
            "exceptions",
            "cancelled_by",
            "lifted_by",
        ],
        meant: "unless",
        help: "with `then`, what lifts the duty is `unless = \"…\"`; elsewhere write it into the predicate: `… AND NOT (…)`",
    },
    Advice {
        wrong: &["hold", "suspended_by", "suspend", "pause"],
        meant: "paused_by",
        help: "with `then`, the clock is stopped by `paused_by = \"…\"` and started again by `resumed_by = \"…\"`",
    },
    Advice {
        wrong: &["register", "systems", "list", "population"],
        meant: "members",
        help: "with `every`, write `members = [\"…\"]`, or `when` and `until` for a register that is kept on the log",
    },
    Advice {
        wrong: &["months", "days", "hours", "minutes", "years", "weeks"],
        meant: "within",
        help: "write times as durations, for example `within = \"P3D\"`",
    },
    Advice {
        wrong: &["tolerance", "grace", "grace_period", "slack"],
        meant: "delay",
        help: "evidence may come later by the `delay` of its `[[source]]`; a deadline has no grace beside it",
    },
    Advice {
        wrong: &[
            "valid_from",
            "start",
            "starts",
            "effective",
            "effective_from",
        ],
        meant: "from",
        help: "write since when as `from = 2026-01-01`",
    },
    Advice {
        wrong: &["valid_to", "valid_until", "end", "expires", "expiry"],
        meant: "to",
        help: "write until when as `to = 2027-01-01`; that instant is excluded",
    },
    Advice {
        wrong: &["name", "title", "key_id", "label"],
        meant: "id",
        help: "a commitment is named by its `id`, and said in words by `says`",
    },
    Advice {
        wrong: &["description", "text", "message", "en", "zh", "summary"],
        meant: "says",
        help: "write the promise in words as `says = { en = \"…\", zh = \"…\" }`",
    },
    Advice {
        wrong: &["law", "legal_basis", "reference", "clause", "control"],
        meant: "article",
        help: "write the article that it serves as `article = \"…\"`",
    },
    Advice {
        wrong: &["kept", "breached", "tests", "test", "cases"],
        meant: "example",
        help: "write examples as tables: `[[commitment.example]]`, `kept = [ … ]`",
    },
    Advice {
        wrong: &[
            "severity", "priority", "weight", "tags", "owner", "enabled", "status",
        ],
        meant: "",
        help: "a promise is kept or broken, and there are no degrees; remarks stand in comments, after `#`",
    },
];

/// What to write instead of a key that is not in `keys`, and the key that is
/// meant. Only where the key that is meant is one of `keys`.
pub(crate) fn instead_of(wrong: &str, keys: &[&str]) -> Option<(&'static str, &'static str)> {
    ADVICE
        .iter()
        .find(|advice| advice.wrong.contains(&wrong))
        .filter(|advice| match advice.meant {
            "" | "delay" => keys.contains(&"id"),
            meant => keys.contains(&meant),
        })
        .map(|advice| (advice.meant, advice.help))
}

/// What to write instead of a function or another word of SQL.
pub(crate) fn instead_in_predicate(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_uppercase();
    Some(match word.as_str() {
        "COUNT" | "SUM" | "MAX" | "MIN" | "AVG" => {
            "to count events write `at_most = 3`, `happens = \"…\"`, `within = \"P1D\"`"
        }
        "NOW" | "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "TODAY" | "INTERVAL" | "DATE_ADD"
        | "AGE" => {
            "nobody's clock is read: what has to follow in time is `then` with `within`, what has to last is `lasts`"
        }
        "LOWER" | "UPPER" | "TRIM" | "ILIKE" => {
            "texts are compared as they are, with their case: write each spelling, `IN ('…', '…')`"
        }
        "EXISTS" | "SELECT" | "ANY" | "ALL" | "SOME" | "JOIN" | "UNION" | "FROM" => {
            "a predicate is about one event; events are related by `only_after`, `then`, `lasts` and `where`"
        }
        "CASE" | "IF" | "IIF" | "COALESCE" | "IFNULL" | "NVL" | "NULLIF" | "XOR" | "IMPLIES" => {
            "write the cases with `AND`, `OR`, `NOT` and `IS NULL`"
        }
        "REGEXP" | "RLIKE" | "SIMILAR" | "GLOB" | "MATCHES" | "REGEXP_LIKE" | "REGEXP_MATCHES" => {
            "there are no regular expressions: compare the beginning with `LIKE 'Create%'`, or list the values with `IN`"
        }
        "CONTAINS" | "STARTS_WITH" | "STARTSWITH" | "ENDS_WITH" | "ENDSWITH" | "SUBSTR"
        | "SUBSTRING" | "POSITION" | "INSTR" | "STRPOS" => {
            "of a text, only the beginning is compared: `LIKE 'Create%'`"
        }
        "EQUALS" | "EQ" | "NE" | "GT" | "LT" | "GE" | "LE" => {
            "write `=`, `<>`, `<`, `<=`, `>` or `>=`"
        }
        _ => return None,
    })
}

/// What to write instead of a key that belongs to other rules.
pub(crate) fn instead_with(rule: &str, key: &str) -> Option<&'static str> {
    Some(match (rule, key) {
        ("then", "until") => "what lifts a duty is `unless`",
        ("then", "ends") => {
            "what lifts a duty is `unless`; that something lasts is the rule `lasts`"
        }
        ("only_after", "unless") => "what takes a permission back is `until`",
        ("only_after", "deadline") => {
            "a permission is good for a time: `within = \"P365D\"`, or until something ends it: `until`"
        }
        ("only_after", "already") => {
            "what was there before is what `only_after` is about; write a second condition into it with `OR`"
        }
        ("never" | "always", "within" | "deadline") => {
            "this rule is about single events; what has to follow in time is the rule `then`"
        }
        ("never" | "always", "same" | "where") => {
            "this rule is about single events; two events are related by `only_after`, `then` or `lasts`"
        }
        ("never" | "always", "until" | "unless") => {
            "this rule is about single events: write the exception into the predicate, `… AND NOT (…)`"
        }
        ("never" | "always", "happens") => {
            "write what must not be as `never`, what must be as `always`"
        }
        ("every", "within") => "the longest time between two is the value of `every` itself",
        ("every", "unless") => "what strikes one off the register is `until`",
        ("every", "where") => "with `every`, events belong together by `same` only",
        ("at_most", "when") => "what is counted is `happens`; write all conditions on it there",
        ("at_most", "until" | "unless") => {
            "what is counted is `happens`; what must not be counted stands there, too: `… AND NOT (…)`"
        }
        ("at_most", "where") => "with `at_most`, events belong together by `same` only",
        ("lasts", "within" | "deadline") => "how long it lasts is the value of `lasts` itself",
        ("lasts", "until" | "unless") => {
            "what ends it is `ends`; what may end it earlier is left out there: `… AND NOT (…)`"
        }
        ("lasts", "happens") => "what begins it is `when`, what ends it `ends`",
        _ => return None,
    })
}
