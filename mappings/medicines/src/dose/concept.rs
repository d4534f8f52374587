//! A CodeableConcept of a Dosage and the words that stand for it.

use super::finding::{DoseKey, Finding};
use super::read::Node;
use serde_json::{Value, json};

/// One coding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coding {
    /// The code system.
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// Its words, as sent.
    pub display: Option<String>,
    /// Whether a person chose this one.
    pub is_chosen: bool,
}

/// A concept: words, codes or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concept {
    /// The sender's own words.
    pub text: Option<String>,
    /// Codes for it.
    pub codings: Vec<Coding>,
}

impl Concept {
    /// Words alone.
    pub fn of_text(text: impl Into<String>) -> Concept {
        Concept { text: Some(text.into()), codings: Vec::new() }
    }

    /// A SNOMED CT code with its words.
    pub fn snomed(code: &str, display: &str) -> Concept {
        let coding = Coding {
            system: Some(super::units::SNOMED.to_owned()),
            code: Some(code.to_owned()),
            display: Some(display.to_owned()),
            is_chosen: false,
        };
        Concept { text: None, codings: vec![coding] }
    }

    pub(super) fn read(mut node: Node<'_>, found: &mut Vec<Finding>) -> Concept {
        let text = node.text("text", found).filter(|text| !text.trim().is_empty());
        let mut codings = Vec::new();
        for mut coding in node.objects("coding", found) {
            codings.push(Coding {
                system: coding.text("system", found),
                code: coding.text("code", found),
                display: coding.text("display", found).filter(|text| !text.trim().is_empty()),
                is_chosen: coding.boolean("userSelected", found).unwrap_or(false),
            });
            coding.ignore("version");
            coding.finish(found);
        }
        node.finish(found);
        Concept { text, codings }
    }

    /// The code in SNOMED CT, if it has one.
    pub fn snomed_code(&self) -> Option<&str> {
        let is_snomed = |coding: &&Coding| coding.system.as_deref() == Some(super::units::SNOMED);
        self.codings.iter().find(is_snomed)?.code.as_deref()
    }

    /// Its words: the text, or the displays of the codings of one code system (a person's choice first, then SNOMED CT,
    /// then the first), or words known for a code, or the code itself with a finding.
    pub fn words(&self, path: &str, known: fn(&str) -> Option<&'static str>, found: &mut Vec<Finding>) -> Vec<String> {
        if let Some(text) = &self.text {
            return vec![text.trim().to_owned()];
        }
        let leading = self
            .codings
            .iter()
            .find(|coding| coding.is_chosen)
            .or_else(|| self.codings.iter().find(|coding| coding.system.as_deref() == Some(super::units::SNOMED)))
            .or_else(|| self.codings.iter().find(|coding| coding.display.is_some()))
            .or_else(|| self.codings.first());
        let Some(leading) = leading else {
            let text = "The concept has neither text nor a coding, so it has no words.";
            found.push(Finding::error(DoseKey::Incomplete, path, text));
            return Vec::new();
        };
        let same =
            |coding: &&Coding| if leading.is_chosen { *coding == leading } else { coding.system == leading.system };
        let mut words: Vec<String> = Vec::new();
        for coding in self.codings.iter().filter(same) {
            let word = coding_words(coding, path, known, found);
            words.extend(word.filter(|word| !words.contains(word)));
        }
        words
    }

    /// As FHIR JSON.
    pub fn to_json(&self) -> Value {
        let mut concept = json!({});
        if !self.codings.is_empty() {
            let coding = |coding: &Coding| {
                let mut json = json!({});
                for (name, value) in [("system", &coding.system), ("code", &coding.code), ("display", &coding.display)]
                {
                    if let Some(value) = value {
                        json[name] = json!(value);
                    }
                }
                json
            };
            concept["coding"] = Value::Array(self.codings.iter().map(coding).collect());
        }
        if let Some(text) = &self.text {
            concept["text"] = json!(text);
        }
        concept
    }
}

fn coding_words(
    coding: &Coding,
    path: &str,
    known: fn(&str) -> Option<&'static str>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    if let Some(display) = &coding.display {
        return Some(display.trim().to_owned());
    }
    let Some(code) = &coding.code else {
        let text = "The coding has neither a display nor a code, so it has no words.";
        found.push(Finding::error(DoseKey::Incomplete, path, text));
        return None;
    };
    let is_snomed = coding.system.as_deref() == Some(super::units::SNOMED);
    if let Some(words) = known(code).filter(|_| is_snomed) {
        return Some(words.to_owned());
    }
    let system = coding.system.as_deref().unwrap_or("no code system");
    let text = format!("The code {code} of {system} has no display and its words are not known; the code is printed.");
    found.push(Finding::error(DoseKey::UnknownCode, path, text));
    Some(code.clone())
}
