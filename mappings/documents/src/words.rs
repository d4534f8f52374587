//! FHIR's values in words: what a reader of a document is shown of a concept, an amount, a date, a name, a reference.

use ginnel_medicines::record::{Found, Record, Resource, ZONE, read};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// One line of what is told of a resource: what it is, and its value or the lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// In words; empty where lines stand below.
    pub text: String,
    /// Below it.
    pub rows: Vec<Row>,
}

/// Members that say how data is kept, not how the person is; and the person, who stands above.
const SKIPPED: [&str; 13] = [
    "resourceType",
    "id",
    "meta",
    "text",
    "implicitRules",
    "language",
    "contained",
    "identifier",
    "subject",
    "patient",
    "beneficiary",
    "linkId",
    "intent",
];

/// Everything that a resource says, a line each.
pub fn rows(record: &Record<'_>, resource: &Resource<'_>) -> Vec<Row> {
    resource.value.as_object().map(|members| of_members(record, resource, members, true)).unwrap_or_default()
}

fn of_members(record: &Record<'_>, from: &Resource<'_>, members: &Map<String, Value>, top: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, value) in members {
        if name.starts_with('_') || (top && SKIPPED.contains(&name.as_str())) || name == "id" || name == "linkId" {
            continue;
        }
        if name == "extension" || name == "modifierExtension" {
            let extensions = value.as_array().into_iter().flatten();
            rows.extend(extensions.filter_map(|extension| of_extension(record, from, extension)));
            continue;
        }
        let label = label(name);
        match value {
            Value::Array(items) => rows.extend(items.iter().filter_map(|item| row(record, from, &label, item))),
            other => rows.extend(row(record, from, &label, other)),
        }
    }
    rows
}

fn row(record: &Record<'_>, from: &Resource<'_>, label: &str, value: &Value) -> Option<Row> {
    if let Some(text) = simple(record, from, value) {
        let label = label.to_owned();
        return (!text.is_empty()).then_some(Row { label, text, rows: Vec::new() });
    }
    let rows = of_members(record, from, value.as_object()?, false);
    (!rows.is_empty()).then(|| Row { label: label.to_owned(), text: String::new(), rows })
}

fn of_extension(record: &Record<'_>, from: &Resource<'_>, extension: &Value) -> Option<Row> {
    let url = read::text(extension, "url")?;
    let name = url.rsplit('/').next().unwrap_or(url);
    let name = name.trim_start_matches("Extension-UKCore-").trim_start_matches("Extension-");
    let label = label(name);
    match read::extension_value(extension) {
        Some(value) => row(record, from, &label, value),
        None => {
            let inner = read::items(extension, "extension").filter_map(|inner| of_extension(record, from, inner));
            let rows: Vec<Row> = inner.collect();
            (!rows.is_empty()).then(|| Row { label, text: String::new(), rows })
        }
    }
}

/// A member's name as words: `reasonCode` is "Reason", `valueQuantity` is "Value".
pub fn label(name: &str) -> String {
    const TYPES: [&str; 20] = [
        "CodeableConcept",
        "Quantity",
        "DateTime",
        "Period",
        "String",
        "Boolean",
        "Integer",
        "Decimal",
        "Range",
        "Ratio",
        "Date",
        "Instant",
        "Timing",
        "Reference",
        "Code",
        "Age",
        "Coding",
        "Uri",
        "Attachment",
        "Time",
    ];
    let is_whole = matches!(name, "birthDate" | "dueDate" | "startDate" | "endDate" | "code" | "date");
    let bare = TYPES.iter().find_map(|kind| name.strip_suffix(kind)).filter(|bare| !bare.is_empty() && !is_whole);
    let mut words = String::new();
    for character in bare.unwrap_or(name).chars() {
        if character == '-' || character == '_' {
            words.push(' ');
        } else if character.is_uppercase() && words.chars().last().is_some_and(char::is_lowercase) {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
    }
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A value that is said in one line; nothing where it has parts of its own.
pub fn simple(record: &Record<'_>, from: &Resource<'_>, value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(date(text).unwrap_or_else(|| text.clone())),
        Value::Array(items) => {
            let all: Option<Vec<String>> = items.iter().map(|item| simple(record, from, item)).collect();
            all.map(|all| all.join("; "))
        }
        Value::Object(members) => object(record, from, value, members),
    }
}

fn object(record: &Record<'_>, from: &Resource<'_>, value: &Value, members: &Map<String, Value>) -> Option<String> {
    let only = |known: &[&str]| {
        members.keys().all(|name| known.contains(&name.as_str()) || matches!(name.as_str(), "id" | "extension"))
    };
    let has = |name: &str| members.contains_key(name);
    if has("coding") && only(&["coding", "text"]) || (has("text") && only(&["text"])) {
        return Some(with_extensions(record, from, value, concept(value)));
    }
    if has("reference") || (has("display") && only(&["display", "type", "identifier"])) {
        return Some(with_extensions(record, from, value, reference(record, from, value)));
    }
    if (has("start") || has("end")) && only(&["start", "end"]) {
        return Some(with_extensions(record, from, value, period(value)));
    }
    if has("value")
        && only(&["value", "unit", "system", "code", "comparator"])
        && (has("unit") || has("code") || value.get("value").is_some_and(Value::is_number))
    {
        return Some(with_extensions(record, from, value, quantity(value)));
    }
    if (has("low") || has("high")) && only(&["low", "high"]) {
        let end = |name: &str| value.get(name).map(quantity).unwrap_or_else(|| "?".to_owned());
        return Some(format!("{} to {}", end("low"), end("high")));
    }
    if has("numerator") && only(&["numerator", "denominator"]) {
        let part = |name: &str| value.get(name).map(quantity).unwrap_or_default();
        return Some(format!("{} per {}", part("numerator"), part("denominator")));
    }
    if has("text") && only(&["text", "time", "authorString", "authorReference"]) {
        let own = |name: &str| read::text(value, name);
        let time = own("time").map(|time| date(time).unwrap_or_else(|| time.to_owned()));
        let author = own("authorString")
            .map(str::to_owned)
            .or_else(|| value.get("authorReference").map(|it| reference(record, from, it)));
        let by: Vec<String> = [author, time].into_iter().flatten().collect();
        let text = own("text").unwrap_or_default();
        return Some(if by.is_empty() { text.to_owned() } else { format!("{text} ({})", by.join(", ")) });
    }
    if (has("family") || has("given")) && only(&["family", "given", "prefix", "suffix", "use", "text", "period"]) {
        return Some(with_extensions(record, from, value, name(value)));
    }
    if has("value") && only(&["value", "system", "use", "rank", "period", "type", "assigner"]) {
        return Some(with_extensions(record, from, value, telecom(value)));
    }
    if (has("line") || has("postalCode") || has("city"))
        && only(&["line", "city", "district", "state", "postalCode", "country", "use", "type", "text", "period"])
    {
        return Some(address(value));
    }
    if has("code") && only(&["system", "code", "display", "version", "userSelected"]) {
        return Some(read::text(value, "display").or_else(|| read::text(value, "code")).unwrap_or_default().to_owned());
    }
    if has("contentType")
        || (has("url") && only(&["url", "title", "size", "hash", "creation", "language", "contentType", "data"]))
    {
        return Some(attachment(value));
    }
    None
}

/// What extensions add to a value, in brackets.
fn with_extensions(record: &Record<'_>, from: &Resource<'_>, value: &Value, mut text: String) -> String {
    for extension in read::items(value, "extension") {
        let Some(row) = of_extension(record, from, extension) else { continue };
        let told = flat(&row);
        if !told.is_empty() && !text.contains(&row.text) | row.text.is_empty() {
            text = if text.is_empty() { told } else { format!("{text} [{told}]") };
        }
    }
    text
}

/// A line with all below it, in one.
pub fn flat(row: &Row) -> String {
    if row.rows.is_empty() {
        return format!("{}: {}", row.label, row.text);
    }
    let below: Vec<String> = row.rows.iter().map(flat).collect();
    format!("{}: {}", row.label, below.join(", "))
}

/// What people wrote or read, else the code.
pub fn concept(value: &Value) -> String {
    let coded = || read::codings(value).map(|(_, code)| format!("(no words; code {code})")).next();
    read::words(value).map(str::to_owned).or_else(coded).unwrap_or_default()
}

/// An amount with its unit, as written.
pub fn quantity(value: &Value) -> String {
    let number = value.get("value").map(|own| own.as_str().map_or_else(|| own.to_string(), str::to_owned));
    let unit = read::text(value, "unit").or_else(|| read::text(value, "code")).map(str::to_owned);
    let comparator = read::text(value, "comparator").map(str::to_owned);
    [comparator, number, unit].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// From and until.
pub fn period(value: &Value) -> String {
    let end = |name: &str| read::text(value, name).map(|text| date(text).unwrap_or_else(|| text.to_owned()));
    match (end("start"), end("end")) {
        (Some(start), Some(end)) => format!("{start} to {end}"),
        (Some(start), None) => format!("from {start}"),
        (None, Some(end)) => format!("until {end}"),
        (None, None) => String::new(),
    }
}

/// A HumanName.
pub fn name(value: &Value) -> String {
    let list = |member: &str| -> Vec<String> {
        value
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut parts = list("prefix");
    parts.extend(list("given"));
    parts.extend(read::text(value, "family").map(str::to_owned));
    parts.extend(list("suffix"));
    let joined = parts.join(" ");
    let shown = if joined.is_empty() { read::text(value, "text").unwrap_or_default().to_owned() } else { joined };
    match read::text(value, "use") {
        Some(own @ ("usual" | "nickname" | "maiden" | "old" | "temp" | "anonymous")) => format!("{shown} ({own})"),
        _ => shown,
    }
}

/// A ContactPoint.
pub fn telecom(value: &Value) -> String {
    let own = |member: &str| read::text(value, member);
    let kind = own("use").or_else(|| own("system").filter(|system| *system != "phone" && !system.contains(':')));
    let text = own("value").unwrap_or_default();
    kind.map_or_else(|| text.to_owned(), |kind| format!("{text} ({kind})"))
}

/// An Address in one line.
pub fn address(value: &Value) -> String {
    let lines =
        value.get("line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let mut parts: Vec<String> = lines.collect();
    parts.extend(
        ["city", "district", "state", "postalCode", "country"]
            .iter()
            .filter_map(|it| read::text(value, it))
            .map(str::to_owned),
    );
    if parts.is_empty() {
        parts.extend(read::text(value, "text").map(str::to_owned));
    }
    let kind = read::text(value, "use").filter(|own| *own != "home").map(|own| format!(" ({own})")).unwrap_or_default();
    let until = value
        .get("period")
        .map(period)
        .filter(|text| !text.is_empty())
        .map(|text| format!(", {text}"))
        .unwrap_or_default();
    format!("{}{kind}{until}", parts.join(", "))
}

fn attachment(value: &Value) -> String {
    let own = |member: &str| read::text(value, member).map(str::to_owned);
    let parts = [
        own("title"),
        own("contentType"),
        own("url"),
        value.get("data").map(|_| "the file itself is in the document".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a reference leads to, by its name.
pub fn reference(record: &Record<'_>, from: &Resource<'_>, value: &Value) -> String {
    let found = match record.follow(from, value) {
        Found::Resource(index) => {
            record.at(index).map(|target| title(record, target)).filter(|title| !title.is_empty())
        }
        _ => None,
    };
    let identifier = || value.pointer("/identifier/value").and_then(Value::as_str).map(str::to_owned);
    let display = || read::text(value, "display").map(str::to_owned);
    display()
        .or(found)
        .or_else(identifier)
        .or_else(|| read::text(value, "reference").map(|it| format!("{it} (not in this document)")))
        .unwrap_or_default()
}

/// What a resource is called.
pub fn title(record: &Record<'_>, resource: &Resource<'_>) -> String {
    let value = resource.value;
    let named = match value.get("name") {
        Some(Value::String(name)) => Some(name.clone()),
        Some(Value::Array(names)) => names.first().map(name),
        Some(single @ Value::Object(_)) => Some(name(single)),
        _ => None,
    };
    let concepts = ["code", "medicationCodeableConcept", "vaccineCode", "type", "category", "scope", "event"];
    let coded = || {
        concepts.into_iter().find_map(|member| read::items(value, member).map(concept).find(|text| !text.is_empty()))
    };
    let medicine = || value.get("medicationReference").map(|it| reference(record, resource, it));
    let practitioner = || {
        let role = (resource.kind == "PractitionerRole").then(|| {
            let parts = ["practitioner", "organization"].into_iter().filter_map(|member| value.get(member));
            parts.map(|it| reference(record, resource, it)).collect::<Vec<_>>().join(", ")
        });
        role.filter(|text| !text.is_empty())
    };
    let described = || {
        let own = value.get("description")?;
        own.as_str().map(str::to_owned).or_else(|| read::words(own).map(str::to_owned))
    };
    read::text(value, "title")
        .map(str::to_owned)
        .or(named)
        .or_else(practitioner)
        .or_else(medicine)
        .or_else(coded)
        .or_else(described)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| label(resource.kind))
}

/// A FHIR date or time as people in England write it; nothing where the text is none.
pub fn date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    if !(digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7)) {
        return None;
    }
    match bytes.len() {
        10 => Some(text.parse::<Date>().ok()?.strftime("%-d %B %Y").to_string()),
        7 => Some(format!("{text}-01").parse::<Date>().ok()?.strftime("%B %Y").to_string()),
        length if length > 10 && bytes.get(10) == Some(&b'T') => {
            if let Ok(instant) = text.parse::<Timestamp>() {
                return Some(instant_words(instant));
            }
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            Some(civil.strftime("%-d %B %Y, %H:%M").to_string())
        }
        _ => None,
    }
}

/// An instant on a clock in England.
pub fn instant_words(at: Timestamp) -> String {
    match TimeZone::get(ZONE) {
        Ok(zone) => at.to_zoned(zone).strftime("%-d %B %Y, %H:%M").to_string(),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ginnel_medicines::record::Document;
    use serde_json::json;

    #[test]
    fn dates_are_written_as_they_are_known() {
        for (text, words) in [
            ("2026-10-19", Some("19 October 2026")),
            ("1931", None),
            ("2026-10", Some("October 2026")),
            ("2026-10-24T20:40:00Z", Some("24 October 2026, 21:40")),
            ("2026-10-24T20:40:00", Some("24 October 2026, 20:40")),
            ("2026-10-24 or so", None),
            ("9999999999", None),
        ] {
            assert_eq!(date(text).as_deref(), words, "{text}");
        }
    }

    #[test]
    fn every_value_of_a_resource_is_said() {
        let flag = json!({"resourceType": "Flag", "id": "f", "status": "active", "code": {"text": "DNACPR"},
            "period": {"start": "2026-02-03"}, "extension": [
                {"url": "https://gateway.example.org/StructureDefinition/original-form-location", "valueString": "Bureau"},
                {"url": "https://x.example/two", "extension": [{"url": "first", "valueBoolean": false}]}],
            "component": [{"code": {"text": "Systolic"}, "valueQuantity": {"value": 94, "unit": "mmHg"}}]});
        let record = Record::read(&[Document { name: "t".into(), value: &flag }]);
        let rows = rows(&record, record.at(0).expect("the flag"));
        let told: Vec<String> = rows.iter().map(flat).collect();
        assert_eq!(
            told,
            [
                "Status: active",
                "Code: DNACPR",
                "Period: from 3 February 2026",
                "Original form location: Bureau",
                "Two: First: no",
                "Component: Code: Systolic, Value: 94 mmHg"
            ]
        );
    }
}
