//! The published definitions that are built in, one JSON line each; `definitions/README.md` says how they are made.
//!
//! Nothing is parsed here: what a line defines stands at its start, and the JSON is for whoever first asks for it.

/// A built-in StructureDefinition, ValueSet or CodeSystem, without its prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Canonical URL.
    pub url: &'static str,
    /// Business version; empty where the definition has none.
    pub version: &'static str,
    /// The type of the resource.
    pub resource_type: &'static str,
    /// The resource as one line of JSON.
    pub json: &'static str,
}

/// The profiles and extensions of R4, its value sets and code systems, then those of UK Core.
pub fn built_in_lines() -> impl Iterator<Item = BuiltIn> {
    [
        include_str!("../../definitions/r4-profiles.ndjson"),
        include_str!("../../definitions/r4-terminology.ndjson"),
        include_str!("../../definitions/uk-core.ndjson"),
    ]
    .into_iter()
    .flat_map(str::lines)
    .map(|line| head(line).expect("each built-in line starts with url, version and type, as a test shows"))
}

/// Reads the start that the builder writes: `{"url":"U","version":"V","resourceType":"T"`.
fn head(line: &'static str) -> Option<BuiltIn> {
    let (url, rest) = line.strip_prefix(r#"{"url":""#)?.split_once('"')?;
    let (version, rest) = rest.strip_prefix(r#","version":""#)?.split_once('"')?;
    let (resource_type, _) = rest.strip_prefix(r#","resourceType":""#)?.split_once('"')?;
    Some(BuiltIn { url, version, resource_type, json: line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::HashSet;

    #[test]
    fn each_line_says_at_its_start_what_its_json_says() {
        let mut seen = HashSet::new();
        for one in built_in_lines() {
            let json: Value = serde_json::from_str(one.json).expect(one.url);
            assert_eq!(json["url"], one.url);
            assert_eq!(json["version"], one.version, "{}", one.url);
            assert_eq!(json["resourceType"], one.resource_type, "{}", one.url);
            assert!(seen.insert((one.resource_type, one.url, one.version)), "{} is there twice", one.url);
        }
    }

    #[test]
    fn r4_and_uk_core_are_there() {
        let count = |kind: &str, of: &str| {
            built_in_lines().filter(|one| one.resource_type == kind && one.url.starts_with(of)).count()
        };
        assert_eq!(count("StructureDefinition", "http://hl7.org/fhir/StructureDefinition/"), 435);
        assert_eq!(count("StructureDefinition", "https://fhir.hl7.org.uk/StructureDefinition/"), 139);
        assert_eq!(count("StructureDefinition", "http://hl7.org/fhir/5.0/"), 12);
        assert_eq!(count("ValueSet", "http://hl7.org/fhir/ValueSet/"), 672);
        assert_eq!(count("ValueSet", "https://fhir.hl7.org.uk/ValueSet/"), 134);
        assert_eq!(count("CodeSystem", "https://fhir.hl7.org.uk/CodeSystem/"), 88);
        assert!(count("CodeSystem", "http://terminology.hl7.org/CodeSystem/v3-") > 140);
    }

    #[test]
    fn a_line_with_another_start_is_not_read() {
        for line in ["", "{}", r#"{"version":"1","url":"u"}"#, r#"{"url":"u","resourceType":"ValueSet"}"#] {
            assert_eq!(head(line), None, "{line}");
        }
    }
}
