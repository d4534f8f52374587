//! Places of elements, spelt by member names or as FHIRPath spells them.

use ginnel_schemas::definition::Definitions;
use ginnel_schemas::element_path::from_member_names;
use serde_json::Value;

/// Whether a place is another one or lies in it.
pub(super) fn within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A place given by member names, spelt as the place it is laid beside: `valueQuantity` is FHIRPath's `value`.
///
/// What a contained resource is, its place does not say; there a name of a choice is known by how it goes on.
pub(super) fn aligned(members: &str, beside: &str) -> String {
    let named = from_member_names(members);
    let mut fhir = beside.split('.');
    let parts = named.split('.').map(|part| {
        let (name, index) = part.split_at(part.find('[').unwrap_or(part.len()));
        let wanted = fhir.next().map(|one| one.split('[').next().unwrap_or(one));
        let choice = |wanted: &&str| name.strip_prefix(*wanted).is_some_and(is_type);
        format!("{}{index}", wanted.filter(choice).unwrap_or(name))
    });
    parts.collect::<Vec<_>>().join(".")
}

/// Whether a choice may end so (`valueQuantity`, `effectiveDateTime`); `periodUnit` is no choice of `period`.
pub(super) fn is_type(suffix: &str) -> bool {
    const PRIMITIVES: [&str; 19] = [
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "Date",
        "DateTime",
        "Decimal",
        "Id",
        "Instant",
        "Integer",
        "Markdown",
        "Oid",
        "PositiveInt",
        "String",
        "Time",
        "UnsignedInt",
        "Uri",
        "Url",
        "Uuid",
    ];
    PRIMITIVES.contains(&suffix) || (!suffix.is_empty() && Definitions::r4().named(suffix).is_some())
}

/// What stands at the end of a path such as `.value` or `[1].unit`, given by FHIRPath's names.
pub(super) fn value_at<'v>(value: &'v Value, rest: &str) -> Option<&'v Value> {
    let mut current = value;
    for part in rest.split('.').filter(|part| !part.is_empty()) {
        let (name, index) = part.split_once('[').map_or((part, None), |(name, index)| (name, Some(index)));
        if !name.is_empty() {
            current = current.get(name)?;
        }
        if let Some(index) = index.and_then(|index| index.strip_suffix(']')) {
            current = current.get(index.parse::<usize>().ok()?)?;
        }
    }
    Some(current)
}

/// What stands at a place given by member names, with the resource's type in front.
pub(super) fn value_by_expression<'v>(resource: &'v Value, expression: &str) -> Option<&'v Value> {
    value_at(resource, expression.split_once('.').map_or("", |(_, rest)| rest))
}
