//! Judges a document: what its standard demands, what its sections say, whose it is, and whether words and entries agree.

use crate::narrative::contacts::practice_of;
use crate::narrative::{self, Context, Placed, heading_of, sections};
use crate::plain;
use crate::select::HELPERS;
use crate::standard::{Content, Heading, Item, Kind, Obligation, kind_of_type, plainest};
use crate::tree;
use crate::words;
use ginnel_medicines::record::{Found, Ownership, read};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use serde_json::Value;

/// Judges a whole document, with what a validator says of it as FHIR.
pub fn check(
    document: &Value,
    kind: Option<Kind>,
    validate: &dyn Fn(&Value) -> Vec<Issue>,
) -> (Option<Kind>, Vec<Issue>) {
    let mut issues = validate(document);
    let Some(context) = Context::read(document).filter(|_| is_document(document)) else {
        issues.push(
            Issue::error(
                IssueCode::Structure,
                IssueKey::DocumentKind,
                "It is no FHIR document: a Bundle of type `document` that begins with a Composition.",
            )
            .with_hint("`ginnel document build` makes one of a record"),
        );
        return (kind, issues);
    };
    let found = kind.or_else(|| kind_of(context.composition()));
    soften(&mut issues, &context, found);
    of_kind(&context, kind, found, &mut issues);
    issues.extend(of_obligations(&context, found));
    issues.extend(of_sections(&context, found));
    issues.extend(of_references(&context));
    issues.extend(of_people(&context));
    issues.sort_by_key(|issue| issue.severity);
    (found, issues)
}

fn is_document(document: &Value) -> bool {
    read::text(document, "resourceType") == Some("Bundle") && read::text(document, "type") == Some("document")
}

/// Which of the standards a Composition follows: by its type, else by its title.
pub fn kind_of(composition: &Value) -> Option<Kind> {
    let by_type = composition.get("type").and_then(kind_of_type);
    let titles = [composition.get("type").and_then(read::words), read::text(composition, "title")];
    let named = |title: &str| {
        let plain = plainest(title);
        Kind::ALL.into_iter().find(|kind| {
            let own = plainest(&kind.standard().title);
            plain == own || (plain.starts_with(&own) && plain.ends_with("provisionalheadings"))
        })
    };
    by_type.or_else(|| titles.into_iter().flatten().find_map(named))
}

/// A heading for which UK Core has no code has one of ours or of SNOMED CT: that is no fault.
fn soften(issues: &mut Vec<Issue>, context: &Context<'_>, kind: Option<Kind>) {
    let placed = sections(context.composition());
    issues.retain(|issue| {
        let Some(place) = issue.expression.as_deref() else { return true };
        let section = placed
            .iter()
            .filter(|it| place.starts_with(&format!("{}.code", it.expression())))
            .max_by_key(|it| it.path.len());
        let heading = section.and_then(|it| heading_of(it.section, kind));
        !(matches!(issue.key, IssueKey::TargetCodeOutside | IssueKey::TargetCodeNotChecked)
            && heading
                .is_some_and(|heading| !heading.has_uk_core_code() || issue.key == IssueKey::TargetCodeNotChecked))
    });
}

fn of_kind(context: &Context<'_>, asked: Option<Kind>, found: Option<Kind>, issues: &mut Vec<Issue>) {
    let composition = context.composition();
    let at = "Bundle.entry[0].resource.type";
    let by_type = composition.get("type").and_then(kind_of_type);
    match (asked, by_type, found) {
        (Some(asked), Some(own), _) if asked != own => issues.push(
            Issue::error(
                IssueCode::Value,
                IssueKey::DocumentKind,
                format!("The document says that it is of the kind `{}`.", own.key()),
            )
            .with_expression(at)
            .with_hint(format!("it was judged as `{}`, which was asked for", asked.key())),
        ),
        (_, None, Some(kind)) => issues.push(
            Issue::warning(
                IssueCode::CodeInvalid,
                IssueKey::DocumentKind,
                format!("The type has not the code of `{}`; it was told by other words, or asked for.", kind.key()),
            )
            .with_expression(at)
            .with_hint(format!(
                "{} {}",
                kind.standard().document_type.system(),
                kind.standard().document_type.code
            )),
        ),
        (_, _, None) => issues.push(
            Issue::warning(
                IssueCode::CodeInvalid,
                IssueKey::DocumentKind,
                "Which standard the document follows cannot be told, so that its headings were not judged.",
            )
            .with_expression(at)
            .with_hint(format!("name it with --kind: {}", Kind::ALL.map(Kind::key).join(", "))),
        ),
        _ => {}
    }
    if let Some(provisional) = found.and_then(|kind| kind.standard().provisional.as_ref()) {
        issues.push(Issue::warning(IssueCode::Informational, IssueKey::DocumentProvisional, provisional.clone()));
    }
}

/// What the standard demands of the document's headings.
pub fn obligations(document: &Value, kind: Option<Kind>) -> Vec<Issue> {
    Context::read(document).map(|context| of_obligations(&context, kind)).unwrap_or_default()
}

fn of_obligations(context: &Context<'_>, kind: Option<Kind>) -> Vec<Issue> {
    let Some(kind) = kind else { return Vec::new() };
    let placed = sections(context.composition());
    let mut issues = Vec::new();
    for heading in kind.standard().headings.iter().filter(|heading| heading.content != Content::Document) {
        let own = |it: &&Placed<'_>| heading_of(it.section, Some(kind)).is_some_and(|found| found.key == heading.key);
        let standing: Vec<&Placed<'_>> = placed.iter().filter(own).collect();
        match standing.as_slice() {
            [] => issues.extend(missing(heading)),
            all => {
                if let Some(first) = all.first() {
                    present(context, heading, all, first, &mut issues);
                }
            }
        }
    }
    if kind == Kind::AboutMe
        && !placed.iter().any(|it| {
            has_content(it.section)
                && heading_of(it.section, Some(kind)).is_some_and(|heading| heading.content == Content::Answers)
        })
    {
        let text = "No heading of About Me has anything to say.";
        issues.push(
            Issue::warning(IssueCode::Required, IssueKey::DocumentHeadingEmpty, text)
                .with_hint("the record has no About Me that could be found"),
        );
    }
    issues
}

fn missing(heading: &Heading) -> Option<Issue> {
    let text = format!("The section \"{}\" is missing.", heading.title);
    match heading.obligation {
        Obligation::Mandatory => Some(
            Issue::error(IssueCode::Required, IssueKey::DocumentHeadingMissing, text)
                .with_expression("Bundle.entry[0].resource")
                .with_hint("it is mandatory: where nothing is known, send it with `emptyReason`"),
        ),
        Obligation::Required => Some(
            Issue::information(IssueCode::Required, IssueKey::DocumentHeadingMissing, text)
                .with_hint("it is required where it is recorded"),
        ),
        Obligation::Optional => None,
    }
}

fn present(context: &Context<'_>, heading: &Heading, all: &[&Placed<'_>], first: &Placed<'_>, issues: &mut Vec<Issue>) {
    if let Some(second) = all.get(1) {
        let text = format!("The section \"{}\" stands more than once.", heading.title);
        let issue = if heading.cardinality.ends_with("..1") {
            Issue::error(IssueCode::Duplicate, IssueKey::DocumentHeadingRepeated, text)
        } else {
            Issue::information(IssueCode::Duplicate, IssueKey::DocumentHeadingRepeated, text)
        };
        issues.push(issue.with_expression(second.expression()));
    }
    if heading.obligation == Obligation::Mandatory && !all.iter().any(|it| has_content(it.section)) {
        let text = format!("The section \"{}\" is mandatory and has nothing to say.", heading.title);
        let why = first.section.get("emptyReason").map_or("it does not say why", |_| "its `emptyReason` says why");
        issues.push(
            Issue::error(IssueCode::Required, IssueKey::DocumentHeadingEmpty, text)
                .with_expression(first.expression())
                .with_hint(format!("{why}; find out, record it at the source, and build again")),
        );
        return;
    }
    for item in &heading.items {
        if let Some(false) = has_item(context, item, all) {
            let text = format!("\"{}\" lacks {}.", heading.title, item.name);
            let issue = match item.obligation {
                Obligation::Mandatory => Issue::error(IssueCode::Required, IssueKey::DocumentItemMissing, text),
                _ => Issue::warning(IssueCode::Required, IssueKey::DocumentItemMissing, text),
            };
            issues.push(issue.with_expression(first.expression()).with_missing(item.path.clone()));
        }
    }
}

/// Whether a section says anything: entries, sections that do, or words without a reason for being empty.
pub(crate) fn has_content(section: &Value) -> bool {
    let below = read::items(section, "section").any(has_content);
    let has_entries = read::items(section, "entry").next().is_some();
    let words = || {
        section.get("emptyReason").is_none()
            && section
                .pointer("/text/div")
                .and_then(Value::as_str)
                .is_some_and(|div| !plain::read(div).lines.is_empty())
    };
    below || has_entries || (read::items(section, "section").next().is_none() && words())
}

/// Whether an item is there; nothing where the section has only words.
fn has_item(context: &Context<'_>, item: &Item, all: &[&Placed<'_>]) -> Option<bool> {
    let entries: Vec<usize> = all.iter().flat_map(|it| context.entries(it.section)).collect();
    if entries.is_empty() {
        return None;
    }
    let mut patients =
        entries.iter().filter_map(|index| context.record.at(*index)).filter(|it| it.kind == "Patient").peekable();
    if item.path == "gp-practice.ods-code" {
        let direct =
            entries.iter().filter_map(|index| context.record.at(*index)).filter(|it| it.kind == "Organization");
        let own = direct.flat_map(|it| read::items(it.value, "identifier")).any(|it| {
            read::text(it, "system").is_some_and(|system| system.contains("/Id/ods-"))
                && read::text(it, "value").is_some()
        });
        let named = patients.any(|patient| {
            read::items(patient.value, "generalPractitioner").any(|it| practice_of(context, patient, it).1.is_some())
        });
        return Some(own || named);
    }
    patients.peek()?;
    Some(patients.any(|patient| match item.path.as_str() {
        "Patient.identifier.nhs-number" => read::items(patient.value, "identifier").any(|it| {
            read::text(it, "system") == Some("https://fhir.nhs.uk/Id/nhs-number") && read::text(it, "value").is_some()
        }),
        path => stands(patient.value, path.split('.').skip(1)),
    }))
}

/// Whether something stands at a path, through lists.
fn stands<'p>(value: &Value, mut path: impl Iterator<Item = &'p str> + Clone) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| stands(item, path.clone())),
        Value::Null => false,
        _ => match path.next() {
            Some(name) => value.get(name).is_some_and(|inner| stands(inner, path)),
            None => value.as_str().is_none_or(|text| !text.trim().is_empty()),
        },
    }
}

/// Headings that nobody knows, and narratives that do not say what the entries say.
fn of_sections(context: &Context<'_>, kind: Option<Kind>) -> Vec<Issue> {
    let is_own = is_own(context.composition());
    let mut issues = Vec::new();
    for placed in sections(context.composition()) {
        let heading = heading_of(placed.section, kind);
        if heading.is_none() {
            let text = "The heading of a section is not known.";
            issues.push(
                Issue::warning(IssueCode::CodeInvalid, IssueKey::DocumentHeadingUnknown, text)
                    .with_expression(placed.expression())
                    .with_hint("give it the code of a heading (UKCore-RecordStandardHeadings, or the SNOMED CT code of the standard)"),
            );
        } else if placed.section.get("code").is_none() {
            let text = "The section has no code; its heading was told by its title.";
            issues.push(
                Issue::warning(IssueCode::CodeInvalid, IssueKey::DocumentHeadingUnknown, text)
                    .with_expression(placed.expression()),
            );
        }
        issues.extend(narrative_of(context, &placed, heading, is_own));
    }
    issues
}

/// Whether this gateway put the document together.
pub(crate) fn is_own(composition: &Value) -> bool {
    read::items(composition, "author").any(|author| {
        author.pointer("/identifier/system").and_then(Value::as_str) == Some("https://gateway.example.org/Id/software")
    })
}

fn narrative_of(
    context: &Context<'_>,
    placed: &Placed<'_>,
    heading: Option<&'static Heading>,
    is_own: bool,
) -> Vec<Issue> {
    let at = format!("{}.text", placed.expression());
    let fault = |severity: Severity, text: String| {
        Issue::new(severity, IssueCode::BusinessRule, IssueKey::DocumentNarrative, text).with_expression(at.clone())
    };
    let Some(div) = placed.section.pointer("/text/div").and_then(Value::as_str) else {
        if placed.section.get("section").is_some() && placed.section.get("entry").is_none() {
            return Vec::new();
        }
        return vec![fault(
            Severity::Error,
            "The section has no narrative: who reads it sees nothing of its entries.".to_owned(),
        )];
    };
    let told = plain::read(div);
    let mut issues = Vec::new();
    if !told.dropped.is_empty() {
        let text = format!("The narrative holds what may not be shown: {}.", told.dropped.join(", "));
        issues.push(fault(Severity::Error, text));
    }
    if is_own && let Some(wanted) = heading.and_then(|heading| narrative::of_section(context, placed, heading)) {
        if wanted != div {
            let text =
                "The narrative is not what the entries say: one of them was changed after the document was made.";
            issues.push(
                fault(Severity::Error, text.to_owned())
                    .with_hint("build the document again; `ginnel document html` shows what its entries say"),
            );
        }
        return issues;
    }
    issues.extend(unsaid(context, placed, heading, &told).map(|(severity, text)| fault(severity, text)));
    issues
}

/// Entries that a narrative of another sender does not name.
fn unsaid(
    context: &Context<'_>,
    placed: &Placed<'_>,
    heading: Option<&'static Heading>,
    told: &plain::Plain,
) -> Option<(Severity, String)> {
    let plain = plainest(&told.lines.join(" "));
    let mut missing: Vec<String> = Vec::new();
    for index in context.entries(placed.section) {
        let Some(resource) = context.record.at(index) else { continue };
        if HELPERS.contains(&resource.kind)
            || matches!(resource.kind, "Patient" | "List" | "OperationOutcome" | "QuestionnaireResponse")
        {
            continue;
        }
        let name = words::title(&context.record, resource);
        if name == words::label(resource.kind) || plain.contains(&plainest(&name)) {
            continue;
        }
        missing.push(context.record.reference_of(index));
    }
    if missing.is_empty() {
        return None;
    }
    let grave = heading.is_some_and(|heading| matches!(heading.content, Content::Allergies | Content::Medications));
    let severity = if grave { Severity::Error } else { Severity::Warning };
    Some((severity, format!("The narrative does not name {} of its entries: {}.", missing.len(), missing.join(", "))))
}

/// References of entries that lead to nothing in the document.
fn of_references(context: &Context<'_>) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (index, resource) in context.record.all().filter(|(index, _)| *index != context.composition) {
        let mut lost = 0;
        tree::references(resource.value, &mut |reference| {
            let is_lost = matches!(context.record.follow(resource, reference), Found::Missing(_));
            lost += usize::from(is_lost && resource.container.is_none());
        });
        if lost > 0 {
            let text =
                format!("{lost} references of {} lead to nothing in the document.", context.record.reference_of(index));
            let severity = if resource.kind == "Provenance" { Severity::Information } else { Severity::Warning };
            issues.push(
                Issue::new(severity, IssueCode::NotFound, IssueKey::DocumentReference, text)
                    .with_expression(resource.place.clone())
                    .with_hint("a document should carry what its entries refer to"),
            );
        }
    }
    issues
}

/// Everything in a document is about the one person.
fn of_people(context: &Context<'_>) -> Vec<Issue> {
    let composition = context.record.at(context.composition);
    let subject =
        composition.and_then(|own| own.value.get("subject").map(|subject| context.record.follow(own, subject)));
    if !matches!(subject, Some(Found::Resource(_))) {
        let text = "The document does not hold the person it is about.";
        return vec![
            Issue::error(IssueCode::Required, IssueKey::DocumentOtherPerson, text)
                .with_expression("Bundle.entry[0].resource.subject")
                .with_hint("`Composition.subject` must lead to a Patient of the document"),
        ];
    }
    let mut issues = Vec::new();
    for (index, resource) in context.record.all() {
        let other = match resource.kind {
            "Patient" => !context.person.patients.contains(&index),
            _ => matches!(context.person.owns(&context.record, resource), Ownership::SomebodyElses(_)),
        };
        if other {
            let text = format!("{} is about another person than the document.", context.record.reference_of(index));
            issues.push(
                Issue::error(IssueCode::BusinessRule, IssueKey::DocumentOtherPerson, text)
                    .with_expression(resource.place.clone())
                    .with_hint("do not use the document until its sender has mended it"),
            );
        }
    }
    issues
}
