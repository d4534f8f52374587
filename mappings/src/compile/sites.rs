//! Every place where a rule writes, noted while it is compiled: where, under which condition, from which vendor values.
//! The checker judges these notes; running a plan needs none of them.

use super::Workbench;
use super::source_places::Place;
use crate::account::LawClass;
use crate::check::condition::Formula;
use crate::code_table::CodeTable;
use crate::converter::Converter;
use crate::diagnostic::Span;
use crate::fhir_path::{FhirPath, Pick, Slice};
use crate::functions::signature::{JsonType, Taken};
use crate::guard::{Guard, Test};
use crate::plan::Only;
use crate::source_shape::Kinds;
use crate::text::{PartBody, Text};
use crate::vendor_path::{Base, Step, VendorPath};
use serde_json::Value;
use std::sync::Arc;

/// A resource rule and what it writes.
#[derive(Debug)]
pub(crate) struct ResourceSites<'w> {
    /// The rule's name.
    pub name: String,
    /// FHIR's type.
    pub resource_type: String,
    /// The profile claimed and where.
    pub profile: Option<(String, Span)>,
    /// When such a resource is made, what is quarantined left out.
    pub condition: Formula,
    /// What its id is made of: paths and the bases they start at.
    pub id: Vec<SourceSite<'w>>,
    /// What its guards look at.
    pub guarded: Vec<SourceSite<'w>>,
    /// Where `id` stands.
    pub id_span: Span,
    /// The bases of its `each`, outermost first, with the author's names.
    pub each: Vec<(usize, String)>,
    /// Whether rows are grouped.
    pub grouped: bool,
    /// Where the rule stands.
    pub span: Span,
    /// What it writes.
    pub sites: Vec<Site<'w>>,
}

/// A vendor value that a rule reads.
#[derive(Debug, Clone)]
pub(crate) struct SourceSite<'w> {
    /// The path.
    pub path: VendorPath,
    /// Its number among the subjects.
    pub subject: usize,
    /// What it starts at.
    pub base: usize,
    /// The pointers it may stand for; `None` for what is looked up.
    pub pattern: Option<String>,
    /// Where it stands in the schema; `None` where nothing is known.
    pub place: Option<Place<'w>>,
}

/// One step to an element of a resource.
#[derive(Debug, Clone)]
pub(crate) struct ElementStep {
    /// The member's name.
    pub name: String,
    /// Which of its elements.
    pub which: Which,
}

/// Which element of a member.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    /// The member as a whole.
    Whole,
    /// The element at a place.
    Index(usize),
    /// The element of a slice.
    Slice(Arc<Slice>),
    /// Each element that a list rule makes; the rule's number in its resource.
    Each(usize),
}

/// What a rule writes.
#[derive(Debug, Clone)]
pub(crate) enum SiteKind {
    /// A constant.
    Constant(Value),
    /// Vendor values through a converter.
    Pair {
        /// How they are carried.
        converter: Converter,
        /// Whether this is what becomes of values that the pair itself cannot carry.
        is_else: bool,
        /// Whether values that it cannot carry go elsewhere.
        has_else: bool,
    },
    /// An element that is there where a boolean is true.
    Exists,
    /// A Reference to what another rule makes.
    Reference {
        /// The type referred to.
        target_type: String,
        /// Whether the vendor's key stands beside it.
        keyed: bool,
    },
    /// A text; whether it is read back.
    Text {
        /// The text.
        text: Text,
        /// Whether it is read back on the way in.
        back: bool,
    },
    /// A list whose elements other rules fill.
    List,
}

/// A rule that writes.
#[derive(Debug, Clone)]
pub(crate) struct Site<'w> {
    /// What it writes.
    pub kind: SiteKind,
    /// Where: the steps from the resource.
    pub path: Vec<ElementStep>,
    /// As the author wrote it.
    pub to: String,
    /// When the rule is applied, the resource's own condition left out.
    pub condition: Formula,
    /// When it writes something, its condition within.
    pub written: Formula,
    /// What it reads.
    pub sources: Vec<SourceSite<'w>>,
    /// Where its target stands.
    pub target_span: Span,
    /// Its law class.
    pub class: LawClass,
    /// Which ways.
    pub only: Only,
    /// `file:line`.
    pub rule: Arc<str>,
}

/// What a note of a rule needs beyond the workbench.
pub(super) struct Noted<'n> {
    pub kind: SiteKind,
    pub to: &'n FhirPath,
    pub text: &'n str,
    pub sources: Vec<VendorPath>,
    pub when: Option<&'n Guard>,
    pub spans: (Span, Span),
    pub class: LawClass,
    pub only: Only,
}

impl<'w> Workbench<'w> {
    /// What a path starts at.
    pub(super) fn base_of(&self, path: &VendorPath) -> usize {
        match path.base {
            Base::Root => 0,
            Base::Variable(slot) => self.bases.get(slot).copied().unwrap_or(0),
        }
    }

    /// A vendor value that a rule reads.
    pub(super) fn source_site(&mut self, path: &VendorPath) -> SourceSite<'w> {
        let base = self.base_of(path);
        let place = self.source_place(path);
        let place = if self.unsure.contains(&base) { place.map(Place::unsure) } else { place };
        let subject = self.subjects.subject(base, path, place.clone());
        let pattern = if self.unsure.contains(&base) { None } else { self.pattern(path) };
        SourceSite { path: path.clone(), subject, base, pattern, place }
    }

    /// A guard as a formula over what its paths mean here.
    pub(super) fn formula(&mut self, guard: &Guard) -> Formula {
        match guard {
            Guard::All(parts) => Formula::All(parts.iter().map(|part| self.formula(part)).collect()),
            Guard::Any(parts) => Formula::Any(parts.iter().map(|part| self.formula(part)).collect()),
            Guard::Not(part) => self.formula(part).negated(),
            // Of two dates nothing is known but that they are the same two.
            Guard::Test(path, Test::Before(other)) => Formula::All(vec![
                Formula::Test(self.source_site(path).subject, Test::Present),
                Formula::Test(self.source_site(other).subject, Test::Present),
                Formula::Chance(format!("{} before {}", path.text, other.text)),
            ]),
            Guard::Test(path, test) => {
                let source = self.source_site(path);
                match test {
                    Test::Fits(Converter::Table(table)) if !table.as_is && !source.may_be_list() => {
                        listed(table, source.subject)
                    }
                    test => Formula::Test(source.subject, test.clone()),
                }
            }
            Guard::Fits(paths, converter) => {
                let sources: Vec<SourceSite<'w>> = paths.iter().map(|path| self.source_site(path)).collect();
                carried_together(converter, &sources, false)
            }
        }
    }

    /// Notes what a rule writes.
    pub(super) fn note_site(&mut self, noted: Noted<'_>) {
        let when = noted.when.map(|when| self.formula(when));
        let mut parts = self.conditions.clone();
        parts.extend(when);
        let sources: Vec<SourceSite<'w>> = noted.sources.iter().map(|path| self.source_site(path)).collect();
        parts.push(self.writes(&noted.kind, &sources, noted.spans.0));
        let written = Formula::All(parts.clone());
        parts.pop();
        let mut path = self.around.clone();
        path.extend(noted.to.steps.iter().map(|step| ElementStep {
            name: step.name.clone(),
            which: match &step.pick {
                Pick::Whole => Which::Whole,
                Pick::Index(index) => Which::Index(*index),
                Pick::Slice(slice) => Which::Slice(slice.clone()),
            },
        }));
        let rule = self.place(noted.spans.0);
        self.sites.push(Site {
            kind: noted.kind,
            path,
            to: noted.text.to_string(),
            condition: Formula::All(parts),
            written,
            sources,
            target_span: noted.spans.1,
            class: noted.class,
            only: noted.only,
            rule,
        });
    }

    /// When a rule that is applied writes something.
    fn writes(&mut self, kind: &SiteKind, sources: &[SourceSite<'w>], span: Span) -> Formula {
        match kind {
            SiteKind::Constant(_) => Formula::always(),
            SiteKind::List | SiteKind::Reference { .. } => Formula::All(sources.iter().map(present).collect()),
            SiteKind::Exists => {
                let is_true = Test::Equals(Value::Bool(true));
                Formula::All(sources.iter().map(|one| Formula::Test(one.subject, is_true.clone())).collect())
            }
            SiteKind::Pair { converter, .. } => carried(converter, sources),
            SiteKind::Text { text, .. } => self.text_written(text, span),
        }
    }

    fn text_written(&mut self, text: &Text, span: Span) -> Formula {
        let mut parts = Vec::new();
        for (place, part) in text.parts.iter().enumerate() {
            let when = self.formula(&part.when);
            let body = match &part.body {
                PartBody::Template(template) => {
                    let holes: Vec<Formula> = template
                        .paths()
                        .into_iter()
                        .map(|path| Formula::Test(self.source_site(path).subject, Test::Present))
                        .collect();
                    Formula::All(holes)
                }
                PartBody::Text(inner) => self.text_written(inner, span),
            };
            let body = match &part.each {
                // Some element of the list has what the part shows: which, nobody can tell before.
                Some((path, _)) => Formula::All(vec![
                    Formula::Test(self.source_site(path).subject, Test::Present),
                    Formula::Chance(format!("part {place} of {}:{}", span.line, span.column)),
                ]),
                None => body,
            };
            parts.push(Formula::All(vec![when, body]));
        }
        if text.all_or_nothing { Formula::All(parts) } else { Formula::Any(parts) }
    }
}

fn present(source: &SourceSite<'_>) -> Formula {
    Formula::Test(source.subject, Test::Present)
}

/// When a value is a code that a table lists.
fn listed(table: &CodeTable, subject: usize) -> Formula {
    let rows: Vec<Value> = table.rows.iter().map(|(vendor, _)| vendor.clone()).collect();
    let texts: Vec<String> = rows.iter().filter_map(Value::as_str).map(str::to_string).collect();
    let plain = Formula::Test(subject, Test::In(rows));
    if table.ignore_case { Formula::Any(vec![plain, Formula::Test(subject, Test::InAnyCase(texts))]) } else { plain }
}

/// When a converter gives something for its sources.
fn carried(converter: &Converter, sources: &[SourceSite<'_>]) -> Formula {
    let first = match converter {
        Converter::Chain(steps) => steps.first().unwrap_or(converter),
        one => one,
    };
    let chain = !std::ptr::eq(first, converter);
    match (first, sources) {
        (Converter::Identity, [one]) if !chain => present(one),
        (Converter::Table(table), [one]) if !chain && (table.vendor_else.is_some() || table.as_is) => present(one),
        (Converter::Table(table), [one]) if !chain && !one.may_be_list() => listed(table, one.subject),
        (Converter::Call(function, arguments), [one]) => {
            let total = !chain
                && arguments.nothing.is_empty()
                && function.signature.taken(0).is_some_and(|taken| one.is_taken(taken));
            let fits = Formula::Test(one.subject, Test::Fits(converter.clone()));
            if total {
                present(one)
            } else if function.name == "instant" && one.is_date_time() {
                // JSON Schema's `date-time` also allows `t` and `z`, and a 61st second.
                Formula::Likely(Box::new(fits), Box::new(present(one)))
            } else {
                fits
            }
        }
        (_, [one]) => Formula::Test(one.subject, Test::Fits(converter.clone())),
        (Converter::Call(..), several) => carried_together(first, several, chain),
        (_, several) => Formula::All(several.iter().map(present).collect()),
    }
}

/// Whether a call carries several values together: those it needs are there, and, unless it carries all such values, by
/// chance. A guard that asks for the same call of the same values is the same formula.
fn carried_together(call: &Converter, several: &[SourceSite<'_>], chain: bool) -> Formula {
    let Converter::Call(function, arguments) = call else {
        return Formula::All(several.iter().map(present).collect());
    };
    let taken = |place: usize| function.signature.taken(place);
    let needed: Vec<Formula> = several
        .iter()
        .enumerate()
        .filter(|(place, _)| taken(*place).is_none_or(|taken| !taken.optional))
        .map(|(_, one)| present(one))
        .collect();
    let total = !chain
        && arguments.nothing.is_empty()
        && several.iter().enumerate().all(|(place, one)| taken(place).is_some_and(|taken| one.is_taken(taken)));
    let mut parts = if needed.is_empty() { vec![Formula::Any(several.iter().map(present).collect())] } else { needed };
    if !total {
        let subjects: Vec<usize> = several.iter().map(|one| one.subject).collect();
        let chain = if chain { ", first of a chain" } else { "" };
        let table = arguments.table.as_ref().map(std::sync::Arc::as_ptr);
        let call = format!("{}({:?}, {:?}, {table:?})", function.name, arguments.texts, arguments.named);
        parts.push(Formula::Chance(format!("{call} of {subjects:?}{chain}")));
    }
    Formula::All(parts)
}

impl SourceSite<'_> {
    /// Whether a list may stand there.
    pub fn may_be_list(&self) -> bool {
        self.place.as_ref().is_none_or(Place::holds_list)
    }

    /// Whether every text there is of JSON Schema's format `date-time`.
    fn is_date_time(&self) -> bool {
        self.place.as_ref().is_some_and(|place| {
            let domain = place.domain();
            domain.kinds().within(Kinds::TEXT.or(Kinds::NULL)) && domain.every_text(&["date-time"], &|_| false)
        })
    }

    /// Whether everything that may stand there is in the domain of a function's source.
    pub fn is_taken(&self, taken: &Taken) -> bool {
        if self.path.steps.last() == Some(&Step::KeyName) {
            return taken.total && taken.types.contains(&JsonType::Text);
        }
        let Some(place) = &self.place else { return false };
        let domain = place.domain();
        let kinds = domain.kinds().without(Kinds::NULL);
        let allowed = taken.types.iter().fold(Kinds::NONE, |all, one| all.or(kinds_of(*one)));
        let text_proved =
            || domain.every_text(taken.formats, &|_| false) && !kinds.meets(Kinds::ALL.without(Kinds::TEXT));
        kinds.within(allowed) && (taken.total || text_proved())
    }
}

/// The types of a schema that a JSON type stands for.
pub(crate) fn kinds_of(one: JsonType) -> Kinds {
    match one {
        JsonType::Text => Kinds::TEXT,
        JsonType::Number => Kinds::NUMBER,
        JsonType::Boolean => Kinds::BOOLEAN,
        JsonType::List => Kinds::LIST,
        JsonType::Object => Kinds::OBJECT,
    }
}
