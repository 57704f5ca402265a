//! A random pledge and log, told in few lines when something fails on it.

use std::fmt::{self, Debug, Formatter};

use avow_event::{Event, Field, Value};
use avow_monitor::{
    Commitment, Deadline, PairCondition, Pattern, Pledge, Predicate, Register, Silence,
};

#[derive(Clone)]
pub(crate) struct Case {
    /// Where its grid of times begins, and from one time to the next.
    pub(crate) grid: (i64, i64),
    pub(crate) pledge: Pledge,
    pub(crate) events: Vec<Event>,
}

impl Debug for Case {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let at = |time: i64| Steps(time - self.grid.0, self.grid.1);
        writeln!(f, "from {:?}", at(self.pledge.from.get()))?;
        for source in &self.pledge.sources {
            let heartbeat = source.heartbeat.map(|length| Steps(length, self.grid.1));
            let delay = Steps(source.delay, self.grid.1);
            writeln!(f, "{} heartbeat {heartbeat:?} delay {delay:?}", source.name)?;
        }
        for commitment in &self.pledge.commitments {
            self.write_commitment(f, commitment)?;
        }
        for (leaf, event) in self.events.iter().enumerate() {
            write!(
                f,
                "{leaf}: {:?} {}",
                at(event.time.get()),
                event.action.as_str()
            )?;
            for field in Field::ALL {
                match (field, event.get(*field)) {
                    (_, None) | (Field::Time | Field::Action, _) => {}
                    (_, Some(Value::Time(time))) => {
                        write!(f, " {}={:?}", field.as_str(), at(time.get()))?;
                    }
                    (_, Some(Value::Text(text))) => write!(f, " {}={text}", field.as_str())?,
                    (_, Some(value)) => write!(f, " {}={value:?}", field.as_str())?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A length of time on a grid.
struct Steps(i64, i64);

impl Debug for Steps {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.0 / self.1, self.0 % self.1) {
            (steps, 0) => write!(f, "{steps}"),
            _ => write!(f, "{}us", self.0),
        }
    }
}

impl Case {
    fn write_commitment(&self, f: &mut Formatter<'_>, c: &Commitment) -> fmt::Result {
        let (start, step) = self.grid;
        let at = |time: i64| Steps(time - start, step);
        write!(f, "{} from {:?}", c.id, at(c.from.get()))?;
        let to =
            c.to.iter()
                .try_for_each(|to| write!(f, " to {:?}", at(to.get())));
        to?;
        c.sources.iter().try_for_each(|s| write!(f, " of {s}"))?;
        if c.silence == Silence::Breach {
            write!(f, " silence breaches")?;
        }
        let mut say = |name: &str, value: &dyn fmt::Display| write!(f, "\n  {name}: {value}");
        let mut keys: Vec<(&str, String)> = Vec::new();
        let length =
            |d: &avow_monitor::Duration| format!("{} months {:?}", d.months, Steps(d.micros, step));
        let opt = |p: &Option<Predicate>| p.as_ref().map_or("-".to_owned(), Predicate::to_string);
        let pair =
            |p: &Option<PairCondition>| p.as_ref().map_or("-".to_owned(), PairCondition::to_string);
        match &c.pattern {
            Pattern::Never { when, never } => {
                keys.extend([("when", opt(when)), ("never", never.to_string())]);
            }
            Pattern::Always { when, always } => {
                keys.extend([("when", opt(when)), ("always", always.to_string())]);
            }
            Pattern::Before {
                when,
                only_after,
                until,
                same,
                condition,
                within,
            } => keys.extend([
                ("when", when.to_string()),
                ("only_after", only_after.to_string()),
                ("until", opt(until)),
                ("same", format!("{same:?}")),
                ("where", pair(condition)),
                ("within", format!("{:?}", within.map(|w| Steps(w, step)))),
            ]),
            Pattern::Within {
                when,
                then,
                unless,
                already,
                deadline,
                same,
                condition,
                for_each,
                pause,
            } => {
                keys.extend([
                    ("when", when.to_string()),
                    ("then", then.to_string()),
                    ("unless", opt(unless)),
                    ("already", opt(already)),
                    ("same", format!("{same:?}")),
                    ("where", pair(condition)),
                    (
                        "deadline",
                        match deadline {
                            Deadline::After(d) => length(d),
                            Deadline::At(field) => field.as_str().to_owned(),
                        },
                    ),
                ]);
                if let Some(each) = for_each {
                    keys.push(("for_each", each.predicate.to_string()));
                    keys.push(("each", format!("{:?}", each.each)));
                }
                if let Some(pause) = pause {
                    keys.push(("paused_by", pause.paused_by.to_string()));
                    keys.push(("resumed_by", pause.resumed_by.to_string()));
                }
            }
            Pattern::Every {
                happens,
                every,
                register,
                same,
            } => {
                keys.extend([
                    ("happens", happens.to_string()),
                    ("every", length(every)),
                    ("same", format!("{same:?}")),
                ]);
                match register {
                    Register::One => {}
                    Register::Members(members) => keys.push(("members", members.join(", "))),
                    Register::Entries { when, until } => {
                        keys.extend([("when", when.to_string()), ("until", opt(until))]);
                    }
                }
            }
            Pattern::AtMost {
                happens,
                at_most,
                within,
                same,
            } => keys.extend([
                ("happens", happens.to_string()),
                ("at_most", at_most.to_string()),
                ("within", format!("{:?}", Steps(*within, step))),
                ("same", format!("{same:?}")),
            ]),
            Pattern::Lasts {
                when,
                lasts,
                ends,
                same,
                condition,
            } => keys.extend([
                ("when", when.to_string()),
                ("lasts", length(lasts)),
                ("ends", ends.to_string()),
                ("same", format!("{same:?}")),
                ("where", pair(condition)),
            ]),
        }
        for (name, value) in keys {
            if value != "-" && value != "None" {
                say(name, &value)?;
            }
        }
        writeln!(f)
    }
}
