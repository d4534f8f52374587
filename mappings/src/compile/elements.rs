//! FHIR paths of a mapping against FHIR's own definitions: elements that do not exist, lists without a place in them.

use crate::diagnostic::did_you_mean;
use ginnel_schemas::definition::{Binding, BindingStrength, Definition, DefinitionId, Definitions, ElementType, Kind};
use ginnel_schemas::primitive::Primitive;
use ginnel_schemas::terminology::{Coding, Membership, Terminology};
use serde_json::Value;

/// What a FHIR path leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Its type.
    pub element_type: ElementType,
    /// Whether it is a list as a whole, none of its elements.
    pub is_list: bool,
    /// The codes it must have.
    pub binding: Option<&'static Binding>,
}

impl Target {
    /// One value of a type.
    pub(crate) fn single(element_type: ElementType) -> Target {
        Target { element_type, is_list: false, binding: None }
    }
}

/// What is wrong with a path or a constant, and what to do.
#[derive(Debug)]
pub(crate) struct Fault {
    pub what: String,
    pub hint: String,
}

/// Follows a path as the author wrote it, from a type. `Ok(None)`: it leads where the definitions say nothing.
///
/// `contained` gives the type of a resource inside the resource, by the path so far.
pub(super) fn resolve(
    scope: DefinitionId,
    text: &str,
    contained: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Target>, Fault> {
    let definitions = Definitions::r4();
    let mut definition = definitions.get(scope);
    let mut so_far = String::new();
    let mut reached: Option<Target> = None;
    for part in text.split('.') {
        let (name, picked) = part.split_once('[').map_or((part, false), |(name, _)| (name, true));
        if let Some(before) = reached {
            if before.is_list {
                return Err(Fault {
                    what: format!("`{text}`: `{so_far}` is a list, and `{name}` belongs to one element of it"),
                    hint: format!("write `{so_far}[0].{name}` or a slice"),
                });
            }
            definition = match before.element_type {
                ElementType::Object(id) => definitions.get(id),
                ElementType::Resource => {
                    let inner = contained(&so_far).and_then(|name| definitions.resource_type(&name));
                    let Some((_, inner)) = inner else { return Ok(None) };
                    inner
                }
                ElementType::Primitive(_) | ElementType::BarePrimitive(_) => {
                    return Err(Fault {
                        what: format!("`{text}`: `{so_far}` is a plain value and has no `{name}`"),
                        hint: "extensions of a plain value stand in its companion, for instance `_birthDate`".into(),
                    });
                }
            };
        }
        let step = member(definition, name)
            .map_err(|hint| Fault { what: format!("`{text}`: `{}` has no element `{name}`", definition.name), hint })?;
        if picked && !step.is_list {
            return Err(Fault {
                what: format!("`{text}`: `{name}` of `{}` is no list", definition.name),
                hint: format!("write `{name}` without brackets"),
            });
        }
        // The codes of a CodeableConcept are those of its codings.
        let inherited = reached.and_then(|before| before.binding).filter(|_| matches!(name, "coding" | "code"));
        let binding = step.binding.or(inherited);
        reached = Some(Target { is_list: step.is_list && !picked, binding, ..step });
        if !so_far.is_empty() {
            so_far.push('.');
        }
        so_far.push_str(part);
    }
    Ok(reached)
}

/// A member of a type, the list it may be as a whole; or what the author may have meant.
fn member(definition: &'static Definition, name: &str) -> Result<Target, String> {
    if name == "resourceType" && definition.kind == Kind::Resource {
        let element_type = ElementType::BarePrimitive(Primitive::Code);
        return Ok(Target { element_type, is_list: false, binding: None });
    }
    if let Some((member, element)) = definition.member(name) {
        let (element_type, is_list) = (member.element_type, element.repeats());
        let binding = element.binding.as_ref().filter(|binding| binding.strength == BindingStrength::Required);
        return Ok(Target { element_type, is_list, binding });
    }
    let companion = name.strip_prefix('_').and_then(|plain| definition.member(plain));
    if let Some((member, element)) = companion
        && matches!(member.element_type, ElementType::Primitive(_))
        && let Some((id, _)) = Definitions::r4().named("Element")
    {
        return Ok(Target { element_type: ElementType::Object(id), is_list: element.repeats(), binding: None });
    }
    if definition.elements.iter().any(|element| element.is_choice && element.name == name) {
        let typed = definition.member_names().filter(|typed| {
            definition.member(typed).is_some_and(|(_, element)| element.is_choice && element.name == name)
        });
        let typed: Vec<&str> = typed.take(4).collect();
        return Err(format!("say which type it has: {}", typed.join(", ")));
    }
    Err(did_you_mean(name, definition.member_names()).unwrap_or_else(|| {
        let names: Vec<&str> = definition.member_names().take(12).collect();
        format!("its elements are {}...", names.join(", "))
    }))
}

/// What in a constant is not as the element's type has it.
pub(crate) fn constant_fault(target: &Target, path: &str, value: &Value) -> Option<Fault> {
    match (target.is_list, value) {
        (_, Value::Null) => None,
        (true, Value::Array(list)) => {
            let one = Target { is_list: false, ..*target };
            list.iter().find_map(|value| constant_fault(&one, path, value))
        }
        (true, _) => Some(Fault {
            what: format!("`{path}` is a list, and this is one value"),
            hint: format!("write `{path}[0]`, a slice, or a list of values"),
        }),
        (false, Value::Array(_)) => Some(Fault {
            what: format!("`{path}` is one value, and this is a list"),
            hint: "write the value without brackets".into(),
        }),
        (false, Value::Object(map)) => {
            let id = match target.element_type {
                ElementType::Object(id) => id,
                ElementType::Resource => return None,
                ElementType::Primitive(_) | ElementType::BarePrimitive(_) => {
                    return Some(Fault {
                        what: format!("`{path}` is a plain value, and this is an object"),
                        hint: "write the plain value".into(),
                    });
                }
            };
            let definition = Definitions::r4().get(id);
            map.iter().find_map(|(name, child)| match member(definition, name) {
                Ok(target) => constant_fault(&target, &format!("{path}.{name}"), child),
                Err(hint) => {
                    Some(Fault { what: format!("`{path}`: `{}` has no element `{name}`", definition.name), hint })
                }
            })
        }
        (false, _) if matches!(target.element_type, ElementType::Object(_)) => Some(Fault {
            what: format!("`{path}` has members, and this is a plain value"),
            hint: "name the member, for instance `.text` or `.value`".into(),
        }),
        (false, _) => None,
    }
}

/// The codes in a value that the element's value set does not have, each with what may have been meant.
///
/// A code that nobody can judge without a terminology service passes.
pub(super) fn foreign_codes(
    terminology: &Terminology,
    target: &Target,
    value: &Value,
) -> Vec<(String, String, String)> {
    let Some(binding) = target.binding else { return Vec::new() };
    let stands = |binding: &Binding, system: Option<&str>, code: &str| {
        terminology.membership(&binding.value_set, Coding { system, code, ..Coding::default() })
    };
    let mut out = Vec::new();
    gather_codes(value, &mut |system, code| {
        if stands(binding, system, code) != Membership::NotMember {
            return;
        }
        let named = match system {
            Some(system) if stands(binding, None, code) == Membership::Member => format!("{system}|{code}"),
            _ => code.to_string(),
        };
        let codes = terminology.some_codes(&binding.value_set, usize::MAX);
        let hint = did_you_mean(code, codes.iter().copied())
            .unwrap_or_else(|| format!("its codes are {}", codes.get(..12).unwrap_or(&codes).join(", ")));
        let url = binding.value_set.split('|').next().unwrap_or(&binding.value_set).to_string();
        out.push((named, hint, url));
    });
    out
}

fn gather_codes(value: &Value, found: &mut dyn FnMut(Option<&str>, &str)) {
    match value {
        Value::String(code) => found(None, code),
        Value::Array(list) => list.iter().for_each(|one| gather_codes(one, found)),
        Value::Object(map) => {
            if let Some(codings) = map.get("coding") {
                gather_codes(codings, found);
            } else if let Some(code) = map.get("code").and_then(Value::as_str) {
                found(map.get("system").and_then(Value::as_str), code);
            }
        }
        _ => {}
    }
}
