//! What a rule says, held against the vendor's schema and FHIR's definitions while it is compiled.

use super::Workbench;
use super::elements::{Fault, Target, constant_fault, foreign_codes, resolve};
use super::source_places::Place;
use crate::code_table::CodeTable;
use crate::converter::Converter;
use crate::diagnostic::{Code, Span};
use crate::guard::Guard;
use crate::plan::{Only, PairRule};
use crate::scope::Frame;
use crate::vendor_path::{Base, Selector, Step, VendorPath, same};
use ginnel_schemas::definition::ElementType;
use serde_json::Value;

/// The type of a resource inside the resource, by the path of its slice.
pub(super) type Contained<'c> = &'c dyn Fn(&str) -> Option<String>;

impl<'w> Workbench<'w> {
    /// Where a path leads in the source schema; `None` where nothing is known.
    pub(crate) fn source_place(&self, path: &VendorPath) -> Option<Place<'w>> {
        self.base_place(path)?.follow(path).ok().flatten()
    }

    fn base_place(&self, path: &VendorPath) -> Option<Place<'w>> {
        match path.base {
            Base::Root => self.source.map(Place::root),
            Base::Variable(slot) => self.places.get(slot)?.clone(),
        }
    }

    /// Reports a path to what no payload can have.
    pub(crate) fn check_source(&mut self, path: &VendorPath, span: Span) {
        let followed = self.base_place(path).map(|base| base.follow(path));
        if let Some(Err(missing)) = followed {
            let what = format!("`{}`: {}", path.text, missing.what);
            self.reporter.report_once(Code::SourcePath, span, what, missing.hint);
        }
        for step in &path.steps {
            if let Step::Select(_, Selector::Path(inner)) = step {
                self.check_source(inner, span);
            }
        }
    }

    /// What a FHIR path below a prefix leads to; a fault of the prefix is said elsewhere.
    pub(super) fn target(&self, text: &str, prefix: &str, contained: Contained<'_>) -> Option<Target> {
        self.follow_elements(text, prefix, contained).ok().flatten()
    }

    fn follow_elements(&self, text: &str, prefix: &str, contained: Contained<'_>) -> Result<Option<Target>, Fault> {
        let Some(scope) = self.scope else { return Ok(None) };
        if prefix.is_empty() {
            return resolve(scope, text, contained);
        }
        match resolve(scope, prefix, contained) {
            Ok(Some(_)) => resolve(scope, &format!("{prefix}.{text}"), contained),
            _ => Ok(None),
        }
    }

    /// Reports a FHIR path that does not exist.
    pub(super) fn check_elements(&mut self, text: &str, prefix: &str, span: Span, contained: Contained<'_>) {
        if let Err(Fault { what, hint }) = self.follow_elements(text, prefix, contained) {
            self.reporter.report_once(Code::FhirElement, span, what, hint);
        }
    }

    /// Reports a constant that the element cannot have.
    pub(super) fn check_constant(&mut self, path: &str, target: Option<&Target>, value: &Value, span: Span) {
        let Some(target) = target else { return };
        match constant_fault(target, path, value) {
            Some(Fault { what, hint }) => self.reporter.report_once(Code::FhirElement, span, what, hint),
            None => {
                for (code, hint, set) in foreign_codes(&self.known.terminology, target, value) {
                    let what = format!("`{path}`: the code `{code}` is not in {set}");
                    self.reporter.report_once(Code::FhirCode, span, what, hint);
                }
            }
        }
    }

    /// Reports one text or reference that is written where a list belongs.
    pub(super) fn check_single(&mut self, path: &str, target: Option<&Target>, span: Span) {
        if target.is_some_and(|target| target.is_list) {
            let what = format!("`{path}` is a list, and one value is written here");
            self.reporter.report_once(Code::FhirElement, span, what, format!("write `{path}[0]` or a slice"));
        }
    }

    /// The type of a list's elements, for the rules inside; what is no list is reported.
    pub(super) fn list_scope(&mut self, path: &str, target: Option<&Target>, span: Span) {
        self.scope = None;
        let Some(target) = target else { return };
        if !target.is_list {
            let what = format!("`{path}` is no list of FHIR's, and `to` adds elements to a list");
            self.reporter.report_once(Code::FhirElement, span, what, "name the list itself, without brackets");
        }
        if let ElementType::Object(id) = target.element_type {
            self.scope = Some(id);
        }
    }

    /// A pair's table, both of its sides.
    pub(super) fn check_table(
        &mut self,
        pair: &PairRule,
        target: Option<&Target>,
        to: &str,
        has_else: bool,
        span: Span,
    ) {
        let Converter::Table(table) = &pair.converter else { return };
        if let Some(target) = target {
            self.check_fhir_codes(table, target, to, span);
        }
        if pair.only == Only::In || has_else || self.tables.keeping.contains(&table.name) || table.vendor_else.is_some()
        {
            return;
        }
        let [source] = pair.sources.as_slice() else { return };
        let Some(place) = self.source_place(source) else { return };
        for value in place.listed() {
            let guards = self.guards.iter().chain(pair.when.as_ref());
            let never = guards.clone().any(|guard| holds_for(guard, source, value) == Some(false));
            if !never && table.row(value).is_none() && !table.rows.iter().any(|(row, _)| same(row, value)) {
                let what = format!(
                    "the table `{}` does not cover the vendor value {value} that the source schema lists at {}",
                    table.name,
                    place.shown()
                );
                let hint = "add a row, or say with `vendor-else` what becomes of it (`keep`: not sent, kept, warned)";
                self.reporter.report_once(Code::TableGap, span, what, hint);
            }
        }
    }

    /// The FHIR side of a table against the value set of the element it is written to.
    pub(super) fn check_fhir_codes(&mut self, table: &CodeTable, target: &Target, to: &str, span: Span) {
        for side in table.rows.iter().map(|(_, side)| side).chain(&table.vendor_else) {
            for (code, hint, set) in foreign_codes(&self.known.terminology, target, side) {
                let what = format!("the table `{}` gives `{to}` the code `{code}`, which is not in {set}", table.name);
                self.reporter.report_once(Code::FhirCode, span, what, hint);
            }
        }
    }
}

/// Whether a guard holds when the value at a path is that one; `None` where it depends on other values.
fn holds_for(guard: &Guard, path: &VendorPath, value: &Value) -> Option<bool> {
    match guard {
        Guard::All(parts) => {
            let held: Vec<_> = parts.iter().map(|part| holds_for(part, path, value)).collect();
            if held.contains(&Some(false)) {
                return Some(false);
            }
            (!held.contains(&None)).then_some(true)
        }
        Guard::Any(parts) => {
            let held: Vec<_> = parts.iter().map(|part| holds_for(part, path, value)).collect();
            if held.contains(&Some(true)) {
                return Some(true);
            }
            (!held.contains(&None)).then_some(false)
        }
        Guard::Not(part) => holds_for(part, path, value).map(|held| !held),
        Guard::Test(tested, test) if tested.base == path.base && tested.steps == path.steps => {
            let itself = VendorPath { base: Base::Root, steps: Vec::new(), text: String::new() };
            Some(Guard::Test(itself, test.clone()).holds(&Frame::new(value, 0), &mut |_| {}))
        }
        Guard::Test(..) | Guard::Fits(..) => None,
    }
}
