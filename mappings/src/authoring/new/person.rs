//! The person of a payload: name, date of birth, NHS number, address, telephones, GP.

use super::super::infer::Seen;
use super::super::suggest::{self, Meaning, meaning};
use super::draft::{Draft, Rule, step};
use crate::compile::{Tables, Workbench};
use crate::diagnostic::{Reporter, Span};
use serde_json::Value;
use std::collections::BTreeMap;

/// A plain value of a place: path, name, meaning.
#[derive(Debug)]
pub struct Field<'s> {
    /// The vendor path.
    pub path: String,
    /// What it means, where that is known.
    pub meaning: Option<Meaning>,
    /// What was seen there.
    pub seen: &'s Seen,
}

/// The plain values of an object and of the objects in it, those of other people left out.
pub fn fields<'s>(seen: &'s Seen, around: &str) -> Vec<Field<'s>> {
    let mut out = Vec::new();
    gather(seen, around, &mut Vec::new(), &mut out);
    out
}

fn gather<'s>(seen: &'s Seen, around: &str, above: &mut Vec<&'s str>, out: &mut Vec<Field<'s>>) {
    for (name, _, member) in &seen.members {
        let path = step(around, name);
        if member.is_object() && !member.names_are_data() {
            if above.len() < 3 && !suggest::is_of_others(name) {
                above.push(name);
                gather(member, &path, above, out);
                above.pop();
            }
        } else if member.is_plain() {
            out.push(Field { path, meaning: meaning(name, above, member), seen: member });
        } else if member.objects == 0 && member.element.as_ref().is_some_and(|one| one.is_text()) {
            // Forenames one by one are what FHIR has; any other list says nothing by its name alone.
            let given = meaning(name, above, member).filter(|one| *one == Meaning::Given);
            out.extend(given.map(|given| Field { path, meaning: Some(given), seen: member }));
        }
    }
}

/// How much a place looks like a person.
pub fn score(seen: &Seen) -> usize {
    use Meaning::*;
    let found = fields(seen, "");
    let strong = [NhsNumber, Family, Given, FullName, BirthDate, Gender];
    strong.iter().filter(|one| found.iter().any(|field| field.meaning == Some(**one))).count()
}

/// The function of a list that carries most of the texts seen at a place, half of them at least.
///
/// A few that it does not carry (a date that stands for "none", a number that fails its check) are kept and warned of.
pub fn carrier(seen: &Seen, names: &[&'static str]) -> Option<&'static str> {
    let (systems, tables, sources) = (BTreeMap::new(), Tables::default(), BTreeMap::new());
    let mut reporter = Reporter::new("");
    let mut bench = Workbench::new(&mut reporter, &systems, &tables, &sources, crate::check::built_in());
    bench.zone = jiff::tz::TimeZone::get("Europe/London").ok();
    let all: Vec<Value> = seen.distinct.iter().map(|text| Value::from(text.as_str())).collect();
    let mut best: Option<(usize, &'static str)> = None;
    for name in names {
        let Some(converter) = bench.function(name, 1, Span::default()) else { continue };
        let carried = all.iter().filter(|one| converter.out(&[Some(one)]).is_ok_and(|out| out.is_some())).count();
        if carried * 2 >= all.len() && carried > best.map_or(0, |(most, _)| most) {
            best = Some((carried, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Functions that make a FHIR date, the plainest first.
pub const DATES: &[&str] = &["date", "midnight-date", "uk-date"];
/// Functions that make a FHIR dateTime, the plainest first.
pub const TIMES: &[&str] = &["date", "instant", "local-time"];

/// A pair's target with a function.
pub fn with(to: &str, function: &str) -> String {
    format!("{{ to: {}, as: {function} }}", super::super::yaml::scalar(to))
}

/// A pair's target as it is.
pub fn plain(to: &str) -> String {
    super::super::yaml::scalar(to)
}

/// What somebody becomes.
pub struct Who {
    rule: &'static str,
    resource_type: &'static str,
    comment: &'static str,
    own: &'static str,
    /// Whether the record has a number and a GP of the person's own.
    is_cared_for: bool,
}

/// Who is cared for.
pub const PATIENT: Who = Who {
    rule: "patient",
    resource_type: "Patient",
    comment: "The person. Everything below is a suggestion made from the names of the fields: read each line.",
    own: "{ system: $own/person }",
    is_cared_for: true,
};

/// Who works there.
pub const STAFF: Who = Who {
    rule: "worker",
    resource_type: "Practitioner",
    comment: "Who works there, by the list's name; were they people who are cared for, the type would be Patient. Read each line.",
    own: "{ system: $own/worker }",
    is_cared_for: false,
};

/// Drafts the Patient or Practitioner; `taken` learns which paths have a place.
pub fn draft(
    draft: &mut Draft,
    seen: &Seen,
    around: &str,
    each: &[String],
    key: Option<&str>,
    taken: &mut Vec<String>,
    who: &Who,
) {
    use Meaning::*;
    let found = fields(seen, around);
    let mut used: Vec<Meaning> = Vec::new();
    let mut rule = Rule {
        name: who.rule.into(),
        resource_type: who.resource_type,
        comment: who.comment,
        each: each.to_vec(),
        ..Rule::default()
    };
    rule.slices.push(("name[official]".into(), "{ use: official }".into()));
    let mut lines: Vec<(u8, String)> = Vec::new();
    if let Some(key) = key {
        let path = step(around, key);
        rule.id.push(path.clone());
        rule.slices.push(("identifier[own]".into(), who.own.into()));
        rule.key(&path, seen.member(key), "identifier[own].value");
        taken.push(path);
    }
    for field in &found {
        let Some(one) = field.meaning else { continue };
        let is_list_of_names = one == Given && field.seen.lists > 0;
        if taken.contains(&field.path) || used.contains(&one) || !(field.seen.is_text() || is_list_of_names) {
            continue;
        }
        if !who.is_cared_for && matches!(one, NhsNumber | GpName | GpCode) {
            continue;
        }
        let target = match one {
            NhsNumber => carrier(field.seen, &["nhs-number"]).map(|function| {
                rule.slices.push(("identifier[nhs]".into(), "{ system: \"https://fhir.nhs.uk/Id/nhs-number\" }".into()));
                rule.slices.push((
                    "identifier[nhs].extension[status]".into(),
                    "{ url: \"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus\" }".into(),
                ));
                // Only a trace against the national register makes a number verified; `02` says that none was made.
                rule.groups.push((
                    format!("{{ {}: {{ fits: nhs-number }} }}", super::super::yaml::key(&field.path)),
                    vec![
                        ("identifier[nhs].extension[status].valueCodeableConcept.coding[0].system", "\"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland\""),
                        ("identifier[nhs].extension[status].valueCodeableConcept.coding[0].code", "\"02\""),
                        ("identifier[nhs].extension[status].valueCodeableConcept.coding[0].display", "Number present but not traced"),
                    ],
                ));
                with("identifier[nhs].value", function)
            }),
            Family => Some(plain("name[official].family")),
            Given if is_list_of_names => Some(plain("name[official].given")),
            Given => Some(with("name[official].given", "words")),
            FullName => Some(plain("name[official].text")),
            Title => Some(plain("name[official].prefix[0]")),
            KnownAs => {
                rule.slices.push(("name[usual]".into(), "{ use: usual }".into()));
                Some(plain("name[usual].given[0]"))
            }
            BirthDate => carrier(field.seen, DATES).map(|function| with("birthDate", function)),
            Gender => {
                draft.genders = genders(field.seen);
                (!draft.genders.is_empty()).then(|| "{ to: gender, table: gender }".to_string())
            }
            Phone | Mobile | Email => {
                let (slice, constants) = match one {
                    Phone => ("phone", "{ system: phone, use: home }"),
                    Mobile => ("mobile", "{ system: phone, use: mobile }"),
                    _ => ("email", "{ system: email }"),
                };
                rule.slices.push((format!("telecom[{slice}]"), constants.into()));
                Some(plain(&format!("telecom[{slice}].value")))
            }
            AddressLine(number) => {
                lines.push((number, field.path.clone()));
                None
            }
            Town => Some(plain("address[0].city")),
            County => Some(plain("address[0].district")),
            Postcode => Some("{ to: \"address[0].postalCode\", as: uk-postcode, else: { to: \"address[0].postalCode\" } }".into()),
            GpName => Some(plain("generalPractitioner[0].display")),
            GpCode => {
                // What is no such code would refuse the person with it.
                rule.groups.push((
                    format!("{{ {}: {{ fits: ods-code }} }}", super::super::yaml::key(&field.path)),
                    vec![("generalPractitioner[0].identifier.system", "\"https://fhir.nhs.uk/Id/ods-organization-code\"")],
                ));
                Some(with("generalPractitioner[0].identifier.value", "ods-code"))
            }
            _ => None,
        };
        if let Some(target) = target {
            used.push(one);
            taken.push(field.path.clone());
            rule.pairs.push((field.path.clone(), target));
        }
    }
    lines.sort();
    lines.dedup_by_key(|(number, _)| *number);
    if !lines.is_empty() {
        let paths: Vec<String> = lines.into_iter().map(|(_, path)| path).collect();
        rule.pairs.push((paths.join(" + "), with("address[0].line", "gather")));
        taken.extend(paths);
    }
    if rule.id.is_empty() {
        // A name alone tells nobody apart: all that is there stands in the id, and whoever reads this is told.
        let of = |one: Meaning| found.iter().find(|field| field.meaning == Some(one)).map(|field| field.path.clone());
        let by: Vec<String> = [Family, Given, FullName, BirthDate, Postcode].into_iter().filter_map(of).collect();
        rule.id.extend(by);
        if rule.id.is_empty() {
            let first = rule.pairs.first().map(|(from, _)| from.split(" + ").next().unwrap_or(from).to_string());
            rule.id.extend(first);
        }
        rule.warning = Some(format!(
            "No key was found: two people with the same {} would become one. Put what tells them apart under `id`.",
            rule.id.join(", ")
        ));
    }
    draft.resources.push(rule);
}

/// The rows of a gender table: the words seen, and those of the same kind that were not.
fn genders(seen: &Seen) -> Vec<(String, &'static str)> {
    let mut rows: Vec<(String, &'static str)> =
        seen.distinct.iter().filter_map(|word| Some((word.clone(), suggest::gender(word)?))).collect();
    if rows.is_empty() {
        return rows;
    }
    let letters = rows.iter().all(|(word, _)| word.len() == 1);
    let more: &[&str] = if letters { &["M", "F"] } else { &["male", "female", "other", "unknown"] };
    for word in more {
        let known = rows.iter().any(|(row, _)| row.eq_ignore_ascii_case(word));
        if let (false, Some(code)) = (known, suggest::gender(word)) {
            rows.push(((*word).to_string(), code));
        }
    }
    rows
}
