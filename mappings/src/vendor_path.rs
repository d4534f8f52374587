//! Paths into a vendor's tree: `client.address.line_1`, `rows[name='systolic'].value`.

use crate::scope::Frame;
use serde_json::Value;

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
}

/// What a selected element's field must equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// A text of the mapping.
    Literal(String),
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
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
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
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
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
            } else {
                steps.push(Step::Field(name.to_string()));
            }
            first = false;
            rest = &rest[end..];
            while let Some(inner) = rest.strip_prefix('[') {
                let close = match inner.strip_prefix('\'') {
                    Some(name) => name.find("']").map(|at| at + 2),
                    None => inner.find(']'),
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
    pub fn find<'a>(&self, frame: &Frame<'a>) -> Option<Found<'a>> {
        let mut steps = self.steps.as_slice();
        let mut current: &'a Value = match self.base {
            Base::Root => frame.root(),
            Base::Variable(slot) => {
                let binding = frame.binding(slot)?;
                match steps.first() {
                    Some(Step::KeyName) => return binding.name.map(Found::Name),
                    Some(Step::Select(field, by)) => {
                        steps = &steps[1..];
                        let wanted = by.text(frame)?;
                        *binding.values.iter().find(|row| field_is(row, field, &wanted))?
                    }
                    _ => *binding.values.first()?,
                }
            }
        };
        for step in steps {
            current = match step {
                Step::Field(name) => current.get(name)?,
                Step::Index(index) => current.get(index)?,
                Step::Last => current.as_array()?.last()?,
                Step::Select(field, by) => {
                    let wanted = by.text(frame)?;
                    current.as_array()?.iter().find(|row| field_is(row, field, &wanted))?
                }
                Step::KeyName => return None,
            };
        }
        Some(Found::Value(current))
    }

    /// The value at the path, unless absent.
    pub fn value<'a>(&self, frame: &Frame<'a>) -> Option<&'a Value> {
        self.find(frame)?.value()
    }

    /// The value at the path, for each row where the path starts at a group.
    pub fn value_of_every_row<'a>(&self, frame: &Frame<'a>) -> Vec<&'a Value> {
        let rows = match self.base {
            Base::Variable(slot) => frame.binding(slot).map(|binding| binding.values.clone()).unwrap_or_default(),
            Base::Root => Vec::new(),
        };
        if rows.len() < 2 || matches!(self.steps.first(), Some(Step::Select(..) | Step::KeyName)) {
            return self.value(frame).into_iter().collect();
        }
        let Base::Variable(slot) = self.base else { return Vec::new() };
        rows.into_iter()
            .filter_map(|row| self.value(&frame.clone().with(slot, crate::scope::Binding::one(row, None))))
            .collect()
    }

    /// The value at the path as text, unless absent.
    pub fn text<'a>(&self, frame: &Frame<'a>) -> Option<String> {
        match self.find(frame)? {
            Found::Name(name) => Some(name.to_string()),
            found => scalar_text(found.value()?),
        }
    }
}

impl Selector {
    /// The text a field must equal.
    pub fn text(&self, frame: &Frame<'_>) -> Option<String> {
        match self {
            Selector::Literal(text) => Some(text.clone()),
            Selector::Path(path) => path.text(frame),
        }
    }
}

/// Whether a row's field is that text.
pub fn field_is(row: &Value, field: &str, wanted: &str) -> bool {
    match row.get(field) {
        Some(Value::String(text)) => text == wanted,
        Some(other) => scalar_text(other).is_some_and(|text| text == wanted),
        None => false,
    }
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
        Some(literal) => Selector::Literal(literal.to_string()),
        None => Selector::Path(Box::new(VendorPath::parse(by, slot)?)),
    };
    Ok(Step::Select(field.trim().to_string(), selector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Binding;
    use serde_json::json;

    fn slot(name: &str) -> Option<usize> {
        (name == "client").then_some(0)
    }

    #[test]
    fn paths_find_what_they_say() {
        let tree = json!({"data": [{"id": "a", "n": 1}, {"id": "b", "n": "  "}], "who": "b",
            "Date of Birth": "x", "a.b [c]": {"d e": "y"}});
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
        ];
        for (text, wanted) in cases {
            let path = VendorPath::parse(text, &slot).expect(text);
            assert_eq!(path.text(&frame).as_deref(), wanted, "{text}");
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
