//! A document of any sender taken apart: its person, its headings in whatever order, words and entries of each, and what
//! became of every value.

use crate::check::{self, kind_of};
use crate::narrative::{Context, Placed, facts_of_composition, gaps_of, heading_of, instant, sections};
use crate::plain;
use crate::standard::{Heading, Kind};
use crate::tree;
use crate::words;
use ginnel_medicines::record::{Found, read};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::{Map, Value, json};

/// How the account calls a value that only the document as it came still has.
pub const NOT_KEPT: &str = "not-kept";

/// A document taken apart.
#[derive(Debug)]
pub struct Read {
    /// Which standard it follows, where that can be told.
    pub kind: Option<Kind>,
    /// The instant it is for, as text.
    pub at: Option<String>,
    /// The Composition without its sections, as it came.
    pub composition: Value,
    /// What else the Bundle says of itself, as it came.
    pub bundle: Value,
    /// When, who, and by which standard, for people.
    pub facts: Vec<(String, String)>,
    /// What the document says is missing.
    pub gaps: Vec<String>,
    /// All sections in the document's order, outer ones before those below them.
    pub sections: Vec<Section>,
    /// All resources but the Composition, as they came, each with its address.
    pub resources: Vec<(Option<String>, Value)>,
    /// Resources that no section refers to, and nothing that a section refers to does either.
    pub unlisted: Vec<String>,
    /// What could not be read, or is doubtful.
    pub issues: Vec<Issue>,
    /// What became of each value: its JSON Pointer, and how it was kept.
    pub account: Vec<(String, &'static str)>,
}

/// One section.
#[derive(Debug)]
pub struct Section {
    /// Where it stands: `[2, 0]` is the first below the third.
    pub path: Vec<usize>,
    /// The heading, where it is known.
    pub heading: Option<&'static Heading>,
    /// Its own title.
    pub title: Option<String>,
    /// Its code, as it came.
    pub code: Value,
    /// `entries`, `text-only`, `empty`, or `sections`.
    pub state: &'static str,
    /// Why it is empty: code and words.
    pub empty_reason: Option<(Option<String>, Option<String>)>,
    /// Its narrative, a line each.
    pub lines: Vec<String>,
    /// Its entries: what each is called by others.
    pub entries: Vec<String>,
    /// References that lead to nothing in the document.
    pub missing: Vec<String>,
    /// What its entries say, a fact a line.
    pub facts: Vec<String>,
    /// Members that sections seldom have, as they came.
    pub others: Value,
}

/// Takes a document apart; nothing where it holds no Composition.
pub fn read(document: &Value) -> Option<Read> {
    let context = Context::read(document)?;
    let composition = context.composition().clone();
    let kind = kind_of(&composition);
    let mut issues = Vec::new();
    if read::text(document, "type") != Some("document") {
        issues.push(Issue::warning(
            IssueCode::Structure,
            IssueKey::DocumentKind,
            "The Bundle is not of type `document`; it was read as one.",
        ));
    }
    if document.pointer("/entry/0/resource/resourceType").and_then(Value::as_str) != Some("Composition") {
        issues.push(Issue::warning(
            IssueCode::Structure,
            IssueKey::DocumentKind,
            "The Composition is not the first entry.",
        ));
    }
    if kind.is_none() {
        let text = "Which standard the document follows cannot be told; headings of all of them were looked for.";
        issues.push(Issue::information(IssueCode::CodeInvalid, IssueKey::DocumentKind, text));
    }
    let sections: Vec<Section> =
        sections(&composition).iter().map(|placed| section(&context, placed, kind, &mut issues)).collect();
    let reached = reached(&context, &sections);
    let unlisted = context
        .record
        .all()
        .filter(|(index, it)| it.container.is_none() && *index != context.composition && !reached.contains(index));
    let unlisted: Vec<String> = unlisted
        .filter(|(_, it)| it.kind != "Provenance")
        .map(|(index, _)| context.record.reference_of(index))
        .collect();
    if !unlisted.is_empty() {
        let text = format!("{} entries stand under no heading; they are kept.", unlisted.len());
        issues.push(Issue::warning(IssueCode::Structure, IssueKey::DocumentReference, text));
    }
    let account = account(document);
    let lost = account.iter().filter(|(_, how)| *how == NOT_KEPT).count();
    if lost > 0 {
        let text = format!("{lost} values of entries, beside their resources and addresses, were not kept.");
        issues.push(
            Issue::warning(IssueCode::Structure, IssueKey::DocumentLeftOut, text).with_hint("the account names them"),
        );
    }
    issues.extend(
        context.record.gaps.iter().filter(|gap| gap.kind == ginnel_medicines::record::GapKind::Unreadable).map(|gap| {
            Issue::error(
                IssueCode::Structure,
                IssueKey::DocumentIncomplete,
                "A part of the document is no FHIR resource and was not read.",
            )
            .with_expression(gap.evidence.first().cloned().unwrap_or_default())
        }),
    );
    Some(Read {
        kind,
        at: instant(&composition).map(|at| at.to_string()),
        facts: facts_of_composition(&context),
        gaps: gaps_of(&context),
        unlisted,
        resources: resources(document),
        account,
        bundle: without(document, "entry"),
        composition: without(&composition, "section"),
        sections,
        issues,
    })
}

fn without(value: &Value, member: &str) -> Value {
    let members = value.as_object().into_iter().flatten().filter(|(name, _)| *name != member);
    Value::Object(members.map(|(name, inner)| (name.clone(), inner.clone())).collect::<Map<_, _>>())
}

fn section(context: &Context<'_>, placed: &Placed<'_>, kind: Option<Kind>, issues: &mut Vec<Issue>) -> Section {
    let own = placed.section;
    let heading = heading_of(own, kind);
    let told = own.pointer("/text/div").and_then(Value::as_str).map(plain::read).unwrap_or_default();
    let at = placed.expression();
    if heading.is_none() {
        let text = "The heading of a section is not known; its words and entries are kept.";
        issues.push(
            Issue::warning(IssueCode::CodeInvalid, IssueKey::DocumentHeadingUnknown, text).with_expression(at.clone()),
        );
    }
    if !told.dropped.is_empty() || told.is_broken {
        let text = if told.is_broken {
            "A narrative is no XHTML; its text is shown as it is written.".to_owned()
        } else {
            format!("Of a narrative these were not shown: {}.", told.dropped.join(", "))
        };
        issues.push(
            Issue::warning(IssueCode::Value, IssueKey::DocumentNarrative, text).with_expression(format!("{at}.text")),
        );
    }
    let mut entries = Vec::new();
    let mut missing = Vec::new();
    let mut facts = Vec::new();
    for entry in read::items(own, "entry") {
        let from = context.record.at(context.composition);
        match from.map(|from| context.record.follow(from, entry)) {
            Some(Found::Resource(index)) => {
                entries.push(context.record.reference_of(index));
                facts.extend(facts_of(context, index));
            }
            Some(Found::Missing(reference)) => missing.push(reference.to_owned()),
            _ => missing.push("(a reference that says nothing)".to_owned()),
        }
    }
    if !missing.is_empty() {
        let text = format!("{} entries of a section are not in the document.", missing.len());
        issues.push(Issue::error(IssueCode::NotFound, IssueKey::DocumentReference, text).with_expression(at));
    }
    let state = match (entries.is_empty(), own.get("section").is_some(), check::has_content(own)) {
        (false, ..) => "entries",
        (true, true, _) => "sections",
        (true, false, true) => "text-only",
        (true, false, false) => "empty",
    };
    Section {
        path: placed.path.clone(),
        heading,
        title: read::text(own, "title").map(str::to_owned),
        code: own.get("code").cloned().unwrap_or_default(),
        state,
        empty_reason: own.get("emptyReason").map(|reason| {
            let code = read::codings(reason).next().map(|(_, code)| code.to_owned());
            (code, read::words(reason).map(str::to_owned))
        }),
        lines: told.lines,
        entries,
        missing,
        facts,
        others: others(own),
    }
}

fn others(section: &Value) -> Value {
    const KNOWN: [&str; 6] = ["title", "code", "text", "entry", "emptyReason", "section"];
    let members = section.as_object().into_iter().flatten().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    Value::Object(members.map(|(name, inner)| (name.clone(), inner.clone())).collect::<Map<_, _>>())
}

/// What a resource says, a fact a line.
fn facts_of(context: &Context<'_>, index: usize) -> Vec<String> {
    let Some(resource) = context.record.at(index) else { return Vec::new() };
    words::rows(&context.record, resource).iter().map(words::flat).collect()
}

/// Resources that sections refer to, and what those refer to.
fn reached(context: &Context<'_>, sections: &[Section]) -> Vec<usize> {
    let named = |reference: &String| {
        context
            .record
            .all()
            .find(|(index, _)| context.record.reference_of(*index) == *reference)
            .map(|(index, _)| index)
    };
    let mut open: Vec<usize> = sections.iter().flat_map(|section| section.entries.iter().filter_map(named)).collect();
    open.push(context.composition);
    let mut reached = Vec::new();
    while let Some(index) = open.pop() {
        if reached.contains(&index) {
            continue;
        }
        reached.push(index);
        let Some(resource) = context.record.at(index) else { continue };
        tree::references(resource.value, &mut |reference| {
            if let Found::Resource(target) = context.record.follow(resource, reference) {
                open.push(context.record.at(target).and_then(|it| it.container).unwrap_or(target));
            }
        });
    }
    reached
}

fn resources(document: &Value) -> Vec<(Option<String>, Value)> {
    let mut is_first = true;
    let entries = read::items(document, "entry").filter(|entry| {
        let is_composition = entry.pointer("/resource/resourceType").and_then(Value::as_str) == Some("Composition");
        !(is_composition && std::mem::take(&mut is_first))
    });
    entries
        .filter_map(|entry| Some((read::text(entry, "fullUrl").map(str::to_owned), entry.get("resource")?.clone())))
        .collect()
}

/// How each value of the document is kept.
fn account(document: &Value) -> Vec<(String, &'static str)> {
    let composition = read::items(document, "entry")
        .position(|entry| entry.pointer("/resource/resourceType").and_then(Value::as_str) == Some("Composition"))
        .map(|index| format!("/entry/{index}/resource/"));
    let mut rows = Vec::new();
    tree::leaves(document, &mut String::new(), &mut |pointer, _| {
        let outcome = match composition.as_deref().and_then(|own| pointer.strip_prefix(own)) {
            Some(inside) if inside.starts_with("section/") => match inside.rsplit_once("/text/") {
                Some((_, "div")) => "words-of-section",
                _ => "section",
            },
            Some(_) => "composition",
            None if pointer.starts_with("/entry/") => match pointer.splitn(4, '/').nth(3) {
                Some(part) if part.starts_with("resource/") || part == "resource" => "resource",
                Some("fullUrl") => "address",
                _ => NOT_KEPT,
            },
            None => "bundle",
        };
        rows.push((pointer.to_owned(), outcome));
    });
    rows
}

impl Read {
    /// It as one JSON object; nothing of the document is missing in it but what the account calls `not-kept`.
    pub fn to_json(&self) -> Value {
        let resources: Vec<Value> = self
            .resources
            .iter()
            .map(|(address, resource)| json!({"fullUrl": address, "resource": resource}))
            .collect();
        json!({
            "kind": self.kind.map(Kind::key),
            "standard": self.kind.map(|kind| format!("{} {}", kind.standard().title, kind.standard().version)),
            "provisional": self.kind.and_then(|kind| kind.standard().provisional.clone()),
            "at": self.at,
            "gaps": self.gaps,
            "facts": self.facts.iter().map(|(label, text)| json!({"label": label, "text": text})).collect::<Vec<_>>(),
            "sections": self.sections.iter().map(Section::to_json).collect::<Vec<_>>(),
            "unlisted": self.unlisted,
            "composition": self.composition,
            "bundle": self.bundle,
            "resources": resources,
        })
    }

    /// The resources as a Bundle that other commands and gateways take.
    pub fn to_bundle(&self) -> Value {
        let entries: Vec<Value> = self
            .resources
            .iter()
            .map(|(address, resource)| match address {
                Some(address) => json!({"fullUrl": address, "resource": resource}),
                None => json!({"resource": resource}),
            })
            .collect();
        json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
    }
}

impl Section {
    fn to_json(&self) -> Value {
        json!({
            "path": self.path,
            "heading": self.heading.map(|heading| heading.key.as_str()),
            "title": self.title,
            "code": self.code,
            "state": self.state,
            "emptyReason": self.empty_reason.as_ref().map(|(code, text)| json!({"code": code, "text": text})),
            "text": self.lines,
            "entries": self.entries,
            "missing": self.missing,
            "facts": self.facts,
            "others": self.others,
        })
    }
}
