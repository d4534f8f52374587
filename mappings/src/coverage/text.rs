//! A report for a terminal.

use super::page::{Page, Part, Table};
use std::fmt::Write;

/// Most characters of a cell on one line; longer ones go on below.
const WIDEST: usize = 60;

/// The report as lines of text.
pub fn text(page: &Page) -> String {
    let mut out = format!("{}\n{}\n", page.title, "=".repeat(page.title.chars().count()));
    for part in &page.parts {
        // Writing to a text cannot fail.
        let _ = match part {
            Part::Heading(2, words) => writeln!(out, "\n{words}\n{}", "-".repeat(words.chars().count())),
            Part::Heading(_, words) => writeln!(out, "\n{words}:"),
            Part::Sentence(words) => writeln!(out, "\n{words}"),
            Part::Table(table) => writeln!(out, "\n{}", of_table(table)),
        };
    }
    out
}

fn of_table(table: &Table) -> String {
    let mut widths: Vec<usize> = table.head.iter().map(|name| name.chars().count()).collect();
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(WIDEST);
        }
    }
    let mut out = format!("{}:\n", table.caption);
    let head: Vec<String> = table.head.iter().map(|name| (*name).to_owned()).collect();
    line(&mut out, &head, &widths, &table.numbers);
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&mut out, &rule, &widths, &[]);
    for row in &table.rows {
        line(&mut out, row, &widths, &table.numbers);
    }
    out.truncate(out.trim_end().len());
    out
}

/// A row; cells that are too wide go on in further lines.
fn line(out: &mut String, row: &[String], widths: &[usize], numbers: &[usize]) {
    let mut cells: Vec<Vec<String>> = row.iter().map(|cell| wrapped(cell)).collect();
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
    for at in 0..lines {
        let mut written = String::from(" ");
        for (column, (cell, width)) in cells.iter_mut().zip(widths).enumerate() {
            let piece = cell.get(at).map(String::as_str).unwrap_or_default();
            let padding = " ".repeat(width.saturating_sub(piece.chars().count()));
            let (before, after) =
                if numbers.contains(&column) { (padding.as_str(), "") } else { ("", padding.as_str()) };
            let _ = write!(written, " {before}{piece}{after} ");
        }
        out.push_str(written.trim_end());
        out.push('\n');
    }
}

fn wrapped(cell: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in cell.split(' ') {
        let mut letters: Vec<char> = word.chars().collect();
        loop {
            let line = lines.last_mut().expect("a first line was put there");
            let (long, gap) = (line.chars().count(), usize::from(!line.is_empty()));
            if long + gap + letters.len() <= WIDEST {
                line.push_str(&" ".repeat(gap));
                line.extend(letters);
                break;
            }
            if line.is_empty() {
                // A path that fits no line is cut where the line ends.
                let rest = letters.split_off(WIDEST);
                line.extend(letters);
                letters = rest;
            }
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_long_cells_go_on_below() {
        let long = format!("{} {}", "q".repeat(50), "z".repeat(130));
        let table = Table {
            caption: "c".into(),
            head: vec!["Field", "Values"],
            rows: vec![vec!["/x".into(), "12".into()], vec![long.clone(), "3".into()]],
            numbers: vec![1],
        };
        let shown = of_table(&table);
        let letters: String = shown.chars().filter(|letter| ['q', 'z'].contains(letter)).collect();
        assert_eq!(letters, long.replace(' ', ""));
        assert!(shown.lines().all(|line| line.chars().count() <= WIDEST + 12), "{shown}");
        let end = |text: &str| shown.lines().find(|line| line.contains(text)).map(|line| line.chars().count());
        assert_eq!(end("/x"), end("Values"));
    }
}
