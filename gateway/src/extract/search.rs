//! Search parameters as the caller writes them, turned into what the store is asked
//! (<https://hl7.org/fhir/R4/search.html>).

mod last_updated;
mod values;

use super::query::{Parameters, refused, unknown_text};
use crate::config::Limits;
use crate::error::GatewayError;
use crate::search_parameters::{parameter, parameters_of};
use crate::store::query::{Criterion, PageMark, SearchQuery};

/// Stands in a `next` link; says where the page ended.
pub const PAGE: &str = "_page";

/// Parameters that change how an answer is written, not what is in it.
const RESULT_PARAMETERS: [&str; 2] = ["_format", "_pretty"];

/// What a caller searches for.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchRequest {
    /// What the store is asked.
    pub query: SearchQuery,
    /// The parameters that were used, as given, for the links.
    pub used: Vec<(String, String)>,
}

/// Reads a search. Strictly, a parameter that is not known is an error; leniently, it is passed over.
pub fn read(
    resource_type: &str,
    parameters: &Parameters,
    lenient: bool,
    limits: &Limits,
) -> Result<SearchRequest, GatewayError> {
    let page = read_page(parameters, limits)?;
    let mut query = SearchQuery {
        resource_type: resource_type.to_owned(),
        criteria: Vec::new(),
        count: page.count,
        page: page.mark,
    };
    let mut used = page.used;
    let mut values = 0;
    for (name, value) in &parameters.0 {
        if name == "_count" || name == PAGE || RESULT_PARAMETERS.contains(&name.as_str()) {
            continue;
        }
        match read_one(resource_type, name, value)? {
            Some(criterion) => {
                values += value_count(&criterion);
                query.criteria.push(criterion);
                used.push((name.clone(), value.clone()));
            }
            None if lenient => {}
            None => return Err(unknown(resource_type, name)),
        }
    }
    if values > limits.search_values_max {
        let hint = format!("ask for at most {} values at once", limits.search_values_max);
        return Err(refused("The search names too many values.", hint));
    }
    Ok(SearchRequest { query, used })
}

/// How much of a result, and from where.
pub struct Page {
    /// Most resources on the page.
    pub count: usize,
    /// Where the page before ended.
    pub mark: Option<PageMark>,
    /// The parameters that were used, as given, but for the mark.
    pub used: Vec<(String, String)>,
}

/// Reads `_count` and the mark of a page.
pub fn read_page(parameters: &Parameters, limits: &Limits) -> Result<Page, GatewayError> {
    let count = match parameters.once("_count")? {
        None => limits.search_page_default,
        // More than the server gives at once is cut to what it gives, as FHIR allows.
        Some(text) => text
            .parse::<u32>()
            .map(|count| usize::try_from(count).unwrap_or(usize::MAX).min(limits.search_page_max))
            .map_err(|_| refused("`_count` is not a whole number from 0.", "say how many resources a page may hold"))?,
    };
    let mark = match parameters.once(PAGE)? {
        None => None,
        Some(text) => Some(PageMark::from_text(text).ok_or_else(|| {
            refused("The mark of the page is not one that was given out.", "follow the `next` link as it is")
        })?),
    };
    let kept = |name: &str| name == "_count" || RESULT_PARAMETERS.contains(&name);
    let used = parameters.0.iter().filter(|(name, _)| kept(name)).cloned().collect();
    Ok(Page { count, mark, used })
}

fn read_one(resource_type: &str, name: &str, value: &str) -> Result<Option<Criterion>, GatewayError> {
    match name {
        "_id" => {
            let ids = values::alternatives(name, value)?;
            // What is not spelled as an id matches nothing, which is an answer.
            Ok(Some(Criterion::Id(ids)))
        }
        "_lastUpdated" => last_updated::read(value).map(Some),
        _ => {
            let (plain, modifier) = match name.split_once(':') {
                Some((plain, modifier)) => (plain, Some(modifier)),
                None => (name, None),
            };
            let Some(parameter) = parameter(resource_type, plain) else {
                return Ok(None);
            };
            let any_of = values::alternatives(plain, value)?
                .iter()
                .map(|value| values::read_value(parameter, modifier, value))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some(Criterion::Token { parameter: plain.to_owned(), any_of }))
        }
    }
}

fn value_count(criterion: &Criterion) -> usize {
    match criterion {
        Criterion::Id(ids) => ids.len(),
        Criterion::Token { any_of, .. } => any_of.len(),
        Criterion::LastUpdated { .. } => 1,
    }
}

fn unknown(resource_type: &str, name: &str) -> GatewayError {
    let mut known: Vec<&str> = parameters_of(resource_type).map(|parameter| parameter.name).collect();
    known.extend(["_id", "_lastUpdated", "_count", "_format"]);
    refused(unknown_text(name), format!("known for this type: {}; or send Prefer: handling=lenient", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(resource_type: &str, query: &str) -> Result<Vec<Criterion>, GatewayError> {
        let parameters = Parameters::read(query)?;
        read(resource_type, &parameters, false, &Limits::default()).map(|request| request.query.criteria)
    }

    fn one_token(resource_type: &str, query: &str) -> (Option<String>, Option<String>) {
        match search(resource_type, query).expect("is read").remove(0) {
            Criterion::Token { mut any_of, .. } => {
                let token = any_of.remove(0);
                (token.system, token.code)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tokens_have_four_forms() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(one_token("Patient", "identifier=v"), (None, some("v")));
        assert_eq!(one_token("Patient", "identifier=s%7Cv"), (some("s"), some("v")));
        assert_eq!(one_token("Patient", "identifier=|v"), (some(""), some("v")));
        assert_eq!(one_token("Patient", "identifier=s|"), (some("s"), None));
        assert_eq!(one_token("Patient", "identifier=a\\|b\\,c|v"), (some("a|b,c"), some("v")));
        assert!(search("Patient", "identifier=|").is_err());
        assert!(search("Patient", "identifier=a|b|c").is_err());
    }

    #[test]
    fn references_have_three_forms() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(one_token("AllergyIntolerance", "patient=p"), (some("Patient"), some("p")));
        assert_eq!(one_token("AllergyIntolerance", "patient=Patient/p"), (some("Patient"), some("p")));
        assert_eq!(one_token("Condition", "subject=p"), (None, some("p")));
        assert_eq!(one_token("Condition", "subject:Patient=p"), (some("Patient"), some("p")));
        assert_eq!(one_token("Condition", "subject=http://h:1/fhir/R4/Patient/p"), (some("Patient"), some("p")));
        assert!(search("Condition", "subject=a b").is_err());
        assert!(search("Condition", "patient:Group=p").is_err());
    }

    #[test]
    fn a_comma_means_or_and_repeating_means_and() {
        let criteria = search("MedicationRequest", "status=active,stopped&status=active").expect("is read");
        let counts: Vec<usize> = criteria.iter().map(value_count).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn what_would_match_everybody_is_refused() {
        for query in [
            "identifier=",
            "identifier=a,,b",
            "_id=",
            "status=",
            "nonsense=1",
            "identifier:of-type=1",
            "_count=x",
            "_count=-1",
            "_page=zz",
        ] {
            assert!(search("Patient", query).is_err(), "{query}");
        }
    }

    #[test]
    fn leniently_only_what_is_unknown_is_passed_over() {
        let parameters = Parameters::read("nonsense=1&_id=a").expect("is read");
        let request = read("Patient", &parameters, true, &Limits::default()).expect("lenient");
        assert_eq!(request.query.criteria, [Criterion::Id(vec!["a".into()])]);
        assert_eq!(request.used, [("_id".to_owned(), "a".to_owned())]);
        let empty = Parameters::read("identifier=").expect("is read");
        assert!(read("Patient", &empty, true, &Limits::default()).is_err());
    }

    #[test]
    fn a_page_is_never_bigger_than_the_server_gives() {
        let limits = Limits::default();
        let count = |query: &str| read_page(&Parameters::read(query).expect("is read"), &limits).expect("fits").count;
        assert_eq!(count(""), limits.search_page_default);
        assert_eq!(count("_count=0"), 0);
        assert_eq!(count(&format!("_count={}", limits.search_page_max)), limits.search_page_max);
        assert_eq!(count(&format!("_count={}", limits.search_page_max + 1)), limits.search_page_max);
    }
}
