//! Which element an ElementDefinition speaks of (<https://hl7.org/fhir/R4/elementdefinition.html#id>).
//!
//! The id says it best (`Patient.identifier:nhsNumber.value`). Where it is missing or does not fit the path, path and
//! sliceName are read as STU3 did: an element belongs to the slice that was last opened on its path.

use super::raw::text;
use serde_json::Value;

/// More levels than any real definition has.
const DEEPEST_PATH: usize = 24;

/// More slices of slices than any real definition has.
const DEEPEST_SLICES: usize = 4;

/// One step of an element's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// The element's name as written (`identifier`, `value[x]`, `valueQuantity`).
    pub name: Box<str>,
    /// The slice, with the slices it lies in (`a/b`).
    pub slice: Option<Box<str>>,
}

/// The place of an element; `last` is that of the element before it.
pub(super) fn segments(element: &Value, last: &[Segment]) -> Result<Vec<Segment>, String> {
    let id = text(element, "id");
    let path = text(element, "path").or(id).ok_or("An element of the definition has neither path nor id.")?;
    if path.split('.').count() > DEEPEST_PATH {
        return Err(format!("An element of the definition lies deeper than {DEEPEST_PATH} levels."));
    }
    let slice_name = text(element, "sliceName");
    let mut segments = id.and_then(|id| by_id(id, path)).unwrap_or_else(|| by_path(path, last));
    if let (Some(end), Some(name)) = (segments.last_mut(), slice_name)
        && end.slice.is_none()
        && *end.name != *name
    {
        end.slice = Some(name.into());
    }
    if segments.iter().flat_map(|one| &one.slice).any(|slice| slice.matches('/').count() >= DEEPEST_SLICES) {
        return Err(format!("A slice of the definition lies in more than {DEEPEST_SLICES} others."));
    }
    Ok(segments)
}

/// Reads the id, where it fits the path.
fn by_id(id: &str, path: &str) -> Option<Vec<Segment>> {
    let names: Vec<&str> = path.split('.').collect();
    let parts: Vec<&str> = id.split('.').collect();
    if names.len() != parts.len() {
        return None;
    }
    let segments = parts.into_iter().zip(names).map(|(part, path_name)| {
        let (name, slice) = match part.split_once(':') {
            Some((name, slice)) => (name, Some(slice).filter(|slice| !slice.is_empty())),
            None => (part, None),
        };
        let choice = name.strip_suffix("[x]");
        let fits = name == path_name
            || choice.is_some_and(|choice| path_name.starts_with(choice))
            || path_name.strip_suffix("[x]").is_some_and(|choice| name.starts_with(choice));
        // The path names the type of a choice that the id leaves open.
        let name = if choice.is_some() && slice.is_none() { path_name } else { name };
        fits.then(|| Segment { name: name.into(), slice: slice.map(Into::into) })
    });
    segments.collect()
}

/// Reads the path; the slices on the way are those of the element before.
fn by_path(path: &str, last: &[Segment]) -> Vec<Segment> {
    let names: Vec<&str> = path.split('.').collect();
    let mut follows = true;
    let ancestors = names.len().saturating_sub(1);
    names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let before = last.get(at).filter(|before| follows && *before.name == **name);
            follows = before.is_some();
            let slice = before.filter(|_| at < ancestors).and_then(|before| before.slice.clone());
            Segment { name: (*name).into(), slice }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(segments: &[Segment]) -> String {
        let one = |segment: &Segment| match &segment.slice {
            Some(slice) => format!("{}:{slice}", segment.name),
            None => segment.name.to_string(),
        };
        segments.iter().map(one).collect::<Vec<_>>().join(".")
    }

    #[test]
    fn an_id_that_fits_the_path_says_the_place() {
        for (id, path, slice_name, expected) in [
            ("Patient", "Patient", "", "Patient"),
            ("Patient.name:usual.given", "Patient.name.given", "", "Patient.name:usual.given"),
            ("Patient.name:usual", "Patient.name", "usual", "Patient.name:usual"),
            ("Patient.name:a/b", "Patient.name", "a/b", "Patient.name:a/b"),
            ("Patient.name", "Patient.name", "usual", "Patient.name:usual"),
            ("Observation.value[x]:valueQuantity", "Observation.value[x]", "valueQuantity", ""),
            ("Observation.value[x]:valueQuantity.code", "Observation.valueQuantity.code", "", ""),
            ("Observation.value[x]", "Observation.valueQuantity", "valueQuantity", "Observation.valueQuantity"),
            ("Observation.valueQuantity", "Observation.valueQuantity", "valueQuantity", "Observation.valueQuantity"),
            ("some-id", "Patient.name", "usual", "Patient.name:usual"),
            ("Patient.name:with.dot", "Patient.name", "with.dot", "Patient.name:with.dot"),
        ] {
            let element = json!({"id": id, "path": path, "sliceName": slice_name});
            let expected = if expected.is_empty() { id } else { expected };
            assert_eq!(segments(&element, &[]).as_deref().map(shown), Ok(expected.to_owned()), "{id}");
        }
    }

    #[test]
    fn without_ids_an_element_lies_in_the_slice_opened_last() {
        let mut last = Vec::new();
        for (path, slice_name, expected) in [
            ("Patient", "", "Patient"),
            ("Patient.name", "", "Patient.name"),
            ("Patient.name", "usual", "Patient.name:usual"),
            ("Patient.name.given", "", "Patient.name:usual.given"),
            ("Patient.name.extension", "x", "Patient.name:usual.extension:x"),
            ("Patient.name.extension.url", "", "Patient.name:usual.extension:x.url"),
            ("Patient.name.family", "", "Patient.name:usual.family"),
            ("Patient.name", "old", "Patient.name:old"),
            ("Patient.name.given", "", "Patient.name:old.given"),
            ("Patient.telecom", "", "Patient.telecom"),
            ("Patient.name.given", "", "Patient.name.given"),
        ] {
            last = segments(&json!({"path": path, "sliceName": slice_name}), &last).expect(path);
            assert_eq!(shown(&last), expected);
        }
    }

    #[test]
    fn a_place_without_end_is_refused() {
        let deep = vec!["a"; DEEPEST_PATH].join(".");
        assert!(segments(&json!({"path": deep}), &[]).is_ok());
        assert!(segments(&json!({"path": format!("{deep}.a")}), &[]).is_err());
        assert!(segments(&json!({"min": 1}), &[]).is_err());
    }
}
