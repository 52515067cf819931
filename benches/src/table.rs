//! What is printed: a line for each number, with its goal where it has one.

use std::fmt;

/// What a number shall be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Under(f64),
}

/// How a number is written.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// A part of 1, as percent.
    Percent,
    /// So many times.
    Times,
    /// Nanoseconds.
    Nanos,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// MiB.
    Mib,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Percent => format!("{:.0} %", value * 100.0),
            Self::Times => format!("{value:.2}×"),
            Self::Nanos => format!("{value:.0} ns"),
            Self::Micros => format!("{value:.1} µs"),
            Self::Millis => format!("{value:.1} ms"),
            Self::Mib => format!("{value:.1} MiB"),
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    cells: [String; 5],
    met: Option<bool>,
}

impl Row {
    /// A line that only tells: what, its number, and the floor's.
    pub fn told(what: impl Into<String>, measured: String, floor: String) -> Self {
        Self {
            cells: [what.into(), measured, floor, String::new(), String::new()],
            met: None,
        }
    }

    /// Adds the number that is judged, and its goal.
    #[must_use]
    pub fn judged(mut self, value: f64, unit: Unit, goal: Goal) -> Self {
        let [_, _, _, judged, wanted] = &mut self.cells;
        *judged = unit.write(value);
        let (met, text) = match goal {
            Goal::AtLeast(least) => (value >= least, format!("≥ {}", unit.write(least))),
            Goal::Under(most) => (value < most, format!("< {}", unit.write(most))),
        };
        *wanted = text;
        self.met = Some(met);
        self
    }

    fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        }
    }
}

/// All lines.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds lines below those there are.
    pub fn extend(&mut self, rows: Vec<Row>) {
        self.0.extend(rows);
    }

    /// Whether every goal was met.
    pub fn all_met(&self) -> bool {
        self.0.iter().all(|row| row.met != Some(false))
    }
}

const TITLES: [&str; 5] = ["", "alcazar", "floor", "judged", "goal"];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = Row {
            cells: TITLES.map(str::to_owned),
            met: None,
        };
        let rows = || [&titles].into_iter().chain(&self.0);
        let width = |column: usize| {
            let cells = rows().filter_map(|row| row.cells.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; 5] = std::array::from_fn(width);
        for row in rows() {
            for (at, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
                match at {
                    0 => write!(f, "{cell:width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f, "  {}", row.verdict())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals() {
        let row = || Row::told("x", String::new(), String::new());
        for (value, goal, met) in [
            (0.6, Goal::AtLeast(0.6), true),
            (0.59, Goal::AtLeast(0.6), false),
            (1.9, Goal::Under(2.0), true),
            (2.0, Goal::Under(2.0), false),
        ] {
            let mut table = Table::default();
            table.extend(vec![row(), row().judged(value, Unit::Times, goal)]);
            assert_eq!(table.all_met(), met, "{value} {goal:?}");
        }
    }

    #[test]
    fn columns() {
        let mut table = Table::default();
        let row = Row::told("rate", "6".into(), "10".into());
        table.extend(vec![row.judged(0.6, Unit::Percent, Goal::AtLeast(0.6))]);
        let expected =
            "      alcazar  floor  judged    goal  \nrate        6     10    60 %  ≥ 60 %  ok\n";
        assert_eq!(table.to_string(), expected);
    }
}
