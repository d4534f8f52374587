//! Samples of a payload -> a strict JSON Schema, saying nothing that the samples do not bear out.

use ginnel_schemas::check_digit::is_nhs_number;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Most distinct texts of one place that are remembered; with more it is no list of codes.
const MOST_TEXTS: usize = 40;

/// What was seen at one place of all samples.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// How many objects.
    pub objects: usize,
    /// Members by name, in the order they were first met: in how many objects, and what they were.
    pub members: Vec<(String, usize, Seen)>,
    /// How many lists.
    pub lists: usize,
    /// What their elements were; `None` where every list was empty.
    pub element: Option<Box<Seen>>,
    /// How many texts that are not empty.
    pub texts: usize,
    /// How many texts of nothing, or of white space.
    pub blanks: usize,
    /// Distinct texts, as far as they are remembered.
    pub distinct: BTreeSet<String>,
    /// How often every text so far fitted each notation.
    fitting: [usize; NOTATIONS.len()],
    /// How many whole numbers.
    pub integers: usize,
    /// How many other numbers.
    pub decimals: usize,
    /// How many booleans.
    pub booleans: usize,
    /// How many nulls.
    pub nulls: usize,
}

/// A notation that texts are recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `2026-10-19`.
    Date,
    /// `2026-10-19T07:30:00Z`, with an offset.
    Instant,
    /// `2026-10-19T07:30`, without an offset.
    LocalTime,
    /// `19/10/2026`.
    DayFirst,
    /// `07:30`.
    TimeOfDay,
    /// A UUID.
    Uuid,
    /// Ten digits with the right check digit, with or without separators.
    NhsNumber,
    /// A UK postcode.
    Postcode,
    /// An e-mail address.
    Email,
    /// A number written as text.
    Number,
}

const NOTATIONS: [Notation; 10] = [
    Notation::Date,
    Notation::Instant,
    Notation::LocalTime,
    Notation::DayFirst,
    Notation::TimeOfDay,
    Notation::Uuid,
    Notation::NhsNumber,
    Notation::Postcode,
    Notation::Email,
    Notation::Number,
];

impl Notation {
    fn fits(self, text: &str) -> bool {
        let text = text.trim();
        let shape = |pattern: &str| {
            pattern.len() == text.len()
                && pattern.bytes().zip(text.bytes()).all(|(wanted, found)| match wanted {
                    b'9' => found.is_ascii_digit(),
                    wanted => wanted == found,
                })
        };
        match self {
            Notation::Date => shape("9999-99-99") && text.parse::<jiff::civil::Date>().is_ok(),
            Notation::Instant => text.contains('T') && text.parse::<jiff::Timestamp>().is_ok(),
            Notation::LocalTime => {
                text.contains('T')
                    && text.parse::<jiff::Timestamp>().is_err()
                    && text.parse::<jiff::civil::DateTime>().is_ok()
            }
            Notation::DayFirst => shape("99/99/9999") || shape("99/99/99") || shape("99.99.9999"),
            Notation::TimeOfDay => (shape("99:99") || shape("99:99:99")) && text.parse::<jiff::civil::Time>().is_ok(),
            Notation::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Notation::NhsNumber => {
                let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
                is_nhs_number(&plain)
            }
            Notation::Postcode => is_postcode(text),
            Notation::Email => {
                text.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.') && !text.contains(' '))
            }
            Notation::Number => {
                text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok()
            }
        }
    }
}

/// `ZZ99 3VZ`: one or two letters, a digit, perhaps one more sign, a digit and two letters.
fn is_postcode(text: &str) -> bool {
    let plain: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let Some(split) = plain.len().checked_sub(3) else { return false };
    let (outward, inward) = plain.split_at(split);
    let letters = outward.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let after = outward.get(letters..).unwrap_or_default();
    (1..=2).contains(&letters)
        && (1..=2).contains(&after.len())
        && after.first().is_some_and(u8::is_ascii_digit)
        && after.iter().all(u8::is_ascii_alphanumeric)
        && matches!(inward, [digit, a, b] if digit.is_ascii_digit() && a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
}

impl Seen {
    /// What several samples have at their root.
    pub fn of(samples: &[Value]) -> Seen {
        let mut seen = Seen::default();
        samples.iter().for_each(|sample| seen.add(sample));
        seen
    }

    /// Adds one value.
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) => self.booleans += 1,
            Value::Number(number) if number.is_i64() || number.is_u64() => self.integers += 1,
            Value::Number(_) => self.decimals += 1,
            Value::String(text) if text.trim().is_empty() => self.blanks += 1,
            Value::String(text) => {
                self.texts += 1;
                if self.distinct.len() < MOST_TEXTS {
                    self.distinct.insert(text.clone());
                }
                for (count, notation) in self.fitting.iter_mut().zip(NOTATIONS) {
                    *count += usize::from(notation.fits(text));
                }
            }
            Value::Array(list) => {
                self.lists += 1;
                for one in list {
                    self.element.get_or_insert_default().add(one);
                }
            }
            Value::Object(map) => {
                self.objects += 1;
                for (name, member) in map {
                    match self.members.iter_mut().find(|(known, ..)| known == name) {
                        Some((_, count, seen)) => {
                            *count += 1;
                            seen.add(member);
                        }
                        None => {
                            let mut seen = Seen::default();
                            seen.add(member);
                            self.members.push((name.clone(), 1, seen));
                        }
                    }
                }
            }
        }
    }

    /// Whether every text here is written so (and there is one).
    pub fn is_written_as(&self, notation: Notation) -> bool {
        let place = NOTATIONS.iter().position(|one| *one == notation);
        self.texts > 0 && place.and_then(|place| self.fitting.get(place)) == Some(&self.texts)
    }

    /// Whether only plain values were seen, and one at least that is not null.
    pub fn is_plain(&self) -> bool {
        self.objects == 0 && self.lists == 0 && self.texts + self.integers + self.decimals + self.booleans > 0
    }

    /// Whether only texts (and nulls) were seen.
    pub fn is_text(&self) -> bool {
        self.is_plain() && self.integers + self.decimals + self.booleans == 0
    }

    /// Whether objects were seen, and neither lists nor plain values.
    pub fn is_object(&self) -> bool {
        self.objects > 0 && self.lists == 0 && self.texts + self.integers + self.decimals + self.booleans == 0
    }

    /// The elements, where only lists of objects were seen.
    pub fn rows(&self) -> Option<&Seen> {
        self.element.as_deref().filter(|element| self.objects == 0 && element.is_object())
    }

    /// What a member was.
    pub fn member(&self, name: &str) -> Option<&Seen> {
        self.members.iter().find(|(known, ..)| known == name).map(|(_, _, seen)| seen)
    }

    /// Whether a member was in every object.
    pub fn always_has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, count, _)| known == name && *count == self.objects)
    }

    /// Whether the names of members are data themselves (ids, dates, numbers), each holding the same kind of thing.
    pub fn names_are_data(&self) -> bool {
        let is_data = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_digit())
                || Notation::Uuid.fits(name)
                || Notation::Date.fits(name)
                || Notation::Instant.fits(name)
        };
        self.objects > 0 && !self.members.is_empty() && self.members.iter().all(|(name, ..)| is_data(name))
    }

    /// All members as one, where their names are data.
    pub fn any_member(&self) -> Seen {
        let mut all = Seen::default();
        self.members.iter().for_each(|(_, _, seen)| all.merge(seen));
        all
    }

    fn merge(&mut self, other: &Seen) {
        self.objects += other.objects;
        self.lists += other.lists;
        self.texts += other.texts;
        self.blanks += other.blanks;
        self.integers += other.integers;
        self.decimals += other.decimals;
        self.booleans += other.booleans;
        self.nulls += other.nulls;
        for text in &other.distinct {
            if self.distinct.len() < MOST_TEXTS {
                self.distinct.insert(text.clone());
            }
        }
        for (count, more) in self.fitting.iter_mut().zip(other.fitting) {
            *count += more;
        }
        if let Some(element) = &other.element {
            self.element.get_or_insert_default().merge(element);
        }
        for (name, count, seen) in &other.members {
            match self.members.iter_mut().find(|(known, ..)| known == name) {
                Some((_, known, there)) => {
                    *known += count;
                    there.merge(seen);
                }
                None => self.members.push((name.clone(), *count, seen.clone())),
            }
        }
    }

    /// The texts as a list of codes, where there is good evidence that it is one: few, short, and each met again.
    pub fn codes(&self) -> Option<Vec<&str>> {
        let few = (1..=8).contains(&self.distinct.len()) && self.texts >= 5 && self.texts >= 3 * self.distinct.len();
        let is_code = |text: &String| text.len() <= 24 && text.split_whitespace().count() <= 3 && text.trim() == text;
        let written = [Notation::Date, Notation::Instant, Notation::LocalTime, Notation::DayFirst, Notation::TimeOfDay]
            .iter()
            .chain(&[Notation::Uuid, Notation::NhsNumber, Notation::Postcode, Notation::Email, Notation::Number]);
        let plain = !written.into_iter().any(|notation| self.is_written_as(*notation));
        (few && plain && self.is_text() && self.blanks == 0 && self.distinct.iter().all(is_code))
            .then(|| self.distinct.iter().map(String::as_str).collect())
    }

    /// The schema of everything that was seen: members that every object had are required, others of no name refused.
    ///
    /// `codes` says of a member's name whether its few texts may be taken for a list of codes.
    pub fn schema(&self, codes: &dyn Fn(&str) -> bool) -> Value {
        let mut whole = Map::new();
        whole.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        whole.append(&mut self.part("", codes));
        Value::Object(whole)
    }

    fn part(&self, name: &str, codes: &dyn Fn(&str) -> bool) -> Map<String, Value> {
        let mut out = Map::new();
        let mut types: Vec<&str> = Vec::new();
        let text = self.texts + self.blanks > 0;
        for (there, word) in [
            (self.objects > 0, "object"),
            (self.lists > 0, "array"),
            (text, "string"),
            (self.decimals > 0, "number"),
            (self.integers > 0 && self.decimals == 0, "integer"),
            (self.booleans > 0, "boolean"),
            (self.nulls > 0, "null"),
        ] {
            if there {
                types.push(word);
            }
        }
        match types.as_slice() {
            // Always null: that it is there is all we know.
            ["null"] => {
                let kinds = ["string", "number", "boolean", "null"];
                out.insert("type".into(), json!(kinds));
                out.insert("description".into(), "null in every sample: say what it is".into());
            }
            [one] => {
                out.insert("type".into(), json!(one));
            }
            several => {
                out.insert("type".into(), json!(several));
            }
        }
        if self.objects > 0 {
            self.object_words(&mut out, codes);
        }
        if let Some(element) = self.element.as_deref() {
            out.insert("items".into(), Value::Object(element.part(name, codes)));
        }
        if self.texts > 0 {
            self.text_words(&mut out, name, codes);
        }
        out
    }

    fn object_words(&self, out: &mut Map<String, Value>, codes: &dyn Fn(&str) -> bool) {
        if self.names_are_data() {
            out.insert("additionalProperties".into(), Value::Object(self.any_member().part("", codes)));
            return;
        }
        let required: Vec<&str> = self
            .members
            .iter()
            .filter(|(_, count, _)| *count == self.objects)
            .map(|(name, ..)| name.as_str())
            .collect();
        if !required.is_empty() {
            out.insert("required".into(), json!(required));
        }
        let properties: Map<String, Value> =
            self.members.iter().map(|(name, _, seen)| (name.clone(), Value::Object(seen.part(name, codes)))).collect();
        out.insert("properties".into(), Value::Object(properties));
        out.insert("additionalProperties".into(), false.into());
    }

    fn text_words(&self, out: &mut Map<String, Value>, name: &str, codes: &dyn Fn(&str) -> bool) {
        // A format would refuse the empty texts that stand for "no value".
        let format = [(Notation::Date, "date"), (Notation::Instant, "date-time"), (Notation::Uuid, "uuid")];
        let format = format.iter().find(|(notation, _)| self.blanks == 0 && self.is_written_as(*notation));
        if let Some((_, format)) = format {
            out.insert("format".into(), json!(format));
        }
        let told = [
            (Notation::NhsNumber, "An NHS number"),
            (Notation::Postcode, "A UK postcode"),
            (Notation::LocalTime, "A local date and time, without an offset"),
            (Notation::DayFirst, "A date, day first"),
            (Notation::TimeOfDay, "A time of day"),
        ];
        if let Some((_, told)) = told.iter().find(|(notation, _)| self.is_written_as(*notation)) {
            out.insert("description".into(), json!(told));
        }
        if let Some(values) = self.codes().filter(|_| codes(name)) {
            let mut all: Vec<Value> = values.into_iter().map(Value::from).collect();
            if self.nulls > 0 {
                all.push(Value::Null);
            }
            out.insert("enum".into(), Value::Array(all));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ginnel_schemas::json_schema::SourceSchema;

    fn schema(samples: &[Value]) -> Value {
        Seen::of(samples).schema(&|_| true)
    }

    #[test]
    fn what_every_sample_has_is_required_and_what_only_some_have_is_not() {
        let found = schema(&[json!({"a": 1, "b": "x"}), json!({"a": 2.5})]);
        assert_eq!(found["required"], json!(["a"]));
        assert_eq!(found["properties"]["a"]["type"], "number");
        assert_eq!(found["additionalProperties"], false);
    }

    #[test]
    fn nulls_lists_of_objects_and_formats_are_seen() {
        let found = schema(&[json!({"rows": [
            {"id": "5f0c1a52-3a0b-4c5a-9f0e-0a6f3b1c2d3e", "on": "2026-10-19", "at": "2026-10-19T07:30:00Z", "n": null},
            {"id": "5f0c1a52-3a0b-4c5a-9f0e-0a6f3b1c2d3f", "on": "2026-10-20", "at": "2026-10-20T07:30:00+01:00", "n": "x"}
        ]})]);
        let row = &found["properties"]["rows"]["items"]["properties"];
        assert_eq!(row["id"]["format"], "uuid");
        assert_eq!(row["on"]["format"], "date");
        assert_eq!(row["at"]["format"], "date-time");
        assert_eq!(row["n"]["type"], json!(["string", "null"]));
    }

    #[test]
    fn an_empty_text_beside_dates_leaves_the_format_open() {
        let found = schema(&[json!([{"d": "2026-10-19"}, {"d": ""}])]);
        assert_eq!(found["items"]["properties"]["d"], json!({"type": "string"}));
    }

    #[test]
    fn codes_are_listed_on_good_evidence_only() {
        let rows = |texts: &[&str]| json!(texts.iter().map(|text| json!({"s": text})).collect::<Vec<_>>());
        let listed = schema(&[rows(&["on", "off", "on", "on", "off", "on"])]);
        assert_eq!(listed["items"]["properties"]["s"]["enum"], json!(["off", "on"]));
        for poor in [&["on", "off"][..], &["a", "b", "c", "d", "e", "f"]] {
            assert_eq!(schema(&[rows(poor)])["items"]["properties"]["s"].get("enum"), None, "{poor:?}");
        }
    }

    #[test]
    fn names_that_are_data_become_one_schema_for_any_member() {
        let found = schema(&[json!({"2026-10-19": {"n": 1}, "2026-10-20": {"n": 2}})]);
        assert_eq!(found["additionalProperties"]["properties"]["n"]["type"], "integer");
        assert_eq!(found.get("properties"), None);
    }

    #[test]
    fn nhs_numbers_and_postcodes_are_noticed() {
        let found = schema(&[json!({"nhs": "999 012 3012", "pc": "ZZ99 3VZ", "no": "1234567890"})]);
        assert_eq!(found["properties"]["nhs"]["description"], "An NHS number");
        assert_eq!(found["properties"]["pc"]["description"], "A UK postcode");
        assert_eq!(found["properties"]["no"].get("description"), None);
    }

    #[test]
    fn every_sample_fits_the_schema_made_of_it() {
        let samples = [
            json!({"a": [], "b": {"c": null, "d": [1, "x", {"e": true}]}, "f": ""}),
            json!({"a": [{"x": 1}, {"x": null, "y": 1.50}], "b": {"c": "2026-01-01", "d": []}, "f": "z", "g": {"1": 2}}),
        ];
        let compiled = SourceSchema::compile(&schema(&samples)).expect("a schema");
        for sample in &samples {
            assert_eq!(compiled.check(sample), Vec::new());
        }
    }
}
