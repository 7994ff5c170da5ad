//! What a part of the benchmark came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::figure::{Better, Ratio};

/// Tables for people, ratios to compare, targets that were missed.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// For people, in Markdown.
    pub text: String,
    /// To compare, by `part/what`.
    pub ratios: BTreeMap<String, Ratio>,
    /// Targets that were missed, in words.
    pub missed: Vec<String>,
    /// Why nothing was measured.
    pub skipped: Option<String>,
}

impl Report {
    /// Adds a paragraph.
    pub fn say(&mut self, text: &str) {
        self.part();
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds a table. All but the first column stand at the right.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.part();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells
                .chain([head[column].chars().count()])
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
        self.row(&head, &widths);
        for (column, width) in widths.iter().enumerate() {
            let line = "-".repeat(*width);
            let end = if column == 0 { "-" } else { ":" };
            write!(self.text, "|-{line}{end}").expect("a string takes it");
        }
        self.text.push_str("|\n");
        for row in rows {
            self.row(row, &widths);
        }
    }

    /// Says that what has to be there is not, so that nothing was measured.
    pub fn skip(&mut self, why: &str) {
        self.skipped = Some(why.to_owned());
    }

    /// Keeps a ratio to compare with earlier and later runs; returns it as it is to be shown.
    pub fn keep(&mut self, name: &str, ratio: f64, better: Better) -> String {
        let ratio = Ratio::new(ratio, better);
        self.ratios.insert(name.to_owned(), ratio);
        ratio.ratio.to_string()
    }

    /// Compares with a target; says how it stands in one word, and remembers a miss.
    pub fn target(&mut self, what: &str, value: f64, better: Better, target: f64) -> String {
        let met = match better {
            Better::More => value >= target,
            Better::Less => value <= target,
        };
        if met {
            return "met".to_owned();
        }
        self.missed.push(format!(
            "{what}: {} where {} was aimed at",
            number(value),
            number(target)
        ));
        "**missed**".to_owned()
    }

    fn row(&mut self, cells: &[String], widths: &[usize]) {
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let blank = " ".repeat(width - cell.chars().count());
            let written = if column == 0 {
                write!(self.text, "| {cell}{blank} ")
            } else {
                write!(self.text, "| {blank}{cell} ")
            };
            written.expect("a string takes it");
        }
        self.text.push_str("|\n");
    }

    /// A blank line between what was said and what comes.
    fn part(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }
}

/// A number for people: three digits that mean something, thousands apart.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let digits = match value.abs() {
        small if small < 1e-9 => 0,
        small if small < 0.1 => 3,
        small if small < 10.0 => 2,
        middle if middle < 100.0 => 1,
        _ => 0,
    };
    let mut text = format!("{value:.digits$}");
    let whole = text.find('.').unwrap_or(text.len());
    let first = usize::from(text.starts_with('-'));
    let mut at = whole;
    while at > first + 3 {
        at -= 3;
        text.insert(at, ' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_that_can_be_read_as_it_is() {
        let mut report = Report::default();
        report.say("Words:");
        report.table(&["What", "µs"], &[vec!["a".to_owned(), "12.5".to_owned()]]);
        assert_eq!(
            report.text,
            "Words:\n\n| What |   µs |\n|------|-----:|\n| a    | 12.5 |\n"
        );
    }

    #[test]
    fn a_target_is_met_on_its_edge_and_a_miss_is_remembered() {
        let mut report = Report::default();
        assert_eq!(report.target("a", 10.0, Better::Less, 10.0), "met");
        assert_eq!(report.target("b", 0.8, Better::More, 0.8), "met");
        assert_eq!(report.missed, Vec::<String>::new());
        assert_eq!(report.target("c", 10.1, Better::Less, 10.0), "**missed**");
        assert_eq!(
            report.target("d", f64::NAN, Better::More, 1.0),
            "**missed**"
        );
        assert_eq!(report.missed.len(), 2);
        assert_eq!(report.missed[0], "c: 10.1 where 10.0 was aimed at");
    }

    #[test]
    fn a_ratio_is_shown_as_it_is_kept() {
        let mut report = Report::default();
        assert_eq!(report.keep("a/b", 0.012_345, Better::Less), "0.0123");
        assert_eq!(report.keep("a/c", 12.0, Better::More), "12");
        assert!((report.ratios["a/b"].ratio - 0.0123).abs() < 1e-9);
    }

    #[test]
    fn numbers_have_three_digits_and_thousands_apart() {
        for (value, text) in [
            (0.0, "0"),
            (0.0123, "0.012"),
            (1.234, "1.23"),
            (12.34, "12.3"),
            (123.4, "123"),
            (1_234.4, "1 234"),
            (-1_234_567.0, "-1 234 567"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
