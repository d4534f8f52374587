//! `anyOf` and `oneOf`: which alternative the sender most likely meant, so that its faults can be told.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// A fault as it is told: one that the schema library found, or one that several alternatives make together.
pub(super) enum Told<'a> {
    /// A fault of one keyword.
    One(ValidationError<'a>),
    /// A value of none of the JSON types that the alternatives offer.
    NoType { pointer: String, value: Value, allowed: Vec<String> },
    /// A value that is none of the constants that the alternatives offer.
    NoConstant { pointer: String, value: Value, allowed: Vec<Value> },
}

/// Calls `tell` with the fault, or with the deepest faults of the alternative most likely meant.
pub(super) fn deepest<'a>(error: ValidationError<'a>, tell: &mut dyn FnMut(Told<'a>)) {
    let is_choice =
        matches!(error.kind(), ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. });
    if !is_choice {
        return tell(Told::One(error));
    }
    let parts = error.into_parts();
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = parts.kind else {
        return;
    };
    let pointer = parts.instance_path.as_str();
    let value = parts.instance.into_owned();
    // An alternative of another JSON type was not meant, unless all are.
    let (typed, same_type): (Vec<_>, Vec<_>) =
        context.into_iter().partition(|branch| branch.iter().any(|fault| has_wrong_type(fault, pointer)));
    if same_type.is_empty() {
        let allowed = typed.iter().flatten().filter(|fault| has_wrong_type(fault, pointer)).flat_map(types).collect();
        return tell(Told::NoType { pointer: pointer.to_owned(), value, allowed });
    }
    if let Some(allowed) = constants_only(&same_type, pointer) {
        return tell(Told::NoConstant { pointer: pointer.to_owned(), value, allowed });
    }
    let meant = same_type.into_iter().min_by_key(|branch| implausibility(branch, pointer));
    for fault in meant.into_iter().flatten() {
        deepest(fault, tell);
    }
}

fn has_wrong_type(fault: &ValidationError<'_>, pointer: &str) -> bool {
    let here = fault.instance_path().as_str() == pointer;
    match fault.kind() {
        ValidationErrorKind::Type { .. } => here,
        // An enumeration that holds no value of this JSON type excludes the type as `type` would.
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            here && !allowed_values(fault).iter().any(|value| same_json_type(value, fault.instance()))
        }
        // A nested choice without one alternative of the type.
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            here && context.iter().all(|branch| branch.iter().any(|inner| has_wrong_type(inner, pointer)))
        }
        _ => false,
    }
}

fn types(fault: &ValidationError<'_>) -> Vec<String> {
    match fault.kind() {
        ValidationErrorKind::Type { kind } => match kind {
            jsonschema::error::TypeKind::Single(one) => vec![one.as_str().to_owned()],
            jsonschema::error::TypeKind::Multiple(many) => many.iter().map(|one| one.as_str().to_owned()).collect(),
        },
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().flat_map(types).collect()
        }
        _ => allowed_values(fault).iter().map(|value| json_type(value).to_owned()).collect(),
    }
}

/// The constants, when each alternative fails by nothing but its `const` or `enum` at this very place.
fn constants_only(branches: &[Vec<ValidationError<'_>>], pointer: &str) -> Option<Vec<Value>> {
    let mut allowed = Vec::new();
    for branch in branches {
        for fault in branch {
            let values = allowed_values(fault);
            if values.is_empty() || fault.instance_path().as_str() != pointer {
                return None;
            }
            allowed.extend(values);
        }
    }
    Some(allowed)
}

/// How unlikely an alternative is meant: first of all a discriminating constant that differs, then the number of
/// faults near the top, then the number of all.
fn implausibility(branch: &[ValidationError<'_>], pointer: &str) -> (usize, usize, usize) {
    let depth = |fault: &&ValidationError<'_>| {
        let inner = fault.instance_path().as_str().strip_prefix(pointer).unwrap_or_default();
        inner.matches('/').count()
    };
    let constants = branch.iter().filter(|fault| matches!(fault.kind(), ValidationErrorKind::Constant { .. })).count();
    let near = branch.iter().filter(|fault| depth(fault) == 0).map(weight).sum();
    (constants, near, branch.iter().map(weight).sum())
}

/// One keyword may stand for several faults.
fn weight(fault: &ValidationError<'_>) -> usize {
    match fault.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unexpected.len(),
        _ => 1,
    }
}

/// The values of `enum` or `const`.
pub(super) fn allowed_values(fault: &ValidationError<'_>) -> Vec<Value> {
    match fault.kind() {
        ValidationErrorKind::Constant { expected_value } => vec![expected_value.as_ref().clone()],
        ValidationErrorKind::Enum { options } => options.as_array().cloned().unwrap_or_default(),
        _ => Vec::new(),
    }
}

pub(super) fn same_json_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
