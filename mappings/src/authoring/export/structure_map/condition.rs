//! A guard as a condition of FHIRPath, where FHIRPath can say it.

use super::Writer;
use super::expressions::{is_name, literal, literals, quoted};
use crate::guard::{Guard, Test};
use crate::vendor_path::{Base, Step};

impl Writer<'_> {
    /// A guard as FHIRPath on the payload; `None` where it has no such form.
    pub(super) fn condition(&self, guard: &Guard) -> Option<String> {
        let joined = |parts: &[Guard], word: &str| -> Option<String> {
            let parts: Option<Vec<String>> = parts.iter().map(|part| self.condition(part)).collect();
            let parts = parts?;
            (!parts.is_empty()).then(|| format!("({})", parts.join(word)))
        };
        match guard {
            Guard::All(parts) => joined(parts, " and "),
            Guard::Any(parts) => joined(parts, " or "),
            Guard::Not(part) => Some(format!("({}).not()", self.condition(part)?)),
            Guard::Fits(..) => None,
            Guard::Test(path, test) => {
                let simple = path.steps.iter().all(|step| matches!(step, Step::Field(name) if is_name(name)));
                let names: Vec<&str> = path
                    .steps
                    .iter()
                    .filter_map(|step| if let Step::Field(name) = step { Some(name.as_str()) } else { None })
                    .collect();
                let base = match path.base {
                    Base::Root => String::new(),
                    Base::Variable(slot) => format!("%{}", self.variables.get(&slot)?.replace('-', "_")),
                };
                let path = [base.as_str()]
                    .into_iter()
                    .filter(|base| !base.is_empty())
                    .chain(names)
                    .collect::<Vec<_>>()
                    .join(".");
                if !simple || path.is_empty() {
                    return None;
                }
                match test {
                    Test::Present => Some(format!("{path}.exists()")),
                    Test::Absent => Some(format!("{path}.empty()")),
                    Test::Equals(value) => Some(format!("{path} = {}", literal(value))),
                    Test::In(values) => Some(format!("{path} in ({})", literals(values))),
                    Test::NotIn(values) => Some(format!("({path} in ({})).not()", literals(values))),
                    Test::HasAny(values) => Some(format!("{path}.intersect({}).exists()", literals(values))),
                    Test::HasNone(values) => Some(format!("{path}.intersect({}).empty()", literals(values))),
                    Test::Matches(expression) => Some(format!("{path}.matches({})", quoted(expression.as_str()))),
                    Test::InAnyCase(_) | Test::Fits(_) | Test::Before(_) => None,
                }
            }
        }
    }
}
