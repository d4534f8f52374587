//! What may not stand in a document: what is labelled as restricted, what is kept from the person in what the person reads,
//! and the codes of key safes and doors in any.

use crate::standard::Audience;
use crate::tree;
use ginnel_medicines::record::read;
use regex::Regex;
use serde_json::Value;
use std::sync::OnceLock;

/// Why something of the record does not stand in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// About somebody else.
    OtherPerson,
    /// The record does not show whose it is.
    SubjectNotFound,
    /// Taken back by its source.
    EnteredInError,
    /// Labelled as restricted.
    Restricted,
    /// Kept from the person, who reads this document.
    NotForThePerson,
    /// A code that opens a key safe or a door.
    Secret,
    /// Not finished by who writes it.
    Draft,
    /// From after the instant asked for.
    Later,
    /// Older than the heading shows.
    Older,
    /// A newer one of its kind stands in the document.
    Superseded,
    /// The document has no heading for it.
    NoHeading,
    /// Says how data came, not how the person is.
    Technical,
    /// A reference to something that may not stand here.
    Masked,
    /// A reference that was made to lead to its entry.
    Repointed,
}

impl Reason {
    /// Its stable spelling.
    pub fn key(self) -> &'static str {
        match self {
            Reason::OtherPerson => "other-person",
            Reason::SubjectNotFound => "subject-not-found",
            Reason::EnteredInError => "entered-in-error",
            Reason::Restricted => "restricted",
            Reason::NotForThePerson => "not-for-the-person",
            Reason::Secret => "secret",
            Reason::Draft => "draft",
            Reason::Later => "later",
            Reason::Older => "older",
            Reason::Superseded => "superseded",
            Reason::NoHeading => "no-heading",
            Reason::Technical => "technical",
            Reason::Masked => "masked",
            Reason::Repointed => "re-pointed",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Reason::OtherPerson => "it is about somebody else",
            Reason::SubjectNotFound => "the record does not show whose it is",
            Reason::EnteredInError => "its source says that it was entered in error",
            Reason::Restricted => "it is labelled as restricted",
            Reason::NotForThePerson => "it is kept from the person, who reads this document",
            Reason::Secret => "codes of key safes and doors never stand in a document",
            Reason::Draft => "it is a draft",
            Reason::Later => "it is from after the instant asked for",
            Reason::Older => "it is older than its heading shows, and a newer one or none is shown",
            Reason::Superseded => "a newer one of its kind stands in the document",
            Reason::NoHeading => "this document has no heading for it",
            Reason::Technical => "it says how data came, not how the person is",
            Reason::Masked => "it refers to something that may not stand in this document",
            Reason::Repointed => "the reference was made to lead to its entry of the document",
        }
    }

    /// Whether the resource may not even come along as what another refers to.
    pub fn forbids(self) -> bool {
        matches!(
            self,
            Reason::OtherPerson
                | Reason::SubjectNotFound
                | Reason::EnteredInError
                | Reason::Restricted
                | Reason::NotForThePerson
                | Reason::Draft
                | Reason::Later
        )
    }
}

/// Whether `meta.security` restricts it: confidentiality above normal, or any label that limits who may see it.
pub fn is_restricted(resource: &Value) -> bool {
    let labels = resource.pointer("/meta/security").and_then(Value::as_array).into_iter().flatten();
    labels.filter_map(|label| read::text(label, "code")).any(|code| !matches!(code, "N" | "U" | "L" | "M" | "HTEST"))
}

/// What a person's copy must not show or hint at: that medicines are given covertly.
fn is_covert(text: &str) -> bool {
    static WORDS: OnceLock<Regex> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        Regex::new(
            r"(?i)covert|\bdisguis|\bconceal(ed|ing)?\b|\bhid(e|den|ing)? in\b|without (his|her|their|the (person|resident|client)'?s?) know",
        )
        .expect("a pattern that the tests compile")
    });
    words.is_match(text)
}

/// A part of a resource that was taken out or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stood in the resource of the record.
    pub pointer: String,
    /// Why.
    pub reason: Reason,
    /// How many values it had.
    pub leaves: usize,
}

/// The rules that hold for one document.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who reads it.
    pub audience: Audience,
    /// Whether what is restricted is shown to professionals, marked.
    pub include_restricted: bool,
    secrets: Vec<String>,
}

impl Policy {
    /// The rules for an audience; the codes that open doors are looked for in all of the record.
    pub fn new<'v>(audience: Audience, include_restricted: bool, resources: impl Iterator<Item = &'v Value>) -> Policy {
        let mut secrets = Vec::new();
        resources.for_each(|resource| find_secrets(resource, &mut secrets));
        secrets.sort_unstable();
        secrets.dedup();
        Policy { audience, include_restricted: include_restricted && audience == Audience::Professionals, secrets }
    }

    /// The resource as it may stand in the document, with what was taken out of it; or why none of it may.
    pub fn screen(&self, resource: &Value) -> Result<(Value, Vec<Change>), Reason> {
        let mut own = resource.clone();
        let mut changes = Vec::new();
        if is_restricted(resource) && !self.include_restricted {
            if resource.get("resourceType").and_then(Value::as_str) != Some("Patient") {
                return Err(Reason::Restricted);
            }
            // A document needs its person: where they can be found is what the label protects.
            for member in ["address", "telecom", "contact", "photo", "generalPractitioner", "managingOrganization"] {
                take(&mut own, member, Reason::Restricted, &mut changes);
            }
        }
        if self.audience == Audience::Person {
            self.keep_from_person(&mut own, &mut changes)?;
        }
        self.scrub(&mut own, "", &mut changes);
        Ok((own, changes))
    }

    /// Words about the record as they may stand in the document: names of sources, and what is missing.
    pub fn words(&self, text: &str) -> String {
        if self.audience == Audience::Person && is_covert(text) {
            return "[not shown]".to_owned();
        }
        self.clean(text)
    }

    /// Takes out the smallest parts that tell what is kept from the person.
    fn keep_from_person(&self, own: &mut Value, changes: &mut Vec<Change>) -> Result<(), Reason> {
        const PARTS: [&str; 8] =
            ["activity", "note", "item", "component", "extension", "dosageInstruction", "addresses", "contact"];
        for member in PARTS {
            let Some(items) = own.get_mut(member).and_then(Value::as_array_mut) else { continue };
            let mut place = 0;
            items.retain(|item| {
                let covert = tree::any_text(item, &is_covert);
                if covert {
                    let pointer = format!("/{member}/{place}");
                    changes.push(Change { pointer, reason: Reason::NotForThePerson, leaves: tree::count(item) });
                }
                place += 1;
                !covert
            });
            if items.is_empty() {
                take(own, member, Reason::NotForThePerson, &mut Vec::new());
            }
        }
        // Whatever else tells it: nothing of the resource is shown.
        if tree::any_text(own, &is_covert) { Err(Reason::NotForThePerson) } else { Ok(()) }
    }

    /// Takes out what opens a door, in extensions and in words.
    fn scrub(&self, value: &mut Value, pointer: &str, changes: &mut Vec<Change>) {
        match value {
            Value::Object(members) => {
                let named: Vec<String> = members.keys().filter(|name| names_secret(name)).cloned().collect();
                for name in named {
                    if let Some(taken) = members.remove(&name) {
                        let pointer = format!("{pointer}/{name}");
                        changes.push(Change { pointer, reason: Reason::Secret, leaves: tree::count(&taken) });
                    }
                }
                members.iter_mut().for_each(|(name, inner)| self.scrub(inner, &format!("{pointer}/{name}"), changes));
                members.retain(|_, inner| !inner.as_array().is_some_and(|items| items.is_empty()));
            }
            Value::Array(items) => {
                let mut place = 0;
                let is_secret = |item: &Value| {
                    read::text(item, "url").is_some_and(names_secret)
                        || read::text(item, "linkId").is_some_and(names_secret)
                };
                items.retain(|item| {
                    let secret = is_secret(item);
                    if secret {
                        let pointer = format!("{pointer}/{place}");
                        changes.push(Change { pointer, reason: Reason::Secret, leaves: tree::count(item) });
                    }
                    place += 1;
                    !secret
                });
                let places = items.iter_mut().enumerate();
                places.for_each(|(index, inner)| self.scrub(inner, &format!("{pointer}/{index}"), changes));
            }
            Value::String(text) => {
                let clean = self.clean(text);
                if clean != *text {
                    *text = clean;
                    changes.push(Change { pointer: pointer.to_owned(), reason: Reason::Secret, leaves: 1 });
                }
            }
            _ => {}
        }
    }

    /// A text without the codes that open doors.
    fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for pattern in patterns() {
            let found: Vec<std::ops::Range<usize>> =
                pattern.captures_iter(&clean).filter_map(|caught| caught.name("secret").map(|it| it.range())).collect();
            found.into_iter().rev().for_each(|range| clean.replace_range(range, WITHHELD));
        }
        // Elsewhere the same digits are a secret only in words: in an identifier or a date they are something else.
        if clean.contains(' ') && clean.chars().any(char::is_alphabetic) {
            for secret in &self.secrets {
                clean = without(&clean, secret);
            }
        }
        clean
    }
}

/// What stands where a code stood.
const WITHHELD: &str = "[withheld]";

fn take(own: &mut Value, member: &str, reason: Reason, changes: &mut Vec<Change>) {
    if let Some(taken) = own.as_object_mut().and_then(|members| members.shift_remove(member)) {
        changes.push(Change { pointer: format!("/{member}"), reason, leaves: tree::count(&taken) });
    }
}

/// Whether a name of a member, extension or question says that its value opens something.
fn names_secret(name: &str) -> bool {
    static NAMES: OnceLock<Regex> = OnceLock::new();
    NAMES
        .get_or_init(|| {
            Regex::new(r"(?i)key[-_ ]?(safe|box)([-_ ]?(code|number|no|pin))?$|(door|gate|alarm|entry|access|lock ?box)[-_ ]?(code|pin|number)$")
                .expect("a pattern that the tests compile")
        })
        .is_match(name)
}

fn patterns() -> &'static [Regex; 3] {
    static PATTERNS: OnceLock<[Regex; 3]> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let compile = |pattern: &str| Regex::new(pattern).expect("a pattern that the tests compile");
        let secret = r"(?P<secret>[#*]?[A-Za-z]?\d(?:[ -]?\d){2,9}[A-Za-z#*]?)\b";
        [
            compile(&format!(r"(?i)\bkey[\s-]*(?:safe|box)(?:[\s-]*(?:code|number|no\.?|pin|combination))?\W{{0,3}}(?:is\s+|was\s+|=\s*|by the \w+ \w+\W+)?{secret}")),
            compile(&format!(r"(?i)\b(?:door|gate|alarm|entry|access|lock\s?box|keypad|entrance)[\s-]*(?:code|number|no\.?|pin|combination)\W{{0,3}}(?:is\s+|was\s+|=\s*)?{secret}")),
            compile(&format!(r"(?i)\b(?:code|pin|combination)\W{{0,3}}(?:is\s+|=\s*)?{secret}[^.;\n]{{0,40}}\b(?:key[\s-]*safe|key[\s-]*box|door|gate|alarm|lock)")),
        ]
    })
}

fn find_secrets(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let names = |name: &str| members.get(name).and_then(Value::as_str).is_some_and(names_secret);
            let all = names("url") || names("linkId");
            for (name, inner) in members {
                if (all && name.starts_with("value")) || names_secret(name) {
                    keep_secret(inner, secrets);
                }
                if all && name == "answer" {
                    inner.as_array().into_iter().flatten().filter_map(Value::as_object).for_each(|answer| {
                        answer.values().for_each(|value| keep_secret(value, secrets));
                    });
                }
                find_secrets(inner, secrets);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_secrets(item, secrets)),
        Value::String(text) => {
            for pattern in patterns() {
                let caught = pattern.captures_iter(text).filter_map(|caught| caught.name("secret"));
                secrets.extend(caught.map(|secret| secret.as_str().to_owned()));
            }
        }
        _ => {}
    }
}

fn keep_secret(value: &Value, secrets: &mut Vec<String>) {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return,
    };
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits >= 3 && text.len() <= 12 {
        secrets.push(text);
    }
}

/// The text without a word that is the secret; a part of a longer number or of a date is none.
fn without(text: &str, secret: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(secret) {
        let (before, found) = rest.split_at(place);
        let after = found.get(secret.len()..).unwrap_or_default();
        let joins = |it: char| it.is_alphanumeric() || matches!(it, '-' | '/' | ':');
        let before_joins = before.chars().last().or_else(|| clean.chars().last()).is_some_and(joins);
        let mut following = after.chars();
        let next = following.next();
        let goes_on = following.next().is_some_and(|it| it.is_ascii_digit());
        let after_joins =
            next.is_some_and(|it| it.is_alphanumeric() || (matches!(it, '-' | '/' | ':' | '.') && goes_on));
        clean.push_str(before);
        clean.push_str(if before_joins || after_joins { secret } else { WITHHELD });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(audience: Audience, resources: &[Value]) -> Policy {
        Policy::new(audience, false, resources.iter())
    }

    #[test]
    fn codes_of_doors_stand_in_no_document_and_other_numbers_stay() {
        let record = [json!({"resourceType": "Flag", "code": {"text": "Key safe code is 4417, by the back gate"}})];
        let policy = policy(Audience::Professionals, &record);
        for (text, clean) in [
            ("Key safe code is 4417, by the back gate", "Key safe code is [withheld], by the back gate"),
            ("keysafe: 44-17", "keysafe: [withheld]"),
            ("Door code C1234X please", "Door code [withheld] please"),
            ("Use code 9876 for the key safe", "Use code [withheld] for the key safe"),
            ("Ring first, then 4417.", "Ring first, then [withheld]."),
            ("Seen 4417-01 today", "Seen 4417-01 today"),
            ("Door entry at 2026-10-19", "Door entry at 2026-10-19"),
            ("Key safe by the door", "Key safe by the door"),
            ("01632 960401", "01632 960401"),
        ] {
            assert_eq!(policy.clean(text), clean);
        }
        let other = json!({"resourceType": "Observation", "extension": [
            {"url": "https://x.example/key-safe-code", "valueString": "4417"}, {"url": "https://x.example/a", "valueString": "b"}]});
        let (screened, changes) = policy.screen(&other).expect("may stand");
        assert_eq!(screened["extension"], json!([{"url": "https://x.example/a", "valueString": "b"}]));
        assert_eq!((changes[0].pointer.as_str(), changes[0].reason), ("/extension/0", Reason::Secret));
    }

    #[test]
    fn the_person_sees_nothing_of_covert_medicines_and_professionals_do() {
        let plan = json!({"resourceType": "CarePlan", "activity": [
            {"detail": {"description": "Walk daily"}}, {"detail": {"description": "Donepezil COVERTLY in yoghurt"}}]});
        let flag = json!({"resourceType": "Flag", "code": {"text": "Covert medication agreed"}});
        let person = policy(Audience::Person, &[]);
        let (screened, changes) = person.screen(&plan).expect("the plan may stand");
        assert_eq!(screened["activity"].as_array().map(Vec::len), Some(1));
        assert_eq!(changes[0].pointer, "/activity/1");
        assert_eq!(person.screen(&flag), Err(Reason::NotForThePerson));
        assert!(policy(Audience::Professionals, &[]).screen(&flag).is_ok());
    }

    #[test]
    fn what_is_restricted_stays_out_and_a_restricted_person_has_no_address() {
        let label =
            json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]});
        let flag = json!({"resourceType": "Flag", "meta": label, "code": {"text": "x"}});
        assert_eq!(policy(Audience::Professionals, &[]).screen(&flag), Err(Reason::Restricted));
        assert!(Policy::new(Audience::Professionals, true, [].iter()).screen(&flag).is_ok());
        assert_eq!(Policy::new(Audience::Person, true, [].iter()).screen(&flag), Err(Reason::Restricted));
        let patient =
            json!({"resourceType": "Patient", "meta": label, "name": [{"family": "X"}], "address": [{"city": "Y"}]});
        let (screened, changes) = policy(Audience::Professionals, &[]).screen(&patient).expect("the person stands");
        assert!(screened.get("address").is_none() && screened.get("name").is_some());
        assert_eq!(changes[0].pointer, "/address");
        assert!(!is_restricted(&json!({"meta": {"security": [{"code": "N"}]}})));
    }
}
