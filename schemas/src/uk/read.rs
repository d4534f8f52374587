//! Reading members of JSON objects that may hold anything: what has another shape than asked for is not there.

use serde_json::{Map, Value};

/// A text with something in it.
pub fn text<'a>(object: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    object.get(member)?.as_str().filter(|text| !text.trim().is_empty())
}

/// An object.
pub fn object<'a>(object: &'a Map<String, Value>, member: &str) -> Option<&'a Map<String, Value>> {
    object.get(member)?.as_object()
}

/// The objects of a list with their index; of a single object (which the base walk reports) that one.
pub fn objects<'a>(
    object: &'a Map<String, Value>,
    member: &str,
) -> impl Iterator<Item = (usize, &'a Map<String, Value>)> + use<'a> {
    let items = match object.get(member) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_object()?)))
}

/// The codings of a CodeableConcept, as system and code where it has both.
pub fn codes<'a>(concept: &'a Map<String, Value>) -> impl Iterator<Item = (usize, &'a str, &'a str)> + use<'a> {
    objects(concept, "coding")
        .filter_map(|(index, coding)| Some((index, text(coding, "system")?, text(coding, "code")?)))
}

/// Whether a CodeableConcept has a coding of that system and code.
pub fn has_code(concept: &Map<String, Value>, system: &str, code: &str) -> bool {
    codes(concept).any(|(_, own_system, own_code)| own_system == system && own_code == code)
}

/// Whether a member says anything at all: an empty list, object or text does not.
pub fn says(object: &Map<String, Value>, member: &str) -> bool {
    match object.get(member) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_another_shape_is_not_there() {
        let value = json!({
            "text": " ", "number": 1, "one": {"a": 1}, "many": [{"b": 1}, 2, {"c": 1}], "none": [], "null": null,
            "coding": [{"system": "s"}, {"system": "s", "code": "c"}]
        });
        let object_of = value.as_object().expect("the test writes an object");
        assert_eq!((text(object_of, "text"), text(object_of, "number")), (None, None));
        assert!(object(object_of, "one").is_some() && object(object_of, "many").is_none());
        assert_eq!(objects(object_of, "one").count(), 1);
        assert_eq!(objects(object_of, "many").map(|(index, _)| index).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(codes(object_of).collect::<Vec<_>>(), [(1, "s", "c")]);
        assert!(has_code(object_of, "s", "c") && !has_code(object_of, "s", "d"));
        let said: Vec<_> = ["text", "number", "one", "none", "null", "absent"].map(|name| says(object_of, name)).into();
        assert_eq!(said, [false, true, true, false, false, false]);
    }
}
