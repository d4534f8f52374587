//! What OperationOutcomes among the answers say: a failure, or a part that was not given.

use super::{About, Gap, GapKind, Gaps, Record, read};
use serde_json::Value;

/// A gap for each issue that says that something is missing.
pub(super) fn gaps(record: &Record<'_>, gaps: &mut Gaps) {
    for (_, outcome) in record.of("OperationOutcome") {
        let reference = outcome.reference(record);
        for issue in read::items(outcome.value, "issue") {
            let Some((kind, about)) = judge(issue) else { continue };
            let said = said(issue);
            let text = match kind {
                GapKind::NotSupported => format!("the source does not give all that was asked: {said}"),
                GapKind::Withheld => format!("the source keeps something back: {said}"),
                _ => format!("the source failed to answer in full: {said}"),
            };
            gaps.add(Gap { kind, about, source: outcome.source, text, evidence: vec![reference.clone()] });
        }
    }
}

/// What an issue means for what can be read here; nothing where it takes nothing away.
fn judge(issue: &Value) -> Option<(GapKind, About)> {
    let severity = read::text(issue, "severity").unwrap_or("error");
    let code = read::text(issue, "code").unwrap_or_default();
    let spine = issue
        .get("details")
        .and_then(|details| read::codings(details).map(|(_, code)| code).next())
        .unwrap_or_default();
    if severity == "information" && !matches!(code, "suppressed" | "incomplete" | "security" | "forbidden") {
        return None;
    }
    if spine == "NOT_IMPLEMENTED" || code == "not-supported" {
        return about_parameter(issue).map(|about| (GapKind::NotSupported, about));
    }
    let refused = [
        "NO_PATIENT_CONSENT",
        "NO_ORGANISATION_CONSENT",
        "NO_ORGANISATIONAL_CONSENT",
        "ACCESS DENIED",
        "ACCESS_DENIED",
        "NO_RELATIONSHIP",
    ];
    if refused.contains(&spine) || matches!(code, "security" | "forbidden" | "suppressed" | "login") {
        return Some((GapKind::Withheld, About::Everything));
    }
    let incomplete = matches!(
        code,
        "incomplete"
            | "timeout"
            | "transient"
            | "throttled"
            | "too-costly"
            | "exception"
            | "lock-error"
            | "no-store"
            | "not-found"
    );
    (matches!(severity, "error" | "fatal") || incomplete).then_some((GapKind::Failed, About::Everything))
}

/// What a parameter that the source did not know was to bring; nothing where that is neither medicines nor allergies.
fn about_parameter(issue: &Value) -> Option<About> {
    let said = said(issue).to_ascii_lowercase();
    if said.contains("medication") || said.contains("prescription") {
        Some(About::Medicines)
    } else if said.contains("allerg") {
        Some(About::Allergies)
    } else if said.contains("include") {
        None
    } else {
        Some(About::Everything)
    }
}

fn said(issue: &Value) -> String {
    let details = issue.get("details").and_then(read::words);
    let parts = [details, read::text(issue, "diagnostics"), read::text(issue, "code")];
    parts.into_iter().flatten().next().unwrap_or("no reason is given").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failure_a_refusal_and_an_unknown_parameter_are_told_apart() {
        let table = [
            (json!({"severity": "error", "code": "exception"}), Some((GapKind::Failed, About::Everything))),
            (json!({"severity": "fatal", "code": "transient"}), Some((GapKind::Failed, About::Everything))),
            (json!({"severity": "warning", "code": "incomplete"}), Some((GapKind::Failed, About::Everything))),
            (
                json!({"severity": "error", "code": "forbidden", "details": {"coding": [{"code": "NO_PATIENT_CONSENT"}]}}),
                Some((GapKind::Withheld, About::Everything)),
            ),
            (
                json!({"severity": "warning", "code": "not-supported", "details": {"coding": [{"code": "NOT_IMPLEMENTED"}],
                    "text": "includeMedication is an unrecognised parameter"}, "diagnostics": "includeMedication"}),
                Some((GapKind::NotSupported, About::Medicines)),
            ),
            (
                json!({"severity": "warning", "code": "not-supported", "details": {"text": "includeProblems is an unrecognised parameter"}}),
                None,
            ),
            (json!({"severity": "information", "code": "informational"}), None),
            (json!({"severity": "warning", "code": "business-rule"}), None),
        ];
        for (issue, wanted) in table {
            assert_eq!(judge(&issue), wanted, "{issue}");
        }
    }
}
