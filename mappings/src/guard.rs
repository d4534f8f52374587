//! Guards: conditions on vendor values that are data, so that they can be read backwards.

use crate::account::LawClass;
use crate::converter::Converter;
use crate::outside::Outside;
use crate::scope::Frame;
use crate::vendor_path::{Found, VendorPath, is_absent, same};
use jiff::civil::{Date, Time};
use serde_json::Value;

/// A condition.
#[derive(Debug, Clone)]
pub enum Guard {
    /// All hold.
    All(Vec<Guard>),
    /// One holds.
    Any(Vec<Guard>),
    /// It does not hold.
    Not(Box<Guard>),
    /// A test of the value at a path.
    Test(VendorPath, Test),
    /// Values that the converter can carry together (`date + time: { fits: ... }`).
    Fits(Vec<VendorPath>, Converter),
}

/// A test of one value.
#[derive(Debug, Clone)]
pub enum Test {
    /// There is a value.
    Present,
    /// There is none.
    Absent,
    /// Equal to that plain value.
    Equals(Value),
    /// One of these.
    In(Vec<Value>),
    /// None of these; an absent value passes.
    NotIn(Vec<Value>),
    /// One of these texts, whatever the case.
    InAnyCase(Vec<String>),
    /// A text in which the expression is found.
    Matches(regex::Regex),
    /// A list with one of these.
    HasAny(Vec<Value>),
    /// A list with none of these; an absent list passes.
    HasNone(Vec<Value>),
    /// A value that the converter can carry.
    Fits(Converter),
    /// A date that lies before the date at another path.
    Before(VendorPath),
}

impl Guard {
    /// A guard that always holds.
    pub fn always() -> Guard {
        Guard::All(Vec::new())
    }

    /// Whether it holds; `seen` is told each value that was looked at.
    pub fn holds<'a>(&self, frame: &Frame<'a>, seen: &mut dyn FnMut(&'a Value)) -> bool {
        match self {
            // Every part is looked at, so that each value has its row in the account.
            Guard::All(parts) => parts.iter().filter(|part| !part.holds(frame, seen)).count() == 0,
            Guard::Any(parts) => parts.iter().filter(|part| part.holds(frame, seen)).count() > 0,
            Guard::Not(part) => !part.holds(frame, seen),
            Guard::Test(path, Test::Before(other)) => {
                let mut look = |path: &VendorPath| {
                    let value = path.value(frame)?;
                    seen(value);
                    crate::functions::civil(value)
                };
                match (look(path), look(other)) {
                    (Some(first), Some(second)) => is_before(first, second),
                    _ => false,
                }
            }
            Guard::Fits(paths, converter) => {
                let found: Vec<Option<Found<'a>>> = paths.iter().map(|path| path.find(frame)).collect();
                found.iter().flatten().filter_map(|one| one.leaf()).for_each(&mut *seen);
                let names: Vec<Option<Value>> = found
                    .iter()
                    .map(|one| match one {
                        Some(Found::Name(name) | Found::Part(name, _)) => Some(Value::from(*name)),
                        _ => None,
                    })
                    .collect();
                let given: Vec<Option<&Value>> =
                    found.iter().zip(&names).map(|(one, name)| one.and_then(Found::value).or(name.as_ref())).collect();
                converter.out(&given).is_ok_and(|out| out.is_some())
            }
            Guard::Test(path, test) => {
                let found = path.find(frame);
                if let Some(Found::Value(value) | Found::Part(_, value)) = found {
                    seen(value);
                }
                match found {
                    Some(Found::Name(name) | Found::Part(name, _)) => test.passes(Some(&Value::from(name))),
                    Some(Found::Value(value)) if !is_absent(value) => test.passes(Some(value)),
                    _ => test.passes(None),
                }
            }
        }
    }

    /// The values that it wants to fit a function and that do not, with what is wrong with each.
    ///
    /// What a function only computes is a question and no form of the value; a time that the clocks do not repeat is a
    /// time all the same.
    pub fn unfit<'a>(&self, frame: &Frame<'a>, told: &mut dyn FnMut(&'a Value, Outside)) {
        let is_form = |converter: &Converter| {
            converter.class() != LawClass::Derive
                && !matches!(converter, Converter::Call(function, _) if function.name == "local-period")
        };
        match self {
            Guard::All(parts) | Guard::Any(parts) => parts.iter().for_each(|part| part.unfit(frame, told)),
            Guard::Not(part) => part.unfit(frame, told),
            Guard::Fits(paths, converter) if is_form(converter) => {
                let found: Vec<Option<&'a Value>> =
                    paths.iter().map(|path| path.value(frame).filter(|value| !is_absent(value))).collect();
                if let (true, Err(outside)) = (found.iter().any(Option::is_some), converter.out(&found)) {
                    found.iter().flatten().for_each(|value| told(value, outside.clone()));
                }
            }
            Guard::Test(path, Test::Fits(converter)) if is_form(converter) => {
                let value = path.value(frame).filter(|value| !is_absent(value));
                if let Some((value, Err(outside))) = value.map(|value| (value, converter.out(&[Some(value)]))) {
                    told(value, outside);
                }
            }
            Guard::Fits(..) | Guard::Test(..) => {}
        }
    }

    /// The equalities that hold whenever the guard does: what the way in may write.
    pub fn equalities(&self) -> Vec<(&VendorPath, &Value)> {
        match self {
            Guard::All(parts) => parts.iter().flat_map(Guard::equalities).collect(),
            Guard::Test(path, Test::Equals(value)) => vec![(path, value)],
            // Spellings of one code: the first is the one that is written.
            Guard::Test(path, Test::In(values)) if one_code(values) => vec![(path, &values[0])],
            _ => Vec::new(),
        }
    }

    /// The list members that are there whenever the guard holds (`{ has: x }`).
    pub fn members(&self) -> Vec<(&VendorPath, &Value)> {
        match self {
            Guard::All(parts) => parts.iter().flat_map(Guard::members).collect(),
            Guard::Test(path, Test::HasAny(values)) if values.len() == 1 => vec![(path, &values[0])],
            _ => Vec::new(),
        }
    }

    /// Every path it looks at.
    pub fn paths(&self) -> Vec<&VendorPath> {
        match self {
            Guard::All(parts) | Guard::Any(parts) => parts.iter().flat_map(Guard::paths).collect(),
            Guard::Not(part) => part.paths(),
            Guard::Test(path, Test::Before(other)) => vec![path, other],
            Guard::Test(path, _) => vec![path],
            Guard::Fits(paths, _) => paths.iter().collect(),
        }
    }
}

impl Test {
    fn passes(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return matches!(self, Test::Absent | Test::NotIn(_) | Test::HasNone(_));
        };
        match self {
            Test::Present => true,
            Test::Absent => false,
            Test::Equals(wanted) => same(value, wanted),
            Test::In(wanted) => wanted.iter().any(|one| same(value, one)),
            Test::NotIn(wanted) => !wanted.iter().any(|one| same(value, one)),
            Test::InAnyCase(wanted) => value
                .as_str()
                .is_some_and(|text| wanted.iter().any(|one| one.to_lowercase() == text.trim().to_lowercase())),
            Test::Matches(expression) => value.as_str().is_some_and(|text| expression.is_match(text)),
            Test::HasAny(wanted) => has(value, wanted),
            Test::HasNone(wanted) => !has(value, wanted),
            Test::Fits(converter) => converter.out(&[Some(value)]).is_ok_and(|out| out.is_some()),
            // Only together with the other value, which the guard looks at.
            Test::Before(_) => false,
        }
    }
}

/// By the day; on one day by the time, where both have one.
fn is_before(first: (Date, Option<Time>), second: (Date, Option<Time>)) -> bool {
    match first.0.cmp(&second.0) {
        std::cmp::Ordering::Equal => first.1.zip(second.1).is_some_and(|(first, second)| first < second),
        order => order.is_lt(),
    }
}

/// Whether values are one, or one text in several cases.
fn one_code(values: &[Value]) -> bool {
    let [first, rest @ ..] = values else { return false };
    rest.iter().all(|one| match (first.as_str(), one.as_str()) {
        (Some(first), Some(one)) => first.eq_ignore_ascii_case(one),
        _ => false,
    })
}

fn has(value: &Value, wanted: &[Value]) -> bool {
    match value {
        Value::Array(list) => list.iter().any(|one| wanted.iter().any(|other| same(one, other))),
        single => wanted.iter().any(|other| same(single, other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_date_lies_before_another_whatever_the_spelling_of_either() {
        let before = |first: &str, second: &str| {
            let tree = json!({"first": first, "second": second});
            let path = |text: &str| VendorPath::parse(text, &|_| None).expect(text);
            let guard = Guard::Test(path("first"), Test::Before(path("second")));
            let mut seen = 0;
            let holds = guard.holds(&Frame::new(&tree, 0), &mut |_| seen += 1);
            (holds, seen)
        };
        for (first, second, wanted) in [
            ("2026-10-22", "2026-10-23", true),
            ("22/10/2026", "2026-10-23T00:00:00", true),
            ("2026-10-23", "2026-10-23", false),
            ("2026-10-23T09:00:00", "23/10/2026 9:30", true),
            ("2026-10-23T09:00:00", "2026-10-23", false),
            ("2026-10-24", "23/10/2026", false),
            ("N/K", "2026-10-23", false),
            ("2026-10-22", "31/02/2026", false),
        ] {
            assert_eq!(before(first, second), (wanted, 2), "{first} {second}");
        }
        assert_eq!(before("2026-10-22", ""), (false, 1));
    }
}
