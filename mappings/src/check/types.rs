//! Types agree through the converter, and lists meet lists.

mod forms;

use super::condition::{Answer, Formula};
use super::tree::{Instance, type_name};
use super::{Judge, Property, Verdict};
use crate::compile::{Place, Site, SiteKind, SourceSite, Which, constant_fault, kinds_of};
use crate::converter::Converter;
use crate::diagnostic::{Code, Severity};
use crate::functions::Function;
use crate::functions::signature::Given;
use crate::plan::Only;
use crate::source_shape::{Domain, Kinds};
use crate::vendor_path::Step;
use forms::{accepts, advice, form_kinds, refused_by};
use ginnel_schemas::definition::{BindingStrength, Definitions, Element, ElementType};
use ginnel_schemas::primitive::Primitive;
use ginnel_schemas::terminology::{Coding, Membership};
use serde_json::Value;

/// What was found of one rule.
struct Finding {
    code: Code,
    severity: Severity,
    text: String,
    hint: String,
}

/// A finding, or how sure the agreement is and why.
type Agreement = Result<(Verdict, String), Finding>;

fn error(code: Code, text: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding { code, severity: Severity::Error, text: text.into(), hint: hint.into() }
}

fn doubt(code: Code, text: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding { code, severity: Severity::Warning, text: text.into(), hint: hint.into() }
}

fn unknown(why: impl Into<String>) -> Agreement {
    Ok((Verdict::Unknown, why.into()))
}

fn proved(why: impl Into<String>) -> Agreement {
    Ok((Verdict::Proved, why.into()))
}

/// Judges one rule against the element it writes.
pub(super) fn judge(judge: &mut Judge<'_, '_>, site: &Site<'_>, instance: &Instance<'_>) {
    let Some(target) = instance.element_type else { return };
    let whole_list = matches!(instance.which, Which::Whole) && instance.element.is_some_and(Element::repeats);
    let agreement = match &site.kind {
        SiteKind::Pair { converter, .. } => pair(judge, converter, site, instance, target, whole_list),
        SiteKind::Text { .. } => text(target, instance),
        SiteKind::Exists => exists(site),
        SiteKind::Reference { target_type, .. } => reference(target_type, target, instance),
        SiteKind::Constant(value) => constant(judge, value, target, instance),
        SiteKind::List => list(site),
    };
    let subject = format!("{} at {}", site.to, site.rule);
    let side = site.sources.first().and_then(|one| one.place.as_ref()).map(Place::said).unwrap_or_default();
    match agreement {
        Ok((verdict, why)) => judge.prove(Property::TypesAgree, subject, verdict, why),
        Err(found) => {
            let property =
                if found.code == Code::ListMismatch { Property::ListsMeetLists } else { Property::TypesAgree };
            let verdict = if found.severity == Severity::Error { Verdict::Broken } else { Verdict::Unknown };
            judge.prove(property, subject, verdict, found.text.clone());
            let one = judge.diagnostic(found.code, site.target_span, found.text);
            judge.push(
                one.with_severity(found.severity).with_side(side).with_side(instance.said()).with_hint(found.hint),
            );
        }
    }
}

/// Whether a list comes out of it: its last step gives one, or lets one through that an earlier step gave.
fn makes_list(converter: &Converter) -> bool {
    let gives = |step: &Converter| matches!(step, Converter::Call(function, _) if matches!(function.signature.gives, Given::Plains(_) | Given::Objects(_)));
    let lets_through = |step: &Converter| match step {
        Converter::Call(function, _) => function.by_element,
        _ => true,
    };
    match converter {
        Converter::Chain(steps) => steps.iter().fold(false, |list, step| gives(step) || (list && lets_through(step))),
        one => gives(one),
    }
}

fn pair(
    judge: &Judge<'_, '_>,
    converter: &Converter,
    site: &Site<'_>,
    instance: &Instance<'_>,
    target: ElementType,
    whole_list: bool,
) -> Agreement {
    let first = site.sources.first();
    let domain = first.and_then(domain_of);
    let steps = match converter {
        Converter::Chain(steps) => &**steps,
        one => std::slice::from_ref(one),
    };
    let (enter, leave) = (steps.first().unwrap_or(converter), steps.last().unwrap_or(converter));
    let path = first.map(|one| one.path.text.as_str()).unwrap_or_default();
    if site.only != Only::In {
        taken(enter, site)?;
    }
    // A step that takes a list whole leaves no list to those after it, unless it gives one.
    let goes_by_element = steps.iter().all(|step| match step {
        Converter::Call(function, _) => function.by_element,
        _ => true,
    });
    let makes_list = makes_list(converter);
    if let (Some((domain, _)), true, false) = (&domain, goes_by_element, makes_list) {
        lists_meet(path, domain, instance, whole_list)?;
    } else if makes_list != whole_list
        && !matches!(leave, Converter::Call(function, _) if matches!(function.signature.gives, Given::Anything))
    {
        return Err(list_fault(makes_list, &instance.shown, "the function gives"));
    }
    match leave {
        Converter::Reference => proved("a reference's text, to where it leads"),
        Converter::Identity => match &domain {
            Some((_, each)) => plain(judge, path, each, target, instance, site),
            None => match target {
                ElementType::Object(_) => Err(members_needed(instance)),
                _ => unknown("the vendor's schema says nothing here"),
            },
        },
        Converter::Table(table) => {
            for side in table.rows.iter().map(|(_, side)| side).chain(&table.vendor_else) {
                let one = crate::compile::Target::single(target);
                if let Some(fault) = constant_fault(&one, &instance.shown, side) {
                    let text = format!("the table `{}` gives {side}: {}", table.name, fault.what);
                    return Err(error(Code::TypeMismatch, text, fault.hint));
                }
                if let Some(text) = refused_by(side, target) {
                    let text = format!("the table `{}` gives {side}, and {text}", table.name);
                    return Err(error(Code::TypeMismatch, text, "write the FHIR side as the element's type has it"));
                }
            }
            if let (Some((_, each)), true) = (&domain, std::ptr::eq(enter, leave))
                && site.only != Only::In
                && !each.alternatives.is_empty()
                && !table.rows.iter().any(|(vendor, _)| {
                    each.may_be(vendor) || (table.ignore_case && vendor.is_string() && each.kinds().meets(Kinds::TEXT))
                })
            {
                let text = format!("no row of the table `{}` is a value that `{path}` may have", table.name);
                return Err(error(
                    Code::TypeMismatch,
                    text,
                    "write the vendor side as the vendor's schema has it (`\"1\"` is a text, `1` a number)",
                ));
            }
            proved("every row gives a value of the element's type")
        }
        Converter::Call(function, _) => given(function, target, instance),
        Converter::Chain(_) => unknown("a chain within a chain"),
        Converter::Wasm(_) => unknown("what a WebAssembly converter gives is seen when it runs"),
    }
}

/// What may stand at a source: as it is, and its elements where it is a list.
fn domain_of<'w>(source: &SourceSite<'w>) -> Option<(Domain<'w>, Domain<'w>)> {
    if source.path.steps.last() == Some(&Step::KeyName) {
        return None;
    }
    let place = source.place.as_ref()?;
    let whole = place.domain();
    (!whole.alternatives.is_empty()).then(|| (whole, place.each_value().domain()))
}

/// Whether the sources are of types that the first step takes.
fn taken(converter: &Converter, site: &Site<'_>) -> Result<(), Finding> {
    let Converter::Call(function, _) = converter else { return Ok(()) };
    for (place, source) in site.sources.iter().enumerate() {
        let Some(takes) = function.signature.taken(place) else { continue };
        let Some((whole, each)) = domain_of(source) else { continue };
        let allowed = takes.types.iter().fold(Kinds::NONE, |all, one| all.or(kinds_of(*one)));
        let kinds = if function.by_element { each.kinds() } else { whole.kinds() }.without(Kinds::NULL);
        if kinds.is_empty() || kinds.meets(allowed) {
            continue;
        }
        let text = format!(
            "`{}` takes {}, and `{}` is {}",
            function.name,
            takes.types.iter().map(|one| one.named()).collect::<Vec<_>>().join(" or "),
            source.path.text,
            kinds.shown()
        );
        let list = kinds == Kinds::LIST;
        let hint = if list {
            "pick one element (`[0]`), or go through the list with `lists`"
        } else {
            "the manual says which function takes such values"
        };
        let code = if list { Code::ListMismatch } else { Code::TypeMismatch };
        return Err(error(code, text, hint));
    }
    Ok(())
}

fn list_fault(gives_list: bool, shown: &str, who: &str) -> Finding {
    if gives_list {
        let text = format!("{who} a list, and `{shown}` is one value");
        error(
            Code::ListMismatch,
            text,
            "name the list itself, without brackets behind it; or go through it with `lists`",
        )
    } else {
        let text = format!("{who} one value, and `{shown}` is a list");
        error(Code::ListMismatch, text, format!("write `{}[0]` or a slice", last(shown)))
    }
}

fn last(shown: &str) -> &str {
    shown.split_once('.').map_or(shown, |(_, rest)| rest)
}

/// A vendor list goes to a list, a single value to one element.
fn lists_meet(path: &str, whole: &Domain<'_>, instance: &Instance<'_>, whole_list: bool) -> Result<(), Finding> {
    let kinds = whole.kinds().without(Kinds::NULL);
    let (some, all) = (kinds.meets(Kinds::LIST), kinds.within(Kinds::LIST));
    if kinds.is_empty() {
        return Ok(());
    }
    match (whole_list, some, all) {
        (true, false, _) => Err(list_fault(false, &instance.shown, &format!("`{path}` is"))),
        (false, true, true) => {
            let text = format!("`{path}` is a list, and `{}` is one value", instance.shown);
            Err(error(
                Code::ListMismatch,
                text,
                "go through the list with `lists` or `each`, or pick one element (`[0]`, `[-1]`)",
            ))
        }
        (true, true, false) | (false, true, false) => {
            let text = format!(
                "`{path}` may be a list or one value, and `{}` is {}",
                instance.shown,
                if whole_list { "a list" } else { "one value" }
            );
            Err(doubt(
                Code::ListMismatch,
                text,
                "go through it with `each`, which takes a single value as a list of one",
            ))
        }
        _ => Ok(()),
    }
}

fn members_needed(instance: &Instance<'_>) -> Finding {
    let shown = &instance.shown;
    error(
        Code::TypeMismatch,
        format!("`{shown}` has members, and a plain value is written to it"),
        format!(
            "name the member, for instance `{}.text` or `.value`, or use a table or function that gives the whole",
            last(shown)
        ),
    )
}

/// A value that goes as it is.
fn plain(
    judge: &Judge<'_, '_>,
    path: &str,
    each: &Domain<'_>,
    target: ElementType,
    instance: &Instance<'_>,
    site: &Site<'_>,
) -> Agreement {
    let kinds = each.kinds().without(Kinds::NULL);
    if kinds.is_empty() {
        return proved("nothing but null is allowed there");
    }
    let (ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive)) = target else {
        return match target {
            ElementType::Object(_) => Err(members_needed(instance)),
            _ => unknown("the element is a resource"),
        };
    };
    let form = form_kinds(primitive);
    if !kinds.meets(form) {
        let text = format!("`{path}` is {}, and `{}` is {}", kinds.shown(), instance.shown, primitive.name());
        return Err(error(Code::TypeMismatch, text, advice(kinds, primitive)));
    }
    let odd = kinds.without(form);
    // A guard may keep the other types away.
    let comes = |odd: Kinds| {
        site.sources.first().is_none_or(|source| {
            let of_kind = Formula::Kind(source.subject, odd);
            source.may_be_list() || judge.ask(vec![of_kind, site.condition.clone()], true) != Answer::Never
        })
    };
    if !odd.is_empty() && comes(odd) {
        let text =
            format!("`{path}` may be {}, which `{}` ({}) cannot hold", odd.shown(), instance.shown, primitive.name());
        return Err(doubt(Code::TypeDoubt, text, advice(odd, primitive)));
    }
    values(judge, path, each, primitive, instance)
}

/// Whether the values of the right JSON type are also values of the FHIR type.
fn values(
    judge: &Judge<'_, '_>,
    path: &str,
    each: &Domain<'_>,
    primitive: Primitive,
    instance: &Instance<'_>,
) -> Agreement {
    if let Some(closed) = each.closed() {
        let refused: Vec<&Value> = closed.iter().filter(|value| !accepts(primitive, value)).collect();
        if refused.len() == closed.len() && !closed.is_empty() {
            let text = format!("none of the values of `{path}` is a FHIR {}", primitive.name());
            return Err(error(Code::TypeMismatch, text, "use a table: `{ to: ..., table: name }`"));
        }
        if let Some(value) = refused.first() {
            let text = format!("the value {value} of `{path}` is no FHIR {}", primitive.name());
            return Err(doubt(Code::TypeDoubt, text, "use a table: `{ to: ..., table: name }`"));
        }
        return bound(judge, path, Some(&closed), instance)
            .unwrap_or_else(|| proved("each listed value is one of the FHIR type"));
    }
    match primitive {
        Primitive::String | Primitive::Markdown | Primitive::Boolean | Primitive::Decimal => {
            proved("every present value is one of the FHIR type")
        }
        Primitive::Integer => number(path, each, -2_147_483_648.0, instance),
        Primitive::UnsignedInt => number(path, each, 0.0, instance),
        Primitive::PositiveInt => number(path, each, 1.0, instance),
        Primitive::Date | Primitive::DateTime | Primitive::Instant | Primitive::Time => {
            temporal(path, each, primitive, instance)
        }
        Primitive::Uri | Primitive::Url | Primitive::Canonical if each.every_text(&["uri", "uuid"], &|_| false) => {
            proved("format uri")
        }
        _ => bound(judge, path, None, instance)
            .unwrap_or_else(|| unknown(format!("whether a text is a FHIR {} is seen when it comes", primitive.name()))),
    }
}

fn number(path: &str, each: &Domain<'_>, least: f64, instance: &Instance<'_>) -> Agreement {
    if each.kinds().meets(Kinds::FRACTION) {
        let text = format!("`{path}` may be a number that is not whole, which `{}` cannot hold", instance.shown);
        let hint =
            "`as: integer` keeps such a number aside instead of sending it; or write `integer` in the source schema";
        return Err(doubt(Code::TypeDoubt, text, hint));
    }
    if each.every_number_in(least, 2_147_483_647.0) {
        proved("whole, within the bounds of the FHIR type")
    } else {
        unknown("the vendor's schema gives no bounds")
    }
}

fn temporal(path: &str, each: &Domain<'_>, primitive: Primitive, instance: &Instance<'_>) -> Agreement {
    if matches!(primitive, Primitive::Date | Primitive::DateTime)
        && each.every_text(&["date"], &|text| accepts(primitive, &text.into()))
    {
        return proved("format date");
    }
    let texts = || each.alternatives.iter().filter(|one| one.kinds.meets(Kinds::TEXT));
    let has_pattern =
        |one: &crate::source_shape::Alternative<'_>| one.parts.iter().any(|part| part.get("pattern").is_some());
    let formats: &[&str] = match primitive {
        Primitive::Date => &["date"],
        Primitive::DateTime => &["date", "date-time"],
        Primitive::Instant => &["date-time"],
        _ => &[],
    };
    if texts()
        .all(|one| formats.iter().any(|format| one.has_format(format)) || has_pattern(one) || one.values().is_some())
    {
        return unknown("the format or pattern of the vendor's schema is not exactly FHIR's");
    }
    let function = match primitive {
        Primitive::Date => "as: date",
        Primitive::Time => "as: time-of-day",
        Primitive::Instant => "as: instant` (with an offset) or `as: local-time` (without)",
        _ => "as: date`, `as: instant` (with an offset) or `as: local-time` (without)",
    };
    let function = if function.ends_with(')') { format!("`{function}") } else { format!("`{function}`") };
    let text = format!("`{path}` is any text, and `{}` is {}", instance.shown, primitive.name());
    let word = primitive.name().to_lowercase();
    let hint = format!("say how it is written: {function}; what is no {word} is then kept aside and never sent");
    Err(error(Code::TypeMismatch, text, hint))
}

/// A code that goes as it is into a required binding.
fn bound(judge: &Judge<'_, '_>, path: &str, closed: Option<&[Value]>, instance: &Instance<'_>) -> Option<Agreement> {
    let set = judge.required_set(instance)?;
    let terminology = &judge.known.terminology;
    let Some(closed) = closed else {
        let text = format!("`{path}` is any text, and `{}` must be one of the codes of {set}", instance.shown);
        return Some(Err(doubt(
            Code::TypeDoubt,
            text,
            "use a table, or list the values under `enum` in the source schema",
        )));
    };
    for code in closed.iter().filter_map(Value::as_str) {
        match terminology.membership(&set, Coding { code, ..Coding::default() }) {
            Membership::Member => {}
            Membership::NotMember => {
                let text =
                    format!("the value {code:?} of `{path}` is no code of {set}, which `{}` needs", instance.shown);
                return Some(Err(error(Code::FhirCode, text, "use a table: `{ to: ..., table: name }`")));
            }
            Membership::NotChecked(_) => return Some(unknown("the value set cannot be judged here")),
        }
    }
    Some(proved("each listed value is a code of the bound value set"))
}

/// What a function gives, against the element.
fn given(function: &Function, target: ElementType, instance: &Instance<'_>) -> Agreement {
    let shown = &instance.shown;
    let no = |what: &str| {
        let text = format!("`{}` gives {what}, and `{shown}` is {}", function.name, type_name(target));
        error(
            Code::TypeMismatch,
            text,
            "the manual says what each function gives; or write to the element that it fits",
        )
    };
    match (function.signature.gives, target) {
        (Given::Anything, _) => unknown("what the function gives is seen when it runs"),
        (
            Given::Plain(types) | Given::Plains(types),
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive),
        ) => {
            if types.contains(&primitive) {
                return proved("the function gives the element's type");
            }
            let forms: Vec<Kinds> = types.iter().map(|one| form_kinds(*one)).collect();
            let is_time = |one: &Primitive| {
                matches!(one, Primitive::Date | Primitive::DateTime | Primitive::Instant | Primitive::Time)
            };
            if !forms.contains(&form_kinds(primitive)) || (is_time(&primitive) && form_kinds(primitive) == Kinds::TEXT)
            {
                let names: Vec<&str> = types.iter().map(|one| one.name()).collect();
                return Err(no(names.first().copied().unwrap_or("a value")));
            }
            unknown(format!("whether it is a FHIR {} is seen when a value comes", primitive.name()))
        }
        (Given::Plain(_) | Given::Plains(_), _) => Err(no("a plain value")),
        (Given::Object(names) | Given::Objects(names), ElementType::Object(id)) => {
            let definition = Definitions::r4().get(id);
            let fits = |name: &&str| *name == definition.name || definition.bases.contains(name);
            if names.iter().any(fits) || names.contains(&"Element") {
                proved("the function gives the element's type")
            } else {
                Err(no(names.first().copied().unwrap_or("an object")))
            }
        }
        (Given::Object(names) | Given::Objects(names), _) => Err(no(names.first().copied().unwrap_or("an object"))),
    }
}

fn text(target: ElementType, instance: &Instance<'_>) -> Agreement {
    match target {
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => match primitive {
            Primitive::String | Primitive::Markdown => proved("a text"),
            one if form_kinds(one) != Kinds::TEXT => {
                let text = format!("a text is written to `{}`, which is {}", instance.shown, one.name());
                Err(error(Code::TypeMismatch, text, "use a pair with a function or a table"))
            }
            one => unknown(format!("whether the text is a FHIR {} is seen when it is made", one.name())),
        },
        ElementType::Object(_) => Err(members_needed(instance)),
        ElementType::Resource => unknown("the element is a resource"),
    }
}

fn exists(site: &Site<'_>) -> Agreement {
    let Some(source) = site.sources.first() else { return unknown("no source") };
    let Some((_, each)) = domain_of(source) else { return unknown("the vendor's schema says nothing here") };
    let kinds = each.kinds().without(Kinds::NULL);
    if kinds.within(Kinds::BOOLEAN) {
        proved("true or false")
    } else if kinds.meets(Kinds::BOOLEAN) {
        unknown("some values are neither true nor false; they are kept")
    } else {
        let text = format!("`exists` takes true or false, and `{}` is {}", source.path.text, kinds.shown());
        Err(error(Code::TypeMismatch, text, "use a group with a guard instead: `when: { ... }` and `const`"))
    }
}

fn reference(target_type: &str, target: ElementType, instance: &Instance<'_>) -> Agreement {
    let name = type_name(target);
    if matches!(name.as_str(), "url" | "uri") {
        return proved("the address of a resource is one");
    }
    if name != "Reference" {
        let text = format!("a reference is written to `{}`, which is {name}", instance.shown);
        return Err(error(
            Code::TypeMismatch,
            text,
            "`refs` write to elements of type Reference, and addresses to `url` or `uri`",
        ));
    }
    let Some(element) = instance.element else { return unknown("the element is not known") };
    let allowed = |names: &[&str]| {
        names.is_empty() || names.iter().any(|one| *one == "Resource" || Definitions::r4().is_kind_of(target_type, one))
    };
    if !allowed(&element.targets) {
        let text = format!(
            "`{}` refers to {}, and this rule makes a {target_type}",
            instance.shown,
            element.targets.join(" or ")
        );
        return Err(error(Code::TypeMismatch, text, "name a rule that makes such a resource, or another element"));
    }
    proved("the element may refer to such a resource")
}

fn constant(judge: &Judge<'_, '_>, value: &Value, target: ElementType, instance: &Instance<'_>) -> Agreement {
    let each: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    for one in each {
        if let Some(text) = refused_by(one, target) {
            let text = format!("`{}` is {}, and {text}", instance.shown, type_name(target));
            return Err(error(
                Code::TypeMismatch,
                text,
                "write the constant as FHIR writes the type (a text in quotes, a number or a boolean without)",
            ));
        }
    }
    // What FHIR itself binds is told where the constant is compiled.
    let own = instance.element.and_then(|element| element.binding.as_ref());
    let by_profile = own.is_none_or(|binding| binding.strength != BindingStrength::Required);
    if let (Value::String(code), Some(set), true) = (value, judge.required_set(instance), is_code(target) && by_profile)
        && judge.known.terminology.membership(&set, Coding { code, ..Coding::default() }) == Membership::NotMember
    {
        let text = format!("`{}`: the code `{code}` is not in {set}", instance.shown);
        let codes = judge.known.terminology.some_codes(&set, 400);
        let hint = crate::diagnostic::did_you_mean(code, codes.iter().copied())
            .unwrap_or_else(|| format!("its codes are {}", codes.get(..12).unwrap_or(&codes).join(", ")));
        return Err(error(Code::FhirCode, text, hint));
    }
    proved("the constant is of the element's type")
}

fn is_code(target: ElementType) -> bool {
    matches!(target, ElementType::Primitive(Primitive::Code) | ElementType::BarePrimitive(Primitive::Code))
}

/// `each` over what is no list.
fn list(site: &Site<'_>) -> Agreement {
    let Some(source) = site.sources.first() else { return unknown("no source") };
    let Some((whole, _)) = domain_of(source) else { return unknown("the vendor's schema says nothing here") };
    let kinds = whole.kinds().without(Kinds::NULL);
    let plain = Kinds::TEXT.or(Kinds::NUMBER).or(Kinds::BOOLEAN);
    if !kinds.is_empty() && kinds.within(plain) {
        let text = format!("`{}` is {}, and `each` goes through a list", source.path.text, kinds.shown());
        return Err(error(Code::ListMismatch, text, "use a pair: a single value needs no loop"));
    }
    proved("a list, or the members of an object")
}
