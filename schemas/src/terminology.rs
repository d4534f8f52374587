//! Value sets and code systems: whether a code is in them, and an honest word where that cannot be known
//! (<https://hl7.org/fhir/R4/terminologies.html>).

mod canonical;
mod catalogue;
mod certainty;
mod code_list;
mod code_system;
mod display;
mod filter;
mod membership;
mod near_system;
mod service;
mod shape;
mod snomed_constraint;
#[cfg(test)]
mod tests;
mod value_set;

pub use service::{Answer, LoadedRelease, TerminologyService};
pub use shape::{is_media_type, snomed};

use crate::definition::built_in_resources::built_in_lines;
use catalogue::{Catalogue, Found, Source};
use certainty::Certainty;
use code_system::CodeSystem;
use near_system::NearSystems;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};
use value_set::ValueSet;

/// Value sets and code systems by canonical URL, and who else may be asked.
#[derive(Debug, Default)]
pub struct Terminology {
    value_sets: Catalogue<ValueSet>,
    systems: Catalogue<Arc<CodeSystem>>,
    /// CodeSystem resources that only add words to another system, by its URL.
    supplements: HashMap<Box<str>, Vec<Value>>,
    /// Code systems that are known by name only.
    named: HashSet<Box<str>>,
    /// To tell slips in the URL of a system; made when first needed.
    near_systems: OnceLock<NearSystems>,
    service: Option<Arc<dyn TerminologyService>>,
}

/// A code as an element holds it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Coding<'a> {
    /// The code system; none for a plain `code`, whose system the value set implies.
    pub system: Option<&'a str>,
    /// The version of the system.
    pub version: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// The words beside it.
    pub display: Option<&'a str>,
}

/// The value set that lists the countries; their code system is published nowhere else in R4.
const COUNTRIES_VALUE_SET: &str = "http://hl7.org/fhir/ValueSet/iso3166-1-2";

/// Most value sets that one is made of whose codes are gathered, so that sets in a circle come to an end.
const MOST_IMPORTS: usize = 32;

/// Whether a code is in a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    Member,
    /// It is not.
    NotMember,
    /// Nobody here can tell, and why.
    NotChecked(NotChecked),
}

/// Why a code was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotChecked {
    /// No such value set is known.
    UnknownValueSet,
    /// No such code system is known.
    UnknownSystem,
    /// The system is known, but its codes are not all here (SNOMED CT, dm+d, LOINC).
    CodesNotHere,
    /// The value set has a rule that needs a terminology service.
    RuleNeedsService,
}

/// What is known of a code in its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeStanding {
    /// The system has it.
    Known,
    /// The system has no such code.
    Unknown,
    /// It cannot be a code of its system: what is wrong with how it is written, to go on after a colon.
    Malformed(Cow<'static, str>),
    /// Nobody here can tell.
    NotChecked(NotChecked),
}

/// What is known of the words beside a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayStanding {
    /// The system has them for the code.
    Right,
    /// The system has other words for the code: some of them, best first.
    Wrong {
        /// Words that the code may have.
        allowed: Vec<String>,
    },
    /// Nobody here can tell.
    NotChecked,
}

/// What can be said of the URL of a code system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemStanding<'a> {
    /// Its codes, all or some, are here, or it is known by name.
    Known,
    /// It is no absolute URI.
    NotAbsolute,
    /// It is the URL of a value set.
    IsValueSet,
    /// It is not known, and so near to a known one that it must be a slip.
    Misspelt(&'a str),
    /// It is not known.
    Unknown,
}

impl Terminology {
    /// The value sets and code systems of R4 and UK Core.
    pub fn built_in() -> Terminology {
        let mut terminology = Terminology::default();
        for line in built_in_lines() {
            let version = Some(line.version).filter(|version| !version.is_empty());
            match line.resource_type {
                "ValueSet" => terminology.value_sets.add(line.url, version, Source::BuiltIn(line.json)),
                "CodeSystem" => terminology.systems.add(line.url, version, Source::BuiltIn(line.json)),
                _ => {}
            }
            if line.url == COUNTRIES_VALUE_SET {
                terminology.systems.add(shape::COUNTRY, None, Source::BuiltIn(line.json));
            }
        }
        terminology
    }

    /// Adds a ValueSet, CodeSystem or NamingSystem; what was there under its URL and version gives way.
    pub fn add(&mut self, resource: Value) {
        let text = |name| resource.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("resourceType").as_deref() == Some("NamingSystem") {
            return self.name_systems(&resource);
        }
        let supplemented = text("supplements").filter(|_| text("content").as_deref() == Some("supplement"));
        if let Some(supplemented) = supplemented {
            let (url, _) = canonical::split(&supplemented);
            self.supplements.entry(canonical::system(url).into()).or_default().push(resource);
        } else if let Some(url) = text("url") {
            let version = text("version");
            match text("resourceType").as_deref() {
                Some("ValueSet") => self.value_sets.add(&url, version.as_deref(), Source::Added(resource)),
                Some("CodeSystem") => {
                    self.systems.add(canonical::system(&url), version.as_deref(), Source::Added(resource));
                }
                _ => return,
            }
        }
        self.systems.forget_made();
        self.value_sets.forget_made();
        self.near_systems.take();
    }

    /// Whom to ask where nothing here can tell.
    pub fn with_service(mut self, service: Arc<dyn TerminologyService>) -> Terminology {
        self.service = Some(service);
        self
    }

    fn name_systems(&mut self, naming_system: &Value) {
        for id in naming_system.get("uniqueId").and_then(Value::as_array).into_iter().flatten() {
            let value = id.get("value").and_then(Value::as_str);
            match (id.get("type").and_then(Value::as_str), value) {
                (Some("uri"), Some(uri)) => drop(self.named.insert(uri.into())),
                (Some("oid"), Some(oid)) => drop(self.named.insert(format!("urn:oid:{oid}").into())),
                _ => {}
            }
        }
    }

    /// Whether the code is in the value set (canonical URL, with or without `|version`).
    pub fn membership(&self, value_set: &str, coding: Coding<'_>) -> Membership {
        let coding = Coding { system: coding.system.map(canonical::system), ..coding };
        let certainty = match self.value_set(value_set) {
            None => Certainty::Unknown(NotChecked::UnknownValueSet),
            Some(found) => match membership::Question::new(self, coding).judge(found.made) {
                Certainty::No if !found.version_fits => Certainty::Unknown(NotChecked::UnknownValueSet),
                certainty => certainty,
            },
        };
        self.ask_for_membership(Some(value_set), coding, certainty)
    }

    /// Whether the code is in a value set given as a resource (one contained in the resource that is judged).
    pub fn membership_in(&self, value_set: &Value, coding: Coding<'_>) -> Membership {
        let coding = Coding { system: coding.system.map(canonical::system), ..coding };
        let set = ValueSet::read(value_set, &|url, version| self.system(url, version));
        let certainty = membership::Question::new(self, coding).judge(&set);
        self.ask_for_membership(None, coding, certainty)
    }

    fn ask_for_membership(&self, value_set: Option<&str>, coding: Coding<'_>, certainty: Certainty) -> Membership {
        match certainty {
            Certainty::Yes => Membership::Member,
            Certainty::No => Membership::NotMember,
            Certainty::Unknown(why) => {
                let asked = self.service.as_ref().zip(value_set);
                match asked.and_then(|(service, set)| service.validate_code(Some(set), coding)) {
                    Some(Answer { is_member: true, .. }) => Membership::Member,
                    Some(Answer { is_member: false, .. }) => Membership::NotMember,
                    None => Membership::NotChecked(why),
                }
            }
        }
    }

    /// What is known of a code in its own system, whatever the value set.
    pub fn standing(&self, coding: Coding<'_>) -> CodeStanding {
        let Some(system) = coding.system.map(canonical::system) else {
            return CodeStanding::NotChecked(NotChecked::UnknownSystem);
        };
        let shape = shape::judge(system, coding.code);
        if shape::is_grammar(system) && shape == Some(shape::Verdict::IsCode) {
            return CodeStanding::Known;
        }
        if let Some(shape::Verdict::Malformed(words)) = shape {
            return CodeStanding::Malformed(words);
        }
        let why = match self.found_system(system, coding.version) {
            Some(found) if found.made.find(coding.code).is_some() => return CodeStanding::Known,
            Some(found) if found.made.is_complete && found.version_fits => return CodeStanding::Unknown,
            Some(_) => NotChecked::CodesNotHere,
            None if shape::is_known(system) => NotChecked::CodesNotHere,
            None => NotChecked::UnknownSystem,
        };
        match self.ask_of_system(coding) {
            Some(Answer { is_member: true, .. }) => CodeStanding::Known,
            Some(Answer { is_member: false, .. }) => CodeStanding::Unknown,
            None => CodeStanding::NotChecked(why),
        }
    }

    /// What is known of the words beside a code.
    pub fn display(&self, coding: Coding<'_>) -> DisplayStanding {
        let (Some(system), Some(display)) = (coding.system.map(canonical::system), coding.display) else {
            return DisplayStanding::NotChecked;
        };
        let found = self.found_system(system, coding.version).filter(|found| found.version_fits);
        let concept = found.as_ref().and_then(|found| found.made.concept(found.made.find(coding.code)?));
        if let Some(concept) = concept
            && concept.display.is_some()
        {
            return display::judge(display, concept.displays());
        }
        match self.ask_of_system(coding) {
            Some(answer) if !answer.displays.is_empty() => {
                display::judge(display, answer.displays.iter().map(String::as_str))
            }
            _ => DisplayStanding::NotChecked,
        }
    }

    /// The resource type of what has the canonical URL, where it is a value set or a code system and no other too.
    pub fn kind_of(&self, url: &str) -> Option<&'static str> {
        match (self.value_sets.has(url), self.systems.has(url)) {
            (true, false) => Some("ValueSet"),
            (false, true) => Some("CodeSystem"),
            _ => None,
        }
    }

    /// What can be said of the URL of a code system; what is not known is worth a warning at most.
    pub fn system_standing<'a>(&'a self, system: &str) -> SystemStanding<'a> {
        let one_spelling = canonical::system(system);
        if self.systems.has(one_spelling) || shape::is_known(one_spelling) || self.named.contains(system) {
            return SystemStanding::Known;
        }
        if !is_absolute(system) {
            return SystemStanding::NotAbsolute;
        }
        let of_version = |(table, version)| self.systems.has(table) || self.systems.has(&format!("{table}|{version}"));
        if versioned_table(system).is_some_and(of_version) {
            return SystemStanding::Known;
        }
        if self.value_sets.has(system) {
            return SystemStanding::IsValueSet;
        }
        let near = self.near_systems.get_or_init(|| {
            let named = shape::known().map(|system| -> &str { system });
            NearSystems::new(self.systems.urls().chain(named))
        });
        match near.meant(system) {
            Some(meant) => SystemStanding::Misspelt(meant),
            None => SystemStanding::Unknown,
        }
    }

    /// Codes of a value set in its order, at most `most`, those of value sets it is made of too; for hints.
    pub fn some_codes(&self, value_set: &str, most: usize) -> Vec<&str> {
        let mut codes = Vec::new();
        let is_all = self.gather_codes(value_set, most, &mut { MOST_IMPORTS }, &mut codes);
        // What is left out again, or is only what several sets share, is not to be offered.
        if !is_all {
            let membership = |code| self.membership(value_set, Coding { code, ..Coding::default() });
            codes.retain(|code| membership(code) == Membership::Member);
        }
        codes
    }

    /// Gathers what is listed; false when some of it may not belong.
    fn gather_codes<'a>(&'a self, set: &str, most: usize, imports_left: &mut usize, codes: &mut Vec<&'a str>) -> bool {
        let Some(found) = self.value_set(set) else {
            return true;
        };
        let mut is_all = found.made.excludes.is_empty();
        for clause in found.made.includes.iter().chain(&found.made.expansion) {
            codes.extend(clause.codes.listed().take(most.saturating_sub(codes.len())));
            is_all &= clause.imports.is_empty();
            for import in &clause.imports {
                if *imports_left == 0 || codes.len() >= most {
                    break;
                }
                *imports_left -= 1;
                self.gather_codes(import, most, imports_left, codes);
            }
        }
        is_all
    }

    fn value_set(&self, canonical: &str) -> Option<Found<'_, ValueSet>> {
        let (url, version) = canonical::split(canonical);
        let find_system = |url: &str, version: Option<&str>| self.system(url, version);
        self.value_sets.get(url, version, |resource| Some(ValueSet::read(resource, &find_system)))
    }

    fn system(&self, url: &str, version: Option<&str>) -> Option<Arc<CodeSystem>> {
        self.found_system(url, version).map(|found| Arc::clone(found.made))
    }

    /// A code system whose codes are here; those that a grammar decides are not looked up.
    fn found_system(&self, url: &str, version: Option<&str>) -> Option<Found<'_, Arc<CodeSystem>>> {
        if shape::is_grammar(url) {
            return None;
        }
        let supplements = self.supplements.get(url).map_or(&[][..], Vec::as_slice);
        self.systems.get(url, version, |resource| Some(Arc::new(CodeSystem::read(resource, supplements))))
    }

    fn ask_of_system(&self, coding: Coding<'_>) -> Option<Answer> {
        self.service.as_ref()?.validate_code(None, coding)
    }
}

/// The table and version of the systems that R4 publishes by version (`.../CodeSystem/v2-0360/2.7`).
fn versioned_table(system: &str) -> Option<(&str, &str)> {
    let (table, version) = system.rsplit_once('/')?;
    let is_version = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (table.starts_with("http://terminology.hl7.org/CodeSystem/v2-") && is_version).then_some((table, version))
}

/// Whether a URI stands for itself wherever it is read: a scheme, and something after it without blanks.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        is_scheme && !rest.is_empty() && !rest.contains(char::is_whitespace)
    })
}
