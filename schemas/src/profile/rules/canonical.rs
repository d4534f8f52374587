//! Canonical URLs: absolute, and of a definition of the right kind (<https://hl7.org/fhir/R4/references.html#canonical>).

use crate::definition::Element;
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::scope::is_absolute;

/// Judges a value of the type canonical; the path stands at it.
pub fn check(element: &Element, url: &str, known: &Known, findings: &mut Findings<'_>) {
    if url.starts_with('#') {
        return;
    }
    if !is_absolute(url) {
        let text =
            format!("{} must be an absolute URL, or `#` and the id of a contained resource.", findings.subject());
        let hint = "write the `url` that the definition has, not the address where a server keeps it";
        return findings.error_with_hint(IssueCode::Value, IssueKey::TargetUrl, text, hint);
    }
    if element.targets.is_empty() {
        return;
    }
    let fits = |kind: &str| element.targets.iter().any(|wanted| known.types.is_kind_of(kind, wanted));
    if let Some(kind) = known.kind_of(url).filter(|kind| !fits(kind)) {
        let text = format!("{} is the URL of a {kind}, which it may not be.", findings.subject());
        let hint = format!("allowed: {}", element.targets.join(", "));
        findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use serde_json::{Value, json};

    #[test]
    fn a_canonical_url_is_absolute_and_of_the_right_kind() {
        let answers = |url: &str| -> Value {
            json!({"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": url})
        };
        let place = "QuestionnaireResponse.questionnaire";
        let (relative, wrong) = (format!("target.url {place}"), format!("target.reference {place}"));
        let not_here = format!("target.questionnaire {place}");
        assert_table([
            (answers("https://forms.example/Questionnaire/a|1"), &[&not_here]),
            (answers("Questionnaire/a"), &[&relative, &not_here]),
            (answers("http://hl7.org/fhir/ValueSet/administrative-gender"), &[&wrong, &not_here]),
            (answers("http://hl7.org/fhir/StructureDefinition/Patient"), &[&wrong, &not_here]),
        ]);
    }
}
