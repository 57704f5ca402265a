//! A hundred million events through twenty commitments, made on the way:
//! whether memory stays bounded, and whether the size of batches shows.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use avow_event::PlaceTable;
use avow_monitor::{BATCH_ROWS, Monitor, Pledge};

use crate::monitor::{cpu_time, memory};
use crate::monitor_data::{Stream, TWENTY, pledge_text};

const EVENTS: u64 = 100_000_000;
/// So many of them are judged in batches of every size. One by one they take
/// the longest.
const COMPARED: u64 = 10_000_000;
const SUBJECTS: u64 = 1_000_000;
const BAR: usize = 30;

/// Runs and prints.
pub(crate) fn run() {
    let text = pledge_text(TWENTY);
    let pledge = match Pledge::parse(&text, &PlaceTable::built_in()) {
        Ok(pledge) => pledge,
        Err(mistakes) => unreachable!("the bench's own pledge: {mistakes:?}"),
    };
    println!("monitor-long: {EVENTS} events about {SUBJECTS} people, 20 commitments");
    let in_large = judge(&pledge, BATCH_ROWS, EVENTS);
    let in_words = judge(&pledge, 64, COMPARED);
    let alone = judge(&pledge, 1, COMPARED);
    let same = in_large == in_words && in_words == alone;
    println!(
        "  the verdict documents after {COMPARED} events in batches of {BATCH_ROWS}, 64 and 1 are {}",
        if same {
            "the same bytes"
        } else {
            "NOT the same"
        }
    );
}

/// Judges and returns the verdict document after [`COMPARED`] events.
fn judge(pledge: &Pledge, rows: usize, events: u64) -> Vec<u8> {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), rows);
    let mut stream = Stream::new(EVENTS, SUBJECTS);
    let mut event = Stream::blank();
    let mut compared = Vec::new();
    let mut progress = Progress::new(events);
    let start = cpu_time();
    for leaf in 0..events {
        stream.write_any(&mut event);
        monitor.push(leaf, &event);
        let pushed = leaf + 1;
        if pushed == COMPARED {
            compared = monitor.report(pushed, [0; 32]).to_json();
        }
        if pushed.is_multiple_of(BATCH_ROWS as u64) {
            progress.show(pushed);
        }
    }
    let report = monitor.report(events, [0; 32]);
    let took = cpu_time() - start;
    progress.end();
    let instances: u64 = report
        .commitments
        .iter()
        .map(|c| c.counts.kept + c.counts.breached + c.counts.pending + c.counts.unknown)
        .sum();
    println!(
        "  {events} events, {rows} a batch: {:.2} M events/s with the making of the events, {instances} instances, {} MB now, {} MB at most",
        events as f64 / took.as_secs_f64() / 1e6,
        memory("VmRSS:") / 1024,
        memory("VmHWM:") / 1024
    );
    compared
}

/// A line on the terminal that is written over and over; where there is no
/// terminal, a line for every tenth.
struct Progress {
    events: u64,
    start: Instant,
    shown: Instant,
    tenths: u64,
    terminal: bool,
}

impl Progress {
    fn new(events: u64) -> Self {
        let now = Instant::now();
        Self {
            events,
            start: now,
            shown: now,
            tenths: 0,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn show(&mut self, pushed: u64) {
        let tenths = pushed * 10 / self.events;
        let due = if self.terminal {
            self.shown.elapsed() > Duration::from_millis(200)
        } else {
            tenths > self.tenths
        };
        if !due {
            return;
        }
        (self.shown, self.tenths) = (Instant::now(), tenths);
        let done = pushed as f64 / self.events as f64;
        let full = (done * BAR as f64) as usize;
        let seconds = self.start.elapsed().as_secs_f64();
        let line = format!(
            "  [{:#<full$}{:-<rest$}] {:3.0} %  {:.2} M events/s  {} MB  {:.0} s left",
            "",
            "",
            done * 100.0,
            pushed as f64 / seconds / 1e6,
            memory("VmRSS:") / 1024,
            seconds / done - seconds,
            rest = BAR.saturating_sub(full)
        );
        let mut out = std::io::stderr();
        let end = if self.terminal { "\x1b[K\r" } else { "\n" };
        let _ = write!(out, "{line}{end}");
    }

    fn end(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\x1b[K");
        }
    }
}
