//! `mapping explain`: which rules carry a vendor's value or a FHIR element, which way, when, and what is lost.

use super::rules::{Rule, Section, of_plan};
use super::suggest::compact;
use crate::diagnostic::did_you_mean;
use crate::registry::Vendor;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What was asked, and the rules that answer.
#[derive(Debug)]
pub struct Explanation {
    /// The question.
    pub query: String,
    /// Vendor places it names, as patterns of pointers, with their message.
    pub places: Vec<(String, String)>,
    /// The rules, in the order of the files.
    pub rules: Vec<Rule>,
    /// Where nothing answers: what may have been meant.
    pub hint: Option<String>,
}

/// Explains a vendor path (`client.dob`, `dob`, `/data/0/dob`) or a FHIR element (`Patient.birthDate`, `birthDate`).
pub fn explain(vendor: &Vendor, query: &str) -> Explanation {
    let query = query.trim();
    let mut out = Explanation { query: query.into(), places: Vec::new(), rules: Vec::new(), hint: None };
    let asked = segments_of_vendor(query);
    let element = elements(query);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for message in vendor.messages.values() {
        let rules = of_plan(message.plan());
        let mut patterns: BTreeSet<String> = message.plan().shape.leaves().into_iter().collect();
        patterns.extend(rules.iter().flat_map(|rule| &rule.vendor).map(|source| source.pattern.clone()));
        let variables: Vec<(&str, &str)> =
            message.plan().items.iter().map(|item| (item.name.as_str(), item.pattern.as_str())).collect();
        let wanted = expanded(&asked, &variables);
        let mut here: Vec<String> = patterns
            .iter()
            .filter(|pattern| pattern.starts_with('/') && ends_with(&segments(pattern), &wanted))
            .cloned()
            .collect();
        // A place that has the whole of the query in one of its branches is asked for by that branch.
        here.sort_by_key(String::len);
        names.extend(patterns.iter().filter_map(|pattern| segments(pattern).pop()));
        names.extend(rules.iter().filter_map(|rule| rule.fhir.clone()).map(|fhir| without_brackets(&fhir)));
        for rule in rules {
            let by_vendor = rule.vendor.iter().any(|source| {
                here.iter().any(|place| covers(&source.pattern, place) || covers(place, &source.pattern))
            });
            let by_element =
                !element.is_empty() && rule.fhir.as_deref().is_some_and(|fhir| fits(&elements(fhir), &element));
            if by_element || (by_vendor && !wanted.is_empty()) {
                out.rules.push(rule);
            }
        }
        out.places.extend(here.into_iter().map(|place| (message.name.clone(), place)));
    }
    if out.rules.is_empty() {
        out.hint = hint(query, &names);
    }
    out
}

fn hint(query: &str, names: &BTreeSet<String>) -> Option<String> {
    let last = query.rsplit(['.', '/']).next().unwrap_or(query);
    let whole = did_you_mean(query, names.iter().map(String::as_str));
    let by_last = || {
        let lasts: Vec<(&str, &String)> =
            names.iter().map(|name| (name.rsplit('.').next().unwrap_or(name), name)).collect();
        let same = lasts
            .iter()
            .find(|(one, _)| compact(one) == compact(last))
            .map(|(_, name)| format!("did you mean `{name}`?"));
        same.or_else(|| did_you_mean(last, lasts.iter().map(|(one, _)| *one)))
    };
    whole.or_else(by_last)
}

/// The member names of a pattern or a query, elements left out.
fn segments(pattern: &str) -> Vec<String> {
    pattern
        .split('/')
        .skip(1)
        .filter(|token| *token != "*" && !token.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn segments_of_vendor(query: &str) -> Vec<String> {
    if query.starts_with('/') {
        return segments(query);
    }
    let mut out = Vec::new();
    let mut rest = query;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("['") {
            let (name, after) = inner.split_once("']").unwrap_or((inner, ""));
            out.push(name.to_string());
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('[') {
            rest = inner.split_once(']').map_or("", |(_, after)| after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if !name.is_empty() && name != "*" {
                out.push(name.to_string());
            }
            rest = after;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    out
}

/// An item's variable in front stands for the item's place.
fn expanded(asked: &[String], variables: &[(&str, &str)]) -> Vec<String> {
    match asked.split_first() {
        Some((first, rest)) if !rest.is_empty() => match variables.iter().find(|(name, _)| name == first) {
            Some((_, pattern)) => segments(pattern).into_iter().chain(rest.iter().cloned()).collect(),
            None => asked.to_vec(),
        },
        _ => asked.to_vec(),
    }
}

fn ends_with(whole: &[String], end: &[String]) -> bool {
    !end.is_empty() && whole.len() >= end.len() && whole.iter().rev().zip(end.iter().rev()).all(|(a, b)| a == b)
}

fn covers(pattern: &str, place: &str) -> bool {
    place.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The element names of a FHIR path, without brackets.
fn elements(path: &str) -> Vec<String> {
    without_brackets(path).split('.').filter(|part| !part.is_empty()).map(str::to_string).collect()
}

fn without_brackets(path: &str) -> String {
    let mut depth = 0usize;
    path.chars()
        .filter(|c| match c {
            '[' => {
                depth += 1;
                false
            }
            ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// Whether a rule's element is the one asked for, lies in it, or holds it: with the type in front from the start, else anywhere.
fn fits(rule: &[String], asked: &[String]) -> bool {
    let typed = asked.first().is_some_and(|first| first.starts_with(|c: char| c.is_ascii_uppercase()));
    if typed {
        let shorter = rule.len().min(asked.len());
        let same = rule.iter().zip(asked).all(|(a, b)| a == b || choice(a, b));
        // What holds the element must be more than the resource as a whole.
        return same && (shorter > 1 || asked.len() == 1);
    }
    let below = rule.get(1..).unwrap_or_default();
    below.windows(asked.len()).any(|window| window.iter().zip(asked).all(|(a, b)| a == b || choice(a, b)))
}

/// `value` asks for `valueString`, `valueQuantity`...
fn choice(member: &str, asked: &str) -> bool {
    asked.len() > 3
        && ["value", "effective", "medication", "onset", "deceased", "multipleBirth", "performed", "occurrence"]
            .contains(&asked)
        && member.strip_prefix(asked).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

impl Explanation {
    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if self.rules.is_empty() {
            let _ = write!(out, "no rule speaks of `{}`", self.query);
            match (&self.hint, self.places.first()) {
                (_, Some((message, place))) => {
                    let _ = write!(
                        out,
                        "; the source schema of `{message}` has it at {place}, and it is refused when it arrives"
                    );
                }
                (Some(hint), None) => {
                    let _ = write!(out, "; {hint}");
                }
                (None, None) => {
                    out.push_str("; ask for a path of the payload (client.dob) or an element (Patient.birthDate)")
                }
            }
            out.push('\n');
            return out;
        }
        for rule in &self.rules {
            write_rule(&mut out, rule);
        }
        out
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let places: Vec<Value> =
            self.places.iter().map(|(message, place)| json!({"message": message, "pattern": place})).collect();
        let rules: Vec<Value> = self.rules.iter().map(Rule::to_json).collect();
        json!({"query": self.query, "places": places, "rules": rules, "hint": self.hint})
    }
}

fn write_rule(out: &mut String, rule: &Rule) {
    let vendor: Vec<String> =
        rule.vendor.iter().map(|source| format!("{} ({})", source.path, source.pattern)).collect();
    let vendor = vendor.join(" + ");
    let arrow = match rule.direction() {
        "both ways" => "<->",
        "in" => "<-",
        _ => "->",
    };
    let owner = if rule.owner.is_empty() { rule.message.clone() } else { format!("{}.{}", rule.message, rule.owner) };
    let _ = match (rule.section, &rule.fhir) {
        (Section::Guard, _) => writeln!(out, "{owner}: {vendor} decides whether a rule applies"),
        (Section::Key, _) => writeln!(out, "{owner}: {vendor} is the key of the item"),
        (Section::Revision, _) => writeln!(out, "{owner}: {vendor} is the version of the item"),
        (Section::Const, Some(fhir)) => writeln!(out, "{owner}: {fhir} is always {}", rule.how),
        (Section::Keep | Section::Drop | Section::Secret, _) => {
            writeln!(out, "{owner}: {vendor} is set aside ({})", rule.section.word())
        }
        (_, Some(fhir)) => writeln!(out, "{owner}: {vendor} {arrow} {fhir}"),
        (_, None) => writeln!(out, "{owner}: {vendor}"),
    };
    let said = matches!(rule.section, Section::Guard | Section::Key | Section::Revision);
    if !said {
        let _ =
            writeln!(out, "  {}, {}, class {}: {}", rule.section.word(), rule.direction(), rule.class.code(), rule.how);
    } else if !rule.how.is_empty() {
        let _ = writeln!(out, "  {}", rule.how);
    }
    for guard in rule.when.iter().filter(|guard| !guard.is_empty()) {
        let _ = writeln!(out, "  when {guard}");
    }
    if !said {
        for (way, lost) in [("out", rule.lost_out()), ("in", rule.lost_in())] {
            if let Some(lost) = lost {
                let _ = writeln!(out, "  lost {way}: {lost}");
            }
        }
    }
    if !rule.place.is_empty() {
        let _ = writeln!(out, "  --> {}", rule.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn asked(query: &str) -> Explanation {
        let registry = Registry::load(&[]).expect("the built-in plugins load");
        explain(registry.vendor("homecare-rest").expect("built in"), query)
    }

    #[test]
    fn a_vendor_value_is_explained_by_path_by_name_and_by_pointer() {
        for query in ["client.date_of_birth", "date_of_birth", "/data/0/date_of_birth", "data[0].date_of_birth"] {
            let found = asked(query);
            let pair = found.rules.iter().find(|rule| rule.section == Section::Pair).expect(query);
            assert_eq!(pair.fhir.as_deref(), Some("Patient.birthDate"), "{query}");
            assert_eq!(pair.how, "as: date");
            assert!(pair.place.contains("clients/map.yaml:"), "{}", pair.place);
        }
    }

    #[test]
    fn an_element_is_explained_with_or_without_its_type() {
        for query in ["Patient.birthDate", "birthDate"] {
            let found = asked(query);
            assert!(found.rules.iter().any(|rule| rule.vendor[0].path == "client.date_of_birth"), "{query}");
            assert!(found.rules.iter().all(|rule| rule.fhir.as_deref() == Some("Patient.birthDate")), "{query}");
        }
        let given = asked("Patient.name.given");
        assert!(given.rules.iter().any(|rule| rule.vendor.iter().any(|one| one.path == "client.first_name")));
    }

    #[test]
    fn what_is_set_aside_says_why_and_what_covers_a_value_answers_for_it() {
        let found = asked("client.access.key_safe_code");
        assert!(found.text().contains("opens a door"), "{}", found.text());
        let found = asked("client.branch.id");
        assert!(found.rules.iter().any(|rule| rule.section == Section::Keep), "{}", found.text());
    }

    #[test]
    fn a_misspelt_question_gets_a_suggestion() {
        assert!(
            asked("date_of_brith").text().contains("did you mean `date_of_birth`?"),
            "{}",
            asked("date_of_brith").text()
        );
        assert!(
            asked("Patient.birthdate").text().contains("Patient.birthDate"),
            "{}",
            asked("Patient.birthdate").text()
        );
    }
}
