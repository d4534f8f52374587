//! The search parameters of R4 (<https://hl7.org/fhir/R4/searchparameter-registry.html>), by canonical URL.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What a search parameter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchParameter {
    /// The name in a search (`clinical-status`).
    pub code: &'static str,
    /// `token`, `date`, `reference`, ...
    pub kind: &'static str,
    /// The types it searches.
    pub bases: Vec<&'static str>,
    /// The FHIRPath to what is searched; nothing for those that are no path (`_query`).
    pub expression: Option<&'static str>,
}

/// The start of their URLs.
const PREFIX: &str = "http://hl7.org/fhir/SearchParameter/";

/// The search parameter of R4 with that canonical URL, with or without `|4.0.1`.
pub fn r4(canonical: &str) -> Option<&'static SearchParameter> {
    static R4: OnceLock<HashMap<&'static str, SearchParameter>> = OnceLock::new();
    let name = canonical.strip_suffix("|4.0.1").unwrap_or(canonical).strip_prefix(PREFIX)?;
    R4.get_or_init(|| include_str!("../../definitions/r4-search-parameters.txt").lines().filter_map(read).collect())
        .get(name)
}

fn read(line: &'static str) -> Option<(&'static str, SearchParameter)> {
    let mut fields = line.split('\t');
    let (name, code, kind, bases) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let expression = fields.next().filter(|expression| !expression.is_empty());
    Some((name, SearchParameter { code, kind, bases: bases.split(',').collect(), expression }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_r4_are_known_by_url() {
        let found = r4("http://hl7.org/fhir/SearchParameter/Organization-name").expect("known");
        assert_eq!((found.code, found.kind, found.bases.as_slice()), ("name", "string", ["Organization"].as_slice()));
        assert_eq!(found.expression, Some("Organization.name | Organization.alias"));
        assert_eq!(r4("http://hl7.org/fhir/SearchParameter/Organization-name|4.0.1"), Some(found));
        let shared = r4("http://hl7.org/fhir/SearchParameter/clinical-code").expect("known");
        assert!(shared.bases.contains(&"AllergyIntolerance") && shared.bases.len() > 5);
        for unknown in ["http://hl7.org/fhir/SearchParameter/nonsense", "https://example.org/x", ""] {
            assert_eq!(r4(unknown), None, "{unknown}");
        }
        let lines = include_str!("../../definitions/r4-search-parameters.txt");
        assert!(lines.lines().all(|line| read(line).is_some()), "each line is read");
    }
}
