//! Tables for a terminal: columns as wide as they must be, one of them wrapped
//! to what is left.

use crate::messages as say;
use crate::screen::{Screen, Tint};
use crate::wrap::{width, wrap};

/// Columns between two columns.
const GAP: usize = 2;

/// The least width of the wrapped column. Where less is left, each row becomes
/// a paragraph of its own.
const WRAPPED_COLUMNS_MIN: usize = 24;

/// Before and between what stands beneath a paragraph.
const INDENT: &str = "  ";
const BETWEEN: &str = " · ";

/// A cell, and how it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) tint: Option<Tint>,
    pub(crate) right: bool,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tint: None,
            right: false,
        }
    }

    pub(crate) fn tint(mut self, tint: Tint) -> Self {
        self.tint = Some(tint);
        self
    }

    pub(crate) fn right(mut self) -> Self {
        self.right = true;
        self
    }

    fn show(&self, text: &str, columns: usize, screen: &Screen) -> String {
        let space = " ".repeat(columns.saturating_sub(width(text)));
        let text = match self.tint {
            Some(tint) if !text.is_empty() => screen.tint(tint, text),
            _ => text.to_owned(),
        };
        if self.right {
            space + &text
        } else {
            text + &space
        }
    }
}

/// The lines of a table. `wrapped` is the index of the column that gives way.
pub(crate) fn lines(
    head: &[Cell],
    rows: &[Vec<Cell>],
    wrapped: usize,
    screen: &Screen,
) -> Vec<String> {
    let mut widths: Vec<usize> = head.iter().map(|cell| width(&cell.text)).collect();
    for row in rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(&cell.text));
        }
    }
    let gaps = GAP * widths.len().saturating_sub(1);
    let others: usize = widths
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != wrapped)
        .map(|(_, width)| width)
        .sum();
    let left = screen.columns().saturating_sub(gaps + others);
    if left < WRAPPED_COLUMNS_MIN {
        return paragraphs(head, rows, wrapped, screen);
    }
    if let Some(width) = widths.get_mut(wrapped) {
        *width = (*width).min(left);
    }
    let total: usize = gaps + widths.iter().sum::<usize>();
    let mut lines = row_lines(head, &widths, screen);
    lines.push(screen.tint(Tint::Dim, &"─".repeat(total)));
    for row in rows {
        lines.extend(row_lines(row, &widths, screen));
    }
    lines
}

fn row_lines(row: &[Cell], widths: &[usize], screen: &Screen) -> Vec<String> {
    let columns: Vec<Vec<String>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| wrap(&cell.text, *width))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    for level in 0..height {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(&columns).zip(widths) {
            if !line.is_empty() {
                line.push_str(&" ".repeat(GAP));
            }
            let text = column.get(level).map_or("", String::as_str);
            line.push_str(&cell.show(text, *width, screen));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// On a narrow screen: the name and the wrapped text first, the rest beneath
/// with labels, as much in a line as fits.
fn paragraphs(head: &[Cell], rows: &[Vec<Cell>], wrapped: usize, screen: &Screen) -> Vec<String> {
    let colon = screen.text(say::COLON);
    let mut lines = Vec::new();
    for row in rows {
        let cells = || head.iter().zip(row).enumerate();
        // A cell without a label is a name: it leads.
        let lead = cells().filter(|(index, (label, _))| *index == wrapped || label.text.is_empty());
        let lead: Vec<&str> = lead.map(|(_, (_, cell))| cell.text.as_str()).collect();
        lines.extend(wrap(&lead.join(colon), screen.columns()));
        let (mut line, mut taken) = (String::new(), 0);
        for (index, (label, cell)) in cells() {
            if index == wrapped || label.text.is_empty() || cell.text.is_empty() {
                continue;
            }
            let label = format!("{}{colon}", label.text);
            let wide = width(&label) + width(&cell.text);
            if taken > 0 && taken + width(BETWEEN) + wide > screen.columns() {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            let before = if taken == 0 { INDENT } else { BETWEEN };
            line.push_str(&format!(
                "{before}{label}{}",
                cell.show(&cell.text, 0, screen)
            ));
            taken += width(before) + wide;
        }
        lines.push(line);
        lines.push(String::new());
    }
    lines
}
