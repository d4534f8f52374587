//! Reports about a plugin's files, written as a good compiler writes them: code, place, the fault underlined, both sides, a fix.

mod code;

pub use code::Code;

use serde::Serialize;
use std::fmt::Write;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The plugin is refused.
    Error,
    /// The plugin works, and some messages will not.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// As a report shows it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place in a file: line and column from 1; line 0 means the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Span {
    /// Line from 1.
    pub line: usize,
    /// Column in characters from 1.
    pub column: usize,
    /// How many characters it covers on its line; 0 where that is not known.
    pub width: usize,
    /// Which part of a map it lies in, from 1; 0 is the file itself. A [`Reporter`] knows the files.
    #[serde(skip)]
    pub part: u16,
}

/// The number of `shapes.yaml` among the parts of every map of its plugin.
pub(crate) const SHAPES_PART: u16 = u16::MAX;

impl Span {
    /// A place that covers so many characters.
    pub fn new(line: usize, column: usize, width: usize) -> Span {
        Span { line, column, width, part: 0 }
    }
}

/// Another place that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// The file.
    pub file: String,
    /// Where in it.
    #[serde(flatten)]
    pub span: Span,
    /// What stands there.
    pub text: String,
}

/// One finding about a plugin's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The file, as the author knows it.
    pub file: String,
    /// Where in the file.
    #[serde(flatten)]
    pub span: Span,
    /// What is wrong, one sentence.
    pub text: String,
    /// Other places it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// What the vendor's schema and FHIR say of it, a line each (`FHIR: Patient.birthDate is date, 0..1`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sides: Vec<String>,
    /// What to do.
    #[serde(rename = "fix", skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn new(code: Code, file: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            file: file.into(),
            span,
            text: text.into(),
            related: Vec::new(),
            sides: Vec::new(),
            hint: None,
        }
    }

    /// With another severity.
    pub fn with_severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// With what to do about it.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// With what one side says; an empty line adds nothing.
    pub fn with_side(mut self, side: impl Into<String>) -> Diagnostic {
        let side = side.into();
        if !side.is_empty() {
            self.sides.push(side);
        }
        self
    }

    /// With another place it is about.
    pub fn with_related(mut self, file: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Related { file: file.into(), span, text: text.into() });
        self
    }

    /// Whether the plugin is refused for it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Renders it with the fault underlined; `source` gives a file's text.
    pub fn render<'s>(&self, source: &dyn Fn(&str) -> Option<&'s str>) -> String {
        let mut out = format!("{}[{}] {}\n  --> {}", self.severity.word(), self.code.code(), self.text, self.file);
        show(&mut out, self.span, source(&self.file), "");
        for related in &self.related {
            let _ = write!(out, "\n  ::: {}", related.file);
            show(&mut out, related.span, source(&related.file), &related.text);
        }
        for side in &self.sides {
            let _ = write!(out, "\n   = {side}");
        }
        if let Some(hint) = &self.hint {
            let _ = write!(out, "\n   = fix: {hint}");
        }
        out
    }
}

/// Adds a place, its line, and what is underlined in it.
fn show(out: &mut String, span: Span, source: Option<&str>, label: &str) {
    if span.line == 0 {
        return;
    }
    let _ = write!(out, ":{}:{}", span.line, span.column);
    let Some(line) = source.and_then(|text| text.lines().nth(span.line - 1)) else { return };
    let before = span.column.saturating_sub(1);
    // Tabs stay tabs, so that the underline stands below what it means.
    let indent: String = line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let rest = line.chars().skip(before).collect::<String>().trim_end().chars().count();
    let width = if span.width == 0 { rest } else { span.width.min(rest) }.max(1);
    let label = if label.is_empty() { String::new() } else { format!(" {label}") };
    let _ = write!(out, "\n   | {line}\n   | {indent}{}{label}", "^".repeat(width));
}

/// Collects the diagnostics of one file, or of a map and its parts.
#[derive(Debug)]
pub struct Reporter {
    file: String,
    parts: Vec<String>,
    /// The shapes of the plugin.
    shapes: String,
    found: Vec<Diagnostic>,
}

impl Reporter {
    /// A collector for the file of that name.
    pub fn new(file: impl Into<String>) -> Reporter {
        Reporter::with_parts(file.into(), Vec::new())
    }

    /// A collector for a map and the parts that its places are numbered by.
    pub fn with_parts(file: String, parts: Vec<String>) -> Reporter {
        let plugin = file.split('/').next().unwrap_or_default();
        let shapes = format!("{plugin}/{}", crate::compile::shapes::FILE);
        Reporter { file, parts, shapes, found: Vec::new() }
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The name of the file that a place lies in: the file itself, or one of its parts.
    pub fn file_of(&self, span: Span) -> &str {
        if span.part == SHAPES_PART {
            return &self.shapes;
        }
        let part = usize::from(span.part).checked_sub(1).and_then(|place| self.parts.get(place));
        part.unwrap_or(&self.file)
    }

    /// Adds a finding.
    pub fn report(&mut self, code: Code, span: Span, text: impl Into<String>) {
        self.push(Diagnostic::new(code, self.file.clone(), span, text));
    }

    /// Adds a finding with what to do about it.
    pub fn report_with(&mut self, code: Code, span: Span, text: impl Into<String>, hint: impl Into<String>) {
        self.push(Diagnostic::new(code, self.file.clone(), span, text).with_hint(hint));
    }

    /// Adds a finding unless it is there already: an anchor's rules are compiled wherever they are used.
    pub fn report_once(&mut self, code: Code, span: Span, text: impl Into<String>, hint: impl Into<String>) {
        self.report_with(code, span, text, hint);
    }

    /// Adds a finding, also one of another file, unless the same is there already.
    pub fn push(&mut self, mut one: Diagnostic) {
        self.name_part(&mut one.file, &mut one.span);
        one.related.iter_mut().for_each(|related| self.name_part(&mut related.file, &mut related.span));
        let is_known = |known: &Diagnostic| {
            known.code == one.code && known.span == one.span && known.text == one.text && known.file == one.file
        };
        if !self.found.iter().any(is_known) {
            self.found.push(one);
        }
    }

    /// Names the part that a place of this map lies in.
    fn name_part(&self, file: &mut String, span: &mut Span) {
        if span.part != 0 && *file == self.file {
            self.file_of(*span).clone_into(file);
            span.part = 0;
        }
    }

    /// Whether anything was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(Diagnostic::is_error)
    }

    /// Whether one of these codes was found.
    pub fn has(&self, codes: &[Code]) -> bool {
        self.found.iter().any(|one| codes.contains(&one.code))
    }

    /// All findings.
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }
}

/// The closest of `known` to a misspelt `word`, as a hint.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_underlines_the_fault_and_says_what_to_do() {
        let one = Diagnostic::new(Code::UnknownWord, "map.yaml", Span::new(2, 3, 5), "unknown word `paris`")
            .with_side("FHIR: nothing")
            .with_related("map.yaml", Span::new(1, 1, 1), "the block")
            .with_hint("did you mean `pairs`?");
        let text = one.render(&|_| Some("a:\n  paris: {}\n"));
        let wanted = "error[M0003] unknown word `paris`\n  --> map.yaml:2:3\n   |   paris: {}\n   |   ^^^^^\n  ::: map.yaml:1:1\n   | a:\n   | ^ the block\n   = FHIR: nothing\n   = fix: did you mean `pairs`?";
        assert_eq!(text, wanted);
    }

    #[test]
    fn what_is_found_twice_is_said_once() {
        let mut reporter = Reporter::new("map.yaml");
        for _ in 0..2 {
            reporter.report(Code::Guard, Span::new(1, 1, 1), "a guard");
        }
        assert_eq!(reporter.into_found().len(), 1);
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("paris", ["pairs", "const"]), Some("did you mean `pairs`?".into()));
        assert_eq!(did_you_mean("zebra", ["pairs", "const"]), None);
    }
}
