//! `medication-status`: a status comes with the reason or date that it needs, and agrees with the dates beside it.
//!
//! Source: UK Core implementation guide, MedicationStatement.status: `stopped` and `on-hold` shall give a statusReason,
//! `intended` an effective time, `unknown` is to be avoided. They are warnings, as refusing the news that a medicine was
//! stopped could harm. Whether an end lies in the future is not judged: that needs a clock.

use super::medication::Kind;
use super::place::Place;
use super::read::{object, says, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

const KEY: IssueKey = IssueKey::UkMedicationStatus;

/// A resource about medicines.
pub fn check<'a>(kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let Some(status) = text(resource, "status") else { return };
    let root = Place::resource();
    let place = root.member("status");
    let needs_reason = match kind {
        Kind::Statement | Kind::Request => matches!(status, "stopped" | "on-hold"),
        Kind::Administration => status == "not-done",
        Kind::Dispense | Kind::Medication => false,
    };
    if needs_reason && !says(resource, "statusReason") {
        let text = format!("Status `{status}` comes without a reason.");
        report.warning(&place, KEY, text, "send the reason in `statusReason`, as text where there is no code");
    }
    if kind == Kind::Statement {
        statement(status, resource, &place, report);
    }
}

fn statement<'a>(status: &str, resource: &'a Map<String, Value>, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let period = object(resource, "effectivePeriod");
    match status {
        "intended" if !says(resource, "effectiveDateTime") && period.is_none() => {
            let text = "Status `intended` comes without saying when the medicine will be taken.";
            report.warning(place, KEY, text, "send `effectivePeriod` or `effectiveDateTime`");
        }
        "unknown" => {
            let text = "Status `unknown` leaves the reader without a decision and is to be avoided.";
            report.information(place, KEY, text, "send what the source knows, or leave the statement out");
        }
        _ => {}
    }
    let (Some(end), Some(asserted)) = (period.and_then(|period| text(period, "end")), text(resource, "dateAsserted"))
    else {
        return;
    };
    match (status, order(end, asserted)) {
        ("active", Some(std::cmp::Ordering::Less)) => {
            let text = "Status `active` contradicts `effectivePeriod.end`, which lies before `dateAsserted`.";
            report.warning(place, KEY, text, "send `completed` or `stopped`, or take the end away");
        }
        ("completed", Some(std::cmp::Ordering::Greater)) => {
            let text = "Status `completed` contradicts `effectivePeriod.end`, which lies after `dateAsserted`.";
            report.warning(place, KEY, text, "send `active`, or the end as it was");
        }
        _ => {}
    }
}

/// How the days of two dates or date-times are ordered, as far as both are known; nothing when one is no date.
fn order(left: &str, right: &str) -> Option<std::cmp::Ordering> {
    let length = left.len().min(right.len()).min("2026-01-01".len());
    let (left, right) = (left.get(..length)?, right.get(..length)?);
    let is_date = |text: &str| text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (is_date(left) && is_date(right)).then(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::{Value, json};

    fn judged(resource_type: &str, members: &Value) -> Vec<String> {
        let mut resource = json!({"resourceType": resource_type});
        for (name, value) in members.as_object().expect("the test gives an object") {
            resource[name] = value.clone();
        }
        found(Rules::only(&[Rule::MedicationStatus]), &resource)
    }

    #[test]
    fn a_status_has_its_reason() {
        for (resource_type, status, is_found) in [
            ("MedicationStatement", "active", false),
            ("MedicationStatement", "stopped", true),
            ("MedicationStatement", "on-hold", true),
            ("MedicationStatement", "not-taken", false),
            ("MedicationRequest", "stopped", true),
            ("MedicationRequest", "cancelled", false),
            ("MedicationAdministration", "not-done", true),
            ("MedicationAdministration", "completed", false),
            ("MedicationAdministration", "unknown", false),
            ("MedicationDispense", "on-hold", false),
        ] {
            let place = format!("warning uk.medication-status {resource_type}.status");
            let expected = if is_found { vec![place] } else { vec![] };
            assert_eq!(judged(resource_type, &json!({"status": status})), expected, "{resource_type} {status}");
            let with_reason = json!({"status": status, "statusReason": [{"text": "a reason"}]});
            assert_eq!(judged(resource_type, &with_reason), [""; 0], "{resource_type} {status}");
        }
    }

    #[test]
    fn a_status_agrees_with_the_dates() {
        let warning = "warning uk.medication-status MedicationStatement.status";
        for (members, expected) in [
            (json!({"status": "intended"}), vec![warning]),
            (json!({"status": "intended", "effectiveDateTime": "2026-10-01"}), vec![]),
            (json!({"status": "intended", "effectivePeriod": {"start": "2026-10-01"}}), vec![]),
            (json!({"status": "unknown"}), vec!["information uk.medication-status MedicationStatement.status"]),
            (
                json!({"status": "active", "effectivePeriod": {"end": "2026-09-30"}, "dateAsserted": "2026-10-01"}),
                vec![warning],
            ),
            (
                json!({"status": "active", "effectivePeriod": {"end": "2026-10-01"},
                    "dateAsserted": "2026-10-01T09:00:00Z"}),
                vec![],
            ),
            (json!({"status": "active", "effectivePeriod": {"end": "2026-10"}, "dateAsserted": "2026-10-31"}), vec![]),
            (
                json!({"status": "active", "effectivePeriod": {"end": "2026-09"}, "dateAsserted": "2026-10-31"}),
                vec![warning],
            ),
            (
                json!({"status": "completed", "effectivePeriod": {"end": "2026-10-02"}, "dateAsserted": "2026-10-01"}),
                vec![warning],
            ),
            (
                json!({"status": "completed", "effectivePeriod": {"end": "2026-10-01"}, "dateAsserted": "2026-10-01"}),
                vec![],
            ),
            (
                json!({"status": "active", "effectivePeriod": {"end": "01/09/2026"}, "dateAsserted": "2026-10-01"}),
                vec![],
            ),
            (json!({"status": "active", "effectivePeriod": {"end": "é"}, "dateAsserted": "2026-10-01"}), vec![]),
        ] {
            assert_eq!(judged("MedicationStatement", &members), expected, "{members}");
        }
    }
}
