//! The narrative of each section, made of the entries of the document itself: who judges a document makes it once more and
//! compares.

mod allergies;
mod answers;
pub(crate) mod contacts;
mod document;
mod medicines;
mod person;
pub(crate) use person::spaced;
mod resources;

pub(crate) use document::{facts_of_composition, gaps_of};

use crate::standard::{Content, Heading, Kind, Standard};
use crate::xhtml::Xhtml;
use ginnel_medicines::allergy::{self, Allergies};
use ginnel_medicines::current::{self, Asked, Current};
use ginnel_medicines::record::{Document, Found, Person, Record, Resource, moment, read};
use jiff::Timestamp;
use serde_json::Value;
use std::cell::OnceCell;

/// A document as its narratives are made from it.
pub struct Context<'d> {
    /// Its resources.
    pub record: Record<'d>,
    /// Whose it is.
    pub person: Person,
    /// The instant it is for.
    pub at: Timestamp,
    /// The Composition, by its place in the record.
    pub composition: usize,
    current: OnceCell<Current>,
    allergies: OnceCell<Allergies>,
}

impl<'d> Context<'d> {
    /// Reads a document; nothing where it has no Composition.
    pub fn read(document: &'d Value) -> Option<Context<'d>> {
        let record = Record::read(&[Document { name: "this document".to_owned(), value: document }]);
        let (composition, found) = record.of("Composition").next()?;
        let subject = found.value.get("subject").map(|subject| record.follow(found, subject));
        let at = instant(found.value)
            .or_else(|| document.get("timestamp").and_then(Value::as_str).and_then(moment).map(|it| it.last));
        let asked = match subject {
            Some(Found::Resource(index)) => record.at(index).and_then(|patient| patient.id).map(str::to_owned),
            _ => None,
        };
        let mut person =
            Person::choose(&record, asked.as_deref()).or_else(|_| Person::choose(&record, None)).unwrap_or_default();
        // Of two Patients that are one person, the one that the document is about goes first.
        if let Some(Found::Resource(index)) = subject {
            person.patients.sort_by_key(|own| *own != index);
        }
        Some(Context {
            record,
            person,
            at: at.unwrap_or(Timestamp::UNIX_EPOCH),
            composition,
            current: OnceCell::new(),
            allergies: OnceCell::new(),
        })
    }

    /// The Composition.
    pub fn composition(&self) -> &Value {
        self.record.at(self.composition).map_or(&Value::Null, |own| own.value)
    }

    /// What is taken, as the document says it.
    pub fn current(&self) -> &Current {
        self.current.get_or_init(|| current::list(&self.record, &self.person, Asked::at(self.at)))
    }

    /// What is known of allergies, as the document says it.
    pub fn allergies(&self) -> &Allergies {
        self.allergies.get_or_init(|| allergy::list(&self.record, &self.person, Asked::at(self.at)))
    }

    /// The entries of a section, by their place in the record.
    pub fn entries(&self, section: &Value) -> Vec<usize> {
        let Some(composition) = self.record.at(self.composition) else { return Vec::new() };
        let found = read::items(section, "entry").filter_map(|entry| match self.record.follow(composition, entry) {
            Found::Resource(index) => Some(index),
            _ => None,
        });
        found.collect()
    }

    fn resources<'c>(&'c self, entries: &'c [usize]) -> impl Iterator<Item = &'c Resource<'d>> {
        entries.iter().filter_map(|index| self.record.at(*index))
    }
}

/// The instant a document is for: the end of what it covers, else when it was composed.
pub fn instant(composition: &Value) -> Option<Timestamp> {
    let covered =
        read::items(composition, "event").find_map(|event| event.pointer("/period/end").and_then(Value::as_str));
    covered.or_else(|| read::text(composition, "date")).and_then(moment).map(|moment| moment.last)
}

/// A section with its place: `[2, 0]` is the first below the third.
pub struct Placed<'v> {
    /// Where it stands.
    pub path: Vec<usize>,
    /// It itself.
    pub section: &'v Value,
}

impl Placed<'_> {
    /// Where it stands, as an expression.
    pub fn expression(&self) -> String {
        let steps: Vec<String> = self.path.iter().map(|index| format!("section[{index}]")).collect();
        format!("Bundle.entry[0].resource.{}", steps.join("."))
    }
}

/// All sections of a Composition, outer ones first.
pub fn sections(composition: &Value) -> Vec<Placed<'_>> {
    let mut all = Vec::new();
    let mut open: Vec<(Vec<usize>, &Value)> = vec![(Vec::new(), composition)];
    while let Some((path, around)) = open.pop() {
        let mut below: Vec<(Vec<usize>, &Value)> = Vec::new();
        for (index, section) in read::items(around, "section").enumerate() {
            let path: Vec<usize> = path.iter().copied().chain([index]).collect();
            all.push(Placed { path: path.clone(), section });
            below.push((path, section));
        }
        open.extend(below);
    }
    all.sort_by(|left, right| left.path.cmp(&right.path));
    all
}

/// The heading that a section stands under: by its codes, else by its title; of the kind first, then of About Me.
pub fn heading_of(section: &Value, kind: Option<Kind>) -> Option<&'static Heading> {
    let others = Kind::ALL.into_iter().filter(|other| Some(*other) != kind);
    let standards: Vec<&'static Standard> = kind.into_iter().chain(others).map(Kind::standard).collect();
    let all = || standards.iter().flat_map(|standard| standard.headings.iter());
    let code = section.get("code");
    let coded = code.and_then(|code| {
        all().find(|heading| read::codings(code).any(|(system, code)| heading.has_code(system, code)))
    });
    let titles = [read::text(section, "title"), code.and_then(read::words)];
    coded.or_else(|| titles.into_iter().flatten().find_map(|title| all().find(|heading| heading.is_called(title))))
}

/// The narrative that the entries of a section make; nothing where the section has nothing but words of its own.
pub fn of_section(context: &Context<'_>, placed: &Placed<'_>, heading: &Heading) -> Option<String> {
    let section = placed.section;
    let entries = context.entries(section);
    let mut page = Xhtml::default();
    let is_own = heading.content == Content::Document;
    if entries.is_empty() && section.get("emptyReason").is_none() && section.get("section").is_none() && !is_own {
        return None;
    }
    match heading.content {
        Content::Person => person::write(&mut page, context, &entries),
        Content::GpPractice => contacts::practice(&mut page, context, &entries),
        Content::PersonalContacts => contacts::write(&mut page, context, &entries, false),
        Content::ProfessionalContacts => contacts::write(&mut page, context, &entries, true),
        Content::Answers | Content::AnswersDate => answers::write(&mut page, context, &entries, heading),
        Content::Allergies => allergies::write(&mut page, context, section, &entries),
        Content::Medications => medicines::write(&mut page, context, &entries),
        Content::CareNeeds => resources::needs(&mut page, context, &entries),
        Content::Resources => resources::write(&mut page, context, &entries),
        Content::Document => document::write(&mut page, context),
        Content::AboutMe => {}
    }
    document::notes(&mut page, context, &placed.expression());
    if let Some(reason) = section.get("emptyReason") {
        page.strong(read::text(reason, "text").unwrap_or("Nothing stands here, and it is not said why."));
    }
    if page.is_empty() {
        page.paragraph("See the parts below.");
    }
    Some(page.div())
}

/// Writes all narratives of a document of ours.
pub fn write_all(document: &mut Value, kind: Kind) {
    let mut made: Vec<(String, String)> = Vec::new();
    if let Some(context) = Context::read(document) {
        for placed in sections(context.composition()) {
            let Some(heading) = heading_of(placed.section, Some(kind)) else { continue };
            let Some(div) = of_section(&context, &placed, heading) else { continue };
            let steps: String = placed.path.iter().map(|index| format!("/section/{index}")).collect();
            made.push((format!("/entry/0/resource{steps}"), div));
        }
    }
    for (pointer, div) in made {
        if let Some(place) = document.pointer_mut(&format!("{pointer}/text/div")) {
            *place = Value::String(div);
        }
    }
}
