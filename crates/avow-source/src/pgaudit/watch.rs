//! What a log of PostgreSQL shows about its own completeness: lines of a
//! session that are missing, and times at which recording was switched off.

use std::collections::HashMap;

use avow_event::Micros;

use crate::pgaudit::line::Line;

/// Sessions that are followed; a server has some hundreds of connections. When
/// there are more, all are forgotten: a hole is then not noticed, none is made
/// up.
const SESSIONS_MAX: usize = 65_536;

/// For each feed, what was seen so far.
#[derive(Default)]
pub(crate) struct Watch {
    /// The last line of a session: its number and time.
    sessions: HashMap<(String, String), (u64, Micros)>,
    /// Since when recording is off: for all (an empty session), or for one.
    off: HashMap<(String, String), Micros>,
}

impl Watch {
    /// The time in which lines of this session are missing before this one.
    pub(super) fn missing_lines(
        &mut self,
        feed: &str,
        line: &Line<'_>,
        time: Micros,
    ) -> Option<(Micros, Micros)> {
        let session = (feed.to_owned(), line.session.clone().into_owned());
        if self.sessions.len() >= SESSIONS_MAX {
            self.sessions.clear();
        }
        let last = self.sessions.get(&session).copied();
        if line.message.starts_with("disconnection: ") {
            self.sessions.remove(&session);
        } else if last.is_none_or(|(number, _)| number < line.number) {
            self.sessions.insert(session, (line.number, time));
        }
        let (number, from) = last?;
        (line.number > number.saturating_add(1)).then(|| (from.min(time), time.max(from)))
    }

    /// The times of which the feed says not all: what ends here, and while
    /// recording is off, what follows until the next line.
    pub(super) fn switched(
        &mut self,
        feed: &str,
        line: &Line<'_>,
        time: Micros,
    ) -> Vec<(Micros, Option<Micros>)> {
        let mut gaps = Vec::new();
        let mut end =
            |off: Option<Micros>| gaps.extend(off.map(|from| (from, Some(time.max(from)))));
        let key = |scope: &str| (feed.to_owned(), scope.to_owned());
        let session = key(&line.session);
        let switch = match line.change() {
            Some(("pgaudit.log", value)) => {
                Some((key(""), value.is_empty() || value.starts_with("none")))
            }
            Some(_) => None,
            None => {
                let audit = line.audit();
                let is_set = |command: &str| matches!(command, "SET" | "RESET");
                let audit = audit.filter(|audit| is_set(&audit.command));
                audit.and_then(|audit| Some((session.clone(), audit.switch?)))
            }
        };
        match switch {
            Some((scope, true)) => {
                self.off.entry(scope).or_insert(time);
            }
            Some((scope, false)) => end(self.off.remove(&scope)),
            None if line.message.starts_with("disconnection: ") => end(self.off.remove(&session)),
            None => {}
        }
        if self.off.keys().any(|(of, _)| of == feed) {
            gaps.push((time, None));
        }
        gaps
    }
}
