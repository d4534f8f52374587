//! Of the members of a choice (`x-choice`) one has a value at most: paths that exclude each other.

use super::{Subject, Subjects};
use crate::vendor_path::{Base, Step, VendorPath};
use ginnel_schemas::json_schema::choice::choice_of;

impl<'w> Subjects<'w> {
    /// The steps of a path that the schema lets stand alone only.
    pub(super) fn choices(&self, base: usize, steps: &[Step]) -> Vec<(usize, &'w str)> {
        let Some(start) = self.bases.get(base).and_then(Option::as_ref) else { return Vec::new() };
        let choice_at = |at: usize| {
            let Step::Field(name) = steps.get(at)? else { return None };
            let around = VendorPath { base: Base::Root, steps: steps.get(..at)?.to_vec(), text: String::new() };
            let choices = start.follow(&around).ok().flatten()?.choices();
            Some((at, choice_of(choices, name)?))
        };
        (0..steps.len()).filter_map(choice_at).collect()
    }
}

/// Whether the schema lets one of two paths have a value only.
pub(super) fn exclude(one: &Subject<'_>, other: &Subject<'_>) -> bool {
    one.choices.iter().any(|(at, choice)| {
        other.choices.contains(&(*at, *choice))
            && one.steps.get(..*at) == other.steps.get(..*at)
            && one.steps.get(*at) != other.steps.get(*at)
    })
}
