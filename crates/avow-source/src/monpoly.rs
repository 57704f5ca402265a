//! Logs in the format of MonPoly (and of VeriMon, WhyMon and EnfGuard): time
//! points with a timestamp, each a set of predicates. What a predicate is as
//! an event, a mapping says. `docs/reference/sources/monpoly.md`.
//!
//! What becomes of the events is left to `reading`.

mod lexer;
mod mapping;
mod unit;

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use avow_event::{Action, Event, Micros};

use crate::reading::{Reading, describe_fault};
use crate::window::Window;
use crate::{Numbering, RECORD_BYTES_MAX, SourceError};
use lexer::{Lexer, Token};
use mapping::Meaning;

pub(crate) use mapping::MAPPING_BYTES_MAX;
pub use mapping::{Mapping, MappingError};

/// Names that are repeated in a message: words of a program, not of people.
const NAME_BYTES_MAX: usize = 64;

/// One log being read.
struct Pass<'m> {
    file: &'m Path,
    mapping: &'m Mapping,
    /// Time points begun.
    points: u64,
    /// Predicates begun.
    records: u64,
    /// The greatest timestamp.
    latest: i64,
}

/// One time point being read.
struct Point {
    time: Micros,
    number: u64,
    /// By the place of their tables in the mapping.
    events: Vec<(usize, Event)>,
    /// A time point is a set: what was said in it.
    said: HashSet<(String, Vec<String>)>,
    bytes: usize,
}

/// What follows, and what is wrong before it.
type Step<T> = Result<T, String>;

impl Reading<'_> {
    /// Reads one log to its end.
    pub(crate) fn monpoly(
        &mut self,
        file: &Path,
        mapping: &Mapping,
        stream: &mut dyn Read,
    ) -> Result<(), SourceError> {
        let mut window = Window::new(stream);
        let mut lexer = Lexer::new(&mut window);
        let mut pass = Pass {
            file,
            mapping,
            points: 0,
            records: 0,
            latest: i64::MIN,
        };
        let mut token = lexer.next();
        while token != Token::End {
            token = match self.next_point(&mut pass, &mut lexer, token) {
                Ok(token) => token,
                Err(reason) => {
                    self.flaw(&pass, &mut lexer, reason)?;
                    lexer.skip_point();
                    lexer.next()
                }
            };
        }
        if let Some(fault) = lexer.window.fault_at_end() {
            let reason = describe_fault(file, fault)?;
            self.malformed(file, lexer.line, pass.records, reason);
        }
        Ok(())
    }

    /// Counts what is wrong at the last word.
    fn flaw(
        &mut self,
        pass: &Pass<'_>,
        lexer: &mut Lexer<'_, '_>,
        reason: String,
    ) -> Result<(), SourceError> {
        let reason = match lexer.window.fault_at_end() {
            // What a cut leaves open is the cut's fault, and both are one.
            Some(fault) => describe_fault(pass.file, fault)?,
            None => format!("column {}: {reason}", lexer.column),
        };
        self.malformed(pass.file, lexer.line, pass.records, reason);
        Ok(())
    }

    /// Reads from the beginning of a time point to the word after it.
    fn next_point(
        &mut self,
        pass: &mut Pass<'_>,
        lexer: &mut Lexer<'_, '_>,
        token: Token,
    ) -> Step<Token> {
        match token {
            Token::At => {}
            // The time of emission, which says nothing about the event.
            Token::Text(number) if is_number(&number) => {
                return match lexer.next() {
                    Token::Bar => match lexer.next() {
                        Token::At => Ok(Token::At),
                        _ => Err("expected `@` after `|`".to_owned()),
                    },
                    _ => Err("a time point begins with `@`".to_owned()),
                };
            }
            Token::Flaw(reason) => return Err(reason.to_owned()),
            _ => return Err("a time point begins with `@`".to_owned()),
        }
        let timestamp = timestamp(lexer)?;
        let token = lexer.next();
        if token == Token::End && !lexer.parted {
            return Err("the file ends inside a timestamp".to_owned());
        }
        if timestamp < pass.latest {
            return Err("the timestamp is before that of an earlier time point".to_owned());
        }
        let time = pass.mapping.time(timestamp, pass.points);
        let time = time.ok_or("the time is outside the years 0001 to 9999")?;
        let mut point = Point {
            time,
            number: pass.points,
            events: Vec::new(),
            said: HashSet::new(),
            bytes: 0,
        };
        pass.latest = timestamp;
        pass.points += 1;
        let read = self.predicates(pass, lexer, &mut point, token);
        self.finish_point(pass, point);
        read
    }

    /// Reads the predicates of a time point, and gives the word after it.
    fn predicates(
        &mut self,
        pass: &mut Pass<'_>,
        lexer: &mut Lexer<'_, '_>,
        point: &mut Point,
        mut token: Token,
    ) -> Step<Token> {
        loop {
            let name = match token {
                Token::End | Token::At => return Ok(token),
                Token::Semicolon => return Ok(lexer.next()),
                Token::Text(name) => name,
                other => {
                    self.count(pass);
                    return Err(unexpected(other, "a predicate, `@` or `;`"));
                }
            };
            let begins = (lexer.line, lexer.column);
            token = lexer.next();
            if token == Token::Bar && is_number(&name) {
                // The next time point, with its time of emission.
                return Ok(lexer.next());
            }
            self.count(pass);
            if token == Token::End && !lexer.parted {
                return Err("the file ends inside a name".to_owned());
            }
            if token != Token::Open {
                self.predicate(pass, point, begins, (name, Vec::new()))?;
                continue;
            }
            let mut first = true;
            while token == Token::Open {
                if !first {
                    self.count(pass);
                }
                first = false;
                let args = arguments(lexer)?;
                self.predicate(pass, point, begins, (name.clone(), args))?;
                token = lexer.next();
            }
        }
    }

    fn count(&mut self, pass: &mut Pass<'_>) {
        self.stats.records += 1;
        pass.records += 1;
    }

    /// Makes an event of a predicate. What it should not say costs it alone.
    fn predicate(
        &mut self,
        pass: &Pass<'_>,
        point: &mut Point,
        (line, column): (u64, u64),
        said: (String, Vec<String>),
    ) -> Step<()> {
        let size: usize = said.1.iter().map(String::len).sum();
        point.bytes = point.bytes.saturating_add(size + said.0.len());
        if point.bytes > RECORD_BYTES_MAX {
            return Err(format!(
                "the time point is longer than {RECORD_BYTES_MAX} bytes"
            ));
        }
        let when = (point.time, point.number);
        let made = match pass.mapping.meaning(&said.0) {
            Meaning::Skipped => {
                self.stats.skipped += 1;
                return Ok(());
            }
            Meaning::Unknown => Err(unknown(&said.0)),
            Meaning::Table(table) => {
                let event = pass.mapping.event(table, &said.1, when, &self.pseudonyms);
                event.map(|event| (table, event))
            }
        };
        match made {
            Err(reason) => {
                let reason = format!("column {column}: {reason}");
                self.malformed(pass.file, line, pass.records, reason);
            }
            Ok(event) => {
                self.stats.events += 1;
                if point.said.insert(said) {
                    self.stats.unique_events += 1;
                    point.events.push(event);
                } else {
                    self.stats.duplicates += 1;
                }
            }
        }
        Ok(())
    }

    /// Hands out the events of a time point in the order of the mapping's
    /// tables, and a heartbeat where there are none: its time has come.
    fn finish_point(&mut self, pass: &Pass<'_>, mut point: Point) {
        self.see_time(point.time);
        if point.events.is_empty() {
            let source = &pass.mapping.source;
            let event = Event::new(source, 0, point.time, Action::Heartbeat);
            point.events.push((0, event));
        }
        point.events.sort_by_key(|(table, _)| *table);
        for (_, mut event) in point.events {
            event.seq = self.next_number(&event.source);
            self.hand_out(event, Numbering::Counted);
        }
    }
}

fn timestamp(lexer: &mut Lexer<'_, '_>) -> Step<i64> {
    let token = lexer.next();
    if token == Token::End {
        return Err("the file ends before a timestamp".to_owned());
    }
    match token {
        Token::Text(text) => text
            .parse()
            .map_err(|_| "a timestamp is an integer of at most 64 bits".to_owned()),
        other => Err(unexpected(other, "a timestamp")),
    }
}

/// The arguments after `(`, up to and with `)`.
fn arguments(lexer: &mut Lexer<'_, '_>) -> Step<Vec<String>> {
    let mut args = Vec::new();
    let mut token = lexer.next();
    if token == Token::Close {
        return Ok(args);
    }
    loop {
        match token {
            Token::Text(text) => args.push(text),
            other => return Err(unexpected(other, "an argument")),
        }
        if args.len() > ARGUMENTS_MAX {
            return Err(format!("a predicate has at most {ARGUMENTS_MAX} arguments"));
        }
        match lexer.next() {
            Token::Close => return Ok(args),
            Token::Comma => token = lexer.next(),
            other => return Err(unexpected(other, "`,` or `)`")),
        }
    }
}

/// More arguments than an event has fields, eight times over.
const ARGUMENTS_MAX: usize = 256;

fn unexpected(token: Token, expected: &str) -> String {
    match token {
        Token::End => "the file ends inside a predicate".to_owned(),
        Token::Flaw(reason) => reason.to_owned(),
        _ => format!("expected {expected}"),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unknown(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if name.len() <= NAME_BYTES_MAX && name.bytes().all(is_plain) {
        format!("`{name}` has no `[[event]]` in the mapping and is not under its `skip`")
    } else {
        "a predicate has no `[[event]]` in the mapping and is not under its `skip`".to_owned()
    }
}
