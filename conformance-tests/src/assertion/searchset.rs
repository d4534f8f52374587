//! What a search result is like, on one page.
//!
//! <https://hl7.org/fhir/R4/bundle.html#searchset>

use crate::exchange::Exchange;
use crate::verdict::Checked;
use serde_json::Value;

/// One entry of a searchset.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where the resource lives, as the server says.
    pub full_url: Option<String>,
    /// Why it is here, as the server says.
    pub mode: Option<String>,
    /// The resource.
    pub resource: Value,
}

impl Entry {
    /// Its type, or nothing for what is no resource.
    pub fn resource_type(&self) -> &str {
        self.resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its id, or nothing.
    pub fn id(&self) -> &str {
        self.resource.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it matches the search: said so, or not said and no OperationOutcome.
    pub fn is_match(&self) -> bool {
        match self.mode.as_deref() {
            Some(mode) => mode == "match",
            None => self.resource_type() != "OperationOutcome",
        }
    }
}

/// The searchset of an answer of status 200.
pub fn read(exchange: &Exchange) -> Checked<Value> {
    super::response::status(exchange, &[200])?;
    let bundle = exchange.resource("Bundle")?;
    match bundle.get("type").and_then(Value::as_str) {
        Some("searchset") => Ok(bundle),
        _ => Err(exchange.fails("is a Bundle of another type than searchset")),
    }
}

/// The entries of a searchset, each with a resource.
pub fn entries(exchange: &Exchange) -> Checked<Vec<Entry>> {
    let bundle = read(exchange)?;
    let list = match bundle.get("entry") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(_) => return Err(exchange.fails("has an empty or malformed entry list")),
    };
    list.iter()
        .map(|entry| {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let made = Entry {
                full_url: text(entry.get("fullUrl")),
                mode: text(entry.get("search").and_then(|search| search.get("mode"))),
                resource: entry.get("resource").cloned().unwrap_or(Value::Null),
            };
            if made.resource_type().is_empty() {
                return Err(exchange.fails("has an entry without a resource"));
            }
            Ok(made)
        })
        .collect()
}

fn matching(exchange: &Exchange) -> Checked<Vec<Entry>> {
    Ok(entries(exchange)?.into_iter().filter(Entry::is_match).collect())
}

/// Nothing matches, and no total says otherwise.
pub fn no_match(exchange: &Exchange) -> Checked {
    let found = matching(exchange)?.len();
    if found > 0 {
        return Err(exchange.fails(format!("has {found} matches, none was awaited")));
    }
    match total(&read(exchange)?) {
        None | Some(0) => Ok(()),
        Some(total) => Err(exchange.fails(format!("says a total of {total}, none was awaited"))),
    }
}

/// At least one match, and all of one type.
pub fn matches(exchange: &Exchange, resource_type: &str) -> Checked {
    let found = matching(exchange)?;
    if found.is_empty() {
        return Err(exchange.fails(format!("has no match; a {resource_type} was awaited")));
    }
    match found.iter().find(|entry| entry.resource_type() != resource_type) {
        None => Ok(()),
        Some(other) => Err(exchange.fails(format!("has a {} among the matches", other.resource_type()))),
    }
}

/// Every match carries a business identifier.
pub fn every_match_identified(exchange: &Exchange, system: &str, value: &str) -> Checked {
    let carries = |entry: &Entry| {
        let identifiers = entry.resource.get("identifier").and_then(Value::as_array);
        identifiers.into_iter().flatten().any(|identifier| {
            let text = |name: &str| identifier.get(name).and_then(Value::as_str);
            text("system") == Some(system) && text("value") == Some(value)
        })
    };
    match matching(exchange)?.iter().find(|entry| !carries(entry)) {
        None => Ok(()),
        Some(_) => Err(exchange.fails("has a match without the identifier that was asked for")),
    }
}

/// A resource is among the matches.
pub fn includes(exchange: &Exchange, id: &str) -> Checked {
    if matching(exchange)?.iter().any(|entry| entry.id() == id) {
        return Ok(());
    }
    Err(exchange.fails("lacks a resource that matches"))
}

/// Every entry has an absolute `fullUrl` that ends in its type and id.
pub fn full_urls(exchange: &Exchange) -> Checked {
    for entry in entries(exchange)? {
        let Some(full_url) = &entry.full_url else {
            // An OperationOutcome about the search need not live anywhere.
            if entry.is_match() {
                return Err(exchange.fails("has an entry without fullUrl"));
            }
            continue;
        };
        let ending = format!("/{}/{}", entry.resource_type(), entry.id());
        let is_url = full_url.starts_with("http://") || full_url.starts_with("https://");
        let is_urn = full_url.starts_with("urn:");
        if !(is_urn || is_url && full_url.ends_with(&ending)) {
            return Err(exchange.fails("has an entry whose fullUrl is not the absolute URL of its resource"));
        }
    }
    Ok(())
}

/// Every entry says why it is there.
pub fn search_modes(exchange: &Exchange) -> Checked {
    for entry in entries(exchange)? {
        match entry.mode.as_deref() {
            Some("match" | "include" | "outcome") => {}
            Some(_) => return Err(exchange.fails("has an entry with an unknown search.mode")),
            None => return Err(exchange.fails("has an entry without search.mode")),
        }
    }
    Ok(())
}

/// The searchset says which search it answers.
pub fn self_link(exchange: &Exchange) -> Checked {
    match link(&read(exchange)?, "self") {
        Some(_) => Ok(()),
        None => Err(exchange.fails("has no self link")),
    }
}

/// At most so many matches.
pub fn page_of_at_most(exchange: &Exchange, most: usize) -> Checked {
    let found = matching(exchange)?.len();
    if found <= most {
        return Ok(());
    }
    Err(exchange.fails(format!("has {found} matches on a page of at most {most}")))
}

/// A total and no entry.
pub fn count_only(exchange: &Exchange) -> Checked {
    let bundle = read(exchange)?;
    if bundle.get("entry").is_some() {
        return Err(exchange.fails("has entries, only a total was awaited"));
    }
    match total(&bundle) {
        Some(_) => Ok(()),
        None => Err(exchange.fails("has no total")),
    }
}

/// How many match in all, where the server says it.
pub fn total(bundle: &Value) -> Option<u64> {
    bundle.get("total").and_then(Value::as_u64)
}

/// The URL of a link by its relation.
pub fn link<'a>(bundle: &'a Value, relation: &str) -> Option<&'a str> {
    let links = bundle.get("link").and_then(Value::as_array);
    links
        .into_iter()
        .flatten()
        .find(|link| link.get("relation").and_then(Value::as_str) == Some(relation))
        .and_then(|link| link.get("url"))
        .and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(bundle: Value) -> Exchange {
        Exchange {
            shown: "GET Patient".into(),
            status: 200,
            headers: vec![("content-type".into(), "application/fhir+json".into())],
            body: bundle.to_string().into_bytes(),
        }
    }

    fn page(entries: Value) -> Exchange {
        answer(json!({"resourceType": "Bundle", "type": "searchset", "total": 1,
            "link": [{"relation": "self", "url": "http://h/Patient"}], "entry": entries}))
    }

    fn patient() -> Value {
        json!({"fullUrl": "http://h/fhir/Patient/p1", "search": {"mode": "match"},
            "resource": {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "s", "value": "v"}]}})
    }

    fn without(mut entry: Value, member: &str) -> Value {
        if let Some(object) = entry.as_object_mut() {
            object.remove(member);
        }
        entry
    }

    #[test]
    fn a_good_page_passes_every_check() {
        let page = page(json!([patient()]));
        assert!(matches(&page, "Patient").is_ok());
        assert!(every_match_identified(&page, "s", "v").is_ok());
        assert!(includes(&page, "p1").is_ok());
        assert!(full_urls(&page).is_ok());
        assert!(search_modes(&page).is_ok());
        assert!(self_link(&page).is_ok());
        assert!(page_of_at_most(&page, 1).is_ok());
    }

    #[test]
    fn each_check_can_fail() {
        let good = page(json!([patient()]));
        assert!(no_match(&good).is_err());
        assert!(matches(&good, "Practitioner").is_err());
        assert!(every_match_identified(&good, "s", "w").is_err());
        assert!(every_match_identified(&good, "t", "v").is_err());
        assert!(includes(&good, "p2").is_err());
        assert!(page_of_at_most(&good, 0).is_err());
        assert!(count_only(&good).is_err());
        assert!(full_urls(&page(json!([without(patient(), "fullUrl")]))).is_err());
        assert!(search_modes(&page(json!([without(patient(), "search")]))).is_err());
        let mut strange = patient();
        strange["fullUrl"] = json!("http://h/fhir/Patient/p2");
        assert!(full_urls(&page(json!([strange]))).is_err());
        let bare = answer(json!({"resourceType": "Bundle", "type": "searchset"}));
        assert!(self_link(&bare).is_err());
        assert!(matches(&bare, "Patient").is_err());
        assert!(no_match(&bare).is_ok());
        assert!(count_only(&bare).is_err());
    }

    #[test]
    fn what_is_no_searchset_is_refused_by_every_reader() {
        for body in [json!({}), json!([]), json!({"resourceType": "Bundle", "type": "collection"})] {
            assert!(entries(&answer(body)).is_err());
        }
        let malformed = [json!([]), json!({}), json!([{}]), json!([{"resource": {}}])];
        for entry in malformed {
            assert!(entries(&page(entry)).is_err());
        }
        let refused = Exchange { status: 500, ..page(json!([patient()])) };
        assert!(entries(&refused).is_err());
    }

    #[test]
    fn a_total_without_entries_is_a_count() {
        let counted = answer(json!({"resourceType": "Bundle", "type": "searchset", "total": 3}));
        assert!(count_only(&counted).is_ok());
        assert!(no_match(&counted).is_err());
    }

    #[test]
    fn an_outcome_among_the_entries_is_no_match() {
        let warning = json!({"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome"}});
        let page = page(json!([patient(), warning]));
        assert!(matches(&page, "Patient").is_ok());
        assert!(page_of_at_most(&page, 1).is_ok());
        assert!(full_urls(&page).is_ok());
    }
}
