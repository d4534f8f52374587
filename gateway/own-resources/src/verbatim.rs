//! Puts the caller's own text and resources into JSON that fhir-model wrote around stand-ins.
//!
//! fhir-model keeps an instant as a point in time and writes it anew (`+00:00` becomes `Z`, `.120` becomes
//! `.12`), which would make two spellings of one `lastUpdated`. So it is given a stand-in, and the text
//! takes its place afterwards.

use fhir_model::Instant;
use fhir_model::time::OffsetDateTime;
use serde::Serialize;
use serde_json::{Map, Value};

/// What fhir-model writes where the caller's text will stand.
pub(crate) fn stand_in() -> Instant {
    Instant(OffsetDateTime::UNIX_EPOCH)
}

/// A finished resource or element of fhir-model as JSON.
///
/// Crate-private and called with few types on purpose: each type it is called with costs build time.
pub(crate) fn to_object<T: Serialize>(built: &T) -> Map<String, Value> {
    match serde_json::to_value(built) {
        Ok(Value::Object(object)) => object,
        _ => unreachable!("a resource built here is an object of text, numbers and stand-in instants"),
    }
}

/// Replaces a stand-in where it stands, so that the order of members does not change.
pub(crate) fn replace(object: &mut Map<String, Value>, member: &str, text: &str) {
    object.insert(member.to_owned(), Value::String(text.to_owned()));
}

/// The objects of an array member, in order; none when the member is absent.
pub(crate) fn objects_of<'a>(
    object: &'a mut Map<String, Value>,
    member: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    object.get_mut(member).and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}
