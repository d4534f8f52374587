//! Secrets are withheld from every text that is sent, and that it was done is said; an amount without its unit is no dose.

use super::Writer;
use crate::fhir_path::FhirPath;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Elements that are the amount of a dose.
const DOSES: [&str; 3] = ["dose", "doseQuantity", "maxDosePerAdministration"];

/// Whether a value would be a dose without its unit: nobody can tell 5 mL from 5 tablets by it.
pub(super) fn is_bare_dose(to: &FhirPath, value: &Value) -> bool {
    let is_dose = to.steps.last().is_some_and(|step| DOSES.contains(&step.name.as_str()));
    let says = |name: &str| value.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    is_dose && value.get("value").is_some() && !says("unit") && !says("code")
}

impl Writer<'_> {
    /// The value without the secrets in its texts, where it has any; identifiers, codes and addresses of systems are no
    /// free text.
    pub(super) fn without_secrets(
        &mut self,
        value: &Value,
        to: &FhirPath,
        leaves: &[&Value],
        rule: &Arc<str>,
    ) -> Option<Value> {
        if self.secrets.is_empty() && self.policy.secret_patterns.is_empty() {
            return None;
        }
        let mut names = to.steps.iter().rev().map(|step| step.name.as_str());
        let coded = match (names.next(), names.next()) {
            (Some("value"), above) => above == Some("identifier"),
            (Some(name), _) => matches!(name, "code" | "system" | "id" | "url" | "status" | "reference"),
            _ => false,
        };
        if coded {
            return None;
        }
        let scrubbed = self.scrubbed(value)?;
        let text = "A text holds an access code; the code is withheld from what is sent.";
        let issue = Issue::warning(IssueCode::Suppressed, IssueKey::MappingSecretWithheld, text)
            .with_hint("keep access codes in their own field");
        let issue = self.placed(issue, leaves, rule);
        self.issues.push(issue);
        Some(scrubbed)
    }

    /// The value without secrets, where it had any.
    fn scrubbed(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) => self.secrets.withhold(text, &self.policy.secret_patterns).map(Value::from),
            Value::Array(list) => {
                let found: Vec<Option<Value>> = list.iter().map(|one| self.scrubbed(one)).collect();
                let each = found.iter().zip(list).map(|(found, one)| found.as_ref().unwrap_or(one).clone());
                found.iter().any(Option::is_some).then(|| each.collect())
            }
            Value::Object(map) => {
                let mut out: Option<Map<String, Value>> = None;
                for (name, one) in map {
                    let free = matches!(name.as_str(), "text" | "display" | "valueString" | "unit");
                    if (free || one.is_object() || one.is_array())
                        && let Some(scrubbed) = self.scrubbed(one)
                    {
                        out.get_or_insert_with(|| map.clone()).insert(name.clone(), scrubbed);
                    }
                }
                out.map(Value::Object)
            }
            _ => None,
        }
    }
}
