//! An object that must have a member has one: not all that it may have is absent.

use super::{Case, Search};
use crate::compile::{Place, Presence};
use crate::vendor_path::{Base, Step, VendorPath};

/// Objects that lie deeper within each other than this are not looked at.
const DEEPEST: usize = 6;

impl Search<'_, '_> {
    /// Whether every object that is there and must have a member may have one.
    pub(super) fn has_members(&self) -> bool {
        let absent = self.assigned.iter().filter(|(_, case)| **case == Case::Absent);
        let paths = absent.filter_map(|(subject, _)| self.subjects.get(*subject));
        let mut looked_at: Vec<(usize, &[Step])> = Vec::new();
        for path in paths {
            for length in 0..path.steps.len() {
                let around = (path.base, path.steps.get(..length).unwrap_or_default());
                if around.1.iter().all(|step| matches!(step, Step::Field(_))) && !looked_at.contains(&around) {
                    looked_at.push(around);
                }
            }
        }
        looked_at.into_iter().all(|(base, steps)| {
            let Some(place) = self.place(base, steps) else { return true };
            !(self.is_there(base, steps, &place) && self.is_empty(base, steps, 0) && self.must_have_one(&place, 0))
        })
    }

    fn place(&self, base: usize, steps: &[Step]) -> Option<Place<'_>> {
        let start = self.subjects.bases.get(base)?.as_ref()?;
        let path = VendorPath { base: Base::Root, steps: steps.to_vec(), text: String::new() };
        start.follow(&path).ok()?
    }

    fn case_of(&self, base: usize, steps: &[Step]) -> Option<&Case> {
        let mut all = self.assigned.iter();
        all.find(|(subject, _)| self.subjects.get(**subject).is_some_and(|one| one.base == base && one.steps == steps))
            .map(|(_, case)| case)
    }

    /// Whether the object at a path is known to be there.
    fn is_there(&self, base: usize, steps: &[Step], place: &Place<'_>) -> bool {
        if let Some(case) = self.case_of(base, steps) {
            return *case != Case::Absent;
        }
        if !steps.is_empty() {
            return place.presence() == Presence::Always;
        }
        // An element is there where its list is.
        let list = self.subjects.made_of.get(base).and_then(Option::as_ref);
        list.and_then(|(around, steps)| self.case_of(*around, steps)).is_some_and(|case| *case != Case::Absent)
    }

    /// Whether an object must have a member, and whichever it has says something.
    fn must_have_one(&self, place: &Place<'_>, depth: usize) -> bool {
        let Some(members) = place.needed_members().filter(|_| depth < DEEPEST) else { return false };
        members.into_iter().all(|(_, member)| match member.wherever().presence() {
            Presence::Always => !member.is_object() || self.must_have_one(&member, depth + 1),
            Presence::UnlessBlank => !self.blanks,
            Presence::Sometimes => false,
        })
    }

    /// Whether nothing is known to be in what stands at a path.
    fn is_empty(&self, base: usize, steps: &[Step], depth: usize) -> bool {
        if depth > 0
            && let Some(case) = self.case_of(base, steps)
        {
            return *case == Case::Absent;
        }
        let Some(members) = self.place(base, steps).and_then(|place| {
            let names = place.needed_members()?.into_iter().map(|(name, _)| name.to_string());
            Some(names.collect::<Vec<String>>())
        }) else {
            return false;
        };
        depth < DEEPEST
            && members.into_iter().all(|name| {
                let mut inner = steps.to_vec();
                inner.push(Step::Field(name));
                self.is_empty(base, &inner, depth + 1)
            })
    }
}
