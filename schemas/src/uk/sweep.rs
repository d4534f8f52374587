//! Goes once through a resource for the rules about things that may stand anywhere: identifiers, codes, extensions.

use super::place::Place;
use super::report::Report;
use super::{Rule, Rules};
use super::{
    identifier_system, nhs_number, nhs_number_verification, ods_code, original_term, professional_number,
    retired_extension, sctid,
};
use serde_json::{Map, Value};

/// What a rule may want to know of an object; found in one pass over its members.
#[derive(Default)]
struct Seen<'a> {
    system: Option<&'a str>,
    value: Option<&'a str>,
    code: Option<&'a Value>,
    url: Option<&'a str>,
    has_coding: bool,
    has_text: bool,
    has_extension: bool,
}

/// Calls the rules at every object of the resource; contained resources and those of a Bundle are judged by themselves.
pub fn resource<'a>(rules: Rules, members: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    object(rules, &Place::resource(), members, report);
}

fn object<'a>(rules: Rules, place: &Place<'_, 'a>, members: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let mut seen = Seen::default();
    for (name, value) in members {
        match value {
            Value::String(text) => match name.as_str() {
                "system" => seen.system = Some(text),
                "value" => seen.value = Some(text),
                "code" => seen.code = Some(value),
                "url" => seen.url = Some(text),
                "text" => seen.has_text = !text.trim().is_empty(),
                _ => {}
            },
            Value::Object(inner) if !is_resource(name, inner) => object(rules, &place.member(name), inner, report),
            Value::Array(items) => {
                match name.as_str() {
                    "coding" => seen.has_coding = true,
                    "extension" => seen.has_extension = true,
                    _ => {}
                }
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(inner) = item
                        && !is_resource(name, inner)
                    {
                        object(rules, &place.item(name, index), inner, report);
                    }
                }
            }
            Value::Number(_) if name == "code" => seen.code = Some(value),
            _ => {}
        }
    }
    seen.judge(rules, place, members, report);
}

/// Only these members hold resources; of `resource` some (`Consent.provision.data`) hold something else.
fn is_resource(name: &str, members: &Map<String, Value>) -> bool {
    matches!(name, "contained" | "resource" | "outcome") && members.contains_key("resourceType")
}

impl<'a> Seen<'a> {
    fn judge(&self, rules: Rules, place: &Place<'_, 'a>, members: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if let Some(system) = self.system {
            let meant = identifier_system::meant(system);
            if rules.has(Rule::IdentifierSystem) {
                identifier_system::check(&meant, &place.member("system"), report);
            }
            let known = meant.known();
            if let Some(value) = self.value {
                identifier(rules, known, value, place, report);
            }
            if self.has_extension && known == Some(nhs_number::SYSTEM) && rules.has(Rule::NhsNumberVerification) {
                nhs_number_verification::check(members, place, report);
            }
            if let Some(code) = self.code
                && rules.has(Rule::Sctid)
            {
                sctid::check(known, code, &place.member("code"), report);
            }
        }
        if self.has_coding && !self.has_text && rules.has(Rule::OriginalTerm) {
            original_term::check(members, place, report);
        }
        if let Some(url) = self.url
            && rules.has(Rule::RetiredExtension)
            && matches!(place.name(), "extension" | "modifierExtension")
        {
            retired_extension::check(url, &place.member("url"), report);
        }
    }
}

fn identifier<'a>(
    rules: Rules,
    system: Option<&'static str>,
    value: &str,
    place: &Place<'_, 'a>,
    report: &mut Report<'_, 'a>,
) {
    let Some(system) = system else { return };
    let place = place.member("value");
    if rules.has(Rule::NhsNumber) {
        nhs_number::check(system, value, &place, report);
    }
    if rules.has(Rule::OdsCode) {
        ods_code::check(system, value, &place, report);
    }
    if rules.has(Rule::ProfessionalNumber) {
        professional_number::check(system, value, &place, report);
    }
}
