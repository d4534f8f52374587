//! The laws of FHIR that comes in: what lies in the declared domain is accepted and comes out again, what lies outside is
//! refused or said, and whatever comes, the account is true.

use super::account_laws::{of_fhir, resources};
use super::fhir::FhirMaker;
use super::payload::{PayloadMaker, Style};
use super::random::Random;
use super::report::{Failure, FhirReport, Finding, Law, Step};
use super::suggestions::Suggestions;
use super::surroundings::surroundings;
use super::{MOST_FAILURES, Options, tree};
use crate::account::{AccountRow, Outcome};
use crate::leaves::is_below;
use crate::put::{ToVendor, is_dosage};
use crate::registry::{Message, Vendor};
use crate::translate::Context;
use ginnel_schemas::issue::{Issue, IssueKey, any_error};
use serde_json::{Value, json};

/// How many of a hundred resources of the declared domain must be accepted.
const ENOUGH: usize = 80;

/// So many times facts are made anew of which FHIR tells nothing.
const ATTEMPTS: usize = 12;

/// Generated FHIR of one message, in and out again.
pub fn try_fhir(vendor: &Vendor, message: &Message, options: Options) -> FhirReport {
    let suggestions = Suggestions::of(message.plan());
    let mut maker = PayloadMaker::new(message.plan().shape.schema(), &suggestions);
    let takes = takes_new(message);
    let mut report = FhirReport { message: message.name.clone(), takes, ..FhirReport::default() };
    for case in 0..options.cases {
        let seed = options.seed.wrapping_add(case as u64);
        let mut random = Random::of_case(seed, &format!("{} in FHIR", message.name));
        // Facts of which FHIR tells nothing try nothing: where that was most of them, others are made in their place.
        let mut made = None;
        let attempts = if report.resources < options.cases && case * 2 >= options.cases { ATTEMPTS } else { 1 };
        for _ in 0..attempts {
            let style = Style { oddity: 0, unknown: 0, ..Style::any(&mut random) };
            let facts = maker.message(style, &mut random);
            let context = surroundings(vendor, message, &facts, &mut random);
            let facts = told_in_fhir(message, facts, &context);
            let bundle = FhirMaker::new(message.plan(), &mut random).bundle(&facts, &context, &mut random);
            let tells = resources(&bundle).iter().any(|(_, one)| !one.is_null());
            made = Some((bundle, context));
            if tells || !takes {
                break;
            }
        }
        let Some((bundle, context)) = made else { continue };
        let tried = FhirCase { message, context: &context };
        report.bundles += 1;
        let put = tried.put(&bundle);
        tried.count(&bundle, &put, seed, &mut report);
        let found = of_fhir(&bundle, &put, &tried.again(&put));
        tell(&mut report, &tried, seed, Step::NoRecord, &bundle, found);
        for strange in strangers(&bundle, &mut random) {
            report.strangers += 1;
            let found = tried.stranger(&strange);
            tell(&mut report, &tried, seed, Step::Elements, &strange, found);
        }
    }
    // A message that takes nothing back refuses all of it, as it says.
    if takes && report.accepted * 100 < report.resources * ENOUGH {
        let mut worst: Vec<(&String, &usize)> = report.refused.iter().collect();
        worst.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let worst: Vec<String> = worst.iter().take(5).map(|(rule, count)| format!("{count} by {rule}")).collect();
        let what = format!(
            "of {} resources in the declared domain {} are accepted, and {ENOUGH} of a hundred are wanted; refused: {}",
            report.resources,
            report.accepted,
            worst.join(", ")
        );
        report.failed += 1;
        report.failures.push(Failure {
            law: Law::Accepted,
            step: Step::NoRecord.code(),
            seed: options.seed,
            pointer: String::new(),
            what,
            input: Value::Null,
        });
    }
    report
}

/// The facts that FHIR can tell and a sender of it could mean: without what is kept, dropped or refused on the way out,
/// and without what stands in the words of a dose alone, such as a damaged figure, which nothing takes in.
pub fn told_in_fhir(message: &Message, mut facts: Value, context: &Context) -> Value {
    // Without one value a guard may speak of another; a few rounds settle it.
    for _ in 0..4 {
        let translated = message.translate(&facts, message.check(&facts), context);
        let untold = |outcome| matches!(outcome, Outcome::Kept | Outcome::Dropped | Outcome::Refused);
        let in_words = |row: &AccountRow| {
            let place = row.expression.as_deref().and_then(|place| place.strip_suffix(".text"));
            row.outcome == Outcome::Derived && place.is_some_and(is_dosage)
        };
        let unlisted = translated.issues.iter().filter(|issue| issue.key == IssueKey::MappingUnlistedCode);
        let unlisted: Vec<&str> = unlisted.filter_map(|issue| issue.pointer.as_deref()).collect();
        let mut away: Vec<&str> = translated
            .account
            .iter()
            .filter(|row| untold(row.outcome) || in_words(row) || unlisted.contains(&row.pointer.as_str()))
            .map(|row| row.pointer.as_str())
            // What the mapping itself gives a new record is there without FHIR.
            .filter(|pointer| !pointer.is_empty() && !is_given(message.plan(), pointer))
            .collect();
        if away.is_empty() {
            break;
        }
        // From the end, so that the places of the others stay.
        away.reverse();
        for pointer in away {
            let mut place = pointer.to_string();
            while let Some(smaller) = tree::without(&facts, &place) {
                facts = smaller;
                // What is empty now goes with it.
                let Some(above) = ginnel_schemas::json_pointer::parent(&place).map(str::to_string) else { break };
                let is_empty = facts.pointer(&above).is_some_and(crate::vendor_path::is_absent);
                if above.is_empty() || !is_empty {
                    break;
                }
                place = above;
            }
        }
    }
    facts
}

fn tell(report: &mut FhirReport, tried: &FhirCase<'_>, seed: u64, step: Step, bundle: &Value, found: Vec<Finding>) {
    for finding in found {
        report.failed += 1;
        let is_told = report.failures.iter().any(|one| one.law == finding.law && one.step == step.code());
        if is_told || report.failures.len() >= MOST_FAILURES {
            continue;
        }
        let mut last = finding.clone();
        let input = tree::shrink(bundle.clone(), &mut |smaller| match tried
            .stranger(smaller)
            .into_iter()
            .find(|one| one.law == finding.law)
        {
            Some(same) => {
                last = same;
                true
            }
            None => false,
        });
        report.failures.push(Failure {
            law: last.law,
            step: step.code(),
            seed,
            pointer: last.pointer,
            what: last.what,
            input,
        });
    }
}

/// FHIR for one message.
pub struct FhirCase<'c> {
    /// The message.
    pub message: &'c Message,
    /// What other messages said.
    pub context: &'c Context,
}

impl FhirCase<'_> {
    fn put(&self, bundle: &Value) -> ToVendor {
        self.message.to_vendor(bundle, &[], self.context)
    }

    fn again(&self, put: &ToVendor) -> Value {
        self.message.translate(&put.payload, self.message.check(&put.payload), self.context).bundle()
    }

    /// Counts which resources are accepted: nothing of them refused, and the payload valid by the vendor's schema.
    fn count(&self, bundle: &Value, put: &ToVendor, seed: u64, report: &mut FhirReport) {
        let elsewhere = put.issues.iter().find(|issue| {
            issue.is_error() && !issue.pointer.as_deref().is_some_and(|pointer| pointer.starts_with("/entry/"))
        });
        for (pointer, resource) in resources(bundle) {
            // What a plugin only sends it declares to take nothing of.
            let kind = resource.get("resourceType").and_then(Value::as_str);
            let taken = |rule: &crate::plan::ResourcePlan| !rule.only_out && Some(rule.resource_type.as_str()) == kind;
            if !self.message.plan().resources.iter().any(taken) {
                continue;
            }
            report.resources += 1;
            let refused =
                put.account.iter().find(|row| row.outcome == Outcome::Refused && is_below(&row.pointer, &pointer));
            let within = |issue: &&Issue| {
                issue.is_error() && issue.pointer.as_deref().is_some_and(|one| is_below(one, &pointer))
            };
            let issue = put.issues.iter().find(within).or(elsewhere);
            if refused.is_none() && issue.is_none() {
                report.accepted += 1;
                continue;
            }
            let rule =
                refused.and_then(|row| row.rule.as_deref()).or_else(|| issue.and_then(|issue| issue.rule.as_deref()));
            let place = issue.and_then(|issue| issue.expression.as_deref()).unwrap_or("no rule");
            let rule = rule.unwrap_or(place).to_string();
            *report.refused.entry(rule.clone()).or_default() += 1;
            report.reasons.entry(rule).or_insert_with(|| why(seed, refused, issue));
        }
    }

    /// Whatever comes: nothing panics, the account is true, and what changes the meaning of the rest is refused.
    pub fn stranger(&self, bundle: &Value) -> Vec<Finding> {
        let put = self.put(bundle);
        let mut found = of_fhir(bundle, &put, &self.again(&put));
        for row in &put.account {
            let changes_meaning =
                row.pointer.contains("/modifierExtension/") || row.pointer.ends_with("/implicitRules");
            let is_ours =
                matches!(row.outcome, Outcome::Mapped | Outcome::Matched | Outcome::Derived | Outcome::Collapsed);
            if changes_meaning && row.pointer.contains("/resource/") && row.outcome != Outcome::Refused && !is_ours {
                let what =
                    format!("this changes the meaning of the rest, and is {} instead of refused", row.outcome.code());
                found.push(Finding::new(Law::AccountOfFhir, &row.pointer, what));
            }
        }
        let refused = put.account.iter().any(|row| row.outcome == Outcome::Refused);
        if refused && !any_error(&put.issues) {
            found.push(Finding::new(Law::AccountOfFhir, "", "something is refused, and no issue is an error"));
        }
        found
    }
}

/// Why a resource was not accepted, and with which seed.
fn why(seed: u64, refused: Option<&AccountRow>, issue: Option<&Issue>) -> String {
    let place = refused.map(|row| row.pointer.as_str()).or_else(|| issue.and_then(|issue| issue.pointer.as_deref()));
    let reason = issue.map(|issue| issue.text.as_str()).or_else(|| refused.and_then(|row| row.reason.as_deref()));
    format!("seed {seed}, {}: {}", place.unwrap_or("the Bundle"), reason.unwrap_or("no reason is told"))
}

/// The Bundle with something in it that lies outside every domain, in several ways.
pub fn strangers(bundle: &Value, random: &mut Random) -> Vec<Value> {
    let count = bundle.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    if count == 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for _ in 0..4 {
        let mut strange = bundle.clone();
        let at = random.below(count);
        let Some(entry) = strange["entry"].get_mut(at) else { continue };
        let extension = json!({"url": "https://else.example.org/x", "valueString": "something"});
        match random.below(12) {
            0 => entry["resource"]["modifierExtension"] = json!([extension]),
            1 => entry["resource"]["implicitRules"] = "https://else.example.org/rules".into(),
            2 => match entry["resource"]["extension"].as_array_mut() {
                Some(all) => all.push(extension),
                None => entry["resource"]["extension"] = json!([extension]),
            },
            3 => entry["resource"]["_status"] = json!({"extension": [extension]}),
            4 => entry["resource"]["favouriteColour"] = json!({"shade": ["blue", 2, null]}),
            5 => entry["resource"]["contained"] = json!([{"resourceType": "Organization", "id": "o", "name": "A"}]),
            6 => {
                if let Some(coding) = coding(&mut entry["resource"]) {
                    coding.push(json!({"system": "https://else.example.org/codes", "code": "c-1"}));
                }
            }
            7 => {
                let twin = entry.clone();
                if let Some(all) = strange["entry"].as_array_mut() {
                    all.push(twin);
                }
            }
            8 => {
                entry["resource"] = [Value::Null, json!({}), json!([]), "text".into(), json!({"resourceType": 7})]
                    [random.below(5)]
                .clone()
            }
            9 => {
                if let Some(map) = entry.as_object_mut() {
                    map.shift_remove("resource");
                }
            }
            10 => entry["resource"]["id"] = Value::Null,
            _ => entry["resource"]["photo"] = json!([{"contentType": "image/png", "data": "aGVsbG8="}]),
        }
        out.push(strange);
    }
    out
}

fn coding(value: &mut Value) -> Option<&mut Vec<Value>> {
    match value {
        Value::Object(map) => {
            if map.get("coding").is_some_and(Value::is_array) {
                return map.get_mut("coding")?.as_array_mut();
            }
            map.values_mut().find_map(coding)
        }
        Value::Array(list) => list.iter_mut().find_map(coding),
        _ => None,
    }
}

/// Whether a message makes something new of FHIR alone.
fn takes_new(message: &Message) -> bool {
    let plan = message.plan();
    let may_be_new = |item: usize| {
        let mut around = Some(item);
        while let Some(one) = around.and_then(|index| plan.items.get(index)) {
            if one.never_new.is_some() {
                return false;
            }
            around = one.parent;
        }
        true
    };
    plan.resources.iter().any(|rule| !rule.only_out && rule.item.is_none_or(may_be_new))
}

/// Whether a new record is given what stands at a place, or something in it.
fn is_given(plan: &crate::plan::Plan, pointer: &str) -> bool {
    let rules = plan.items.iter().flat_map(|item| &item.new).chain(&plan.new);
    rules.into_iter().any(|rule| crate::instances::covers(&rule.pattern, pointer))
}
