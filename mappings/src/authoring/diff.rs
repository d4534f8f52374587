//! `mapping diff`: two states of a plugin compared: rules, law classes, ids, and above all what can be lost.

use super::rules::{Rule, Section, of_plan};
use crate::check::{CheckReport, Loss};
use crate::registry::Vendor;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A possible loss: direction, message, place, how.
type LossKey = (&'static str, String, String, String);

/// What of a plugin is compared.
#[derive(Debug, Default)]
pub struct State {
    /// The vendor's id, on which all ids hang; empty where it is not known.
    vendor: String,
    /// What each rule does, by where it stands between the two sides.
    rules: BTreeMap<String, Told>,
    /// What ids are made of, by `message.rule`.
    ids: BTreeMap<String, String>,
    /// Possible losses, with the reason.
    losses: BTreeMap<LossKey, String>,
    /// Whether rules and ids are known; a certificate may hold losses only.
    has_rules: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    class: String,
    how: String,
    direction: String,
    when: String,
    place: String,
}

impl State {
    /// Of a plugin that compiles, and what the checker found of it.
    pub fn of(vendor: &Vendor, report: &CheckReport) -> State {
        let mut out = State { vendor: vendor.id.clone(), has_rules: true, ..State::default() };
        for message in vendor.messages.values() {
            for rule in of_plan(message.plan()) {
                out.rule(&rule);
            }
            for resource in &message.plan().resources {
                let values: Vec<String> = resource.id.iter().map(|path| path.text.clone()).collect();
                out.ids.insert(resource.seed.clone(), format!("{} of [{}]", resource.resource_type, values.join(", ")));
            }
        }
        out.losses = losses(&report.losses_out, &report.losses_in);
        if out.losses.is_empty() {
            out.losses = set_aside(vendor);
        }
        out
    }

    /// Of a certificate: `certificate.json` of a plugin. `None` where it is none.
    pub fn of_certificate(certificate: &Value) -> Option<State> {
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_string();
        let mut out = State::default();
        for (message, said) in certificate.get("messages")?.as_object()? {
            for (way, word) in [("out", "losses-out"), ("in", "losses-in")] {
                for one in said[word].as_array().into_iter().flatten() {
                    let key = (way, message.clone(), text(one, "place"), text(one, "how"));
                    out.losses.insert(key, text(one, "reason"));
                }
            }
        }
        Some(out)
    }

    fn rule(&mut self, rule: &Rule) {
        if matches!(rule.section, Section::Guard | Section::Id) {
            return;
        }
        let vendor: Vec<&str> = rule.vendor.iter().map(|source| source.pattern.as_str()).collect();
        let mut key = format!("{}.{} {}: {}", rule.message, rule.owner, rule.section.word(), vendor.join(" + "));
        if let Some(fhir) = &rule.fhir {
            let _ = write!(key, "{}{fhir}", if vendor.is_empty() { "" } else { " <-> " });
        }
        // The same pair may stand in several groups.
        let mut name = key.clone();
        let mut twin = 1;
        while self.rules.contains_key(&name) {
            twin += 1;
            name = format!("{key} ({twin})");
        }
        let told = Told {
            class: rule.class.code().into(),
            how: rule.how.clone(),
            direction: rule.direction().into(),
            when: rule.when.join("; "),
            place: rule.place.to_string(),
        };
        self.rules.insert(name, told);
    }
}

/// What the maps set aside themselves, where nobody listed more.
fn set_aside(vendor: &Vendor) -> BTreeMap<LossKey, String> {
    let rules = vendor.messages.values().flat_map(|message| of_plan(message.plan()));
    let how = |rule: &Rule| match rule.section {
        Section::Keep => Some("kept"),
        Section::Drop => Some("dropped"),
        Section::Secret => Some("secret"),
        _ => None,
    };
    rules
        .filter_map(|rule| {
            let place = rule.vendor.first()?.pattern.clone();
            Some((("out", rule.message.clone(), place, how(&rule)?.to_string()), rule.how))
        })
        .collect()
}

fn losses(outward: &[Loss], inward: &[Loss]) -> BTreeMap<LossKey, String> {
    let of = |way: &'static str, all: &[Loss]| -> Vec<(LossKey, String)> {
        all.iter()
            .map(|one| ((way, one.message.clone(), one.place.clone(), one.how.to_string()), one.reason.clone()))
            .collect()
    };
    of("out", outward).into_iter().chain(of("in", inward)).collect()
}

/// What differs.
#[derive(Debug, Default)]
pub struct Difference {
    /// Rules that are new.
    pub added: Vec<String>,
    /// Rules that are gone.
    pub removed: Vec<String>,
    /// Rules that do otherwise, with what.
    pub changed: Vec<(String, Vec<String>)>,
    /// Ids that would change, each with why.
    pub ids: Vec<String>,
    /// What can be lost now and could not before.
    pub new_losses: Vec<(LossKey, String)>,
    /// What could be lost before and cannot now.
    pub mended: Vec<(LossKey, String)>,
    /// Whether rules were compared at all.
    pub rules_compared: bool,
}

/// Compares two states.
pub fn diff(old: &State, new: &State) -> Difference {
    let mut out = Difference { rules_compared: old.has_rules && new.has_rules, ..Difference::default() };
    if out.rules_compared {
        rules(old, new, &mut out);
        ids(old, new, &mut out);
    }
    let known: BTreeSet<&LossKey> = old.losses.keys().collect();
    let now: BTreeSet<&LossKey> = new.losses.keys().collect();
    let told = |state: &State, key: &LossKey| (key.clone(), state.losses.get(key).cloned().unwrap_or_default());
    out.new_losses = now.difference(&known).map(|key| told(new, key)).collect();
    out.mended = known.difference(&now).map(|key| told(old, key)).collect();
    out
}

fn rules(old: &State, new: &State, out: &mut Difference) {
    for (name, told) in &new.rules {
        match old.rules.get(name) {
            None => out.added.push(format!("{name}  [{}, {}] {}", told.class, told.how, told.place)),
            Some(before) => {
                let changes: Vec<String> = [
                    ("class", &before.class, &told.class),
                    ("carried", &before.how, &told.how),
                    ("direction", &before.direction, &told.direction),
                    ("when", &before.when, &told.when),
                ]
                .into_iter()
                .filter(|(_, before, now)| before != now)
                .map(|(what, before, now)| format!("{what}: {} -> {}", nothing(before), nothing(now)))
                .collect();
                if !changes.is_empty() {
                    out.changed.push((name.clone(), changes));
                }
            }
        }
    }
    let gone = old.rules.iter().filter(|(name, _)| !new.rules.contains_key(*name));
    out.removed = gone.map(|(name, told)| format!("{name}  [{}, {}]", told.class, told.how)).collect();
}

fn nothing(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

fn ids(old: &State, new: &State, out: &mut Difference) {
    if old.vendor != new.vendor {
        out.ids.push(format!("the vendor's id is `{}` and was `{}`: every id changes", new.vendor, old.vendor));
    }
    for (seed, made) in &old.ids {
        match new.ids.get(seed) {
            Some(now) if now == made => {}
            Some(now) => out.ids.push(format!("`{seed}`: {made} -> {now}: the ids of its resources change")),
            None => {
                let same = new.ids.iter().find(|(other, now)| *now == made && !old.ids.contains_key(*other));
                out.ids.push(match same {
                    Some((other, _)) => format!("`{seed}` is now called `{other}`: the ids of its resources change"),
                    None => format!("`{seed}` ({made}) is gone: its resources are no longer made"),
                });
            }
        }
    }
}

impl Difference {
    /// Whether somebody must look before this goes live: a new possible loss, or ids that change.
    pub fn is_grave(&self) -> bool {
        !self.new_losses.is_empty() || !self.ids.is_empty()
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        !self.is_grave()
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.mended.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let _ = writeln!(out, "{title}:");
                lines.iter().for_each(|line| {
                    let _ = writeln!(out, "  {line}");
                });
            }
        };
        let loss = |((way, message, place, how), reason): &(LossKey, String)| {
            let way = if *way == "out" { "to FHIR" } else { "back" };
            format!("{way}: {message} {place}: {how}: {reason}")
        };
        section("New possible losses", self.new_losses.iter().map(loss).collect());
        section("Ids that change", self.ids.clone());
        section("No longer lost", self.mended.iter().map(loss).collect());
        section("Rules added", self.added.clone());
        section("Rules removed", self.removed.clone());
        let changed = self.changed.iter().map(|(name, changes)| format!("{name}: {}", changes.join(", "))).collect();
        section("Rules changed", changed);
        if !self.rules_compared {
            out.push_str("A certificate lists losses only; compare folders to see rules and ids.\n");
        }
        if self.is_empty() {
            out.push_str("Nothing differs.\n");
        }
        out
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let losses = |all: &[(LossKey, String)]| -> Vec<Value> {
            all.iter()
                .map(|((way, message, place, how), reason)| {
                    json!({"direction": way, "message": message, "place": place, "how": how, "reason": reason})
                })
                .collect()
        };
        let changed: Vec<Value> =
            self.changed.iter().map(|(rule, changes)| json!({"rule": rule, "changes": changes})).collect();
        json!({
            "new_losses": losses(&self.new_losses),
            "ids_changed": self.ids,
            "no_longer_lost": losses(&self.mended),
            "rules_added": self.added,
            "rules_removed": self.removed,
            "rules_changed": changed,
            "rules_compared": self.rules_compared,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check_plugin;
    use crate::plugin_files::Folder;
    use std::sync::Arc;

    const MAP: &str = "message: people
resources:
  patient:
    type: Patient
    id: [id]
    slices: { \"identifier[own]\": { system: \"https://acme.example/id\" }, \"name[official]\": { use: official } }
    pairs:
      id: identifier[own].value
      surname: name[official].family
      born: { to: birthDate, as: date }
";

    fn state(map: &str) -> State {
        let schema = json!({"type": "object", "required": ["id"], "properties":
            {"id": {"type": "string"}, "surname": {"type": "string"}, "born": {"type": "string", "format": "date"}}});
        let files = [
            ("vendor.yaml", "id: acme\ntitle: A\nversion: 1.0.0\nmessages: [people]\n".to_string()),
            ("people/map.yaml", map.to_string()),
            ("people/source.schema.json", schema.to_string()),
        ];
        let held = files.into_iter().map(|(path, text)| (path.to_string(), text.into_bytes())).collect();
        let folder = Folder::Held(Arc::new(held));
        let report = check_plugin("acme", &folder);
        let vendor = Vendor::load("acme", &folder).unwrap_or_else(|found| panic!("{}", found.join("\n")));
        State::of(&vendor, &report)
    }

    #[test]
    fn a_plugin_does_not_differ_from_itself() {
        let found = diff(&state(MAP), &state(MAP));
        assert!(found.is_empty(), "{}", found.text());
    }

    #[test]
    fn a_value_that_is_no_longer_sent_is_a_new_loss() {
        let kept = MAP.replace("      born: { to: birthDate, as: date }\n", "    keep: { born: \"not needed\" }\n");
        let found = diff(&state(MAP), &state(&kept));
        assert!(found.is_grave());
        assert!(
            found.new_losses.iter().any(|((way, _, place, _), _)| *way == "out" && place == "born"),
            "{}",
            found.text()
        );
        assert!(found.removed.iter().any(|rule| rule.contains("Patient.birthDate")), "{}", found.text());
        let back = diff(&state(&kept), &state(MAP));
        assert!(!back.mended.is_empty() && back.ids.is_empty(), "{}", back.text());
    }

    #[test]
    fn ids_that_change_are_said() {
        for (from, to, said) in [
            ("id: [id]", "id: [id, surname]", "the ids of its resources change"),
            ("  patient:\n", "  person:\n", "is now called `people.person`"),
        ] {
            let found = diff(&state(MAP), &state(&MAP.replacen(from, to, 1)));
            assert!(found.is_grave() && found.ids.iter().any(|line| line.contains(said)), "{}", found.text());
        }
    }

    #[test]
    fn a_rule_that_does_otherwise_is_said_with_both_ways() {
        let found = diff(&state(MAP), &state(&MAP.replace("as: date }", "as: date, only: out }")));
        let changed = found.changed.iter().find(|(rule, _)| rule.contains("birthDate")).expect("changed");
        assert!(changed.1.contains(&"class: iso -> derive".to_string()), "{changed:?}");
    }

    #[test]
    fn the_losses_of_a_certificate_can_be_compared() {
        let certificate =
            json!({"messages": {"people": {"losses-out": [{"place": "/gone", "how": "kept", "reason": "r"}]}}});
        let old = State::of_certificate(&certificate).expect("a certificate");
        let found = diff(&old, &state(MAP));
        assert!(found.mended.iter().any(|((_, _, place, _), _)| place == "/gone"));
        assert!(!found.rules_compared);
    }
}
