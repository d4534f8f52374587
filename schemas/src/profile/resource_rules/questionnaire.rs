//! Questions that refer to one another and say what may answer them (<https://hl7.org/fhir/R4/questionnaire.html>).

use super::members::{Object, choice, objects, text, texts};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;
use std::collections::HashMap;

const KEY: IssueKey = IssueKey::TargetQuestionnaire;

/// Judges a Questionnaire.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("derivedFrom");
    for (index, from) in texts(resource, "derivedFrom") {
        if known.published(from).is_none() {
            findings.path.set_index(Some(index));
            let text = "The questionnaire that this one is derived from is not at hand.";
            findings.warning(IssueCode::NotFound, KEY, text);
        }
    }
    findings.path.pop();
    let mut form = Form::default();
    form.gather(resource, None);
    let mut at = 0;
    form.items(resource, &mut at, findings);
}

/// A question as others may refer to it.
struct Question<'a> {
    item_type: &'a str,
    /// The places of the first and the last item inside it, its own included.
    places: std::ops::RangeInclusive<usize>,
}

/// All questions by linkId.
#[derive(Default)]
struct Form<'a> {
    questions: HashMap<&'a str, Question<'a>>,
    items: usize,
}

impl<'a> Form<'a> {
    /// Numbers all items in the order of the form.
    fn gather(&mut self, of: &'a Object, link_id: Option<&'a str>) {
        let start = self.items;
        if link_id.is_some() {
            self.items += 1;
        }
        for (_, item) in objects(of, "item") {
            self.gather(item, Some(text(item, "linkId").unwrap_or_default()));
        }
        if let Some(link_id) = link_id.filter(|link_id| !link_id.is_empty()) {
            let item_type = text(of, "type").unwrap_or_default();
            let places = start..=self.items - 1;
            self.questions.entry(link_id).or_insert(Question { item_type, places });
        }
    }

    /// Judges items in the same order; the path stands at what holds them.
    fn items(&self, of: &'a Object, at: &mut usize, findings: &mut Findings<'a>) {
        findings.path.push("item");
        for (index, item) in objects(of, "item") {
            findings.path.set_index(Some(index));
            let own = *at;
            *at += 1;
            self.conditions(item, own, findings);
            values(item, "initial", findings);
            values(item, "answerOption", findings);
            self.items(item, at, findings);
        }
        findings.path.pop();
    }

    /// Whether a place lies inside the item at `own`.
    fn is_inside(&self, place: usize, own: usize, item: &Object) -> bool {
        let known = text(item, "linkId").and_then(|link_id| self.questions.get(link_id));
        known.is_some_and(|known| *known.places.start() == own && own < place && place <= *known.places.end())
    }

    fn conditions(&self, item: &'a Object, own: usize, findings: &mut Findings<'a>) {
        findings.path.push("enableWhen");
        for (index, condition) in objects(item, "enableWhen") {
            findings.path.set_index(Some(index));
            let Some(link_id) = text(condition, "question") else {
                continue;
            };
            findings.path.push("question");
            match self.questions.get(link_id) {
                None => findings.push(
                    Issue::error(IssueCode::BusinessRule, KEY, format!("The questionnaire has no item `{link_id}`."))
                        .with_hint("name the `linkId` of another item"),
                ),
                Some(target) if target.places.start() == &own => {
                    findings.error(IssueCode::BusinessRule, KEY, "A question cannot depend on its own answer.");
                }
                Some(target) if self.is_inside(*target.places.start(), own, item) => {
                    let text = "An item cannot depend on an answer to a question inside it.";
                    findings.error(IssueCode::BusinessRule, KEY, text);
                }
                Some(target) if *target.places.start() > own => {
                    let text = format!("The item `{link_id}` comes later than the one that depends on it.");
                    findings.warning(IssueCode::BusinessRule, KEY, text);
                }
                Some(_) => {}
            }
            findings.path.pop();
            if let Some(target) = self.questions.get(link_id) {
                wanted(condition, target.item_type, link_id, findings);
            }
        }
        findings.path.pop();
    }
}

/// What a condition compares is an answer that the other question can have.
fn wanted<'a>(condition: &'a Object, item_type: &str, link_id: &str, findings: &mut Findings<'a>) {
    let Some((member, type_name, _)) = choice(condition, "answer") else {
        return;
    };
    if text(condition, "operator") == Some("exists") {
        return;
    }
    if matches!(item_type, "group" | "display") {
        let text = format!("The item `{link_id}` is a {item_type} and has no answer to compare.");
        findings.warning(IssueCode::BusinessRule, KEY, text);
    } else if types_for(item_type).is_some_and(|types| !types.contains(&type_name)) {
        findings.path.push_member("answer", member);
        let text = format!("The item `{link_id}` never has an answer of this type.");
        findings.warning(IssueCode::BusinessRule, KEY, text);
        findings.path.pop();
    }
}

/// Initial values and options have the type of their question.
fn values<'a>(item: &'a Object, name: &'a str, findings: &mut Findings<'a>) {
    let Some(types) = text(item, "type").and_then(types_for) else {
        return;
    };
    findings.path.push(name);
    for (index, one) in objects(item, name) {
        let Some((member, type_name, value)) = choice(one, "value") else {
            continue;
        };
        if !types.contains(&type_name) {
            findings.path.set_index(Some(index));
            findings.path.push_member("value", member);
            let text = "The value has a type that answers to this question never have.";
            findings.warning(IssueCode::BusinessRule, KEY, text);
            findings.path.pop();
        } else if type_name == "Coding" && value.get("code").and_then(Value::as_str).is_none() && name == "answerOption"
        {
            findings.path.set_index(Some(index));
            findings.path.push_member("value", member);
            findings.information(
                IssueCode::BusinessRule,
                KEY,
                "The option has no code, so that answers can hardly name it.",
            );
            findings.path.pop();
        }
    }
    findings.path.pop();
}

/// The types of value that answer a question of that type, as the names of members end.
pub fn types_for(question_type: &str) -> Option<&'static [&'static str]> {
    Some(match question_type {
        "boolean" => &["Boolean"],
        "decimal" => &["Decimal"],
        "integer" => &["Integer"],
        "date" => &["Date"],
        "dateTime" => &["DateTime"],
        "time" => &["Time"],
        "string" | "text" => &["String"],
        "url" => &["Uri"],
        "choice" | "open-choice" => &["Coding", "Date", "Time", "Integer", "String", "Reference"],
        "attachment" => &["Attachment"],
        "reference" => &["Reference"],
        "quantity" => &["Quantity"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{assert_places, found};
    use serde_json::{Value, json};

    fn form(condition: Value) -> Value {
        json!({"resourceType": "Questionnaire", "status": "active", "item": [
            {"linkId": "a", "type": "integer"},
            {"linkId": "b", "type": "group", "item": [{"linkId": "c", "type": "string", "enableWhen": [condition]}]},
            {"linkId": "d", "type": "choice", "answerOption": [{"valueCoding": {"code": "x"}}]}
        ]})
    }

    #[test]
    fn conditions_name_other_questions() {
        let when = |question: &str| json!({"question": question, "operator": "=", "answerInteger": 1});
        let place = "Questionnaire.item[1].item[0].enableWhen[0].question";
        assert_places(
            &[],
            [(form(when("a")), &[]), (form(when("z")), &[place]), (form(when("c")), &[place]), (form(when("d")), &[])],
        );
        let outer = json!({"question": "inner", "operator": "=", "answerBoolean": true});
        let form = json!({"resourceType": "Questionnaire", "item": [{"linkId": "outer", "type": "group",
            "enableWhen": [outer], "item": [{"linkId": "inner", "type": "boolean"}]}]});
        assert_places(&[], [(form, &["Questionnaire.item[0].enableWhen[0].question"])]);
    }

    #[test]
    fn what_can_hardly_be_meant_is_warned_of() {
        let when = |question: &str, member: &str, wanted: Value| {
            let mut condition = json!({"question": question, "operator": "="});
            condition[member] = wanted;
            condition
        };
        for (condition, expected) in [
            (when("a", "answerInteger", json!(1)), 0),
            (when("a", "answerString", json!("1")), 1),
            (when("d", "answerCoding", json!({"code": "x"})), 1),
            (when("b", "answerBoolean", json!(true)), 1),
        ] {
            let warnings = found(&form(condition.clone()), &[], Severity::Warning);
            assert_eq!(warnings.len(), expected, "{condition} {warnings:?}");
        }
        let initial = json!({"resourceType": "Questionnaire", "derivedFrom": ["https://forms.example/unknown"],
            "item": [{"linkId": "a", "type": "date", "initial": [{"valueString": "x"}]}]});
        assert_eq!(found(&initial, &[], Severity::Warning).len(), 2);
    }
}
