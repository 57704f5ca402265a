//! One line of PostgreSQL's log, from either of its formats that keep a
//! statement of several lines together: `csvlog` and `jsonlog` (PostgreSQL 15,
//! sections 20.8.4 and 20.8.5).

use std::borrow::Cow;

use avow_event::Micros;
use serde::Deserialize;

use crate::lenient::Text;
use crate::pgaudit::audit::Audit;

/// The columns of `csvlog`: 23 in PostgreSQL 12, 26 since 14.
const COLUMNS: std::ops::RangeInclusive<usize> = 23..=26;

/// What pgaudit's messages begin with.
const AUDIT: &str = "AUDIT: ";

/// The names of time zones that are UTC.
const UTC: [&str; 4] = [" UTC", " GMT", " Etc/UTC", " +00"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Json<'a> {
    timestamp: Text<'a>,
    user: Text<'a>,
    dbname: Text<'a>,
    session_id: Text<'a>,
    line_num: Option<u64>,
    ps: Text<'a>,
    error_severity: Text<'a>,
    state_code: Text<'a>,
    message: Text<'a>,
}

pub(crate) struct Line<'a> {
    time: Cow<'a, str>,
    pub(super) user: Cow<'a, str>,
    pub(super) database: Cow<'a, str>,
    pub(super) session: Cow<'a, str>,
    /// The line's number in its session, from 1.
    pub(super) number: u64,
    pub(super) command: Cow<'a, str>,
    pub(super) sqlstate: Cow<'a, str>,
    pub(super) message: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// An object of `jsonlog`; `None` if it is none.
    pub(super) fn of_json(json: &'a str) -> Option<Self> {
        let json: Json<'a> = serde_json::from_str(json).ok()?;
        let number = json.line_num?;
        let is_line = json.error_severity.is_there() && json.message.is_there();
        let text = |text: Text<'a>| match text {
            Text::Is(text) => text,
            Text::Absent | Text::Other => Cow::Borrowed(""),
        };
        let sqlstate = match text(json.state_code) {
            // What went well is left out there.
            code if code.is_empty() => Cow::Borrowed("00000"),
            code => code,
        };
        is_line.then(|| Self {
            time: text(json.timestamp),
            user: text(json.user),
            database: text(json.dbname),
            session: text(json.session_id),
            number,
            command: text(json.ps),
            sqlstate,
            message: text(json.message),
        })
    }

    /// A row of `csvlog`; `None` if it is none.
    pub(super) fn of_row(columns: &[&'a str]) -> Option<Self> {
        if !COLUMNS.contains(&columns.len()) {
            return None;
        }
        let text = |at: usize| columns.get(at).copied().map(Cow::Borrowed);
        let sqlstate = text(12)?;
        let session = text(5)?;
        // `6b03f901.126c`: the session's start and its process, in hexadecimal.
        let is_hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
        let is_session = session
            .split_once('.')
            .is_some_and(|(start, process)| is_hex(start) && is_hex(process));
        if sqlstate.len() != 5 || !is_session {
            return None;
        }
        Some(Self {
            time: text(0)?,
            user: text(1)?,
            database: text(2)?,
            session,
            number: text(6)?.parse().ok()?,
            command: text(7)?,
            sqlstate,
            message: text(13)?,
        })
    }

    /// When it was written; `None` unless it says so in UTC.
    pub(super) fn time(&self) -> Option<Micros> {
        let local = UTC.iter().find_map(|zone| self.time.strip_suffix(zone))?;
        Micros::parse(&format!("{}Z", local.replacen(' ', "T", 1))).ok()
    }

    pub(super) fn audit(&self) -> Option<Audit> {
        Audit::parse(self.message.strip_prefix(AUDIT)?)
    }

    /// The setting that a reload changed, if it decides what is recorded:
    /// `parameter "pgaudit.log" changed to "none"`.
    pub(super) fn changed_setting(&self) -> Option<&str> {
        self.change().map(|(setting, _)| setting)
    }

    /// The setting and its new value.
    pub(super) fn change(&self) -> Option<(&str, &str)> {
        let rest = self.message.strip_prefix("parameter \"")?;
        let (setting, rest) = rest.split_once('"')?;
        let value = rest.split('"').nth(1).unwrap_or_default();
        is_of_recording(setting).then_some((setting, value))
    }
}

/// Whether a setting decides what reaches the log.
pub(super) fn is_of_recording(setting: &str) -> bool {
    setting.starts_with("pgaudit.") || setting.starts_with("log_") || setting == "logging_collector"
}
