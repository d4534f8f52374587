//! Guards of a mapping file.

use super::Workbench;
use crate::diagnostic::{Code, Diagnostic, Severity, did_you_mean};
use crate::guard::{Guard, Test};
use crate::syntax::{Kind, Node};
use crate::vendor_path::VendorPath;
use serde_json::Value;

const CONDITIONS: &[&str] = &[
    "equals",
    "in",
    "not-in",
    "in-any-case",
    "matches",
    "has",
    "has-any",
    "has-none",
    "fits",
    "before",
    "present",
    "absent",
];

impl Workbench<'_> {
    /// A guard; faults are reported and make a part that never holds.
    pub fn guard(&mut self, node: &Node) -> Guard {
        let Some(entries) = node.entries() else {
            self.report(Code::Guard, node.value, "a guard is a map of `path: condition`");
            return Guard::always();
        };
        let mut parts = Vec::new();
        for (name, entry) in entries {
            parts.push(match name.as_str() {
                "any" => Guard::Any(self.guards(entry)),
                "all" => Guard::All(self.guards(entry)),
                "not" => Guard::Not(Box::new(self.guard(entry))),
                paths if paths.contains(" + ") => match self.fit_together(paths, entry) {
                    Some(guard) => guard,
                    None => continue,
                },
                path => {
                    let Some(path) = self.vendor_path(path, entry.span) else {
                        continue;
                    };
                    if entry.get("table").is_some() {
                        parts.extend(self.through_table(&path, entry));
                        continue;
                    }
                    let tests = self.tests(entry);
                    tests.iter().for_each(|test| self.check_condition(&path, test, entry));
                    Guard::All(tests.into_iter().map(|test| Guard::Test(path.clone(), test)).collect())
                }
            });
        }
        Guard::All(parts)
    }

    /// `date + time: { fits: function }`: values that a function can carry together.
    fn fit_together(&mut self, paths: &str, entry: &Node) -> Option<Guard> {
        let [(condition, call)] = entry.entries().unwrap_or_default() else {
            let what = "several values have one condition only, whether a function can carry them";
            self.reporter.report_with(Code::Guard, entry.value, what, "`date + time: { fits: ... }`");
            return None;
        };
        if condition != "fits" {
            let what = format!("several values have no condition called `{condition}`");
            self.reporter.report_with(Code::Guard, call.span, what, "`fits` is the only one");
            return None;
        }
        let paths: Vec<Option<VendorPath>> =
            paths.split(" + ").map(|path| self.vendor_path(path.trim(), entry.span)).collect();
        let paths = paths.into_iter().collect::<Option<Vec<VendorPath>>>()?;
        let text = self.text_of(call)?;
        let converter = self.function(&text, paths.len(), call.value)?;
        Some(Guard::Fits(paths, converter))
    }

    /// Reports a condition that the vendor's schema rules out.
    fn check_condition(&mut self, path: &VendorPath, test: &Test, entry: &Node) {
        let (wanted, of_elements) = match test {
            Test::Equals(value) => (std::slice::from_ref(value), false),
            Test::In(values) => (values.as_slice(), false),
            Test::HasAny(values) => (values.as_slice(), true),
            _ => return,
        };
        let Some(place) = self.source_place(path) else { return };
        let domain = if of_elements { place.each_value().domain() } else { place.domain() };
        if domain.alternatives.is_empty() || domain.kinds().is_empty() {
            return;
        }
        for value in wanted.iter().filter(|value| !domain.may_be(value)) {
            let listed: Vec<String> =
                place.listed().iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_string)).collect();
            let hint = value
                .as_str()
                .and_then(|word| did_you_mean(word, listed.iter().map(String::as_str)))
                .unwrap_or_else(|| "write a value of the source schema, or leave the condition out".into());
            let text = format!("`{}` is never {value}", path.text);
            let one = Diagnostic::new(Code::NeverHolds, self.reporter.file(), entry.value, text);
            self.reporter.push(one.with_severity(Severity::Warning).with_side(place.said()).with_hint(hint));
        }
    }

    fn guards(&mut self, node: &Node) -> Vec<Guard> {
        match node.elements() {
            Some(elements) => elements.iter().map(|one| self.guard(one)).collect(),
            None => {
                self.report(Code::Guard, node.value, "a list of guards is expected here");
                Vec::new()
            }
        }
    }

    /// The conditions of one path; all must hold.
    fn tests(&mut self, node: &Node) -> Vec<Test> {
        match node.entries() {
            Some(entries) => entries.iter().filter_map(|(name, entry)| self.condition(name, entry)).collect(),
            None => self.test(node).into_iter().collect(),
        }
    }

    /// `{ table: outcome, in: [refused, asleep] }`: a code of which the table makes one of these. It is spelt out as the
    /// codes themselves, so that a tenant's own rows count like the plugin's.
    fn through_table(&mut self, path: &VendorPath, node: &Node) -> Option<Guard> {
        self.only_words(node, &["table", "in"]);
        let name = self.needed_text(node, "table")?;
        let Some(wanted) = node.get("in").map(Node::to_value) else {
            let hint = "write `{ table: name, in: [...] }`, with right sides of the table";
            self.reporter.report_with(Code::Guard, node.value, "`in` is missing beside `table`", hint);
            return None;
        };
        let wanted = match wanted {
            Value::Array(list) => list,
            single => vec![single],
        };
        let table = self.table(&name, node.value)?;
        let side = |side: &Value| side.get("code").cloned().unwrap_or_else(|| side.clone());
        let is_wanted = |one: &Value| wanted.contains(&side(one));
        for one in &wanted {
            let known = table.rows.iter().map(|(_, fhir)| fhir).chain(&table.vendor_else);
            if !known.map(side).any(|known| known == *one) {
                let text = format!("nothing becomes {one} in the table `{name}`");
                let sides: Vec<String> =
                    table.rows.iter().filter_map(|(_, fhir)| side(fhir).as_str().map(str::to_string)).collect();
                let hint = one
                    .as_str()
                    .and_then(|word| did_you_mean(word, sides.iter().map(String::as_str)))
                    .unwrap_or_else(|| "write a right side of the table".into());
                self.reporter.report_with(Code::Guard, node.value, text, hint);
            }
        }
        let otherwise = table.vendor_else.as_ref().is_some_and(is_wanted);
        let codes: Vec<Value> =
            table.rows.iter().filter(|(_, fhir)| is_wanted(fhir) != otherwise).map(|(code, _)| code.clone()).collect();
        let any_case = |codes: Vec<Value>| codes.iter().filter_map(Value::as_str).map(str::to_string).collect();
        let listed = if table.ignore_case { Test::InAnyCase(any_case(codes)) } else { Test::In(codes) };
        let listed = Guard::Test(path.clone(), listed);
        // Where codes without a row become what is asked for, it holds of every code but those with another.
        let present = || Guard::Test(path.clone(), Test::Present);
        Some(if otherwise { Guard::All(vec![present(), Guard::Not(Box::new(listed))]) } else { listed })
    }

    fn test(&mut self, node: &Node) -> Option<Test> {
        match &node.kind {
            Kind::Scalar(Value::String(word)) if word == "present" => Some(Test::Present),
            Kind::Scalar(Value::String(word)) if word == "absent" || word == "empty" => Some(Test::Absent),
            Kind::Scalar(Value::Null) => self.never_null(node),
            Kind::Scalar(value) => Some(Test::Equals(value.clone())),
            Kind::List(_) => {
                self.reporter.report_with(Code::Guard, node.value, "a list is no condition", "write `{ in: [...] }`");
                None
            }
            Kind::Map(_) => None,
        }
    }

    /// `null` counts as absent, and what is absent equals nothing.
    fn never_null(&mut self, node: &Node) -> Option<Test> {
        let what = "a condition of `null` never holds, for `null` counts as absent";
        self.reporter.report_once(Code::Guard, node.value, what, "write `absent`");
        None
    }

    fn condition(&mut self, name: &str, entry: &Node) -> Option<Test> {
        let list = || match entry.to_value() {
            Value::Array(list) => list,
            single => vec![single],
        };
        if matches!(name, "equals" | "in" | "has" | "has-any") && list().contains(&Value::Null) {
            return self.never_null(entry);
        }
        match name {
            // `{ present: true, not-in: [...] }`
            "present" | "absent" => match entry.to_value() {
                Value::Bool(is) => Some(if is == (name == "present") { Test::Present } else { Test::Absent }),
                _ => {
                    self.reporter.report_with(
                        Code::Guard,
                        entry.value,
                        format!("`{name}` is true or false here"),
                        "write `present: true`",
                    );
                    None
                }
            },
            "equals" => Some(Test::Equals(entry.to_value())),
            "in" => Some(Test::In(list())),
            "not-in" => Some(Test::NotIn(list())),
            "in-any-case" => {
                Some(Test::InAnyCase(list().iter().filter_map(Value::as_str).map(str::to_string).collect()))
            }
            "has" | "has-any" => Some(Test::HasAny(list())),
            "has-none" => Some(Test::HasNone(list())),
            "matches" => {
                let text = self.text_of(entry)?;
                match regex::Regex::new(&text) {
                    Ok(expression) => Some(Test::Matches(expression)),
                    Err(_) => {
                        self.report(Code::Guard, entry.value, "this regular expression cannot be read");
                        None
                    }
                }
            }
            "fits" => {
                let call = self.text_of(entry)?;
                self.function(&call, 1, entry.value).map(Test::Fits)
            }
            "before" => {
                let other = self.text_of(entry)?;
                self.vendor_path(&other, entry.value).map(Test::Before)
            }
            other => {
                let hint = did_you_mean(other, CONDITIONS.iter().copied())
                    .unwrap_or_else(|| format!("conditions are {}", CONDITIONS.join(", ")));
                self.reporter.report_with(Code::Guard, entry.span, format!("no condition is called `{other}`"), hint);
                None
            }
        }
    }
}
