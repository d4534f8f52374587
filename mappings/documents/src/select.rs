//! Which resources of a record stand under which heading of a document, and why each other one does not.

mod about_me;
mod fits;
mod limits;

pub use about_me::{answers, is_about_me};

use crate::narrative::contacts;
use crate::privacy::{Change, Policy, Reason};
use crate::standard::{Content, Heading, Kind, Standard};
use ginnel_medicines::record::{Ownership, Person, Record, Resource, read};
use jiff::Timestamp;
use serde_json::Value;

/// A heading with what stands under it.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The heading.
    pub heading: &'static Heading,
    /// Resources of the record, by their index.
    pub entries: Vec<usize>,
    /// The headings below it.
    pub sections: Vec<Chosen>,
    /// How many resources of this heading are kept back as restricted.
    pub restricted: usize,
}

/// What becomes of one resource of the record.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It stands in the document, as it may stand there.
    Shown(Box<Value>, Vec<Change>),
    /// It comes along only where another refers to it.
    ComesAlong(Box<Value>, Vec<Change>, Reason),
    /// It does not stand there.
    LeftOut(Reason),
}

/// The choice for a whole document.
#[derive(Debug)]
pub struct Selection {
    /// The headings in the standard's order.
    pub chosen: Vec<Chosen>,
    /// For each resource of the record; nothing for what is contained in another or came twice.
    pub fates: Vec<Option<Fate>>,
}

/// Types that say how data came or what it is wrapped in.
const TECHNICAL: [&str; 8] = [
    "Provenance",
    "AuditEvent",
    "OperationOutcome",
    "MessageHeader",
    "Bundle",
    "Parameters",
    "CapabilityStatement",
    "Subscription",
];

/// Types that are about nobody, and stand where others refer to them.
pub(crate) const HELPERS: [&str; 15] = [
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "Medication",
    "Substance",
    "HealthcareService",
    "Endpoint",
    "Questionnaire",
    "PlanDefinition",
    "ActivityDefinition",
    "Binary",
    "Schedule",
    "Slot",
    "MedicationKnowledge",
];

/// Chooses for a document.
pub fn select(record: &Record<'_>, person: &Person, kind: Kind, policy: &Policy, at: Timestamp) -> Selection {
    let standard = kind.standard();
    let mut choice = Choice {
        record,
        standard,
        at,
        entries: vec![Vec::new(); standard.headings.len()],
        restricted: vec![0; standard.headings.len()],
    };
    let mut fates: Vec<Option<Fate>> = vec![None; record.resources.len()];
    for (index, resource) in record.all() {
        if resource.container.is_none() {
            let fate = choice.decide(index, resource, person, policy);
            if let Some(place) = fates.get_mut(index) {
                *place = Some(fate);
            }
        }
    }
    limits::apply(&mut choice, &mut fates);
    let about_me = about_me::newest(record, &mut fates, at);
    let chosen = choice.finish(kind, about_me.as_ref(), person, &fates);
    leave_unchosen(&chosen, &mut fates);
    Selection { chosen, fates }
}

struct Choice<'c, 'a> {
    record: &'c Record<'a>,
    standard: &'static Standard,
    at: Timestamp,
    /// For each heading.
    entries: Vec<Vec<usize>>,
    restricted: Vec<usize>,
}

impl Choice<'_, '_> {
    fn decide(&mut self, index: usize, resource: &Resource<'_>, person: &Person, policy: &Policy) -> Fate {
        if TECHNICAL.contains(&resource.kind) {
            return Fate::LeftOut(Reason::Technical);
        }
        if let Some(reason) = self.whose(index, resource, person).or_else(|| state(resource, self.at)) {
            return Fate::LeftOut(reason);
        }
        let headings = self.headings(resource);
        match policy.screen(resource.value) {
            Err(reason) => {
                if reason == Reason::Restricted {
                    let own = self.own_heading(resource);
                    for heading in headings.iter().chain(&own) {
                        self.restricted.get_mut(*heading).into_iter().for_each(|count| *count += 1);
                    }
                }
                Fate::LeftOut(reason)
            }
            Ok((value, changes)) if headings.is_empty() => {
                Fate::ComesAlong(Box::new(value), changes, Reason::NoHeading)
            }
            Ok((value, changes)) => {
                for heading in &headings {
                    self.entries.get_mut(*heading).into_iter().for_each(|list| list.push(index));
                }
                Fate::Shown(Box::new(value), changes)
            }
        }
    }

    fn whose(&self, index: usize, resource: &Resource<'_>, person: &Person) -> Option<Reason> {
        if resource.kind == "Patient" {
            return (!person.patients.contains(&index)).then_some(Reason::OtherPerson);
        }
        match person.owns(self.record, resource) {
            Ownership::Theirs | Ownership::NotSaid => None,
            Ownership::SomebodyElses(_) => Some(Reason::OtherPerson),
            Ownership::NotFound(_) => Some(Reason::SubjectNotFound),
        }
    }

    /// The headings that a resource feeds: those that ask for more than its type go before the others.
    fn headings(&self, resource: &Resource<'_>) -> Vec<usize> {
        let fitting = |narrow: bool| -> Vec<usize> {
            let listed = self.standard.headings.iter().enumerate();
            let fits = |heading: &Heading| {
                heading.feeds.iter().any(|feed| feed.is_narrow() == narrow && fits::fits(feed, resource, self.at))
            };
            listed.filter(|(_, heading)| fits(heading)).map(|(index, _)| index).collect()
        };
        // Patients, contacts and answers have headings of their own.
        let own = resource.kind == "Patient" || resource.kind == "RelatedPerson" || is_about_me(resource.value);
        if own || HELPERS.contains(&resource.kind) {
            return Vec::new();
        }
        let narrow = fitting(true);
        let all = if narrow.is_empty() { fitting(false) } else { narrow };
        if all.is_empty() {
            return self.rest().into_iter().collect();
        }
        all
    }

    /// The heading of a contact or of an About Me, which no feed names.
    fn own_heading(&self, resource: &Resource<'_>) -> Option<usize> {
        let content = match resource.kind {
            "RelatedPerson" if contacts::is_professional(resource.value) => Content::ProfessionalContacts,
            "RelatedPerson" => Content::PersonalContacts,
            _ if is_about_me(resource.value) => Content::AboutMe,
            _ => return None,
        };
        self.standard.headings.iter().position(|heading| heading.content == content)
    }

    /// The heading that takes what no other one does.
    fn rest(&self) -> Option<usize> {
        self.standard
            .headings
            .iter()
            .position(|heading| heading.takes_the_rest && heading.content == Content::Resources)
    }

    fn finish(
        mut self,
        kind: Kind,
        about_me: Option<&about_me::AboutMe>,
        person: &Person,
        fates: &[Option<Fate>],
    ) -> Vec<Chosen> {
        let mut chosen = Vec::new();
        for (index, heading) in self.standard.headings.iter().enumerate() {
            let mut entries = self.entries.get_mut(index).map(std::mem::take).unwrap_or_default();
            let mut sections = Vec::new();
            match heading.content {
                Content::Person => entries.extend(&person.patients),
                Content::GpPractice => {
                    entries.extend(with(person, fates, |patient| patient.get("generalPractitioner").is_some()));
                }
                Content::PersonalContacts => entries.extend(self.contacts(person, fates, false)),
                Content::ProfessionalContacts => entries.extend(self.contacts(person, fates, true)),
                Content::Answers | Content::AnswersDate => {
                    entries.extend(about_me.iter().flat_map(|own| own.entries(heading)))
                }
                Content::AboutMe => sections = below(about_me),
                _ => {}
            }
            entries.retain(|index| as_shown(fates, *index).is_some());
            entries.sort_unstable();
            entries.dedup();
            let restricted = self.restricted.get(index).copied().unwrap_or_default();
            let is_shown = heading.obligation != crate::standard::Obligation::Optional
                || !entries.is_empty()
                || restricted > 0
                || (heading.content == Content::Document);
            if is_shown {
                chosen.push(Chosen { heading, entries, sections, restricted });
            }
        }
        debug_assert!(kind == self.standard.kind, "the standard is the kind's");
        chosen
    }

    /// RelatedPersons, and Patients that name contacts, of one of the two sorts.
    fn contacts(&self, person: &Person, fates: &[Option<Fate>], professional: bool) -> Vec<usize> {
        let is_of_sort = |contact: &Value| contacts::is_professional(contact) == professional;
        let related = self.record.of("RelatedPerson").filter(|(index, own)| {
            as_shown(fates, *index).is_some_and(is_of_sort)
                && matches!(person.owns(self.record, own), Ownership::Theirs)
        });
        let mut all: Vec<usize> = related.map(|(index, _)| index).collect();
        all.extend(with(person, fates, |patient| {
            read::items(patient, "contact").any(is_of_sort)
                || (professional && patient.get("generalPractitioner").is_some())
        }));
        all
    }
}

/// The headings of About Me that have something to say.
fn below(about_me: Option<&about_me::AboutMe>) -> Vec<Chosen> {
    let Some(own) = about_me else { return Vec::new() };
    let headings = Kind::AboutMe.standard().headings.iter();
    let each =
        headings.map(|heading| Chosen { heading, entries: own.entries(heading), sections: Vec::new(), restricted: 0 });
    each.filter(|chosen| !chosen.entries.is_empty()).collect()
}

/// The Patients of the person that have something, as they may stand in the document.
fn with(person: &Person, fates: &[Option<Fate>], has: impl Fn(&Value) -> bool) -> Vec<usize> {
    let patients = person.patients.iter().copied();
    patients.filter(|index| as_shown(fates, *index).is_some_and(&has)).collect()
}

/// A resource as it may stand in the document: what was taken out of it chooses no heading.
fn as_shown(fates: &[Option<Fate>], index: usize) -> Option<&Value> {
    match fates.get(index) {
        Some(Some(Fate::Shown(value, _) | Fate::ComesAlong(value, ..))) => Some(value),
        _ => None,
    }
}

/// What its own status or time says against showing it.
fn state(resource: &Resource<'_>, at: Timestamp) -> Option<Reason> {
    let value = resource.value;
    let status = read::text(value, "status").unwrap_or_default();
    let verification = read::code(value, "verificationStatus").unwrap_or_default();
    if status == "entered-in-error" || verification == "entered-in-error" {
        return Some(Reason::EnteredInError);
    }
    if resource.kind == "QuestionnaireResponse" && status == "in-progress" {
        return Some(Reason::Draft);
    }
    limits::is_later(resource, at).then_some(Reason::Later)
}

/// What feeds a heading and was then not chosen comes along at most.
fn leave_unchosen(chosen: &[Chosen], fates: &mut [Option<Fate>]) {
    let mut listed = vec![false; fates.len()];
    fn mark(chosen: &[Chosen], listed: &mut [bool]) {
        for own in chosen {
            own.entries.iter().for_each(|index| listed.get_mut(*index).into_iter().for_each(|place| *place = true));
            mark(&own.sections, listed);
        }
    }
    mark(chosen, &mut listed);
    for (fate, listed) in fates.iter_mut().zip(listed) {
        match (fate.take(), listed) {
            (Some(Fate::ComesAlong(value, changes, _)), true) => *fate = Some(Fate::Shown(value, changes)),
            (Some(Fate::Shown(value, changes)), false) => {
                *fate = Some(Fate::ComesAlong(value, changes, Reason::NoHeading));
            }
            (other, _) => *fate = other,
        }
    }
}
