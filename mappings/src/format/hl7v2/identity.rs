//! Who a segment speaks of: the one identifier, of the several in a field, by which somebody is known again.
//!
//! PID-3 holds an NHS number, a hospital number and more, in any order, and not always all of them. A key that is simply
//! the first would change with the order, and numbers of two hospitals may be alike: the key is the most trusted number
//! that is there, and a local one stands behind the name of whoever gave it.

use crate::converter::Converter;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The member of a segment that holds its key. It is no field: nothing is written for it.
pub const MEMBER: &str = "#key";

/// Where the key of a segment comes from.
#[derive(Debug, Clone)]
pub struct Key {
    /// The segment.
    pub segment: String,
    /// What it is made of.
    pub made: Made,
}

/// What a key is made of.
#[derive(Debug, Clone)]
pub enum Made {
    /// The most trusted of several identifiers.
    Of(Identifiers),
    /// Several fields, with `/` between them: names of segments and numbers of their parts (`ORC`, `2`, `1`).
    Joined(Vec<(String, Vec<String>)>),
}

/// A field with several identifiers.
#[derive(Debug, Clone)]
pub struct Identifiers {
    /// The field (CX).
    pub from: usize,
    /// Types (component 5) or authorities (component 4) in the order of trust.
    pub prefer: Vec<Preferred>,
    /// A segment before it whose key this one must differ from.
    pub other_than: Option<String>,
}

/// The segments that were read last, by their names.
pub type Last = HashMap<String, Map<String, Value>>;

/// A kind of identifier that is preferred.
#[derive(Debug, Clone)]
pub struct Preferred {
    /// Its type, or its authority.
    pub kind: String,
    /// What its number must fit; it is then the key by itself, as it is the same whoever sends it.
    pub fits: Option<Converter>,
}

impl Key {
    /// The key of a segment that was read, after those before it.
    pub fn of(&self, fields: &Map<String, Value>, last: &Last) -> Option<String> {
        match &self.made {
            Made::Of(identifiers) => {
                let other = identifiers.other_than.as_ref().and_then(|name| last.get(name)?.get(MEMBER)?.as_str());
                identifiers.of(fields, other)
            }
            Made::Joined(parts) => {
                let text = |(name, numbers): &(String, Vec<String>)| {
                    let segment = if *name == self.segment { fields } else { last.get(name)? };
                    let (field, rest) = numbers.split_first()?;
                    let found = rest.iter().try_fold(segment.get(field)?, |value, number| inner(value, number));
                    found?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_string)
                };
                let texts: Vec<Option<String>> = parts.iter().map(text).collect();
                // Without a part of its own nothing tells this segment from others.
                let own = parts.iter().zip(&texts).any(|((name, _), text)| *name == self.segment && text.is_some());
                own.then_some(())?;
                Some(texts.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("/"))
            }
        }
    }
}

/// A part of a value; of a value without parts the first is the value itself.
fn inner<'v>(value: &'v Value, number: &str) -> Option<&'v Value> {
    match value {
        Value::Array(list) => inner(list.first()?, number),
        Value::Object(parts) => parts.get(number),
        one => (number == "1").then_some(one),
    }
}

/// Texts that stand where there is no number.
const NO_NUMBER: &[&str] =
    &["N/A", "NA", "N/K", "NK", "NONE", "NIL", "NULL", "UNKNOWN", "NOT KNOWN", "TBC", "-", "0", "\"\""];

impl Identifiers {
    /// The key of a segment that was read; of the numbers preferred equally the first. `other` is never given.
    pub fn of(&self, fields: &Map<String, Value>, other: Option<&str>) -> Option<String> {
        let repetitions = match fields.get(&self.from.to_string())? {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let fresh = |key: &String| Some(key.as_str()) != other;
        let preferred = self.prefer.iter().flat_map(|kind| {
            let alike = repetitions.iter().filter(|one| kind.is_of(one));
            alike.filter_map(|one| kind.key(one)).collect::<Vec<_>>()
        });
        let mut all =
            preferred.chain(repetitions.iter().filter(|one| !self.is_checked(one)).filter_map(|one| local(one)));
        all.find(fresh)
    }

    /// Whether an identifier is of a kind whose numbers must fit; one that does not is nobody's key.
    fn is_checked(&self, identifier: &Value) -> bool {
        self.prefer.iter().any(|kind| kind.fits.is_some() && kind.is_of(identifier))
    }
}

impl Preferred {
    fn is_of(&self, identifier: &Value) -> bool {
        [part(identifier, "5"), authority(identifier)].contains(&Some(self.kind.as_str()))
    }

    fn key(&self, identifier: &Value) -> Option<String> {
        let Some(converter) = &self.fits else { return local(identifier) };
        let number = Value::from(number(identifier)?);
        let fitting = converter.out(&[Some(&number)]).ok()??;
        fitting.as_str().map(str::to_string)
    }
}

/// A number behind the name of whoever gave it.
fn local(identifier: &Value) -> Option<String> {
    Some(format!("{}/{}", authority(identifier).unwrap_or_default(), number(identifier)?))
}

fn number(identifier: &Value) -> Option<&str> {
    let text = match identifier {
        Value::String(text) => Some(text.as_str()),
        _ => part(identifier, "1"),
    };
    // What is typed where there is no number would make one person of everybody without one.
    let says_none = |text: &str| NO_NUMBER.iter().any(|one| one.eq_ignore_ascii_case(text));
    text.map(str::trim).filter(|text| !text.is_empty() && !says_none(text))
}

fn authority(identifier: &Value) -> Option<&str> {
    part(identifier, "4").map(str::trim)
}

/// A component, or the first of its subcomponents.
fn part<'v>(identifier: &'v Value, name: &str) -> Option<&'v str> {
    match identifier.get(name)? {
        Value::String(text) => Some(text),
        Value::Object(parts) => parts.get("1")?.as_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key() -> Identifiers {
        let call = crate::functions::call::Call::parse("nhs-number").expect("a call");
        let (function, arguments) = crate::functions::call::resolve(call, 1, None, &|_| None).expect("a function");
        let fits = Some(Converter::Call(function, arguments));
        let prefer = vec![Preferred { kind: "NH".into(), fits }, Preferred { kind: "PI".into(), fits: None }];
        Identifiers { from: 3, prefer, other_than: None }
    }

    fn of(identifiers: Value) -> Option<String> {
        key().of(json!({"3": identifiers}).as_object().expect("fields"), None)
    }

    #[test]
    fn the_most_trusted_number_is_the_key_whatever_its_place() {
        let nhs = json!({"1": "999 045 7727", "4": "NHS", "5": "NH"});
        let own = json!({"1": "7", "4": {"1": "SYC", "2": "urn:x"}, "5": "PI"});
        let other = json!({"1": "8", "4": "RXX", "5": "MR"});
        assert_eq!(of(json!([own, nhs])).as_deref(), Some("9990457727"));
        assert_eq!(of(json!([other, own])).as_deref(), Some("SYC/7"));
        assert_eq!(of(json!([other])).as_deref(), Some("RXX/8"));
        assert_eq!(of(json!("12")).as_deref(), Some("/12"));
    }

    #[test]
    fn a_number_that_fails_its_check_or_is_not_there_is_no_key() {
        assert_eq!(of(json!([{"1": "9990457728", "4": "NHS", "5": "NH"}])), None);
        assert_eq!(of(json!([{"4": "NHS", "5": "NH"}, {"1": " 7 ", "4": "A"}])).as_deref(), Some("A/7"));
        assert_eq!(of(json!([null, {"4": "A"}])), None);
    }

    #[test]
    fn a_key_is_made_of_fields_of_several_segments() {
        let parts = ["ORC.2.1", "RXA.2", "RXA.3.1"].map(|path| {
            let mut parts = path.split('.').map(str::to_string);
            (parts.next().unwrap_or_default(), parts.collect())
        });
        let key = Key { segment: "RXA".into(), made: Made::Joined(parts.to_vec()) };
        let fields = |value: Value| value.as_object().expect("fields").clone();
        let order = |value| Last::from([("ORC".to_string(), fields(value))]);
        let dose = fields(json!({"2": "1", "3": "202610240820"}));
        assert_eq!(
            key.of(&dose, &order(json!({"2": {"1": "RX-1", "2": "PMR"}}))).as_deref(),
            Some("RX-1/1/202610240820")
        );
        assert_eq!(key.of(&dose, &order(json!({"2": "RX-1"}))).as_deref(), Some("RX-1/1/202610240820"));
        assert_eq!(key.of(&fields(json!({"2": "1"})), &order(json!({"2": "RX-1"}))).as_deref(), Some("RX-1/1/"));
        assert_eq!(key.of(&fields(json!({"20": "CP"})), &order(json!({"2": "RX-1"}))), None);
    }

    #[test]
    fn the_key_of_whoever_is_merged_is_not_that_of_whoever_stays() {
        let fields = json!({"3": [{"1": "9990457727", "5": "NH"}, {"1": "7", "4": "RXX"}]});
        let fields = fields.as_object().expect("fields");
        assert_eq!(key().of(fields, Some("9990457727")).as_deref(), Some("RXX/7"));
        assert_eq!(key().of(fields, Some("RXX/7")).as_deref(), Some("9990457727"));
    }
}
