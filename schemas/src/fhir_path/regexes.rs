//! Regular expressions of `matches` and its kin: linear in the text, bounded in size, compiled once where literal.

use super::error::EvaluationError;
use regex::{Regex, RegexBuilder};
use std::sync::OnceLock;

/// Longest pattern.
const MOST_PATTERN_BYTES: usize = 2_000;

/// Most memory of a compiled pattern.
const MOST_COMPILED_BYTES: usize = 10 << 20;

/// A pattern that stands in the expression as a literal; compiled when first used, as few are in a run.
#[derive(Debug, Default)]
pub(super) struct LiteralRegex {
    compiled: OnceLock<Option<Regex>>,
}

impl LiteralRegex {
    /// The compiled form of the pattern, which must be the same each time.
    pub(super) fn get(&self, pattern: &str, whole: bool) -> Result<&Regex, EvaluationError> {
        self.compiled.get_or_init(|| compile(pattern, whole).ok()).as_ref().ok_or(EvaluationError::Pattern)
    }
}

/// Compiles a pattern; `whole` makes it match the whole text only. A dot also stands for a line end, as FHIRPath has it.
pub(super) fn compile(pattern: &str, whole: bool) -> Result<Regex, EvaluationError> {
    if pattern.len() > MOST_PATTERN_BYTES {
        return Err(EvaluationError::Pattern);
    }
    let text = if whole { format!("^(?:{pattern})$") } else { pattern.to_owned() };
    RegexBuilder::new(&text)
        .dot_matches_new_line(true)
        .size_limit(MOST_COMPILED_BYTES)
        .nest_limit(50)
        .build()
        .map_err(|_| EvaluationError::Pattern)
}

/// What compiling a pattern that is no literal costs of the budget.
pub(super) const COMPILING_STEPS: usize = 50_000;
