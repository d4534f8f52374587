//! What the rules write their findings to: a bounded list that knows where the walk stands.

use crate::element_path::ElementPath;
use crate::issue::{Issue, IssueCode, IssueKey, Severity};
use std::collections::HashSet;

/// Most findings of one resource that are listed, and as many errors besides; what goes beyond is counted.
pub const MOST_FINDINGS: usize = 10_000;

/// The findings so far and the place of the walk.
#[derive(Debug, Default)]
pub struct Findings<'a> {
    /// Where the walk stands.
    pub path: ElementPath<'a>,
    issues: Vec<Issue>,
    errors: usize,
    others: usize,
    /// How many are not listed, and the worst of them.
    beyond: Option<(usize, Severity)>,
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
        let listed = if issue.is_error() { &mut self.errors } else { &mut self.others };
        if *listed == MOST_FINDINGS {
            let (count, worst) = self.beyond.unwrap_or((0, issue.severity));
            self.beyond = Some((count + 1, worst.min(issue.severity)));
            return;
        }
        *listed += 1;
        self.issues.push(self.placed(issue));
    }

    fn placed(&self, issue: Issue) -> Issue {
        // Before its type is known, the resource has a place in the input and no name.
        let mut issue = if self.path.depth() == 0 { issue } else { issue.with_expression(self.path.to_string()) };
        issue.resource_pointer = Some(self.path.pointer());
        issue
    }

    /// Whether any finding so far is an error.
    pub fn any_error(&self) -> bool {
        self.errors > 0
    }

    /// How many errors are listed so far.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The issues in the order of the walk, and one that counts those not listed, as grave as the worst of them.
    pub fn into_issues(self) -> Vec<Issue> {
        let mut issues = self.issues;
        drop_lesser(&mut issues);
        if let Some((count, worst)) = self.beyond {
            let text = format!("{count} more findings are not listed.");
            issues.push(Issue::new(worst, IssueCode::TooLong, IssueKey::TargetTooMany, text));
        }
        issues
    }
}

/// A fault that two rules see at one place is told once: the first key stands, and what has the second key and is no graver
/// goes. A reference into a document that leads to nothing need not be said to lead to no entry too, and a misspelt code
/// system is another spelling of it.
const ONE_FAULT: [(IssueKey, IssueKey); 2] = [
    (IssueKey::TargetReferenceUnresolved, IssueKey::TargetReferenceUnresolved),
    (IssueKey::TargetCodeSystem, IssueKey::UkIdentifierSystem),
];

fn drop_lesser(issues: &mut Vec<Issue>) {
    for (key, lesser) in ONE_FAULT {
        let told: HashSet<String> = issues
            .iter()
            .filter(|issue| issue.key == key && issue.is_error())
            .filter_map(|issue| issue.resource_pointer.clone())
            .collect();
        if !told.is_empty() {
            issues.retain(|issue| {
                let is_lesser = issue.key == lesser && (key != lesser || !issue.is_error());
                !(is_lesser && issue.resource_pointer.as_ref().is_some_and(|pointer| told.contains(pointer)))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_as_grave_as_the_worst_of_it() {
        let issue = |severity| Issue::new(severity, IssueCode::Value, IssueKey::TargetFormat, "x");
        for (severities, listed, worst) in [
            (vec![Severity::Information; 5], 10_000, Severity::Information),
            (vec![Severity::Information, Severity::Warning], 10_000, Severity::Warning),
            // An error is listed however much else was found before it.
            (vec![Severity::Information, Severity::Error], 10_001, Severity::Information),
            (vec![Severity::Error; 10_001], 20_000, Severity::Error),
        ] {
            let mut findings = Findings::default();
            (0..MOST_FINDINGS).for_each(|_| findings.push(issue(Severity::Information)));
            severities.into_iter().for_each(|severity| findings.push(issue(severity)));
            let issues = findings.into_issues();
            assert_eq!(issues.len(), listed + 1);
            assert_eq!(issues.last().map(|issue| issue.severity), Some(worst));
        }
    }
}
