//! What a rule may ask beyond the resource before it: types, profiles, code systems and other published definitions.

use crate::definition::Definitions;
use crate::definition::profiles::Profiles;
use crate::package::Package;
use crate::terminology::Terminology;
use serde_json::Value;
use std::collections::HashMap;

/// Everything known before a resource is judged.
#[derive(Debug)]
pub struct Known {
    /// The types of R4.
    pub types: &'static Definitions,
    /// Profiles and extensions.
    pub profiles: Profiles,
    /// Value sets and code systems.
    pub terminology: Terminology,
    /// Other published resources (Questionnaire, Measure, SearchParameter, ...).
    published: Vec<Value>,
    /// Their places by canonical URL, with and without version.
    by_canonical: HashMap<String, usize>,
    /// Profiles that an ImplementationGuide asks of all resources of a type, by that type.
    global_profiles: HashMap<String, Vec<String>>,
}

impl Known {
    /// R4 and UK Core.
    pub fn built_in() -> Known {
        Known {
            types: Definitions::r4(),
            profiles: Profiles::built_in(),
            terminology: Terminology::built_in(),
            published: Vec::new(),
            by_canonical: HashMap::new(),
            global_profiles: HashMap::new(),
        }
    }

    /// R4's types and nothing else, for tables of small rules: it is made in no time.
    #[cfg(test)]
    pub(crate) fn types_alone() -> Known {
        Known {
            types: Definitions::r4(),
            profiles: Profiles::default(),
            terminology: Terminology::default(),
            published: Vec::new(),
            by_canonical: HashMap::new(),
            global_profiles: HashMap::new(),
        }
    }

    /// Adds a conformance resource where its kind belongs.
    pub fn add(&mut self, resource: Value) {
        match resource.get("resourceType").and_then(Value::as_str) {
            Some("StructureDefinition") => self.profiles.add(resource),
            Some("ValueSet" | "CodeSystem" | "NamingSystem") => self.terminology.add(resource),
            _ => self.publish(resource),
        }
    }

    /// Adds all definitions of a package; whatever else it holds is passed over.
    pub fn with_package(&mut self, package: Package) {
        for loaded in package.resources {
            self.add(loaded.value);
        }
    }

    fn publish(&mut self, resource: Value) {
        let Some(url) = resource.get("url").and_then(Value::as_str).map(str::to_owned) else {
            return;
        };
        if resource.get("resourceType").and_then(Value::as_str) == Some("ImplementationGuide") {
            self.take_global_profiles(&resource);
        }
        let place = self.published.len();
        if let Some(version) = resource.get("version").and_then(Value::as_str) {
            self.by_canonical.insert(format!("{url}|{version}"), place);
        }
        self.by_canonical.insert(url, place);
        self.published.push(resource);
    }

    fn take_global_profiles(&mut self, guide: &Value) {
        for global in guide.get("global").and_then(Value::as_array).into_iter().flatten() {
            let text = |name| global.get(name).and_then(Value::as_str).map(str::to_owned);
            if let (Some(type_name), Some(profile)) = (text("type"), text("profile")) {
                let profiles = self.global_profiles.entry(type_name).or_default();
                if !profiles.contains(&profile) {
                    profiles.push(profile);
                }
            }
        }
    }

    /// The profiles that ImplementationGuides ask of all resources of a type (`ImplementationGuide.global`).
    pub fn global_profiles(&self, type_name: &str) -> &[String] {
        self.global_profiles.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// The resource type of a definition at hand, by canonical URL with or without `|version`.
    pub fn kind_of(&self, canonical: &str) -> Option<&str> {
        let url = canonical.split('|').next().unwrap_or(canonical);
        let published = self.published(url).and_then(|one| one.get("resourceType")).and_then(Value::as_str);
        published.or_else(|| self.terminology.kind_of(url)).or_else(|| {
            let is_profile = Profiles::is_base_type_url(url) || self.profiles.get(url).is_some();
            is_profile.then_some("StructureDefinition")
        })
    }

    /// A published resource by canonical URL, with or without `|version`; without, the one added last.
    /// StructureDefinitions, ValueSets and CodeSystems are asked for at `profiles` and `terminology`.
    pub fn published(&self, canonical: &str) -> Option<&Value> {
        self.published.get(*self.by_canonical.get(canonical)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_guide_asks_for_its_global_profiles() {
        let mut known = Known::types_alone();
        let profile = "https://host.example/StructureDefinition/p";
        let guide = json!({"resourceType": "ImplementationGuide", "url": "https://host.example/ImplementationGuide/g",
            "global": [{"type": "Patient", "profile": profile}, {"type": "Patient", "profile": profile}]});
        known.add(guide);
        assert_eq!(known.global_profiles("Patient"), [profile]);
        assert!(known.global_profiles("Group").is_empty());
    }
}
