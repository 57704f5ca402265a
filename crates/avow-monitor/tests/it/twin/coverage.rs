//! Section 4 as the verdict document shows it: a row for each source.

use avow_event::Micros;
use avow_monitor::{GAPS_SHOWN_MAX, Gap, SourceCoverage};

use super::gaps::Hole;
use super::tree::Tree;

impl Tree<'_> {
    /// Those that count for the commitment's verdict, cut at its `from`.
    fn counting(self, mut gaps: Vec<Hole>) -> Vec<Hole> {
        let (from, to) = (self.from(), self.to());
        gaps.retain(|gap| gap.to >= from && gap.from < to && self.as_of() >= Some(from));
        for gap in &mut gaps {
            gap.from = gap.from.max(from);
        }
        gaps.sort_by_key(|gap| (gap.from, gap.kind, gap.to));
        gaps
    }

    fn shown_gaps(self, gaps: &[Hole]) -> Vec<Gap> {
        let now = self.as_of().unwrap_or(i64::MIN);
        let gap = |gap: &Hole| Gap {
            kind: gap.kind,
            from: Micros::new(gap.from).unwrap(),
            to: Micros::new(gap.to.min(now)).unwrap(),
        };
        gaps.iter().take(GAPS_SHOWN_MAX).map(gap).collect()
    }

    pub(super) fn coverage(self) -> Vec<SourceCoverage> {
        let mut rows = Vec::new();
        for source in self.sources() {
            let leaves = self.happened(source);
            let gaps = self.counting(self.gaps_of(source));
            if leaves.is_empty() && gaps.is_empty() {
                continue;
            }
            let effs = || leaves.iter().map(|n| Micros::new(self.eff(*n)).unwrap());
            let declared = self.declaration(source);
            rows.push(SourceCoverage {
                source: source.to_owned(),
                declared: declared.map(|d| d.name.to_string()),
                first: effs().min(),
                last: effs().max(),
                events: leaves.len() as u64,
                late: leaves.iter().filter(|n| self.late(**n)).count() as u64,
                complete: declared.is_some_and(|d| d.heartbeat.is_some()) && gaps.is_empty(),
                gap_count: gaps.len() as u64,
                gaps: self.shown_gaps(&gaps),
            });
        }
        for declared in self.unheard() {
            let name = declared.name.to_string();
            let mut gaps: Vec<Hole> = self.missing().into_iter().collect();
            let mut applies = Some(name.clone());
            // A source of that very name may have spoken ahead of the clock.
            let ahead = rows.iter().position(|row| row.source == name);
            if let Some(row) = ahead.map(|at| rows.remove(at)) {
                gaps.extend(self.gaps_of(&name));
                applies = row.declared;
            }
            let gaps = self.counting(gaps);
            rows.push(SourceCoverage {
                source: name,
                declared: applies,
                first: None,
                last: None,
                events: 0,
                late: 0,
                complete: false,
                gap_count: gaps.len() as u64,
                gaps: self.shown_gaps(&gaps),
            });
        }
        rows.sort_by(|a, b| a.source.cmp(&b.source));
        rows
    }
}
