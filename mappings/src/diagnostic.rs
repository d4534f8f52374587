//! Reports about a plugin's files, written as a good compiler writes them: code, place, the line underlined, a hint.

use std::fmt::Write;

/// Stable codes of diagnostics; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The file is missing or cannot be read.
    Unreadable,
    /// Not the YAML or JSON it should be.
    Syntax,
    /// A word the language does not have here.
    UnknownWord,
    /// A needed entry is missing.
    MissingEntry,
    /// An entry of the wrong kind.
    WrongKind,
    /// A vendor path that cannot be read.
    VendorPath,
    /// A FHIR path that cannot be read.
    FhirPath,
    /// A slice that is not declared.
    UndeclaredSlice,
    /// Two slices of one list that an element can belong to at once.
    OverlappingSlices,
    /// A FHIR path to what FHIR's definitions do not have, or a resource type they do not have.
    FhirElement,
    /// A vendor path to what the source schema does not have.
    SourcePath,
    /// No such function, or wrong arguments.
    Function,
    /// No such code table, or a table that contradicts itself.
    Table,
    /// A guard that cannot be read.
    Guard,
    /// A template that cannot be read.
    Template,
    /// A rule or message that is referred to and does not exist.
    Reference,
    /// A short name for a system that is not declared.
    System,
    /// A code table without a row for a value that the source schema lists.
    TableGap,
    /// A code that the value set of its element does not have.
    FhirCode,
    /// A leaf of the source schema that no rule speaks of.
    UnmappedLeaf,
    /// A source schema that cannot be used.
    SourceSchema,
    /// A word of a source schema that is nearly a keyword of JSON Schema.
    SchemaWord,
    /// A format of a source schema that is nearly one of JSON Schema's.
    SchemaFormat,
}

impl Code {
    /// The spelling, for instance `M0002`.
    pub fn code(self) -> &'static str {
        match self {
            Code::Unreadable => "M0001",
            Code::Syntax => "M0002",
            Code::UnknownWord => "M0003",
            Code::MissingEntry => "M0004",
            Code::WrongKind => "M0005",
            Code::VendorPath => "M0101",
            Code::FhirPath => "M0102",
            Code::UndeclaredSlice => "M0103",
            Code::OverlappingSlices => "M0106",
            Code::FhirElement => "M0104",
            Code::SourcePath => "M0105",
            Code::Function => "M0201",
            Code::Table => "M0202",
            Code::Guard => "M0203",
            Code::Template => "M0204",
            Code::Reference => "M0205",
            Code::System => "M0206",
            Code::TableGap => "M0207",
            Code::FhirCode => "M0208",
            Code::UnmappedLeaf => "M0301",
            Code::SourceSchema => "M0302",
            Code::SchemaWord => "M0303",
            Code::SchemaFormat => "M0304",
        }
    }
}

/// A place in a file: line and column from 1; line 0 means the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Line from 1.
    pub line: usize,
    /// Column in characters from 1.
    pub column: usize,
}

/// One finding about a plugin's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// The file, as the author knows it.
    pub file: String,
    /// Where in the file.
    pub span: Span,
    /// What is wrong, one sentence.
    pub text: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Renders it with the line underlined; `source` is the file's text.
    pub fn render(&self, source: &str) -> String {
        let mut out = format!("error[{}] {}\n  --> {}", self.code.code(), self.text, self.file);
        if self.span.line > 0 {
            let _ = write!(out, ":{}:{}", self.span.line, self.span.column);
            if let Some(line) = source.lines().nth(self.span.line - 1) {
                let indent = " ".repeat(self.span.column.saturating_sub(1));
                let width = line.chars().skip(self.span.column.saturating_sub(1)).count().max(1);
                let _ = write!(out, "\n   | {line}\n   | {indent}{}", "^".repeat(width));
            }
        }
        if let Some(hint) = &self.hint {
            let _ = write!(out, "\n   = {hint}");
        }
        out
    }
}

/// Collects the diagnostics of one file.
#[derive(Debug)]
pub struct Reporter {
    file: String,
    found: Vec<Diagnostic>,
}

impl Reporter {
    /// A collector for the file of that name.
    pub fn new(file: impl Into<String>) -> Reporter {
        Reporter { file: file.into(), found: Vec::new() }
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Adds a finding.
    pub fn report(&mut self, code: Code, span: Span, text: impl Into<String>) {
        self.found.push(Diagnostic { code, file: self.file.clone(), span, text: text.into(), hint: None });
    }

    /// Adds a finding with what to do about it.
    pub fn report_with(&mut self, code: Code, span: Span, text: impl Into<String>, hint: impl Into<String>) {
        self.report(code, span, text);
        if let Some(last) = self.found.last_mut() {
            last.hint = Some(hint.into());
        }
    }

    /// Adds a finding unless it is there already: an anchor's rules are compiled wherever they are used.
    pub fn report_once(&mut self, code: Code, span: Span, text: impl Into<String>, hint: impl Into<String>) {
        let text = text.into();
        if !self.found.iter().any(|known| known.code == code && known.span == span && known.text == text) {
            self.report_with(code, span, text, hint);
        }
    }

    /// Whether anything was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All findings, rendered.
    pub fn render(&self, source: &str) -> Vec<String> {
        self.found.iter().map(|one| one.render(source)).collect()
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
    fn a_report_underlines_the_line_and_says_what_to_do() {
        let mut reporter = Reporter::new("map.yaml");
        reporter.report_with(
            Code::UnknownWord,
            Span { line: 2, column: 3 },
            "unknown word `paris`",
            "did you mean `pairs`?",
        );
        let text = reporter.render("a:\n  paris: {}\n").join("\n");
        assert!(text.contains("map.yaml:2:3"), "{text}");
        assert!(text.contains("  ^^^^^^^^^"), "{text}");
        assert!(text.contains("did you mean `pairs`?"), "{text}");
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("paris", ["pairs", "const"]), Some("did you mean `pairs`?".into()));
        assert_eq!(did_you_mean("zebra", ["pairs", "const"]), None);
    }
}
