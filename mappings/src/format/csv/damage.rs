//! What a spreadsheet program does to cells when it opens and saves a table: digits cut off, zeros lost, dates made of doses.

use crate::source_shape::SourceShape;
use ginnel_schemas::check_digit::is_verhoeff;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use serde_json::Value;

/// Digits that a spreadsheet keeps of a number.
const KEPT_DIGITS: usize = 15;
/// What stands in a cell whose formula failed.
const FAILED: [&str; 8] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Serial numbers of the days from 1927 to 2119.
const SERIALS: std::ops::Range<u32> = 10_000..80_000;

/// What the source schema says of a column.
pub struct Column {
    is_date: bool,
    is_number: bool,
    is_telephone: bool,
    digits: Option<usize>,
    /// Whether a damaged cell is kept aside while the rest of its row goes on.
    keeps: bool,
}

impl Column {
    /// The column of that name in the tree and in the file.
    pub fn of(shape: &SourceShape, list: &str, member: &str, header: &str) -> Column {
        let schemas = shape.schemas(&[list, "*", member]);
        let says = |word: &'static str| schemas.iter().filter_map(move |schema| schema.get(word));
        let names = format!("{member} {header}").to_lowercase();
        let any = |parts: &[&str]| parts.iter().any(|part| names.contains(part));
        let formats: Vec<&str> = says("format").filter_map(Value::as_str).collect();
        let kind = says("x-column").filter_map(Value::as_str).next();
        Column {
            is_date: kind == Some("date")
                || formats.iter().any(|one| one.starts_with("date"))
                || (kind.is_none() && any(&["date", "dob", "d.o.b", "birth", "start", "end", "from", "until"])),
            is_number: kind == Some("number"),
            is_telephone: kind == Some("telephone") || any(&["phone", "mobile", "tel"]),
            digits: says("pattern").filter_map(Value::as_str).find_map(fixed_digits),
            keeps: says("x-damaged").filter_map(Value::as_str).any(|word| word == "keep"),
        }
    }

    /// What is wrong with a cell, if anything.
    pub fn judge(&self, cell: &str) -> Option<Issue> {
        let issue = self.fault(cell)?;
        let spares = self.keeps && issue.is_error();
        Some(if spares { Issue { severity: Severity::Warning, ..issue } } else { issue })
    }

    fn fault(&self, cell: &str) -> Option<Issue> {
        let cell = cell.trim();
        if cell.is_empty() {
            return None;
        }
        let first = cell.bytes().next()?;
        let digits = cell.bytes().all(|byte| byte.is_ascii_digit());
        if first == b'#' {
            return self.failed(cell);
        }
        if !cell.is_ascii() && is_misread(cell) {
            let text = "The text looks like UTF-8 that was read as Windows-1252 on its way.";
            return Some(suspicious(text, "export the file as UTF-8, and declare its `encoding`"));
        }
        if cell.starts_with("=\"") {
            let text = "The cell is a formula that holds a text.";
            return Some(suspicious(text, "declare `text-formulas: true` under `format`, and it is read as its text"));
        }
        if digits {
            return self.digits(cell);
        }
        if !self.is_number && is_scientific(cell) {
            let text = "A spreadsheet has written this number in powers of ten: digits of it are lost.";
            return Some(damaged(
                text,
                "format the column as text before the value is typed or imported, and export again",
            ));
        }
        if !self.is_date && is_day_and_month(cell) {
            let text = "A spreadsheet may have taken a value such as `1-2` for a date.";
            return Some(damaged(
                text,
                "format the column as text before the value is typed or imported, and export again",
            ));
        }
        if self.is_date && cell.len() <= 12 && is_serial(cell.split('.').next().unwrap_or_default()) {
            return Some(serial());
        }
        None
    }

    fn failed(&self, cell: &str) -> Option<Issue> {
        if cell.bytes().all(|byte| byte == b'#') && cell.len() > 2 {
            let text = "A spreadsheet wrote `###` because the column was too narrow: the value is lost.";
            return Some(damaged(text, "widen the column and export again"));
        }
        FAILED
            .contains(&cell)
            .then(|| damaged("A formula of a spreadsheet failed: the cell holds no value.", "export the value itself"))
    }

    fn digits(&self, cell: &str) -> Option<Issue> {
        if self.is_date && is_serial(cell) {
            return Some(serial());
        }
        if cell.len() > KEPT_DIGITS && cell.bytes().skip(KEPT_DIGITS).all(|byte| byte == b'0') && !is_verhoeff(cell) {
            let text = "A spreadsheet keeps 15 digits of a number: the digits behind them are lost.";
            return Some(damaged(
                text,
                "format the column as text before the value is typed or imported, and export again",
            ));
        }
        if let Some(wanted) = self.digits.filter(|wanted| cell.len() < *wanted) {
            let text = format!(
                "The value has {} digits where {wanted} are wanted: a spreadsheet drops zeros in front.",
                cell.len()
            );
            return Some(damaged(
                &text,
                "format the column as text before the value is typed or imported, and export again",
            ));
        }
        let bare = self.is_telephone && matches!(cell.len(), 9 | 10) && !cell.starts_with('0');
        bare.then(|| {
            suspicious(
                "A telephone number without its zero in front: a spreadsheet drops it.",
                "format the column as text and export again",
            )
        })
    }
}

fn damaged(text: &str, hint: &str) -> Issue {
    Issue::error(IssueCode::Value, IssueKey::SourceDamaged, text).with_hint(hint)
}

fn suspicious(text: &str, hint: &str) -> Issue {
    Issue::warning(IssueCode::Value, IssueKey::SourceSuspicious, text).with_hint(hint)
}

fn serial() -> Issue {
    damaged(
        "A spreadsheet's serial number stands where a date is wanted.",
        "format the column as a date, yyyy-mm-dd, and export again",
    )
}

fn is_serial(digits: &str) -> bool {
    digits.len() == 5 && digits.parse().is_ok_and(|number| SERIALS.contains(&number))
}

/// `9.99E+09`, as a spreadsheet writes it.
fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once("E+") else { return false };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    plain(whole) && plain(fraction) && plain(exponent)
}

/// `01-Feb`, `2-Jan`, `Feb-01`.
fn is_day_and_month(cell: &str) -> bool {
    let Some((left, right)) = cell.split_once('-') else { return false };
    let number = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    let month = |text: &str| MONTHS.contains(&text.to_lowercase().as_str());
    (number(left) && month(right)) || (month(left) && number(right))
}

/// Pairs such as `Ã©` and `â€™`.
fn is_misread(cell: &str) -> bool {
    let mut before = ' ';
    cell.chars().any(|c| {
        let pair = match before {
            '\u{c3}' | '\u{c2}' => ('\u{80}'..='\u{bf}').contains(&c),
            '\u{e2}' => c == '\u{20ac}' || c == '\u{80}',
            _ => false,
        };
        before = c;
        pair
    })
}

/// The number of digits of patterns such as `^\d{10}$` and `^[0-9]{10}$`.
fn fixed_digits(pattern: &str) -> Option<usize> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let count = inner.strip_prefix("\\d{").or_else(|| inner.strip_prefix("[0-9]{"))?.strip_suffix('}')?;
    count.parse().ok()
}
