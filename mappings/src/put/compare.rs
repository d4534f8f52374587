//! The account of the way in: the FHIR that was given against the FHIR that the vendor's new record makes.

use super::apply::same_instant;
use super::identity::Identities;
use super::places::ReadOnly;
use crate::account::{AccountRow, LawClass, Outcome};
use crate::translate::{Translated, Written};
use crate::vendor_path::same;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Elements that change the meaning of what stands beside them; they are refused, never dropped
/// (`isModifier` of R4, <https://hl7.org/fhir/R4/conformance-rules.html#isModifier>).
pub(crate) const MODIFIERS: &[&str] = &[
    "status",
    "clinicalStatus",
    "verificationStatus",
    "lifecycleStatus",
    "doNotPerform",
    "modifierExtension",
    "implicitRules",
    "intent",
    "active",
    "asNeededBoolean",
    "asNeededCodeableConcept",
    "statusReason",
    "deceasedBoolean",
    "deceasedDateTime",
    "link",
    "actuality",
    "wasNotGiven",
];

/// Elements of which no part may be lost without refusing: doses, routes and what an allergy is to.
const SAFETY: &[&str] = &[
    "dosageInstruction",
    "dosage",
    "doseAndRate",
    "route",
    "medicationCodeableConcept",
    "medicationReference",
    "substance",
    "maxDosePerPeriod",
];

/// Whether an element is how a medicine is to be taken, or was given.
pub(crate) fn is_dosage(expression: &str) -> bool {
    let last = expression.rsplit('.').next().unwrap_or_default();
    matches!(last.split('[').next(), Some("dosageInstruction" | "dosage"))
}

/// By what elements of a list are told apart, where they are not equal.
const TELLING: &[&str] = &["id", "system", "url", "use", "linkId", "code", "reference"];

/// What the run inwards told of the Bundle.
pub struct Told<'t> {
    /// Resources that no rule makes.
    pub unmatched: &'t [String],
    /// Places whose values could not be taken, with the reason.
    pub refused: &'t [(String, String)],
    /// What was read by rules that write nothing out.
    pub read: &'t [ReadOnly],
    /// Resources that the previous record does not make, by their places.
    pub fresh: &'t HashSet<String>,
    /// What the resources of the Bundle become.
    pub identities: &'t Identities,
    /// The vendor's new record.
    pub payload: &'t Value,
    /// The rules.
    pub plan: &'t crate::plan::Plan,
}

/// One row for each leaf of the Bundle.
pub fn account(bundle: &Value, again: &Translated, told: &Told<'_>, issues: &mut Vec<Issue>) -> Vec<AccountRow> {
    let unmatched = told.unmatched;
    let made = again.items.iter().enumerate().flat_map(|(item, made)| {
        made.resources.iter().enumerate().map(move |(at, resource)| {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
            ((super::type_of(resource), id), (item, at))
        })
    });
    let mut comparison =
        Comparison { again, by_id: made.collect(), told, issues, rows: Vec::new(), dose_words: HashSet::new() };
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        comparison.resource(bundle, String::new(), unmatched.iter().any(String::is_empty));
        return comparison.rows;
    }
    for (name, value) in bundle.as_object().into_iter().flatten() {
        let mut pointer = String::new();
        push_token(&mut pointer, name);
        match (name.as_str(), value) {
            ("entry", Value::Array(entries)) if !entries.is_empty() => {
                for (index, entry) in entries.iter().enumerate() {
                    let mut at = pointer.clone();
                    push_index(&mut at, index);
                    let Some(members) = entry.as_object().filter(|members| !members.is_empty()) else {
                        comparison.whole(entry, &at, Outcome::Dropped, "this entry has no resource");
                        continue;
                    };
                    for (name, value) in members {
                        let mut below = at.clone();
                        push_token(&mut below, name);
                        if name == "resource" {
                            let unknown = unmatched.contains(&below);
                            comparison.resource(value, below, unknown);
                        } else {
                            comparison.whole(value, &below, Outcome::Dropped, "the Bundle's own envelope");
                        }
                    }
                }
            }
            _ => comparison.whole(value, &pointer, Outcome::Dropped, "the Bundle's own envelope"),
        }
    }
    comparison.rows
}

struct Comparison<'c> {
    again: &'c Translated,
    /// Where each resource stands in it, by type and id.
    by_id: HashMap<(&'c str, &'c str), (usize, usize)>,
    told: &'c Told<'c>,
    issues: &'c mut Vec<Issue>,
    rows: Vec<AccountRow>,
    /// Words that alone say how much of a medicine is taken.
    dose_words: HashSet<String>,
}

/// A place in both trees: the twin's value, and the names of both places.
#[derive(Clone)]
struct Spot<'s> {
    twin: Option<&'s Value>,
    pointer: String,
    expression: String,
    twin_expression: String,
}

impl<'s> Spot<'s> {
    fn member(&self, name: &str) -> Spot<'s> {
        let mut pointer = self.pointer.clone();
        push_token(&mut pointer, name);
        Spot {
            twin: self.twin.and_then(|twin| twin.get(name)),
            pointer,
            expression: format!("{}.{name}", self.expression),
            twin_expression: format!("{}.{name}", self.twin_expression),
        }
    }

    fn element(&self, index: usize, twin_at: Option<usize>, others: &'s [Value]) -> Spot<'s> {
        let mut pointer = self.pointer.clone();
        push_index(&mut pointer, index);
        Spot {
            twin: twin_at.and_then(|at| others.get(at)),
            pointer,
            expression: format!("{}[{index}]", self.expression),
            twin_expression: format!("{}[{}]", self.twin_expression, twin_at.unwrap_or(others.len())),
        }
    }
}

/// Whether an expression passes through one of these elements.
fn names_one_of(expression: &str, names: &[&str]) -> bool {
    expression.split(['.', '[']).skip(1).any(|name| names.contains(&name))
}

/// Says how far an NHS number was traced. UK Core's extension of an identifier.
const TRACED: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";

/// Whether this says how far somebody else traced an NHS number which the record sends with another status: care systems
/// never trace, and a person whom the NHS has traced is no reason to refuse the person.
fn is_anothers_trace(value: &Value, made: Option<&Value>) -> bool {
    let url = |one: &Value| one.get("url").and_then(Value::as_str) == Some(TRACED);
    url(value) && made.is_some_and(|made| url(made) && made != value)
}

/// The same resource as the new record makes it.
struct Twin<'c> {
    /// The place of the given one in the Bundle.
    pointer: String,
    resource: &'c Value,
    written: &'c [Written],
}

impl<'c> Comparison<'c> {
    fn resource(&mut self, resource: &Value, pointer: String, unmatched: bool) {
        let kind = super::type_of(resource).to_string();
        if super::is_own(self.told.plan, &kind) {
            return self.whole(resource, &pointer, Outcome::Dropped, "the gateway's own record of what it did");
        }
        if unmatched {
            return self.whole(resource, &pointer, Outcome::Refused, super::NO_RULE);
        }
        let Some(twin) = self.twin(resource, &pointer) else {
            self.issues.push(
                Issue::error(
                    IssueCode::BusinessRule,
                    IssueKey::MappingRefused,
                    format!("The vendor's record does not make this {kind} again."),
                )
                .with_pointer(pointer.clone())
                .with_expression(kind)
                .with_hint(
                    "what the payload lacks or has wrong stands in the other errors of this call; `--account` says what became of each value",
                ),
            );
            return self.whole(
                resource,
                &pointer,
                Outcome::Refused,
                "the vendor's record does not make this resource again",
            );
        };
        let whole = Spot {
            twin: Some(twin.resource),
            pointer: pointer.clone(),
            expression: kind.clone(),
            twin_expression: kind,
        };
        self.gone_from_resource(resource, &whole, &twin);
        for (name, value) in resource.as_object().into_iter().flatten() {
            let mut below = pointer.clone();
            push_token(&mut below, name);
            match name.as_str() {
                "meta" => self.meta(value, twin.resource.get("meta"), &below),
                "text" => self.whole(value, &below, Outcome::Dropped, "the narrative is made from the rest"),
                "id" if twin.resource.get("id") != Some(value) => {
                    self.whole(value, &below, Outcome::Dropped, "the sender's own id; the vendor's key makes another");
                }
                _ => self.value(value, &whole.member(name), &twin),
            }
        }
    }

    fn gone_from_resource(&mut self, resource: &Value, whole: &Spot<'_>, twin: &Twin<'_>) {
        let mut made = twin.resource.clone();
        if let Value::Object(made) = &mut made {
            // The server's own, and a new resource may have no id yet.
            made.shift_remove("meta");
            made.shift_remove("id");
        }
        self.missing(resource, &Spot { twin: Some(&made), ..whole.clone() }, twin);
    }

    /// By id, else by the rule and key that make it, else by identifier: a server may have given it an id of its own.
    fn twin(&self, resource: &Value, pointer: &str) -> Option<Twin<'c>> {
        let again: &'c Translated = self.again;
        let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
        let by_id = self.by_id.get(&(super::type_of(resource), id)).copied();
        let becomes = self.told.identities.of(pointer).and_then(|name| name.split_once('/'));
        let by_id = by_id.or_else(|| self.by_id.get(&becomes?).copied());
        let (item, at) = by_id.or_else(|| {
            let wanted = identifier(resource)?;
            let same = |one: &Value| super::type_of(one) == super::type_of(resource) && identifier(one) == Some(wanted);
            again.items.iter().enumerate().find_map(|(item, made)| Some((item, made.resources.iter().position(same)?)))
        })?;
        Some(Twin {
            pointer: pointer.to_string(),
            resource: again.items.get(item)?.resources.get(at)?,
            written: again.written.get(item)?.get(at)?,
        })
    }

    fn meta(&mut self, meta: &Value, twin: Option<&Value>, pointer: &str) {
        for (name, value) in meta.as_object().into_iter().flatten() {
            let mut below = pointer.to_string();
            push_token(&mut below, name);
            let equal = twin.and_then(|twin| twin.get(name)) == Some(value);
            if equal {
                self.whole(value, &below, Outcome::Matched, "");
            } else {
                self.whole(value, &below, Outcome::Dropped, "metadata of the server");
            }
        }
    }

    /// What the vendor's record still makes though FHIR no longer has it: taken away in FHIR, and not in the record.
    fn missing(&mut self, value: &Value, spot: &Spot<'_>, around: &Twin<'_>) {
        let (Value::Object(map), Some(Value::Object(made))) = (value, spot.twin) else { return };
        // The words beside a code say nothing that the code does not say.
        let told_by_code =
            ["code", "system"].iter().all(|name| map.get(*name) == made.get(*name)) && map.contains_key("code");
        for name in made.keys().filter(|name| !map.contains_key(*name)) {
            if name == "display" && told_by_code {
                continue;
            }
            let below = spot.member(name);
            let source = written_at(around.written, &below.twin_expression)
                .or_else(|| around.written.iter().find(|one| one.expression.starts_with(&below.twin_expression)));
            let derived = source.is_some_and(|one| one.class == LawClass::Derive);
            let matters = names_one_of(&below.expression, MODIFIERS) || names_one_of(&below.expression, SAFETY);
            let is_new = self.told.fresh.contains(&around.pointer);
            // What the vendor's system understands of the words stands beside the same words.
            let understood =
                is_dosage(&spot.expression) && map.contains_key("text") && map.get("text") == made.get("text");
            let said = understood || made.get(name).is_some_and(|value| !adds_meaning(name, value, map));
            let adds = !(is_new && said);
            let issue = if matters && !derived && adds {
                let text = "FHIR no longer has this element, and the vendor's record cannot be without it.";
                Issue::error(IssueCode::NotSupported, IssueKey::MappingRefused, text)
            } else if is_new {
                let text = "FHIR does not have this element; the vendor's new record says it too.";
                Issue::warning(IssueCode::Invariant, IssueKey::MappingInconsistent, text)
            } else {
                let text = "FHIR no longer has this element; the vendor's record still makes it.";
                Issue::warning(IssueCode::Invariant, IssueKey::MappingInconsistent, text)
            };
            let issue = issue.with_pointer(spot.pointer.clone()).with_expression(below.expression);
            self.issues.push(match source {
                Some(source) => issue.with_rule(&source.origin.rule),
                None => issue,
            });
        }
    }

    fn value(&mut self, value: &Value, spot: &Spot<'_>, around: &Twin<'_>) {
        if is_anothers_trace(value, spot.twin) {
            let text = "How far its sender traced this NHS number has no place in the vendor's format; it is not sent.";
            let issue = Issue::warning(IssueCode::Incomplete, IssueKey::MappingNoPlace, text);
            self.issues.push(issue.with_pointer(spot.pointer.clone()).with_expression(spot.expression.clone()));
            let reason = "a trace is its tracer's word; the vendor's record does not hold it";
            return self.whole(value, &spot.pointer, Outcome::Dropped, reason);
        }
        self.missing(value, spot, around);
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    let below = spot.member(name);
                    if name == "text" && is_dosage(&spot.expression) && !map.contains_key("doseAndRate") {
                        self.dose_words.insert(below.pointer.clone());
                    }
                    if name == "reference" && self.is_named_beside(map, spot, &below) {
                        let reason = "the sender's own address; the identifier beside it says what is meant";
                        self.whole(child, &below.pointer, Outcome::Dropped, reason);
                    } else if name == "asNeededBoolean" && *child == true && says_what_for(spot) {
                        let reason = "the record says what it is needed for too";
                        self.whole(child, &below.pointer, Outcome::Derived, reason);
                    } else if name == "identifier" && self.is_anothers_key(map, spot) {
                        let reason = "the sender's own key; the reference beside it says what is meant";
                        self.whole(child, &below.pointer, Outcome::Dropped, reason);
                    } else {
                        self.value(child, &below, around);
                    }
                }
            }
            Value::Array(list) if !list.is_empty() => {
                let others = spot.twin.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                for (index, (child, at)) in list.iter().zip(aligned(list, others)).enumerate() {
                    self.value(child, &spot.element(index, at, others), around);
                }
            }
            leaf => self.leaf(leaf, spot, around),
        }
    }

    /// Whether a reference leads out of the Bundle to another server's resource, and the identifier beside it is the one
    /// that the vendor's record makes.
    fn is_named_beside(&self, map: &serde_json::Map<String, Value>, spot: &Spot<'_>, reference: &Spot<'_>) -> bool {
        let made = spot.twin.and_then(|twin| twin.get("identifier"));
        let told = |name: &str| Some((map.get("identifier")?.get(name)?, made?.get(name)?));
        let is_same = |name: &str| told(name).is_some_and(|(given, made)| given == made);
        let given = map.get("reference").and_then(Value::as_str);
        let becomes = given.zip(reference.twin.and_then(Value::as_str));
        let leads_here = becomes.is_some_and(|(given, made)| given == made || self.told.identities.knows(given, made));
        !leads_here && is_same("system") && is_same("value")
    }

    /// Whether a reference leads to the same resource as the vendor's record has it, and the identifier beside it is of
    /// another sender's.
    fn is_anothers_key(&self, map: &serde_json::Map<String, Value>, spot: &Spot<'_>) -> bool {
        let texts =
            map.get("reference").and_then(Value::as_str).zip(spot.twin.and_then(|twin| twin["reference"].as_str()));
        let leads_here =
            texts.is_some_and(|(given, made)| given == made || self.told.identities.lead_to_the_same(given, made));
        let system = |one: Option<&Value>| one.and_then(|one| one["identifier"]["system"].as_str().map(str::to_owned));
        let given = map.get("identifier").and_then(|one| one["system"].as_str());
        leads_here && given.is_some() && system(spot.twin).as_deref() != given
    }

    fn leaf(&mut self, leaf: &Value, spot: &Spot<'_>, around: &Twin<'_>) {
        let Spot { twin, pointer, expression, twin_expression } = spot;
        let resource = &around.pointer;
        let source = written_at(around.written, twin_expression);
        let (rule, class) = (source.map(|one| one.origin.rule.clone()), source.map(|one| one.class));
        let vendor_place = source.map(|one| one.origin.pointer.clone());
        let equal = twin.is_some_and(|twin| {
            let texts = leaf.as_str().zip(twin.as_str());
            let refers = expression.ends_with(".reference") || expression.ends_with("attachment.url");
            let same_text = |(given, made)| {
                same_instant(given, made) || (refers && self.told.identities.lead_to_the_same(given, made))
            };
            same(leaf, twin) || texts.is_some_and(same_text)
        });
        if !equal && let Some((read, place)) = self.read(resource, expression) {
            self.rows.push(AccountRow {
                pointer: pointer.to_string(),
                outcome: Outcome::Mapped,
                rule: Some(read),
                class: Some(LawClass::Lens),
                expression: Some(place),
                reason: Some("taken into the record, which does not send it out again".to_string()),
                source: None,
            });
            return;
        }
        let modifier = names_one_of(expression, MODIFIERS);
        let of_safety = names_one_of(expression, SAFETY);
        let (outcome, reason) = match (equal, class) {
            (true, None | Some(LawClass::Const)) => (Outcome::Matched, None),
            (true, Some(LawClass::Derive)) => (Outcome::Derived, None),
            (true, Some(LawClass::Collapse)) => (Outcome::Collapsed, None),
            (true, _) => (Outcome::Mapped, None),
            // What denies a modifier says nothing that the rest does not; of a record in use it is the other way round.
            (false, None) if modifier && *leaf == Value::Bool(expression.ends_with(".active")) => {
                (Outcome::Dropped, Some(format!("{leaf} says nothing here that is not so without it")))
            }
            (false, Some(LawClass::Derive)) if self.dose_words.contains(pointer) => (
                Outcome::Refused,
                Some("these words alone say the dose, and the vendor's record says another".to_string()),
            ),
            (false, Some(LawClass::Derive)) if !modifier && (twin.is_some() || source.is_some()) => {
                (Outcome::Inconsistent, Some("differs from the values it is derived from".to_string()))
            }
            (false, _) if modifier => (
                Outcome::Refused,
                Some("the vendor's format cannot hold this, and it changes the meaning of the rest".to_string()),
            ),
            (false, Some(_)) => {
                let told = self.told.refused.iter().find(|(place, _)| place == resource).map(|(_, why)| why.clone());
                (Outcome::Refused, Some(told.unwrap_or_else(|| "the vendor's format cannot hold this value".into())))
            }
            (false, None) if of_safety => {
                (Outcome::Refused, Some("the vendor's format cannot hold this, and nobody may miss it".to_string()))
            }
            (false, None) => (Outcome::Dropped, Some("no place in the vendor's format".to_string())),
        };
        let told_already = self.told.refused.iter().any(|(place, _)| place == resource) && outcome == Outcome::Refused;
        let issue = match outcome {
            Outcome::Inconsistent => Some(Issue::warning(
                IssueCode::Invariant,
                IssueKey::MappingInconsistent,
                "A derived value differs from the values it is derived from; the vendor's values stand.",
            )),
            Outcome::Refused if !told_already => Some(Issue::error(
                IssueCode::NotSupported,
                IssueKey::MappingRefused,
                "The vendor's format cannot hold this value, so the update is not whole.",
            )),
            Outcome::Dropped => Some(Issue::warning(
                IssueCode::Incomplete,
                IssueKey::MappingNoPlace,
                "The vendor's format has no place for this value; it is not sent.",
            )),
            _ => None,
        };
        if let Some(issue) = issue {
            let issue = issue.with_pointer(pointer.clone()).with_expression(expression.clone());
            self.issues.push(match &rule {
                Some(rule) => issue.with_rule(rule.clone()),
                None => issue,
            });
        }
        self.rows.push(AccountRow {
            pointer: pointer.to_string(),
            outcome,
            rule,
            class,
            expression: vendor_place,
            reason,
            source: None,
        });
    }

    /// The rule that only reads this element, and where in the vendor's record its value stands now.
    fn read(&self, resource: &str, expression: &str) -> Option<(Arc<str>, String)> {
        let found = self.told.read.iter().find(|one| {
            one.resource == resource
                && expression
                    .strip_prefix(one.expression.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })?;
        let stands = super::tree::get(self.told.payload, &found.place) == Some(&found.value);
        stands.then(|| (found.rule.clone(), super::tree::pointer_of(&found.place)))
    }

    /// All leaves of a value with one outcome.
    fn whole(&mut self, value: &Value, pointer: &str, outcome: Outcome, reason: &str) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    let mut below = pointer.to_string();
                    push_token(&mut below, name);
                    self.whole(child, &below, outcome, reason);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, child) in list.iter().enumerate() {
                    let mut below = pointer.to_string();
                    push_index(&mut below, index);
                    self.whole(child, &below, outcome, reason);
                }
            }
            _ => self.rows.push(AccountRow {
                pointer: pointer.to_string(),
                outcome,
                rule: None,
                class: None,
                expression: None,
                reason: (!reason.is_empty()).then(|| reason.to_string()),
                source: None,
            }),
        }
    }
}

/// Whether the twin says of a medicine that is given when required what it is required for.
fn says_what_for(spot: &Spot<'_>) -> bool {
    spot.twin.is_some_and(|twin| twin.get("asNeededCodeableConcept").is_some())
}

/// Whether an element that a new record says more than FHIR did may change what the rest means: an extension never does, nor
/// do words that stand beside it already.
fn adds_meaning(name: &str, value: &Value, beside: &serde_json::Map<String, Value>) -> bool {
    match value {
        _ if name == "extension" => false,
        Value::Object(members) => members.iter().any(|(name, value)| adds_meaning(name, value, beside)),
        Value::String(words) => !beside.values().any(|one| one.as_str() == Some(words)),
        _ => true,
    }
}

fn identifier(resource: &Value) -> Option<&Value> {
    resource.get("identifier").filter(|value| value.as_array().is_none_or(|list| !list.is_empty()))
}

/// For each element the place of its twin: an equal one, else one told by the same sign, else the one in its place.
fn aligned(list: &[Value], others: &[Value]) -> Vec<Option<usize>> {
    let mut taken = vec![false; others.len()];
    let mut out = vec![None; list.len()];
    let mut claim = |out: &mut Vec<Option<usize>>, fits: &dyn Fn(usize, usize) -> bool| {
        for (index, place) in out.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
            if let Some(at) = (0..others.len()).find(|at| !taken[*at] && fits(index, *at)) {
                taken[at] = true;
                *place = Some(at);
            }
        }
    };
    claim(&mut out, &|index, at| list[index] == others[at]);
    claim(&mut out, &|index, at| {
        let mut signs = TELLING.iter().filter(|name| list[index].get(**name).is_some()).peekable();
        signs.peek().is_some() && signs.all(|name| list[index].get(*name) == others[at].get(*name))
    });
    claim(&mut out, &|index, at| index == at);
    out
}

/// The rule that wrote an element, or what contains it.
fn written_at<'w>(written: &'w [Written], expression: &str) -> Option<&'w Written> {
    written
        .iter()
        .filter(|one| {
            expression
                .strip_prefix(one.expression.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
        .max_by_key(|one| one.expression.len())
}
