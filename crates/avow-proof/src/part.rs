//! The names of the parts, and which part is what.
//!
//! A closed grammar: no name can leave the folder into which somebody unpacks a
//! proof, and nothing rides along unnoticed. `docs/spec/proof.md`, section 3.

use avow_tlog::{CHECKPOINT_PATH, Tile};

/// For a person.
pub const README: &str = "README.txt";
/// The signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The events as rows for a database.
pub const EVENTS: &str = "events.ndjson";
/// The silences of sources as rows for a database.
pub const GAPS: &str = "gaps.ndjson";
/// The place table, byte for byte.
pub const PLACES: &str = "places.tsv";
/// The pledge, byte for byte.
pub const PLEDGE: &str = "pledge.toml";
/// The log's keys and the quorum of witnesses.
pub const POLICY: &str = "policy";
/// Creates the tables in DuckDB.
pub const LOAD_DUCKDB: &str = "sql/load.duckdb.sql";
/// Creates the tables in SQLite.
pub const LOAD_SQLITE: &str = "sql/load.sqlite.sql";
/// The signed statement.
pub const STATEMENT: &str = "statement.dsse.json";
/// The verdicts.
pub const VERDICT: &str = "verdict.json";
/// Before the path of a file of the log.
pub const LOG_FOLDER: &str = "log/";

/// The longest name of a commitment, with room; it is a file's name.
pub const ID_BYTES_MAX: usize = 120;

/// What a name says about its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind<'a> {
    /// One of the constants above.
    Fixed(&'a str),
    /// The bytes of a leaf.
    Leaf(u64),
    /// The proof that a leaf is in the log.
    LeafProof(u64),
    /// A file of the log, by its path below the log's prefix.
    Log(&'a str),
    /// The SQL of a commitment, by its id.
    Sql(&'a str),
}

/// The name of a leaf's part.
pub fn leaf_name(index: u64) -> String {
    format!("leaves/{index}.json")
}

/// The name of the part that proves a leaf's inclusion.
pub fn leaf_proof_name(index: u64) -> String {
    format!("leaves/{index}.tlog-proof")
}

/// The name of a log file's part.
pub fn log_name(path: &str) -> String {
    format!("{LOG_FOLDER}{path}")
}

/// The name of the part with a commitment's SQL.
pub fn sql_name(id: &str) -> String {
    format!("sql/{id}.sql")
}

/// What the name means; `None` outside the grammar.
pub fn kind(name: &str) -> Option<Kind<'_>> {
    const FIXED: [&str; 11] = [
        README,
        CHECKPOINT,
        EVENTS,
        GAPS,
        PLACES,
        PLEDGE,
        POLICY,
        LOAD_DUCKDB,
        LOAD_SQLITE,
        STATEMENT,
        VERDICT,
    ];
    if FIXED.contains(&name) {
        return Some(Kind::Fixed(name));
    }
    let (folder, rest) = name.split_once('/')?;
    match folder {
        "leaves" => match rest.rsplit_once('.')? {
            (index, "json") => decimal(index).map(Kind::Leaf),
            (index, "tlog-proof") => decimal(index).map(Kind::LeafProof),
            _ => None,
        },
        "log" if rest == CHECKPOINT_PATH || Tile::parse(rest).is_ok() => Some(Kind::Log(rest)),
        "sql" => rest
            .strip_suffix(".sql")
            .filter(|id| is_id(id))
            .map(Kind::Sql),
        _ => None,
    }
}

/// Whether a part may have this name.
pub fn is_name(name: &str) -> bool {
    kind(name).is_some()
}

/// Whether a commitment of this name can have a part of its own.
pub fn is_id(id: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A number in its one spelling.
fn decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || text.bytes().next().is_some_and(|b| b != b'0'));
    canonical.then(|| text.parse().ok()).flatten()
}
