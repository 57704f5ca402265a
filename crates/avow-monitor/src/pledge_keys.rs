//! The keys of a pledge, stated once: the reader refuses what is not here, and
//! the schema for editors says the same.
//!
//! What a key's value has to be is checked by `pledge_value` and
//! `pledge_pattern`. `docs/spec/pledge.md`, "The document".

/// The most commitments, and the most declared sources. One commitment for
/// every article of the longest laws in the research would be a tenth of it.
pub const TABLES_MAX: usize = 1_000;
/// The longest name of a commitment: it has to fit a column of a table.
pub const ID_BYTES_MAX: usize = 64;
/// The longest text for people: a paragraph. It is shown in tables and on pages.
pub const WORDS_BYTES_MAX: usize = 4_096;
/// The most names in a list of sources.
pub const SOURCES_MAX: usize = 1_000;
/// The most fields in `same`. A key of one more would hardly ever be complete,
/// and what is not complete is unknown.
pub const SAME_FIELDS_MAX: usize = 8;
/// The most fields in `each`: with those of `same`, a key of twelve.
pub const EACH_FIELDS_MAX: usize = 4;
/// The most members: more are kept on the log, as a register.
pub const MEMBERS_MAX: usize = 1_000;
/// The greatest number of `at_most`: the monitor keeps one more event a key.
pub const AT_MOST_MAX: u64 = 1_000;
/// The most examples of one commitment: more than anybody reads.
pub const EXAMPLES_MAX: usize = 100;
/// The most events in an example: they are run each time the pledge is read.
pub const EXAMPLE_EVENTS_MAX: usize = 1_000;

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What its value is.
    pub takes: Takes,
    /// Whether it has to be written.
    pub must: bool,
    /// What it says, so that "write …" can stand before it.
    pub says: &'static str,
    /// A value as it may be written.
    pub example: &'static str,
}

/// What the value of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// The name of a commitment.
    Id,
    /// A text for people.
    Words,
    /// Texts for people, in English and Chinese.
    Texts,
    /// A date, or a date and time with its offset.
    Moment,
    /// `sha256:` and 64 digits.
    Digest,
    /// A name of sources.
    Source,
    /// Names of sources.
    Sources,
    /// `unknown` or `breach`.
    Silence,
    /// A duration of fixed length.
    Fixed,
    /// A duration of fixed length, or none.
    FixedOrZero,
    /// A duration that may have months.
    Calendar,
    /// A condition on one event.
    Predicate,
    /// A condition on two events.
    Pair,
    /// The name of a field with a time.
    Due,
    /// Names of fields; none will do.
    Same,
    /// Names of fields.
    Each,
    /// Values of a field.
    Members,
    /// How many times.
    Count,
    /// Stories with a known end.
    Examples,
}

/// A rule: the key by which it is known, and those that go with it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub key: Key,
    pub with: &'static [Key],
}

const fn must(name: &'static str, takes: Takes, says: &'static str, example: &'static str) -> Key {
    Key {
        name,
        takes,
        must: true,
        says,
        example,
    }
}

const fn may(name: &'static str, takes: Takes, says: &'static str, example: &'static str) -> Key {
    Key {
        must: false,
        ..must(name, takes, says, example)
    }
}

/// The tables of the document.
pub const TOP_KEYS: &[&str] = &["pledge", "source", "commitment"];

/// The keys of `[pledge]`.
pub const PLEDGE: &[Key] = &[
    must(
        "title",
        Takes::Texts,
        "what the document is called",
        "{ en = \"…\", zh = \"…\" }",
    ),
    must("by", Takes::Words, "who makes the promises", "\"…\""),
    must("to", Takes::Words, "to whom", "\"…\""),
    must("from", Takes::Moment, "since when", "2026-01-01"),
    may(
        "amends",
        Takes::Digest,
        "the pledge that this one amends, by its identity",
        "\"sha256:…\"",
    ),
];

/// The keys of `[[source]]`.
pub const SOURCE: &[Key] = &[
    must("name", Takes::Source, "which sources", "\"vault-*\""),
    may(
        "heartbeat",
        Takes::Fixed,
        "the longest time that it says nothing",
        "\"PT5M\"",
    ),
    may(
        "delay",
        Takes::FixedOrZero,
        "the greatest time from an event to its leaf",
        "\"PT1M\"",
    ),
];

/// The keys of `[[commitment]]` beside its rule.
pub const COMMITMENT: &[Key] = &[
    must("id", Takes::Id, "a short name", "\"p5-home\""),
    must(
        "says",
        Takes::Texts,
        "the promise in words",
        "{ en = \"…\", zh = \"…\" }",
    ),
    may(
        "article",
        Takes::Words,
        "the article that it serves",
        "\"PIPL Article 40\"",
    ),
    may(
        "duty",
        Takes::Words,
        "the duty of which it is a part",
        "\"p5\"",
    ),
    may("from", Takes::Moment, "since when", "2026-01-01"),
    may("to", Takes::Moment, "until when", "2027-01-01"),
    may(
        "sources",
        Takes::Sources,
        "whose events it is about",
        "[\"vault-*\"]",
    ),
    may(
        "silence",
        Takes::Silence,
        "what missing evidence means",
        "\"unknown\"",
    ),
    must(
        EXAMPLE,
        Takes::Examples,
        "a story with a known end",
        "[{ kept = [{ action = \"store\" }] }]",
    ),
];

/// The key of a commitment's stories, which are read by themselves.
pub const EXAMPLE: &str = "example";

const WHEN: Key = must(
    "when",
    Takes::Predicate,
    "which events it is about",
    "\"action = 'transfer'\"",
);
const WHEN_MAY: Key = Key {
    must: false,
    ..WHEN
};
const SAME: Key = must(
    "same",
    Takes::Same,
    "which fields have to be equal (none, `[]`, if any event will do)",
    "[\"subject\"]",
);
const WHERE: Key = may(
    "where",
    Takes::Pair,
    "what has to hold between the two events",
    "\"that.actor <> this.actor\"",
);
const HAPPENS: Key = must(
    "happens",
    Takes::Predicate,
    "which events are meant",
    "\"action = 'assess'\"",
);

/// The rules. A closed set: anything else is refused.
pub const RULES: &[Rule] = &[
    Rule {
        key: must(
            "never",
            Takes::Predicate,
            "what must not be",
            "\"place <> 'CN'\"",
        ),
        with: &[WHEN_MAY],
    },
    Rule {
        key: must("always", Takes::Predicate, "what must be", "\"encrypted\""),
        with: &[WHEN_MAY],
    },
    Rule {
        key: must(
            "only_after",
            Takes::Predicate,
            "what gives permission",
            "\"action = 'consent'\"",
        ),
        with: &[
            WHEN,
            may(
                "until",
                Takes::Predicate,
                "what takes it back",
                "\"action = 'withdraw'\"",
            ),
            may(
                "within",
                Takes::Fixed,
                "how long a permission is good",
                "\"P365D\"",
            ),
            WHERE,
            SAME,
        ],
    },
    Rule {
        key: must(
            "then",
            Takes::Predicate,
            "what has to follow",
            "\"action = 'notify'\"",
        ),
        with: &[
            WHEN,
            may("within", Takes::Calendar, "how soon", "\"PT72H\""),
            may(
                "deadline",
                Takes::Due,
                "the field with the last instant",
                "\"due\"",
            ),
            may(
                "unless",
                Takes::Predicate,
                "what lifts the duty",
                "\"action = 'withdraw'\"",
            ),
            may(
                "already",
                Takes::Predicate,
                "what, if it was there before, leaves nothing to do",
                "\"action = 'notify'\"",
            ),
            may(
                "for_each",
                Takes::Predicate,
                "which earlier events have a duty each",
                "\"action = 'transfer'\"",
            ),
            may(
                "each",
                Takes::Each,
                "which fields tell them apart",
                "[\"to_place\"]",
            ),
            may(
                "paused_by",
                Takes::Predicate,
                "what stops the clock",
                "\"action = 'hold'\"",
            ),
            may(
                "resumed_by",
                Takes::Predicate,
                "what starts the clock again",
                "\"action = 'release'\"",
            ),
            WHERE,
            SAME,
        ],
    },
    Rule {
        key: must(
            "every",
            Takes::Calendar,
            "the longest time between two",
            "\"P1Y\"",
        ),
        with: &[
            HAPPENS,
            may(
                "members",
                Takes::Members,
                "for whom",
                "[\"payroll\", \"mail\"]",
            ),
            may(
                "when",
                Takes::Predicate,
                "what enters one into the register",
                "\"action = 'configure'\"",
            ),
            may(
                "until",
                Takes::Predicate,
                "what strikes one off the register",
                "\"action = 'erase'\"",
            ),
            SAME,
        ],
    },
    Rule {
        key: must("at_most", Takes::Count, "how many there may be", "3"),
        with: &[
            HAPPENS,
            must("within", Takes::Fixed, "within which time", "\"P1D\""),
            SAME,
        ],
    },
    Rule {
        key: must(
            "lasts",
            Takes::Calendar,
            "how long it has to last",
            "\"P6M\"",
        ),
        with: &[
            WHEN,
            must(
                "ends",
                Takes::Predicate,
                "what ends it",
                "\"action = 'erase'\"",
            ),
            WHERE,
            SAME,
        ],
    },
];

/// Those that have to be written beside another of the same rule.
pub const PAIRS: &[(&str, &str)] = &[
    ("for_each", "each"),
    ("each", "for_each"),
    ("paused_by", "resumed_by"),
    ("resumed_by", "paused_by"),
];

/// Those that cannot be written beside another of the same rule, and why.
pub const RIVALS: &[(&str, &str, &str)] = &[
    (
        "within",
        "deadline",
        "a duty has one deadline: a length of time, or an instant that the event names",
    ),
    (
        "for_each",
        "already",
        "write the duties without `already`: what has been done before is no duty of its own",
    ),
    (
        "for_each",
        "paused_by",
        "write two commitments with the same `duty`",
    ),
    (
        "members",
        "when",
        "a register is either written down in the pledge or kept on the log",
    ),
    (
        "members",
        "until",
        "a register is either written down in the pledge or kept on the log",
    ),
];

/// Names of keys, in their order.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// The keys of all rules, each name once.
pub fn rule_keys() -> Vec<&'static str> {
    let mut names = Vec::new();
    for rule in RULES {
        for key in std::iter::once(&rule.key).chain(rule.with) {
            if !names.contains(&key.name) {
                names.push(key.name);
            }
        }
    }
    names
}
