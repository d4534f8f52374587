//! A person's record -> a document: chosen, screened, linked, put together, and accounted for.

use crate::addresses::{Addresses, uuid_of};
use crate::check;
use crate::composition::{self, Facts, Told};
use crate::narrative;
use crate::privacy::{Change, Policy, Reason};
use crate::select::{self, Chosen, Fate, Selection};
use crate::standard::{Audience, Content, Kind, Standard};
use crate::tree;
use ginnel_medicines::allergy;
use ginnel_medicines::current;
use ginnel_medicines::record::{Found, Gap, GapKind, Person, Record, read};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'r> {
    /// Which document.
    pub kind: Kind,
    /// Which of the person's Patient resources it is about, where two sources have one each: an id, or else the first.
    pub patient: Option<&'r str>,
    /// The instant it is for.
    pub at: Timestamp,
    /// When it is put together.
    pub composed: Timestamp,
    /// The FHIR base URL that addresses of entries begin with.
    pub base: &'r str,
    /// What puts it together, as people read it.
    pub software: &'r str,
    /// Who answers for it: a name, as people read it. Without one the document is preliminary.
    pub author: Option<&'r str>,
    /// Why the person is transferred, where that is not in the record.
    pub reason: Option<&'r str>,
    /// Whether what is labelled as restricted is shown to professionals.
    pub include_restricted: bool,
    /// After how many hours what a source gave is called stale.
    pub stale_after_hours: i64,
}

/// A document with what is to be said of it.
#[derive(Debug)]
pub struct Built {
    /// The Bundle.
    pub document: Value,
    /// What is missing, kept back or to be minded.
    pub issues: Vec<Issue>,
    /// What became of each resource of the record, and of each value that was changed.
    pub account: Vec<Outcome>,
}

/// What became of a resource, or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How others refer to the resource.
    pub resource: String,
    /// Which source gave it.
    pub source: String,
    /// The part of it, as a JSON Pointer; empty for the whole.
    pub pointer: String,
    /// How many values it has.
    pub leaves: usize,
    /// Where it stands: the address of its entry.
    pub entry: Option<String>,
    /// The headings under which it stands.
    pub headings: Vec<&'static str>,
    /// Why it does not, or was changed.
    pub reason: Option<Reason>,
}

impl Outcome {
    /// It as JSON.
    pub fn to_json(&self) -> Value {
        let outcome = match (self.reason, &self.entry) {
            (None, _) => "in-document",
            (Some(Reason::Repointed), _) => "changed",
            (Some(_), _) => "left-out",
        };
        json!({"resource": self.resource, "source": self.source, "pointer": self.pointer, "leaves": self.leaves,
            "outcome": outcome, "entry": self.entry, "headings": self.headings,
            "reason": self.reason.map(Reason::key), "because": self.reason.map(Reason::words)})
    }
}

/// Why no document could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Another version of FHIR.
    #[error("{0} is of FHIR STU3, and a document is of R4: translate it first (ginnel translate --vendor gp-connect)")]
    Stu3(String),
    /// Nobody to write about.
    #[error("the record has no Patient resource, and a document is about a person: give the Patient too")]
    NoPatient,
    /// The person's own resource may not be shown.
    #[error("the Patient itself is kept from the person, so no document for them can be made")]
    PatientKeptBack,
}

/// Makes a document.
///
/// # Errors
/// Where it cannot be made at all; what is missing in it is an issue.
pub fn build(record: &Record<'_>, person: &Person, asked: Asked<'_>) -> Result<Built, BuildError> {
    if let Some(source) = record.sources.iter().find(|source| source.fhir_version == Some("STU3")) {
        return Err(BuildError::Stu3(source.name.clone()));
    }
    let is_asked = |index: &&usize| record.at(**index).is_some_and(|own| own.id.is_some() && own.id == asked.patient);
    let subject = person.patients.iter().find(is_asked).or_else(|| person.patients.first()).copied();
    let Some(subject) = subject else { return Err(BuildError::NoPatient) };
    let standard = asked.kind.standard();
    let policy = Policy::new(standard.audience, asked.include_restricted, record.resources.iter().map(|it| it.value));
    let selection = select::select(record, person, asked.kind, &policy, asked.at);
    let mut draft = Draft {
        record,
        policy: &policy,
        standard,
        asked,
        selection,
        changes: BTreeMap::new(),
        included: BTreeMap::new(),
    };
    draft.include(person);
    draft.add_senders();
    let addresses = Addresses::give(record, &draft.included, asked.base);
    draft.relink(&addresses);
    let Some(subject_url) = addresses.full_url(subject).map(str::to_owned) else {
        return Err(BuildError::PatientKeptBack);
    };
    let document = draft.assemble(person, subject, &subject_url, &addresses);
    let mut issues = check::obligations(&document, Some(asked.kind));
    issues.extend(draft.issues());
    let account = draft.account(&addresses);
    Ok(Built { document, issues, account })
}

struct Draft<'b, 'a> {
    record: &'b Record<'a>,
    policy: &'b Policy,
    standard: &'static Standard,
    asked: Asked<'b>,
    selection: Selection,
    changes: BTreeMap<usize, Vec<Change>>,
    included: BTreeMap<usize, Value>,
}

impl Draft<'_, '_> {
    /// What is shown, and what that refers to.
    fn include(&mut self, person: &Person) {
        let shown = self.selection.fates.iter().enumerate();
        let mut open: Vec<usize> =
            shown.filter(|(_, fate)| matches!(fate, Some(Fate::Shown(..)))).map(|(index, _)| index).collect();
        open.extend(person.patients.iter().copied());
        while let Some(index) = open.pop() {
            if self.included.contains_key(&index) {
                continue;
            }
            let Some(Some(Fate::Shown(value, changes) | Fate::ComesAlong(value, changes, _))) =
                self.selection.fates.get(index)
            else {
                continue;
            };
            let Some(from) = self.record.at(index) else { continue };
            let (value, changes) = (value.as_ref().clone(), changes.clone());
            tree::references(&value, &mut |reference| {
                if let Found::Resource(target) = self.record.follow(from, reference) {
                    let top = self.record.at(target).and_then(|target| target.container).unwrap_or(target);
                    open.push(self.record.at(top).and_then(|target| target.same_as).unwrap_or(top));
                }
            });
            self.included.insert(index, value);
            self.changes.insert(index, changes);
        }
    }

    /// The Provenances that tell who sent what stands in the document, and of nothing else.
    fn add_senders(&mut self) {
        for (index, provenance) in self.record.of("Provenance") {
            if provenance.container.is_some() {
                continue;
            }
            let leads_in = |target: &Value| matches!(self.record.follow(provenance, target), Found::Resource(target) if self.included.contains_key(&target));
            // Who sent something is screened as what they sent.
            let Ok((mut value, mut changes)) = self.policy.screen(provenance.value) else { continue };
            let Some(targets) = value.get_mut("target").and_then(Value::as_array_mut) else { continue };
            let mut place = 0;
            targets.retain(|target| {
                let keeps = leads_in(target);
                if !keeps {
                    let pointer = format!("/target/{place}");
                    changes.push(Change { pointer, reason: Reason::Masked, leaves: tree::count(target) });
                }
                place += 1;
                keeps
            });
            if !targets.is_empty() {
                self.included.insert(index, value);
                self.changes.insert(index, changes);
            }
        }
    }

    fn relink(&mut self, addresses: &Addresses) {
        let fates = &self.selection.fates;
        let forbidden = |index: usize| {
            let top = self.record.at(index).and_then(|target| target.container).unwrap_or(index);
            matches!(fates.get(top), Some(Some(Fate::LeftOut(reason))) if reason.forbids())
        };
        for (index, value) in &mut self.included {
            let Some(from) = self.record.at(*index) else { continue };
            let changes = self.changes.entry(*index).or_default();
            addresses.relink(self.record, (*index, from), value, &forbidden, changes);
        }
    }

    fn assemble(&self, person: &Person, subject: usize, subject_url: &str, addresses: &Addresses) -> Value {
        let asked_medicines =
            current::Asked { at: self.asked.at, stale_after_hours: self.asked.stale_after_hours, release: None };
        let current = current::list(self.record, person, asked_medicines);
        let allergies = allergy::list(self.record, person, asked_medicines);
        let gaps = self.gaps(&current.gaps, &allergies.gaps);
        let facts = Facts {
            current: &current,
            allergies: &allergies,
            has_gaps: !gaps.is_empty(),
            is_for_person: self.standard.audience == Audience::Person,
        };
        let sections: Vec<Value> = self
            .selection
            .chosen
            .iter()
            .map(|chosen| composition::section(chosen, addresses, &facts, self.words(chosen)))
            .collect();
        let told = self.told(&gaps, &sections);
        let outcome_id =
            uuid_of(&format!("outcome {subject_url} {} {}", self.asked.at, self.asked.composed)).to_string();
        let outcome_url = format!("urn:uuid:{outcome_id}");
        let restricted = self.included.values().any(crate::privacy::is_restricted);
        let custodian = self.custodian(subject, addresses);
        let mut composition =
            composition::write(self.standard, &self.asked, subject_url, custodian, sections, restricted);
        self.point_to_outcome(&mut composition, &outcome_url);
        let composition_id = composition.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut entries = vec![json!({"fullUrl": format!("urn:uuid:{composition_id}"), "resource": composition})];
        // The person stands next to the Composition, then everything in the record's order.
        let mut order: Vec<&usize> = self.included.keys().collect();
        order.sort_by_key(|index| (**index != subject, **index));
        entries.extend(order.into_iter().filter_map(|index| {
            Some(json!({"fullUrl": addresses.full_url(*index)?, "resource": self.included.get(index)?}))
        }));
        entries.push(json!({"fullUrl": outcome_url, "resource": composition::outcome(&told, &outcome_id)}));
        let identifier = uuid_of(&format!("document {composition_id}"));
        let mut document = json!({
            "resourceType": "Bundle",
            "id": identifier.to_string(),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{identifier}")},
            "type": "document",
            "timestamp": self.asked.composed.to_string(),
            "entry": entries,
        });
        narrative::write_all(&mut document, self.asked.kind);
        document
    }

    /// Words given for a section that the record has nothing for.
    fn words(&self, chosen: &Chosen) -> Option<&str> {
        self.asked.reason.filter(|_| chosen.heading.key == "reason-for-transfer" && chosen.entries.is_empty())
    }

    fn point_to_outcome(&self, composition: &mut Value, url: &str) {
        let place = self.selection.chosen.iter().position(|chosen| chosen.heading.content == Content::Document);
        let sections = composition.get_mut("section").and_then(Value::as_array_mut);
        match (place, sections) {
            (Some(place), Some(sections)) => {
                if let Some(section) = sections.get_mut(place).and_then(Value::as_object_mut) {
                    section.insert("entry".into(), json!([{"reference": url}]));
                }
            }
            (None, Some(sections)) => {
                let heading = Kind::Pcsp.standard().heading("document-information");
                sections.extend(heading.map(|heading| {
                    json!({"title": heading.title, "code": heading.concept(),
                        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>-</p></div>"},
                        "entry": [{"reference": url}]})
                }));
            }
            _ => {}
        }
    }

    /// Who keeps the record: the organisation that cares for the person.
    fn custodian(&self, subject: usize, addresses: &Addresses) -> Option<Value> {
        let own = self.included.get(&subject)?.get("managingOrganization").cloned();
        let episodes =
            self.included.values().filter(|value| read::text(value, "resourceType") == Some("EpisodeOfCare"));
        let found = own.or_else(|| episodes.filter_map(|it| it.get("managingOrganization").cloned()).next())?;
        let Some(text) = read::text(&found, "reference") else { return Some(found) };
        // Seen from the Composition, which has no server's address, a reference must be whole.
        let target = self.included.keys().find(|index| {
            addresses.full_url(**index).is_some_and(|url| url == text || url.ends_with(&format!("/{text}")))
        });
        target.and_then(|index| addresses.reference(*index))
    }

    fn gaps(&self, medicines: &[Gap], allergies: &[Gap]) -> Vec<Gap> {
        let shows = |content: Content| self.standard.headings.iter().any(|heading| heading.content == content);
        let mut all: Vec<Gap> = Vec::new();
        let of_medicines = medicines.iter().filter(|_| shows(Content::Medications));
        let of_allergies = allergies.iter().filter(|_| shows(Content::Allergies));
        for gap in self.record.gaps.iter().chain(of_medicines).chain(of_allergies) {
            // Who else the sources gave is nobody's business here.
            if gap.kind == GapKind::OtherPerson {
                continue;
            }
            let matters = shows(Content::Medications) || gap.about == ginnel_medicines::record::About::Everything;
            if matters && !all.contains(gap) {
                all.push(gap.clone());
            }
        }
        all
    }

    /// What the document carries about itself.
    fn told(&self, gaps: &[Gap], sections: &[Value]) -> Vec<Told> {
        let own = |severity, code, key, text: String, section| {
            let text = self.policy.words(&text);
            Told { severity, code, key, text, section }
        };
        let mut told = Vec::new();
        if let Some(provisional) = &self.standard.provisional {
            told.push(own("warning", "informational", IssueKey::DocumentProvisional, provisional.clone(), None));
        }
        for gap in gaps {
            let code = if gap.kind == GapKind::Withheld { "suppressed" } else { "incomplete" };
            let text = format!("{}: {}", self.source_name(gap.source), gap.text);
            told.push(own("warning", code, IssueKey::DocumentIncomplete, text, None));
        }
        for (place, chosen) in self.selection.chosen.iter().enumerate().filter(|(_, chosen)| chosen.restricted > 0) {
            let text = format!(
                "{} of \"{}\" is restricted and not shown here: ask who sent this document.",
                if chosen.restricted == 1 { "1 item".to_owned() } else { format!("{} items", chosen.restricted) },
                chosen.heading.title
            );
            if self.standard.audience == Audience::Professionals {
                told.push(own("information", "suppressed", IssueKey::DocumentWithheld, text, Some(place)));
            }
        }
        for (place, section) in sections.iter().enumerate() {
            let is_mandatory = self
                .selection
                .chosen
                .get(place)
                .is_some_and(|chosen| chosen.heading.obligation == crate::standard::Obligation::Mandatory);
            if is_mandatory && section.get("emptyReason").is_some() {
                let title = section.get("title").and_then(Value::as_str).unwrap_or_default();
                let text = format!("\"{title}\" must be there, and the record has nothing for it.");
                told.push(own("warning", "required", IssueKey::DocumentHeadingEmpty, text, Some(place)));
            }
        }
        if self.left_out().contains_key(&Reason::OtherPerson) && !self.has_others() {
            let text =
                "Something about somebody else came among this person's record, and does not stand here.".to_owned();
            told.push(own("warning", "business-rule", IssueKey::DocumentOtherPerson, text, None));
        }
        for source in &self.record.sources {
            let retrieved =
                source.retrieved.as_ref().map(|(text, _)| crate::words::date(text).unwrap_or_else(|| text.clone()));
            let when =
                retrieved.map_or_else(|| "time of retrieval not stated".to_owned(), |when| format!("retrieved {when}"));
            told.push(own(
                "information",
                "informational",
                IssueKey::DocumentSource,
                format!("Source: {}, {when}", source.name),
                None,
            ));
        }
        told.push(own("information", "informational", IssueKey::DocumentLeftOut, self.left_out_in_words(), None));
        told
    }

    /// What is not in the document; to the person the same words always, so that they give nothing away.
    fn left_out_in_words(&self) -> String {
        if self.standard.audience == Audience::Person {
            return "This document shows what its standard has headings for, and not everything that is recorded."
                .to_owned();
        }
        let counts = self.left_out();
        if counts.is_empty() {
            return "Nothing of the record is left out.".to_owned();
        }
        let parts: Vec<String> =
            counts.iter().map(|(reason, count)| format!("{count} because {}", reason.words())).collect();
        format!("Left out of the record: {}.", parts.join("; "))
    }

    fn left_out(&self) -> BTreeMap<Reason, usize> {
        let mut counts = BTreeMap::new();
        for (index, fate) in self.selection.fates.iter().enumerate() {
            let reason = match fate {
                Some(Fate::LeftOut(reason) | Fate::ComesAlong(_, _, reason)) if !self.included.contains_key(&index) => {
                    *reason
                }
                _ => continue,
            };
            if reason != Reason::Technical {
                *counts.entry(reason).or_default() += 1;
            }
        }
        counts
    }

    /// What is to be said to whoever asked for the document, without a person's data.
    fn issues(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        if let Some(provisional) = &self.standard.provisional {
            issues.push(Issue::warning(IssueCode::Informational, IssueKey::DocumentProvisional, provisional.clone()));
        }
        for (reason, count) in self.left_out() {
            let text = format!("{count} of the record's resources left out: {}.", reason.words());
            let key = match reason {
                Reason::Restricted | Reason::NotForThePerson => IssueKey::DocumentWithheld,
                _ => IssueKey::DocumentLeftOut,
            };
            let issue = match reason {
                // Of several people's records one was asked for: that the others' stays out is meant.
                Reason::OtherPerson if self.has_others() => Issue::information(IssueCode::Suppressed, key, text),
                Reason::OtherPerson | Reason::SubjectNotFound => {
                    Issue::error(IssueCode::BusinessRule, IssueKey::DocumentOtherPerson, text)
                        .with_hint("the account (--account FILE) names them; mend the source, or ask for the other person")
                }
                Reason::Restricted if self.standard.audience == Audience::Professionals => {
                    Issue::warning(IssueCode::Suppressed, key, text).with_hint("the document says under which headings; --include-restricted shows them, to those who may see them")
                }
                Reason::Restricted | Reason::NotForThePerson => Issue::information(IssueCode::Suppressed, key, text),
                _ => Issue::information(IssueCode::Suppressed, key, text).with_hint("the account (--account FILE) names them"),
            };
            issues.push(issue);
        }
        let scrubbed = self.changes.values().flatten().filter(|change| change.reason == Reason::Secret).count();
        if scrubbed > 0 {
            let text = format!("{scrubbed} values lost a code that opens a key safe or door.");
            issues.push(Issue::information(IssueCode::Suppressed, IssueKey::DocumentWithheld, text));
        }
        let failed = self.record.gaps.iter().filter(|gap| gap.kind.is_failure()).count();
        if failed > 0 {
            let text = format!("The record is not whole: {failed} of its parts failed, are missing or cannot be read.");
            issues.push(
                Issue::error(IssueCode::Incomplete, IssueKey::DocumentIncomplete, text).with_hint(
                    "the section \"About this document\" names each; fetch what is missing, and build again",
                ),
            );
        }
        issues
    }

    fn has_others(&self) -> bool {
        let fates = self.selection.fates.iter().enumerate();
        let others = fates.filter(|(_, fate)| **fate == Some(Fate::LeftOut(Reason::OtherPerson)));
        others.filter_map(|(index, _)| self.record.at(index)).any(|resource| resource.kind == "Patient")
    }

    fn source_name(&self, source: usize) -> &str {
        self.record.sources.get(source).map(|source| source.name.as_str()).unwrap_or_default()
    }

    fn account(&self, addresses: &Addresses) -> Vec<Outcome> {
        let mut rows = Vec::new();
        for (index, fate) in self.selection.fates.iter().enumerate() {
            let (Some(fate), Some(resource)) = (fate, self.record.at(index)) else { continue };
            let included = self.included.contains_key(&index);
            let reason = match fate {
                Fate::LeftOut(reason) | Fate::ComesAlong(_, _, reason) => Some(*reason),
                Fate::Shown(..) => None,
            };
            let whole = Outcome {
                resource: resource.reference(self.record),
                source: self.source_name(resource.source).to_owned(),
                pointer: String::new(),
                leaves: tree::count(resource.value),
                entry: addresses.full_url(index).map(str::to_owned),
                headings: headings_of(&self.selection.chosen, index),
                reason: reason.filter(|_| !included),
            };
            for change in self.changes.get(&index).into_iter().flatten().filter(|_| included) {
                rows.push(Outcome {
                    pointer: change.pointer.clone(),
                    leaves: change.leaves,
                    reason: Some(change.reason),
                    headings: Vec::new(),
                    ..whole.clone()
                });
            }
            rows.push(whole);
        }
        rows
    }
}

fn headings_of(chosen: &[Chosen], index: usize) -> Vec<&'static str> {
    let mut all = Vec::new();
    for own in chosen {
        if own.entries.contains(&index) {
            all.push(own.heading.key.as_str());
        }
        all.extend(headings_of(&own.sections, index));
    }
    all
}
