//! The message of an audit record: fields of CSV after `AUDIT: ` (pgaudit 1.7,
//! "Format"). The statement's text and parameters are used here to tell what
//! was done, and are not kept.

use avow_event::Action;
use csv_core::{ReadRecordResult, Reader};

/// The fields: kind, statement, substatement, class, command, object's type,
/// object, statement's text, parameters, and rows where they are logged.
const FIELDS: std::ops::RangeInclusive<usize> = 9..=10;

pub(crate) struct Audit {
    /// `SESSION` or `OBJECT`.
    pub(super) kind: String,
    pub(super) statement_id: u64,
    pub(super) class: String,
    pub(super) command: String,
    /// `schema.table`, or empty.
    pub(super) object: String,
    pub(super) rows: Option<u64>,
    /// A `COPY` that sends data out.
    is_copy_out: bool,
    /// The setting of recording that the statement changes, and whether it
    /// turns recording off.
    pub(super) switch: Option<bool>,
}

impl Audit {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields = fields(text)?;
        if !FIELDS.contains(&fields.len()) {
            return None;
        }
        let field = |at: usize| fields.get(at).map_or("", String::as_str);
        let is_kind = matches!(field(0), "SESSION" | "OBJECT");
        is_kind.then(|| Self {
            kind: field(0).to_owned(),
            statement_id: field(1).parse().unwrap_or_default(),
            class: field(3).to_owned(),
            command: field(4).to_owned(),
            object: field(6).to_owned(),
            rows: field(9).parse().ok(),
            is_copy_out: field(4) == "COPY" && field(3) == "READ",
            switch: switch(field(7)),
        })
    }

    /// The schema of the object.
    pub(super) fn schema(&self) -> Option<&str> {
        self.object.split_once('.').map(|(schema, _)| schema)
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(self.class.as_str(), "WRITE" | "DDL" | "ROLE")
    }

    /// `docs/reference/sources/pgaudit.md` has the table.
    pub(super) fn action(&self) -> Action {
        match (self.class.as_str(), self.command.as_str()) {
            _ if self.is_copy_out => Action::Disclose,
            ("READ", _) => Action::Access,
            ("WRITE", "INSERT" | "COPY" | "MERGE") => Action::Store,
            ("WRITE", "DELETE" | "TRUNCATE TABLE" | "TRUNCATE") => Action::Erase,
            ("WRITE", _) => Action::Modify,
            ("DDL", "CREATE TABLE AS" | "SELECT INTO") => Action::Copy,
            ("DDL", "DROP TABLE" | "DROP SCHEMA" | "DROP DATABASE") => Action::Erase,
            ("FUNCTION", _) => Action::Use,
            _ => Action::Configure,
        }
    }
}

/// Whether a statement turns recording off or on; `None` if it does neither.
fn switch(statement: &str) -> Option<bool> {
    let statement = statement.to_ascii_lowercase();
    let (before, after) = statement.split_once("pgaudit.log")?;
    if !before.contains("set") {
        return None;
    }
    if before.contains("reset") {
        return Some(false);
    }
    // `pgaudit.log_catalog` and the like leave the classes as they are.
    if after.starts_with('_') {
        return None;
    }
    let words = after.split(|c: char| !c.is_ascii_alphabetic() && c != '-');
    let mut values = words.filter(|word| !matches!(*word, "" | "to"));
    let first = values.next();
    Some(match first {
        None | Some("none") => true,
        Some(value) => value.starts_with('-'),
    })
}

/// The fields of one line of CSV.
fn fields(text: &str) -> Option<Vec<String>> {
    let mut input = text.as_bytes().to_vec();
    input.push(b'\n');
    let mut bytes = vec![0; input.len()];
    let mut ends = [0; 16];
    let (result, _, _, count) = Reader::new().read_record(&input, &mut bytes, &mut ends);
    if result != ReadRecordResult::Record {
        return None;
    }
    let ends = ends.get(..count)?;
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(ends)
        .map(|(start, end)| {
            let field = bytes.get(start..*end)?;
            Some(std::str::from_utf8(field).ok()?.to_owned())
        })
        .collect()
}
