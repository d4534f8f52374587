//! Filters of value sets: decided on the codes of a code system that is here, or as far as the filter itself decides them
//! (<https://hl7.org/fhir/R4/valueset.html#filters>).

use super::NotChecked;
use super::certainty::Certainty;
use super::code_list::CodeList;
use super::code_system::{CodeSystem, Concept};
use super::shape;
use super::snomed_constraint::Constraint;
use regex::Regex;
use serde_json::Value;

/// One filter, read.
#[derive(Debug)]
pub(super) struct Filter {
    property: Box<str>,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// The property has one of these values.
    In(CodeList),
    NotIn(CodeList),
    Matches(Regex),
    /// The code, the codes below it, or both.
    Below {
        code: Box<str>,
        with_self: bool,
    },
    /// Neither the code nor one below it.
    NotBelow(Box<str>),
    /// The code and the codes above it.
    Above(Box<str>),
    Exists(bool),
    /// A SNOMED CT expression constraint.
    Constraint(Constraint),
    /// Something that needs a terminology service.
    Opaque,
}

/// Bigger patterns are left to a terminology service, as they cost memory.
const REGEX_BYTES: usize = 1 << 20;

impl Filter {
    /// From a `filter` of a value set.
    pub fn read(filter: &Value) -> Filter {
        let text = |name| filter.get(name).and_then(Value::as_str).unwrap_or("");
        let (property, value) = (text("property"), text("value"));
        let values = || CodeList::new(value.split(',').map(str::trim).filter(|value| !value.is_empty()), false);
        let code = || value.trim().into();
        let test = match text("op") {
            "=" if matches!(property, "constraint" | "expression") => Test::Constraint(Constraint::read(value)),
            // `concept in ^999000531000000100` names the members of a SNOMED CT reference set.
            "in" if value.trim_start().starts_with('^') => Test::Constraint(Constraint::read(value)),
            "=" => Test::In(CodeList::new([value], false)),
            "in" => Test::In(values()),
            "not-in" => Test::NotIn(values()),
            "is-a" => Test::Below { code: code(), with_self: true },
            "descendent-of" => Test::Below { code: code(), with_self: false },
            "is-not-a" => Test::NotBelow(code()),
            "generalizes" => Test::Above(code()),
            "exists" => Test::Exists(value.trim() == "true"),
            "regex" => regex::RegexBuilder::new(&format!("^(?:{value})$"))
                .size_limit(REGEX_BYTES)
                .build()
                .map_or(Test::Opaque, Test::Matches),
            _ => Test::Opaque,
        };
        Filter { property: property.into(), test }
    }

    /// Which codes of a code system pass, in the order of its codes; nothing where its codes cannot tell.
    pub fn select(&self, system: &CodeSystem) -> Option<Vec<bool>> {
        let each = |passes: &dyn Fn(&str, &Concept) -> bool| -> Option<Vec<bool>> {
            Some(system.concepts().map(|(_, code, concept)| passes(code, concept)).collect())
        };
        let reach = |code: &str, upwards| -> Vec<bool> {
            system.find(code).map_or_else(|| vec![false; system.concepts().count()], |at| system.reach(at, upwards))
        };
        let property = &*self.property;
        match &self.test {
            Test::In(values) if matches!(property, "parent" | "child") => {
                each(&|_, concept| neighbours(system, concept, property).any(|code| values.has(code)))
            }
            Test::In(values) => each(&|code, concept| texts(property, code, concept).any(|text| values.has(text))),
            Test::NotIn(values) => each(&|code, concept| !texts(property, code, concept).any(|text| values.has(text))),
            Test::Matches(regex) => {
                each(&|code, concept| texts(property, code, concept).any(|text| regex.is_match(text)))
            }
            Test::Below { code, with_self } => {
                let mut reached = reach(code, false);
                if let (false, Some(at)) = (with_self, system.find(code))
                    && let Some(own) = reached.get_mut(at as usize)
                {
                    *own = false;
                }
                Some(reached)
            }
            Test::NotBelow(code) => Some(reach(code, false).into_iter().map(|reached| !reached).collect()),
            Test::Above(code) => Some(reach(code, true)),
            Test::Exists(wanted) => each(&|code, concept| texts(property, code, concept).next().is_some() == *wanted),
            Test::Constraint(_) | Test::Opaque => None,
        }
    }

    /// Whether a code passes, as far as can be told without the codes of its system.
    pub fn judge(&self, code: &str) -> Certainty {
        let unknown = Certainty::Unknown(NotChecked::RuleNeedsService);
        let is_about_code = matches!(&*self.property, "concept" | "code");
        match &self.test {
            // `canonical = m`: units that measure the same as the metre.
            Test::In(units) if &*self.property == "canonical" => {
                Certainty::known(units.iter().any(|unit| shape::unit::is_comparable(code, unit)))
            }
            Test::In(values) if is_about_code => Certainty::known(values.has(code)),
            Test::NotIn(values) if is_about_code => Certainty::known(!values.has(code)),
            Test::Matches(regex) if is_about_code && !regex.is_match(code) => Certainty::No,
            Test::Below { code: root, with_self } if **root == *code => Certainty::known(*with_self),
            Test::NotBelow(root) if **root == *code => Certainty::No,
            Test::Above(root) if **root == *code => Certainty::Yes,
            Test::Constraint(constraint) => constraint.judge(code),
            _ => unknown,
        }
    }
}

/// The values of a property; the code and its display count as properties.
fn texts<'a>(property: &'a str, code: &'a str, concept: &'a Concept) -> impl Iterator<Item = &'a str> {
    let own = match property {
        "concept" | "code" => Some(code),
        "display" => concept.display.as_deref(),
        _ => None,
    };
    let given = concept.properties.iter().filter(move |(name, _)| **name == *property).map(|(_, value)| &**value);
    // What a system does not call inactive is active.
    let implied = match property {
        "inactive" if !concept.is_inactive => Some("false"),
        "status" if !concept.properties.iter().any(|(name, _)| &**name == "status") => Some("active"),
        _ => None,
    };
    own.into_iter().chain(given).chain(implied)
}

/// The codes right above or below.
fn neighbours<'a>(system: &'a CodeSystem, concept: &'a Concept, which: &str) -> impl Iterator<Item = &'a str> {
    let places = if which == "parent" { &concept.parents } else { &concept.children };
    places.iter().filter_map(|at| system.code(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn colours() -> CodeSystem {
        let colours = json!({"content": "complete", "caseSensitive": true, "concept": [
            {"code": "colour", "concept": [
                {"code": "red", "display": "Red", "property": [{"code": "warm", "valueBoolean": true}],
                 "concept": [{"code": "pink"}]},
                {"code": "blue", "property": [{"code": "warm", "valueBoolean": false}]},
            ]},
            {"code": "old", "property": [{"code": "status", "valueCode": "retired"}]},
        ]});
        CodeSystem::read(&colours, &[])
    }

    fn filter(property: &str, op: &str, value: &str) -> Filter {
        Filter::read(&json!({"property": property, "op": op, "value": value}))
    }

    #[test]
    fn filters_select_the_codes_of_a_system_that_is_here() {
        let system = colours();
        for (property, op, value, expected) in [
            ("concept", "is-a", "red", "red pink"),
            ("concept", "descendent-of", "colour", "red pink blue"),
            ("concept", "is-not-a", "red", "colour blue old"),
            ("concept", "generalizes", "pink", "colour red pink"),
            ("concept", "is-a", "nonsense", ""),
            ("concept", "in", "red, blue", "red blue"),
            ("concept", "not-in", "red,blue", "colour pink old"),
            ("code", "regex", "[a-z]{4}", "pink blue"),
            ("display", "regex", "R.*", "red"),
            ("warm", "=", "true", "red"),
            ("warm", "exists", "true", "red blue"),
            ("warm", "exists", "false", "colour pink old"),
            ("parent", "=", "colour", "red blue"),
            ("child", "=", "pink", "red"),
            ("status", "=", "active", "colour red pink blue"),
        ] {
            let selected = filter(property, op, value).select(&system).expect("decided");
            let codes: Vec<_> =
                system.concepts().filter(|(at, ..)| selected[*at as usize]).map(|(_, c, _)| c).collect();
            assert_eq!(codes.join(" "), expected, "{property} {op} {value}");
        }
        for (op, value) in [("regex", "("), ("nonsense", "x"), ("regex", "(a{1000}){1000}")] {
            assert!(filter("concept", op, value).select(&system).is_none(), "{op} {value}");
        }
    }

    #[test]
    fn a_filter_decides_a_code_alone_where_its_words_name_the_code() {
        let unknown = Certainty::Unknown(NotChecked::RuleNeedsService);
        for (property, op, value, code, expected) in [
            ("concept", "is-a", "a", "a", Certainty::Yes),
            ("concept", "is-a", "a", "b", unknown),
            ("concept", "descendent-of", "a", "a", Certainty::No),
            ("concept", "is-not-a", "a", "a", Certainty::No),
            ("concept", "generalizes", "a", "a", Certainty::Yes),
            ("concept", "in", "a,b", "c", Certainty::No),
            ("concept", "not-in", "a,b", "c", Certainty::Yes),
            ("code", "regex", "[0-9]+", "x", Certainty::No),
            ("code", "regex", "[0-9]+", "1", unknown),
            ("parent", "=", "a", "a", unknown),
            ("canonical", "=", "m", "km", Certainty::Yes),
            ("canonical", "=", "m", "mg", Certainty::No),
            ("canonical", "=", "m", "miles", Certainty::No),
            ("constraint", "=", "73211009 OR 44054006", "44054006", Certainty::Yes),
            ("concept", "in", "^999000531000000100", "44054006", unknown),
        ] {
            assert_eq!(filter(property, op, value).judge(code), expected, "{property} {op} {value} {code}");
        }
    }
}
