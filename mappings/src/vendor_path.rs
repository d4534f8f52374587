//! Paths into a vendor's tree: `client.address.line_1`, `rows[name='systolic'].value`.

mod part;

use crate::scope::{Binding, Frame};
pub use part::Expression;
use part::{between, of_text};
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
    /// The part of a text that an expression finds: its first group, or all of it.
    Part(Expression),
    /// In `each`: the parts of a text between any of these characters; what stands in brackets stays whole.
    Split(String),
    /// In `each`: the rows of a group.
    Rows,
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
    /// A text in which an expression is found.
    Matching(Expression),
}

/// What a path found.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// A value of the tree.
    Value(&'a Value),
    /// The name of a member.
    Name(&'a str),
    /// A part of a text, and the text.
    Part(&'a str, &'a Value),
}

impl<'a> Found<'a> {
    /// The value, if it is one and not absent.
    pub fn value(self) -> Option<&'a Value> {
        match self {
            Found::Value(value) if !is_absent(value) => Some(value),
            _ => None,
        }
    }

    /// The value that is read: that of the message which a part is of.
    pub fn leaf(self) -> Option<&'a Value> {
        match self {
            Found::Part(_, text) => Some(text),
            other => other.value(),
        }
    }
}

/// What was found, with a text that stands for no value as none.
fn said<'a>(found: Found<'a>, frame: &Frame<'a>) -> Found<'a> {
    static NOTHING: Value = Value::Null;
    match found {
        Found::Value(value) if frame.is_no_value(value) => Found::Value(&NOTHING),
        other => other,
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
            let closed = |end: &str| {
                let at = rest.find(end).ok_or_else(|| format!("`{text}`: `(` without `{end}`"))?;
                Ok::<usize, String>(at + end.len())
            };
            let end = match rest {
                _ if rest.starts_with("resolve(") || rest.starts_with("referring(") => closed(")")?,
                // An expression may hold brackets and dots.
                _ if rest.starts_with("part('") || rest.starts_with("split('") => closed("')")?,
                _ => rest.find(['.', '[']).unwrap_or(rest.len()),
            };
            let name = &rest[..end];
            let is_call = name.ends_with("')");
            let quoted_first = name.is_empty() && first && rest.starts_with("['");
            if name.is_empty() && !quoted_first {
                return Err(format!("`{text}` has an empty step"));
            }
            if name.contains(char::is_whitespace) && !is_call {
                return Err(format!("`{text}`: a name with white space is written in brackets, `['{name}']`"));
            }
            if quoted_first {
                // `['Date of Birth']`: the name stands in the brackets.
            } else if first && let Some(found) = slot(name) {
                base = Base::Variable(found);
            } else if name == "$key" {
                steps.push(Step::KeyName);
            } else if name == "$rows" {
                steps.push(Step::Rows);
            } else if let Some(step) = of_text(name) {
                if first {
                    return Err(format!("`{text}`: a part is one of a text: `medicine.name.{name}`"));
                }
                steps.push(step.map_err(|what| format!("`{text}`: {what}"))?);
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
                let literal = inner
                    .find("='")
                    .or_else(|| inner.find("~'"))
                    .filter(|at| inner.find(']').is_none_or(|close| close > *at));
                let close = match (inner.strip_prefix('\''), literal) {
                    (Some(name), _) => name.find("']").map(|at| at + 2),
                    // A literal may hold brackets and dots, as addresses do.
                    (None, Some(at)) => inner[at + 2..].find("']").map(|end| at + 2 + end + 1),
                    (None, None) => end_of_bracket(inner),
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
        self.find_any(frame).map(|found| said(found, frame))
    }

    /// Whether there is a text that stands for no value.
    pub fn stands_for_none(&self, frame: &Frame<'_>) -> bool {
        matches!(self.find_any(frame), Some(Found::Value(value)) if frame.is_no_value(value))
    }

    /// What is found, with texts that stand for no value.
    fn find_any<'a>(&self, frame: &Frame<'a>) -> Option<Found<'a>> {
        let rows = match (self.base, self.steps.first()) {
            (Base::Variable(slot), Some(step)) if !matches!(step, Step::Select(..) | Step::KeyName | Step::Rows) => {
                frame.binding(slot).map_or(&[][..], |binding| binding.values.as_slice())
            }
            _ => &[],
        };
        let present = |row: &&'a Value| {
            let found = self.walk(row, &self.steps, frame);
            found.filter(|found| said(*found, frame).leaf().is_some())
        };
        match rows {
            [_, _, ..] => rows.iter().find_map(present).or_else(|| self.find_first(frame)),
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
                    Some(Step::KeyName) => return binding.named(&steps[1..]),
                    Some(Step::Select(field, by)) => {
                        steps = &steps[1..];
                        let rows = binding.values.iter().copied();
                        by.pick(frame, field, rows)?
                    }
                    Some(Step::Rows) => match steps.get(1) {
                        Some(Step::Index(index)) => {
                            steps = &steps[2..];
                            *binding.values.get(*index)?
                        }
                        _ => {
                            steps = &steps[1..];
                            *binding.values.first()?
                        }
                    },
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
                Step::Select(field, by) => by.pick(frame, field, current.as_array()?.iter())?,
                Step::KeyName => return None,
                Step::Part(expression) => {
                    return expression.of(current.as_str()?).map(|part| Found::Part(part, current));
                }
                Step::Split(_) | Step::Rows => current,
                Step::Resolve(kind) => {
                    let target = frame.target(current.as_array().map_or(Some(current), |list| list.first())?)?;
                    is_of(target, kind.as_deref()).then_some(target)?
                }
                Step::Referring(_, path) => frame.referring(current, path).into_iter().next()?,
            };
        }
        Some(Found::Value(current))
    }

    /// What `each` goes through: a list's elements, those of them that a selector fits, an object's members, the resources
    /// that references lead to or come from, or the one value itself.
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
            Some(Step::Select(field, by)) if self.picks_among_elements() => {
                let Some(wanted) = by.texts(frame) else { return crate::scope::Bindings::new() };
                let rows = before().and_then(Value::as_array).into_iter().flatten();
                let fitting = rows.filter(|row| field_is_one_of(row, field, &wanted));
                fitting.map(|row| Binding::one(row, None)).collect()
            }
            Some(Step::Split(marks)) => match before() {
                Some(text @ Value::String(whole)) => {
                    between(whole, marks).into_iter().map(|part| Binding::part(text, part)).collect()
                }
                // What is a list already needs no parting.
                Some(other) => crate::scope::spread(other),
                None => crate::scope::Bindings::new(),
            },
            Some(Step::Rows) => match self.base {
                Base::Variable(slot) => frame
                    .binding(slot)
                    .map(|rows| rows.values.iter().map(|row| Binding::one(row, None)).collect())
                    .unwrap_or_default(),
                Base::Root => crate::scope::Bindings::new(),
            },
            _ => self.value(frame).map(crate::scope::spread).unwrap_or_default(),
        }
    }

    /// Whether it ends with `[field=...]` of a list: `each` then goes through all elements that fit, not through the
    /// members of the first. (On a variable such a step picks a row of its group.)
    pub fn picks_among_elements(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Select(..))) && (self.steps.len() > 1 || matches!(self.base, Base::Root))
    }

    /// Whether it ends in a part of a text, which is read and never written.
    pub fn is_part(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Part(_)))
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
            Some((slot, rows))
                if !matches!(self.steps.first(), Some(Step::Select(..) | Step::KeyName | Step::Rows)) =>
            {
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
            Found::Name(name) | Found::Part(name, _) => Some(name),
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
            Selector::Matching(_) => None,
        }
    }

    /// The first row whose field is as wanted; of a key that another path gives, the only one.
    fn pick<'a>(&self, frame: &Frame<'a>, field: &str, mut rows: impl Iterator<Item = &'a Value>) -> Option<&'a Value> {
        if let Selector::Matching(expression) = self {
            return rows
                .find(|row| row.get(field).and_then(Value::as_str).is_some_and(|text| expression.0.is_match(text)));
        }
        let wanted = self.texts(frame)?;
        let first = rows.find(|row| field_is_one_of(row, field, &wanted))?;
        // A key that leads to several rows that differ leads to none: which is meant is not guessed.
        let looked_up = matches!(self, Selector::Path(_));
        let is_sure = !looked_up || rows.all(|row| row == first || !field_is_one_of(row, field, &wanted));
        is_sure.then_some(first)
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

/// Where a bracket closes that may hold a path with brackets of its own.
fn end_of_bracket(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    inner.char_indices().find_map(|(at, mark)| match mark {
        '[' => {
            depth += 1;
            None
        }
        ']' if depth == 0 => Some(at),
        ']' => {
            depth -= 1;
            None
        }
        _ => None,
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
    if let Some((field, quoted)) = text.split_once("~'") {
        let expression =
            quoted.strip_suffix('\'').ok_or_else(|| format!("`[{text}]`: an expression stands in quotes"))?;
        let found = regex::Regex::new(expression)
            .map_err(|_| format!("`{expression}` is no regular expression that can be read"))?;
        return Ok(Step::Select(field.trim().to_string(), Selector::Matching(Expression(found))));
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
mod tests;
