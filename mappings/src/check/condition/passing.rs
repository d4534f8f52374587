//! What a test says of a value that is known only so far.

use super::{Case, Formula};
use crate::converter::Converter;
use crate::guard::Test;
use crate::source_shape::Kinds;
use crate::vendor_path::same;
use serde_json::Value;

pub(super) enum Passed<'t> {
    Sure(bool),
    /// As the test's name is supposed to come out.
    Open,
    /// As one of these is supposed to be in the list.
    Members(&'t [Value]),
}

pub(super) fn passes<'t>(test: &'t Test, case: &Case, is_list: bool) -> Passed<'t> {
    let absent = *case == Case::Absent;
    let literal = match case {
        Case::Literal(value) => Some(value),
        _ => None,
    };
    let one_of = |wanted: &[Value]| literal.is_some_and(|value| wanted.iter().any(|one| same(value, one)));
    Passed::Sure(match test {
        Test::Present => !absent,
        Test::Absent => absent,
        Test::Equals(wanted) => literal.is_some_and(|value| same(value, wanted)),
        Test::In(wanted) => one_of(wanted),
        Test::NotIn(wanted) => !one_of(wanted),
        Test::InAnyCase(wanted) => {
            let lower = match case {
                Case::Literal(value) => value.as_str().map(|text| text.trim().to_lowercase()),
                Case::Recased(text) => Some(text.clone()),
                _ => None,
            };
            lower.is_some_and(|lower| wanted.iter().any(|one| one.to_lowercase() == lower))
        }
        Test::HasAny(wanted) | Test::HasNone(wanted) => match (absent, is_list, literal) {
            (true, _, _) => matches!(test, Test::HasNone(_)),
            (false, false, _) => one_of(wanted) != matches!(test, Test::HasNone(_)),
            (false, true, _) => return Passed::Members(wanted),
        },
        Test::Matches(expression) => {
            let found = |value: &Value| value.as_str().is_some_and(|text| expression.is_match(text));
            return sampled(case, &found);
        }
        // Told by two values together; formulas have it as a chance.
        Test::Before(_) => return Passed::Open,
        Test::Fits(converter) => {
            let fits = |value: &Value| converter.out(&[Some(value)]).is_ok_and(|out| out.is_some());
            return sampled(case, &fits);
        }
    })
}

/// A test of a value that is known only so far: where all that it may be agree, that is the answer.
fn sampled(case: &Case, test: &dyn Fn(&Value) -> bool) -> Passed<'static> {
    let samples: Vec<Value> = match case {
        Case::Absent => return Passed::Sure(false),
        Case::Literal(value) => return Passed::Sure(test(value)),
        Case::Recased(text) => {
            vec![text.to_uppercase().into(), text.to_lowercase().into(), format!(" {text} ").into()]
        }
        Case::OtherOf(kinds) if kinds.meets(Kinds::BOOLEAN) => vec![true.into(), false.into()],
        Case::OtherOf(kinds) if kinds.meets(Kinds::INTEGER) => vec![7.into(), 0.into(), (-3).into(), 1_234_567.into()],
        Case::OtherOf(kinds) if kinds.meets(Kinds::FRACTION) => vec![7.25.into(), (-0.5).into()],
        Case::OtherOf(_) | Case::Other => return Passed::Open,
    };
    let held: Vec<bool> = samples.iter().map(test).collect();
    if held.iter().all(|one| *one) {
        Passed::Sure(true)
    } else if held.iter().any(|one| *one) {
        Passed::Open
    } else {
        Passed::Sure(false)
    }
}

/// A name for what is open of a test: the same for tests that say the same.
pub(super) fn name_of(test: &Test) -> String {
    match test {
        Test::Matches(expression) => format!("matches `{expression}`"),
        Test::Fits(converter) => fits_name(converter),
        _ => "before".into(),
    }
}

fn fits_name(converter: &Converter) -> String {
    match converter {
        Converter::Call(function, arguments) => {
            let table = arguments.table.as_ref().map(|table| table.name.as_str()).unwrap_or_default();
            let (texts, nothing) = (&arguments.texts, &arguments.nothing);
            // How a value is written back says nothing of which are carried; one function reads in the layout it writes.
            let back = |name: &str| name == "as" || (name == "written" && function.name != "estimated-date");
            let named: Vec<_> = arguments.named.iter().filter(|(name, _)| !back(name)).collect();
            format!("fits `{}` {texts:?} {named:?} {nothing:?} {table}", function.name)
        }
        Converter::Table(table) => format!("fits table {}", table.name),
        _ => "fits".into(),
    }
}

/// What a formula says of one path by name.
#[derive(Default)]
pub(super) struct Mentioned {
    pub values: Vec<Value>,
    pub any_case: Vec<String>,
    pub by_kind: bool,
}

impl Mentioned {
    pub fn gather(&mut self, formula: &Formula, subject: usize) {
        match formula {
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| self.gather(part, subject)),
            Formula::Not(part) => self.gather(part, subject),
            Formula::Likely(exact, likely) => {
                self.gather(exact, subject);
                self.gather(likely, subject);
            }
            Formula::Kind(one, _) if *one == subject => self.by_kind = true,
            Formula::Test(one, test) if *one == subject => match test {
                Test::Equals(value) => self.values.push(value.clone()),
                Test::In(values) | Test::NotIn(values) | Test::HasAny(values) | Test::HasNone(values) => {
                    self.values.extend(values.iter().cloned());
                }
                Test::InAnyCase(texts) => self.any_case.extend(texts.iter().cloned()),
                _ => {}
            },
            _ => {}
        }
    }
}
