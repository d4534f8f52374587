//! What belongs to one authorisation to take a medicine: a statement, its plan, the issues under it, what was given.
//!
//! GP Connect sends a MedicationStatement for each authorisation, based on a MedicationRequest of intent `plan`, on which the
//! issues (intent `order`) are based. Others send requests alone, or statements alone: each of them is an authorisation.

use crate::record::{Found, Record, Resource, read};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Links are followed no further, which ends circles.
const LONGEST_CHAIN: usize = 16;

/// One authorisation, by the places of its resources in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorisation {
    /// The statement.
    pub statement: Option<usize>,
    /// The request that the statement, and the issues, are based on.
    pub plan: Option<usize>,
    /// Issues, and further requests that the statement is based on.
    pub orders: Vec<usize>,
    /// What was dispensed.
    pub dispenses: Vec<usize>,
    /// Administrations.
    pub given: Vec<usize>,
    /// A plan that is referred to and not in the record.
    pub missing_plan: Option<String>,
    /// Whether another statement is based on the same plan.
    pub shares_plan: bool,
}

impl Authorisation {
    /// The resource that speaks for it.
    pub fn main(&self) -> Option<usize> {
        self.statement
            .or(self.plan)
            .or_else(|| [&self.orders, &self.dispenses, &self.given].iter().find_map(|list| list.first().copied()))
    }

    /// References to all it rests on.
    pub fn evidence(&self, record: &Record<'_>) -> Vec<String> {
        let requests = self.statement.iter().chain(&self.plan).chain(&self.orders);
        let all = requests.chain(&self.dispenses).chain(&self.given);
        all.map(|index| record.reference_of(*index)).collect()
    }
}

/// All authorisations of a record, in the order of the resources that speak for them.
pub fn gather(record: &Record<'_>) -> Vec<Authorisation> {
    let requests: Vec<usize> = record.of("MedicationRequest").map(|(index, _)| index).collect();
    let mut roots: BTreeMap<usize, Authorisation> = BTreeMap::new();
    for index in requests {
        let (root, missing) = root_of(record, index);
        let found = roots.entry(root).or_insert_with(|| Authorisation { plan: Some(root), ..Authorisation::default() });
        if root != index {
            found.orders.push(index);
        }
        if missing.is_some() && found.missing_plan.is_none() {
            found.missing_plan = missing;
        }
    }
    let mut all = statements(record, &mut roots);
    all.extend(roots.into_values());
    attach_dispenses(record, &mut all);
    attach_given(record, &mut all);
    all.sort_by_key(Authorisation::main);
    for found in &mut all {
        for list in [&mut found.orders, &mut found.dispenses, &mut found.given] {
            list.sort_by_cached_key(|index| in_time(record, *index));
        }
    }
    all
}

/// What orders the resources of one authorisation: their time, then their name, whatever the order they came in.
fn in_time(record: &Record<'_>, index: usize) -> (String, String) {
    let value = record.at(index).map(|resource| resource.value);
    let places = [
        "/dispenseRequest/validityPeriod/start",
        "/authoredOn",
        "/whenHandedOver",
        "/whenPrepared",
        "/effectiveDateTime",
        "/effectivePeriod/start",
    ];
    let written = places.iter().find_map(|place| value?.pointer(place)?.as_str());
    (written.unwrap_or_default().to_string(), record.reference_of(index))
}

/// The request that this one is in the end based on, and a reference that leads out of the record.
fn root_of(record: &Record<'_>, index: usize) -> (usize, Option<String>) {
    let mut at = index;
    for _ in 0..LONGEST_CHAIN {
        let Some(request) = record.at(at) else { break };
        let mut missing = None;
        let mut next = None;
        for reference in read::items(request.value, "basedOn") {
            match record.follow(request, reference) {
                Found::Resource(found) if is_request(record, found) && found != at => next = next.or(Some(found)),
                Found::Missing(text) if text.contains("MedicationRequest") => missing = Some(text.to_string()),
                _ => {}
            }
        }
        match next {
            Some(found) if found == index => break,
            Some(found) => at = found,
            None => return (at, missing),
        }
    }
    // Requests that are based on each other in a circle are each their own.
    (index, None)
}

fn is_request(record: &Record<'_>, index: usize) -> bool {
    record.at(index).is_some_and(|found| found.kind == "MedicationRequest")
}

/// An authorisation for each statement; takes the plans they are based on out of `roots`.
fn statements(record: &Record<'_>, roots: &mut BTreeMap<usize, Authorisation>) -> Vec<Authorisation> {
    let mut all: Vec<Authorisation> = Vec::new();
    let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, statement) in record.of("MedicationStatement") {
        let mut found = Authorisation { statement: Some(index), ..Authorisation::default() };
        let links = read::items(statement.value, "basedOn").chain(read::items(statement.value, "derivedFrom"));
        for reference in links {
            match record.follow(statement, reference) {
                Found::Resource(request) if is_request(record, request) => {
                    let (root, _) = root_of(record, request);
                    match found.plan {
                        None => found.plan = Some(root),
                        Some(plan) if plan != root => found.orders.push(root),
                        Some(_) => {}
                    }
                }
                Found::Missing(text) if text.contains("MedicationRequest") => {
                    found.missing_plan = Some(text.to_string())
                }
                _ => {}
            }
        }
        for root in found.plan.iter().chain(&found.orders) {
            users.entry(*root).or_default().push(all.len());
        }
        all.push(found);
    }
    for (root, users) in users {
        let Some(taken) = roots.remove(&root) else { continue };
        for user in &users {
            let Some(found) = all.get_mut(*user) else { continue };
            found.orders.extend(taken.orders.iter().copied());
            found.shares_plan |= users.len() > 1;
        }
    }
    for found in &mut all {
        found.orders.sort_unstable();
        found.orders.dedup();
    }
    all
}

/// Dispenses belong to the prescription they name; what was dispensed without one in the record is its own.
fn attach_dispenses(record: &Record<'_>, all: &mut Vec<Authorisation>) {
    for (index, dispense) in record.of("MedicationDispense") {
        let named = read::items(dispense.value, "authorizingPrescription");
        let mut named = named.filter_map(|reference| owner_index(record, all, dispense, reference));
        match named.next() {
            Some(found) => all.get_mut(found).into_iter().for_each(|found| found.dispenses.push(index)),
            None => all.push(Authorisation { dispenses: vec![index], ..Authorisation::default() }),
        }
    }
}

fn owner_index(record: &Record<'_>, all: &[Authorisation], from: &Resource<'_>, reference: &Value) -> Option<usize> {
    let Found::Resource(request) = record.follow(from, reference) else { return None };
    let (root, _) = root_of(record, request);
    all.iter().position(|found| found.plan == Some(root) || found.orders.contains(&request))
}

/// Administrations belong to the order they name, or to one of the same words; what was given without either is its own.
fn attach_given(record: &Record<'_>, all: &mut Vec<Authorisation>) {
    let mut alone: BTreeMap<String, Authorisation> = BTreeMap::new();
    let mut by_words: HashMap<String, usize> = HashMap::new();
    let mut by_request: HashMap<usize, usize> = HashMap::new();
    for (at, found) in all.iter().enumerate() {
        let main = found.main().and_then(|main| record.at(main));
        if let Some(words) = main.and_then(|main| medication_words(record, main)) {
            by_words.entry(words).or_insert(at);
        }
        for request in found.plan.iter().chain(&found.orders) {
            by_request.entry(*request).or_insert(at);
        }
    }
    for (index, administration) in record.of("MedicationAdministration") {
        let named = ["request", "prescription"].iter().find_map(|member| administration.value.get(member));
        let owner = named.and_then(|reference| match record.follow(administration, reference) {
            Found::Resource(request) => {
                by_request.get(&request).or_else(|| by_request.get(&root_of(record, request).0)).copied()
            }
            _ => None,
        });
        if let Some(found) = owner.and_then(|owner| all.get_mut(owner)) {
            found.given.push(index);
            continue;
        }
        let words = medication_words(record, administration);
        let same = words.as_ref().and_then(|words| by_words.get(words)).and_then(|at| all.get_mut(*at));
        match same {
            Some(found) => found.given.push(index),
            None if is_given(administration.value) => {
                alone.entry(words.unwrap_or_default()).or_default().given.push(index);
            }
            None => {}
        }
    }
    all.extend(alone.into_values());
}

fn is_given(administration: &Value) -> bool {
    matches!(read::text(administration, "status"), Some("completed" | "in-progress"))
        && administration.get("notGiven") != Some(&Value::Bool(true))
}

/// What the medicine of a resource is called, alike in case and spaces.
fn medication_words(record: &Record<'_>, resource: &Resource<'_>) -> Option<String> {
    let (concept, _) = medication(record, resource);
    Some(alike(concept.and_then(read::words)?))
}

/// A text without differences of case and white space.
pub fn alike(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The concept that says which medicine a resource is about, and the Medication it stands in.
pub fn medication<'r, 'a>(record: &'r Record<'a>, resource: &'r Resource<'a>) -> (Option<&'a Value>, Option<usize>) {
    let value = resource.value;
    if let Some(concept) = value.get("medicationCodeableConcept").or_else(|| value.pointer("/medication/concept")) {
        return (Some(concept), None);
    }
    let Some(reference) = value.get("medicationReference").or_else(|| value.pointer("/medication/reference")) else {
        return (None, None);
    };
    match record.follow(resource, reference) {
        Found::Resource(index) => (record.at(index).and_then(|medication| medication.value.get("code")), Some(index)),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Document;
    use serde_json::json;

    fn gathered(resources: Value) -> Vec<(Vec<String>, Option<String>)> {
        let document = Document { name: "test".into(), value: &resources };
        let record = Record::read(&[document]);
        gather(&record).iter().map(|found| (found.evidence(&record), found.missing_plan.clone())).collect()
    }

    fn request(id: &str, based_on: &[&str]) -> Value {
        let links: Vec<Value> =
            based_on.iter().map(|id| json!({"reference": format!("MedicationRequest/{id}")})).collect();
        json!({"resourceType": "MedicationRequest", "id": id, "basedOn": links})
    }

    fn statement(id: &str, plan: &str) -> Value {
        json!({"resourceType": "MedicationStatement", "id": id, "basedOn": [{"reference": format!("MedicationRequest/{plan}")}]})
    }

    fn refs(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| text.to_string()).collect()
    }

    #[test]
    fn a_statement_its_plan_and_the_issues_under_it_are_one_whatever_their_order() {
        let (s, p, o) = (statement("s", "p"), request("p", &[]), request("o", &["p"]));
        let wanted = vec![(refs(&["MedicationStatement/s", "MedicationRequest/p", "MedicationRequest/o"]), None)];
        for all in [json!([s, p, o]), json!([o, p, s]), json!([p, s, o]), json!([o, s, p])] {
            assert_eq!(gathered(all.clone()), wanted, "{all}");
        }
    }

    #[test]
    fn two_statements_on_one_plan_stay_two() {
        let found = gathered(json!([statement("a", "p"), statement("b", "p"), request("p", &[])]));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn requests_in_a_circle_are_each_their_own() {
        assert_eq!(gathered(json!([request("a", &["b"]), request("b", &["a"])])).len(), 2);
        assert_eq!(gathered(json!([request("a", &["a"])])).len(), 1);
    }

    #[test]
    fn a_plan_that_is_not_there_is_named() {
        let found = gathered(json!([statement("s", "gone"), request("o", &["lost"])]));
        let missing: Vec<Option<&str>> = found.iter().map(|(_, missing)| missing.as_deref()).collect();
        assert_eq!(missing, [Some("MedicationRequest/gone"), Some("MedicationRequest/lost")]);
    }

    #[test]
    fn what_was_given_without_an_order_is_a_line_of_its_own() {
        let given = |id: &str, name: &str| json!({"resourceType": "MedicationAdministration", "id": id, "status": "completed", "medicationCodeableConcept": {"text": name}});
        let order = json!({"resourceType": "MedicationRequest", "id": "r", "medicationCodeableConcept": {"text": "Senna  7.5mg tablets"}});
        let found = gathered(json!([
            given("1", "senna 7.5mg tablets"),
            given("2", "Lorazepam"),
            given("3", "Lorazepam"),
            order
        ]));
        let evidence: Vec<Vec<String>> = found.into_iter().map(|(evidence, _)| evidence).collect();
        assert_eq!(
            evidence,
            [
                refs(&["MedicationAdministration/2", "MedicationAdministration/3"]),
                refs(&["MedicationRequest/r", "MedicationAdministration/1"]),
            ]
        );
    }
}
