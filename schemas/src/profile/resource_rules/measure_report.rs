//! A report against the measure that it reports on (<https://hl7.org/fhir/R4/measurereport.html>).

use super::budget::Budget;
use super::members::{self, Object, list, object, objects, text};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;

const KEY: IssueKey = IssueKey::TargetMeasure;
/// A population that is observed, not counted.
const MEASURE_OBSERVATION: &str = "measure-observation";

/// Judges a MeasureReport by its Measure, which it contains or which is published.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(canonical) = text(resource, "measure") else {
        return;
    };
    let measure = match canonical.strip_prefix('#') {
        Some(id) => members::contained(resource, id),
        None => known.published(canonical).and_then(Value::as_object),
    };
    let Some(measure) = measure.filter(|measure| text(measure, "resourceType") == Some("Measure")) else {
        findings.path.push("measure");
        let text = "The measure is not at hand, so that the report was not compared with it.";
        findings.warning(IssueCode::NotFound, KEY, text);
        return findings.path.pop();
    };
    let mut report = Report {
        budget: Budget::default(),
        kind: text(resource, "type").unwrap_or_default(),
        scoring: object(measure, "scoring").and_then(first_code).unwrap_or_default(),
    };
    if !matches!(report.scoring, "proportion" | "ratio" | "continuous-variable" | "cohort") {
        findings.path.push("measure");
        let text = "The measure says no known way of scoring, so that the scores were not judged.";
        findings.information(IssueCode::Incomplete, KEY, text);
        findings.path.pop();
    }
    report.groups(resource, measure, findings);
}

/// What all groups of a report share.
struct Report<'m> {
    /// Codes are compared with codes only so often: all are the sender's when the report contains its measure.
    budget: Budget,
    /// `individual`, `subject-list`, `summary` or `data-collection`.
    kind: &'m str,
    /// The code of `Measure.scoring`.
    scoring: &'m str,
}

impl Report<'_> {
    fn groups<'a>(&mut self, resource: &'a Object, measure: &Object, findings: &mut Findings<'a>) {
        let defined: Vec<&Object> = objects(measure, "group").map(|(_, group)| group).collect();
        let reported = list(resource, "group").len();
        findings.path.push("group");
        if let ([only], 1) = (defined.as_slice(), reported) {
            for (index, group) in objects(resource, "group") {
                findings.path.set_index(Some(index));
                if let (Some(own), Some(code)) = (object(group, "code"), object(only, "code"))
                    && !matches(own, code)
                {
                    let text = "The code of the group is not that of the measure's only group.";
                    findings.error(IssueCode::BusinessRule, KEY, text);
                }
                self.group(group, only, findings);
            }
            return findings.path.pop();
        }
        if defined.is_empty() {
            return findings.path.pop();
        }
        let parts = paired(resource, "group", &defined, &mut self.budget, findings);
        for (index, group, definition) in &parts.found {
            findings.path.set_index(Some(*index));
            self.group(group, definition, findings);
        }
        findings.path.pop();
        if self.kind != "data-collection" {
            parts.missing.iter().for_each(|_| not_reported("group", findings));
        }
    }

    /// A group; the path stands at it.
    fn group<'a>(&mut self, group: &'a Object, definition: &Object, findings: &mut Findings<'a>) {
        let populations: Vec<&Object> = objects(definition, "population").map(|(_, one)| one).collect();
        findings.path.push("population");
        let parts = paired(group, "population", &populations, &mut self.budget, findings);
        for (index, population, _) in &parts.found {
            findings.path.set_index(Some(*index));
            self.population(population, findings);
        }
        findings.path.pop();
        for definition in parts.missing {
            let code = object(definition, "code");
            if code.is_some_and(|code| first_code(code) != Some(MEASURE_OBSERVATION)) {
                not_reported("population", findings);
            }
        }
        self.score(group, findings);
        let stratifiers: Vec<&Object> = objects(definition, "stratifier").map(|(_, one)| one).collect();
        findings.path.push("stratifier");
        let parts = paired(group, "stratifier", &stratifiers, &mut self.budget, findings);
        findings.path.pop();
        if self.kind != "data-collection" {
            parts
                .missing
                .iter()
                .filter(|one| one.contains_key("code"))
                .for_each(|_| not_reported("stratifier", findings));
        }
    }

    fn population<'a>(&self, population: &'a Object, findings: &mut Findings<'a>) {
        let subjects = list(population, "subjectResults").len();
        let subjects = if population.get("subjectResults").is_some_and(Value::is_object) { 1 } else { subjects };
        let count = match population.get("count") {
            Some(Value::Number(number)) => number.as_str().parse::<usize>().ok(),
            _ => None,
        };
        if self.kind == "subject-list" {
            if let Some(count) = count.filter(|count| *count != subjects) {
                let text = format!("The population counts {count} subjects and lists {subjects}.");
                findings.error(IssueCode::BusinessRule, KEY, text);
            }
            return;
        }
        if subjects > 0 {
            let text = "Only a report of the type subject-list lists its subjects.";
            findings.error(IssueCode::BusinessRule, KEY, text);
        }
        if count.is_none() {
            let text = "A population of a report that is no subject-list should be counted.";
            findings.warning(IssueCode::BusinessRule, KEY, text);
        }
    }

    fn score<'a>(&self, group: &'a Object, findings: &mut Findings<'a>) {
        let score = object(group, "measureScore");
        let mut wrong = |text: String| findings.error(IssueCode::BusinessRule, KEY, text);
        match (self.kind, self.scoring, score) {
            ("data-collection", _, Some(_)) => wrong("A report of collected data has no score.".to_owned()),
            ("data-collection", ..) => {}
            (_, "cohort", Some(_)) => {
                findings.warning(IssueCode::BusinessRule, KEY, "A measure of a cohort gives no score.");
            }
            (_, scoring @ ("proportion" | "ratio" | "continuous-variable"), None) => {
                wrong(format!("A measure whose scoring is {scoring} gives a score."));
            }
            (_, "proportion", Some(score)) => self.proportion(score, findings),
            _ => {}
        }
    }

    fn proportion<'a>(&self, score: &'a Object, findings: &mut Findings<'a>) {
        let Some(Value::Number(value)) = score.get("value") else {
            return;
        };
        let is = |bound, wanted| super::order::decimals(value.as_str(), bound) == Some(wanted);
        if is("0", std::cmp::Ordering::Less) || is("1", std::cmp::Ordering::Greater) {
            findings.path.push("measureScore");
            findings.path.push("value");
            findings.error(IssueCode::Value, KEY, "The score of a proportion lies between 0 and 1.");
            findings.path.pop();
            findings.path.pop();
        }
    }
}

/// The parts of a report beside their definitions.
struct Parts<'a, 'm> {
    /// Each part with its index and its definition.
    found: Vec<(usize, &'a Object, &'m Object)>,
    /// Definitions that no part stands for.
    missing: Vec<&'m Object>,
}

/// Finds the definition of each part by its code; the path stands at their member.
fn paired<'a, 'm>(
    holder: &'a Object,
    member: &str,
    defined: &[&'m Object],
    budget: &mut Budget,
    findings: &mut Findings<'a>,
) -> Parts<'a, 'm> {
    let mut found: Vec<(usize, &'a Object, &'m Object)> = Vec::new();
    let mut open: Vec<Option<&'m Object>> = defined.iter().copied().map(Some).collect();
    for (index, part) in objects(holder, member) {
        findings.path.set_index(Some(index));
        let mut wrong = |text: String, hint: &str| {
            findings.push(Issue::error(IssueCode::BusinessRule, KEY, text).with_hint(hint));
        };
        let codes = codes_of(part);
        if codes.is_empty() {
            wrong(format!("The {member} has no code that says which {member} of the measure it is."), "add its `code`");
            continue;
        }
        if !budget.spend(defined.len() * codes.len()) {
            break;
        }
        let is_it =
            |definition: &&Object| codes_of(definition).iter().any(|code| codes.iter().any(|own| matches(own, code)));
        match defined.iter().position(is_it) {
            None => {
                wrong(format!("The measure has no {member} with that code."), "use the code that the measure gives")
            }
            Some(place) => match open.get_mut(place).and_then(Option::take) {
                Some(definition) => found.push((index, part, definition)),
                None => wrong(format!("The report has the same {member} twice."), "report each once"),
            },
        }
    }
    findings.path.set_index(None);
    Parts { found, missing: open.into_iter().flatten().collect() }
}

fn not_reported(what: &str, findings: &mut Findings<'_>) {
    findings.error(IssueCode::BusinessRule, KEY, format!("A {what} of the measure is not reported."));
}

/// A stratifier of a report may repeat its code for each component.
fn codes_of(part: &Object) -> Vec<&Object> {
    match part.get("code") {
        Some(Value::Array(codes)) => codes.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(code)) => vec![code],
        _ => Vec::new(),
    }
}

/// Two concepts mean the same when they share a code, or have the same words and no codes.
fn matches(left: &Object, right: &Object) -> bool {
    let same = |own: &Object, other: &Object| {
        text(own, "code").is_some() && ["system", "code"].iter().all(|member| text(own, member) == text(other, member))
    };
    let share = objects(left, "coding").any(|(_, own)| objects(right, "coding").any(|(_, other)| same(own, other)));
    share || (text(left, "text").is_some() && text(left, "text") == text(right, "text"))
}

fn first_code(concept: &Object) -> Option<&str> {
    objects(concept, "coding").find_map(|(_, coding)| text(coding, "code"))
}

#[cfg(test)]
mod tests {
    use crate::profile::resource_rules::table::errors;
    use serde_json::{Value, json};

    const URL: &str = "https://host.example/Measure/m";

    fn coded(code: &str, rest: Value) -> Value {
        let mut part = rest;
        part["code"] = json!({"coding": [{"system": "https://codes.example", "code": code}]});
        part
    }

    fn measure(groups: Value) -> Value {
        json!({"resourceType": "Measure", "url": URL, "status": "active", "group": groups})
    }

    fn report(kind: &str, groups: Value) -> Value {
        json!({"resourceType": "MeasureReport", "status": "complete", "type": kind, "measure": URL, "group": groups})
    }

    fn one_group(populations: Value) -> Value {
        json!([{"population": populations}])
    }

    #[test]
    fn populations_are_those_of_the_measure() {
        let measure = [measure(one_group(json!([coded("initial", json!({})), coded("numerator", json!({}))])))];
        let initial = coded("initial", json!({"count": 5}));
        let numerator = coded("numerator", json!({"count": 5}));
        for (populations, expected) in [
            (json!([initial, numerator]), 0),
            (json!([initial]), 1),
            (json!([initial, numerator, numerator]), 1),
            (json!([initial, numerator, coded("other", json!({"count": 1}))]), 1),
            (json!([initial, numerator, {"count": 1}]), 1),
        ] {
            let report = report("summary", one_group(populations));
            assert_eq!(errors(&report, &measure).len(), expected, "{report}");
        }
    }

    #[test]
    fn only_a_subject_list_lists_its_subjects_and_counts_them() {
        let measure = [measure(one_group(json!([coded("initial", json!({}))])))];
        for (kind, population, expected) in [
            ("subject-list", json!({"count": 1, "subjectResults": {"reference": "List/1"}}), 0),
            ("subject-list", json!({"count": 500, "subjectResults": {"reference": "List/1"}}), 1),
            ("summary", json!({"count": 1, "subjectResults": {"reference": "List/1"}}), 1),
            ("summary", json!({"count": 1}), 0),
            ("individual", json!({}), 0),
        ] {
            let report = report(kind, one_group(json!([coded("initial", population)])));
            assert_eq!(errors(&report, &measure).len(), expected, "{report}");
        }
    }

    #[test]
    fn several_groups_are_told_apart_by_their_codes() {
        let defined = [measure(json!([coded("a", json!({})), coded("b", json!({}))]))];
        for (groups, expected) in [
            (json!([coded("b", json!({})), coded("a", json!({}))]), 0),
            (json!([coded("a", json!({}))]), 1),
            (json!([coded("a", json!({})), coded("c", json!({}))]), 2),
            (json!([coded("a", json!({})), {}]), 2),
        ] {
            assert_eq!(errors(&report("summary", groups.clone()), &defined).len(), expected, "{groups}");
        }
        let only = [measure(json!([coded("a", json!({}))]))];
        assert_eq!(errors(&report("summary", json!([{}])), &only).len(), 0);
        assert_eq!(errors(&report("summary", json!([coded("z", json!({}))])), &only).len(), 1);
        assert_eq!(errors(&report("data-collection", json!([])), &defined).len(), 0);
    }

    #[test]
    fn a_score_is_there_as_the_scoring_asks() {
        for (scoring, group, expected) in [
            ("proportion", json!({"measureScore": {"value": 0.5}}), 0),
            ("proportion", json!({"measureScore": {"value": 1.5}}), 1),
            ("proportion", json!({}), 1),
            ("ratio", json!({"measureScore": {"value": 1.5}}), 0),
            ("cohort", json!({"measureScore": {"value": 1.5}}), 0),
            ("cohort", json!({}), 0),
        ] {
            let mut measure = measure(json!([{}]));
            measure["scoring"] = json!({"coding": [{"code": scoring}]});
            assert_eq!(errors(&report("summary", json!([group])), &[measure]).len(), expected, "{scoring} {group}");
        }
    }

    #[test]
    fn stratifiers_may_be_told_by_their_words() {
        let by_age = json!({"code": {"text": "age"}});
        let defined = [measure(json!([{"stratifier": [by_age]}]))];
        for (stratifiers, expected) in
            [(json!([{"code": [{"text": "age"}]}]), 0), (json!([]), 1), (json!([{"code": [{"text": "sex"}]}]), 2)]
        {
            let report = report("summary", json!([{"stratifier": stratifiers}]));
            assert_eq!(errors(&report, &defined).len(), expected, "{report}");
        }
    }
}
