//! What the record says already stays as it is written there.

use super::apply::{At, alike};
use super::places::{Put, Scopes};
use crate::converter::Converter;
use crate::out_block::sent_for;
use crate::plan::PairRule;
use crate::vendor_path::VendorPath;
use serde_json::Value;

impl Put<'_> {
    /// Whether the record says a value by the other converter of its pair, where one element may hold either form.
    pub(super) fn other_says(&self, rule: &PairRule, at: &At<'_>, value: &Value, scopes: &Scopes) -> bool {
        let Some((to, converter)) = &rule.otherwise else { return false };
        let first = rule.sources.get(..1).unwrap_or_default();
        to.get(at.element).is_some_and(|found| std::ptr::eq(found, value))
            && sent_for(first, converter, &self.frame(scopes)).is_some_and(|sent| alike(&sent, value))
    }

    /// Values of a list go where the record has values now, if that says the same in FHIR: the second line of an
    /// address whose first is empty stays the second.
    pub(super) fn in_their_places(
        &self,
        sources: &[VendorPath],
        converter: &Converter,
        value: &Value,
        values: Vec<Option<Value>>,
        scopes: &Scopes,
    ) -> Vec<Option<Value>> {
        let frame = self.frame(scopes);
        let taken: Vec<bool> = sources.iter().map(|path| path.value(&frame).is_some()).collect();
        let is_list =
            values.len() < sources.len() && values.iter().all(|one| one.as_ref().is_some_and(|one| !one.is_null()));
        if !is_list || taken.iter().filter(|one| **one).count() != values.len() {
            return values;
        }
        let mut rest = values.iter();
        let placed: Vec<Option<Value>> =
            taken.iter().map(|taken| if *taken { rest.next().cloned().flatten() } else { Some(Value::Null) }).collect();
        let inputs: Vec<Option<&Value>> =
            placed.iter().map(|one| one.as_ref().filter(|value| !value.is_null())).collect();
        let same = converter.out(&inputs).is_ok_and(|sent| sent.is_some_and(|sent| alike(&sent, value)));
        if same { placed } else { values }
    }
}
