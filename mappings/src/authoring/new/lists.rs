//! Lists of a payload that have a home in FHIR: allergies, medicines, measurements, conditions, telephones, contacts.

use super::super::infer::Seen;
use super::super::suggest::{self, Kind, Meaning, meaning};
use super::super::yaml;
use super::draft::{Draft, Rule, basic, rest, step};
use super::person::{TIMES, carrier, plain, with};

/// What a kind of list becomes.
struct Home {
    name: &'static str,
    resource_type: &'static str,
    comment: &'static str,
    subject: &'static str,
    constants: &'static [(&'static str, &'static str)],
    slices: &'static [(&'static str, &'static str)],
}

fn home(kind: Kind) -> Option<Home> {
    Some(match kind {
        Kind::Allergies => Home {
            name: "allergy",
            resource_type: "AllergyIntolerance",
            comment: "One allergy. Lines that deny allergies (\"none known\") need a rule of their own: see the cookbook.",
            subject: "patient",
            constants: &[
                (
                    "clinicalStatus.coding[0].system",
                    "\"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical\"",
                ),
                ("clinicalStatus.coding[0].code", "active"),
                (
                    "verificationStatus.coding[0].system",
                    "\"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification\"",
                ),
                ("verificationStatus.coding[0].code", "unconfirmed"),
            ],
            slices: &[("code.coding[sct]", "{ system: \"http://snomed.info/sct\" }")],
        },
        Kind::Medicines => Home {
            name: "medicine",
            resource_type: "MedicationStatement",
            comment: "A medicine that somebody takes. `status` is to be decided: a table of your own codes is best.",
            subject: "subject",
            constants: &[("status", "unknown")],
            slices: &[("medicationCodeableConcept.coding[dmd]", "{ system: \"https://dmd.nhs.uk\" }")],
        },
        Kind::Observations => Home {
            name: "observation",
            resource_type: "Observation",
            comment: "Something measured or observed. A code (LOINC, SNOMED CT) beside the text helps others to use it.",
            subject: "subject",
            constants: &[("status", "final")],
            slices: &[],
        },
        Kind::Conditions => Home {
            name: "condition",
            resource_type: "Condition",
            comment: "A diagnosis or problem as it is recorded.",
            subject: "subject",
            constants: &[],
            slices: &[("code.coding[sct]", "{ system: \"http://snomed.info/sct\" }")],
        },
        Kind::Visits => Home {
            name: "visit",
            resource_type: "Encounter",
            comment: "A visit. `status` is to be decided: a table of your own codes is best.",
            subject: "subject",
            constants: &[
                ("status", "unknown"),
                ("class.system", "\"http://terminology.hl7.org/CodeSystem/v3-ActCode\""),
                ("class.code", "HH"),
                ("class.display", "home health"),
            ],
            slices: &[],
        },
        Kind::Phones | Kind::Contacts => return None,
    })
}

/// The lists of a person.
pub fn of_person(draft: &mut Draft, seen: &Seen, around: &str, each: &[String], taken: &mut Vec<String>) {
    lists_in(draft, seen, around, each, taken, 0);
}

fn lists_in(draft: &mut Draft, seen: &Seen, around: &str, each: &[String], taken: &mut Vec<String>, depth: usize) {
    for (name, _, member) in &seen.members {
        let path = step(around, name);
        if member.is_object() && depth < 2 && !member.names_are_data() && !suggest::is_of_others(name) {
            lists_in(draft, member, &path, each, taken, depth + 1);
            continue;
        }
        let (Some(kind), Some(element)) = (suggest::kind(name), member.element.as_deref()) else { continue };
        if taken.contains(&path) {
            continue;
        }
        let of_texts = element.is_text();
        match (kind, of_texts) {
            (Kind::Phones | Kind::Contacts, true) => {}
            (Kind::Phones | Kind::Contacts, false) if member.rows().is_some() => {
                if let Some(rule) = draft.resources.first_mut() {
                    in_patient(rule, kind, element, &path, taken);
                }
            }
            (kind, of_texts) if of_texts || member.rows().is_some() => {
                resource(draft, kind, element, &path, each, taken);
            }
            _ => {}
        }
    }
}

/// A list of plain telephones or of people to ring, inside the Patient.
fn in_patient(rule: &mut Rule, kind: Kind, element: &Seen, path: &str, taken: &mut Vec<String>) {
    let variable = if kind == Kind::Phones { "phone" } else { "contact" };
    let (mut pairs, mut slices, mut inner_taken) = (Vec::new(), Vec::new(), Vec::new());
    let mut used = Vec::new();
    for (name, _, member) in element.members.iter().filter(|(_, _, member)| member.is_text()) {
        let from = step(variable, name);
        let own = suggest::compact(name);
        let number =
            kind == Kind::Phones && matches!(own.as_str(), "number" | "no" | "value" | "phone" | "telephone" | "tel");
        let target = match meaning(name, &[], member) {
            _ if number => Some(("value", Meaning::Phone)),
            Some(Meaning::Name | Meaning::FullName) if kind == Kind::Contacts => Some(("name.text", Meaning::FullName)),
            Some(Meaning::Family) if kind == Kind::Contacts => Some(("name.family", Meaning::Family)),
            Some(Meaning::Phone) if kind == Kind::Contacts => Some(("telecom[phone].value", Meaning::Phone)),
            Some(Meaning::Mobile) if kind == Kind::Contacts => Some(("telecom[mobile].value", Meaning::Mobile)),
            Some(Meaning::Email) if kind == Kind::Contacts => Some(("telecom[email].value", Meaning::Email)),
            Some(Meaning::Relationship) if kind == Kind::Contacts => {
                Some(("relationship[0].text", Meaning::Relationship))
            }
            _ => None,
        };
        let Some((target, one)) = target.filter(|(_, one)| !used.contains(one)) else { continue };
        used.push(one);
        match target {
            "telecom[phone].value" => slices.push("telecom[phone]: { system: phone, use: home }"),
            "telecom[mobile].value" => slices.push("telecom[mobile]: { system: phone, use: mobile }"),
            "telecom[email].value" => slices.push("telecom[email]: { system: email }"),
            _ => {}
        }
        pairs.push(format!("          {}: {}", yaml::key(&from), yaml::scalar(target)));
        inner_taken.push(from);
    }
    if pairs.is_empty() {
        return;
    }
    let to = if kind == Kind::Phones { "telecom" } else { "contact" };
    let mut lines =
        vec![format!("      - each: {}", yaml::scalar(&format!("{path} as {variable}"))), format!("        to: {to}")];
    if kind == Kind::Phones {
        lines.push("        const: { system: phone }".into());
    }
    if !slices.is_empty() {
        lines.push("        slices:".into());
        lines.extend(slices.into_iter().map(|slice| format!("          {slice}")));
    }
    lines.push("        pairs:".into());
    lines.extend(pairs);
    let open = rest(element, variable, &inner_taken);
    if !open.is_empty() {
        lines.push("        keep:".into());
        lines.extend(open.iter().map(|path| format!("          {}: {}", yaml::key(path), super::UNDECIDED)));
    }
    rule.lists.push((path.to_string(), lines));
    taken.push(path.to_string());
}

/// A list that becomes resources of their own, about the Patient.
fn resource(draft: &mut Draft, kind: Kind, element: &Seen, path: &str, each: &[String], taken: &mut Vec<String>) {
    let Some(home) = home(kind) else { return };
    if draft.resources.iter().any(|rule| rule.name == home.name) {
        return;
    }
    let variable = home.name;
    let mut steps = each.to_vec();
    steps.push(format!("{path} as {variable}"));
    let mut rule = Rule { each: steps, ..fresh(&home) };
    let person: Vec<String> = draft.resources.first().map(|rule| rule.id.clone()).unwrap_or_default();
    rule.id.extend(person.clone());
    let reference = format!(
        "{{ rule: patient, key: [{}] }}",
        person.iter().map(|one| yaml::scalar(one)).collect::<Vec<_>>().join(", ")
    );
    rule.refs.push((home.subject, reference));
    let mut inner = Vec::new();
    if element.is_text() {
        let to = name_of(kind);
        rule.pairs.push((variable.to_string(), plain(to)));
        rule.id.push(variable.to_string());
        rule.slices.clear();
    } else {
        let list = path.rsplit('.').next().unwrap_or(path);
        fill(&mut rule, kind, element, variable, list, &mut inner);
        if rule.pairs.is_empty() {
            return;
        }
        rule.keep = rest(element, variable, &inner);
    }
    taken.push(path.to_string());
    draft.resources.push(rule);
}

/// A payload whose items are not people: their resource stands alone, about a person known by the vendor's key.
pub fn alone(
    draft: &mut Draft,
    (root, seen): (&Seen, &Seen),
    around: &str,
    each: &[String],
    key: Option<&str>,
    kind: Option<Kind>,
    taken: &mut Vec<String>,
) {
    let key_path = key.map(|key| step(around, key));
    let home = kind.and_then(home);
    let mut rule = match &home {
        Some(home) => Rule { each: each.to_vec(), ..fresh(home) },
        None => basic(each.to_vec(), None),
    };
    rule.id = key_path.iter().cloned().collect();
    if let (Some(home), Some(kind)) = (&home, kind) {
        let mut inner = Vec::new();
        fill(&mut rule, kind, seen, around, "", &mut inner);
        taken.extend(inner);
        let person_key = |(name, _, member): &&(String, usize, Seen)| suggest::is_person_key(name) && member.is_plain();
        let own = seen.members.iter().find(person_key).map(|found| (found, around));
        // One list of one person names the person beside the list.
        let above = || root.members.iter().find(person_key).map(|found| (found, ""));
        if let Some(((name, _, member), around)) = own.or_else(above) {
            let path = step(around, name);
            let subject = home.subject;
            rule.key(
                &path,
                Some(member),
                if subject == "patient" { "patient.identifier.value" } else { "subject.identifier.value" },
            );
            let system = if subject == "patient" { "patient.identifier.system" } else { "subject.identifier.system" };
            rule.constants.push((system, "$own/person"));
            taken.push(path);
        }
    }
    if let Some(path) = key_path.filter(|path| !taken.contains(path)) {
        let slice = format!("{{ system: $own/{} }}", rule.name);
        rule.slices.push(("identifier[own]".into(), slice));
        rule.key(&path, key.and_then(|key| seen.member(key)), "identifier[own].value");
        taken.push(path);
    }
    if rule.id.is_empty() {
        // The author will know a better one, and is told so where there are several.
        rule.id.extend(likely_key(seen, around));
        if !each.is_empty() {
            rule.warning = rule.id.first().map(|path| {
                format!("No key was found: two entries with the same `{path}` would become one. Put what tells them apart under `id`.")
            });
        }
    }
    draft.resources.push(rule);
}

fn fresh(home: &Home) -> Rule {
    Rule {
        name: home.name.into(),
        resource_type: home.resource_type,
        comment: home.comment,
        constants: home.constants.to_vec(),
        slices: home.slices.iter().map(|(path, constants)| ((*path).to_string(), (*constants).to_string())).collect(),
        ..Rule::default()
    }
}

/// Where the name of a thing goes.
fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Medicines => "medicationCodeableConcept.text",
        Kind::Visits => "type[0].text",
        _ => "code.text",
    }
}

/// The fields of a row.
fn fill(rule: &mut Rule, kind: Kind, element: &Seen, variable: &str, list: &str, taken: &mut Vec<String>) {
    let key = element.members.iter().find(|(name, _, member)| {
        suggest::is_key(name, list) && element.always_has(name) && member.is_plain() && member.nulls == 0
    });
    if let Some((name, _, member)) = key.filter(|_| !list.is_empty()) {
        let path = step(variable, name);
        rule.id.push(path.clone());
        rule.slices.push(("identifier[own]".into(), format!("{{ system: $own/{} }}", rule.name)));
        rule.key(&path, Some(member), "identifier[own].value");
        taken.push(path);
    }
    let mut used = Vec::new();
    for (name, _, member) in &element.members {
        let path = step(variable, name);
        let Some(one) = meaning(name, &[], member) else { continue };
        if taken.contains(&path) || used.contains(&one) || !member.is_plain() {
            continue;
        }
        let Some(target) = target(kind, one, member) else { continue };
        used.push(one);
        rule.pairs.push((path.clone(), target));
        taken.push(path);
    }
    if list.is_empty() {
        return;
    }
    if key.is_none() {
        // Without a key what is named tells rows apart; the compiler will not take a rule without an id.
        let by = rule.pairs.iter().find(|(_, to)| to == &plain(name_of(kind))).or_else(|| rule.pairs.first());
        rule.id.extend(by.map(|(from, _)| from.clone()));
    }
    let coded = rule.pairs.iter().any(|(_, to)| to.contains("coding["));
    rule.slices.retain(|(path, _)| coded || !path.contains("coding["));
}

fn target(kind: Kind, one: Meaning, seen: &Seen) -> Option<String> {
    let text = seen.is_text();
    let number = !text && seen.integers + seen.decimals > 0 && seen.booleans == 0 && seen.texts == 0;
    let time = |to: &str| text.then(|| carrier(seen, TIMES)).flatten().map(|function| with(to, function));
    match (kind, one) {
        (_, Meaning::Name) if text => Some(plain(name_of(kind))),
        (Kind::Allergies, Meaning::Reaction) if text => Some(plain("reaction[0].manifestation[0].text")),
        (Kind::Allergies, Meaning::When | Meaning::Start) => time("onsetDateTime"),
        (Kind::Allergies | Kind::Conditions, Meaning::MedicineCode) if text => {
            carrier(seen, &["sct-id"]).map(|function| with("code.coding[sct].code", function))
        }
        (Kind::Medicines, Meaning::MedicineCode) if text => {
            carrier(seen, &["sct-id"]).map(|function| with("medicationCodeableConcept.coding[dmd].code", function))
        }
        (Kind::Medicines, Meaning::DoseText) if text => Some(plain("dosage[0].text")),
        (Kind::Medicines, Meaning::Route) if text => Some(plain("dosage[0].route.text")),
        (Kind::Medicines, Meaning::Start) => time("effectivePeriod.start"),
        (Kind::Medicines, Meaning::End) => time("effectivePeriod.end"),
        (Kind::Conditions, Meaning::When | Meaning::Start) => time("onsetDateTime"),
        (Kind::Visits, Meaning::Start) => time("period.start"),
        (Kind::Visits, Meaning::End) => time("period.end"),
        (Kind::Observations, Meaning::When) => time("effectiveDateTime"),
        (Kind::Observations, Meaning::Value) if number => Some(plain("valueQuantity.value")),
        (Kind::Observations, Meaning::Value) if text => Some(plain("valueString")),
        (Kind::Observations, Meaning::Unit) if text => Some(plain("valueQuantity.unit")),
        (Kind::Medicines | Kind::Allergies | Kind::Observations | Kind::Conditions, Meaning::Note) if text => {
            Some(plain("note[0].text"))
        }
        _ => None,
    }
}

/// A value that may tell a payload from others: the control id of HL7 v2, or the first plain value that every one has.
fn likely_key(seen: &Seen, around: &str) -> Option<String> {
    if let Some(header) = seen.member("MSH").filter(|header| header.always_has("10")) {
        return header.member("10").filter(|id| id.is_plain()).map(|_| step(&step(around, "MSH"), "10"));
    }
    let always = || seen.members.iter().filter(|(name, ..)| seen.always_has(name));
    let plain = always().find(|(_, _, member)| member.is_plain()).map(|(name, ..)| step(around, name));
    let within = || always().find_map(|(name, _, member)| likely_key(member, &step(around, name)));
    plain.or_else(within).or_else(|| seen.members.first().map(|(name, ..)| step(around, name)))
}
