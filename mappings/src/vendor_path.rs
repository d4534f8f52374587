//! Paths into a vendor's tree: `client.address.line_1`, `rows[name='systolic'].value`.

use crate::scope::{Binding, Frame};
use serde_json::Value;
use std::borrow::Cow;

/// A compiled vendor path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorPath {
    /// Where it starts.
    pub base: Base,
    /// The steps from there.
    pub steps: Vec<Step>,
    /// As the author wrote it.
    pub text: String,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The message itself.
    Root,
    /// A variable, by its slot.
    Variable(usize),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of an object.
    Field(String),
    /// An element of a list, from 0.
    Index(usize),
    /// The last element of a list.
    Last,
    /// The element whose field equals something.
    Select(String, Selector),
    /// The name of the member a variable is bound to.
    KeyName,
    /// The resource that a reference leads to, of that type where one is named.
    Resolve(Option<String>),
    /// Resources of that type that refer to this one by that path (`MedicationRequest.basedOn`).
    Referring(String, String),
}

/// What a selected element's field must equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// A text of the mapping.
    Literal(String),
    /// One of several texts of the mapping; the first is written where an element is made.
    OneOf(Vec<String>),
    /// The text at another path.
    Path(Box<VendorPath>),
}

/// What a path found.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// A value of the tree.
    Value(&'a Value),
    /// The name of a member.
    Name(&'a str),
}

impl<'a> Found<'a> {
    /// The value, if it is one and not absent.
    pub fn value(self) -> Option<&'a Value> {
        match self {
            Found::Value(value) if !is_absent(value) => Some(value),
            _ => None,
        }
    }
}

/// Whether a value counts as absent: null, text of white space, an empty list or object.
pub fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Plain values are the same when they are equal; numbers by their exact decimal value, never by way of a float.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || decimal(&a.to_string()) == decimal(&b.to_string()),
        _ => a == b,
    }
}

/// A JSON number as sign, digits without zeros at the ends, and the power of ten of the last digit.
fn decimal(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let zeros = digits.len() - kept.len();
    // An exponent beyond all reason stays apart from every other number.
    let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or(i64::MAX / 2);
    let power = exponent - fraction.len() as i64 + zeros as i64;
    match kept.trim_start_matches('0') {
        "" => (false, String::new(), 0),
        digits => (negative, digits.to_string(), power),
    }
}

/// A plain value as text: texts as they are, numbers and booleans as written in JSON.
pub fn scalar_text(value: &Value) -> Option<String> {
    plain_text(value).map(str::to_string)
}

/// The same, lent.
pub fn plain_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.as_str()),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        _ => None,
    }
}

impl VendorPath {
    /// Reads a path; `slot` gives the slot of a variable. The error is a sentence for the author.
    pub fn parse(text: &str, slot: &dyn Fn(&str) -> Option<usize>) -> Result<VendorPath, String> {
        let mut steps = Vec::new();
        let mut base = Base::Root;
        let mut rest = text;
        let mut first = true;
        while !rest.is_empty() {
            let end = match rest.starts_with("resolve(") || rest.starts_with("referring(") {
                true => rest.find(')').map(|at| at + 1).ok_or_else(|| format!("`{text}`: `(` without `)`"))?,
                false => rest.find(['.', '[']).unwrap_or(rest.len()),
            };
            let name = &rest[..end];
            let quoted_first = name.is_empty() && first && rest.starts_with("['");
            if name.is_empty() && !quoted_first {
                return Err(format!("`{text}` has an empty step"));
            }
            if name.contains(char::is_whitespace) {
                return Err(format!("`{text}`: a name with white space is written in brackets, `['{name}']`"));
            }
            if quoted_first {
                // `['Date of Birth']`: the name stands in the brackets.
            } else if first && let Some(found) = slot(name) {
                base = Base::Variable(found);
            } else if name == "$key" {
                steps.push(Step::KeyName);
            } else if let Some(step) = following(name) {
                if first {
                    return Err(format!(
                        "`{text}`: a reference is followed from somewhere: `statement.basedOn[0].{name}`"
                    ));
                }
                steps.push(step.map_err(|what| format!("`{text}`: {what}"))?);
            } else {
                steps.push(Step::Field(name.to_string()));
            }
            first = false;
            rest = &rest[end..];
            while let Some(inner) = rest.strip_prefix('[') {
                let literal = inner.find("='").filter(|at| inner.find(']').is_none_or(|close| close > *at));
                let close = match (inner.strip_prefix('\''), literal) {
                    (Some(name), _) => name.find("']").map(|at| at + 2),
                    // A literal may hold brackets and dots, as addresses do.
                    (None, Some(at)) => inner[at + 2..].find("']").map(|end| at + 2 + end + 1),
                    (None, None) => inner.find(']'),
                };
                let close = close.ok_or_else(|| format!("`{text}`: `[` without `]`"))?;
                steps.push(bracket(&inner[..close], slot).map_err(|what| format!("`{text}`: {what}"))?);
                rest = &inner[close + 1..];
            }
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() {
                    return Err(format!("`{text}` ends with a dot"));
                }
                rest = after;
            } else if !rest.is_empty() {
                return Err(format!("`{text}`: expected `.` or `[` at `{rest}`"));
            }
        }
        Ok(VendorPath { base, steps, text: text.to_string() })
    }

    /// What the path finds, absent values included.
    ///
    /// Of the rows of a group the first that has a value speaks.
    pub fn find<'a>(&self, frame: &Frame<'a>) -> Option<Found<'a>> {
        let rows = match (self.base, self.steps.first()) {
            (Base::Variable(slot), Some(step)) if !matches!(step, Step::Select(..) | Step::KeyName) => {
                frame.binding(slot).map_or(&[][..], |binding| binding.values.as_slice())
            }
            _ => &[],
        };
        let present = |row: &&'a Value| {
            let found = self.walk(row, &self.steps, frame);
            found.filter(|found| found.value().is_some())
        };
        match rows {
            [_, _, ..] => rows.iter().find_map(|row| present(&row)).or_else(|| self.find_first(frame)),
            _ => self.find_first(frame),
        }
    }

    fn find_first<'a>(&self, frame: &Frame<'a>) -> Option<Found<'a>> {
        let mut steps = self.steps.as_slice();
        let start: &'a Value = match self.base {
            Base::Root => frame.root(),
            Base::Variable(slot) => {
                let binding = frame.binding(slot)?;
                match steps.first() {
                    Some(Step::KeyName) => return binding.name.map(Found::Name),
                    Some(Step::Select(field, by)) => {
                        steps = &steps[1..];
                        let wanted = by.texts(frame)?;
                        *binding.values.iter().find(|row| field_is_one_of(row, field, &wanted))?
                    }
                    _ => *binding.values.first()?,
                }
            }
        };
        self.walk(start, steps, frame)
    }

    fn walk<'a>(&self, start: &'a Value, steps: &[Step], frame: &Frame<'a>) -> Option<Found<'a>> {
        let mut current = start;
        for step in steps {
            current = match step {
                Step::Field(name) => current.get(name)?,
                Step::Index(index) => current.get(index)?,
                Step::Last => current.as_array()?.last()?,
                Step::Select(field, by) => {
                    let wanted = by.texts(frame)?;
                    current.as_array()?.iter().find(|row| field_is_one_of(row, field, &wanted))?
                }
                Step::KeyName => return None,
                Step::Resolve(kind) => {
                    let target = frame.target(current.as_array().map_or(Some(current), |list| list.first())?)?;
                    is_of(target, kind.as_deref()).then_some(target)?
                }
                Step::Referring(_, path) => frame.referring(current, path).into_iter().next()?,
            };
        }
        Some(Found::Value(current))
    }

    /// What `each` goes through: a list's elements, an object's members, the resources that references lead to or come from,
    /// or the one value itself.
    pub fn spread<'a>(&self, frame: &Frame<'a>) -> crate::scope::Bindings<'a> {
        let before = || {
            let steps = self.steps.split_last().map(|(_, steps)| steps.to_vec()).unwrap_or_default();
            VendorPath { base: self.base, steps, text: String::new() }.value(frame)
        };
        match self.steps.last() {
            Some(Step::Resolve(kind)) => {
                let references: Vec<&'a Value> = match before() {
                    Some(Value::Array(list)) => list.iter().collect(),
                    one => one.into_iter().collect(),
                };
                let targets = references.into_iter().filter_map(|one| frame.target(one));
                targets.filter(|one| is_of(one, kind.as_deref())).map(|one| Binding::one(one, None)).collect()
            }
            Some(Step::Referring(_, path)) => {
                let found = before().map(|one| frame.referring(one, path)).unwrap_or_default();
                found.into_iter().map(|one| Binding::one(one, None)).collect()
            }
            _ => self.value(frame).map(crate::scope::spread).unwrap_or_default(),
        }
    }

    /// Whether it follows references: it then reads what belongs to another resource, and nothing is written there.
    pub fn follows_references(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Resolve(_) | Step::Referring(..)))
    }

    /// The value at the path, unless absent.
    pub fn value<'a>(&self, frame: &Frame<'a>) -> Option<&'a Value> {
        self.find(frame)?.value()
    }

    /// The value at the path, for each row where the path starts at a group.
    pub fn for_each_row<'a>(&self, frame: &Frame<'a>, each: &mut dyn FnMut(&'a Value)) {
        let group = match self.base {
            Base::Variable(slot) => {
                frame.binding(slot).filter(|binding| binding.values.len() > 1).map(|all| (slot, all))
            }
            Base::Root => None,
        };
        match group {
            Some((slot, rows)) if !matches!(self.steps.first(), Some(Step::Select(..) | Step::KeyName)) => {
                let mut inner = frame.clone();
                for row in &rows.values {
                    inner.bind(slot, Some(crate::scope::Binding::one(row, None)));
                    self.value(&inner).into_iter().for_each(&mut *each);
                }
            }
            _ => self.value(frame).into_iter().for_each(each),
        }
    }

    /// The value at the path as text, unless absent.
    pub fn text(&self, frame: &Frame<'_>) -> Option<String> {
        self.plain_text(frame).map(str::to_string)
    }

    /// The same, lent.
    pub fn plain_text<'a>(&self, frame: &Frame<'a>) -> Option<&'a str> {
        match self.find(frame)? {
            Found::Name(name) => Some(name),
            found => plain_text(found.value()?),
        }
    }
}

impl Selector {
    /// The texts of which a field must equal one.
    pub fn texts(&self, frame: &Frame<'_>) -> Option<Cow<'_, [String]>> {
        match self {
            Selector::Literal(text) => Some(Cow::Borrowed(std::slice::from_ref(text))),
            Selector::OneOf(texts) => Some(Cow::Borrowed(texts)),
            Selector::Path(path) => Some(Cow::Owned(vec![path.text(frame)?])),
        }
    }
}

/// Whether a row's field is one of some texts.
pub fn field_is_one_of(row: &Value, field: &str, wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| field_is(row, field, wanted))
}

/// Whether a row's field is that text.
pub fn field_is(row: &Value, field: &str, wanted: &str) -> bool {
    match row.get(field) {
        Some(Value::String(text)) => text == wanted,
        Some(other) => scalar_text(other).is_some_and(|text| text == wanted),
        None => false,
    }
}

/// Whether a resource is of the type that is asked for.
fn is_of(resource: &Value, kind: Option<&str>) -> bool {
    kind.is_none_or(|kind| resource.get("resourceType").and_then(Value::as_str) == Some(kind))
}

/// `resolve()`, `resolve(MedicationRequest)` and `referring(MedicationRequest.basedOn)`.
fn following(name: &str) -> Option<Result<Step, String>> {
    let is_type = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|c| c.is_ascii_alphanumeric())
    };
    if let Some(kind) = name.strip_prefix("resolve(").and_then(|rest| rest.strip_suffix(')')) {
        return Some(match kind {
            "" => Ok(Step::Resolve(None)),
            kind if is_type(kind) => Ok(Step::Resolve(Some(kind.to_string()))),
            kind => Err(format!("`{kind}` is no type of resource")),
        });
    }
    let path = name.strip_prefix("referring(")?.strip_suffix(')')?;
    Some(match path.split_once('.') {
        Some((kind, rest)) if is_type(kind) && !rest.is_empty() && !rest.contains(['[', '(']) => {
            Ok(Step::Referring(kind.to_string(), path.to_string()))
        }
        _ => {
            Err("`referring` wants a type and the path of its reference: `referring(MedicationRequest.basedOn)`".into())
        }
    })
}

fn bracket(text: &str, slot: &dyn Fn(&str) -> Option<usize>) -> Result<Step, String> {
    if let Ok(index) = text.parse::<usize>() {
        return Ok(Step::Index(index));
    }
    if text == "-1" {
        return Ok(Step::Last);
    }
    if let Some(name) = text.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''))
        && !name.is_empty()
    {
        return Ok(Step::Field(name.to_string()));
    }
    let (field, by) = text.split_once('=').ok_or_else(|| format!("`[{text}]` is neither a number nor `field=...`"))?;
    let by = by.trim();
    let selector = match by.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
        Some(literal) => match literal.split("'|'").map(str::to_string).collect::<Vec<_>>() {
            several if several.len() > 1 => Selector::OneOf(several),
            _ => Selector::Literal(literal.to_string()),
        },
        None => Selector::Path(Box::new(VendorPath::parse(by, slot)?)),
    };
    Ok(Step::Select(field.trim().to_string(), selector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn slot(name: &str) -> Option<usize> {
        (name == "client").then_some(0)
    }

    #[test]
    fn paths_find_what_they_say() {
        let tree = json!({"data": [{"id": "a", "n": 1}, {"id": "b", "n": "  "}], "who": "b",
            "Date of Birth": "x", "a.b [c]": {"d e": "y"},
            "links": [{"url": "https://x.y/z[a].b", "v": "z"}]});
        let frame = Frame::new(&tree, 1).with(0, Binding::one(&tree["data"][0], None));
        let cases = [
            ("client.n", Some("1")),
            ("data[1].id", Some("b")),
            ("data[-1].id", Some("b")),
            ("data[1].n", None),
            ("data[id=who].id", Some("b")),
            ("data[id='a'].n", Some("1")),
            ("data[id='z'].n", None),
            ("['Date of Birth']", Some("x")),
            ("['a.b [c]']['d e']", Some("y")),
            ("client['id']", Some("a")),
            ("client.missing", None),
            ("links[url='https://x.y/z[a].b'].v", Some("z")),
        ];
        for (text, wanted) in cases {
            let path = VendorPath::parse(text, &slot).expect(text);
            assert_eq!(path.text(&frame).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn references_are_followed_both_ways() {
        let tree = json!({
            "Statement": [{"resourceType": "Statement", "id": "s", "basedOn": [{"reference": "Request/1"}, {"reference": "Request/2"}]}],
            "Request": [{"resourceType": "Request", "id": "1", "intent": "plan"},
                {"resourceType": "Request", "id": "2", "basedOn": {"reference": "Request/1"}, "intent": "order"},
                {"resourceType": "Request", "id": "3", "basedOn": {"reference": "Request/1"}}]});
        let frame = Frame::new(&tree, 1)
            .with_references(Some(std::sync::Arc::new(crate::format::references::References::of(&tree))));
        let cases = [
            ("Statement[0].basedOn[1].resolve().intent", Some("order")),
            ("Statement[0].basedOn.resolve(Request).intent", Some("plan")),
            ("Statement[0].basedOn[0].resolve(Other).intent", None),
            ("Statement[0].basedOn[1].resolve().basedOn.resolve().id", Some("1")),
            ("Request[0].referring(Request.basedOn).id", Some("2")),
            ("Request[0].referring(Statement.basedOn).id", Some("s")),
        ];
        for (text, wanted) in cases {
            let path = VendorPath::parse(text, &slot).expect(text);
            assert_eq!(path.text(&frame).as_deref(), wanted, "{text}");
        }
        let count = |text: &str| VendorPath::parse(text, &slot).expect(text).spread(&frame).len();
        assert_eq!(count("Request[0].referring(Request.basedOn)"), 2);
        assert_eq!(count("Statement[0].basedOn.resolve()"), 2);
        assert_eq!(count("Statement[0].basedOn[0].resolve()"), 1);
        for text in ["resolve()", "a.resolve(", "a.resolve(b)", "a.referring()", "a.referring(x.y)", "a.referring(X)"] {
            assert!(VendorPath::parse(text, &slot).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_to_the_last_digit() {
        let number = |text: &str| serde_json::from_str::<Value>(text).expect("a number");
        for (a, b) in [("1", "1.0"), ("100", "1e2"), ("0.10", "1E-1"), ("-0", "0"), ("1.50e3", "1500")] {
            assert!(same(&number(a), &number(b)), "{a} {b}");
        }
        for (a, b) in
            [("42109611000001109", "42109611000001110"), ("9007199254740993", "9007199254740992"), ("1", "-1")]
        {
            assert!(!same(&number(a), &number(b)), "{a} {b}");
        }
    }

    #[test]
    fn broken_paths_are_named() {
        for text in ["a..b", "a.", "a[1", "a[x]", "a b", "a['b", "['']", "a]b"] {
            assert!(VendorPath::parse(text, &slot).is_err() || text == "a]b", "{text}");
        }
    }
}
