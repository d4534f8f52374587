//! Each reverse is a function: what a rule writes can be read back, one way only, by one rule only.

use super::condition::{Answer, Formula};
use super::tree::Instance;
use super::{Judge, Property, Verdict};
use crate::account::LawClass;
use crate::compile::{Presence, ResourceSites, Site, SiteKind, SourceSite};
use crate::converter::Converter;
use crate::diagnostic::{Code, Severity};
use crate::guard::Test;
use crate::instances::covers;
use crate::plan::Only;
use crate::rule_list::{RuleKind, rules_of};
use crate::text::{Filter, PartBody, Piece, Template, is_read_back};
use crate::vendor_path::{Base, Step, VendorPath};
use ginnel_schemas::definition::ElementType;
use ginnel_schemas::json_pointer::push_token;
use ginnel_schemas::terminology::{Coding, Membership};
use serde_json::Value;

/// Judges the rules of a resource, one by one.
pub(super) fn judge(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, instance: &Instance<'_>) {
    for site in instance.here.iter().filter_map(|place| resource.sites.get(*place)) {
        match &site.kind {
            SiteKind::Pair { converter, .. } if site.only != Only::Out => {
                function_back(judge, site, converter);
                if let Converter::Table(table) = converter {
                    codes_back(judge, site, table, instance);
                }
            }
            SiteKind::Text { text, back: true } => {
                if let [part] = text.parts.as_slice()
                    && let PartBody::Template(template) = &part.body
                {
                    template_back(judge, site, template);
                }
            }
            _ => {}
        }
    }
    instance.children.iter().for_each(|child| self::judge(judge, resource, child));
}

/// A function without a way back in a rule that runs both ways.
fn function_back(judge: &mut Judge<'_, '_>, site: &Site<'_>, converter: &Converter) {
    let steps: &[Converter] = match converter {
        Converter::Chain(steps) => steps,
        one => std::slice::from_ref(one),
    };
    let lost = steps.iter().find_map(|step| match step {
        Converter::Call(function, _) if !function.signature.returns => Some(*function),
        _ => None,
    });
    let subject = format!("{} at {}", site.to, site.rule);
    let Some(function) = lost else {
        judge.prove(Property::ReverseIsFunction, subject, Verdict::Proved, "one value for each value of its domain");
        return;
    };
    let needed = site
        .sources
        .iter()
        .find(|source| source.place.as_ref().is_some_and(|place| place.presence() != Presence::Sometimes));
    let name = function.name;
    let (severity, text) = match (function.class, needed) {
        (LawClass::Derive, _) => {
            (Severity::Error, format!("`{name}` cannot be read backwards, and this pair runs both ways"))
        }
        (_, Some(source)) => (
            Severity::Warning,
            format!("`{name}` is read back from the previous record only, and `{}` is required", source.path.text),
        ),
        (_, None) => {
            let why = format!("`{name}` is read back from the previous record only");
            judge.prove(Property::ReverseIsFunction, subject, Verdict::Unknown, why);
            return;
        }
    };
    let verdict = if severity == Severity::Error { Verdict::Broken } else { Verdict::Unknown };
    judge.prove(Property::ReverseIsFunction, subject, verdict, text.clone());
    let one = judge.diagnostic(Code::NotReversible, site.target_span, text).with_severity(severity);
    let side = needed.and_then(|source| source.place.as_ref()).map(|place| place.said()).unwrap_or_default();
    judge.push(one.with_side(side).with_hint("say `only: out`, and let another pair carry the vendor's own words"));
}

/// Every code of a required binding has a way back.
fn codes_back(
    judge: &mut Judge<'_, '_>,
    site: &Site<'_>,
    table: &crate::code_table::CodeTable,
    instance: &Instance<'_>,
) {
    let plain = matches!(instance.element_type, Some(ElementType::Primitive(_) | ElementType::BarePrimitive(_)));
    let Some(set) = judge.required_set(instance).filter(|_| plain) else { return };
    let terminology = &judge.known.terminology;
    let subject = format!("table {} for {}", table.name, instance.shown);
    let nobody = Coding { code: "not-a-code-of-any-set", ..Coding::default() };
    let codes: Vec<String> = terminology.some_codes(&set, usize::MAX).into_iter().map(str::to_string).collect();
    if codes.is_empty() || terminology.membership(&set, nobody) != Membership::NotMember {
        judge.prove(Property::TableBack, subject, Verdict::Unknown, format!("the codes of {set} are not all known"));
        return;
    }
    let answered = judge.tables.answering.contains(&table.name);
    let lost: Vec<&String> = codes.iter().filter(|code| table.back(&Value::from(code.as_str())).is_err()).collect();
    if lost.is_empty() || answered {
        let why = if lost.is_empty() { "each code has a row" } else { "`fhir-else` says what becomes of the rest" };
        judge.prove(Property::TableBack, subject, Verdict::Proved, why);
        for code in lost {
            judge.lose_in(
                format!("{} {code}", instance.plain),
                "refused",
                format!("the table `{}` has no row for it", table.name),
            );
        }
        return;
    }
    let shown: Vec<&str> = lost.iter().take(8).map(|code| code.as_str()).collect();
    let more = if lost.len() > shown.len() { format!(" and {} more", lost.len() - shown.len()) } else { String::new() };
    let text = format!(
        "the table `{}` has no way back for the code(s) {}{more} of `{}`",
        table.name,
        shown.join(", "),
        instance.shown
    );
    judge.prove(Property::TableBack, subject, Verdict::Broken, text.clone());
    let side = format!("FHIR: {} is bound to {set} (required)", instance.plain);
    let one = judge.diagnostic(Code::NoWayBack, site.target_span, text);
    judge.push(one.with_side(side).with_hint(format!(
        "add rows to `{}`, or say what becomes of them with `fhir-else: refuse` or `fhir-else: <vendor code>`",
        table.name
    )));
}

/// A template with several values must be told apart by what stands between them.
fn template_back(judge: &mut Judge<'_, '_>, site: &Site<'_>, template: &Template) {
    let subject = format!("{} at {}", site.to, site.rule);
    let plain = |piece: &Piece| matches!(piece, Piece::Hole(_, filters) if is_read_back(filters));
    let holes: Vec<usize> = template
        .pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| matches!(piece, Piece::Hole(..)))
        .map(|(place, _)| place)
        .collect();
    if !template.pieces.iter().any(plain) || holes.len() < 2 {
        judge.prove(
            Property::ReverseIsFunction,
            subject,
            Verdict::Proved,
            "what the template shows stands alone in it",
        );
        return;
    }
    for pair in holes.windows(2) {
        let [first, second] = pair else { continue };
        let between: String = template
            .pieces
            .get(first + 1..*second)
            .unwrap_or_default()
            .iter()
            .filter_map(|piece| match piece {
                Piece::Literal(text) => Some(text.as_str()),
                Piece::Hole(..) => None,
            })
            .collect();
        let Some(Piece::Hole(path, filters)) = template.pieces.get(*first) else { continue };
        let source = site.sources.iter().find(|source| source.path == *path);
        if between.is_empty() {
            let text =
                format!("nothing stands between `{}` and the value after it, so neither can be read back", path.text);
            judge.prove(Property::ReverseIsFunction, subject, Verdict::Broken, text.clone());
            let one = judge.diagnostic(Code::NotReversible, site.target_span, text);
            judge.push(one.with_hint("put words between them that neither value has, or use `derive`"));
            return;
        }
        let values = source.and_then(|source| source.place.as_ref()).map(|place| place.domain());
        let sure = values.is_some_and(|domain| {
            let listed = |text: &str| !text.contains(&between);
            domain.every_text_lacks(&between)
                || domain.every_text(if between.contains([' ', ';', '|']) { &["date", "uuid"] } else { &[] }, &listed)
        });
        let is_part = matches!(filters.as_slice(), [Filter::Part]) && between.contains('/');
        if !sure && !is_part {
            let text = format!(
                "`{}` may itself hold {between:?}, which parts it from the next value on the way in",
                path.text
            );
            judge.prove(Property::ReverseIsFunction, subject, Verdict::Unknown, text.clone());
            let one = judge.diagnostic(Code::NotReversible, site.target_span, text).with_severity(Severity::Warning);
            let side = source.and_then(|source| source.place.as_ref()).map(|place| place.said()).unwrap_or_default();
            judge.push(
                one.with_side(side).with_hint(
                    "put words between them that the value never has (`/` behind the filter `part`), say in the source schema that it never has them (`\"pattern\": \"^[^|]+$\"`), put the free text last, or use `derive`",
                ),
            );
            return;
        }
    }
    judge.prove(
        Property::ReverseIsFunction,
        subject,
        Verdict::Proved,
        "what stands between the values is in none of them",
    );
}

/// Whether a rule writes its vendor values on the way in.
fn reads_in(site: &Site<'_>) -> bool {
    site.only != Only::Out
        && match &site.kind {
            SiteKind::Pair { is_else, .. } => !is_else,
            SiteKind::Text { back, .. } => *back,
            SiteKind::Exists => true,
            _ => false,
        }
}

/// The values that a rule writes on the way in: of a template those that stand in it as they are.
fn written_in<'s, 'w>(site: &'s Site<'w>) -> Vec<&'s crate::compile::SourceSite<'w>> {
    let holes: Option<Vec<_>> = match &site.kind {
        SiteKind::Text { text, back: true } => match text.parts.as_slice() {
            [part] => match &part.body {
                PartBody::Template(template) => Some(
                    template
                        .pieces
                        .iter()
                        .filter_map(|piece| match piece {
                            Piece::Hole(path, filters) if is_read_back(filters) => Some(path),
                            _ => None,
                        })
                        .collect(),
                ),
                PartBody::Text(_) => Some(Vec::new()),
            },
            _ => Some(Vec::new()),
        },
        _ => None,
    };
    let read_only: &[usize] = match &site.kind {
        SiteKind::Pair { converter: Converter::Call(function, _), .. } => function.read_only,
        _ => &[],
    };
    site.sources
        .iter()
        .enumerate()
        .filter(|(place, _)| !read_only.contains(place))
        .map(|(_, source)| source)
        .filter(|source| source.path.steps.last() != Some(&Step::KeyName) && !source.path.is_part())
        .filter(|source| holes.as_ref().is_none_or(|holes| holes.contains(&&source.path)))
        .collect()
}

/// Judges what the rules of a whole message write on the way in.
pub(super) fn judge_message(judge: &mut Judge<'_, '_>) {
    two_readers(judge);
    not_restored(judge);
}

fn two_readers(judge: &mut Judge<'_, '_>) {
    let resources = judge.resources;
    let mut readers: Vec<(usize, &ResourceSites<'_>, &Site<'_>)> = Vec::new();
    for resource in resources {
        for site in resource.sites.iter().filter(|site| reads_in(site)) {
            for source in written_in(site) {
                // What an id is made of is the same wherever it stands.
                if !resource.id.iter().any(|one| one.subject == source.subject) {
                    readers.push((source.subject, resource, site));
                }
            }
        }
    }
    for (place, (subject, resource, site)) in readers.iter().enumerate() {
        for (other_subject, other_resource, other) in readers.get(place + 1..).unwrap_or_default() {
            if subject != other_subject || std::ptr::eq(*site, *other) {
                continue;
            }
            let path = judge.subjects.get(*subject).map(|one| one.text.clone()).unwrap_or_default();
            let name = format!("{path} by {} and {}", site.rule, other.rule);
            // The same element read twice says the same twice; what several templates show, they show together.
            let same = std::ptr::eq(*resource, *other_resource)
                && super::judge::shown_path(site) == super::judge::shown_path(other);
            let shown = matches!(site.kind, SiteKind::Text { .. }) || matches!(other.kind, SiteKind::Text { .. });
            if same || shown {
                let why = if same {
                    "both read the same element"
                } else {
                    "a text shows it too; both are compared at run time"
                };
                let verdict = if same { Verdict::Proved } else { Verdict::Unknown };
                judge.prove(Property::ReverseIsFunction, name, verdict, why);
                continue;
            }
            let parts = vec![
                site.condition.clone(),
                other.condition.clone(),
                comes_back(site),
                comes_back(other),
                other_resource.condition.clone(),
                resource.condition.clone(),
            ];
            match judge.ask(parts, true) {
                Answer::Never => {
                    judge.prove(Property::ReverseIsFunction, name, Verdict::Proved, "their guards exclude each other");
                }
                Answer::Perhaps => {
                    judge.prove(Property::ReverseIsFunction, name, Verdict::Unknown, "too many cases to try them all");
                }
                Answer::Like(example) => {
                    let when = judge
                        .told(&example, &[&site.condition, &other.condition, &comes_back(site), &comes_back(other)]);
                    judge.prove(Property::ReverseIsFunction, name, Verdict::Broken, format!("both when {when}"));
                    let file = judge.reporter.file().to_string();
                    let text =
                        format!("two rules write `{path}` on the way in: from `{}` and from `{}`", site.to, other.to);
                    let one = judge
                        .diagnostic(Code::TwoReaders, other.target_span, text)
                        .with_related(file, site.target_span, "the other rule")
                        .with_side(format!("both apply when {when}"))
                        .with_hint(
                            "let one of them be `{ to: ..., only: out }`, or give them guards that exclude each other",
                        );
                    judge.push(one);
                }
            }
        }
    }
}

/// When a rule writes its vendor value on the way in: a table leaves some codes to other rules.
fn comes_back(site: &Site<'_>) -> Formula {
    let (SiteKind::Pair { converter: Converter::Table(table), .. }, [source]) = (&site.kind, site.sources.as_slice())
    else {
        return Formula::always();
    };
    let back = table.rows.iter().filter(|(_, side)| matches!(table.back(side), Ok(Some(_))));
    let values: Vec<Value> = back.map(|(vendor, _)| vendor.clone()).collect();
    let texts: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_string).collect();
    let plain = Formula::Test(source.subject, Test::In(values));
    if table.ignore_case {
        Formula::Any(vec![plain, Formula::Test(source.subject, Test::InAnyCase(texts))])
    } else {
        plain
    }
}

/// What a rule writes into its item without a pair: what takes the id, and the equalities of `where`.
fn of_the_item(plan: &crate::plan::Plan, rule: &str) -> Vec<String> {
    let Some(rule) = plan.resources.iter().find(|one| *one.name == *rule) else { return Vec::new() };
    let Some(item) = rule.item.and_then(|item| plan.items.get(item)) else { return Vec::new() };
    let equal = rule.filter.equalities().into_iter().map(|(path, _)| path);
    let paths = equal.chain(&rule.takes_id).filter(|path| path.base == Base::Variable(item.slot));
    let below = paths.filter_map(|path| match path.steps.as_slice() {
        [Step::Field(name)] => Some(format!("{}/{name}", item.pattern)),
        _ => None,
    });
    below.collect()
}

/// The pattern of a path of plain members, by that of another which starts at the same variable.
fn beside<'s>(path: &VendorPath, mut all: impl Iterator<Item = &'s SourceSite<'s>>) -> Option<String> {
    let plain = |path: &VendorPath| path.steps.iter().all(|step| matches!(step, Step::Field(_)));
    // Each of these steps is one part of the place.
    let one_part = |step: &Step| matches!(step, Step::Field(_) | Step::Select(..) | Step::Index(_) | Step::Last);
    let (mut out, parts) = all.find_map(|one| {
        let steps = &one.path.steps;
        let known = one.path.base == path.base && steps.iter().all(one_part);
        known.then_some((one.pattern.clone()?, steps.len()))
    })?;
    for _ in 0..parts {
        out.truncate(out.rfind('/')?);
    }
    for step in path.steps.iter().filter(|_| plain(path)) {
        if let Step::Field(name) = step {
            push_token(&mut out, name);
        }
    }
    plain(path).then_some(out)
}

/// Required vendor values that no rule writes on the way in.
fn not_restored(judge: &mut Judge<'_, '_>) {
    let (Some(source), resources) = (judge.source, judge.resources) else { return };
    // Nothing is ever taken back: no record is made that could lack anything.
    if judge.plan.resources.iter().all(|one| one.only_out) {
        return;
    }
    let mut restored: Vec<String> = Vec::new();
    // The lists whose elements are made of FHIR.
    let mut made: Vec<String> = Vec::new();
    for resource in resources {
        for site in &resource.sites {
            let keyed = matches!(site.kind, SiteKind::Reference { keyed: true, .. });
            if keyed || (reads_in(site) && !matches!(site.kind, SiteKind::List)) {
                let sources = if keyed { site.sources.iter().collect() } else { written_in(site) };
                restored.extend(sources.into_iter().filter_map(|one| one.pattern.clone()));
            }
        }
        restored.extend(of_the_item(judge.plan, &resource.name));
        // Guards are written back as far as they are equalities.
        let equal = judge.plan.equal_paths(&resource.name);
        let all = || resource.sites.iter().flat_map(|site| &site.sources).chain(&resource.guarded);
        restored.extend(equal.into_iter().filter_map(|path| {
            let read = all().find(|source| source.path == *path).and_then(|source| source.pattern.clone());
            // What only a guard of a list reads lies beside what its rules read.
            read.or_else(|| beside(path, all()))
        }));
        let lists = resource.sites.iter().filter(|site| matches!(site.kind, SiteKind::List) && site.only != Only::Out);
        // An element that is picked by a field has that field when it is made.
        let whole = |source: &&SourceSite<'_>| !matches!(source.path.steps.last(), Some(Step::Select(..)));
        made.extend(lists.flat_map(|site| &site.sources).filter(whole).filter_map(|source| source.pattern.clone()));
    }
    // What a new record is given; `new` speaks of values that no FHIR says.
    let given = judge.plan.items.iter().flat_map(|item| &item.new).chain(&judge.plan.new);
    restored.extend(given.map(|rule| rule.pattern.clone()).filter(|pattern| !pattern.is_empty()));
    let undecided: Vec<String> = rules_of(judge.plan)
        .iter()
        .filter(|rule| matches!(rule.kind, RuleKind::Aside(_)))
        .filter(|rule| rule.reason.as_deref().is_some_and(crate::authoring::new::is_undecided))
        .flat_map(|rule| rule.sources.clone())
        .collect();
    for leaf in source.all_leaves().into_iter().filter(|leaf| leaf.needed) {
        let mut items = judge.plan.items.iter().enumerate().rev();
        let Some((place, item)) = items.find(|(_, item)| covers(&item.pattern, &leaf.pattern)) else {
            continue;
        };
        // What is only sent never comes back as something new.
        let mut rules = judge.plan.resources.iter().filter(|rule| rule.item == Some(place)).peekable();
        if rules.peek().is_some() && rules.all(|rule| rule.only_out) {
            continue;
        }
        let below = leaf.pattern.strip_prefix(&item.pattern).unwrap_or_default();
        // A new record has no revision before its vendor gives it one.
        if let Some(revision) = &item.revision
            && let [Step::Field(name)] = revision.steps.as_slice()
            && below == format!("/{name}")
        {
            continue;
        }
        let list = below.rfind("/*").and_then(|at| leaf.pattern.get(..item.pattern.len() + at));
        let is_made = list.is_none_or(|list| made.iter().any(|one| one.trim_end_matches("/*") == list));
        if !is_made || restored.iter().any(|pattern| covers(pattern, &leaf.pattern)) {
            continue;
        }
        // That it has no place yet is said where it is set aside.
        if undecided.iter().any(|pattern| covers(pattern, &leaf.pattern)) {
            continue;
        }
        judge.lose_in(
            leaf.pattern.clone(),
            "not-restored",
            "the vendor's schema requires it, and no rule writes it on the way in",
        );
        let text = format!("the source schema requires {}, and no rule writes it on the way in", leaf.pattern);
        let one = crate::diagnostic::Diagnostic::new(Code::NotRestored, source.file(), source.span(&leaf.schema), text);
        judge.push(
            one.with_severity(Severity::Warning)
                .with_side("a resource that did not come from this vendor cannot become a payload that fits the schema")
                .with_hint(
                    "carry it in FHIR with a pair both ways, give it under `new` of the item, or take it from `required` in the schema; what came from the vendor is restored all the same",
                ),
        );
    }
}
