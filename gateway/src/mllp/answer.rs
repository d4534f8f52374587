//! What is answered to a message of HL7 v2.

use ginnel_mappings::format::hl7v2::acknowledge::{Finding, Header, Verdict, acknowledge};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::outcome::ADDRESS_EXTENSION;
use serde_json::Value;

/// What became of a message.
pub struct Outcome {
    /// In a word.
    pub verdict: Verdict,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Its receipt, where it is kept.
    pub receipt: Option<String>,
}

impl Outcome {
    /// Of a message that is not kept.
    pub fn of_issues(verdict: Verdict, issues: &[Issue]) -> Outcome {
        Outcome { verdict, findings: findings_of(issues), receipt: None }
    }

    /// Of a message that is kept, as its receipt has it: with items set aside it is not wholly accepted.
    pub fn of_receipt(body: &str, receipt: String) -> Outcome {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let aside = body.get("quarantined").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let issues = body.get("outcome").and_then(|outcome| outcome.get("issue")?.as_array());
        let findings = issues.into_iter().flatten().filter_map(finding_of).collect();
        Outcome { verdict: if aside { Verdict::Error } else { Verdict::Accepted }, findings, receipt: Some(receipt) }
    }
}

/// Findings as an answer tells them.
pub fn findings_of(issues: &[Issue]) -> Vec<Finding> {
    issues.iter().filter_map(Finding::of).collect()
}

/// A finding of an OperationOutcome.
fn finding_of(issue: &Value) -> Option<Finding> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let severity = text(issue.get("severity"));
    if severity == "information" {
        return None;
    }
    let extensions = issue.get("extension").and_then(Value::as_array).into_iter().flatten();
    let address = extensions
        .filter(|one| one.get("url").is_some_and(|url| url == ADDRESS_EXTENSION))
        .find_map(|one| one.get("valueString")?.as_str());
    Some(Finding {
        is_error: severity != "warning",
        code: text(issue.get("code")),
        key: text(issue.pointer("/details/coding/0/code")),
        text: text(issue.pointer("/details/text")),
        hint: String::new(),
        address: address.map(str::to_owned),
    })
}

/// The answer's bytes, with a time and an id of their own.
pub fn written(header: &Header, outcome: &Outcome) -> Vec<u8> {
    let now = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S+0000").to_string();
    // MSH-10 had twenty characters until 2.6.
    let id: String = uuid::Uuid::now_v7().simple().to_string().chars().take(20).collect();
    acknowledge(header, outcome.verdict, &outcome.findings, &now, &id)
}
