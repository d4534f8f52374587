//! What the rules write their findings to: a bounded list that knows where the walk stands.

use crate::element_path::ElementPath;
use crate::issue::{Issue, IssueCode, IssueKey, Severity};

/// Most findings of one resource that are listed; what goes beyond is counted.
pub const MOST_FINDINGS: usize = 10_000;

/// The findings so far and the place of the walk.
#[derive(Debug, Default)]
pub struct Findings<'a> {
    /// Where the walk stands.
    pub path: ElementPath<'a>,
    issues: Vec<Issue>,
    beyond: usize,
}

impl<'a> Findings<'a> {
    /// An error at the place of the walk.
    pub fn error(&mut self, code: IssueCode, key: IssueKey, text: impl Into<String>) {
        self.push(Issue::error(code, key, text));
    }

    /// An error at the place of the walk, with what to do next.
    pub fn error_with_hint(
        &mut self,
        code: IssueCode,
        key: IssueKey,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Issue::error(code, key, text).with_hint(hint));
    }

    /// A warning at the place of the walk.
    pub fn warning(&mut self, code: IssueCode, key: IssueKey, text: impl Into<String>) {
        self.push(Issue::warning(code, key, text));
    }

    /// A warning at the place of the walk, with what to do next.
    pub fn warning_with_hint(
        &mut self,
        code: IssueCode,
        key: IssueKey,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Issue::warning(code, key, text).with_hint(hint));
    }

    /// Information at the place of the walk.
    pub fn information(&mut self, code: IssueCode, key: IssueKey, text: impl Into<String>) {
        self.push(Issue::information(code, key, text));
    }

    /// Names the place for a sentence.
    pub fn subject(&self) -> String {
        self.path.last_name().map_or_else(|| "The resource".to_owned(), |name| format!("`{name}`"))
    }

    /// Any finding, to be placed where the walk stands.
    pub fn push(&mut self, issue: Issue) {
        if self.issues.len() == MOST_FINDINGS {
            self.beyond += 1;
            return;
        }
        self.issues.push(if self.path.depth() == 0 { issue } else { self.placed(issue) });
    }

    fn placed(&self, issue: Issue) -> Issue {
        let mut issue = issue.with_expression(self.path.to_string());
        issue.resource_pointer = Some(self.path.pointer());
        issue
    }

    /// Whether any finding so far is an error.
    pub fn any_error(&self) -> bool {
        self.issues.iter().any(Issue::is_error)
    }

    /// The issues in the order of the walk, and an error that counts those not listed.
    pub fn into_issues(self) -> Vec<Issue> {
        let mut issues = self.issues;
        if self.beyond > 0 {
            let text = format!("{} more findings are not listed.", self.beyond);
            issues.push(Issue::new(Severity::Error, IssueCode::TooLong, IssueKey::TargetTooMany, text));
        }
        issues
    }
}
