//! Goes through documents once: Bundles in Bundles, contained resources, and what is neither.

use super::{About, Document, Gap, GapKind, Gaps, Record, Resource, Source, list, outcome, read, source};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Bundles in Bundles go no deeper; what lies below is a gap.
const DEEPEST: usize = 8;

/// Reads all documents.
pub fn read<'a>(documents: &[Document<'a>]) -> Record<'a> {
    let mut reader = Reader::default();
    for document in documents {
        reader.document(document);
    }
    let mut record = reader.record;
    index(&mut record);
    find_same(&mut record);
    source::attribute(&mut record);
    let mut gaps = reader.gaps;
    outcome::gaps(&record, &mut gaps);
    list::gaps(&record, &mut gaps);
    record.gaps = gaps.into_vec();
    record
}

#[derive(Default)]
struct Reader<'a> {
    record: Record<'a>,
    by_id: HashMap<(usize, &'a str, &'a str), usize>,
    gaps: Gaps,
}

impl<'a> Reader<'a> {
    fn document(&mut self, document: &Document<'a>) {
        let source = self.source(&document.name, document.value);
        match document.value {
            Value::Array(resources) => {
                for (number, resource) in resources.iter().enumerate() {
                    self.resource(resource, &format!("[{number}]"), source, 0);
                }
            }
            single => {
                let name = single.get("resourceType").and_then(Value::as_str).unwrap_or("the document");
                self.resource(single, name, source, 0);
            }
        }
    }

    fn source(&mut self, name: &str, value: &Value) -> usize {
        self.record.sources.push(Source::of_document(name, value));
        self.record.sources.len() - 1
    }

    fn resource(&mut self, value: &'a Value, place: &str, source: usize, depth: usize) {
        let Some(kind) = value.get("resourceType").and_then(Value::as_str) else {
            let text = format!("{place} is no FHIR resource (it has no `resourceType`) and was not read");
            return self.unreadable(text, place, source);
        };
        if kind == "Bundle" {
            return self.bundle(value, place, source, depth);
        }
        let before = self.record.resources.len();
        let index = self.add(value, kind, place.to_string(), source, None);
        if index < before {
            return;
        }
        for (number, inner) in read::items(value, "contained").enumerate() {
            let place = format!("{place}.contained[{number}]");
            match inner.get("resourceType").and_then(Value::as_str) {
                Some(kind) => {
                    self.add(inner, kind, place, source, Some(index));
                }
                None => {
                    let text = format!("{place} is no FHIR resource (it has no `resourceType`) and was not read");
                    self.unreadable(text, &place, source);
                }
            }
        }
    }

    fn add(
        &mut self,
        value: &'a Value,
        kind: &'a str,
        place: String,
        source: usize,
        container: Option<usize>,
    ) -> usize {
        let id = read::text(value, "id");
        // The same resource twice, as two requests for one record bring it, is one.
        if let (None, Some(id)) = (container, id) {
            let same = |other: &Resource<'_>| {
                other.document == source && other.container.is_none() && other.id == Some(id) && other.value == value
            };
            if let Some(known) =
                self.by_id.get(&(source, kind, id)).filter(|index| self.record.at(**index).is_some_and(same))
            {
                return *known;
            }
            self.by_id.insert((source, kind, id), self.record.resources.len());
        }
        self.record.resources.push(Resource {
            kind,
            id,
            value,
            place,
            source,
            container,
            same_as: None,
            document: source,
        });
        self.record.resources.len() - 1
    }

    fn bundle(&mut self, value: &'a Value, place: &str, source: usize, depth: usize) {
        // A Bundle in a Bundle is what one of several sources gave.
        let source = if depth == 0 { source } else { self.source(place, value) };
        if depth >= DEEPEST {
            return self.unreadable(
                format!("{place} is the {DEEPEST}th Bundle inside another and was not read"),
                place,
                source,
            );
        }
        if let Some(entries) = value.get("entry")
            && !entries.is_array()
        {
            self.unreadable(format!("{place}.entry is no list, and was not read"), place, source);
        }
        for (number, entry) in read::items(value, "entry").enumerate() {
            let place = format!("{place}.entry[{number}].resource");
            match entry.get("resource") {
                Some(resource) => {
                    let first = self.record.resources.len();
                    self.resource(resource, &place, source, depth + 1);
                    if let Some(url) = read::text(entry, "fullUrl")
                        && self.record.resources.len() > first
                    {
                        let document = self.record.resources.get(first).map_or(source, |made| made.document);
                        self.record.by_key.insert((document, key_of(url)), first);
                    }
                }
                None => {
                    if let Some(outcome) = entry.pointer("/response/outcome") {
                        self.resource(outcome, &place, source, depth + 1);
                    } else {
                        self.unreadable(format!("{place} is missing: the entry holds no resource"), &place, source);
                    }
                }
            }
        }
        self.pages(value, place, source);
    }

    fn pages(&mut self, value: &Value, place: &str, source: usize) {
        let is_next = |link: &Value| matches!(read::text(link, "relation"), Some("next"));
        if read::items(value, "link").any(is_next) {
            let text = "the answer goes on on another page (link `next`), which is not here: fetch all pages first";
            self.gap(GapKind::MorePages, text.to_string(), place, source);
        }
    }

    fn unreadable(&mut self, text: String, place: &str, source: usize) {
        self.gap(GapKind::Unreadable, text, place, source);
    }

    fn gap(&mut self, kind: GapKind, text: String, place: &str, source: usize) {
        self.gaps.add(Gap { kind, about: About::Everything, source, text, evidence: vec![place.to_string()] });
    }
}

/// Makes resources findable by type and id, and by their identifiers.
fn index(record: &mut Record<'_>) {
    for (index, resource) in record.resources.iter().enumerate() {
        if resource.container.is_none()
            && let Some(id) = resource.id
        {
            record.by_key.entry((resource.document, format!("{}/{id}", resource.kind))).or_insert(index);
        }
        for identifier in read::items(resource.value, "identifier") {
            if let (Some(system), Some(value)) = (read::text(identifier, "system"), read::text(identifier, "value")) {
                record.by_identifier.entry((system.to_string(), value.to_string())).or_default().push(index);
            }
        }
    }
}

/// Finds contained resources that the document also has by themselves, under the same type and id.
fn find_same(record: &mut Record<'_>) {
    let same: Vec<(usize, usize)> = record
        .resources
        .iter()
        .enumerate()
        .filter(|(_, resource)| resource.container.is_some())
        .filter_map(|(index, resource)| {
            let key = format!("{}/{}", resource.kind, resource.id?);
            let other = *record.by_key.get(&(resource.document, key))?;
            is_same(resource.value, record.at(other)?.value).then_some((index, other))
        })
        .collect();
    for (index, other) in same {
        record.resources.get_mut(index).into_iter().for_each(|resource| resource.same_as = Some(other));
    }
}

/// Whether two resources say the same, but for what a contained one may not have.
fn is_same(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return false };
    let says = |name: &str| !matches!(name, "meta" | "text" | "implicitRules");
    let within = |left: &Map<String, Value>, right: &Map<String, Value>| {
        left.iter().filter(|(name, _)| says(name)).all(|(name, value)| right.get(name) == Some(value))
    };
    within(one, other) && within(other, one)
}

/// What a reference or full URL is found by: `Type/id` of a URL that ends so, else the whole of it.
pub fn key_of(text: &str) -> String {
    let text = text.split_once("/_history/").map_or(text, |(before, _)| before);
    let mut parts = text.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(kind)) if !id.is_empty() && kind.starts_with(|first: char| first.is_ascii_uppercase()) => {
            format!("{kind}/{id}")
        }
        _ => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;
    use serde_json::json;

    fn record(value: &Value) -> Record<'_> {
        Record::read(&[Document { name: "test".into(), value }])
    }

    #[test]
    fn references_are_followed_however_they_are_written() {
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Medication", "code": {"text": "Senna"}}},
            {"resource": {"resourceType": "Medication", "id": "m2", "identifier": [{"system": "s", "value": "v"}]}},
            {"resource": {"resourceType": "MedicationStatement", "id": "s", "contained": [{"resourceType": "Medication", "id": "in"}]}}]});
        let record = record(&bundle);
        let (_, from) = record.of("MedicationStatement").next().expect("a statement");
        for (reference, place) in [
            (json!({"reference": "urn:uuid:1"}), "Bundle.entry[0].resource"),
            (json!({"reference": "Medication/m2"}), "Bundle.entry[1].resource"),
            (json!({"reference": "https://gp.example/STU3/Medication/m2/_history/3"}), "Bundle.entry[1].resource"),
            (json!({"identifier": {"system": "s", "value": "v"}}), "Bundle.entry[1].resource"),
            (json!({"reference": "#in"}), "Bundle.entry[2].resource.contained[0]"),
        ] {
            let found = record.follow(from, &reference);
            let Found::Resource(index) = found else { panic!("{reference}: {found:?}") };
            assert_eq!(record.at(index).map(|it| it.place.as_str()), Some(place), "{reference}");
        }
        assert_eq!(record.follow(from, &json!({"reference": "Medication/gone"})), Found::Missing("Medication/gone"));
        assert_eq!(record.follow(from, &json!({})), Found::NotSaid);
    }

    #[test]
    fn what_is_no_resource_is_a_gap_and_not_nothing() {
        for broken in [
            json!({}),
            json!([{"resourceType": "Patient"}, 7]),
            json!({"resourceType": "Bundle", "entry": [{"fullUrl": "x"}]}),
            json!({"resourceType": "Bundle", "entry": "many"}),
            json!({"resourceType": "Bundle", "entry": [{"resource": {"id": "typeless"}}]}),
        ] {
            let record = record(&broken);
            assert!(record.gaps.iter().any(|gap| gap.kind == GapKind::Unreadable), "{broken}: {:?}", record.gaps);
        }
    }

    #[test]
    fn what_is_sent_by_itself_and_contained_is_one_and_a_difference_keeps_both() {
        let bundle = |text: &str| {
            json!([{"resourceType": "AllergyIntolerance", "id": "a", "meta": {"versionId": "1"}, "code": {"text": "Penicillin"}},
                {"resourceType": "List", "entry": [{"item": {"reference": "#a"}}], "contained": [
                    {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": text}}]}])
        };
        let (same, other) = (bundle("Penicillin"), bundle("Penicillin V"));
        let same = record(&same);
        assert_eq!(same.of("AllergyIntolerance").count(), 1);
        let (_, list) = same.of("List").next().expect("a list");
        assert_eq!(same.follow(list, &json!({"reference": "#a"})), Found::Resource(0));
        assert_eq!(record(&other).of("AllergyIntolerance").count(), 2);
    }

    #[test]
    fn another_page_is_a_gap() {
        let bundle = json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}], "entry": []});
        assert!(record(&bundle).gaps.iter().any(|gap| gap.kind == GapKind::MorePages));
    }
}
