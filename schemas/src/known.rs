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
    /// Profiles that implementation guides ask of every resource of a type.
    global_profiles: Vec<(String, String)>,
    /// Other published resources (Questionnaire, Measure, SearchParameter, ...).
    published: Vec<Value>,
    /// Their places by canonical URL, with and without version.
    by_canonical: HashMap<String, usize>,
}

impl Known {
    /// R4 and UK Core.
    pub fn built_in() -> Known {
        Known {
            types: Definitions::r4(),
            profiles: Profiles::built_in(),
            terminology: Terminology::built_in(),
            global_profiles: Vec::new(),
            published: Vec::new(),
            by_canonical: HashMap::new(),
        }
    }

    /// R4's types and nothing else, for tables of small rules: it is made in no time.
    #[cfg(test)]
    pub(crate) fn types_alone() -> Known {
        Known {
            global_profiles: Vec::new(),
            types: Definitions::r4(),
            profiles: Profiles::default(),
            terminology: Terminology::default(),
            published: Vec::new(),
            by_canonical: HashMap::new(),
        }
    }

    /// Adds a conformance resource where its kind belongs.
    pub fn add(&mut self, resource: Value) {
        match resource.get("resourceType").and_then(Value::as_str) {
            Some("StructureDefinition") => self.profiles.add(resource),
            Some("ValueSet" | "CodeSystem" | "NamingSystem") => self.terminology.add(resource),
            Some("ImplementationGuide") => {
                self.ask_of_all(&resource);
                self.publish(resource);
            }
            _ => self.publish(resource),
        }
    }

    /// Remembers what an implementation guide asks of every resource of a type (`ImplementationGuide.global`).
    fn ask_of_all(&mut self, guide: &Value) {
        for asked in guide.get("global").and_then(Value::as_array).into_iter().flatten() {
            let text = |name| asked.get(name).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(profile)) = (text("type"), text("profile")) {
                self.global_profiles.push((name, profile));
            }
        }
    }

    /// The profiles that loaded implementation guides ask of every resource of a type.
    pub fn global_profiles(&self, type_name: &str) -> impl Iterator<Item = &str> {
        self.global_profiles.iter().filter(move |(name, _)| name == type_name).map(|(_, profile)| &**profile)
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
        let place = self.published.len();
        if let Some(version) = resource.get("version").and_then(Value::as_str) {
            self.by_canonical.insert(format!("{url}|{version}"), place);
        }
        self.by_canonical.insert(url, place);
        self.published.push(resource);
    }

    /// A published resource by canonical URL, with or without `|version`; without, the one added last.
    /// StructureDefinitions, ValueSets and CodeSystems are asked for at `profiles` and `terminology`.
    pub fn published(&self, canonical: &str) -> Option<&Value> {
        self.published.get(*self.by_canonical.get(canonical)?)
    }
}
