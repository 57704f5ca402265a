//! The parts that follow from the others: for people and for databases.
//!
//! They are made by the same code when a proof is built and when it is checked,
//! and compared byte for byte, unless another release has worded them. `docs/spec/proof.md`, section 3.

use std::collections::BTreeMap;

use avow_monitor::{Pledge, sql};

use crate::part::{EVENTS, GAPS, Kind, LOAD_DUCKDB, LOAD_SQLITE, README, kind, sql_name};
use crate::replay::Replay;
use crate::summary::Summary;

/// Derived parts by name.
pub(crate) type Derived = BTreeMap<String, Vec<u8>>;

/// Whether a part is worded by the release that wrote it, so that another one
/// may word it differently. The rows of the tables are not.
pub(crate) fn is_worded(name: &str) -> bool {
    name == README
        || matches!(kind(name), Some(Kind::Sql(_)))
        || [LOAD_DUCKDB, LOAD_SQLITE].contains(&name)
}

/// `README.txt`.
pub(crate) fn readme(summary: &Summary, derived: &mut Derived) {
    derived.insert(
        README.to_owned(),
        crate::readme::readme(summary).into_bytes(),
    );
}

/// The tables and queries, for a proof with the whole log. Of the gaps no more
/// rows are made than up to the first beyond `gap_bytes`.
pub(crate) fn tables(
    pledge: &Pledge,
    replay: &mut Replay,
    gap_bytes: usize,
    derived: &mut Derived,
) {
    let mut put = |name: &str, bytes: Vec<u8>| derived.insert(name.to_owned(), bytes);
    put(EVENTS, replay.event_rows());
    put(GAPS, replay.gap_rows(gap_bytes).into_bytes());
    // The scripts are run in the folder into which the proof is unpacked.
    put(LOAD_DUCKDB, sql::create_duckdb(EVENTS, GAPS).into_bytes());
    put(LOAD_SQLITE, sql::create_sqlite(EVENTS, GAPS).into_bytes());
    for commitment in &pledge.commitments {
        let query = sql::statement(pledge, commitment);
        put(&sql_name(&commitment.id), query.into_bytes());
    }
}
